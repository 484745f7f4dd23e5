"""Reading device models: what a machine says it can report, before it reports anything.

MTConnectDevices documents of any version (namespaces, prefixes and vendors' own elements
included), or a bare ``Device``. An odd model is still a model: whatever is wrong with it becomes
a finding, and the rest is used.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from uuid import uuid5

from mfgstd.errors import InputError, UsageError
from mfgstd.finding import Finding, Place
from mfgstd.language import Text
from mfgstd_adapters.mtconnect.model.device_findings import DeviceFindings
from mfgstd_adapters.mtconnect.model.device_model import NAMESPACE, Component, DeviceModel, Item
from mfgstd_adapters.mtconnect.model.facts import (
    RESETS,
    STATISTICS,
    Facts,
    children,
    number,
    read_description,
    read_facts,
    read_specifications,
    text_of,
)
from mfgstd_adapters.mtconnect.model.kinds import OLDEST, Version, kind_of, parse_version
from mfgstd_adapters.mtconnect.model.units import IDENTITY, Conversion, conversion, unit
from mfgstd_adapters.mtconnect.xml import line_of, local, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml import etree

__all__ = ["NAMESPACE", "Component", "DeviceModel", "Item", "read_devices"]


_CATEGORIES: Final = ("SAMPLE", "EVENT", "CONDITION")
_REPRESENTATIONS: Final = ("VALUE", "DISCRETE", "TIME_SERIES", "DATA_SET", "TABLE")
_BASE: Final = re.compile(
    r"(urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:|https?://[A-Za-z0-9\[])[A-Za-z0-9._~:/?#@!$&'()*+,;=%\[\]-]*"
)
_SCHEMA: Final = re.compile(r"urn:mtconnect\.org:MTConnectDevices:(\d{1,3}\.\d{1,3})")


def read_devices(
    data: bytes, *, base: str | None = None, path: str | None = None
) -> tuple[DeviceModel, list[Finding]]:
    """Read a device model.

    Args:
        data: an MTConnectDevices document, or one ``Device`` element.
        base: what the identities begin with (``https://plant.example/``); without it they are
            ``urn:uuid:``, computed from the device's uuid and the id, the same every time.
        path: the user's name of the source, for findings.

    Raises:
        InputError: it is not XML, or not a device model.
        UsageError: ``base`` is not the beginning of a URI.
    """
    if base is not None and not _BASE.fullmatch(base):
        raise UsageError(
            Text(
                f"The base {base[:80]!r} is not a URI that identities can begin with.",
                f"{base[:80]!r}은(는) 식별자의 앞부분으로 쓸 수 있는 URI가 아닙니다.",
            ),
            hint=Text(
                "Write it like https://plant.example/", "https://plant.example/ 처럼 쓰십시오."
            ),
        )
    root = parse(data, path=path)
    name = local(root.tag)
    if name not in {"MTConnectDevices", "Device"}:
        raise InputError(
            Text(
                f"This is a {name[:60]} document; a device model is MTConnectDevices.",
                f"{name[:60]} 문서입니다. 장치 모델은 MTConnectDevices 문서여야 합니다.",
            ),
            place=Place(path=path, line=line_of(root)),
            hint=Text(
                "Ask the agent for /probe and use what it answers.",
                "에이전트의 /probe 응답을 사용하십시오.",
            ),
        )
    reader = _Reader(base, path)
    reader.read(root)
    return reader.model(), reader.findings.all


class _Reader:
    """Walks one document once and gathers; the order of everything is that of the document."""

    def __init__(self, base: str | None, path: str | None) -> None:
        self._base = base
        self._path = path
        self.findings = DeviceFindings(path)
        self._components: list[Component] = []
        self._items: list[Item] = []
        self._facts: list[Facts] = []
        self._owners: list[int] = []
        self._seen: dict[tuple[int, str], tuple[int | None, etree._Element]] = {}
        self._identities: Counter[str] = Counter()
        self._version: Version | None = None
        self._header: Mapping[str, str] = {}

    def model(self) -> DeviceModel:
        return DeviceModel(
            components=tuple(self._components),
            items=tuple(self._items),
            facts=tuple(self._facts),
            owners=tuple(self._owners),
            schema_version=self._version,
            header=self._header,
            path=self._path,
        )

    def read(self, root: etree._Element) -> None:
        for header in children(root, "Header"):
            self._header = {local(key): str(value) for key, value in header.attrib.items()}
        devices = [root] if local(root.tag) == "Device" else list(_devices(root))
        self._version = self._schema_version(root, devices)
        if not devices:
            self.findings.add("no-devices", root)
        for device in devices:
            self._device(device)

    def _schema_version(
        self, root: etree._Element, devices: list[etree._Element]
    ) -> Version | None:
        if match := _SCHEMA.match(str(root.tag).strip("{}")):
            return parse_version(match[1])
        named = [device.get("mtconnectVersion", "") for device in devices]
        return next(
            filter(None, map(parse_version, [*named, self._header.get("version", "")])), None
        )

    def _device(self, element: etree._Element) -> None:
        uuid = element.get("uuid")
        if not uuid:
            uuid = element.get("id") or element.get("name") or "device"
            self.findings.add("no-uuid", element, instead=uuid)
        top = len(self._components)
        # A stack instead of recursion: the parents of a component come before it.
        waiting: list[tuple[etree._Element, int | None]] = [(element, None)]
        while waiting:
            current, parent = waiting.pop()
            index = len(self._components)
            self._component(current, parent, top, uuid)
            for group in children(current, "DataItems"):
                for each in children(group, "DataItem"):
                    self._item(each, index, uuid)
            below = [each for group in children(current, "Components") for each in group]
            waiting.extend((each, index) for each in reversed(below))
        if self._components[top].description.manufacturer is None:
            self.findings.add("no-nameplate", element)

    def _component(self, element: etree._Element, parent: int | None, top: int, uuid: str) -> None:
        own = element.get("id")
        if own is None and parent is not None:
            self.findings.add("component-without-id", element)
        if own is not None:
            self._unique(own, top, element)
        if parent is None:
            identity = self._identity(uuid)
        else:
            identity = self._identity(uuid, own or element.get("name") or local(element.tag))
        self._components.append(
            Component(
                tag=local(element.tag),
                id=own,
                uuid=element.get("uuid"),
                name=element.get("name"),
                native_name=element.get("nativeName"),
                identity=identity,
                parent=parent,
                device=top,
                description=read_description(element),
                specifications=tuple(read_specifications(element)),
                compositions={
                    each.get("id", ""): each.get("type", "")
                    for group in children(element, "Compositions")
                    for each in group
                },
            )
        )

    def _item(self, element: etree._Element, owner: int, uuid: str) -> None:
        component = self._components[owner]
        own = element.get("id") or element.get("name")
        if not own:
            self.findings.add("item-without-name", element)
            return
        if not element.get("id"):
            self.findings.add("item-without-id", element)
        self._unique(own, component.device, element)
        category = self._category(element)
        type_ = self._type(element)
        representation = self._representation(element)
        units = element.get("units") or None
        kind = kind_of(
            category=category,
            type_=type_,
            representation=representation,
            units=units,
            version=self._version or OLDEST,
        )
        native = element.get("nativeUnits") or None
        if category == "SAMPLE" and kind != "text" and not (units or native):
            self.findings.add("no-unit", element, expected="units")
        scale = self._scale(element)
        code, how = self._measure(element, units, native, scale)
        native_unit = unit(native) if native else None
        device = self._components[component.device]
        self._items.append(
            Item(
                id=own,
                name=element.get("name"),
                source=next(map(text_of, children(element, "Source")), None),
                category=category,
                type=type_,
                sub_type=element.get("subType"),
                representation=representation,
                units=units,
                native_units=native,
                native_scale=scale,
                device=device.name or uuid,
                component=component.tag,
                identity=self._identity(uuid, own),
                equipment=component.identity,
                kind=kind,
                unit=None if category == "CONDITION" else code,
                native_unit=native_unit.code if native_unit else None,
                conversion=how,
            )
        )
        facts = read_facts(element)
        for name, said, known in (
            ("statistic", facts.statistic, STATISTICS),
            ("ResetTrigger", facts.reset_trigger, RESETS),
        ):
            if said is not None and said not in known:
                self.findings.add("word", element, found=said, name=name)
        self._facts.append(facts)
        self._owners.append(owner)

    def _category(self, element: etree._Element) -> str:
        given = element.get("category", "")
        if given in _CATEGORIES:
            return given
        likely = given.upper() if given.upper() in _CATEGORIES else None
        likely = likely or ("SAMPLE" if element.get("units") else "EVENT")
        self.findings.add(
            "category", element, expected=", ".join(_CATEGORIES), found=given, likely=likely
        )
        return likely

    def _type(self, element: etree._Element) -> str:
        if given := element.get("type"):
            return given
        self.findings.add("type", element)
        return "UNKNOWN"

    def _representation(self, element: etree._Element) -> str:
        given = element.get("representation", "VALUE")
        if given in _REPRESENTATIONS:
            return given
        self.findings.add(
            "representation", element, expected=", ".join(_REPRESENTATIONS), found=given
        )
        return "VALUE"

    def _scale(self, element: etree._Element) -> float | None:
        given = element.get("nativeScale")
        if given is None:
            return None
        scale = number(given)
        if not scale:
            self.findings.add("scale", element, found=given)
            return None
        return scale

    def _measure(
        self, element: etree._Element, units: str | None, native: str | None, scale: float | None
    ) -> tuple[str | None, Conversion]:
        """The UCUM code of the converted values, and how they come from the native ones."""
        unscaled = conversion("COUNT", "COUNT", scale) or IDENTITY
        for word in {units, native} - {None}:
            if unit(word or "") is None:
                self.findings.add("unit", element, found=word)
        target = unit(units or native or "")
        if target is None:
            return None, unscaled
        if units is None or native is None:
            return target.code, unscaled
        how = conversion(native, units, scale)
        if how is not None:
            return target.code, how
        if unit(native) is not None:
            self.findings.add(
                "mismatch", element, expected=units, found=native, native=native, units=units
            )
        return None, unscaled

    def _unique(self, own: str, device: int, element: etree._Element) -> None:
        """XML ids are unique in a document; agents look items up by them in one device."""
        line = line_of(element)
        first = self._seen.setdefault((device, own), (line, element))
        if first[1] is element:
            return
        self.findings.add("duplicate-id", element, found=own, line=first[0])

    def _identity(self, uuid: str, own: str | None = None) -> str:
        """A URI that no other thing of this document has."""
        identity = self._uri(uuid, own)
        self._identities[identity] += 1
        if (ordinal := self._identities[identity]) == 1:
            return identity
        return self._uri(uuid, f"{own or ''}~{ordinal}")

    def _uri(self, uuid: str, own: str | None) -> str:
        if self._base is not None:
            path = quote(uuid, safe="") + ("" if own is None else "/" + quote(own, safe=""))
            return self._base + path
        name = f"mtconnect/{uuid}" + ("" if own is None else f"/{own}")
        return f"urn:uuid:{uuid5(NAMESPACE, name)}"


def _devices(root: etree._Element) -> Iterator[etree._Element]:
    for group in children(root, "Devices"):
        yield from group
