"""The judges of generated files that are not ours, each started once for a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mfgstd.standard.profile import open_code_pattern
from tests.tools import node_tools, postgres

if TYPE_CHECKING:
    from mfgstd.standard import Catalogue

    Author = Callable[..., Catalogue]

URI = "https://w3id.org/mfgstd/"


@pytest.fixture(scope="session")
def node(checkout: Path) -> node_tools.NodeTools:
    """tsc and the AsyncAPI parser."""
    return node_tools.install(checkout)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """How to connect to an empty PostgreSQL of this session."""
    with postgres.serve() as where:
        yield where


def _object(
    required: tuple[str, ...] = (), /, title: str = "", **fields: dict[str, Any]
) -> dict[str, Any]:
    return {
        "type": "object",
        **({"title": title} if title else {}),
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


@pytest.fixture
def every_kind(author: Author) -> Catalogue:
    """One schema with each kind of node, and a base."""
    code = {"type": "string", "x-mfg-openCode": ["worn"], "pattern": open_code_pattern(["worn"])}
    narrow = {"type": "string", "x-mfg-openCode": ["a"], "pattern": "^(a|b:c)$"}
    text = {"type": "string"}
    base = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "note": text},
        "required": ["id"],
        "x-mfg-abstract": True,
    }
    tagged = [
        _object(("kind",), f"Pump{kind.title()}", kind={"type": "string", "const": kind})
        for kind in ("round", "flat")
    ]
    keyed = [
        _object((key,), f"Pump{key.title()}", **{key: {"type": "number"}}) for key in ("one", "two")
    ]
    pump = {
        "type": "object",
        "allOf": [{"$ref": f"{URI}primitives/base/1"}],
        "properties": {
            "text": {**text, "description": "Ends */ early."},
            "fixed": {"type": "string", "const": "1.0"},
            "word": {"type": "string", "enum": ["on", "off"]},
            "code": code,
            "narrow": narrow,
            "size": {"type": "number", "minimum": 0, "exclusiveMaximum": 10, "x-mfg-unit": "mm"},
            "count": {"type": "integer", "minimum": 0, "maximum": 9},
            "large": {"type": "integer", "minimum": 0, "maximum": 1 << 60},
            "yes": {"type": "boolean"},
            "many": {"type": "array", "items": text},
            "some": {"type": "array", "items": text, "minItems": 1},
            "pair": {"type": "array", "items": {"type": "number"}, "minItems": 2},
            "names": {
                "type": "object",
                "propertyNames": {"pattern": "^[a-z]+$"},
                "additionalProperties": text,
            },
            "part": _object(("x",), "PumpPart", x={"type": "number"}),
            "form": {"oneOf": tagged},
            "value": {"oneOf": keyed},
            "mine": {"type": "object", "x-mfg-typedBy": "$schema"},
            "theirs": {"type": "object", "x-mfg-typedBy": "text"},
            "other": {"$ref": f"{URI}primitives/word/1"},
            "again": {"$ref": f"{URI}equipment/pump/1"},
            "odd name": text,
        },
        "required": ["note", "text"],
        "unevaluatedProperties": False,
    }
    word = {"type": "string", "enum": ["x"]}
    return author(primitives__base=base, primitives__word=word, equipment__pump=pump)
