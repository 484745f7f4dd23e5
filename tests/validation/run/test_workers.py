"""Worker processes give what one process gives, in order, whatever happens to them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mfgstd.errors import SystemFault
from mfgstd.validation import Strictness
from mfgstd.validation.document import validate
from mfgstd.validation.run import workers as module
from mfgstd.validation.run.rows import Chunk, Judged, Judging
from mfgstd.validation.run.workers import Workers


@pytest.fixture(scope="module")
def examples(checkout: Path) -> list[bytes]:
    """Every example of the standard as a line, the invalid ones too, and lines that are no JSON."""
    lines = [
        b"{",
        b'{"a": 1, "a": 2}',
        b"\xff",
        b"[1]",
        b"NaN",
        b'"text"',
        b"",
        b"  ",
        b"\xef\xbb\xbf{}",
    ]
    for path in sorted((checkout / "schemas" / "examples").rglob("*.json")):
        example = json.loads(path.read_bytes())
        document = example if path.parent.name == "valid" else example["document"]
        lines.append(json.dumps(document, ensure_ascii=len(lines) % 2 == 0).encode())
    return lines


def chunks(lines: list[bytes], size: int, limit: int = 0) -> Iterator[Chunk]:
    for at in range(0, len(lines), size):
        yield Chunk(b"\n".join(lines[at : at + size]) + b"\n", at + 1, limit)


def plain(judged: Judged) -> Any:
    return (judged.valid, judged.invalid, judged.noted, judged.accepted)


@pytest.mark.parametrize("strictness", Strictness)
def test_two_processes_find_what_one_does_and_in_order(
    examples: list[bytes], strictness: Strictness
) -> None:
    how = Judging(strictness=strictness, shelve=True)
    with Workers(how, 0) as here, Workers(how, 2) as there:
        expected = [plain(each) for each in here.map(chunks(examples, 50, limit=20))]
        assert [plain(each) for each in there.map(chunks(examples, 50, limit=20))] == expected
    assert len(expected) > 4
    assert any(valid for valid, *_ in expected)
    assert any(noted for _, _, noted, _ in expected)


def test_what_is_found_is_what_validate_says(examples: list[bytes]) -> None:
    with Workers(Judging(), 0) as here:
        for limit in (0, 10_000):
            (judged,) = here.map([Chunk(b"\n".join(examples), limit=limit)])
            noted = {each.position: each for each in judged.noted}
            for number, line in enumerate(examples, 1):
                if not line.strip():
                    assert number not in noted
                    continue
                said = validate(line)
                found = Counter((e.rule, e.severity.value, e.pointer) for e in said)
                given = noted.get(number)
                assert Counter(given.found if given else ()) == found, line
                if given:
                    assert given.valid is all(severity != "error" for _, severity, _ in found)
                    places = [replace(e, source=replace(e.source, line=number)) for e in said]
                    assert list(given.findings) == (places if limit else [])


def test_only_as_many_as_wanted_are_explained(gap: dict[str, Any]) -> None:
    gap["id"] = 1
    lines = [json.dumps(gap).encode()] * 10
    with Workers(Judging(), 0) as here:
        (judged,) = here.map([Chunk(b"\n".join(lines), limit=3)])
    assert [len(each.findings) for each in judged.noted] == [1, 1, 1, *[0] * 7]
    assert judged.counts == {("schema.type", "error"): 10}


def test_a_document_with_a_warning_is_valid(gap: dict[str, Any]) -> None:
    with Workers(Judging(shelve=True), 0) as here:
        (judged,) = here.map([Chunk(b"\xef\xbb\xbf" + json.dumps(gap).encode())])
    assert judged.valid == {"Gap": 1}
    assert [(each.valid, each.found) for each in judged.noted] == [
        (True, (("json.bom", "warning", ""),))
    ]


def test_what_rules_about_several_documents_look_at_is_told(checkout: Path) -> None:
    folder = checkout / "schemas" / "examples" / "equipment"
    lines = [
        json.dumps(json.loads(path.read_bytes())).encode()
        for slug in ("alarm", "gap", "counter-reading")
        for path in sorted((folder / slug / "valid").glob("*.json"))
    ]
    with Workers(Judging(shelve=True), 0) as here:
        (judged,) = here.map([Chunk(b"\n".join(lines))])
    told = [each for numbers in judged.accepted.values() for each in numbers]
    named = [json.loads(line)["$schema"].split("/")[-2] for line in lines]
    assert sorted(told) == [at for at, name in enumerate(named, 1) if name != "gap"]


def test_a_worker_that_is_killed_changes_nothing(examples: list[bytes]) -> None:
    lines = examples * 40
    with Workers(Judging(), 0) as here:
        expected = [plain(each) for each in here.map(chunks(lines, 400))]
    found: list[Any] = []
    killed: set[int] = set()
    with Workers(Judging(), 2) as there:
        for each in there.map(chunks(lines, 400)):
            found.append(plain(each))
            if len(killed) < 3:
                alive = [pid for pid in there.pids() if pid not in killed]
                if alive:
                    os.kill(alive[0], signal.SIGKILL)
                    killed.add(alive[0])
    assert found == expected
    assert len(killed) == 3


def test_a_chunk_that_kills_every_worker_is_a_fault_with_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_PROGRAM", "import os; os.read(0, 1); os._exit(9)")
    with Workers(Judging(), 1) as there, pytest.raises(SystemFault) as raised:
        list(there.map([Chunk(b"{}\n", 7)]))
    assert "died 3 times" in raised.value.say("en")
    assert "from number 7 on (exit status 9)" in raised.value.say("en")
    assert raised.value.hint is not None


def test_what_goes_wrong_in_a_worker_is_raised_here(monkeypatch: pytest.MonkeyPatch) -> None:
    hurt = "from mfgstd.validation.run.rows import Rows\nRows.judge = lambda *_: 1 / 0\nwork()"
    monkeypatch.setattr(module, "_PROGRAM", module._PROGRAM.replace("work()", hurt))
    with Workers(Judging(), 1) as there:
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                list(there.map([Chunk(b"{}\n")]))


def test_no_worker_is_left_behind_after_an_error() -> None:
    with pytest.raises(KeyError, match="stop"), Workers(Judging(), 2) as there:  # noqa: PT012 - what is left after it is the point
        for _ in there.map(chunks([b"{}"] * 20, 1)):
            pids = there.pids()
            raise KeyError("stop")
    assert pids
    assert not any(_alive(pid) for pid in pids)


def test_ctrl_c_ends_the_workers_too() -> None:
    code = (
        # What is started in the background has this signal ignored, and so have its children.
        "import itertools, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from mfgstd.validation.run.workers import *\n"
        "with Workers(Judging(), 2) as there:\n"
        "    for _ in there.map(itertools.repeat(Chunk(b'{}\\n' * 1000))):\n"
        "        print(*there.pids(), flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if len(pids := line.split()) == 2:
            break
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in said
    assert not any(_alive(int(pid)) for pid in pids)


def test_workers_end_when_their_parent_is_killed() -> None:
    code = (
        "import time\n"
        "from mfgstd.validation.run.workers import *\n"
        "there = Workers(Judging(), 1)\n"
        "list(there.map([Chunk(b'{}\\n')]))\n"
        "print(*there.pids(), flush=True)\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    (pid,) = process.stdout.readline().split()
    process.kill()
    process.communicate()
    for _ in range(600):
        if not _alive(int(pid)):
            break
        time.sleep(0.1)
    assert not _alive(int(pid))


def _alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not asked for its status does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
