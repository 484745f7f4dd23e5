"""One term for one notion: the glossary against the labels of the schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mfgstd.standard.resources import root

GLOSSARY = Path(__file__).parents[2] / "docs" / "standard" / "glossary.md"
DOMAINS = ("primitives", "envelope", "equipment", "process", "quality", "safety", "kpi")
ROW = re.compile(r"\| `(?P<where>[^`]+)` \| (?P<ko>[^|]+) \| (?P<en>[^|]+) \|")

#: Terms that the glossary replaces, and by what.
REPLACED = {"오더": "작업 지시", "보전": "정비", "실물 자산": "물리 자산", "카운터": "계수기"}

Label = tuple[str, str]


def _sources() -> Iterator[tuple[str, Any]]:
    for domain in DOMAINS:
        for path in sorted((root("schemas") / domain).glob("*.json")):
            yield f"{domain}/{path.stem}", json.loads(path.read_bytes())


def _label(node: dict[str, Any]) -> Label:
    return node["x-mfg-label"]["ko"], node["x-mfg-label"]["en"]


def parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema and each schema inside of it; a field may itself be called `properties`."""
    yield schema
    inside = [*schema.get("properties", {}).values(), *schema.get("oneOf", ())]
    inside += [schema[key] for key in ("items", "additionalProperties") if key in schema]
    for child in inside:
        if isinstance(child, dict):
            yield from parts(child)


def _labels(schema: dict[str, Any]) -> Iterator[tuple[str, Label]]:
    """Each label inside of a schema: of a field as `.name`, of a word as `=word`."""
    for part in parts(schema):
        for kind, key in ((".", "properties"), ("=", "x-mfg-words")):
            for name, child in part.get(key, {}).items():
                yield kind + name, _label(child)


def _all_labels() -> dict[str, dict[Label, list[str]]]:
    found: dict[str, dict[Label, list[str]]] = {}
    for entity, schema in _sources():
        found.setdefault(schema["title"], {}).setdefault(_label(schema), []).append(entity)
        for name, label in _labels(schema):
            found.setdefault(name, {}).setdefault(label, []).append(entity)
    return found


LABELS = _all_labels()
ROWS = [
    match.groupdict() for match in map(ROW.match, GLOSSARY.read_text("utf-8").splitlines()) if match
]


@pytest.mark.parametrize("row", ROWS, ids=[row["where"] for row in ROWS])
def test_a_notion_has_the_label_of_the_glossary_wherever_it_stands(row: dict[str, str]) -> None:
    assert set(LABELS[row["where"]]) == {(row["ko"], row["en"])}, LABELS[row["where"]]


def test_the_glossary_lists_every_entity_once() -> None:
    listed = [row["where"] for row in ROWS]
    entities = {schema["title"] for _, schema in _sources() if "allOf" in schema}
    assert len(listed) == len(set(listed))
    assert entities <= set(listed)


def _korean(node: Any, key: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for name, child in node.items():
            if name != "examples":
                yield from _korean(child, name)
    elif isinstance(node, list):
        for child in node:
            yield from _korean(child, key)
    elif isinstance(node, str) and key == "ko":
        yield node


@pytest.mark.parametrize("term", REPLACED)
def test_a_replaced_term_is_gone(term: str) -> None:
    folders = [*DOMAINS, "vocabularies"]
    said = {
        f"{folder}/{path.name}: {text}"
        for folder in folders
        for path in (root("schemas") / folder).glob("*.json")
        for text in _korean(json.loads(path.read_bytes()))
        if term in text
    }
    rules = {
        f"{path.name}: {line.strip()}"
        for path in (root("schemas") / "rules").glob("*.yaml")
        for line in path.read_text("utf-8").splitlines()
        if term in line
    }
    assert said | rules == set(), f"say {REPLACED[term]}"


def test_no_two_fields_of_one_object_have_the_same_label() -> None:
    """A person who fills in a form sees labels only."""

    doubled = [
        f"{entity}: {each}"
        for entity, schema in _sources()
        for part in parts(schema)
        for language in (0, 1)
        for labels in [[_label(field)[language] for field in part.get("properties", {}).values()]]
        for each in set(labels)
        if labels.count(each) > 1
    ]
    assert doubled == []
