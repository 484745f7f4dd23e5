"""The types of the rule language: five scalars, lists, maps and the objects of the standard.

An object is named by its title, which is unique over the whole standard; what fields it has is
asked of :class:`mfgstd.expression.shapes.Shapes` while an expression is checked, and no more after.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Scalar(StrEnum):
    """One value.

    ``double`` is a JSON number or small integer, ``int`` a whole number beyond 2^53, exact;
    ``integer_text`` is such a number written as JSON text, an ``int`` as soon as it is read.
    """

    BOOL = "bool"
    INT = "int"
    DOUBLE = "double"
    STRING = "string"
    INTEGER_TEXT = "integer_text"


BOOL = Scalar.BOOL
INT = Scalar.INT
DOUBLE = Scalar.DOUBLE
STRING = Scalar.STRING
INTEGER_TEXT = Scalar.INTEGER_TEXT


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; ``items`` is ``None`` only for the empty list literal, which fits every list."""

    items: Type | None

    def __str__(self) -> str:
        return f"list({self.items or 'nothing'})"


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object whose keys are data."""

    values: Type

    def __str__(self) -> str:
        return f"map({self.values})"


@dataclass(frozen=True, slots=True)
class Record:
    """An object of the standard by its title; ``object`` where nothing inside it can be named."""

    title: str

    def __str__(self) -> str:
        return self.title


Type: TypeAlias = Scalar | ListOf | MapOf | Record


def as_read(kind: Type) -> Type:
    """The type of a value once it was read: whole numbers in text are ``int`` from then on."""
    match kind:
        case Scalar.INTEGER_TEXT:
            return INT
        case ListOf(items) if items is not None:
            return ListOf(as_read(items))
        case MapOf(values):
            return MapOf(as_read(values))
        case _:
            return kind


def fits(given: Type, wanted: Type) -> bool:
    """Whether a value of one type can stand where another is wanted; nothing converts by itself."""
    if isinstance(given, ListOf) and isinstance(wanted, ListOf):
        if given.items is None or wanted.items is None:
            return True
        return fits(given.items, wanted.items)
    return given == wanted
