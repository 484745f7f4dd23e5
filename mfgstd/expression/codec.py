"""Trees as JSON: what compiled rules are kept as, readable by programs that are not Python.

A node is an array: its kind, then its parts in the order of the dataclass. A type is a text for a
scalar, ``["list", items]``, ``["map", values]`` or ``["object", title]``.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final, assert_never, get_args

from mfgstd.expression import tree as to
from mfgstd.expression.types import ListOf, MapOf, Record, Scalar

if TYPE_CHECKING:
    from mfgstd.expression.tree import Tree
    from mfgstd.expression.types import Type

#: Node classes by the name that stands in JSON.
_KINDS: Final = {each.__name__.lower(): each for each in get_args(to.Tree)}
_PARTS: Final = {each: tuple(part.name for part in fields(each)) for each in _KINDS.values()}


def encode(tree: Tree) -> list[Any]:
    """A tree as JSON."""
    if isinstance(tree, to.Constant):
        # JSON has one kind of number; which of ours it is must not depend on how it is written.
        return ["constant", tree.type.value, tree.value]  # type: ignore[union-attr]  # a scalar
    return [
        type(tree).__name__.lower(),
        *(_encoded(getattr(tree, name)) for name in _PARTS[type(tree)]),
    ]


def _encoded(part: Any) -> Any:
    if isinstance(part, tuple):
        return [encode(each) for each in part]
    if isinstance(part, Scalar | ListOf | MapOf | Record) or part is None:
        return encode_type(part)
    return part if isinstance(part, str) else encode(part)


def encode_type(kind: Type | None) -> Any:
    """A type as JSON."""
    match kind:
        case None:
            return None
        case Scalar():
            return kind.value
        case ListOf(items):
            return ["list", encode_type(items)]
        case MapOf(values):
            return ["map", encode_type(values)]
        case Record(title):
            return ["object", title]
        case _:
            assert_never(kind)


def decode(node: list[Any]) -> Tree:
    """The tree of what :func:`encode` made."""
    kind, *parts = node
    if kind == "constant":
        scalar, value = parts
        return to.Constant(float(value) if scalar == Scalar.DOUBLE else value)
    cls = _KINDS[kind]
    given = {name: _decoded(name, part) for name, part in zip(_PARTS[cls], parts, strict=True)}
    made: Tree = cls(**given)
    return made


#: Parts that are types, lists of trees and plain words; all others are trees.
_TYPES: Final = frozenset({"read", "type"})
_LISTS: Final = frozenset({"arguments", "items"})
_WORDS: Final = frozenset({"name", "by", "function"})


def _decoded(name: str, part: Any) -> Any:
    if name in _TYPES:
        return decode_type(part)
    if name in _LISTS:
        return tuple(map(decode, part))
    return part if name in _WORDS else decode(part)


def decode_type(kind: Any) -> Type:
    """The type of what :func:`encode_type` made."""
    if isinstance(kind, str):
        return Scalar(kind)
    name, inner = kind
    match name:
        case "list":
            return ListOf(None if inner is None else decode_type(inner))
        case "map":
            return MapOf(decode_type(inner))
        case _:
            return Record(inner)
