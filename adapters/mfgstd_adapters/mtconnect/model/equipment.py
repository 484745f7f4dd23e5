"""Master data out of a device model: what the equipment is, what it is made of, what it measures.

A device and each of its components is an Equipment (the role); where the model has a nameplate
there is a PhysicalAsset (the thing) and an assignment of one to the other from the time on at
which the agent wrote the model; every data item is a DataItem.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid5

from mfgstd._version import __version__
from mfgstd_adapters.mtconnect.model.device_model import NAMESPACE
from mfgstd_adapters.mtconnect.model.facts import RESETS, STATISTICS
from mfgstd_adapters.mtconnect.model.units import unit
from mfgstd_adapters.mtconnect.shdr.grammar import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd.models import Document
    from mfgstd_adapters.mtconnect.model.device_model import Component, DeviceModel, Item
    from mfgstd_adapters.mtconnect.model.facts import Limits, Specification

# MTConnect has no levels; these are ours. A device is what an order is run on. What moves or
# measures and has nothing below it is a control module. Whatever is not listed is an equipment
# module if it has parts, else a control module.
_LEVELS: Final = {
    "Device": "work_unit",
    "Agent": "other",
    "Axes": "equipment_module",
    "Controller": "equipment_module",
    "Path": "equipment_module",
    "Systems": "equipment_module",
    "Auxiliaries": "equipment_module",
    "Resources": "equipment_module",
    "Interfaces": "equipment_module",
    "Structures": "equipment_module",
    "Linear": "control_module",
    "Rotary": "control_module",
    "Sensor": "control_module",
}
_WORD: Final = re.compile(r"([a-z][a-z0-9]*:)?[a-z][a-z0-9_]*")
_HANGUL: Final = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")
_SYSTEM: Final = "MTConnect"


def documents(model: DeviceModel) -> tuple[Document, ...]:
    """All master data of a model: equipment from the top down, then assets, then data items."""
    return (*_equipment(model), *_assets(model), *_data_items(model))


def word(text: str) -> str:
    """An MTConnect word as an open code of the standard.

    >>> word("PATH_POSITION"), word("x:DOOR-LOCK")
    ('path_position', 'x:door_lock')
    """
    lowered = text.lower()
    if _WORD.fullmatch(lowered):
        return lowered
    prefix, colon, rest = lowered.rpartition(":")
    rest = re.sub(r"[^a-z0-9_]", "_", rest)
    prefix = re.sub(r"[^a-z0-9]", "", prefix)
    if not rest or not rest[0].isalpha():
        rest = f"x_{rest}"
    if not colon or not prefix:
        return rest
    return f"{prefix}:{rest}" if prefix[0].isalpha() else f"x{prefix}:{rest}"


def _equipment(model: DeviceModel) -> Iterator[Document]:
    from mfgstd.models import Equipment

    parents = {each.parent for each in model.components}
    levels = [
        _LEVELS.get(each.tag) or ("equipment_module" if index in parents else "control_module")
        for index, each in enumerate(model.components)
    ]
    paths: list[list[dict[str, Any]]] = []
    for index, each in enumerate(model.components):
        device = model.components[each.device]
        path: list[dict[str, Any]] = []
        if each.parent is not None:
            above = model.components[each.parent]
            step = {"level": levels[each.parent], "id": above.identity}
            if above.name:
                step["name"] = above.name
            path = [*paths[each.parent], step]
        paths.append(path)
        document: dict[str, Any] = {
            "id": each.identity,
            "level": levels[index],
            "classIds": [f"mtconnect:{word(each.tag)}"],
            "externalIds": _external_ids(each, device),
            "provenance": _provenance(each.id or each.tag),
        }
        if each.name:
            document["name"] = each.name
        if each.description.text:
            document["description"] = {_language(each.description.text): each.description.text}
        if each.parent is not None:
            above = model.components[each.parent]
            document["parent"] = {"id": above.identity, "kind": "Equipment"}
            document["hierarchyPath"] = path
        yield Equipment.from_json(document)


def _assets(model: DeviceModel) -> Iterator[Document]:
    from mfgstd.models import EquipmentAssetAssignment, PhysicalAsset, Timestamp

    created = moment(model.header.get("creationTime", ""))
    since = None if created is None else created.nanoseconds
    for each in model.components:
        about = each.description
        if about.manufacturer is None:
            continue
        identity = _derived(each.identity, "asset")
        nameplate: dict[str, Any] = {"manufacturer": {"name": about.manufacturer}}
        if about.model:
            nameplate["productDesignation"] = about.model
        if about.serial_number:
            nameplate["serialNumber"] = about.serial_number
        document: dict[str, Any] = {
            "id": identity,
            "nameplate": nameplate,
            "externalIds": _external_ids(each, model.components[each.device]),
            "provenance": _provenance(each.id or each.tag),
        }
        if each.name:
            document["name"] = each.name
        if about.station:
            document["location"] = about.station
        yield PhysicalAsset.from_json(document)
        if since is None:
            # Nobody knows from when on; a time made up here would be taken for one.
            continue
        yield EquipmentAssetAssignment.from_json(
            {
                "id": _derived(each.identity, "assignment"),
                "equipment": {"id": each.identity, "kind": "Equipment"},
                "asset": {"id": identity, "kind": "PhysicalAsset"},
                "validity": {"start": Timestamp.from_nanoseconds(since)},
                "provenance": _provenance(each.id or each.tag),
            }
        )


def _data_items(model: DeviceModel) -> Iterator[Document]:
    from mfgstd.models import DataItem

    specified = _specified(model)
    for index, item in enumerate(model.items):
        facts = model.facts[index]
        component = model.components[model.owners[index]]
        document: dict[str, Any] = {
            "id": item.identity,
            "equipment": {"id": item.equipment, "kind": "Equipment"},
            "category": item.category.lower(),
            "valueType": item.kind if item.kind in {"number", "integer"} else "text",
            "type": word(item.type),
            "representation": "value"
            if item.representation == "DISCRETE"
            else item.representation.lower(),
            # An agent reports every change, unless a filter keeps some of them back.
            "complete": not facts.filters,
            "source": _source(item),
            "externalIds": [_external_id(item.id, model.components[component.device])],
            "provenance": _provenance(item.id, code=item.type),
        }
        measured = unit(item.units or item.native_units or "")
        optional = {
            "name": item.name,
            "subType": item.sub_type and word(item.sub_type),
            "unit": item.unit,
            "quantityKind": measured.quantity if measured and item.unit else None,
            "statistic": _known(facts.statistic, STATISTICS),
            "samplingInterval": 1 / facts.sample_rate
            if facts.sample_rate and facts.sample_rate > 0
            else None,
            "resetTrigger": _known(facts.reset_trigger, RESETS),
            "significantDigits": facts.significant_digits or None,
            "discrete": facts.discrete or None,
            **_bounds(item, facts.range, facts.nominal, specified.get(index)),
        }
        document |= {name: value for name, value in optional.items() if value is not None}
        yield DataItem.from_json(document)


def _bounds(
    item: Item, given: Limits, nominal: float | None, about: Specification | None
) -> dict[str, Any]:
    """``range`` and ``limits`` of a numeric data item; a band that is upside down is left out."""
    if item.kind not in {"number", "integer"}:
        return {}
    limits: dict[str, Any] = {}
    if about is not None:
        given = given or about.range
        nominal = about.nominal if nominal is None else nominal
        for name, band in about.bands.items():
            if ends := _ends(band, "lower", "upper"):
                limits[name] = ends
    if nominal is not None:
        limits["nominal"] = nominal
    return {"range": _ends(given, "minimum", "maximum"), "limits": limits or None}


def _ends(band: Limits, low: str, high: str) -> dict[str, float] | None:
    if band.lower is not None and band.upper is not None and band.lower > band.upper:
        return None
    ends = {low: band.lower, high: band.upper}
    return {name: value for name, value in ends.items() if value is not None} or None


def _specified(model: DeviceModel) -> dict[int, Specification]:
    """The specification of each data item that has exactly one.

    It names the item by id, or it is about the one numeric item of its component that has its
    type, sub-type and composition. Two candidates on either side are nobody's.
    """
    found: dict[int, list[Specification]] = {}
    by_id = {
        (model.components[owner].device, item.id): index
        for index, (item, owner) in enumerate(zip(model.items, model.owners, strict=True))
    }
    inside: dict[int, list[int]] = {}
    for index, owner in enumerate(model.owners):
        inside.setdefault(owner, []).append(index)
    for owner, component in enumerate(model.components):
        for each in component.specifications:
            if each.item is not None:
                named = by_id.get((component.device, each.item))
                candidates = [] if named is None else [named]
            else:
                candidates = [
                    index for index in inside.get(owner, ()) if _about(model, index, each)
                ]
            if len(candidates) == 1 and _same_unit(model.items[candidates[0]], each):
                found.setdefault(candidates[0], []).append(each)
    return {index: several[0] for index, several in found.items() if len(several) == 1}


def _about(model: DeviceModel, index: int, each: Specification) -> bool:
    item, facts = model.items[index], model.facts[index]
    return (
        item.kind in {"number", "integer"}
        and item.type == each.type
        and (each.sub_type is None or item.sub_type == each.sub_type)
        and (each.composition is None or facts.composition == each.composition)
    )


def _same_unit(item: Item, each: Specification) -> bool:
    return each.units is None or each.units == item.units


def _source(item: Item) -> dict[str, Any]:
    source: dict[str, Any] = {"system": _SYSTEM, "path": f"//DataItem[@id='{item.id}']"}
    if item.native_units or item.units:
        source["unit"] = item.native_units or item.units
    if item.native_scale is not None:
        source["scale"] = item.native_scale
    return source


def _language(text: str) -> str:
    """The BCP 47 tag of a description; ``und`` because the model does not say, but for Hangul.

    Only Korean is written in Hangul. Device models come in any normalisation, so single letters
    (jamo) count too.
    """
    return "ko" if _HANGUL.search(text) else "und"


def _external_ids(component: Component, device: Component) -> list[dict[str, str]]:
    ids = [_external_id(component.id, device)] if component.id else []
    if component.uuid:
        ids.append({"scheme": "mtconnect-uuid", "value": component.uuid})
    return ids or [_external_id(component.tag, device)]


def _external_id(value: str, device: Component) -> dict[str, str]:
    """An id is unique in its device only, which therefore is its issuer."""
    issuer = device.uuid or device.id or device.name or "device"
    return {"scheme": "mtconnect", "value": value, "issuer": issuer}


def _provenance(path: str, code: str | None = None) -> dict[str, Any]:
    native = {"system": _SYSTEM, "path": path}
    if code is not None:
        native["code"] = code
    return {"adapter": {"name": "mtconnect", "version": __version__}, "native": native}


def _derived(identity: str, part: str) -> str:
    """The identity of something that a component has exactly one of."""
    if identity.startswith("urn:"):
        return f"urn:uuid:{uuid5(NAMESPACE, f'{identity}#{part}')}"
    return f"{identity}#{part}"


def _known(text: str | None, known: frozenset[str]) -> str | None:
    """A word of a closed list as the standard spells it; reading has found fault with others."""
    return text.lower() if text in known else None
