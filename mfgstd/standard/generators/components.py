"""Schemas as the ``components`` of an API description: flattened JSON Schema, one name each.

Bases are merged and inline objects lifted out under their titles, because code generators follow
``allOf`` with ``unevaluatedProperties`` badly and invent names for what has none. What is left is
the part of JSON Schema that draft 07 and 2020-12 read alike, so both OpenAPI 3.1 and AsyncAPI 3
take it; they differ in :class:`Dialect` only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from mfgstd.errors import StandardError
from mfgstd.language import Text as Words
from mfgstd.standard.resolved import (
    AnyObject,
    Array,
    Boolean,
    Constant,
    Enumeration,
    Integer,
    Map,
    Node,
    Notes,
    Number,
    Object,
    OpenCode,
    Property,
    Ref,
    Resolved,
    Text,
    Union,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Schema: TypeAlias = dict[str, Any]

#: Where both kinds of description keep their schemas.
WHERE: Final = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an API description writes what the two do not share.

    ``beside_ref``: a reference may stand beside other keywords (2020-12); in draft 07 they would
    be ignored, so that the reference goes into an ``allOf``. ``discriminator``: the OpenAPI
    object with ``propertyName`` and ``mapping``; AsyncAPI has a bare name and no mapping, so that
    a constant in each branch says it better.
    """

    beside_ref: bool
    discriminator: bool


def components(schemas: Sequence[Resolved], dialect: Dialect) -> dict[str, Schema]:
    """Every named schema and every inline object: class name -> schema, sorted by name.

    Raises:
        StandardError: two things want the same name.
    """
    maker = _Maker({each.id: each for each in schemas}, dialect)
    for each in schemas:
        maker.add(each.name, maker.named(each))
    return dict(sorted(maker.made.items()))


def latest(schemas: Sequence[Resolved]) -> str:
    """The highest version among the schemas: the version of a description of them all."""
    return max(
        (each.version for each in schemas),
        key=lambda version: tuple(int(part) for part in version.split(".")),
        default="0.0.0",
    )


@dataclass
class _Maker:
    by_id: Mapping[str, Resolved]
    dialect: Dialect
    made: dict[str, Schema] = field(default_factory=dict)

    def add(self, name: str, schema: Schema) -> None:
        if self.made.setdefault(name, schema) != schema:
            raise StandardError(
                Words(
                    f"Two schemas want the component name {name!r}.",
                    f"두 스키마가 같은 컴포넌트 이름 {name!r}을(를) 씁니다.",
                )
            )

    def named(self, schema: Resolved) -> Schema:
        if isinstance(schema.node, Object):
            body = self.object(schema.node)
        else:
            body = self.node(schema.node)
        return {
            "title": schema.name,
            **_notes(schema.notes),
            "x-mfg-id": schema.id,
            "x-mfg-version": schema.version,
            **({"x-mfg-stability": each} if (each := schema.notes.stability) else {}),
            **body,
        }

    def object(self, node: Object) -> Schema:
        schema: Schema = {
            "type": "object",
            "properties": {each.name: self.property(each) for each in node},
        }
        if node.required:
            schema["required"] = list(node.required)
        if node.closed:
            schema["additionalProperties"] = False
        return schema

    def property(self, each: Property) -> Schema:
        notes = _notes(each.notes)
        match each.node:
            case Ref() | Object():
                return self.reference(each.node, notes)
            case other:
                return {**notes, **self.node(other)}

    def reference(self, node: Ref | Object, notes: Schema) -> Schema:
        """A reference with what is said of this one place."""
        there = self.node(node)
        if not notes or self.dialect.beside_ref:
            return {**there, **notes}
        return {"allOf": [there], **notes}

    def node(self, node: Node) -> Schema:
        match node:
            case Ref(schema_id):
                return {"$ref": WHERE + self.by_id[schema_id].name}
            case Object(title=title):
                self.add(title, {"title": title, **self.object(node)})
                return {"$ref": WHERE + title}
            case Text():
                return _given(
                    type="string",
                    format=node.format,
                    pattern=node.pattern,
                    minLength=node.min_length,
                    maxLength=node.max_length,
                )
            case Constant(value):
                return {"type": "string", "const": value}
            case Enumeration(words):
                values = [word.value for word in words]
                return {"type": "string", "enum": values, **_labels(words)}
            case OpenCode(words, pattern):
                values = [word.value for word in words]
                code = _given(type="string", pattern=pattern)
                return {**code, "x-mfg-openCode": values, **_labels(words)}
            case Number():
                return _given(
                    type="number",
                    format="double",
                    minimum=node.minimum,
                    maximum=node.maximum,
                    exclusiveMinimum=node.exclusive_minimum,
                    exclusiveMaximum=node.exclusive_maximum,
                )
            case Integer():
                return _given(
                    type="integer",
                    format=_width(node),
                    minimum=node.minimum,
                    maximum=node.maximum,
                    multipleOf=node.multiple_of,
                )
            case Boolean():
                return {"type": "boolean"}
            case Array():
                return _given(
                    type="array",
                    items=self.node(node.items),
                    minItems=node.min_items,
                    maxItems=node.max_items,
                    uniqueItems=node.unique or None,
                )
            case Map():
                return _given(
                    type="object",
                    propertyNames={"type": "string", "pattern": node.key_pattern},
                    additionalProperties=self.node(node.values),
                    minProperties=node.min_properties,
                    maxProperties=node.max_properties,
                )
            case Union():
                return self.union(node)
            case AnyObject("$schema"):
                uri = {"type": "string", "format": "uri"}
                return {"type": "object", "properties": {"$schema": uri}, "required": ["$schema"]}
            case AnyObject(typed_by):
                return {"type": "object", "x-mfg-typedBy": typed_by}
            case _:
                assert_never(node)

    def union(self, node: Union) -> Schema:
        branches = [self.node(each) for each in node.branches]
        schema: Schema = {"oneOf": branches}
        if node.how == "const" and self.dialect.discriminator:
            there = {tag: each["$ref"] for tag, each in zip(node.tags, branches, strict=True)}
            schema["discriminator"] = {"propertyName": node.by, "mapping": there}
        return schema


def _given(**keywords: Any) -> Schema:
    return {key: value for key, value in keywords.items() if value is not None}


def _width(node: Integer) -> str | None:
    """``int32`` or ``int64``, the two widths that code generators know."""
    low = node.minimum if node.minimum is not None else -(1 << 63)
    high = node.maximum if node.maximum is not None else (1 << 63) - 1
    for bits in (32, 64):
        if -(1 << (bits - 1)) <= low and high < 1 << (bits - 1):
            return f"int{bits}"
    return None


def _labels(words: Sequence[Word]) -> Schema:
    """What the words are called, where somebody said so."""
    labels = {each.value: each.label._asdict() for each in words if each.label.en}
    return {"x-mfg-words": labels} if labels else {}


def _notes(notes: Notes) -> Schema:
    return {
        **({"description": notes.description.en} if notes.description.en else {}),
        **({"x-mfg-label": notes.label._asdict()} if notes.label.en else {}),
        **({"x-mfg-description": {"ko": each}} if (each := notes.description.ko) else {}),
        **({"x-mfg-unit": notes.unit} if notes.unit is not None else {}),
        **({"x-mfg-unitFrom": notes.unit_from} if notes.unit_from is not None else {}),
        **({"x-mfg-quantity": notes.quantity} if notes.quantity is not None else {}),
        **({"deprecated": True} if notes.deprecated is not None else {}),
        **({"examples": list(notes.examples)} if notes.examples else {}),
    }
