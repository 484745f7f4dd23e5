"""MTConnect names its units in words, the standard in UCUM: here one becomes the other, exactly.

The words are data: ``schemas/vocabularies/mtconnect-units.json``. Factors are fractions of
integers, so that a conversion is composed without rounding and rounds once, when it meets a value.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from mfgstd.standard.resources import root

if TYPE_CHECKING:
    from collections.abc import Mapping

Floats: TypeAlias = npt.NDArray[np.float64]

#: Vendors put their own words into a namespace: ``x:METER``. The standard's words never have one.
_PREFIXED: Final = re.compile(r"[A-Za-z_][\w.-]*:(.+)")
_POWER: Final = re.compile(r"(.+)\^([1-9])")
#: Splits a double into two halves of 26 bits (Dekker 1971).
_SPLIT: Final = 134217729.0
#: Beyond it the splitting would overflow; there the plain product is correct to 1.5 ulp.
_LARGE: Final = 2.0**960


@dataclass(frozen=True, slots=True)
class Unit:
    """One MTConnect unit word.

    A value ``v`` in this unit is ``v * factor + offset`` in base units (metre, kilogram, second,
    ampere, kelvin, degree of arc). ``dimension`` holds the exponents of those. ``code`` is the
    UCUM code, ``None`` where UCUM has none; ``vector`` says that a value is three of them;
    ``quantity`` names what is measured (``length``, ``torque``).
    """

    word: str
    code: str | None
    dimension: Mapping[str, int]
    factor: Fraction
    offset: Fraction
    vector: bool = False
    quantity: str | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """``y = (x + offset) * numerator / denominator``, in exact arithmetic, rounded once."""

    numerator: int = 1
    denominator: int = 1
    offset: Fraction = Fraction(0)

    @property
    def factor(self) -> Fraction:
        """What one step of the source is in the target unit."""
        return Fraction(self.numerator, self.denominator)

    @property
    def is_identity(self) -> bool:
        """Whether values stay as they are, bit for bit."""
        return self.numerator == self.denominator and not self.offset

    def apply(self, values: Floats) -> Floats:
        """Convert a whole column of doubles.

        The result is within one unit in the last place of the exact one, and equal to it where
        that is a double: 1 in becomes 25.4 mm, and 32 degF exactly 0 Cel. Infinities and NaN
        stay what they are.
        """
        if self.is_identity:
            return values
        if not self.offset:
            # One factor of 1 leaves one IEEE operation, which rounds correctly by itself.
            if self.denominator == 1 and _is_double(self.numerator):
                return values * float(self.numerator)
            if self.numerator == 1 and _is_double(self.denominator):
                return values / float(self.denominator)
        with np.errstate(all="ignore"):
            return self._apply_exactly(values)

    def _apply_exactly(self, values: Floats) -> Floats:
        """Carry the rounding error of each step along, and add it last ("double-double")."""
        high, low = _two_doubles(self.factor)
        summed, lost = values, np.zeros_like(values)
        if self.offset:
            offset_high, offset_low = _two_doubles(self.offset)
            summed, lost = _two_sum(values, offset_high)
            lost = lost + offset_low
        product, error = _two_product(summed, high)
        exact = product + (error + (summed * low + lost * high))
        usable = np.abs(summed) < _LARGE
        if usable.all():
            return exact
        plain: Floats = (values + float(self.offset)) * float(self.factor)
        chosen: Floats = np.where(usable, exact, plain)
        return chosen


IDENTITY: Final = Conversion()


def unit(word: str) -> Unit | None:
    """What a unit word means; ``None`` for one that neither the table nor its grammar knows.

    The grammar: ``A/B`` is a ratio, ``A_B`` a product, ``A^2``, ``SQUARE_A`` and ``CUBIC_A``
    are powers, ``KILOA`` is a prefix, ``A_3D`` a vector. A vendor's namespace is taken off:
    ``x:METER`` can hardly mean anything but a metre.
    """
    if match := _PREFIXED.fullmatch(word):
        word = match[1]
    if len(word) > 80:
        return None
    return _unit(word)


def conversion(source: str, target: str, scale: float | None = None) -> Conversion | None:
    """How values in the unit word ``source`` become values in ``target``.

    ``scale`` is the ``nativeScale`` of a DataItem: a controller that counts hundreds of feet
    declares ``FOOT`` with a scale of 100, so its reading is multiplied first (MTConnect Part 2,
    DataItem; the reference agent does the same). ``None`` where the two words measure different
    things, or one of them is not known.
    """
    multiplier = Fraction(1) if scale is None else Fraction(str(scale))
    if source == target:
        return _conversion(multiplier, Fraction(0))
    first, second = unit(source), unit(target)
    if first is None or second is None or first.dimension != second.dimension:
        return None
    if first.vector != second.vector:
        return None
    return _conversion(
        multiplier * first.factor / second.factor,
        (first.offset - second.offset) / second.factor,
    )


def _conversion(factor: Fraction, added: Fraction) -> Conversion | None:
    """``y = x * factor + added`` in the form that rounds best: the offset goes first."""
    if not factor:
        return None
    return Conversion(factor.numerator, factor.denominator, added / factor)


@cache
def vocabulary() -> Mapping[str, Any]:
    """The table of unit words as it is authored."""
    path = root("schemas") / "vocabularies" / "mtconnect-units.json"
    table: Mapping[str, Any] = json.loads(path.read_bytes())
    return table


def _fraction(given: Mapping[str, int]) -> Fraction:
    return Fraction(given["numerator"], given["denominator"])


@lru_cache(4096)
def _word(word: str) -> Unit | None:
    entry = vocabulary()["words"].get(word)
    if entry is None:
        return None
    return Unit(
        word=word,
        code=entry["ucum"],
        dimension=entry["dimension"],
        factor=_fraction(entry["factor"]),
        offset=_fraction(entry["offset"]) if "offset" in entry else Fraction(0),
        quantity=entry.get("quantity"),
    )


@lru_cache(4096)
def _unit(word: str) -> Unit | None:
    if word.endswith("_3D"):
        single = _unit(word.removesuffix("_3D"))
        if single is None:
            return None
        return replace(single, word=word, vector=True)
    if known := _word(word):
        return known
    above, slash, below = word.partition("/")
    if slash:
        first, second = _power(above), _power(below)
        return _ratio(word, first, second) if first and second else None
    return _power(word)


def _power(word: str) -> Unit | None:
    exponent, rest = 1, word
    if word.startswith("SQUARE_"):
        exponent, rest = 2, word.removeprefix("SQUARE_")
    elif word.startswith("CUBIC_"):
        exponent, rest = 3, word.removeprefix("CUBIC_")
    elif match := _POWER.fullmatch(word):
        exponent, rest = int(match[2]), match[1]
    single = _word(rest) or _with_prefix(rest) or _product(rest)
    if single is None or exponent == 1:
        return single
    code = single.code
    if code is not None:
        code = f"({code}){exponent}" if any(sign in code for sign in "./") else f"{code}{exponent}"
    dimension = {name: each * exponent for name, each in single.dimension.items()}
    return Unit(word, code, dimension, single.factor**exponent, Fraction(0))


def _with_prefix(word: str) -> Unit | None:
    for prefix, meaning in vocabulary()["prefixes"].items():
        if not word.startswith(prefix):
            continue
        rest = word.removeprefix(prefix).removeprefix("_")
        single = _word(rest)
        if single is None or not vocabulary()["words"][rest].get("prefixable"):
            continue
        factor = Fraction(10) ** meaning["exponent"] * single.factor
        return Unit(word, f"{meaning['ucum']}{single.code}", single.dimension, factor, Fraction(0))
    return None


def _product(word: str) -> Unit | None:
    first_word, underscore, second_word = word.partition("_")
    if not underscore:
        return None
    first = _word(first_word) or _with_prefix(first_word)
    second = _word(second_word) or _with_prefix(second_word)
    if first is None or second is None:
        return None
    code = f"{first.code}.{second.code}" if first.code and second.code else None
    dimension = _join(first.dimension, second.dimension, 1)
    return Unit(word, code, dimension, first.factor * second.factor, Fraction(0))


def _ratio(word: str, first: Unit, second: Unit) -> Unit:
    code = None
    if first.code and second.code:
        below = second.code
        code = (
            f"{first.code}/({below})" if any(s in below for s in "./") else f"{first.code}/{below}"
        )
    dimension = _join(first.dimension, second.dimension, -1)
    return Unit(word, code, dimension, first.factor / second.factor, Fraction(0))


def _join(first: Mapping[str, int], second: Mapping[str, int], sign: int) -> dict[str, int]:
    joined = {name: first.get(name, 0) + sign * second.get(name, 0) for name in {*first, *second}}
    return {name: exponent for name, exponent in joined.items() if exponent}


def _is_double(value: int) -> bool:
    """Whether an integer is a double as it stands."""
    return value.bit_length() <= 53


def _two_doubles(value: Fraction) -> tuple[float, float]:
    """A fraction as the sum of two doubles: about 106 bits of it."""
    high = float(value)
    return high, float(value - Fraction(high))


def _two_sum(left: Floats, right: float) -> tuple[Floats, Floats]:
    """A rounded sum and what the rounding lost, exactly (Knuth)."""
    total = left + right
    back = total - left
    return total, (left - (total - back)) + (right - back)


def _two_product(left: Floats, right: float) -> tuple[Floats, Floats]:
    """A rounded product and what the rounding lost, exactly (Dekker)."""
    product = left * right
    left_high = _SPLIT * left - (_SPLIT * left - left)
    left_low = left - left_high
    right_high = _SPLIT * right - (_SPLIT * right - right)
    right_low = right - right_high
    error = (
        (left_high * right_high - product) + left_high * right_low + left_low * right_high
    ) + left_low * right_low
    return product, error
