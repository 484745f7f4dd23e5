"""Lines of text on a cluster: whose line is whose, and what row by row is found in one process."""

from __future__ import annotations

import gzip
import io
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.engine import Session
from mfgstd.errors import SystemFault
from mfgstd.validation.bulk.spark.lines import Part, Stretch, judge, judged, owned, stretches
from mfgstd.validation.run.rows import Chunk, Judged, Judging, Rows
from tests.validation.spark.cluster import Cluster

OBSERVATION = "https://w3id.org/mfgstd/equipment/observation/1"
MAX_LINE = 1 << 20


@given(
    data=st.binary().map(lambda each: each.replace(b"\x00", b"\n")),
    size=st.integers(1, 20),
    at_once=st.integers(1, 30),
)
def test_each_line_belongs_to_the_stretch_in_which_it_begins(
    data: bytes, size: int, at_once: int
) -> None:
    told: list[bytes] = []
    for start in range(0, len(data), size):
        stretch = Stretch("", start, min(start + size, len(data)), len(data))
        read = owned(io.BytesIO(data), stretch)
        mine = b""
        while piece := read(at_once):
            mine += piece
        begins = sum(len(each) for each in told)
        assert not mine or stretch.start <= begins < stretch.end
        told.append(mine)
    assert b"".join(told) == data
    assert all(each.endswith(b"\n") for each in told if each and not data.endswith(each))


def documents(count: int) -> Iterator[bytes]:
    """Lines of observations, about every fifth of which is wrong, blank or no JSON."""
    for number in range(count):
        document: dict[str, Any] = {
            "$schema": OBSERVATION,
            "dataItem": f"urn:plant:axis-{number % 7}",
            "eventTime": "2026-02-03T04:05:06Z",
            "quality": {"status": "good"},
            "value": {"number": number / 8},
            "unit": "mm",
            "source": "가공기",
            "eventId": f"{number:032x}",
        }
        match number % 29:
            case 3:
                document["unit"] = "m m"
            case 5:
                document["extra"] = number
            case 7:
                document["value"] = {"number": "1"}
            case 11:
                document["quality"] = {"status": "bad"}
            case 13:
                yield b""
                continue
            case 17:
                yield orjson.dumps(document)[:-2]
                continue
            case 19:
                yield b'{"$schema":"urn:no:such","a":1,"a":2}'
                continue
        yield orjson.dumps(document)


def rows_of(
    parts: Iterator[tuple[Stretch, Part]],
) -> tuple[list[Any], dict[str, int], dict[str, int]]:
    """Everything noted, and the counts."""
    noted, valid, invalid = [], Judged().valid, Judged().invalid
    for _, part in parts:
        for told in part.told:
            if isinstance(told, Judged):
                noted += [(each.position, each.kind, each.found) for each in told.noted]
                valid.update(told.valid)
                invalid.update(told.invalid)
            else:
                noted.append((told[0], "", ((told[1].rule, told[1].severity.value, ""),)))
    return noted, valid, invalid


def in_one_process(data: bytes) -> tuple[list[Any], dict[str, int], dict[str, int]]:
    told = Rows(Judging()).judge(Chunk(data))
    return [(each.position, each.kind, each.found) for each in told.noted], told.valid, told.invalid


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # A name that URLs and shells would read otherwise.
    path = tmp_path_factory.mktemp("lines") / "관측값 100%.ndjson"
    path.write_bytes(b"\n".join(documents(4000)))
    return path


def test_a_cluster_finds_what_one_process_finds_at_the_same_lines(
    file: Path, spark: Session
) -> None:
    cut = stretches(file, None, 100_000)
    assert len(cut) > 8
    parts = judged(spark, cut, Judging(), max_line=MAX_LINE, limit=lambda: 0)
    assert rows_of(parts) == in_one_process(file.read_bytes())


def test_two_files_in_one_run_keep_their_own_line_numbers(file: Path, spark: Session) -> None:
    second = file.with_name("second.ndjson.gz")
    second.write_bytes(gzip.compress(file.read_bytes()))
    wanted = [*stretches(file, None, 300_000), *stretches(second, "gzip")]
    told = list(judged(spark, wanted, Judging(), max_line=MAX_LINE, limit=lambda: 0))
    alone = in_one_process(file.read_bytes())
    assert rows_of(iter(told[:-1])) == alone
    assert rows_of(iter(told[-1:])) == alone


def test_what_is_explained_names_the_line_of_the_whole_file(file: Path, spark: Session) -> None:
    cut = stretches(file, None, 100_000)
    told = list(judged(spark, cut[:4], Judging(), max_line=MAX_LINE, limit=lambda: 5))
    for _, part in told:
        for each in part.told:
            assert isinstance(each, Judged)
            explained = [noted for noted in each.noted if noted.findings]
            assert explained
            assert all(
                finding.source.line == noted.position
                for noted in explained
                for finding in noted.findings
            )
    assert told[3][1].told[0].noted[0].position > 500  # type: ignore[union-attr] # checked above


def test_a_line_beyond_the_limit_and_a_stream_that_breaks_off_are_told(tmp_path: Path) -> None:
    path = tmp_path / "broken.ndjson.gz"
    whole = gzip.compress(b"{}\n" + b"x" * 5000 + b"\n{}\n" * 2 + os.urandom(20_000))
    path.write_bytes(whole[:-9000])
    (stretch,) = stretches(path, "gzip")
    with path.open("rb") as raw:
        part = judge(raw, stretch, Judging(), max_line=100, limit=0)
    told = [(each[0], each[1].rule) for each in part.told if not isinstance(each, Judged)]
    assert told[0] == (2, "file.line-too-long")
    assert told[-1][1] == "file.truncated"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"path": "/nowhere/가.ndjson"}, "No such file"), ({"size": 7}, "bytes, not 7")],
)
def test_a_worker_that_sees_another_file_stops_the_run(
    wrong: dict[str, Any], said: str, file: Path, spark: Session
) -> None:
    asked = [stretches(file, None)[0]._replace(**wrong)]
    with pytest.raises(SystemFault, match=said) as fault:
        list(judged(spark, asked, Judging(), max_line=MAX_LINE, limit=lambda: 0))
    assert "shared storage" in fault.value.say("en")


def test_an_executor_killed_in_the_middle_changes_nothing(
    tmp_path: Path, spark: Session, cluster: Cluster
) -> None:
    path = tmp_path / "long.ndjson"
    data = b"\n".join(documents(60_000))
    path.write_bytes(data)
    cut = stretches(path, None, 400_000)
    # Both executors are up and at work before one is killed.
    spark.raw.range(0, 8, 1, 8).count()
    before = cluster.executors()
    assert len(before) == 2
    killed: list[int] = []
    done = threading.Event()

    def kill() -> None:
        tracker = spark.raw.sparkContext.statusTracker()
        while not done.wait(0.02):
            stages = [tracker.getStageInfo(each) for each in tracker.getActiveStageIds()]
            if any(
                each and each.numTasks == at_once and each.numCompletedTasks >= 1 for each in stages
            ):
                os.kill(before[0], signal.SIGKILL)
                killed.append(before[0])
                return

    at_once = min(len(cut), max(4, 3 * spark.raw.sparkContext.defaultParallelism))
    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    told = rows_of(judged(spark, cut, Judging(), max_line=MAX_LINE, limit=lambda: 0))
    done.set()
    killer.join()
    assert killed
    assert before[0] not in cluster.executors()
    assert told == in_one_process(data)
