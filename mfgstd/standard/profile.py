"""The authoring profile: what a schema of the standard may say, checked in two steps.

``schemas/profile.json`` says it node kind by node kind; each part of it names its rule in
``x-mfg-rule``. What looks beyond one place (a reference that must exist, an example that must
validate) is a lint in :mod:`mfgstd.standard._lints`, run on the schemas that passed the first step.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from mfgstd.finding import Finding, Place, show
from mfgstd.language import Text
from mfgstd.standard._lints import (
    LINTS,
    URI,
    Authored,
    lints,
    open_code_pattern,
    pointer_of,
)
from mfgstd.standard.resolved import NAMESPACE
from mfgstd.standard.resources import root

__all__ = ["RULES", "SHAPES", "URI", "check", "open_code_pattern", "read"]

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema.exceptions import ValidationError

#: Each rule that ``profile.json`` names, and what it asks for.
SHAPES: Mapping[str, Text] = {
    "profile.dialect": Text(
        "A schema names the dialect of JSON Schema 2020-12 in $schema.",
        "스키마는 $schema에 JSON Schema 2020-12 방언을 밝혀야 합니다.",
    ),
    "profile.id": Text(
        f"The $id is {NAMESPACE}<domain>/<slug>/<major>.",
        f"$id는 {NAMESPACE}<영역>/<이름>/<주 버전> 형식이어야 합니다.",
    ),
    "profile.title": Text(
        "A schema and an inline object are titled with a class name; nothing else has a title.",
        "스키마와 인라인 객체에는 클래스 이름인 title이 있어야 하며 다른 곳에는 쓸 수 없습니다.",
    ),
    "profile.description": Text(
        "A description is there in English (description) and Korean (x-mfg-description.ko).",
        "설명은 영어(description)와 한국어(x-mfg-description.ko)로 모두 있어야 합니다.",
    ),
    "profile.label": Text(
        "A label is there in both languages: x-mfg-label {ko, en}.",
        "이름표는 두 언어로 있어야 합니다: x-mfg-label {ko, en}.",
    ),
    "profile.term": Text(
        f"The permanent term is {NAMESPACE}term/<domain>/<slug>, the same as in the $id.",
        f"영구 용어는 $id와 같은 {NAMESPACE}term/<영역>/<이름> 형식이어야 합니다.",
    ),
    "profile.version": Text(
        "x-mfg-version has three numbers: 1.0.0.",
        "x-mfg-version은 1.0.0처럼 세 숫자로 적어야 합니다.",
    ),
    "profile.since": Text(
        "x-mfg-since has three numbers: 1.0.0.",
        "x-mfg-since는 1.0.0처럼 세 숫자로 적어야 합니다.",
    ),
    "profile.stability": Text(
        "x-mfg-stability is experimental or stable.",
        "x-mfg-stability는 experimental 또는 stable이어야 합니다.",
    ),
    "profile.deprecated": Text(
        "x-mfg-deprecated has `since`, and `replacedBy` where there is a replacement.",
        "x-mfg-deprecated에는 `since`가 있어야 하며 대체 항목이 있으면 `replacedBy`를 적습니다.",
    ),
    "profile.mapping": Text(
        "A mapping has standard, version, path, relation, and loss where something is lost.",
        "매핑에는 standard, version, path, relation이 있어야 하며 손실이 있으면 loss를 적습니다.",
    ),
    "profile.closed": Text(
        "A base stays open; a leaf and an inline object are closed.",
        "바탕 스키마는 열려 있어야 하고 최종 스키마와 인라인 객체는 닫혀 있어야 합니다.",
    ),
    "profile.header": Text(
        "This keyword belongs at the top of a schema only.",
        "이 키워드는 스키마의 최상위에만 쓸 수 있습니다.",
    ),
    "profile.type": Text(
        "A node has one type: string, number, integer, boolean, array or object.",
        "노드에는 string, number, integer, boolean, array, object 중 한 가지 type이 있어야 합니다.",
    ),
    "profile.keyword": Text(
        "This keyword is not allowed on a node of this kind.",
        "이 종류의 노드에는 이 키워드를 쓸 수 없습니다.",
    ),
    "profile.facet": Text(
        "The value of this keyword is not of the right kind.",
        "이 키워드의 값이 올바르지 않습니다.",
    ),
    "profile.examples": Text(
        "A property has at least one example.",
        "속성에는 예시가 하나 이상 있어야 합니다.",
    ),
    "profile.property-name": Text(
        "A property is named in camelCase (rows: snake_case).",
        "속성 이름은 camelCase로 적어야 합니다(행 스키마는 snake_case).",
    ),
    "profile.properties": Text(
        "An object has properties, propertyNames or x-mfg-typedBy.",
        "객체에는 properties, propertyNames, x-mfg-typedBy 중 하나가 있어야 합니다.",
    ),
    "profile.required": Text(
        "`required` lists declared properties, each once.",
        "`required`에는 선언된 속성을 한 번씩만 적어야 합니다.",
    ),
    "profile.ref": Text(
        "A $ref is the $id of a schema that exists.",
        "$ref는 존재하는 스키마의 $id여야 합니다.",
    ),
    "profile.base": Text(
        "allOf has one $ref, to an open base that extends nothing itself.",
        "allOf에는 다른 것을 확장하지 않는 열린 바탕 스키마에 대한 $ref 하나만 쓸 수 있습니다.",
    ),
    "profile.unit": Text(
        "A number has exactly one of x-mfg-unit (1 = dimensionless), x-mfg-unitFrom, "
        "x-mfg-quantity.",
        "숫자에는 x-mfg-unit(1 = 무차원), x-mfg-unitFrom, x-mfg-quantity 중 정확히 하나가 "
        "있어야 합니다.",
    ),
    "profile.bounds": Text(
        "An integer has both bounds.",
        "정수에는 최솟값과 최댓값이 모두 있어야 합니다.",
    ),
    "profile.pattern": Text(
        "A pattern is anchored as a whole and written in the syntax that ECMA-262, Python, RE2 "
        "and Java share: [0-9], no \\d, no look-around.",
        "패턴은 전체를 ^와 $로 고정하고 ECMA-262, Python, RE2, Java가 공유하는 문법으로 "
        "적어야 합니다([0-9] 사용, \\d와 전후방 탐색 금지).",
    ),
    "profile.format": Text(
        "A format is only a note: the pattern beside it is the law.",
        "format은 참고일 뿐이므로 검사에 쓸 pattern이 함께 있어야 합니다.",
    ),
    "profile.const": Text("A constant is a string.", "상수는 문자열이어야 합니다."),
    "profile.enum": Text(
        "Words are unique and in lower_snake_case.",
        "단어는 중복되지 않아야 하며 lower_snake_case로 적어야 합니다.",
    ),
    "profile.words": Text(
        "x-mfg-words labels and describes exactly the words, in both languages.",
        "x-mfg-words에는 모든 단어의 이름표와 설명이 두 언어로 정확히 있어야 합니다.",
    ),
    "profile.open-code": Text(
        "The pattern of an open code is its words or a URI, as open_code_pattern makes it.",
        "열린 코드의 패턴은 open_code_pattern이 만드는 형식(단어 또는 URI)이어야 합니다.",
    ),
    "profile.items": Text("An array has items.", "배열에는 items가 있어야 합니다."),
    "profile.map": Text(
        "A map has propertyNames with a pattern, and one schema for its values.",
        "맵에는 pattern이 있는 propertyNames와 값에 대한 스키마 하나가 있어야 합니다.",
    ),
    "profile.typed-by": Text(
        "x-mfg-typedBy names the sibling, or own $schema, that holds the id of the schema.",
        "x-mfg-typedBy는 스키마 id를 담은 형제 속성 또는 자신의 $schema를 가리켜야 합니다.",
    ),
    "profile.union": Text(
        "A union has two or more objects, told apart by a required constant or by a single key.",
        "합집합은 필수 상수 또는 단일 키로 구별되는 둘 이상의 객체여야 합니다.",
    ),
}

#: Every rule of the profile.
RULES: Mapping[str, Text] = {**SHAPES, **LINTS}


def check(authored: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """Judge authored schemas (``$id`` -> document) by the whole profile.

    References and bases are looked up among ``authored``. Returns findings in the order of the
    schemas; ``source.path`` is the ``$id``, ``pointer`` the place in the authored JSON.
    """
    shaped: dict[str, Mapping[str, Any]] = {}
    found: dict[str, list[Finding]] = {}
    for schema_id, schema in authored.items():
        try:
            found[schema_id] = list(_shape(schema_id, schema))
        except RecursionError:
            found[schema_id] = [_unreadable(schema_id, "nested too deep")]
        if not found[schema_id]:
            shaped[schema_id] = schema
    everything = Authored(shaped, frozenset(authored))
    for schema_id in shaped:
        for rule, pointer, quoted in lints(everything, schema_id):
            found[schema_id].append(_finding(schema_id, rule, pointer, quoted))
    return [finding for each in found.values() for finding in each]


def read(paths: list[Path]) -> tuple[dict[str, Mapping[str, Any]], list[Finding]]:
    """Read schema files into what :func:`check` takes; a file that is no schema is a finding."""
    authored: dict[str, Mapping[str, Any]] = {}
    findings: list[Finding] = []
    for path in paths:
        document: Any
        try:
            document = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            findings.append(_unreadable(str(path), str(error)))
            continue
        if not isinstance(document, dict) or not isinstance(document.get("$id"), str):
            findings.append(_finding(str(path), "profile.id", "", None))
            continue
        authored[document["$id"]] = document
    return authored, findings


@cache
def _profile() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((root("schemas") / "profile.json").read_bytes())
    return loaded


def _shape(schema_id: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    from jsonschema import Draft202012Validator

    seen: set[tuple[str, str]] = set()
    if schema.get("$id", schema_id) != schema_id:
        seen.add(("profile.id", "/$id"))
    for error in Draft202012Validator(_profile()).iter_errors(schema):
        seen.update((_rule(error), pointer) for pointer in _pointers(error))
    for rule, pointer in sorted(seen, key=lambda each: each[1]):
        yield _finding(schema_id, rule, pointer, None)


def _rule(error: ValidationError) -> str:
    """The nearest ``x-mfg-rule`` on the way to the keyword that failed."""
    node: Any = _profile()
    rule = ""
    for step in error.absolute_schema_path:
        # jsonschema leaves `$ref` out of the path that it reports.
        if isinstance(node, dict) and step not in node:
            node = _profile()["$defs"][node["$ref"].rpartition("/")[2]]
            rule = node.get("x-mfg-rule", rule)
        node = node[step]
        if isinstance(node, dict):
            rule = node.get("x-mfg-rule", rule)
    return str(rule)


def _pointers(error: ValidationError) -> list[str]:
    place: list[object] = list(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema["properties"] if isinstance(error.schema, Mapping) else {}
        return [pointer_of(*place, key) for key in error.instance if key not in known]
    if list(error.absolute_schema_path)[-2:] == ["propertyNames", "pattern"]:
        place.append(error.instance)
    return [pointer_of(*place)]


def _unreadable(path: str, quoted: str) -> Finding:
    message = Text(
        "The file is not readable as a schema: JSON in UTF-8.",
        "파일을 스키마(UTF-8 JSON)로 읽을 수 없습니다.",
    )
    return Finding(
        rule="profile.unreadable", message=message, found=show(quoted), source=Place(path=path)
    )


def _finding(schema_id: str, rule: str, pointer: str, quoted: str | None) -> Finding:
    return Finding(
        rule=rule,
        message=RULES[rule],
        pointer=pointer,
        found=quoted,
        source=Place(path=schema_id),
    )
