"""Native texts as typed columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd_adapters.mtconnect.model.devices import read_devices
from mfgstd_adapters.mtconnect.reports.data_sets import canonical, cell
from mfgstd_adapters.mtconnect.reports.values import convert

MODEL = b"""<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.3">
<Header instanceId="1" version="2.3"/><Devices><Device id="d" name="mill" uuid="m-1"><DataItems>
<DataItem id="x" category="SAMPLE" type="POSITION" units="MILLIMETER" nativeUnits="INCH"/>
<DataItem id="t" category="SAMPLE" type="TEMPERATURE" units="CELSIUS" nativeUnits="FAHRENHEIT"/>
<DataItem id="n" category="EVENT" type="PART_COUNT"/>
<DataItem id="b" category="EVENT" type="BLOCK"/>
</DataItems></Device></Devices></MTConnectDevices>"""
X, T, N, B = range(4)


@pytest.fixture(scope="module")
def items() -> Any:
    return read_devices(MODEL)[0].items


def one(items: Any, which: int, text: str, *, native: bool = True) -> dict[str, Any]:
    found = convert(items, np.array([which], np.int32), pa.array([text]), native=native)
    return {name: column[0].as_py() for name, column in found.columns.items()}


def test_native_units_convert_exactly(items: Any) -> None:
    assert one(items, X, "1")["number"] == 25.4
    assert one(items, T, "32")["number"] == 0.0
    assert one(items, T, "212")["number"] == 100.0


def test_an_agent_has_converted_already(items: Any) -> None:
    row = one(items, X, "1", native=False)
    assert (row["number"], row["unit"], row["native_unit"]) == (1.0, "mm", "MILLIMETER")


def test_a_count_beyond_64_bits_is_kept_as_a_decimal(items: Any) -> None:
    assert items[N].kind == "integer"
    row = one(items, N, "18446744073709551615")
    assert (row["kind"], row["decimal"], row["integer"]) == (
        "decimal",
        "18446744073709551615",
        None,
    )
    assert one(items, N, "-7")["integer"] == -7


def test_a_count_in_hexadecimal_is_not_guessed_at(items: Any) -> None:
    row = one(items, N, "0x1F")
    assert (row["kind"], row["reason"], row["native_value"]) == ("none", "not_convertible", "0x1F")


@pytest.mark.parametrize("text", ["nan", "inf", "1e999", "1,5", "1_0", "", " 1", "0x10", "--1"])
def test_what_is_no_number_never_becomes_one(items: Any, text: str) -> None:
    row = one(items, X, text)
    assert (row["kind"], row["number"], row["status"]) == ("none", None, "bad")


@given(st.lists(st.tuples(st.integers(0, 3), st.text(max_size=8)), max_size=30))
def test_a_row_is_read_the_same_alone_and_in_company(rows: list[tuple[int, str]]) -> None:
    model = read_devices(MODEL)[0].items
    which = np.array([item for item, _ in rows], np.int32)
    texts = pa.array([text for _, text in rows], pa.string())
    together = convert(model, which, texts, native=True).columns
    for position, (item, text) in enumerate(rows):
        alone = one(model, item, text)
        for name in ("kind", "number", "text", "status", "reason", "unit"):
            column = together.get(name)
            found = None if column is None else column[position].as_py()
            assert found == alone.get(name), name


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_that_is_written_is_read_back(number: float) -> None:
    model = read_devices(MODEL)[0].items
    row = one(model, X, repr(number), native=False)
    assert row["number"] == number


def test_cells_stay_numbers_only_where_json_gives_them_back() -> None:
    assert [cell(each) for each in ("1", "-2.5", "1.50", "007", "1e3", "9007199254740993")] == [
        1,
        -2.5,
        "1.50",
        "007",
        "1e3",
        "9007199254740993",
    ]


@pytest.mark.parametrize("text", ["a={b", "a='b", "=1", "a=1}", "{}", "a=b c='"])
def test_a_broken_data_set_is_not_guessed_at(text: str) -> None:
    assert canonical(text, table=False)[0] is None


def test_a_table_entry_must_be_a_row() -> None:
    assert canonical("r=1", table=True)[0] is None
    assert canonical("r={a=1 b='x y'}", table=True)[0] == '{"r":{"a":1,"b":"x y"}}'


@given(st.text(max_size=40), st.booleans())
def test_no_data_set_raises(text: str, table: bool) -> None:
    canonical(text, table=table)
