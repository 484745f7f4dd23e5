"""What was written: the syntax of CEL as far as rules use it, each node with its place in the text.

:mod:`mfgstd.expression.parsing` makes it. It is our own, since Google's parser hands out macros
already expanded and objects without types; ``docs/decisions/0014-rules-are-trees.md`` says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mfgstd.errors import ExpressionError
from mfgstd.finding import show

if TYPE_CHECKING:
    from mfgstd.language import Text


@dataclass(frozen=True, slots=True)
class Literal:
    """Text, number, true or false; ``at`` counts characters from 0, here and below."""

    value: str | int | float | bool
    at: int


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Select:
    """``of.name``."""

    of: Syntax
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Subscript:
    """``of[key]``."""

    of: Syntax
    key: Syntax
    at: int


@dataclass(frozen=True, slots=True)
class Invoke:
    """``name(...)``, or ``of.name(...)``."""

    of: Syntax | None
    name: str
    arguments: tuple[Syntax, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Items:
    """``[a, b]``."""

    items: tuple[Syntax, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Unary:
    """``!x`` or ``-x``."""

    by: str
    operand: Syntax
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands with an operator between; ``at`` is where the operator stands."""

    by: str
    left: Syntax
    right: Syntax
    at: int


@dataclass(frozen=True, slots=True)
class Ternary:
    """``test ? then : other``."""

    test: Syntax
    then: Syntax
    other: Syntax
    at: int


Syntax: TypeAlias = Literal | Name | Select | Subscript | Invoke | Items | Unary | Binary | Ternary


def written(syntax: Syntax) -> str:
    """One spelling for each syntax: what flow analysis knows a path or divisor by."""
    match syntax:
        case Literal(value):
            return show(value) if not isinstance(value, str) else repr(value)
        case Name(name):
            return name
        case Select(of, name):
            return f"{written(of)}.{name}"
        case Subscript(of, key):
            return f"{written(of)}[{written(key)}]"
        case Invoke(of, name, arguments):
            receiver = f"{written(of)}." if of is not None else ""
            return f"{receiver}{name}({', '.join(map(written, arguments))})"
        case Items(items):
            return f"[{', '.join(map(written, items))}]"
        case Unary(by, operand):
            return f"{by}({written(operand)})"
        case Binary(by, left, right):
            return f"({written(left)} {by} {written(right)})"
        case Ternary(test, then, other):
            return f"({written(test)} ? {written(then)} : {written(other)})"


def refused(said: Text, at: int, hint: Text | None = None) -> ExpressionError:
    """The error of an expression, at a character counted from 0."""
    return ExpressionError(said, column=at + 1, hint=hint)
