"""What the READMEs show is what really comes: every file, program and command in them is run.

A fenced block after ``<!-- file: NAME -->`` is written to NAME. In a ``console`` block each line
that begins with ``$ `` is run, and what follows it must be its output. ``...`` in an expected
output stands for anything; the commands of ``<!-- not run: REASON -->`` blocks are left alone.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

FENCE = re.compile(
    r"^(?:<!-- (?P<note>[^\n]*?) -->\n)?```(?P<language>\w*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One fenced block, with the comment that stands right above it."""

    note: str
    language: str
    body: str


def _blocks(text: str) -> Iterator[Block]:
    for found in FENCE.finditer(text):
        yield Block(found["note"] or "", found["language"], found["body"])


def _commands(body: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        while command.endswith("\\"):
            more, _, expected = expected.partition("\n")
            command = command[:-1] + more.strip()
        yield command, expected


def _like(expected: str) -> re.Pattern[str]:
    lines = [line.rstrip() for line in expected.strip("\n").split("\n")]
    pattern = re.escape("\n".join(lines)).replace(re.escape("..."), ".*?")
    return re.compile(pattern, re.DOTALL)


def _run(command: str, folder: Path, language: str) -> str:
    words = shlex.split(command)
    beside = Path(sys.executable).with_name(words[0])
    program = [str(beside)] if beside.exists() else [sys.executable, "-m", words[0]]
    environment = {
        "PATH": str(beside.parent),
        "COLUMNS": "96",
        "HOME": str(folder),
        "LC_ALL": "ko_KR.UTF-8" if language == "ko" else "C.UTF-8",
        "PYTHONUTF8": "1",
        # The variable that the page names; the key made with it goes with the folder.
        "MFGSTD_KEY_PASSPHRASE": "a sentence of several words",
    }
    done = subprocess.run(
        [*program, *words[1:]],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").split("\n"))


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_everything_that_the_readme_shows_really_comes(
    name: str, checkout: Path, tmp_path: Path
) -> None:
    language = "ko" if ".ko." in name else "en"
    run = 0
    for block in _blocks((checkout / name).read_text(encoding="utf-8")):
        if block.note.startswith("file: "):
            (tmp_path / block.note.removeprefix("file: ")).write_text(block.body, encoding="utf-8")
        elif block.language == "console" and not block.note.startswith("not run"):
            for command, expected in _commands(block.body):
                came = _run(command, tmp_path, language)
                assert _like(expected).fullmatch(came), f"$ {command}\n{came}"
                run += 1
    assert run >= 4
