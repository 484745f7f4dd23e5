"""Which check examines which requirement, and the words in which checks speak."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from mfgstd.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy.typing as npt

    from mfgstd.language import Text
    from mfgstd_conformance.trace import Trace

#: The modules with checks; each registers its own when it is imported.
_MODULES: Final = (
    "alarms", "delivering", "documents", "equipment", "event_ids", "evidence", "gaps",
    "observations", "rules", "truths",
)  # fmt: skip

#: Findings that are told of one kind of deviation in one delivery; the rest is counted.
TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """The evidence does not decide; ``text`` says what is missing."""

    text: Text


@dataclass(frozen=True, slots=True)
class Inapplicable:
    """Nothing of what the requirement concerns was delivered; ``text`` names the clause."""

    text: Text


@dataclass(frozen=True, slots=True)
class More:
    """So many further findings of a rule, which are not told one by one."""

    rule: str
    count: int


Outcome: TypeAlias = Finding | Inapplicable | Inconclusive | More
Function: TypeAlias = "Callable[[Trace], Iterable[Outcome]]"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: the requirement that it examines, and its name for reports."""

    requirement: str
    name: str
    run: Function


_CHECKS: dict[str, list[Check]] = {}


def check(requirement: str) -> Callable[[Function], Function]:
    """Register a function as a check of a requirement."""

    def register(function: Function) -> Function:
        module = function.__module__.rpartition(".")[2]
        name = f"{module}.{function.__name__}"
        _CHECKS.setdefault(requirement, []).append(Check(requirement, name, function))
        return function

    return register


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check that there is."""
    for name in _MODULES:
        import_module(f"mfgstd_conformance.checks.{name}")
    return tuple(each for checks in _CHECKS.values() for each in checks)


def checks_of(requirement: str) -> tuple[Check, ...]:
    """The checks of one requirement; none where it is not examined by a program."""
    return tuple(each for each in all_checks() if each.requirement == requirement)


_Made = TypeVar("_Made")


def once(function: Callable[[Any], _Made]) -> Callable[[Any], _Made]:
    """Compute something about a trace or delivery once, however many checks ask for it."""
    made: WeakKeyDictionary[Any, _Made] = WeakKeyDictionary()

    @wraps(function)
    def remembered(about: Any) -> _Made:
        if about not in made:
            made[about] = function(about)
        return made[about]

    return remembered


def some(
    rows: npt.NDArray[Any], rule: str, tell: Callable[[int], Finding]
) -> Iterator[Finding | More]:
    """The first of many rows as findings, and how many more there are.

    ``rows`` is a mask, or the row numbers themselves.
    """
    numbers = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
    for row in numbers[:TOLD].tolist():
        yield tell(row)
    if len(numbers) > TOLD:
        yield More(rule, len(numbers) - TOLD)
