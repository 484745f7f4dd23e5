"""From authored JSON to :class:`~mfgstd.standard.resolved.Resolved`, keyword by keyword.

What the profile does not allow is refused with its place, so that no generator or engine ever
meets a keyword that it would ignore.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mfgstd.errors import SchemaError
from mfgstd.finding import Place
from mfgstd.language import Text as Words
from mfgstd.standard.notes import ANNOTATIONS, read_notes, read_words
from mfgstd.standard.resolved import (
    NAMESPACE,
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
    Property,
    Ref,
    Resolved,
    Text,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADER = frozenset({"$schema", "$id", "x-mfg-version", "x-mfg-abstract"})


def resolve(authored: Mapping[str, Mapping[str, Any]], schema_id: str) -> Resolved:
    """Read one authored schema out of all of them (``$id`` -> document).

    Raises:
        SchemaError: a keyword or shape outside the authoring profile, with its pointer.
    """
    return _Reader(authored, schema_id).resolved()


class _Reader:
    def __init__(self, authored: Mapping[str, Mapping[str, Any]], schema_id: str) -> None:
        self._authored = authored
        self._id = schema_id

    def resolved(self) -> Resolved:
        schema = self._authored[self._id]
        domain, slug, _major = self._id.removeprefix(NAMESPACE).split("/")
        bare = {key: value for key, value in schema.items() if key not in _HEADER}
        base = self._base(schema)
        return Resolved(
            id=self._id,
            name=str(schema["title"]),
            slug=slug,
            domain=domain,
            version=str(schema["x-mfg-version"]),
            node=self._node(bare, ""),
            notes=read_notes(schema),
            base=base,
            abstract=bool(schema.get("x-mfg-abstract", False)),
        )

    def _base(self, schema: Mapping[str, Any]) -> str | None:
        bases = schema.get("allOf", [])
        return str(bases[0]["$ref"]) if bases else None

    def _node(self, schema: Mapping[str, Any], pointer: str) -> Node:
        if "$ref" in schema:
            self._only(schema, pointer, {"$ref"})
            if schema["$ref"] not in self._authored:
                raise self._error(f"refers to {schema['$ref']!r}, which is not there", pointer)
            return Ref(str(schema["$ref"]))
        if "oneOf" in schema:
            return self._union(schema, pointer)
        match schema.get("type"):
            case "string":
                return self._string(schema, pointer)
            case "number":
                allowed = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
                self._only(schema, pointer, {"type", *allowed})
                return Number(
                    minimum=schema.get("minimum"),
                    maximum=schema.get("maximum"),
                    exclusive_minimum=schema.get("exclusiveMinimum"),
                    exclusive_maximum=schema.get("exclusiveMaximum"),
                )
            case "integer":
                self._only(schema, pointer, {"type", "minimum", "maximum", "multipleOf"})
                return Integer(
                    minimum=schema.get("minimum"),
                    maximum=schema.get("maximum"),
                    multiple_of=schema.get("multipleOf"),
                )
            case "boolean":
                self._only(schema, pointer, {"type"})
                return Boolean()
            case "array":
                self._only(
                    schema, pointer, {"type", "items", "minItems", "maxItems", "uniqueItems"}
                )
                return Array(
                    items=self._node(schema["items"], f"{pointer}/items"),
                    min_items=schema.get("minItems"),
                    max_items=schema.get("maxItems"),
                    unique=bool(schema.get("uniqueItems", False)),
                )
            case "object":
                return self._object(schema, pointer)
            case other:
                raise self._error(
                    f"has the type {other!r}, which the profile does not know", pointer
                )

    def _string(self, schema: Mapping[str, Any], pointer: str) -> Node:
        if "const" in schema:
            self._only(schema, pointer, {"type", "const"})
            return Constant(str(schema["const"]))
        if "enum" in schema:
            self._only(schema, pointer, {"type", "enum"})
            return Enumeration(read_words(schema, schema["enum"]))
        if "x-mfg-openCode" in schema:
            self._only(schema, pointer, {"type", "pattern", "x-mfg-openCode"})
            return OpenCode(
                read_words(schema, schema["x-mfg-openCode"]), pattern=schema.get("pattern")
            )
        self._only(schema, pointer, {"type", "pattern", "format", "minLength", "maxLength"})
        return Text(
            pattern=schema.get("pattern"),
            format=schema.get("format"),
            min_length=schema.get("minLength"),
            max_length=schema.get("maxLength"),
        )

    def _object(self, schema: Mapping[str, Any], pointer: str) -> Node:
        if "x-mfg-typedBy" in schema:
            self._only(schema, pointer, {"type", "x-mfg-typedBy", "properties", "required"})
            return AnyObject(typed_by=str(schema["x-mfg-typedBy"]))
        if "propertyNames" in schema:
            allowed = {"propertyNames", "additionalProperties", "minProperties", "maxProperties"}
            self._only(schema, pointer, {"type", *allowed})
            return Map(
                values=self._node(
                    schema["additionalProperties"], f"{pointer}/additionalProperties"
                ),
                key_pattern=str(schema["propertyNames"]["pattern"]),
                min_properties=schema.get("minProperties"),
                max_properties=schema.get("maxProperties"),
            )
        allowed = {"type", "allOf", "properties", "required", "unevaluatedProperties"}
        self._only(schema, pointer, allowed | {"additionalProperties"})
        inherited: tuple[Property, ...] = ()
        if base := self._base(schema):
            inherited = self._inherit(base, pointer)
        required = set(schema.get("required", []))
        own = tuple(
            Property(
                name=name,
                node=self._node(each, f"{pointer}/properties/{name}"),
                required=name in required,
                notes=read_notes(each),
            )
            for name, each in schema.get("properties", {}).items()
        )
        # A leaf may make a field of its base compulsory by naming it in its own `required`.
        merged = (
            tuple(
                replace(each, required=each.required or each.name in required) for each in inherited
            )
            + own
        )
        names = [each.name for each in merged]
        if twice := {name for name in names if names.count(name) > 1}:
            raise self._error(f"declares {sorted(twice)} again, which its base has", pointer)
        if missing := required - set(names):
            raise self._error(f"requires {sorted(missing)}, which it does not declare", pointer)
        closed = (
            schema.get("unevaluatedProperties") is False
            or schema.get("additionalProperties") is False
        )
        return Object(title=str(schema.get("title", "")), properties=merged, closed=closed)

    def _inherit(self, base: str, pointer: str) -> tuple[Property, ...]:
        if base not in self._authored:
            raise self._error(f"extends {base!r}, which is not there", pointer)
        if "allOf" in self._authored[base]:
            raise self._error(f"extends {base!r}, which itself extends: one level only", pointer)
        node = resolve(self._authored, base).node
        if not isinstance(node, Object) or node.closed:
            raise self._error(f"extends {base!r}, which is not an open object", pointer)
        return tuple(replace(each, inherited=base) for each in node)

    def _union(self, schema: Mapping[str, Any], pointer: str) -> Union:
        self._only(schema, pointer, {"oneOf", "type"})
        branches: list[Ref | Object] = []
        shapes: list[Object] = []
        for index, each in enumerate(schema["oneOf"]):
            node = self._node(each, f"{pointer}/oneOf/{index}")
            shape = resolve(self._authored, node.id).node if isinstance(node, Ref) else node
            if not isinstance(node, Ref | Object) or not isinstance(shape, Object):
                raise self._error("has a branch that is not an object", f"{pointer}/oneOf/{index}")
            branches.append(node)
            shapes.append(shape)
        keys = [shape.properties[0].name for shape in shapes if len(shape.properties) == 1]
        if len(set(keys)) == len(shapes) and all(s.closed and s.required for s in shapes):
            return Union(tuple(branches), "key", "", tuple(keys))
        for candidate in shapes[0].required:
            tags = [
                field_.node.value
                for shape in shapes
                for field_ in shape
                if field_.name == candidate
                and field_.required
                and isinstance(field_.node, Constant)
            ]
            if len(set(tags)) == len(shapes):
                return Union(tuple(branches), "const", candidate, tuple(tags))
        raise self._error(
            "has branches that neither a constant nor a single key tells apart", pointer
        )

    def _only(self, schema: Mapping[str, Any], pointer: str, allowed: set[str]) -> None:
        unknown = set(schema) - allowed - ANNOTATIONS
        if unknown:
            raise self._error(
                f"has {sorted(unknown)}, which the profile does not allow here", pointer
            )

    def _error(self, text: str, pointer: str) -> SchemaError:
        return SchemaError(
            Words(f"The schema {text}.", f"스키마 오류: {text}."),
            place=Place(path=self._id, item=pointer or "/"),
        )
