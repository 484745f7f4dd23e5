from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mfgstd.errors import SchemaError, UnknownSchema
from mfgstd.standard import catalogue
from mfgstd.standard.resolved import (
    AnyObject,
    Array,
    Boolean,
    Constant,
    Enumeration,
    Integer,
    Map,
    Node,
    Number,
    Object,
    OpenCode,
    Ref,
    Text,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mfgstd.standard import Catalogue

    Author = Callable[..., Catalogue]

URI = "https://w3id.org/mfgstd/primitives/"


def _fields(author: Author, **properties: dict[str, Any]) -> dict[str, Node]:
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    node = author(equipment__pump=schema).find("pump").node
    assert isinstance(node, Object)
    return {each.name: each.node for each in node}


def test_every_scalar_keyword_of_the_profile_is_read(author: Author) -> None:
    fields = _fields(
        author,
        text={"type": "string", "pattern": "^a$", "minLength": 1, "maxLength": 9, "format": "uri"},
        constant={"type": "string", "const": "1.0"},
        words={"type": "string", "enum": ["on", "off"]},
        code={"type": "string", "pattern": "^(on)$", "x-mfg-openCode": ["on"]},
        number={"type": "number", "minimum": 0, "exclusiveMaximum": 2.5},
        integer={"type": "integer", "minimum": 1, "maximum": 1000, "multipleOf": 5},
        boolean={"type": "boolean"},
    )
    assert fields["text"] == Text(pattern="^a$", format="uri", min_length=1, max_length=9)
    assert fields["constant"] == Constant("1.0")
    assert fields["number"] == Number(minimum=0, exclusive_maximum=2.5)
    assert fields["integer"] == Integer(minimum=1, maximum=1000, multiple_of=5)
    assert fields["boolean"] == Boolean()
    words, code = fields["words"], fields["code"]
    assert isinstance(words, Enumeration)
    assert [word.value for word in words.words] == ["on", "off"]
    assert isinstance(code, OpenCode)
    assert [word.value for word in code.words] == ["on"]
    assert code.pattern == "^(on)$"


def test_every_container_of_the_profile_is_read(author: Author) -> None:
    fields = _fields(
        author,
        array={"type": "array", "items": {"type": "boolean"}, "minItems": 1, "uniqueItems": True},
        map={
            "type": "object",
            "propertyNames": {"pattern": "^[a-z]+$"},
            "additionalProperties": {"type": "number"},
            "minProperties": 1,
        },
        typed={"type": "object", "x-mfg-typedBy": "dataschema"},
        inline={
            "type": "object",
            "title": "PumpPart",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": False,
        },
    )
    assert fields["array"] == Array(items=Boolean(), min_items=1, unique=True)
    assert fields["map"] == Map(values=Number(), key_pattern="^[a-z]+$", min_properties=1)
    assert fields["typed"] == AnyObject(typed_by="dataschema")
    inline = fields["inline"]
    assert isinstance(inline, Object)
    assert (inline.title, inline.required, inline.closed) == ("PumpPart", ("name",), True)


def _branch(title: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "title": title,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def test_branches_are_told_apart_by_their_single_key(author: Author) -> None:
    union = {
        "oneOf": [_branch("A", a={"type": "number"}), _branch("B", b={"type": "string"})],
    }
    node = author(primitives__either=union).find("either").node
    assert isinstance(node, Union)
    assert (node.how, node.by, node.tags) == ("key", "", ("a", "b"))


def test_branches_are_told_apart_by_a_constant(author: Author) -> None:
    size = {"type": "number"}
    union = {
        "oneOf": [
            _branch("A", size=size, kind={"type": "string", "const": "a"}),
            _branch("B", size=size, kind={"type": "string", "const": "b"}),
        ],
    }
    node = author(primitives__either=union).find("either").node
    assert isinstance(node, Union)
    assert (node.how, node.by, node.tags) == ("const", "kind", ("a", "b"))


def test_branches_that_nothing_tells_apart_are_refused(author: Author) -> None:
    same = [_branch("A", a={"type": "number"}), _branch("B", a={"type": "string"})]
    with pytest.raises(SchemaError, match="tells apart"):
        author(primitives__either={"oneOf": same}).find("either")


def test_a_leaf_has_the_fields_of_its_base_first_and_may_make_them_compulsory(
    author: Author,
) -> None:
    base = {
        "type": "object",
        "x-mfg-abstract": True,
        "properties": {"id": {"type": "string"}, "note": {"type": "string"}},
        "required": ["id"],
    }
    leaf = {
        "type": "object",
        "allOf": [{"$ref": f"{URI}thing/1"}],
        "properties": {"speed": {"type": "number"}},
        "required": ["note"],
        "unevaluatedProperties": False,
    }
    pump = author(primitives__thing=base, equipment__pump=leaf).find("Pump")
    assert isinstance(pump.node, Object)
    assert [(each.name, each.required) for each in pump.node] == [
        ("id", True),
        ("note", True),
        ("speed", False),
    ]
    assert [each.inherited for each in pump.node] == [f"{URI}thing/1", f"{URI}thing/1", None]
    assert pump.base == f"{URI}thing/1"
    assert pump.is_entity


def test_what_extends_no_base_is_a_part_of_documents_and_no_document() -> None:
    travelling = {each.name for each in catalogue() if each.is_entity}
    assert {"CloudEvent", "DataItem", "Observation", "StateEvent"} <= travelling
    assert not travelling & {"EquipmentState", "ObservationRow", "Entity", "Record", "Quantity"}


@pytest.mark.parametrize(
    "keyword",
    ["if", "not", "patternProperties", "dependentSchemas", "prefixItems", "default", "nullable"],
)
def test_a_keyword_outside_the_profile_is_an_error_never_silence(
    author: Author, keyword: str
) -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": False, keyword: {}}
    with pytest.raises(SchemaError, match=keyword):
        author(equipment__pump=schema).find("pump")


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"type": ["string", "null"]}, "type"),
        ({"type": "null"}, "type"),
        ({"$ref": f"{URI}nowhere/1"}, "not there"),
        ({"type": "number", "multipleOf": 0.1}, "multipleOf"),
        ({"type": "string", "pattern": "^a$", "enum": ["a"]}, "pattern"),
    ],
)
def test_a_shape_outside_the_profile_is_refused_with_its_place(
    author: Author, field: dict[str, Any], said: str
) -> None:
    with pytest.raises(SchemaError, match=said) as raised:
        _fields(author, odd=field)
    assert raised.value.place is not None
    assert raised.value.place.item == "/properties/odd"


def test_a_base_of_a_base_is_refused(author: Author) -> None:
    first = {"type": "object", "properties": {}}
    second = {"type": "object", "allOf": [{"$ref": f"{URI}first/1"}], "properties": {}}
    third = {"type": "object", "allOf": [{"$ref": f"{URI}second/1"}], "properties": {}}
    standard = author(primitives__first=first, primitives__second=second, equipment__third=third)
    with pytest.raises(SchemaError, match="one level only"):
        standard.find("third")


def test_a_field_may_not_be_declared_twice(author: Author) -> None:
    base = {"type": "object", "properties": {"id": {"type": "string"}}}
    leaf = {
        "type": "object",
        "allOf": [{"$ref": f"{URI}thing/1"}],
        "properties": {"id": {"type": "string"}},
    }
    with pytest.raises(SchemaError, match="again"):
        author(primitives__thing=base, equipment__pump=leaf).find("pump")


def test_annotations_are_typed(author: Author) -> None:
    field = {
        "type": "string",
        "enum": ["on"],
        "description": "Whether it runs.",
        "x-mfg-description": {"ko": "가동 여부입니다."},
        "x-mfg-label": {"en": "Running", "ko": "가동"},
        "x-mfg-unit": "1",
        "x-mfg-deprecated": {"since": "1.2.0", "replacedBy": "state"},
        "x-mfg-mappings": [
            {"standard": "OPC UA", "version": "1.05", "path": "X", "relation": "close"}
        ],
        "x-mfg-words": {"on": {"x-mfg-label": {"en": "On", "ko": "켜짐"}}},
        "examples": ["on"],
    }
    schema = {"type": "object", "properties": {"running": field}, "additionalProperties": False}
    node = author(equipment__pump=schema).find("pump").node
    assert isinstance(node, Object)
    notes = node.properties[0].notes
    assert notes.description == ("Whether it runs.", "가동 여부입니다.")
    assert notes.label.ko == "가동"
    assert notes.unit == "1"
    assert notes.examples == ("on",)
    assert notes.deprecated is not None
    assert notes.deprecated.replaced_by == "state"
    assert notes.mappings[0].relation == "close"
    words = node.properties[0].node
    assert isinstance(words, Enumeration)
    assert words.words[0].label.ko == "켜짐"


def test_an_unknown_name_is_answered_with_near_ones(author: Author) -> None:
    standard = author(equipment__pump={"type": "string"})
    with pytest.raises(UnknownSchema, match=r"Did you mean: pump") as raised:
        standard.find("pmp")
    assert raised.value.exit_code == 2


def test_an_id_that_contradicts_its_file_is_refused(author: Author) -> None:
    schema = {"type": "string", "$id": "https://w3id.org/mfgstd/process/pump/1"}
    with pytest.raises(SchemaError, match="does not begin with"):
        author(equipment__pump=schema).find("pump")


def test_a_file_that_is_no_json_is_an_error_with_its_place(author: Author) -> None:
    standard = author(equipment__pump={"type": "string"})
    path = standard.folder / "equipment" / "pump.json"
    path.write_text('{"type":\n nonsense}')
    with pytest.raises(SchemaError) as raised:
        standard.find("pump")
    assert raised.value.place is not None
    assert raised.value.place.path == str(path)
    assert raised.value.place.line == 2


def test_every_reference_of_the_standard_resolves() -> None:
    schemas = {each.id: each for each in catalogue()}
    assert schemas

    def references(node: Node) -> list[str]:
        match node:
            case Ref(schema_id):
                return [schema_id]
            case Array(items):
                return references(items)
            case Map(values):
                return references(values)
            case Object():
                return [found for each in node for found in references(each.node)]
            case Union(branches):
                return [found for each in branches for found in references(each)]
            case _:
                return []

    for each in schemas.values():
        assert set(references(each.node)) <= set(schemas)
