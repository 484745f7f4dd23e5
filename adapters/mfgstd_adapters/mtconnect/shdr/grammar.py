r"""The grammar of one line of SHDR, read exactly: tokens, timestamps, durations.

SHDR has no specification of its own beyond what agents accept. The facts here are those of the
reference agent: ``|`` separates, white space around a token means nothing, a token may stand in
double quotes with ``\|`` for a bar, a timestamp may carry ``@duration``, and a bare number in
place of a timestamp counts milliseconds from wherever the adapter started.

The vectorised path of :mod:`mfgstd_adapters.mtconnect.shdr.scan` reads the plain majority of
lines; everything it is not sure of comes here.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

#: What C's ``isspace`` calls white space; Unicode's wider idea of it belongs to the values.
WHITE: Final = " \t\r\n\x0b\x0c"

#: Nanoseconds in a second.
SECOND: Final = 1_000_000_000

#: The years of the standard's timestamps (1900 to 2199), less one for offsets at either end.
YEARS: Final = range(1901, 2199)

_EPOCH = date(1970, 1, 1).toordinal()
_QUOTED = re.compile(r'[ \t\r\n\x0b\x0c]*"((?:[^"\\|]|\\.)*)"[ \t\r\n\x0b\x0c]*(\||\Z)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:[.,]([0-9]+))?([Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)
_PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]*)?|\.[0-9]+)")


class Moment(NamedTuple):
    """What the first token of a line says.

    ``nanoseconds`` since 1970, UTC, or ``None`` where the token counts ``milliseconds`` from a
    start of its own. ``zoned`` is false where no zone was written.
    """

    nanoseconds: int | None
    zoned: bool = True
    milliseconds: float | None = None
    duration: str | None = None


def tokens(line: str) -> list[str]:
    r"""Split a line on its bars.

    >>> tokens('2026-01-01T00:00:00Z| msg |"a \\| b"|')
    ['2026-01-01T00:00:00Z', 'msg', 'a | b', '']
    """
    if '"' not in line:
        return [token.strip(WHITE) for token in line.split("|")]
    found: list[str] = []
    position = 0
    while True:
        quoted = _QUOTED.match(line, position)
        if quoted:
            found.append(_ESCAPE.sub(r"\1", quoted[1]))
            position = quoted.end()
            if not quoted[2]:
                return found
            continue
        bar = line.find("|", position)
        if bar < 0:
            found.append(line[position:].strip(WHITE))
            return found
        found.append(line[position:bar].strip(WHITE))
        position = bar + 1


def moment(token: str) -> Moment | None:
    """Read the first token of a line; ``None`` where it is no time at all.

    >>> moment("2026-01-01T09:00:00.5+09:00@12.5")
    Moment(nanoseconds=1767225600500000000, zoned=True, milliseconds=None, duration='12.5')
    """
    # Lines that belong together say the same time; only what may be a time is remembered.
    return _remembered(token) if len(token) < 64 else _moment(token)


def _moment(token: str) -> Moment | None:
    written, at, duration = token.partition("@")
    if at and not _PLAIN_NUMBER.fullmatch(duration):
        return None
    said = duration if at else None
    match = _TIMESTAMP.fullmatch(written)
    if match is None:
        if _PLAIN_NUMBER.fullmatch(written):
            return Moment(None, milliseconds=float(written), duration=said)
        return None
    day, hours, minutes, seconds, decimals, zone = match.groups()
    days, hour, minute, second = _days(day), int(hours), int(minutes), int(seconds)
    if days is None or hour > 23 or minute > 59 or second > 60:
        return None
    fraction = int(decimals[:9].ljust(9, "0")) if decimals else 0
    if second == 60:
        # A leap second is stored as the last microsecond of its minute (DESIGN, section 2).
        second, fraction = 59, 999_999_000
    offset = 0
    if zone and zone not in "Zz":
        ahead, more = int(zone[1:3]), int(zone[-2:])
        if ahead > 23 or more > 59:
            return None
        offset = (ahead * 60 + more) * 60 * (-1 if zone[0] == "-" else 1)
    since = ((days * 24 + hour) * 60 + minute) * 60 + second - offset
    return Moment(since * SECOND + fraction, zoned=zone is not None, duration=said)


_remembered: Final = lru_cache(maxsize=256)(_moment)


@lru_cache(maxsize=64)
def _days(day: str) -> int | None:
    """Days since 1970 of ``2026-01-01``; ``None`` for one that no calendar of ours has."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return None
    return found.toordinal() - _EPOCH if found.year in YEARS else None
