"""Which schema has to do with which: what it extends, holds, and points to.

A field of the type ``Reference`` points to a document, and its schema does not say of which kind.
The ``kind`` in the examples tells: of the fields themselves, and of the documents beside the
schema, followed through every part down to each reference.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, assert_never

from mfgstd.standard import resolved
from mfgstd.standard.resolved import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mfgstd.standard.generators.site.shelf import Shelf
    from mfgstd.standard.resolved import Node, Resolved

#: ``extends`` a base, ``holds`` one as a part, ``points`` to a document by its identity.
How: TypeAlias = Literal["extends", "points", "holds"]

_REFERENCE = f"{NAMESPACE}primitives/reference/"


@dataclass(frozen=True, slots=True)
class Edge:
    """``source`` has to do with ``target`` (both are ``$id``), through these top-level fields."""

    source: str
    target: str
    how: How
    fields: tuple[str, ...] = ()


@dataclass
class Relations:
    """All edges, from either end; and for each field what its references point to."""

    out: dict[str, list[Edge]] = field(default_factory=lambda: defaultdict(list))
    back: dict[str, list[Edge]] = field(default_factory=lambda: defaultdict(list))
    kinds: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, schemas: Sequence[Resolved], shelf: Shelf) -> Relations:
        """The edges between these schemas; what lies outside of them has none."""
        made = cls()
        known = {each.id: each for each in schemas}
        names = {each.name: each.id for each in reversed(schemas)}
        for schema in schemas:
            for edge in made._edges(schema, known, names, shelf):
                made.out[edge.source].append(edge)
                made.back[edge.target].append(edge)
        return made

    def _edges(
        self,
        schema: Resolved,
        known: Mapping[str, Resolved],
        names: Mapping[str, str],
        shelf: Shelf,
    ) -> Iterator[Edge]:
        if schema.base in known:
            yield Edge(schema.id, str(schema.base), "extends")
        pointed = _pointed(schema, known, shelf)
        through: dict[tuple[How, str], list[str]] = defaultdict(list)
        for name, inherited, node, examples in _parts(schema):
            kinds = dict.fromkeys(
                kind for example in examples for _, kind in _kinds(node, example, known)
            )
            kinds |= dict.fromkeys(pointed.get(name, ()))
            found = tuple(sorted(kind for kind in kinds if kind in names))
            if found:
                self.kinds[schema.id, name] = found
            if inherited:
                continue
            for kind in found:
                _once(through["points", names[kind]], name)
            for target in _refs(node):
                if target in known:
                    _once(through["holds", target], name)
        for how, target in sorted(through, key=lambda key: (key[0] != "points", key[1])):
            yield Edge(schema.id, target, how, tuple(each for each in through[how, target] if each))


def _once(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)


def _parts(schema: Resolved) -> Iterator[tuple[str, bool, Node, tuple[Any, ...]]]:
    """Its fields: (name, whether of its base, node, examples); of what has none, itself."""
    match schema.node:
        case resolved.Object(_, properties):
            for each in properties:
                yield each.name, each.inherited is not None, each.node, each.notes.examples
        case resolved.Union(branches):
            for branch in branches:
                if isinstance(branch, resolved.Ref):
                    yield "", False, branch, ()
                else:
                    for each in branch.properties:
                        yield each.name, False, each.node, each.notes.examples
        case _:
            yield "", False, schema.node, ()


def _pointed(schema: Resolved, known: Mapping[str, Resolved], shelf: Shelf) -> dict[str, list[str]]:
    """Top-level field -> kinds that the references below it name, in the valid documents."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in shelf.valid.get(f"{schema.domain}/{schema.slug}", ()):
        for name, kind in _kinds(schema.node, each.document, known):
            _once(found[name], kind)
    return found


def _kinds(
    node: Node, value: Any, known: Mapping[str, Resolved], name: str = ""
) -> Iterator[tuple[str, str]]:
    """(top-level field, kind) of every reference in a value."""
    match node:
        case resolved.Ref(target):
            if target.startswith(_REFERENCE):
                if isinstance(value, dict) and isinstance(value.get("kind"), str):
                    yield name, value["kind"]
            elif target in known:
                yield from _kinds(known[target].node, value, known, name)
        case resolved.Array(items):
            for each in value if isinstance(value, list) else ():
                yield from _kinds(items, each, known, name)
        case resolved.Map(values):
            for each in value.values() if isinstance(value, dict) else ():
                yield from _kinds(values, each, known, name)
        case resolved.Object(_, properties):
            for each in properties if isinstance(value, dict) else ():
                if each.name in value:
                    yield from _kinds(each.node, value[each.name], known, name or each.name)
        case resolved.Union(branches):
            for branch in branches:
                yield from _kinds(branch, value, known, name)
        case (
            resolved.Text()
            | resolved.Constant()
            | resolved.Enumeration()
            | resolved.OpenCode()
            | resolved.Number()
            | resolved.Integer()
            | resolved.Boolean()
            | resolved.AnyObject()
        ):
            return
        case _:
            assert_never(node)


def _refs(node: Node) -> Iterator[str]:
    """Every ``$id`` that a node names, in objects inside of it too."""
    match node:
        case resolved.Ref(target):
            yield target
        case resolved.Array(items):
            yield from _refs(items)
        case resolved.Map(values):
            yield from _refs(values)
        case resolved.Object(_, properties):
            for each in properties:
                yield from _refs(each.node)
        case resolved.Union(branches):
            for branch in branches:
                yield from _refs(branch)
        case (
            resolved.Text()
            | resolved.Constant()
            | resolved.Enumeration()
            | resolved.OpenCode()
            | resolved.Number()
            | resolved.Integer()
            | resolved.Boolean()
            | resolved.AnyObject()
        ):
            return
        case _:
            assert_never(node)
