"""The engines agree: on random documents of every schema, and on every known disagreement."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfgstd.standard import Catalogue, Resolved, catalogue
from mfgstd.validation import ENGINES, Strictness, compile_schema

ALL = sorted(catalogue().authored)
Hurt = Callable[[Resolved], "st.SearchStrategy[Any]"]


@pytest.mark.parametrize("strictness", Strictness)
@pytest.mark.parametrize("schema_id", ALL, ids=lambda each: each.split("/")[-2])
def test_engines_agree_on_hurt_documents(
    schema_id: str, strictness: Strictness, hurt_documents: Hurt
) -> None:
    resolved = catalogue().get(schema_id)
    engines = [compile_schema(resolved, strictness, each) for each in ENGINES]

    @settings(max_examples=60)
    @given(hurt_documents(resolved))
    def agree(document: Any) -> None:
        verdicts = dict(zip(ENGINES, [each.is_valid(document) for each in engines], strict=True))
        assert len(set(verdicts.values())) == 1, verdicts
        for engine in engines:
            found = engine.findings(document)
            assert (not found) == verdicts["referee"]
            assert all(each.rule != "schema.disagreement" for each in found)

    agree()


@pytest.mark.parametrize("engine", ENGINES)
def test_every_example_is_what_it_says_in_every_engine(engine: Any) -> None:
    folder = catalogue().folder / "examples"
    seen = Counter[str]()
    for path in sorted(folder.rglob("*.json")):
        kind, slug = path.parent.name, path.parent.parent.name
        example = json.loads(path.read_bytes())
        document = example if kind == "valid" else example["document"]
        found = compile_schema(catalogue().find(slug), Strictness.STRICT, engine).findings(document)
        named = {(each.rule, each.pointer) for each in found}
        if kind == "valid":
            assert not found, path
        else:
            assert (example["finding"]["rule"], example["finding"].get("pointer", "")) in named
        seen[kind] += 1
    assert seen["valid"] > 50
    assert seen["invalid"] > 50


@pytest.mark.parametrize("schema_id", ALL, ids=lambda each: each.split("/")[-2])
def test_what_is_strictly_valid_is_tolerantly_valid(schema_id: str, hurt_documents: Hurt) -> None:
    resolved = catalogue().get(schema_id)
    strict, tolerant = (compile_schema(resolved, each) for each in Strictness)

    @settings(max_examples=40)
    @given(hurt_documents(resolved))
    def implied(document: Any) -> None:
        assert tolerant.is_valid(document) or not strict.is_valid(document)

    implied()


NUMBER = {"type": "number"}
INTEGER = {"type": "integer"}
LOWER = {"type": "string", "pattern": "^[a-z]+$"}
CODE = {"type": "string", "x-mfg-openCode": ["ok", "worn"]}
KEYS = {
    "oneOf": [
        {
            "type": "object",
            "title": title,
            "properties": {key: kind},
            "required": [key],
            "additionalProperties": False,
        }
        for title, key, kind in (("A", "number", NUMBER), ("B", "text", {"type": "string"}))
    ]
}
TAGS = {
    "oneOf": [
        {
            "type": "object",
            "title": title,
            "properties": {"kind": {"type": "string", "const": tag}, "size": kind},
            "required": ["kind", "size"],
            "additionalProperties": False,
        }
        for title, tag, kind in (("A", "a", NUMBER), ("B", "b", {"type": "string"}))
    ]
}
MAP = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z]+$"},
    "additionalProperties": INTEGER,
    "minProperties": 1,
}
UNIQUE = {"type": "array", "items": NUMBER, "uniqueItems": True}
MIXED = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2}
DOLLAR = {"type": "string", "pattern": "^[a-z$]+$"}

SEMANTICS: list[tuple[str, dict[str, Any], Any, str | None]] = [
    ("a dollar sign is the very end", LOWER, "abc\n", "schema.pattern"),
    ("a dollar sign in a class is itself", DOLLAR, "a$", None),
    ("an infinity is not a number", NUMBER, float("inf"), "schema.type"),
    ("a NaN is not a number", NUMBER, float("nan"), "schema.type"),
    ("true is not a number", NUMBER, True, "schema.type"),
    ("1.0 is an integer", INTEGER, 1.0, None),
    ("1.5 is not an integer", INTEGER, 1.5, "schema.type"),
    ("true is not an integer", INTEGER, True, "schema.type"),
    ("the largest integer has 64 bits", INTEGER, 2**63 - 1, None),
    ("one more is too large", INTEGER, 2**63, "schema.maximum"),
    ("also as a double", INTEGER, float(2**63), "schema.maximum"),
    ("the smallest integer has 64 bits", INTEGER, -(2**63), None),
    ("one less is too small", INTEGER, -(2**63) - 1, "schema.minimum"),
    ("a huge integer is too large", INTEGER, 10**400, "schema.maximum"),
    ("a large double can be an integer", INTEGER, 1e300, "schema.maximum"),
    ("a bound of 0 is a bound", {**INTEGER, "minimum": 0}, -1, "schema.minimum"),
    ("multiples", {**INTEGER, "multipleOf": 5}, 12, "schema.multiple-of"),
    ("multiples as doubles", {**INTEGER, "multipleOf": 5}, 15.0, None),
    ("exclusive bounds", {**NUMBER, "exclusiveMinimum": 0}, 0, "schema.exclusive-minimum"),
    ("exclusive upper", {**NUMBER, "exclusiveMaximum": 1}, 1.0, "schema.exclusive-maximum"),
    ("lengths count code points", {"type": "string", "maxLength": 2}, "가😀", None),
    ("too long", {"type": "string", "maxLength": 2}, "abc", "schema.max-length"),
    ("too short", {"type": "string", "minLength": 2}, "😀", "schema.min-length"),
    ("1 and 1.0 are the same", UNIQUE, [1, 1.0], "schema.unique-items"),
    ("1 and 2 are not", UNIQUE, [1, 2], None),
    ("too few", MIXED, [], "schema.min-items"),
    ("too many", MIXED, ["a", "b", "c"], "schema.max-items"),
    ("an open code's word", CODE, "worn", None),
    ("an open code's own URI", CODE, "https://example.com/dull", None),
    ("our namespace is closed", CODE, "https://w3id.org/mfgstd/dull", "schema.open-code"),
    ("a word of nobody's", CODE, "Very dull", "schema.open-code"),
    ("a URI ends where it ends", CODE, "urn:example:dull\n", "schema.open-code"),
    ("an open code is a string", CODE, 1, "schema.type"),
    ("one key picks the branch", KEYS, {"number": 1}, None),
    ("no key", KEYS, {}, "schema.union"),
    ("two keys", KEYS, {"number": 1, "text": "a"}, "schema.union"),
    ("the picked branch is judged", KEYS, {"number": "1"}, "schema.type"),
    ("no object", KEYS, 1, "schema.type"),
    ("a constant picks the branch", TAGS, {"kind": "b", "size": "xl"}, None),
    ("an unknown kind", TAGS, {"kind": "c", "size": "xl"}, "schema.union"),
    ("no kind", TAGS, {"size": "xl"}, "schema.required"),
    ("the branch of the constant is judged", TAGS, {"kind": "a", "size": "xl"}, "schema.type"),
    ("a key's form", MAP, {"A": 1}, "schema.key"),
    ("a key's form to the end", MAP, {"a\n": 1}, "schema.key"),
    ("a map's value", MAP, {"a": "1"}, "schema.type"),
    ("an empty map", MAP, {}, "schema.min-properties"),
    ("null is a type of its own", NUMBER, None, "schema.type"),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("strictness", Strictness)
@pytest.mark.parametrize(
    ("schema", "value", "rule"), [each[1:] for each in SEMANTICS], ids=[e[0] for e in SEMANTICS]
)
def test_semantics_are_the_same_in_every_engine(
    schema: dict[str, Any],
    value: Any,
    rule: str | None,
    strictness: Strictness,
    engine: Any,
    catalogue_of: Callable[..., Catalogue],
) -> None:
    within = catalogue_of(it=schema)
    validator = compile_schema(within.find("it"), strictness, engine, within=within)
    assert validator.is_valid(value) is (rule is None)
    assert [each.rule for each in validator.findings(value)] == ([rule] if rule else [])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_word_that_a_newer_version_may_bring_passes_a_tolerant_reader(
    engine: Any, catalogue_of: Callable[..., Catalogue]
) -> None:
    within = catalogue_of(it=CODE)
    strict, tolerant = (
        compile_schema(within.find("it"), each, engine, within=within) for each in Strictness
    )
    assert [each.rule for each in strict.findings("dull")] == ["schema.open-code"]
    assert tolerant.findings("dull") == []


@pytest.mark.parametrize("engine", ENGINES)
def test_strict_refuses_what_tolerant_ignores(engine: Any) -> None:
    resolved = catalogue().find("quantity")
    document = {"value": 1, "unit": "mm", "x": 1, "uncertainty": {"value": 1, "y": 2}}
    strict = compile_schema(resolved, Strictness.STRICT, engine)
    assert {each.pointer for each in strict.findings(document)} == {"/x", "/uncertainty/y"}
    assert {each.rule for each in strict.findings(document)} == {"schema.unknown-field"}
    assert not compile_schema(resolved, Strictness.TOLERANT, engine).findings(document)


def test_a_wrong_field_of_a_base_is_not_called_unknown() -> None:
    found = compile_schema(catalogue().find("gap")).findings({"id": 5})
    assert "schema.unknown-field" not in {each.rule for each in found}


def test_findings_of_one_document_are_bounded() -> None:
    document = {f"field{number}": number for number in range(1000)}
    found = compile_schema(catalogue().find("gap")).findings(document)
    assert len(found) == 101
    assert found[-1].rule == "schema.more"


def test_every_rule_has_a_sentence_in_both_languages() -> None:
    found = compile_schema(catalogue().find("gap")).findings(
        {"id": 1, "from": "x", "reason": "y", "outcome": "z", "count": -1, "w": 1}
    )
    assert len(found) > 5
    for each in found:
        assert each.message.en
        assert any("가" <= letter <= "힣" for letter in each.message.ko)


def test_without_a_compiled_wheel_the_row_engine_is_pure_python() -> None:
    code = (
        "import sys; sys.modules['jsonschema_rs'] = None\n"
        "from mfgstd import validate\n"
        "print([each.rule for each in validate({'value': 1}, schema='quantity')])\n"
        "print('fastjsonschema' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["['schema.required']", "True"]
