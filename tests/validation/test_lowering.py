"""Lowered schemas are plain: each engine's own library accepts them and nothing of ours is left."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from mfgstd.standard import catalogue
from mfgstd.validation import Strictness, lower
from mfgstd.validation.lowering import absolute_end

ALL = sorted(catalogue().authored)


@pytest.mark.parametrize("schema_id", ALL, ids=lambda each: each.split("/")[-2])
def test_a_lowered_schema_is_plain_and_self_contained(schema_id: str) -> None:
    resolved = catalogue().get(schema_id)
    for strictness in Strictness:
        modern = lower(resolved, catalogue(), strictness)
        old = lower(resolved, catalogue(), strictness, "draft-07")
        Draft202012Validator.check_schema(modern)
        Draft7Validator.check_schema(old)
        for schema, slot in ((modern, "$defs"), (old, "definitions")):
            text = json.dumps(schema)
            assert "x-mfg-" not in text
            assert "unevaluatedProperties" not in text
            for reference in re.findall(r'"\$ref": "([^"]+)"', text):
                prefix, name = reference.rsplit("/", 1)
                assert prefix == f"#/{slot}"
                assert name in schema[slot]


def _closed(schema: Any) -> list[bool]:
    found: list[bool] = []
    waiting = [schema]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            found.append(each.get("additionalProperties") is False)
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return found


def test_only_the_strict_form_closes_objects() -> None:
    event = catalogue().find("state-event")
    assert any(_closed(lower(event, catalogue(), Strictness.STRICT)))
    assert not any(_closed(lower(event, catalogue(), Strictness.TOLERANT)))


@pytest.mark.parametrize(
    ("pattern", "python"),
    [
        ("^a$", r"^a\Z"),
        (r"^a\$$", r"^a\$\Z"),
        ("^[a$]$", r"^[a$]\Z"),
        (r"^[\]$]$", r"^[\]$]\Z"),
        ("^(a$|b)$", r"^(a\Z|b)\Z"),
    ],
)
def test_a_dollar_sign_becomes_the_very_end_but_not_in_a_class(pattern: str, python: str) -> None:
    assert absolute_end(pattern) == python
