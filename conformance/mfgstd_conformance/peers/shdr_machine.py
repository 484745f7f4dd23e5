"""A simulated SHDR adapter: the pipe-separated lines that machines send to an agent, over TCP.

Every new client is told first what stands, as the protocol wants; ``* PING`` is answered with
``* PONG`` and the heartbeat in milliseconds. One machine's items carry its name as a prefix.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final, Self

from mfgstd_conformance.peers.machine import (
    Condition,
    Entries,
    Latest,
    Message,
    Report,
    Series,
    timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Milliseconds between the pings that this adapter asks for.
HEARTBEAT: Final = 10_000

#: A client that does not read is dropped before it eats the memory.
_BACKLOG: Final = 8 * 1024 * 1024

#: How many items share a line, as adapters write them.
_PAIRS: Final = 8


@dataclass(frozen=True, slots=True)
class Asset:
    """A cutting tool, as the tool table of the mill knows it. ``minutes`` of life are left."""

    at: int
    device: str
    id: str
    serial: str
    pot: int
    minutes: int


def line(reports: Sequence[Report]) -> str:
    """One line for reports of one machine and time; more than one only for plain values."""
    first = reports[0]
    fields = [first.time]
    for each in reports:
        prefix = f"{each.machine.name}:" if each.machine.prefixed else ""
        fields += [prefix + each.signal.name, *_fields(each)]
    return "|".join(fields) + "\n"


def _fields(each: Report) -> list[str]:
    match each.said:
        case str() as text:
            # A message has a code before its text, even when nothing is known of it.
            return ["", text] if each.signal.type == "MESSAGE" else [text]
        case Condition() as said:
            return [said.level, said.code, said.severity, said.qualifier, said.text]
        case Message() as said:
            return [said.code, said.text]
        case Series() as said:
            return [str(len(said.values)), str(said.rate), " ".join(said.values)]
        case Entries() as said:
            return [_entries(said.values)]


def _entries(values: Mapping[str, str | Mapping[str, str]]) -> str:
    return " ".join(
        f"{key}={_quoted(value) if isinstance(value, str) else '{' + _entries(value) + '}'}"
        for key, value in values.items()
    )


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _stands_alone(each: Report) -> bool:
    return not isinstance(each.said, str) or each.signal.type == "MESSAGE"


def lines(reports: Iterable[Report]) -> list[str]:
    """Reports as lines: several plain values on one, everything else on a line of its own."""
    written: list[str] = []
    for _, together in groupby(reports, key=lambda each: (each.machine.uuid, each.at)):
        group = list(together)
        shared = [each for each in group if not _stands_alone(each)]
        written += [line(shared[i : i + _PAIRS]) for i in range(0, len(shared), _PAIRS)]
        written += [line([each]) for each in group if _stands_alone(each)]
    return written


def cutting_tool(asset: Asset) -> str:
    """The CuttingTool document of an asset, over several lines."""
    return f"""<CuttingTool assetId="{asset.id}" serialNumber="{asset.serial}" toolId="{asset.id}" \
deviceUuid="{asset.device}" timestamp="{timestamp(asset.at)}">
  <Description>한빛정공 엔드밀 10 mm</Description>
  <CuttingToolLifeCycle>
    <CutterStatus><Status>USED</Status></CutterStatus>
    <ToolLife type="MINUTES" countDirection="DOWN" initial="60" warning="5" limit="0">\
{asset.minutes}</ToolLife>
    <ProgramToolNumber>{asset.pot}</ProgramToolNumber>
    <Location type="POT">{asset.pot}</Location>
  </CuttingToolLifeCycle>
</CuttingTool>"""


def asset_lines(asset: Asset) -> str:
    """An asset as SHDR sends it: a head, the document, and the mark that ends it."""
    mark = f"--multiline--{asset.serial}"
    return (
        f"{timestamp(asset.at, 3)}|@ASSET@|{asset.id}|CuttingTool|{mark}\n"
        f"{cutting_tool(asset)}\n{mark}\n"
    )


class ShdrMachine:
    """The adapter's end of the socket; an async context manager.

    ``silent`` while True: connected, but nothing is said, not even to a ping. ``cut_lines``: how
    many of the next lines lose their second half. ``clock_error``: nanoseconds by which its
    clock is wrong from now on.
    """

    def __init__(self, *, bind: str = "127.0.0.1", port: int = 0) -> None:
        self._bind, self._port = bind, port
        self._latest = Latest()
        self._asset: Asset | None = None
        self._clients: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.silent = False
        #: Set once the first client listens.
        self.joined = asyncio.Event()
        self.cut_lines = 0
        self.clock_error = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._bind, self._port)
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._server is not None:
            self._server.close()
        for client in tuple(self._clients):
            client.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        if self._server is None:
            return self._port
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """As ``mfgstd collect`` is given it."""
        return f"shdr://{self._bind}:{self.port}"

    @property
    def clients(self) -> int:
        """How many are listening."""
        return len(self._clients)

    def observe(self, reports: Iterable[Report]) -> None:
        """Send what the machines say to everyone who listens."""
        told = [replace(each, at=each.at + self.clock_error) for each in reports]
        for each in told:
            self._latest.apply(0, each)
        for text in lines(told):
            if self.cut_lines:
                self.cut_lines -= 1
                self._broadcast(text[: len(text) // 2] + "\n")
            else:
                self._broadcast(text)

    def store(self, asset: Asset) -> None:
        """Send a cutting tool, and keep it for those who join later."""
        self._asset = asset
        self._broadcast(asset_lines(asset))

    def disconnect(self) -> None:
        """Hang up on everyone, in good order."""
        for client in tuple(self._clients):
            client.close()

    def half_line(self) -> None:
        """Send the beginning of a line and hang up: its end never comes."""
        for client in tuple(self._clients):
            self._write(client, b"2026-01-05T00:00:00.000Z|Xpos|1.2")
            client.close()

    def garbage(self, data: bytes = b"\x00\xff\xfe|||\x80|\n") -> None:
        """Send bytes that are no SHDR."""
        for client in tuple(self._clients):
            self._write(client, data)

    def _broadcast(self, text: str) -> None:
        if not self.silent:
            for client in tuple(self._clients):
                self._write(client, text.encode())

    def _write(self, client: asyncio.StreamWriter, data: bytes) -> None:
        if client.transport.get_write_buffer_size() > _BACKLOG:
            client.transport.abort()
        elif not client.is_closing():
            client.write(data)

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            self._greet(client)
            self._clients.add(client)
            self.joined.set()
            while request := await reader.readline():
                if request.strip() == b"* PING" and not self.silent:
                    self._write(client, b"* PONG %d\n" % HEARTBEAT)
        except (ConnectionError, ValueError):
            pass  # a client that breaks off, or sends a line without an end, is gone
        finally:
            self._clients.discard(client)
            client.close()

    def _greet(self, client: asyncio.StreamWriter) -> None:
        if self.silent:
            return
        greeting = "* shdrVersion: 2.0\n* adapterVersion: 1.0\n"
        standing = sorted((each for _, each in self._latest.reports()), key=lambda each: each.at)
        self._write(client, (greeting + "".join(lines(standing))).encode())
        if self._asset is not None:
            self._write(client, asset_lines(self._asset).encode())
