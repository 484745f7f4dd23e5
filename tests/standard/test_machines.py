"""State machines: what the files say, against OPC UA's nodesets and the laws of each standard."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from mfgstd.errors import SchemaError, UnknownState
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.machines import UNKNOWN, Machine, machine, machines, read

NAMES = ("alarm", "job-order", "job-response", "packml")
CASES = [(name, a, b) for name in NAMES for a, b in product(machine(name).states, repeat=2)]


class NodeSet:
    """The states and transitions of an OPC UA nodeset, sub-machines written out."""

    def __init__(self, path: Path) -> None:
        tree: Any = etree.parse(str(path))
        self.nodes: dict[str, Any] = {
            node.get("NodeId"): node for node in tree.getroot() if node.get("NodeId")
        }

    def _to(self, node_id: str, reference: str) -> list[str]:
        return [
            each.text
            for each in self.nodes[node_id].iter("{*}Reference")
            if each.get("ReferenceType") == reference
            and each.get("IsForward", "true") == "true"
            and each.text in self.nodes
        ]

    def name(self, node_id: str) -> str:
        return re.sub(r"^[0-9]+:", "", self.nodes[node_id].get("BrowseName"))

    def _typed(self, *types: str) -> list[str]:
        return [
            node_id
            for node_id, node in self.nodes.items()
            for each in node.iter("{*}Reference")
            if each.get("ReferenceType") == "HasTypeDefinition" and each.text in types
        ]

    def states(self) -> list[str]:
        """Node ids of the states: StateType and InitialStateType."""
        return self._typed("i=2307", "i=2309")

    def number(self, node_id: str) -> int:
        (variable,) = [
            each for each in self._to(node_id, "HasProperty") if self.name(each) == "StateNumber"
        ]
        return int("".join(self.nodes[variable].find("{*}Value").itertext()))

    def inside(self, state: str) -> list[str]:
        """The states of the machine inside a state, down to those with none inside."""
        leaves: list[str] = []
        for sub in self._to(state, "HasSubStateMachine"):
            (kind,) = self._to(sub, "HasTypeDefinition")
            owned = set(self._to(kind, "HasComponent"))
            for each in self.states():
                if each in owned:
                    leaves += self.inside(each)
        return leaves or [state]

    def transitions(self) -> list[tuple[str, str, str | None]]:
        """From, to, and the name of the method that causes it."""
        return [
            (source, target, next(map(self.name, self._to(node_id, "HasCause")), None))
            for node_id in self._typed("i=2310")
            for source in self._to(node_id, "FromState")
            for target in self._to(node_id, "ToState")
        ]


@pytest.fixture(scope="module")
def packml_nodes(corpus: Path) -> NodeSet:
    return NodeSet(corpus / "opcua" / "Opc.Ua.PackML.NodeSet2.xml")


@pytest.fixture(scope="module")
def job_nodes(corpus: Path) -> NodeSet:
    return NodeSet(corpus / "opcua" / "Opc.Ua.ISA95-JobControl.NodeSet2.xml")


def test_the_four_machines_are_there() -> None:
    assert machines() == NAMES


def test_packml_states_have_the_numbers_of_the_nodeset(packml_nodes: NodeSet) -> None:
    theirs = {
        packml_nodes.name(each).lower(): packml_nodes.number(each)
        for each in packml_nodes.states()
        if packml_nodes.inside(each) == [each]
    }
    assert {each.id: each.number for each in machine("packml").states.values()} == theirs


def test_packml_transitions_are_those_of_the_nodeset_written_out(packml_nodes: NodeSet) -> None:
    ours = {(each.source, each.target, each.by) for each in machine("packml").transitions}
    entries = {"Cleared": "clearing", "Running": "resetting"}
    theirs = set()
    for source, target, cause in packml_nodes.transitions():
        inside = packml_nodes.inside(target)
        name = packml_nodes.name(target)
        end = entries[name] if len(inside) > 1 else name.lower()
        assert end in {packml_nodes.name(each).lower() for each in inside}
        by = (cause or "completion").removeprefix("To").lower()
        theirs |= {
            (packml_nodes.name(each).lower(), end, by) for each in packml_nodes.inside(source)
        }
    # Execute is a dual state: it may also complete by itself.
    assert ours == theirs | {("execute", "completing", "completion")}


def test_packml_words_are_those_of_equipment_state() -> None:
    words = catalogue().authored["https://w3id.org/mfgstd/equipment/equipment-state/1"][
        "properties"
    ]["procedural"]["x-mfg-words"]
    ours = machine("packml").states
    assert set(ours) == set(words) - {UNKNOWN}
    for name, state in ours.items():
        assert state.label._asdict() == words[name]["x-mfg-label"]
        assert state.description.en == words[name]["description"]


def test_packml_aborts_from_everywhere_but_aborting_and_aborted() -> None:
    packml = machine("packml")
    aborts = {each.source for each in packml.transitions if each.by == "abort"}
    assert aborts == set(packml.states) - {"aborting", "aborted"}
    assert {each.target for each in packml.transitions if each.by == "abort"} == {"aborting"}


def test_packml_stops_only_what_runs() -> None:
    packml = machine("packml")
    stops = {each.source for each in packml.transitions if each.by == "stop"}
    assert stops == set(packml.states) - {
        *("stopped", "stopping", "clearing", "aborting", "aborted")
    }


def test_packml_acting_states_end_by_completion_and_waiting_ones_by_command() -> None:
    packml = machine("packml")
    for state in packml.states.values():
        ways = {each.by for each in packml.transitions if each.source == state.id}
        assert ("completion" in ways) == (state.kind in ("acting", "dual")), state.id
        assert state.kind != "wait" or ways <= set(packml.commands)


def test_packml_commands_are_numbered_from_one() -> None:
    assert sorted(each.number or 0 for each in machine("packml").commands.values()) == list(
        range(1, 11)
    )


#: Steps of ours that OPC UA does not have, with the reason in the file: closing in the books.
BEYOND = {("aborted", "closed"), ("cancelled", "closed")}
#: OPC UA names one method for both sides of an interruption.
CAUSES = {"revoke_start": "RevokeStart"}


@pytest.mark.parametrize("name", ["job-order", "job-response"])
def test_each_step_of_a_job_is_a_step_of_job_control(name: str, job_nodes: NodeSet) -> None:
    theirs: dict[tuple[str, str], set[str | None]] = {}
    for source, target, cause in job_nodes.transitions():
        pair = (job_nodes.name(source), job_nodes.name(target))
        theirs.setdefault(pair, set()).add(cause)
    jobs = machine(name)
    place = {
        state.id: each.path.partition("/")[0]
        for state in jobs.states.values()
        for each in state.mappings
        if each.standard == "OPC UA ISA-95 Job Control" and each.relation != "none"
    }
    assert set(jobs.states) - set(place) <= {"cancelled"}
    for step in jobs.transitions:
        pair = (step.source, step.target)
        if pair in BEYOND or step.target == "cancelled":
            continue
        source, target = place[step.source], place[step.target]
        if source == target:
            continue
        assert (source, target) in theirs, pair
        if step.by is not None and step.by != "completion":
            method = CAUSES.get(step.by, step.by.capitalize())
            assert method in theirs[source, target], (pair, step.by)


@pytest.mark.parametrize("name", ["job-order", "job-response"])
def test_each_step_of_job_control_has_one_of_ours(name: str, job_nodes: NodeSet) -> None:
    jobs = machine(name)
    place: dict[str, set[str]] = {}
    for state in jobs.states.values():
        for each in state.mappings:
            if each.standard == "OPC UA ISA-95 Job Control" and each.relation != "none":
                place.setdefault(each.path.partition("/")[0], set()).add(state.id)
    top = {
        *("NotAllowedToStart", "AllowedToStart", "Running"),
        *("Interrupted", "Ended", "Aborted"),
    }
    assert set(place) == top
    for source, target, _ in job_nodes.transitions():
        names = (job_nodes.name(source), job_nodes.name(target))
        if set(names) <= top:
            assert any(jobs.allows(a, b) for a in place[names[0]] for b in place[names[1]]), names


@pytest.mark.parametrize(
    ("name", "field"), [("job-order", "dispatchStatus"), ("job-response", "state")]
)
def test_the_words_of_a_job_are_those_of_its_schema(name: str, field: str) -> None:
    schema = catalogue().authored[f"https://w3id.org/mfgstd/process/{name}/1"]
    jobs = machine(name)
    assert set(schema["properties"][field]["enum"]) == {*jobs.states, *jobs.outside, UNKNOWN}
    assert jobs.allows("closed", "other")
    assert jobs.reaches("other", "waiting")


@pytest.mark.parametrize("name", ["job-order", "job-response"])
def test_a_job_never_comes_back_from_its_end(name: str) -> None:
    jobs = machine(name)
    for end in ("completed", "aborted", "closed"):
        assert not jobs.reaches(end, "running")
    assert {each.source for each in jobs.transitions}.isdisjoint({"closed"})


def test_every_flag_of_an_alarm_is_a_field_of_it() -> None:
    fields = set(catalogue().authored["https://w3id.org/mfgstd/equipment/alarm/1"]["properties"])
    named = {flag for state in machine("alarm").states.values() for flag in state.flags}
    # `shelving` has three words; any but `unshelved` is shelved.
    assert named - {"shelved"} <= fields
    assert "shelving" in fields


FLAGS = ("active", "acknowledged", "latched", "shelved", "suppressed", "outOfService")


@given(st.fixed_dictionaries({name: st.booleans() for name in FLAGS}))
def test_flags_put_an_alarm_in_exactly_one_state(flags: dict[str, bool]) -> None:
    alarm = machine("alarm")
    fitting = [
        state
        for state in alarm.states.values()
        if all(flags[name] is want for name, want in state.flags.items())
    ]
    assert [alarm.state_of(flags)] == fitting


def test_the_letters_run_from_a_to_i() -> None:
    assert [each.letter for each in machine("alarm").states.values()] == list("ABCDEFGHI")


def test_too_few_flags_say_no_state() -> None:
    assert machine("alarm").state_of({"active": True}) is None


@pytest.mark.parametrize("name", NAMES)
def test_every_state_is_reached_from_a_start_and_every_command_is_used(name: str) -> None:
    made = machine(name)
    assert made.initial
    for state in made.states:
        assert any(made.reaches(start, state) for start in made.initial), state
    assert {each.by for each in made.transitions} - {None, "completion"} == set(made.commands)


@given(st.sampled_from(CASES))
def test_what_is_allowed_is_reachable_and_reaching_is_transitive(
    case: tuple[str, str, str],
) -> None:
    name, a, b = case
    made = machine(name)
    assert made.allows(a, a)
    if made.allows(a, b):
        assert made.reaches(a, b)
    if made.reaches(a, b):
        assert all(made.reaches(a, c) for c in made.states if made.reaches(b, c))


@given(st.sampled_from(CASES))
def test_reaching_is_a_chain_of_allowed_steps(case: tuple[str, str, str]) -> None:
    name, a, b = case
    made = machine(name)
    seen = {a}
    while more := {c for s in seen for c in made.states if made.allows(s, c)} - seen:
        seen |= more
    assert made.reaches(a, b) == (b in seen)


@given(st.sampled_from(CASES))
def test_unknown_is_allowed_on_either_side(case: tuple[str, str, str]) -> None:
    name, a, b = case
    made = machine(name)
    assert made.allows(a, UNKNOWN)
    assert made.allows(UNKNOWN, b)
    assert made.reaches(UNKNOWN, UNKNOWN)


def test_a_step_that_is_not_there_is_not_allowed() -> None:
    packml = machine("packml")
    assert not packml.allows("stopped", "execute")
    assert packml.reaches("stopped", "execute")
    assert not machine("job-response").allows("waiting", "running")


@pytest.mark.parametrize(("before", "after"), [("idel", "execute"), ("execute", "idel")])
def test_a_word_that_is_no_state_is_named_with_what_was_meant(before: str, after: str) -> None:
    with pytest.raises(UnknownState, match=r"'packml' has no state 'idel'[\s\S]*idle"):
        machine("packml").allows(before, after)


def test_a_machine_that_is_not_there_is_named_with_what_was_meant() -> None:
    with pytest.raises(UnknownState, match=r"no state machine 'pack-ml'[\s\S]*packml"):
        machine("pack-ml")


GOOD = """\
id: lamp
version: 1.0.0
label: {en: Lamp, ko: 램프}
description: {en: A lamp., ko: 램프입니다.}
source: [{standard: none, clause: none}]
initial: [dark]
states:
  - {id: dark, number: 0, label: {en: dark, ko: 꺼짐}, description: {en: Off., ko: 꺼져 있습니다.}}
  - {id: lit, number: 1, label: {en: lit, ko: 켜짐}, description: {en: Lit., ko: 켜져 있습니다.}}
commands: [{id: press, label: {en: Press, ko: 누름}}]
transitions:
  - {from: dark, to: lit, by: press}
  - {from: lit, to: dark, by: press}
"""


def _lamp(folder: Path, text: str) -> Machine:
    path = folder / "lamp.yaml"
    path.write_text(text, encoding="utf-8")
    return read(path)


def test_a_machine_is_read(tmp_path: Path) -> None:
    lamp = _lamp(tmp_path, GOOD)
    assert lamp.allows("dark", "lit")
    assert lamp.states["lit"].label.ko == "켜짐"


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("id: lamp\n", "id: lamb\n", "not the name of the file"),
        ("to: dark", "to: dim", "'dim' is not a state"),
        ("to: lit, by: press", "to: lit, by: pull", "neither a command nor"),
        ("initial: [dark]", "initial: [dim]", "is not a state"),
        ("number: 1", "number: 0", "the same number"),
        ("id: lit, number: 1", "id: dark, number: 1", "declared twice"),
        ("from: lit, to: dark", "from: dark, to: lit", "stands here twice"),
        ("id: lit,", "id: unknown,", "is no state"),
        ("initial: [dark]", "initial: [dark]\noutside: [lit]", "'lit' is allowed everywhere"),
        ("number: 1", "number: 1, kind: busy", "'busy'"),
        ("number: 1", "nubmer: 1", "'nubmer'"),
        ("version: 1.0.0\n", "", "'version' is missing"),
        ("label: {en: Lamp, ko: 램프}", "label: {en: Lamp}", "'ko' is missing"),
        ("states:\n", "states: {\n", "not a state machine"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(
    tmp_path: Path, wrong: str, right: str, said: str
) -> None:
    assert wrong in GOOD
    with pytest.raises(SchemaError, match=re.escape(said)) as caught:
        _lamp(tmp_path, GOOD.replace(wrong, right))
    assert caught.value.place is not None
    assert str(tmp_path) in str(caught.value.place.path)


@pytest.mark.parametrize("text", ["", "- a\n", "[", "{id: 1}", "a: &a [*a]"])
def test_a_file_that_is_no_machine_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SchemaError):
        _lamp(tmp_path, text)
