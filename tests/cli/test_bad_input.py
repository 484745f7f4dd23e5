"""Input that is broken or hostile ends in a finding with its place, in bounded memory.

Each case is a process of its own, as a user starts it: exit code, words, place and peak memory.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.measuring import Done, run_measured

#: What the process may take, in MiB; importing what `validate` needs takes about 60 of them.
BOUND = 200


def _validate(*arguments: str | Path) -> Done:
    return run_measured(["validate", *arguments])


GAP: dict[str, Any] = {
    "$schema": "https://w3id.org/mfgstd/equipment/gap/1",
    "id": "urn:uuid:0190a7c8-1f2e-7abc-8def-0123456789ab",
    "source": "urn:example:agent",
    "from": "2026-02-03T00:00:00Z",
    "to": "2026-02-03T00:00:05Z",
    "reason": "sequence_jump",
    "outcome": "lost",
}
GOOD = json.dumps(GAP).encode()


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.write(GOOD + b"\n")
        file.truncate(2 << 30)
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + GOOD + b"\nnull\n")


def _sparse_document(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 << 30)


def _cut(path: Path) -> None:
    lines = [json.dumps({**GAP, "count": number}).encode() for number in range(20_000)]
    whole = gzip.compress(b"\n".join(lines))
    path.write_bytes(whole[: len(whole) // 2])


def _damaged(path: Path) -> None:
    whole = bytearray(gzip.compress(GOOD * 1000))
    whole[len(whole) // 2] ^= 0xFF
    path.write_bytes(whole)


def _bomb(path: Path) -> None:
    # Members of one gzip file follow each other: a megabyte here is a gigabyte there.
    path.write_bytes(gzip.compress(b"[" + b" " * (16 << 20)) * 64)


def _empty_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(b""))


def _bytes(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


KOREAN = json.dumps({**GAP, "note": "절삭유 부족"}, ensure_ascii=False, indent=1)

CASES: list[tuple[str, Callable[[Path], None], tuple[str, ...]]] = [
    ("cp949.json", _bytes(KOREAN.encode("cp949")), (":9:", "json.utf8", "CP949")),
    ("utf16.json", _bytes(KOREAN.encode("utf-16")), (":1:1", "json.utf8", "UTF-16")),
    ("utf16.ndjson", _bytes(KOREAN.encode("utf-16")), (":1:1", "json.utf8", "UTF-16")),
    ("deep.json", _bytes(b"[" * 100_000), (":1:202", "json.depth", "200")),
    ("deep.ndjson", _bytes(GOOD + b"\n" + b'{"a":' * 100_000), (":2:", "json.depth")),
    ("deep-closed.json", _bytes(b"[" * 100_000 + b"]" * 100_000), ("json.depth",)),
    ("large.json", _sparse_document, ("file.too-large", "64 MiB", ".ndjson")),
    ("empty.json", _bytes(b""), ("file.empty",)),
    ("empty.ndjson", _bytes(b""), ("file.empty",)),
    ("empty.json.gz", _empty_gzip, ("file.empty",)),
    ("zero.json.gz", _bytes(b""), ("file.empty",)),
    ("empty.parquet", _bytes(b""), ("file.damaged",)),
    ("text.parquet", _bytes(b"hello"), ("file.damaged",)),
    ("blank.ndjson", _bytes(b"\n \n\t\n"), ("file.empty",)),
    ("blank.json", _bytes(b" \n\n"), ("json.empty",)),
    ("cut.ndjson.gz", _cut, ("file.truncated", "cut.ndjson.gz:")),
    ("cut.json.gz", _cut, ("file.truncated",)),
    ("damaged.ndjson.gz", _damaged, ("file.damaged",)),
    ("plain.ndjson.gz", _bytes(GOOD), ("file.damaged",)),
    ("bomb.json.gz", _bomb, ("file.too-large",)),
    ("bomb.ndjson.gz", _bomb, (":1", "file.line-too-long")),
    ("nan.json", _bytes(b'{\n"a": NaN}'), (":2:6", "json.nan")),
    ("huge.json", _bytes(b'{"a": 1e999}'), (":1:7", "json.number-range")),
    ("twice.json", _bytes(b'{"a":1,\n"a":1}'), (":2:5", "json.duplicate-key")),
    ("nul.json", _bytes(GOOD + b"\x00"), ("json.syntax", ":1:")),
    ("nuls.ndjson", _bytes(b"\x00" * 100_000), ("json.syntax", ":1:1")),
    ("surrogate.json", _bytes(b'{"a": "\\ud800"}'), ("json.syntax",)),
    ("list.json", _bytes(b"[" + GOOD + b"]"), ("schema.type", "NDJSON")),
    ("undeclared.json", _bytes(b'{"a": 1}'), ("schema.undeclared", "--schema")),
    ("random.bin", _bytes(bytes(range(256)) * 50), ("json.",)),
]


@pytest.mark.parametrize(("name", "write", "expected"), CASES, ids=[each[0] for each in CASES])
def test_bad_input_ends_in_a_finding_with_its_place(
    name: str, write: Callable[[Path], None], expected: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / name
    write(path)
    done = _validate(path)
    assert done.code == 1, done.said
    assert "Traceback" not in done.said
    for words in expected:
        assert words in done.said
    assert name in done.said
    assert done.peak < BOUND


def test_a_byte_order_mark_is_a_warning_and_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "bom.json"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD)
    done = _validate(path)
    assert done.code == 0
    assert "json.bom" in done.said


def test_a_folder_without_documents_is_not_a_success(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    done = _validate(tmp_path)
    assert done.code == 1
    assert "file.empty" in done.said


@pytest.mark.parametrize("engine", ["row", "duckdb"])
def test_a_line_of_two_gigabytes_costs_no_more_memory_than_a_short_one(
    tmp_path: Path, engine: str
) -> None:
    short, long = tmp_path / "short.ndjson", tmp_path / "long.ndjson"
    short.write_bytes(GOOD)
    _sparse(long)
    done = _validate(long, "--engine", engine)
    assert done.code == 1
    for words in ("long.ndjson:2: ", "file.line-too-long", "16777216", ":4:1: ", "schema.type"):
        assert words in done.said
    assert "Traceback" not in done.said
    # The line limit of 16 MiB may be held twice while a line is put together.
    assert done.peak - _validate(short, "--engine", engine).peak < 48


def test_a_file_that_cannot_be_opened_is_a_finding_and_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "socket.json"
    import socket

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        done = _validate(path)
    assert done.code == 1
    assert "file.unreadable" in done.said
    assert "Traceback" not in done.said
    assert "socket.json" in done.said


def test_one_bad_line_never_stops_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "mixed.ndjson"
    path.write_bytes(b"\n".join([GOOD, b'{"a":', GOOD, b"\xff", b"", GOOD]))
    done = _validate(path, "--json")
    result = json.loads(done.said)
    assert (result["valid"], result["invalid"]) == (3, 2)
    assert [each["source"]["line"] for each in result["findings"]] == [2, 4]


@pytest.mark.parametrize("options", [["--json"], ["--json", "--lang", "ko"]])
def test_names_that_are_not_unicode_can_still_be_told(tmp_path: Path, options: list[str]) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.json"))
    path.write_bytes(b"{}")
    done = _validate(path, *options)
    assert done.code == 1
    assert json.loads(done.said)["documents"] == 1


def test_memory_does_not_grow_with_the_number_of_findings(tmp_path: Path) -> None:
    peaks = []
    for count in (4_000, 60_000):
        path = tmp_path / f"{count}.ndjson"
        path.write_text(
            "".join(f"{json.dumps({**GAP, 'id': n, 'outcome': 'lots'})}\n" for n in range(count))
        )
        options = ("--max-findings", "2", "--findings", tmp_path / "found.parquet", "--json")
        done = _validate(path, *options)
        result = json.loads(done.said)
        assert (result["invalid"], result["rules"]["schema.enum"]) == (count, count)
        peaks.append(done.peak)
    assert peaks[1] - peaks[0] < 64
