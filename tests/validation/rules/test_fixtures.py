"""Every fixture of every rule of the standard, in both lowerings."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.rules import columns, files, read_rules
from mfgstd.validation.rules.authored import Authored
from mfgstd.validation.rules.collection import outcomes
from mfgstd.validation.rules.fixtures import fixtures, made
from mfgstd.validation.rules.judging import Outcome
from mfgstd.validation.rules.rule import Rule

RULES, WRONG = read_rules(files(), catalogue())
CASES = [
    pytest.param(authored, rule, key, number, id=f"{rule.id}-{key}-{number}")
    for authored, rule in RULES
    for (key, number), _ in fixtures(authored)
]


def test_every_rule_compiles() -> None:
    assert [f"{each.source}: {each.message}" for each in WRONG] == []


@pytest.mark.parametrize(("authored", "rule", "key", "number"), CASES)
def test_a_fixture_does_what_it_says_in_rows(
    authored: Authored, rule: Rule, key: str, number: int
) -> None:
    fixture = made(authored, key, number, catalogue())
    kept = [each.kept for each in outcomes(rule, fixture.filed)]
    assert None not in kept
    assert all(each is True for each in kept) is fixture.keeps


@pytest.fixture(scope="module")
def duckdb() -> Any:
    import ibis

    return ibis.duckdb.connect()


@pytest.mark.parametrize(
    ("authored", "rule"), [pytest.param(*each, id=each[1].id) for each in RULES]
)
def test_all_fixtures_have_the_same_outcomes_in_columns(
    authored: Authored, rule: Rule, duckdb: Any
) -> None:
    """One query for all fixtures of a rule; each is a collection of its own in it."""
    filed = [made(authored, *case, catalogue()).filed for case, _ in fixtures(authored)]
    rows = [sorted(outcomes(rule, each), key=Outcome.place) for each in filed]
    assert columns.outcomes(rule, filed, duckdb) == rows


def test_there_are_sixty_rules_over_all_domains_and_scopes() -> None:
    rules = [rule for _, rule in RULES]
    assert len(rules) >= 60
    domains = Counter(rule.id.split(".")[0] for rule in rules)
    assert {"equipment", "process", "quality", "safety", "kpi"} <= set(domains)
    assert {rule.scope.value for rule in rules} == {"record", "sequence", "reference"}
