"""Functions over the tables of the standard on columns: the row functions, called by the engine.

Units compose without end and a conversion is exact before it is rounded, so no join and no
arithmetic of a database could say the same; DuckDB and Spark both call Python. State machines are
small: what they allow is written into the query.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import ibis

from mfgstd.expression import tables
from mfgstd.expression.columns import mapped
from mfgstd.standard.machines import UNKNOWN, machines
from mfgstd.standard.machines import machine as machine_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.expression.virtual import Column


@cache
def _registered(name: str) -> Any:
    """A function as Ibis knows it.

    DuckDB lets no Python function give null, so each gives a list of one or none.
    """
    from mfgstd.standard import units

    signatures: dict[str, tuple[Any, list[str], str]] = {
        "mfgstd_allows": (tables.allows, ["string"] * 3, "boolean"),
        "mfgstd_reaches": (tables.reaches, ["string"] * 3, "boolean"),
        "mfgstd_known_unit": (units.known, ["string"], "boolean"),
        "mfgstd_commensurable": (units.commensurable, ["string"] * 2, "boolean"),
        "mfgstd_measures": (tables.measured, ["string"] * 2, "boolean"),
        "mfgstd_converted": (tables.converted, ["float64", "string", "string"], "float64"),
        "mfgstd_computed": (
            tables.computed,
            ["string", "array<string>", "array<float64>"],
            "float64",
        ),
    }
    function, takes, gives = signatures[name]
    called = _ARITIES[len(takes)](function)
    return ibis.udf.scalar.python(called, name=name, signature=(tuple(takes), f"array<{gives}>"))


# A database must be told each parameter, so one wrapper for any number of them would not do.
def _one(function: Any) -> Any:
    def called(first: Any) -> list[Any]:
        return _answers(function, first)

    return called


def _two(function: Any) -> Any:
    def called(first: Any, second: Any) -> list[Any]:
        return _answers(function, first, second)

    return called


def _three(function: Any) -> Any:
    def called(first: Any, second: Any, third: Any) -> list[Any]:
        return _answers(function, first, second, third)

    return called


_ARITIES: Final = {1: _one, 2: _two, 3: _three}


def _answers(function: Any, *given: Any) -> list[Any]:
    # A list with an element that is not there has no answer either, as in rows.
    gone = any(each is None or (isinstance(each, list) and None in each) for each in given)
    answer = None if gone else function(*given)
    return [] if answer is None else [answer]


def transition(machine: Column, before: Column, after: Column) -> Column:
    """Whether the machine allows the step."""
    return _stepped("mfgstd_allows", machine, before, after)


def reachable(machine: Column, before: Column, after: Column) -> Column:
    """Whether the machine leads there."""
    return _stepped("mfgstd_reaches", machine, before, after)


#: How many words the bits of one number can stand for.
_BITS: Final = 62


def _stepped(function: str, machine: Column, before: Column, after: Column) -> Column:
    """What a machine says of a step, without a call for each row.

    Each word that a machine knows has a bit, and each the bits of the words that may follow.
    """
    literal: Any = machine.op()
    name = getattr(literal, "value", None)
    if name not in machines():
        return _registered(function)(machine, before, after)[0]
    known = machine_of(name)
    words = dict.fromkeys([*known.states, UNKNOWN, *known.outside])
    if len(words) > _BITS:
        return _registered(function)(machine, before, after)[0]
    says = tables.allows if function == "mfgstd_allows" else tables.reaches
    bits = {word: 1 << i for i, word in enumerate(words)}
    following = {
        word: sum(bit for other, bit in bits.items() if says(name, word, other) is True)
        for word in bits
    }
    return (_coded(before, following) & _coded(after, bits)) != ibis.literal(0, "int64")


def _coded(word: Column, codes: Mapping[str, int]) -> Column:
    """The number of a word; null for one that has none."""
    return word.cases(*((each, ibis.literal(code, "int64")) for each, code in codes.items()))


def known_unit(unit: Column) -> Column:
    """Whether the table has the unit."""
    return _registered("mfgstd_known_unit")(unit)[0]


def commensurable(first: Column, second: Column) -> Column:
    """Whether they convert into each other."""
    return _registered("mfgstd_commensurable")(first, second)[0]


def measures(unit: Column, quantity: Column) -> Column:
    """Whether the unit measures the quantity."""
    return _registered("mfgstd_measures")(unit, quantity)[0]


def convert(number: Column, source: Column, target: Column) -> Column:
    """In another unit."""
    return _registered("mfgstd_converted")(number, source, target)[0]


def kpi_value(code: Column, elements: Column) -> Column:
    """The KPI."""
    names = mapped(elements, lambda each: each["element"])
    numbers = mapped(elements, lambda each: each["value"])
    return _registered("mfgstd_computed")(code, names, numbers)[0]


def kpi_defined(code: Column, elements: Column) -> Column:
    """Whether it has a value."""
    both = ibis.ifelse(code.notnull() & elements.notnull(), True, ibis.null())
    return ibis.ifelse(both, kpi_value(code, elements).notnull(), ibis.null())
