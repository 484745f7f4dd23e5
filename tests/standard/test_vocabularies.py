"""The vocabularies: every row against the standard that it joins, and against our own schemas."""

from __future__ import annotations

import doctest
import json
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from mfgstd.standard import machines, units
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.resources import root
from mfgstd.standard.vocabularies import (
    elsewhere,
    quality_reasons,
    quantities,
    state_words,
    status_reason,
)
from tests.standard import sources

NS = "https://w3id.org/mfgstd/"
FOLDER = root("schemas") / "vocabularies"
STATE: dict[str, Any] = catalogue().authored[f"{NS}equipment/equipment-state/1"]["properties"]
TABLES: dict[str, Any] = json.loads((FOLDER / "state-words.json").read_bytes())["tables"]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda each: each.stem)
def test_every_vocabulary_says_what_it_is_and_where_it_is_from(path: Path) -> None:
    written = json.loads(path.read_bytes())
    assert written["title"]
    assert written["description"]
    assert written.get("sources") or written["source"]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda each: each.stem)
def test_no_vocabulary_says_a_key_twice(path: Path) -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)

    json.loads(path.read_bytes(), object_pairs_hook=once)


# --- quantities


def test_every_quantity_has_the_dimension_of_its_unit() -> None:
    for name, each in quantities().items():
        assert each.dimension == units.unit(each.unit).dimension, name
        assert units.measures(each.unit, name), name
        assert each.unit in units.units(), name


def test_what_is_a_kind_of_another_is_measured_in_its_units() -> None:
    for name, each in quantities().items():
        if each.kind_of is not None:
            parent = quantities()[each.kind_of]
            assert parent.dimension == each.dimension, name
            assert parent.id != name


def test_every_quantity_is_measured_by_some_unit_or_is_a_kind_of_one_that_is() -> None:
    measured = {name for each in units.units().values() for name in each.quantities}
    for name, each in quantities().items():
        above: str | None = name
        while above is not None and above not in measured:
            above = quantities()[above].kind_of
        assert above is not None, (name, each)


def test_quantities_are_labelled_in_both_languages_and_named_once() -> None:
    for name, each in quantities().items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert re.search("[가-힣]", each.label.ko), name
        assert each.label.en
    iris = [each.qudt for each in quantities().values() if each.qudt]
    assert len(set(iris)) == len(iris)
    assert all(each.startswith("http://qudt.org/vocab/quantitykind/") for each in iris)
    assert not set(elsewhere()) & set(quantities())


def test_every_quantity_of_the_mtconnect_units_is_one_of_ours() -> None:
    words = json.loads((FOLDER / "mtconnect-units.json").read_bytes())["words"]
    assert {row["quantity"] for row in words.values() if "quantity" in row} <= set(quantities())


# --- reasons of data quality


def test_the_reasons_are_the_words_of_the_schema_with_their_labels() -> None:
    words = catalogue().authored[f"{NS}primitives/reason/1"]["x-mfg-words"]
    assert list(quality_reasons()) == list(words)
    for name, each in quality_reasons().items():
        assert each.label._asdict() == words[name]["x-mfg-label"]


def test_every_status_code_has_the_number_of_the_list(corpus: Path) -> None:
    theirs = sources.status_codes(corpus)
    seen: set[int] = set()
    for reason in quality_reasons().values():
        for code in reason.opcua:
            assert code.number == int(theirs[code.name], 16), code.name
            assert code.number not in seen, "a code means one reason only"
            seen.add(code.number)
            status = ("good", "uncertain", "bad", "bad")[code.number >> 30]
            assert status in reason.statuses, (reason.id, code.name)
            assert status_reason(code.number) == (status, reason.id)
    assert len(seen) > 30


def test_the_reasons_agree_with_the_mappings_of_the_schema() -> None:
    words = catalogue().authored[f"{NS}primitives/reason/1"]["x-mfg-words"]
    for name, word in words.items():
        table = {(each.name, each.number): each.relation for each in quality_reasons()[name].opcua}
        for each in word.get("x-mfg-mappings", []):
            if each["standard"] == "OPC UA":
                code, _, number = each["path"].partition("=")
                assert table[code, int(number, 16)] == each["relation"], name


def test_every_status_code_of_the_list_has_its_severity(corpus: Path) -> None:
    for name, number in sources.status_codes(corpus).items():
        status, reason = status_reason(int(number, 16))
        assert name.lower().startswith(status), name
        assert reason is None or status in quality_reasons()[reason].statuses


def test_flags_in_the_lower_bits_change_no_reason() -> None:
    assert status_reason(0x80310400) == ("bad", "no_communication")
    assert status_reason(0x00000400) == ("good", None)
    assert status_reason(0xC0000000) == ("bad", None)


# --- state words


@pytest.mark.parametrize("name", TABLES)
def test_every_state_word_is_a_word_of_the_axes_that_its_table_speaks_of(name: str) -> None:
    for word, each in state_words()[name].items():
        assert set(each.axes) <= set(TABLES[name]["axes"]), word
        for axis, value in each.axes.items():
            node = STATE[axis]
            if node["type"] == "boolean":
                assert isinstance(value, bool)
            else:
                assert value in node.get("enum", node.get("x-mfg-openCode")), (word, axis)
        assert each.axes or each.relation == "none"
        assert each.relation != "none" or each.loss


@pytest.mark.parametrize("name", TABLES)
def test_numbers_of_states_are_given_once(name: str) -> None:
    codes = [each.code for each in state_words()[name].values() if each.code is not None]
    assert len(set(codes)) == len(codes)
    assert not codes or len(codes) == len(state_words()[name])


def test_utilization_is_filled_by_utilization_only() -> None:
    """ISO 22400 and SEMI E10 account for time by state, mode and order, never by one state."""
    fill = {
        name
        for name, words in state_words().items()
        if any("utilization" in each.axes for each in words.values())
    }
    assert fill == {"semi-e10", "cfx"}


def test_the_mtconnect_tables_agree_with_the_one_that_the_adapter_reads() -> None:
    types = json.loads((FOLDER / "mtconnect-states.json").read_bytes())["types"]
    tables = {name: words for name, words in state_words().items() if name.startswith("mtconnect.")}
    assert {name.removeprefix("mtconnect.") for name in tables} == set(types)
    for name, words in tables.items():
        theirs = types[name.removeprefix("mtconnect.")]
        assert TABLES[name]["axes"] == theirs["axes"]
        for word, each in words.items():
            if word == "UNAVAILABLE":
                assert each.axes == dict.fromkeys(theirs["axes"], "unknown")
            else:
                assert each.axes == theirs["words"].get(word, {}), word
        assert set(theirs["words"]) <= set(words)


@pytest.mark.parametrize("name", [each for each in TABLES if each.startswith("mtconnect.")])
def test_the_mtconnect_tables_hold_every_word_of_the_schema(name: str, corpus: Path) -> None:
    path = corpus / "mtconnect" / "xsd" / "MTConnectStreams_2.3_1.0.xsd"
    space = "{http://www.w3.org/2001/XMLSchema}"
    (kind,) = [
        each
        for each in etree.parse(str(path)).iter(f"{space}simpleType")
        if each.get("name") == TABLES[name]["source"]
    ]
    theirs = {each.get("value") for each in kind.iter(f"{space}enumeration")}
    assert set(state_words()[name]) == theirs


def _fields(path: Path, name: str) -> dict[str, int]:
    """The words and numbers of an enumeration in a nodeset."""
    tree: Any = etree.parse(str(path))
    return {
        field.get("Name"): int(field.get("Value"))
        for each in tree.iter("{*}Definition")
        if each.get("Name", "").endswith(f":{name}")
        for field in each.iter("{*}Field")
    }


@pytest.mark.parametrize(
    ("table", "file", "name"),
    [
        ("packml.UnitMode", "PackML", "ProductionMaintenanceModeEnum"),
        ("machinetool.MachineOperationMode", "MachineTool", "MachineOperationMode"),
        ("ne107", "Di", "DeviceHealthEnumeration"),
    ],
)
def test_enumerations_have_the_words_and_numbers_of_the_nodeset(
    table: str, file: str, name: str, corpus: Path
) -> None:
    theirs = _fields(corpus / "opcua" / f"Opc.Ua.{file}.NodeSet2.xml", name)
    assert {word: each.code for word, each in state_words()[table].items()} == theirs
    assert TABLES[table]["source"] == name


def _state_numbers(path: Path, machine: str) -> dict[str, int]:
    """The states of a state machine type in a nodeset, with their numbers."""
    nodes = {each.get("NodeId"): each for each in etree.parse(str(path)).getroot()}

    def to(node: Any, reference: str) -> list[Any]:
        return [
            nodes[each.text]
            for each in node.iter("{*}Reference")
            if each.get("ReferenceType") == reference
            and each.get("IsForward") != "false"
            and each.text in nodes
        ]

    def called(node: Any) -> str:
        return re.sub("^[0-9]+:", "", node.get("BrowseName"))

    (owner,) = [
        node for node in nodes.values() if "ObjectType" in str(node.tag) and called(node) == machine
    ]
    return {
        called(state): int("".join(number.find("{*}Value").itertext()))
        for state in to(owner, "HasComponent")
        for number in to(state, "HasProperty")
        if called(number) == "StateNumber"
    }


@pytest.mark.parametrize("table", ["MachineryItemState", "MachineryOperationMode"])
def test_machinery_states_have_the_numbers_of_the_nodeset(table: str, corpus: Path) -> None:
    path = corpus / "opcua" / "Opc.Ua.Machinery.NodeSet2.xml"
    name = f"machinery.{table}"
    theirs = _state_numbers(path, TABLES[name]["source"])
    assert {word: each.code for word, each in state_words()[name].items()} == theirs


def test_packml_words_are_the_states_of_the_machine() -> None:
    ours = {each.axes["procedural"]: each.code for each in state_words()["packml"].values()}
    theirs = {each.id: each.number for each in machines.machine("packml").states.values()}
    assert ours == theirs


def test_a_cfx_sub_state_belongs_to_the_basic_state_of_its_thousands() -> None:
    cfx = state_words()["cfx"]
    basic = {each.code: each.axes for each in cfx.values() if (each.code or 0) % 1000 == 0}
    assert len(basic) == 6
    for word, each in cfx.items():
        assert each.code is not None
        thousands = basic[each.code // 1000 * 1000]
        assert each.axes["utilization"] == thousands["utilization"], word


def test_every_basic_state_of_e10_is_one_of_cfx() -> None:
    def filled(table: str) -> set[Any]:
        return {each.axes["utilization"] for each in state_words()[table].values()}

    assert filled("semi-e10") == filled("cfx") == set(STATE["utilization"]["enum"]) - {"unknown"}


def test_every_reason_of_a_state_is_one_that_cfx_gives() -> None:
    given = {each.axes.get("reason") for each in state_words()["cfx"].values()}
    assert given - {None} == set(STATE["reason"]["x-mfg-openCode"])


# --- the page about them


def test_the_examples_of_the_page_run(checkout: Path) -> None:
    page = (checkout / "docs" / "standard" / "vocabularies.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```pycon\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        case = doctest.DocTestParser().get_doctest(block, {}, "vocabularies.md", None, 0)
        assert doctest.DocTestRunner(verbose=False).run(case).failed == 0


def test_the_page_counts_right(checkout: Path) -> None:
    page = (checkout / "docs" / "standard" / "vocabularies.md").read_text(encoding="utf-8")
    listed = units.units().values()
    written = json.loads((FOLDER / "units.json").read_bytes())
    verified = [row for row in written["units"] if row.get("qudt", {}).get("verified")]
    counts = {
        "units": len(listed),
        "units with a Rec 20 code": sum(bool(each.rec20) for each in listed),
        "units with an MTConnect word": sum(bool(each.mtconnect) for each in listed),
        "units with a QUDT IRI": sum(bool(each.qudt) for each in listed),
        "QUDT IRIs with our factor": len(verified),
        "UCUM atoms": len(written["atoms"]),
        "UCUM prefixes": len(written["prefixes"]),
        "quantities": len(quantities()),
        "reasons": len(quality_reasons()),
        "OPC UA status codes": sum(len(each.opcua) for each in quality_reasons().values()),
        "state tables": len(state_words()),
        "state words": sum(map(len, state_words().values())),
    }
    for name in machines.machines():
        made = machines.machine(name)
        counts[f"`{name}` states"] = len(made.states)
        counts[f"`{name}` transitions"] = len(made.transitions)
    said = {
        name: int(count.replace(",", ""))
        for name, count in re.findall(r"^\| ([^|]+?) \| ([0-9,]+) \|$", page, re.MULTILINE)
    }
    assert said == counts
