"""Units: the laws of conversion, what is known, and names elsewhere."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mfgstd.errors import UnitMismatch, UnknownUnit
from mfgstd.standard import units
from mfgstd.standard._ucum import NotUcum
from tests.standard import units_table

CODES = list(units.units())
WRITTEN: dict[str, Any] = json.loads(units_table.TABLE.read_bytes())


# --- conversion


PAIRS = [(a, b) for a in CODES for b in CODES if units.unit(a).dimension == units.unit(b).dimension]
exact = st.fractions(min_value=-(10**9), max_value=10**9)


@given(st.sampled_from(PAIRS), exact)
def test_there_and_back_is_the_same(pair: tuple[str, str], value: Fraction) -> None:
    there = units.convert(value, *pair)
    assert units.convert(there, pair[1], pair[0]) == value


@given(st.sampled_from(PAIRS), st.data(), exact)
def test_a_detour_changes_nothing(pair: tuple[str, str], data: Any, value: Fraction) -> None:
    onward = data.draw(st.sampled_from([c for c in CODES if units.commensurable(pair[1], c)]))
    detour = units.convert(units.convert(value, *pair), pair[1], onward)
    assert detour == units.convert(value, pair[0], onward)


@given(st.sampled_from(PAIRS), st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_comes_out_as_the_nearest_double(pair: tuple[str, str], value: float) -> None:
    true = units.convert(Fraction(value), *pair)
    made = units.convert(value, *pair)
    if math.isinf(made):
        assert abs(true) > Fraction(sys.float_info.max)
        return
    assert abs(Fraction(made) - true) <= abs(Fraction(math.nextafter(made, math.inf)) - true)
    assert abs(Fraction(made) - true) <= abs(Fraction(math.nextafter(made, -math.inf)) - true)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_what_is_not_finite_stays(value: float) -> None:
    made = units.convert(value, "[degF]", "Cel")
    assert made == value or (math.isnan(made) and math.isnan(value))


def test_what_is_too_large_becomes_infinite() -> None:
    assert units.convert(-1e308, "km", "nm") == -math.inf


def test_a_decimal_stays_exact() -> None:
    assert units.convert(Decimal(1), "[in_i]", "mm") == Decimal("25.4")
    assert units.convert(Decimal("25.40"), "Cel", "[degF]") == Decimal("77.72")
    assert str(units.convert(Decimal(1), "h", "d")).startswith("0.041666")


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_units_convert_exactly_when_they_are_commensurable(first: str, second: str) -> None:
    assert units.commensurable(first, second) == units.commensurable(second, first)
    if units.commensurable(first, second):
        assert isinstance(units.convert(1.0, first, second), float)
    else:
        with pytest.raises(UnitMismatch):
            units.convert(1.0, first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("kW", "kV.A"), ("V.A", "V.A{reactive}"), ("mol/L", "1/L"), ("lm", "cd"),
        ("{rev}/min", "Hz"), ("dB", "dB[SPL]"), ("mm", "deg"), ("Cel", "%"), ("mm/{rev}", "mm"),
    ],
)  # fmt: skip
def test_what_must_not_convert_does_not(first: str, second: str) -> None:
    assert not units.commensurable(first, second)


def test_a_mismatch_says_what_the_two_measure() -> None:
    with pytest.raises(UnitMismatch, match="one measures torque, the other time"):
        units.convert(1.0, "N.m", "s")
    with pytest.raises(UnitMismatch, match="mass1"):
        units.convert(1.0, "kg.A", "s")


# --- what is known


@pytest.mark.parametrize(
    ("code", "factor"),
    [
        ("kW.h/kg", Fraction(3600000)),
        ("m3/(m2.h)", Fraction(1, 3600)),
        ("/min", Fraction(1, 60)),
        ("10*-6.m", Fraction(1, 10**6)),
        ("10^3", Fraction(1000)),
        ("2.m", Fraction(2)),
        ("m-2", Fraction(1)),
        ("um{peak}", Fraction(1, 10**6)),
        ("{parts}/h", Fraction(1, 3600)),
        ("kg/{part}", Fraction(1)),
        ("J/kg/K", Fraction(1)),
        ("dam", Fraction(10)),
        ("KiBy", Fraction(8192)),
        ("mCel", Fraction(1, 1000)),
        ("(m)", Fraction(1)),
        ("m2.s-1", Fraction(1)),
    ],
)
def test_any_ucum_expression_over_the_atoms_is_known(code: str, factor: Fraction) -> None:
    assert units.known(code)
    assert units.unit(code).factor == factor


@pytest.mark.parametrize(
    "code",
    [
        "", "mm/sec", "m m", "Cel/min", "dB/m", "m//s", "m/", "(m", "m)", "m.", "0", "m^2", "kmin",
        "k[in_i]", "µm", "°C", "m{", "m{é}", "m999999999", "10*99999", "MM", "x" * 65, "(" * 60,
        "[in_i", "1e3", "+", "{rev", "kilogram", "m-", "[pH].m",
    ],
)  # fmt: skip
def test_what_is_no_ucum_is_not_known(code: str) -> None:
    assert not units.known(code)
    with pytest.raises(UnknownUnit):
        units.unit(code)


def test_a_minute_is_no_milli_inch() -> None:
    assert units.unit("min").quantities == ("time",)
    assert units.unit("Pa").quantities == ("pressure",)
    assert units.find("cd") == units.units()["cd"]


@given(st.text(alphabet="kmsgA/.()[]{}0123456789*^-+_%'inhreCl ", max_size=20))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = units.find(text)
    assert found is None or found.factor > 0


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_a_quotient_of_units_is_the_quotient_of_their_factors(first: str, second: str) -> None:
    reader = units.reader(WRITTEN)
    above, below = reader.read(first), reader.read(second)
    assume(not (above.alone or below.alone) and len(first + second) < 60)
    made = reader.read(f"({first})/({second})")
    assert made.factor == above.factor / below.factor


def test_a_unit_with_an_offset_stands_alone() -> None:
    with pytest.raises(NotUcum, match="stands alone"):
        units.reader(WRITTEN).read("W/Cel")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("mm/sec", "mm/s"),
        ("rpm", "{rev}/min"),
        ("°C", "Cel"),
        ("kWh", "kW.h"),
        ("µm", "um"),
        ("N*m", "N.m"),
        ("Nm", "N.m"),
        ("m3/hr", "m3/h"),
        ("mm²", "mm2"),
        ("kVA", "kV.A"),
        ("psi", "[psi]"),
        ("inch", "[in_i]"),
        ("bars", "bar"),
        ("L /min", "L/min"),
    ],
)
def test_a_wrong_code_is_told_what_it_may_have_meant(wrong: str, right: str) -> None:
    with pytest.raises(UnknownUnit) as caught:
        units.unit(wrong)
    assert right in caught.value.near, caught.value.near
    assert f"Did you mean: {', '.join(caught.value.near)}?" in str(caught.value)


def test_a_hopeless_code_is_told_where_to_read() -> None:
    with pytest.raises(UnknownUnit, match=r"vocabularies\.md"):
        units.unit("가나다라마바사")


# --- quantities


@pytest.mark.parametrize(
    ("code", "quantity", "does"),
    [
        ("N.m", "torque", True),
        ("J", "torque", False),
        ("J", "energy", True),
        ("[ft_i].[lbf_av]", "torque", True),
        ("[ft_i].[lbf_av]", "energy", True),
        ("kN.cm", "torque", True),
        ("mm", "roughness", True),
        ("mm", "time", False),
        ("%", "count", False),
        ("%", "humidity", True),
        ("1", "count", True),
        ("1", "power_factor", True),
        ("Hz", "radioactivity", False),
        ("blob", "torque", True),
        ("mm", "https://plant.example.co.kr/quantities/beauty", True),
    ],
)
def test_a_unit_measures_its_quantities_and_their_kinds(
    code: str, quantity: str, *, does: bool
) -> None:
    assert units.measures(code, quantity) is does


@pytest.mark.parametrize("code", ["J", "blob"])
def test_a_word_that_is_no_quantity_is_an_error_with_a_near_one(code: str) -> None:
    with pytest.raises(units.UnknownQuantity, match="no quantity 'lenght'") as raised:
        units.measures(code, "lenght")
    assert raised.value.hint is not None
    assert "length" in raised.value.hint.en


def test_what_is_not_known_is_commensurable_with_everything() -> None:
    assert units.commensurable("blob", "mm")
    assert units.commensurable("mm", "blob")


# --- names elsewhere


def test_every_name_elsewhere_finds_its_unit() -> None:
    for mine in units.units().values():
        for name in mine.rec20:
            assert units.by_rec20(name.code) is mine
            assert units.by_unit_id(name.unit_id) is mine
        for word in mine.mtconnect:
            assert units.by_mtconnect(word) is mine
        if mine.qudt:
            assert units.by_qudt(mine.qudt) is mine


@pytest.mark.parametrize(
    ("look", "name", "said"),
    [
        (units.by_rec20, "MMTT", "UNECE Rec 20[\\s\\S]*MMT"),
        (units.by_mtconnect, "MILIMETER", "MTConnect[\\s\\S]*MILLIMETER"),
        (units.by_qudt, "http://qudt.org/vocab/unit/MILLIM", "QUDT"),
    ],
)
def test_a_name_that_is_not_there_is_told_what_it_may_have_meant(
    look: Any, name: str, said: str
) -> None:
    with pytest.raises(UnknownUnit, match=said):
        look(name)


@pytest.mark.parametrize("number", [0, -1, 5066069, 2**40, 0xFFFFFFFF])
def test_a_unit_id_that_is_not_there_is_said(number: int) -> None:
    with pytest.raises(UnknownUnit, match="unitId"):
        units.by_unit_id(number)


@pytest.mark.parametrize("code", ["", "MMTT", "m²", "M T"])
def test_what_is_no_code_has_no_unit_id(code: str) -> None:
    with pytest.raises(UnknownUnit):
        units.unit_id(code)


def test_reading_units_needs_no_library() -> None:
    """Only the standard library: adapters at the edge convert without pint."""
    code = (
        "import sys; from mfgstd.standard import units; units.convert(1.0, '[in_i]', 'mm');"
        "print(sorted({'pint', 'numpy', 'lxml', 'pydantic', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
