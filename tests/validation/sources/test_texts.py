"""Texts in columns that are no UTF-8 are found in their rows, whichever engine judges the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd import validate_table
from mfgstd.finding import Severity
from mfgstd.language import Text
from mfgstd.observations import SCHEMA, assemble
from mfgstd.validation.run.options import CHOICES
from mfgstd.validation.sources.texts import readable

KOREAN = "정지".encode("cp949")
ENGINES = [each for each in CHOICES if each in ("duckdb", "row", "referee", "auto")]


def texts(values: list[bytes | None], kind: pa.DataType | None = None) -> pa.Array:
    """Bytes that say of themselves that they are text."""
    large = kind == pa.large_string()
    held = pa.array(values, pa.large_binary() if large else pa.binary())
    return pa.Array.from_buffers(kind or pa.string(), len(values), held.buffers())


def is_text(value: bytes | None) -> bool:
    try:
        (value or b"").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@given(
    st.lists(st.none() | st.binary(max_size=4) | st.text(max_size=3).map(str.encode), max_size=40),
    st.sampled_from([pa.string(), pa.large_string()]),
    st.integers(0, 5),
)
def test_exactly_the_rows_are_found_whose_bytes_python_would_not_read(
    values: list[bytes | None], kind: pa.DataType, cut: int
) -> None:
    column = texts(values, kind)[cut:]
    batch = pa.RecordBatch.from_arrays([column], ["it"])
    sound, found = readable(batch, 100)
    wrong = [at for at, value in enumerate(values[cut:]) if not is_text(value)]
    assert sorted(found) == [100 + at for at in wrong]
    kept = [
        None if value is None or not is_text(value) else value.decode() for value in values[cut:]
    ]
    assert sound.column(0).to_pylist() == kept


def test_a_text_inside_of_a_list_a_struct_or_a_dictionary_is_found_too() -> None:
    nested = pa.ListArray.from_arrays(pa.array([0, 1, 2]), texts([b"a", KOREAN]))
    struct = pa.StructArray.from_arrays([texts([KOREAN, b"a"])], ["inner"])
    codes = pa.array([0, 1], pa.int32())
    words = pa.DictionaryArray.from_arrays(codes, texts([b"a", KOREAN]), safe=False)
    batch = pa.RecordBatch.from_arrays([nested, struct, words], ["list", "struct", "word"])
    _, found = readable(batch, 0)
    assert {row: [each.pointer for each in told] for row, told in found.items()} == {
        0: ["/struct"],
        1: ["/list", "/word"],
    }


def observations(rows: int) -> pa.Table:
    columns: dict[str, Any] = {
        "data_item": ["urn:example:x"] * rows,
        "kind": ["number"] * rows,
        "number": [1.5] * rows,
        "unit": ["mm"] * rows,
        "status": ["good"] * rows,
        "source": ["urn:example:agent"] * rows,
    }
    given: Any = {name: pa.array(values) for name, values in columns.items()}
    given["native_value"] = pa.array(["1.5"] * rows)
    from numpy import arange

    return pa.Table.from_batches([assemble(1_709_600_000_000_000_000 + arange(rows) * 1000, given)])


def hurt(table: pa.Table, name: str, row: int, path: Path) -> Path:
    """A file of the table in which one text is CP949."""
    values = [None if each is None else each.encode() for each in table[name].to_pylist()]
    values[row] = KOREAN
    index = table.schema.get_field_index(name)
    pq.write_table(table.set_column(index, table.schema.field(index), texts(values)), path)
    return path


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["native_value", "unit", "event_id", "data_item", "kind"])
def test_a_text_of_another_encoding_is_a_finding_in_its_row(
    name: str, engine: Any, tmp_path: Path
) -> None:
    assert name in SCHEMA.names
    path = hurt(observations(300), name, 123, tmp_path / "hurt.parquet")
    report = validate_table(path, engine=engine, together=False)
    assert report.counts == {("json.utf8", Severity.ERROR): 1}
    (told,) = report.findings
    assert (told.source.row, told.source.row_group, told.pointer) == (123, 0, f"/{name}")
    assert told.found == Text("bytes c1 a4 c1 f6", "바이트 c1 a4 c1 f6")
    assert told.hint is not None
    assert "CP949" in told.hint.en
    assert (report.valid.total(), report.invalid.total()) == (299, 1)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("inside", [False, True])
def test_in_a_table_of_an_entity_it_is_found_likewise(
    engine: Any, inside: bool, tmp_path: Path
) -> None:
    rows = 5
    items: list[bytes | None] = [b"urn:a:1", b"urn:a:2", KOREAN, b"urn:a:3", None]
    kinds: list[bytes | None] = [b"Equipment"] * rows
    if inside:
        kinds[2], items[2] = KOREAN, None
    machine = pa.StructArray.from_arrays(
        [texts([b"urn:a:machine"] * rows), texts(kinds)], ["id", "kind"]
    )
    table = pa.table(
        {
            "id": [f"urn:a:{n}" for n in range(rows)],
            "equipment": machine,
            "eventTime": ["2026-11-22T09:00:00+09:00"] * rows,
            "state": [{"procedural": "held", "summary": "not_executing"}] * rows,
            "quality": [{"status": "good"}] * rows,
            "dataItem": texts(items),
        }
    )
    path = tmp_path / "events.parquet"
    pq.write_table(table, path)
    report = validate_table(path, schema="state-event", engine=engine, together=False)
    found = [(each.rule, each.source.row, each.pointer) for each in report.findings]
    assert found == [("json.utf8", 2, "/equipment" if inside else "/dataItem")]
    assert report.invalid.total() == 1
