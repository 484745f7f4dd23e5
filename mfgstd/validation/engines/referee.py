"""The referee: the authored schema as it stands, judged by the reference implementation.

Slow and exact. It takes another way than the row engine, on purpose: no lowering of ours stands
between the schema that was published and its verdict. Only what the profile adds is ours:

- ``x-mfg-openCode``: one of the words, or an absolute URI outside our namespace;
- ``pattern``: ``$`` is the very end; Python's own also matches before a last newline;
- an unbounded ``integer`` has 64 bits, a ``number`` is finite;
- ``allOf`` speaks of objects only, so that what is none is told of once;
- ``oneOf`` judges the branch that the document itself picks, instead of "none fits";
- tolerant: unknown fields and unknown words of open codes are let pass wherever they stand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator, TypeChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import create
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from mfgstd.validation.engines.messages import finding
from mfgstd.validation.location import escape
from mfgstd.validation.lowering import (
    INT64_MAX,
    INT64_MIN,
    OPEN_CODE_URI,
    OPEN_CODE_WORD,
    OWN_NAMESPACE,
    Strictness,
    absolute_end,
)

if TYPE_CHECKING:
    from mfgstd.finding import Finding
    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Resolved

_URI: Final = re.compile(absolute_end(OPEN_CODE_URI))
_WORD: Final = re.compile(absolute_end(OPEN_CODE_WORD))
_OWN: Final = re.compile(OWN_NAMESPACE)


class Referee:
    """One authored schema with its explanations."""

    def __init__(self, within: Catalogue, resolved: Resolved, strictness: Strictness) -> None:
        make = _validator_class(within, strictness)
        self._validator = make({"$ref": resolved.id}, registry=_registry(within))

    def is_valid(self, document: Any) -> bool:
        """Whether there is nothing to explain."""
        return next(self._validator.iter_errors(document), None) is None

    def explain(self, document: Any) -> Iterator[Finding]:
        """One finding for each thing that is wrong, in the order of the schema."""
        for error in self._validator.iter_errors(document):
            pointer = "".join(f"/{escape(str(each))}" for each in error.absolute_path)
            yield finding(
                rule=str(error.validator),
                allowed=error.validator_value,
                value=error.instance,
                schema=error.schema if isinstance(error.schema, Mapping) else {},
                pointer=pointer,
            )


@cache
def _registry(within: Catalogue) -> Registry[Any]:
    # Without `$schema`: it would make the library fall back to its own class at each reference.
    bare = {
        schema_id: {name: value for name, value in schema.items() if name != "$schema"}
        for schema_id, schema in within.authored.items()
    }
    return Registry().with_resources(
        (schema_id, DRAFT202012.create_resource(schema)) for schema_id, schema in bare.items()
    )


@cache
def _validator_class(within: Catalogue, strictness: Strictness) -> Any:
    ours = _Keywords(within.authored, strict=strictness is Strictness.STRICT)
    types: TypeChecker = Draft202012Validator.TYPE_CHECKER.redefine("number", _is_number)
    known = Draft202012Validator.VALIDATORS
    keywords: dict[str, Any] = {
        name: known[name]
        for name in (
            "$ref",
            "properties",
            "items",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "uniqueItems",
            "minProperties",
            "maxProperties",
        )
    }
    keywords |= {
        "allOf": ours.all_of,
        "type": ours.type_,
        "const": ours.const,
        "enum": ours.enum,
        "pattern": ours.pattern,
        "required": ours.required,
        "propertyNames": ours.property_names,
        "additionalProperties": ours.additional,
        "unevaluatedProperties": ours.unevaluated,
        "oneOf": ours.one_of,
        "x-mfg-openCode": ours.open_code,
    }
    return create(Draft202012Validator.META_SCHEMA, keywords, type_checker=types)


def _is_number(_checker: TypeChecker, value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _error(
    rule: str, allowed: Any, value: Any, schema: Mapping[str, Any], *path: str | int
) -> ValidationError:
    return ValidationError(
        "",
        path=path,
        validator=rule,
        validator_value=allowed,
        instance=value,
        schema=schema,
    )


class _Keywords:
    """The keywords that are ours, or that explain themselves better than the library does."""

    def __init__(self, authored: Mapping[str, Mapping[str, Any]], *, strict: bool) -> None:
        self._authored = authored
        self._strict = strict

    def type_(
        self, validator: Any, type_: str, value: Any, schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        if not validator.is_type(value, type_):
            yield _error("type", type_, value, schema)
        elif type_ == "integer":
            if "minimum" not in schema and value < INT64_MIN:
                yield _error("minimum", INT64_MIN, value, schema)
            if "maximum" not in schema and value > INT64_MAX:
                yield _error("maximum", INT64_MAX, value, schema)

    def all_of(
        self, validator: Any, bases: list[Mapping[str, Any]], value: Any, _schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        # What is no object is told of once, by the schema's own type, and not by its base again.
        if isinstance(value, dict):
            for index, base in enumerate(bases):
                yield from validator.descend(value, base, schema_path=index)

    def const(
        self, _validator: Any, only: str, value: Any, schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        if isinstance(value, str) and value != only:
            yield _error("const", only, value, schema)

    def enum(
        self, _validator: Any, words: list[str], value: Any, schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        if isinstance(value, str) and value not in words:
            yield _error("enum", words, value, schema)

    def open_code(
        self, _validator: Any, words: list[str], value: Any, schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        if not isinstance(value, str) or value in words:
            return
        if not self._strict and _WORD.search(value):
            return
        if not _URI.search(value) or _OWN.search(value):
            yield _error("x-mfg-openCode", words, value, schema)

    def pattern(
        self, _validator: Any, pattern: str, value: Any, schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        # An open code's pattern is a coarse copy for tools that do not know the keyword.
        if "x-mfg-openCode" in schema or not isinstance(value, str):
            return
        if not _compiled(pattern).search(value):
            yield _error("format" if "format" in schema else "pattern", pattern, value, schema)

    def required(
        self, _validator: Any, names: list[str], value: Any, schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        if isinstance(value, dict):
            for name in names:
                if name not in value:
                    yield _error("required", name, value, schema)

    def property_names(
        self, _validator: Any, names: Mapping[str, Any], value: Any, schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        if isinstance(value, dict):
            matches = _compiled(str(names["pattern"])).search
            for name in value:
                if not matches(name):
                    yield _error("propertyNames", names["pattern"], name, schema, name)

    def additional(
        self, validator: Any, others: Any, value: Any, schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        if not isinstance(value, dict):
            return
        if others is False:
            yield from self._unknown(value, schema)
            return
        for name, member in value.items():
            if name not in schema.get("properties", {}):
                yield from validator.descend(member, others, path=name)

    def unevaluated(
        self, _validator: Any, others: Any, value: Any, schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        # The library forgets a base's fields as soon as one of them is wrong, and would call
        # each of them unknown; which fields a schema evaluates follows from its text alone.
        if others is False and isinstance(value, dict):
            yield from self._unknown(value, schema)

    def _unknown(
        self, value: Mapping[str, Any], schema: Mapping[str, Any]
    ) -> Iterator[ValidationError]:
        if not self._strict:
            return
        known = self._fields(schema)
        for name, member in value.items():
            if name not in known:
                free = [each for each in known if each not in value]
                yield _error("unknown-field", free, member, schema, name)

    def _fields(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for base in schema.get("allOf", ()):
            fields |= self._fields(self._shape(base))
        fields.update(schema.get("properties", {}))
        return fields

    def _shape(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._authored[schema["$ref"]] if "$ref" in schema else schema

    def one_of(
        self,
        validator: Any,
        branches: list[Mapping[str, Any]],
        value: Any,
        schema: Mapping[str, Any],
    ) -> Iterator[ValidationError]:
        if not isinstance(value, dict):
            yield _error("type", "object", value, schema)
            return
        shapes = [self._fields(self._shape(each)) for each in branches]
        if all(len(shape) == 1 for shape in shapes):
            tags = [next(iter(shape)) for shape in shapes]
            picked = [index for index, tag in enumerate(tags) if tag in value]
            if len(picked) != 1:
                yield _error("oneOf", tags, value, schema)
                return
        else:
            by = next(name for name in shapes[0] if all("const" in s.get(name, {}) for s in shapes))
            if by not in value:
                yield _error("required", by, value, schema)
                return
            tags = [shape[by]["const"] for shape in shapes]
            if value[by] not in tags:
                yield _error("union-tag", tags, value[by], schema, by)
                return
            picked = [tags.index(value[by])]
        yield from validator.descend(value, branches[picked[0]], schema_path=picked[0])


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(absolute_end(pattern))
