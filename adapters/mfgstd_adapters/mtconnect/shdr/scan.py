"""Reading plain SHDR lines a column at a time, without a Python object per token.

Most lines of a log are a timestamp and pairs of key and value. The separators of a block are
found with NumPy; the tokens between them become one Arrow array over the bytes as they came.
This path is optimistic: a line with anything unusual in it (a quote, white space beside a bar, a
condition, a command, an odd timestamp) is not read here but handed back by its number, and
:mod:`mfgstd_adapters.mtconnect.shdr.reports` reads it exactly. Both give the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mfgstd_adapters.mtconnect.shdr.grammar import SECOND, YEARS

Ints: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

_BAR, _NEWLINE, _AT = ord("|"), ord("\n"), ord("@")
_QUOTE, _SPACE = ord('"'), ord(" ")
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
#: Where the digits of ``2026-01-01T00:00:00`` stand, and what stands between them.
_DIGITS: Final = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
_MARKS: Final = ((4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"))


@dataclass(frozen=True, slots=True)
class Plain:
    """What the plain lines of a block say.

    One entry a row: ``line`` and ``place`` (position of the pair on its line), ``item`` (index
    into the model), ``text``. One entry a plain line: ``lines``, its ``nanoseconds`` and whether
    a zone was written. ``odd`` lists the lines that were not read, ``unknown`` the keys that the
    model does not know, with count and first line. ``met`` counts the pairs of the plain lines by
    their separators alone.
    """

    line: Ints
    place: Ints
    item: npt.NDArray[np.int32]
    text: pa.Array
    lines: Ints
    nanoseconds: Ints
    zoned: Mask
    odd: Ints
    unknown: list[tuple[str, int, int]]
    met: int


class Keys:
    """The names a model answers to, ready for looking up whole columns of them."""

    def __init__(self, keys: dict[str, int], special: Mask) -> None:
        self._names = pa.array(list(keys), pa.string())
        self._items = np.array([*keys.values(), -1], np.int32)
        #: Items whose reports are more than one token.
        self.special = np.append(special, False)

    def find(self, names: pa.Array) -> npt.NDArray[np.int32]:
        """The item of each name, -1 where there is none."""
        found = pc.index_in(names, value_set=self._names)
        items: npt.NDArray[np.int32] = self._items[found.fill_null(-1).to_numpy()]
        return items


def scan(block: bytes, keys: Keys, skip: Mask | None) -> Plain:
    """Read the plain lines of ``block``.

    Args:
        block: complete lines of valid UTF-8, each ended by a newline.
        keys: the names that the model answers to.
        skip: lines that belong to something else; they are neither read nor listed as odd.
    """
    octets = np.frombuffer(block, np.uint8)
    separator = np.flatnonzero((octets == _BAR) | (octets == _NEWLINE))
    tokens = _tokens(block, separator)
    begin = np.empty_like(separator)
    begin[0] = 0
    begin[1:] = separator[:-1] + 1
    last = np.flatnonzero(octets[separator] == _NEWLINE)
    first = np.empty_like(last)
    first[0] = 0
    first[1:] = last[:-1] + 1
    count = last - first + 1
    plain = (count % 2 == 1) & (count > 1)
    if skip is not None:
        plain &= ~skip
    # White space, or any other control character, at either end of a token, or a quote before it.
    edge = octets[begin]
    strange = (edge <= _SPACE) & (edge != _NEWLINE)
    strange |= edge == _QUOTE
    edge = octets[np.maximum(separator - 1, 0)]
    strange |= (edge <= _SPACE) & (edge != _NEWLINE)
    if strange.any():
        plain[np.searchsorted(last, np.flatnonzero(strange))] = False
    start = begin[first]
    nanoseconds, zoned, timed = _times(octets, tokens, first, start, separator[first], plain)
    plain &= timed

    chosen = np.flatnonzero(plain)
    pairs = (count[chosen] - 1) // 2
    owner, token = _pairs(first[chosen], pairs)
    names = tokens.take(pa.array(2 * token))
    item = keys.find(names)
    met = int(pairs.sum())
    where = begin[token]
    bad = keys.special[item] | (octets[where] == _AT) | (where == separator[token])
    if bad.any():
        keep = np.ones(len(chosen), bool)
        keep[owner[bad]] = False
        plain[chosen[~keep]] = False
        met = int(pairs[keep].sum())
        rows = keep[owner]
        owner, token, item = owner[rows], token[rows], item[rows]
    nameless = item < 0
    unknown: list[tuple[str, int, int]] = []
    if nameless.any():
        missing = np.flatnonzero(nameless)
        unknown = _unknown(tokens.take(pa.array(2 * token[missing])), chosen[owner[missing]])
        rows = ~nameless
        owner, token, item = owner[rows], token[rows], item[rows]
    odd = ~plain if skip is None else ~(plain | skip)
    # A blank line says nothing to either path; the caller counts those.
    odd &= (count > 1) | (separator[last] > start)
    lines = np.flatnonzero(plain)
    line = chosen[owner]
    return Plain(
        line=line,
        place=token - first[line],
        item=item,
        text=tokens.take(pa.array(2 * token + 2)),
        lines=lines,
        nanoseconds=nanoseconds[lines],
        zoned=zoned[lines],
        odd=np.flatnonzero(odd),
        unknown=unknown,
        met=met,
    )


def _tokens(block: bytes, separator: Ints) -> pa.Array:
    """Each token and the separator behind it, in turn, as one string array over the block itself.

    The token of number ``n`` stands at ``2 * n``.
    """
    offsets = np.empty(2 * len(separator) + 1, np.int32)
    offsets[0] = 0
    offsets[1::2] = separator
    offsets[2::2] = separator + 1
    return pa.StringArray.from_buffers(
        2 * len(separator), pa.py_buffer(offsets), pa.py_buffer(block)
    )


def _pairs(first: Ints, pairs: Ints) -> tuple[Ints, Ints]:
    """For each pair of each line: the number of the line and the position of its key."""
    owner = np.repeat(np.arange(len(first)), pairs)
    before = np.cumsum(pairs) - pairs
    within = np.arange(len(owner)) - np.repeat(before, pairs)
    return owner, np.repeat(first + 1, pairs) + 2 * within


def _unknown(names: pa.Array, line: Ints) -> list[tuple[str, int, int]]:
    """Each distinct name in the order of its first appearance, with count and first line."""
    encoded = names.dictionary_encode()
    codes = encoded.indices.to_numpy()
    counts = np.bincount(codes)
    _, firsts = np.unique(codes, return_index=True)
    return [
        (name, int(number), int(line[where]))
        for name, number, where in zip(encoded.dictionary.to_pylist(), counts, firsts, strict=True)
    ]


_NANOSECONDS: Final = pa.timestamp("ns", tz="UTC")
_CENTURIES: Final = (ord("1") << 8 | ord("9"), ord("2") << 8 | ord("0"), ord("2") << 8 | ord("1"))


def _times(
    octets: npt.NDArray[np.uint8],
    tokens: pa.Array,
    first: Ints,
    start: Ints,
    end: Ints,
    wanted: Mask,
) -> tuple[Ints, Mask, Mask]:
    """The timestamps of the wanted lines, by Arrow where it reads just what is meant here.

    Arrow is three times as fast as digit arithmetic, but it stops at the first that it cannot
    read, and it reads shorter forms and distant years too. It gets what ends in ``Z``, is long
    enough to name seconds, and lies in the centuries of the standard.
    """
    length = end - start
    fitting = wanted & (length >= 20) & (length <= 30)
    century = octets[start].astype(np.int32) << 8 | octets[np.minimum(start + 1, len(octets) - 1)]
    fitting &= (octets[end - 1] == ord("Z")) & np.isin(century, _CENTURIES)
    chosen = np.flatnonzero(fitting)
    if not len(chosen):
        return timestamps(octets, start, length, wanted)
    try:
        read = tokens.take(pa.array(2 * first[chosen])).cast(_NANOSECONDS).view(pa.int64())
    except pa.ArrowInvalid:
        return timestamps(octets, start, length, wanted)
    values = read.to_numpy()
    if len(chosen) == np.count_nonzero(wanted):
        nanoseconds = np.zeros(len(start), np.int64)
        zoned = fitting
        done = fitting.copy()
    else:
        nanoseconds, zoned, done = timestamps(octets, start, length, wanted & ~fitting)
        zoned |= fitting
        done |= fitting
    nanoseconds[chosen] = values
    # 1900 and 2199 are left to the exact path, as their offsets may lead out of the century.
    within = (values >= _FIRST) & (values < _LAST)
    if not within.all():
        done[chosen[~within]] = False
    return nanoseconds, zoned, done


def timestamps(
    octets: npt.NDArray[np.uint8], start: Ints, length: Ints, wanted: Mask
) -> tuple[Ints, Mask, Mask]:
    """Read the timestamps of the wanted lines by digit arithmetic.

    Reads ``2026-01-01T00:00:00``, with up to nine decimals, and ``Z``, an offset or nothing
    behind it. Returns nanoseconds since 1970, whether a zone was written, and which could be
    read; whatever else a timestamp may be is left to the exact path.
    """
    total = len(start)
    nanoseconds = np.zeros(total, np.int64)
    zoned = np.zeros(total, bool)
    read = np.zeros(total, bool)
    fitting = np.flatnonzero(wanted & (length >= 19) & (length <= 35))
    if not len(fitting):
        return nanoseconds, zoned, read
    widths = length[fitting]
    for width in np.flatnonzero(np.bincount(widths)).tolist():
        group = fitting[widths == width] if (widths != width).any() else fitting
        marks = octets[start[group, None] + np.arange(width)]
        last = marks[:, -1]
        universal = last == ord("Z")
        offset = np.zeros(len(group), bool)
        if width >= 25:
            sign = marks[:, -6]
            offset = ((sign == ord("+")) | (sign == ord("-"))) & (marks[:, -3] == ord(":"))
        for zone, members in ((1, universal), (6, offset), (0, ~universal & ~offset)):
            if not members.any():
                continue
            whole = members.all()
            values, right = _instants(marks if whole else marks[members], width - zone, zone)
            lines = group if whole else group[members]
            nanoseconds[lines] = values
            zoned[lines] = zone > 0
            read[lines] = right
    return nanoseconds, zoned, read


def _instants(marks: npt.NDArray[np.uint8], body: int, zone: int) -> tuple[Ints, Mask]:
    """The same for timestamps of one shape: ``body`` characters and ``zone`` of a zone."""
    decimals = body - 20
    if decimals != -1 and not 1 <= decimals <= 9:
        return np.zeros(len(marks), np.int64), np.zeros(len(marks), bool)
    columns = [*_DIGITS, *range(20, body)]
    if zone == 6:
        columns += [body + 1, body + 2, body + 4, body + 5]
    digits = marks[:, columns] - ord("0")
    right = (digits <= 9).all(axis=1)
    for position, mark in _MARKS:
        right &= marks[:, position] == ord(mark)
    if decimals > 0:
        right &= marks[:, 19] == ord(".")
    # One product with a matrix of powers of ten; doubles hold all of it exactly.
    parts = (digits.astype(np.float64) @ _weights(max(decimals, 0), zone)).astype(np.int64)
    year, month, day, hour, minute, second, fraction, offset = parts.T
    right &= (year >= YEARS.start) & (year < YEARS.stop) & (month >= 1) & (month <= 12)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    longest = _DAYS[np.clip(month, 0, 12)] + (leap & (month == 2))
    right &= (day >= 1) & (day <= longest) & (hour < 24) & (minute < 60) & (second < 60)
    if zone == 6:
        # The offset came as hhmm; only its size is checked here, the sign applied below.
        right &= (offset // 100 < 24) & (offset % 100 < 60)
        minutes = (offset // 100 * 60 + offset % 100) * np.where(marks[:, body] == ord("-"), -1, 1)
        minute = minute - minutes
    seconds = ((_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    seconds[~right] = 0
    return seconds * SECOND + fraction, right


_FIRST, _LAST = (
    (date(year, 1, 1).toordinal() - date(1970, 1, 1).toordinal()) * 86_400 * SECOND
    for year in (YEARS.start, YEARS.stop)
)
_made: dict[tuple[int, int], npt.NDArray[np.float64]] = {}


def _weights(decimals: int, zone: int) -> npt.NDArray[np.float64]:
    """What each digit adds to year, month, day, hour, minute, second, nanoseconds and offset."""
    if (decimals, zone) in _made:
        return _made[decimals, zone]
    fields = [(0, 1000), (0, 100), (0, 10), (0, 1)]
    for field in range(1, 6):
        fields += [(field, 10), (field, 1)]
    fields += [(6, 10 ** (8 - place)) for place in range(decimals)]
    if zone == 6:
        fields += [(7, 1000), (7, 100), (7, 10), (7, 1)]
    weights = np.zeros((len(fields), 8))
    for digit, (field, weight) in enumerate(fields):
        weights[digit, field] = weight
    _made[decimals, zone] = weights
    return weights


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970-01-01 in the Gregorian calendar (Hinnant's civil arithmetic)."""
    shifted: Any = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days: Ints = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days
