"""What is known to hold where a part of an expression is evaluated.

``has(x.y) && ...`` knows on its right that the field is there, ``d != 0.0 ? ... : ...`` that its
divisor is not zero. A fact is known of a spelling (:func:`mfgstd.expression.syntax.written`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from mfgstd.expression.syntax import (
    Binary,
    Invoke,
    Items,
    Literal,
    Name,
    Select,
    Subscript,
    Ternary,
    Unary,
    written,
)

if TYPE_CHECKING:
    from mfgstd.expression.syntax import Syntax

#: ``(kind, spelling[, constant])``: has, key, exists, nonzero or tag.
Fact: TypeAlias = tuple[str, ...]
Facts: TypeAlias = frozenset[Fact]

NOTHING: Final[Facts] = frozenset()

_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_NEGATED: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def known(syntax: Syntax, *, truth: bool = True) -> Facts:
    """What holds wherever an expression is true (or false)."""
    return _known(syntax, truth) or NOTHING


def _known(syntax: Syntax, truth: bool) -> Facts | None:
    """As :func:`known`; ``None`` where the expression can never come out so."""
    match syntax:
        case Literal(value):
            return NOTHING if value is truth else None
        case Unary("!", operand):
            return _known(operand, not truth)
        case Binary("&&", left, right):
            both = (_known(left, truth), _known(right, truth))
            return _all(*both) if truth else _any(*both)
        case Binary("||", left, right):
            both = (_known(left, truth), _known(right, truth))
            return _any(*both) if truth else _all(*both)
        case Ternary(test, then, other):
            return _any(
                _all(_known(test, True), _known(then, truth)),
                _all(_known(test, False), _known(other, truth)),
            )
        case Binary("in", left, right):
            return frozenset({("key", written(right), written(left))}) if truth else NOTHING
        case Binary(by, left, right) if by in _NEGATED:
            by = by if truth else _NEGATED[by]
            return _compared(by, left, right) | _compared(_MIRRORED[by], right, left)
        case Invoke(None, "has", (Select() as field,)) if truth:
            return frozenset({("has", written(field))})
        case Invoke(None, "exists", (Name(name),)) if truth:
            return frozenset({("exists", name)})
        case _:
            return NOTHING


def _all(left: Facts | None, right: Facts | None) -> Facts | None:
    return None if left is None or right is None else left | right


def _any(left: Facts | None, right: Facts | None) -> Facts | None:
    if left is None or right is None:
        return right if left is None else left
    return left & right


def _compared(by: str, left: Syntax, right: Syntax) -> Facts:
    """What ``left by right`` says of the left, where the right is a constant."""
    constant = _number(right)
    if constant is not None:
        excludes_zero = {
            "==": constant != 0,
            "!=": constant == 0,
            "<": constant <= 0,
            "<=": constant < 0,
            ">": constant >= 0,
            ">=": constant > 0,
        }[by]
        return frozenset({("nonzero", divisor(left))}) if excludes_zero else NOTHING
    match left, right:
        case Select(of, name), Literal(str() as word) if by == "==":
            return frozenset({("tag", written(of), name, word)})
    return NOTHING


def _number(syntax: Syntax) -> float | None:
    match syntax:
        case Literal(bool()):
            return None
        case Literal(int() | float() as value):
            return value
        case Unary("-", operand):
            inner = _number(operand)
            return None if inner is None else -inner
    return None


def divisor(syntax: Syntax) -> str:
    """The spelling that a divisor is known by: neither converting nor signs make it zero."""
    match syntax:
        case Invoke(None, "double" | "abs", (operand,)) | Unary("-", operand):
            return divisor(operand)
    return written(syntax)


def of_elements(over: Syntax, name: str) -> Facts:
    """What is known of each element of a list, called ``name``: what it was filtered by."""
    match over:
        case Invoke(of, "filter", (Name(bound), body)) if of is not None:
            return known(renamed(body, bound, name)) | of_elements(of, name)
    return NOTHING


def renamed(syntax: Syntax, old: str, new: str) -> Syntax:
    """The same syntax with another name for one variable."""

    def each(part: Syntax) -> Syntax:
        return renamed(part, old, new)

    match syntax:
        case Literal():
            return syntax
        case Name(name, at):
            return Name(new, at) if name == old else syntax
        case Select(of, name, at):
            return Select(each(of), name, at)
        case Subscript(of, key, at):
            return Subscript(each(of), each(key), at)
        case Invoke(of, name, arguments, at):
            receiver = None if of is None else each(of)
            return Invoke(receiver, name, tuple(map(each, arguments)), at)
        case Items(items, at):
            return Items(tuple(map(each, items)), at)
        case Unary(by, operand, at):
            return Unary(by, each(operand), at)
        case Binary(by, left, right, at):
            return Binary(by, each(left), each(right), at)
        case Ternary(test, then, other, at):
            return Ternary(each(test), each(then), each(other), at)
