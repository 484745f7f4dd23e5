"""Time as the standard writes it: text to nine digits of a second, with an offset.

``datetime`` cuts nanoseconds and refuses leap seconds, so the text itself is the value and the
views are computed from it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from pydantic_core import core_schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from pydantic import GetCoreSchemaHandler

_PARTS: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,9}))?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_SECOND: Final = 1_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def _law(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


class _Checked(type):
    """A class of texts that makes no instance of any other text.

    The check stands here and not in ``__new__``, so that pydantic, whose engine has already made
    it, can call the constructor of ``str`` straight: half the cost of a time in a document.
    """

    if not TYPE_CHECKING:  # to a type checker it is a class like any other

        def __call__(cls, text: str) -> Moment:
            if not _law(cls.pattern).fullmatch(text):
                raise ValueError(f"not an RFC 3339 time with an offset: {text[:60]!r}")
            return super().__call__(text)


class Moment(str, metaclass=_Checked):
    """An instant as RFC 3339 text; ``ValueError`` for a text that is none, or no such day.

    Equality is that of the text, as for any string; ``<``, ``<=``, ``>`` and ``>=`` compare the
    instants, to the nanosecond and across offsets. A leap second (``:60``) counts as the last
    nanosecond of the second before it.
    """

    __slots__ = ()

    #: The law: the pattern of the schema that the subclass was generated from.
    pattern: ClassVar[str] = _PARTS.pattern

    @classmethod
    def from_nanoseconds(cls, nanoseconds: int) -> Self:
        """The canonical text (``Z``, no trailing zeros) of nanoseconds since 1970, UTC."""
        seconds, fraction = divmod(nanoseconds, _SECOND)
        text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
        digits = f".{fraction:09d}".rstrip("0") if fraction else ""
        return cls(f"{text}{digits}Z")

    @classmethod
    def from_datetime(cls, moment: datetime) -> Self:
        """The canonical text of an aware ``datetime``.

        Raises:
            ValueError: it has no time zone, so it names no instant.
        """
        if moment.tzinfo is None:
            raise ValueError("a datetime without a time zone names no instant")
        since = moment - _EPOCH
        whole = since.days * 86_400 + since.seconds
        return cls.from_nanoseconds(whole * _SECOND + since.microseconds * 1000)

    def _split(self) -> tuple[list[int], int, int]:
        """Year to second, the nanoseconds below it, and the offset in minutes."""
        match = _PARTS.fullmatch(self)
        if match is None:  # a subclass whose pattern allows more than this class can read
            raise ValueError(f"not an RFC 3339 time with an offset: {self[:60]!r}")
        *fields, fraction, offset = match.groups()
        numbers = [int(field) for field in fields]
        nanosecond = int((fraction or "").ljust(9, "0"))
        if numbers[5] == 60:
            numbers[5], nanosecond = 59, _SECOND - 1
        minutes = 0
        if offset not in "Zz":
            minutes = int(offset[1:3]) * 60 + int(offset[4:6])
            minutes = -minutes if offset[0] == "-" else minutes
        return numbers, nanosecond, minutes

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted."""
        (year, month, day, hour, minute, second), nanosecond, offset = self._split()
        seconds = ((_days(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second
        return seconds * _SECOND + nanosecond

    @property
    def datetime(self) -> datetime:
        """The same instant as an aware ``datetime``, cut (not rounded) to microseconds."""
        (year, month, day, hour, minute, second), nanosecond, offset = self._split()
        zone = timezone(timedelta(minutes=offset)) if offset else UTC
        return datetime(year, month, day, hour, minute, second, nanosecond // 1000, tzinfo=zone)

    def _other(self, other: str) -> int:
        return (other if isinstance(other, Moment) else type(self)(other)).nanoseconds

    def __lt__(self, other: str) -> bool:
        return self.nanoseconds < self._other(other)

    def __le__(self, other: str) -> bool:
        return self.nanoseconds <= self._other(other)

    def __gt__(self, other: str) -> bool:
        return self.nanoseconds > self._other(other)

    def __ge__(self, other: str) -> bool:
        return self.nanoseconds >= self._other(other)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        del source, handler
        # The Rust engine has checked the pattern by then, so the wrapping need not.
        wrap = cast("Callable[[str], Self]", type.__call__.__get__(cls))
        return core_schema.no_info_after_validator_function(
            wrap, core_schema.str_schema(pattern=cls.pattern, strict=True)
        )


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar, from the year 0 on.

    ``datetime.date`` begins at the year 1, RFC 3339 at 0.
    """
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
