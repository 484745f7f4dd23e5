"""A disk that is full is told as such: the user's data is not to blame, and the run goes on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOM = "2m"


def _judged(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, for which the system's place for temporary files is a small disk of its own."""
    script = f'mount -t tmpfs -o size={ROOM} tmpfs "$TMPDIR" && exec "$@"'
    small = folder / "small"
    small.mkdir()
    command = [sys.executable, "-m", "mfgstd", "validate", *arguments, "--json"]
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", *command],
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(small), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """More documents than are held in memory for rules about several."""
    path = tmp_path / "events.ndjson"
    text = json.dumps(
        {
            "$schema": "https://w3id.org/mfgstd/equipment/state-event/1",
            "id": "urn:example:event:NUMBER",
            "equipment": {"id": "urn:example:machine:NUMBER", "kind": "Equipment"},
            "eventTime": "2026-11-22T09:00:00+09:00",
            "state": {"procedural": "held", "summary": "not_executing"},
            "quality": {"status": "good"},
        }
    )
    with path.open("w") as file:
        file.writelines(text.replace("NUMBER", str(each)) + "\n" for each in range(130_000))
    return path


def test_documents_are_judged_and_the_rules_that_found_no_room_are_named(
    tmp_path: Path, many: Path
) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("there is no `unshare` here, with which a small disk is made")
    done = _judged(tmp_path, str(many))
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no small disk can be made here: {done.stderr.strip()[:200]}")
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    (told,) = said["findings"]
    assert told["rule"] == "run.no-room"
    assert "TMPDIR" in told["hint"]
    assert "source" not in told
    assert said["kinds"]["StateEvent"] == {"valid": 130_000, "invalid": 0}
    assert "No space left" in json.dumps(said["notJudged"])
