"""The Arrow type of an entity: a column for each field, nested as its schema is.

Absent is null. What no type can hold is left out, and rows decide about it.
"""

from __future__ import annotations

from typing import assert_never

import pyarrow as pa

from mfgstd.standard.catalogue import Catalogue, catalogue
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


def arrow_type(resolved: Resolved, within: Catalogue | None = None) -> pa.DataType | None:
    """The type of one document; ``None`` where none of its fields has one.

    Left out are fields whose schema the data names (``extensions``) and schemas inside themselves.
    """
    return _Reader(within or catalogue()).type(resolved.node)


class _Reader:
    def __init__(self, within: Catalogue) -> None:
        self._within = within
        self._open: list[str] = []

    def type(self, node: Node) -> pa.DataType | None:
        match node:
            case Text() | Constant() | Enumeration() | OpenCode():
                return pa.string()
            case Number():
                return pa.float64()
            case Integer():
                return pa.int64()
            case Boolean():
                return pa.bool_()
            case Array(items):
                inner = self.type(items)
                return None if inner is None else pa.list_(inner)
            case Map(values):
                inner = self.type(values)
                return None if inner is None else pa.map_(pa.string(), inner)
            case Object():
                return _struct({each.name: self.type(each.node) for each in node})
            case Union(branches):
                fields: dict[str, pa.DataType | None] = {}
                for branch in branches:
                    for name, kind in self._fields(branch).items():
                        same = name not in fields or fields[name] == kind
                        fields[name] = kind if same else None
                return _struct(fields)
            case Ref(schema_id):
                if schema_id in self._open:
                    return None
                self._open.append(schema_id)
                inner = self.type(self._within.get(schema_id).node)
                self._open.pop()
                return inner
            case AnyObject():
                return None
            case _:
                assert_never(node)

    def _fields(self, branch: Ref | Object) -> dict[str, pa.DataType | None]:
        node = self._within.get(branch.id).node if isinstance(branch, Ref) else branch
        return (
            {each.name: self.type(each.node) for each in node} if isinstance(node, Object) else {}
        )


def _struct(fields: dict[str, pa.DataType | None]) -> pa.DataType | None:
    held = [(name, kind) for name, kind in fields.items() if kind is not None]
    return pa.struct(held) if held else None
