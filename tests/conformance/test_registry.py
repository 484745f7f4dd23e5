from __future__ import annotations

import re
from pathlib import Path

import pytest

from mfgstd.finding import Severity
from mfgstd.validation.rules import standard_rules
from mfgstd_conformance import formats
from mfgstd_conformance.errors import RegistryError, UnknownRequirement
from mfgstd_conformance.profiles import load_profiles
from mfgstd_conformance.registry import Kind, Obligation, Registry

RECORD = """
  - id: {id}
    title: {{en: Title, ko: 제목}}
    sentence: {{en: The product MUST work., ko: 제품은 동작하여야 한다.}}
    level: MUST
    source: {{standard: S, clause: c, url: "https://example.org/"}}
    actors: [adapter]
    appliesIf: null
    introduced: "0.1.0"
    supersededBy: {superseded}
    verification: {{kind: automated}}
    rules: [{rule}]
    nextStep: {{en: Mend it., ko: 고치세요.}}
"""


def write(folder: Path, *ids: str, name: str = "a.yaml", superseded: str = "null") -> Path:
    records = [
        RECORD.format(id=each, superseded=superseded, rule=f"rule.number-{number}")
        for number, each in enumerate(ids)
    ]
    path = folder / name
    path.write_text("requirements:\n" + "".join(records), "utf-8")
    return path


def test_there_are_requirements_of_every_kind_and_obligation(registry: Registry) -> None:
    assert len(registry) >= 24
    assert {each.kind for each in registry} == set(Kind)
    assert {each.obligation for each in registry} >= {Obligation.MUST, Obligation.SHOULD}


def test_every_sentence_uses_the_word_of_its_obligation(registry: Registry) -> None:
    for each in registry:
        words = set(re.findall(r"\b(?:MUST|SHOULD|MAY)\b", each.sentence.en))
        assert words == {each.obligation.value}, each.id
        ending = {
            "MUST": r"(?:야 한다|안 된다)\.$",
            "SHOULD": r"것을 권고한다\.$",
            "MAY": r"수 있다\.$",
        }
        assert re.search(ending[each.obligation], each.sentence.ko), each.id


def test_every_text_is_there_in_korean_and_english(registry: Registry) -> None:
    for each in registry:
        texts = [each.title, each.sentence, each.next_step]
        if each.reason is not None:
            texts.append(each.reason)
        for text in texts:
            assert re.search("[가-힣]", text.ko), each.id
            assert not re.search("[가-힣]", text.en.replace("3호기 머시닝센터", "")), each.id
            assert text.en == text.en.strip()


def test_what_no_program_examines_says_why_and_joins_no_rule(registry: Registry) -> None:
    for each in registry:
        assert (each.reason is None) == (each.kind is Kind.AUTOMATED), each.id
        joined = bool(each.rules or each.standard_rules)
        assert joined == (each.kind is Kind.AUTOMATED), each.id


def test_each_rule_speaks_against_one_requirement(registry: Registry) -> None:
    assert all(len(ids) == 1 for ids in registry.by_rule().values())


def test_every_rule_of_the_standard_speaks_against_a_requirement(registry: Registry) -> None:
    assert {each.id for each in standard_rules()} <= registry.by_rule().keys()


def test_what_a_requirement_covers_is_a_rule_of_the_standard(registry: Registry) -> None:
    """And is an error: a MUST that covered a warning would make more of it."""
    errors = {each.id for each in standard_rules() if each.severity is Severity.ERROR}
    assert {rule for each in registry for rule in each.covers} <= errors


def test_what_covers_a_rule_is_asked_wherever_the_rules_are(registry: Registry) -> None:
    """Else a product could break the rule, and nothing would say so."""
    chosen = {each.id for each in registry if each.standard_rules is not None}
    for profile in load_profiles(registry).values():
        asked = {name for _, name in profile}
        if asked & chosen:
            assert {each.id for each in registry if each.covers} <= asked, profile.id


def test_rules_of_reading_and_schema_exist_in_the_validation(
    registry: Registry, checkout: Path
) -> None:
    source = "".join(
        path.read_text("utf-8") for path in (checkout / "mfgstd" / "validation").rglob("*.py")
    )
    for rule in registry.by_rule():
        if rule.startswith(("schema.", "json.")):
            assert f'"{rule}"' in source, rule


def test_every_record_reads_back_as_it_was_written(registry: Registry) -> None:
    for each in registry:
        assert type(each).from_json(each.to_json()) == each
        assert not list(formats.violations("requirement", {"requirements": [each.to_json()]}))


def test_an_id_is_found_in_any_case_and_a_near_one_is_suggested(registry: Registry) -> None:
    assert registry.get("mfg-obs-003").id == "MFG-OBS-003"
    with pytest.raises(UnknownRequirement) as caught:
        registry.get("MFG-ALM-005")
    assert "MFG-ALM-004" in caught.value.say("ko")


def test_an_id_in_two_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "MFG-AAA-001")
    write(tmp_path, "MFG-AAA-001", name="b.yaml")
    with pytest.raises(RegistryError, match="used twice"):
        Registry.load(tmp_path)


def test_a_retired_id_is_never_used_again(tmp_path: Path) -> None:
    write(tmp_path, "MFG-AAA-001", "MFG-AAA-002")
    (tmp_path / "retired.yaml").write_text(
        "retired:\n  - {id: MFG-AAA-002, retired: '0.2.0', supersededBy: MFG-AAA-001,"
        " reason: {en: Split., ko: 분리되었습니다.}}\n"
    )
    with pytest.raises(RegistryError, match="retired"):
        Registry.load(tmp_path)


def test_a_successor_must_exist(tmp_path: Path) -> None:
    write(tmp_path, "MFG-AAA-001", superseded="MFG-AAA-009")
    with pytest.raises(RegistryError, match="supersededBy"):
        Registry.load(tmp_path)


@pytest.mark.parametrize(
    ("found", "wrong", "message"),
    [
        ("level: MUST", "level: must", "MUST"),
        (", ko: 제목", "", "ko"),
        ("ko: 제목", "ko: Title", "match"),
        ("    actors: [adapter]\n", "", "actors"),
        ("kind: automated", "kind: untestable", "automated"),
        ("rules: [rule.number-0]", "rules: []", "non-empty"),
        (
            "rules: [rule",
            "standardRules: {scopes: [all], severity: error}\n    rules: [rule",
            "all",
        ),
        ("rules: [rule", "coversRules: [rule.number-0]\n    rules: [rule", "rule.number-0"),
        ("    level: MUST\n", "    level: MUST\n    bypass: true\n", "bypass"),
        ("    level: MUST\n", "    level: MUST\n    level: MAY\n", "twice"),
        ("actors: [adapter]", "actors: &a [adapter]\n    more: *a", "aliases"),
        ("MFG-AAA-001", "MFG-AAA-1", "MFG-AAA-1"),
        ("requirements:", "\t", "cannot start"),
    ],
)
def test_a_malformed_record_is_refused_with_its_file(
    tmp_path: Path, found: str, wrong: str, message: str
) -> None:
    path = write(tmp_path, "MFG-AAA-001")
    text = path.read_text("utf-8")
    assert found in text
    path.write_text(text.replace(found, wrong, 1), "utf-8")
    with pytest.raises(RegistryError) as caught:
        Registry.load(tmp_path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 4


def test_yaml_does_not_guess_dates_or_truth(tmp_path: Path) -> None:
    path = write(tmp_path, "MFG-AAA-001")
    text = path.read_text("utf-8").replace("standard: S", "standard: 2026-01-01")
    path.write_text(text.replace("clause: c", "clause: no"), "utf-8")
    source = Registry.load(tmp_path).get("MFG-AAA-001").source
    assert (source.standard, source.clause) == ("2026-01-01", "no")


@pytest.mark.parametrize("name", formats.NAMES)
def test_our_own_formats_are_sound_and_named_after_their_file(name: str) -> None:
    from jsonschema import Draft202012Validator

    schema = formats.schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"https://w3id.org/mfgstd/conformance/{name}/1"
    assert schema["description"]
