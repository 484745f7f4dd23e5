from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mfgstd.language import LANGUAGES
from mfgstd_conformance.report import markdown
from mfgstd_conformance.report.words import OVERALL
from mfgstd_conformance.verdict import Verdict

#: A reader of CommonMark with GitHub's tables and strikethrough.
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

#: Lines of what means something to Markdown, and of what it means something around.
LINES = st.lists(
    st.sampled_from([*"`|\\*_<>[]()&#@:/.-+=!~$ a1", "www.", "https://", "&lt;", "<b>", "[a](b)"]),
    max_size=30,
).map("".join)


def inline(source: str) -> Sequence[Token]:
    """What stands within the only paragraph of a text."""
    (block,) = (token for token in READER.parse(source) if token.type == "inline")
    return block.children or ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_comment_begins_with_the_verdict_and_ends_with_the_digests(
    views: Any, mixed: dict[str, Any], language: Any
) -> None:
    lines = markdown.render(views(mixed), language).splitlines()
    assert OVERALL[Verdict.FAIL].word.say(language) in lines[0]
    assert mixed["plan"]["sha256"] in lines[-1]


def test_each_trouble_is_named_with_its_place(views: Any, mixed: dict[str, Any]) -> None:
    text = markdown.render(views(mixed), "en")
    for name in ("MFG-UNT-001", "MFG-EQP-003", "MFG-OBS-004", "MFG-DLV-003", "MFG-DLV-005"):
        assert f"`{name}`" in text
    assert "`logs/line-2/20261121.shdr:1204`" in text
    assert "`Sload`" in text
    assert "`MFG-SMK-001`" not in text


def test_the_comment_is_short_whatever_went_wrong(views: Any, results: Any) -> None:
    everything = {each["id"]: "fail" for each in results()["requirements"]}
    text = markdown.render(views(results("fail", everything)), "ko")
    assert len(text.splitlines()) < 60
    assert "HTML" in text


def test_no_percentage_stands_for_a_verdict(views: Any, results: Any) -> None:
    assert "%" not in markdown.render(views(results()), "en")


@given(LINES)
def test_a_code_span_holds_the_text_and_nothing_else(text: str) -> None:
    (span,) = inline(f"- before {markdown.code(text)} after")[1:-1]
    assert span.type == "code_inline"
    assert span.content.strip(" ") == text.strip(" ")


@given(LINES)
def test_a_table_cell_holds_the_text_and_nothing_else(text: str) -> None:
    table = f"| a | b |\n| --- | --- |\n| {markdown.cell(text)} | end |\n"
    cells = [token for token in READER.parse(table) if token.type == "inline"]
    assert [each.content for each in (cells[0], cells[1], cells[3])] == ["a", "b", "end"]
    assert "".join(each.content for each in cells[2].children or ()).strip(" ") == text.strip(" ")


@given(LINES)
def test_escaped_text_reads_as_it_was_written(text: str) -> None:
    tokens = inline(f"- {markdown.escape(text)}end")
    assert {each.type for each in tokens} <= {"text", "text_special"}
    read = "".join(each.content for each in tokens).replace("\u2060", "")
    assert read == f"{text.lstrip(' ')}end"


@given(LINES)
def test_escaped_text_mentions_nobody_and_links_nowhere(text: str) -> None:
    escaped = markdown.escape(text)
    assert not re.search(r"[@#][a-z0-9]", escaped)
    assert "://" not in escaped
    assert "www." not in escaped


def test_hostile_values_stay_text(views: Any, hostile: dict[str, Any]) -> None:
    text = markdown.render(views(hostile), "en")
    assert len(text) < 20_000
    types, tags = set(), set()
    for block in READER.parse(text):
        assert block.type != "html_block"
        for each in block.children or ():
            types.add(each.type)
            if each.type == "html_inline":
                tags.add(each.content)
    assert tags == {"<sub>", "</sub>"}
    assert not types & {"link_open", "image"}
