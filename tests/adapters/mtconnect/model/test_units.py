from __future__ import annotations

import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from mfgstd_adapters.mtconnect.model.units import Conversion, conversion, unit, vocabulary

# Written by hand, from the definitions of the units.
BY_HAND = [
    ("INCH", "MILLIMETER", 1.0, 25.4),
    ("INCH_3D", "MILLIMETER_3D", 10.0, 254.0),
    ("FOOT", "MILLIMETER", 1.0, 304.8),
    ("METER", "MILLIMETER", 0.5, 500.0),
    ("CENTIMETER", "MILLIMETER", 1.0, 10.0),
    ("INCH/MINUTE", "MILLIMETER/SECOND", 60.0, 25.4),
    ("MILLIMETER/MINUTE", "MILLIMETER/SECOND", 60.0, 1.0),
    ("FOOT/MINUTE^2", "MILLIMETER/SECOND^2", 3600.0, 304.8),
    ("CUBIC_INCH", "CUBIC_MILLIMETER", 1.0, 16387.064),
    ("CUBIC_FOOT/MINUTE", "CUBIC_MILLIMETER/SECOND", 60.0, 28316846.592),
    ("SQUARE_FOOT", "SQUARE_MILLIMETER", 1.0, 92903.04),
    ("DEGREE/MINUTE", "DEGREE/SECOND", 60.0, 1.0),
    ("REVOLUTION/SECOND", "REVOLUTION/MINUTE", 7.0, 420.0),
    ("DEGREE/SECOND", "REVOLUTION/MINUTE", 6.0, 1.0),
    ("RADIAN", "DEGREE", math.pi, 180.0),
    ("MICRO_RADIAN", "DEGREE", math.pi * 1e6, 180.0),
    ("FAHRENHEIT", "CELSIUS", 212.0, 100.0),
    ("FAHRENHEIT", "CELSIUS", 32.0, 0.0),
    ("FAHRENHEIT", "CELSIUS", -40.0, -40.0),
    ("KELVIN", "CELSIUS", 0.0, -273.15),
    ("KILOAMPERE", "AMPERE", 0.13, 130.0),
    ("MILLIAMPERE", "AMPERE", 5.0, 0.005),
    ("KILOWATT", "WATT", 1.5, 1500.0),
    ("KILOWATT_HOUR", "WATT_SECOND", 1.0, 3.6e6),
    ("KILOWATT_HOUR", "JOULE", 1.0, 3.6e6),
    ("KILOWATT/HOUR", "WATT/SECOND", 3.6, 1.0),
    ("AMPERE_HOUR", "COULOMB", 1.0, 3600.0),
    ("HOUR", "SECOND", 1.0, 3600.0),
    ("BAR", "PASCAL", 1.0, 1e5),
    ("TORR", "PASCAL", 760.0, 101325.0),
    ("CENTIPOISE", "PASCAL_SECOND", 1.0, 0.001),
    ("POUND", "KILOGRAM", 1.0, 0.45359237),
    ("GALLON/MINUTE", "LITER/SECOND", 60.0, 3.785411784),
    ("PINT", "LITER", 8.0, 3.785411784),
    ("GRAVITATIONAL_ACCELERATION", "METER/SECOND^2", 1.0, 9.80665),
    ("x:METER", "MILLIMETER", 1.0, 1000.0),
]


def convert(source: str, target: str, value: float, scale: float | None = None) -> float:
    how = conversion(source, target, scale)
    assert how is not None
    return float(how.apply(np.array([value]))[0])


@pytest.mark.parametrize(("source", "target", "value", "expected"), BY_HAND)
def test_units_convert_as_a_handbook_says(
    source: str, target: str, value: float, expected: float
) -> None:
    assert convert(source, target, value) == pytest.approx(expected, rel=4e-16, abs=0)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("VOLT_AMPERE", "WATT"),
        ("VOLT_AMPERE_REACTIVE", "VOLT_AMPERE"),
        ("COUNT", "PERCENT"),
        ("MILLIMETER", "DEGREE"),
        ("MILLIMETER", "MILLIMETER_3D"),
        ("OTHER", "NEWTON"),
        ("GRAVITATIONAL_FORCE", "NEWTON"),
        ("x:FURLONG", "MILLIMETER"),
    ],
)
def test_what_measures_different_things_does_not_convert(source: str, target: str) -> None:
    assert conversion(source, target) is None


def test_a_controller_that_counts_hundreds_of_feet_declares_a_scale_of_100() -> None:
    assert convert("FOOT", "MILLIMETER", 1.0, 100.0) == 30480.0
    assert convert("MILLIMETER", "MILLIMETER", 250.0, 0.1) == 25.0
    assert convert("x:UNKNOWN", "x:UNKNOWN", 2.0, 10.0) == 20.0


def test_a_scale_of_zero_is_no_conversion() -> None:
    assert conversion("FOOT", "MILLIMETER", 0.0) is None


def test_the_same_unit_changes_no_bit() -> None:
    values = np.array([0.1, -0.0, 5e-324, math.inf, math.nan])
    how = conversion("MILLIMETER", "MILLIMETER")
    assert how is not None
    assert how.is_identity
    assert how.apply(values) is values


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("MILLIMETER", "mm"),
        ("REVOLUTION/MINUTE", "{rev}/min"),
        ("DEGREE/SECOND", "deg/s"),
        ("PERCENT", "%"),
        ("CELSIUS", "Cel"),
        ("KILOWATT_HOUR", "kW.h"),
        ("MILLIMETER_3D", "mm"),
        ("COUNT", "1"),
        ("KILOAMPERE", "kA"),
        ("CUBIC_INCH", "[in_i]3"),
        ("FOOT/MINUTE^2", "[ft_i]/min2"),
        ("NEWTON/METER", "N/m"),
        ("KILOWATT/HOUR", "kW/h"),
        ("TORR", None),
    ],
)
def test_words_have_the_ucum_code_of_their_meaning(word: str, code: str | None) -> None:
    found = unit(word)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("nonsense", ["", "/", "_", "^2", "FOO", "SQUARE_", "METER/", "A" * 10_000])
def test_nonsense_is_no_unit(nonsense: str) -> None:
    assert unit(nonsense) is None


def published(corpus: Path, version: str, enumeration: str) -> list[str]:
    schema = etree.parse(corpus / "mtconnect" / "xsd" / f"MTConnectDevices_{version}_1.0.xsd")
    (found,) = schema.iterfind(f".//{{*}}simpleType[@name='{enumeration}']")
    return [str(each.get("value")) for each in found.iter("{*}enumeration")]


@pytest.mark.parametrize("version", ["1.8", "2.3"])
@pytest.mark.parametrize("enumeration", ["UnitsEnum", "NativeUnitsEnum"])
def test_every_word_of_the_published_schemas_is_in_the_table(
    corpus: Path, version: str, enumeration: str
) -> None:
    words = published(corpus, version, enumeration)
    assert len(words) > 40
    table = vocabulary()["words"]
    assert [word for word in words if word.removesuffix("_3D") not in table] == []


def test_every_word_of_units_names_its_quantity(corpus: Path) -> None:
    words = published(corpus, "2.3", "UnitsEnum")
    assert [word for word in words if (found := unit(word)) is None or not found.quantity] == []


def test_every_code_is_printable_ascii_without_spaces() -> None:
    codes = [entry["ucum"] for entry in vocabulary()["words"].values()]
    assert all(code is None or re.fullmatch("[!-~]+", code) for code in codes)


PINT_NAMES = {
    "CELSIUS": "degC",
    "FAHRENHEIT": "degF",
    "INCH_POUND": "inch * pound_force",
    "POUND/INCH^2": "pound_force / inch ** 2",
    "MILLIMETER_MERCURY": "millimeter_Hg",
    "GRAVITATIONAL_ACCELERATION": "g_0",
    "PINT": "pint",
    "COUNT": "count",
    "COUNT/SECOND": "count / second",
    "REVOLUTION": "turn",
}
# What another library calls something else, or has no counterpart for.
NOT_IN_PINT = {
    "DECIBEL", "PH", "OTHER", "GRAVITATIONAL_FORCE", "UNIT_VECTOR", "VOLT_AMPERE",
    "VOLT_AMPERE_REACTIVE", "PERCENT",
}  # fmt: skip
BASE = {
    "length": "meter", "mass": "kilogram", "time": "second", "current": "ampere",
    "temperature": "kelvin", "angle": "degree", "count": "count",
}  # fmt: skip


def as_pint(word: str) -> str:
    if word in PINT_NAMES:
        return PINT_NAMES[word]
    text = word.lower().replace("revolution", "turn").replace("^", "**").replace("/", " / ")
    text = re.sub(r"cubic_(\w+)", r"\1**3", text)
    text = text.replace("micro_radian", "microradian")
    return text.replace("_", " * ")


@pytest.fixture(scope="module")
def registry() -> Any:
    pint = pytest.importorskip("pint")
    return pint.UnitRegistry()


@pytest.mark.parametrize("word", sorted(set(vocabulary()["words"]) - NOT_IN_PINT))
def test_factors_agree_with_another_library(registry: Any, word: str) -> None:
    ours = unit(word)
    assert ours is not None
    base = registry.Unit("dimensionless")
    for dimension, exponent in ours.dimension.items():
        base = base * registry.Unit(BASE[dimension]) ** exponent
    for value in (0.0, 1.0) if ours.offset else (1.0,):
        theirs = registry.Quantity(value, as_pint(word)).to(base).magnitude
        assert float(Fraction(value) * ours.factor + ours.offset) == pytest.approx(theirs, rel=1e-9)


factors = st.integers(1, 10**12)
doubles = st.floats(
    min_value=-1e200, max_value=1e200, allow_nan=False, allow_infinity=False
).filter(lambda value: value == 0 or abs(value) > 1e-200)


def ulps(found: float, exact: Fraction) -> float:
    if found == exact:
        return 0.0
    return float(abs(Fraction(found) - exact) / Fraction(math.ulp(float(exact))))


@given(value=doubles, numerator=factors, denominator=factors)
@example(value=0.1, numerator=127, denominator=5)
@example(value=1.0, numerator=14323944878270580219199538703526292583101368116641, denominator=1)
def test_a_factor_is_within_one_ulp_and_exact_where_a_double_can_be(
    value: float, numerator: int, denominator: int
) -> None:
    how = Conversion(numerator, denominator)
    found = float(how.apply(np.array([value]))[0])
    exact = Fraction(value) * Fraction(numerator, denominator)
    assert ulps(found, exact) <= 1
    if Fraction(float(exact)) == exact:
        assert found == exact


offsets = st.fractions(min_value=-1000, max_value=1000, max_denominator=10_000)
temperatures = st.floats(min_value=-1e6, max_value=1e6).filter(
    lambda value: value == 0 or abs(value) > 1e-6
)


@given(value=temperatures, numerator=factors, denominator=factors, offset=offsets)
@example(value=32.0, numerator=5, denominator=9, offset=Fraction(-32))
@example(value=273.15, numerator=1, denominator=1, offset=Fraction("-273.15"))
def test_an_offset_costs_no_precision_even_near_zero(
    value: float, numerator: int, denominator: int, offset: Fraction
) -> None:
    found = float(Conversion(numerator, denominator, offset).apply(np.array([value]))[0])
    exact = (Fraction(value) + offset) * Fraction(numerator, denominator)
    # Cancellation may leave fewer digits than a double has; what is left is still right.
    assert abs(Fraction(found) - exact) <= max(
        Fraction(math.ulp(float(exact))), abs(offset) * Fraction(numerator, denominator) / 2**98
    )


def test_infinities_and_nan_pass_through() -> None:
    values = np.array([math.inf, -math.inf, math.nan, 1e300, 1.0])
    found = Conversion(127, 5).apply(values)
    assert found[0] == math.inf
    assert found[1] == -math.inf
    assert math.isnan(found[2])
    assert found[3] == pytest.approx(2.54e301)
    assert found[4] == 25.4
