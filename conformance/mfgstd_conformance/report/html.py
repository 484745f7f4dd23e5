"""The report as one HTML file: no network, both languages, any browser of the last years.

Every text stands in the page in both languages, and one attribute of the root decides which is
seen, so that a page without scripting is still whole. Style and script are inline, and the
page's own content security policy allows exactly these two by their hashes: should foreign text
ever escape its escaping, the browser would still not run it.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from mfgstd_conformance.report import words
from mfgstd_conformance.report.view import GRAVEST_FIRST
from mfgstd_conformance.verdict import Verdict

if TYPE_CHECKING:
    from jinja2 import Template

    from mfgstd.language import Language, Text
    from mfgstd_conformance.report.view import View

_FOLDER = Path(__file__).parent / "templates"

#: What a reader should look at stands open; the rest opens on demand, or all of it for print.
_CLOSED = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


def render(view: View, language: Language) -> str:
    """The page, showing ``language`` first."""
    style, script = _source("report.css"), _source("report.js")
    return _template().render(
        view=view,
        language=language,
        overall=words.OVERALL[view.overall],
        obligations=words.OBLIGATIONS,
        words=words.PAGE,
        more=words.more,
        level=words.at_level(view.level.text),
        verdicts=GRAVEST_FIRST,
        closed=_CLOSED,
        # Both files are ours; Markup keeps their quotes as they are, or the hashes would not fit.
        style=Markup(style),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704 - a file of this package
        policy=_policy(style, script),
    )


def both(text: Text) -> Markup:
    """A text in both languages, escaped; the style sheet shows the one that was chosen."""
    return Markup('<span lang="en">{}</span><span lang="ko">{}</span>').format(text.en, text.ko)


@cache
def _template() -> Template:
    # Imported here: the command line must start without it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["both"] = both
    return environment.get_template("report.html")


@cache
def _source(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    return (
        "default-src 'none'; "
        f"style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
