"""Which rules look at more than one document, and at documents of which schemas."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mfgstd.validation.rules import ENVELOPE, standard_rules
from mfgstd.validation.rules.rule import Scope

if TYPE_CHECKING:
    from mfgstd.validation.rules.rule import Rule


@cache
def rules_together() -> tuple[Rule, ...]:
    """The rules of the scopes *sequence* and *reference*, by id."""
    return tuple(each for each in standard_rules() if each.scope is not Scope.RECORD)


@cache
def entities_together() -> frozenset[str]:
    """The ``$id`` of each schema whose documents such a rule reads, or that carries them."""
    read = {each.entity for each in rules_together()}
    return frozenset(read.union(*map(partners_of, rules_together()), {ENVELOPE}))


def partners_of(rule: Rule) -> list[str]:
    """The schemas of the documents that a rule compares with."""
    return list(dict.fromkeys(each.entity for each in rule.partners))
