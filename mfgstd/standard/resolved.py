"""``Resolved``: the one typed view of a schema, with bases merged and every keyword accounted for.

Generators, lowerings, differs and strategies are functions of it, total by ``match`` over
:data:`Node`. What the authored JSON may say is fixed by ``schemas/profile.json``; a keyword that
the reader (:mod:`mfgstd.standard.reading`) does not know is an error there, never silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from mfgstd.standard.notes import (
    Correspondence,
    Deprecation,
    Notes,
    Relation,
    Stability,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "NAMESPACE",
    "AnyObject",
    "Array",
    "Boolean",
    "Constant",
    "Correspondence",
    "Deprecation",
    "Enumeration",
    "Integer",
    "Map",
    "Node",
    "Notes",
    "Number",
    "Object",
    "OpenCode",
    "Property",
    "Ref",
    "Relation",
    "Resolved",
    "Stability",
    "Text",
    "Union",
    "Word",
]

#: What every ``$id`` of the standard begins with.
NAMESPACE: Final = "https://w3id.org/mfgstd/"


@dataclass(frozen=True, slots=True)
class Text:
    """A string. ``format`` is an annotation: the ``pattern`` is the law in every engine."""

    pattern: str | None = None
    format: str | None = None
    min_length: int | None = None
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A string that can have one value only."""

    value: str


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A closed list of words."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class OpenCode:
    """The listed words, or an absolute URI outside the namespace of the standard.

    ``pattern`` says the same to the engines that know patterns only.
    """

    words: tuple[Word, ...]
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A finite IEEE 754 double."""

    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number (``1.0`` counts); without bounds it is one of 64 bits, signed."""

    minimum: int | None = None
    maximum: int | None = None
    multiple_of: int | None = None


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Array:
    """An ordered list."""

    items: Node
    min_items: int | None = None
    max_items: int | None = None
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """An object whose keys are data: every key matches a pattern, every value one node."""

    values: Node
    key_pattern: str
    min_properties: int | None = None
    max_properties: int | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """One field of an object; ``inherited`` is the id of the base that it came from."""

    name: str
    node: Node
    required: bool
    notes: Notes
    inherited: str | None = None


@dataclass(frozen=True, slots=True)
class Object:
    """An object with named fields, all bases merged, base fields first.

    ``title`` names the class; a closed one refuses other fields in the strict form.
    """

    title: str
    properties: tuple[Property, ...]
    closed: bool

    def __iter__(self) -> Iterator[Property]:
        return iter(self.properties)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the fields that must be there."""
        return tuple(each.name for each in self.properties if each.required)


@dataclass(frozen=True, slots=True)
class Union:
    """Exactly one branch, told apart by the constant in ``by`` or by which single key is there.

    ``how == "const"``: every branch has the property ``by``, a constant. ``how == "key"``: every
    branch is a closed object with a single, required, distinct key; ``by`` is empty.
    """

    branches: tuple[Ref | Object, ...]
    how: Literal["const", "key"]
    by: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ref:
    """Another named schema, by its ``$id``."""

    id: str


@dataclass(frozen=True, slots=True)
class AnyObject:
    """An object whose own schema is named elsewhere.

    ``typed_by`` is the sibling property that holds the ``$id`` of its schema (``dataschema`` of
    the envelope), or ``$schema`` where the object itself must name it (extensions).
    """

    typed_by: str


Node: TypeAlias = (
    Text
    | Constant
    | Enumeration
    | OpenCode
    | Number
    | Integer
    | Boolean
    | Array
    | Map
    | Object
    | Union
    | Ref
    | AnyObject
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """One named schema.

    ``name`` is the class name (``DataItem``), ``slug`` the file's (``data-item``), ``domain`` its
    folder. An abstract one is a base for others and never a document by itself.
    """

    id: str
    name: str
    slug: str
    domain: str
    version: str
    node: Node
    notes: Notes
    base: str | None = None
    abstract: bool = False
    path: str = field(default="", compare=False)

    @property
    def is_entity(self) -> bool:
        """Whether documents of this schema travel by themselves.

        Those extend one of the abstract bases; the envelope is what they travel in. What is only
        a part of a document (``EquipmentState``) or a row of a column file (``ObservationRow``)
        extends nothing.
        """
        travels = self.base is not None or self.domain == "envelope"
        return travels and not self.abstract and isinstance(self.node, Object)
