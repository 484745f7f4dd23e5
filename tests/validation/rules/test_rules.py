"""Rules at work: findings on documents, on collections, in envelopes; and wrong rule files."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mfgstd.finding import Fact, Severity
from mfgstd.language import LANGUAGES
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.resources import root
from mfgstd.validation import validate
from mfgstd.validation.rules import files, judge, read_rules, record_findings, standard_rules
from mfgstd.validation.rules.compiled import FILE, generate
from mfgstd.validation.rules.fixtures import check
from mfgstd.validation.rules.sides import expected

RULE = """
- id: equipment.gap.mends-after-it-began
  since: 1.0.0
  entity: equipment/gap
  scope: record
  severity: error
  sentence: {en: A gap ends., ko: 공백은 끝납니다.}
  when: has(this.to)
  check: timestamp(this.from) <= timestamp(this.to)
  at: /to
  pass: [{example: disconnected}]
  fail: [{example: disconnected, change: {/to: "1999-01-01T00:00:00Z"}}]
"""


@pytest.fixture
def problems(tmp_path: Path) -> Callable[[str], list[str]]:
    """What is wrong with the text of a rule file: place and sentence."""

    def found(text: str) -> list[str]:
        path = tmp_path / "rules.yaml"
        path.write_text(text, encoding="utf-8")
        rules, findings = read_rules([path], catalogue())
        findings += [each for pair in rules for each in check(*pair, catalogue())]
        assert all(each.message.say(language) for each in findings for language in LANGUAGES)
        return [f"{each.source.line}:{each.source.column} {each.message.en}" for each in findings]

    return found


def test_a_good_rule_has_no_problems(problems: Callable[[str], list[str]]) -> None:
    assert problems(RULE) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", ko: 공백은 끝납니다.", "", '7:13 The sentence lacks "ko".'),
        ("  at: /to\n", "  att: /to\n", '10:8 The rule has no key "att".'),
        ("equipment/gap", "equipment/gapp", '4:11 There is no schema "equipment/gapp".'),
        ("timestamp(this.to)", "timestamp(this.too)", '9:10 Gap has no field "too".'),
        ("check: ", "check: this.count > 0 && ", "9:10 this.count is optional and may be absent"),
        ("1999-01-01", "2999-01-01", "12:10 The fixture is no valid document"),
        ("1999-01-01", "2199-01-01", "12:10 This should fail, and the rule is kept."),
        ("{/to:", "{/no/to:", "12:10 The pointer /no/to leads nowhere in the example."),
        ("[{example: disconnected}]", "[{example: nowhere}]", "11:10 equipment/gap has no valid"),
        ("equipment.gap.mends", "equipment.tool.mends", "2:7 The id of a rule about"),
        ("scope: record", "scope: sequence", '2:3 The rule lacks "partition".'),
        ("  at: /to", "  order: [this.id]\n  at: /to", '10:10 "order" belongs to rules'),
        ("at: /to", "at: /to/{x}", "10:7 {x} is the name of no `each`."),
        ("timestamp(this.from) <= timestamp(this.to)", "''", "9:10 The value of `check`"),
        ("timestamp(this.from) <= timestamp(this.to)", "timestamp(this.to)", "an int, not a bool"),
        ("severity: error", "severity: error\n  severity: error", '7:3 The key "severity" stands'),
        ("since: 1.0.0", "since: [", ""),
        (RULE, RULE + RULE, "14:7 The id equipment.gap.mends-after-it-began is taken"),
        (RULE, "a: b", "A rule file is a list of rules."),
    ],
)
def test_a_wrong_rule_file_says_what_and_where(
    old: str, new: str, said: str, problems: Callable[[str], list[str]]
) -> None:
    found = problems(RULE.replace(old, new))
    assert any(said in each for each in found), found


def _broken() -> tuple[dict[str, Any], str]:
    path = root("schemas") / "examples" / "equipment" / "gap" / "valid" / "disconnected.json"
    document: dict[str, Any] = json.loads(path.read_bytes())
    document["to"] = "2000-01-01T00:00:00Z"
    return document, "/to"


def test_a_broken_rule_is_a_finding_with_its_sentence_and_place() -> None:
    document, pointer = _broken()
    findings = [each for each in validate(document) if each.pointer == pointer]
    assert findings
    rule = next(each for each in standard_rules() if each.id == findings[0].rule)
    assert findings[0].message == rule.sentence
    assert findings[0].found == '"2000-01-01T00:00:00Z"'


def _told(entity: str, example: str, rule: str, **changes: Any) -> tuple[Fact | None, Fact | None]:
    """What a rule says it expected and found of an example with changes."""
    path = root("schemas") / "examples" / entity / "valid" / f"{example}.json"
    document = json.loads(path.read_bytes()) | changes
    schema = catalogue().get(document["$schema"])
    return next(
        (each.expected, each.found)
        for each in record_findings(document, schema)
        if each.rule.endswith(rule)
    )


def test_a_finding_says_the_values_and_not_the_expression() -> None:
    interval = {"start": "2024-03-05T08:02:11+09:00", "end": "2020-01-01T00:00:00Z"}
    found = _told(
        "process/job-response", "moulding-completed", "ends-after-it-starts", interval=interval
    )
    assert found == (f'>= "{interval["start"]}"', f'"{interval["end"]}"')


def test_a_finding_says_near_what_a_number_should_have_been() -> None:
    lot = json.loads(
        next((root("schemas") / "examples/process/material-lot/valid").glob("*.json")).read_bytes()
    )
    rule = next(each for each in standard_rules() if each.id.endswith("closed-lot-is-empty"))
    lot |= {"quantity": {"value": 487.5, "unit": "kg"}}
    assert expected(rule, lot, ()) == "near 0.0 (within 1e-06)"


def test_a_check_that_is_no_comparison_says_only_what_was_found() -> None:
    unit = _told("equipment/data-item", "x-position", "unit-measures-the-quantity", unit="kg")
    assert unit == (None, '"kg"')


def test_a_consumer_is_not_held_to_rules() -> None:
    assert validate(_broken()[0], strictness="tolerant") == []


def test_a_document_that_breaks_its_schema_is_not_asked_for_more() -> None:
    document = {**_broken()[0], "unknownField": 1}
    assert [each.rule for each in validate(document)] == ["schema.unknown-field"]


def test_what_an_envelope_carries_is_judged_too() -> None:
    folder = root("schemas") / "examples" / "envelope" / "cloud-event" / "valid"
    envelope = json.loads((folder / "gap.json").read_bytes())
    envelope["data"]["to"] = "2000-01-01T00:00:00Z"
    assert "/data/to" in [each.pointer for each in validate(envelope)]


def test_a_rule_that_cannot_be_evaluated_is_a_finding() -> None:
    document, _ = _broken()
    document["from"] = "not a time"
    findings = record_findings(document, catalogue().find("Gap"))
    assert any("could not be evaluated" in (each.hint.en if each.hint else "") for each in findings)


def test_no_valid_example_breaks_a_rule_about_itself() -> None:
    for path in sorted((root("schemas") / "examples").glob("*/*/valid/*.json")):
        document = json.loads(path.read_bytes())
        if isinstance(document, dict) and document.get("$schema") in catalogue():
            found = record_findings(document, catalogue().get(document["$schema"]))
            assert [each.rule for each in found if each.severity is Severity.ERROR] == [], path


def test_a_collection_is_judged_in_its_order() -> None:
    folder = root("schemas") / "examples" / "equipment" / "counter-reading" / "valid"
    first = json.loads((folder / "minimum.json").read_bytes())
    second = copy.deepcopy(first) | {"value": first["value"] - 1}
    fell = [each for each in judge([first, second]) if each.rule.endswith("counts-up")]
    assert [(each.pointer, each.source.row) for each in fell] == [("/value", 1)]
    assert [each for each in judge([second, first]) if each.rule.endswith("counts-up")] == []


def test_the_compiled_rules_are_what_the_files_say() -> None:
    """CI proves it again by `mfgstd generate --check`; here: that decoding gives the same rules."""
    compiled, findings = read_rules(files(), catalogue())
    assert findings == []
    assert generate([])[FILE].count('"check":[') == len(compiled)
    assert {rule.id: rule for _, rule in compiled} == {rule.id: rule for rule in standard_rules()}


def test_a_result_cannot_call_another_formula_by_the_name_of_a_known_kpi() -> None:
    path = root("schemas") / "examples/kpi/kpi-result/valid/oee-of-a-moulding-machines-day.json"
    result = json.loads(path.read_bytes())
    assert judge([result]) == []
    result["formula"]["expression"] = "(AUPT / PBT) * ((PRI * PQ) / APT) * (GQ / PQ)"
    assert "kpi.kpi-result.formula-is-the-definitions" in {each.rule for each in judge([result])}


def test_a_document_that_is_delivered_twice_is_judged_once() -> None:
    path = root("schemas") / "examples/equipment/equipment-asset-assignment/valid/current.json"
    once = json.loads(path.read_bytes())
    once["extensions"] = {"com.example.wide": {"$schema": "urn:x:y", "n": 2**70}}
    alone = judge([once])
    assert [each.rule.rsplit(".", 1)[1] for each in alone] == ["equipment-exists"]
    assert judge([once, {**once, "recordTime": "2026-01-01T00:00:00Z"}]) == alone
