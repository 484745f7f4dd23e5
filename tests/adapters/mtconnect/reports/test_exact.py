"""What was written is converted, not the double nearest to it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd_adapters.mtconnect.model.units import Conversion, conversion
from mfgstd_adapters.mtconnect.reports import exact

PAIRS = [
    ("INCH", "MILLIMETER"),
    ("FAHRENHEIT", "CELSIUS"),
    ("INCH/MINUTE", "MILLIMETER/SECOND"),
    ("DEGREE/MINUTE", "DEGREE/SECOND"),
    ("FOOT/MINUTE", "MILLIMETER/SECOND"),
    ("KILOWATT", "WATT"),
    ("MINUTE", "SECOND"),
]


def _conversion(source: str, target: str) -> Conversion:
    found = conversion(source, target)
    assert found is not None
    return found


def _converted(how: Conversion, *written: str) -> list[float]:
    numbers = np.array([float(each) for each in written])
    converted: list[float] = exact.apply(how, pa.array(written), numbers).tolist()
    return converted


def test_an_inch_and_a_bit_is_what_a_machinist_says_it_is() -> None:
    assert _converted(_conversion("INCH", "MILLIMETER"), "1.2345", "-1.2345", "0.1", "1") == [
        31.3563,
        -31.3563,
        2.54,
        25.4,
    ]


def test_body_temperature_is_37_degrees_to_the_last_bit() -> None:
    assert _converted(_conversion("FAHRENHEIT", "CELSIUS"), "98.6", "32", "-40") == [37.0, 0, -40.0]


@pytest.mark.parametrize(("source", "target"), PAIRS)
@given(
    whole=st.integers(-(10**7), 10**7),
    decimals=st.integers(0, 4),
)
def test_a_short_decimal_becomes_the_double_nearest_to_the_true_value(
    source: str, target: str, whole: int, decimals: int
) -> None:
    how = _conversion(source, target)
    value = Fraction(whole, 10**decimals)
    written = f"{'-' if whole < 0 else ''}{abs(whole) // 10**decimals}"
    if decimals:
        written += f".{abs(whole) % 10**decimals:0{decimals}d}"
    true = (value + how.offset) * how.factor
    assert _converted(how, written) == [float(true)]


@pytest.mark.parametrize("written", ["1e-5", "123456789012345678.5", "0.12345678901", ".5", "+2"])
def test_what_is_too_long_or_oddly_written_is_converted_as_a_double(written: str) -> None:
    how = _conversion("INCH", "MILLIMETER")
    (came,) = _converted(how, written)
    assert came == pytest.approx(float(written) * 25.4, rel=1e-15)
