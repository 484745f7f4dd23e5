"""SHDR logs, turned into the elements that an agent would have made of them.

Conversions are exact fractions, by hand: an inch is 25.4 mm, 32 F is 0 C.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final
from xml.etree import ElementTree as ET

from tests.references.plain.model import Item, Model
from tests.references.plain.rows import nanoseconds

#: What one native unit is in units, and what is added to that.
_NATIVE: Final = {
    "INCH": (Fraction("25.4"), Fraction(0)),
    "INCH_3D": (Fraction("25.4"), Fraction(0)),
    "INCH/MINUTE": (Fraction("25.4") / 60, Fraction(0)),
    "FAHRENHEIT": (Fraction(5, 9), Fraction(-160, 9)),
}
_ENTRY: Final = re.compile(r'([^\s=]+)=(?:"([^"]*)"|\{([^}]*)\}|(\S*))')
_UNAVAILABLE: Final = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Heard:
    """One report: whose, when, as an element in units, and as the machine said it.

    ``item`` is ``None`` where the model does not know ``name``.
    """

    name: str
    item: Item | None
    at: int
    element: ET.Element
    said: str


def reports(text: str, model: Model, device: str | None) -> Iterator[Heard]:
    """Every report of a log, in its order. ``device`` is whose the names without a prefix are."""
    keys = {f"{each.device}:{each.name}": each for each in model.items.values()}
    for line in text.splitlines():
        time, *fields = line.split("|")
        at = nanoseconds(time)
        while fields:
            name = fields.pop(0)
            item = keys.get(name) or keys.get(f"{device}:{name}")
            if item is None:
                yield Heard(name, None, at, ET.Element("Value"), fields.pop(0))
                continue
            yield _heard(name, item, at, fields)


def _heard(name: str, item: Item, at: int, fields: list[str]) -> Heard:
    if item.kind == "condition":
        level, code, severity, qualifier, words = fields[:5]
        del fields[:5]
        said = {"nativeCode": code, "nativeSeverity": severity, "qualifier": qualifier}
        element = ET.Element(level.title(), {key: each for key, each in said.items() if each})
        element.text = words
        return Heard(name, item, at, element, level)
    if item.kind == "series" and len(fields) >= 3:
        _, rate, values = fields[:3]
        del fields[:3]
        element = ET.Element("Series", {"sampleRate": rate})
        element.text = values
        return Heard(name, item, at, element, values)
    code = fields.pop(0) if item.type == "MESSAGE" else ""
    said_ = fields.pop(0)
    element = ET.Element("Value", {"nativeCode": code} if code else {})
    element.text = said_
    if item.kind == "entries" and said_ != _UNAVAILABLE:
        element.text = None
        _fill(element, said_)
    elif item.kind in ("number", "vector") and item.said_in in _NATIVE:
        slope, offset = _NATIVE[item.said_in]
        if said_ != _UNAVAILABLE:
            element.text = " ".join(
                repr(float(Fraction(each) * slope + offset)) for each in said_.split()
            )
    return Heard(name, item, at, element, said_)


def _fill(above: ET.Element, text: str) -> None:
    for key, quoted, inner, plain in _ENTRY.findall(text):
        entry = ET.SubElement(above, "Entry", {"key": key})
        if inner:
            _fill(entry, inner)
        else:
            entry.text = quoted or plain
