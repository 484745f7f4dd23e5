"""Mappings: every name in a path exists in the standard that the mapping is to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.machines import machine, machines
from tests.standard.sources import SOURCES, UNSEEN, missing, words

AUTHORED = catalogue().authored


def _mappings(node: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every mapping below a node, with its pointer."""
    if isinstance(node, dict):
        for index, each in enumerate(node.get("x-mfg-mappings", [])):
            yield f"{pointer}/x-mfg-mappings/{index}", each
        for key, each in node.items():
            if key != "x-mfg-mappings":
                yield from _mappings(each, f"{pointer}/{key}")
    elif isinstance(node, list):
        for index, each in enumerate(node):
            yield from _mappings(each, f"{pointer}/{index}")


@pytest.mark.parametrize("schema_id", AUTHORED, ids=lambda each: each.split("mfgstd/")[1])
def test_every_name_in_a_mapping_of_a_schema_exists(schema_id: str, corpus: Path) -> None:
    wrong = [
        f"{pointer}: {each['standard']} {each['version']} has no {', '.join(absent)}"
        for pointer, each in _mappings(AUTHORED[schema_id])
        if (absent := missing(each["standard"], each["version"], each["path"], corpus))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", machines())
def test_every_name_in_a_mapping_of_a_state_machine_exists(name: str, corpus: Path) -> None:
    for state in machine(name).states.values():
        for each in state.mappings:
            assert not missing(each.standard, each.version, each.path, corpus), (state.id, each)


def test_most_mappings_can_be_looked_up_and_each_source_is_used() -> None:
    used = {
        (each["standard"], each["version"])
        for schema in AUTHORED.values()
        for _, each in _mappings(schema)
    }
    unused = {name for name, source in SOURCES.items() if (name, source.version) not in used}
    # No schema needs these yet; their files are there.
    assert unused <= {
        *("IDTA 02003 Technical Data", "OPC UA IA", "OPC UA Machinery Process Values"),
        "OPC UA Machinery Result",
    }
    assert used >= UNSEEN


@pytest.mark.parametrize(
    ("standard", "version", "path", "absent"),
    [
        ("MTConnect", "2.3", "Device@uuid", []),
        ("MTConnect", "2.3", "Device@uid", ["uid"]),
        ("MTConnect", "2.3", "EXECUTION=ACTIVE | EXECUTION=ACTVE", ["ACTVE"]),
        ("MTConnect", "2.3", "Observation@timestamp", []),
        ("MTConnect", "2.3", "Observation@quality", ["quality"]),
        ("MTConnect", "2.2", "Device", ["version 2.2 (the corpus has 2.3)"]),
        ("OPC UA", "nodeset 2024-10", "BadNoCommunication=0x80310000", []),
        (
            "OPC UA",
            "nodeset 2024-10",
            "BadNoCommunication=0x80320000",
            ["BadNoCommunication=0x80320000 (it is 0x80310000)"],
        ),
        ("OPC UA", "nodeset 2024-10", "AlarmConditionType.ActiveState", []),
        ("OPC UA", "nodeset 2024-10", "DataValue.SourceTimestamp, BrowseName", []),
        ("OPC UA", "nodeset 2024-10", "AlarmConditionType.Activated", ["Activated"]),
        ("OPC UA PackML", "nodeset 2024-10", "Execute.StateNumber=6", []),
        ("OPC UA PackML", "nodeset 2024-10", "Executing", ["Executing"]),
        ("OPC UA DI", "nodeset 2024-10", "DeviceHealthEnumeration.NORMAL", []),
        ("IDTA 02006 Digital Nameplate", "3.0.1", "ManufacturerName", []),
        ("IDTA 02006 Digital Nameplate", "3.0.1", "ManufactureName", ["ManufactureName"]),
        ("IDTA 02008 Time Series Data", "1.1.1", "LinkedSegment/EndTime", []),
        ("ISO 22400-2", "2014", "anything at all", []),
    ],
)
def test_a_name_that_does_not_exist_is_found(
    standard: str, version: str, path: str, absent: list[str], corpus: Path
) -> None:
    assert missing(standard, version, path, corpus) == absent


def test_a_path_is_names_and_joins() -> None:
    path = "ControlLimits/UpperLimit, Device@name | A.B=0x80310000"
    assert words(path) == [
        *("ControlLimits", "UpperLimit", "Device", "name", "A", "B", "0x80310000")
    ]


def test_sources_are_read_from_the_corpus(corpus: Path) -> None:
    for name, source in SOURCES.items():
        assert len(source.names(corpus)) > 50, name
    assert json.dumps(sorted(SOURCES))
