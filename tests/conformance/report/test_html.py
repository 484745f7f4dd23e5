"""The page as text. That it works in a browser is shown in test_browser.py."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from mfgstd.language import LANGUAGES
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.registry import Registry
from mfgstd_conformance.report import html
from mfgstd_conformance.report.words import OVERALL
from mfgstd_conformance.verdict import Verdict

VOID = {"meta", "input", "use", "circle", "path", "rect"}


class Reader(HTMLParser):
    """Elements and attributes, and whether all that was opened is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_well_formed_and_begins_in_its_language(
    views: Any, mixed: dict[str, Any], language: Any
) -> None:
    elements = read(html.render(views(mixed), language)).elements
    assert elements[0] == ("html", {"lang": language})
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_page_fetches_nothing(views: Any, hostile: dict[str, Any]) -> None:
    for tag, attributes in read(html.render(views(hostile), "en")).elements:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form"}
        assert not attributes.keys() & {"src", "srcset", "style", "action", "background"}
        assert not any(name.startswith("on") for name in attributes)
        address = attributes.get("href") or "#"
        assert address.startswith("#" if tag != "a" else ("#", "https://"))


def test_the_policy_allows_nothing_but_our_own_style_and_script(
    views: Any, mixed: dict[str, Any]
) -> None:
    page = html.render(views(mixed), "en")
    (policy,) = (
        attributes["content"]
        for _, attributes in read(page).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert len(re.findall(r"'sha256-[A-Za-z0-9+/]{43}='", policy)) == 2
    assert page.count("<script>") == page.count("<style>") == 1


@pytest.mark.parametrize("verdict", Verdict)
def test_the_outcome_stands_on_top_in_words_with_its_meaning_and_next_step(
    views: Any, results: Any, verdict: Verdict
) -> None:
    page = html.render(views(results(verdict.value)), "en")
    top = page[: page.index('<section id="requirements"')]
    for text in (OVERALL[verdict].word, OVERALL[verdict].meaning, OVERALL[verdict].next_step):
        assert str(html.both(text)) in top


def test_nothing_of_the_plan_is_missing(
    views: Any, mixed: dict[str, Any], wide_plan: Plan, registry: Registry
) -> None:
    page = html.render(views(mixed), "ko")
    for name in wide_plan.all_ids():
        assert name in page
        assert str(html.both(registry.get(name).title)) in page
    for each in wide_plan.never_planned:
        assert str(html.both(each.reason)) in page
    for excluded in wide_plan.not_applicable:
        assert str(html.both(excluded.why)) in page


def test_waivers_and_attestations_are_shown(
    views: Any, mixed: dict[str, Any], hostile: dict[str, Any]
) -> None:
    page = html.render(views(mixed), "ko")
    assert page.count("김민서, 품질보증팀") == 3
    assert "c" * 64 in html.render(views(hostile), "en")


def test_the_digests_stand_in_the_footer(views: Any, mixed: dict[str, Any]) -> None:
    footer = html.render(views(mixed), "en").partition("<footer>")[2]
    for name in ("plan", "trace", "ledger"):
        assert mixed[name]["sha256"] in footer


def test_the_certificate_is_named_and_not_vouched_for(views: Any, results: Any) -> None:
    result = results()
    statement = {
        "predicate": {
            **{name: result[name] for name in ("plan", "trace", "ledger")},
            "assurance": {"kind": "self_declared", "issuer": "한빛정밀"},
            "binding": {"kind": "declared"},
            "validity": {"from": "2026-11-22T00:00:00Z", "until": "2027-11-22T00:00:00Z"},
        }
    }
    page = html.render(views(result, certificate=statement), "en")
    assert "mfgstd conform verify" in page
    assert "declared by the supplier itself" in page
    assert "2027-11-22T00:00:00Z" in page


def test_a_page_without_its_plan_says_so(views: Any, results: Any) -> None:
    page = html.render(views(results(), plan=None), "en")
    assert "The plan was not given with this report." in page


def test_a_huge_value_does_not_make_a_huge_page(views: Any, hostile: dict[str, Any]) -> None:
    assert len(html.render(views(hostile), "en")) < 300_000
