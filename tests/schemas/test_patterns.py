"""The patterns of the standard: the law in every engine, so they must mean one thing everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.lowering import absolute_end

NS = "https://w3id.org/mfgstd/"


def _patterns(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for each in node.values():
            yield from _patterns(each)
    elif isinstance(node, list):
        for each in node:
            yield from _patterns(each)


PATTERNS = sorted(set(_patterns(list(catalogue().authored.values()))))


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=25)
@given(data=st.data())
def test_a_pattern_means_the_same_to_python_and_to_re2(pattern: str, data: st.DataObject) -> None:
    """DuckDB, Arrow and Go match with RE2; Python must be told that ``$`` is the very end."""
    python = re.compile(absolute_end(pattern))
    # RE2 reads UTF-8, which has no lone surrogates.
    text = st.text(st.characters(codec="utf-8"), max_size=40)
    drawn = data.draw(
        st.from_regex(python, fullmatch=True)
        | text
        | st.from_regex(python, fullmatch=True).map(lambda each: each + "\n")
    )
    said = pc.match_substring_regex(pa.array([drawn]), pattern)[0].as_py()
    assert bool(python.search(drawn)) is said


TIMESTAMP = re.compile(catalogue().authored[f"{NS}primitives/timestamp/1"]["pattern"])
FIRST, LAST = datetime(1900, 1, 1), datetime(2199, 12, 31, 23, 59, 59, 999999)
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))


@given(st.datetimes(FIRST, LAST, timezones=OFFSETS))
def test_every_moment_that_python_writes_is_a_timestamp(moment: datetime) -> None:
    assert TIMESTAMP.fullmatch(moment.isoformat())


@given(
    st.integers(1900, 2199),
    st.integers(0, 13),
    st.integers(0, 32),
    st.sampled_from(["Z", "+09:00"]),
)
def test_a_date_is_a_timestamp_exactly_when_the_calendar_has_it(
    year: int, month: int, day: int, offset: str
) -> None:
    try:
        datetime(year, month, day, tzinfo=UTC)
        real = True
    except ValueError:
        real = False
    text = f"{year}-{month:02}-{day:02}T12:00:00{offset}"
    assert bool(TIMESTAMP.fullmatch(text)) is real


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29T00:00:00Z",
        "2000-02-29T00:00:00Z",
        "2016-12-31T23:59:60Z",
        "2017-01-01T08:59:60+09:00",
        "2024-03-05T09:30:00.123456789Z",
        "2024-03-05T09:30:00.1-00:30",
    ],
)
def test_unusual_moments_are_timestamps(text: str) -> None:
    assert TIMESTAMP.fullmatch(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05T09:30:00",
        "2024-03-05 09:30:00Z",
        "2024-03-05t09:30:00z",
        "2024-03-05T24:00:00Z",
        "2024-03-05T09:30:61Z",
        "2024-03-05T09:60:00Z",
        "2024-03-05T09:30Z",
        "2024-03-05T09:30:00.Z",
        "2024-03-05T09:30:00.1234567890Z",
        "2024-03-05T09:30:00+9:00",
        "2024-03-05T09:30:00+24:00",
        "2024-03-05T09:30:00+0900",
        "2023-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "٢٠٢٤-03-05T09:30:00Z",
        "",
    ],
)
def test_what_leaves_a_moment_open_is_no_timestamp(text: str) -> None:
    assert not TIMESTAMP.fullmatch(text)


URI = re.compile(catalogue().authored[f"{NS}primitives/uri/1"]["pattern"])


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("urn:uuid:018f9c1e-7b1a-7c3e-9d52-0a6f3c2b9e10", True),
        ("https://plant.example.co.kr/line-2/cnc%2007#x", True),
        ("http://[2001:db8::1]/a", True),
        ("urn:uuid", False),
        ("https://", False),
        ("ftp://plant.example/", False),
        ("plant.example/line", False),
        ("https://plant.example/a b", False),
        ("https://plant.example/선반", False),
        ("urn:uuid:a\n", False),
    ],
)
def test_an_identity_is_an_absolute_uri(text: str, valid: bool) -> None:
    assert bool(URI.fullmatch(text)) is valid
