"""The authored schemas as Python source that lists what is wrong with a value, in order.

Each named schema becomes a function ``(v, p, out)``: the value, its pointer, the list to add to.
What stands inside it is written inline, so that a value with nothing wrong costs a few
comparisons, and a pointer is only put together for a finding or for the call of another schema's
function. Keywords are asked in the order in which they stand, as the referee does: the first
hundred findings of a document must be the same hundred.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mfgstd.errors import SchemaError
from mfgstd.finding import Place, Severity
from mfgstd.language import Text
from mfgstd.standard.notes import ANNOTATIONS
from mfgstd.validation.engines.tally_values import (
    is_number,
    is_whole,
    learning,
    repeats,
    search,
)
from mfgstd.validation.location import escape
from mfgstd.validation.lowering import (
    INT64_MAX,
    INT64_MIN,
    OPEN_CODE_URI,
    OPEN_CODE_WORD,
    OWN_NAMESPACE,
    Strictness,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mfgstd.standard.catalogue import Catalogue

    Schema: TypeAlias = Mapping[str, Any]

#: Rule, severity and pointer of one finding.
Tallied: TypeAlias = tuple[str, str, str]
List: TypeAlias = "Callable[[Any, str, list[Tallied]], None]"

_BOUNDS: Final = {
    "minimum": ("<", "schema.minimum"),
    "maximum": (">", "schema.maximum"),
    "exclusiveMinimum": ("<=", "schema.exclusive-minimum"),
    "exclusiveMaximum": (">=", "schema.exclusive-maximum"),
    "multipleOf": ("%", "schema.multiple-of"),
}
_SIZES: Final = {
    "minLength": ("str", "<", "schema.min-length"),
    "maxLength": ("str", ">", "schema.max-length"),
    "minItems": ("list", "<", "schema.min-items"),
    "maxItems": ("list", ">", "schema.max-items"),
    "minProperties": ("dict", "<", "schema.min-properties"),
    "maxProperties": ("dict", ">", "schema.max-properties"),
}
_KINDS: Final = {"string": "str", "array": "list", "object": "dict", "boolean": "bool"}

#: A number as JSON has them; the first question answers nearly all.
_NUMBER: Final = "(type({v}) is int or number({v}))"
_INTEGER: Final = "(type({v}) is int or whole({v}))"

#: What says nothing about a value by itself.
_SILENT: Final = ANNOTATIONS | {
    "$schema",
    "$id",
    "x-mfg-version",
    "x-mfg-abstract",
    "x-mfg-typedBy",
    "format",
}


@cache
def writer(within: Catalogue, strictness: Strictness) -> Writer:
    """The functions of one catalogue, shared by all schemas that refer to each other."""
    return Writer(within, strict=strictness is Strictness.STRICT)


class Writer:
    """Writes and keeps the function of each schema that was asked for."""

    def __init__(self, within: Catalogue, *, strict: bool) -> None:
        self._within = within
        self._strict = strict
        self._names: dict[str, str] = {}
        self._fresh = count()
        self._uses: dict[str, Any] = {
            "E": Severity.ERROR.value,
            "number": is_number,
            "whole": is_whole,
            "repeats": repeats,
            "escape": escape,
        }

    def function(self, schema_id: str) -> List:
        """The function of one schema.

        Raises:
            UnknownSchema: it is not in the catalogue.
            SchemaError: it has a keyword that the profile does not know.
        """
        made: List = self._uses[self._name(schema_id)]
        return made

    def _name(self, schema_id: str) -> str:
        if schema_id not in self._names:
            # Known before it is written: a schema may refer to itself.
            name = self._names[schema_id] = f"s{next(self._fresh)}"
            self._within.get(schema_id)
            lines = _Lines()
            lines.add(f"def {name}(v, p, out):")
            with lines:
                lines.add("pass")
                self._schema(self._within.authored[schema_id], "v", "p", lines)
            # Made of schemas, which are ours or the caller's own, never of the data judged.
            exec("\n".join(lines.text), self._uses)  # noqa: S102 - see above
        return self._names[schema_id]

    def _keep(self, value: Any) -> str:
        name = f"k{next(self._fresh)}"
        self._uses[name] = value
        return name

    def _schema(self, schema: Schema, v: str, p: str, lines: _Lines) -> None:
        """Lines that judge the value in the variable ``v``; ``p`` is source of its pointer."""
        for keyword, says in schema.items():
            if keyword == "type":
                self._type(says, schema, v, p, lines)
            elif keyword == "$ref":
                self._ref(says, v, p, lines)
            elif keyword == "allOf":
                # What is no object is told of once, by the schema's own type.
                lines.add(f"if isinstance({v}, dict):")
                with lines:
                    for base in says:
                        self._schema(base, v, p, lines)
                    lines.add("pass")
            elif keyword == "properties":
                self._properties(says, v, p, lines)
            elif keyword == "required":
                lines.add(f"if isinstance({v}, dict):")
                with lines:
                    for name in says:
                        lines.add(f"if {name!r} not in {v}:")
                        lines.found("schema.required", p)
                    lines.add("pass")
            elif keyword == "unevaluatedProperties" or (
                keyword == "additionalProperties" and says is False
            ):
                self._closed(schema, v, p, lines)
            elif keyword == "additionalProperties":
                self._members(says, schema, v, p, lines)
            elif keyword == "items":
                self._items(says, v, p, lines)
            elif keyword == "propertyNames":
                self._keys(says["pattern"], v, p, lines)
            elif keyword == "oneOf":
                self._union(says, v, p, lines)
            elif keyword in _SIZES:
                kind, sign, rule = _SIZES[keyword]
                lines.add(f"if isinstance({v}, {kind}) and len({v}) {sign} {says!r}:")
                lines.found(rule, p)
            elif keyword in _BOUNDS:
                sign, rule = _BOUNDS[keyword]
                lines.add(f"if {_NUMBER.format(v=v)} and {v} {sign} {says!r}:")
                lines.found(rule, p)
            elif keyword == "uniqueItems":
                lines.add(f"if {bool(says)} and isinstance({v}, list) and repeats({v}):")
                lines.found("schema.unique-items", p)
            elif keyword in {"const", "enum"}:
                words = self._keep(frozenset(says if keyword == "enum" else [says]))
                lines.add(f"if isinstance({v}, str) and {v} not in {words}:")
                lines.found(f"schema.{keyword}", p)
            elif keyword == "x-mfg-openCode":
                self._open_code(says, v, p, lines)
            elif keyword == "pattern":
                if "x-mfg-openCode" not in schema:
                    seen, matches = map(self._keep, learning(says))
                    lines.add(
                        f"if isinstance({v}, str) and {v} not in {seen} and not {matches}({v}):"
                    )
                    lines.found("schema.format" if "format" in schema else "schema.pattern", p)
            elif keyword not in _SILENT:
                raise _unknown(keyword)

    def _type(self, kind: str, schema: Schema, v: str, p: str, lines: _Lines) -> None:
        if kind == "number":
            lines.add(f"if not {_NUMBER.format(v=v)}:")
        elif kind == "integer":
            lines.add(f"if not {_INTEGER.format(v=v)}:")
        else:
            lines.add(f"if not isinstance({v}, {_KINDS[kind]}):")
        lines.found("schema.type", p)
        if kind != "integer":
            return
        if "minimum" not in schema:
            lines.add(f"elif {v} < {INT64_MIN}:")
            lines.found("schema.minimum", p)
        if "maximum" not in schema:
            lines.add(f"elif {v} > {INT64_MAX}:")
            lines.found("schema.maximum", p)

    def _ref(self, schema_id: str, v: str, p: str, lines: _Lines) -> None:
        target = self._within.authored[schema_id]
        if "type" in target and target["type"] not in {"object", "array"}:
            self._within.get(schema_id)
            self._schema(target, v, p, lines)
        else:
            lines.add(f"{self._name(schema_id)}({v}, {p}, out)")

    def _properties(self, fields: Schema, v: str, p: str, lines: _Lines) -> None:
        lines.add(f"if isinstance({v}, dict):")
        with lines:
            for name, schema in fields.items():
                member = self._variable()
                lines.add(f"if {name!r} in {v}:")
                with lines:
                    lines.add(f"{member} = {v}[{name!r}]")
                    self._schema(schema, member, _below(p, escape(name)), lines)
            lines.add("pass")

    def _closed(self, schema: Schema, v: str, p: str, lines: _Lines) -> None:
        if not self._strict:
            return
        known = self._keep(frozenset(self._fields(schema)))
        name = self._variable()
        lines.add(f"if isinstance({v}, dict) and not {v}.keys() <= {known}:")
        with lines:
            lines.add(f"for {name} in {v}:")
            with lines:
                lines.add(f"if {name} not in {known}:")
                lines.found("schema.unknown-field", f"{p} + '/' + escape({name})")

    def _members(self, others: Schema, schema: Schema, v: str, p: str, lines: _Lines) -> None:
        known = self._keep(frozenset(schema.get("properties", {})))
        name, member = self._variable(), self._variable()
        lines.add(f"if isinstance({v}, dict):")
        with lines:
            lines.add(f"for {name}, {member} in {v}.items():")
            with lines:
                lines.add(f"if {name} not in {known}:")
                with lines:
                    self._schema(others, member, f"{p} + '/' + escape({name})", lines)
                    lines.add("pass")

    def _items(self, items: Schema, v: str, p: str, lines: _Lines) -> None:
        index, item = self._variable(), self._variable()
        lines.add(f"if isinstance({v}, list):")
        with lines:
            lines.add(f"for {index}, {item} in enumerate({v}):")
            with lines:
                self._schema(items, item, f"{p} + '/' + str({index})", lines)
                lines.add("pass")

    def _keys(self, pattern: str, v: str, p: str, lines: _Lines) -> None:
        matches, name = self._keep(search(pattern)), self._variable()
        lines.add(f"if isinstance({v}, dict):")
        with lines:
            lines.add(f"for {name} in {v}:")
            with lines:
                lines.add(f"if not {matches}({name}):")
                lines.found("schema.key", f"{p} + '/' + escape({name})")

    def _open_code(self, words: list[str], v: str, p: str, lines: _Lines) -> None:
        known = self._keep(frozenset(words))
        uri, own = self._keep(search(OPEN_CODE_URI)), self._keep(re.compile(OWN_NAMESPACE).search)
        asked = f"isinstance({v}, str) and {v} not in {known}"
        if not self._strict:
            asked += f" and not {self._keep(search(OPEN_CODE_WORD))}({v})"
        lines.add(f"if {asked} and (not {uri}({v}) or {own}({v})):")
        lines.found("schema.open-code", p)

    def _union(self, branches: list[Schema], v: str, p: str, lines: _Lines) -> None:
        shapes = [self._fields(self._shape(each)) for each in branches]
        lines.add(f"if not isinstance({v}, dict):")
        lines.found("schema.type", p)
        picked = self._variable()
        if all(len(shape) == 1 for shape in shapes):
            tags = [next(iter(shape)) for shape in shapes]
            lines.add("else:")
            with lines:
                lines.add(f"{picked} = [i for i, t in enumerate({tags!r}) if t in {v}]")
                lines.add(f"if len({picked}) != 1:")
                lines.found("schema.union", p)
                test = f"elif {picked}[0] == {{}}:"
                self._branches(branches, test, v, p, lines)
            return
        by = next(name for name in shapes[0] if all("const" in s.get(name, {}) for s in shapes))
        lines.add(f"elif {by!r} not in {v}:")
        lines.found("schema.required", p)
        lines.add("else:")
        with lines:
            tags = [shape[by]["const"] for shape in shapes]
            # A tag may be anything, also what has no hash; only a text can be one of them.
            lines.add(f"{picked} = {v}[{by!r}]")
            lines.add(f"{picked} = {tags!r}.index({picked}) if {picked} in {tags!r} else -1")
            lines.add(f"if {picked} < 0:")
            lines.found("schema.union", _below(p, escape(by)))
            self._branches(branches, f"elif {picked} == {{}}:", v, p, lines)

    def _branches(self, branches: list[Schema], test: str, v: str, p: str, lines: _Lines) -> None:
        for index, branch in enumerate(branches):
            lines.add(test.format(index))
            with lines:
                self._schema(branch, v, p, lines)
                lines.add("pass")

    def _fields(self, schema: Schema) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for base in schema.get("allOf", ()):
            fields |= self._fields(self._shape(base))
        fields.update(schema.get("properties", {}))
        return fields

    def _shape(self, schema: Schema) -> Schema:
        return self._within.authored[schema["$ref"]] if "$ref" in schema else schema

    def _variable(self) -> str:
        return f"v{next(self._fresh)}"


class _Lines:
    """Source that grows; ``with`` indents."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self._depth = 0

    def add(self, line: str) -> None:
        self.text.append("  " * self._depth + line)

    def found(self, rule: str, pointer: str) -> None:
        self.text.append("  " * (self._depth + 1) + f"out.append(({rule!r}, E, {pointer}))")

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(self, *_error: object) -> None:
        self._depth -= 1


def _below(pointer: str, step: str) -> str:
    """Source of a pointer one step further down; steps that are known are put together now."""
    plain = repr(step) == f"'{step}'"
    if plain and pointer.endswith("'") and " + '" in pointer and "\\" not in pointer:
        return f"{pointer[:-1]}/{step}'"
    return f"{pointer} + {'/' + step!r}"


def _unknown(keyword: str) -> SchemaError:
    return SchemaError(
        Text(
            f"A schema has the keyword {keyword!r}, which has no meaning here.",
            f"스키마에 처리할 수 없는 키워드 {keyword!r}이(가) 있습니다.",
        ),
        place=Place(item=keyword),
    )
