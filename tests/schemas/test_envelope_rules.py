"""The rules of the envelope list the entities of the standard by name: none may be missing."""

from __future__ import annotations

import pytest

from mfgstd.finding import Finding
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.resolved import Resolved
from mfgstd.validation.rules import files, read_rules
from mfgstd.validation.rules.collection import findings

ENVELOPE = "https://w3id.org/mfgstd/envelope/cloud-event/1"
ENTITIES = [each for each in catalogue() if each.is_entity and each.id != ENVELOPE]
RULES = {
    rule.id.rpartition(".")[2]: rule
    for _, rule in read_rules([each for each in files() if each.stem == "envelope"], catalogue())[0]
}


def _judged(rule: str, schema: Resolved, type_: str) -> list[Finding]:
    event = {"specversion": "1.0", "id": "1", "source": "s", "time": "2024-03-05T09:30:00Z"}
    filed = {ENVELOPE: [{**event, "type": type_, "dataschema": schema.id, "data": {}}]}
    return list(findings(RULES[rule], filed))


@pytest.mark.parametrize("schema", ENTITIES, ids=lambda each: each.slug)
def test_the_type_of_every_entity_is_known(schema: Resolved) -> None:
    own = schema.slug.replace("-", "_")
    type_ = f"org.mfgstd.{schema.domain}.{own}.recorded.v1"
    assert _judged("type-names-the-entity", schema, type_) == []
    assert _judged("type-names-the-domain", schema, type_) == []
    assert _judged("type-names-the-major", schema, type_) == []


@pytest.mark.parametrize("schema", ENTITIES, ids=lambda each: each.slug)
def test_the_type_of_no_other_entity_will_do(schema: Resolved) -> None:
    own = schema.slug.replace("-", "_")
    for wrong in (f"{own}s", f"x{own}", own[:-1], "nothing"):
        type_ = f"org.mfgstd.{schema.domain}.{wrong}.recorded.v1"
        assert len(_judged("type-names-the-entity", schema, type_)) == 1
    type_ = f"org.mfgstd.envelope.{own}.recorded.v1"
    assert len(_judged("type-names-the-domain", schema, type_)) == 1
    type_ = f"org.mfgstd.{schema.domain}.{own}.recorded.v2"
    assert len(_judged("type-names-the-major", schema, type_)) == 1
