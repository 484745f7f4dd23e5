"""The runtime's own laws, shown with a real adapter whose source is a list."""

from __future__ import annotations

import asyncio
import base64
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from mfgstd.adapters import Batch, Checkpoint, Tally
from mfgstd.collect import Collection, Limits, Progress, Session, State
from mfgstd.collect.backoff import FIRST, LONGEST, Backoff
from mfgstd.errors import ConfigError, InputError, SystemFault, TransientError, UsageError
from mfgstd.finding import Finding
from mfgstd.language import Text
from mfgstd.observations.assembly import empty
from tests.collect.listed import ORIGIN, ListAdapter, batch_of, collect, numbers, rejected

AWAY = Text("The machine is away.", "설비에 연결할 수 없습니다.")


def events(folder: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (folder / "events.ndjson").read_bytes().splitlines()]


def event_ids_of(folder: Path) -> Counter[str]:
    """The event ids of all observations in the NDJSON file."""
    return Counter(
        observation["eventId"]
        for event in events(folder)
        for observation in event["data"].get("observations", ())
    )


def rows(folder: Path) -> Counter[str]:
    """The event ids of all rows in the Parquet files."""
    return Counter(
        each
        for path in sorted(folder.glob("observations*.parquet"))
        for each in map(str, pq.read_table(path)["event_id"].to_pylist())
    )


def made(count: int, size: int = 100) -> set[str]:
    return {
        str(each)
        for position in range(1, count + 1)
        for each in numbers(size, position)["event_id"].to_pylist()
    }


class Eager(Backoff):
    """Waits next to nothing, as chance may have it."""

    def next(self) -> float:
        return super().next() / 1000


def session_of(folder: Path, *steps: Any, **more: Any) -> Session:
    return Session(ListAdapter(steps), Collection(folder, ORIGIN), backoff=Eager(), **more)


def test_everything_that_comes_is_in_both_files_and_in_the_ledger(tmp_path: Path) -> None:
    ledger = collect(tmp_path, [100, 700, 0])
    assert ledger.balanced
    assert (ledger.tally.read, ledger.tally.translated) == (800, 800)
    wanted = {*made(1), *map(str, numbers(700, 2)["event_id"].to_pylist())}
    assert event_ids_of(tmp_path) == rows(tmp_path) == Counter(wanted)
    assert orjson.loads((tmp_path / "ledger.json").read_bytes()) == ledger.to_json()
    assert {file.path: file.rows for file in ledger.files} == {
        "events.ndjson": 3 + 1 + 2,
        "observations.parquet": 800,
    }


def test_a_collection_without_rows_has_the_columns_and_no_rejected_file(tmp_path: Path) -> None:
    collect(tmp_path, [])
    assert pq.read_table(tmp_path / "observations.parquet").num_rows == 0
    assert not (tmp_path / "rejected.ndjson").exists()


@pytest.mark.parametrize(
    "moment", ["before-write", "after-write", "before-checkpoint", "after-commit", "torn"]
)
def test_a_killed_process_loses_nothing_and_tears_no_line(
    moment: str, tmp_path: Path, checkout: Path
) -> None:
    killed = subprocess.run(
        [sys.executable, "-m", "tests.collect.listed", tmp_path, moment],
        cwd=checkout,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(checkout)},
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert not (tmp_path / "ledger.json").exists()
    ledger = collect(tmp_path, [100] * 40, resume=True)
    assert set(event_ids_of(tmp_path)) == set(rows(tmp_path)) == made(40)
    # What came twice is told by its id, and never more than the one batch in flight.
    assert event_ids_of(tmp_path).total() <= 4100
    assert rows(tmp_path).total() <= 4100
    assert ledger.tally.read == 4000
    assert ledger.to_json()["resumed"] == 1
    assert not list(tmp_path.glob(".observations*"))
    assert not list(tmp_path.glob("*.part"))


def test_the_same_input_makes_the_same_event_ids_again(tmp_path: Path) -> None:
    collect(tmp_path / "one", [100, 700])
    collect(tmp_path / "two", [100, 700])
    first, second = ([each["id"] for each in events(tmp_path / name)] for name in ("one", "two"))
    assert first == second
    assert len(set(first)) == len(first)


def test_transient_errors_are_waited_out_and_reading_goes_on_where_it_was(tmp_path: Path) -> None:
    states: list[State] = []
    adapter = ListAdapter([100, TransientError(AWAY), TransientError(AWAY), 100])
    session = Session(
        adapter,
        Collection(tmp_path, ORIGIN),
        backoff=Eager(),
        watch=lambda progress: states.append(progress.state),
    )
    ledger = asyncio.run(session.run())
    assert session.error is None
    assert adapter.opened == [None, {"position": 1}, {"position": 2}]
    assert ledger.tally.read == 200
    assert State.BACKOFF in states
    assert states[-1] is State.ENDED


def test_back_off_has_full_jitter_grows_to_its_bound_and_starts_over_when_data_flows() -> None:
    backoff = Backoff(random.Random(7))  # noqa: S311 - chance, repeatable
    waits = [backoff.next() for _ in range(2000)]
    assert waits[0] <= FIRST
    assert max(waits) <= LONGEST
    assert max(waits) > 0.95 * LONGEST
    assert min(waits[10:]) < 0.05 * LONGEST
    backoff.reset()
    assert backoff.next() <= FIRST


@pytest.mark.parametrize("error", [ConfigError(AWAY), SystemFault(AWAY), InputError(AWAY)])
def test_what_waiting_cannot_mend_ends_at_once_with_what_came_kept(
    error: Exception, tmp_path: Path
) -> None:
    session = session_of(tmp_path, 100, error, 100)
    ledger = asyncio.run(session.run())
    assert session.error is error
    assert len(rows(tmp_path)) == ledger.tally.read == 100
    assert orjson.loads((tmp_path / "ledger.json").read_bytes())["error"] == AWAY.en


def test_a_defect_passes_through_but_what_came_is_kept(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(session_of(tmp_path, 100, ZeroDivisionError()).run())
    assert len(rows(tmp_path)) == 100
    assert (tmp_path / "ledger.json").exists()


def test_a_source_never_reached_before_time_is_up_is_an_error(tmp_path: Path) -> None:
    session = Session(
        _Away([]), Collection(tmp_path, ORIGIN), backoff=Eager(), limits=Limits(seconds=0.2)
    )
    asyncio.run(session.run())
    assert isinstance(session.error, TransientError)


def test_when_a_source_was_away_is_in_the_ledger(tmp_path: Path) -> None:
    steps = [100, TransientError(AWAY), TransientError(AWAY), 100, 100, TransientError(AWAY), 100]
    ledger = asyncio.run(session_of(tmp_path, *steps).run())
    away = ledger.to_json()["away"]
    assert (away["times"], len(away["spells"])) == (2, 2)
    assert all(each["from"] <= each["to"] for each in away["spells"])
    assert "away" not in collect(tmp_path / "steady", [100, 100]).to_json()


def test_a_source_that_stays_away_ends_with_the_time_and_the_ledger_says_since_when(
    tmp_path: Path,
) -> None:
    limits = Limits(seconds=0.5)
    session = Session(_Lost([100]), Collection(tmp_path, ORIGIN), backoff=Eager(), limits=limits)
    ledger = asyncio.run(session.run())
    assert session.error is None
    (spell,) = ledger.to_json()["away"]["spells"]
    assert spell["to"] <= ledger.ended
    assert ledger.to_json()["away"]["seconds"] > 0
    resumed = collect(tmp_path, [100, 100], resume=True)
    assert resumed.to_json()["away"]["spells"] == [spell]


class _Lost(ListAdapter):
    async def read(self) -> Batch | None:
        batch = await super().read()
        if batch is None:
            raise TransientError(AWAY)
        return batch


def test_what_only_sends_rubbish_is_asked_ever_more_seldom(tmp_path: Path) -> None:
    backoff = _Counting()
    tally = Tally(read=1, rejected=1, bytes=9)
    rubbish = [Batch(observations=empty(), tally=tally, rejected=(rejected(1),))] * 5
    steps = [step for each in rubbish for step in (each, TransientError(AWAY))]
    session = Session(ListAdapter(steps), Collection(tmp_path, ORIGIN), backoff=backoff)
    asyncio.run(session.run())
    assert backoff.resets == 0


class _Counting(Eager):
    resets = 0

    def reset(self) -> None:
        super().reset()
        self.resets += 1


def test_an_error_before_anything_came_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    collect(tmp_path / "out", [100])
    before = {each.name: each.read_bytes() for each in (tmp_path / "out").iterdir()}
    for folder, overwrite in ((tmp_path / "out", True), (tmp_path / "new", False)):
        with pytest.raises(ConfigError):
            collect(folder, [ConfigError(AWAY)], overwrite=overwrite)
    assert {each.name: each.read_bytes() for each in (tmp_path / "out").iterdir()} == before
    assert not (tmp_path / "new").exists()


def test_a_second_collection_into_the_same_folder_is_refused_while_the_first_runs(
    tmp_path: Path,
) -> None:
    first = Collection(tmp_path, ORIGIN)
    for resume, overwrite in ((False, False), (True, False), (False, True)):
        with pytest.raises(UsageError, match="Another collection"):
            Collection(tmp_path, ORIGIN, resume=resume, overwrite=overwrite)
    first.write(batch_of(10, 1))
    with pytest.raises(UsageError, match="Another collection"):
        Collection(tmp_path, ORIGIN, overwrite=True)
    first.close()
    assert not (tmp_path / ".lock").exists()
    again = Collection(tmp_path, ORIGIN, resume=True)
    assert again.close().tally.read == 10


def test_the_lock_of_a_killed_process_hinders_nobody(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    assert collect(tmp_path, [10]).tally.read == 10


class _Away(ListAdapter):
    async def open(self, checkpoint: Checkpoint | None = None) -> None:
        self.opened.append(checkpoint)
        raise TransientError(AWAY)


def test_time_and_count_end_a_collection_cleanly(tmp_path: Path) -> None:
    limits = Limits(observations=250)
    ledger = asyncio.run(session_of(tmp_path / "count", *[100] * 9, limits=limits).run())
    assert ledger.tally.read == 300
    limits = Limits(seconds=0.2)
    session = session_of(tmp_path / "time", 100, 3600.0, 100, limits=limits)
    assert asyncio.run(session.run()).tally.read == 100
    assert session.error is None


def test_silence_makes_a_source_stale_and_data_makes_it_live_again(tmp_path: Path) -> None:
    states: list[State] = []

    def watch(progress: Progress) -> None:
        if not states or states[-1] is not progress.state:
            states.append(progress.state)

    limits = Limits(stale_after=0.05)
    session = session_of(tmp_path, 1, 0.4, 1, limits=limits, watch=watch)
    asyncio.run(session.run())
    assert states == [State.CONNECTING, State.LIVE, State.STALE, State.LIVE, State.ENDED]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_cleanly_with_everything_written(
    number: signal.Signals, tmp_path: Path
) -> None:
    def watch(progress: Progress) -> None:
        if progress.observations >= 100 and not sent:
            sent.append(number)
            os.kill(os.getpid(), number)

    sent: list[int] = []
    session = session_of(tmp_path, 100, 3600.0, watch=watch)
    ledger = asyncio.run(session.run())
    assert session.error is None
    assert len(rows(tmp_path)) == ledger.tally.read == 100


def test_rejected_input_is_kept_byte_for_byte_with_its_place(tmp_path: Path) -> None:
    batch = Batch(
        observations=empty(),
        rejected=(rejected(3), rejected(4)),
        tally=Tally(read=2, rejected=2),
        checkpoint={"position": 1},
    )
    ledger = collect(tmp_path, [batch])
    lines = (tmp_path / "rejected.ndjson").read_bytes().splitlines()
    first = orjson.loads(lines[0])
    assert first["source"] == {"path": "list", "line": 3}
    assert first["rule"] == "list.torn"
    assert base64.b64decode(first["raw"]) == b"\xff\x00not a line"
    assert ledger.to_json()["findings"] == {"list.torn": 2}
    assert ledger.balanced


def test_a_tally_that_does_not_add_up_shows_in_the_ledger(tmp_path: Path) -> None:
    batch = Batch(observations=empty(), tally=Tally(read=2, translated=1), checkpoint={})
    assert collect(tmp_path, [batch]).to_json()["balanced"] is False


def test_findings_are_counted_all_and_kept_few(tmp_path: Path) -> None:
    finding = Finding(rule="list.odd", message=Text("Odd.", "이상합니다."))
    ledger = collect(tmp_path, [batch_of(1, 1, findings=(finding,) * 5000)])
    assert ledger.account.findings == {"list.odd": 5000}
    assert len(ledger.account.examples["list.odd"]) == 10


def test_a_hostile_source_cannot_fill_the_memory_with_names(tmp_path: Path) -> None:
    unknown = Counter({f"name{number}": 1 for number in range(30_000)})
    batch = Batch(observations=empty(), tally=Tally(read=30_000, unknown=unknown), checkpoint={})
    ledger = collect(tmp_path, [batch, batch])
    assert len(ledger.tally.unknown) <= 10_000
    assert ledger.balanced


def test_a_folder_belongs_to_one_source_and_is_not_written_twice_unasked(tmp_path: Path) -> None:
    collect(tmp_path, [100])
    with pytest.raises(UsageError, match="already holds"):
        Collection(tmp_path, ORIGIN)
    with pytest.raises(UsageError, match="another source"):
        Collection(tmp_path, replace(ORIGIN, source="urn:example:other"), resume=True)


def test_a_folder_with_foreign_files_is_refused_and_overwriting_spares_them(
    tmp_path: Path,
) -> None:
    (tmp_path / "thesis.txt").write_text("do not lose")
    for resume in (False, True):
        with pytest.raises(UsageError, match="not a collection"):
            collect(tmp_path, [100], resume=resume)
    collect(tmp_path, [100], overwrite=True)
    collect(tmp_path, [50], overwrite=True)
    assert len(rows(tmp_path)) == 50
    assert (tmp_path / "thesis.txt").read_text() == "do not lose"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"source":1', b'{"account":null}'])
def test_a_broken_checkpoint_is_a_usage_error_with_its_place(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / ".checkpoint.json").write_bytes(content)
    with pytest.raises(UsageError) as raised:
        collect(tmp_path, [100], resume=True)
    assert ".checkpoint.json" in raised.value.say("en")


def test_a_finished_collection_can_be_gone_on_with(tmp_path: Path) -> None:
    collect(tmp_path, [100])
    ledger = collect(tmp_path, [100, 100, 100], resume=True)
    assert rows(tmp_path) == event_ids_of(tmp_path) == Counter(made(3))
    assert [file.path for file in ledger.files if "parquet" in file.path] == [
        "observations.parquet",
        "observations_00002.parquet",
    ]
    assert ledger.tally.read == 300


def test_a_folder_that_cannot_be_made_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError):
        collect(tmp_path / "file" / "folder", [1])
