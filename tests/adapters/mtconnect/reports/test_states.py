"""Words of MTConnect in the axes of our state."""

from __future__ import annotations

from typing import Any

import pytest

from mfgstd.models import EquipmentState
from mfgstd_adapters.mtconnect.model.devices import read_devices
from mfgstd_adapters.mtconnect.reports.states import States, vocabulary

MODEL = b"""<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.3">
<Header instanceId="1" version="2.3"/><Devices><Device id="d" name="mill" uuid="m-1"><DataItems>
<DataItem id="a" category="EVENT" type="AVAILABILITY"/>
<DataItem id="e" category="EVENT" type="EXECUTION"/>
<DataItem id="s" category="EVENT" type="EMERGENCY_STOP"/>
<DataItem id="b" category="EVENT" type="BLOCK"/>
</DataItems></Device></Devices></MTConnectDevices>"""
AVAIL, EXEC, STOP, BLOCK = range(4)


@pytest.fixture
def states() -> States:
    return States(read_devices(MODEL)[0].items)


def said(event: Any) -> dict[str, Any]:
    assert event is not None
    document: dict[str, Any] = event.to_json()
    return document


def test_every_word_of_the_table_is_a_word_of_the_standard() -> None:
    for type_ in vocabulary()["types"].values():
        for axes in type_["words"].values():
            assert set(axes) <= set(type_["axes"])
            EquipmentState.from_json(axes)


def test_only_reported_axes_are_told(states: States) -> None:
    assert list(states.watched) == [True, True, True, False]
    first = said(states.report(AVAIL, 0, "AVAILABLE"))
    assert first["state"] == {"availability": "available"}
    second = said(states.report(EXEC, 10**9, "ACTIVE"))
    assert second["state"] == {
        "availability": "available",
        "procedural": "execute",
        "summary": "executing",
    }
    assert second["previous"] == {"availability": "available"}
    assert first["id"] != second["id"]


def test_saying_it_again_is_no_event(states: States) -> None:
    states.report(EXEC, 0, "ACTIVE")
    assert states.report(EXEC, 1, "ACTIVE") is None
    assert states.report(EXEC, 2, "active") is None


def test_losing_sight_of_a_machine_says_nothing_about_it(states: States) -> None:
    states.report(EXEC, 0, "ACTIVE")
    lost = said(states.report(EXEC, 1, "UNAVAILABLE"))
    assert lost["state"] == {"procedural": "unknown", "summary": "unknown"}
    assert lost["quality"] == {"status": "bad", "reason": "no_communication"}


def test_an_emergency_stop_outranks_the_program_until_it_is_released(states: States) -> None:
    states.report(EXEC, 0, "ACTIVE")
    assert said(states.report(STOP, 1, "TRIGGERED"))["state"]["procedural"] == "aborted"
    assert states.report(EXEC, 2, "STOPPED") is None
    assert said(states.report(STOP, 3, "ARMED"))["state"]["procedural"] == "stopped"


def test_a_word_that_nobody_knows_is_unknown_and_kept(states: States) -> None:
    event = said(states.report(EXEC, 0, "DANCING"))
    assert event["state"]["procedural"] == "unknown"
    assert event["quality"]["native"] == "DANCING"
