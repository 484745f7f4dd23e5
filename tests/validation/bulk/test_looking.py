"""Columns looked at beside a query: what holds in all row groups, and what is damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mfgstd.observations import SCHEMA
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.bulk.tables.kept import Kept
from mfgstd.validation.bulk.tables.looking import Finite, Look, looking
from mfgstd.validation.bulk.terms.alphabet import alphabet

OBSERVATION = catalogue().find("observation")


def _written(path: Path, **columns: Any) -> int:
    """A file of row groups of 100 rows each; how many."""
    pq.write_table(pa.table(columns), path, row_group_size=100, use_dictionary=False)
    groups: int = pq.read_metadata(path).num_row_groups
    return groups


@pytest.mark.parametrize("wrong", [None, 0, 99, 100, 499])
def test_a_column_holds_only_if_each_of_its_rows_does(tmp_path: Path, wrong: int | None) -> None:
    texts, numbers = [f"{n:08x}" for n in range(500)], [0.5] * 500
    if wrong is not None:
        texts[wrong] = texts[wrong].replace("0", "G")
        numbers[wrong] = float("nan")
    path = tmp_path / "a.parquet"
    groups = _written(path, text=texts, number=numbers, clean=[1.5] * 500)
    known = alphabet("^[0-9a-f]{8}$")
    assert known is not None
    looks: dict[str, Look] = {"text": known, "number": Finite(), "clean": Finite()}
    with looking(path, groups, looks) as holds:
        assert holds("text") is (wrong is None)
        assert holds("clean")
        assert holds("number") is (wrong is None)


def test_a_file_without_row_groups_holds_whatever_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    groups = _written(path, number=pa.array([], pa.float64()))
    with looking(path, groups, {"number": Finite()}) as holds:
        assert holds("number")


def test_damage_is_raised_to_whoever_waits_for_the_column_and_to_nobody_else(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.parquet"
    groups = _written(path, number=[float(n) for n in range(500)], clean=[1.5] * 500)
    about = pq.read_metadata(path).row_group(3).column(0)
    data = bytearray(path.read_bytes())
    at = about.data_page_offset
    data[at : at + about.total_compressed_size] = b"\xff" * about.total_compressed_size
    path.write_bytes(data)
    looks = {"number": Finite(), "clean": Finite()}
    with looking(path, groups, looks) as holds:
        assert holds("clean")
    with looking(path, groups, looks) as holds, pytest.raises((OSError, pa.ArrowException)):
        holds("number")


def test_what_goes_wrong_in_the_block_is_raised_and_ends_the_looking(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    groups = _written(path, number=[1.5] * 500)
    with pytest.raises(KeyError), looking(path, groups, {"number": Finite()}):
        raise KeyError


@pytest.mark.parametrize(
    ("numbers", "finite"),
    [
        (pa.array([1.0, None, -1e308]), True),
        (pa.array([None, None], pa.float64()), True),
        (pa.array([], pa.float32()), True),
        (pa.array([1.0, float("inf")], pa.float32()), False),
        (pa.array([float("nan"), None]), False),
        (pa.array([1.0, float("-inf")]).dictionary_encode(), False),
        (pa.array([1.0, 2.0, 1.0]).dictionary_encode(), True),
        # Of a slice, only what is in it counts.
        (pa.array([float("nan"), 1.0]).slice(1), True),
    ],
)
def test_finite_numbers_are_neither_nan_nor_infinite(numbers: pa.Array, finite: bool) -> None:
    assert Finite().holds(numbers) is finite


def test_only_statistics_say_that_a_column_is_full_or_empty(tmp_path: Path) -> None:
    columns = {
        "data_item": ["urn:a:b", "urn:a:c", "urn:a:d"],
        "unit": [None, "mm", "mm"],
        "text": pa.nulls(3, pa.string()),
    }
    table = pa.table(columns, pa.schema([SCHEMA.field(n).with_nullable(True) for n in columns]))
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=1)
    kept = Kept.of(path, OBSERVATION)
    assert (set(kept.full()), kept.empty()) == ({"data_item"}, ["text"])
    pq.write_table(table, path, row_group_size=1, write_statistics=["unit"])
    kept = Kept.of(path, OBSERVATION)
    assert not kept.full()
    assert kept.empty() == []
