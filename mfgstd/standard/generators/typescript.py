"""Target ``typescript``: a package of types, one declaration file for each domain.

Declarations only (``.d.ts``): nothing to build, nothing at run time. An object becomes an
interface, its base the interface that it extends; words become unions of literals. The types say
what TypeScript can say of a document: patterns, bounds and calendars stay with a validator.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, assert_never

from mfgstd.errors import StandardError
from mfgstd.language import Text as Words
from mfgstd.standard.generators.components import latest
from mfgstd.standard.generators.header import MARK
from mfgstd.standard.profile import open_code_pattern
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
    from collections.abc import Iterable, Mapping, Sequence

#: The module of what every domain may need; no domain can have its name.
_SHARED: Final = "json"

_SHARED_TYPES: Final = {
    "JsonValue": """\
/** Any JSON value. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | JsonObject;""",
    "JsonObject": """\
/** Any JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}""",
    "TypedJsonObject": """\
/** A JSON object that names its own schema. */
export interface TypedJsonObject extends JsonObject {
  readonly $schema: string;
}""",
    "NonEmpty": """\
/** A list of at least one. */
export type NonEmpty<T> = readonly [T, ...T[]];""",
    "OwnCode": """\
/** A code of your own: an absolute URI outside the namespace of the standard. */
export type OwnCode = `urn:${string}` | `http://${string}` | `https://${string}`;""",
}

#: The largest whole number that a double, the only number of JavaScript, holds exactly.
_SAFE: Final = (1 << 53) - 1

#: Beyond this many, a minimum of items is left to the validator.
_LONGEST_TUPLE: Final = 8

_WIDTH: Final = 96


def generate(schemas: Sequence[Resolved]) -> dict[str, str]:
    """The files of the package: ``package.json``, ``index.d.ts`` and one for each domain.

    Raises:
        StandardError: two things want the same name.
    """
    by_id = {each.id: each for each in schemas}
    modules: dict[str, _Module] = {}
    homes: dict[str, str] = dict.fromkeys([*_SHARED_TYPES, "Documents"], _SHARED)
    for each in schemas:
        module = modules.setdefault(each.domain, _Module(each.domain, by_id, homes))
        module.add(each)
    files = {f"{name}.d.ts": module.text() for name, module in sorted(modules.items())}
    files[f"{_SHARED}.d.ts"] = "\n\n".join([_mark(), *_SHARED_TYPES.values()]) + "\n"
    files["index.d.ts"] = _index(sorted(modules), schemas)
    files["package.json"] = _manifest(schemas, sorted(files))
    return files


def _mark() -> str:
    return f"// {MARK}"


def _index(domains: Sequence[str], schemas: Sequence[Resolved]) -> str:
    entities = sorted((each for each in schemas if each.is_entity), key=lambda each: each.name)
    imported: dict[str, list[str]] = {}
    for each in entities:
        imported.setdefault(each.domain, []).append(each.name)
    return "\n".join(
        [
            _mark(),
            "",
            *(_import(domain, imported[domain]) for domain in sorted(imported)),
            "",
            *(f'export * from "./{each}.js";' for each in sorted([_SHARED, *domains])),
            "",
            "/** Each kind of document by the `$id` of its schema. */",
            "export interface Documents {",
            *(f"  readonly {json.dumps(each.id)}: {each.name};" for each in entities),
            "}",
            "",
        ]
    )


def _import(module: str, names: Iterable[str]) -> str:
    line = f'import type {{ {", ".join(sorted(names))} }} from "./{module}.js";'
    if len(line) <= _WIDTH:
        return line
    listed = "".join(f"  {name},\n" for name in sorted(names))
    return f'import type {{\n{listed}}} from "./{module}.js";'


def _manifest(schemas: Sequence[Resolved], files: Sequence[str]) -> str:
    record = {
        "name": "mfgstd-types",
        "version": latest(schemas),
        "description": "Types of the manufacturing data standard mfgstd.",
        "license": "Apache-2.0",
        "type": "module",
        "types": "./index.d.ts",
        "exports": {
            ".": {"types": "./index.d.ts"},
            "./*": {"types": "./*.d.ts"},
        },
        "files": [each for each in files if each.endswith(".d.ts")],
        "sideEffects": False,
    }
    return json.dumps(record, indent=2) + "\n"


@dataclass
class _Module:
    """One declaration file, growing definition by definition; ``homes`` is shared by all."""

    domain: str
    by_id: Mapping[str, Resolved]
    homes: dict[str, str]
    sources: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    foreign: dict[str, set[str]] = field(default_factory=dict)

    def text(self) -> str:
        imports = [_import(module, names) for module, names in sorted(self.foreign.items())]
        head = "\n".join([_mark(), *(f"// From: {each}" for each in self.sources)])
        return "\n\n".join(
            [head, *(["\n".join(imports)] if imports else []), *self.definitions, ""]
        )

    def add(self, schema: Resolved) -> None:
        """Declare one named schema and what it has inside."""
        self.sources.append(schema.id)
        match schema.node:
            case Object() as node:
                base = self.by_id[schema.base] if schema.base is not None else None
                self._interface(node, schema.notes, base=base)
            case Enumeration(words):
                self._words(schema.name, words, schema.notes)
            case OpenCode() as node:
                self._code(schema.name, node, schema.notes)
            case other:
                kind = self._type(other, schema.name, "", Notes())
                self._alias(schema.name, kind, _comment(schema.notes, other))

    def _define(self, name: str, text: str, comment: str) -> None:
        if name in self.homes:
            raise StandardError(
                Words(
                    f"Two things want the TypeScript name {name!r}.",
                    f"두 항목이 같은 TypeScript 이름 {name!r}을(를) 씁니다.",
                )
            )
        self.homes[name] = self.domain
        self.definitions.append(comment + text)

    def _alias(self, name: str, kind: str, comment: str) -> None:
        line = f"export type {name} = {kind};"
        parts = kind.split(" | ")
        # A long union goes one member to a line, unless a bracket would be torn apart.
        if len(line) > _WIDTH and len(parts) > 1 and not re.search(r"[<({]", kind):
            line = f"export type {name} =" + "".join(f"\n  | {part}" for part in parts) + ";"
        self._define(name, line, comment)

    def _words(self, name: str, words: Sequence[Word], notes: Notes) -> None:
        kind = " | ".join(json.dumps(word.value) for word in words)
        self._alias(name, kind, _comment(notes, None, words))

    def _code(self, name: str, node: OpenCode, notes: Notes) -> None:
        """The known words, and the own codes: a misspelt word is neither, and is refused."""
        self._words(f"{name}Word", node.words, Notes(description=notes.description))
        values = [word.value for word in node.words]
        own = node.pattern in (None, open_code_pattern(values))
        other = self._shared("OwnCode") if own else "(string & {})"
        self._define(name, f"export type {name} = {name}Word | {other};", _comment(notes, node))

    def _interface(
        self,
        node: Object,
        notes: Notes,
        *,
        base: Resolved | None = None,
        never: Sequence[str] = (),
    ) -> None:
        """``never`` are the keys of the other branches of a union that a single key tells apart.

        Without them TypeScript would take an object that has the keys of two branches.
        """
        inherited: dict[str, bool] = {}
        extends = ""
        if base is not None and isinstance(base.node, Object):
            inherited = {each.name: each.required for each in base.node}
            extends = f" extends {self._name(base.id)}"
        lines = [
            self._field(each, node.title)
            for each in node
            if inherited.get(each.name) != each.required
        ]
        lines += [f"  readonly {_key(each)}?: never;" for each in never]
        body = "\n".join(["{", *lines, "}"]) if lines else "{}"
        self._define(
            node.title, f"export interface {node.title}{extends} {body}", _comment(notes, None)
        )

    def _field(self, each: Property, owner: str) -> str:
        kind = self._type(each.node, owner, each.name, each.notes)
        comment = _comment(each.notes, each.node, indent="  ")
        return f"{comment}  readonly {_key(each.name)}{'' if each.required else '?'}: {kind};"

    def _shared(self, name: str) -> str:
        self.foreign.setdefault(_SHARED, set()).add(name)
        return name

    def _name(self, schema_id: str) -> str:
        schema = self.by_id[schema_id]
        if schema.domain != self.domain:
            self.foreign.setdefault(schema.domain, set()).add(schema.name)
        return schema.name

    def _type(self, node: Node, owner: str, name: str, notes: Notes) -> str:
        """The type of a value at the place ``name`` in ``owner``."""
        match node:
            case Text():
                return "string"
            case Constant(value):
                return json.dumps(value)
            case Enumeration(words):
                self._words(title := owner + _pascal(name), words, notes)
                return title
            case OpenCode():
                self._code(title := owner + _pascal(name), node, notes)
                return title
            case Number() | Integer():
                return "number"
            case Boolean():
                return "boolean"
            case Array(items, least):
                return self._list(self._type(items, owner, name, notes), least or 0)
            case Map(values, _, least):
                return f"{{ readonly [key: string]: {self._type(values, owner, name, notes)} }}"
            case Object(title=title):
                self._interface(node, notes)
                return title
            case Ref(schema_id):
                return self._name(schema_id)
            case Union():
                return self._union(node, notes)
            case AnyObject("$schema"):
                return self._shared("TypedJsonObject")
            case AnyObject():
                return self._shared("JsonObject")
            case _:
                assert_never(node)

    def _list(self, item: str, least: int) -> str:
        if least == 1:
            return f"{self._shared('NonEmpty')}<{item}>"
        several = f"({item})[]" if " " in item and not item.startswith("{") else f"{item}[]"
        if 1 < least <= _LONGEST_TUPLE:
            return f"readonly [{', '.join([item] * least)}, ...{several}]"
        return f"readonly {several}"

    def _union(self, node: Union, notes: Notes) -> str:
        branches = []
        for branch, tag in zip(node.branches, node.tags, strict=True):
            never = [each for each in node.tags if each != tag] if node.how == "key" else []
            if isinstance(branch, Object):
                self._interface(branch, notes, never=never)
                branches.append(branch.title)
            elif never:
                absent = " ".join(f"readonly {_key(each)}?: never;" for each in never)
                branches.append(f"({self._name(branch.id)} & {{ {absent} }})")
            else:
                branches.append(self._name(branch.id))
        return " | ".join(branches)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]*", name) else json.dumps(name)


def _pascal(name: str) -> str:
    return "".join(each[:1].upper() + each[1:] for each in re.split(r"[^A-Za-z0-9]", name))


def _comment(
    notes: Notes, node: Node | None, words: Sequence[Word] = (), *, indent: str = ""
) -> str:
    """JSDoc: the sentence, the Korean label, the unit, and what the type itself can't say."""
    lines = [*([notes.description.en] if notes.description.en else [])]
    if notes.label.ko:
        lines.append(f"{notes.label.ko}: {notes.description.ko}".rstrip(": "))
    lines += [
        f"- `{word.value}`: {word.label.en} ({word.label.ko}). {word.description.en}".rstrip(" .")
        for word in words
        if word.label.en
    ]
    facts = list(_facts(notes, node))
    if lines and facts:
        lines.append("")
    lines += facts
    if not lines:
        return ""
    safe = [line.replace("*/", "*\\/") for text in lines for line in text.split("\n")]
    if len(safe) == 1:
        return f"{indent}/** {safe[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in safe)
    return f"{indent}/**\n{body}{indent} */\n"


def _facts(notes: Notes, node: Node | None) -> Iterable[str]:
    if notes.unit is not None:
        yield f"Unit (UCUM): `{notes.unit}`"
    if notes.unit_from is not None:
        yield f"Unit: in `{notes.unit_from}`"
    match node:
        case Text(pattern=str(pattern)) if len(pattern) <= _WIDTH and "`" not in pattern:
            yield f"Pattern: `{pattern}`"
        case Number():
            yield from _bound(">=", node.minimum)
            yield from _bound(">", node.exclusive_minimum)
            yield from _bound("<=", node.maximum)
            yield from _bound("<", node.exclusive_maximum)
        case Integer(minimum, maximum):
            yield f"Whole number, {minimum} to {maximum}"
            if any(each is None or abs(each) > _SAFE for each in (minimum, maximum)):
                yield "Beyond 2^53 a JavaScript number is not exact: parse such JSON as bigint."
        case _:
            pass
    if notes.deprecated is not None:
        instead = f": use `{notes.deprecated.replaced_by}`" if notes.deprecated.replaced_by else ""
        yield f"@deprecated since {notes.deprecated.since}{instead}"


def _bound(sign: str, value: float | None) -> Iterable[str]:
    if value is not None:
        yield f"{sign} {value:g}"
