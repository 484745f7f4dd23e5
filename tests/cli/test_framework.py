"""The command-line framework's own words, in Korean and within the width of the terminal."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from typing import TypeAlias

import pytest

from mfgstd.cli.output import width

Run: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]

CALLS = [
    [],
    ["--help"],
    ["validate", "--help"],
    ["schema", "--help"],
    ["schema", "show", "--help"],
    ["generate", "--help"],
    ["adapters", "--help"],
    ["collect", "--help"],
    ["demo", "--help"],
    ["simulate", "--help"],
    ["--bogus"],
    ["collect"],
    ["collect", "x"],
    ["collect", "x", "--to"],
    ["collect", "x", "--to", "y", "--count", "many"],
    ["collect", "x", "--to", "y", "--count", "0"],
    ["collect", "x", "--to", "y", "--fro", "1s"],
    ["simulate", "--agent-port", "99999"],
    ["schema", "lst"],
    ["schema", "list", "more"],
    ["schema", "list", "--json=1"],
]
#: Two English words in a row, neither quoted nor a placeholder, are a sentence of somebody.
ENGLISH = re.compile(r"(?<![\w<{\[|/`.-])[A-Za-z][a-z]+ [a-z]+(?![\w>}\]|/`.-])")
COMMANDS = re.compile(r"^ *(사용법: .*|`.*|  [a-zA-Z<{\[-]\S*( <[a-z ]+>)?)", re.MULTILINE)


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_nothing_is_said_in_english_to_a_korean_reader(call: list[str], mfgstd: Run) -> None:
    done = mfgstd("--lang", "ko", *call, env={"COLUMNS": "80"})
    assert done.returncode == (0 if "--help" in call else 2)
    said = COMMANDS.sub("", done.stdout + done.stderr)
    assert re.search("[가-힣]", said)
    assert ENGLISH.findall(said) == []
    assert not re.search(r"Usage|Options|Arguments|Error|default:|required", said)


@pytest.mark.parametrize("call", [each for each in CALLS if "--help" in each], ids=" ".join)
def test_korean_help_is_no_wider_than_the_terminal(call: list[str], mfgstd: Run) -> None:
    done = mfgstd("--lang", "ko", *call, env={"COLUMNS": "80"})
    assert [line for line in done.stdout.splitlines() if width(line) > 80] == []
