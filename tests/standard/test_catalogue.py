"""The catalogue finds every schema by each of its names, and says so when there is none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mfgstd.errors import SchemaError, UnknownSchema
from mfgstd.standard.catalogue import DOMAINS, Catalogue, catalogue
from mfgstd.standard.resolved import NAMESPACE, Object
from mfgstd.standard.resources import root

#: Issue 2 promises these in their final form.
PROMISED = {
    "primitives": {
        "Uri",
        "Reference",
        "ExternalId",
        "Interval",
        "Quantity",
        "Value",
        "Reason",
        "DataQuality",
        "Provenance",
        "MultilingualText",
        "Extensions",
    },
    "envelope": {"CloudEvent"},
    "equipment": {
        "Equipment",
        "PhysicalAsset",
        "EquipmentAssetAssignment",
        "DataItem",
        "Observation",
        "ObservationRow",
        "ObservationBatch",
        "TimeSeriesSegment",
        "EquipmentState",
        "StateEvent",
        "Alarm",
        "Gap",
        "Tool",
    },
}


@pytest.mark.parametrize("domain", PROMISED)
def test_the_promised_schemas_are_there(domain: str) -> None:
    assert PROMISED[domain] <= {each.name for each in catalogue() if each.domain == domain}


@pytest.mark.parametrize("name", ["DataItem", "data-item", f"{NAMESPACE}equipment/data-item/1"])
def test_a_schema_answers_to_its_class_name_its_slug_and_its_id(name: str) -> None:
    assert catalogue().find(name).id == f"{NAMESPACE}equipment/data-item/1"


def test_every_schema_answers_to_all_its_names() -> None:
    for schema in catalogue():
        assert catalogue().find(schema.name) is catalogue().find(schema.slug) is schema
        assert schema.id in catalogue()


def test_a_misspelt_name_is_answered_with_near_ones() -> None:
    with pytest.raises(UnknownSchema) as caught:
        catalogue().find("data-itme")
    assert "data-item" in caught.value.say("en")
    assert "data-item" in caught.value.say("ko")


@pytest.mark.parametrize("name", ["nosuch", "data-itme", "dataitme"])
def test_each_schema_is_offered_once_for_an_unknown_name(name: str) -> None:
    with pytest.raises(UnknownSchema) as caught:
        catalogue().find(name)
    assert caught.value.known == [each.slug for each in catalogue()]
    hint = caught.value.hint
    assert hint is not None
    offered = re.findall(r"[a-z-]+(?=[,.?])", hint.en)
    assert len({each.replace("-", "") for each in offered}) == len(offered) > 0


def test_an_id_of_nobody_is_refused() -> None:
    assert f"{NAMESPACE}equipment/anvil/1" not in catalogue()
    with pytest.raises(UnknownSchema):
        catalogue().get(f"{NAMESPACE}equipment/anvil/1")


def test_every_schema_stands_in_a_folder_that_the_catalogue_reads() -> None:
    files = {
        path
        for path in root("schemas").glob("*/*.json")
        if path.parent.name not in {"vocabularies", "released"}
    }
    assert {path.parent.name for path in files} <= set(DOMAINS)
    assert len(files) == len(list(catalogue()))


def test_entities_refuse_unknown_fields_and_bases_do_not() -> None:
    for schema in catalogue():
        if isinstance(schema.node, Object):
            assert schema.node.closed is not schema.abstract, schema.id


def test_every_document_says_in_two_languages_what_it_is() -> None:
    for schema in catalogue():
        assert all(schema.notes.label), schema.id
        assert all(schema.notes.description), schema.id


def test_an_id_that_is_not_that_of_its_file_is_refused_with_the_place(tmp_path: Path) -> None:
    file = tmp_path / "equipment" / "press.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"$id": f"{NAMESPACE}equipment/punch/1"}), encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        _ = Catalogue(tmp_path).authored
    assert caught.value.place is not None
    assert caught.value.place.path == str(file)
