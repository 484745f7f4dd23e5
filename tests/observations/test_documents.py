"""Rows and documents say the same thing, and going there and back loses nothing."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfgstd.errors import InputError
from mfgstd.observations import SCHEMA, assemble
from mfgstd.observations.documents import from_documents, those_in_rows, time_text, to_documents
from mfgstd.observations.json_text import to_json_texts

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_WHEN = st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False).map(lambda d: f"{d:f}"),
    "text": _TEXT,
    "boolean": st.booleans(),
    "none": st.none(),
}


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(_VALUES)))
    row: dict[str, Any] = {
        "data_item": draw(_TEXT),
        "nanoseconds": draw(st.integers(-(10**18), 8 * 10**18)),
        "kind": kind,
        "status": draw(st.sampled_from(["good", "uncertain", "bad"])),
        "source": draw(_TEXT),
    }
    if kind != "none":
        row[kind] = draw(_VALUES[kind])
    for name in ("unit", "reason", "native_value", "native_unit", "native_status", "epoch"):
        row[name] = draw(st.none() | _TEXT)
    row["time_quality"] = draw(st.none() | st.just("synchronized"))
    row["sequence"] = draw(st.none() | _VALUES["integer"])
    row["replayed"] = draw(st.none() | st.booleans())
    row["server_time"] = draw(st.none() | _WHEN)
    row["record_time"] = draw(st.none() | _WHEN)
    return row


def batch_of(table: list[dict[str, Any]]) -> pa.RecordBatch:
    names = [n for n in SCHEMA.names if n not in {"event_time", "event_time_ns", "event_id"}]
    return assemble(
        np.array([row["nanoseconds"] for row in table], np.int64),
        {n: pa.array([row.get(n) for row in table], SCHEMA.field(n).type) for n in names},
    )


@settings(max_examples=40)
@given(st.lists(rows(), max_size=6))
def test_rows_become_documents_and_the_same_rows_again(table: list[dict[str, Any]]) -> None:
    batch = batch_of(table)
    again = from_documents(to_documents(batch))
    # -0.0 equals 0.0 in Python, but not in Arrow: the strictest comparison is the one wanted.
    assert again.equals(batch)


@settings(max_examples=40)
@given(st.lists(rows(), max_size=6))
def test_the_fast_text_says_what_the_documents_say(table: list[dict[str, Any]]) -> None:
    batch = batch_of(table)
    for omit in (set[str](), {"source", "epoch"}):
        texts = to_json_texts(batch, omit=omit).to_pylist()
        assert [orjson.loads(text) for text in texts] == to_documents(batch, omit=omit)


@settings(max_examples=20)
@given(st.lists(rows(), min_size=1, max_size=6))
def test_a_slice_of_a_batch_is_written_like_a_batch(table: list[dict[str, Any]]) -> None:
    batch = batch_of(table)
    assert to_documents(batch.slice(1)) == to_documents(batch)[1:]
    assert to_json_texts(batch.slice(1)).to_pylist() == to_json_texts(batch).to_pylist()[1:]


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_000_000_000, "1970-01-01T00:00:01Z"),
        (100, "1970-01-01T00:00:00.0000001Z"),
        (120_000_000, "1970-01-01T00:00:00.12Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (10_000_000_000, "1970-01-01T00:00:10Z"),
    ],
)
def test_a_timestamp_has_the_digits_that_it_needs(nanoseconds: int, text: str) -> None:
    batch = assemble(
        np.array([nanoseconds]),
        {"data_item": "urn:x", "kind": "none", "status": "bad", "source": "s"},
    )
    assert time_text(batch["event_time"], batch["event_time_ns"]).to_pylist() == [text]


def document(**more: Any) -> dict[str, Any]:
    return {
        "dataItem": "urn:example:x",
        "eventTime": "2024-02-29T12:00:00+09:00",
        "quality": {"status": "good"},
        "source": "urn:example:source",
        **more,
    }


def test_an_offset_and_a_leap_second_are_understood() -> None:
    batch = from_documents(
        [
            document(),
            document(eventTime="2016-12-31T23:59:60.5Z", serverTime="2017-01-01T00:00:00Z"),
        ]
    )
    assert batch["event_time"].to_pylist() == [
        datetime(2024, 2, 29, 3, tzinfo=UTC),
        datetime(2016, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ]
    assert batch["server_time"].to_pylist() == [None, datetime(2017, 1, 1, tzinfo=UTC)]


def test_an_integer_beyond_64_bits_is_kept_as_decimal_text() -> None:
    batch = from_documents([document(value={"integer": "18446744073709551615"})])
    assert batch["kind"].to_pylist() == ["decimal"]
    assert batch["decimal"].to_pylist() == ["18446744073709551615"]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_cannot_say_is_bad_and_has_no_value(number: float) -> None:
    batch = assemble(
        np.array([0, 1]),
        {
            "data_item": "urn:x",
            "kind": "number",
            "number": np.array([number, 1.5]),
            "status": "good",
            "source": "s",
            "native_value": "what it said",
        },
    )
    first, second = to_documents(batch)
    assert "value" not in first
    assert first["quality"] == {"status": "bad", "reason": "not_convertible"}
    assert first["native"] == {"value": "what it said"}
    assert second["value"] == {"number": 1.5}


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"statistic": "average"}, "statistic"),
        ({"quality": {"status": "good", "native": "0x0"}}, "quality.native"),
        ({"eventTime": "2024-02-30T00:00:00Z"}, "timestamp"),
        ({"eventTime": "2024-02-28T00:00:00"}, "timestamp"),
        ({"source": None}, "source"),
    ],
)
def test_what_has_no_column_is_refused_with_its_name(more: dict[str, Any], word: str) -> None:
    with pytest.raises(InputError, match=word) as raised:
        from_documents([document(), document(**more)])
    assert raised.value.place is not None
    assert raised.value.place.row == 1


def test_those_that_have_a_row_are_taken_and_the_others_are_not() -> None:
    given = [document(statistic="average"), document(), document(source=None), document()]
    kept, batch = those_in_rows(given)
    assert kept == [1, 3]
    assert batch.equals(from_documents([given[1], given[3]]))
    assert those_in_rows(given[:1])[1].num_rows == 0


def test_the_batch_around_them_names_the_source_and_epoch() -> None:
    plain = document()
    del plain["source"]
    batch = from_documents([plain], source="urn:example:agent", epoch="1")
    assert batch["source"].to_pylist() == ["urn:example:agent"]
    assert batch["epoch"].to_pylist() == ["1"]
