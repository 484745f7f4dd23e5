"""The page in a real browser: switching, filtering, searching, printing, and hostile text."""

from __future__ import annotations

from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mfgstd.language import LANGUAGES, Language
from mfgstd_conformance.report import html

LUMINANCE = """
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const lum = (text) => {
  const [r, g, b] = parse(text).slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (node) => {
  for (; node; node = node.parentElement) {
    const colour = getComputedStyle(node).backgroundColor;
    if ((parse(colour)[3] ?? 1) > 0) return colour;
  }
  return "rgb(255, 255, 255)";
};
const poor = [];
for (const node of document.querySelectorAll("body *:not(script):not(style)")) {
  const text = Array.from(node.childNodes).some((n) => n.nodeType === 3 && n.data.trim());
  if (!text || node.closest("button:disabled") || !node.checkVisibility()) continue;
  const [a, b] = [lum(getComputedStyle(node).color), lum(ground(node))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push([ratio.toFixed(2), node.outerHTML.slice(0, 80)]);
}
return poor;
"""


def visible(chrome: Chrome) -> list[str]:
    """The ids of the requirements that a reader sees."""
    found: list[str] = chrome.execute_script(
        "return Array.from(document.querySelectorAll('.requirement'))"
        ".filter((row) => row.checkVisibility()).map((row) => row.id)"
    )
    return found


def seen(chrome: Chrome) -> str:
    """All text that a reader sees."""
    return chrome.find_element(By.TAG_NAME, "body").text


def press(chrome: Chrome, verdict: str) -> None:
    chrome.find_element(By.CSS_SELECTOR, f"[data-filter='{verdict}']").click()


def complaints(chrome: Chrome) -> list[Any]:
    """What the browser objects to: script errors, and loads that the policy refused."""
    log: list[Any] = chrome.get_log("browser")  # type: ignore[no-untyped-call]  # selenium's own
    return [each for each in log if "favicon" not in each["message"]]


@pytest.mark.parametrize("first", LANGUAGES)
def test_one_button_switches_the_language_and_back(
    page: Any, views: Any, mixed: dict[str, Any], first: Language
) -> None:
    chrome = page(html.render(views(mixed), first))
    words = {"en": "does not conform", "ko": "적합성 시험 보고서"}
    other = "ko" if first == "en" else "en"
    assert words[first] in seen(chrome)
    assert words[other] not in seen(chrome)
    for language, hidden in ((other, first), (first, other)):
        chrome.find_element(By.ID, "language").click()
        assert chrome.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
        assert words[language] in seen(chrome)
        assert words[hidden] not in seen(chrome)
        box = chrome.find_element(By.ID, "search")
        label = "검색" if language == "ko" else "Search"
        assert label in (box.get_attribute("placeholder") or "")
        assert label in (box.get_attribute("aria-label") or "")
    assert complaints(chrome) == []


def test_the_filter_shows_one_verdict_and_its_count_is_true(
    page: Any, views: Any, mixed: dict[str, Any]
) -> None:
    view = views(mixed)
    chrome = page(html.render(view, "en"))
    assert len(visible(chrome)) == len(view.rows)
    for verdict, count in view.counts.items():
        button = chrome.find_element(By.CSS_SELECTOR, f"[data-filter='{verdict.value}']")
        assert button.text.split() == [*verdict.text.en.split(), str(count)]
        button.click()
        assert sorted(visible(chrome)) == sorted(
            row.id for row in view.rows if row.verdict is verdict
        )
        assert button.get_attribute("aria-pressed") == "true"
        assert chrome.find_element(By.ID, "shown").text == str(count)
    press(chrome, "")
    assert len(visible(chrome)) == len(view.rows)


def test_verdicts_without_a_requirement_cannot_be_chosen(
    page: Any, views: Any, results: Any
) -> None:
    chrome = page(html.render(views(results()), "en"))
    assert not chrome.find_element(By.CSS_SELECTOR, "[data-filter='fail']").is_enabled()


def test_the_keyboard_reaches_everything(page: Any, views: Any, mixed: dict[str, Any]) -> None:
    chrome = page(html.render(views(mixed), "en"))
    reached = []
    for _ in range(14):
        chrome.switch_to.active_element.send_keys(Keys.TAB)
        active = chrome.switch_to.active_element
        reached.append(active.get_attribute("data-filter") or active.get_attribute("id") or "")
        if reached[-1] == "inconclusive":
            active.send_keys(Keys.SPACE)
    assert {"language", "fail", "search", "open"} <= set(reached)
    assert visible(chrome) == ["MFG-OBS-004"]
    row = chrome.find_element(By.CSS_SELECTOR, "#MFG-OBS-004 summary")
    row.send_keys(Keys.ENTER)
    assert chrome.find_element(By.ID, "MFG-OBS-004").get_attribute("open") is None


def test_the_search_finds_ids_tags_files_and_both_languages(
    page: Any, views: Any, mixed: dict[str, Any]
) -> None:
    chrome = page(html.render(views(mixed), "ko"))
    box = chrome.find_element(By.ID, "search")
    for query, found in (
        ("mfg-dlv-003", ["MFG-DLV-003"]),
        ("sload 20261121", ["MFG-UNT-001", "MFG-TXT-002"]),
        ("스핀들 text.lost", ["MFG-TXT-002"]),
        ("spindle text.lost", ["MFG-TXT-002"]),
        ("no such thing", []),
    ):
        box.clear()
        box.send_keys(query)
        assert visible(chrome) == found
        assert chrome.find_element(By.ID, "nothing").is_displayed() == (not found)


def test_a_link_to_a_requirement_opens_it(page: Any, views: Any, results: Any) -> None:
    chrome = page(html.render(views(results()), "en"), "#MFG-OBS-003")
    assert chrome.find_element(By.ID, "MFG-OBS-003").get_attribute("open") is not None
    assert chrome.find_element(By.ID, "MFG-OBS-004").get_attribute("open") is None


def test_hostile_text_is_text(page: Any, views: Any, hostile: dict[str, Any]) -> None:
    chrome = page(html.render(views(hostile), "en"))
    chrome.find_element(By.ID, "open").click()
    assert chrome.execute_script("return window.hacked") is None
    assert chrome.execute_script("return document.scripts.length") == 1
    assert chrome.execute_script("return document.images.length") == 0
    assert "<script>window.hacked = 1</script>" in seen(chrome)
    assert "{{ 7 * 7 }}" in seen(chrome)
    assert "[U+202E]evil" in seen(chrome)
    assert complaints(chrome) == []


def test_the_policy_stops_a_script_even_if_one_got_in(
    page: Any, views: Any, mixed: dict[str, Any]
) -> None:
    source = html.render(views(mixed), "en")
    chrome = page(source.replace("</main>", "<script>window.hacked = 1</script></main>"))
    assert chrome.execute_script("return window.hacked") is None
    assert any("Content Security Policy" in each["message"] for each in complaints(chrome))
    # And our own script still runs.
    assert chrome.find_element(By.ID, "tools").is_displayed()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(
    page: Any, views: Any, mixed: dict[str, Any], scheme: str
) -> None:
    chrome = page(html.render(views(mixed), "ko"))
    feature = {"name": "prefers-color-scheme", "value": scheme}
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    try:
        chrome.find_element(By.ID, "open").click()
        assert chrome.execute_script(LUMINANCE) == []
    finally:
        chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 768])
def test_nothing_is_wider_than_a_narrow_screen(
    page: Any, views: Any, hostile: dict[str, Any], width: int, language: Language
) -> None:
    chrome = page(html.render(views(hostile), language))
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        chrome.find_element(By.ID, "open").click()
        root = "document.documentElement"
        assert chrome.execute_script(f"return {root}.scrollWidth <= {root}.clientWidth")
    finally:
        chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_printing_opens_what_is_shown_and_closes_it_again(
    page: Any, views: Any, results: Any
) -> None:
    chrome = page(html.render(views(results()), "en"))
    count = "return document.querySelectorAll('.requirement[open]').length"
    before = chrome.execute_script(count)
    assert before < len(visible(chrome))
    chrome.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert chrome.execute_script(count) == len(visible(chrome))
    chrome.execute_script("dispatchEvent(new Event('afterprint'))")
    assert chrome.execute_script(count) == before
