"""``validate`` and ``parse``: which schema, which findings, which model; and nothing is raised."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mfgstd
from mfgstd.validation import Strictness, parse, validate

Document = dict[str, Any]


def _rules(document: Any, **options: Any) -> list[str]:
    return [each.rule for each in validate(document, **options)]


def test_a_good_document_has_no_findings(gap: Document) -> None:
    assert validate(gap) == []
    assert validate(json.dumps(gap)) == []
    assert validate(json.dumps(gap).encode()) == []


def test_the_schema_is_the_callers_else_the_documents(gap: Document) -> None:
    bare = {name: value for name, value in gap.items() if name != "$schema"}
    assert _rules(bare) == ["schema.undeclared"]
    assert _rules(bare, schema="gap") == []
    assert _rules(gap, schema="alarm") == ["schema.mismatch"]
    assert _rules({**gap, "$schema": 5}) == ["schema.unknown"]
    assert _rules({**gap, "$schema": "https://w3id.org/mfgstd/primitives/unit/1"}) == [
        "schema.unknown"
    ]
    with pytest.raises(mfgstd.UnknownSchema):
        validate(gap, schema="no such schema")


def test_findings_stand_in_the_order_of_the_text(gap: Document) -> None:
    text = json.dumps({"zzz": 1, **gap, "outcome": 5, "to": "never"}, indent=1)
    lines = [each.source.line for each in validate(text)]
    assert lines == sorted(line for line in lines if line is not None)
    assert len(lines) == 3


@pytest.mark.parametrize("engine", ["row", "referee", "fastjsonschema"])
@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (float("nan"), "json.nan"),
        (float("inf"), "json.nan"),
        (datetime.date(2026, 1, 1), "json.type"),
        ((1, 2), "json.type"),
        ({5: 1}, "json.type"),
        ("\ud800", "json.utf8"),
        (b"bytes", "json.type"),
    ],
)
def test_python_values_that_are_no_json_are_findings(
    gap: Document, value: Any, rule: str, engine: Any
) -> None:
    own = {"com.vendor.x": {"$schema": "https://vendor.example/x/1", "value": value}}
    (finding,) = validate({**gap, "extensions": own}, engine=engine)
    assert finding.rule == rule
    assert finding.pointer == "/extensions/com.vendor.x/value"


def test_a_python_value_may_be_nested_too_deep(gap: Document) -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert _rules({**gap, "extensions": deep}) == ["json.depth"]


def test_a_str_with_a_lone_surrogate_is_a_finding() -> None:
    assert _rules('{"a": "\ud800"}') == ["json.utf8"]


@given(st.binary(max_size=40) | st.text(max_size=40))
def test_no_text_makes_validate_raise(document: bytes | str) -> None:
    assert validate(document)


def test_a_good_document_becomes_its_model(gap: Document) -> None:
    parsed = parse(json.dumps(gap))
    assert parsed.conforms
    assert parsed.findings == ()
    assert type(parsed.model).__name__ == "Gap"
    assert parsed.model is not None
    assert parsed.model.to_json() == gap
    assert parsed.raw == gap


def test_a_bad_document_keeps_what_was_read(gap: Document) -> None:
    parsed = parse({**gap, "outcome": "lots"})
    assert not parsed.conforms
    assert parsed.model is None
    assert parsed.raw["outcome"] == "lots"
    assert parse(b"{").raw is None


def test_a_tolerant_reader_gets_a_model_without_what_it_does_not_know(gap: Document) -> None:
    quantity = {"value": 1, "unit": "mm", "x": 1, "uncertainty": {"value": 1, "y": 2}}
    parsed = parse({**gap, "new": 1}, strictness=Strictness.TOLERANT)
    assert parsed.conforms
    assert parsed.model is not None
    assert parsed.model.to_json() == gap
    assert parsed.raw["new"] == 1
    assert not parse({**gap, "new": 1}).conforms
    inner = parse(quantity, schema="quantity", strictness="tolerant")
    assert inner.model is not None
    assert inner.model.to_json() == {"value": 1, "unit": "mm", "uncertainty": {"value": 1}}


def test_a_byte_order_mark_leaves_the_document_conforming(gap: Document) -> None:
    parsed = parse(b"\xef\xbb\xbf" + json.dumps(gap).encode())
    assert parsed.conforms
    assert parsed.model is not None
    assert [each.rule for each in parsed.findings] == ["json.bom"]
