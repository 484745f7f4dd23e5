"""Which parts of its documents expressions read, and the nested columns that hold just those.

A column need not have all of a schema, only what is used; so recursive schemas have columns too,
and a file reader parses no more than it must. Every field is nullable: absent is null.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, assert_never

from mfgstd.expression import tree as to
from mfgstd.expression.functions import FUNCTIONS, Elements
from mfgstd.expression.types import ListOf, MapOf, Record, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa

    from mfgstd.expression.tree import Tree
    from mfgstd.expression.types import Type


@dataclass(slots=True)
class Part:
    """A place in documents that is read: its type, and what is read inside it."""

    read: Type
    fields: dict[str, Part] = field(default_factory=dict)
    inside: Part | None = None

    def named(self, name: str, read: Type) -> Part:
        """The field of an object."""
        return self.fields.setdefault(name, Part(read))

    def each(self) -> Part:
        """The elements of a list, or the values of a map."""
        if self.inside is None:
            match self.read:
                case ListOf(items) if items is not None:
                    self.inside = Part(items)
                case MapOf(values):
                    self.inside = Part(values)
                case _:  # what was read inside is text, as for an object that nobody looks into
                    self.inside = Part(Scalar.STRING)
        return self.inside


def used(tree: Tree, names: Mapping[str, tuple[Part, ...]]) -> tuple[Part, ...]:
    """Note everything that a tree reads of its names; the places that its own value may be from."""
    match tree:
        case to.Variable(name):
            return names[name]
        case to.Field(of, name, read):
            return tuple(part.named(name, read) for part in used(of, names))
        case to.Has(of, name, read):
            for part in used(of, names):
                if not isinstance(part.read, MapOf):
                    part.named(name, read)
                else:
                    part.each()
            return ()
        case to.Entry(of, key) | to.Item(of, key):
            used(key, names)
            return tuple(part.each() for part in used(of, names))
        case to.Quantified(over=over, name=name, read=read, body=body):
            used(body, {**names, name: _elements(used(over, names), read)})
            return ()
        case to.Mapped(over, name, read, body):
            inside = used(body, {**names, name: _elements(used(over, names), read)})
            return tuple(Part(tree.type, inside=part) for part in inside)
        case to.Filtered(over, name, read, body):
            places = used(over, names)
            used(body, {**names, name: _elements(places, read)})
            return places
        case to.Choice(test, then, other):
            used(test, names)
            return used(then, names) + used(other, names)
        case to.Call(function, arguments):
            for each, takes in zip(arguments, FUNCTIONS[function].takes, strict=True):
                for part in used(each, names):
                    if isinstance(takes, Elements):
                        _known_elements(part.each())
            return ()
        case _:
            for child in to.children(tree):
                used(child, names)
            return ()


def _elements(places: tuple[Part, ...], read: Type) -> tuple[Part, ...]:
    """Where the elements of a list are; the keys of a map are nowhere but in it."""
    if any(isinstance(part.read, MapOf) for part in places):
        for part in places:
            part.each()
        return (Part(read),)
    return tuple(part.each() for part in places)


def _known_elements(part: Part) -> None:
    """What the functions over KPI elements read, which is in no tree."""
    part.named("element", Scalar.STRING)
    part.named("value", Scalar.DOUBLE)


def arrow(part: Part) -> pa.DataType:
    """The Arrow type of a part: whole numbers as ``decimal128(38, 0)``, so that none is rounded."""
    import pyarrow as pa

    match part.read:
        case Scalar.BOOL:
            return pa.bool_()
        case Scalar.INT:
            return pa.decimal128(38, 0)
        case Scalar.DOUBLE:
            return pa.float64()
        case Scalar.STRING | Scalar.INTEGER_TEXT:
            return pa.string()
        case ListOf():
            return pa.list_(arrow(part.each()))
        case MapOf():
            return pa.map_(pa.string(), arrow(part.each()))
        case Record():
            if not part.fields:
                # An object that is only asked for, never looked into: its presence is all.
                return pa.string()
            return pa.struct([(name, arrow(part.fields[name])) for name in sorted(part.fields)])
        case _:
            assert_never(part.read)


def column(part: Part, documents: Iterable[Any]) -> pa.Array:
    """Plain JSON values as one column of :func:`arrow`'s type."""
    import pyarrow as pa

    return pa.array([_cut(part, each) for each in documents], arrow(part))


def _cut(part: Part, value: Any) -> Any:
    """A JSON value with only what is read, as Arrow wants it."""
    if value is None:
        return None
    match part.read:
        case Scalar.INT:
            from decimal import Decimal

            return Decimal(int(value))
        case Scalar.DOUBLE:
            return float(value)
        case Scalar():
            return value
        case ListOf():
            return [_cut(part.each(), each) for each in value]
        case MapOf():
            return [(key, _cut(part.each(), each)) for key, each in value.items()]
        case Record():
            if not part.fields:
                return "{}"
            return {name: _cut(inner, value.get(name)) for name, inner in part.fields.items()}
        case _:
            assert_never(part.read)
