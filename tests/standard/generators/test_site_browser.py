"""The site in a real browser: from a disk and below a path of a host, searched and measured."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from tests.standard.generators import sites
from tests.tools import chromium
from tests.tools.chromium import complaints, requests

#: Text boxes of a drawing that overlap, or that stick out of the box they are written in.
CROWDED = """
const wrong = [];
for (const drawing of document.querySelectorAll("svg.picture, svg.machine")) {
  // The one that is for other screens, too: a drawing's own units do not depend on the screen.
  drawing.style.display = "block";
  const texts = [...drawing.querySelectorAll("text")];
  const boxes = texts.map((each) => each.getBBox());
  const view = drawing.viewBox.baseVal;
  texts.forEach((text, number) => {
    const a = boxes[number];
    if (a.width === 0) wrong.push(`empty: ${text.textContent}`);
    const around = text.parentElement.querySelector("rect");
    const b = around ? around.getBBox() : view;
    if (a.x < b.x || a.y < b.y || a.x + a.width > b.x + b.width || a.y + a.height > b.y + b.height)
      wrong.push(`out of its box: ${text.textContent}`);
    for (let other = number + 1; other < texts.length; other += 1) {
      const c = boxes[other];
      const beside = a.x >= c.x + c.width || c.x >= a.x + a.width;
      if (!beside && a.y < c.y + c.height && c.y < a.y + a.height)
        wrong.push(`over each other: ${text.textContent} / ${texts[other].textContent}`);
    }
  });
}
return wrong;
"""

#: Text whose contrast to what lies behind it is too low, drawings included.
PALE = """
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const rgb = (colour) => {
  paint.clearRect(0, 0, 1, 1);
  paint.fillStyle = colour;
  paint.fillRect(0, 0, 1, 1);
  return [...paint.getImageData(0, 0, 1, 1).data];
};
const lum = (colour) => {
  const [r, g, b] = rgb(colour).slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (node) => {
  const rect = node.tagName === "text" && node.parentElement.querySelector("rect");
  if (rect) return getComputedStyle(rect).fill;
  for (; node; node = node.parentElement) {
    const colour = getComputedStyle(node).backgroundColor;
    if (rgb(colour)[3] > 0) return colour;
  }
  return "rgb(255, 255, 255)";
};
const poor = [];
for (const node of document.querySelectorAll("body *")) {
  const text = [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  if (!text || ["title", "desc"].includes(node.tagName) || !node.checkVisibility()) continue;
  const style = getComputedStyle(node);
  const ink = node.tagName === "text" ? style.fill : style.color;
  const [a, b] = [lum(ink), lum(ground(node))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push([ratio.toFixed(2), node.outerHTML.slice(0, 90)]);
}
return poor;
"""

#: What sticks out of the page to the right, if the page can be moved that way.
WIDE = """
const root = document.documentElement;
if (root.scrollWidth <= root.clientWidth) return [];
return [...document.querySelectorAll("main *")]
  .filter((each) => each.getBoundingClientRect().right > root.clientWidth + 1)
  .slice(0, 5).map((each) => each.outerHTML.slice(0, 120));
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site on a disk, below a path."""
    return sites.write(tmp_path_factory.mktemp("host") / "표준 문서" / "mfgstd").parent.parent


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium.start(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(autouse=True)
def as_new(chrome: Chrome) -> None:
    """Nothing of the last test is left."""
    chromium.resize(chrome, 1280)
    chromium.scheme(chrome, "light")
    chrome.get("about:blank")
    complaints(chrome)
    requests(chrome)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Keep the output of the tests clean."""


@pytest.fixture(scope="module")
def host(folder: Path) -> Iterator[str]:
    """The address below which a plain web server offers the site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/%ED%91%9C%EC%A4%80%20%EB%AC%B8%EC%84%9C/mfgstd/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def disk(folder: Path) -> str:
    """The address of the site on the disk."""
    return f"{(folder / '표준 문서' / 'mfgstd').as_uri()}/"


@pytest.fixture(params=["disk", "host"])
def base(request: pytest.FixtureRequest) -> str:
    """Both ways to read the site."""
    found: str = request.getfixturevalue(request.param)
    return found


def find(chrome: Chrome, query: str) -> list[str]:
    """Type into the search; the results, each on one line."""
    box = chrome.find_element(By.ID, "search")
    box.send_keys(Keys.CONTROL, "a")
    # Keys of a decomposed text would be composed by nobody; a paste is what brings it.
    chrome.execute_script(
        "arguments[0].focus(); arguments[0].value = arguments[1];"
        "arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
        box,
        query,
    )
    WebDriverWait(chrome, 20).until(
        lambda _: chrome.execute_script(
            "return document.getElementById('results').dataset.query === arguments[0]", query
        )
    )
    rows = chrome.find_elements(By.CSS_SELECTOR, "#results li")
    return [" ".join(each.text.split()) for each in rows]


def names(chrome: Chrome) -> list[str]:
    """The names among the results, in their order."""
    found = chrome.find_elements(By.CSS_SELECTOR, "#results .head code")
    return [each.text.rpartition("› ")[2] for each in found]


def test_the_first_page_goes_on_in_a_language_of_the_reader(chrome: Chrome, base: str) -> None:
    chrome.get(f"{base}index.html")
    WebDriverWait(chrome, 10).until(lambda _: "/en/index.html" in chrome.current_url)
    # A Korean reader, by what the browser tells of its languages.
    script = "Object.defineProperty(navigator, 'languages', {get: () => ['ja', 'ko-KR', 'en']})"
    made = chrome.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    try:
        chrome.get(f"{base}index.html")
        WebDriverWait(chrome, 10).until(lambda _: "/ko/index.html" in chrome.current_url)
    finally:
        chrome.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", made)
    assert complaints(chrome) == []


def test_a_reader_searches_follows_and_switches_the_language(chrome: Chrome, base: str) -> None:
    chrome.get(f"{base}ko/index.html")
    chrome.find_element(By.TAG_NAME, "body").send_keys("/")
    box = chrome.switch_to.active_element
    assert box.get_attribute("id") == "search"
    box.send_keys("dispatchStatus")
    WebDriverWait(chrome, 20).until(lambda _: "dispatchStatus" in names(chrome)[:1])
    assert box.get_attribute("aria-expanded") == "true"
    box.send_keys(Keys.ARROW_DOWN, Keys.ARROW_UP)
    chosen = chrome.find_element(By.CSS_SELECTOR, "#results [aria-selected='true']")
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    box.send_keys(Keys.ENTER)
    place = "process/job-order.html#field-dispatchStatus"
    WebDriverWait(chrome, 10).until(lambda _: chrome.current_url.endswith(f"ko/{place}"))
    assert chrome.find_element(By.CSS_SELECTOR, ":target").is_displayed()
    chrome.find_element(By.CSS_SELECTOR, "a.language").click()
    WebDriverWait(chrome, 10).until(lambda _: chrome.current_url.endswith(f"en/{place}"))
    assert chrome.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
    assert complaints(chrome) == []
    asked = [each for each in requests(chrome) if not each.startswith(("data:", "about:"))]
    assert len(asked) > 5
    assert [each for each in asked if not each.startswith(base)] == []


@pytest.mark.parametrize(
    ("language", "query", "first", "among"),
    [
        ("ko", "측정", None, ["MeasurementResult", "GaugeStudy"]),
        ("ko", "ㅊㅈ", None, ["MeasurementResult", "Reference"]),
        ("ko", "측저", None, ["MeasurementResult"]),
        ("ko", "ㅈㅇ ㅈㅅ", None, ["JobOrder"]),
        ("ko", unicodedata.normalize("NFD", "측정 결과"), "MeasurementResult", []),
        ("ko", "밀리미터", "mm", []),
        ("ko", "joborder", "JobOrder", []),
        ("ko", "Measurement result", "MeasurementResult", []),
        ("en", "JobOrder", "JobOrder", []),
        ("en", "order", None, ["JobOrder", "jobOrder"]),
        ("en", "measurement", None, ["MeasurementResult"]),
        ("en", "작업 지시", "JobOrder", []),
        ("en", "EXECUTION", "procedural", []),
        ("en", "K2110", None, ["lower"]),
        ("en", "PackML", None, ["OPC UA PackML"]),
        ("ko", "packml", None, ["OPC UA PackML"]),
        ("en", "MMT", "mm", []),
        ("en", "MILLIMETER", "mm", []),
        ("en", "OEE", None, ["iso22400.oee"]),
        ("en", "BadSensorFailure", "sensor_failure", []),
        ("en", "dispatched", "dispatched", []),
        ("en", "</script><b>", None, []),
        ("en", "(", None, []),
        ("ko", "ㅋㅋㅋㅋㅋ", None, []),
    ],
)
def test_the_search_finds(
    chrome: Chrome, disk: str, language: str, query: str, first: str | None, among: list[str]
) -> None:
    if not chrome.current_url.endswith(f"{language}/index.html"):
        chrome.get(f"{disk}{language}/index.html")
    lines = find(chrome, query)
    found = names(chrome)
    assert set(among) <= set(found), lines
    if first is not None:
        assert found[0] == first, lines
    elif not among:
        shown = chrome.find_element(By.ID, "found").text
        assert bool(found) == (shown not in ("Nothing found.", "찾은 항목이 없습니다."))
    assert complaints(chrome) == []


def test_the_results_say_what_others_call_it(chrome: Chrome, disk: str) -> None:
    chrome.get(f"{disk}en/index.html")
    (line,) = [each for each in find(chrome, "K2110") if "lower" in each][:1]
    assert "AQDEF K2110" in line
    chrome.get(f"{disk}ko/index.html")
    line = find(chrome, "EXECUTION")[0]
    assert "MTConnect EXECUTION" in line
    assert "EquipmentState" in line


def test_a_search_that_cannot_be_loaded_says_so(chrome: Chrome, folder: Path, disk: str) -> None:
    index = folder / "표준 문서" / "mfgstd" / "assets" / "index-en.js"
    kept = index.read_bytes()
    index.unlink()
    try:
        chrome.get(f"{disk}en/index.html")
        chrome.find_element(By.ID, "search").send_keys("order")
        WebDriverWait(chrome, 10).until(
            lambda _: "could not be read" in chrome.find_element(By.ID, "found").text
        )
    finally:
        index.write_bytes(kept)
    complaints(chrome)


def test_long_tables_can_be_filtered_and_examples_copied(chrome: Chrome, disk: str) -> None:
    chrome.get(f"{disk}ko/vocabularies/units.html")
    chrome.find_element(By.ID, "filter").send_keys(unicodedata.normalize("NFD", "토크"))
    rows = chrome.find_elements(By.CSS_SELECTOR, "#units tbody tr")
    shown = [each.get_attribute("id") for each in rows if each.is_displayed()]
    assert "unit-N.m" in shown
    assert 0 < len(shown) < len(rows) / 4
    chrome.get(f"{disk}en/process/job-order.html")
    button = chrome.find_element(By.CSS_SELECTOR, ".code button")
    button.click()
    WebDriverWait(chrome, 10).until(lambda _: button.text == "Copied")
    assert complaints(chrome) == []


def test_a_link_into_a_folded_example_opens_it(chrome: Chrome, disk: str) -> None:
    chrome.get(f"{disk}en/process/job-order.html#valid-moulding")
    assert chrome.find_element(By.ID, "valid-moulding").get_attribute("open") is not None
    assert chrome.find_element(By.ID, "valid-minimal").get_attribute("open") is None


def test_without_scripts_everything_but_the_search_is_there(chrome: Chrome, disk: str) -> None:
    chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        chrome.get(f"{disk}ko/process/job-order.html")
        assert not chrome.find_element(By.ID, "search").is_displayed()
        assert "작업 지시" in chrome.find_element(By.TAG_NAME, "h1").text
        chrome.find_element(By.CSS_SELECTOR, "a.language").click()
        assert "/en/process/job-order.html" in chrome.current_url
        chrome.get(f"{disk}index.html")
        chrome.find_element(By.CSS_SELECTOR, "a[lang='ko']").click()
        assert chrome.current_url.endswith("/ko/index.html")
    finally:
        chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_keyboard_reaches_the_content_first_and_focus_is_seen(
    chrome: Chrome, disk: str
) -> None:
    chrome.get(f"{disk}en/process/job-order.html")
    chrome.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    skip = chrome.switch_to.active_element
    assert skip.get_attribute("class") == "skip"
    assert skip.rect["x"] >= 0
    skip.send_keys(Keys.ENTER)
    assert chrome.switch_to.active_element.get_attribute("id") == "content"
    chrome.switch_to.active_element.send_keys(Keys.TAB)
    outline = chrome.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_korean_is_drawn_and_not_as_boxes(chrome: Chrome, disk: str) -> None:
    # Two syllables that share no stroke: where a font lacks them, both are the same empty box.
    chrome.get(f"{disk}ko/index.html")
    drawn = chrome.execute_script(
        """
        const style = getComputedStyle(document.querySelector("h1"));
        return ["가", "뷁", "측"].map((text) => {
          const paint = document.createElement("canvas").getContext("2d");
          paint.font = `40px ${style.fontFamily}`;
          paint.fillText(text, 5, 50);
          return paint.getImageData(0, 0, 60, 60).data.join(",");
        });
        """
    )
    assert len(set(drawn)) == 3


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_picture_can_be_read_and_no_page_moves_sideways(
    chrome: Chrome, disk: str, language: str
) -> None:
    chromium.resize(chrome, 360, 740)
    wrong = []
    for path, page in sites.pages().items():
        if path.startswith(f"{language}/"):
            chrome.get(disk + path)
            wrong += [(path, each) for each in chrome.execute_script(WIDE)]
            if '<svg class="picture' in page.source or "/machines/" in path:
                wrong += [(path, each) for each in chrome.execute_script(CROWDED)]
    assert wrong == []
    assert complaints(chrome) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(chrome: Chrome, disk: str, scheme: str) -> None:
    chromium.scheme(chrome, scheme)
    poor = []
    for path in (
        *("ko/index.html", "ko/quality/measurement-result.html", "en/equipment/alarm.html"),
        *("ko/standards/index.html", "en/standards/qif.html", "ko/machines/packml.html"),
        *("en/rules/process.html", "ko/vocabularies/kpis.html", "en/vocabularies/time.html"),
        *("ko/vocabularies/korea.html", "en/vocabularies/quality.html", "index.html"),
    ):
        if path == "index.html":
            chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        chrome.get(disk + path)
        if path == "index.html":
            chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        chrome.execute_script(
            "for (const each of document.querySelectorAll('details')) each.open = true"
        )
        poor += [(path, *each) for each in chrome.execute_script(PALE)]
    chrome.get(f"{disk}ko/index.html")
    find(chrome, "측정")
    poor += [("search", *each) for each in chrome.execute_script(PALE)]
    assert poor == []


def test_a_printed_page_is_dark_on_white_without_what_only_a_screen_needs(
    chrome: Chrome, disk: str
) -> None:
    chrome.get(f"{disk}ko/process/job-order.html")
    chrome.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert chrome.execute_script("return document.querySelector('details:not([open])')") is None
    chrome.execute_script("dispatchEvent(new Event('afterprint'))")
    assert chrome.execute_script("return document.querySelector('details[open]')") is None
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    media = {"media": "print", "features": [dark]}
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    try:
        for selector in (".top", ".side", ".code button"):
            assert not chrome.find_element(By.CSS_SELECTOR, selector).is_displayed()
        ground = chrome.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
        assert chrome.execute_script(PALE) == []
    finally:
        chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
