"""Files are told apart by name and look, and cut into pieces without losing or splitting a line."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.validation.run.report import Report
from mfgstd.validation.sources.formats import Written, written
from mfgstd.validation.sources.lines import Cut
from mfgstd.validation.sources.paths import find, size_of
from mfgstd.validation.sources.pieces import Piece, Pieces


class _Chunks:
    """A source that hands out what it is told to, and may break off at the end."""

    def __init__(self, chunks: list[bytes], *, breaks: bool = False) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)
        self._breaks = breaks

    def __call__(self, _size: int, /) -> bytes:
        chunk = next(self._chunks, b"")
        if not chunk and self._breaks:
            raise Cut(truncated=True, reason="test")
        return chunk


CHUNK = st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\n\n", b"\r\n"]), min_size=1).map(b"".join)


def _lines(pieces: Pieces) -> Iterator[tuple[int, bytes | None]]:
    """Number and text of each line; no text where it was too long."""
    for each in pieces:
        if isinstance(each, Piece):
            lines = each.data.removesuffix(b"\n").split(b"\n")
            assert len(lines) == each.lines
            yield from enumerate(lines, each.first_line)
        else:
            yield each.number, each.data


def _wanted(text: bytes, limit: int) -> list[tuple[int, bytes | None]]:
    lines = text.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [(n, each if len(each) <= limit else None) for n, each in enumerate(lines, 1)]


@given(st.lists(CHUNK), st.integers(1, 8), st.sampled_from([1, 5, 1 << 20, (1 << 20) + 7]))
def test_pieces_hold_every_line_once_with_its_number(
    chunks: list[bytes], limit: int, size: int
) -> None:
    pieces = Pieces(_Chunks(chunks), size=size, limit=limit)
    assert list(_lines(pieces)) == _wanted(b"".join(chunks), limit)


@given(st.lists(CHUNK), st.integers(1, 8))
def test_a_broken_stream_gives_out_its_whole_lines_first(chunks: list[bytes], limit: int) -> None:
    pieces = Pieces(_Chunks(chunks, breaks=True), size=1 << 21, limit=limit)
    lines: list[tuple[int, bytes | None]] = []
    with pytest.raises(Cut):
        lines.extend(_lines(pieces))
    text = b"".join(chunks)
    assert lines == _wanted(text[: text.rfind(b"\n") + 1], limit)
    assert pieces.number == len(lines) + 1


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.json", b"{}", Written("json")),
        ("A.JSON", b"{}", Written("json")),
        ("a.json.gz", b"\x1f\x8b", Written("json", "gzip")),
        ("a.ndjson.zst", b"\x28\xb5\x2f\xfd", Written("ndjson", "zstd")),
        ("a.jsonl.zstd", b"", Written("ndjson", "zstd")),
        ("a.csv", b"a,b", Written("csv")),
        ("a.csv.gz", b"\x1f\x8b", Written("csv", "gzip")),
        # Somebody renamed it: what it is compressed by, its bytes say.
        ("a.ndjson", b"\x1f\x8b", Written("ndjson", "gzip")),
        ("a.ndjson.gz", b"\x28\xb5\x2f\xfd", Written("ndjson", "zstd")),
        ("a.parquet", b"hello", Written("parquet")),
        ("a.feather", b"ARROW1", Written("arrow")),
        ("a", b"PAR1", Written("parquet")),
        ("a", b"ARROW1", Written("arrow")),
        ("a", b"\xff\xff\xff\xff", Written("arrow")),
        ("a", b"\x28\xb5\x2f\xfd", Written("ndjson", "zstd")),
        ("a", b"{\n}\n", Written("json")),
        ("a", b'{"a": 1}\n{"a": 2}\n', Written("ndjson")),
        ("a", b"", Written("ndjson")),
    ],
)
def test_a_format_is_told_by_the_name_else_by_the_first_bytes(
    name: str, head: bytes, expected: Written
) -> None:
    assert written(name, head) == expected


@pytest.mark.parametrize(("written", "typed"), [("NFD", "NFC"), ("NFC", "NFD")])
@pytest.mark.parametrize("pattern", ["생산실적.csv", "*실적.csv"])
def test_a_hangul_name_is_found_however_it_is_put_together(
    tmp_path: Path, written: Literal["NFC", "NFD"], typed: Literal["NFC", "NFD"], pattern: str
) -> None:
    path = tmp_path / unicodedata.normalize(written, "생산실적.csv")
    path.touch()
    assert find([str(tmp_path / unicodedata.normalize(typed, pattern))], Report()) == [path]


def test_a_pipe_in_a_folder_is_named_and_not_opened(tmp_path: Path) -> None:
    (tmp_path / "a.json").touch()
    os.mkfifo(tmp_path / "b.ndjson")
    for named in (tmp_path, tmp_path / "*"):
        report = Report()
        assert find([str(named)], report) == [tmp_path / "a.json"]
        assert list(report.left_out) == [str(tmp_path / "b.ndjson")]
    # Whoever names one means it.
    assert find([str(tmp_path / "b.ndjson")], report) == [tmp_path / "b.ndjson"]


def test_links_to_folders_are_named_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "deep" / "a.json").touch()
    (tmp_path / "data" / "deep" / "circle").symlink_to(tmp_path)
    (tmp_path / "data" / ".hidden").symlink_to(tmp_path)
    (tmp_path / "data" / "linked.json").symlink_to("deep/a.json")
    report = Report()
    deep = tmp_path / "data" / "deep"
    assert find([str(tmp_path)], report) == [deep / "a.json", tmp_path / "data" / "linked.json"]
    assert list(report.left_out) == [str(deep / "circle")]
    assert find([str(deep / "circle")], Report())


def test_files_of_a_folder_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    names = ["b/2.json", "b/10.json", "a.json", "b.json", "a/z.csv", "c/.d/e.json", "b/.f.json"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [each.relative_to(tmp_path).as_posix() for each in find([str(tmp_path)], Report())]
    assert found == ["a/z.csv", "a.json", "b/10.json", "b/2.json", "b.json"]


@pytest.mark.parametrize("hide", ["a/b", "a"])
def test_a_folder_that_cannot_be_searched_is_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hide: str
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.json").touch()
    (tmp_path / "d.json").touch()
    looked = os.scandir

    def refusing(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path) == tmp_path / hide:
            # Whoever runs the tests may be allowed everything.
            raise PermissionError(13, "Permission denied", path)
        return looked(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert find([str(tmp_path)], Report()) == [tmp_path / hide, tmp_path / "d.json"]


def test_a_file_that_may_not_be_looked_at_is_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.touch()
    look = Path.stat

    def refusing(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return look(self, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", refusing)
    assert find([str(tmp_path)], Report()) == find([str(path)], Report()) == [path]
    assert size_of(path) is None
