"""The three ways to a machine, each from connecting to batches: a log, a socket, an agent.

Thin: bytes come from a client, translation is pure, and what stands here is what neither of them
may know: where to go on after a restart, and what to say when contact is lost.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import uuid5

from mfgstd.adapters import Batch, Tally
from mfgstd.errors import ConfigError, TransientError
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.models import Gap
from mfgstd.observations.assembly import empty
from mfgstd_adapters.mtconnect.clients.file import LogFile
from mfgstd_adapters.mtconnect.model.devices import NAMESPACE
from mfgstd_adapters.mtconnect.reports.moments import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mfgstd.adapters import Checkpoint
    from mfgstd_adapters.mtconnect.clients.http import AgentClient
    from mfgstd_adapters.mtconnect.clients.tcp import ShdrClient
    from mfgstd_adapters.mtconnect.model.device_model import DeviceModel
    from mfgstd_adapters.mtconnect.shdr import ShdrTranslator
    from mfgstd_adapters.mtconnect.streams.translator import StreamsTranslator


#: What answers a client that did not ask in HTTP: a status line, or the page of an error.
_NOT_SHDR: Final = (b"HTTP/", b"<")


class Source(Protocol):
    """One way to a machine."""

    async def open(self, checkpoint: Checkpoint | None) -> None:
        """Connect, or go on."""
        ...

    async def read(self) -> Batch | None:
        """The next batch, or ``None`` at the end."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...


class LogSource:
    """A SHDR log; its checkpoint is the offset and line after the last complete report.

    Args:
        path: the file.
        translator: makes a translator that goes on after so many lines.
    """

    def __init__(self, path: str, translator: Callable[[int], ShdrTranslator]) -> None:
        self._path = path
        self._make = translator
        self._file: LogFile | None = None
        self._translator: ShdrTranslator | None = None
        self._offset = 0

    async def open(self, checkpoint: Checkpoint | None) -> None:
        """Open the file where the checkpoint was taken."""
        known: Mapping[str, Any] = checkpoint or {}
        offset, line = known.get("offset", 0), known.get("line", 0)
        self._offset = offset if isinstance(offset, int) else 0
        self._translator = self._make(line if isinstance(line, int) else 0)
        self._file = await asyncio.to_thread(self._opened)

    async def read(self) -> Batch | None:
        """Translate the next piece of the file."""
        if self._file is None or self._translator is None:
            return None
        return await asyncio.to_thread(self._next, self._file, self._translator)

    async def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> LogFile:
        file = LogFile(self._path)
        file.skip(self._offset)
        return file

    def _next(self, file: LogFile, translator: ShdrTranslator) -> Batch:
        data = file.read()
        self._offset += len(data)
        if data:
            batch = translator.translate(data, time.time_ns())
            octets, lines = translator.waiting
            place = {"offset": self._offset - octets, "line": translator.line - lines}
        else:
            batch = translator.finish(time.time_ns())
            batch = replace(batch, findings=(*self._placed(translator), *batch.findings))
            place = {"offset": self._offset, "line": translator.line}
            file.close()
            self._file = None
        return replace(batch, checkpoint=place)

    def _placed(self, translator: ShdrTranslator) -> list[Any]:
        """What is wrong with the file as a file, with the line that was reached."""
        if self._file is None:
            return []
        return [
            replace(each, source=replace(each.source, line=translator.line or None))
            for each in self._file.findings
        ]


class SocketSource:
    """SHDR over TCP. Nothing is kept by the other side, so there is nowhere to go back to.

    Args:
        client: the connection.
        translator: translates what comes, over all connections.
        source: the source as documents name it.
    """

    def __init__(self, client: ShdrClient, translator: ShdrTranslator, source: str) -> None:
        self._client = client
        self._translator = translator
        self._source = source
        self._alive: int | None = None
        self._lost: TransientError | None = None
        self._lost_since: int | None = None

    async def open(self, checkpoint: Checkpoint | None) -> None:
        """Connect."""
        del checkpoint
        self._lost = None
        await self._client.connect()

    async def read(self) -> Batch | None:
        """What came, or, once, that nothing comes any more; then the error says why."""
        if self._lost is not None:
            raise self._lost
        try:
            data, received = await self._client.read()
        except TransientError as error:
            if self._alive is None:
                raise
            self._lost = error
            return self._gone(self._alive)
        if self._alive is None and data.lstrip().startswith(_NOT_SHDR):
            raise self._other_protocol()
        batch = self._translator.translate(data, received)
        if self._lost_since is not None:
            batch = replace(batch, documents=(self._gap(received), *batch.documents))
            batch.tally.documents["Gap"] += 1
            self._lost_since = None
        self._alive = received
        return batch

    async def close(self) -> None:
        """Disconnect."""
        await self._client.close()

    def _other_protocol(self) -> ConfigError:
        return ConfigError(
            Text(
                "What listens there speaks HTTP, not SHDR.",
                "이 포트에서는 SHDR이 아니라 HTTP로 응답합니다.",
            ),
            place=Place(path=self._source),
            hint=Text(
                "Of an agent write http://host:port, or find the port of the SHDR adapter"
                " (7878 by custom).",
                "에이전트라면 http://호스트:포트로 쓰고, 아니면 SHDR 어댑터의 포트(보통 7878)를"
                " 확인하십시오.",
            ),
        )

    def _gone(self, alive: int) -> Batch:
        now = time.time_ns()
        if self._lost_since is None:
            self._lost_since = alive
        # A line that was cut off with the connection will not be completed by the next one.
        rest = self._translator.interrupt(now)
        lost = self._translator.disconnected(now, alive=alive)
        rest.tally.documents += lost.tally.documents
        return replace(lost, findings=rest.findings, rejected=rest.rejected, tally=rest.tally)

    def _gap(self, until: int) -> Gap:
        since = until if self._lost_since is None else self._lost_since
        return Gap.from_json(
            {
                "id": f"urn:uuid:{uuid5(NAMESPACE, f'gap {self._source} {since}')}",
                "source": self._source,
                "from": timestamp(min(since, until)),
                "to": timestamp(until),
                "reason": "disconnected",
                "outcome": "unknown",
            }
        )


class AgentSource:
    """An agent over HTTP, polled; its checkpoint is that of its sequence numbers.

    Args:
        client: makes what fetches documents; one that was closed is not used again.
        translator: makes a translator for a device model.
        model: reads what the agent's probe says, and gives what is to be told of it.
        interval: seconds between polls that found everything.
        count: observations asked for at once.
    """

    def __init__(
        self,
        client: Callable[[], AgentClient],
        translator: Callable[[DeviceModel], StreamsTranslator],
        model: Callable[[bytes | None], tuple[DeviceModel, Batch]],
        *,
        probe: bool,
        interval: float,
        count: int,
    ) -> None:
        self._connect = client
        self._client: AgentClient | None = None
        self._make = translator
        self._read_model = model
        self._probe = probe
        self._interval = interval
        self._count = count
        self._translator: StreamsTranslator | None = None
        self._due: float = 0.0
        self._snapshot = False
        self._told: Batch | None = None

    async def open(self, checkpoint: Checkpoint | None) -> None:
        """Learn what the agent has, and go on from the checkpoint if there is one."""
        await self.close()
        self._client = self._connect()
        await self._learn(checkpoint, self._client)
        self._snapshot = not (checkpoint and "next" in checkpoint)

    async def read(self) -> Batch | None:
        """The next observations; waits until there may be some."""
        translator, client = self._translator, self._client
        if translator is None or client is None:
            return None
        if self._told is not None:
            told, self._told = self._told, None
            return replace(told, checkpoint=translator.checkpoint)
        await asyncio.sleep(max(0.0, self._due - time.monotonic()))
        before = translator.checkpoint
        if self._snapshot:
            data = await client.current()
            batch = translator.translate(data, time.time_ns(), snapshot=True)
            self._snapshot = False
            self._due = 0.0
        else:
            data = await client.sample(before.get("next"), self._count)
            batch = translator.translate(data, time.time_ns())
            more = batch.tally.read >= self._count
            self._due = 0.0 if more else time.monotonic() + self._interval
            # Nothing came of an error that says "out of range": look at how things are now.
            self._snapshot = any(each.rule == "mtconnect.out-of-range" for each in batch.findings)
        after = translator.checkpoint
        if "instanceId" in before and after.get("instanceId") != before["instanceId"]:
            # The agent was started anew, perhaps with another model.
            await self._learn(after, client)
        return batch

    async def close(self) -> None:
        """Close the connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _learn(self, checkpoint: Checkpoint | None, client: AgentClient) -> None:
        data = await client.probe() if self._probe else None
        model, told = self._read_model(data)
        self._translator = self._make(model)
        if checkpoint:
            self._translator.restore(checkpoint)
        self._told = told if told.documents or told.findings else None


def announcement(documents: tuple[Any, ...], findings: tuple[Any, ...]) -> Batch:
    """A batch that tells of a device model, before anything is observed."""
    tally = Tally()
    for each in documents:
        tally.documents[type(each).__name__] += 1
    return Batch(observations=empty(), documents=documents, findings=findings, tally=tally)
