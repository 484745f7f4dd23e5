"""Leaving out what a schema does not know, so that a tolerant reader can still build a model."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from mfgstd.standard.catalogue import Catalogue


def prune(value: Any, resolved: Resolved, within: Catalogue) -> Any:
    """A copy of a tolerantly valid document with the fields that its schema knows."""
    return _prune(value, resolved.node, within)


def _prune(value: Any, node: Node, within: Catalogue) -> Any:
    match node:
        case Object():
            return {
                each.name: _prune(value[each.name], each.node, within)
                for each in node
                if each.name in value
            }
        case Array(items):
            return [_prune(each, items, within) for each in value]
        case Map(values):
            return {name: _prune(each, values, within) for name, each in value.items()}
        case Ref(schema_id):
            return _prune(value, within.get(schema_id).node, within)
        case Union():
            if node.how == "key":
                branch = next(
                    b for b, tag in zip(node.branches, node.tags, strict=True) if tag in value
                )
            else:
                branch = node.branches[node.tags.index(value[node.by])]
            return _prune(value, branch, within)
        case AnyObject() | Text() | Constant() | Enumeration() | OpenCode():
            return value
        case Number() | Integer() | Boolean():
            return value
        case _:
            assert_never(node)
