"""Cutting tools as machines describe them."""

from __future__ import annotations

import pytest

from mfgstd.errors import InputError
from mfgstd_adapters.mtconnect.model.devices import read_devices
from mfgstd_adapters.mtconnect.reports.assets import Tools, identity
from mfgstd_adapters.mtconnect.shdr import ShdrTranslator

XML = b"""<CuttingTool toolId="T7" serialNumber="42" assetId="T7.42"><CuttingToolLifeCycle>
<ToolLife type="PART_COUNT" countDirection="UP" initial="0" limit="0">3</ToolLife>
<ToolLife type="MINUTES" countDirection="DOWN" warning="5">1e3</ToolLife>
<ToolLife type="WEAR" countDirection="UP">lots</ToolLife>
<CutterStatus><Status>USED</Status><Status>ODD</Status></CutterStatus>
<ProgramToolGroup>1</ProgramToolGroup><Location type="POT">8</Location>
<ProgramToolNumber>7</ProgramToolNumber></CuttingToolLifeCycle></CuttingTool>"""
MODEL = b"""<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.3">
<Header instanceId="1" version="2.3"/><Devices><Device id="d" name="mill" uuid="m-1"><DataItems>
<DataItem id="x" name="Xabs" category="SAMPLE" type="POSITION" units="MILLIMETER"/>%s
</DataItems></Device></Devices></MTConnectDevices>"""
CHANGED = b'<DataItem id="ac" category="EVENT" type="ASSET_CHANGED"/>'
T = b"2026-01-01T00:00:00Z"
NOW = 1_767_312_000_000_000_000


def translator(more: bytes = b"") -> ShdrTranslator:
    model, _ = read_devices(MODEL % more)
    return ShdrTranslator(model, source="s")


def test_a_cutting_tool_keeps_its_lives_status_and_place() -> None:
    said = Tools("https://plant.example/m-1").read(XML, asset="T7.42", nanoseconds=0).to_json()
    assert said["id"] == "https://plant.example/m-1/asset/T7.42"
    assert said["life"] == [
        {"type": "part_count", "direction": "up", "initial": 0.0, "limit": 0.0, "value": 3.0},
        {"type": "minutes", "direction": "down", "warning": 5.0, "value": 1000.0},
    ]
    assert said["status"] == ["used", "unknown"]
    assert said["location"] == {"type": "pot", "value": "8"}
    assert (said["toolId"], said["serialNumber"]) == ("T7", "42")
    assert said["eventTime"] == "1970-01-01T00:00:00Z"


def test_the_same_tool_has_one_identity_also_when_it_is_gone() -> None:
    tools = Tools("urn:uuid:1")
    first = tools.read(XML, asset="T7.42", nanoseconds=0)
    gone = tools.removed(asset="T7.42", nanoseconds=1)
    assert first.to_json()["id"] == gone.to_json()["id"]
    assert gone.to_json()["removed"] is True


@pytest.mark.parametrize(
    "body", [b"<Pallet/>", b"not xml", b'<!DOCTYPE a [<!ENTITY b "c">]><CuttingTool/>']
)
def test_what_is_no_tool_is_refused(body: bytes) -> None:
    with pytest.raises(InputError):
        Tools("d").read(body, asset="a", nanoseconds=0)


def test_tools_come_on_one_line_or_on_many() -> None:
    one = XML.replace(b"\n", b"")
    many = T + b"|@ASSET@|T7.42|CuttingTool|--multiline--Q\n" + XML + b"\n--multiline--Q\n"
    for log in (T + b"|@ASSET@|T7.42|CuttingTool|" + one + b"\n", many):
        batch = translator().translate(log, NOW)
        assert [type(each).__name__ for each in batch.documents] == ["Tool"]
        assert batch.tally.translated == batch.tally.read == 1
        assert batch.tally.lines == {"asset": log.count(b"\n")}


def test_removing_all_names_each_tool_that_was_known() -> None:
    one = XML.replace(b"\n", b"")
    log = (
        T + b"|@ASSET@|A|CuttingTool|" + one + b"\n"
        + T + b"|@ASSET@|B|CuttingTool|" + one + b"\n"
        + T + b"|@REMOVE_ASSET@|A\n" + T + b"|@REMOVE_ALL_ASSETS@|CuttingTool\n"
    )  # fmt: skip
    documents = [each.to_json() for each in translator().translate(log, NOW).documents]
    assert [(each["externalIds"][0]["value"], each.get("removed")) for each in documents] == [
        ("A", None),
        ("B", None),
        ("A", True),
        ("B", True),
    ]


def test_other_assets_are_counted_and_told_where_the_model_has_an_item_for_it() -> None:
    log = T + b"|@ASSET@|P1|Pallet|<Pallet/>\n"
    assert translator().translate(log, NOW).tally.unknown == {"@ASSET@ Pallet": 1}
    (row,) = translator(CHANGED).translate(log, NOW).observations.to_pylist()
    assert (row["text"], row["native_status"]) == ("P1", "Pallet")


def test_an_asset_that_cannot_be_read_is_kept_apart() -> None:
    log = T + b"|@ASSET@|A|CuttingTool|<CuttingTool\n"
    batch = translator().translate(log, NOW)
    assert [each.finding.rule for each in batch.rejected] == ["mtconnect.asset-unreadable"]
    assert batch.tally.balanced


def test_an_asset_that_was_cut_off_does_not_swallow_the_data_behind_it() -> None:
    log = T + b"|@ASSET@|A|CuttingTool|--multiline--Q\n<CuttingTool>\n" + T + b"|Xabs|1\n"
    batch = translator().translate(log, NOW)
    assert batch.observations["number"].to_pylist() == [1.0]
    assert [each.finding.rule for each in batch.rejected] == ["mtconnect.line-cut"]
    assert batch.tally.lines == {"rejected": 2, "data": 1}


def test_updates_of_single_measurements_are_named() -> None:
    log = T + b"|@UPDATE_ASSET@|A|OverallToolLength|323.65\n"
    assert translator().translate(log, NOW).tally.unknown == {"@UPDATE_ASSET@": 1}


def test_words_that_nobody_knows_are_one_unknown() -> None:
    body = b"<CuttingTool><Status>ODD</Status><Status>WEIRD</Status></CuttingTool>"
    said = Tools("urn:uuid:1").read(body, asset="a", nanoseconds=0).to_json()
    assert said["status"] == ["unknown"]


AGENT = b'<Agent id="g" name="Agent" uuid="g-1"><DataItems/></Agent>'
OTHER = b'<Device id="o" name="lathe" uuid="o-1"><DataItems/></Device>'
BASE = "https://plant.example/"
STORED = T + b'|@ASSET@|A|CuttingTool|<CuttingTool deviceUuid="%s"/>\n' + T + b"|@REMOVE_ASSET@|A\n"


def identities(devices: bytes, owner: bytes, device: str | None = None) -> set[str]:
    """Of a tool that is told of and then removed."""
    document = MODEL.replace(b"<Devices>", b"<Devices>" + devices) % b""
    model, _ = read_devices(document, base=BASE)
    batch = ShdrTranslator(model, source="s", device=device).translate(STORED % owner, NOW)
    assert len(batch.documents) == 2
    return {each.to_json()["id"] for each in batch.documents}


def test_an_agent_keeps_no_tools() -> None:
    assert identities(AGENT, b"") == {f"{BASE}m-1/asset/A"}


def test_a_tool_belongs_to_the_device_that_it_names() -> None:
    assert identities(AGENT + OTHER, b"o-1") == {f"{BASE}o-1/asset/A"}
    assert identities(OTHER, b"m-1") == {f"{BASE}m-1/asset/A"}


def test_a_tool_that_names_no_known_device_belongs_to_the_only_one_or_to_the_source() -> None:
    assert identities(b"", b"gone") == {f"{BASE}m-1/asset/A"}
    assert identities(OTHER, b"gone") == {identity("A", "s")}


def test_the_device_that_the_user_names_goes_before_the_one_of_the_tool() -> None:
    assert identities(OTHER, b"o-1", "mill") == {f"{BASE}m-1/asset/A"}
