"""``mfgstd collect`` as a user runs it, and a real machine's log counted a second time by hand."""

from __future__ import annotations

import gzip
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree import ElementTree

import orjson
import pyarrow.parquet as pq
import pytest

from mfgstd.cli.collect import duration, source_uri
from mfgstd.errors import UsageError

Run: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]

LOG = "2024-01-01T00:00:00Z|avail|AVAILABLE|Xabs|1.5\n2024-01-01T00:00:01Z|Xabs|2.5|ghost|1\n"
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:1.8">
  <Header creationTime="2024-01-01T00:00:00Z" sender="test" instanceId="1" version="1.8.0.0"
          assetBufferSize="8" assetCount="0" bufferSize="8"/>
  <Devices>
    <Device id="d1" name="mill" uuid="mill-1">
      <DataItems><DataItem category="EVENT" id="avail" type="AVAILABILITY"/></DataItems>
      <Components><Axes id="axes"><Components><Linear id="x" name="X"><DataItems>
        <DataItem category="SAMPLE" id="xabs" name="Xabs" type="POSITION" units="MILLIMETER"/>
      </DataItems></Linear></Components></Axes></Components>
    </Device>
  </Devices>
</MTConnectDevices>
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.xml"
    path.write_text(MODEL)
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "mill.shdr"
    path.write_text(LOG)
    return path


@pytest.mark.parametrize(
    ("text", "seconds"), [("10s", 10), ("2m", 120), ("1h", 3600), ("500ms", 0.5), ("1.5m", 90)]
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "s", "-1s", "0s", "1 s", "1y", "٣s", "1e3s"])
def test_what_is_not_a_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        duration(text)
    assert raised.value.hint is not None
    assert "10s" in raised.value.hint.en


def test_the_uri_of_a_source_never_tells_its_password() -> None:
    assert source_uri("http://user:secret@agent:5000/mill#x") == "http://agent:5000/mill"
    assert source_uri("shdr://10.0.0.7:7878") == "shdr://10.0.0.7:7878"
    assert source_uri("/logs/밀링 1.shdr") == ("file:///logs/%EB%B0%80%EB%A7%81%201.shdr")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["absent.shdr"], "no such file"),
        (["localhost:7878"], "shdr://localhost:7878"),
        (["."], "folder"),
        (["gopher://x"], "gopher://"),
        (["mill.bin"], "--adapter"),
        (["mill.bin", "--adapter", "nothing"], "nothing"),
        (["mill.bin", "--for", "soon"], "duration"),
        (["shdr://x", "--set", "timeout"], "NAME=VALUE"),
        (["shdr://x", "--set", "timeout=long"], "is a number"),
        (["shdr://x", "--set", "speed=9"], "timeout"),
        (["shdr://x:99999"], "no port"),
        (["mill.bin", "--resume", "--overwrite"], "exclude"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_ends_with_2(
    arguments: list[str], word: str, tmp_path: Path, mfgstd: Run
) -> None:
    (tmp_path / "mill.bin").write_bytes(b"\x00\x01")
    done = mfgstd("collect", *arguments, "--to", "out", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_log_becomes_standard_data_and_a_ledger(
    log: Path, model: Path, tmp_path: Path, mfgstd: Run
) -> None:
    out = tmp_path / "out"
    done = mfgstd("collect", log, "--device-model", model, "--to", out, "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    ledger = orjson.loads(done.stdout)
    assert ledger.pop("examples") is not None
    assert ledger == orjson.loads((out / "ledger.json").read_bytes())
    assert (ledger["read"], ledger["translated"]) == (4, 3)
    assert ledger["unknown"] == {"ghost": 1}
    assert ledger["source"] == log.resolve().as_uri()
    for file in ledger["files"]:
        content = (out / file["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert len(content) == file["bytes"]
    assert mfgstd("validate", out).returncode == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Loss ledger", "does not know (1)", "ghost", "Every report is accounted for"]),
        ("ko", ["손실 원장", "ghost", "모든 보고가 설명됩니다"]),
    ],
)
def test_the_ledger_is_told_in_the_language_of_the_user(
    language: str, words: list[str], log: Path, model: Path, tmp_path: Path, mfgstd: Run
) -> None:
    done = mfgstd(
        "collect", log, "--device-model", model, "--to", tmp_path / "out", "--lang", language
    )
    assert done.returncode == 0, done.stderr
    for word in words:
        assert word in done.stdout


def test_a_second_collection_needs_to_be_told_what_to_do_with_the_first(
    log: Path, model: Path, tmp_path: Path, mfgstd: Run
) -> None:
    call = ("collect", log, "--device-model", model, "--to", tmp_path / "out", "--json")
    assert mfgstd(*call).returncode == 0
    again = mfgstd(*call)
    assert again.returncode == 2
    assert "--resume" in again.stderr
    with log.open("a") as stream:
        stream.write("2024-01-01T00:00:02Z|Xabs|3.5\n")
    resumed = orjson.loads(mfgstd(*call, "--resume").stdout)
    assert (resumed["read"], resumed["resumed"]) == (5, 1)
    numbers = [
        value
        for path in sorted((tmp_path / "out").glob("observations*.parquet"))
        for value in pq.read_table(path)["number"].to_pylist()
        if value is not None
    ]
    assert numbers == [1.5, 2.5, 3.5]
    assert orjson.loads(mfgstd(*call, "--overwrite").stdout)["read"] == 5


@pytest.mark.parametrize(
    "content",
    [b"", gzip.compress(LOG.encode() * 1000, mtime=0)[:60], b"\x00\xff\xfe|\x80\n" * 3],
    ids=["nothing", "cut off", "no text"],
)
def test_input_that_cannot_be_read_ends_with_1_and_no_traceback(
    content: bytes, model: Path, tmp_path: Path, mfgstd: Run
) -> None:
    name = "mill.shdr.gz" if content.startswith(b"\x1f\x8b") else "mill.shdr"
    (tmp_path / name).write_bytes(content)
    done = mfgstd("collect", tmp_path / name, "--device-model", model, "--to", tmp_path / "out")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert name in done.stdout + done.stderr


def test_a_machine_that_is_away_ends_with_3_when_time_is_up(
    model: Path, tmp_path: Path, mfgstd: Run
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"shdr://127.0.0.1:{free.getsockname()[1]}"
        done = mfgstd(
            "collect", url, "--device-model", model, "--for", "1s", "--to", tmp_path / "out"
        )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk at hand")
def test_a_full_disk_is_told_as_such_and_costs_nothing_of_what_was_there(
    log: Path, model: Path, tmp_path: Path, mfgstd: Run
) -> None:
    out = tmp_path / "out"
    call = ("collect", log, "--device-model", model, "--to", out, "--json")
    assert mfgstd(*call).returncode == 0
    with log.open("a") as stream:
        stream.write("2024-01-01T00:00:02Z|Xabs|3.5\n")
    kept = (out / "events.ndjson").rename(tmp_path / "kept")
    (out / "events.ndjson").symlink_to("/dev/full")
    done = mfgstd(*call, "--resume")
    assert done.returncode == 4
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    (out / "events.ndjson").unlink()
    kept.rename(out / "events.ndjson")
    done = mfgstd(*call, "--resume")
    assert done.returncode == 0, done.stderr
    assert orjson.loads(done.stdout)["read"] == 5


def test_ctrl_c_ends_cleanly_with_everything_written(model: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"shdr://127.0.0.1:{server.getsockname()[1]}"
        out = tmp_path / "out"
        arguments = ["collect", url, "--device-model", model, "--to", out, "--json"]
        with subprocess.Popen(
            [sys.executable, "-m", "mfgstd", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        ) as running:
            server.settimeout(60)
            machine, _ = server.accept()
            with machine:
                machine.sendall(LOG.encode())
                events = out / "events.ndjson"
                for _ in range(600):
                    if events.exists() and b"2024-01-01T00:00:01Z" in events.read_bytes():
                        break
                    time.sleep(0.1)
                running.send_signal(signal.SIGINT)
                stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == 0, stderr.decode()
    ledger = orjson.loads(stdout)
    assert ledger["read"] == 4
    assert ledger["balanced"]


def count_by_hand(log: Path, model: Path) -> tuple[Counter[str], Counter[str]]:
    """Reports by the name that they use, and assets and commands, with nothing but ``split``."""
    conditions = {
        name
        for element in ElementTree.parse(model).iter()  # noqa: S314 - the corpus is ours to trust
        if element.get("category") == "CONDITION"
        for name in (element.get("name"), element.get("id"))
        if name
    }
    reports: Counter[str] = Counter()
    others: Counter[str] = Counter()
    until = None
    for line in log.read_text().splitlines():
        if until is not None:
            until = None if line == until else until
            continue
        _, *fields = line.split("|")
        if not fields:
            others["command"] += line.startswith("*")
        elif fields[0].startswith("@"):
            others[fields[0]] += 1
            until = fields[-1] if fields[-1].startswith("--multiline--") else None
        elif fields[0] in conditions:
            reports[fields[0]] += 1
        else:
            reports.update(fields[0::2])
    return reports, others


def known_names(model: Path) -> set[str]:
    return {
        name
        for element in ElementTree.parse(model).iter()  # noqa: S314 - the corpus is ours to trust
        if element.tag.endswith("}DataItem")
        for name in (element.get("name"), element.get("id"))
        if name
    }


def test_a_real_machines_log_is_accounted_for_to_the_last_report(
    corpus: Path, tmp_path: Path, mfgstd: Run
) -> None:
    log = corpus / "mtconnect" / "okuma-mult-u3000.shdr"
    model = corpus / "mtconnect" / "okuma-mult-u3000.devices.xml"
    out = tmp_path / "out"
    done = mfgstd("collect", log, "--device-model", model, "--to", out, "--json")
    assert done.returncode == 0, done.stderr
    ledger: dict[str, Any] = orjson.loads(done.stdout)

    reports, others = count_by_hand(log, model)
    known = known_names(model)
    unknown = Counter({name: count for name, count in reports.items() if name not in known})
    commands = others.pop("command")
    assets = others.total()
    assert min(commands, assets, unknown.total()) > 0
    assert ledger["unknown"] == unknown
    assert ledger["read"] == reports.total() + assets
    assert ledger["translated"] == reports.total() + assets - unknown.total()
    assert ledger["rejected"] == 0
    assert ledger["balanced"] is True
    assert sum(ledger["lines"].values()) == len(log.read_bytes().splitlines())
    assert ledger["lines"]["command"] == commands

    rows = {file["path"]: file["rows"] for file in ledger["files"]}
    table = pq.read_table(out / "observations.parquet")
    assert rows["observations.parquet"] == table.num_rows == reports.total() - unknown.total()
    events = [orjson.loads(line) for line in (out / "events.ndjson").read_bytes().splitlines()]
    assert rows["events.ndjson"] == len(events)
    on_the_wire = [
        observation["eventId"]
        for event in events
        for observation in event["data"].get("observations", ())
    ]
    assert on_the_wire == table["event_id"].to_pylist()

    judged = mfgstd("validate", out)
    assert judged.returncode == 0, judged.stdout[-3000:] + judged.stderr[-3000:]
