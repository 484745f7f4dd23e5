"""The judge's own truth is judged here, against numbers that a person worked out."""

from __future__ import annotations

from fractions import Fraction

import pytest

from mfgstd_conformance.peers.machine import (
    Condition,
    Entries,
    Latest,
    Report,
    plain,
    report,
    timestamp,
)
from mfgstd_conformance.peers.shop import BEATS, MACHINES, MILL, SECOND, Shop

START = 1_767_571_200 * SECOND


def whole_story(seed: int = 1) -> list[Report]:
    shop = Shop(start=START, seed=seed)
    return [each for _ in range(BEATS) for each in shop.next_beat()]


@pytest.mark.parametrize(
    ("name", "native", "engineered", "value", "unit"),
    [
        # Worked out by hand: 1.2345 x 25.4; 30 x 25.4 / 60; (212 - 32) x 5 / 9.
        ("Xpos", "1.2345", "31.3563", 31.3563, "mm"),
        ("Xpos", "-0.0001", "-0.00254", -0.00254, "mm"),
        ("feed", "30", "12.7", 12.7, "mm/s"),
        ("Stemp", "212", "100", 100.0, "Cel"),
        ("Stemp", "-40", "-40", -40.0, "Cel"),
        ("Sspeed", "6000", "6000", 6000.0, "{rev}/min"),
    ],
)
def test_the_truth_is_what_a_person_works_out(
    name: str, native: str, engineered: str, value: float, unit: str
) -> None:
    said = report(START, MILL, MILL.signal(name), native)
    assert said.engineered == engineered
    assert said.truth is not None
    assert (said.truth.value, said.truth.unit, said.truth.status) == (value, unit, "good")


def test_a_vector_is_converted_part_by_part() -> None:
    said = report(START, MILL, MILL.signal("path_position"), "1 2 -3")
    assert said.engineered == "25.4 50.8 -76.2"
    assert said.truth is not None
    assert said.truth.value == (25.4, 50.8, -76.2)


def test_the_same_seed_tells_the_same_story() -> None:
    assert whole_story() == whole_story()
    assert whole_story() != whole_story(seed=2)


def test_the_story_holds_everything_that_a_reader_can_get_wrong() -> None:
    story = whole_story()
    said = {(each.signal.name, each.said) for each in story if isinstance(each.said, str)}
    assert ("Xpos", "1.2345") in said
    assert ("tool", "00123") in said
    assert ("L_total", "9007199254740993") in said
    assert ("L_target", "18446744073709551615") in said
    assert ("Stemp", "UNAVAILABLE") in said
    assert ("program_comment", "하우징 1차 가공") in said
    assert [each.signal.name for each in story if each.truth is None] == ["coolant_ph"] * 2
    levels = [each.said.level for each in story if isinstance(each.said, Condition)]
    assert {"NORMAL", "WARNING", "FAULT", "UNAVAILABLE"} == set(levels)
    assert {each.signal.name for each in story if each.truth} == {
        signal.name for machine in MACHINES for signal in machine.signals
    }


def test_what_is_beyond_64_bits_with_a_sign_is_a_decimal() -> None:
    kinds = {
        each.truth.kind
        for each in whole_story()
        if each.signal.name == "L_target" and each.truth and each.truth.status == "good"
    }
    assert kinds == {"decimal"}


def test_no_item_says_two_things_at_one_time() -> None:
    story = whole_story()
    assert len({(each.signal.id, each.at) for each in story}) == len(story)


def test_time_is_printed_as_finely_as_the_clock_speaks() -> None:
    assert timestamp(START + 1_234_500, 7) == "2026-01-05T00:00:00.0012345Z"
    assert timestamp(START, 0) == "2026-01-05T00:00:00Z"
    for each in whole_story():
        grain = 10 ** (9 - each.machine.digits)
        assert each.at % grain == 0, each


def test_a_scenario_without_a_finite_decimal_is_refused() -> None:
    with pytest.raises(ArithmeticError):
        plain(Fraction(1, 3))


def test_conditions_stand_side_by_side_until_each_is_ended() -> None:
    signal = MILL.signal("Scond")
    latest = Latest()

    def say(number: int, level: str, code: str = "") -> list[tuple[str, str]]:
        latest.apply(number, report(START, MILL, signal, Condition(level, code)))
        return [
            (each.said.level, each.said.code)
            for _, each in latest.reports()
            if isinstance(each.said, Condition)
        ]

    assert say(1, "NORMAL") == [("NORMAL", "")]
    assert say(2, "WARNING", "A") == [("WARNING", "A")]
    assert say(3, "FAULT", "B") == [("WARNING", "A"), ("FAULT", "B")]
    assert say(4, "FAULT", "A") == [("FAULT", "B"), ("FAULT", "A")]
    assert say(5, "NORMAL", "B") == [("FAULT", "A")]
    assert say(6, "NORMAL") == [("NORMAL", "")]


def test_a_data_set_keeps_the_entries_that_are_not_told_again() -> None:
    latest = Latest()
    for number, values in enumerate([{"a": "1", "b": "2"}, {"b": "3"}]):
        latest.apply(number, report(START, MILL, MILL.signal("variables"), Entries(values)))
    ((_, standing),) = latest.reports()
    assert standing.said == Entries({"a": "1", "b": "3"})
