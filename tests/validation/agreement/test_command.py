"""The command says of a file what the referee says of each of its lines, whatever the engine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.validation.agreement import sampled

Run = Callable[..., "subprocess.CompletedProcess[str]"]


class File(NamedTuple):
    """Hurt documents of every kind, line by line, and what is wrong with each."""

    path: Path
    lines: list[bytes]
    law: sampled.Found


def _file(path: Path, lines: list[bytes]) -> File:
    path.write_bytes(b"\n".join(lines))
    return File(path, lines, sampled.law(lines))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, File]:
    folder = tmp_path_factory.mktemp("command")
    flat = sampled.lines(6, "observation", "counter-reading", "gap", "state-event", "data-item")
    return {
        "every kind": _file(folder / "every.ndjson", sampled.lines(2)),
        "flat kinds": _file(folder / "flat.ndjson", flat),
    }


@pytest.mark.parametrize(
    ("engine", "kinds"),
    [
        ("row", "every kind"),
        ("fastjsonschema", "every kind"),
        ("referee", "every kind"),
        ("duckdb", "flat kinds"),
    ],
)
def test_every_engine_of_the_command_finds_the_same(
    engine: str, kinds: str, files: dict[str, File], mfgstd: Run, tmp_path: Path
) -> None:
    file = files[kinds]
    found = tmp_path / "found.parquet"
    done = mfgstd(
        *("validate", "--json", "--engine", engine, "--rules", "record", "--max-findings", "1"),
        *("--findings", found, file.path),
    )
    assert done.returncode == 1, done.stderr
    told = sampled.written_findings(found)
    assert told - file.law == {}
    assert file.law - told == {}
    wrong = {line for line, _, severity, _ in file.law if severity == "error"}
    report = json.loads(done.stdout)
    assert report["documents"] == len(file.lines)
    assert report["invalid"] == len(wrong)
