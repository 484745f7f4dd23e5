"""The places of a document whose schema is named in the document itself.

An envelope's ``data`` has the schema that its sibling ``dataschema`` names; an extension has the
one that its own ``$schema`` names. Which fields these are follows from the schema alone, so a
document without such fields pays one dictionary look-up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, assert_never

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
from mfgstd.validation.location import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd.standard.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Place:
    """One object in a document, what it says its schema is, and where it says so."""

    pointer: str
    value: dict[str, Any]
    named: Any
    named_at: str
    own: bool
    """Whether the object names its schema itself, in ``$schema``."""


@dataclass(slots=True)
class Tree:
    """Where to look below one value: in fields, in every member, or at the value itself."""

    fields: dict[str, Tree] = field(default_factory=dict)
    each: Tree | None = None
    typed_by: str | None = None

    def find(
        self, value: Any, pointer: str = "", parent: Any = None, parent_pointer: str = ""
    ) -> Iterator[Place]:
        """All typed places below ``value``; depth is that of the document (the reader's bound)."""
        if self.typed_by is not None:
            if not isinstance(value, dict):
                return
            own = self.typed_by == "$schema"
            holder, at = (value, pointer) if own else (parent, parent_pointer)
            named_at = f"{at}/{escape(self.typed_by)}"
            yield Place(pointer, value, holder.get(self.typed_by), named_at, own)
            return
        if isinstance(value, dict):
            for name, tree in self.fields.items():
                if name in value:
                    below = f"{pointer}/{escape(name)}"
                    yield from tree.find(value[name], below, value, pointer)
            if self.each is not None:
                for name, member in value.items():
                    yield from self.each.find(member, f"{pointer}/{escape(name)}", value, pointer)
        elif isinstance(value, list) and self.each is not None:
            for index, member in enumerate(value):
                yield from self.each.find(member, f"{pointer}/{index}", value, pointer)


def places(resolved: Resolved, within: Catalogue) -> Tree | None:
    """Where documents of this schema have typed objects; ``None`` where nowhere."""
    return _Reader(within).tree(resolved.node)


class _Reader:
    def __init__(self, within: Catalogue) -> None:
        self._within = within
        self._open: list[str] = []

    def tree(self, node: Node) -> Tree | None:
        match node:
            case AnyObject(typed_by):
                return Tree(typed_by=typed_by)
            case Object():
                fields = {each.name: tree for each in node if (tree := self.tree(each.node))}
                return Tree(fields=fields) if fields else None
            case Array(items):
                return self._each(items)
            case Map(values):
                return self._each(values)
            case Union(branches):
                # The branches' fields together: a branch is a value, and such hold no extensions
                # under a name that another branch uses otherwise.
                merged: dict[str, Tree] = {}
                for branch in branches:
                    if tree := self.tree(branch):
                        merged.update(tree.fields)
                return Tree(fields=merged) if merged else None
            case Ref(schema_id):
                if schema_id in self._open:
                    # A schema inside itself: its own places are found at its outermost level.
                    return None
                self._open.append(schema_id)
                tree = self.tree(self._within.get(schema_id).node)
                self._open.pop()
                return tree
            case Text() | Constant() | Enumeration() | OpenCode() | Number() | Integer():
                return None
            case Boolean():
                return None
            case _:
                assert_never(node)

    def _each(self, node: Node) -> Tree | None:
        tree = self.tree(node)
        return Tree(each=tree) if tree else None
