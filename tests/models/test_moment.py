from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.models import Interval, Timestamp

SECOND = 1_000_000_000
# The years that a timestamp may name, a day away from their ends for the sake of offsets.
FIRST = int(datetime(1900, 1, 2, tzinfo=UTC).timestamp()) * SECOND
LAST = int(datetime(2199, 12, 30, tzinfo=UTC).timestamp()) * SECOND
nanoseconds = st.integers(FIRST, LAST)
offsets = st.integers(-(23 * 60 + 59), 23 * 60 + 59)


def _written(instant: int, offset: int, digits: int) -> Timestamp:
    """The instant as a clock ``offset`` minutes away from UTC writes it."""
    seconds, fraction = divmod(instant, SECOND)
    local = datetime(1970, 1, 1) + timedelta(seconds=seconds, minutes=offset)
    text = f".{fraction:09d}"[: digits + 1] if digits else ""
    sign = "-" if offset < 0 else "+"
    zone = f"{sign}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"
    return Timestamp(f"{local.isoformat(timespec='seconds')}{text}{zone}")


@given(nanoseconds)
def test_nanoseconds_survive_the_way_to_text_and_back(instant: int) -> None:
    moment = Timestamp.from_nanoseconds(instant)
    assert moment.nanoseconds == instant
    assert moment.endswith("Z")


@given(nanoseconds, offsets)
def test_an_offset_changes_the_text_and_not_the_instant(instant: int, offset: int) -> None:
    assert _written(instant, offset, 9).nanoseconds == instant


@given(nanoseconds, nanoseconds, offsets, offsets)
def test_order_is_that_of_the_instants(a: int, b: int, left: int, right: int) -> None:
    first, second = _written(a, left, 9), _written(b, right, 9)
    assert (first < second) == (a < b)
    assert (first <= second) == (a <= b)
    assert (first > second) == (a > b)
    assert (first >= second) == (a >= b)


@given(nanoseconds, st.integers(-3, 3))
def test_neighbouring_nanoseconds_are_told_apart(instant: int, step: int) -> None:
    a, b = Timestamp.from_nanoseconds(instant), Timestamp.from_nanoseconds(instant + step)
    assert (a < b) == (step > 0)


@given(nanoseconds, offsets)
def test_the_datetime_view_is_cut_to_microseconds(instant: int, offset: int) -> None:
    view = _written(instant, offset, 9).datetime
    since = view - datetime(1970, 1, 1, tzinfo=UTC)
    assert (since // timedelta(microseconds=1)) == instant // 1000
    assert view.utcoffset() == timedelta(minutes=offset)


@given(st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC)))
def test_a_datetime_survives_the_way_there_and_back(moment: datetime) -> None:
    assert Timestamp.from_datetime(moment).datetime == moment


def test_a_datetime_without_a_zone_names_no_instant() -> None:
    with pytest.raises(ValueError, match="names no instant"):
        Timestamp.from_datetime(datetime(2026, 3, 5))


def test_the_canonical_text_is_short_and_in_utc() -> None:
    seoul = timezone(timedelta(hours=9))
    assert Timestamp.from_datetime(datetime(2026, 3, 5, 9, tzinfo=seoul)) == "2026-03-05T00:00:00Z"
    assert Timestamp.from_nanoseconds(1_500_000_000) == "1970-01-01T00:00:01.5Z"
    assert Timestamp.from_nanoseconds(-1) == "1969-12-31T23:59:59.999999999Z"


def test_a_leap_second_lies_between_its_neighbours() -> None:
    before = Timestamp("2016-12-31T23:59:59.9Z")
    leap = Timestamp("2016-12-31T23:59:60Z")
    after = Timestamp("2017-01-01T00:00:00Z")
    assert before < leap < after
    assert leap.datetime == datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert leap == "2016-12-31T23:59:60Z", "the text itself is kept"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-05",
        "2026-03-05T09:30:00",
        "2026-03-05 09:30:00Z",
        "2026-02-30T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2026-03-05T24:00:00Z",
        "2026-03-05T09:30:00.1234567890Z",
        "2026-03-05T09:30:00Z\n",
        "2026-03-05T09:30:00+24:00",
        "٢٠٢٦-03-05T09:30:00Z",
    ],
)
def test_what_is_no_moment_is_refused_in_python_and_in_json(text: str) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        Timestamp(text)
    with pytest.raises(ValueError, match="start"):
        Interval.from_json({"start": text})


def test_a_moment_compares_with_plain_text_that_is_one() -> None:
    assert Timestamp("2026-03-05T09:00:00+09:00") < "2026-03-05T00:00:00.000000001Z"
    with pytest.raises(ValueError, match="RFC 3339"):
        assert Timestamp("2026-03-05T09:00:00Z") < "soon"


def test_a_moment_out_of_json_is_a_moment() -> None:
    interval = Interval.from_json('{"start": "2026-03-05T09:30:00.123456789+09:00"}')
    assert isinstance(interval.start, Timestamp)
    assert interval.start.nanoseconds % SECOND == 123_456_789
    assert interval.to_bytes() == b'{"start":"2026-03-05T09:30:00.123456789+09:00"}'
