"""``mfgstd adapters`` tells what is installed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import TypeAlias

Run: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]


def test_every_adapter_says_what_it_reads_and_how_it_notices_losses(mfgstd: Run) -> None:
    done = mfgstd("adapters", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["broken"] == {}
    found = {each["name"]: each for each in told["adapters"]}
    assert {"shdr", "http", "https"} <= set(found["mtconnect"]["schemes"])
    assert found["mtconnect"]["loss"] in {"proved", "bounded", "undetectable"}
    assert "properties" in found["mtconnect"]["settings"]


def test_the_list_is_a_table_for_people(mfgstd: Run) -> None:
    for language, word in (("en", "Installed adapters"), ("ko", "설치된 어댑터")):
        done = mfgstd("adapters", "--lang", language)
        assert done.returncode == 0
        assert word in done.stdout
        assert "mtconnect" in done.stdout


def test_one_adapter_is_told_with_its_settings(mfgstd: Run) -> None:
    done = mfgstd("adapters", "mtconnect")
    assert done.returncode == 0
    assert "shdr" in done.stdout


def test_every_setting_is_told_in_korean_too(mfgstd: Run) -> None:
    settings = [
        line
        for line in mfgstd("adapters", "mtconnect", "--lang", "ko").stdout.splitlines()
        if line.startswith("  ")
    ]
    assert settings
    assert [line for line in settings if not any("가" <= each <= "힣" for each in line)] == []


def test_an_adapter_that_is_not_installed_is_a_usage_error(mfgstd: Run) -> None:
    done = mfgstd("adapters", "telepathy")
    assert done.returncode == 2
    assert "mtconnect" in done.stderr
