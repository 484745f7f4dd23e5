"""Data across majors: a small standard of two majors, side by side, and the laws of going there."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.errors import SchemaError, UsageError
from mfgstd.standard import Catalogue
from mfgstd.standard.diff import Edition
from mfgstd.standard.migration import Migration, migrate, places
from mfgstd.standard.migration_files import check, gaps, read
from mfgstd.standard.resolved import NAMESPACE
from mfgstd.testing import documents
from mfgstd.validation import compile_schema

Json = dict[str, Any]

ENTITY = f"{NAMESPACE}primitives/entity/1"
PUMP_1 = f"{NAMESPACE}equipment/pump/1"
PUMP_2 = f"{NAMESPACE}equipment/pump/2"
PUMP_3 = f"{NAMESPACE}equipment/pump/3"

TEXT = {"type": "string"}
NUMBER = {"type": "number", "x-mfg-unit": "1"}


def _schema(schema_id: str, properties: Json, *required: str, **more: Any) -> Json:
    return {
        "$id": schema_id,
        "title": schema_id.split("/")[-2].title(),
        "x-mfg-version": f"{schema_id[-1]}.0.0",
        "type": "object",
        "allOf": [{"$ref": ENTITY}],
        "properties": properties,
        "required": list(required),
        "unevaluatedProperties": False,
        **more,
    }


def _state(*words: str) -> Json:
    return {"type": "string", "enum": list(words)}


def _parts(**fields: Json) -> Json:
    inner = {"type": "object", "title": "PumpPart", "properties": fields}
    return {"type": "array", "items": {**inner, "additionalProperties": False}}


MAKER = {
    "type": "object",
    "title": "PumpMaker",
    "properties": {"name": TEXT, "country": TEXT},
    "additionalProperties": False,
}

AUTHORED: dict[str, Json] = {
    ENTITY: {
        "$id": ENTITY,
        "title": "Entity",
        "x-mfg-version": "1.0.0",
        "x-mfg-abstract": True,
        "type": "object",
        "properties": {"$schema": TEXT, "id": TEXT},
        "required": ["id"],
    },
    PUMP_1: _schema(
        PUMP_1,
        {
            "state": _state("on", "off"),
            "maker": TEXT,
            "inlet": NUMBER,
            "outlet": NUMBER,
            "colour": TEXT,
            "parts": _parts(no=TEXT, weight=NUMBER),
        },
        "state",
    ),
    PUMP_2: _schema(
        PUMP_2,
        {
            "state": _state("running", "stopped"),
            "manufacturer": MAKER,
            "inlet": NUMBER,
            "outlet": NUMBER,
            "parts": _parts(number=TEXT, weight=NUMBER),
            "quality": _state("good", "bad"),
        },
        "state",
        "quality",
    ),
    PUMP_3: _schema(
        PUMP_3,
        {
            "condition": _state("running", "stopped"),
            "manufacturer": MAKER,
            "inlet": NUMBER,
            "outlet": NUMBER,
            "components": _parts(number=TEXT, weight=NUMBER),
            "quality": _state("good", "bad"),
        },
        "condition",
        "quality",
    ),
}

FIRST = Migration(
    source=PUMP_1,
    target=PUMP_2,
    renames={
        "/maker": "/manufacturer/name",
        "/parts/*/no": "/parts/*/number",
        # The two were the wrong way round in the first major.
        "/inlet": "/outlet",
        "/outlet": "/inlet",
    },
    words={"/state": {"on": "running", "off": "stopped"}},
    removed=("/colour",),
    defaults={"/quality": "good"},
)
SECOND = Migration(
    source=PUMP_2, target=PUMP_3, renames={"/state": "/condition", "/parts": "/components"}
)
BOTH = (FIRST, SECOND)


@pytest.fixture(scope="module")
def within(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Three majors of one entity in one folder: the newest is ``pump.json``."""
    folder = tmp_path_factory.mktemp("schemas")
    names = {PUMP_1: "pump@1", PUMP_2: "pump@2", PUMP_3: "pump", ENTITY: "entity"}
    for schema_id, schema in AUTHORED.items():
        path = folder / schema_id.split("/")[-3] / f"{names[schema_id]}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(schema))
    return Catalogue(folder)


#: The same for drawing: hypothesis wants one catalogue for all of its examples.
WITHIN = Catalogue.of(AUTHORED)


def _valid(schema_id: str, document: Json) -> bool:
    return compile_schema(WITHIN.get(schema_id), within=WITHIN).is_valid(document)


def test_majors_stand_side_by_side_and_the_name_means_the_newest(within: Catalogue) -> None:
    assert within.find("Pump").id == PUMP_3
    assert {each.id for each in within} == {PUMP_3, ENTITY}
    for schema_id in (PUMP_1, PUMP_2, PUMP_3):
        assert within.get(schema_id).id == schema_id


@given(documents(PUMP_1, WITHIN), st.sampled_from([PUMP_2, PUMP_3]))
def test_every_document_of_the_old_major_becomes_one_of_the_new(
    document: Json, target: str
) -> None:
    before = copy.deepcopy(document)
    made = migrate(document, to=target, migrations=BOTH)
    assert document == before
    assert made.document["$schema"] == target
    assert _valid(target, made.document)


@given(documents(PUMP_1, WITHIN))
def test_what_was_removed_is_handed_back(document: Json) -> None:
    made = migrate(document, to=PUMP_2, migrations=BOTH)
    lost = [(each.pointer, each.value) for each in made.lost]
    assert lost == ([("/colour", document["colour"])] if "colour" in document else [])


@given(documents(PUMP_1, WITHIN))
def test_everything_else_arrives(document: Json) -> None:
    made = migrate(document, to=PUMP_2, migrations=BOTH).document
    assert made.get("manufacturer", {}).get("name") == document.get("maker")
    assert made.get("inlet") == document.get("outlet")
    assert made.get("outlet") == document.get("inlet")
    assert made["state"] == {"on": "running", "off": "stopped"}[document["state"]]
    for old, new in zip(document.get("parts", []), made.get("parts", []), strict=True):
        assert (new.get("number"), new.get("weight")) == (old.get("no"), old.get("weight"))


@given(documents(PUMP_2, WITHIN))
def test_renames_are_invertible_where_nothing_was_removed(document: Json) -> None:
    there = migrate(document, to=PUMP_3, migrations=BOTH)
    assert not there.lost
    back = migrate(there.document, to=PUMP_2, migrations=(SECOND.inverse(),))
    assert back.document == document


NESTED = Migration(PUMP_1, PUMP_2, renames=FIRST.renames, words=FIRST.words)


@given(documents(PUMP_1, WITHIN))
def test_words_exchanged_and_nested_fields_find_their_way_back(document: Json) -> None:
    there = migrate(document, to=PUMP_2, migrations=(NESTED,))
    back = migrate(there.document, to=PUMP_1, migrations=(NESTED.inverse(),))
    assert back.document == document


@pytest.mark.parametrize(
    "lossy",
    [
        FIRST,
        Migration(PUMP_1, PUMP_2, removed=("/x",)),
        Migration(PUMP_1, PUMP_2, defaults={"/x": 1}),
        Migration(PUMP_1, PUMP_2, words={"/x": {"a": "c", "b": "c"}}),
    ],
)
def test_there_is_no_way_back_from_a_loss(lossy: Migration) -> None:
    assert not lossy.is_invertible
    with pytest.raises(UsageError, match="no way back"):
        lossy.inverse()


def test_two_words_that_become_one_are_a_loss() -> None:
    one = Migration(PUMP_1, PUMP_2, words={"/s/*": {"a": "c", "b": "c", "d": "e"}})
    made = migrate({"$schema": PUMP_1, "s": ["a", "d", "z"]}, to=PUMP_2, migrations=(one,))
    assert made.document["s"] == ["c", "e", "z"]
    assert [each.to_json() for each in made.lost] == [{"pointer": "/s/0", "value": "a"}]


def test_elements_of_a_list_are_removed_one_by_one() -> None:
    one = Migration(PUMP_1, PUMP_2, removed=("/s/*/x",))
    document = {"$schema": PUMP_1, "s": [{"x": 1}, {"y": 2}, {"x": 3, "y": 4}]}
    made = migrate(document, to=PUMP_2, migrations=(one,))
    assert made.document["s"] == [{}, {"y": 2}, {"y": 4}]
    assert {each.pointer for each in made.lost} == {"/s/0/x", "/s/2/x"}


def test_a_default_fills_only_what_is_absent() -> None:
    one = Migration(PUMP_1, PUMP_2, defaults={"/s/*/x": 0, "/y": [1], "/none/z": 1})
    document = {"$schema": PUMP_1, "s": [{"x": 1}, {}]}
    made = migrate(document, to=PUMP_2, migrations=(one,)).document
    assert made == {"$schema": PUMP_2, "s": [{"x": 1}, {"x": 0}], "y": [1]}
    assert made["y"] is not one.defaults["/y"]


def test_an_envelope_is_migrated_with_what_it_carries() -> None:
    event = {
        "specversion": "1.0",
        "type": "org.mfgstd.equipment.pump.recorded.v1",
        "dataschema": PUMP_1,
        "data": {"id": "a", "state": "on", "colour": "빨강"},
    }
    made = migrate(event, to=PUMP_3, migrations=BOTH)
    assert made.document["dataschema"] == PUMP_3
    assert made.document["type"] == "org.mfgstd.equipment.pump.recorded.v3"
    assert made.document["data"] == {"id": "a", "condition": "running", "quality": "good"}
    assert [each.pointer for each in made.lost] == ["/data/colour"]


def test_a_document_that_is_there_already_stays_as_it_is() -> None:
    document = {"$schema": PUMP_2, "id": "a"}
    assert migrate(document, to=PUMP_2, migrations=BOTH).document == document


def test_no_declared_way_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(UsageError, match=f"there is: {PUMP_2}, {PUMP_3}"):
        migrate({"$schema": PUMP_1}, to="https://example.com/4", migrations=BOTH)
    with pytest.raises(UsageError, match="No declared migration"):
        migrate({"$schema": PUMP_2}, to=PUMP_1, migrations=BOTH)


def test_a_document_that_does_not_say_what_it_is_is_refused() -> None:
    with pytest.raises(UsageError, match="which schema"):
        migrate({"id": "a"}, to=PUMP_2, migrations=BOTH)


def test_a_pointer_is_unescaped() -> None:
    assert list(places({"a/b": {"c~d": 1}}, "/a~1b/c~0d")) == [("a/b", "c~d")]


def _edition(*left_out: str) -> Edition:
    return Edition("all", {k: v for k, v in AUTHORED.items() if k not in left_out})


def test_a_whole_migration_has_no_gaps() -> None:
    for each, unwanted in ((FIRST, PUMP_3), (SECOND, PUMP_1)):
        assert list(gaps(each, _edition(unwanted), _edition(unwanted))) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"removed": ()}, "/colour"),
        ({"defaults": {}}, "/quality"),
        ({"words": {"/state": {"on": "running"}}}, "/state"),
        ({"renames": {"/maker": "/manufacturer/name"}}, "/parts/*/no"),
    ],
)
def test_what_a_migration_forgets_is_found(change: Json, place: str) -> None:
    fields: Json = {
        name: getattr(FIRST, name) for name in ("renames", "words", "removed", "defaults")
    }
    forgetful = Migration(PUMP_1, PUMP_2, **{**fields, **change})
    assert place in {pointer for pointer, _ in gaps(forgetful, _edition(), _edition())}


WHOLE = f"""
from: {PUMP_1}
to: {PUMP_2}
renames: {{/maker: /manufacturer/name, /parts/*/no: /parts/*/number}}
words: {{/state: {{on: running, off: stopped}}}}
removed: [/colour]
defaults: {{/quality: good}}
"""


def _file(folder: Path, text: str) -> Path:
    path = folder / "migrations" / "equipment" / "pump-1-to-2.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_as_it_says(tmp_path: Path) -> None:
    made = read(_file(tmp_path, WHOLE))
    assert (made.source, made.target) == (PUMP_1, PUMP_2)
    # `on` is a word here, not a truth value.
    assert made.words == {"/state": {"on": "running", "off": "stopped"}}
    assert (made.removed, made.defaults) == (("/colour",), {"/quality": "good"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("from: a", "has from and to"),
        (WHOLE + "more: 1", "has from and to"),
        ("[1]", "has from and to"),
        (WHOLE.replace("/colour", "colour"), "begins with a slash"),
        (WHOLE.replace("/parts/*/number", "/numbers"), "another number"),
        (WHOLE.replace("[/colour]", "/colour"), "removed a list"),
        ("from: {", "cannot be read"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SchemaError, match=said) as caught:
        read(_file(tmp_path, text))
    assert caught.value.place is not None


def test_files_are_checked_against_both_majors(tmp_path: Path, within: Catalogue) -> None:
    import shutil

    folder = tmp_path / "schemas"
    shutil.copytree(within.folder, folder)
    _file(folder, WHOLE)
    assert check(folder) == []
    _file(folder, WHOLE.replace("removed: [/colour]", ""))
    (finding,) = check(folder)
    assert (finding.rule, finding.pointer) == ("migration.gap", "/colour")
    _file(folder, WHOLE.replace("pump/2", "pump/9"))
    (finding,) = check(folder)
    assert finding.rule == "migration.file"
