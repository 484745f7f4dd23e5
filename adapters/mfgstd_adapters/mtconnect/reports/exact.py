"""Converting what was *written*, not the double nearest to it.

``1.2345`` in inches is 31.3563 mm. The double nearest to 1.2345 times 25.4 is not: binary
rounding comes in before the conversion. So a decimal that is short enough is taken as the whole
number and the power of ten that it is, converted in whole numbers, and divided once at the end;
IEEE 754 rounds that division correctly, and the result is the double nearest to the true one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from mfgstd_adapters.mtconnect.model.units import Conversion, Floats

#: What is taken as whole numbers; longer decimals lose nothing by the ordinary way.
_SHORT: Final = r"^-?[0-9]{1,15}(?:\.[0-9]{0,9})?\z"
_ZERO: Final = pa.scalar("0")
_POWERS: Final = 10.0 ** np.arange(10)
#: Below this every whole number is a double.
_EXACT: Final = float(2**53)


def apply(conversion: Conversion, text: pa.Array, numbers: Floats) -> Floats:
    """Convert a column of decimals.

    Args:
        conversion: from the native unit to the unit of the data item.
        text: what the source wrote.
        numbers: the doubles nearest to it, for what is too long to be taken in whole numbers.

    Returns:
        for short decimals the double nearest to the exact result, else what
        :meth:`Conversion.apply` gives for ``numbers``.
    """
    converted = conversion.apply(numbers)
    if conversion.is_identity or len(text) == 0:
        return converted
    short = pc.match_substring_regex(text, _SHORT)
    plain = pc.if_else(short, text, _ZERO)
    point = pc.find_substring(plain, ".").to_numpy()
    length = pc.binary_length(plain).to_numpy()
    places = np.where(point < 0, 0, length - point - 1)
    whole = pc.replace_substring(plain, ".", "").cast(pa.int64()).to_numpy().astype(np.float64)
    power = _POWERS[places]
    # (whole / power + p / q) * numerator / denominator, over one denominator.
    p, q = conversion.offset.numerator, conversion.offset.denominator
    with np.errstate(all="ignore"):
        above = (whole * float(q) + float(p) * power) * float(conversion.numerator)
        below = power * float(q) * float(conversion.denominator)
        largest = (np.abs(whole) * float(q) + abs(float(p)) * power) * float(conversion.numerator)
        usable = (largest < _EXACT) & (below < _EXACT) & short.to_numpy(zero_copy_only=False)
        chosen: Floats = np.where(usable, above / below, converted)
    return chosen
