"""The one typed tree of an expression, which every lowering is a total function of.

Macros stay macros and every node knows its type, so a lowering needs neither the source text nor
the schemas. A reading (:class:`Field`, :class:`Item`, :class:`Entry`, :class:`Variable`) carries
the type as it is *written* in JSON (``read``), the node's own ``type`` is the one after reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as Words
from typing import TypeAlias, assert_never

from mfgstd.expression.types import BOOL, DOUBLE, INT, STRING, ListOf, Type, as_read

Comparison: TypeAlias = Words["==", "!=", "<", "<=", ">", ">="]
Operation: TypeAlias = Words["+", "-", "*", "/"]
Quantifier: TypeAlias = Words["all", "exists", "exists_one"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: text, a whole number, a double, true or false."""

    value: str | int | float | bool

    @property
    def type(self) -> Type:
        """By the Python type of the value."""
        match self.value:
            case bool():
                return BOOL
            case int():
                return INT
            case float():
                return DOUBLE
            case str():
                return STRING


@dataclass(frozen=True, slots=True)
class Listing:
    """A list literal."""

    items: tuple[Tree, ...]

    @property
    def type(self) -> Type:
        """A list of what its first item is."""
        return ListOf(self.items[0].type if self.items else None)


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that is bound from outside (``this``) or by a macro."""

    name: str
    read: Type

    @property
    def type(self) -> Type:
        """After reading."""
        return as_read(self.read)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object; an error where it is absent."""

    of: Tree
    name: str
    read: Type

    @property
    def type(self) -> Type:
        """After reading."""
        return as_read(self.read)


@dataclass(frozen=True, slots=True)
class Entry:
    """The value of a map under a key; an error where there is none."""

    of: Tree
    key: Tree
    read: Type

    @property
    def type(self) -> Type:
        """After reading."""
        return as_read(self.read)


@dataclass(frozen=True, slots=True)
class Item:
    """The element of a list at a place, from 0; an error outside."""

    of: Tree
    at: Tree
    read: Type

    @property
    def type(self) -> Type:
        """After reading."""
        return as_read(self.read)


@dataclass(frozen=True, slots=True)
class Has:
    """Whether a field or a key of a map is there."""

    of: Tree
    name: str
    read: Type

    @property
    def type(self) -> Type:
        """Always true or false."""
        return BOOL


@dataclass(frozen=True, slots=True)
class Present:
    """Whether an optional partner was found: ``exists(plan)``."""

    name: str

    @property
    def type(self) -> Type:
        """Always true or false."""
        return BOOL


@dataclass(frozen=True, slots=True)
class Not:
    """Logical not."""

    operand: Tree

    @property
    def type(self) -> Type:
        """Always true or false."""
        return BOOL


@dataclass(frozen=True, slots=True)
class And:
    """Both; false beside an error is false, whichever stands first."""

    left: Tree
    right: Tree

    @property
    def type(self) -> Type:
        """Always true or false."""
        return BOOL


@dataclass(frozen=True, slots=True)
class Or:
    """Either; true beside an error is true, whichever stands first."""

    left: Tree
    right: Tree

    @property
    def type(self) -> Type:
        """Always true or false."""
        return BOOL


@dataclass(frozen=True, slots=True)
class Choice:
    """``test ? then : other``; only the chosen side is evaluated."""

    test: Tree
    then: Tree
    other: Tree

    @property
    def type(self) -> Type:
        """That of both sides."""
        return self.then.type


@dataclass(frozen=True, slots=True)
class Compare:
    """Two scalars of one type; texts by code point."""

    by: Comparison
    left: Tree
    right: Tree

    @property
    def type(self) -> Type:
        """Always true or false."""
        return BOOL


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two doubles or two whole numbers (or two texts under ``+``).

    An error where the result is no finite double, or no whole number of at most 64 bits.
    """

    by: Operation
    left: Tree
    right: Tree

    @property
    def type(self) -> Type:
        """That of both operands."""
        return self.left.type


@dataclass(frozen=True, slots=True)
class Negative:
    """Unary minus."""

    operand: Tree

    @property
    def type(self) -> Type:
        """That of the operand."""
        return self.operand.type


@dataclass(frozen=True, slots=True)
class Contained:
    """``x in list`` or ``key in map``."""

    item: Tree
    among: Tree

    @property
    def type(self) -> Type:
        """Always true or false."""
        return BOOL


@dataclass(frozen=True, slots=True)
class Call:
    """A function or method of :mod:`mfgstd.expression.functions`, by its unique name there."""

    function: str
    arguments: tuple[Tree, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Quantified:
    """``list.all(x, ...)``, ``exists`` and ``exists_one``; ``read`` is the type of an element."""

    by: Quantifier
    over: Tree
    name: str
    read: Type
    body: Tree

    @property
    def type(self) -> Type:
        """Always true or false."""
        return BOOL


@dataclass(frozen=True, slots=True)
class Mapped:
    """``list.map(x, ...)``: a list of what becomes of each element."""

    over: Tree
    name: str
    read: Type
    body: Tree

    @property
    def type(self) -> Type:
        """A list of the body's type."""
        return ListOf(self.body.type)


@dataclass(frozen=True, slots=True)
class Filtered:
    """``list.filter(x, ...)``: the elements for which the body is true."""

    over: Tree
    name: str
    read: Type
    body: Tree

    @property
    def type(self) -> Type:
        """That of the list."""
        return self.over.type


Tree: TypeAlias = (
    Constant
    | Listing
    | Variable
    | Field
    | Entry
    | Item
    | Has
    | Present
    | Not
    | And
    | Or
    | Choice
    | Compare
    | Arithmetic
    | Negative
    | Contained
    | Call
    | Quantified
    | Mapped
    | Filtered
)


def children(tree: Tree) -> tuple[Tree, ...]:
    """The trees directly below one."""
    match tree:
        case Constant() | Variable() | Present():
            return ()
        case Listing(items):
            return items
        case Field(of) | Has(of):
            return (of,)
        case Entry(of, key) | Item(of, key):
            return (of, key)
        case Not(operand) | Negative(operand):
            return (operand,)
        case And(left, right) | Or(left, right):
            return (left, right)
        case Compare(_, left, right) | Arithmetic(_, left, right):
            return (left, right)
        case Choice(test, then, other):
            return (test, then, other)
        case Contained(item, among):
            return (item, among)
        case Call(_, arguments):
            return arguments
        case Quantified(over=over, body=body):
            return (over, body)
        case Mapped(over=over, body=body) | Filtered(over=over, body=body):
            return (over, body)
        case _:
            assert_never(tree)


def free(tree: Tree) -> frozenset[str]:
    """The names that must be bound from outside for a tree to have a value."""
    match tree:
        case Variable(name) | Present(name):
            return frozenset({name})
        case (
            Quantified(over=over, name=name, body=body)
            | Mapped(over, name, _, body)
            | Filtered(over, name, _, body)
        ):
            return free(over) | (free(body) - {name})
        case _:
            return frozenset().union(*map(free, children(tree)))
