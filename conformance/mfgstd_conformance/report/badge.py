"""A badge in SVG: level and verdict in words, no service, no fonts, nothing to fetch.

Green is for one thing only: the product conforms without a warning.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from mfgstd_conformance.report import words
from mfgstd_conformance.verdict import Verdict

if TYPE_CHECKING:
    from mfgstd.language import Language
    from mfgstd_conformance.report.view import View

_LABEL: Final = "#3b4149"

#: White on each of these, and on the label, has a contrast of at least 4.5 (WCAG 2.2, 1.4.3).
COLOURS: Final = {
    Verdict.PASS: "#1b6e3c",
    Verdict.WARN: "#835300",
    Verdict.FAIL: "#a8261e",
    Verdict.ERROR: "#862058",
    Verdict.INCONCLUSIVE: "#56459b",
    Verdict.NOT_RUN: "#57606a",
    Verdict.NOT_APPLICABLE: "#57606a",
}

_HEIGHT: Final = 20
_PADDING: Final = 7
_SIZE: Final = 11

#: Pixels of one character at this size; the text is then fitted to the sum exactly.
_NARROW: Final = 6.1
_WIDE: Final = 10.6


def render(view: View, language: Language) -> str:
    """The SVG as text; says for example "mfgstd interface: conforms"."""
    label = f"mfgstd {view.level.text.say(language)}"
    word = words.OVERALL[view.overall].word.say(language)
    left, right = _width(label) + 2 * _PADDING, _width(word) + 2 * _PADDING
    svg = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(left + right),
            "height": str(_HEIGHT),
            "viewBox": f"0 0 {left + right} {_HEIGHT}",
            "role": "img",
            "lang": language,
            "aria-label": f"{label}: {word}",
        },
    )
    ET.SubElement(svg, "title").text = f"{label}: {word}"
    # Two shapes with a straight seam, rounded outside: an id for a clip path could clash inline.
    _half(svg, f"M{left} 0H4a4 4 0 0 0-4 4v12a4 4 0 0 0 4 4H{left}z", _LABEL)
    end = left + right
    _half(svg, f"M{left} 0H{end - 4}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H{left}z", COLOURS[view.overall])
    family = "Pretendard, 'Noto Sans KR', 'Malgun Gothic', system-ui, sans-serif"
    style = {"fill": "#fff", "font-family": family, "font-size": str(_SIZE)}
    group = ET.SubElement(svg, "g", style)
    for text, start in ((label, _PADDING), (word, left + _PADDING)):
        place = {"x": str(start), "y": "14", "textLength": str(_width(text))}
        ET.SubElement(group, "text", place).text = text
    return ET.tostring(svg, encoding="unicode") + "\n"


def _half(svg: ET.Element, path: str, fill: str) -> None:
    ET.SubElement(svg, "path", {"d": path, "fill": fill})


def _width(text: str) -> int:
    return round(sum(_WIDE if unicodedata.east_asian_width(c) in "WF" else _NARROW for c in text))
