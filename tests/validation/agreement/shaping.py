"""Cases of the public JSON Schema test suite, brought into the shape of the authoring profile.

The profile gives each value one type, each object named fields or names that are data, and tells
the branches of a choice apart. Much of the suite says the same without saying so: a schema without
``type`` is judged with an instance of one type. Such a schema gets the type of its instance, and a
field or element that it does not describe the type of the value that is there. That changes no
verdict: what a type would refuse is not there. Where it could change one, the case is left out,
with the reason. The whole is one field of an object, so that readers of documents can take it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mfgstd.standard.resolved import NAMESPACE
from tests.validation.agreement.parts import (
    ABOUT,
    ANY,
    LeftOut,
    anchored,
    described,
    kind_said,
    numeric,
    worded,
)

#: Says nothing about a value.
_NOTES: Final = frozenset({"$schema", "$comment", "title", "description", "default", "examples"})

_KNOWN: Final = frozenset({*ABOUT, "type", "const", "enum", "$ref", "$defs"})


@dataclass(slots=True)
class Shape:
    """Schemas by name, all of them authored as the profile wants; ``whole`` holds the instance."""

    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)
    closed: bool = False
    """Whether the case forbids members; where it does not it is judged tolerantly."""


def shaped(schema: Any, instance: Any, *, valid: bool, prefix: str) -> Shape:
    """The schemas of one case, named by ``prefix``.

    Raises:
        LeftOut: the case needs something that the profile has not.
    """
    return _Shaper(schema, instance, valid=valid, prefix=prefix).shape()


class _Shaper:
    def __init__(self, schema: Any, instance: Any, *, valid: bool, prefix: str) -> None:
        self._root = schema
        self._instance = instance
        self._valid = valid
        self._prefix = prefix
        self._made = Shape()
        #: The values that come to be judged by each part of the schema, by its pointer.
        self._values: dict[str, list[Any]] = {}
        self._names: dict[str, str] = {}

    def shape(self) -> Shape:
        for keyword in sorted(_keywords(self._root)):
            raise LeftOut(f"the keyword `{keyword}`")
        self._made.closed = _closes(self._root)
        self._reach("", self._root, self._instance)
        node = self._node("", self._root)
        self._made.schemas[self._prefix] = _whole(node)
        return self._made

    def _reach(self, pointer: str, schema: Any, value: Any) -> None:
        known = self._values.setdefault(pointer, [])
        if any(each is value for each in known):
            return
        known.append(value)
        if not isinstance(schema, dict):
            return
        if "$ref" in schema:
            target = self._target(schema["$ref"])
            self._reach(target, self._at(target), value)
        if isinstance(value, list) and "items" in schema:
            for each in value:
                self._reach(f"{pointer}/items", schema["items"], each)
        for index, part in enumerate(schema.get("allOf", ())):
            self._reach(f"{pointer}/allOf/{index}", part, value)
        for index, part in enumerate(schema.get("oneOf", ())):
            self._reach(f"{pointer}/oneOf/{index}", part, value)
        if isinstance(value, dict):
            named = schema.get("properties", {})
            for name, each in value.items():
                if name in named:
                    self._reach(f"{pointer}/properties/{name}", named[name], each)
                elif "additionalProperties" in schema:
                    others = f"{pointer}/additionalProperties"
                    self._reach(others, schema["additionalProperties"], each)

    def _target(self, reference: str) -> str:
        if reference == "#":
            return ""
        if not re.fullmatch(r"#/\$defs/[A-Za-z0-9_-]+", reference):
            raise LeftOut("a reference to a part, an anchor or another document")
        return reference[1:]

    def _at(self, pointer: str) -> Any:
        name = pointer.removeprefix("/$defs/")
        return self._root["$defs"][name] if pointer else self._root

    def _node(self, pointer: str, schema: Any) -> dict[str, Any]:
        """One part of the schema as a node of the profile."""
        values = self._values.get(pointer, [])
        if schema is False:
            raise LeftOut("a schema that refuses everything")
        if schema is True:
            schema = {}
        said = {key: each for key, each in schema.items() if key not in {*_NOTES, "$defs"}}
        if "$ref" in said:
            return self._reference(said)
        for keyword in ("const", "enum"):
            if keyword in said:
                return worded(keyword, said)
        kind = kind_said(said, values)
        if kind == "array":
            return self._array(pointer, said, values)
        if kind == "object":
            return self._object(pointer, said, values)
        if kind in {"number", "integer"}:
            return numeric(kind, said, values, valid=self._valid)
        node = {"type": kind, **{key: each for key, each in said.items() if key != "type"}}
        for keyword in ("minLength", "maxLength"):
            if keyword in node:
                node[keyword] = int(node[keyword])
        if "pattern" in node:
            node["pattern"] = anchored(node["pattern"])
        return node

    def _reference(self, said: Mapping[str, Any]) -> dict[str, Any]:
        if len(said) > 1:
            raise LeftOut("a reference with other keywords beside it")
        target = self._target(str(said["$ref"]))
        if target not in self._names:
            name = f"{self._prefix}-{len(self._names)}"
            self._names[target] = name
            self._made.schemas[name] = self._node(target, self._at(target))
        return {"$ref": f"{NAMESPACE}primitives/{self._names[target]}/1"}

    def _array(self, pointer: str, said: Mapping[str, Any], values: list[Any]) -> dict[str, Any]:
        elements = [each for value in values if isinstance(value, list) for each in value]
        node: dict[str, Any] = {"type": "array"}
        if "items" in said:
            node["items"] = self._node(f"{pointer}/items", said["items"])
        else:
            node["items"] = described(elements)
        for keyword in ("minItems", "maxItems"):
            if keyword in said:
                node[keyword] = int(said[keyword])
        if said.get("uniqueItems"):
            node["uniqueItems"] = True
        return node

    def _object(self, pointer: str, said: Mapping[str, Any], values: list[Any]) -> dict[str, Any]:
        holders = [each for each in values if isinstance(each, dict)]
        if "oneOf" in said:
            return self._choice(pointer, said)
        if "allOf" in said:
            return self._extension(pointer, said, holders)
        if not isinstance(said.get("unevaluatedProperties", False), bool):
            raise LeftOut("an object with both named fields and names that are data")
        sized = {key: int(said[key]) for key in ("minProperties", "maxProperties") if key in said}
        others = said.get("additionalProperties", said.get("unevaluatedProperties", True))
        if sized or "propertyNames" in said or not isinstance(others, bool):
            if "properties" in said or "required" in said or others is False:
                raise LeftOut("an object with both named fields and names that are data")
            return self._map(pointer, said, holders) | sized
        return {
            "type": "object",
            "title": "Shaped",
            **self._fields(pointer, said, holders),
            "additionalProperties": False,
        }

    def _fields(
        self, pointer: str, said: Mapping[str, Any], holders: list[dict[str, Any]]
    ) -> dict[str, Any]:
        named = said.get("properties", {})
        fields = {name: self._node(f"{pointer}/properties/{name}", named[name]) for name in named}
        required = list(said.get("required", []))
        others = said.get("additionalProperties", said.get("unevaluatedProperties", True))
        wanted = dict.fromkeys(required)
        if self._made.closed and others is True:
            # Judged strictly because of another object: what this one lets pass is named.
            wanted |= dict.fromkeys(name for each in holders for name in each)
        for name in wanted:
            if name not in fields:
                fields[name] = described([each[name] for each in holders if name in each])
        return {"properties": fields, **({"required": required} if required else {})}

    def _map(
        self, pointer: str, said: Mapping[str, Any], holders: list[dict[str, Any]]
    ) -> dict[str, Any]:
        others = said.get("additionalProperties", True)
        if isinstance(others, bool):
            node = described([each for holder in holders for each in holder.values()])
        else:
            node = self._node(f"{pointer}/additionalProperties", others)
        names = said.get("propertyNames", {})
        if isinstance(names, bool) or set(names) - {"pattern", "maxLength"} or len(names) > 1:
            raise LeftOut("names that are data and have more than a pattern")
        pattern = f"^{ANY}*$"
        if "pattern" in names:
            pattern = anchored(names["pattern"])
        elif "maxLength" in names:
            pattern = f"^{ANY}{{0,{int(names['maxLength'])}}}$"
        return {
            "type": "object",
            "propertyNames": {"pattern": pattern},
            "additionalProperties": node,
        }

    def _choice(self, pointer: str, said: Mapping[str, Any]) -> dict[str, Any]:
        if set(said) - {"oneOf", "type"}:
            raise LeftOut("a choice with other keywords beside it")
        branches, keys = [], set()
        for index, each in enumerate(said["oneOf"]):
            if not isinstance(each, dict) or len(each.get("properties", {})) != 1:
                raise LeftOut("a choice whose branches no single key tells apart")
            if each.get("required") != list(each["properties"]):
                raise LeftOut("a choice whose branches no single key tells apart")
            keys.update(each["properties"])
            # No branch closes itself: with both keys more than one fits, as in the profile.
            branches.append(self._node(f"{pointer}/oneOf/{index}", each))
        if len(keys) != len(branches):
            raise LeftOut("a choice whose branches no single key tells apart")
        return {"oneOf": branches}

    def _extension(
        self, pointer: str, said: Mapping[str, Any], holders: list[dict[str, Any]]
    ) -> dict[str, Any]:
        base, *more = said["allOf"]
        parts = [(f"{pointer}/allOf/{n + 1}", each) for n, each in enumerate(more)]
        own = {key: each for key, each in said.items() if key != "allOf"}
        if set(own) - {"type", "properties", "required", "unevaluatedProperties"}:
            raise LeftOut("a base with other keywords beside it")
        plain = {"type", "properties", "required", *_NOTES}
        for each in (base, *more):
            if not isinstance(each, dict) or "properties" not in each or set(each) - plain:
                raise LeftOut("a base that is not an open object with named fields")
        fields = self._fields(pointer, own, holders)
        for place, each in parts:
            one = self._fields(place, each, [])
            if set(one["properties"]) & set(fields["properties"]):
                raise LeftOut("a field that two schemas of one object describe")
            fields["properties"] |= one["properties"]
            fields["required"] = [*fields.get("required", []), *one.get("required", [])]
        name = f"{self._prefix}-base"
        if name in self._made.schemas:
            raise LeftOut("a base within a base")
        inherited = self._fields(f"{pointer}/allOf/0", base, [])
        if set(inherited["properties"]) & set(fields["properties"]):
            raise LeftOut("a field that two schemas of one object describe")
        self._made.schemas[name] = {"type": "object", "x-mfg-abstract": True, **inherited}
        leaf = f"{self._prefix}-leaf"
        self._made.schemas[leaf] = {
            "type": "object",
            "allOf": [{"$ref": f"{NAMESPACE}primitives/{name}/1"}],
            **fields,
            "unevaluatedProperties": False,
        }
        return {"$ref": f"{NAMESPACE}primitives/{leaf}/1"}


def _whole(node: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"it": node},
        "required": ["it"],
        "additionalProperties": False,
    }


def _subschemas(schema: Any) -> Iterator[Mapping[str, Any]]:
    """A schema and all within it, of the keywords that the profile knows."""
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword in ("items", "additionalProperties", "unevaluatedProperties", "propertyNames"):
        yield from _subschemas(schema.get(keyword))
    for keyword in ("properties", "$defs"):
        for each in schema.get(keyword, {}).values():
            yield from _subschemas(each)
    for keyword in ("allOf", "oneOf"):
        for each in schema.get(keyword, ()):
            yield from _subschemas(each)


def _keywords(schema: Any) -> set[str]:
    """The keywords that the profile does not know."""
    return {key for each in _subschemas(schema) for key in each} - _KNOWN - _NOTES


def _closes(schema: Any) -> bool:
    closing = ("additionalProperties", "unevaluatedProperties")
    return any(each.get(keyword) is False for each in _subschemas(schema) for keyword in closing)
