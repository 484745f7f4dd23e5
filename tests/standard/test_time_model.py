"""The time model: every stretch of time has exactly one bucket, and no row is there in vain."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.errors import UsageError
from mfgstd.standard.kpi import elements
from mfgstd.standard.resources import root
from mfgstd.standard.taxonomy import (
    AXES,
    UNCLASSIFIED,
    Bucket,
    StateAxes,
    classification,
    classifications,
    e10_states,
)

TABLES = list(classifications())
ISO, E10, KOREAN = "opc40001.iso22400", "opc40001.e10", "kr.tpm"

#: All 3360 combinations of the words of the axes.
EVERY = [
    StateAxes(**dict(zip(AXES, words, strict=True)))  # type: ignore[arg-type]  # words of AXES
    for words in itertools.product(*AXES.values())
]
combinations = st.builds(
    StateAxes, **{axis: st.sampled_from(words) for axis, words in AXES.items()}
)
seconds = st.none() | st.floats(min_value=0, max_value=1e6)


def _model() -> dict[str, Any]:
    path = root("schemas") / "vocabularies" / "time-model.json"
    model: dict[str, Any] = json.loads(path.read_bytes())
    return model


def _state() -> dict[str, Any]:
    path = root("schemas") / "equipment" / "equipment-state.json"
    properties: dict[str, Any] = json.loads(path.read_bytes())["properties"]
    return properties


@pytest.mark.parametrize("code", TABLES)
def test_every_combination_lands_in_exactly_one_bucket(code: str) -> None:
    table = classification(code)
    known = {bucket for row in table.rows for bucket in (row.bucket, row.short) if bucket}
    for axes in EVERY:
        assert table.classify(axes) in known
        first = [row.holds(axes) for row in table.rows].index(True)
        assert table.classify(axes) == table.rows[first].bucket


@given(st.sampled_from(TABLES), combinations, seconds, seconds)
def test_classification_is_total_and_repeatable(
    code: str, axes: StateAxes, length: float | None, threshold: float | None
) -> None:
    table = classification(code)
    bucket = table.classify(axes, length, threshold)
    assert isinstance(bucket, Bucket)
    assert table.classify(axes, length, threshold) == bucket


@pytest.mark.parametrize("code", TABLES)
def test_no_row_is_shadowed_by_those_before_it(code: str) -> None:
    table = classification(code)
    decided = {id(table.row(axes)) for axes in EVERY}
    assert [row for row in table.rows if id(row) not in decided] == []


@pytest.mark.parametrize("code", TABLES)
def test_the_last_row_always_holds_and_is_unclassified(code: str) -> None:
    last = classification(code).rows[-1]
    assert last.when == {}
    assert last.bucket.name == UNCLASSIFIED


@pytest.mark.parametrize("code", TABLES)
def test_a_row_names_only_words_that_its_axis_has(code: str) -> None:
    for row in classification(code).rows:
        for axis, words in row.when.items():
            assert words
            assert words < set(AXES[axis])


def test_the_axes_of_the_table_are_those_of_the_program() -> None:
    axes = {axis: tuple(each["words"]) for axis, each in _model()["axes"].items()}
    assert axes == dict(AXES)
    assert list(axes) == list(AXES)


@pytest.mark.parametrize("axis", ["summary", "mode", "utilization"])
def test_the_words_of_a_state_axis_are_those_of_equipment_state(axis: str) -> None:
    assert set(AXES[axis]) == set(_state()[axis]["enum"])


@given(combinations, seconds)
def test_time_of_unknown_state_is_never_production(axes: StateAxes, length: float | None) -> None:
    lost = StateAxes(mode=axes.mode, order=axes.order, calendar=axes.calendar)
    for table in classifications().values():
        assert table.classify(lost, length).name == UNCLASSIFIED


@given(combinations, seconds)
def test_only_executing_machines_produce_but_for_micro_stops(
    axes: StateAxes, length: float | None
) -> None:
    for code, production in ((ISO, "APT"), (KOREAN, "RUN_TIME")):
        table = classification(code)
        if table.classify(axes, length).name == production and axes.summary != "executing":
            assert length is not None
            assert length < table.micro_stop


def test_nothing_known_is_unclassified() -> None:
    assert {table.classify(StateAxes()).name for table in classifications().values()} == {
        UNCLASSIFIED
    }


SEEN = [
    (ISO, StateAxes("executing", "production", order="registered"), "APT"),
    (ISO, StateAxes("executing", "setup", order="registered"), "AUST"),
    (ISO, StateAxes("out_of_service", "production", order="registered"), "ADET"),
    (ISO, StateAxes("not_available", "production", order="registered"), "ADET"),
    (ISO, StateAxes("not_executing", "none", order="registered"), "ADET"),
    (ISO, StateAxes("not_executing", "production", order="registered"), "ADET"),
    (ISO, StateAxes("out_of_service", "none", calendar="busy"), "ADOT"),
    (ISO, StateAxes("not_available", "none", order="none", calendar="busy"), "ADOT"),
    (ISO, StateAxes("not_executing", "none", order="none", calendar="busy"), "ADOT"),
    (ISO, StateAxes("out_of_service", "maintenance", order="none", calendar="operation"), "PMT"),
    (ISO, StateAxes("out_of_service", "setup", order="none", calendar="operation"), "PMT"),
    (ISO, StateAxes("not_available", "setup", order="none", calendar="operation"), "PMT"),
    (ISO, StateAxes("not_available", "maintenance", order="none", calendar="operation"), "PMT"),
    (ISO, StateAxes("not_executing", "maintenance", order="none", calendar="operation"), "PMT"),
    (E10, StateAxes("out_of_service", "production"), "unscheduled_down"),
    (E10, StateAxes("not_executing", "setup"), "engineering"),
    (E10, StateAxes("not_executing", "production"), "standby"),
    (E10, StateAxes("executing", "production"), "productive"),
]


@pytest.mark.parametrize(("code", "axes", "bucket"), SEEN)
def test_what_the_public_annexes_say_comes_out_and_is_marked_as_seen(
    code: str, axes: StateAxes, bucket: str
) -> None:
    """OPC 40001-1 C.2 and C.3, OPC 40501-1 C.2.3, as far as they were read."""
    row = classification(code).row(axes)
    assert (row.bucket.name, row.evidence) == (bucket, "seen")


@pytest.mark.parametrize("code", TABLES)
def test_a_row_marked_as_seen_names_a_source_of_the_table(code: str) -> None:
    for row in classification(code).rows:
        assert (row.evidence == "seen") == (row.source is not None)
        assert row.source is None or row.source in _model()["sources"]


def test_set_up_is_a_stop_in_korean_terms_and_processing_in_iso_terms() -> None:
    setup = StateAxes("executing", "setup", order="registered", calendar="busy")
    assert classification(KOREAN).classify(setup).name == "STOP_TIME"
    assert classification(ISO).classify(setup).name == "AUST"
    assert "AUPT" in elements()["AUST"].within


def test_a_micro_stop_is_operating_time_up_to_the_threshold_only() -> None:
    table = classification(KOREAN)
    pause = StateAxes("not_executing", "production", order="registered", calendar="busy")
    assert table.micro_stop == 300
    assert table.classify(pause, 299.9).name == "RUN_TIME"
    assert table.classify(pause, 300).name == "STOP_TIME"
    assert table.classify(pause).name == "STOP_TIME"
    assert table.classify(pause, 299.9, micro_stop=60).name == "STOP_TIME"
    broken = StateAxes("out_of_service", "production", order="registered", calendar="busy")
    assert table.classify(broken, 1).name == "STOP_TIME"


def test_what_the_source_reports_as_utilization_comes_before_the_other_axes() -> None:
    axes = StateAxes("executing", "production", utilization="engineering")
    assert classification(E10).classify(axes).name == "engineering"


def test_a_bucket_in_capitals_is_a_time_element() -> None:
    for name in _model()["buckets"]:
        if name.isupper() and name != "RUN_TIME":
            assert elements()[name].kind == "time"


def test_every_bucket_is_used_by_a_table() -> None:
    used = {row.bucket.name for table in classifications().values() for row in table.rows}
    assert used == set(_model()["buckets"])


def test_a_word_that_the_axis_does_not_have_is_refused() -> None:
    with pytest.raises(UsageError, match="'running'"):
        StateAxes(summary="running")  # type: ignore[arg-type]  # the wrong word is the point


def test_an_unknown_table_is_told_with_those_that_are_there() -> None:
    with pytest.raises(UsageError) as raised:
        classification("kr.tpn")
    assert "kr.tpm" in raised.value.say("en")


def test_the_six_states_of_e10_are_those_of_equipment_state_and_machine_vision() -> None:
    words = _state()["utilization"]["x-mfg-words"]
    for state in e10_states():
        paths = [each["path"] for each in words[state.word]["x-mfg-mappings"]]
        assert f"{state.code}_{state.machine_vision}" in paths
    assert [state.machine_vision for state in e10_states()] == [1, 2, 3, 4, 5, 6]
    assert len(words) == 7


def test_a_sub_state_of_cfx_is_numbered_below_its_state() -> None:
    numbers = [sub.number for state in e10_states() for sub in state.sub_states]
    assert len(numbers) == len(set(numbers))
    for state in e10_states():
        assert state.cfx == state.machine_vision * 1000
        for sub in state.sub_states:
            assert sub.number // 1000 * 1000 == state.cfx


def test_every_reason_of_equipment_state_has_a_sub_state_and_no_other_is_named() -> None:
    named = {reason for state in e10_states() for sub in state.sub_states for reason in sub.reasons}
    assert named == set(_state()["reason"]["x-mfg-openCode"])


def test_the_sub_state_that_no_source_confirmed_is_unverified() -> None:
    unverified = [
        sub.number
        for state in e10_states()
        for sub in state.sub_states
        if sub.verification == "unverified"
    ]
    assert unverified == [6500]
