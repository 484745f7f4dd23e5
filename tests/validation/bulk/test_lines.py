"""A screen of lines says what the row engine would: of each line all, or that it cannot say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mfgstd.engine import Session, duckdb_session
from mfgstd.standard import catalogue
from mfgstd.validation.bulk.lines import screen as line_screen
from mfgstd.validation.bulk.lines import texts as line_bytes
from mfgstd.validation.bulk.lines.screens import LineScreen, LineScreens
from mfgstd.validation.bulk.lines.texts import MemoryFile, table_of
from mfgstd.validation.bulk.terms.constraints import NotInColumns
from mfgstd.validation.lowering import Strictness
from tests.validation.bulk.hurt_lines import GOOD, HURT
from tests.validation.bulk.line_law import (
    CLEAN,
    OBSERVATION,
    READING,
    agrees,
    chunk,
    line,
    observation,
    said,
)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with duckdb_session(threads=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def screens(session: Session) -> Iterator[LineScreens]:
    """Of one module: making a query takes longer than asking it."""
    with LineScreens(Strictness.STRICT, session) as made:
        yield made


# Clean data


@pytest.mark.parametrize(
    "written",
    [
        chunk(*CLEAN),
        chunk(*CLEAN)[:-1],
        b"\r\n".join([*CLEAN, b""]),
        chunk(*(json.dumps(json.loads(each)).encode() for each in CLEAN)),
        chunk(*(json.dumps(json.loads(each), sort_keys=True).encode() for each in CLEAN)),
        chunk(*(line(observation(3, native={"value": "가공 \\ 완료\n"})) for _ in CLEAN)),
        chunk(*(json.dumps(observation(4, native={"value": "가공"})).encode() for _ in CLEAN)),
        chunk(*(line(observation(5, native={"value": 'a "quote"'})) for _ in CLEAN)),
        chunk(*(line(observation(6, eventTime="2016-12-31T23:59:59Z")) for _ in CLEAN)),
        chunk(*CLEAN, b"", b" \t", *CLEAN),
    ],
)
def test_nothing_is_suspected_of_clean_lines(written: bytes, screens: LineScreens) -> None:
    told = screens.screen(written, 1)
    agrees(written, told)
    assert told.valid == told.lines
    assert not told.suspects


def test_clean_lines_pass_without_a_look_at_each(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        screen.screen(chunk(*CLEAN), 1)
        monkeypatch.setattr(LineScreen, "_slow", None)
        assert screen.screen(chunk(*CLEAN), 1).valid == len(CLEAN)


@pytest.mark.parametrize("what", HURT)
def test_one_hurt_line_is_found_among_clean_ones(what: str, screens: LineScreens) -> None:
    screens.screen(chunk(*CLEAN), 1)
    written = chunk(*CLEAN[:20], HURT[what], *CLEAN[20:])
    told = screens.screen(written, 101)
    agrees(written, told, 101)
    assert {121} == {number for number, _ in told.suspects} | said(told).keys()


def test_lines_that_make_up_for_each_other_are_found(screens: LineScreens) -> None:
    # Three texts of an array, one text less: the quotes of both lines are those of two good ones.
    lines = [GOOD.replace(b'"mm"', b'["mm","mm"]'), GOOD.replace(b'"mm"', b"5")]
    written = chunk(*CLEAN, *lines, *CLEAN)
    told = screens.screen(written, 1)
    agrees(written, told)
    assert told.valid == 2 * len(CLEAN)


def test_an_escaped_name_is_the_name_it_stands_for(screens: LineScreens) -> None:
    written = chunk(*CLEAN, GOOD.replace(b'"unit"', b'"\\u0075nit"'))
    told = screens.screen(written, 1)
    agrees(written, told)
    assert told.valid == told.lines


def test_values_of_the_right_shape_are_known_to_be_wrong(screens: LineScreens) -> None:
    written = chunk(*CLEAN, line(observation(1, unit="m m", quality={"status": "fine"})))
    told = screens.screen(written, 1)
    assert said(told) == {
        41: Counter(
            [("schema.pattern", "error", "/unit"), ("schema.enum", "error", "/quality/status")]
        )
    }
    assert told.failed == {OBSERVATION.id: 1}


def test_a_line_with_a_warning_is_valid(session: Session) -> None:
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        told = screen.screen(chunk(*CLEAN, HURT["a warning"]), 1)
    assert told.valid == 41
    rule = "equipment.observation.recorded-after-it-happened"
    assert said(told) == {41: Counter([(rule, "warning", "/recordTime")])}


# Kinds


def test_kinds_may_be_mixed(screens: LineScreens) -> None:
    reading = {
        "$schema": READING.id,
        "equipment": {"id": "urn:example:cnc-1"},
        "kind": "good",
        "eventTime": "2026-03-01T09:00:00Z",
        "value": 3,
    }
    lines = [CLEAN[0], line(reading), CLEAN[1], line({**reading, "value": -1}), b"{}", HURT["NaN"]]
    written = chunk(*lines * 40)
    told = screens.screen(written, 1)
    agrees(written, told)
    assert told.passed == {OBSERVATION.id: 80, READING.id: 40}
    assert told.failed == {READING.id: 40}
    assert {number % 6 for number, _ in told.suspects} == {5, 0}


def test_what_has_no_screen_is_suspected_as_a_whole(screens: LineScreens) -> None:
    envelope = b'{"specversion":"1.0"}'
    told = screens.screen(chunk(envelope, b"", envelope), 1)
    assert told.suspects == [(1, envelope), (3, envelope)]
    assert told.lines == 2


def test_what_needs_arrays_has_no_screen(session: Session) -> None:
    with pytest.raises(NotInColumns):
        LineScreen(catalogue().find("cloud-event"), Strictness.STRICT, session)


# Learning


def test_a_screen_learns_of_more_leaves(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    more = chunk(*(line(observation(n, statistic="average")) for n in range(40)))
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        screen.screen(chunk(*CLEAN), 1)
        first = screen.screen(more, 1)
        agrees(more, first)
        second = screen.screen(more, 1)
        agrees(more, second)
        assert second.valid == 40
        monkeypatch.setattr(LineScreen, "_slow", None)
        assert screen.screen(chunk(*CLEAN), 1).valid == 40


def test_words_that_were_learned_do_not_let_others_pass(screens: LineScreens) -> None:
    screens.screen(chunk(*CLEAN), 1)
    told = screens.screen(chunk(*CLEAN, line(observation(2, dataItem="no uri"))), 1)
    assert said(told) == {41: Counter([("schema.format", "error", "/dataItem")])}


def test_a_screen_gives_up_on_hopeless_lines_and_comes_back(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    hopeless = chunk(*(HURT["a member that nobody knows"],) * 400)
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        screen.screen(chunk(*CLEAN), 1)
        looked_at: list[int] = []

        def watched(data: bytes, offsets: Any, wanted: Any) -> Any:
            looked_at.append(len(wanted))
            return table_of(data, offsets, wanted)

        monkeypatch.setattr(line_screen, "_LESSONS", 0)
        monkeypatch.setattr(line_screen, "table_of", watched)
        assert len(screen.screen(hopeless, 1).suspects) == 400
        assert len(screen.screen(hopeless, 1).suspects) == 400
        assert looked_at == [400, 200]
        told = screen.screen(chunk(*CLEAN), 1)
        assert told.valid == 40
        written = chunk(*CLEAN, HURT["a broken rule"])
        agrees(written, screen.screen(written, 1))


# Size


def test_one_bad_line_does_not_cost_a_look_at_all_others(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_bytes, "PIECE", 2_000)
    written = chunk(*CLEAN, HURT["cut off"], *CLEAN)
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        screen.screen(chunk(*CLEAN), 1)
        slow: list[int] = []
        judge = LineScreen._slow

        def watched(self: LineScreen, data: bytes, offsets: Any, wanted: Any) -> Any:
            slow.append(len(wanted))
            return judge(self, data, offsets, wanted)

        monkeypatch.setattr(LineScreen, "_slow", watched)
        agrees(written, screen.screen(written, 1))
        assert sum(slow) < 10


def test_members_that_come_later_are_learned(session: Session) -> None:
    later = chunk(*CLEAN, line(observation(1, native={"value": "x"})), *CLEAN)
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        assert screen.screen(chunk(*CLEAN), 1).valid == 40
        assert screen.screen(later, 1).valid == 80
        often = chunk(*CLEAN, *[line(observation(1, native={"value": "x"}))] * 4)
        assert screen.screen(often, 1).valid == 40
        assert screen.screen(often, 1).valid == 44
        assert screen.screen(later, 1).valid == 81


def test_a_line_longer_than_the_fast_reader_takes_is_judged(session: Session) -> None:
    long = line(observation(1, native={"value": "가" * 2_000_000}))
    written = chunk(*CLEAN, long, *CLEAN)
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        told = screen.screen(written, 1)
    agrees(written, told)
    assert told.valid == told.lines


def test_an_empty_chunk_has_no_documents(screens: LineScreens) -> None:
    assert screens.screen(b"", 1).lines == 0
    assert screens.screen(b"\n \n", 1).lines == 0


def test_a_system_without_files_in_memory_uses_a_folder(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("os.memfd_create", raising=False)
    file = MemoryFile(session.folder)
    assert file.path.startswith(str(session.folder))
    file.write(memoryview(b"longer"))
    file.write(memoryview(b"short"))
    assert Path(file.path).read_bytes() == b"short"
    file.close()
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        assert screen.screen(chunk(*CLEAN), 1).valid == 40
