"""Fill in what is computed in ``schemas/vocabularies/units.json``, never typed in.

By hand are the code, label and quantities of a unit, and which codes, words and IRIs other
vocabularies have for it. From libraries and the corpus come the rest: atoms, prefixes and factors
from UCUM's own definitions (the file that ucumvert carries), the conventional density of mercury
from pint, names, symbols and unit ids from the OPC Foundation's list of UNECE codes.

After adding a unit::

    $ python tests/standard/units_table.py
"""

from __future__ import annotations

import csv
import json
import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from mfgstd.standard._ucum import Atom, Magnitude, NotUcum, Reader

CHECKOUT: Final = Path(__file__).resolve().parents[2]
TABLE: Final = CHECKOUT / "schemas" / "vocabularies" / "units.json"

#: What the exponents of a dimension count. UCUM derives the ampere, the mole and the steradian
#: from others; here they stay apart, so that 1/L is no mol/L and cd no lm. Angles are in degrees,
#: as in the table of MTConnect units, so that degrees are exact.
BASE: Final = {
    "length": "m",
    "mass": "kg",
    "time": "s",
    "current": "A",
    "temperature": "K",
    "amount": "mol",
    "luminous_intensity": "cd",
    "angle": "deg",
    "solid_angle": "sr",
    "information": "bit",
    "level": "dB",
    "acidity": "[pH]",
}

#: Whole classes of atoms of the UCUM file that factories use, and single ones of other classes.
_CLASSES: Final = frozenset(
    {"dimless", "si", "iso1000", "cgs", "intcust", "us-volumes", "brit-volumes"}
    | {"avoirdupois", "heat", "misc"}
)
_SINGLE: Final = frozenset(
    {"[c]", "[g]", "gf", "[lbf_av]", "atm", "kat", "bit", "By", "Bd", "[oz_tr]", "[pwt_tr]"}
    | {"m[H2O]", "m[Hg]", "[in_i'H2O]", "[in_i'Hg]"}
)
#: Left out: physical constants that were measured anew since, jewellers' and clinical units.
_WITHOUT: Final = frozenset(
    {"eV", "u", "pc", "AU", "ar", "Lmb", "sph", "[degRe]", "[car_Au]", "[smoot]", "[mesh_i]"}
    | {"[m/s2/Hz^(1/2)]", "[NTU]", "[FNU]"}
)
_LOGARITHMIC: Final = ("B", "B[SPL]", "B[V]", "B[W]", "B[kW]")


def essence() -> tuple[dict[str, Fraction], dict[str, tuple[str, Fraction, bool]]]:
    """UCUM's own definitions: prefix -> factor, atom -> (expression, how many, metric)."""
    from importlib.resources import files

    from lxml import etree

    data = (files("ucumvert") / "vendor" / "ucum-essence.xml").read_bytes()
    space = "{http://unitsofmeasure.org/ucum-essence}"
    tree: Any = etree.fromstring(data)
    prefixes = {
        each.get("Code"): Fraction(each.find(f"{space}value").get("value"))
        for each in tree.iter(f"{space}prefix")
    }
    atoms = {}
    for each in tree.iter(f"{space}unit"):
        code, value = each.get("Code"), each.find(f"{space}value")
        wanted = each.get("class") in _CLASSES or code in _SINGLE
        plain = each.get("isSpecial") != "yes" and each.get("isArbitrary") != "yes"
        if wanted and plain and code not in _WITHOUT:
            metric = each.get("isMetric") == "yes"
            atoms[code] = (value.get("Unit"), Fraction(value.get("value")), metric)
    return prefixes, atoms


def mercury() -> Fraction:
    """A metre of mercury in kg/(m.s2); UCUM cuts the conventional value off after 133.322 kPa."""
    import pint

    registry: Any = pint.UnitRegistry(non_int_type=Fraction)
    return Fraction(registry.Quantity(Fraction(1000), "mmHg").to("Pa").magnitude)


def atoms() -> tuple[dict[str, Fraction], dict[str, Atom]]:
    """Prefixes and atoms, resolved down to the base units."""
    prefixes, defined = essence()
    pi = defined["[pi]"][1]

    def base(factor: Fraction | int, *, metric: bool = True, **dimension: int) -> Atom:
        return Atom(Magnitude(Fraction(factor), dimension), metric)

    found = {
        "m": base(1, length=1),
        "g": base(Fraction(1, 1000), mass=1),
        "s": base(1, time=1),
        "A": base(1, current=1),
        "K": base(1, temperature=1),
        "mol": base(1, amount=1),
        "cd": base(1, luminous_intensity=1),
        "rad": base(180 / pi, angle=1),
        "sr": base(1, solid_angle=1),
        "bit": base(1, information=1),
        "C": base(1, current=1, time=1),
        "m[Hg]": base(mercury(), mass=1, length=-1, time=-2),
        # The scales with an offset, UCUM 22: the ice point, and Fahrenheit's zero.
        "Cel": Atom(Magnitude(Fraction(1), {"temperature": 1}, Fraction("273.15"), True), True),
        "[degF]": Atom(
            Magnitude(Fraction(5, 9), {"temperature": 1}, Fraction("459.67") * 5 / 9, True)
        ),
        "[pH]": Atom(Magnitude(Fraction(1), {"acidity": 1}, alone=True)),
    }
    for code in _LOGARITHMIC:
        name = "level" if code == "B" else f"level_{code[2:-1].lower()}"
        found[code] = Atom(Magnitude(Fraction(10), {name: 1}, alone=True), True)
    waiting = {code: each for code, each in defined.items() if code not in found}
    while waiting:
        reader = Reader(found, prefixes, {})
        ready = {}
        for code, (expression, many, metric) in waiting.items():
            try:
                whole = reader.read(expression)
            except NotUcum:
                continue
            ready[code] = Atom(Magnitude(many * whole.factor, whole.dimension), metric)
        if not ready:
            sys.exit(f"These atoms are made of others that are not here: {sorted(waiting)}")
        found |= ready
        waiting = {code: each for code, each in waiting.items() if code not in ready}
    return prefixes, dict(sorted(found.items()))


def refreshed(written: dict[str, Any], corpus: Path) -> dict[str, Any]:
    """The table with everything that is computed computed anew."""
    prefixes, known = atoms()
    annotations = {"{rev}": Magnitude(Fraction(360), {"angle": 1})}
    reader = Reader(known, prefixes, annotations)
    path = corpus / "opcua" / "UNECE_to_OPCUA.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        codes = {row["UNECECode"]: row for row in csv.DictReader(stream)}
    return {
        "title": written["title"],
        "description": written["description"],
        "sources": written["sources"],
        "base": BASE,
        "prefixes": {
            code: {"factor": _fraction(factor)}
            for code, factor in sorted(prefixes.items(), key=lambda each: each[1])
        },
        "annotations": {code: _magnitude(each) for code, each in annotations.items()},
        "atoms": {
            code: {**({"metric": True} if each.metric else {}), **_magnitude(each.magnitude)}
            for code, each in known.items()
        },
        "units": [_row(each, reader, codes) for each in written["units"]],
    }


def _row(each: dict[str, Any], reader: Reader, codes: dict[str, dict[str, str]]) -> dict[str, Any]:
    whole = reader.read(each["ucum"])
    if "apart" in each:
        whole = Magnitude(whole.factor, {**whole.dimension, each["apart"]: 1})
    rec20 = [
        {
            "code": name["code"],
            "unitId": int.from_bytes(name["code"].encode("ascii"), "big"),
            "symbol": codes[name["code"]]["DisplayName"],
            "name": codes[name["code"]]["Description"],
        }
        for name in each.get("rec20", [])
    ]
    row = {key: each[key] for key in ("ucum", "label", "quantities")}
    row |= {"apart": each["apart"]} if "apart" in each else {}
    row |= {"rec20": rec20} if rec20 else {}
    row |= {key: each[key] for key in ("mtconnect", "qudt") if key in each}
    return row | _magnitude(whole)


def _magnitude(each: Magnitude) -> dict[str, Any]:
    said: dict[str, Any] = {"dimension": each.dimension, "factor": _fraction(each.factor)}
    if each.offset:
        said["offset"] = _fraction(each.offset)
    if each.alone:
        said["alone"] = True
    return said


def _fraction(each: Fraction) -> dict[str, int]:
    return {"numerator": each.numerator, "denominator": each.denominator}


def text(table: dict[str, Any]) -> str:
    """The table as it is kept: one line for each entry."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    parts = []
    for key, value in table.items():
        if key == "units":
            rows = ",\n".join(f"    {line(row)}" for row in value)
            parts.append(f'  "units": [\n{rows}\n  ]')
        elif key in ("prefixes", "atoms"):
            rows = ",\n".join(f"    {line(name)}: {line(row)}" for name, row in value.items())
            parts.append(f"  {line(key)}: {{\n{rows}\n  }}")
        else:
            parts.append(f"  {line(key)}: {line(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Write the table anew."""
    corpus = Path(os.environ.get("MFGSTD_CORPUS", CHECKOUT.parent / "shared" / "corpus"))
    written = json.loads(TABLE.read_bytes())
    TABLE.write_text(text(refreshed(written, corpus)), encoding="utf-8")


if __name__ == "__main__":
    main()
