"""``mfgstd demo`` as a user runs it: real servers, real commands, a certificate at the end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def shown(mfgstd: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One whole demo: its folder and what it printed."""
    home = tmp_path_factory.mktemp("demo")
    done = mfgstd("demo", cwd=home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return home / "mfgstd-demo", done.stdout


def test_every_value_equals_the_truth_of_the_machines(shown: tuple[Path, str]) -> None:
    counts = re.findall(r"(\d+) values compared with the machines' truth, all equal", shown[1])
    assert len(counts) == 2
    assert all(int(count) > 300 for count in counts)


def test_inches_become_millimetres_before_the_users_eyes(shown: tuple[Path, str]) -> None:
    row = next(line for line in shown[1].splitlines() if " Xpos " in line)
    assert row.split() == ["KM-500", "Xpos", "1.2345", "INCH", "31.3563", "mm"]


@pytest.mark.parametrize("wire", ["mtconnect", "shdr"])
def test_the_ledger_adds_up(wire: str, shown: tuple[Path, str]) -> None:
    ledger = json.loads((shown[0] / wire / "ledger.json").read_bytes())
    assert ledger["balanced"] is True
    unknown = sum(ledger["unknown"].values())
    assert ledger["read"] == ledger["translated"] + unknown + ledger["rejected"]
    assert ledger["rejected"] == 0
    assert ledger["bad"] > 0


def test_what_the_model_does_not_know_is_named(shown: tuple[Path, str]) -> None:
    ledger = json.loads((shown[0] / "shdr" / "ledger.json").read_bytes())
    assert list(ledger["unknown"]) == ["coolant_ph"]
    assert "coolant_ph" in shown[1]


def test_both_ways_tell_the_same_position(shown: tuple[Path, str]) -> None:
    found = {}
    for wire in ("mtconnect", "shdr"):
        table = pq.read_table(shown[0] / wire / "observations.parquet").to_pylist()
        found[wire] = {
            row["event_time"]: row["number"]
            for row in table
            if row["data_item"].endswith("/km_xpos") and row["kind"] == "number"
        }
    common = found["mtconnect"].keys() & found["shdr"].keys()
    assert len(common) > 10
    for moment in common:
        assert found["mtconnect"][moment] == pytest.approx(found["shdr"][moment], rel=1e-13)


def test_states_alarms_and_a_tool_came_along(shown: tuple[Path, str]) -> None:
    ledger = json.loads((shown[0] / "shdr" / "ledger.json").read_bytes())
    assert {"StateEvent", "Alarm", "Tool", "TimeSeriesSegment"} <= set(ledger["documents"])


@pytest.mark.parametrize(
    ("part", "level"), [("judged-files", "schema"), ("judged-adapter", "interface")]
)
def test_files_and_adapter_are_judged(part: str, level: str, shown: tuple[Path, str]) -> None:
    result = json.loads((shown[0] / part / "result.json").read_bytes())
    assert result["level"] == level
    assert "fail" not in {each["verdict"] for each in result["requirements"]}
    assert f"The product conforms (equipment-data, {level})" in shown[1]
    assert (shown[0] / part / "report.html").is_file()


def test_the_certificate_can_still_be_verified_and_says_what_it_is(
    mfgstd: Run, shown: tuple[Path, str]
) -> None:
    folder, _ = shown
    done = mfgstd(
        "conform", "verify", folder / "judged-files" / "certificate.json", "--json",
        "--key", folder / "demo-key.pub", "--trace", folder / "judged-files", "--replay",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    said = json.loads(done.stdout)["certificate"]
    assert said["assurance"] == {"kind": "self_declared", "issuer": "mfgstd demo"}
    assert said["profile"]["level"] == "schema"
    assert said["summary"]["attested"] == []
    assert said["summary"]["waived"] == []


def test_what_is_proven_and_what_is_not_is_said(shown: tuple[Path, str]) -> None:
    output = shown[1]
    assert output.index("The certificate is valid.") < output.index("   Proven: ")
    assert output.index("   Proven: ") < output.index("   Not proven: who holds the key")
    assert not (shown[0] / "judged-adapter" / "certificate.json").exists()


def test_the_private_key_is_gone(shown: tuple[Path, str]) -> None:
    keys = re.findall(r"--key (\S+/key) ", shown[1])
    assert keys
    assert not any(Path(key).parent.exists() for key in keys)
    for path in shown[0].rglob("*"):
        assert path.is_dir() or b"PRIVATE KEY" not in path.read_bytes()


def test_a_folder_that_no_demo_made_is_left_alone(mfgstd: Run, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    for target in (precious, precious / "thesis.txt"):
        done = mfgstd("demo", "--to", target)
        assert done.returncode == 2
        assert "left as it is" in done.stderr
    assert (precious / "thesis.txt").read_text() == "years of work"


def test_a_link_is_not_followed(mfgstd: Run, tmp_path: Path, shown: tuple[Path, str]) -> None:
    link = tmp_path / "link"
    link.symlink_to(shown[0], target_is_directory=True)
    assert mfgstd("demo", "--to", link).returncode == 2
    assert (shown[0] / "shdr" / "ledger.json").is_file()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process_and_can_be_run_again(
    by: signal.Signals, tmp_path: Path
) -> None:
    # As an earlier demo left it: it is replaced.
    (tmp_path / "mfgstd-demo").mkdir()
    (tmp_path / "mfgstd-demo" / ".mfgstd-demo").touch()
    (tmp_path / "mfgstd-demo" / "old").touch()
    with subprocess.Popen(
        [sys.executable, "-m", "mfgstd", "--lang", "ko", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        # A process group of its own, so that whoever is left over can be found.
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        # The shop's first warning: by now both collectors have long been started.
        while "CL-07" not in (line := process.stdout.readline()):
            assert line, "it ended too early"
        process.send_signal(by)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert not (tmp_path / "mfgstd-demo" / "old").exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
