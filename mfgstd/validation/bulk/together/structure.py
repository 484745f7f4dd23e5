"""The columns of documents: the Arrow type that holds what a schema describes, and both ways.

Absent is null. Columns cannot hold everything that JSON can: :func:`held` refuses what would come
out otherwise than it went in, so that rows decide about it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, assert_never

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

if TYPE_CHECKING:
    from collections.abc import Iterable

_INT64: Final = range(-(2**63), 2**63)


class Unfit(Exception):
    """A value is not of the type of its column."""


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


def fits(kind: pa.DataType, document: Any) -> bool:
    """Whether a document is of the type of a column, with nothing lost."""
    try:
        held(kind, document)
    except Unfit:
        return False
    return True


def column(kind: pa.DataType, documents: Iterable[Any]) -> pa.Array:
    """Documents as one column.

    Raises:
        Unfit: one of them is not of its type.
    """
    return pa.array([held(kind, each) for each in documents], kind)


def held(kind: pa.DataType, value: Any) -> Any:
    """A JSON value as Arrow takes it.

    Raises:
        Unfit: the column would say something else than the value does.
    """
    types = pa.types
    if types.is_struct(kind):
        names = {kind.field(i).name: kind.field(i).type for i in range(kind.num_fields)}
        if not isinstance(value, dict) or not value.keys() <= names.keys():
            raise Unfit
        if None in value.values():
            # A member of null is wrong, and would come out as one that is absent.
            raise Unfit
        return {name: held(names[name], each) for name, each in value.items()}
    if types.is_list(kind):
        if not isinstance(value, list):
            raise Unfit
        return [None if each is None else held(kind.value_type, each) for each in value]
    if types.is_map(kind):
        if not isinstance(value, dict):
            raise Unfit
        return [
            (held(pa.string(), key), None if each is None else held(kind.item_type, each))
            for key, each in value.items()
        ]
    return _scalar(kind, value)


def _scalar(kind: pa.DataType, value: Any) -> Any:
    if pa.types.is_string(kind):
        if not isinstance(value, str):
            raise Unfit
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unfit from None
        return value
    if pa.types.is_boolean(kind):
        if not isinstance(value, bool):
            raise Unfit
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit
    try:
        number = float(value) if pa.types.is_floating(kind) else int(value)
    except (OverflowError, ValueError):
        raise Unfit from None
    if number != value or (isinstance(number, int) and number not in _INT64):
        raise Unfit
    return number


def document(kind: pa.DataType, value: Any) -> Any:
    """What Arrow gives for one row, as the JSON value that it stands for; null is absent."""
    types = pa.types
    if value is None:
        return None
    if types.is_struct(kind):
        fields = [kind.field(i) for i in range(kind.num_fields)]
        return {
            each.name: document(each.type, value[each.name])
            for each in fields
            if value[each.name] is not None
        }
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return [document(kind.value_type, each) for each in value]
    if types.is_map(kind):
        return {key: document(kind.item_type, each) for key, each in value}
    if types.is_dictionary(kind):
        return document(kind.value_type, value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
