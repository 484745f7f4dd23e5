from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mfgstd.finding import Finding, Place
from mfgstd.language import Text
from mfgstd_conformance.decision import DecisionRecord
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.registry import Registry
from mfgstd_conformance.report import words, write_all
from mfgstd_conformance.result import Judged, Result
from mfgstd_conformance.verdict import Verdict


def test_all_four_files_are_written(
    tmp_path: Path, mixed: dict[str, Any], registry: Registry, wide_plan: Plan
) -> None:
    written = write_all(mixed, tmp_path / "out", "ko", registry=registry, plan=wide_plan)
    assert [each.name for each in written] == ["report.html", "junit.xml", "report.md", "badge.svg"]
    assert all(each.stat().st_size for each in written)


def test_the_same_result_gives_the_same_files(
    tmp_path: Path, mixed: dict[str, Any], registry: Registry, wide_plan: Plan
) -> None:
    first = write_all(mixed, tmp_path / "a", "en", registry=registry, plan=wide_plan)
    again = write_all(mixed, tmp_path / "b", "en", registry=registry, plan=wide_plan)
    assert [each.read_bytes() for each in first] == [each.read_bytes() for each in again]


def test_a_result_of_the_judge_brings_its_own_plan(
    tmp_path: Path, registry: Registry, wide_plan: Plan
) -> None:
    finding = Finding(
        rule="unit.not-ucum",
        message=Text("No UCUM code.", "UCUM 코드가 아닙니다."),
        found='"PERCENT"',
        source=Place(path="a.shdr", line=3, item="Sload"),
    )
    judged = tuple(
        Judged(
            requirement=each.requirement,
            verdict=Verdict.FAIL if each.requirement == "MFG-UNT-001" else Verdict.PASS,
            findings=(finding,) if each.requirement == "MFG-UNT-001" else (),
            count=each.requirement == "MFG-UNT-001",
            checks=(),
        )
        for each in wide_plan.planned
    )
    result = Result(
        plan=wide_plan,
        trace="a" * 64,
        ledger="b" * 64,
        observations=3,
        judged=judged,
        record=DecisionRecord(),
    )
    page, junit, comment, badge = write_all(result, tmp_path, "en", registry=registry)
    for file in (page, junit, comment):
        assert "a.shdr:3" in file.read_text(encoding="utf-8")
    assert wide_plan.profile_id in page.read_text(encoding="utf-8")
    assert "does not conform" in badge.read_text(encoding="utf-8")


def spoken(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, words.Overall):
        yield from (value.word, value.meaning, value.next_step)
    elif isinstance(value, dict):
        for each in value.values():
            yield from spoken(each)


def test_every_word_of_the_reports_is_there_in_both_languages() -> None:
    texts = [text for value in vars(words).values() for text in spoken(value)]
    assert len(texts) > 60
    for text in texts:
        assert text.en.strip()
        assert any("가" <= each <= "힣" for each in text.ko), text
        assert not any("가" <= each <= "힣" for each in text.en), text
