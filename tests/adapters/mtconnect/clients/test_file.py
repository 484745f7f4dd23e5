"""Logs as files: plain, packed, cut off, empty, and files that are something else."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.errors import InputError
from mfgstd_adapters.mtconnect.clients.file import LogFile

LINE = b"2026-01-01T00:00:00Z|Xabs|1\n"


def read_all(path: Path, chunk: int = 1000) -> tuple[bytes, LogFile]:
    file = LogFile(str(path), chunk=chunk)
    pieces = []
    while piece := file.read():
        assert len(piece) <= chunk
        pieces.append(piece)
    file.close()
    return b"".join(pieces), file


def test_a_packed_log_reads_like_a_plain_one(tmp_path: Path) -> None:
    log = LINE * 500
    plain, packed = tmp_path / "a.shdr", tmp_path / "a.shdr.gz"
    plain.write_bytes(log)
    packed.write_bytes(gzip.compress(log) + gzip.compress(log))
    assert read_all(plain)[0] == log
    assert read_all(packed)[0] == log * 2


def test_a_packed_log_that_was_cut_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    log = b"".join(b"2026-01-01T00:00:00Z|Xabs|%d\n" % number for number in range(5000))
    path = tmp_path / "a.gz"
    packed = gzip.compress(log)
    path.write_bytes(packed[: len(packed) // 2])
    found, file = read_all(path)
    assert log.startswith(found)
    assert len(found) > 10_000
    assert [each.rule for each in file.findings] == ["file.truncated"]


def test_a_damaged_packed_log_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    packed = bytearray(gzip.compress(LINE * 500))
    packed[-6] ^= 0xFF  # its checksum
    path.write_bytes(packed)
    assert [each.rule for each in read_all(path)[1].findings] == ["file.corrupt"]


def test_an_empty_file_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "a.shdr"
    path.write_bytes(b"")
    assert [each.rule for each in read_all(path)[1].findings] == ["file.empty"]


@pytest.mark.parametrize(
    "content", [b'{"a": 1}\n', b"  <MTConnectDevices/>", b"PK\3\4\0\0\0\0\0", b"[1]", b"\0" * 99]
)
def test_what_is_plainly_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.shdr"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a SHDR log") as caught:
        LogFile(str(path))
    assert caught.value.hint is not None


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        LogFile(str(tmp_path / "absent"))


@given(offset=st.integers(0, 3000), packed=st.booleans())
def test_reading_goes_on_at_any_offset(
    tmp_path_factory: pytest.TempPathFactory, offset: int, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("log") / "a.shdr"
    log = LINE * 80
    path.write_bytes(gzip.compress(log) if packed else log)
    file = LogFile(str(path), chunk=700)
    file.skip(offset)
    rest = b"".join(iter(file.read, b""))
    file.close()
    assert rest == log[offset:]
