"""Many documents judged in a database say what the law says of them in memory."""

from __future__ import annotations

import json
import random
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfgstd.engine import Session, duckdb_session
from mfgstd.finding import Finding, Place
from mfgstd.observations import SCHEMA, assemble
from mfgstd.observations.documents import to_documents
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.bulk.found import FOUND, ordered
from mfgstd.validation.bulk.together import observation_documents, observation_rows, whole_run
from mfgstd.validation.bulk.together.documents_on_disk import Shelves
from mfgstd.validation.bulk.together.observation_documents import ShelvedObservations
from mfgstd.validation.bulk.together.whole_run import Together, TogetherResult
from mfgstd.validation.rules import ENVELOPE, files, judge, read_rules
from mfgstd.validation.rules.fixtures import fixtures, made
from mfgstd.validation.rules.rule import Scope
from mfgstd.validation.rules.together import rules_together
from tests.validation.bulk.histories import history, plant

OBSERVATION = catalogue().find("observation").id
JOB_ORDER = catalogue().find("job-order").id
JOB_RESPONSE = catalogue().find("job-response").id
#: What the issue names, and the rules that look for it.
PLANTED = {
    "a step that a state machine forbids": {
        "equipment.alarm.flags-follow-the-states",
        "equipment.state-event.procedural-states-follow",
        "process.job-order.status-can-be-reached",
        "process.job-order.status-follows-directly",
        "process.job-response.state-can-be-reached",
        "process.job-response.state-follows-directly",
        "safety.safety-device-state.states-follow",
    },
    "a counter that falls, or does not add up over reset and modulus": {
        "equipment.counter-reading.counts-up",
        "equipment.counter-reading.delta-adds-up",
    },
    "a gap in sequence numbers": {"equipment.observation.sequence-has-no-gap"},
    "a sequence number that is given twice": {
        "envelope.cloud-event.sequence-is-given-once",
        "equipment.observation.sequence-is-given-once",
    },
    "a clock that goes back": {"equipment.observation.clock-goes-forward"},
    "assignments and intervals that overlap": {
        "equipment.equipment-asset-assignment.one-role-at-a-time",
        "process.work-calendar-entry.do-not-overlap",
        "safety.safety-device-state.lasts-until-the-next",
    },
    "a reference to nothing": {
        "equipment.equipment-asset-assignment.equipment-exists",
        "process.job-response.order-exists",
    },
}

Documents = list[tuple[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def documents() -> Documents:
    """Three thousand documents of a plant in disorder, and what breaks each rule for certain."""
    known, _ = read_rules(files(), catalogue())
    broken = [
        record
        for authored, rule in known
        if rule.scope is not Scope.RECORD
        for (key, number), _ in fixtures(authored)
        if key == "fail"
        for record in made(authored, key, number, catalogue()).records
    ]
    return plant(seed=5, length=100) + broken


@pytest.fixture
def in_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few they are, documents go into the database."""
    monkeypatch.setattr(whole_run, "FEW", 0)


def _together(
    documents: Documents, session: Session | None = None
) -> tuple[TogetherResult, pa.Table]:
    with Together(session) as run:
        for entity in dict.fromkeys(entity for entity, _ in documents):
            here = [(row, each) for row, (named, each) in enumerate(documents) if named == entity]
            run.add_documents(
                entity, [each for _, each in here], [Place(path="p", row=row) for row, _ in here]
            )
        result = run.finish(limit=10**6)
        return result, ordered(result.found())


def _by_law(documents: Documents) -> list[Finding]:
    named = [
        each if entity == ENVELOPE else {**each, "$schema": entity} for entity, each in documents
    ]
    return judge(named, places=[Place(path="p", row=row) for row in range(len(documents))])


def _plain(findings: list[Finding]) -> Counter[str]:
    return Counter(json.dumps(each.to_json("en")) for each in findings)


@pytest.fixture(scope="module")
def large(documents: Documents) -> tuple[TogetherResult, pa.Table]:
    """What the database says of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whole_run, "FEW", 0)
        return _together(documents)


def test_a_database_finds_what_the_law_finds_and_tells_it_in_the_same_words(
    documents: Documents, large: tuple[TogetherResult, pa.Table]
) -> None:
    result, _ = large
    assert _plain(result.findings) == _plain(_by_law(documents))
    assert result.not_judged == {}


def test_few_documents_are_judged_in_memory_and_it_does_not_show(
    documents: Documents, large: tuple[TogetherResult, pa.Table]
) -> None:
    few, found = _together(documents)
    result, all_found = large
    # Of one rule at one place a neighbour may say false and another that it is an error.
    assert _plain(few.findings) == _plain(result.findings)
    places = [[(each.source.row, each.rule) for each in some.findings] for some in (few, result)]
    assert places[0] == places[1]
    assert few.counts == result.counts
    assert found == all_found


def test_every_rule_about_many_documents_is_broken_somewhere_and_found(
    large: tuple[TogetherResult, pa.Table],
) -> None:
    found = {rule for rule, _ in large[0].counts}
    assert found == {each.id for each in rules_together()}


@pytest.mark.parametrize("fault", PLANTED)
def test_what_a_plant_gets_wrong_is_found_many_times(
    fault: str, large: tuple[TogetherResult, pa.Table]
) -> None:
    counts = Counter({rule: count for (rule, _), count in large[0].counts.items()})
    assert PLANTED[fault] <= set(counts)
    assert sum(counts[rule] for rule in PLANTED[fault]) >= 5


def test_counts_findings_and_the_table_agree(large: tuple[TogetherResult, pa.Table]) -> None:
    result, found = large
    assert found.schema == FOUND
    told = [
        (each.source.path, each.source.row, each.rule, each.severity.value, each.pointer)
        for each in result.findings
    ]
    assert sorted(tuple(each.values()) for each in found.to_pylist()) == sorted(told)
    assert Counter((rule, severity) for _, _, rule, severity, _ in told) == result.counts
    assert [row for _, row, *_ in told] == sorted(found["position"].to_pylist())


@pytest.mark.usefixtures("in_a_database")
def test_the_first_findings_are_those_of_the_first_lines_in_whatever_order_they_come() -> None:
    entity = catalogue().find("work-calendar-entry").id
    chance = random.Random(1)  # noqa: S311 - chance, not secrecy
    lines = [json.dumps(each).encode() for each in history(entity, 200, chance)]
    numbers = list(range(1, 201))
    told = []
    for order in (numbers, numbers[::-1]):
        with Together() as run:
            for start in (0, 100):
                some = order[start : start + 100]
                run.add_lines(entity, "a.ndjson", some, [lines[each - 1] for each in some])
            result = run.finish(limit=3)
            told.append((result.findings, result.counts, ordered(result.found())))
    assert told[0] == told[1]
    findings, counts, found = told[0]
    assert len(findings) == 3 < counts.total()
    assert [each.source.line for each in findings] == sorted(found["position"].to_pylist())[:3]


@pytest.mark.parametrize("few", [0, 10_000])
def test_without_a_partner_in_the_run_a_reference_is_not_judged_and_it_is_said(
    few: int, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_run, "FEW", few)
    result, _ = _together([each for each in documents if each[0] == JOB_RESPONSE])
    assert "JobOrder" in result.not_judged["process.job-response.order-exists"].en
    assert {rule for rule, _ in result.counts} == {
        "process.job-response.state-can-be-reached",
        "process.job-response.state-follows-directly",
    }


@pytest.mark.parametrize("few", [0, 10_000])
def test_sources_are_in_the_order_in_which_they_are_named(
    few: int, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two readings at one time: the one of the first file comes first, whoever is read first."""
    monkeypatch.setattr(whole_run, "FEW", few)
    entity = catalogue().find("counter-reading").id
    reading = next(each for named, each in documents if named == entity)
    for name in ("resetTriggered", "modulus", "delta"):
        reading = {key: value for key, value in reading.items() if key != name}
    with Together() as run:
        run.source("a")
        for path, value in (("b", 1), ("a", 2)):
            text = json.dumps({**reading, "value": value}).encode()
            run.add_lines(entity, path, [1], [text])
        (told,) = run.finish().findings
    assert (told.rule, str(told.source)) == ("equipment.counter-reading.counts-up", "b:1")


def test_nobody_waits_for_a_database_that_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mfgstd.engine.duckdb_session", None)
    with Together() as run:
        assert not run.wants(catalogue().find("gap").id)
        run.add_lines(catalogue().find("gap").id, "a", range(10**6), [b"{}"] * 10**6)
        result = run.finish()
    assert (result.findings, list(result.found())) == ([], [])


@pytest.mark.usefixtures("in_a_database")
def test_a_session_that_is_given_is_left_as_it_was() -> None:
    with duckdb_session() as session:
        before = session.raw.execute("SHOW DATABASES").fetchall()
        for _ in range(2):
            order = {
                "id": "urn:x:o",
                "dispatchStatus": "allowed",
                "eventTime": "2024-01-01T00:00:00Z",
            }
            result, _ = _together([(JOB_ORDER, order)], session)
            assert result.counts.total() == 0
        assert session.raw.execute("SHOW DATABASES").fetchall() == before


def _rows(chance: list[tuple[int, int, int, int | None, int, int]]) -> pa.Table:
    """Observations: source, epoch, data item, sequence, time and record time, all small numbers."""
    columns = list(zip(*chance, strict=True))
    count = len(chance)
    filled: dict[str, list[Any]] = {
        "data_item": [f"urn:x:item-{each}" for each in columns[2]],
        "kind": ["number"] * count,
        "number": [1.0] * count,
        "unit": ["mm"] * count,
        "status": ["good"] * count,
        "source": [f"urn:x:source-{each}" for each in columns[0]],
        "epoch": [None if each == 0 else str(each) for each in columns[1]],
        "sequence": list(columns[3]),
        "record_time": [1_700_000_000_000_000 + each for each in columns[5]],
    }
    arrays = {
        field.name: pa.array(filled.get(field.name, [None] * count), field.type)
        for field in SCHEMA
        if field.name not in {"event_time", "event_time_ns", "event_id"}
    }
    instants = np.array([1_700_000_000_000_000_000 + each for each in columns[4]], np.int64)
    return pa.Table.from_batches([assemble(instants, arrays)])


#: Mostly in order, as a source writes; now and then not.
_ROW = st.tuples(
    st.sampled_from([0, 0, 0, 1]),
    st.sampled_from([1, 1, 1, 0]),
    st.integers(0, 2),
    st.sampled_from([1, 1, 1, 1, 1, 1, 0, 2, -4, 7, None]),
    st.sampled_from([1, 1, 1, 0, 999, -1, -2000]),
)


@st.composite
def _written(draw: st.DrawFn) -> pa.Table:
    steps = draw(st.lists(_ROW, min_size=1, max_size=40))
    found: list[tuple[int, int, int, int | None, int, int]] = []
    sequence, time = 10, 5000
    for source, epoch, item, step, passed in steps:
        sequence, time = max(sequence + (step or 0), 0), time + passed
        number = None if step is None else sequence
        found.append((source, epoch, item, number, time, len(found)))
    for again in draw(st.lists(st.integers(0, len(found) - 1), max_size=6)):
        found.insert(draw(st.integers(0, len(found))), (*found[again][:5], 100 + again))
    return _rows(found)


@given(
    parts=st.lists(_written(), min_size=1, max_size=3),
    piece=st.sampled_from([1, 3, 8, 100]),
    as_documents=st.sampled_from([None, None, 0, 1]),
    invalid=st.sets(st.integers(0, 10), max_size=3),
)
@settings(max_examples=20, deadline=None, derandomize=True)
def test_rows_in_any_order_are_judged_as_their_documents_are(
    parts: list[pa.Table], piece: int, as_documents: int | None, invalid: set[int]
) -> None:
    """Whatever is proven piece by piece, lies apart, overlaps, or came twice."""
    named: list[dict[str, Any]] = []
    places: list[Place] = []
    with pytest.MonkeyPatch.context() as patch, Together() as run:
        patch.setattr(run, "_few", 0)
        patch.setattr(observation_rows, "_PIECE", piece)
        patch.setattr(observation_documents, "_BATCH", piece)
        for number, part in enumerate(parts):
            wrong = sorted(each for each in invalid if each < part.num_rows)
            kept = [each for each in range(part.num_rows) if each not in wrong]
            documents = (
                to_documents(part.take(kept).combine_chunks().to_batches()[0]) if kept else []
            )
            here = [Place(path=str(number), row=row) for row in kept]
            named += [{**each, "$schema": OBSERVATION} for each in documents]
            places += here
            if as_documents == number:
                run.source(str(number), "row")
                run.add_documents(OBSERVATION, documents, here)
            else:
                run.add_observations(part, str(number), wrong)
        result = run.finish(limit=1000)
        found = ordered(result.found())
    assert _plain(result.findings) == _plain(judge(named, places=places))
    assert found.num_rows == result.counts.total() == len(result.findings)


@pytest.mark.usefixtures("in_a_database")
def test_what_came_again_is_judged_once_whether_or_not_in_the_same_words() -> None:
    once = plant(seed=7, length=12)
    otherwise = [
        (entity, dict(reversed([*each.items(), ("recordTime", "2026-01-01T00:00:00Z")])))
        for entity, each in once
    ]
    everything = [*once, *otherwise[::2], *once, *otherwise[::3]]
    result, found = _together(everything)
    assert result.counts.total() == found.num_rows > 0
    assert _plain(result.findings) == _plain(_by_law(everything))


def test_documents_are_read_many_at_once_and_those_without_a_row_are_left_out() -> None:
    plain = to_documents(_rows([(0, 1, 0, row, row, row) for row in range(50)]).to_batches()[0])
    for each in plain[::5]:
        each["statistic"] = "average"
    texts = [json.dumps(each).encode() for each in plain]
    wanted = np.random.default_rng(1).permutation(40) * 2
    with duckdb_session() as session, closing(Shelves(session)) as shelves:
        shelves.add(OBSERVATION, np.arange(50) * 2, texts)
        ((rows, batch),) = ShelvedObservations(shelves).whole(wanted)
    assert rows.tolist() == [row * 2 for row in range(40) if row % 5]
    assert batch["sequence"].to_pylist() == [row for row in range(40) if row % 5]


def test_the_proofs_about_rows_are_about_these_rules() -> None:
    """What `runs` proves without asking a rule: who changes one of these must look there, too."""
    written = {
        each.id.rpartition(".")[2]: (
            len(each.partition),
            each.written["when"],
            each.written["check"],
        )
        for each in rules_together()
        if each.entity == OBSERVATION and each.scope is Scope.SEQUENCE
    }
    both = "has(this.source) && has(this.sequence) && has(prev.sequence)"
    assert written == {
        "sequence-is-given-once": (3, both, "this.sequence != prev.sequence"),
        "clock-goes-forward": (3, both, "timestamp(prev.eventTime) <= timestamp(this.eventTime)"),
        "sequence-has-no-gap": (2, both, "this.sequence - prev.sequence <= 1"),
    }


@pytest.mark.parametrize("few", [0, 10_000])
def test_rows_of_a_file_are_held_against_the_data_items_that_came_along(
    few: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_run, "FEW", few)
    table = _rows([(0, 1, row % 3, row, row, row) for row in range(30)])
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=7)
    examples = catalogue().folder / "examples" / "equipment" / "data-item" / "valid"
    item = json.loads(min(examples.glob("*.json")).read_bytes())
    items = [
        {**item, "id": "urn:x:item-0", "valueType": "number", "unit": "m"},
        {**item, "id": "urn:x:item-1", "valueType": "text", "unit": "s"},
    ]
    with Together() as run:
        run.add_observations(tmp_path / "rows.parquet", "rows.parquet")
        places = [Place(path="items.ndjson", line=line) for line in (1, 2)]
        run.add_documents(catalogue().find("data-item").id, items, places)
        result = run.finish()
        found = result.found()
        assert sum(each.num_rows for each in found) == 20
    assert {rule: count for (rule, _), count in result.counts.items()} == {
        "equipment.observation.unit-fits-the-data-item": 10,
        "equipment.observation.value-fits-the-data-item": 10,
    }
    assert str(result.findings[0].source) == "rows.parquet row 1"
    assert [each.found for each in result.findings[:2]] == ['"mm"', None]
