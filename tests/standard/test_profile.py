"""The authoring profile: a good schema passes, and each rule catches the schema that breaks it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mfgstd.standard import profile
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.resources import root

Schema = dict[str, Any]

NS = "https://w3id.org/mfgstd/"
PRESS = f"{NS}equipment/press/1"
THING = f"{NS}primitives/thing/1"
PAIR = f"{NS}primitives/pair/1"
CODE = f"{NS}primitives/code/1"


def _said(**more: Any) -> Schema:
    """What every schema and property says about itself."""
    return {
        "description": "A press.",
        "x-mfg-description": {"ko": "프레스입니다."},
        "x-mfg-label": {"ko": "프레스", "en": "Press"},
        **more,
    }


def _head(path: str, title: str) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{NS}{path}/1",
        "title": title,
        "x-mfg-term": f"{NS}term/{path}",
        "x-mfg-version": "1.0.0",
        "x-mfg-since": "1.0.0",
        "x-mfg-stability": "stable",
        **_said(),
    }


def _words(*values: str) -> Schema:
    return {
        each: {
            "x-mfg-label": {"ko": "켜짐", "en": "on"},
            "description": "On.",
            "x-mfg-description": {"ko": "켜져 있습니다."},
        }
        for each in values
    }


def _good() -> dict[str, Schema]:
    """One schema of each kind of node that the profile knows."""
    base = {
        **_head("primitives/thing", "Thing"),
        "x-mfg-abstract": True,
        "type": "object",
        "properties": {"id": {"type": "string", **_said(examples=["a"])}},
        "required": ["id"],
    }
    pair = {
        **_head("primitives/pair", "Pair"),
        "oneOf": [
            {
                "type": "object",
                "title": title,
                "properties": {key: {"type": "boolean", **_said(examples=[True])}},
                "required": [key],
                "additionalProperties": False,
            }
            for key, title in (("left", "Left"), ("right", "Right"))
        ],
    }
    code = {
        **_head("primitives/code", "Code"),
        "type": "string",
        "pattern": profile.open_code_pattern(["on", "off"]),
        "x-mfg-openCode": ["on", "off"],
        "x-mfg-words": _words("on", "off"),
    }
    press = {
        **_head("equipment/press", "Press"),
        "type": "object",
        "allOf": [{"$ref": THING}],
        "properties": {
            "force": {"type": "number", "minimum": 0, **_said(examples=[1.5]), "x-mfg-unit": "kN"},
            "strokes": {
                "type": "integer",
                "minimum": 0,
                "maximum": 10,
                **_said(examples=[3]),
                "x-mfg-unitFrom": "unit",
            },
            "unit": {"type": "string", "pattern": "^[!-~]+$", **_said(examples=["1"])},
            "day": {
                "type": "string",
                "format": "date",
                "pattern": "^[0-9-]+$",
                **_said(examples=["2024-03-05"]),
            },
            "mode": {
                "type": "string",
                "enum": ["on", "off"],
                **_said(examples=["on"]),
                "x-mfg-words": _words("on", "off"),
            },
            "version": {"type": "string", "const": "1", **_said(examples=["1"])},
            "pair": {"$ref": PAIR, **_said(examples=[{"left": True}])},
            "die": {
                "type": "object",
                "title": "Die",
                **_said(examples=[{}]),
                "properties": {"worn": {"type": "boolean", **_said(examples=[True])}},
                "additionalProperties": False,
            },
            "names": {
                "type": "object",
                **_said(examples=[{"ko": "프레스"}]),
                "propertyNames": {"pattern": "^[a-z]{2}$"},
                "additionalProperties": {"type": "string"},
            },
            "tags": {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 1,
                **_said(examples=[["a"]]),
            },
            "data": {"type": "object", "x-mfg-typedBy": "unit", **_said(examples=[{}])},
        },
        "required": ["force"],
        "unevaluatedProperties": False,
        "x-mfg-mappings": [
            {"standard": "MTConnect", "version": "2.3", "path": "Device", "relation": "close"}
        ],
    }
    return {each["$id"]: each for each in (base, pair, code, press)}


Break = Callable[[dict[str, Schema]], object]


def _set(value: Any, *steps: str | int, of: str = PRESS) -> Break:
    def change(schemas: dict[str, Schema]) -> None:
        node: Any = schemas[of]
        for step in steps[:-1]:
            node = node[step]
        node[steps[-1]] = value

    return change


def _drop(*steps: str | int, of: str = PRESS) -> Break:
    def change(schemas: dict[str, Schema]) -> None:
        node: Any = schemas[of]
        for step in steps[:-1]:
            node = node[step]
        del node[steps[-1]]

    return change


def _rename(key: str, to: str, value: Any, *steps: str, of: str = PRESS) -> Break:
    def change(schemas: dict[str, Schema]) -> None:
        _drop(*steps, key, of=of)(schemas)
        _set(value, *steps, to, of=of)(schemas)

    return change


FIELD = ("properties", "force")

BREAKS: list[tuple[str, str, Break]] = [
    ("profile.dialect", "/$schema", _set("http://json-schema.org/draft-07/schema#", "$schema")),
    ("profile.dialect", "", _drop("$schema")),
    ("profile.id", "/$id", _set(f"{NS}equipment/press", "$id")),
    ("profile.id", "/$id", _set(f"{NS}equipment/punch/1", "$id")),
    ("profile.title", "/title", _set("press", "title")),
    ("profile.title", "/properties/die", _drop("properties", "die", "title")),
    ("profile.title", "/properties/force/title", _set("Force", *FIELD, "title")),
    ("profile.description", "/properties/force", _drop(*FIELD, "description")),
    ("profile.description", "", _drop("x-mfg-description")),
    (
        "profile.description",
        "/properties/force/x-mfg-description",
        _set({}, *FIELD, "x-mfg-description"),
    ),
    ("profile.label", "/properties/force/x-mfg-label", _drop(*FIELD, "x-mfg-label", "ko")),
    ("profile.label", "", _drop("x-mfg-label")),
    ("profile.term", "/x-mfg-term", _set(f"{NS}press", "x-mfg-term")),
    ("profile.term", "/x-mfg-term", _set(f"{NS}term/equipment/punch", "x-mfg-term")),
    ("profile.version", "/x-mfg-version", _set("1.0", "x-mfg-version")),
    ("profile.since", "", _drop("x-mfg-since")),
    ("profile.since", "/properties/force/x-mfg-since", _set("1", *FIELD, "x-mfg-since")),
    ("profile.stability", "/x-mfg-stability", _set("beta", "x-mfg-stability")),
    (
        "profile.deprecated",
        "/properties/force/x-mfg-deprecated",
        _set({}, *FIELD, "x-mfg-deprecated"),
    ),
    (
        "profile.mapping",
        "/x-mfg-mappings/0/relation",
        _set("same", "x-mfg-mappings", 0, "relation"),
    ),
    ("profile.mapping", "/x-mfg-mappings/0", _drop("x-mfg-mappings", 0, "version")),
    ("profile.closed", "", _drop("unevaluatedProperties")),
    ("profile.closed", "/additionalProperties", _set(False, "additionalProperties")),
    ("profile.closed", "", _set(False, "additionalProperties", of=THING)),
    ("profile.closed", "/properties/die", _drop("properties", "die", "additionalProperties")),
    ("profile.header", "/properties/force/$id", _set(PRESS, *FIELD, "$id")),
    (
        "profile.header",
        "/properties/die/allOf",
        _set([{"$ref": THING}], "properties", "die", "allOf"),
    ),
    ("profile.type", "/properties/force/type", _set("null", *FIELD, "type")),
    ("profile.type", "/properties/force/type", _set(["number", "null"], *FIELD, "type")),
    ("profile.type", "/properties/force", _drop(*FIELD, "type")),
    ("profile.keyword", "/if", _set({}, "if")),
    ("profile.keyword", "/patternProperties", _set({}, "patternProperties")),
    ("profile.keyword", "/properties/force/multipleOf", _set(2, *FIELD, "multipleOf")),
    ("profile.keyword", "/properties/pair/type", _set("object", "properties", "pair", "type")),
    ("profile.keyword", "/properties/unit/minimum", _set(1, "properties", "unit", "minimum")),
    ("profile.keyword", "/properties/mode/pattern", _set("^on$", "properties", "mode", "pattern")),
    ("profile.keyword", "/oneOf/0/not", _set({}, "oneOf", 0, "not", of=PAIR)),
    ("profile.facet", "/properties/force/minimum", _set("0", *FIELD, "minimum")),
    ("profile.facet", "/properties/tags/minItems", _set(-1, "properties", "tags", "minItems")),
    ("profile.facet", "/properties/day/format", _set("time", "properties", "day", "format")),
    ("profile.examples", "/properties/force", _drop(*FIELD, "examples")),
    ("profile.examples", "/properties/force/examples", _set([], *FIELD, "examples")),
    (
        "profile.property-name",
        "/properties/Die_",
        _set({"type": "boolean", **_said(examples=[True])}, "properties", "Die_"),
    ),
    ("profile.properties", "", _drop("properties", of=THING)),
    ("profile.required", "/required", _set(["force", "force"], "required")),
    ("profile.required", "/required/0", _set(["weight"], "required")),
    ("profile.ref", "/properties/pair/$ref", _set("#/$defs/pair", "properties", "pair", "$ref")),
    (
        "profile.ref",
        "/properties/pair/$ref",
        _set(f"{NS}primitives/no/1", "properties", "pair", "$ref"),
    ),
    ("profile.ref", "/allOf/0/$ref", _set(f"{NS}primitives/no/1", "allOf", 0, "$ref")),
    ("profile.base", "/allOf", _set([{"$ref": THING}, {"$ref": THING}], "allOf")),
    ("profile.base", "/allOf/0/$ref", _set(CODE, "allOf", 0, "$ref")),
    ("profile.unit", "/properties/force", _drop(*FIELD, "x-mfg-unit")),
    ("profile.unit", "/properties/force", _set("mass", *FIELD, "x-mfg-quantity")),
    ("profile.unit", "/properties/force/x-mfg-unit", _set("k N", *FIELD, "x-mfg-unit")),
    ("profile.bounds", "/properties/strokes", _drop("properties", "strokes", "maximum")),
    (
        "profile.pattern",
        "/properties/unit/pattern",
        _set("[!-~]+", "properties", "unit", "pattern"),
    ),
    (
        "profile.pattern",
        "/properties/unit/pattern",
        _set("^\\d+$", "properties", "unit", "pattern"),
    ),
    (
        "profile.pattern",
        "/properties/unit/pattern",
        _set("^(?!a).+$", "properties", "unit", "pattern"),
    ),
    ("profile.pattern", "/properties/unit/pattern", _set("^1|m$", "properties", "unit", "pattern")),
    ("profile.pattern", "/properties/unit/pattern", _set("^(1$", "properties", "unit", "pattern")),
    (
        "profile.pattern",
        "/properties/names/propertyNames/pattern",
        _set("[a-z]+", "properties", "names", "propertyNames", "pattern"),
    ),
    ("profile.format", "/properties/day", _drop("properties", "day", "pattern")),
    ("profile.const", "/properties/version/const", _set(1, "properties", "version", "const")),
    (
        "profile.enum",
        "/properties/mode/enum",
        _set(["on", "off", "on"], "properties", "mode", "enum"),
    ),
    ("profile.enum", "/properties/mode/enum/0", _set(["On", "off"], "properties", "mode", "enum")),
    ("profile.words", "/properties/mode", _drop("properties", "mode", "x-mfg-words")),
    (
        "profile.words",
        "/properties/mode/x-mfg-words",
        _set(_words("on"), "properties", "mode", "x-mfg-words"),
    ),
    (
        "profile.words",
        "/properties/mode/x-mfg-words/on/x-mfg-label",
        _drop("properties", "mode", "x-mfg-words", "on", "x-mfg-label", "ko"),
    ),
    ("profile.open-code", "/pattern", _set("^(on|off)$", "pattern", of=CODE)),
    ("profile.open-code", "", _drop("pattern", of=CODE)),
    ("profile.open-code", "/pattern", _set(["on"], "pattern", of=CODE)),
    ("profile.items", "/properties/tags", _drop("properties", "tags", "items")),
    ("profile.map", "/properties/names", _drop("properties", "names", "additionalProperties")),
    (
        "profile.map",
        "/properties/names/propertyNames",
        _set({}, "properties", "names", "propertyNames"),
    ),
    (
        "profile.typed-by",
        "/properties/data/x-mfg-typedBy",
        _set("", "properties", "data", "x-mfg-typedBy"),
    ),
    (
        "profile.typed-by",
        "/properties/data/x-mfg-typedBy",
        _set("no", "properties", "data", "x-mfg-typedBy"),
    ),
    ("profile.union", "/oneOf", lambda s: s[PAIR]["oneOf"].pop()),
    ("profile.union", "/oneOf", _set({"$ref": CODE}, "oneOf", 1, of=PAIR)),
    ("profile.union", "/oneOf", _drop("oneOf", 1, "required", of=PAIR)),
    (
        "profile.redeclared",
        "/properties/id",
        _set({"type": "string", **_said(examples=["a"])}, "properties", "id"),
    ),
    (
        "profile.unit-from",
        "/properties/strokes/x-mfg-unitFrom",
        _set("units", "properties", "strokes", "x-mfg-unitFrom"),
    ),
    (
        "profile.unit-in-description",
        "/properties/force/description",
        _set("The delay in seconds.", *FIELD, "description"),
    ),
    (
        "profile.unit-in-description",
        "/properties/force/x-mfg-description/ko",
        _set("밀리미터 단위의 길이입니다.", *FIELD, "x-mfg-description", "ko"),
    ),
    (
        "profile.unit-in-description",
        "/properties/strokes/description",
        _set("The stroke (mm).", "properties", "strokes", "description"),
    ),
    ("profile.unit-known", "/properties/force/x-mfg-unit", _set("kNewton", *FIELD, "x-mfg-unit")),
    (
        "profile.quantity-known",
        "/properties/strokes/x-mfg-quantity",
        _rename("x-mfg-unitFrom", "x-mfg-quantity", "lenght", "properties", "strokes"),
    ),
    (
        "profile.korean",
        "/properties/force/x-mfg-description/ko",
        _set("The force.", *FIELD, "x-mfg-description", "ko"),
    ),
    (
        "profile.korean",
        "/properties/mode/x-mfg-words/on/x-mfg-description/ko",
        _set("On.", "properties", "mode", "x-mfg-words", "on", "x-mfg-description", "ko"),
    ),
    ("profile.example", "/properties/force/examples/1", _set([1.5, -1], *FIELD, "examples")),
    ("profile.example", "/examples/0", _set(["maybe"], "examples", of=CODE)),
    ("profile.class-name", "/title", _set("Punch", "title")),
    ("profile.class-name", "/properties/die/title", _set("Pair", "properties", "die", "title")),
    (
        "profile.uri",
        "/properties/unit/examples/0",
        _set("https://https://a.example/", "properties", "unit", "examples", 0),
    ),
    (
        "profile.uri",
        "/properties/unit/examples/0",
        _set("htthttps://a.example/", "properties", "unit", "examples", 0),
    ),
    (
        "profile.uri",
        "/properties/force/x-mfg-deprecated/replacedBy",
        _set({"since": "1.0.0", "replacedBy": "https://a.example/a b"}, *FIELD, "x-mfg-deprecated"),
    ),
]


def _names() -> Iterator[str]:
    for rule, pointer, _ in BREAKS:
        yield f"{rule}:{pointer}"


def test_a_good_schema_of_every_kind_of_node_passes() -> None:
    assert profile.check(_good()) == []


@pytest.mark.parametrize(("rule", "pointer", "change"), BREAKS, ids=list(_names()))
def test_a_schema_that_breaks_one_rule_gets_that_one_finding(
    rule: str, pointer: str, change: Break
) -> None:
    schemas = copy.deepcopy(_good())
    change(schemas)
    found = [(each.rule, each.pointer) for each in profile.check(schemas)]
    assert found == [(rule, pointer)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text(max_size=3) | st.just("string"),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["type", "$ref", "enum", "oneOf", "title"]), inner)
    ),
    max_leaves=4,
)


def _places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    children: Any = ()
    if isinstance(node, dict):
        children = node.items()
    elif isinstance(node, list):
        children = enumerate(node)
    for key, each in children:
        yield (*path, key)
        yield from _places(each, (*path, key))


PLACES = [(each, place) for each, schema in _good().items() for place in _places(schema)]


@given(st.sampled_from(PLACES), JSON)
def test_no_schema_is_so_broken_that_the_check_breaks(
    where: tuple[str, tuple[str | int, ...]], value: Any
) -> None:
    schemas = _good()
    _set(value, *where[1], of=where[0])(schemas)
    assert all(each.rule in profile.RULES for each in profile.check(schemas))


def test_every_rule_has_a_schema_that_breaks_it() -> None:
    """``profile.resolves`` is the net under all others: nothing that we know reaches it."""
    assert {rule for rule, _, _ in BREAKS} == set(profile.RULES) - {"profile.resolves"}


def test_every_rule_of_the_meta_schema_has_a_sentence() -> None:
    text = (root("schemas") / "profile.json").read_text(encoding="utf-8")
    named = set(re.findall(r'"x-mfg-rule": "([^"]+)"', text))
    assert named == set(profile.SHAPES)


def test_the_schemas_of_the_standard_keep_the_profile() -> None:
    assert profile.check(catalogue().authored) == []


def test_a_schema_nested_beyond_reason_is_a_finding() -> None:
    deep: Schema = {"type": "string"}
    for _ in range(3000):
        deep = {"type": "array", "items": deep}
    schemas = {**_good(), PRESS: {**_head("equipment/press", "Press"), **deep}}
    assert [each.rule for each in profile.check(schemas)] == ["profile.unreadable"]


def test_files_that_are_no_schemas_are_findings(tmp_path: Any) -> None:
    contents = {"a.json": b"{", "b.json": b"[]", "c.json": b"\xff", "d.json": b"[" * 100_000}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    schemas, findings = profile.read([*sorted(tmp_path.iterdir()), tmp_path / "absent.json"])
    assert schemas == {}
    rules = [each.rule for each in findings]
    assert rules == [
        "profile.unreadable",
        "profile.id",
        "profile.unreadable",
        "profile.unreadable",
        "profile.unreadable",
    ]


def test_the_profile_and_all_schemas_are_plain_json_schema() -> None:
    authored = [json.loads((root("schemas") / "profile.json").read_bytes())]
    for schema in [*authored, *catalogue().authored.values()]:
        Draft202012Validator.check_schema(schema)


def test_the_schema_files_are_written_one_way() -> None:
    """Two spaces, UTF-8 as it is, a newline at the end: a change shows as what it is."""
    for path in sorted(root("schemas").glob("*/*.json")):
        text = path.read_text(encoding="utf-8")
        assert text.endswith("}\n"), path
        assert "\\u" not in text, path
        assert "\t" not in text, path
        json.loads(text)
