"""MTConnect documents as an agent writes them: devices, streams, errors.

Written with the standard library, apart from every parser that is judged by them. Versions 2.3
and 1.8; the tests hold each document against the published XSD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from xml.etree import ElementTree as ET

from mfgstd_conformance.peers.machine import (
    Component,
    Condition,
    Entries,
    Machine,
    Message,
    Report,
    Series,
    Signal,
    timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Version = Literal["1.8", "2.3"]

#: How many assets the agent says it could keep; it keeps none.
_ASSETS: Final = "1024"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What every document says of the agent; ``now`` in nanoseconds since 1970."""

    version: Version
    instance: int
    buffer_size: int
    model_changed: int
    now: int


@dataclass(frozen=True, slots=True)
class Window:
    """The sequence numbers that a streams document speaks of."""

    first: int
    last: int
    next: int


def devices(header: Header, machines: Sequence[Machine]) -> bytes:
    """A device model of these machines (MTConnectDevices)."""
    root = _root("MTConnectDevices", header.version)
    attributes = _header(header)
    attributes.update(assetBufferSize=_ASSETS, assetCount="0")
    ET.SubElement(root, "Header", attributes)
    below = ET.SubElement(root, "Devices")
    for machine in machines:
        below.append(device := device_tree(machine))
        if machine.tag == "Agent":
            device.set("mtconnectVersion", header.version)
    return _bytes(root)


def device_tree(machine: Machine) -> ET.Element:
    """One device with its components and data items, in no namespace, as paths see it."""
    device: ET.Element[str] = ET.Element(
        machine.tag, {"id": machine.id, "name": machine.name, "uuid": machine.uuid}
    )
    ET.SubElement(
        device,
        "Description",
        {
            "manufacturer": machine.manufacturer,
            "model": machine.model,
            "serialNumber": machine.serial,
        },
    ).text = machine.description
    _items(device, [each for each in machine.signals if not each.component])
    _components(device, machine, None)
    return device


def _components(above: ET.Element, machine: Machine, parent: str | None) -> None:
    children = [each for each in machine.components if each.parent == parent]
    if not children:
        return
    below = ET.SubElement(above, "Components")
    for each in children:
        element = ET.SubElement(below, each.tag, {"id": each.id, "name": each.name})
        _items(element, [signal for signal in machine.signals if signal.component == each.id])
        _components(element, machine, each.id)


def _items(above: ET.Element, signals: Sequence[Signal]) -> None:
    if not signals:
        return
    below = ET.SubElement(above, "DataItems")
    for signal in signals:
        attributes = {
            "id": signal.id,
            "name": signal.name,
            "category": signal.category,
            "type": signal.type,
            "subType": signal.sub_type,
            "units": signal.units,
            "nativeUnits": signal.native_units,
            "representation": None if signal.representation == "VALUE" else signal.representation,
            "sampleRate": "1000" if signal.representation == "TIME_SERIES" else None,
        }
        ET.SubElement(below, "DataItem", {k: v for k, v in attributes.items() if v is not None})


def streams(
    header: Header,
    window: Window,
    machines: Sequence[Machine],
    observations: Iterable[tuple[int, Report]],
) -> bytes:
    """Numbered observations (MTConnectStreams), grouped by device and component."""
    root = _root("MTConnectStreams", header.version)
    ET.SubElement(
        root,
        "Header",
        {
            **_header(header),
            "firstSequence": str(window.first),
            "lastSequence": str(window.last),
            "nextSequence": str(window.next),
        },
    )
    below = ET.SubElement(root, "Streams")
    device_streams = {
        each.uuid: ET.SubElement(below, "DeviceStream", {"name": each.name, "uuid": each.uuid})
        for each in machines
    }
    component_streams: dict[tuple[str, str], ET.Element] = {}
    for sequence, each in observations:
        machine, signal = each.machine, each.signal
        key = (machine.uuid, signal.component)
        if key not in component_streams:
            component_streams[key] = _component_stream(
                device_streams[machine.uuid], machine, signal
            )
        component_streams[key].append(_observation(sequence, each, header.version))
    for stream in component_streams.values():
        _by_category(stream)
    return _bytes(root)


def _component_stream(above: ET.Element, machine: Machine, signal: Signal) -> ET.Element:
    owner = next(
        (each for each in machine.components if each.id == signal.component),
        Component(machine.id, machine.tag, machine.name),
    )
    return ET.SubElement(
        above,
        "ComponentStream",
        {"component": owner.tag, "name": owner.name, "componentId": owner.id},
    )


def _by_category(stream: ET.Element) -> None:
    """Sort a component's observations into the containers that the standard wants."""
    containers = {name: ET.Element(name) for name in ("Samples", "Events", "Condition")}
    for observation in list(stream):
        stream.remove(observation)
        containers[observation.attrib.pop("category")].append(observation)
    stream.extend(each for each in containers.values() if len(each))


def _observation(sequence: int, each: Report, version: Version) -> ET.Element:
    signal, said = each.signal, each.engineered
    attributes = {
        "dataItemId": signal.id,
        "name": signal.name,
        "sequence": str(sequence),
        "timestamp": each.time,
        "category": {"SAMPLE": "Samples", "EVENT": "Events", "CONDITION": "Condition"}[
            signal.category
        ],
    }
    if signal.sub_type:
        attributes["subType"] = signal.sub_type
    tag = signal.type.title().replace("_", "")
    tag += {"VALUE": "", "TIME_SERIES": "TimeSeries", "DATA_SET": "DataSet", "TABLE": "Table"}[
        signal.representation
    ]
    text = said if isinstance(said, str) else ""
    match said:
        case Condition():
            tag = said.level.title()
            native = {
                "nativeCode": said.code,
                "nativeSeverity": said.severity,
                "qualifier": said.qualifier,
            }
            attributes |= {name: value for name, value in native.items() if value}
            attributes["type"] = signal.type
            if said.code and version != "1.8":
                attributes["conditionId"] = said.code
            text = said.text
        case Message():
            # The published XSD gives a message no place for its native code.
            text = said.text
        case Series():
            attributes |= {"sampleCount": str(len(said.values)), "sampleRate": str(said.rate)}
            text = " ".join(said.values)
        case Entries():
            attributes["count"] = str(len(said.values))
        case str() if signal.representation in ("DATA_SET", "TABLE"):
            attributes["count"] = "0"
    element = ET.Element(tag, attributes)
    element.text = text or None
    if isinstance(said, Entries):
        for key, value in said.values.items():
            entry = ET.SubElement(element, "Entry", {"key": key})
            if isinstance(value, str):
                entry.text = value
                continue
            for cell, content in value.items():
                ET.SubElement(entry, "Cell", {"key": cell}).text = content
    return element


def can_be_unavailable(signal: Signal) -> bool:
    """Whether the XSD lets an agent say UNAVAILABLE of it: a time series is numbers or nothing."""
    return signal.representation != "TIME_SERIES"


def errors(header: Header, found: Sequence[tuple[str, str]]) -> bytes:
    """What the agent refuses (MTConnectError): pairs of error code and sentence."""
    root = _root("MTConnectError", header.version)
    attributes = _header(header)
    del attributes["deviceModelChangeTime"]
    ET.SubElement(root, "Header", attributes)
    below = ET.SubElement(root, "Errors")
    for code, sentence in found:
        ET.SubElement(below, "Error", {"errorCode": code}).text = sentence
    return _bytes(root)


def _header(header: Header) -> dict[str, str]:
    return {
        "creationTime": timestamp(header.now, 0).replace(".", ""),
        "deviceModelChangeTime": timestamp(header.model_changed),
        "sender": "mfgstd-simulated-shop",
        "instanceId": str(header.instance),
        "version": header.version,
        "bufferSize": str(header.buffer_size),
    }


def _root(name: str, version: Version) -> ET.Element:
    return ET.Element(name, {"xmlns": f"urn:mtconnect.org:{name}:{version}"})


def _bytes(root: ET.Element) -> bytes:
    document: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return document
