"""A real Chromium without a window, for tests that look at pages as their readers do."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver


@contextmanager
def start(profile: Path) -> Iterator[webdriver.Chrome]:
    """A browser with an empty profile; skips where there is none, but not in CI."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        reason = "no chromium: apt-get install chromium chromium-driver fonts-noto-cjk"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    arguments = (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={profile}", "--window-size=1280,1000",
    )  # fmt: skip
    for each in arguments:
        options.add_argument(each)
    # What the policy refused and what scripts raised; and every request.
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    chrome = webdriver.Chrome(options=options, service=service)
    try:
        yield chrome
    finally:
        chrome.quit()


def complaints(chrome: webdriver.Chrome) -> list[Any]:
    """Everything that the browser objected to since the last call."""
    log: list[Any] = chrome.get_log("browser")  # type: ignore[no-untyped-call]  # selenium's own
    return log


def requests(chrome: webdriver.Chrome) -> list[str]:
    """The address of every request since the last call."""
    log: list[Any] = chrome.get_log("performance")  # type: ignore[no-untyped-call]  # selenium's
    messages = [json.loads(each["message"])["message"] for each in log]
    return [
        each["params"]["request"]["url"]
        for each in messages
        if each["method"] == "Network.requestWillBeSent"
    ]


def resize(chrome: webdriver.Chrome, width: int, height: int = 900) -> None:
    """Show pages as wide as a given screen."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def scheme(chrome: webdriver.Chrome, name: str) -> None:
    """Prefer ``light`` or ``dark`` colours."""
    feature = {"name": "prefers-color-scheme", "value": name}
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
