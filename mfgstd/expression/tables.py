"""Functions over the tables of the standard: state machines, units, the KPI catalogue.

Each gives ``None`` where it has no result (a word that is no state, a unit that is not known, a
divisor of zero); the row functions at the end of this module make an error of it, the columnar
lowering calls the same functions from the database.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from mfgstd.errors import MfgStdError
from mfgstd.expression.checking import Scope, compile_expression
from mfgstd.expression.row import FAILURES, evaluator
from mfgstd.expression.shapes import Shapes
from mfgstd.expression.types import DOUBLE
from mfgstd.expression.values import Undefined, finite
from mfgstd.standard import machines, units
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.kpi import kpis

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mfgstd.standard.kpi import Kpi

Found = TypeVar("Found")


@lru_cache(maxsize=4096)
def allows(machine: str, before: str, after: str) -> bool | None:
    """Whether a machine allows the step."""
    try:
        return machines.machine(machine).allows(before, after)
    except MfgStdError:
        return None


@lru_cache(maxsize=4096)
def reaches(machine: str, before: str, after: str) -> bool | None:
    """Whether a machine leads from one state to the other."""
    try:
        return machines.machine(machine).reaches(before, after)
    except MfgStdError:
        return None


def converted(number: float, source: str, target: str) -> float | None:
    """A number in another unit, rounded once."""
    try:
        return finite(units.convert(number, source, target))
    except (MfgStdError, Undefined):
        return None


def measured(unit: str, quantity: str) -> bool | None:
    """Whether a unit measures a quantity."""
    try:
        return units.measures(unit, quantity)
    except MfgStdError:
        return None


def computed(code: str, names: Sequence[str], numbers: Sequence[float]) -> float | None:
    """A KPI from its elements, given side by side.

    An element that stands there several times is summed or averaged as the catalogue says of it;
    where the catalogue says nothing of the kind, it has no one value.
    """
    if code not in kpis():
        return None
    values: dict[str, list[float]] = {}
    for name, number in zip(names, numbers, strict=True):
        values.setdefault(name, []).append(float(number))
    try:
        return finite(float(_formula(code)(*_united(kpis()[code], values))))
    except FAILURES:
        return None


def _united(kpi: Kpi, values: Mapping[str, list[float]]) -> list[float]:
    united = []
    for each in kpi.elements:
        given = values[each.element]
        total = given[0]
        if len(given) > 1:
            if each.aggregation == "single":
                raise Undefined
            for number in given[1:]:
                total += number
        united.append(total / len(given) if each.aggregation == "average" else total)
    return united


@cache
def _formula(code: str) -> Callable[..., Any]:
    """The formula of a KPI over its elements, in their order.

    Raises:
        ExpressionError: the formula is not one of the rule language.
    """
    names = [each.element for each in kpis()[code].elements]
    scope = Scope(Shapes(catalogue()), dict.fromkeys(names, DOUBLE), lenient=True)
    return evaluator(compile_expression(kpis()[code].formula, scope, DOUBLE), names)


def _sure(found: Found | None) -> Found:
    if found is None:
        raise Undefined
    return found


def transition(machine: str, before: str, after: str) -> bool:
    """As :func:`allows`; an error for a word that is no state."""
    return _sure(allows(machine, before, after))


def reachable(machine: str, before: str, after: str) -> bool:
    """As :func:`reaches`; an error for a word that is no state."""
    return _sure(reaches(machine, before, after))


known_unit = units.known
commensurable = units.commensurable


def measures(unit: str, quantity: str) -> bool:
    """As :func:`measured`; an error for a word that is no quantity."""
    return _sure(measured(unit, quantity))


def convert(number: float, source: str, target: str) -> float:
    """As :func:`converted`; an error where there is no conversion."""
    return _sure(converted(number, source, target))


def kpi_value(code: str, elements: Sequence[Mapping[str, Any]]) -> float:
    """As :func:`computed`; an error where the KPI is not defined."""
    names = [each["element"] for each in elements]
    return _sure(computed(code, names, [each["value"] for each in elements]))


def kpi_defined(code: str, elements: Sequence[Mapping[str, Any]]) -> bool:
    """Whether :func:`computed` has a value."""
    names = [each["element"] for each in elements]
    return computed(code, names, [each["value"] for each in elements]) is not None
