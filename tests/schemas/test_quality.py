"""Quality: what the schemas promise of decimals, and what the rules say of their own examples."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.finding import Severity
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.resolved import NAMESPACE
from mfgstd.standard.resources import root
from mfgstd.validation.rules import read_rules
from mfgstd.validation.rules.authored import Authored
from mfgstd.validation.rules.collection import outcomes
from mfgstd.validation.rules.fixtures import fixtures, made
from mfgstd.validation.rules.rule import Rule

SCHEMAS = root("schemas")
RULES, WRONG = read_rules([SCHEMAS / "rules" / "quality.yaml"], catalogue())
FAILING = [
    pytest.param(authored, rule, number, id=f"{rule.id}-{number}")
    for authored, rule in RULES
    for (key, number), _ in fixtures(authored)
    if key == "fail"
]


def test_every_rule_of_quality_compiles() -> None:
    assert [f"{each.source}: {each.message}" for each in WRONG] == []
    assert len(RULES) >= 20


def test_the_valid_examples_keep_every_rule_together() -> None:
    """They tell of one shop, so that references between them meet."""
    filed: dict[str, list[Any]] = defaultdict(list)
    for path in sorted((SCHEMAS / "examples" / "quality").glob("*/valid/*.json")):
        filed[f"{NAMESPACE}quality/{path.parts[-3]}/1"].append(json.loads(path.read_bytes()))
    judged = [(rule.id, each) for _, rule in RULES for each in outcomes(rule, filed)]
    assert [each for each in judged if each[1].kept is not True] == []
    joined = {name for name, _ in judged} & {r.id for _, r in RULES if r.partners}
    assert len(joined) >= 8


@pytest.mark.parametrize(("authored", "rule", "number"), FAILING)
def test_a_failing_fixture_breaks_no_other_rule(
    authored: Authored, rule: Rule, number: int
) -> None:
    filed = made(authored, "fail", number, catalogue()).filed
    others = [other for _, other in RULES if other.entity in filed and other != rule]
    broken = {
        other.id
        for other in others
        if other.severity is Severity.ERROR
        and any(each.kept is not True for each in outcomes(other, filed))
    }
    assert broken == set()


@given(
    digits=st.integers(-(10**15) + 1, 10**15 - 1),
    decimals=st.integers(0, 15),
)
def test_a_value_of_fifteen_digits_keeps_the_decimals_that_were_written(
    digits: int, decimals: int
) -> None:
    """A double holds them, and ``decimals`` of the quantity says how many to show."""
    written = f"{Decimal(digits).scaleb(-decimals):f}"
    value = json.loads(json.dumps(float(written)))
    assert f"{value:.{decimals}f}" == written
