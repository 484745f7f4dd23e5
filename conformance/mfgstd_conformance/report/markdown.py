"""Markdown for a comment on a change: the verdict, the counts, and the gravest findings.

Foreign values stand in code spans, where neither HTML, links nor mentions of people work;
sentences, which may quote foreign values, are escaped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mfgstd.language import Text
from mfgstd_conformance.report import words
from mfgstd_conformance.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd.language import Language
    from mfgstd_conformance.report.view import Row, View

#: A comment is read in a minute; the rest is in the page.
_ROWS_SHOWN: Final = 10

#: Shape and word: a reader need not see colours.
_SHAPES: Final = {
    Verdict.PASS: "✔",
    Verdict.WARN: "▲",
    Verdict.FAIL: "✖",
    Verdict.ERROR: "■",
    Verdict.INCONCLUSIVE: "◆",
    Verdict.NOT_RUN: "○",
    Verdict.NOT_APPLICABLE: "–",
}

_TROUBLE: Final = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.NOT_RUN,
    Verdict.WARN,
)

#: What means something anywhere in a line; what does so only at its start.
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>~|&$#@]|^[-+=]|(?<=^\d)[.)])")

#: After ``@``, ``#``, ``www`` and before ``//``: no mention, no link, and nothing to see.
_JOINER: Final = "\u2060"


def render(view: View, language: Language) -> str:
    """The comment; ends with a line break."""
    return "\n".join(_lines(view, language)) + "\n"


def escape(text: str) -> str:
    r"""Text that Markdown shows letter by letter, in a paragraph or in a table.

    >>> escape("a|b `c`")
    'a\\|b \\`c\\`'
    """
    escaped = _SPECIAL.sub(r"\\\1", text)
    # GitHub looks for mentions, numbers of issues and addresses after escapes are gone.
    return re.sub(r"(?i)(@|#|www(?=\.)|:(?=//))", rf"\1{_JOINER}", escaped)


def code(text: str) -> str:
    """Text as a code span, with a fence longer than any run of backticks in it.

    >>> code("a`b")
    '`` a`b ``'
    """
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest or text != text.strip() or not text else ""
    return f"{fence}{space}{text}{space}{fence}"


def cell(text: str) -> str:
    """A code span for a table, where a pipe would end the cell even inside code."""
    return code(text).replace("|", "\\|")


def _lines(view: View, language: Language) -> Iterator[str]:
    overall = words.OVERALL[view.overall]
    level = words.at_level(view.level.text).say(language)
    yield f"### {_SHAPES[view.overall]} mfgstd: {overall.word.say(language)}"
    yield ""
    profile = f" · {escape(view.profile)}" if view.profile else ""
    yield f"{code(f'{view.name} {view.version}')} ({escape(view.supplier)}){profile} · {level}"
    yield ""
    yield escape(overall.meaning.say(language))
    yield ""
    yield from _counts(view, language)
    trouble = list(view.having(*_TROUBLE))
    for row in trouble[:_ROWS_SHOWN]:
        yield from _row(row, language)
    if len(trouble) > _ROWS_SHOWN:
        left = len(trouble) - _ROWS_SHOWN
        yield Text(
            f"{left} more in the HTML report.", f"나머지 {left}건은 HTML 보고서에 있습니다."
        ).say(language)
        yield ""
    yield f"**{words.PAGE['next'].say(language)}** {escape(overall.next_step.say(language))}"
    if view.digests:
        yield ""
        digests = ", ".join(f"{title.say(language)} {code(value)}" for title, value in view.digests)
        yield f"<sub>SHA-256: {digests}</sub>"


def _counts(view: View, language: Language) -> Iterator[str]:
    present = {verdict: count for verdict, count in view.counts.items() if count}
    yield "| " + " | ".join(f"{_SHAPES[v]} {v.text.say(language)}" for v in present) + " |"
    yield "|" + " ---: |" * len(present)
    yield "| " + " | ".join(map(str, present.values())) + " |"
    yield ""


def _row(row: Row, language: Language) -> Iterator[str]:
    title = escape(row.title.say(language))
    yield f"- {_SHAPES[row.verdict]} **{row.verdict.text.say(language)}** {code(row.id)} {title}"
    if row.problems:
        first = row.problems[0]
        yield f"  - {escape(first.message.say(language))}"
        for name in ("expected", "found", "place", "item"):
            value = getattr(first, name)
            if value is not None:
                yield f"  - {words.PAGE[name].say(language)}: {code(value)}"
        if row.count > 1:
            yield f"  - {words.more(1, row.count).say(language)}"
    if row.waiver is not None:
        yield f"  - {escape(row.waiver.say(language))}"
    step = (row.problems[0].hint if row.problems else None) or row.how or row.next_step
    if step is not None:
        yield f"  - {words.PAGE['next'].say(language)}: {escape(step.say(language))}"
    yield ""
