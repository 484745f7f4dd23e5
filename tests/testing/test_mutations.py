"""Every mutation is found by every engine, where it says and by the rule that it says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from mfgstd.standard import catalogue
from mfgstd.testing import Mutation, mutations
from mfgstd.validation import ENGINES, compile_schema

SCHEMAS = [
    pytest.param(each.id, id=f"{each.domain}/{each.slug}")
    for each in catalogue()
    if not each.abstract
]


@pytest.mark.parametrize("schema_id", SCHEMAS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_mutation_is_found_where_it_hurts(schema_id: str, data: st.DataObject) -> None:
    schema = catalogue().get(schema_id)
    hurt: Mutation = data.draw(mutations(schema))
    for engine in ENGINES:
        assert not compile_schema(schema, engine=engine).is_valid(hurt.document), engine
    found = compile_schema(schema, engine="referee").findings(hurt.document)
    assert (hurt.rule, hurt.pointer) in {(each.rule, each.pointer) for each in found}, hurt


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("alarm", "a compulsory field gone"),
        ("alarm", "a field too many"),
        ("alarm", "an unknown word"),
        ("alarm", "above the most"),
        ("alarm", "below the least"),
        ("alarm", "nested in a list"),
        ("alarm", "a word for a truth value"),
        ("alarm", "a text for a number"),
        ("value", "no branch"),
        ("timestamp", "a text of another form"),
        ("reason", "a word of nobody's"),
        ("cloud-event", "another constant"),
        ("multilingual-text", "an empty map"),
        ("correction", "a text too short"),
    ],
)
def test_every_kind_of_harm_is_done(name: str, what: str) -> None:
    def wanted(each: Any) -> bool:
        return bool(each.what == what)

    # Any will do: making the first one smaller takes most of the time.
    how = settings(max_examples=5000, database=None, deadline=None, phases=[Phase.generate])
    assert find(mutations(name), wanted, settings=how)
