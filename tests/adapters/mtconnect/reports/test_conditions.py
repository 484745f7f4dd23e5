"""Several conditions of one item, raised and cleared by their codes."""

from __future__ import annotations

from typing import Any

import pytest

from mfgstd_adapters.mtconnect.model.devices import read_devices
from mfgstd_adapters.mtconnect.reports.conditions import ACTIVE_LIMIT, Conditions, Report

MODEL = b"""<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.3">
<Header instanceId="1" version="2.3"/><Devices><Device id="d" name="mill" uuid="m-1"><DataItems>
<DataItem id="c" category="CONDITION" type="SYSTEM"/>
<DataItem id="h" category="CONDITION" type="HYDRAULIC_POWER"/>
</DataItems></Device></Devices></MTConnectDevices>"""


@pytest.fixture
def conditions() -> Conditions:
    return Conditions(read_devices(MODEL, base="https://plant.example/")[0].items)


def say(conditions: Conditions, level: str, code: str = "", **more: Any) -> list[dict[str, Any]]:
    report = Report(item=0, nanoseconds=more.pop("at", 0), level=level, code=code, **more)
    return [each.to_json() for each in conditions.report(report)]


def test_two_codes_are_two_alarms_until_each_is_cleared(conditions: Conditions) -> None:
    say(conditions, "fault", "402")
    say(conditions, "warning", "17", at=1)
    (cleared,) = say(conditions, "normal", "402", at=2)
    assert (cleared["code"], cleared["active"]) == ("402", False)
    (rest,) = say(conditions, "normal", at=3)
    assert (rest["code"], rest["severity"], rest["severityBand"]) == ("17", 300, "medium_low")
    assert say(conditions, "normal") == []


def test_a_warning_that_becomes_a_fault_is_the_same_alarm(conditions: Conditions) -> None:
    (first,) = say(conditions, "warning", "1")
    (second,) = say(conditions, "fault", "1", at=5)
    assert first["id"] == second["id"]
    assert first["conditionId"] == second["conditionId"] == "https://plant.example/m-1/c#1"
    assert (second["raisedAt"], second["severity"]) == (first["raisedAt"], 700)


def test_an_alarm_that_comes_again_is_another_one_of_the_same_condition(
    conditions: Conditions,
) -> None:
    (first,) = say(conditions, "fault", "1")
    say(conditions, "normal", at=1)
    (again,) = say(conditions, "fault", "1", at=2)
    assert first["id"] != again["id"]
    assert first["conditionId"] == again["conditionId"]


def test_losing_sight_of_an_alarm_does_not_clear_it(conditions: Conditions) -> None:
    say(conditions, "fault", "1", text="Oil")
    (lost,) = say(conditions, "unavailable", at=1)
    assert lost["active"] is True
    assert lost["quality"] == {"status": "bad", "reason": "no_communication"}
    assert say(conditions, "unavailable", at=2) == []
    (cleared,) = say(conditions, "normal", at=3)
    assert cleared["active"] is False
    assert cleared["message"] == {"und": "Oil"}


def test_items_do_not_clear_each_other(conditions: Conditions) -> None:
    say(conditions, "fault", "1")
    other = Report(item=1, nanoseconds=0, level="normal")
    assert conditions.report(other) == []


def test_a_source_that_invents_codes_stays_bounded(conditions: Conditions) -> None:
    for code in range(ACTIVE_LIMIT + 5):
        conditions.report(Report(item=0, nanoseconds=0, level="fault", code=str(code)))
    assert len(conditions._active) == ACTIVE_LIMIT
