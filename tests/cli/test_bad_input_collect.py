"""A log, a device model or an agent that is broken or hostile: each ends in words and a place.

As in ``test_bad_input.py`` each case is a process of its own, with its exit code and peak memory.
"""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.cli.measuring import Done, run_measured

#: What the process may take, in MiB; importing what `collect` needs takes about 110 of them,
#: and the columns of what is good before the bad line 70; 190 is usual, 260 was seen on a machine
#: with twice as much to do as it has cores. A line held whole would take two thousand.
BOUND = 384
#: More than what is read of a log at once, so that what comes after it is met while reading.
HEAD = 2 << 20


def _collect(source: str | Path, out: Path, *arguments: str | Path) -> Done:
    return run_measured(["collect", source, "--to", out, *arguments], "-W", "error")


MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:1.8">
  <Header creationTime="2026-01-01T00:00:00Z" sender="test" instanceId="1" version="1.8.0.0"
          assetBufferSize="8" assetCount="0" bufferSize="8"/>
  <Devices>
    <Device id="d1" name="mill" uuid="mill-1">
      <DataItems>
        <DataItem category="EVENT" id="avail" type="AVAILABILITY"/>
        <DataItem category="EVENT" id="program" type="PROGRAM"/>
        <DataItem category="EVENT" id="vars" type="VARIABLE" representation="DATA_SET"/>
        <DataItem category="CONDITION" id="system" type="SYSTEM"/>
      </DataItems>
      <Components><Axes id="axes"><Components><Linear id="x" name="X"><DataItems>
        <DataItem category="SAMPLE" id="xabs" name="Xabs" type="POSITION" units="MILLIMETER"/>
      </DataItems></Linear></Components></Axes></Components>
    </Device>
  </Devices>
</MTConnectDevices>
"""
LINE = b"2026-02-03T00:00:00Z|avail|AVAILABLE\n"


def _line(second: int, rest: str) -> bytes:
    return f"2026-02-03T00:00:{second:02d}Z|{rest}\n".encode()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.xml"
    path.write_text(MODEL)
    return path


def _bytes(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


def _sparse(path: Path, size: int = 2 << 30) -> None:
    """Good lines, then a long one up to ``size``, then a good one; a hole, not a full disk."""
    with path.open("wb") as file:
        file.write(LINE * (HEAD // len(LINE)))
        file.truncate(size)
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + _line(9, "Xabs|1.5"))


LONG = gzip.compress(b"".join(_line(n % 60, f"Xabs|{n}") for n in range(20_000)))
BOMB = gzip.compress(LINE) + gzip.compress(b"A" * (16 << 20)) * 24
DAMAGED = LONG[:-8] + bytes(8)
KOREAN = _line(0, "Xabs|1") + _line(1, "program|황삭").decode().encode("cp949") + _line(2, "Xabs|2")
DEEP = _line(0, "vars|a=" + "{" * 100_000) + _line(1, "Xabs|1")

#: name, how it is written, exit code, what is said
LOGS: list[tuple[str, Callable[[Path], None], int, tuple[str, ...]]] = [
    ("cp949.shdr", _bytes(KOREAN), 1, (":2: error", "mtconnect.not-text", "--encoding cp949")),
    ("utf16.shdr", _bytes(LINE.decode().encode("utf-16")), 1, (":1: ", "not a SHDR log")),
    ("deep.json.shdr", _bytes(b"[" * 100_000), 1, (":1: ", "not a SHDR log")),
    ("deep.shdr", _bytes(DEEP), 1, (":1 (vars): error", "mtconnect.contradiction")),
    ("empty.shdr", _bytes(b""), 1, ("file.empty", "Nothing came")),
    ("blank.shdr", _bytes(b"\n \n"), 1, ("file.empty",)),
    ("empty.shdr.gz", _bytes(gzip.compress(b"")), 1, ("file.empty",)),
    ("cut.shdr.gz", _bytes(LONG[: len(LONG) // 2]), 1, ("file.truncated", "cut.shdr.gz:")),
    ("damaged.shdr.gz", _bytes(DAMAGED), 1, ("file.corrupt", "20,000")),
    ("bomb.shdr.gz", _bytes(BOMB), 1, (":2: error", "mtconnect.line-too-long")),
    ("long.shdr", _sparse, 1, ("long.shdr:56", "mtconnect.line-too-long")),
    ("nan.shdr", _bytes(_line(0, "Xabs|NaN")), 1, (":1 (Xabs)", "mtconnect.not-a-number")),
    ("inf.shdr", _bytes(_line(0, "Xabs|1e999")), 1, (":1 (Xabs)", "mtconnect.not-a-number")),
    ("twice.shdr", _bytes(_line(0, "Xabs|1|Xabs|2")), 0, ("translated", "2 rows")),
    ("twice-in-set.shdr", _bytes(_line(0, "vars|a=1 a=2")), 0, ("translated",)),
    ("other.shdr", _bytes(_line(0, "system|7")), 1, (":1", "mtconnect.contradiction")),
    ("ghost.shdr", _bytes(_line(0, "ghost|7")), 0, (":1 (ghost)", "is it the model of this")),
    (
        "back.shdr",
        _bytes(_line(30, "Xabs|1") + _line(2, "Xabs|2") + _line(31, "Xabs|3")),
        0,
        (":2: warning", "mtconnect.clock-back", "28.000 s back"),
    ),
    ("torn.shdr", _bytes(LINE + b"2026-02-03T00:00:01Z|Xa"), 1, (":2: error", "line-cut")),
    ("random.shdr", _bytes(bytes(range(256)) * 50), 1, (":1: ", "not a SHDR log")),
]


def test_a_line_of_gigabytes_takes_no_more_memory_than_one_just_too_long(
    model: Path, tmp_path: Path
) -> None:
    peaks = []
    for size in (HEAD + (17 << 20), 2 << 30):
        log = tmp_path / f"{size}.shdr"
        _sparse(log, size)
        peaks.append(_collect(log, tmp_path / f"out-{size}", "--device-model", model).peak)
    assert peaks[1] - peaks[0] < 64


@pytest.mark.parametrize(("name", "write", "code", "expected"), LOGS, ids=[e[0] for e in LOGS])
def test_a_bad_log_ends_in_a_finding_or_error_with_its_place(
    name: str,
    write: Callable[[Path], None],
    code: int,
    expected: tuple[str, ...],
    model: Path,
    tmp_path: Path,
) -> None:
    log, out = tmp_path / name, tmp_path / "out"
    write(log)
    done = _collect(log, out, "--device-model", model)
    assert done.code == code, done.said
    assert "Traceback" not in done.said
    for words in (name, *expected):
        assert words in done.said
    assert done.peak < BOUND
    if out.exists():
        assert orjson.loads((out / "ledger.json").read_bytes())["balanced"]


BOMB_XML = b"""<?xml version="1.0"?>
<!DOCTYPE MTConnectDevices [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<MTConnectDevices><Devices><Device uuid="&b;"/></Devices></MTConnectDevices>"""
EMPTY_STREAMS = b'<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:1.8"/>'

MODELS: list[tuple[str, bytes | None, int, tuple[str, ...]]] = [
    ("bomb.xml", BOMB_XML, 1, (":2", "DOCTYPE")),
    ("deep.xml", b"<a>" * 100_000, 1, (":1:", "depth")),
    ("empty.xml", b"", 1, ("empty",)),
    ("cut.xml", MODEL.encode()[:700], 1, ("not well-formed",)),
    ("cp949.xml", MODEL.replace("mill", "밀링").encode("cp949"), 1, (":6:", 'encoding="cp949"')),
    ("streams.xml", EMPTY_STREAMS, 1, (":1", "MTConnectDevices", "/probe")),
    ("json.xml", b'{"a": 1}', 1, (":1:1", "not well-formed")),
    ("absent.xml", None, 2, ("No such file",)),
]


@pytest.mark.parametrize(("name", "data", "code", "expected"), MODELS, ids=[e[0] for e in MODELS])
def test_a_bad_device_model_is_told_alone_and_costs_nothing_that_was_there(
    name: str, data: bytes | None, code: int, expected: tuple[str, ...], tmp_path: Path, model: Path
) -> None:
    log, out, path = tmp_path / "mill.shdr", tmp_path / "out", tmp_path / name
    log.write_bytes(LINE)
    assert _collect(log, out, "--device-model", model).code == 0
    before = {each.name: each.read_bytes() for each in out.iterdir()}
    if data is not None:
        path.write_bytes(data)
    done = _collect(log, out, "--device-model", path, "--overwrite")
    assert done.code == code, done.said
    assert "Traceback" not in done.said
    for words in (name, *expected):
        assert words in done.said
    assert "Loss ledger" not in done.said
    assert {each.name: each.read_bytes() for each in out.iterdir()} == before
    assert done.peak < BOUND


def test_a_wrong_address_or_model_leaves_no_folder_behind(tmp_path: Path) -> None:
    log, out = tmp_path / "mill.shdr", tmp_path / "out"
    log.write_bytes(LINE)
    assert _collect(log, out, "--device-model", tmp_path / "absent.xml").code == 2
    assert not out.exists()


class _Hostile(BaseHTTPRequestHandler):
    """Answers probe with a device model, and everything else with what it is told."""

    answer = b""

    def do_GET(self) -> None:
        body = MODEL.encode() if "probe" in self.path and self.answer != PROBE else self.answer
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        return


PROBE = BOMB_XML.replace(b"aaaa", b"bbbb")


@pytest.fixture
def hostile() -> Iterator[tuple[str, type[_Hostile]]]:
    handler = type("Handler", (_Hostile,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", handler
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (PROBE, (":2: ", "DOCTYPE")),
        (BOMB_XML, ("DOCTYPE",)),
        (b"<a>" * 100_000, ("depth",)),
        (b"", ("empty",)),
        (b"<html><body>It works!</body></html>", ("html",)),
        (b'{"a": NaN}', ("not well-formed",)),
        (b"\xff" * 100, ("not well-formed",)),
    ],
    ids=["probe-bomb", "bomb", "deep", "empty", "html", "json", "bytes"],
)
def test_a_hostile_agent_ends_in_an_error_with_its_address(
    answer: bytes, words: tuple[str, ...], hostile: tuple[str, type[_Hostile]], tmp_path: Path
) -> None:
    url, handler = hostile
    handler.answer = answer
    done = _collect(url, tmp_path / "out", "--for", "20s")
    assert done.code in {1, 3}, done.said
    assert "Traceback" not in done.said
    for each in (url, *words):
        assert each in done.said
    assert done.peak < BOUND


def test_an_agent_asked_in_shdr_is_told_as_such(
    hostile: tuple[str, type[_Hostile]], model: Path, tmp_path: Path
) -> None:
    url = hostile[0].replace("http://", "shdr://")
    done = _collect(url, tmp_path / "out", "--device-model", model, "--for", "20s")
    assert done.code == 2, done.said
    for words in (url, "speaks HTTP", "http://host:port"):
        assert words in done.said


def test_the_findings_of_a_log_are_told_once_each(tmp_path: Path, model: Path) -> None:
    log = tmp_path / "nan.shdr"
    log.write_bytes(_line(0, "Xabs|NaN") + _line(1, "Xabs|1"))
    done = _collect(log, tmp_path / "out", "--device-model", model, "--json")
    ledger = json.loads(done.said)
    assert ledger["findings"]["mtconnect.not-a-number"] == ledger["errors"] == 1
    assert (ledger["read"], ledger["translated"], ledger["bad"]) == (2, 2, 1)
