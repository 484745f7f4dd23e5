"""The Korean taxonomy: four domains, seven subfields by name, and seven that nobody made up."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from mfgstd.standard.resources import root
from mfgstd.standard.taxonomy import domains, unnamed_subfields

if TYPE_CHECKING:
    from mfgstd.standard.taxonomy import Domain, Subfield

NAMED = [
    "식별시스템·머신비전",
    "통신네트워크 장비",
    "제어·컨트롤러",
    "생산관리시스템",
    "물류관리시스템",
    "디지털트윈",
    "제조 빅데이터·AI",
]


def _entries() -> list[Domain | Subfield]:
    entries: list[Domain | Subfield] = []
    for domain in domains():
        entries += [domain, *domain.subfields]
    return entries


def test_there_are_four_domains() -> None:
    assert [domain.label.ko for domain in domains()] == [
        "자동화기기",
        "연결화기기",
        "정보화솔루션",
        "지능화서비스",
    ]


def test_the_seven_priority_subfields_are_verified_and_no_other_has_a_name() -> None:
    fields = [field for domain in domains() for field in domain.subfields]
    assert [field.label.ko for field in fields] == NAMED
    assert {field.status for field in fields} == {"verified"}


def test_named_and_unnamed_subfields_make_fourteen() -> None:
    named = sum(len(domain.subfields) for domain in domains())
    assert (named, unnamed_subfields(), named + unnamed_subfields()) == (7, 7, 14)


def test_the_unnamed_are_one_counted_statement_without_names() -> None:
    path = root("schemas") / "vocabularies" / "korean-subfields.json"
    unnamed = json.loads(path.read_bytes())["unnamed"]
    assert set(unnamed) == {"total", "count", "status", "note"}
    assert (unnamed["total"], unnamed["count"], unnamed["status"]) == (14, 7, "unverified")
    assert set(unnamed["note"]) == {"en", "ko"}


def test_every_verified_entry_names_a_source_that_is_listed() -> None:
    path = root("schemas") / "vocabularies" / "korean-subfields.json"
    listed = set(json.loads(path.read_bytes())["sources"])
    for entry in _entries():
        assert entry.sources
        assert set(entry.sources) <= listed


def test_codes_are_unique_and_labels_in_both_languages() -> None:
    codes = [entry.code for entry in _entries()]
    assert len(codes) == len(set(codes))
    for entry in _entries():
        assert re.fullmatch("[a-z]+(-[a-z]+)*", entry.code)
        assert entry.label.en.isascii()
        assert re.search("[가-힣]", entry.label.ko)
