"""From the typed view of a schema to plain JSON Schema that any engine can take.

Nothing of the authoring profile is left in it: bases are merged, leaves closed (strict) or open
(tolerant), references local, open codes spelt out, whole numbers bounded to 64 bits. Total by
``match``, so that a new kind of node cannot be forgotten in silence.

Two dialects, because fastjsonschema stops at draft 07 and ignores what came later.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, assert_never

from mfgstd.standard.profile import URI
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
    Ref,
    Resolved,
    Text,
    Union,
)

if TYPE_CHECKING:
    from mfgstd.standard.catalogue import Catalogue

Dialect: TypeAlias = Literal["2020-12", "draft-07"]

INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1

#: What an open code may be besides its words: an absolute URI.
OPEN_CODE_URI: Final = f"^({URI})$"
#: What the words of every open code look like; a newer minor version may bring more of them.
OPEN_CODE_WORD: Final = "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
#: The standard's own namespace is closed: a word of ours is a word, never a URI.
OWN_NAMESPACE: Final = "^https://w3id[.]org/mfgstd/"

_DIALECTS: Final = {
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
    "draft-07": "http://json-schema.org/draft-07/schema#",
}
_DEFINITIONS: Final = {"2020-12": "$defs", "draft-07": "definitions"}


class Strictness(StrEnum):
    """Who is being checked: a producer (strict) or what a consumer must live with (tolerant)."""

    STRICT = "strict"
    TOLERANT = "tolerant"
    """As strict, but what a newer minor version may add is let pass, wherever it stands: a field
    that the schema does not know, a word of an open code that it does not list."""


def lower(
    resolved: Resolved,
    within: Catalogue,
    strictness: Strictness = Strictness.STRICT,
    dialect: Dialect = "2020-12",
) -> dict[str, Any]:
    """One self-contained schema: everything that ``resolved`` refers to is inside it."""
    return _Lowering(within, strictness, dialect).whole(resolved)


class _Lowering:
    def __init__(self, within: Catalogue, strictness: Strictness, dialect: Dialect) -> None:
        self._within = within
        self._strict = strictness is Strictness.STRICT
        self._dialect = dialect
        self._waiting: list[str] = []
        self._known: set[str] = set()

    def whole(self, resolved: Resolved) -> dict[str, Any]:
        schema = {"$schema": _DIALECTS[self._dialect], **self._node(resolved.node)}
        definitions: dict[str, Any] = {}
        # References may be circular: each schema is lowered once, when first referred to.
        while self._waiting:
            schema_id = self._waiting.pop()
            definitions[_slot(schema_id)] = self._node(self._within.get(schema_id).node)
        if definitions:
            schema[_DEFINITIONS[self._dialect]] = definitions
        return schema

    def _node(self, node: Node) -> dict[str, Any]:
        match node:
            case Text():
                return self._text(node)
            case Constant(value):
                return {"type": "string", "const": value}
            case Enumeration(words):
                return {"type": "string", "enum": [each.value for each in words]}
            case OpenCode(words):
                return {
                    "type": "string",
                    "anyOf": [
                        {"enum": [each.value for each in words]},
                        *([] if self._strict else [{"pattern": self._pattern(OPEN_CODE_WORD)}]),
                        {
                            "pattern": self._pattern(OPEN_CODE_URI),
                            "not": {"pattern": OWN_NAMESPACE},
                        },
                    ],
                }
            case Number():
                return _present(
                    type="number",
                    minimum=node.minimum,
                    maximum=node.maximum,
                    exclusiveMinimum=node.exclusive_minimum,
                    exclusiveMaximum=node.exclusive_maximum,
                )
            case Integer():
                return _present(
                    type="integer",
                    minimum=INT64_MIN if node.minimum is None else node.minimum,
                    maximum=INT64_MAX if node.maximum is None else node.maximum,
                    multipleOf=node.multiple_of,
                )
            case Boolean():
                return {"type": "boolean"}
            case Array():
                return _present(
                    type="array",
                    items=self._node(node.items),
                    minItems=node.min_items,
                    maxItems=node.max_items,
                    uniqueItems=node.unique or None,
                )
            case Map():
                return _present(
                    type="object",
                    propertyNames={"pattern": self._pattern(node.key_pattern)},
                    additionalProperties=self._node(node.values),
                    minProperties=node.min_properties,
                    maxProperties=node.max_properties,
                )
            case Object():
                return self._object(node)
            case Union():
                return self._union(node)
            case Ref(schema_id):
                return self._ref(schema_id)
            case AnyObject(typed_by):
                if typed_by != "$schema":
                    return {"type": "object"}
                return {
                    "type": "object",
                    "properties": {
                        "$schema": {"type": "string", "pattern": self._pattern(OPEN_CODE_URI)}
                    },
                    "required": ["$schema"],
                }
            case _:
                assert_never(node)

    def _text(self, node: Text) -> dict[str, Any]:
        return _present(
            type="string",
            pattern=None if node.pattern is None else self._pattern(node.pattern),
            minLength=node.min_length,
            maxLength=node.max_length,
        )

    def _object(self, node: Object) -> dict[str, Any]:
        return _present(
            type="object",
            properties={each.name: self._node(each.node) for each in node},
            required=list(node.required) or None,
            additionalProperties=False if node.closed and self._strict else None,
        )

    def _union(self, node: Union) -> dict[str, Any]:
        branches: list[dict[str, Any]] = [self._node(each) for each in node.branches]
        if node.how == "key" and not self._strict:
            # Open branches would let two keys pass as one value and one unknown field.
            branches = [
                {
                    "allOf": [branch],
                    "properties": {other: False for other in node.tags if other != tag},
                }
                for branch, tag in zip(branches, node.tags, strict=True)
            ]
        return {"oneOf": branches}

    def _ref(self, schema_id: str) -> dict[str, Any]:
        if schema_id not in self._known:
            self._known.add(schema_id)
            self._waiting.append(schema_id)
        return {"$ref": f"#/{_DEFINITIONS[self._dialect]}/{_slot(schema_id)}"}

    def _pattern(self, pattern: str) -> str:
        # fastjsonschema replaces each bare dollar sign by \Z, also inside a character class.
        return _hide_dollars(pattern) if self._dialect == "draft-07" else pattern


def absolute_end(pattern: str) -> str:
    r"""The same pattern for Python's ``re``: ``$`` as the very end, not before a last newline."""
    return _replace_dollars(pattern, outside=r"\Z", inside="$")


def _hide_dollars(pattern: str) -> str:
    return _replace_dollars(pattern, outside="$", inside=r"\x24")


def _replace_dollars(pattern: str, *, outside: str, inside: str) -> str:
    in_class = False
    parts: list[str] = []
    for part in re.findall(r"\\.|.", pattern, re.DOTALL):
        if part == "[" and not in_class:
            in_class = True
        elif part == "]" and in_class:
            in_class = False
        parts.append((inside if in_class else outside) if part == "$" else part)
    return "".join(parts)


def _slot(schema_id: str) -> str:
    return schema_id.removeprefix(NAMESPACE).replace("/", ".")


def _present(**keywords: Any) -> dict[str, Any]:
    return {name: value for name, value in keywords.items() if value is not None}
