"""Judging one rule in columns: a query of documents as nested columns, on whatever Ibis speaks.

It says what :func:`mfgstd.validation.rules.collection.outcomes` says. Each entity is one table:
``collection`` and ``row`` (a document's number within it), and ``this`` (what the rule reads of it,
:func:`layouts`). Documents of different collections never meet. Neighbours come by ``lag`` and
``lead`` over partition and order, ties by ``row``; partners by joins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import ibis

from mfgstd.expression.columns import ERROR, FALSE, TRUE, lower, outcome
from mfgstd.expression.layout import Part, arrow, column, used
from mfgstd.expression.types import STRING, Record
from mfgstd.validation.rules.judging import UNMATCHED, Outcome
from mfgstd.validation.rules.rule import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from mfgstd.validation.rules.rule import Loop, Partner, Rule

Table: TypeAlias = Any  # ibis.expr.types.Table

_KEPT: Final[Mapping[str, bool | str | None]] = {
    TRUE: True,
    FALSE: False,
    ERROR: None,
    UNMATCHED: UNMATCHED,
}
_NOTHING_SAID: Final = "nothing"


def layouts(rule: Rule) -> dict[str, Part]:
    """What a rule reads of the documents of each entity: ``$id`` -> the column that holds it."""
    parts: dict[str, Part] = {rule.entity: Part(Record("this"))}
    for partner in rule.partners:
        parts.setdefault(partner.entity, Part(Record("partner")))
    this = (parts[rule.entity],)
    names: dict[str, tuple[Part, ...]] = {"this": this, "prev": this, "next": this}
    for tree in (*rule.partition, *rule.order):
        used(tree, names)
    _loops_used(rule.each, names)
    for partner in rule.partners:
        names[partner.name] = (parts[partner.entity],)
        _loops_used(partner.each, names)
        for sides in partner.on:
            for tree in sides:
                used(tree, names)
    used(rule.verdict, names)
    return parts


def _loops_used(loops: Sequence[Loop], names: dict[str, tuple[Part, ...]]) -> None:
    for each in loops:
        names[each.name] = tuple(part.each() for part in used(each.over, names))


def table(part: Part, collections: Sequence[Sequence[Any]]) -> pa.Table:
    """Documents in memory as the table of their entity."""
    import pyarrow as pa

    part = _never_empty(part)
    numbers = [(i, row) for i, each in enumerate(collections) for row in range(len(each))]
    return pa.table(
        {
            "collection": pa.array([i for i, _ in numbers], pa.int64()),
            "row": pa.array([row for _, row in numbers], pa.int64()),
            "this": column(part, [each for documents in collections for each in documents]),
        }
    )


def schema(part: Part) -> pa.Schema:
    """The columns of such a table, for a reader that fills it from files."""
    import pyarrow as pa

    number = pa.int64()
    this = arrow(_never_empty(part))
    return pa.schema([("collection", number), ("row", number), ("this", this)])


def _never_empty(part: Part) -> Part:
    """A struct needs a field, even where a rule looks at nothing but presence."""
    if not part.fields:
        part.named("$schema", STRING)
    return part


def query(rule: Rule, tables: Mapping[str, Table]) -> Table:
    """The outcomes of a rule.

    Columns: ``collection``, ``row``, ``index_0``... for each loop, and ``outcome``, a text.
    """
    match rule.scope:
        case Scope.RECORD:
            bound = _loops(_Bound(tables[rule.entity], {"this": "this"}), rule.each)
            said = outcome(rule.verdict, bound.names)
        case Scope.SEQUENCE:
            bound = _loops(_sequence(rule, tables[rule.entity]), rule.each)
            said = outcome(rule.verdict, bound.names)
        case Scope.REFERENCE:
            bound, said = _reference(rule, tables)
    indexes = {f"index_{i}": bound.table[each] for i, each in enumerate(bound.indexes)}
    numbers = {name: bound.table[name] for name in ("collection", "row")}
    selected = bound.table.select(**numbers, **indexes, outcome=said)
    if rule.scope is Scope.REFERENCE:
        selected = selected.filter(selected.outcome != _NOTHING_SAID).distinct()
    return selected


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
        said[each["collection"]].append(Outcome(each["row"], indexes, _KEPT[each["outcome"]]))
    return [sorted(each, key=Outcome.place) for each in said]


@dataclass(frozen=True, slots=True)
class _Bound:
    """A table in the making: the column of each name, the columns of the loops' indexes.

    ``rows`` has, for each partner, the column that is null where none was found.
    """

    table: Table
    columns: Mapping[str, str]
    indexes: tuple[str, ...] = ()
    rows: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, Any]:
        """The names as the lowering wants them; a partner that is absent is null."""
        return {name: self.table[label] for name, label in self.columns.items()}


def _loops(bound: _Bound, loops: Sequence[Loop]) -> _Bound:
    """One row for each element of each list; a list that is absent or an error has none."""
    for each in loops:
        label, index = f"each_{each.name}", f"index_of_{each.name}"
        spread = bound.table.mutate(**{label: lower(each.over, bound.names)})
        bound = _Bound(
            spread.unnest(label, offset=index),
            {**bound.columns, each.name: label},
            (*bound.indexes, index),
            bound.rows,
        )
    return bound


def _sequence(rule: Rule, table_: Table) -> _Bound:
    this = {"this": table_["this"]}
    # A part without a value is a part of its own, as null is to a window.
    parts = {f"part_{i}": lower(tree, this) for i, tree in enumerate(rule.partition)}
    places = {f"place_{i}": lower(tree, this) for i, tree in enumerate(rule.order)}
    keyed = table_.mutate(**parts, **places)
    for name in places:
        # What has no place in the sequence is not in it.
        keyed = keyed.filter(keyed[name].notnull())
    window = ibis.window(
        group_by=[keyed["collection"], *(keyed[name] for name in parts)],
        order_by=[*(keyed[name] for name in places), keyed["row"]],
    )
    beside = keyed.mutate(
        prev=keyed["this"].lag().over(window),
        next=keyed["this"].lead().over(window),
        prev_row=keyed["row"].lag().over(window),
        next_row=keyed["row"].lead().over(window),
    )
    for name in rule.neighbours:
        beside = beside.filter(beside[f"{name}_row"].notnull())
    return _Bound(beside, {name: name for name in ("this", "prev", "next")})


def _reference(rule: Rule, tables: Mapping[str, Table]) -> tuple[_Bound, Any]:
    bound = _loops(_Bound(tables[rule.entity], {"this": "this"}), rule.each)
    for partner in rule.partners:
        bound = _joined(bound, partner, tables[partner.entity])
    said = outcome(rule.verdict, bound.names)
    # The first partner that is missing decides, as it would row by row.
    for partner in reversed(rule.partners):
        missing = bound.table[bound.rows[partner.name]].isnull()
        if partner.unmatched:
            said = ibis.ifelse(missing, UNMATCHED, said)
        elif not partner.optional:
            said = ibis.ifelse(missing, _NOTHING_SAID, said)
    return bound, said


def _joined(bound: _Bound, partner: Partner, table_: Table) -> _Bound:
    own, apart = f"row_of_{partner.name}", f"collection_of_{partner.name}"
    renamed = table_.select(
        **{own: table_["row"], apart: table_["collection"], partner.name: table_["this"]}
    )
    theirs = _loops(_Bound(renamed, {partner.name: partner.name}), partner.each)
    left, right, conditions = {}, {}, [("collection", apart)]
    for index, (ours, other) in enumerate(partner.on):
        key = f"key_{partner.name}_{index}"
        # A key without a value is null, and equals nothing.
        left[f"our_{key}"] = lower(ours, bound.names)
        right[f"their_{key}"] = lower(other, theirs.names)
        conditions.append((f"our_{key}", f"their_{key}"))
    return _Bound(
        bound.table.mutate(**left).left_join(theirs.table.mutate(**right), conditions),
        {**bound.columns, **theirs.columns},
        bound.indexes,
        {**bound.rows, partner.name: own},
    )
