"""The SHDR peer is listened to over a real socket, byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from lxml import etree

from mfgstd_conformance.peers.machine import Entries, report
from mfgstd_conformance.peers.shdr_machine import Asset, ShdrMachine, asset_lines, lines
from mfgstd_conformance.peers.shop import LATHE, MILL, SECOND, Shop

START = 1_767_571_200 * SECOND
TOOL = Asset(START, MILL.uuid, "KM-500.T12", "T12", 12, 42)


def listen(
    scene: Callable[[ShdrMachine, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    before: Callable[[ShdrMachine], None] = lambda _: None,
) -> None:
    async def run() -> None:
        async with ShdrMachine() as machine:
            before(machine)
            reader, writer = await asyncio.open_connection("127.0.0.1", machine.port)
            try:
                assert await reader.readline() == b"* shdrVersion: 2.0\n"
                assert await reader.readline() == b"* adapterVersion: 1.0\n"
                async with asyncio.timeout(10):
                    await scene(machine, reader, writer)
            finally:
                writer.close()

    asyncio.run(run())


def test_every_kind_of_line_is_written_as_machines_write_it() -> None:
    shop = Shop(start=START)
    story = [text for _ in range(32) for text in lines(shop.next_beat())]
    time = "2026-01-05T00:00:0"
    assert f"{time}1.000Z|Sspeed|" in "".join(story)
    assert "|Xpos|1.2345|" in "".join(story)
    assert f"{time}0.000Z|message|M-100|가공을 시작합니다\n" in story
    assert f"{time}6.000Z|coolant|WARNING|CL-07|2|LOW|절삭유 수위 낮음\n" in story
    assert f'{time}0.000Z|variables|v100=1.5 v101="한빛 정공" v102=00123\n' in story
    assert f"{time}0.000Z|work_offsets|G54={{X=12.5 Z=7}} G55={{X=-3.25}}\n" in story
    assert "|coolant_ph|8.1\n" in "".join(story)
    assert f"{time}0.0012345Z|HL-220:L_system|NORMAL||||\n" in story
    assert any(text.startswith(f"{time}0.0012345Z|HL-220:X1pos|") for text in story)
    (series,) = [text for text in story if text.startswith(f"{time}2.000Z|Svib|32|1000|")]
    assert len(series.split("|")[-1].split()) == 32


def test_several_plain_values_share_a_line_and_a_data_set_never_does() -> None:
    plain = [report(START, MILL, MILL.signal("Sload"), "1")] * 9
    alone = report(START, MILL, MILL.signal("variables"), Entries({"a": "1"}))
    written = lines([*plain, alone])
    assert [text.count("Sload") for text in written] == [8, 1, 0]


def test_a_new_client_is_told_first_what_stands() -> None:
    def before(machine: ShdrMachine) -> None:
        machine.observe([report(START, LATHE, LATHE.signal("L_mode"), "MANUAL")])
        machine.store(TOOL)

    async def scene(
        machine: ShdrMachine, reader: asyncio.StreamReader, _: asyncio.StreamWriter
    ) -> None:
        assert await reader.readline() == b"2026-01-05T00:00:00.0000000Z|HL-220:L_mode|MANUAL\n"
        head = await reader.readline()
        assert head == (
            b"2026-01-05T00:00:00.000Z|@ASSET@|KM-500.T12|CuttingTool|--multiline--T12\n"
        )
        document = await reader.readuntil(b"\n--multiline--T12\n")
        assert etree.fromstring(document.split(b"\n--multi")[0]).get("assetId") == "KM-500.T12"
        assert machine.clients == 1

    listen(scene, before)


def test_a_ping_is_answered_with_the_heartbeat() -> None:
    async def scene(
        machine: ShdrMachine, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"* PING\r\n")
        assert await reader.readline() == b"* PONG 10000\n"
        machine.silent = True
        writer.write(b"* PING\r\n")
        machine.observe([report(START, LATHE, LATHE.signal("L_mode"), "MANUAL")])
        await asyncio.sleep(0.05)
        machine.silent = False
        machine.garbage()
        assert await reader.readline() == b"\x00\xff\xfe|||\x80|\n"

    listen(scene)


def test_lines_can_be_cut_and_clocks_can_be_wrong() -> None:
    async def scene(
        machine: ShdrMachine, reader: asyncio.StreamReader, _: asyncio.StreamWriter
    ) -> None:
        said = [report(START, MILL, MILL.signal("Xpos"), "1.2345")]
        await machine.joined.wait()
        machine.cut_lines = 1
        machine.observe(said)
        assert await reader.readline() == b"2026-01-05T00:00:0\n"
        machine.clock_error = -3600 * SECOND
        machine.observe(said)
        assert await reader.readline() == b"2026-01-04T23:00:00.000Z|Xpos|1.2345\n"

    listen(scene)


def test_half_a_line_may_be_the_last_word() -> None:
    async def scene(
        machine: ShdrMachine, reader: asyncio.StreamReader, _: asyncio.StreamWriter
    ) -> None:
        await machine.joined.wait()
        machine.half_line()
        assert await reader.read() == b"2026-01-05T00:00:00.000Z|Xpos|1.2"

    listen(scene)


def test_everyone_is_hung_up_on_at_a_disconnect() -> None:
    async def scene(
        machine: ShdrMachine, reader: asyncio.StreamReader, _: asyncio.StreamWriter
    ) -> None:
        machine.disconnect()
        assert await reader.read() == b""

    listen(scene)


def test_the_cutting_tool_is_valid_against_the_published_schema(
    schema: Callable[[str, str], etree.XMLSchema],
) -> None:
    document = asset_lines(TOOL).split("\n", 1)[1].rsplit("\n--multiline", 1)[0]
    wrapped = (
        '<MTConnectAssets xmlns="urn:mtconnect.org:MTConnectAssets:2.3">'
        '<Header creationTime="2026-01-05T00:00:00Z" sender="test" instanceId="1" version="2.3" '
        'deviceModelChangeTime="2026-01-05T00:00:00Z" assetBufferSize="10" assetCount="1"/>'
        f"<Assets>{document}</Assets></MTConnectAssets>"
    )
    schema("Assets", "2.3").assertValid(etree.fromstring(wrapped))
