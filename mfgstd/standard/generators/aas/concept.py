"""A concept description (IEC 61360) for one field: names, definition, unit, words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mfgstd.language import LANGUAGES
from mfgstd.standard.resolved import (
    Array,
    Boolean,
    Enumeration,
    Integer,
    Map,
    Node,
    Notes,
    Number,
    Object,
    OpenCode,
    Text,
    Union,
)

if TYPE_CHECKING:
    from mfgstd.language import Text as Words

_IEC_61360: Final = "http://admin-shell.io/DataSpecificationTemplates/DataSpecificationIEC61360/3/0"
#: How long a definition and a name may be (IDTA-01003-a).
_DEFINITION: Final = 1023
_NAME: Final = 255


def reference(value: str) -> dict[str, Any]:
    """An external reference with one global key."""
    return {"type": "ExternalReference", "keys": [{"type": "GlobalReference", "value": value}]}


def texts(said: Words, limit: int = _DEFINITION) -> list[dict[str, str]]:
    """A text in the languages that it has, cut to what the metamodel allows."""
    given = zip(LANGUAGES, said, strict=True)
    return [{"language": language, "text": text[:limit]} for language, text in given if text]


def concept(term: str, name: str, node: Node, notes: Notes) -> dict[str, Any]:
    """What the field ``name`` means."""
    content: dict[str, Any] = {
        "modelType": "DataSpecificationIec61360",
        "preferredName": texts(notes.label, _NAME) or [{"language": "en", "text": name}],
    }
    if kind := _data_type(node, notes):
        content["dataType"] = kind
    if notes.unit and notes.unit != "1":
        content["unit"] = notes.unit
    if notes.description.en:
        content["definition"] = texts(notes.description)
    if isinstance(node, Enumeration | OpenCode):
        content["valueList"] = {
            "valueReferencePairs": [
                {"value": word.value, "valueId": reference(f"{term}={word.value}")}
                for word in node.words
            ]
        }
    return {
        "modelType": "ConceptDescription",
        "idShort": name,
        "id": term,
        "embeddedDataSpecifications": [
            {"dataSpecification": reference(_IEC_61360), "dataSpecificationContent": content}
        ],
    }


def _data_type(node: Node, notes: Notes) -> str | None:
    """The type of IEC 61360; a measure has a unit, a collection has none at all."""
    measured = bool(notes.unit and notes.unit != "1")
    match node:
        case Array() | Object() | Union() | Map():
            return None
        case Number():
            return "REAL_MEASURE" if measured else "REAL_COUNT"
        case Integer():
            return "INTEGER_MEASURE" if measured else "INTEGER_COUNT"
        case Boolean():
            return "BOOLEAN"
        case Text(format="date-time"):
            return "TIMESTAMP"
        case Text(format="uri"):
            return "IRI"
        case _:
            return "STRING"
