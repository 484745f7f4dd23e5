"""What the agent's probe says: equipment, data items, and what a value of each one is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote
from xml.etree import ElementTree as ET

from mfgstd.models import DataItem, Document, Equipment

Kind = Literal["number", "integer", "text", "vector", "entries", "series", "condition"]

# By hand, from the enumeration of units in MTConnect Part 3 and from UCUM. No other words occur
# in the simulated shop; an item with another word stays text, which is honest.
_UNITS: Final = {
    "MILLIMETER": "mm",
    "MILLIMETER_3D": "mm",
    "MILLIMETER/SECOND": "mm/s",
    "MILLIMETER/SECOND^2": "mm/s2",
    "REVOLUTION/MINUTE": "{rev}/min",
    "PERCENT": "%",
    "CELSIUS": "Cel",
    "PH": "[pH]",
    "COUNT": "1",
}
_INTEGERS: Final = frozenset({"PART_COUNT", "LINE_NUMBER", "BLOCK_COUNT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One data item of the agent, and what it is in the standard.

    ``native_unit`` is MTConnect's word for the unit in which agents speak, ``said_in`` for that
    in which the machine does.
    """

    id: str
    name: str
    type: str
    identity: str
    equipment: str
    kind: Kind
    unit: str | None
    native_unit: str | None
    said_in: str | None
    device: str
    rate: float | None
    document: DataItem


def local(element: ET.Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


class Model:
    """The agent's device model; ``items`` by their id, which is unique in one agent."""

    def __init__(self, root: ET.Element, base: str) -> None:
        self._base = base
        self.items: dict[str, Item] = {}
        self.buffer = 1
        self._device = ""
        self._equipment: list[Document] = []
        for part in root:
            if local(part) == "Header":
                self.buffer = int(part.get("bufferSize", "1"))
            if local(part) == "Devices":
                for device in part:
                    self._device = device.get("name", "")
                    self._visit(device, base + quote(device.attrib["uuid"], safe=""), None)

    def documents(self) -> list[Document]:
        """Equipment from the top down, then the data items."""
        return [*self._equipment, *(each.document for each in self.items.values())]

    def _visit(self, element: ET.Element, device: str, parent: str | None) -> None:
        identity = device if parent is None else f"{device}/part/{quote(element.attrib['id'])}"
        name = element.get("name", element.attrib["id"])
        document: dict[str, Any] = {
            "id": identity,
            "level": "work_unit" if parent is None else "equipment_module",
            "name": name,
            # The shop's own words are Korean; a part that has none gets its name.
            "description": {"ko": _description(element) or name},
        }
        if parent is not None:
            document["parent"] = {"id": parent}
        self._equipment.append(Equipment.from_json(document))
        for below in element:
            for each in below:
                if local(below) == "DataItems":
                    self._take(each, device, identity)
                elif local(below) == "Components":
                    self._visit(each, device, identity)

    def _take(self, element: ET.Element, device: str, equipment: str) -> None:
        get = element.get
        category, type_ = element.attrib["category"], element.attrib["type"]
        representation = get("representation", "VALUE")
        units = get("units")
        unit = _UNITS.get(units) if units else "1" if category == "SAMPLE" else None
        kind = _kind(category, type_, representation, units, unit)
        identity = f"{device}/item/{quote(element.attrib['id'])}"
        value_type = {"number": "number", "series": "number", "integer": "integer"}.get(kind)
        document: dict[str, Any] = {
            "id": identity,
            "equipment": {"id": equipment},
            "category": category.lower(),
            "valueType": value_type or "text",
            "name": get("name", element.attrib["id"]),
            "type": type_.lower(),
            "representation": representation.lower(),
            "complete": True,
            "source": {"system": "MTConnect", "path": element.attrib["id"]},
        }
        if unit is not None:
            document["unit"] = unit
        if units is not None:
            document["source"]["unit"] = units
        rate = get("sampleRate")
        self.items[element.attrib["id"]] = Item(
            id=element.attrib["id"],
            name=document["name"],
            type=type_,
            identity=identity,
            equipment=equipment,
            kind=kind,
            unit=unit,
            native_unit=units,
            said_in=get("nativeUnits") or units,
            device=self._device,
            rate=float(rate) if rate else None,
            document=DataItem.from_json(document),
        )


def _kind(
    category: str, type_: str, representation: str, units: str | None, unit: str | None
) -> Kind:
    if category == "CONDITION":
        return "condition"
    if representation in ("DATA_SET", "TABLE"):
        return "entries"
    if representation == "TIME_SERIES":
        return "series"
    if category == "SAMPLE" and unit is not None:
        return "vector" if units and units.endswith("_3D") else "number"
    return "integer" if type_ in _INTEGERS else "text"


def _description(element: ET.Element) -> str:
    return next(_texts(element), "")


def _texts(element: ET.Element) -> Iterator[str]:
    for each in element:
        if local(each) == "Description" and each.text and each.text.strip():
            yield each.text.strip()
