"""One session with a product: its frames into the trace, until it ends or has to be ended."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from mfgstd.observations import SCHEMA
from mfgstd_conformance.drivers.process import Flood, Frame, Process

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd_conformance.drivers.base import Limits
    from mfgstd_conformance.trace import TraceWriter

_TICK: Final = 0.02


class Session:
    """Runs a product against one source and records all that it gives.

    Args:
        writer: the trace.
        name: of the session.
        wire: how the data comes: mtconnect, shdr, log or input.
        role: live, recorded, or again for a repetition.
        limits: the product's bounds.
    """

    def __init__(
        self, writer: TraceWriter, name: str, *, wire: str, role: str, limits: Limits
    ) -> None:
        self.name = name
        self._writer = writer
        self._wire = wire
        self._role = role
        self._limits = limits
        self._rows = self._documents = 0
        self._stopped_at: float | None = None
        self._ended = False
        self._failed = False
        self._drained = False
        self._stopping = asyncio.Event()
        self._process: Process | None = None
        #: The latest event time that was delivered, in nanoseconds since 1970.
        self.latest = 0
        #: Set when the product runs, and when the session is over.
        self.ready = asyncio.Event()
        self.over = asyncio.Event()
        #: When the last frame came.
        self.heard = time.monotonic()

    async def run(self, target: str, url: str, settings: Mapping[str, Any], **more: Any) -> None:
        """Start the product and record until it ends; ``more`` goes to the process."""
        begun = time.monotonic()
        self._writer.event(
            "driver", "session.started", self.name, wire=self._wire, role=self._role,
            driver="python",
        )  # fmt: skip
        try:
            async with Process(target, self._limits, **more) as process:
                self._process = process
                await process.order({"mode": "run", "url": url, "settings": dict(settings)})
                how = await self._record(process)
                since = begun if self._stopped_at is None else self._stopped_at
                self._writer.event(
                    "product", "product.ended", self.name,
                    how=how, seconds=round(time.monotonic() - since, 3),
                )  # fmt: skip
        finally:
            self._writer.event("driver", "session.ended", self.name)
            self.over.set()
            self.ready.set()

    async def stop(self) -> None:
        """Ask the product to end; it has so many seconds, and is then ended."""
        if self._process is not None and not self.over.is_set() and self._stopped_at is None:
            self._stopped_at = time.monotonic()
            self._stopping.set()
            await self._process.order({"stop": True})

    async def reached(self, moment: int, seconds: float) -> bool:
        """Wait until something of that time was delivered, at most so long."""
        deadline = time.monotonic() + seconds
        while self.latest < moment:
            if self.over.is_set() or time.monotonic() > deadline:
                return False
            await asyncio.sleep(_TICK)
        return True

    async def quiet(self, seconds: float, at_most: float = math.inf) -> None:
        """Wait until nothing has come for so long; a product may well never fall silent."""
        deadline = time.monotonic() + at_most
        while not self.over.is_set():
            now = time.monotonic()
            left = min(seconds - (now - self.heard), deadline - now)
            if left <= 0:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), left)

    async def _record(self, process: Process) -> str:
        """Take frames; returns how the product ended."""
        reading = asyncio.ensure_future(self._frames(process))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                await asyncio.wait({reading}, timeout=self._limits.stop)
            if not reading.done():
                return "killed"
            return reading.result()
        finally:
            reading.cancel()
            stopping.cancel()
            await asyncio.gather(reading, stopping, return_exceptions=True)

    async def _frames(self, process: Process) -> str:
        try:
            while (frame := await process.frame()) is not None:
                self.heard = time.monotonic()
                self._take(frame)
        except Flood as flood:
            self._error(f"The product was stopped: {flood}.", step="flood")
            return "killed"
        await process.gone()
        if not self._ended or self._failed:
            if process.stderr and not self._failed:
                self._error(process.stderr.decode("utf-8", "replace")[-1000:], step="end")
            return "crashed"
        return "asked" if self._stopped_at is not None and not self._drained else "by itself"

    def _take(self, frame: Frame) -> None:
        what = frame.what
        match frame.kind:
            case "ready":
                self.ready.set()
            case "observations":
                self._observations(frame.payload)
            case "document":
                self._documents += 1
                schema = what.get("schema")
                named = schema if isinstance(schema, str) else None
                self._writer.document(self.name, frame.payload, schema=named)
            case "raw":
                self._documents += 1
                self._writer.raw(
                    self.name, frame.payload, str(what.get("reason")),
                    problems=what.get("problems", ()),
                )  # fmt: skip
            case "ledger":
                self._writer.event(
                    "product", "product.ledger", self.name, ledger=what.get("ledger", {})
                )
            case "error":
                self._error(str(what.get("en", "")), step=str(what.get("step", "")))
            case "failed":
                self._failed = True
            case "drained":
                self._drained = True
            case "ended":
                self._ended = True
        if self._rows > self._limits.rows or self._documents > self._limits.documents:
            raise Flood(f"{self._rows} observations, {self._documents} documents")

    def _observations(self, payload: bytes) -> None:
        try:
            batch = pa.ipc.read_record_batch(pa.py_buffer(payload), SCHEMA)
            latest = pc.max(batch["event_time"].cast(pa.int64())).as_py()
        except (pa.ArrowException, OSError) as error:
            raise Flood(f"not a batch: {error}") from None
        self._rows += batch.num_rows
        self._writer.observations(self.name, batch)
        self.latest = max(self.latest, (latest or 0) * 1000 + 999)

    def _error(self, text: str, *, step: str) -> None:
        self._writer.event("product", "product.error", self.name, text=text[:2000], step=step)
