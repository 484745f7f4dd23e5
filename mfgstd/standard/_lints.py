"""What the authoring profile asks for beyond the reach of a schema, lint by lint.

A lint looks at one schema that has the right shape, among all of them, and yields
``(rule, pointer, what was found)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from mfgstd.errors import SchemaError
from mfgstd.finding import show
from mfgstd.language import Text
from mfgstd.standard.reading import resolve
from mfgstd.standard.resolved import NAMESPACE
from mfgstd.standard.units import known
from mfgstd.standard.vocabularies import elsewhere, quantities

if TYPE_CHECKING:
    from referencing import Registry

#: Each rule that only a lint raises, and what it asks for.
LINTS: Mapping[str, Text] = {
    "profile.redeclared": Text(
        "A leaf does not declare a property of its base again.",
        "바탕 스키마에 있는 속성을 다시 선언할 수 없습니다.",
    ),
    "profile.unit-from": Text(
        "x-mfg-unitFrom names a property of the same or an enclosing object.",
        "x-mfg-unitFrom은 같은 객체 또는 바깥 객체의 속성을 가리켜야 합니다.",
    ),
    "profile.unit-known": Text(
        "x-mfg-unit is a UCUM code over the atoms of vocabularies/units.json.",
        "x-mfg-unit은 vocabularies/units.json으로 해석할 수 있는 UCUM 코드여야 합니다.",
    ),
    "profile.quantity-known": Text(
        "x-mfg-quantity is a word of vocabularies/quantities.json.",
        "x-mfg-quantity는 vocabularies/quantities.json에 있는 단어여야 합니다.",
    ),
    "profile.unit-in-description": Text(
        "The description of a number does not repeat its unit, in words or in brackets.",
        "숫자의 설명에 단위를 낱말이나 괄호로 다시 적지 않습니다.",
    ),
    "profile.korean": Text(
        "A Korean description is written in Korean.",
        "한국어 설명은 한글로 적어야 합니다.",
    ),
    "profile.example": Text(
        "Each example validates against what it is an example of.",
        "모든 예시는 해당 스키마를 만족해야 합니다.",
    ),
    "profile.class-name": Text(
        "Class names are unique over the standard, and a schema's title is its slug in PascalCase.",
        "클래스 이름은 표준 전체에서 유일해야 하며 스키마의 title은 이름을 PascalCase로 적은 "
        "것이어야 합니다.",
    ),
    "profile.uri": Text(
        "A URI has no white space and one scheme.",
        "URI에는 공백이 없어야 하며 스킴은 하나여야 합니다.",
    ),
    "profile.resolves": Text(
        "A schema resolves to one typed view.",
        "스키마를 하나의 형식으로 해석할 수 있어야 합니다.",
    ),
}

#: An absolute URI as identity: a URN, or an http(s) address with a host; ASCII only.
URI = (
    r"urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:[A-Za-z0-9._~:/?#@!$&'()+*,;=%\[\]-]+"
    r"|https?://[A-Za-z0-9\[][A-Za-z0-9._~:/?#@!$&'()+*,;=%\[\]-]*"
)

#: A scheme written twice or half twice: https://https://, htthttps://, urn:urn:.
_DOUBLED = re.compile(r"(https?:/+){2}|[A-Za-z0-9]https?://|(urn:){2}")
_UNIT_WORDS = re.compile(
    r"\bin (nano|micro|milli|centi|kilo)?(seconds?|met(re|er)s?|grams?|volts?|amperes?|watts?)\b"
    r"|\bin (minutes|hours|days|degrees|percent|inches|millimet(re|er)s)\b"
    r"|(초|분|시간|밀리미터|미터|퍼센트) ?단위"
    r"|[(\[](?:[kmuµ]?[msgVAWN]|min|h|bar|[kM]?Pa|kWh|Nm|rpm|°C|℃|%)[)\]]"
)
_HANGUL = re.compile("[가-힣]")

Breach: TypeAlias = tuple[str, str, str | None]
Node: TypeAlias = Mapping[str, Any]


def open_code_pattern(words: Sequence[str]) -> str:
    """The pattern of an open code: the listed words, or an absolute URI."""
    return f"^({'|'.join(words)}|{URI})$"


def pointer_of(*steps: object) -> str:
    """An RFC 6901 pointer made of raw keys and indexes."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


@dataclass(frozen=True)
class Authored:
    """The schemas of the right shape, and the ids of all that are there."""

    schemas: Mapping[str, Node]
    ids: frozenset[str]

    @cached_property
    def registry(self) -> Registry[Any]:
        """All schemas, for the engine that tries the examples."""
        from referencing import Registry, Resource

        resources = [(each, Resource.from_contents(doc)) for each, doc in self.schemas.items()]
        empty: Registry[Any] = Registry()
        return empty.with_resources(resources)

    @cached_property
    def class_names(self) -> dict[str, list[tuple[str, str]]]:
        """Title -> where it is used."""
        found: dict[str, list[tuple[str, str]]] = {}
        for schema_id, schema in self.schemas.items():
            for pointer, node, _ in _nodes(schema):
                if "title" in node:
                    found.setdefault(node["title"], []).append((schema_id, pointer))
        return found

    def fields(self, node: Node) -> set[str]:
        """The names of an object's properties, its base's included."""
        names = set(node.get("properties", {}))
        for base in node.get("allOf", []):
            names |= set(self.schemas.get(base["$ref"], {}).get("properties", {}))
        return names


def lints(authored: Authored, schema_id: str) -> Iterator[Breach]:
    """Every breach in one schema, in the order of the lints."""
    schema = authored.schemas[schema_id]
    breaches = [breach for lint in _LINTS for breach in lint(authored, schema_id, schema)]
    yield from breaches
    # The last word has the reader itself; where a lint spoke already, it would only repeat it.
    if not breaches and authored.schemas.keys() == authored.ids:
        try:
            resolve(authored.schemas, schema_id)
        except SchemaError as error:
            yield "profile.resolves", error.place.item or "" if error.place else "", str(error)


def _nodes(
    node: Node, pointer: str = "", above: tuple[Node, ...] = ()
) -> Iterator[tuple[str, Node, tuple[Node, ...]]]:
    """Every node below and with this one: pointer, node, the enclosing objects, nearest first."""
    yield pointer, node, above
    around = (node, *above) if "properties" in node else above
    for name, each in node.get("properties", {}).items():
        yield from _nodes(each, pointer + pointer_of("properties", name), around)
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), Mapping):
            yield from _nodes(node[key], f"{pointer}/{key}", around)
    for index, each in enumerate(node.get("oneOf", [])):
        yield from _nodes(each, f"{pointer}/oneOf/{index}", around)


def _references(authored: Authored, _id: str, schema: Node) -> Iterator[Breach]:
    for pointer, node, _ in _nodes(schema):
        if "$ref" in node and node["$ref"] not in authored.ids:
            yield "profile.ref", f"{pointer}/$ref", show(node["$ref"])


def _base(authored: Authored, _id: str, schema: Node) -> Iterator[Breach]:
    for base in schema.get("allOf", []):
        target = authored.schemas.get(base["$ref"])
        if base["$ref"] not in authored.ids:
            yield "profile.ref", "/allOf/0/$ref", show(base["$ref"])
        elif target is not None and ("allOf" in target or not target.get("x-mfg-abstract")):
            yield "profile.base", "/allOf/0/$ref", show(base["$ref"])
        elif target is not None:
            for name in schema["properties"]:
                if name in target["properties"]:
                    yield "profile.redeclared", pointer_of("properties", name), show(name)


def _required(authored: Authored, _id: str, schema: Node) -> Iterator[Breach]:
    for pointer, node, _ in _nodes(schema):
        for index, name in enumerate(node.get("required", [])):
            if name not in authored.fields(node):
                yield "profile.required", f"{pointer}/required/{index}", show(name)


def _patterns(_authored: Authored, _id: str, schema: Node) -> Iterator[Breach]:
    for pointer, node, _ in _nodes(schema):
        for place, holder in (
            (pointer, node),
            (f"{pointer}/propertyNames", node.get("propertyNames")),
        ):
            if holder and "pattern" in holder and not _anchored(holder["pattern"]):
                yield "profile.pattern", f"{place}/pattern", show(holder["pattern"])


def _anchored(pattern: str) -> bool:
    """Whether it compiles and no alternative stands outside of the anchors: ``^a|b$``."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    outside = re.sub(r"\\.|\[(\\.|[^\]\\])*\]", "", pattern)
    while (less := re.sub(r"\([^()]*\)", "", outside)) != outside:
        outside = less
    return "|" not in outside


def _words(_authored: Authored, _id: str, schema: Node) -> Iterator[Breach]:
    for pointer, node, _ in _nodes(schema):
        words = node.get("enum", node.get("x-mfg-openCode"))
        if words is not None and list(node["x-mfg-words"]) != words:
            yield "profile.words", f"{pointer}/x-mfg-words", show(list(node["x-mfg-words"]))
        if "x-mfg-openCode" in node and node["pattern"] != open_code_pattern(words or []):
            yield "profile.open-code", f"{pointer}/pattern", show(node["pattern"])


def _unions(authored: Authored, _id: str, schema: Node) -> Iterator[Breach]:
    for pointer, node, _ in _nodes(schema):
        if "oneOf" not in node:
            continue
        shapes = [authored.schemas.get(each.get("$ref", ""), each) for each in node["oneOf"]]
        if not all("properties" in shape for shape in shapes):
            yield "profile.union", f"{pointer}/oneOf", None
            continue
        keys = {name for shape in shapes for name in shape["properties"]}
        single = all(
            len(shape["properties"]) == 1 and shape.get("required") for shape in shapes
        ) and len(keys) == len(shapes)
        if not single and not any(_tells_apart(name, shapes) for name in keys):
            yield "profile.union", f"{pointer}/oneOf", None


def _tells_apart(name: str, shapes: list[Node]) -> bool:
    values = {
        shape["properties"][name]["const"]
        for shape in shapes
        if name in shape.get("required", []) and "const" in shape["properties"].get(name, {})
    }
    return len(values) == len(shapes)


def _typed_by(authored: Authored, _id: str, schema: Node) -> Iterator[Breach]:
    for pointer, node, above in _nodes(schema):
        if "x-mfg-typedBy" not in node:
            continue
        own = node["x-mfg-typedBy"] == "$schema" and "$schema" in node.get("required", [])
        if not own and not (above and node["x-mfg-typedBy"] in authored.fields(above[0])):
            yield "profile.typed-by", f"{pointer}/x-mfg-typedBy", show(node["x-mfg-typedBy"])


def _units(authored: Authored, _id: str, schema: Node) -> Iterator[Breach]:
    for pointer, node, above in _nodes(schema):
        named = node.get("x-mfg-unitFrom")
        if named is not None and not any(named in authored.fields(each) for each in above):
            yield "profile.unit-from", f"{pointer}/x-mfg-unitFrom", show(named)
        code = node.get("x-mfg-unit")
        if code is not None and not known(code):
            yield "profile.unit-known", f"{pointer}/x-mfg-unit", show(code)
        quantity = node.get("x-mfg-quantity")
        if quantity is not None and quantity not in quantities() and quantity not in elsewhere():
            yield "profile.quantity-known", f"{pointer}/x-mfg-quantity", show(quantity)
        if code is not None or named is not None or quantity is not None:
            for place, text in (
                ("description", node.get("description", "")),
                ("x-mfg-description/ko", node.get("x-mfg-description", {}).get("ko", "")),
            ):
                if said := _UNIT_WORDS.search(text):
                    yield "profile.unit-in-description", f"{pointer}/{place}", show(said[0])


def _korean(_authored: Authored, _id: str, schema: Node) -> Iterator[Breach]:
    for pointer, node, _ in _nodes(schema):
        said = [(pointer, node)]
        said += [
            (pointer + pointer_of("x-mfg-words", word), each)
            for word, each in node.get("x-mfg-words", {}).items()
        ]
        for place, each in said:
            korean = each.get("x-mfg-description", {}).get("ko")
            if korean is not None and not _HANGUL.search(korean):
                yield "profile.korean", f"{place}/x-mfg-description/ko", show(korean)


def _examples(authored: Authored, schema_id: str, schema: Node) -> Iterator[Breach]:
    from jsonschema import Draft202012Validator
    from referencing.exceptions import Unresolvable

    for pointer, node, _ in _nodes(schema):
        validator = Draft202012Validator({**node, "$id": schema_id}, registry=authored.registry)
        for index, example in enumerate(node.get("examples", [])):
            try:
                valid = validator.is_valid(example)
            except (Unresolvable, re.error):
                # A reference to nowhere, or a broken pattern, has a finding of its own.
                continue
            if not valid:
                yield "profile.example", f"{pointer}/examples/{index}", show(example)


def _class_names(authored: Authored, schema_id: str, schema: Node) -> Iterator[Breach]:
    domain, slug, _major = schema_id.removeprefix(NAMESPACE).split("/")
    if schema["title"] != "".join(part.capitalize() for part in slug.split("-")):
        yield "profile.class-name", "/title", show(schema["title"])
    for title, uses in authored.class_names.items():
        for where, pointer in uses[1:]:
            # An older major beside the newest keeps its names; no code is generated for it.
            if where == schema_id and not _majors(where, uses[0][0]):
                yield "profile.class-name", f"{pointer}/title", show(title)
    if schema["x-mfg-term"] != f"{NAMESPACE}term/{domain}/{slug}":
        yield "profile.term", "/x-mfg-term", show(schema["x-mfg-term"])


def _majors(one: str, other: str) -> bool:
    """Whether two ids are of two majors of one schema."""
    return one != other and one.rpartition("/")[0] == other.rpartition("/")[0]


def _uris(_authored: Authored, _id: str, schema: Node) -> Iterator[Breach]:
    def walk(value: Any, pointer: str) -> Iterator[Breach]:
        if isinstance(value, str):
            spaced = value.startswith(("https://", "http://", "urn:")) and re.search(r"\s", value)
            if spaced or _DOUBLED.search(value):
                yield "profile.uri", pointer, show(value)
        elif isinstance(value, Mapping):
            for key, each in value.items():
                if key not in ("pattern", "description", "x-mfg-description"):
                    yield from walk(each, pointer + pointer_of(key))
        elif isinstance(value, list):
            for index, each in enumerate(value):
                yield from walk(each, f"{pointer}/{index}")

    return walk(schema, "")


_LINTS: tuple[Callable[[Authored, str, Node], Iterator[Breach]], ...] = (
    _references,
    _base,
    _required,
    _patterns,
    _words,
    _unions,
    _typed_by,
    _units,
    _korean,
    _examples,
    _class_names,
    _uris,
)
