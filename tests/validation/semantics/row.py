"""One row of the table of semantics, and the schemas that many rows have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mfgstd.standard import Catalogue, catalogue
from mfgstd.standard.resolved import NAMESPACE, Text


@dataclass(frozen=True, slots=True)
class Row:
    """``text`` is the value, or a whole document if ``whole``; ``rule`` is ``None`` if valid.

    ``optional`` if the field may be absent.
    """

    what: str
    schema: dict[str, Any]
    text: str | bytes
    rule: str | None
    whole: bool = False
    optional: bool = False

    @property
    def document(self) -> bytes:
        """The text that an engine reads."""
        text = self.text if isinstance(self.text, bytes) else self.text.encode()
        return text if self.whole else b'{"it":' + text + b"}"


def pattern_of(slug: str) -> dict[str, Any]:
    node = catalogue().find(slug).node
    assert isinstance(node, Text)
    return {"type": "string", "pattern": node.pattern, "format": node.format}


def object_of(**fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "title": "A", "properties": fields, "additionalProperties": False}


def list_of(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def text_of(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern}


def words(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


STRING: Final = {"type": "string"}
NUMBER: Final = {"type": "number"}
INTEGER: Final = {"type": "integer"}
BOOLEAN: Final = {"type": "boolean"}
LOWER: Final = text_of("^[a-z]+$")
TIME: Final = pattern_of("timestamp")
URI: Final = pattern_of("uri")
CODE: Final = {"type": "string", "x-mfg-openCode": ["ok", "worn"]}
EITHER: Final = {
    "oneOf": [
        {**object_of(number=NUMBER), "title": "Numeric", "required": ["number"]},
        {**object_of(text=STRING), "title": "Textual", "required": ["text"]},
    ]
}
TAGGED: Final = {
    "oneOf": [
        {
            **object_of(kind={"type": "string", "const": tag}, size=size),
            "title": f"Kind{tag.title()}",
            "required": ["kind", "size"],
        }
        for tag, size in (("a", NUMBER), ("b", STRING))
    ]
}
MAP: Final = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z]+$"},
    "additionalProperties": INTEGER,
    "minProperties": 1,
    "maxProperties": 2,
}
MAP_OF_NUMBERS: Final = {
    "type": "object",
    "additionalProperties": NUMBER,
    "propertyNames": {"pattern": "^[a-z]+$"},
}
PAIR: Final = object_of(a=NUMBER, b=STRING)
UNIQUE: Final = list_of(NUMBER, uniqueItems=True)


def slug(number: int) -> str:
    """What the schema of a row is called."""
    return f"row-{number}"


def written(rows: Sequence[Row], folder: Path) -> Catalogue:
    """The schemas of all rows as one catalogue, made below ``folder``."""
    primitives = folder / "schemas" / "primitives"
    primitives.mkdir(parents=True)
    for number, row in enumerate(rows):
        name = slug(number)
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{NAMESPACE}primitives/{name}/1",
            "title": f"Row{number}",
            "x-mfg-version": "1.0.0",
            "type": "object",
            "properties": {"$schema": {"type": "string"}, "it": row.schema},
            "required": [] if row.optional else ["it"],
            "additionalProperties": False,
        }
        (primitives / f"{name}.json").write_text(json.dumps(schema), encoding="utf-8")
    return Catalogue(folder / "schemas")
