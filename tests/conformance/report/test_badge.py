from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mfgstd.language import LANGUAGES
from mfgstd_conformance.report import badge
from mfgstd_conformance.report.words import OVERALL
from mfgstd_conformance.verdict import Verdict

SVG = "{http://www.w3.org/2000/svg}"


def channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own document


def test_the_badge_says_level_and_verdict(views: Any, results: Any) -> None:
    root = read(badge.render(views(results()), "en"))
    assert root.findtext(f"{SVG}title") == "mfgstd interface: conforms"
    assert [each.text for each in root.iter(f"{SVG}text")] == ["mfgstd interface", "conforms"]
    korean = read(badge.render(views(results()), "ko"))
    assert korean.findtext(f"{SVG}title") == "mfgstd 인터페이스: 적합"


@pytest.mark.parametrize("verdict", Verdict)
def test_the_badge_is_green_only_where_the_product_conforms(
    views: Any, results: Any, verdict: Verdict
) -> None:
    for language in LANGUAGES:
        root = read(badge.render(views(results(verdict.value)), language))
        fills = [each.attrib["fill"] for each in root.iter(f"{SVG}path")]
        assert badge.COLOURS[verdict] in fills
        for fill in fills:
            red, green, blue = channels(fill)
            # The label's blue-grey is no green either.
            assert (green > 1.2 * max(red, blue)) == (
                verdict is Verdict.PASS and fill == badge.COLOURS[verdict]
            )
            assert 1.05 / (luminance(fill) + 0.05) >= 4.5
        assert root.findtext(f"{SVG}title", "").endswith(OVERALL[verdict].word.say(language))


def test_the_badge_fetches_nothing(views: Any, results: Any) -> None:
    svg = badge.render(views(results()), "ko")
    assert svg.replace("http://www.w3.org/2000/svg", "").find("http") == -1
    assert "<style" not in svg
    assert "url(" not in svg
