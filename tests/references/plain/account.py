"""What the agent says, read element by element: rows, states, alarms, traces, and the account."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from mfgstd.adapters import Tally
from mfgstd.models import Alarm, Document, StateEvent, TimeSeriesSegment
from tests.references.plain.model import Item, Model, local
from tests.references.plain.rows import Ordinals, Rows, moment, nanoseconds
from tests.references.plain.shdr import Heard

_UNAVAILABLE: Final = "UNAVAILABLE"
_INT64: Final = range(-(2**63), 2**63)
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")
_CONTACT: Final = {"status": "bad", "reason": "no_communication"}

# By hand, from MTConnect Part 3 and the descriptions of the standard's state axes.
_STATES: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "AVAILABILITY": ("availability", {"AVAILABLE": "available"}),
    "CONTROLLER_MODE": (
        "controlMode",
        {
            "AUTOMATIC": "automatic",
            "SEMI_AUTOMATIC": "semi_automatic",
            "MANUAL": "manual",
            "MANUAL_DATA_INPUT": "mdi",
            "EDIT": "edit",
        },
    ),
    "EXECUTION": (
        "procedural",
        {
            "READY": "idle",
            "ACTIVE": "execute",
            "INTERRUPTED": "held",
            "FEED_HOLD": "held",
            "STOPPED": "stopped",
            "PROGRAM_STOPPED": "held",
            "PROGRAM_COMPLETED": "complete",
        },
    ),
    "FUNCTIONAL_MODE": ("mode", {"PRODUCTION": "production", "MAINTENANCE": "maintenance"}),
}
_LEVELS: Final = {"WARNING": 300, "FAULT": 700}


class Account:
    """Reads the documents of one agent in their order.

    Args:
        model: what its probe said.
        source: the agent as rows name it.
    """

    def __init__(self, model: Model, source: str) -> None:
        self._items = model.items
        self._source = source
        self._ordinals = Ordinals()
        self._states: dict[str, dict[str, str]] = {}
        #: What is raised: data item and condition -> when, and the last report of it.
        self._raised: dict[tuple[str, str], tuple[int, ET.Element]] = {}

    def read(
        self, root: ET.Element, instance: str, recorded: int
    ) -> tuple[Rows, list[Document], Tally]:
        """One streams document."""
        rows, tally = Rows(), Tally()
        documents: list[Document] = []
        reports = [each for each in root.iter() if "sequence" in each.attrib]
        reports.sort(key=lambda each: int(each.attrib["sequence"]))
        for each in reports:
            tally.read += 1
            item = self._items.get(each.attrib["dataItemId"])
            if item is None:
                tally.unknown[each.get("name") or each.attrib["dataItemId"]] += 1
                continue
            at = nanoseconds(each.attrib["timestamp"])
            where = {"epoch": instance, "sequence": int(each.attrib["sequence"])}
            said = (each.text or "").strip()
            heard = Heard(item.name, item, at, each, said)
            self._take(item, heard, rows, documents, tally, recorded, item.native_unit, where)
        tally.documents = Counter(type(each).__name__ for each in documents)
        return rows, documents, tally

    def hear(self, log: Iterable[Heard], recorded: int) -> tuple[Rows, list[Document], Tally]:
        """What a log says."""
        rows, tally = Rows(), Tally()
        documents: list[Document] = []
        for each in log:
            tally.read += 1
            if each.item is None:
                tally.unknown[each.name] += 1
                continue
            unit = each.item.said_in
            self._take(each.item, each, rows, documents, tally, recorded, unit, {})
        tally.documents = Counter(type(each).__name__ for each in documents)
        return rows, documents, tally

    def _take(
        self,
        item: Item,
        heard: Heard,
        rows: Rows,
        documents: list[Document],
        tally: Tally,
        recorded: int,
        native_unit: str | None,
        where: Mapping[str, Any],
    ) -> None:
        at, element = heard.at, heard.element
        text = (element.text or "").strip()
        tally.translated += 1
        if item.kind == "series" and text != _UNAVAILABLE:
            documents.append(self._segment(item, element, at, where))
            return
        row = {**self._row(item, element, text), **where}
        row["native_unit"] = native_unit
        if item.kind != "entries" or heard.said:
            row["native_value"] = heard.said or text
        tally.bad += row["status"] == "bad"
        ordinal = self._ordinals.count(item.identity, at)
        rows.add(row, at=at, recorded=recorded, ordinal=ordinal)
        if item.kind == "condition":
            documents += self._conditions(item, element, at)
        elif item.type in _STATES:
            documents += self._state(item, text, at)

    def lose(self, alive: int, recorded: int) -> tuple[Rows, list[Document]]:
        """Contact is lost: every item is bad since the last proof of life."""
        rows = Rows()
        documents: list[Document] = []
        for item in self._items.values():
            ordinal = self._ordinals.count(item.identity, alive)
            rows.add(
                {**self._head(item), "kind": "none", **_CONTACT},
                at=alive,
                recorded=recorded,
                ordinal=ordinal,
            )
            if item.type in _STATES:
                documents += self._state(item, _UNAVAILABLE, alive)
        return rows, documents

    def _head(self, item: Item) -> dict[str, Any]:
        return {"data_item": item.identity, "source": self._source}

    def _row(self, item: Item, element: ET.Element, text: str) -> dict[str, Any]:
        row = self._head(item)
        if text == _UNAVAILABLE or local(element) == "Unavailable":
            return row | {"kind": "none", "native_value": _UNAVAILABLE, **_CONTACT}
        row |= {"native_value": text, "status": "good"}
        try:
            return row | _value(item, element, text)
        except ValueError:
            return row | {"kind": "none", "status": "bad", "reason": "not_convertible"}

    def _segment(
        self, item: Item, element: ET.Element, at: int, where: Mapping[str, Any]
    ) -> TimeSeriesSegment:
        values = [float(each) for each in (element.text or "").split()]
        rate = float(element.get("sampleRate") or item.rate or 1)
        # The agent stamps the last sample, the standard wants the first one's time.
        start = at - round((len(values) - 1) * 1e9 / rate)
        return TimeSeriesSegment.from_json(
            {
                "dataItem": item.identity,
                "start": moment(start),
                "samplingInterval": 1 / rate,
                "values": values,
                "unit": item.unit,
                "quality": {"status": "good"},
                "source": self._source,
                **where,
            }
        )

    def _state(self, item: Item, text: str, at: int) -> list[Document]:
        axis, words = _STATES[item.type]
        said = words.get(text, "unknown")
        before = self._states.setdefault(item.equipment, {})
        if before.get(axis) == said:
            return []
        before[axis] = said
        quality: dict[str, str] = {"status": "good"}
        if text == _UNAVAILABLE:
            quality = dict(_CONTACT)
        elif said == "unknown":
            quality = {"status": "uncertain", "reason": "not_convertible", "native": text}
        name = f"{item.identity} {at} {said}"
        document = {
            "id": f"urn:uuid:{uuid5(NAMESPACE_URL, name)}",
            "equipment": {"id": item.equipment},
            "eventTime": moment(at),
            "state": {axis: said},
            "quality": quality,
            "dataItem": item.identity,
        }
        return [StateEvent.from_json(document)]

    def _conditions(self, item: Item, element: ET.Element, at: int) -> list[Document]:
        level = local(element).upper()
        which = element.get("conditionId") or element.get("nativeCode") or ""
        if level in _LEVELS:
            key = (item.id, which)
            raised = self._raised.get(key, (at, element))[0]
            self._raised[key] = (raised, element)
            return [self._alarm(item, key, raised, element, at, active=True)]
        if level != "NORMAL":
            return []
        ended = [key for key in self._raised if key[0] == item.id and which in ("", key[1])]
        return [self._alarm(item, key, *self._raised.pop(key), at, active=False) for key in ended]

    def _alarm(
        self,
        item: Item,
        key: tuple[str, str],
        raised: int,
        element: ET.Element,
        at: int,
        *,
        active: bool,
    ) -> Alarm:
        condition = f"{item.identity}#{quote(key[1], safe='')}"
        document: dict[str, Any] = {
            "id": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{condition} {raised}')}",
            "equipment": {"id": item.equipment},
            "conditionId": condition,
            "active": active,
            "severity": _LEVELS[local(element).upper()],
            "eventTime": moment(at),
            "dataItem": item.identity,
            "raisedAt": moment(raised),
            "quality": {"status": "good"},
        }
        native = {"code": element.get("nativeCode"), "severity": element.get("nativeSeverity")}
        if any(native.values()):
            document["native"] = {name: value for name, value in native.items() if value}
        if text := (element.text or "").strip():
            document["message"] = {"und": text}
        if not active:
            document["clearedAt"] = moment(at)
        return Alarm.from_json(document)


def _value(item: Item, element: ET.Element, text: str) -> dict[str, Any]:
    """The columns of a value.

    Raises:
        ValueError: the text is no value of this item.
    """
    match item.kind:
        case "number":
            return {"kind": "number", "number": _finite(text), "unit": item.unit}
        case "integer":
            whole = int(text)
            unit = {} if item.unit is None else {"unit": item.unit}
            if whole in _INT64:
                return {"kind": "integer", "integer": whole, **unit}
            return {"kind": "decimal", "decimal": str(whole), **unit}
        case "vector":
            parts = [_finite(each) for each in text.split()]
            return {"kind": "text", "text": json.dumps(parts), "unit": item.unit}
        case "entries":
            entries = _entries(element)
            plain = json.dumps(entries, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            return {"kind": "text", "text": plain, "native_value": plain}
        case "condition":
            parts_ = [element.get(each, "") for each in _SAID]
            said = {"native_status": "|".join(parts_)} if any(parts_) else {}
            return {"kind": "text", "text": local(element).lower(), **said}
        case _:
            coded = element.get("nativeCode")
            return {"kind": "text", "text": text, **({"native_status": coded} if coded else {})}


_SAID: Final = ("nativeCode", "nativeSeverity", "qualifier")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _entries(element: ET.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in element:
        cells = _entries(each)
        found[each.attrib["key"]] = cells or _scalar((each.text or "").strip())
    return found


def _scalar(text: str) -> str | int | float:
    """A number only where the number says all that the text said."""
    if _NUMBER.fullmatch(text) and len(text) < 16:
        return float(text) if "." in text else int(text)
    return text
