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
#: Where the seconds of a time begin, and end.
_SECONDS: Final = slice(17, 19)
_TWO_DIGITS: Final = {f"{number:02}": number for number in range(100)}


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


@lru_cache(maxsize=4096)
def _minutes(text: str) -> int:
    """Minutes from 1970 to ``2026-03-01T09:00:``, as if it were UTC."""
    match = _MINUTE.fullmatch(text)
    if match is None:
        raise Undefined
    date, hour, minute = match.groups()
    return (_days(date) * 24 + int(hour)) * 60 + int(minute)


@lru_cache(maxsize=256)
def _ahead(offset: str) -> int:
    """Minutes that a clock with this offset is ahead of UTC."""
    match = _OFFSET.fullmatch(offset)
    if match is None:
        raise Undefined
    sign, hours, minutes = match.groups()
    ahead = int(hours) * 60 + int(minutes)
    return -ahead if sign == "-" else ahead


@lru_cache(maxsize=1024)
def timestamp(text: str) -> int:
    """Nanoseconds since 1970, UTC; a leap second is the last nanosecond of the one before.

    Only the shape is looked at: which days a month has is said by the pattern of the schema. Times
    that lie near each other share their minute and offset, so these are remembered.
    """
    minutes, end = _minutes(text[:17]), -1
    if text[-1] != "Z":
        minutes, end = minutes - _ahead(text[-6:]), -6
    second = _TWO_DIGITS.get(text[_SECONDS])
    fraction = text[_SECONDS.stop : end]
    if second is None or len(text) < _SECONDS.stop - end:
        raise Undefined
    nanoseconds = 0
    if fraction:
        digits = fraction[1:]
        if fraction[0] != "." or not 1 <= len(digits) <= 9 or not _are_digits(digits):
            raise Undefined
        nanoseconds = int(digits.ljust(9, "0"))
    if second == 60:
        second, nanoseconds = 59, SECOND - 1
    return whole((minutes * 60 + second) * SECOND + nanoseconds)


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


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
