"""The AAS templates, judged by the test engines of the Asset Administration Shell community."""

from __future__ import annotations

import copy
import importlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mfgstd.standard import catalogue
from mfgstd.standard.generators.aas import generate
from mfgstd.standard.resolved import Object

#: Half of it is untyped.
engines: Any = importlib.import_module("aas_test_engines.file")

FILES = generate(list(catalogue()))
ENTITIES = [each for each in catalogue() if each.is_entity]
NAMES = [each.name for each in ENTITIES]


def _environment(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(FILES[f"json/{name}.json"])
    return loaded


def _elements(value: Any) -> Iterator[dict[str, Any]]:
    """Every submodel element below a value, at whatever depth."""
    if isinstance(value, list):
        for each in value:
            yield from _elements(each)
    elif isinstance(value, dict):
        if "modelType" in value:
            yield value
        yield from _elements(value.get("submodelElements", value.get("value", [])))


def test_every_entity_has_a_template_in_both_forms() -> None:
    wanted = {f"json/{name}.json" for name in NAMES} | {f"aasx/{name}.aasx" for name in NAMES}
    assert set(FILES) == wanted
    assert len(NAMES) >= 40


def test_the_files_are_the_same_every_time() -> None:
    assert generate(list(catalogue())) == FILES


@pytest.mark.parametrize("name", NAMES)
def test_the_engines_find_no_fault_in_a_template(name: str) -> None:
    result = engines.check_json_data(_environment(name))
    assert result.ok(), "\n".join(str(line) for line in result.to_lines())


@pytest.mark.parametrize("name", NAMES)
def test_the_engines_find_no_fault_in_a_package(name: str) -> None:
    content = FILES[f"aasx/{name}.aasx"]
    assert isinstance(content, bytes)
    result = engines.check_aasx_data(zipfile.ZipFile(io.BytesIO(content)))
    assert result.ok(), "\n".join(str(line) for line in result.to_lines())


def test_the_engines_would_find_a_fault() -> None:
    faults: dict[str, Callable[[dict[str, Any]], object]] = {
        "no name": lambda element: element.pop("idShort"),
        "a bad type": lambda element: element.update(valueType="xs:words"),
        "a bad qualifier": lambda element: element["qualifiers"][0].pop("type"),
        "a bad name": lambda element: element.update(idShort="with blank"),
    }
    for fault, spoil in faults.items():
        broken = copy.deepcopy(_environment("Alarm"))
        spoil(broken["submodels"][0]["submodelElements"][0])
        assert not engines.check_json_data(broken).ok(), fault


def test_the_engines_accept_the_published_templates_by_the_same_measure(corpus: Path) -> None:
    """So a pass says something: the engine is not merely lenient, nor ours merely lucky."""
    accepted = {
        path.name: engines.check_json_data(json.loads(path.read_text(encoding="utf-8-sig"))).ok()
        for path in sorted((corpus / "aas").glob("*.json"))
    }
    assert sum(accepted.values()) >= 1, accepted


@pytest.mark.parametrize("schema", ENTITIES, ids=NAMES)
def test_a_template_has_an_element_for_every_field_and_a_concept_for_every_meaning(
    schema: Any,
) -> None:
    environment = _environment(schema.name)
    (submodel,) = environment["submodels"]
    assert isinstance(schema.node, Object)
    fields = [each.name for each in schema.node if each.name != "$schema"]
    assert [each["idShort"].lower() for each in submodel["submodelElements"]] == [
        each.lower() for each in fields
    ]
    concepts = {each["id"] for each in environment["conceptDescriptions"]}
    meanings = {
        each["semanticId"]["keys"][0]["value"]
        for each in _elements(submodel["submodelElements"])
        if "semanticId" in each
    }
    assert meanings <= concepts


def test_required_fields_and_bounds_are_qualifiers() -> None:
    elements = {
        each["idShort"]: {qualifier["type"]: qualifier["value"] for qualifier in each["qualifiers"]}
        for each in _environment("Alarm")["submodels"][0]["submodelElements"]
    }
    assert elements["Severity"] == {"SMT/Cardinality": "One", "SMT/AllowedRange": "[1,1000]"}
    assert elements["Message"] == {"SMT/Cardinality": "ZeroToOne"}


def test_a_concept_speaks_both_languages_and_knows_its_unit_and_words() -> None:
    concepts = {each["id"]: each for each in _environment("Alarm")["conceptDescriptions"]}
    term = "https://w3id.org/mfgstd/term/equipment/alarm#shelving"
    (specification,) = concepts[term]["embeddedDataSpecifications"]
    content = specification["dataSpecificationContent"]
    assert {each["language"] for each in content["preferredName"]} == {"en", "ko"}
    words = [each["value"] for each in content["valueList"]["valueReferencePairs"]]
    assert words == ["unshelved", "timed", "one_shot"]
