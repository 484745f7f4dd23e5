"""What a device model says of a data item or component beyond what translation needs.

Translation looks at an ``Item`` a million times; limits, filters and nameplates are wanted once,
when the master data is written. So they stand apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mfgstd_adapters.mtconnect.xml import local

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml import etree


@dataclass(frozen=True, slots=True)
class Description:
    """The nameplate of a device or component: MTConnect ``Description``, its text in ``text``."""

    manufacturer: str | None = None
    model: str | None = None
    serial_number: str | None = None
    station: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """A band of values in the units of the data item; each end may be open."""

    lower: float | None = None
    upper: float | None = None

    def __bool__(self) -> bool:
        return self.lower is not None or self.upper is not None


@dataclass(frozen=True, slots=True)
class Specification:
    """One ``Specification`` or ``ProcessSpecification`` of a component (MTConnect Part 2).

    ``item`` is the id of the data item that it names; without one, ``type``, ``sub_type`` and
    ``composition`` tell which it is about. ``bands`` holds those of specification, control, alarm
    and warning that it gives; ``range`` what a value can be at all.
    """

    id: str | None
    item: str | None
    type: str | None
    sub_type: str | None
    composition: str | None
    units: str | None
    nominal: float | None
    range: Limits
    bands: Mapping[str, Limits]


@dataclass(frozen=True, slots=True)
class Filter:
    """Why not every change is reported: ``MINIMUM_DELTA`` in units, or ``PERIOD`` in seconds."""

    type: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Relationship:
    """A data item points to another, or to a specification, by id."""

    tag: str
    type: str | None
    target: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What one ``DataItem`` element says beyond its :class:`Item`.

    ``sample_rate`` is in hertz; ``range`` and ``nominal`` come from its ``Constraints``;
    ``values`` are the only ones that it can take; ``entries`` and ``cells`` are the keys that the
    ``Definition`` of a data set or table gives, each with its unit word.
    """

    statistic: str | None = None
    sample_rate: float | None = None
    significant_digits: int | None = None
    discrete: bool = False
    range: Limits = field(default_factory=Limits)
    nominal: float | None = None
    values: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    reset_trigger: str | None = None
    initial_value: str | None = None
    composition: str | None = None
    source_component: str | None = None
    source_item: str | None = None
    coordinate_system: str | None = None
    entries: Mapping[str, str | None] = field(default_factory=dict)
    cells: Mapping[str, str | None] = field(default_factory=dict)
    relationships: tuple[Relationship, ...] = ()


#: The words that the standard knows; a vendor's own are none of them.
RESETS: Final = frozenset(
    (
        "ACTION_COMPLETE",
        "ANNUAL",
        "DAY",
        "LIFE",
        "MAINTENANCE",
        "MONTH",
        "POWER_ON",
        "SHIFT",
        "WEEK",
    )
)
STATISTICS: Final = frozenset(
    ("AVERAGE", "KURTOSIS", "MAXIMUM", "MEDIAN", "MINIMUM", "MODE", "RANGE",
     "ROOT_MEAN_SQUARE", "STANDARD_DEVIATION")
)  # fmt: skip
_BANDS: Final = {
    "SpecificationLimits": "specification",
    "ControlLimits": "control",
    "AlarmLimits": "alarm",
}


def number(text: str | None) -> float | None:
    """A finite number, or nothing."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The child elements of these local names, in any namespace."""
    return (child for child in element if local(child.tag) in names)


def text_of(element: etree._Element | None) -> str | None:
    """The text of an element without what editors put around it; nothing if it is empty."""
    if element is None or element.text is None:
        return None
    return " ".join(element.text.split()) or None


def read_description(element: etree._Element) -> Description:
    """The ``Description`` below a device or component; an empty one where there is none."""
    for child in children(element, "Description"):
        return Description(
            manufacturer=_attribute(child, "manufacturer"),
            model=_attribute(child, "model"),
            serial_number=_attribute(child, "serialNumber"),
            station=_attribute(child, "station"),
            text=text_of(child),
        )
    return Description()


def read_specifications(component: etree._Element) -> Iterator[Specification]:
    """The specifications that stand in the ``Configuration`` of a component."""
    for configuration in children(component, "Configuration"):
        for group in children(configuration, "Specifications"):
            for each in children(group, "Specification", "ProcessSpecification"):
                yield _specification(each)


def _specification(element: etree._Element) -> Specification:
    values = {local(child.tag): number(child.text) for child in element}
    bands = {
        "specification": Limits(values.get("LowerLimit"), values.get("UpperLimit")),
        "warning": Limits(values.get("LowerWarning"), values.get("UpperWarning")),
    }
    nominal = values.get("Nominal")
    for child in children(element, *_BANDS):
        inner = {local(each.tag): number(each.text) for each in child}
        bands[_BANDS[local(child.tag)]] = Limits(inner.get("LowerLimit"), inner.get("UpperLimit"))
        if warning := Limits(inner.get("LowerWarning"), inner.get("UpperWarning")):
            bands["warning"] = warning
        nominal = inner.get("Nominal") if nominal is None else nominal
    return Specification(
        id=element.get("id"),
        item=element.get("dataItemIdRef"),
        type=element.get("type"),
        sub_type=element.get("subType"),
        composition=element.get("compositionIdRef"),
        units=element.get("units"),
        nominal=nominal,
        range=Limits(values.get("Minimum"), values.get("Maximum")),
        bands={name: band for name, band in bands.items() if band},
    )


def read_facts(element: etree._Element) -> Facts:
    """Everything of a ``DataItem`` element that is not in its :class:`Item`."""
    parts = {local(child.tag): child for child in element}
    low: float | None = None
    high: float | None = None
    nominal: float | None = None
    values: list[str] = []
    # Version 1.3 had filters among the constraints.
    filters = [
        Filter(each.get("type", "MINIMUM_DELTA"), number(each.text))
        for group in children(element, "Filters", "Constraints")
        for each in children(group, "Filter")
    ]
    for child in parts.get("Constraints", ()):
        match local(child.tag):
            case "Minimum":
                low = number(child.text)
            case "Maximum":
                high = number(child.text)
            case "Nominal":
                nominal = number(child.text)
            case "Value" if text := text_of(child):
                values.append(text)
            case _:
                pass
    source = parts.get("Source")
    digits = element.get("significantDigits", "")
    representation = element.get("representation", "VALUE")
    entries, cells = _definitions(parts.get("Definition"))
    return Facts(
        statistic=_attribute(element, "statistic"),
        sample_rate=number(element.get("sampleRate")),
        significant_digits=int(digits)
        if digits.isascii() and digits.isdigit() and len(digits) < 4
        else None,
        discrete=element.get("discrete") in {"true", "1"} or representation == "DISCRETE",
        range=Limits(low, high),
        nominal=nominal,
        values=tuple(values),
        filters=tuple(filters),
        reset_trigger=text_of(parts.get("ResetTrigger")),
        initial_value=text_of(parts.get("InitialValue")),
        composition=_attribute(element, "compositionId"),
        source_component=None if source is None else source.get("componentId"),
        source_item=None if source is None else source.get("dataItemId"),
        coordinate_system=_attribute(element, "coordinateSystem")
        or _attribute(element, "coordinateSystemIdRef"),
        entries=entries,
        cells=cells,
        relationships=tuple(
            Relationship(local(each.tag), each.get("type"), each.get("idRef"))
            for each in parts.get("Relationships", ())
        ),
    )


def _definitions(
    definition: etree._Element | None,
) -> tuple[dict[str, str | None], dict[str, str | None]]:
    entries: dict[str, str | None] = {}
    cells: dict[str, str | None] = {}
    for each in () if definition is None else definition.iter():
        name = each.get("key") or each.get("keyType")
        if name is None:
            continue
        if local(each.tag) == "EntryDefinition":
            entries[name] = each.get("units")
        elif local(each.tag) == "CellDefinition":
            cells[name] = each.get("units")
    return entries, cells


def _attribute(element: etree._Element, name: str) -> str | None:
    return (element.get(name) or "").strip() or None
