"""The table of units, row by row, against every source that it joins."""

from __future__ import annotations

import csv
import json
import math
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from mfgstd.standard import units
from mfgstd.standard.vocabularies import quantities
from mfgstd_adapters.mtconnect.model.units import unit as mtconnect_unit
from tests.standard import units_table

CODES = list(units.units())
WRITTEN: dict[str, Any] = json.loads(units_table.TABLE.read_bytes())


@pytest.fixture(scope="module")
def unece(corpus: Path) -> dict[str, dict[str, str]]:
    path = corpus / "opcua" / "UNECE_to_OPCUA.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {row["UNECECode"]: row for row in csv.DictReader(stream)}


def test_the_table_is_what_the_libraries_say(corpus: Path) -> None:
    text = units_table.TABLE.read_text(encoding="utf-8")
    assert units_table.text(units_table.refreshed(WRITTEN, corpus)) == text


def test_every_unit_id_of_the_opc_foundation_is_the_code_in_ascii(
    unece: dict[str, dict[str, str]],
) -> None:
    assert len(unece) > 1800
    for code, row in unece.items():
        assert units.unit_id(code) == int(row["UnitId"]), code


def test_every_rec20_code_of_the_table_has_its_number_name_and_symbol(
    unece: dict[str, dict[str, str]],
) -> None:
    seen: set[str] = set()
    for row in WRITTEN["units"]:
        for each in row.get("rec20", []):
            theirs = unece[each["code"]]
            assert str(each["unitId"]) == theirs["UnitId"]
            assert each["name"] == theirs["Description"]
            assert each["symbol"] == theirs["DisplayName"]
            assert each["code"] not in seen, "one code, one unit"
            seen.add(each["code"])


#: What UNECE shows as signs, in the letters of UCUM.
_SIGNS = {
    "µ": "u", "Ω": "Ohm", "°C": "Cel", "°F": "[degF]", "°R": "[degR]", "°": "deg",
    "²": "2", "³": "3", "⁻¹": "-1", "·": ".", " ": "", "\N{OHM SIGN}": "Ohm", "ft": "[ft_i]",
}  # fmt: skip


def test_where_unece_shows_a_symbol_that_is_ucum_it_is_the_same_unit(
    unece: dict[str, dict[str, str]],
) -> None:
    """An independent check of the join: read UNECE's symbol as UCUM and compare the factors."""
    compared = 0
    for row in WRITTEN["units"]:
        for each in row.get("rec20", []):
            symbol = unece[each["code"]]["DisplayName"]
            for sign, letters in _SIGNS.items():
                symbol = symbol.replace(sign, letters)
            read = units.find(symbol)
            if read is None or symbol in _OTHERWISE:
                continue
            compared += 1
            mine = units.unit(row["ucum"])
            assert read.factor == mine.factor, (symbol, row["ucum"])
            assert _plain(read.dimension) == _plain(mine.dimension), (symbol, row["ucum"])
    assert compared > 200


#: Symbols of UNECE that are something else in UCUM: a picohenry, a gigasecond.
_OTHERWISE = frozenset({"pH", "Gs"})


def _plain(dimension: Any) -> dict[str, int]:
    """Without the dimensions of our own, which other tables don't have."""
    ours = ("apparent_power", "reactive_power", "count", "direction")
    return {name: each for name, each in dimension.items() if name not in ours}


@pytest.fixture(scope="module")
def pint_factor() -> Any:
    """UCUM code -> (factor in pint's base units, dimensionality), by another reader of UCUM."""
    ucumvert: Any = import_module("ucumvert")  # it has no types
    registry = ucumvert.PintUcumRegistry()

    def factor(code: str) -> Any:
        if code in _IN_PINT:
            return registry(_IN_PINT[code]).to_base_units()
        return registry.from_ucum(code).to_base_units()

    return factor


#: Where ucumvert 0.3 reads something else than UCUM means: minutes of arc as minutes, the inch of
#: mercury at 60 degF; or nothing, for an annotation. And pint's gauss is one of the old system.
_IN_PINT = {
    "'": "arcminute",
    "''": "arcsecond",
    "[in_i'Hg]": "inHg",
    "G": "1e-4 tesla",
    "{rev}": "turn",
    "{rev}/min": "turn/minute",
    "{rev}/s": "turn/second",
    "{rev}/s2": "turn/second**2",
    "mm/{rev}": "millimeter/turn",
    "[in_i]/{rev}": "inch/turn",
}
#: Scales without a factor: logarithms, which pint converts and we do not.
_SCALES = frozenset({"[pH]", "dB", "B", "dB[SPL]"})


@pytest.mark.parametrize("code", [each for each in CODES if each not in _SCALES])
def test_every_factor_is_the_one_of_pint(code: str, pint_factor: Any) -> None:
    mine = units.unit(code)
    theirs = pint_factor(code)
    expected = float(mine.factor + mine.offset)
    # Angles are in degrees here and in radians there.
    expected *= math.radians(1) ** mine.dimension.get("angle", 0)
    assert theirs.magnitude == pytest.approx(expected, rel=1e-9)


def test_the_few_numbers_that_everybody_knows() -> None:
    """Written by hand, from the definitions, not from a table."""
    known = [
        (1, "[in_i]", "mm", Fraction("25.4")),
        (1, "[lb_av]", "kg", Fraction("0.45359237")),
        (1, "[gal_us]", "L", Fraction("3.785411784")),
        (1, "bar", "kPa", Fraction(100)),
        (1, "atm", "Pa", Fraction(101325)),
        (1, "kW.h", "MJ", Fraction("3.6")),
        (1, "h", "s", Fraction(3600)),
        (212, "[degF]", "Cel", Fraction(100)),
        (-40, "Cel", "[degF]", Fraction(-40)),
        (0, "Cel", "K", Fraction("273.15")),
        (1, "kgf", "N", Fraction("9.80665")),
        (1, "{rev}/min", "deg/s", Fraction(6)),
        (1, "gon", "deg", Fraction(9, 10)),
        (1, "m/min", "mm/s", Fraction(50, 3)),
        (1, "By", "bit", Fraction(8)),
        (1, "B", "dB", Fraction(10)),
        (1, "%", "[ppm]", Fraction(10000)),
        (1, "mL/min", "mm3/s", Fraction(50, 3)),
    ]
    for value, source, target, result in known:
        assert units.convert(Fraction(value), source, target) == result, (source, target)


def test_every_mtconnect_word_is_in_the_schemas_and_means_the_same(corpus: Path) -> None:
    enumerated: set[str] = set()
    for path in (corpus / "mtconnect" / "xsd").glob("MTConnectDevices_*.xsd"):
        for each in etree.parse(str(path)).iter("{http://www.w3.org/2001/XMLSchema}simpleType"):
            if each.get("name") in ("UnitsEnum", "NativeUnitsEnum"):
                enumerated |= {
                    word.get("value", "")
                    for word in each.iter("{http://www.w3.org/2001/XMLSchema}enumeration")
                }
    listed = {word: each for each in units.units().values() for word in each.mtconnect}
    assert set(listed) <= enumerated
    assert len(listed) == sum(len(each.mtconnect) for each in units.units().values())
    for word in sorted(enumerated):
        theirs = mtconnect_unit(word)
        assert theirs is not None, word
        if theirs.vector or theirs.code is None:
            continue
        mine = listed[word]
        assert _plain(theirs.dimension) == _plain(mine.dimension), word
        ratio = theirs.factor / mine.factor
        assert abs(ratio - 1) < Fraction(1, 10**30), word
        assert theirs.offset == mine.offset
        if theirs.quantity is not None:
            assert units.measures(mine.code, theirs.quantity), word


def test_every_word_of_the_mtconnect_table_is_known_by_its_ucum_code() -> None:
    words = json.loads((units_table.TABLE.parent / "mtconnect-units.json").read_bytes())["words"]
    for word, row in words.items():
        if row["ucum"] is not None:
            mine, theirs = units.unit(row["ucum"]), mtconnect_unit(word)
            assert theirs is not None
            assert _plain(mine.dimension) == _plain(theirs.dimension), word
            assert abs(mine.factor / theirs.factor - 1) < Fraction(1, 10**30)


def test_a_row_is_what_its_code_composes_to() -> None:
    reader = units.reader(WRITTEN)
    for code, mine in units.units().items():
        composed = reader.read(code)
        assert (composed.factor, composed.offset) == (mine.factor, mine.offset)
        assert composed.dimension == _plain(mine.dimension)


def test_every_row_is_labelled_in_both_languages_and_measures_something_of_its_dimension() -> None:
    for code, mine in units.units().items():
        assert mine.label is not None
        assert mine.label.en.strip()
        assert any("가" <= each <= "힣" for each in mine.label.ko) or code == "[pH]", code
        assert mine.quantities
        for name in mine.quantities:
            assert quantities()[name].dimension == mine.dimension, (code, name)
            assert units.measures(code, name)


def test_labels_tell_the_units_apart() -> None:
    for language in ("en", "ko"):
        said = [row["label"][language] for row in WRITTEN["units"]]
        assert len(set(said)) == len(said), {each for each in said if said.count(each) > 1}


def test_a_qudt_iri_names_one_unit() -> None:
    iris = [row["qudt"]["iri"] for row in WRITTEN["units"] if "qudt" in row]
    assert len(set(iris)) == len(iris)
    assert all(each.startswith("http://qudt.org/vocab/unit/") for each in iris)
