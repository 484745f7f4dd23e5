"""Units of measure: what a UCUM code means, what it is called elsewhere, and exact conversion.

The table is ``schemas/vocabularies/units.json``. Its rows are the units that manufacturing uses,
with their names in UNECE Recommendation 20, OPC UA, MTConnect and QUDT; any other UCUM expression
over the atoms of the table is known too (``kW.h/kg``, ``um/m``), only without such names. Factors
are fractions: a conversion rounds once, when it meets a double.

One thing is stricter than UCUM: ``{rev}`` standing alone is a full turn of 360 deg, so a
spindle's ``{rev}/min`` converts into ``deg/s`` and not into ``Hz``. And apparent and reactive
power (``V.A``, ``V.A{reactive}``) convert neither into watts nor into each other.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mfgstd.errors import StandardError, UnitMismatch, UnknownUnit
from mfgstd.language import Text
from mfgstd.standard._ucum import Atom, Magnitude, NotUcum, Reader
from mfgstd.standard.resources import root
from mfgstd.standard.vocabularies import quantities

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Conversion",
    "Rec20",
    "Unit",
    "UnknownQuantity",
    "by_mtconnect",
    "by_qudt",
    "by_rec20",
    "by_unit_id",
    "commensurable",
    "conversion",
    "convert",
    "find",
    "known",
    "measures",
    "unit",
    "unit_id",
    "units",
]

Value = TypeVar("Value", float, Fraction, Decimal)


class UnknownQuantity(StandardError):
    """The table of quantities has no such word, and it is no URI of one's own."""

    exit_code = 2

    def __init__(self, name: str) -> None:
        from mfgstd.near import nearest

        self.name = name
        super().__init__(
            Text(f"There is no quantity {name!r}.", f"{name!r} 물리량이 없습니다."),
            hint=nearest(name, list(quantities()))
            or Text(
                "schemas/vocabularies/quantities.json lists them; one of your own is a URI.",
                "schemas/vocabularies/quantities.json에 목록이 있습니다. 직접 정한 물리량은 "
                "URI로 씁니다.",
            ),
        )


@dataclass(frozen=True, slots=True)
class Rec20:
    """A unit's entry in UNECE Recommendation 20: the common code, and how OPC UA shows it."""

    code: str
    symbol: str
    name: str

    @property
    def unit_id(self) -> int:
        """The ``unitId`` of OPC UA's EUInformation (Part 8, 5.6.3)."""
        return unit_id(self.code)


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit. A value ``v`` in it is ``v * factor + offset`` in base units, exactly.

    ``dimension`` holds the exponents of the base units. A unit that is composed and has no row
    has no label, no names elsewhere and no quantities.
    """

    code: str
    dimension: Mapping[str, int]
    factor: Fraction
    offset: Fraction = Fraction(0)
    label: Text | None = None
    quantities: tuple[str, ...] = ()
    rec20: tuple[Rec20, ...] = ()
    mtconnect: tuple[str, ...] = ()
    qudt: str | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """``y = x * factor + offset``, in exact arithmetic."""

    factor: Fraction = Fraction(1)
    offset: Fraction = field(default=Fraction(0))


def units() -> Mapping[str, Unit]:
    """The rows of the table, UCUM code -> unit, in the order of the table."""
    return _table().rows


def find(code: str) -> Unit | None:
    """The unit of a UCUM code, from its row or composed; none where the code says nothing."""
    return _find(code)


def unit(code: str) -> Unit:
    """The unit of a UCUM code.

    Raises:
        UnknownUnit: it is no UCUM code over the atoms that are known; with near misses.
    """
    found = _find(code)
    if found is None:
        raise UnknownUnit(code, _near(code))
    return found


def known(code: str) -> bool:
    """Whether the code is a row of the table or a UCUM expression over its atoms."""
    return _find(code) is not None


def commensurable(first: str, second: str) -> bool:
    """Whether values in one unit convert into the other; true when either is not known."""
    one, other = _find(first), _find(second)
    return one is None or other is None or one.dimension == other.dimension


def measures(code: str, quantity: str) -> bool:
    """Whether values of ``quantity`` may be in the unit; true when the unit is not known.

    A quantity of one's own is a URI (``https://...``): nothing is known of it, so it is true.

    A row says what it measures, so that ``N.m`` is a torque and ``J`` an energy; a quantity is
    also measured by the units of what it is a kind of (``roughness`` is a kind of ``length``).
    For a composed unit the dimension decides.

    Raises:
        UnknownQuantity: it is neither a word of the table nor a URI.
    """
    found, known_quantities = _find(code), quantities()
    if quantity not in known_quantities:
        if not quantity.startswith(("http://", "https://")):
            raise UnknownQuantity(quantity)
        return True
    if found is None:
        return True
    if found.dimension != known_quantities[quantity].dimension:
        return False
    if not found.quantities:
        return True
    above: str | None = quantity
    while above is not None and above not in found.quantities:
        above = known_quantities[above].kind_of
    return above is not None


@lru_cache(4096)
def conversion(source: str, target: str) -> Conversion:
    """How values in ``source`` become values in ``target``.

    Raises:
        UnknownUnit: one of the codes is not known.
        UnitMismatch: the two measure different things.
    """
    if source == target:
        return Conversion()
    one, other = unit(source), unit(target)
    if one.dimension != other.dimension:
        raise UnitMismatch(source, target, (_dimension(one), _dimension(other)))
    return Conversion(one.factor / other.factor, (one.offset - other.offset) / other.factor)


def convert(value: Value, source: str, target: str) -> Value:
    """``value``, given in ``source``, in ``target``.

    A double comes out as the double nearest to the exact result; infinities and NaN stay. A
    Fraction is exact. A Decimal is exact where it ends, else rounded in the current context.

    Raises:
        UnknownUnit: one of the codes is not known.
        UnitMismatch: the two measure different things.
    """
    how = conversion(source, target)
    if isinstance(value, Fraction):
        return value * how.factor + how.offset
    if not math.isfinite(value):
        return value
    exact = Fraction(value) * how.factor + how.offset
    if isinstance(value, Decimal):
        return Decimal(exact.numerator) / Decimal(exact.denominator)
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def unit_id(rec20: str) -> int:
    """The OPC UA ``unitId`` of a Recommendation 20 code: its ASCII bytes, the first one highest.

    >>> unit_id("MMT")
    5066068

    Raises:
        UnknownUnit: the text is no code: letters and digits, three at most.
    """
    if not 0 < len(rec20) <= 3 or not (rec20.isascii() and rec20.isalnum()):
        raise UnknownUnit(rec20, [], "UNECE Rec 20")
    return int.from_bytes(rec20.encode("ascii"), "big")


def by_rec20(code: str) -> Unit:
    """The unit of a UNECE Recommendation 20 common code.

    Raises:
        UnknownUnit: no row has it.
    """
    return _named(_table().rec20, code, "UNECE Rec 20")


def by_unit_id(number: int) -> Unit:
    """The unit of an OPC UA ``unitId``.

    Raises:
        UnknownUnit: the number is no code in ASCII, or no row has it.
    """
    size = max(1, (number.bit_length() + 7) // 8) if number >= 0 else 0
    code = number.to_bytes(size, "big").decode("latin-1") if 0 < size <= 4 else str(number)
    return _named(_table().rec20, code, f"OPC UA (unitId {number})")


def by_mtconnect(word: str) -> Unit:
    """The unit of an MTConnect unit word, ``MILLIMETER``.

    Raises:
        UnknownUnit: no row has it.
    """
    return _named(_table().mtconnect, word, "MTConnect")


def by_qudt(iri: str) -> Unit:
    """The unit of a QUDT IRI.

    Raises:
        UnknownUnit: no row has it.
    """
    return _named(_table().qudt, iri, "QUDT")


@dataclass(frozen=True)
class _Table:
    rows: Mapping[str, Unit]
    reader: Reader
    rec20: Mapping[str, Unit]
    mtconnect: Mapping[str, Unit]
    qudt: Mapping[str, Unit]


@cache
def _table() -> _Table:
    written = json.loads((root("schemas") / "vocabularies" / "units.json").read_bytes())
    rows = {each["ucum"]: _unit(each) for each in written["units"]}
    return _Table(
        rows=MappingProxyType(rows),
        reader=reader(written),
        rec20={name.code: each for each in rows.values() for name in each.rec20},
        mtconnect={word: each for each in rows.values() for word in each.mtconnect},
        qudt={each.qudt: each for each in rows.values() if each.qudt},
    )


def reader(written: Mapping[str, Any]) -> Reader:
    """A reader over the atoms, prefixes and annotations of a table as it is written."""
    return Reader(
        {
            name: Atom(_magnitude(each), metric=each.get("metric", False))
            for name, each in written["atoms"].items()
        },
        {name: _fraction(each["factor"]) for name, each in written["prefixes"].items()},
        {name: _magnitude(each) for name, each in written["annotations"].items()},
    )


def _unit(written: Mapping[str, Any]) -> Unit:
    made = _magnitude(written)
    return Unit(
        code=written["ucum"],
        dimension=made.dimension,
        factor=made.factor,
        offset=made.offset,
        label=Text(en=written["label"]["en"], ko=written["label"]["ko"]),
        quantities=tuple(written["quantities"]),
        rec20=tuple(
            Rec20(each["code"], each["symbol"], each["name"]) for each in written.get("rec20", [])
        ),
        mtconnect=tuple(written.get("mtconnect", [])),
        qudt=written["qudt"]["iri"] if "qudt" in written else None,
    )


def _magnitude(written: Mapping[str, Any]) -> Magnitude:
    offset = _fraction(written["offset"]) if "offset" in written else Fraction(0)
    return Magnitude(
        _fraction(written["factor"]), written["dimension"], offset, written.get("alone", False)
    )


def _fraction(written: Mapping[str, int]) -> Fraction:
    return Fraction(written["numerator"], written["denominator"])


@lru_cache(4096)
def _find(code: str) -> Unit | None:
    table = _table()
    if code in table.rows:
        return table.rows[code]
    try:
        made = table.reader.read(code)
    except NotUcum:
        return None
    return Unit(code, made.dimension, made.factor, made.offset)


def _named(names: Mapping[str, Unit], name: str, vocabulary: str) -> Unit:
    if name not in names:
        from difflib import get_close_matches

        raise UnknownUnit(name, get_close_matches(name, list(names), n=3), vocabulary)
    return names[name]


#: What people write for what UCUM writes.
_SLIPS: Final = (
    ("sec", "s"), ("hr", "h"), ("rpm", "{rev}/min"), ("°C", "Cel"), ("degC", "Cel"), ("℃", "Cel"),
    ("°F", "[degF]"), ("°", "deg"), ("µ", "u"), ("μ", "u"), ("Ω", "Ohm"), ("ohm", "Ohm"),
    ("inch", "[in_i]"), ("in", "[in_i]"), ("ft", "[ft_i]"), ("psi", "[psi]"), ("lb", "[lb_av]"),
    ("²", "2"), ("³", "3"), ("^", ""), ("·", "."), ("*", "."), ("Nm", "N.m"), ("kWh", "kW.h"),
    ("Wh", "W.h"), ("VA", "V.A"), ("kVA", "kV.A"), ("var", "V.A{reactive}"), ("ppm", "[ppm]"),
    ("Ah", "A.h"), ("bytes", "By"),
)  # fmt: skip


def _near(code: str) -> list[str]:
    """Codes that a wrong one may have meant: the usual slips first, then what looks like it."""
    from difflib import get_close_matches

    rows = list(_table().rows)
    mended = [code.replace(wrong, right) for wrong, right in _SLIPS if wrong in code]
    mended += [code.strip().replace(" ", ""), code.lower(), code.replace(" ", ".")]
    sure = [each for each in dict.fromkeys(mended) if each != code and _find(each)]
    close = get_close_matches(code, rows, n=3, cutoff=0.6)
    return list(dict.fromkeys(sure + close))[:3]


def _dimension(found: Unit) -> str:
    """What a unit measures, in words where its row has them: ``torque``; else ``length3/time1``."""
    if found.quantities:
        return " or ".join(found.quantities)
    return ".".join(f"{name}{each}" for name, each in sorted(found.dimension.items())) or "number"
