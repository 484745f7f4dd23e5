"""The process domain: its words against the state machines, its trace events against EPCIS."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.machines import machine
from mfgstd.standard.resolved import NAMESPACE, Enumeration, Object
from mfgstd.standard.resources import root
from mfgstd.validation.rules import files, read_rules
from mfgstd.validation.rules.collection import outcomes
from mfgstd.validation.rules.rule import Rule

TRACE_EVENT = f"{NAMESPACE}process/trace-event/1"

#: The five kinds of EPCIS 2.0 with a valid example of each, and the fields that not every kind has
#: (EPCIS 2.0, JSON schemas of the event types).
EXAMPLES = {
    "object": "commissioning",
    "aggregation": "boxing",
    "association": "mold-mounted",
    "transformation": "machining",
    "transaction": "shipped-on-order",
}
FIELDS = {
    "epcs": {"object", "transaction"},
    "quantities": {"object", "transaction"},
    "parent": {"aggregation", "association", "transaction"},
    "children": {"aggregation", "association"},
    "childQuantities": {"aggregation", "association"},
    "inputs": {"transformation"},
    "inputQuantities": {"transformation"},
    "outputs": {"transformation"},
    "outputQuantities": {"transformation"},
    "transformation": {"transformation"},
    "persistentDisposition": {"object", "transformation"},
}
THING = "https://plant.example.co.kr/items/SHAFT-0304-117"
AMOUNT = {"material": "https://plant.example.co.kr/lots/BAG-07"}


def _example(kind: str) -> dict[str, Any]:
    folder = root("schemas") / "examples" / "process" / "trace-event" / "valid"
    document: dict[str, Any] = json.loads((folder / f"{EXAMPLES[kind]}.json").read_bytes())
    return document


def _value(name: str) -> Any:
    if name in ("parent", "transformation"):
        return THING
    if name == "persistentDisposition":
        return {"set": ["conformant"]}
    return [AMOUNT] if name.lower().endswith("quantities") else [THING]


@pytest.fixture(scope="module")
def rules() -> dict[str, Rule]:
    compiled, wrong = read_rules([each for each in files() if each.stem == "process"], catalogue())
    assert wrong == []
    return {rule.id.removeprefix("process."): rule for _, rule in compiled}


def _kept(rule: Rule, document: dict[str, Any]) -> bool:
    return all(each.kept is True for each in outcomes(rule, {TRACE_EVENT: [document]}))


@pytest.mark.parametrize(
    ("slug", "field", "name"),
    [
        ("job-order", "dispatchStatus", "job-order"),
        ("job-response", "state", "job-response"),
    ],
)
def test_a_job_has_the_states_of_its_machine_besides_other_and_unknown(
    slug: str, field: str, name: str
) -> None:
    node = catalogue().get(f"{NAMESPACE}process/{slug}/1").node
    assert isinstance(node, Object)
    found = next(each.node for each in node if each.name == field)
    assert isinstance(found, Enumeration)
    states = machine(name).states
    assert {word.value for word in found.words} == {*states, "other", "unknown"}
    for word in found.words:
        if word.value in states:
            assert word.label == states[word.value].label
            assert word.description == states[word.value].description


@pytest.mark.parametrize(("kind", "name"), list(product(EXAMPLES, FIELDS)))
def test_an_event_has_only_the_fields_that_epcis_gives_its_kind(
    kind: str, name: str, rules: dict[str, Rule]
) -> None:
    document = {**_example(kind), name: _value(name)}
    assert _kept(rules["trace-event.fields-fit-the-kind"], document) is (kind in FIELDS[name])


@pytest.mark.parametrize("there", list(product([False, True], repeat=5)))
def test_a_transformation_has_the_cardinality_of_epcis(
    there: tuple[bool, ...], rules: dict[str, Rule]
) -> None:
    names = ("inputs", "inputQuantities", "outputs", "outputQuantities", "transformation")
    document = _example("transformation")
    for name, given in zip(names, there, strict=True):
        document.pop(name, None)
        if given:
            document[name] = _value(name)
    went_in, came_out, tied = any(there[:2]), any(there[2:4]), there[4]
    expected = (went_in and came_out) or (tied and (went_in or came_out))
    rule = rules["trace-event.transformation-has-inputs-and-outputs"]
    assert _kept(rule, document) is expected


@pytest.mark.parametrize("kind", ["aggregation", "association"])
@pytest.mark.parametrize("action", ["add", "observe", "delete"])
@pytest.mark.parametrize("there", list(product([False, True], repeat=3)))
def test_containers_and_children_have_the_cardinality_of_epcis(
    kind: str, action: str, there: tuple[bool, ...], rules: dict[str, Rule]
) -> None:
    document = {**_example(kind), "action": action}
    for name, given in zip(("parent", "children", "childQuantities"), there, strict=True):
        document.pop(name, None)
        if given:
            document[name] = _value(name)
    optional_parent = kind == "aggregation" and action == "observe"
    expected = (there[0] or optional_parent) and (any(there[1:]) or action == "delete")
    named = [
        "trace-event.aggregation-has-a-parent",
        "trace-event.association-has-a-parent",
        "trace-event.children-unless-deleted",
    ]
    assert all(_kept(rules[each], document) for each in named) is expected
