"""Moments of documents and events as integers, so that they can be compared exactly."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_FORM: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}):(\d{2})(?:\.(\d{1,9})\d*)?(Z|z|[+-]\d{2}:\d{2})", re.ASCII
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def nanoseconds(text: str) -> int:
    """Nanoseconds since 1970 of an RFC 3339 timestamp; a leap second counts as the one before.

    Raises:
        ValueError: it is none, or has no offset.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(text[:80])
    minute, second, fraction, zone = match.groups()
    leap = second == "60"
    offset = "+00:00" if zone in "Zz" else zone
    passed = datetime.fromisoformat(f"{minute}:{'59' if leap else second}{offset}") - _EPOCH
    below = 999_999_000 if leap else int((fraction or "0").ljust(9, "0"))
    return (passed.days * 86_400 + passed.seconds) * 1_000_000_000 + below


def moment(value: object) -> int | None:
    """The same, and ``None`` for what is not a timestamp: others say what is wrong with it."""
    if not isinstance(value, str):
        return None
    try:
        return nanoseconds(value)
    except ValueError:
        return None
