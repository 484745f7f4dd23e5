"""The KPI catalogue and the elements of its formulas, read from ``schemas/vocabularies``.

A formula stays text here: the module that parses and computes it stands above this one. Sources:
ISO 22400-2:2014 as far as public material states it, and what Korean factories use; each entry
says which of the two and whether its formula was read there (``verified``).
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from mfgstd.errors import UsageError
from mfgstd.language import Text
from mfgstd.near import suggestion
from mfgstd.standard.resolved import NAMESPACE
from mfgstd.standard.resources import root

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Aggregation",
    "Element",
    "ElementKind",
    "Kpi",
    "KpiElement",
    "KpiSource",
    "Trend",
    "Verification",
    "VersionedCode",
    "definition",
    "elements",
    "kpi",
    "kpis",
]

ElementKind: TypeAlias = Literal["time", "quantity", "count", "energy", "statistic"]
#: How several values (of the orders, work units or failures of an interval) become one.
Aggregation: TypeAlias = Literal["single", "sum", "average"]
Trend: TypeAlias = Literal["higher_is_better", "lower_is_better", "target"]
#: ``verified``: read in a public source. It never means that licensed text was read.
Verification: TypeAlias = Literal["verified", "unverified"]

_VOCABULARIES: Final = "vocabularies"


@dataclass(frozen=True, slots=True)
class VersionedCode:
    """Names a KPI definition or a classification table, in one version."""

    code: str
    version: str


@dataclass(frozen=True, slots=True)
class Element:
    """One element that formulas are made of.

    ``unit`` is the UCUM code in which a value is stated; ``None``: one unit for all such elements
    of a result, of the user's choice. ``within`` names elements that are never smaller;
    ``sum_of`` the parts that this one is made of.
    """

    name: str
    label: Text
    description: Text
    kind: ElementKind
    unit: str | None
    within: tuple[str, ...]
    sum_of: tuple[str, ...]
    source: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class KpiElement:
    """An element as one KPI uses it."""

    element: str
    kind: ElementKind
    unit: str | None
    aggregation: Aggregation


@dataclass(frozen=True, slots=True)
class KpiSource:
    """Where a definition is from, and whether its formula was read there."""

    standard: str
    version: str | None
    verification: Verification
    note: Text


@dataclass(frozen=True, slots=True)
class Kpi:
    """One definition of the catalogue.

    ``formula`` is text of the rule language over ``elements``, every one a double; it yields a
    number in ``unit`` and is undefined where an element is missing or a divisor is 0. ``minimum``
    and ``maximum`` are in ``unit``; ``None`` means without bound.
    """

    code: str
    version: str
    name: Text
    description: Text
    acronym: str | None
    formula: str
    elements: tuple[KpiElement, ...]
    unit: str
    minimum: float | None
    maximum: float | None
    trend: Trend
    scope: str
    timing: tuple[str, ...]
    audience: tuple[str, ...]
    methodology: tuple[str, ...]
    table: VersionedCode | None
    source: KpiSource


@cache
def kpis() -> Mapping[str, Kpi]:
    """All KPIs of the catalogue by code, in its order: ``iso22400.*``, then ``kr.*``."""
    return MappingProxyType({code: _kpi(each) for code, each in _entries().items()})


@cache
def elements() -> Mapping[str, Element]:
    """All elements by name, in the order of the table."""
    entries = _read("time-elements")["elements"].items()
    return MappingProxyType({name: _element(name, each) for name, each in entries})


def kpi(code: str) -> Kpi:
    """One KPI by its code.

    Raises:
        UsageError: the catalogue has none of that code; the message names the nearest.
    """
    found = kpis().get(code)
    if found is None:
        raise UsageError(
            Text(f"There is no KPI {code!r} in the catalogue.", f"목록에 {code!r} KPI가 없습니다."),
            hint=suggestion(code, list(kpis())),
        )
    return found


def definition(code: str) -> dict[str, Any]:
    """One KPI as a KpiDefinition document, so that rules can join results with the catalogue.

    Raises:
        UsageError: as :func:`kpi`.
    """
    name = kpi(code).code
    return {
        "$schema": f"{NAMESPACE}kpi/kpi-definition/1",
        "id": f"{NAMESPACE}kpi-definition/{name}",
        **deepcopy(_entries()[name]),
    }


@cache
def _entries() -> dict[str, dict[str, Any]]:
    return {each["code"]: each for each in _read("kpi-catalogue")["kpis"]}


def _read(name: str) -> dict[str, Any]:
    path = root("schemas") / _VOCABULARIES / f"{name}.json"
    return cast("dict[str, Any]", json.loads(path.read_bytes()))


def _text(pair: Mapping[str, str]) -> Text:
    return Text(pair["en"], pair["ko"])


def _kpi(entry: Mapping[str, Any]) -> Kpi:
    bounds = entry.get("range", {})
    table = entry.get("classificationTable")
    source = entry["source"]
    return Kpi(
        code=entry["code"],
        version=entry["version"],
        name=_text(entry["name"]),
        description=_text(entry["description"]),
        acronym=entry.get("acronym"),
        formula=entry["formula"],
        elements=tuple(
            KpiElement(
                element=each["element"],
                kind=each["kind"],
                unit=each.get("unit"),
                aggregation=each.get("aggregation", "single"),
            )
            for each in entry["elements"]
        ),
        unit=entry["unit"],
        minimum=_bound(bounds, "minimum"),
        maximum=_bound(bounds, "maximum"),
        trend=entry["trend"],
        scope=entry["scope"],
        timing=tuple(entry["timing"]),
        audience=tuple(entry["audience"]),
        methodology=tuple(entry["methodology"]),
        table=VersionedCode(table["code"], table["version"]) if table else None,
        source=KpiSource(
            standard=source["standard"],
            version=source.get("version"),
            verification=source["verification"],
            note=_text(source["note"]),
        ),
    )


def _bound(bounds: Mapping[str, float], name: str) -> float | None:
    return float(bounds[name]) if name in bounds else None


def _element(name: str, entry: Mapping[str, Any]) -> Element:
    return Element(
        name=name,
        label=_text(entry["label"]),
        description=_text(entry["description"]),
        kind=entry["kind"],
        unit=entry.get("unit"),
        within=tuple(entry.get("within", ())),
        sum_of=tuple(entry.get("sumOf", ())),
        source=entry["source"],
        verification=entry["verification"],
    )
