"""What a machine says it can report: data items, the parts they belong to, and their names.

:func:`mfgstd_adapters.mtconnect.model.devices.read_devices` makes these out of a probe document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.models import Document
    from mfgstd_adapters.mtconnect.model.facts import Description, Facts, Specification
    from mfgstd_adapters.mtconnect.model.kinds import Kind, Version
    from mfgstd_adapters.mtconnect.model.units import Conversion

#: Names of things whose owner gave no base URI are made in here (RFC 9562, version 5).
NAMESPACE: Final = UUID("6f1d0cbe-5c0f-5f6e-9d0e-2f7f3c8f9a11")


@dataclass(frozen=True, slots=True)
class Item:
    """One data item, as translation needs it.

    ``identity`` is the URI of our DataItem and ``equipment`` that of the Equipment it belongs
    to. Values in ``native_units`` become values in ``unit`` (UCUM) by ``conversion``; an agent
    has converted already. ``unit`` is ``None`` where values have none, or where the model's words
    contradict each other and nobody can say what they are in.
    """

    id: str
    name: str | None
    source: str | None
    category: str
    type: str
    sub_type: str | None
    representation: str
    units: str | None
    native_units: str | None
    native_scale: float | None
    device: str
    component: str
    identity: str
    equipment: str
    kind: Kind
    unit: str | None
    native_unit: str | None
    conversion: Conversion


@dataclass(frozen=True, slots=True)
class Component:
    """A device or any part of one; ``parent`` and ``device`` are indexes into the components."""

    tag: str
    id: str | None
    uuid: str | None
    name: str | None
    native_name: str | None
    identity: str
    parent: int | None
    device: int
    description: Description
    specifications: tuple[Specification, ...] = ()
    compositions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeviceModel:
    """Everything that one probe document says; ``facts`` and ``owners`` run beside ``items``.

    ``owners`` holds the index of each item's component. ``header`` holds the attributes of the
    document's ``Header``, such as ``instanceId`` and ``creationTime``.
    """

    components: tuple[Component, ...]
    items: tuple[Item, ...]
    facts: tuple[Facts, ...]
    owners: tuple[int, ...]
    schema_version: Version | None
    header: Mapping[str, str]
    path: str | None = None

    @property
    def devices(self) -> tuple[Component, ...]:
        """The devices (and the agent, where it describes itself), in the order of the document."""
        return tuple(each for each in self.components if each.parent is None)

    def device(self, name: str | None) -> Component | None:
        """A device by name, uuid or id."""
        return next(
            (each for each in self.devices if name in (each.name, each.uuid, each.id)), None
        )

    def keys(self, device: str | None = None) -> dict[str, int]:
        """Every name by which a report may call an item -> its index in ``items``.

        Id goes before name, and name before source; of equal ones the first in the document
        wins. ``device`` (name, uuid or id) is the one that plain names belong to; without it,
        they belong to all, but a name that two devices share belongs to none.
        """
        chosen = self.device(device)
        plain: dict[str, int] = {}
        prefixed: dict[str, int] = {}
        shared: set[str] = set()
        for part in ("id", "name", "source"):
            for index, item in enumerate(self.items):
                key = getattr(item, part)
                if key is None:
                    continue
                owner = self._device_of(index)
                for prefix in (owner.name, owner.uuid, owner.id):
                    if prefix is not None:
                        prefixed.setdefault(f"{prefix}:{key}", index)
                if chosen is not None and owner is not chosen:
                    continue
                other = plain.setdefault(key, index)
                if part != "id" and self._device_of(other) is not owner:
                    shared.add(key)
        ids = {item.id for item in self.items}
        for key in shared - ids:
            del plain[key]
        return {**prefixed, **plain}

    def documents(self) -> tuple[Document, ...]:
        """The master data: Equipment, PhysicalAsset, EquipmentAssetAssignment and DataItem."""
        from mfgstd_adapters.mtconnect.model.equipment import documents

        return documents(self)

    def _device_of(self, index: int) -> Component:
        return self.components[self.components[self.owners[index]].device]
