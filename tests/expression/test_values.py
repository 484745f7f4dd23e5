"""Instants out of text: the quick way is the plain one, for every text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mfgstd.expression.row import FAILURES
from mfgstd.expression.values import GREATEST, LEAST, timestamp

_SHAPE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)


def plain(text: str) -> int | None:
    """By one regular expression and a walk over the calendar."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    # datetime has the years 1 to 9999 only; every 400 years the calendar is the same again.
    days = (date(2000 + year % 400, month, 1) - date(1970, 1, 1)).days + day - 1
    days += (year // 400 - 5) * 146_097
    nanoseconds = int((match[7] or "").ljust(9, "0"))
    if second == 60:
        second, nanoseconds = 59, 999_999_999
    offset = int(match[9] or 0) * 60 + int(match[10] or 0)
    offset = -offset if match[8] == "-" else offset
    whole = ((days * 24 + hour) * 60 + minute - offset) * 60 + second
    found = whole * 10**9 + nanoseconds
    return found if LEAST <= found <= GREATEST else None


times = st.builds(
    lambda whole, fraction, zone: f"{whole:%Y-%m-%dT%H:%M:%S}{fraction}{zone}",
    st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)),
    st.sampled_from(["", ".1", ".123456789", ".1234567890", ".", ".٣"]),
    st.sampled_from(["Z", "+09:00", "-11:30", "z", "", "+9:00", "+09:000"]),
)


@st.composite
def hurt(draw: st.DrawFn) -> str:
    text = draw(times)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        kept = at + draw(st.integers(0, 2))
        text = text[:at] + draw(st.sampled_from(["", *"0569:+-.TZ٣ \n"])) + text[kept:]
    return text


@settings(max_examples=1000)
@given(hurt())
@example("2016-12-31T23:59:60.5Z")
@example("0000-01-01T00:00:00Z")
@example("9999-12-31T00:00:00Z")
@example("2026-03-01T09:00:Z")
@example("2026-03-01T09:00:00+09:00Z")
@example("2026-03-01T09:0+09:00")
@example("2026-03-01T09:00:61Z")
@example("Z")
@example("")
def test_an_instant_is_what_the_plain_way_says(text: str) -> None:
    try:
        found = timestamp(text)
    except FAILURES:
        assert plain(text) is None
    else:
        assert found == plain(text)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31)), st.integers(-1439, 1439))
def test_an_offset_is_taken_away(local: datetime, minutes: int) -> None:
    sign, ahead = "-" if minutes < 0 else "+", abs(minutes)
    text = f"{local:%Y-%m-%dT%H:%M:%S.%f}{sign}{ahead // 60:02}:{ahead % 60:02}"
    instant = local.replace(tzinfo=UTC) - timedelta(minutes=minutes)
    since = instant - datetime(1970, 1, 1, tzinfo=UTC)
    assert timestamp(text) == since // timedelta(microseconds=1) * 1000


@pytest.mark.parametrize("value", [None, 5, [], b"2026-03-01T09:00:00Z", {}])
def test_what_is_no_text_is_no_instant(value: Any) -> None:
    with pytest.raises(FAILURES):
        timestamp(value)
