"""The functions of the rule language on plain values: what a row function calls.

Where there is no result they raise; :class:`Undefined`, ``KeyError`` and their kin all become the
outcome *error* of the expression (:mod:`mfgstd.expression.row`).
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from mfgstd.expression.patterns import inside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SECOND: Final = 1_000_000_000
#: All whole numbers of 64 bits, signed or not.
LEAST: Final = -(1 << 63)
GREATEST: Final = (1 << 64) - 1


class Undefined(ArithmeticError):
    """An expression has no value here."""


def finite(number: float) -> float:
    """The result of double arithmetic.

    Raises:
        Undefined: it overflowed.
    """
    if math.isfinite(number):
        return number
    raise Undefined


def whole(number: int) -> int:
    """The result of whole arithmetic.

    Raises:
        Undefined: it has no 64 bits.
    """
    if LEAST <= number <= GREATEST:
        return number
    raise Undefined


def read_int(value: Any) -> int:
    """A whole number out of JSON: ``7`` or ``7.0``."""
    return whole(value if isinstance(value, int) else int(value))


def read_integer_text(value: str) -> int:
    """A whole number written as text: ``"18446744073709551615"``."""
    return whole(int(value))


def at(items: Sequence[Any], index: int) -> Any:
    """The element at a place, from 0; a negative place is none."""
    if index < 0:
        raise Undefined
    return items[index]


def size_string(text: str) -> int:
    """Code points."""
    return len(text)


def size_list(items: Sequence[Any]) -> int:
    """Elements."""
    return len(items)


def size_map(entries: Mapping[str, Any]) -> int:
    """Keys."""
    return len(entries)


def starts_with(text: str, beginning: str) -> bool:
    """Whether it begins so."""
    return text.startswith(beginning)


def ends_with(text: str, end: str) -> bool:
    """Whether it ends so."""
    return text.endswith(end)


def contains(text: str, part: str) -> bool:
    """Whether it is in there."""
    return part in text


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(inside(pattern))


def matches(text: str, pattern: str) -> bool:
    """Whether the whole text matches."""
    return _pattern(pattern).fullmatch(text) is not None


def double_int(number: int) -> float:
    """The nearest double."""
    return float(number)


def double_double(number: float) -> float:
    """The same."""
    return number


def text_int(number: int) -> str:
    """Decimal digits."""
    return str(number)


def text_string(text: str) -> str:
    """The same."""
    return text


def text_bool(truth: bool) -> str:
    """As JSON writes it."""
    return "true" if truth else "false"


_MINUTE: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):")
_OFFSET: Final = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")
#: How long a time is up to its seconds: ``2026-03-01T09:00:``.
_HEAD: Final = 17
#: What the last digit of a fraction counts, by how many there are.
_SCALES: Final = tuple(10 ** (9 - digits) for digits in range(10))
_TWO_DIGITS: Final = {f"{number:02}": number for number in range(100)}

#: Nanoseconds of the minutes and of the ends of times that came lately. Times that lie near each
#: other share their minute; ends without a fraction are few.
_minutes: Final[dict[str, int]] = {}
_ends: Final[dict[str, int]] = {}
_REMEMBERED: Final = 4096
_DAY: Final = 86_400 * SECOND


def timestamp(text: str) -> int:
    """Nanoseconds since 1970, UTC; a leap second is the last nanosecond of the one before.

    Only the shape is looked at: which days a month has is said by the pattern of the schema.

    Raises:
        Undefined: it is no time, or beyond the years of 64 bits.
    """
    head, tail = text[:_HEAD], text[_HEAD:]
    end = _ends.get(tail)
    if end is None:
        end = _end(tail)
    minute = _minutes.get(head)
    return whole(_minute(head) + end) if minute is None else minute + end


def _minute(text: str) -> int:
    """Nanoseconds from 1970 to ``2026-03-01T09:00:``, as if it were UTC."""
    match = _MINUTE.fullmatch(text)
    if match is None:
        raise Undefined
    date, hour, minute = match.groups()
    found = ((_days(date) * 24 + int(hour)) * 60 + int(minute)) * 60 * SECOND
    # An offset of shape ``-99:99`` is more than four days; only what is whole with any is kept.
    if LEAST + 5 * _DAY < found < GREATEST - 5 * _DAY:
        _remember(_minutes, text, found)
    return found


@lru_cache(maxsize=4096)
def _days(date: str) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar."""
    year, month, day = int(date[:4]), int(date[5:7]), int(date[8:])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise Undefined
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _end(text: str) -> int:
    """Nanoseconds from the beginning of a minute to ``59.25+09:00`` of it, in UTC."""
    if text[2:3] != ".":
        return _whole_end(text)
    at = -1 if text[-1] == "Z" else -6
    digits = text[3:at]
    if not (digits.isdigit() and digits.isascii() and len(digits) <= 9):
        raise Undefined
    plain = text[:2] + text[at:]
    found = _ends.get(plain)
    if found is None:
        found = _whole_end(plain)
    return found if text[:2] == "60" else found + int(digits) * _SCALES[len(digits)]


def _whole_end(text: str) -> int:
    """The same for an end without a fraction."""
    ahead = 0 if text[2:] == "Z" else _ahead(text[2:])
    second = _TWO_DIGITS.get(text[:2])
    if second is None:
        raise Undefined
    nanoseconds = 59 * SECOND + SECOND - 1 if second == 60 else second * SECOND
    found = nanoseconds - ahead * 60 * SECOND
    _remember(_ends, text, found)
    return found


@lru_cache(maxsize=256)
def _ahead(offset: str) -> int:
    """Minutes that a clock with this offset is ahead of UTC."""
    match = _OFFSET.fullmatch(offset)
    if match is None:
        raise Undefined
    sign, hours, minutes = match.groups()
    ahead = int(hours) * 60 + int(minutes)
    return -ahead if sign == "-" else ahead


def _remember(among: dict[str, int], text: str, found: int) -> None:
    if len(among) >= _REMEMBERED:
        among.clear()
    among[text] = found


def seconds(start: str, end: str) -> float:
    """From one instant to another: the exact nanoseconds, as a double, in seconds."""
    return float(timestamp(end) - timestamp(start)) / 1e9


def abs_double(number: float) -> float:
    """Without its sign."""
    return abs(number)


def abs_int(number: int) -> int:
    """Without its sign."""
    return whole(abs(number))


def near(left: float, right: float, tolerance: float) -> bool:
    """Whether they differ by no more."""
    return abs(left - right) <= tolerance


def sum_list(numbers: Sequence[float]) -> float:
    """From left to right, each step rounded, as every engine does it."""
    total = 0.0
    for each in numbers:
        total += each
    return finite(total)


def min_list(numbers: Sequence[float]) -> float:
    """The least."""
    return min(numbers)


def max_list(numbers: Sequence[float]) -> float:
    """The greatest."""
    return max(numbers)
