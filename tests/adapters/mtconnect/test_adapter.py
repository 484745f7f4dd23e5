"""The adapter from end to end, over files, sockets and agents that really run."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mfgstd.adapters import Adapter, Batch, load
from mfgstd.errors import ConfigError, InputError, TransientError
from mfgstd_adapters.mtconnect import MTConnectAdapter

MODEL = """<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.3">
<Header instanceId="7" version="2.3" creationTime="2026-01-01T00:00:00Z" sender="t"
 bufferSize="10"/><Devices><Device id="d" name="mill" uuid="m-1"><DataItems>
<DataItem id="a" name="avail" category="EVENT" type="AVAILABILITY"/>
<DataItem id="x" name="Xabs" category="SAMPLE" type="POSITION" units="MILLIMETER"
 nativeUnits="INCH"/></DataItems></Device></Devices></MTConnectDevices>"""
LINE = b"2026-01-01T00:00:00Z|Xabs|1\n"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "devices.xml"
    path.write_text(MODEL)
    return path


def collect(adapter: MTConnectAdapter, checkpoint: Any = None, count: int = 1000) -> list[Batch]:
    async def run() -> list[Batch]:
        batches: list[Batch] = []
        await adapter.open(checkpoint)
        while len(batches) < count and (batch := await adapter.read()) is not None:
            batches.append(batch)
        await adapter.close()
        return batches

    return asyncio.run(run())


def numbers(batches: list[Batch]) -> list[float | None]:
    return [each for batch in batches for each in batch.observations["number"].to_pylist()]


def test_it_is_found_by_name_and_keeps_the_contract() -> None:
    assert load("mtconnect") is MTConnectAdapter
    assert isinstance(MTConnectAdapter("log.shdr"), Adapter)


def test_a_log_is_told_after_its_device_model(tmp_path: Path, model: Path) -> None:
    log = tmp_path / "a.shdr.gz"
    log.write_bytes(gzip.compress(LINE * 3))
    batches = collect(MTConnectAdapter(str(log), device_model=model))
    assert batches[0].tally.documents["DataItem"] == 2
    assert batches[0].observations.num_rows == 0
    assert numbers(batches) == [25.4] * 3
    assert batches[-1].checkpoint == {"offset": len(LINE) * 3, "line": 3}


def test_a_log_is_read_on_from_every_checkpoint(tmp_path: Path, model: Path) -> None:
    log = tmp_path / "a.shdr"
    spanning = b"2026-01-01T00:00:00Z|avail|--multiline--A\nAVAILABLE\n--multiline--A\n"
    log.write_bytes(LINE * 2 + spanning + LINE)
    half = len(LINE) * 2 + len(spanning) // 2

    async def run() -> list[Batch]:
        first = MTConnectAdapter(str(log), device_model=model)
        await first.open()
        await first.read()
        source: Any = first._source
        source._file._first = log.read_bytes()[:half]
        begun = await first.read()
        assert begun is not None
        await first.close()
        second = MTConnectAdapter(str(log), device_model=model)
        await second.open(begun.checkpoint)
        rest = [begun]
        while (batch := await second.read()) is not None:
            rest.append(batch)
        await second.close()
        return rest

    batches = asyncio.run(run())
    assert batches[0].checkpoint == {"offset": len(LINE) * 2, "line": 2}
    assert numbers(batches) == [25.4, 25.4, None, 25.4]
    assert batches[-1].checkpoint == {"offset": len(log.read_bytes()), "line": 6}


def test_shdr_without_a_device_model_is_a_clear_error(tmp_path: Path) -> None:
    log = tmp_path / "a.shdr"
    log.write_bytes(LINE)
    with pytest.raises(ConfigError, match="device model") as caught:
        collect(MTConnectAdapter(str(log)))
    assert caught.value.hint is not None


def test_settings_that_cannot_work_are_refused(model: Path) -> None:
    with pytest.raises(ConfigError, match="no setting"):
        MTConnectAdapter("a.shdr", colour="red")
    with pytest.raises(ConfigError, match="above zero"):
        MTConnectAdapter("a.shdr", interval=0)
    with pytest.raises(ConfigError, match="does not speak"):
        MTConnectAdapter("ftp://host/")
    with pytest.raises(ConfigError, match="no device"):
        collect(MTConnectAdapter("shdr://127.0.0.1:1", device_model=model, device="lathe"))


def test_a_file_that_is_no_log_is_refused(model: Path) -> None:
    with pytest.raises(InputError):
        collect(MTConnectAdapter(str(model), device_model=model))
    found = asyncio.run(MTConnectAdapter(str(model), device_model=model).check())
    assert [each.rule for each in found] == ["mtconnect.unreachable"]


def test_a_broken_connection_is_bad_rows_then_an_error_then_a_gap(model: Path) -> None:
    async def run() -> tuple[list[Batch], str]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(LINE + b"2026-01-01T00:00:01Z|Xa")
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        adapter = MTConnectAdapter(f"shdr://127.0.0.1:{port}", device_model=model)
        seen: list[Batch] = []
        error = ""
        for _ in range(2):
            await adapter.open()
            try:
                while (batch := await adapter.read()) is not None:
                    seen.append(batch)
            except TransientError as caught:
                error = str(caught)
            await adapter.close()
        server.close()
        await server.wait_closed()
        return seen, error

    seen, error = asyncio.run(run())
    assert "closed" in error
    assert all(batch.tally.balanced for batch in seen)
    lost = [
        batch for batch in seen if "no_communication" in batch.observations["reason"].to_pylist()
    ]
    assert [batch.observations.num_rows for batch in lost] == [2, 2]
    assert [each.raw for each in lost[0].rejected] == [b"2026-01-01T00:00:01Z|Xa"]
    gaps = [each.to_json() for batch in seen for each in batch.documents
            if type(each).__name__ == "Gap"]  # fmt: skip
    assert [(each["reason"], each["outcome"]) for each in gaps] == [("disconnected", "unknown")]
    assert sum(batch.tally.documents["DataItem"] for batch in seen) == 2


class _Agent(BaseHTTPRequestHandler):
    instance = "7"

    def model(self) -> str:
        return MODEL

    def do_GET(self) -> None:
        if "probe" in self.path:
            body = self.model()
        else:
            first = "current" in self.path
            value, sequence, following = ("1", 5, 6) if first else ("2", 6, 7)
            instance = "7" if first else self.instance
            body = f"""<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:2.3">
<Header instanceId="{instance}" version="2.3" creationTime="2026-01-01T00:00:00Z" sender="t"
 bufferSize="10" firstSequence="1" lastSequence="{following - 1}" nextSequence="{following}"/>
<Streams><DeviceStream name="mill" uuid="m-1"><ComponentStream component="Device" componentId="d">
<Samples><Position dataItemId="x" timestamp="2026-01-01T00:00:00Z" sequence="{sequence}">{value}
</Position></Samples></ComponentStream></DeviceStream></Streams></MTConnectStreams>"""
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's name
        del format, args


class _RestartedAgent(_Agent):
    """Between the first look and the next it is started anew; its model is written anew, too."""

    instance = "8"
    probes = count(1)

    def model(self) -> str:
        written = f"2026-01-01T0{next(self.probes)}:00:00Z"
        named = '<Description manufacturer="Acme"/><DataItems>'
        return MODEL.replace("2026-01-01T00:00:00Z", written).replace("<DataItems>", named)


@pytest.fixture(params=[_Agent])
def agent(request: pytest.FixtureRequest) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), request.param)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_an_agent_is_probed_then_read_from_now_on(agent: str) -> None:
    batches = collect(MTConnectAdapter(agent, interval=0.01), count=3)
    assert batches[0].tally.documents["DataItem"] == 2
    assert numbers(batches) == [1.0, 2.0]
    assert batches[-1].checkpoint["next"] == 7
    assert batches[-1].checkpoint["instanceId"] == "7"


@pytest.mark.parametrize("agent", [_RestartedAgent], indirect=True)
def test_an_agent_that_is_started_anew_does_not_move_its_machines(agent: str) -> None:
    """An asset fills its role since it was first told of, not since the agent's last start."""
    batches = collect(MTConnectAdapter(agent, interval=0.01), count=4)
    starts = [
        each.to_json()["validity"]["start"]
        for batch in batches
        for each in batch.documents
        if type(each).__name__ == "EquipmentAssetAssignment"
    ]
    assert starts == ["2026-01-01T01:00:00Z"] * 2
