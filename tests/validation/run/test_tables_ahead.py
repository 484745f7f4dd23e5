"""Several tables judged beside each other give what they give one after the other."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mfgstd.observations import assemble
from mfgstd.validation.run.options import Options
from mfgstd.validation.run.over_files import check
from mfgstd.validation.run.report import Report
from mfgstd.validation.run.tables_ahead import MANY


def _rows(first: int, **hurt: Any) -> pa.Table:
    count = MANY + 1
    arrays: dict[str, Any] = {
        "data_item": pa.array(["https://plant.example.co.kr/cnc-07/Xabs"] * count),
        "kind": pa.array(["number"] * count),
        "number": pa.array(np.arange(count, dtype=np.float64)),
        "status": pa.array(["good"] * count),
        "source": pa.array(["https://plant.example.co.kr/agent"] * count),
        "epoch": pa.array(["1"] * count),
        "sequence": pa.array(np.arange(first, first + count)),
    }
    instants = 1_709_600_000_000_000_000 + np.arange(first, first + count) * 1_000_000
    table = pa.Table.from_batches([assemble(instants, arrays)])
    for name, at in hurt.items():
        values = table[name].to_pylist()
        values[at] = "not a word" if name == "status" else "no uri"
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(place), pa.array(values))
    return table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(6):
        hurt: dict[str, Any] = {1: {"status": 3}, 4: {"data_item": MANY}}.get(number, {})
        pq.write_table(_rows(number * (MANY + 1), **hurt), tmp_path / f"{number}.parquet")
    (tmp_path / "2b.parquet").write_bytes(b"PAR1 is all that is right here PAR1")
    pq.write_table(_rows(0).slice(0, 10), tmp_path / "5b.parquet")
    pq.write_table(pa.table({"colour": ["red"] * 10}), tmp_path / "6.parquet")
    return tmp_path


def _judged(folder: Path) -> tuple[Report, list[dict[str, Any]]]:
    report = Report()
    paths = sorted(folder.glob("*.parquet"))
    found = [each.to_json() for each in check(paths, Options(engine="duckdb"), report)]
    return report, found


def test_tables_beside_each_other_are_told_as_one_after_the_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    alone, told_alone = _judged(folder)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    beside, told_beside = _judged(folder)

    assert told_beside == told_alone
    assert beside.counts == alone.counts
    assert (beside.valid, beside.invalid) == (alone.valid, alone.invalid)
    assert beside.rules["schema.enum"] == 1
    assert {"file.damaged"} < {each["rule"] for each in told_beside}
    assert [each.engine for each in beside.sources] == [each.engine for each in alone.sources]
