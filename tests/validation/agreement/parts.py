"""The parts of a schema that have no parts of their own, as the authoring profile writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

#: The largest whole number, and the smallest, that the standard has.
_INT64: Final = range(-(2**63), 2**63)

#: The profile's keywords, and the type of the values that each is about.
ABOUT: Final = {
    "pattern": "string", "minLength": "string", "maxLength": "string",
    "minimum": "number", "maximum": "number", "multipleOf": "number",
    "exclusiveMinimum": "number", "exclusiveMaximum": "number",
    "items": "array", "minItems": "array", "maxItems": "array", "uniqueItems": "array",
    "properties": "object", "required": "object", "additionalProperties": "object",
    "unevaluatedProperties": "object", "propertyNames": "object", "allOf": "object",
    "oneOf": "object", "minProperties": "object", "maxProperties": "object",
}  # fmt: skip
#: Any text, in the words of every regular expression engine.
ANY: Final = "([a]|[^a])"

#: What the profile does not let a pattern say, because engines differ about it.
_UNSHARED: Final = re.compile(r"\\[A-Za-z0-9]|\(\?|[*+?}]\+|&&|\[\[")


class LeftOut(Exception):
    """Why a case cannot have the profile's shape; the text is the reason."""


def kind_of(value: Any) -> str:
    """The JSON type of a value; a whole number in any spelling is an ``integer``."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if math.isfinite(value) and value.is_integer() else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def kind_said(said: Mapping[str, Any], values: list[Any]) -> str:
    """The one type of a part: as said, else of its values, else of its keywords."""
    kind = said.get("type")
    if isinstance(kind, list):
        if len(kind) != 1:
            raise LeftOut("a value of several types")
        kind = kind[0]
    about = {ABOUT[key] for key in said if key in ABOUT}
    if kind == "null":
        raise LeftOut("null as a type: what is not known is absent")
    if kind is None:
        there = _one({kind_of(each) for each in values})
        if len(about) > 1:
            raise LeftOut("keywords about values of several types")
        if about and there and not _is(there, *about):
            raise LeftOut("an instance that a keyword is not about: a type would refuse it")
        kind = there or next(iter(about), "string")
    elif about - {kind, "number" if kind == "integer" else kind}:
        raise LeftOut("keywords about values of several types")
    return str(kind)


def _is(kind: str, about: str) -> bool:
    return kind == about or (kind, about) == ("integer", "number")


def _one(kinds: set[str]) -> str | None:
    """The one type of some values; ``None`` where there are none."""
    if kinds == {"integer", "number"}:
        return "number"
    if len(kinds) > 1:
        raise LeftOut("a list or place with values of several types")
    if "null" in kinds:
        raise LeftOut("a null where nothing forbids it: what is not known is absent")
    return next(iter(kinds), None)


def described(values: list[Any]) -> dict[str, Any]:
    """A node for values that the schema says nothing about."""
    kind = _one({kind_of(each) for each in values})
    match kind:
        case None:
            return {"type": "string"}
        case "array":
            return {"type": "array", "items": described([each for v in values for each in v])}
        case "object":
            names = {name: None for each in values for name in each}
            fields = {n: described([each[n] for each in values if n in each]) for n in names}
            return {
                "type": "object",
                "title": "Described",
                "properties": fields,
                "additionalProperties": False,
            }
        case _:
            # Beyond 64 bits only a double is left to hold it.
            return {"type": "number" if kind == "integer" else kind}


def worded(keyword: str, said: Mapping[str, Any]) -> dict[str, Any]:
    if set(said) - {keyword, "type"} or said.get("type", "string") != "string":
        raise LeftOut(f"`{keyword}` with other keywords beside it")
    words = said[keyword] if keyword == "enum" else [said[keyword]]
    if not words or not all(isinstance(each, str) for each in words):
        raise LeftOut(f"`{keyword}` of values that are no texts")
    return {"type": "string", keyword: said[keyword]}


def numeric(
    kind: str, said: Mapping[str, Any], values: list[Any], *, valid: bool
) -> dict[str, Any]:
    bounds = {key: each for key, each in said.items() if key not in {"type", "multipleOf"}}
    step = said.get("multipleOf")
    if step is not None:
        if kind_of(step) != "integer" or any(kind_of(each) == "number" for each in values):
            raise LeftOut("multiples of what is no whole number")
        if set(bounds) - {"minimum", "maximum"}:
            raise LeftOut("exclusive bounds of a whole number")
        bounds["multipleOf"] = int(step)
        kind = "integer"
    elif "type" not in said:
        kind = "number"
    whole = [each for each in values if kind_of(each) == "integer"]
    if kind == "integer":
        if {"exclusiveMinimum", "exclusiveMaximum"} & set(bounds):
            raise LeftOut("exclusive bounds of a whole number")
        if valid and any(each not in _INT64 for each in map(int, whole)):
            raise LeftOut("a whole number of more than 64 bits")
    return {"type": kind, **bounds}


def anchored(pattern: str) -> str:
    """The same pattern from end to end; the keyword looks for it anywhere."""
    if _UNSHARED.search(pattern):
        raise LeftOut("a pattern with syntax that engines do not share")
    if re.search(r"(?<!\\)[$^]", pattern.removeprefix("^").removesuffix("$")) or "|" in pattern:
        raise LeftOut("a pattern with anchors in the middle")
    before = "^" if pattern.startswith("^") else f"^{ANY}*"
    after = "$" if pattern.endswith("$") else f"{ANY}*$"
    return f"{before}{pattern.removeprefix('^').removesuffix('$')}{after}"
