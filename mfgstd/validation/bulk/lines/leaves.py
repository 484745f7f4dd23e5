"""What columns can hold of a JSON document: its scalars, and the objects that they stand in.

Arrays, maps and what has a schema of its own are left out; a document that has one of them is for
the row engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, assert_never

from mfgstd.standard.resolved import (
    AnyObject,
    Array,
    Boolean,
    Constant,
    Enumeration,
    Integer,
    Map,
    Node,
    Number,
    Object,
    OpenCode,
    Ref,
    Resolved,
    Text,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mfgstd.standard.catalogue import Catalogue

Kind: TypeAlias = Literal["text", "number", "integer", "boolean"]

#: The names from the root of a document down to a value.
Path: TypeAlias = tuple[str, ...]

#: Which schema a document names; it is looked at apart from the rest.
SCHEMA: Final[Path] = ("$schema",)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One scalar.

    ``node`` is what the schema says of it; ``None`` if branches of a union say different things.
    """

    path: Path
    kind: Kind
    node: Node | None

    @property
    def instant(self) -> bool:
        """Whether it is a point in time."""
        return isinstance(self.node, Text) and self.node.format == "date-time"


@dataclass(frozen=True, slots=True)
class Leaves:
    """The scalars of a document and the paths of its nested objects, outer before inner.

    ``missing`` says that something without which no document is valid cannot be held.
    """

    scalars: tuple[Leaf, ...]
    objects: tuple[Path, ...]
    required: frozenset[Path]
    missing: bool = False

    def only(self, paths: Collection[Path]) -> Leaves:
        """Those that are needed, or that ``paths`` names, with the objects around them."""
        wanted = {path[:end] for path in paths for end in range(1, len(path) + 1)} | self.required
        scalars = tuple(each for each in self.scalars if each.path in wanted)
        # An object without anything in it cannot be asked for.
        around = {each.path[:end] for each in scalars for end in range(1, len(each.path))}
        objects = tuple(each for each in self.objects if each in around)
        return Leaves(scalars, objects, self.required, self.missing)

    def below(self, parent: Path) -> Iterator[Path]:
        """The paths right inside one object; ``()`` is the document."""
        for path in (*(each.path for each in self.scalars), *self.objects):
            if path[:-1] == parent:
                yield path


def leaves_of(resolved: Resolved, within: Catalogue) -> Leaves:
    """What columns can hold of the documents of a schema."""
    return _Walk(within).node(resolved.node, (), ())


class _Walk:
    def __init__(self, within: Catalogue) -> None:
        self._within = within

    def node(self, node: Node, path: Path, inside: tuple[str, ...]) -> Leaves:
        """The leaves of one node; ``inside`` are the schemas around it, which may come again."""
        match node:
            case Text() | Constant() | Enumeration() | OpenCode():
                return _leaf(path, "text", node)
            case Number():
                return _leaf(path, "number", node)
            case Integer():
                return _leaf(path, "integer", node)
            case Boolean():
                return _leaf(path, "boolean", node)
            case Array() | Map() | AnyObject():
                return _NOTHING
            case Object():
                return self._object(node, path, inside)
            case Union():
                return self._union(node, path, inside)
            case Ref(schema_id):
                if schema_id in inside:
                    return _NOTHING
                return self.node(self._within.get(schema_id).node, path, (*inside, schema_id))
            case _:
                assert_never(node)

    def _object(self, node: Object, path: Path, inside: tuple[str, ...]) -> Leaves:
        scalars: list[Leaf] = []
        objects: list[Path] = [path] if path else []
        required: set[Path] = set(objects)
        for each in node:
            below = self.node(each.node, (*path, each.name), inside)
            if below.missing:
                if each.required:
                    return _NOTHING
                continue
            scalars += below.scalars
            objects += below.objects
            if each.required:
                required |= below.required
        if not scalars:
            return _NOTHING
        return Leaves(tuple(scalars), tuple(objects), frozenset(required))

    def _union(self, node: Union, path: Path, inside: tuple[str, ...]) -> Leaves:
        branches = [self.node(each, path, inside) for each in node.branches]
        held = [each for each in branches if not each.missing]
        if not held:
            return _NOTHING
        scalars: dict[Path, Leaf] = {}
        refused: set[Path] = set()
        objects = {each: None for branch in held for each in branch.objects}
        for leaf in (each for branch in held for each in branch.scalars):
            known = scalars.setdefault(leaf.path, leaf)
            if known.kind != leaf.kind or leaf.path in objects:
                refused.add(leaf.path)
            elif known.node != leaf.node:
                scalars[leaf.path] = Leaf(leaf.path, leaf.kind, None)
        if any(path[: len(each)] == each for path in objects for each in refused):
            return _NOTHING
        kept = tuple(each for each in scalars.values() if each.path not in refused)
        required = frozenset.intersection(*(each.required for each in held))
        return Leaves(kept, tuple(objects), required - refused)


def _leaf(path: Path, kind: Kind, node: Node) -> Leaves:
    return Leaves((Leaf(path, kind, node),), (), frozenset({path}))


_NOTHING: Final = Leaves((), (), frozenset(), missing=True)
