"""Nanoseconds as the text that documents carry, made quickly: a log can hold many documents."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

from mfgstd.models import Timestamp

_SECOND: Final = 1_000_000_000
_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1).toordinal()


def timestamp(nanoseconds: int) -> Timestamp:
    """The canonical text of nanoseconds since 1970, UTC, in the years that a timestamp may have.

    Equal to ``Timestamp.from_nanoseconds``, which checks its result against the pattern of the
    schema; what is made of numbers need not be.
    """
    seconds, fraction = divmod(nanoseconds, _SECOND)
    days, seconds = divmod(seconds, _DAY)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    digits = f".{fraction:09d}".rstrip("0") if fraction else ""
    return str.__new__(Timestamp, f"{_date(days)}T{hour:02d}:{minute:02d}:{second:02d}{digits}Z")


@lru_cache(maxsize=64)
def _date(days: int) -> str:
    return date.fromordinal(days + _EPOCH).isoformat()
