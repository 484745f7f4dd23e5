"""Judging rules in columns: queries of documents as nested columns, on whatever Ibis speaks.

They say what :func:`mfgstd.validation.rules.collection.outcomes` says. Each entity is one table:
``row`` (a document's number within it), ``this`` (at least what the rules read of it,
:func:`~mfgstd.validation.rules.layouts.layouts`), and perhaps ``collection``: documents of
different collections never meet. Neighbours come by ``lag`` and ``lead`` over partition and order,
ties by ``row``; partners by joins. Rules that look at the same neighbours or partners share a
query.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import ibis

from mfgstd.expression.columns import ERROR, FALSE, TRUE, lower, outcome
from mfgstd.expression.functions import FUNCTIONS
from mfgstd.expression.tree import Call, children
from mfgstd.validation.rules.judging import UNMATCHED, Outcome
from mfgstd.validation.rules.layouts import Flat, Table, layouts, names_read, table
from mfgstd.validation.rules.rule import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mfgstd.expression.layout import Part
    from mfgstd.expression.tree import Tree
    from mfgstd.validation.rules.rule import Loop, Partner, Rule

    Value: TypeAlias = Callable[[Table], Any]

#: What a verdict says, by the text of it.
KEPT: Final[Mapping[str, bool | str | None]] = {
    TRUE: True,
    FALSE: False,
    ERROR: None,
    UNMATCHED: UNMATCHED,
}
_NOTHING_SAID: Final = "nothing"


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A table in which the document is no column: it has ``row``, and ``this`` is put together."""

    table: Table
    this: Any


def passes(rules: Iterable[Rule]) -> list[tuple[Rule, ...]]:
    """Rules grouped by what they look at: each group is one query."""
    groups: dict[Any, list[Rule]] = {}
    for rule in rules:
        seen = (rule.entity, rule.scope, rule.each, rule.partition, rule.order, rule.partners)
        groups.setdefault(seen, []).append(rule)
    return [tuple(group) for group in groups.values()]


def judged(rules: Sequence[Rule], tables: Mapping[str, Table | Rows]) -> Table:
    """The outcomes of the rules of one group.

    Columns: ``collection`` if the tables have it, ``row``, ``index_0``... for each loop, and
    ``outcome_0``... for each rule: a text, of which some mean that it was not judged there.
    """
    first, read = rules[0], names_read(rules)
    if first.scope is Scope.REFERENCE:
        bound = _Bound.of("this", read["this"], tables[first.entity])
        bound = _loops(bound, first.each)
        for partner in first.partners:
            theirs = _Bound.of(partner.name, read[partner.name], tables[partner.entity], once=True)
            bound = _joined(bound, partner, _loops(theirs, partner.each))
    elif first.scope is Scope.SEQUENCE:
        bound = _loops(_sequence(rules, read, tables[first.entity]), first.each)
    else:
        bound = _loops(_Bound.of("this", read["this"], tables[first.entity]), first.each)
    indexes = {f"index_{i}": bound.table[each] for i, each in enumerate(bound.indexes)}
    numbers = {name: bound.table[name] for name in bound.numbers}
    said = {f"outcome_{i}": _said(rule, bound) for i, rule in enumerate(rules)}
    return bound.table.select(**numbers, **indexes, **said)


def failures(rules: Sequence[Rule], tables: Mapping[str, Table | Rows]) -> Table:
    """The rows of :func:`judged` in which some rule is broken."""
    said = judged(rules, tables)
    kept = [TRUE, _NOTHING_SAID]
    broken = ~said["outcome_0"].isin(kept)
    for i in range(1, len(rules)):
        broken = broken | ~said[f"outcome_{i}"].isin(kept)
    return said.filter(broken)


def query(rule: Rule, tables: Mapping[str, Table | Rows]) -> Table:
    """The outcomes of one rule.

    Columns: ``collection`` if the tables have it, ``row``, ``index_0``... for each loop, and
    ``outcome``, a text.
    """
    said = judged([rule], tables).rename(outcome="outcome_0")
    said = said.filter(said["outcome"] != _NOTHING_SAID)
    return said.distinct() if rule.scope is Scope.REFERENCE else said


def outcomes(
    rule: Rule, collections: Sequence[Mapping[str, Sequence[Any]]], connection: Any
) -> list[list[Outcome]]:
    """The same for documents in memory, several collections at once, on an Ibis connection.

    The outcomes of each collection are sorted by row and ``each`` indexes.
    """
    tables = {
        entity: ibis.memtable(table(part, [filed.get(entity, ()) for filed in collections]))
        for entity, part in layouts(rule).items()
    }
    said: list[list[Outcome]] = [[] for _ in collections]
    for each in connection.to_pyarrow(query(rule, tables)).to_pylist():
        indexes = tuple(each[f"index_{i}"] for i in range(len(rule.each)))
        said[each["collection"]].append(Outcome(each["row"], indexes, KEPT[each["outcome"]]))
    return [sorted(each, key=Outcome.place) for each in said]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """A table in the making: how to read each name from it, the columns of the loops' indexes.

    ``rows`` has, for each partner, the column that is null where none was found.
    """

    table: Table
    values: Mapping[str, Value]
    numbers: tuple[str, ...]
    indexes: tuple[str, ...] = ()
    rows: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, part: Part, given: Table | Rows, *, once: bool = False) -> _Bound:
        """The documents of a table as the columns that are read of them.

        With ``once``, those of which the same is read are one: its row is any of theirs.
        """
        rows = given if isinstance(given, Rows) else Rows(given, given["this"])
        flat, columns = Flat.of(name, part, rows.this)
        numbers = tuple(each for each in ("collection", "row") if each in rows.table.columns)
        plain = rows.table.select(**{each: rows.table[each] for each in numbers}, **columns)
        if once:
            # However many partners say the same, it is said once.
            apart = [each for each in numbers if each != "row"]
            plain = plain.group_by([*apart, *columns]).agg(row=plain["row"].min())
        return cls(table=plain, values={name: flat.value}, numbers=numbers)

    @property
    def names(self) -> dict[str, Any]:
        """The names as the lowering wants them; a partner that is absent is null."""
        return {name: value(self.table) for name, value in self.values.items()}


def _said(rule: Rule, bound: _Bound) -> Any:
    """What a rule says of each row; nothing where a neighbour or partner is missing."""
    said = _verdict(rule, bound.names)
    for name in rule.neighbours:
        alone = bound.table[f"row_of_{name}"].isnull()
        said = ibis.ifelse(alone, _NOTHING_SAID, said)
    # The first partner that is missing decides, as it would row by row.
    for partner in reversed(rule.partners):
        missing = bound.table[bound.rows[partner.name]].isnull()
        if partner.unmatched:
            said = ibis.ifelse(missing, UNMATCHED, said)
        elif not partner.optional:
            said = ibis.ifelse(missing, _NOTHING_SAID, said)
    return said


def _verdict(rule: Rule, names: Mapping[str, Any]) -> Any:
    """Whether the rule is kept; the check is computed only where ``when`` does not settle it.

    An engine computes both sides of an OR for all rows, and a check may call Python for each.
    """
    if rule.when is None or not _calls(rule.check):
        return outcome(rule.verdict, names)
    applies = lower(rule.when, names)
    said = (~applies | lower(rule.check, names)).cast("string").fill_null(ERROR)
    return ibis.ifelse(applies.fill_null(True), said, TRUE)


def _calls(tree: Tree) -> bool:
    """Whether it has a function of the tables of the standard."""
    if isinstance(tree, Call) and FUNCTIONS[tree.function].columns.startswith("column_tables:"):
        return True
    return any(map(_calls, children(tree)))


def _loops(bound: _Bound, loops: Sequence[Loop]) -> _Bound:
    """One row for each element of each list; a list that is absent or an error has none."""
    for each in loops:
        label, index = f"each_{each.name}", f"index_of_{each.name}"
        spread = bound.table.mutate(**{label: lower(each.over, bound.names)})
        bound = _Bound(
            table=spread.unnest(label, offset=index),
            values={**bound.values, each.name: _column(label)},
            numbers=bound.numbers,
            indexes=(*bound.indexes, index),
            rows=bound.rows,
        )
    return bound


def _column(label: str) -> Value:
    return lambda table: table[label]


def _sequence(rules: Sequence[Rule], read: Mapping[str, Any], given: Table | Rows) -> _Bound:
    first = rules[0]
    rows = given if isinstance(given, Rows) else Rows(given, given["this"])
    this = {"this": rows.this}
    numbers = tuple(each for each in ("collection", "row") if each in rows.table.columns)
    own, columns = Flat.of("this", read["this"], rows.this)
    # A part without a value is a part of its own, as null is to a window.
    parts = {f"part_{i}": lower(tree, this) for i, tree in enumerate(first.partition)}
    places = {f"place_{i}": lower(tree, this) for i, tree in enumerate(first.order)}
    beside: dict[str, Flat] = {}
    carried: dict[str, dict[str, Any]] = {}
    for name in dict.fromkeys(name for rule in rules for name in rule.neighbours):
        beside[name], carried[name] = Flat.of(name, read[name], rows.this)
    keyed = rows.table.select(
        **{each: rows.table[each] for each in numbers},
        **columns,
        **{name: value for each in carried.values() for name, value in each.items()},
        **parts,
        **places,
    )
    # What has no place in the sequence is not in it.
    keyed = keyed.filter([keyed[name].notnull() for name in places])
    window = ibis.window(
        group_by=[keyed[name] for name in (*numbers[:-1], *parts)],
        order_by=[*(keyed[name] for name in places), keyed["row"]],
    )
    moved = {}
    for name, labels in carried.items():
        for label in ("row", *labels):
            neighbour = keyed[label].lag() if name == "prev" else keyed[label].lead()
            moved[f"row_of_{name}" if label == "row" else label] = neighbour.over(window)
    return _Bound(
        table=keyed.mutate(**moved),
        values={"this": own.value, **{name: flat.value for name, flat in beside.items()}},
        numbers=numbers,
    )


def _joined(bound: _Bound, partner: Partner, theirs: _Bound) -> _Bound:
    own, apart = f"row_of_{partner.name}", f"collection_of_{partner.name}"
    renamed = dict(zip((apart, own)[-len(theirs.numbers) :], theirs.numbers, strict=True))
    left, right = {}, {}
    conditions: list[Any] = [("collection", apart)] if apart in renamed else []
    for index, (ours, other) in enumerate(partner.on):
        key = f"key_{partner.name}_{index}"
        # A key without a value is null, and equals nothing.
        left[f"our_{key}"] = lower(ours, bound.names)
        right[f"their_{key}"] = lower(other, theirs.names)
        conditions.append((f"our_{key}", f"their_{key}"))
    table_ = theirs.table.mutate(**right).rename(renamed)
    return _Bound(
        table=bound.table.mutate(**left).left_join(table_, conditions),
        values={**bound.values, **theirs.values},
        numbers=bound.numbers,
        indexes=bound.indexes,
        rows={**bound.rows, partner.name: own},
    )
