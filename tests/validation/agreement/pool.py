"""The same documents in every run: the valid examples of a schema, then seeded ones.

The makers behind ``mfgstd.testing.documents`` read their choices from a tape of bytes. Here the
tape is a digest of the schema and a number, so no run differs from another, and what a newer
hypothesis draws changes nothing.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import shake_128
from typing import Any, Final

from mfgstd.standard import Resolved, catalogue
from mfgstd.testing._tape import Tape
from mfgstd.testing._values import ROOM, Book

#: The schemas whose values are judged: all but the abstract ones, which no value has by itself.
SCHEMAS: Final = sorted(each.id for each in catalogue() if not each.abstract)

#: All schemas together have at least 5,000 documents.
PER_SCHEMA: Final = -(-5000 // len(SCHEMAS))

#: Long enough for the largest document; where a tape ends all choices are the simplest.
_TAPE: Final = 4096


def name(schema_id: str) -> str:
    """What a test of one schema is called."""
    return schema_id.split("/")[-2]


def tape(*parts: str | int) -> Tape:
    """Choices that follow from the parts alone."""
    return Tape(shake_128("/".join(map(str, parts)).encode()).digest(_TAPE))


@cache
def examples(schema_id: str) -> list[Any]:
    """The valid examples of a schema, in the order of their names."""
    schema = catalogue().get(schema_id)
    folder = catalogue().folder / "examples" / schema.domain / schema.slug / "valid"
    return [json.loads(each.read_bytes()) for each in sorted(folder.glob("*.json"))]


def documents(schema_id: str, count: int = PER_SCHEMA) -> list[Any]:
    """So many valid values of a schema: its examples, then made ones."""
    schema = catalogue().get(schema_id)
    made = [_made(schema, number) for number in range(count)]
    return [*examples(schema_id), *made][:count]


@cache
def _book() -> Book:
    return Book(catalogue())


def _made(schema: Resolved, number: int) -> Any:
    return _book().document(schema)(tape(schema.id, number), ROOM)
