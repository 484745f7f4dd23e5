"""The domains are one standard: a name means one thing, in one shape, wherever it stands."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from mfgstd.standard.resolved import NAMESPACE
from mfgstd.standard.resources import root
from tests.schemas.test_glossary import parts

DOMAINS = ("equipment", "process", "quality", "safety", "kpi")
REFERENCE = f"{NAMESPACE}primitives/reference/1"
TIMESTAMP = f"{NAMESPACE}primitives/timestamp/1"
INTERVAL = f"{NAMESPACE}primitives/interval/1"
TEXT = f"{NAMESPACE}primitives/multilingual-text/1"

#: Shapes that a name must have wherever it has it once, and where a name has another, with why.
SHAPES = {
    REFERENCE: "reference",
    TIMESTAMP: "timestamp",
    INTERVAL: "interval",
    TEXT: "text for people",
}
OTHERWISE = {
    "alarm": "the alarm limits of a data item",
    "basis": "an interval of a prediction, the origin of the limits of a control chart",
    "before": "a value of a record, a text of an incident",
    "cause": "an action names a cause of the same document",
    "condition": "a text of a capability; links of a recipe and environments have their own",
    "definition": "KPI definitions are named by code and version",
    "device": "the version of a device on a nameplate",
    "events": "words beside a measurement, documents of a production record",
    "instruction": "a document of maintenance, a text of a plan or an alert",
    "material": "trace events name things by URI, as EPCIS does",
    "name": "what a machine or program is called has no language",
    "observations": "carried by a batch, named by a trace event",
    "parent": "trace events name things by URI; parts of a document by their local id",
    "produced": "lots and items of a record, an amount among quantities",
    "reason": "a code where reasons are counted, a text where people explain",
    "results": "carried by a report, named by a production record",
    "validity": "of a measured value",
}

#: Timestamps that do not end with `At` or `Time`: both ends of a span, and calibrations.
MOMENTS = {"start", "end", "from", "to", "until", "asOf", "last", "next"}


def _sources() -> dict[str, dict[str, Any]]:
    return {
        f"{domain}/{path.stem}": json.loads(path.read_bytes())
        for domain in DOMAINS
        for path in sorted((root("schemas") / domain).glob("*.json"))
    }


SOURCES = _sources()
ENTITIES = {name: schema for name, schema in SOURCES.items() if "allOf" in schema}


def _fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each field inside of a schema, of a list its elements."""
    for part in parts(schema):
        for name, field in part.get("properties", {}).items():
            yield name, field["items"] if field.get("type") == "array" else field


def test_a_name_has_one_shape() -> None:
    shapes: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for entity, schema in SOURCES.items():
        for name, field in _fields(schema):
            shapes[name][SHAPES.get(field.get("$ref", ""), "other")].append(entity)
    split = {name: dict(found) for name, found in shapes.items() if len(found) > 1}
    assert {name: found for name, found in split.items() if name not in OTHERWISE} == {}
    assert set(OTHERWISE) <= set(split), "an exception that is none any more"


def test_a_field_that_ends_with_at_is_a_moment_and_the_other_way_round() -> None:
    wrong = [
        f"{entity}: {name}"
        for entity, schema in SOURCES.items()
        for name, field in _fields(schema)
        if "_" not in name
        if (field.get("$ref") == TIMESTAMP) != (name.endswith(("At", "Time")) or name in MOMENTS)
        if not name.endswith("Time") or "x-mfg-unit" not in field
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "entity", [name for name, s in ENTITIES.items() if "eventTime" in s["properties"]]
)
def test_what_happened_can_say_when_it_was_written_and_how_good_the_clock_was(entity: str) -> None:
    assert {"recordTime", "timeQuality"} <= set(ENTITIES[entity]["properties"])


@pytest.mark.parametrize(
    "entity", [n for n, s in ENTITIES.items() if "later `eventTime`" in s["description"]]
)
def test_what_is_sent_again_has_an_identity_and_an_order(entity: str) -> None:
    schema = ENTITIES[entity]
    assert schema["allOf"] == [{"$ref": f"{NAMESPACE}primitives/entity/1"}]
    assert "eventTime" in schema["required"]
    assert "takes over" in schema["properties"]["eventTime"]["description"]


def test_one_standard_is_spelled_one_way() -> None:
    """One version of each, but for what only a newer MTConnect has."""
    versions: dict[str, set[str]] = defaultdict(set)

    def collect(node: Any) -> None:
        if isinstance(node, dict):
            for mapping in node.get("x-mfg-mappings", ()):
                versions[mapping["standard"]].add(mapping["version"])
            for child in node.values():
                collect(child)
        elif isinstance(node, list):
            for child in node:
                collect(child)

    collect(list(SOURCES.values()))
    several = {standard: found for standard, found in versions.items() if len(found) > 1}
    assert several == {"MTConnect": {"2.3", "2.7"}}
    assert len({standard.casefold() for standard in versions}) == len(versions)
