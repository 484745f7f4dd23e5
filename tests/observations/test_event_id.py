"""Ids that any language can compute, and the count that makes equal samples differ."""

from __future__ import annotations

import itertools
import struct

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from xxhash import xxh3_128_hexdigest, xxh3_128_intdigest

from mfgstd.observations import assemble
from mfgstd.observations.event_id import Ordinals, ordinals
from mfgstd.observations.xxh3 import LENGTH, hexdigests

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=40)


def _text(said: str) -> bytes:
    return xxh3_128_intdigest(said.encode()).to_bytes(16, "little")


def _id(time: int, ordinal: int, kind: int, status: int, value: bytes) -> str:
    """The definition, once more and by hand."""
    return xxh3_128_hexdigest(
        struct.pack("<16sqIBBH16s", _text("plant\x1furn:x"), time, ordinal, kind, status, 0, value)
    )


def test_ids_are_the_hash_of_the_record_that_the_definition_draws() -> None:
    kinds = ["number", "integer", "decimal", "text", "boolean", "none", "number"]
    batch = assemble(
        np.array([-2, -1, 0, 1, 2, 3, 3], np.int64),
        {
            "data_item": pa.array(["urn:x"] * 7),
            "kind": pa.array(kinds),
            "number": pa.array([-0.0, None, None, None, None, None, 1.5], pa.float64()),
            "integer": pa.array([None, -5, None, None, None, None, None], pa.int64()),
            "decimal": pa.array([None, None, "1.50", None, None, None, None], pa.string()),
            "text": pa.array([None, None, None, "가", None, None, None], pa.string()),
            "boolean": pa.array([None, None, None, None, True, None, None], pa.bool_()),
            "status": pa.array(["good", "uncertain", "good", "good", "good", "bad", "good"]),
            "source": "plant",
        },
    )
    assert batch["event_id"].to_pylist() == [
        _id(-2, 0, 1, 0, struct.pack("<d", -0.0)),
        _id(-1, 0, 2, 1, struct.pack("<q", -5)),
        _id(0, 0, 3, 0, _text("1.50")),
        _id(1, 0, 4, 0, _text("가")),
        _id(2, 0, 5, 0, struct.pack("<q", 1)),
        _id(3, 0, 0, 2, b""),
        _id(3, 1, 1, 0, struct.pack("<d", 1.5)),
    ]


def test_an_id_is_the_one_that_was_recorded() -> None:
    batch = assemble(
        np.array([1_234_567_890_123_456_789], np.int64),
        {
            "data_item": pa.array(["urn:x"]),
            "kind": pa.array(["number"]),
            "number": pa.array([1.5]),
            "status": pa.array(["good"]),
            "source": "plant",
        },
    )
    assert batch["event_id"].to_pylist() == ["b1c0f96b12a3fab229fa4d252b169174"]


@given(st.lists(st.binary(min_size=LENGTH, max_size=LENGTH), max_size=60))
def test_records_are_hashed_as_the_library_hashes_them(records: list[bytes]) -> None:
    words = np.frombuffer(b"".join(records), "<u8").reshape(-1, LENGTH // 8).T
    assert hexdigests(words).decode() == "".join(map(xxh3_128_hexdigest, records))


def test_more_records_than_one_piece_are_hashed_alike() -> None:
    records = np.random.default_rng(7).integers(0, 256, (20_000, LENGTH), np.uint8)
    wanted = "".join(xxh3_128_hexdigest(each.tobytes()) for each in records)
    assert hexdigests(records.view("<u8").T).decode() == wanted


def _slowly(rows: list[tuple[int, int]]) -> list[int]:
    last: dict[int, tuple[int, int]] = {}
    counted = []
    for item, time in rows:
        before, count = last.get(item, (-1, -1))
        count = count + 1 if before == time else 0
        last[item] = (time, count)
        counted.append(count)
    return counted


@given(ROWS)
def test_ordinals_count_successive_rows_of_one_item_and_time(rows: list[tuple[int, int]]) -> None:
    items = np.array([item for item, _ in rows], np.int64)
    times = np.array([time for _, time in rows], np.int64)
    assert ordinals(items, times).tolist() == _slowly(rows)


@given(ROWS, st.lists(st.integers(0, 40), max_size=4))
def test_counting_goes_on_over_batches(rows: list[tuple[int, int]], cuts: list[int]) -> None:
    counter = Ordinals(4)
    places = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    counted: list[int] = []
    for begin, end in itertools.pairwise(places):
        items = np.array([item for item, _ in rows[begin:end]], np.int64)
        times = np.array([time for _, time in rows[begin:end]], np.int64)
        found = counter.count(items, times)
        counted += [0] * (end - begin) if found is None else found.tolist()
    assert counted == _slowly(rows)
