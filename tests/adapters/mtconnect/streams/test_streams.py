from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.adapters import Batch
from mfgstd.errors import ConfigError, InputError, MfgStdError, SystemFault, TransientError
from mfgstd.observations import SCHEMA
from mfgstd_adapters.mtconnect.model.devices import DeviceModel, read_devices
from mfgstd_adapters.mtconnect.streams.rows import RowBuilder
from mfgstd_adapters.mtconnect.streams.translator import StreamsTranslator

RECEIVED = 1_767_571_200_000_000_000
SOURCE = "http://agent.example:5000/"
WAVE = (
    'category="SAMPLE" type="ACCELERATION" units="MILLIMETER/SECOND^2"'
    ' representation="TIME_SERIES" sampleRate="100"'
)
ITEMS = [
    ("x", 'category="SAMPLE" type="POSITION" units="MILLIMETER" nativeUnits="INCH"'),
    ("count", 'category="EVENT" type="PART_COUNT"'),
    ("block", 'category="EVENT" type="BLOCK"'),
    ("avail", 'category="EVENT" type="AVAILABILITY"'),
    ("exec", 'category="EVENT" type="EXECUTION"'),
    ("msg", 'category="EVENT" type="MESSAGE"'),
    ("chg", 'category="EVENT" type="ASSET_CHANGED"'),
    ("sys", 'category="CONDITION" type="SYSTEM"'),
    ("vars", 'category="EVENT" type="VARIABLE" representation="DATA_SET"'),
    ("work", 'category="EVENT" type="WORK_OFFSET" representation="TABLE"'),
    ("wave", WAVE),
    ("path", 'category="SAMPLE" type="PATH_POSITION" units="MILLIMETER_3D"'),
]  # fmt: skip
BASE = "https://plant.example/"


@pytest.fixture
def model() -> DeviceModel:
    items = "".join(f'<DataItem id="{name}" name="n_{name}" {rest}/>' for name, rest in ITEMS)
    return read_devices(
        b'<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.3"><Devices>'
        b'<Device id="d" name="mill" uuid="M-1"><DataItems>' + items.encode() + b"</DataItems>"
        b"</Device></Devices></MTConnectDevices>",
        base=BASE,
    )[0]


@pytest.fixture
def translator(model: DeviceModel) -> StreamsTranslator:
    return StreamsTranslator(model, source=SOURCE, path="agent")


def document(
    observations: str, group: str = "Samples", *, version: str = "2.3", **header: object
) -> bytes:
    attributes = {
        "creationTime": "2026-01-05T00:01:00Z",
        "instanceId": 7,
        "firstSequence": 1,
        "lastSequence": 100,
        "nextSequence": 101,
        **header,
    }
    said = " ".join(f'{name}="{value}"' for name, value in attributes.items() if value is not None)
    return (
        f'<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:{version}"><Header {said}/>'
        '<Streams><DeviceStream name="mill" uuid="M-1"><ComponentStream component="Path">'
        f"<{group}>{observations}</{group}></ComponentStream></DeviceStream></Streams>"
        "</MTConnectStreams>"
    ).encode()


def said(
    item: str,
    text: str,
    *,
    at: str = "2026-01-05T00:00:00Z",
    sequence: int = 1,
    tag: str = "V",
    **more: str,
) -> str:
    extra = "".join(f' {name}="{value}"' for name, value in more.items())
    return (
        f'<{tag} dataItemId="{item}" timestamp="{at}" sequence="{sequence}"{extra}>{text}</{tag}>'
    )


def rows(batch: Batch) -> list[dict[str, Any]]:
    assert batch.observations.schema == SCHEMA
    batch.observations.validate(full=True)
    assert batch.tally.balanced
    found: list[dict[str, Any]] = batch.observations.to_pylist()
    return found


def row(translator: StreamsTranslator, observation: str, group: str = "Samples") -> dict[str, Any]:
    (only,) = rows(translator.translate(document(observation, group), RECEIVED))
    return only


def documents(batch: Batch, kind: str) -> list[dict[str, Any]]:
    return [each.to_json() for each in batch.documents if type(each).__name__ == kind]


def test_an_agent_has_converted_already(translator: StreamsTranslator) -> None:
    found = row(translator, said("x", "25.4", sequence=12))
    assert (found["kind"], found["number"], found["unit"]) == ("number", 25.4, "mm")
    assert (found["native_value"], found["native_unit"]) == ("25.4", "MILLIMETER")
    assert (found["data_item"], found["source"]) == (f"{BASE}M-1/x", SOURCE)
    assert (found["epoch"], found["sequence"], found["status"]) == ("7", 12, "good")


def test_unavailable_is_silence_not_zero(translator: StreamsTranslator) -> None:
    found = row(translator, said("x", "UNAVAILABLE"))
    assert (found["kind"], found["number"], found["status"]) == ("none", None, "bad")
    assert (found["reason"], found["native_value"]) == ("no_communication", "UNAVAILABLE")


def test_integers_and_text_stay_what_they_are(translator: StreamsTranslator) -> None:
    events = said("count", "17") + said("block", "  00123 ")
    count, block = rows(translator.translate(document(events, "Events"), RECEIVED))
    assert (count["kind"], count["integer"]) == ("integer", 17)
    assert (block["kind"], block["text"]) == ("text", "00123")


def test_three_numbers_in_one_value_are_a_vector(translator: StreamsTranslator) -> None:
    assert json.loads(row(translator, said("path", "1 2.5 -3"))["text"]) == [1, 2.5, -3]


@pytest.mark.parametrize(
    ("at", "nanoseconds"),
    [
        ("2026-01-05T00:00:00Z", 0),
        ("2026-01-05T00:00:00.5Z", 500_000_000),
        ("2026-01-05T00:00:00.1234567Z", 123_456_700),
        ("2026-01-05T00:00:00.123456789Z", 123_456_789),
        ("2026-01-05T09:00:00.000000001+09:00", 1),
        ("2026-01-04T23:59:60Z", -1_000),
        ("2026-01-05T00:00:00", 0),
    ],
)
def test_times_are_kept_to_the_nanosecond(
    translator: StreamsTranslator, at: str, nanoseconds: int
) -> None:
    found = row(translator, said("x", "1", at=at))
    microseconds = round(found["event_time"].timestamp() * 1_000_000) - RECEIVED // 1000
    assert microseconds * 1000 + found["event_time_ns"] == nanoseconds
    assert found["time_quality"] == (None if "Z" in at or "+" in at else "assumed_zone")


@pytest.mark.parametrize("at", ["", "yesterday", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_an_observation_without_a_time_is_rejected_not_dropped(
    translator: StreamsTranslator, at: str
) -> None:
    batch = translator.translate(document(said("x", "1", at=at) + said("x", "2")), RECEIVED)
    assert [each["number"] for each in rows(batch)] == [2.0]
    assert batch.tally.rejected == 1
    (rejected,) = batch.rejected
    assert b'dataItemId="x"' in rejected.raw
    assert rejected.place.item == "x"


def test_an_unknown_item_is_counted_and_named(translator: StreamsTranslator) -> None:
    batch = translator.translate(document(said("nope", "1") * 3 + said("x", "1")), RECEIVED)
    assert dict(batch.tally.unknown) == {"nope": 3}
    assert (batch.tally.read, batch.tally.translated) == (4, 1)
    assert batch.tally.balanced
    assert [each.rule for each in batch.findings] == ["mtconnect.unknown-item"]


def test_an_observation_without_an_id_is_counted_too(translator: StreamsTranslator) -> None:
    batch = translator.translate(document("<V timestamp='2026-01-05T00:00:00Z'>1</V>"), RECEIVED)
    assert batch.tally.unknown.total() == 1
    assert batch.tally.balanced


def test_rows_come_in_the_order_of_their_sequence(translator: StreamsTranslator) -> None:
    mixed = "".join(said("x", str(each), sequence=each) for each in (5, 3, 9, 1))
    batch = translator.translate(document(mixed), RECEIVED)
    assert [each["sequence"] for each in rows(batch)] == [1, 3, 5, 9]


def test_what_is_no_number_keeps_its_text(translator: StreamsTranslator) -> None:
    batch = translator.translate(document(said("x", "abc")), RECEIVED)
    (found,) = rows(batch)
    assert (found["status"], found["reason"]) == ("bad", "not_convertible")
    assert (found["native_value"], batch.tally.bad) == ("abc", 1)
    assert [each.rule for each in batch.findings] == ["mtconnect.not-a-number"]


def test_a_data_set_is_one_row_of_json(translator: StreamsTranslator) -> None:
    entries = (
        '<Entry key="b">2</Entry><Entry key="a">x y</Entry><Entry key="c" removed="true"/>'
        '<Entry key="d">007</Entry>'
    )
    found = row(translator, said("vars", entries, count="4"), "Events")
    assert found["text"] == '{"a":"x y","b":2,"c":null,"d":"007"}'
    assert json.loads(found["native_value"]) == {"a": "x y", "b": "2", "c": None, "d": "007"}
    assert found["status"] == "good"


def test_a_table_nests_its_cells(translator: StreamsTranslator) -> None:
    entries = (
        '<Entry key="G54"><Cell key="X">1.5</Cell><Cell key="N">a</Cell></Entry>'
        '<Entry key="G55" removed="true"/>'
    )
    found = row(translator, said("work", entries, resetTriggered="NEW"), "Events")
    assert json.loads(found["text"]) == {"G54": {"X": 1.5, "N": "a"}, "G55": None}
    assert found["native_status"] == "resetTriggered=NEW"


def test_a_data_set_that_is_unavailable_is_silence(translator: StreamsTranslator) -> None:
    found = row(translator, said("vars", "UNAVAILABLE", count="0"), "Events")
    assert (found["kind"], found["status"], found["text"]) == ("none", "bad", None)


def test_a_time_series_is_a_document_that_starts_at_its_first_sample(
    translator: StreamsTranslator,
) -> None:
    series = said("wave", "1 2 3", at="2026-01-05T00:00:01Z", sequence=4, sampleCount="3")
    batch = translator.translate(document(series), RECEIVED)
    assert rows(batch) == []
    (segment,) = documents(batch, "TimeSeriesSegment")
    assert segment["values"] == [1.0, 2.0, 3.0]
    assert segment["start"] == "2026-01-05T00:00:00.98Z"
    assert (segment["samplingInterval"], segment["unit"]) == (0.01, "mm/s2")
    assert (segment["epoch"], segment["sequence"]) == ("7", 4)
    assert segment["native"] == {"value": "1 2 3", "unit": "MILLIMETER/SECOND^2"}


def test_the_rate_of_the_observation_goes_before_that_of_the_item(
    translator: StreamsTranslator,
) -> None:
    batch = translator.translate(document(said("wave", "1 2", sampleRate="2")), RECEIVED)
    assert documents(batch, "TimeSeriesSegment")[0]["samplingInterval"] == 0.5


@pytest.mark.parametrize("text", ["", "1 x 2", "1 NaN"])
def test_a_broken_time_series_is_rejected_with_its_bytes(
    translator: StreamsTranslator, text: str
) -> None:
    batch = translator.translate(document(said("wave", text)), RECEIVED)
    assert [each.finding.rule for each in batch.rejected] == ["mtconnect.bad-series"]
    assert batch.tally.balanced


def test_a_fault_is_a_row_and_an_alarm_until_normal(translator: StreamsTranslator) -> None:
    fault = said(
        "sys", "too hot", tag="Fault", nativeCode="402", nativeSeverity="9", qualifier="HIGH"
    )
    normal = said("sys", "", tag="Normal", nativeCode="402", sequence=2)
    batch = translator.translate(document(fault + normal, "Condition"), RECEIVED)
    first, second = rows(batch)
    assert (first["text"], first["native_status"]) == ("fault", "402|9|HIGH")
    assert second["text"] == "normal"
    raised, cleared = documents(batch, "Alarm")
    assert (raised["active"], cleared["active"]) == (True, False)
    assert raised["id"] == cleared["id"]
    assert raised["message"] == {"und": "too hot"}
    assert raised["native"] == {"code": "402", "severity": "9", "level": "Fault"}


def test_an_unavailable_condition_is_bad(translator: StreamsTranslator) -> None:
    found = row(translator, said("sys", "", tag="Unavailable"), "Condition")
    assert (found["status"], found["reason"]) == ("bad", "no_communication")


def test_a_condition_where_the_model_has_an_event_is_a_contradiction(
    translator: StreamsTranslator,
) -> None:
    batch = translator.translate(document(said("block", "", tag="Fault"), "Condition"), RECEIVED)
    assert [each.finding.rule for each in batch.rejected] == ["mtconnect.contradiction"]
    assert batch.tally.balanced


def test_execution_and_availability_become_state_events(translator: StreamsTranslator) -> None:
    events = said("avail", "AVAILABLE") + said("exec", "ACTIVE", sequence=2)
    batch = translator.translate(document(events, "Events"), RECEIVED)
    states = [each["state"] for each in documents(batch, "StateEvent")]
    assert states[0]["availability"] == "available"
    assert states[1]["procedural"] == "execute"


def test_a_message_keeps_its_native_code(translator: StreamsTranslator) -> None:
    found = row(translator, said("msg", "door open", nativeCode="17"), "Events")
    assert (found["text"], found["native_status"]) == ("door open", "17")


def test_a_changed_asset_is_text(translator: StreamsTranslator) -> None:
    found = row(translator, said("chg", "T-1", assetType="CuttingTool"), "Events")
    assert found["text"] == "T-1"


def test_a_duration_is_not_lost(translator: StreamsTranslator) -> None:
    assert row(translator, said("x", "1", duration="10"))["native_status"] == "duration=10"


def test_the_verdict_of_the_agent_is_the_quality(translator: StreamsTranslator) -> None:
    values = (
        said("x", "1", quality="VALID")
        + said("x", "2", quality="INVALID", sequence=2)
        + said("x", "3", quality="UNVERIFIABLE", sequence=3)
        + said("x", "UNAVAILABLE", quality="INVALID", sequence=4)
    )
    batch = translator.translate(document(values), RECEIVED)
    good, bad, doubtful, silent = rows(batch)
    assert (good["status"], good["number"]) == ("good", 1.0)
    assert (bad["status"], bad["kind"], bad["number"], bad["unit"]) == ("bad", "none", None, None)
    assert (bad["native_value"], bad["reason"]) == ("2", "not_convertible")
    assert (doubtful["status"], doubtful["number"]) == ("uncertain", 3.0)
    assert silent["reason"] == "no_communication"
    assert batch.tally.bad == 2


def test_prefixes_old_versions_and_wide_encodings_read_the_same(model: DeviceModel) -> None:
    plain = document(said("x", "1", resetTriggered="DAY"), version="1.2")
    prefixed = (
        plain.decode().replace("<", "<m:").replace("<m:/", "</m:").replace("xmlns=", "xmlns:m=")
    ).encode()
    wide = plain.decode().encode("utf-16")
    expected, second, third = (
        rows(StreamsTranslator(model, source=SOURCE).translate(data, RECEIVED))
        for data in (plain, prefixed, wide)
    )
    assert second == expected
    assert third == expected
    assert expected[0]["native_status"] == "resetTriggered=DAY"


def test_a_document_without_observations_is_an_empty_batch(translator: StreamsTranslator) -> None:
    batch = translator.translate(document(""), RECEIVED)
    assert rows(batch) == []
    assert batch.checkpoint["next"] == 101


def test_the_same_sample_gets_the_same_id_again(model: DeviceModel) -> None:
    data = document(said("x", "1") + said("x", "1", sequence=2))
    first = rows(StreamsTranslator(model, source=SOURCE).translate(data, RECEIVED))
    again = rows(StreamsTranslator(model, source=SOURCE).translate(data, RECEIVED + 10**9))
    assert [each["event_id"] for each in first] == [each["event_id"] for each in again]
    assert first[0]["event_id"] != first[1]["event_id"]


def test_equal_samples_of_two_documents_get_two_ids(translator: StreamsTranslator) -> None:
    first = row(translator, said("x", "1"))
    second = row(translator, said("x", "1", sequence=101))
    assert first["event_id"] != second["event_id"]


def test_a_snapshot_repeats_samples_and_makes_no_new_ones(translator: StreamsTranslator) -> None:
    data = document(said("x", "1"))
    (once,) = rows(translator.translate(data, RECEIVED))
    (again,) = rows(translator.translate(data, RECEIVED, snapshot=True))
    assert once["event_id"] == again["event_id"]


def test_ids_that_two_devices_share_are_told_apart_by_the_device() -> None:
    device = (
        '<Device id="{0}" name="{0}" uuid="{0}"><DataItems>'
        '<DataItem id="x" category="EVENT" type="BLOCK"/></DataItems></Device>'
    )
    model, _ = read_devices(
        f"<MTConnectDevices><Devices>{device.format('A')}{device.format('B')}</Devices>"
        "</MTConnectDevices>".encode(),
        base=BASE,
    )
    stream = (
        '<DeviceStream name="{0}" uuid="{0}"><ComponentStream><Events>{1}</Events>'
        "</ComponentStream></DeviceStream>"
    )
    data = (
        '<MTConnectStreams><Header instanceId="1"/><Streams>'
        + stream.format("B", said("x", "b"))
        + stream.format("A", said("x", "a", sequence=2))
        + "</Streams></MTConnectStreams>"
    )
    found = rows(StreamsTranslator(model, source=SOURCE).translate(data.encode(), RECEIVED))
    assert [(each["text"], each["data_item"]) for each in found] == [
        ("b", f"{BASE}B/x"),
        ("a", f"{BASE}A/x"),
    ]


def test_a_document_that_continues_leaves_no_gap(translator: StreamsTranslator) -> None:
    translator.translate(document(said("x", "1")), RECEIVED)
    more = document(said("x", "2", sequence=101), nextSequence=102, firstSequence=50)
    assert translator.translate(more, RECEIVED).documents == ()
    assert translator.checkpoint["next"] == 102


def test_an_overrun_buffer_is_a_gap_of_known_size(translator: StreamsTranslator) -> None:
    translator.translate(document(said("x", "1", at="2026-01-05T00:00:10Z")), RECEIVED)
    later = document(
        said("x", "2", sequence=500, at="2026-01-05T00:00:50Z"), firstSequence=500, nextSequence=501
    )
    (gap,) = documents(translator.translate(later, RECEIVED), "Gap")
    gap.pop("id")
    assert gap == {
        "source": SOURCE,
        "epoch": "7",
        "from": "2026-01-05T00:00:10Z",
        "to": "2026-01-05T00:00:50Z",
        "reason": "buffer_overflow",
        "outcome": "lost",
        "count": 399,
        "fromSequence": 101,
        "toSequence": 499,
    }


def ranges(batch: Batch) -> list[tuple[int, int, int]]:
    return [
        (each["fromSequence"], each["toSequence"], each["count"])
        for each in documents(batch, "Gap")
    ]


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ([], [(101, 599)]),
        ([650], [(101, 599)]),
        ([101], [(102, 599)]),
        ([599], [(101, 598)]),
        ([100, 300, 301, 450, 600], [(101, 299), (302, 449), (451, 599)]),
        (range(101, 600), []),
    ],
)
def test_what_a_snapshot_delivers_is_not_declared_as_lost(
    translator: StreamsTranslator, numbers: list[int], missing: list[tuple[int, int]]
) -> None:
    translator.translate(document(said("x", "1")), RECEIVED)
    snapshot = document(
        "".join(said("x", "9", sequence=each) for each in numbers),
        firstSequence=600,
        nextSequence=701,
    )
    batch = translator.translate(snapshot, RECEIVED, snapshot=True)
    expected = [(first, last, last - first + 1) for first, last in missing]
    assert ranges(batch) == expected
    assert batch.tally.documents["Gap"] == len(missing)
    identities = {each["id"] for each in documents(batch, "Gap")}
    assert len(identities) == len(missing)
    assert batch.checkpoint["next"] == 600


def test_what_a_snapshot_holds_and_nobody_can_read_is_declared(
    translator: StreamsTranslator,
) -> None:
    translator.translate(document(said("x", "1")), RECEIVED)
    held = said("nope", "1", sequence=200) + said("x", "1", sequence=201, at="")
    held += said("wave", "x", sequence=202) + said("wave", "1 2", sequence=203)
    snapshot = document(held, firstSequence=300, nextSequence=301)
    batch = translator.translate(snapshot, RECEIVED, snapshot=True)
    assert ranges(batch) == [(101, 202, 102), (204, 299, 96)]


@given(st.sets(st.integers(90, 320)), st.integers(101, 310))
def test_gaps_and_what_is_delivered_are_all_numbers_and_share_none(
    held: set[int], oldest: int
) -> None:
    translator = StreamsTranslator(
        read_devices(
            b"<Device uuid='M-1'><DataItems><DataItem id='x' category='EVENT' type='BLOCK'/>"
            b"</DataItems></Device>"
        )[0],
        source=SOURCE,
    )
    translator.translate(document(said("x", "1", sequence=100)), RECEIVED)
    snapshot = document(
        "".join(said("x", "9", sequence=each) for each in sorted(held)),
        firstSequence=oldest,
        nextSequence=400,
    )
    gaps = ranges(translator.translate(snapshot, RECEIVED, snapshot=True))
    declared = [each for first, last, _ in gaps for each in range(first, last + 1)]
    inside = {each for each in held if 101 <= each < oldest}
    assert len(declared) == len(set(declared))
    assert set(declared) | inside == set(range(101, oldest))
    assert not set(declared) & inside


def test_a_gap_before_a_snapshot_ends_with_the_last_that_any_item_said(
    translator: StreamsTranslator,
) -> None:
    """The header tells whole seconds; a report of the same second may have been lost."""
    translator.translate(document(said("x", "1", at="2026-01-05T00:00:58Z")), RECEIVED)
    held = said("x", "2", sequence=150, at="2026-01-05T00:01:00.7Z")
    held += said("count", "3", sequence=160, at="2026-01-05T00:00:59Z")
    snapshot = document(held, firstSequence=200, nextSequence=201)
    batch = translator.translate(snapshot, RECEIVED, snapshot=True)
    spans = {(each["from"], each["to"]) for each in documents(batch, "Gap")}
    assert spans == {("2026-01-05T00:00:58Z", "2026-01-05T00:01:00.7Z")}


def test_a_gap_ends_with_the_first_observation_after_it_not_with_the_earliest(
    translator: StreamsTranslator,
) -> None:
    translator.translate(document(said("x", "1", at="2026-01-05T00:00:10Z")), RECEIVED)
    # The clocks of two machines behind one agent need not agree.
    after = said("count", "3", sequence=501, at="2026-01-05T00:00:40Z")
    after += said("x", "2", sequence=500, at="2026-01-05T00:00:50Z")
    later = document(after, firstSequence=500, nextSequence=502)
    (gap,) = documents(translator.translate(later, RECEIVED), "Gap")
    assert gap["to"] == "2026-01-05T00:00:50Z"


@pytest.mark.parametrize(
    ("created", "end"),
    [
        ("2026-01-05T00:01:00Z", "2026-01-05T00:01:01Z"),
        ("2026-01-05T00:01:00.25Z", "2026-01-05T00:01:00.25Z"),
    ],
)
def test_a_second_of_the_header_is_over_when_the_gap_ends(
    translator: StreamsTranslator, created: str, end: str
) -> None:
    translator.translate(document(said("x", "1")), RECEIVED)
    nothing = document("", firstSequence=200, nextSequence=201, creationTime=created)
    (gap,) = documents(translator.translate(nothing, RECEIVED), "Gap")
    assert gap["to"] == end


ERROR = (
    '<MTConnectError xmlns="urn:mtconnect.org:MTConnectError:1.8"><Header instanceId="7"/>'
    '<Errors><Error errorCode="{}">what is wrong</Error></Errors></MTConnectError>'
)


def test_out_of_range_is_told_and_the_gap_follows_with_the_next_snapshot(
    translator: StreamsTranslator,
) -> None:
    translator.translate(document(said("x", "1")), RECEIVED)
    refused = translator.translate(ERROR.format("OUT_OF_RANGE").encode(), RECEIVED)
    assert [each.rule for each in refused.findings] == ["mtconnect.out-of-range"]
    assert refused.checkpoint["next"] == 101
    snapshot = document(said("x", "9", sequence=700), firstSequence=600, nextSequence=701)
    batch = translator.translate(snapshot, RECEIVED, snapshot=True)
    (gap,) = documents(batch, "Gap")
    assert (gap["fromSequence"], gap["toSequence"]) == (101, 599)
    # What the agent still has is read next: the snapshot does not skip it.
    assert batch.checkpoint["next"] == 600


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NO_DEVICE", ConfigError),
        ("UNAUTHORIZED", ConfigError),
        ("INTERNAL_ERROR", TransientError),
        ("UNSUPPORTED", SystemFault),
        ("SOMETHING_NEW", SystemFault),
    ],
)
def test_a_refusal_is_an_error_with_what_to_do(
    translator: StreamsTranslator, code: str, kind: type[MfgStdError]
) -> None:
    with pytest.raises(kind, match=code) as caught:
        translator.translate(ERROR.format(code).encode(), RECEIVED)
    assert caught.value.hint is not None
    assert "what is wrong" in caught.value.say("ko")


def test_the_errors_of_version_2_6_are_understood(translator: StreamsTranslator) -> None:
    data = (
        b'<MTConnectError><Errors><InvalidURI errorCode="INVALID_URI"><ErrorMessage>bad'
        b"</ErrorMessage></InvalidURI></Errors></MTConnectError>"
    )
    with pytest.raises(ConfigError, match="INVALID_URI: bad"):
        translator.translate(data, RECEIVED)


def test_a_restarted_agent_is_a_gap_and_its_new_run_is_read_from_the_start(
    translator: StreamsTranslator,
) -> None:
    translator.translate(document(said("x", "1")), RECEIVED)
    restarted = document(said("x", "2", sequence=40), instanceId=8, nextSequence=41)
    batch = translator.translate(restarted, RECEIVED, snapshot=True)
    (gap,) = documents(batch, "Gap")
    assert (gap["reason"], gap["outcome"], gap["epoch"]) == ("restarted", "unknown", "7")
    assert gap["to"] == "2026-01-05T00:01:01Z"
    assert gap["fromSequence"] == 101
    assert batch.checkpoint["instanceId"] == "8"
    assert batch.checkpoint["next"] == 1


def test_a_header_that_leaves_out_the_run_is_no_restart(translator: StreamsTranslator) -> None:
    translator.translate(document(said("x", "1")), RECEIVED)
    batch = translator.translate(
        document(said("x", "2", sequence=101), instanceId=None, nextSequence=102), RECEIVED
    )
    assert batch.documents == ()
    assert batch.checkpoint["instanceId"] == "7"


def test_a_checkpoint_survives_a_restart_of_ours(model: DeviceModel) -> None:
    first = StreamsTranslator(model, source=SOURCE)
    checkpoint = first.translate(document(said("x", "1")), RECEIVED).checkpoint
    second = StreamsTranslator(model, source=SOURCE)
    second.restore(json.loads(json.dumps(checkpoint)))
    later = document(said("x", "2", sequence=300), firstSequence=200, nextSequence=301)
    (gap,) = documents(second.translate(later, RECEIVED), "Gap")
    assert (gap["fromSequence"], gap["toSequence"]) == (101, 199)


@pytest.mark.parametrize("checkpoint", [{}, {"next": "x"}, {"instanceId": 5}, {"other": 1}])
def test_a_foreign_checkpoint_does_no_harm(
    translator: StreamsTranslator, checkpoint: dict[str, Any]
) -> None:
    translator.restore(checkpoint)
    assert translator.translate(document(said("x", "1")), RECEIVED).tally.translated == 1


def test_another_document_is_a_clear_error(translator: StreamsTranslator) -> None:
    with pytest.raises(InputError, match="MTConnectDevices"):
        translator.translate(b"<MTConnectDevices/>", RECEIVED)


observations = st.builds(
    said,
    st.sampled_from([name for name, _ in ITEMS] + ["unknown", ""]),
    st.sampled_from(
        ["", "1", "1.5", "abc", "UNAVAILABLE", "1 2 3", "-0", "1e400", "99999999999999999999",
         "<Entry key='a'>1</Entry>", "<Entry/>", "가", "ACTIVE", "NaN"]
    ),
    at=st.sampled_from(["2026-01-05T00:00:00Z", "2026-01-05T00:00:00.5", "", "2026"]),
    sequence=st.integers(-5, 2**64),
    tag=st.sampled_from(["Fault", "Normal", "Unavailable", "V", "Position"]),
    quality=st.sampled_from(["VALID", "INVALID", "UNVERIFIABLE", "?"]),
    sampleRate=st.sampled_from(["", "0", "-1", "x", "10"]),
)  # fmt: skip


@given(st.lists(observations, max_size=6), st.sampled_from(["Samples", "Events", "Condition"]))
def test_whatever_an_agent_says_the_account_adds_up(said_all: list[str], group: str) -> None:
    items = "".join(f'<DataItem id="{name}" {rest}/>' for name, rest in ITEMS)
    model, _ = read_devices(
        f"<Device uuid='M-1'><DataItems>{items}</DataItems></Device>".encode(), base=BASE
    )
    batch = StreamsTranslator(model, source=SOURCE).translate(
        document("".join(said_all), group), RECEIVED
    )
    found = rows(batch)
    assert batch.tally.read == len(said_all)
    series = len(documents(batch, "TimeSeriesSegment"))
    assert batch.tally.translated == len(found) + series
    assert batch.tally.bad == sum(each["status"] == "bad" for each in found)
    assert all((each["kind"] == "none") == (each["status"] == "bad") for each in found)


def test_a_row_that_is_lost_on_the_way_unbalances_the_account(
    translator: StreamsTranslator, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = RowBuilder.build

    def losing(self: RowBuilder, *given: Any, **named: Any) -> Any:
        return build(self, *given, **named).slice(1)

    said = document(
        '<Position dataItemId="x" timestamp="2026-01-05T00:00:00Z" sequence="1">1</Position>'
        '<Position dataItemId="no" timestamp="2026-01-05T00:00:00Z" sequence="2">1</Position>'
    )
    whole = translator.translate(said, RECEIVED).tally
    assert (whole.read, whole.translated, whole.balanced) == (2, 1, True)
    monkeypatch.setattr(RowBuilder, "build", losing)
    lost = translator.translate(said, RECEIVED).tally
    assert (lost.read, lost.translated, lost.balanced) == (2, 0, False)
