"""Lines come out as a plain split would give them, however the chunks fall."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.validation.sources.lines import Cut, Lines, opened, whole


class _Chunks:
    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)

    def __call__(self, _size: int, /) -> bytes:
        return next(self._chunks, b"")


CHUNK = st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\n\n", b"\r\n"]), min_size=1).map(b"".join)


@given(st.lists(CHUNK), st.integers(1, 8))
def test_lines_are_those_of_the_whole(chunks: list[bytes], limit: int) -> None:
    wanted = b"".join(chunks).split(b"\n")
    if wanted[-1] == b"":
        wanted.pop()
    lines = list(Lines(_Chunks(chunks), limit))
    assert [each.number for each in lines] == list(range(1, len(wanted) + 1))
    assert [each.size for each in lines] == [len(each) for each in wanted]
    for line, data in zip(lines, wanted, strict=True):
        assert line.data == (data if len(data) <= limit else None)


def test_a_cut_gzip_gives_out_the_lines_before_the_cut() -> None:
    text = b"".join(b"line %d\n" % number for number in range(100_000))
    data = gzip.compress(text)
    read = opened(io.BytesIO(data[: len(data) - 10]), compression="gzip", advance=lambda _: None)
    lines = Lines(read, 100)
    numbers: list[int] = []
    with pytest.raises(Cut) as cut:
        numbers.extend(each.number for each in lines)
    assert cut.value.truncated
    assert lines.number > 99_000


def test_progress_counts_the_bytes_of_the_file() -> None:
    data = gzip.compress(b"x" * 5_000_000)
    done: list[int] = []
    read = opened(io.BytesIO(data), compression="gzip", advance=done.append)
    assert whole(read, 1 << 30) == b"x" * 5_000_000
    assert sum(done) == len(data)


def test_the_whole_is_refused_beyond_its_limit() -> None:
    read = opened(io.BytesIO(b"x" * 11), compression=None, advance=lambda _: None)
    assert whole(read, 10) is None


def _zstd(text: bytes) -> bytes:
    data: bytes = pa.compress(text, "zstd", asbytes=True)
    return data


@pytest.mark.parametrize("missing", [1, 10, 1000])
def test_a_cut_zstd_gives_out_all_that_can_be_read(missing: int) -> None:
    text = b"".join(b"line %d %d\n" % (number, number * 7919) for number in range(100_000))
    data = _zstd(text)
    read = opened(
        io.BytesIO(data[: len(data) - missing]), compression="zstd", advance=lambda _: None
    )
    given: list[bytes] = []
    with pytest.raises(Cut) as cut:
        given.extend(iter(lambda: read(1 << 20), b""))
    assert cut.value.truncated
    assert text.startswith(b"".join(given))
    assert len(b"".join(given)) > len(text) * 0.9


def test_what_is_no_zstd_is_damaged() -> None:
    read = opened(io.BytesIO(b"hello, not compressed"), compression="zstd", advance=lambda _: None)
    with pytest.raises(Cut) as cut:
        read(10)
    assert not cut.value.truncated


def test_zstd_frames_follow_each_other() -> None:
    data = _zstd(b"a\n") + _zstd(b"b\n")
    read = opened(io.BytesIO(data), compression="zstd", advance=lambda _: None)
    assert whole(read, 100) == b"a\nb\n"
