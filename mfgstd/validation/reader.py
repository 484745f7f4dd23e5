"""Strict JSON: bytes in, one value or the findings that say why there is none.

The standard library accepts NaN, keeps the last of duplicate keys and recurses as deep as the
input says. Here each of these is a finding with its line and column. Decisions:

- a UTF-8 byte order mark is read over with a warning (RFC 8259 section 8.1 forbids writing one
  and allows reading it);
- other encodings are never guessed into data; the guess only serves the hint;
- nesting ends at 200 levels and an integer at 4300 digits: the parser bounds both;
- a number beyond the range of a double is an error, it would silently become infinity;
- a member that stands twice in one object is an error, whatever its values.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jiter
import orjson

from mfgstd.finding import Severity
from mfgstd.validation.unreadable import bom, explained, out_of_range, why

if TYPE_CHECKING:
    from collections.abc import Callable

    from mfgstd.finding import Finding

_WARNING: Final = Severity.WARNING.value
_ERROR: Final = Severity.ERROR.value

_BOM: Final = b"\xef\xbb\xbf"

#: Digits as 0, exponents as e: what is left of a number is its size.
_COARSE: Final = bytes.maketrans(b"123456789E", b"000000000e")
_LONG: Final = b"0" * 200
#: How far back the beginning of a number is looked for.
_BACK: Final = 40


class Read(NamedTuple):
    """What became of one text: ``ok`` says whether ``value`` is one."""

    value: Any
    ok: bool
    findings: tuple[Finding, ...] = ()


def read(data: bytes) -> Read:
    """Parse one JSON text of UTF-8 bytes; never raises, whatever the bytes are.

    The places of the findings have line and column within ``data``, both from 1.
    """
    warnings: tuple[Finding, ...] = ()
    body = data
    if data.startswith(_BOM):
        body = data[len(_BOM) :]
        warnings = (bom(),)
    try:
        value = parsed(body)
    except ValueError as error:
        return Read(None, ok=False, findings=(*warnings, explained(data, body, str(error))))
    if perhaps_huge(body) and not all_finite(value):
        return Read(None, ok=False, findings=(*warnings, out_of_range(data)))
    return Read(value, ok=True, findings=warnings)


class Glance(NamedTuple):
    """What became of one text: as :class:`Read`, of findings the rule and how severe it is."""

    value: Any
    ok: bool
    found: tuple[tuple[str, str], ...] = ()


def glance(data: bytes) -> Glance:
    """Parse like :func:`read`, without sentences: where nothing is JSON, they take most time."""
    body = data.removeprefix(_BOM)
    warnings = (("json.bom", _WARNING),) if len(body) < len(data) else ()
    try:
        value = parsed(body)
    except ValueError as error:
        rule = why(body, str(error)).rule
    else:
        if not perhaps_huge(body) or all_finite(value):
            return Glance(value, ok=True, found=warnings)
        rule = "json.number-range"
    return Glance(None, ok=False, found=(*warnings, (rule, _ERROR)))


#: The value of a JSON text, or a ``ValueError``. Unlike :func:`read` it takes no byte order mark,
#: and a number beyond the range of a double becomes infinite.
parsed: Final[Callable[[bytes], Any]] = partial(
    jiter.from_json, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys"
)


def certain(text: bytes) -> Any:
    """The value of a JSON text of which it is quickly seen that a strict reader takes it, too.

    orjson reads three times as fast as any reader that looks for duplicate keys. It refuses the
    rest of what is refused here (bad UTF-8, NaN, infinite numbers), but for nesting between 200
    and 254 levels. So the value is written again. If that gives the same text, nothing is hidden
    in it. Else the quotes are counted: a member that was dropped would have at least two, and a
    quote inside a string is written as a quote unless the text spells it in hexadecimal. Whole
    numbers of more than 64 bits become doubles, which differ from them in no verdict: they are
    beyond the bounds that every integer has, except for those that round to the lower one.

    Raises:
        ValueError: it is not seen quickly; whether anything is wrong, :func:`read` says.
        TypeError: the same.
    """
    value = orjson.loads(text)
    if _hides_nothing(orjson.dumps(value), text):
        return value
    raise ValueError


def all_certain(texts: list[bytes]) -> list[Any]:
    """The values of some texts, as :func:`certain` finds them: all, or none.

    Doing one thing with all of them and then the next is quicker than everything with each.

    Raises:
        ValueError: one of them is not seen quickly.
        TypeError: the same.
    """
    values = list(map(orjson.loads, texts))
    again = list(map(orjson.dumps, values))
    if again == texts or all(map(_hides_nothing, again, texts)):
        return values
    raise ValueError


def _hides_nothing(again: bytes, text: bytes) -> bool:
    """Whether a text surely says no more than the value of it that was written again."""
    return again == text or (
        again.count(b'"') == text.count(b'"')
        and (b"\\" not in text or b"u0022" not in text)
        and _LOWEST not in text
    )


def exact(value: Any, text: bytes) -> bool:
    """Whether a value of :func:`certain` is the very one of the text, long numbers included."""
    return orjson.dumps(value) == text


#: What the whole numbers just below -2**63 begin with; as doubles they are -2**63.
_LOWEST: Final = b"-922337203685477"


def perhaps_huge(body: bytes) -> bool:
    """Whether a number in a JSON text may be beyond the range of a double.

    Only one with an exponent of two digits or with two hundred digits can. Looking for these is
    much cheaper than walking through the values; ids written in hexadecimal often have such an
    exponent too, so what stands before it is looked at.
    """
    coarse = body.translate(_COARSE, b"+")
    if _LONG in coarse:
        return True
    at = coarse.find(b"0e00")
    while at >= 0:
        before = coarse[max(0, at - _BACK) : at].rstrip(b"0.")
        if not before or before[-1:] in b":,[- \t\r\n":
            return True
        at = coarse.find(b"0e00", at + 1)
    return False


def all_finite(value: Any) -> bool:
    """Whether no number in a JSON value is infinite or NaN; walks without recursion."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, float):
            if not math.isfinite(each):
                return False
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return True
