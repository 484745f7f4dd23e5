"""The table of cases: what each possible change is, and who still reads whom."""

from __future__ import annotations

import copy
from dataclasses import dataclass, fields
from typing import Any

import pytest

from mfgstd.standard.diff import KINDS, Bump, Category, Change, Edition, Report, compare, step
from mfgstd.standard.diff.remarks import notes
from mfgstd.standard.notes import Notes
from mfgstd.standard.resolved import NAMESPACE, Resolved

PUMP = f"{NAMESPACE}equipment/pump/1"
OTHER = f"{NAMESPACE}equipment/valve/1"
BASE = f"{NAMESPACE}primitives/thing/1"
TIME = f"{NAMESPACE}primitives/moment/1"

Authored = dict[str, dict[str, Any]]


def _schema(schema_id: str, **body: Any) -> dict[str, Any]:
    _, slug, _ = schema_id.removeprefix(NAMESPACE).split("/")
    whole = {
        "$id": schema_id,
        "title": slug.title(),
        "description": "A thing.",
        "x-mfg-version": "1.0.0",
        "x-mfg-since": "1.0.0",
        "x-mfg-stability": "stable",
        "x-mfg-term": f"{NAMESPACE}term/equipment/{slug}",
        **body,
    }
    return {name: value for name, value in whole.items() if value is not None}


def _object(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


@dataclass(frozen=True, eq=False)
class Draft(Edition):
    """An edition whose schemas a test may still change."""

    authored: Authored


def _edition(name: str, pump: dict[str, Any], **others: dict[str, Any]) -> Draft:
    authored = {
        BASE: _schema(
            BASE,
            type="object",
            properties={"id": {"type": "string"}},
            required=["id"],
            **{"x-mfg-abstract": True},
        ),
        TIME: _schema(TIME, type="string", pattern="^(now|then)$"),
        PUMP: _schema(PUMP, **pump),
    }
    authored |= {each["$id"]: each for each in others.values()}
    return Draft(name, authored)


def _compare(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    report = compare(_edition("old", old), _edition("new", new))
    return [change for verdict in report.verdicts for change in verdict.changes]


TEXT = {"type": "string"}
INTEGER = {"type": "integer", "minimum": 0, "maximum": 10}
NUMBER = {"type": "number"}
ITEM = {"type": "object", "title": "PumpPart", "properties": {}, "additionalProperties": False}
MAPPED = {"standard": "MTConnect", "version": "2.3", "path": "Pump", "relation": "exact"}


def _words(kind: str, *words: str, **said: Any) -> dict[str, Any]:
    return {
        "type": "string",
        kind: list(words),
        "x-mfg-words": {each: {"description": each, **said.get(each, {})} for each in words},
    }


def _enum(*words: str, **said: Any) -> dict[str, Any]:
    return _words("enum", *words, **said)


def _code(*words: str, **said: Any) -> dict[str, Any]:
    return _words("x-mfg-openCode", *words, **said)


def _branch(key: str, node: dict[str, Any], title: str) -> dict[str, Any]:
    return _object({key: node}, key, title=title)


def _tagged(tag: str, **more: Any) -> dict[str, Any]:
    return _object(
        {"kind": {"type": "string", "const": tag}, **more}, "kind", title=f"Pump{tag.title()}"
    )


def _keyed(*keys: str) -> dict[str, Any]:
    return {"oneOf": [_branch(each, NUMBER, f"Pump{each.title()}") for each in keys]}


def _map(**limits: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "propertyNames": {"pattern": limits.pop("keys", "^[a-z]+$")},
        "additionalProperties": limits.pop("values", TEXT),
        **limits,
    }


def _list(items: dict[str, Any] = TEXT, **limits: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **limits}


def _any(by: str) -> dict[str, Any]:
    return {"type": "object", "x-mfg-typedBy": by}


BOTH, NONE, OLD, NEW = (True, True), (False, False), (True, False), (False, True)
"""Who reads whom: both, neither, the old reads the new, the new reads the old."""

#: One field before and after: the kind of the change, what it is, who still reads whom.
FIELD: list[tuple[str, Any, Any, str, str, tuple[bool, bool]]] = [
    ("a field is added", None, TEXT, "field.added", "WIRE minor", BOTH),
    ("a field is removed", TEXT, None, "field.removed", "WIRE major", BOTH),
    ("text to number", TEXT, NUMBER, "type.changed", "WIRE major", NONE),
    ("integer to number", INTEGER, NUMBER, "type.changed", "WIRE major", NEW),
    ("number to integer", NUMBER, INTEGER, "type.changed", "WIRE major", OLD),
    ("boolean to text", {"type": "boolean"}, TEXT, "type.changed", "WIRE major", NONE),
    ("scalar to list", TEXT, _list(), "type.changed", "WIRE major", NONE),
    ("enumeration to text", _enum("a"), TEXT, "type.changed", "WIRE major", NEW),
    ("enumeration to open code", _enum("a"), _code("a"), "type.changed", "WIRE major", NEW),
    ("open code to enumeration", _code("a"), _enum("a"), "type.changed", "WIRE major", OLD),
    (
        "constant to enumeration",
        {"type": "string", "const": "a"},
        _enum("a", "b"),
        "type.changed",
        "WIRE major",
        NEW,
    ),
    ("object to map", {**ITEM}, _map(), "type.changed", "WIRE major", NONE),
    (
        "another constant",
        {"type": "string", "const": "a"},
        {"type": "string", "const": "b"},
        "constant.changed",
        "WIRE major",
        NONE,
    ),
    ("a pattern comes", TEXT, {**TEXT, "pattern": "^a$"}, "text.pattern", "WIRE major", OLD),
    ("a pattern goes", {**TEXT, "pattern": "^a$"}, TEXT, "text.pattern", "WIRE major", NEW),
    (
        "another pattern is not guessed at",
        {**TEXT, "pattern": "^[a-f]$"},
        {**TEXT, "pattern": "^[a-z]$"},
        "text.pattern",
        "WIRE major",
        NONE,
    ),
    (
        "one more alternative",
        {**TEXT, "pattern": "^(a|[b|c])$"},
        {**TEXT, "pattern": "^(a|[b|c]|d(e|f))$"},
        "text.pattern",
        "WIRE major",
        NEW,
    ),
    (
        "two groups are no alternatives",
        {**TEXT, "pattern": "^(a)$"},
        {**TEXT, "pattern": "^(a)|(b)$"},
        "text.pattern",
        "WIRE major",
        NONE,
    ),
    (
        "longer",
        {**TEXT, "maxLength": 5},
        {**TEXT, "maxLength": 6},
        "text.length",
        "WIRE major",
        NEW,
    ),
    ("no longer", TEXT, {**TEXT, "maxLength": 6}, "text.length", "WIRE major", OLD),
    ("not empty", TEXT, {**TEXT, "minLength": 1}, "text.length", "WIRE major", OLD),
    (
        "shifted lengths",
        {**TEXT, "minLength": 1, "maxLength": 3},
        {**TEXT, "minLength": 2, "maxLength": 4},
        "text.length",
        "WIRE major",
        NONE,
    ),
    (
        "another format",
        {**TEXT, "pattern": "^a$", "format": "uri"},
        {**TEXT, "pattern": "^a$", "format": "iri"},
        "text.format",
        "SOURCE minor",
        BOTH,
    ),
    ("a closed word more", _enum("a"), _enum("a", "b"), "enum.word-added", "WIRE major", NEW),
    ("a closed word less", _enum("a", "b"), _enum("a"), "enum.word-removed", "WIRE major", OLD),
    ("an open word more", _code("a"), _code("a", "b"), "code.word-added", "WIRE minor", BOTH),
    ("an open word less", _code("a", "b"), _code("a"), "code.word-removed", "WIRE major", BOTH),
    (
        "the pattern of an open code",
        {**_code("a"), "pattern": "^(a|https?://.+)$"},
        {**_code("a"), "pattern": "^(a|https://.+)$"},
        "code.pattern",
        "DOC patch",
        BOTH,
    ),
    (
        "a word is labelled otherwise",
        _enum("a"),
        _enum("a", a={"x-mfg-label": {"en": "A", "ko": "가"}}),
        "label.changed",
        "DOC patch",
        BOTH,
    ),
    (
        "a word is described otherwise",
        _enum("a"),
        _enum("a", a={"description": "Something."}),
        "description.changed",
        "DOC patch",
        BOTH,
    ),
    (
        "a word means something else",
        _enum("a", a={"x-mfg-mappings": [MAPPED]}),
        _enum("a", a={"x-mfg-mappings": [{**MAPPED, "relation": "close"}]}),
        "mapping.relation",
        "SEMANTIC major",
        BOTH,
    ),
    (
        "a word of an open code loses its mapping",
        _code("a", a={"x-mfg-mappings": [MAPPED]}),
        _code("a"),
        "mapping.removed",
        "SEMANTIC major",
        BOTH,
    ),
    ("a lower bound comes", NUMBER, {**NUMBER, "minimum": 0}, "number.bounds", "WIRE major", OLD),
    ("an upper bound goes", {**NUMBER, "maximum": 9}, NUMBER, "number.bounds", "WIRE major", NEW),
    (
        "zero is excluded",
        {**NUMBER, "minimum": 0},
        {**NUMBER, "exclusiveMinimum": 0},
        "number.bounds",
        "WIRE major",
        OLD,
    ),
    (
        "the bound is included",
        {**NUMBER, "exclusiveMaximum": 1},
        {**NUMBER, "maximum": 1},
        "number.bounds",
        "WIRE major",
        NEW,
    ),
    (
        "shifted bounds",
        {**NUMBER, "minimum": 0, "maximum": 1},
        {**NUMBER, "minimum": 0.5, "maximum": 2},
        "number.bounds",
        "WIRE major",
        NONE,
    ),
    ("wider integer", INTEGER, {**INTEGER, "maximum": 11}, "number.bounds", "WIRE major", NEW),
    ("narrower integer", INTEGER, {**INTEGER, "minimum": 1}, "number.bounds", "WIRE major", OLD),
    (
        "a step comes",
        INTEGER,
        {**INTEGER, "multipleOf": 2},
        "number.multiple",
        "WIRE major",
        OLD,
    ),
    (
        "a finer step",
        {**INTEGER, "multipleOf": 6},
        {**INTEGER, "multipleOf": 3},
        "number.multiple",
        "WIRE major",
        NEW,
    ),
    (
        "another step",
        {**INTEGER, "multipleOf": 2},
        {**INTEGER, "multipleOf": 3},
        "number.multiple",
        "WIRE major",
        NONE,
    ),
    ("more elements", _list(maxItems=2), _list(maxItems=3), "list.length", "WIRE major", NEW),
    ("fewer elements", _list(), _list(maxItems=3), "list.length", "WIRE major", OLD),
    ("at least one element", _list(), _list(minItems=1), "list.length", "WIRE major", OLD),
    ("no duplicates", _list(), _list(uniqueItems=True), "list.unique", "WIRE major", OLD),
    ("duplicates", _list(uniqueItems=True), _list(), "list.unique", "WIRE major", NEW),
    ("other elements", _list(TEXT), _list(NUMBER), "type.changed", "WIRE major", NONE),
    ("other keys", _map(), _map(keys="^[a-f]+$"), "map.keys", "WIRE major", NONE),
    ("other values", _map(), _map(values=NUMBER), "type.changed", "WIRE major", NONE),
    ("at least one entry", _map(), _map(minProperties=1), "map.size", "WIRE major", OLD),
    ("more entries", _map(maxProperties=1), _map(), "map.size", "WIRE major", NEW),
    (
        "a key more in a union",
        _keyed("a", "b"),
        _keyed("a", "b", "c"),
        "union.branch-added",
        "WIRE major",
        NEW,
    ),
    (
        "a key less in a union",
        _keyed("a", "b", "c"),
        _keyed("a", "b"),
        "union.branch-removed",
        "WIRE major",
        OLD,
    ),
    (
        "a tag more in a union",
        {"oneOf": [_tagged("a"), _tagged("b")]},
        {"oneOf": [_tagged("a"), _tagged("b"), _tagged("c")]},
        "union.branch-added",
        "WIRE major",
        NEW,
    ),
    (
        "a field more in a branch",
        {"oneOf": [_tagged("a"), _tagged("b")]},
        {"oneOf": [_tagged("a", x=TEXT), _tagged("b")]},
        "field.added",
        "WIRE minor",
        BOTH,
    ),
    (
        "told apart otherwise",
        _keyed("a", "b"),
        {"oneOf": [_tagged("a"), _tagged("b")]},
        "union.tag",
        "WIRE major",
        NONE,
    ),
    ("typed by another", _any("x"), _any("y"), "any.typed-by", "WIRE major", NONE),
    ("inlined", {"$ref": TIME}, TEXT, "ref.retargeted", "WIRE major", NEW),
    ("another class name", ITEM, {**ITEM, "title": "Part"}, "name.changed", "SOURCE minor", BOTH),
    (
        "an inner field is added",
        ITEM,
        {**ITEM, "properties": {"y": TEXT}},
        "field.added",
        "WIRE minor",
        BOTH,
    ),
    (
        "an inner object takes other fields",
        ITEM,
        {**ITEM, "additionalProperties": True},
        "object.opened",
        "WIRE minor",
        BOTH,
    ),
    (
        "an inner object takes no other fields",
        {**ITEM, "additionalProperties": True},
        ITEM,
        "object.closed",
        "WIRE major",
        BOTH,
    ),
    (
        "another unit",
        {**NUMBER, "x-mfg-unit": "mm"},
        {**NUMBER, "x-mfg-unit": "m"},
        "unit.changed",
        "SEMANTIC major",
        BOTH,
    ),
    (
        "the unit comes from elsewhere",
        {**NUMBER, "x-mfg-unitFrom": "a"},
        {**NUMBER, "x-mfg-unitFrom": "b"},
        "unit-from.changed",
        "SEMANTIC major",
        BOTH,
    ),
    (
        "another quantity",
        {**NUMBER, "x-mfg-quantity": "mass"},
        {**NUMBER, "x-mfg-quantity": "force"},
        "quantity.changed",
        "SEMANTIC major",
        BOTH,
    ),
    (
        "a mapping comes",
        TEXT,
        {**TEXT, "x-mfg-mappings": [MAPPED]},
        "mapping.added",
        "DOC patch",
        BOTH,
    ),
    (
        "a mapping goes",
        {**TEXT, "x-mfg-mappings": [MAPPED]},
        TEXT,
        "mapping.removed",
        "SEMANTIC major",
        BOTH,
    ),
    (
        "a mapping is weaker",
        {**TEXT, "x-mfg-mappings": [MAPPED]},
        {**TEXT, "x-mfg-mappings": [{**MAPPED, "relation": "narrow"}]},
        "mapping.relation",
        "SEMANTIC major",
        BOTH,
    ),
    (
        "a mapping names another version",
        {**TEXT, "x-mfg-mappings": [MAPPED]},
        {**TEXT, "x-mfg-mappings": [{**MAPPED, "version": "2.4"}]},
        "mapping.version",
        "DOC patch",
        BOTH,
    ),
    (
        "a mapping says what is lost",
        {**TEXT, "x-mfg-mappings": [MAPPED]},
        {**TEXT, "x-mfg-mappings": [{**MAPPED, "loss": "The colour."}]},
        "mapping.loss",
        "DOC patch",
        BOTH,
    ),
    (
        "a field is deprecated",
        TEXT,
        {**TEXT, "x-mfg-deprecated": {"since": "1.1.0"}},
        "deprecated.declared",
        "DOC minor",
        BOTH,
    ),
    (
        "a deprecation names a replacement",
        {**TEXT, "x-mfg-deprecated": {"since": "1.1.0"}},
        {**TEXT, "x-mfg-deprecated": {"since": "1.1.0", "replacedBy": "y"}},
        "deprecated.changed",
        "DOC patch",
        BOTH,
    ),
    (
        "a deprecation is taken back",
        {**TEXT, "x-mfg-deprecated": {"since": "1.1.0"}},
        TEXT,
        "deprecated.withdrawn",
        "DOC patch",
        BOTH,
    ),
    (
        "another label",
        {**TEXT, "x-mfg-label": {"en": "A", "ko": "가"}},
        {**TEXT, "x-mfg-label": {"en": "A", "ko": "나"}},
        "label.changed",
        "DOC patch",
        BOTH,
    ),
    (
        "another description",
        {**TEXT, "description": "One."},
        {**TEXT, "description": "Two."},
        "description.changed",
        "DOC patch",
        BOTH,
    ),
    (
        "another example that Python calls equal",
        {**NUMBER, "examples": [1]},
        {**NUMBER, "examples": [True]},
        "examples.changed",
        "DOC patch",
        BOTH,
    ),
    (
        "another permanent term",
        {**TEXT, "x-mfg-term": "urn:a:b"},
        {**TEXT, "x-mfg-term": "urn:a:c"},
        "term.changed",
        "SEMANTIC major",
        BOTH,
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "kind", "verdict", "reads"),
    [pytest.param(*each[1:], id=each[0]) for each in FIELD],
)
def test_a_change_of_a_field_is_what_the_table_says(
    before: Any, after: Any, kind: str, verdict: str, reads: tuple[bool, bool]
) -> None:
    old, new = ({} if each is None else {"x": copy.deepcopy(each)} for each in (before, after))
    (change,) = _compare(_object(old), _object(new))
    assert change.kind == kind
    assert f"{change.category} {change.bump}" == verdict
    assert (change.old_reads_new, change.new_reads_old) == reads
    assert change.pointer.startswith("/x")


LEAF = {"allOf": [{"$ref": BASE}], "type": "object", "unevaluatedProperties": False}

#: A whole schema before and after.
WHOLE: list[tuple[str, Any, Any, list[tuple[str, str, tuple[bool, bool]]]]] = [
    (
        "a compulsory field is added",
        _object({}),
        _object({"x": TEXT}, "x"),
        [("field.added-required", "WIRE major", OLD)],
    ),
    (
        "a compulsory field is removed",
        _object({"x": TEXT}, "x"),
        _object({}),
        [("field.removed", "WIRE major", NEW)],
    ),
    (
        "a field becomes compulsory",
        _object({"x": TEXT}),
        _object({"x": TEXT}, "x"),
        [("field.required", "WIRE major", OLD)],
    ),
    (
        "a field becomes optional",
        _object({"x": TEXT}, "x"),
        _object({"x": TEXT}),
        [("field.optional", "WIRE major", NEW)],
    ),
    (
        "a declared rename",
        _object({"x": {**TEXT, "x-mfg-deprecated": {"since": "1.1.0", "replacedBy": "y"}}}),
        _object({"y": TEXT}),
        [
            ("deprecated.withdrawn", "DOC patch", BOTH),
            ("field.renamed", "WIRE major", BOTH),
        ],
    ),
    (
        "a rename that nobody declared",
        _object({"x": TEXT}),
        _object({"y": TEXT}),
        [("field.removed", "WIRE major", BOTH), ("field.added", "WIRE minor", BOTH)],
    ),
    (
        "a deprecated field goes after its replacement came",
        _object(
            {
                "x": {**TEXT, "x-mfg-deprecated": {"since": "1.1.0", "replacedBy": "/y"}},
                "y": TEXT,
            }
        ),
        _object({"y": TEXT}),
        [("field.renamed", "WIRE major", BOTH)],
    ),
    ("the order of fields", _object({"x": TEXT, "y": TEXT}), _object({"y": TEXT, "x": TEXT}), []),
    ("the order of words", _object({"x": _enum("a", "b")}), _object({"x": _enum("b", "a")}), []),
    ("nothing", _object({"x": TEXT}), _object({"x": TEXT}), []),
    ("a limit that limits nothing", _object({"x": _list()}), _object({"x": _list(minItems=0)}), []),
    (
        "it becomes a base",
        _object({"x": TEXT}),
        {**_object({"x": TEXT}), "x-mfg-abstract": True},
        [("schema.abstract", "WIRE major", OLD)],
    ),
    (
        "it becomes a document",
        {**_object({"x": TEXT}), "x-mfg-abstract": True},
        _object({"x": TEXT}),
        [("schema.concrete", "WIRE minor", NEW)],
    ),
    (
        "another base",
        LEAF,
        _object({"id": TEXT}, "id"),
        [("base.changed", "SEMANTIC major", BOTH)],
    ),
    (
        "a compulsory field of the base",
        {**LEAF},
        {**LEAF, "required": ["id"]},
        [],
    ),
    (
        "a promise",
        {**_object({}), "x-mfg-stability": "experimental"},
        _object({}),
        [("stability.promised", "DOC minor", BOTH)],
    ),
    (
        "a broken promise",
        _object({}),
        {**_object({}), "x-mfg-stability": "experimental"},
        [("stability.withdrawn", "SEMANTIC major", BOTH)],
    ),
    (
        "another since",
        _object({}),
        {**_object({}), "x-mfg-since": "1.1.0"},
        [("since.changed", "DOC patch", BOTH)],
    ),
    (
        "another term",
        _object({}),
        {**_object({}), "x-mfg-term": "urn:a:b"},
        [("term.changed", "SEMANTIC major", BOTH)],
    ),
    (
        "another title of the schema",
        _object({}),
        {**_object({}), "title": "Pumpe"},
        [("name.changed", "SOURCE minor", BOTH)],
    ),
    (
        "another title of a schema that is no object",
        TEXT,
        {**TEXT, "title": "Pumpe"},
        [("name.changed", "SOURCE minor", BOTH)],
    ),
    (
        "a mapping that says that nothing corresponds",
        {**_object({}), "x-mfg-mappings": [{**MAPPED, "relation": "none"}]},
        _object({}),
        [("mapping.loss", "DOC patch", BOTH)],
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "expected"), [pytest.param(*each[1:], id=each[0]) for each in WHOLE]
)
def test_a_change_of_a_schema_is_what_the_table_says(
    before: Any, after: Any, expected: list[tuple[str, str, tuple[bool, bool]]]
) -> None:
    found = [
        (each.kind, f"{each.category} {each.bump}", (each.old_reads_new, each.new_reads_old))
        for each in _compare(copy.deepcopy(before), copy.deepcopy(after))
    ]
    assert found == expected


def test_every_kind_of_change_has_its_case() -> None:
    """A kind without a case is one that nobody has thought through."""
    here = {each[3] for each in FIELD} | {kind for each in WHOLE for kind, _, _ in each[3]}
    below = {
        "schema.added",
        "schema.removed",
        "schema.superseded",
        "schema.reached",
        "rule.added",
        "rule.added-mildly",
        "rule.removed",
        "rule.changed",
        "rule.reworded",
        "data.added",
        "data.changed",
        "data.reworded",
    }
    assert here | below == set(KINDS)


def test_wire_and_semantic_changes_are_majors_but_for_what_readers_let_pass() -> None:
    minor = {
        kind
        for kind, row in KINDS.items()
        if row.category in (Category.WIRE, Category.SEMANTIC) and row.bump is not Bump.MAJOR
    }
    assert minor == {
        "schema.added",
        "schema.concrete",
        "field.added",
        "code.word-added",
        "object.opened",
        "rule.added-mildly",
        "data.added",
    }
    assert all(
        row.bump < Bump.MAJOR
        for row in KINDS.values()
        if row.category in (Category.SOURCE, Category.DOC)
    )


def test_every_annotation_is_compared() -> None:
    """A new field of ``Notes`` must be classified before it can be used."""
    seen: dict[str, Any] = {
        "description": ("a", "b"),
        "label": ("a", "b"),
        "examples": ((), (1,)),
        "term": (None, "b"),
        "unit": (None, "mm"),
        "unit_from": (None, "b"),
        "quantity": (None, "b"),
        "stability": (None, "stable"),
        "since": (None, "1.0.0"),
        "deprecated": (None, "b"),
        "mappings": None,
    }
    assert set(seen) == {each.name for each in fields(Notes)}
    for name, values in seen.items():
        if values is not None:
            old, new = (Notes(**{name: each}) for each in values)
            assert len(list(notes(old, new))) == 1, name


def test_every_part_of_a_schema_is_compared() -> None:
    compared = {"name", "node", "notes", "base", "abstract", "version"}
    identity = {"id", "slug", "domain", "path"}
    assert compared | identity == {each.name for each in fields(Resolved)}


def _report(old: Edition, new: Edition) -> Report:
    return compare(old, new)


@pytest.mark.parametrize(
    ("version", "bump", "expected"),
    [
        ("1.2.3", Bump.NONE, "1.2.3"),
        ("1.2.3", Bump.PATCH, "1.2.4"),
        ("1.9.3", Bump.MINOR, "1.10.0"),
        ("1.2.3", Bump.MAJOR, None),
    ],
)
def test_a_version_takes_one_step(version: str, bump: Bump, expected: str | None) -> None:
    assert step(version, bump) == expected


@pytest.mark.parametrize(
    ("change", "version", "holds"),
    [
        ({}, "1.0.0", True),
        ({}, "1.0.1", False),
        ({"y": TEXT}, "1.1.0", True),
        ({"y": TEXT}, "1.0.0", False),
        ({"y": TEXT}, "1.0.1", False),
        ({"y": TEXT}, "2.0.0", False),
        ({"x": {**TEXT, "description": "New."}}, "1.0.1", True),
        ({"x": {**TEXT, "description": "New."}}, "1.1.0", False),
        ({"x": NUMBER}, "2.0.0", False),
        ({"x": NUMBER}, "1.1.0", False),
    ],
)
def test_the_author_has_no_say_in_the_version(
    change: dict[str, Any], version: str, holds: bool
) -> None:
    old = _edition("old", _object({"x": TEXT}))
    new = _edition("new", {**_object({"x": TEXT, **change}), "x-mfg-version": version})
    assert _report(old, new).holds is holds


def test_a_major_has_an_id_of_its_own() -> None:
    old = _edition("old", _object({"x": TEXT}))
    second = PUMP.replace("/1", "/2")
    for version, holds in (("2.0.0", True), ("1.1.0", False), ("2.1.0", False)):
        body = {**_object({"x": NUMBER}), "x-mfg-version": version, "$id": second}
        authored = {each: old.authored[each] for each in (BASE, TIME)}
        report = _report(old, Edition("new", {**authored, second: _schema(second, **body)}))
        assert report.holds is holds
        assert report.required is Bump.MAJOR
        (verdict,) = report.verdicts
        assert [each.kind for each in verdict.changes] == ["schema.superseded", "type.changed"]
        assert not verdict.new_reads_old


def test_a_schema_comes_and_goes() -> None:
    old = _edition("old", _object({}))
    new = _edition("new", _object({}), valve=_schema(OTHER, **_object({})))
    (added,) = _report(old, new).verdicts
    assert (added.required, added.expected, added.holds) == (Bump.MINOR, "1.0.0", True)
    (removed,) = _report(new, old).verdicts
    assert (removed.required, removed.new_reads_old) == (Bump.MAJOR, False)
    assert _report(new, old).required is Bump.MAJOR


def test_an_incompatible_change_reaches_those_who_refer_to_it() -> None:
    pump = _object({"times": _list({"$ref": TIME})})
    old, new = _edition("old", pump), _edition("new", pump)
    new.authored[TIME]["pattern"] = "^(now|then|never)$"
    by_id = {each.schema: each for each in _report(old, new).verdicts}
    assert set(by_id) == {TIME, PUMP}
    (change,) = by_id[PUMP].changes
    assert (change.kind, change.pointer, change.via) == ("schema.reached", "/times/*", TIME)
    assert (change.old_reads_new, change.new_reads_old) == (False, True)
    assert by_id[PUMP].expected is None


def test_a_compatible_change_does_not_re_version_those_who_refer_to_it() -> None:
    pump = _object({"times": _list({"$ref": TIME})})
    old, new = _edition("old", pump), _edition("new", pump)
    new.authored[TIME]["description"] = "Typo mended."
    assert [each.schema for each in _report(old, new).verdicts] == [TIME]


def test_a_compatible_change_of_a_base_does_not_re_version_its_leaves() -> None:
    old, new = _edition("old", LEAF), _edition("new", LEAF)
    new.authored[BASE]["properties"]["x"] = TEXT
    (verdict,) = _report(old, new).verdicts
    assert (verdict.schema, verdict.required) == (BASE, Bump.MINOR)
    assert (verdict.old_reads_new, verdict.new_reads_old) == BOTH


def test_an_incompatible_change_of_a_base_reaches_its_leaves() -> None:
    old, new = _edition("old", LEAF), _edition("new", LEAF)
    new.authored[BASE]["properties"]["id"] = NUMBER
    by_id = {each.schema: each for each in _report(old, new).verdicts}
    (change,) = by_id[PUMP].changes
    assert (change.kind, change.pointer, change.via) == ("type.changed", "/id", BASE)


def test_a_leaf_that_makes_a_field_of_its_base_compulsory_changed_itself() -> None:
    base = {"x-mfg-abstract": True, "type": "object", "properties": {"id": TEXT}}
    old, new = _edition("old", LEAF), _edition("new", {**LEAF, "required": ["id"]})
    for each in (old, new):
        each.authored[BASE] = _schema(BASE, **base)
    (verdict,) = _report(old, new).verdicts
    assert [each.kind for each in verdict.changes] == ["field.required"]


RULE = {
    "id": "equipment.pump.runs",
    "entity": "equipment/pump",
    "severity": "error",
    "sentence": {"en": "It runs.", "ko": "작동합니다."},
    "check": "this.x == 1.0",
    "pass": [],
}


@pytest.mark.parametrize(
    ("old", "new", "kind", "bump"),
    [
        ([], [RULE], "rule.added", Bump.MAJOR),
        ([], [{**RULE, "severity": "warning"}], "rule.added-mildly", Bump.MINOR),
        ([], [{**RULE, "entity": "equipment/fan"}], "rule.added-mildly", Bump.MINOR),
        ([RULE], [], "rule.removed", Bump.MAJOR),
        ([RULE], [{**RULE, "check": "this.x == 2.0"}], "rule.changed", Bump.MAJOR),
        ([RULE], [{**RULE, "severity": "warning"}], "rule.changed", Bump.MAJOR),
        ([RULE], [{**RULE, "when": "has(this.y)"}], "rule.changed", Bump.MAJOR),
        ([RULE], [{**RULE, "sentence": {"en": "Runs.", "ko": "돕니다."}}], "rule.reworded", 1),
        ([RULE], [{**RULE, "pass": [{"example": "a"}]}], "rule.reworded", Bump.PATCH),
        ([RULE], [RULE], None, Bump.NONE),
    ],
)
def test_a_change_of_a_rule_is_what_the_table_says(
    old: Any, new: Any, kind: str | None, bump: Bump
) -> None:
    assert _content("rules/equipment", old, new) == (kind, bump)


TABLE = {"title": "Words", "entries": [{"id": "a", "value": 1, "label": {"en": "A"}}]}
LONGER = {"title": "Words", "entries": [{"id": "b", "value": 2}, *TABLE["entries"]]}


@pytest.mark.parametrize(
    ("path", "old", "new", "kind", "bump"),
    [
        ("vocabularies/a", None, TABLE, "data.added", Bump.MINOR),
        ("vocabularies/a", TABLE, None, "data.changed", Bump.MAJOR),
        ("vocabularies/a", TABLE, LONGER, "data.added", Bump.MINOR),
        ("vocabularies/a", LONGER, TABLE, "data.changed", Bump.MAJOR),
        ("vocabularies/a", TABLE, {**TABLE, "title": "W"}, "data.reworded", Bump.PATCH),
        (
            "vocabularies/a",
            TABLE,
            {**TABLE, "entries": [{"id": "a", "value": 2, "label": {"en": "A"}}]},
            "data.changed",
            Bump.MAJOR,
        ),
        (
            "vocabularies/a",
            TABLE,
            {**TABLE, "entries": [{"id": "a", "value": True, "label": {"en": "A"}}]},
            "data.changed",
            Bump.MAJOR,
        ),
        ("machines/a", TABLE, LONGER, "data.changed", Bump.MAJOR),
        ("vocabularies/a", ["x"], ["y", "x"], "data.added", Bump.MINOR),
        ("vocabularies/a", ["x", "y"], ["y"], "data.changed", Bump.MAJOR),
        ("profile", TABLE, LONGER, "data.reworded", Bump.PATCH),
        ("vocabularies/a", [1], [1.0], None, Bump.NONE),
        ("vocabularies/a", TABLE, TABLE, None, Bump.NONE),
    ],
)
def test_a_change_of_a_table_is_what_the_table_says(
    path: str, old: Any, new: Any, kind: str | None, bump: Bump
) -> None:
    assert _content(path, old, new) == (kind, bump)


def _content(path: str, old: Any, new: Any) -> tuple[str | None, Bump]:
    editions = []
    for name, content in (("old", old), ("new", new)):
        edition = _edition(name, _object({}))
        beside = {} if content is None else {path: content}
        editions.append(Edition(name, edition.authored, beside))
    report = compare(*editions)
    assert not report.verdicts
    assert len(report.content) <= 1
    return (report.content[0].kind if report.content else None), report.required


def test_a_changed_rule_shows_only_what_changed() -> None:
    edition = _edition("old", _object({}))
    old = Edition("old", edition.authored, {"rules/a": [RULE]})
    new = Edition("new", edition.authored, {"rules/a": [{**RULE, "check": "true"}]})
    (change,) = compare(old, new).content
    assert (change.before, change.after) == ('check: "this.x == 1.0"', 'check: "true"')
