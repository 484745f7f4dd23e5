"""What a schema says to people and to other standards: its annotations, typed.

None of them decides whether a document conforms; docs, mapping tables, coverage and loss reports
come from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Stability: TypeAlias = Literal["experimental", "stable"]
Relation: TypeAlias = Literal["exact", "close", "broad", "narrow", "none"]


#: A text that nobody wrote.
NOTHING: Final = Text("", "")


@dataclass(frozen=True, slots=True)
class Correspondence:
    """One row of ``x-mfg-mappings``: the same notion in another standard, and what is lost."""

    standard: str
    version: str
    path: str
    relation: Relation
    loss: str | None = None


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Since when a thing should not be used any more, and what to use instead."""

    since: str
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """What a schema or property says to people and to other standards: all annotations."""

    description: Text = NOTHING
    label: Text = NOTHING
    examples: tuple[Any, ...] = ()
    term: str | None = None
    unit: str | None = None
    unit_from: str | None = None
    quantity: str | None = None
    stability: Stability | None = None
    since: str | None = None
    deprecated: Deprecation | None = None
    mappings: tuple[Correspondence, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an enumeration or open code, with its labels and mappings."""

    value: str
    label: Text
    description: Text = NOTHING
    mappings: tuple[Correspondence, ...] = ()


ANNOTATIONS: Final = frozenset(
    {
        "title",
        "description",
        "examples",
        "x-mfg-label",
        "x-mfg-description",
        "x-mfg-term",
        "x-mfg-unit",
        "x-mfg-unitFrom",
        "x-mfg-quantity",
        "x-mfg-stability",
        "x-mfg-since",
        "x-mfg-deprecated",
        "x-mfg-mappings",
        "x-mfg-words",
    }
)


def _pair(schema: Mapping[str, Any]) -> Text:
    label = schema.get("x-mfg-label", {})
    return Text(str(label.get("en", "")), str(label.get("ko", "")))


def read_notes(schema: Mapping[str, Any]) -> Notes:
    """The annotations of one schema or property; what is not said stays empty."""
    deprecated = schema.get("x-mfg-deprecated")
    return Notes(
        description=Text(
            str(schema.get("description", "")),
            str(schema.get("x-mfg-description", {}).get("ko", "")),
        ),
        label=_pair(schema),
        examples=tuple(schema.get("examples", ())),
        term=schema.get("x-mfg-term"),
        unit=schema.get("x-mfg-unit"),
        unit_from=schema.get("x-mfg-unitFrom"),
        quantity=schema.get("x-mfg-quantity"),
        stability=schema.get("x-mfg-stability"),
        since=schema.get("x-mfg-since"),
        deprecated=deprecated
        and Deprecation(since=deprecated["since"], replaced_by=deprecated.get("replacedBy")),
        mappings=_mappings(schema),
    )


def _mappings(schema: Mapping[str, Any]) -> tuple[Correspondence, ...]:
    return tuple(
        Correspondence(
            standard=each["standard"],
            version=each["version"],
            path=each["path"],
            relation=each["relation"],
            loss=each.get("loss"),
        )
        for each in schema.get("x-mfg-mappings", ())
    )


def read_words(schema: Mapping[str, Any], values: Sequence[str]) -> tuple[Word, ...]:
    """The words of an enumeration or open code, each with what ``x-mfg-words`` says of it."""
    notes = schema.get("x-mfg-words", {})
    return tuple(
        Word(
            value=value,
            label=_pair(notes.get(value, {})),
            description=Text(
                str(notes.get(value, {}).get("description", "")),
                str(notes.get(value, {}).get("x-mfg-description", {}).get("ko", "")),
            ),
            mappings=_mappings(notes.get(value, {})),
        )
        for value in values
    )
