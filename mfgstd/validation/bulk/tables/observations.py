"""Rows of observations as the documents that they stand for, and what only columns can show.

``kind`` names the value column that is filled; a number may be NaN, and nanoseconds have a range:
none of it is left in a row's document. A row with such a finding is not judged as a document.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final

import ibis

from mfgstd.expression.tree import Call, Compare, Constant, Field
from mfgstd.expression.virtual import Instant, Virtual
from mfgstd.observations import SCHEMA
from mfgstd.observations.documents import KINDS, NATIVE_MEMBERS, PLAIN_MEMBERS, TIME_MEMBERS
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.bulk.terms.constraints import Term, terms
from mfgstd.validation.bulk.terms.scalars import finite
from mfgstd.validation.rules.compiled import rules_of
from mfgstd.validation.rules.rule import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mfgstd.expression.virtual import Column
    from mfgstd.validation.lowering import Strictness
    from mfgstd.validation.rules.rule import Rule

OBSERVATION: Final = "https://w3id.org/mfgstd/equipment/observation/1"

_FALSE: Final = ibis.literal(False)


def view(table: Any, microseconds: Callable[[Column], Column]) -> Virtual:
    """The row of a table of observations as an Observation; nothing is packed or written out.

    Args:
        table: an Ibis table with columns of :data:`mfgstd.observations.SCHEMA`, not all of which
            need be there.
        microseconds: a timestamp column as int64, counted from 1970; each engine has its own.
    """
    columns = {name: table[name] for name in SCHEMA.names if name in table.columns}

    def instant(name: str, below: str | None = None) -> Instant:
        given = columns[name]
        there = given.notnull()
        return Instant(microseconds(given), there, columns.get(below or ""), given)

    def gathered(members: Mapping[str, str]) -> Virtual:
        inside = {member: columns[name] for name, member in members.items() if name in columns}
        there = (each.notnull() for each in inside.values())
        return Virtual(inside, reduce(or_, there, ibis.literal(False)))

    fields: dict[str, Any] = {
        "dataItem": columns["data_item"],
        "eventTime": instant("event_time", "event_time_ns"),
        "quality": Virtual(
            {each: columns[each] for each in ("status", "reason") if each in columns},
            ibis.literal(True),
        ),
        "value": replace(gathered({each: each for each in KINDS}), exclusive=True),
        "native": gathered(NATIVE_MEMBERS),
    }
    fields |= {each: instant(name) for name, each in TIME_MEMBERS.items() if name in columns}
    fields |= {each: columns[name] for name, each in PLAIN_MEMBERS.items() if name in columns}
    return Virtual(fields, ibis.literal(True))


def column_terms(table: Any) -> list[Term]:
    """What is wrong with a row before it can be a document, by column."""

    def term(rule: str, name: str, bad: Column) -> Term:
        return Term(rule, "error", f"/{name}", bad, bad.cast("int64"))

    there = set(table.columns)
    found = [
        term("schema.required", each.name, table[each.name].isnull())
        for each in SCHEMA
        if not each.nullable and each.name in there
    ]
    filled = {name: table[name].notnull() for name in KINDS if name in there}
    kind = table["kind"]

    def only(name: str) -> Column:
        """Whether the column of a kind is filled and no other is."""
        others = (each for other, each in filled.items() if other != name)
        return reduce(lambda right, each: right & ~each, others, filled.get(name, _FALSE))

    right = [(kind == name, only(name)) for name in KINDS]
    right.append((kind == "none", ~reduce(or_, filled.values(), _FALSE)))
    found.append(term("observation.kind", "kind", ~ibis.cases(*right, else_=_FALSE)))
    if "number" in there:
        number = table["number"]
        found.append(term("json.nan", "number", number.notnull() & ~finite(number)))
    if "event_time_ns" in there:
        below = table["event_time_ns"]
        for rule, beyond in (("minimum", below < 0), ("maximum", below > 999)):
            found.append(term(f"schema.{rule}", "event_time_ns", below.notnull() & beyond))
    return found


def document_terms(
    table: Any, strictness: Strictness, microseconds: Callable[[Column], Column]
) -> list[Term]:
    """What is wrong with a row as a document.

    See :func:`mfgstd.validation.bulk.terms.constraints.terms`.

    They count only in rows of which :func:`column_terms` say nothing; what those say already is
    left out.
    """
    found = terms(catalogue().get(OBSERVATION), view(table, microseconds), strictness)
    return [
        _quicker(each, table)
        for each in found
        if each.rule != "schema.required" and each.pointer != "/value/number"
    ]


def _quicker(term: Term, table: Any) -> Term:
    """A term of a rule about clocks that compares two columns before it computes with them.

    Hardly a row was recorded before it happened, and only such a row can break the rule. It says
    the same wherever it counts: of instants that no text can say, the schema speaks.
    """
    if term.rule not in clock_rules() or "record_time" not in table.columns:
        return term
    happened, recorded = table["event_time"], table["record_time"]
    early = (recorded < happened) | happened.isnull() | recorded.isnull()
    bad = early & term.bad
    return replace(term, bad=bad, count=bad.cast("int64"))


@lru_cache(maxsize=1)
def clock_rules() -> frozenset[str]:
    """The rules that are kept by each row that was recorded when it happened, or later.

    ``event_time_ns`` is left out of that comparison. Its 16 bits are less than a millisecond, so
    the rule must leave more room than that.
    """
    return frozenset(each.id for each in rules_of(OBSERVATION) if leaves_room(each))


def leaves_room(rule: Rule) -> bool:
    """Whether a rule lets a document be recorded at least a second before it happened."""
    match rule.check:
        case Compare(
            by=">=",
            left=Call(
                function="seconds", arguments=(Field(name="eventTime"), Field(name="recordTime"))
            ),
            right=Constant(value=float(least)),
        ):
            return least <= -1 and rule.scope is Scope.RECORD and not rule.each
    return False
