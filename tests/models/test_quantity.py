"""Quantities say themselves in another unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mfgstd.errors import UnitMismatch, UnknownUnit
from mfgstd.models import Quantity
from mfgstd.models.primitives import Uncertainty


def test_an_inch_is_25_4_millimetres() -> None:
    assert Quantity(value=1.0, unit="[in_i]").to("mm") == Quantity(value=25.4, unit="mm")


def test_an_uncertainty_is_scaled_but_not_shifted() -> None:
    doubt = Uncertainty(value=0.9, coverage_factor=2.0, type="expanded")
    made = Quantity(value=212.0, unit="[degF]", uncertainty=doubt).to("Cel")
    assert made.value == 100.0
    assert made.uncertainty == Uncertainty(value=0.5, coverage_factor=2.0, type="expanded")


def test_decimals_of_another_unit_say_nothing() -> None:
    quantity = Quantity(value=25.4, unit="mm", decimals=1)
    assert quantity.to("mm") is quantity
    assert quantity.to("m").decimals is None


@given(st.floats(min_value=-1e200, max_value=1e200, allow_subnormal=False))
def test_there_and_back_is_close(value: float) -> None:
    there = Quantity(value=value, unit="kW.h").to("J")
    assert there.to("kW.h").value == pytest.approx(value, rel=1e-15, abs=1e-300)


@pytest.mark.parametrize(("unit", "error"), [("s", UnitMismatch), ("mm/sec", UnknownUnit)])
def test_what_does_not_convert_is_an_error(unit: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Quantity(value=1.0, unit="mm").to(unit)


def test_what_is_too_large_for_a_double_is_an_error() -> None:
    with pytest.raises(ValidationError):
        Quantity(value=1e308, unit="km").to("nm")
