"""Lines that have a shape are strict JSON with its members; and they are judged by the law."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mfgstd.engine import Session, duckdb_session
from mfgstd.standard import catalogue
from mfgstd.testing import documents
from mfgstd.validation.bulk.lines.leaves import leaves_of
from mfgstd.validation.bulk.lines.screens import LineScreen
from mfgstd.validation.bulk.lines.shapes.judges import judges_of
from mfgstd.validation.bulk.lines.shapes.looking import Looked, looked_at
from mfgstd.validation.bulk.lines.shapes.shape import example_of, shapes_of
from mfgstd.validation.bulk.lines.shapes.shaped import Shaped
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.reader import read
from tests.validation.bulk.hurt_lines import HURT, hurt_text
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
def screen(session: Session) -> Iterator[LineScreen]:
    """One that knows the shape of clean observations."""
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as made:
        made.screen(chunk(*CLEAN), 1)
        yield made


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other way than that of shapes."""
    monkeypatch.setattr(LineScreen, "_slow", None)
    monkeypatch.setattr(LineScreen, "_fast", lambda _self, _chunk, pieces: [0 for _ in pieces])


def members(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], type]]:
    """All names in their order, with the types of scalars."""
    if not isinstance(value, dict):
        return [(path, type(value))]
    return [(path, dict), *(e for name in value for e in members(value[name], (*path, name)))]


def looked(first: bytes, kind: Any, data: bytes) -> Looked | None:
    leaves = leaves_of(kind, catalogue())
    found = example_of(first, leaves, kind.id, named=True)
    if found is None:
        return None
    shapes = shapes_of([found], 1, {})
    array = np.frombuffer(data, np.uint8)
    return looked_at(data, array, shapes, judges_of(leaves, {}), frozenset(), slice(0, len(data)))


# Shapes without a screen


@pytest.mark.parametrize("kind", [OBSERVATION.id, READING.id])
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_has_the_shape_of_a_line_is_strict_json_of_the_same_members(
    kind: str, data: st.DataObject
) -> None:
    resolved = catalogue().get(kind)
    document = {"$schema": kind, **data.draw(documents(resolved))}
    first = data.draw(
        st.sampled_from([line(document), json.dumps(document, ensure_ascii=False).encode()])
    )
    hurt = st.lists(hurt_text(first), max_size=3)
    lines = [*data.draw(hurt), first, *data.draw(hurt)]
    # What was put in may be a line feed of its own.
    texts = chunk(*lines).split(b"\n")[:-1]
    told = looked(first + b"\n", resolved, chunk(*lines))
    if told is None:
        return
    assert told.lines == len(texts)
    wanted = members(json.loads(first))
    taken = [int(each) for batch in told.batches for each in batch.index]
    assert sorted([*taken, *told.rest.tolist()]) == list(range(len(texts)))
    for each in taken:
        value, ok, warnings = read(texts[each])
        assert ok, texts[each]
        assert not warnings
        found = members(value)
        assert [path for path, _ in found] == [path for path, _ in wanted]
        for (path, here), (_, there) in zip(found, wanted, strict=True):
            assert here is there or {here, there} == {int, float}, (path, texts[each])


@pytest.mark.parametrize("what", HURT)
def test_a_hurt_line_has_no_shape_or_a_value_that_is_not_sure(what: str) -> None:
    good = CLEAN[7] + b"\n"
    told = looked(good, OBSERVATION, chunk(*CLEAN[:5], HURT[what], *CLEAN[5:]))
    assert told is not None
    sure = [int(i) for batch in told.batches for i in batch.index[batch.sure]]
    if what not in ("a warning", "a broken rule", "a word of nobody's"):
        # Only rules about several values, and words that somebody must look up, tell these.
        assert 5 not in sure
    assert len(told.rest) <= 1


def test_a_line_that_is_no_example_makes_no_shape() -> None:
    leaves = leaves_of(OBSERVATION, catalogue())
    for what in ("a member twice", "NaN", "null", "another schema", "no schema", "two documents"):
        assert example_of(HURT[what] + b"\n", leaves, OBSERVATION.id, named=True) is None, what
    escaped = CLEAN[0].replace(b'"mm"', b'"\\u006dm"') + b"\n"
    assert example_of(escaped, leaves, OBSERVATION.id, named=True) is None
    assert example_of(CLEAN[0], leaves, OBSERVATION.id, named=True) is None


# Through a screen


@pytest.mark.parametrize(
    "written",
    [
        chunk(*CLEAN),
        b"\r\n".join([*CLEAN, b""]),
        chunk(*(json.dumps(json.loads(each)).encode() for each in CLEAN)),
        chunk(*(line(observation(n, native={"value": f"가공 {n}"})) for n in range(40))),
        chunk(*(line(observation(n, replayed=bool(n % 2))) for n in range(40))),
        chunk(*(line(observation(n, **({"epoch": "1"} if n % 3 else {}))) for n in range(40))),
    ],
)
@pytest.mark.usefixtures("alone")
def test_lines_of_few_shapes_need_no_other_way(written: bytes, session: Session) -> None:
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        assert screen.screen(written, 1).valid == 40


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_lines_hurt_in_any_way_are_found_among_those_of_their_shape(
    data: st.DataObject, screen: LineScreen
) -> None:
    lines = list(CLEAN)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        lines.insert(at, data.draw(hurt_text(data.draw(st.sampled_from(CLEAN)))))
    written = chunk(*lines)
    agrees(written, screen.screen(written, 1))


def test_what_all_lines_have_is_judged_too(session: Session) -> None:
    bad = chunk(*(each.replace(b'"good"', b'"fine"') for each in CLEAN))
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        screen.screen(chunk(*CLEAN), 1)
        for _ in range(3):
            told = screen.screen(bad, 1)
            agrees(bad, told)
            assert told.failed == {OBSERVATION.id: 40}
            assert said(told)[1] == Counter([("schema.enum", "error", "/quality/status")])
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        for _ in range(2):
            agrees(bad, screen.screen(bad, 1))


@pytest.mark.usefixtures("alone")
def test_what_is_wrong_with_values_is_known_without_reading_json(session: Session) -> None:
    later = {"recordTime": "2026-03-02T00:00:00Z"}
    clean = [line(observation(n, **later)) for n in range(40)]
    hurt = [
        line(observation(1, recordTime="2020-01-01T00:00:00Z")),
        line(observation(2, **{**later, "sequence": -1})),
        line(observation(3, **{**later, "dataItem": "no uri"})),
        line(observation(4, **{**later, "eventTime": "2026-02-30T00:00:00Z"})),
    ]
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        screen.screen(chunk(*clean), 1)
        written = chunk(*clean, *hurt)
        told = screen.screen(written, 1)
    agrees(written, told)
    assert set(said(told)) == {41, 42, 43, 44}
    assert told.valid == 41


def test_words_that_others_take_the_place_of_are_forgotten(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = chunk(*(line(observation(n, dataItem=f"urn:a:{n % 2}")) for n in range(40)))
    after = chunk(*(line(observation(n, dataItem=f"urn:b:{n % 2}")) for n in range(40)))
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        for each in (before, after, after):
            agrees(each, screen.screen(each, 1))
        # Nobody tells anything about these any more, since nobody doubts them.
        monkeypatch.setattr(Shaped, "_with_others", None)
        assert screen.screen(after, 1).valid == 40
        hurt = after + line(observation(1, dataItem="no uri")) + b"\n"
        assert set(said(screen.screen(hurt, 1))) == {41}


def test_a_piece_with_many_lines_of_no_shape_is_left_to_others(screen: LineScreen) -> None:
    odd = [line(dict(reversed(json.loads(each).items()))) for each in CLEAN]
    written = chunk(*CLEAN, *odd)
    told = screen.screen(written, 1)
    agrees(written, told)
    assert told.valid == 80
