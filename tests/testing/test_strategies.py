"""The strategies against all that judges documents: engines, models, their own promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

import mfgstd.models
from mfgstd.errors import SchemaError, UnknownSchema
from mfgstd.standard import Catalogue, Resolved, catalogue
from mfgstd.standard.resolved import NAMESPACE, Object
from mfgstd.testing import documents
from mfgstd.testing._patterns import texts
from mfgstd.testing._tape import Tape
from mfgstd.validation import ENGINES, Validator, compile_schema, read


def _params(schemas: list[Resolved]) -> list[Any]:
    # By id: where a test fails, hypothesis shows its arguments, and a whole schema is too long.
    return [pytest.param(each.id, id=f"{each.domain}/{each.slug}") for each in schemas]


SCHEMAS = _params(list(catalogue()))
TRAVELLING = _params([each for each in catalogue() if not each.abstract])

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("schema_id", SCHEMAS)
@FEW
@given(data=st.data())
def test_every_document_is_valid_in_every_engine(schema_id: str, data: st.DataObject) -> None:
    schema = catalogue().get(schema_id)
    document = data.draw(documents(schema))
    for engine in ENGINES:
        found = compile_schema(schema, engine=engine).findings(document)
        assert not found, (engine, [(each.rule, each.pointer, each.found) for each in found])


@pytest.mark.parametrize("schema_id", TRAVELLING)
@FEW
@given(data=st.data())
def test_every_document_builds_its_model_and_comes_back_equal(
    schema_id: str, data: st.DataObject
) -> None:
    schema = catalogue().get(schema_id)
    document = data.draw(documents(schema))
    text = json.dumps(document, ensure_ascii=False).encode()
    assert not read(text).findings
    made = getattr(mfgstd.models, schema.name)
    if isinstance(schema.node, Object):
        model = made.from_json(text)
        dumped = model.to_bytes()
        assert made.from_json(dumped) == model
    else:
        adapter: TypeAdapter[Any] = TypeAdapter(made)
        dumped = adapter.dump_json(adapter.validate_json(text))
    again = json.loads(dumped)
    assert again == document
    assert compile_schema(schema).is_valid(again)


@given(documents("JobResponse"))
def test_a_document_says_what_it_is(document: dict[str, Any]) -> None:
    assert document["$schema"] == catalogue().find("JobResponse").id


@given(documents("CloudEvent"))
def test_what_an_envelope_carries_is_a_document_of_the_schema_that_it_names(
    event: dict[str, Any],
) -> None:
    if "data" in event:
        schema = catalogue().get(event["dataschema"])
        assert schema.is_entity
        assert compile_schema(schema).is_valid(event["data"])


def _found(name: str, wanted: Any) -> Any:
    return find(
        documents(name), wanted, settings=settings(max_examples=3000, database=None, deadline=None)
    )


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("alarm", lambda each: set(each) == _fields("alarm", required=True)),
        ("alarm", lambda each: set(each) == _fields("alarm", required=False)),
        ("value", lambda each: each.get("integer") == "18446744073709551615"),
        ("value", lambda each: each.get("number") == 1.7e308),
        ("timestamp", lambda each: ":60" in each),
        ("timestamp", lambda each: ".123456789" in each),
        ("multilingual-text", lambda each: any("가" <= c <= "힣" for c in str(each))),
        ("reason", lambda each: each.startswith("http")),
        ("alarm", lambda each: each["severity"] == 1000),
        ("cloud-event", lambda each: "gap/1" in each["dataschema"] and "data" in each),
    ],
)
def test_awkward_documents_are_found(name: str, wanted: Any) -> None:
    assert wanted(_found(name, wanted))


def _fields(name: str, *, required: bool) -> set[str]:
    """The names of the compulsory fields, or of all; a document always names its schema."""
    node = catalogue().find(name).node
    assert isinstance(node, Object)
    return {each.name for each in node if each.required or not required} | {"$schema"}


def test_korean_comes_often() -> None:
    seen: list[bool] = []

    @settings(max_examples=200, database=None, deadline=None)
    @given(documents("Alarm"))
    def look(document: dict[str, Any]) -> None:
        seen.append(any("가" <= each <= "힣" for each in str(document)))

    look()
    assert sum(seen) > len(seen) / 4


def test_what_fails_shrinks_to_what_matters() -> None:
    small = _found("alarm", lambda each: "limit" in each)
    assert set(small) == _fields("alarm", required=True) | {"limit"}


def test_the_simplest_document_has_no_optional_field() -> None:
    assert set(_found("alarm", lambda _: True)) == _fields("alarm", required=True)


def _schemas(folder: Path, **schemas: dict[str, Any]) -> Catalogue:
    (folder / "primitives").mkdir(parents=True)
    for slug, schema in schemas.items():
        whole = {
            "$id": f"{NAMESPACE}primitives/{slug}/1",
            "title": slug.title(),
            "x-mfg-version": "1.0.0",
            **schema,
        }
        (folder / "primitives" / f"{slug}.json").write_text(json.dumps(whole))
    return Catalogue(folder)


def _ref(slug: str) -> dict[str, str]:
    return {"$ref": f"{NAMESPACE}primitives/{slug}/1"}


def test_a_schema_inside_itself_comes_to_an_end(tmp_path: Path) -> None:
    tree = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": _ref("tree")}, "next": _ref("tree")},
        "additionalProperties": False,
    }
    within = _schemas(tmp_path, tree=tree)

    @given(documents("tree", within))
    def depth(document: dict[str, Any]) -> None:
        assert str(document).count("{") < 200

    depth()


def test_a_way_out_of_a_compulsory_loop_is_found(tmp_path: Path) -> None:
    leaf = {
        "type": "object",
        "properties": {"leaf": {"type": "boolean"}},
        "required": ["leaf"],
        "additionalProperties": False,
        "title": "Leaf",
    }
    branch = {**leaf, "properties": {"branch": _ref("tree")}, "required": ["branch"]}
    within = _schemas(tmp_path, tree={"oneOf": [branch, leaf]})

    @given(documents("tree", within))
    def valid(document: Any) -> None:
        assert compile_schema(within.find("tree"), within=within).is_valid(document)

    valid()


def test_a_schema_that_needs_itself_has_no_documents(tmp_path: Path) -> None:
    endless = {"type": "object", "properties": {"next": _ref("tree")}, "required": ["next"]}
    within = _schemas(tmp_path, tree=endless)
    with pytest.raises(SchemaError, match="needs itself"):
        documents("tree", within)


def _accepted_by(validator: Validator) -> Callable[[Any], None]:
    def accepted(document: Any) -> None:
        assert validator.is_valid(document)

    return accepted


def test_distinct_elements_stay_distinct_and_enough(tmp_path: Path) -> None:
    days = {
        "type": "array",
        "items": {"type": "string", "enum": ["mon", "tue", "wed"]},
        "minItems": 3,
        "uniqueItems": True,
    }
    names = {"type": "array", "items": {"type": "string"}, "minItems": 5, "uniqueItems": True}
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": 2, "uniqueItems": True}
    within = _schemas(tmp_path, days=days, names=names, numbers=numbers)
    for name in ("days", "names", "numbers"):
        validator = compile_schema(within.find(name), within=within)
        given(documents(name, within))(_accepted_by(validator))()


@pytest.mark.parametrize(
    ("pattern", "low", "high"),
    [
        ("^([A-Z]{2,3})$", None, None),
        ("^(a|bc|[^x]{2})$", 2, 2),
        ("^([!-~]+)$", 40, 64),
        ("^(-?[0-9]+)$", 3, 3),
        ("^(x.y?)$", None, None),
    ],
)
@given(data=st.binary(max_size=8))
def test_texts_of_a_pattern_match_it_within_their_lengths(
    pattern: str, low: int | None, high: int | None, data: bytes
) -> None:
    import re

    text = texts(pattern, low, high)(Tape(data))
    assert re.fullmatch(pattern, text)
    assert (low or 0) <= len(text) <= (high or 1000)


@pytest.mark.parametrize("pattern", ["^(\\d+)$", "^((?=a)a)$", "^((a)\\2)$"])
def test_a_pattern_outside_the_profile_is_refused(pattern: str) -> None:
    with pytest.raises(SchemaError, match="profile"):
        texts(pattern, None, None)


def test_a_pattern_that_no_text_of_its_length_fits_is_refused() -> None:
    with pytest.raises(SchemaError, match="No text"):
        texts("^([0-9]{2})$", 5, None)


def test_an_unknown_schema_is_named() -> None:
    with pytest.raises(UnknownSchema, match="alrm"):
        documents("alrm")


def test_the_page_shows_how_to_test_with_the_first_parse_inside(checkout: Path) -> None:
    page = (checkout / "docs" / "standard" / "versions.md").read_text(encoding="utf-8")
    code = next(
        block
        for block in (each.partition("```")[0] for each in page.split("```python\n")[1:])
        if "mfgstd.parse" in block
    )
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    names["test_every_job_response_can_be_read"]()
