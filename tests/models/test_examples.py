"""The examples that the standard ships, against the models: what is valid builds one and comes
back as it was; what is invalid is refused, but for the kinds that no model can see.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from pydantic import TypeAdapter, ValidationError

import mfgstd.models
from mfgstd.models import Document
from mfgstd.standard import catalogue
from mfgstd.standard.resolved import Object, Resolved

#: Rules that one model of one document cannot see, and why.
UNSEEN = {
    "json.duplicate-key": "the reader of pydantic keeps the last one; ours reports it",
    "json.bom": "a matter of the bytes before the document",
    "schema.typed-by": "the schema of free-form data is named in the data, found at run time",
    "schema.mismatch": "what an envelope says of its data is compared at run time",
    "schema.unknown": "which schema a document follows is decided before a model is chosen",
    "schema.undeclared": "which schema a document follows is decided before a model is chosen",
}

FOLDER = catalogue().folder / "examples"


def _files(kind: str) -> list[Any]:
    paths = sorted(FOLDER.glob(f"*/*/{kind}/*.json"))
    return [pytest.param(path, id="/".join(path.parts[-4:])) for path in paths]


def _adapter(schema: Resolved) -> TypeAdapter[Any]:
    return TypeAdapter(getattr(mfgstd.models, schema.name))


def _read(schema: Resolved, text: bytes) -> Any:
    """Build the model of a document, and return what it dumps."""
    made = getattr(mfgstd.models, schema.name)
    if isinstance(schema.node, Object):
        return json.loads(made.from_json(text).to_bytes())
    adapter = _adapter(schema)
    return json.loads(adapter.dump_json(adapter.validate_json(text)))


def _invalid(path: Path) -> tuple[bytes, dict[str, Any]]:
    """The document and the finding that it must raise: ``{"finding": {...}, "document": ...}``."""
    content = json.loads(path.read_bytes())
    if isinstance(content.get("text"), str):
        return content["text"].encode(), content["finding"]
    return json.dumps(content["document"]).encode(), content["finding"]


@pytest.mark.parametrize("path", _files("valid"))
def test_a_valid_example_builds_its_model_and_comes_back_as_it_was(path: Path) -> None:
    text = path.read_bytes()
    assert _read(catalogue().find(path.parent.parent.name), text) == json.loads(text)


@pytest.mark.parametrize("path", _files("valid"))
def test_the_canonical_form_of_a_valid_example_is_that_of_its_text_to_the_byte(path: Path) -> None:
    text = path.read_bytes()
    schema = catalogue().find(path.parent.parent.name)
    if isinstance(schema.node, Object):
        made = getattr(mfgstd.models, schema.name).from_json(text)
        assert made.to_canonical() == _canonical(text)


def _canonical(text: bytes) -> bytes:
    """By the library; integers that it refuses pass through it as marked text."""

    def integer(digits: str) -> int | str:
        return int(digits) if abs(int(digits)) < 2**53 else f"@{digits}@"

    written: bytes = rfc8785.dumps(json.loads(text, parse_int=integer))
    return re.sub(rb'"@(-?[0-9]+)@"', rb"\1", written)


@pytest.mark.parametrize("path", _files("invalid"))
def test_an_invalid_example_is_refused_by_its_model(path: Path) -> None:
    text, finding = _invalid(path)
    schema = catalogue().find(path.parent.parent.name)
    inside = schema.slug == "cloud-event" and finding.get("pointer", "").startswith("/data/")
    if finding["rule"] in UNSEEN or inside:
        return
    with pytest.raises(ValidationError):
        _read(schema, text)


def _inline() -> list[Any]:
    return [
        pytest.param(schema, example, id=f"{schema.slug}-{number}")
        for schema in catalogue()
        for number, example in enumerate(schema.notes.examples)
    ]


@pytest.mark.parametrize(("schema", "example"), _inline())
def test_an_example_inside_a_schema_is_one(schema: Resolved, example: Any) -> None:
    assert _read(schema, json.dumps(example).encode()) == example


@pytest.mark.parametrize(
    "schema", [pytest.param(each, id=each.slug) for each in catalogue() if not each.abstract]
)
def test_the_example_of_each_field_fits_the_field(schema: Resolved) -> None:
    if not isinstance(schema.node, Object):
        return
    made: type[Document] = getattr(mfgstd.models, schema.name)
    fields = {field.alias: name for name, field in made.model_fields.items()}
    for each in schema.node:
        for example in each.notes.examples:
            # Only the field itself is judged: the others are missing on purpose.
            try:
                made.from_json(json.dumps({each.name: example}))
            except ValidationError as error:
                wrong = [one for one in error.errors() if one["type"] != "missing"]
                assert not wrong, (fields[each.name], wrong)


def test_every_kind_that_a_model_cannot_see_has_its_reason() -> None:
    assert all(reason for reason in UNSEEN.values())
