"""What rules read of documents: as nested columns of a table, and flat in a query.

A window or a join that carries whole objects copies them for each neighbour; one that carries the
few plain columns that are read does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from mfgstd.expression.layout import Part, arrow, column, used
from mfgstd.expression.types import STRING, Record
from mfgstd.expression.virtual import Instant, Virtual, member

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

    from mfgstd.expression.virtual import Column
    from mfgstd.validation.rules.rule import Loop, Rule

Table: TypeAlias = Any  # ibis.expr.types.Table

_PRESENT, _MICROSECONDS, _NANOSECONDS = "?", "?us", "?ns"


def layouts(rule: Rule) -> dict[str, Part]:
    """What a rule reads of the documents of each entity: ``$id`` -> the column that holds it."""
    read = names_read([rule])
    parts: dict[str, list[Part]] = {rule.entity: [read["this"], read["prev"], read["next"]]}
    for partner in rule.partners:
        parts.setdefault(partner.entity, []).append(read[partner.name])
    return {entity: merged(each) for entity, each in parts.items()}


def names_read(rules: Sequence[Rule]) -> dict[str, Part]:
    """What several rules read of each of their names, neighbours and partners apart."""
    read: dict[str, Part] = {name: Part(Record(name)) for name in ("this", "prev", "next")}
    for rule in rules:
        for partner in rule.partners:
            read.setdefault(partner.name, Part(Record("partner")))
        names: dict[str, tuple[Part, ...]] = {name: (part,) for name, part in read.items()}
        for tree in (*rule.partition, *rule.order):
            used(tree, names)
        _loops_used(rule.each, names)
        for partner in rule.partners:
            _loops_used(partner.each, names)
            for sides in partner.on:
                for tree in sides:
                    used(tree, names)
        used(rule.verdict, names)
    return read


def _loops_used(loops: Sequence[Loop], names: dict[str, tuple[Part, ...]]) -> None:
    for each in loops:
        names[each.name] = tuple(part.each() for part in used(each.over, names))


def merged(parts: Iterable[Part]) -> Part:
    """One part that has whatever any of several parts of the same place has."""
    first, *others = parts
    found = Part(first.read)
    for each in (first, *others):
        if isinstance(each.read, Record):
            # Who does not look into an object may take it for text.
            found.read = each.read
        for name, inner in each.fields.items():
            known = found.fields.get(name)
            found.fields[name] = merged([inner] if known is None else [known, inner])
        if each.inside is not None:
            known = found.inside
            found.inside = merged([each.inside] if known is None else [known, each.inside])
    return found


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
    return pa.schema([("collection", number), ("row", number), ("this", struct(part))])


def struct(part: Part) -> pa.DataType:
    """The type of the column ``this``."""
    return arrow(_never_empty(part))


def _never_empty(part: Part) -> Part:
    """A struct needs a field, even where a rule looks at nothing but presence."""
    if not part.fields:
        part.named("$schema", STRING)
    return part


@dataclass(frozen=True, slots=True)
class Flat:
    """A value of a table as columns beside each other, each name beginning with ``label``."""

    label: str
    part: Part
    instants: frozenset[str]

    @classmethod
    def of(cls, label: str, part: Part, value: Any) -> tuple[Flat, dict[str, Column]]:
        """A value taken apart as far as it is read, and its columns by name."""
        columns = dict(_columns(label, part, value))
        instants = [name for name in columns if name.endswith(_MICROSECONDS)]
        return cls(
            label, part, frozenset(name.removesuffix(_MICROSECONDS) for name in instants)
        ), columns

    def renamed(self, label: str) -> Flat:
        """The same columns with names that begin otherwise."""
        beginning = len(self.label)
        return Flat(label, self.part, frozenset(label + each[beginning:] for each in self.instants))

    def value(self, table: Table) -> Any:
        """The value put together again from the columns of a table."""
        return self._value(table, self.label, self.part)

    def _value(self, table: Table, label: str, part: Part) -> Any:
        if label in self.instants:
            below = label + _NANOSECONDS
            return Instant(
                table[label + _MICROSECONDS],
                table[label + _MICROSECONDS].notnull(),
                table[below] if below in table.columns else None,
            )
        if not _is_object(part):
            return table[label]
        return Virtual(
            {
                name: self._value(table, f"{label}.{name}", inner)
                for name, inner in part.fields.items()
            },
            table[label + _PRESENT].fill_null(False),
        )


def _is_object(part: Part) -> bool:
    return isinstance(part.read, Record) and bool(part.fields)


def _columns(label: str, part: Part, value: Any) -> Iterator[tuple[str, Column]]:
    if isinstance(value, Instant):
        yield label + _MICROSECONDS, value.there.ifelse(value.microseconds, None)
        if value.nanoseconds is not None:
            yield label + _NANOSECONDS, value.nanoseconds
    elif _is_object(part):
        yield label + _PRESENT, value.notnull()
        for name, inner in part.fields.items():
            yield from _columns(f"{label}.{name}", inner, member(value, name, inner.read))
    else:
        # An object that nobody looks into: what there is of it is that it is there.
        yield label, value.notnull().ifelse("{}", None) if isinstance(value, Virtual) else value
