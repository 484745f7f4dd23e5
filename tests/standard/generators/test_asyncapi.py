from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from mfgstd.errors import StandardError
from mfgstd.standard import catalogue
from mfgstd.standard.generators.asyncapi import generate
from tests.tools import examples
from tests.tools.node_tools import NodeTools

if TYPE_CHECKING:
    from collections.abc import Callable

    from mfgstd.standard import Catalogue

    Author = Callable[..., Catalogue]

URI = "https://w3id.org/mfgstd/"
PLACE = "urn:example:asyncapi"


@pytest.fixture(scope="module")
def standard() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(generate(list(catalogue()))["asyncapi.json"])
    return document


def _judge(standard: dict[str, Any], name: str) -> Draft7Validator:
    there = Resource.from_contents(standard, default_specification=DRAFT7)
    registry: Registry[Any] = Registry().with_resource(PLACE, there)
    return Draft7Validator({"$ref": f"{PLACE}#/components/schemas/{name}"}, registry=registry)


def _entities() -> dict[str, Any]:
    return {each.name: each for each in catalogue() if each.is_entity and each.name != "CloudEvent"}


def test_the_official_parser_finds_no_error(node: NodeTools, tmp_path: Path) -> None:
    path = tmp_path / "asyncapi.json"
    path.write_text(generate(list(catalogue()))["asyncapi.json"], encoding="utf-8")
    told = node.asyncapi(path)
    # Severity 2 is advice: that a newer version of AsyncAPI exists.
    assert [each for each in told["diagnostics"] if each["severity"] < 2] == []
    assert {each["code"] for each in told["diagnostics"]} <= {"asyncapi-latest-version"}
    assert sorted(told["messages"]) == sorted(_entities())
    assert "mfgstd/{site}/equipment/state-event/1" in told["channels"]
    assert len(told["channels"]) == len(_entities())


def test_the_official_parser_refuses_a_broken_reference(
    node: NodeTools, standard: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "asyncapi.json"
    gone = json.dumps(standard).replace("#/components/messages/Alarm", "#/components/messages/Gone")
    path.write_text(gone, encoding="utf-8")
    told = node.asyncapi(path)
    assert [each for each in told["diagnostics"] if each["severity"] == 0] != []


def test_every_payload_takes_the_events_of_its_entity(standard: dict[str, Any]) -> None:
    """Each valid example in an envelope of its own: the entity, the id, the type."""
    judges = {name: _judge(standard, f"{name}Message") for name in _entities()}
    tried = 0
    for each in examples.valid():
        if each.schema.name not in judges:
            continue
        tried += 1
        event = _event(each)
        judge = judges[each.schema.name]
        assert judge.is_valid(event), each.path
        assert not judge.is_valid({**event, "data": {}}), each.path
        assert not judge.is_valid({**event, "dataschema": f"{URI}equipment/other/1"}), each.path
        assert not judge.is_valid({**event, "type": "org.mfgstd.equipment.other.made.v1"})
    assert tried >= 3 * len(judges)


def _event(each: examples.Example) -> dict[str, Any]:
    entity = each.schema.slug.replace("-", "_")
    return {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:example:collector",
        "type": f"org.mfgstd.{each.schema.domain}.{entity}.recorded.v1",
        "time": "2024-03-05T09:30:00Z",
        "dataschema": each.schema.id,
        "data": each.document,
    }


def test_every_example_is_judged_as_by_the_authored_schemas(standard: dict[str, Any]) -> None:
    named = {each.name for each in catalogue()}
    judges = {name: _judge(standard, name) for name in named}
    refused = [
        each.path
        for each in examples.valid()
        if not judges[each.schema.name].is_valid(each.document)
    ]
    taken = [
        each.path
        for each in examples.invalid()
        if judges[each.schema.name].is_valid(each.document)
        and not (each.schema.domain == "envelope" and each.pointer.startswith("/data"))
        # That a code of one's own lies outside our namespace needs a look-ahead, or `not`.
        and not str(each.found).startswith(URI)
    ]
    assert (refused, taken) == ([], [])


def test_a_header_says_that_the_payload_is_an_event(standard: dict[str, Any]) -> None:
    headers = standard["components"]["messages"]["Alarm"]["headers"]
    judge = Draft7Validator(headers)
    assert judge.is_valid({"content-type": "application/cloudevents+json"})
    assert judge.is_valid({"content-type": "application/cloudevents+json; charset=UTF-8"})
    assert not judge.is_valid({"content-type": "application/json"})
    assert not judge.is_valid({})


def test_no_keyword_stands_beside_a_reference(standard: dict[str, Any]) -> None:
    def visit(node: Any) -> None:
        if isinstance(node, dict):
            assert "$ref" not in node or len(node) == 1, node
            for each in node.values():
                visit(each)
        elif isinstance(node, list):
            for each in node:
                visit(each)

    visit(standard["components"]["schemas"])


def test_without_an_envelope_the_payload_is_the_bare_entity(author: Author) -> None:
    base = {"type": "object", "properties": {}, "x-mfg-abstract": True}
    pump = {
        "type": "object",
        "allOf": [{"$ref": f"{URI}primitives/base/1"}],
        "properties": {"size": {"type": "number"}},
        "unevaluatedProperties": False,
    }
    standard = author(primitives__base=base, equipment__pump=pump)
    document = json.loads(generate(list(standard))["asyncapi.json"])
    message = document["components"]["messages"]["Pump"]
    assert message["payload"] == {"$ref": "#/components/schemas/Pump"}
    assert message["contentType"] == "application/json"
    assert "headers" not in message
    assert document["channels"]["Pump"]["address"] == "mfgstd/{site}/equipment/pump/1"


def test_a_schema_with_the_name_of_a_message_is_refused(author: Author) -> None:
    base = {"type": "object", "properties": {}, "x-mfg-abstract": True}
    text = {"type": "string"}
    entity = {
        "type": "object",
        "allOf": [{"$ref": f"{URI}primitives/base/1"}],
        "properties": {"size": {"type": "number"}},
        "unevaluatedProperties": False,
    }
    envelope = {
        "type": "object",
        "properties": {"data": text},
        "required": [],
        "additionalProperties": False,
    }
    standard = author(
        primitives__base=base,
        envelope__cloud_event={**envelope, "title": "CloudEvent"},
        equipment__pump=entity,
        equipment__pump_message=text,
    )
    with pytest.raises(StandardError, match="PumpMessage"):
        generate(list(standard))


def test_the_same_schemas_make_the_same_bytes() -> None:
    assert generate(list(catalogue())) == generate(list(catalogue()))
