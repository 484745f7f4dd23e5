"""A tally is what the referee and the record rules find, one for one and in their order."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mfgstd.standard import Catalogue, Resolved, catalogue
from mfgstd.testing import Mutation, mutations
from mfgstd.validation import Strictness, compile_schema
from mfgstd.validation.engines.tally import Tallied, schema_tally, tally
from mfgstd.validation.rules import files, read_rules, record_findings
from mfgstd.validation.rules.fixtures import fixtures, made
from mfgstd.validation.rules.rule import Scope

ALL = sorted(catalogue().authored)
CONCRETE = [each.id for each in catalogue() if not each.abstract]
Hurt = Callable[[Resolved], "st.SearchStrategy[Any]"]


def told(document: Any, resolved: Resolved, strictness: Strictness) -> list[Tallied]:
    """The long way."""
    found = compile_schema(resolved, strictness, "referee").findings(document)
    if not found and strictness is Strictness.STRICT:
        found = record_findings(document, resolved)
    return [(each.rule, each.severity.value, each.pointer) for each in found]


@pytest.mark.parametrize("schema_id", ALL, ids=lambda each: each.split("/")[-2])
def test_a_hurt_document_has_the_findings_of_the_referee(
    schema_id: str, hurt_documents: Hurt
) -> None:
    resolved = catalogue().get(schema_id)

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(hurt_documents(resolved), st.sampled_from(Strictness))
    def same(document: Any, strictness: Strictness) -> None:
        assert tally(document, resolved, strictness) == told(document, resolved, strictness)

    same()


@pytest.mark.parametrize("schema_id", CONCRETE, ids=lambda each: each.split("/")[-2])
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_mutation_has_the_findings_of_the_referee(schema_id: str, data: st.DataObject) -> None:
    resolved = catalogue().get(schema_id)
    hurt: Mutation = data.draw(mutations(resolved))
    found = tally(hurt.document, resolved)
    assert found == told(hurt.document, resolved, Strictness.STRICT)
    assert (hurt.rule, "error", hurt.pointer) in found


def test_every_example_has_the_findings_of_the_referee() -> None:
    for path in sorted((catalogue().folder / "examples").rglob("*.json")):
        example = json.loads(path.read_bytes())
        document = example if path.parent.name == "valid" else example["document"]
        resolved = catalogue().find(path.parent.parent.name)
        for strictness in Strictness:
            found = tally(document, resolved, strictness)
            assert found == told(document, resolved, strictness), path


def test_every_broken_fixture_of_a_rule_has_the_findings_of_the_rules() -> None:
    rules, _ = read_rules(files(), catalogue())
    broken = set()
    for authored, rule in rules:
        for (key, number), _ in fixtures(authored):
            if rule.scope is not Scope.RECORD:
                continue
            for schema_id, document in made(authored, key, number, catalogue()).records:
                resolved = catalogue().get(schema_id)
                found = tally(document, resolved)
                assert found == told(document, resolved, Strictness.STRICT), rule.id
                broken |= {each for each, _, _ in found}
    assert {rule.id for _, rule in rules if rule.scope is Scope.RECORD} <= broken


def test_the_same_hundred_findings_are_kept_of_a_document_with_more(gap: dict[str, Any]) -> None:
    resolved = catalogue().find("gap")
    gap |= {f"field{number}": number for number in range(200)}
    found = tally(gap, resolved)
    assert len(found) == 101
    assert found[-1] == ("schema.more", "error", "")
    assert found == told(gap, resolved, Strictness.STRICT)


def test_what_an_envelope_carries_is_judged_by_its_own_rules(envelope: dict[str, Any]) -> None:
    resolved = catalogue().find("cloud-event")
    assert tally(envelope, resolved) == []
    envelope["data"]["to"] = "2026-02-02T00:00:00Z"
    found = tally(envelope, resolved)
    assert found == told(envelope, resolved, Strictness.STRICT)
    assert [pointer.split("/")[1] for _, _, pointer in found] == ["data"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"dataschema": "https://example.com/x/1"}, ("schema.typed-by", "/dataschema")),
        ({"dataschema": f"{ALL[0]}0"}, ("schema.typed-by", "/dataschema")),
        ({"data": {"$schema": "urn:x:y"}}, ("schema.mismatch", "/data/$schema")),
        ({"data": {"id": 1}}, ("schema.type", "/data/id")),
    ],
)
def test_a_place_that_the_data_names_the_schema_of_is_looked_into(
    envelope: dict[str, Any], change: dict[str, Any], expected: tuple[str, str]
) -> None:
    resolved = catalogue().find("cloud-event")
    document = envelope | change
    found = tally(document, resolved)
    assert expected in {(rule, pointer) for rule, _, pointer in found}
    assert found == told(document, resolved, Strictness.STRICT)


UNIQUE = {"type": "array", "items": {"type": "object"}, "uniqueItems": True}
ANY = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, 1, 1.0, "1", "", -0.0]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=4,
)


def test_entries_are_the_same_where_the_referee_says_so(
    catalogue_of: Callable[..., Catalogue],
) -> None:
    within = catalogue_of(it=UNIQUE)
    resolved = within.find("it")
    referee = compile_schema(resolved, engine="referee", within=within)

    @given(st.lists(st.dictionaries(st.sampled_from("ab"), ANY, max_size=2), max_size=4))
    def same(items: list[Any]) -> None:
        found = schema_tally(items, resolved, within=within)
        assert [each[0] for each in found] == [each.rule for each in referee.findings(items)]

    same()
    twice = [{"a": [1, {"b": 0}]}, {"a": [1.0, {"b": -0.0}]}]
    assert schema_tally(twice, resolved, within=within) == [("schema.unique-items", "error", "")]
    assert schema_tally([{"a": 1}, {"a": True}], resolved, within=within) == []
