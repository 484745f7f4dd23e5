from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from mfgstd.errors import StandardError
from mfgstd.standard import catalogue
from mfgstd.standard.generators.openapi import generate
from mfgstd.standard.profile import open_code_pattern
from tests.tools import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mfgstd.standard import Catalogue

    Author = Callable[..., Catalogue]

URI = "https://w3id.org/mfgstd/"
PLACE = "urn:example:openapi"


def _made(standard: Catalogue) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(generate(list(standard))["openapi.json"])
    return document


def _judges(document: Mapping[str, Any]) -> dict[str, Draft202012Validator]:
    """A validator for each component."""
    there = Resource.from_contents(document, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(PLACE, there)
    return {
        name: Draft202012Validator(
            {"$ref": f"{PLACE}#/components/schemas/{name}"}, registry=registry
        )
        for name in document["components"]["schemas"]
    }


@pytest.fixture(scope="module")
def standard() -> dict[str, Any]:
    return _made(catalogue())


def test_the_document_is_openapi(standard: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(standard).iter_errors()) == []


def test_the_judge_of_openapi_refuses_what_is_none(standard: dict[str, Any]) -> None:
    broken = {**standard, "info": {"title": "no version"}}
    assert list(OpenAPIV31SpecValidator(broken).iter_errors()) != []


def test_every_component_is_a_schema(standard: dict[str, Any]) -> None:
    for schema in standard["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_named_schema_and_every_inline_object_is_a_component(
    standard: dict[str, Any],
) -> None:
    components = standard["components"]["schemas"]
    assert {each.name for each in catalogue()} <= set(components)
    assert {"AdapterIdentity", "NumberValue"} <= set(components)
    text = json.dumps(components)
    assert "w3id.org" not in "".join(part.split('"')[0] for part in text.split('"$ref": "')[1:])
    assert '"allOf"' not in text
    assert '"unevaluatedProperties"' not in text


def test_every_example_is_judged_as_by_the_authored_schemas(standard: dict[str, Any]) -> None:
    judges = _judges(standard)
    refused = [
        each.path
        for each in examples.valid()
        if not judges[each.schema.name].is_valid(each.document)
    ]
    taken = [
        each.path
        for each in examples.invalid()
        if judges[each.schema.name].is_valid(each.document)
        # What `dataschema` names is beyond one schema.
        and not (each.schema.domain == "envelope" and each.pointer.startswith("/data"))
        # That a code of one's own lies outside our namespace needs a look-ahead, or `not`.
        and not str(each.found).startswith(URI)
    ]
    assert (refused, taken) == ([], [])


def test_the_examples_of_every_property_validate(standard: dict[str, Any]) -> None:
    there = Resource.from_contents(standard, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(PLACE, there)
    tried = 0
    for name, schema in standard["components"]["schemas"].items():
        for key, each in schema.get("properties", {}).items():
            where = {"$ref": f"{PLACE}#/components/schemas/{name}/properties/{key}"}
            judge = Draft202012Validator(where, registry=registry)
            for example in each.get("examples", []):
                tried += 1
                assert judge.is_valid(example), (name, key)
    assert tried > len(standard["components"]["schemas"])


def _object(*required: str, title: str = "", **fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        **({"title": title} if title else {}),
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


def test_every_kind_of_node_has_its_schema(author: Author) -> None:
    pattern = open_code_pattern(["worn"])
    text = {"type": "string"}
    base = {
        "type": "object",
        "properties": {"id": text},
        "required": ["id"],
        "x-mfg-abstract": True,
    }
    tagged = [
        _object("kind", title=f"Pump{kind.title()}", kind={"type": "string", "const": kind})
        for kind in ("round", "flat")
    ]
    keyed = [_object(key, title=f"Pump{key.title()}", **{key: text}) for key in ("one", "two")]
    fields: dict[str, dict[str, Any]] = {
        "text": {"type": "string", "pattern": "^a$", "minLength": 1, "maxLength": 2},
        "fixed": {"type": "string", "const": "1.0"},
        "word": {"type": "string", "enum": ["on", "off"]},
        "code": {"type": "string", "x-mfg-openCode": ["worn"], "pattern": pattern},
        "size": {"type": "number", "minimum": 0, "exclusiveMaximum": 10, "x-mfg-unit": "mm"},
        "count": {"type": "integer", "minimum": 0, "maximum": 8, "multipleOf": 2},
        "large": {"type": "integer", "minimum": 0, "maximum": 1 << 60},
        "yes": {"type": "boolean"},
        "many": {"type": "array", "items": text, "minItems": 1, "maxItems": 3, "uniqueItems": True},
        "names": {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z]+$"},
            "additionalProperties": text,
            "minProperties": 1,
        },
        "part": _object("x", title="PumpPart", x=text),
        "form": {"oneOf": tagged},
        "value": {"oneOf": keyed},
        "mine": {"type": "object", "x-mfg-typedBy": "$schema"},
        "theirs": {"type": "object", "x-mfg-typedBy": "text"},
        "again": {"$ref": f"{URI}equipment/pump/1", "description": "The next."},
    }
    pump = {
        "type": "object",
        "allOf": [{"$ref": f"{URI}primitives/base/1"}],
        "properties": fields,
        "required": ["text"],
        "unevaluatedProperties": False,
    }
    document = _made(author(primitives__base=base, equipment__pump=pump))
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    schemas = document["components"]["schemas"]
    ref = "#/components/schemas/"
    made = schemas["Pump"]
    assert made["required"] == ["id", "text"]
    assert made["additionalProperties"] is False
    assert schemas["Base"].get("additionalProperties") is None
    assert made["properties"] == {
        "id": text,
        "text": fields["text"],
        "fixed": fields["fixed"],
        "word": fields["word"],
        "code": fields["code"],
        "size": {**fields["size"], "format": "double"},
        "count": {**fields["count"], "format": "int32"},
        "large": {**fields["large"], "format": "int64"},
        "yes": fields["yes"],
        "many": fields["many"],
        "names": {**fields["names"], "propertyNames": {"type": "string", "pattern": "^[a-z]+$"}},
        "part": {"$ref": f"{ref}PumpPart"},
        "form": {
            "oneOf": [{"$ref": f"{ref}PumpRound"}, {"$ref": f"{ref}PumpFlat"}],
            "discriminator": {
                "propertyName": "kind",
                "mapping": {"round": f"{ref}PumpRound", "flat": f"{ref}PumpFlat"},
            },
        },
        "value": {"oneOf": [{"$ref": f"{ref}PumpOne"}, {"$ref": f"{ref}PumpTwo"}]},
        "mine": {
            "type": "object",
            "properties": {"$schema": {"type": "string", "format": "uri"}},
            "required": ["$schema"],
        },
        "theirs": fields["theirs"],
        "again": {"$ref": f"{ref}Pump", "description": "The next."},
    }


def test_two_things_of_one_name_are_refused(author: Author) -> None:
    part = _object(title="Part", x={"type": "string"})
    other = _object(title="Part", y={"type": "string"})
    with pytest.raises(StandardError, match="'Part'"):
        _made(author(equipment__pump=_object(a=part, b=other)))


def test_the_version_is_the_highest_of_the_schemas_and_versions_are_numbers(author: Author) -> None:
    standard = author(
        equipment__pump={"type": "string", "x-mfg-version": "1.9.0"},
        equipment__valve={"type": "string", "x-mfg-version": "1.10.0"},
    )
    assert _made(standard)["info"]["version"] == "1.10.0"


def test_the_same_schemas_make_the_same_bytes() -> None:
    assert generate(list(catalogue())) == generate(list(catalogue()))
