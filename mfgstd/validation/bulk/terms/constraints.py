r"""The constraints of a schema and its record rules over typed columns.

Null is absent; wrong types are the reader's finding, not a term's. A term counts the findings of
one rule at one pointer, as the referee and the record rules would give them. A record rule counts
only where the schema has nothing to say, and one that cannot be evaluated counts as broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final

import ibis

from mfgstd.expression.columns import lower, mapped
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.bulk.terms.checks import Checks
from mfgstd.validation.bulk.terms.scalars import NotInColumns
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.rules.compiled import rules_of
from mfgstd.validation.rules.rule import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mfgstd.expression.virtual import Column, Virtual
    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.rules.rule import Loop, Rule

__all__ = ["NotInColumns", "Term", "any_bad", "counted", "terms"]


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One rule at one pointer; ``*`` in a pointer stands for every array index or map key.

    ``bad`` is a boolean column, never null: whether the row has such a finding, of a record rule
    whatever the schema says. ``count`` is how many, as int64. ``guard`` is a boolean column of a
    record rule: that no term of the schema is broken.
    """

    rule: str
    severity: str
    pointer: str
    bad: Column
    count: Column
    guard: Column | None = None

    @property
    def broken(self) -> Column:
        """How many findings the row has, an int64 column that is never null.

        It repeats the whole guard; :func:`counted` computes that once for all terms.
        """
        if self.guard is None:
            return self.count
        return ibis.ifelse(self.guard, self.count, _ZERO)


def terms(
    resolved: Resolved,
    this: Column | Virtual,
    strictness: Strictness,
    within: Catalogue | None = None,
) -> list[Term]:
    """Everything that can be wrong with a row: first by the schema, then by record rules.

    Args:
        resolved: the schema of what a row is.
        this: the document, a struct column or a :class:`Virtual`. Fields that it has not are
            absent in every row.
        strictness: record rules are judged strictly only, as everywhere.
        within: where the schema's references lead; the standard by default.

    Raises:
        NotInColumns: it has a column for what has no type of its own (``extensions``), for what
            contains itself, or of a type that the schema's values do not have.
    """
    reader = Checks(within or catalogue(), strict=strictness is Strictness.STRICT)
    found = [
        Term(
            f"schema.{each.rule}",
            "error",
            each.pointer,
            each.any(this),
            each.count(this),
        )
        for each in reader.of(resolved.node, this, "")
    ]
    if strictness is Strictness.STRICT:
        clean = ~any_bad(found)
        rules = [each for each in rules_of(resolved.id) if each.scope is Scope.RECORD]
        found += [_rule(each, this, clean) for each in rules]
    return found


def any_bad(found: Sequence[Term]) -> Column:
    """Whether a row has a finding at all; a record rule counts even beside one of the schema."""
    return reduce(or_, (each.bad for each in found), ibis.literal(False))


def counted(table: Any, found: Sequence[Term], *keep: str) -> Any:
    """A table with the columns ``keep`` and an int64 column ``t0``, ``t1``... for each term.

    The same numbers as :attr:`Term.broken`, with the guard computed once a row.
    """
    raw = {f"t{i}": each.count for i, each in enumerate(found)}
    schema = [f"t{i}" for i, each in enumerate(found) if each.guard is None]
    staged = table.select(*keep, **raw)
    broken = reduce(or_, (staged[name] > 0 for name in schema), ibis.literal(False))
    guarded = {
        f"t{i}": ibis.ifelse(broken, _ZERO, staged[f"t{i}"])
        for i, each in enumerate(found)
        if each.guard is not None
    }
    return staged.mutate(**guarded) if guarded else staged


_ZERO: Final = ibis.literal(0, "int64")


def _rule(rule: Rule, this: Any, guard: Column) -> Term:
    pointer = rule.at
    for loop in rule.each:
        pointer = pointer.replace(f"{{{loop.name}}}", "*")
    if rule.each:
        count = _failures(rule, rule.each, {"this": this})
        return Term(rule.id, rule.severity.value, pointer, count > 0, count, guard)
    bad = _fails(rule, {"this": this})
    return Term(rule.id, rule.severity.value, pointer, bad, bad.cast("int64"), guard)


def _fails(rule: Rule, names: Mapping[str, Any]) -> Column:
    return ~lower(rule.verdict, names).fill_null(False)


def _failures(rule: Rule, loops: Sequence[Loop], names: Mapping[str, Any]) -> Column:
    """How many combinations of elements break a rule; of a list that is not there, none."""
    if not loops:
        return _fails(rule, names).cast("int64")
    loop, *rest = loops
    counts = mapped(
        lower(loop.over, names), lambda item: _failures(rule, rest, {**names, loop.name: item})
    )
    return counts.sums().cast("int64").fill_null(0)
