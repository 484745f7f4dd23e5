"""One adapter, run to its end or until told to stop, with every batch kept on the way.

The loop is: connect, read, write to every sink, make durable, remember where to go on. Whatever
the outside world does to it, what came is written, and the ledger says what it was.
"""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mfgstd.collect.backoff import Backoff
from mfgstd.collect.ledger import Spell
from mfgstd.collect.supervisor import Progress, State, Supervisor
from mfgstd.errors import MfgStdError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from mfgstd.adapters import Adapter, Batch
    from mfgstd.collect.collection import Collection
    from mfgstd.collect.ledger import Ledger

T = TypeVar("T")

#: Seconds of data that a power cut may make us read again; syncing more often costs throughput.
COMMIT_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When to stop, and when to worry.

    ``seconds`` and ``observations`` end the collection; a batch is never torn, so a few more
    observations than asked may come. ``stale_after`` is how many seconds without data or
    keep-alive make a source stale.
    """

    seconds: float | None = None
    observations: int | None = None
    stale_after: float = 10.0


class _StopRequested(Exception):
    """Time is up, enough has come, or somebody asked to stop: the way out of nested waiting."""


class Session:
    """Runs one adapter into one collection.

    A source that goes away is tried again without end; ``limits`` bound that. ``error`` is what
    ended it early, if anything did; a transient error is set only when the source was never
    reached at all. When it was away after that, the ledger says.
    """

    def __init__(
        self,
        adapter: Adapter,
        collection: Collection,
        *,
        limits: Limits | None = None,
        watch: Callable[[Progress], None] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self.error: MfgStdError | None = None
        self._adapter = adapter
        self._collection = collection
        self._limits = limits or Limits()
        self._supervisor = Supervisor(watch)
        self._backoff = backoff or Backoff()
        self._stop = asyncio.Event()
        self._uncommitted = False
        self._committed_at = self._heard_at = 0.0
        self._deadline = float("inf")
        self._alive: datetime | None = None
        self._away = False

    def stop(self) -> None:
        """End soon and cleanly; safe to call again."""
        self._stop.set()

    async def run(self) -> Ledger:
        """Collect until the source ends, a limit is reached, or a signal asks to stop.

        Everything that came is durable on return, also when the adapter failed; then
        ``error`` says why.
        """
        self._committed_at = self._heard_at = time.monotonic()
        if self._limits.seconds is not None:
            self._deadline = time.monotonic() + self._limits.seconds
        try:
            with self._stopping_on_signals():
                await self._collect()
        except _StopRequested:
            failure = self._supervisor.progress.error
            if not self._supervisor.ever_live and failure is not None:
                self.error = failure
        except MfgStdError as error:
            self.error = error
        finally:
            # An error that is our own defect passes through; what came is kept all the same.
            await self._adapter.close()
            self._back()
            ledger = await asyncio.to_thread(self._collection.close, self.error)
        self._supervisor.enter(State.FAILED if self.error else State.ENDED, error=self.error)
        return ledger

    async def _collect(self) -> None:
        while True:
            try:
                self._supervisor.enter(State.CONNECTING)
                await self._unless_stopped(self._adapter.open(self._collection.checkpoint))
                while (batch := await self._unless_stopped(self._adapter.read())) is not None:
                    if batch.tally.translated or batch.tally.unknown:
                        # What only sends something else is not our source, and is in no hurry.
                        self._backoff.reset()
                    await asyncio.to_thread(self._collection.write, batch)
                    self._uncommitted = True
                    self._heard(batch)
                    await self._commit_if_due()
                    self._stop_if_enough()
                    self._obey()
            except TransientError as error:
                self._away = self._alive is not None
                await self._adapter.close()
                wait = self._backoff.next()
                self._supervisor.enter(State.BACKOFF, error=error, retry_in=wait)
                await self._unless_stopped(asyncio.sleep(wait))
            else:
                return

    def _heard(self, batch: Batch) -> None:
        """Note a sign of life: any batch is one, also one without rows."""
        self._heard_at = time.monotonic()
        if batch.tally.bytes:
            # Without bytes it is our own words: what we lost sight of, or the device model.
            self._back()
            self._alive = datetime.now(UTC)
        progress = self._supervisor.progress
        progress.observations += batch.observations.num_rows
        progress.documents += len(batch.documents)
        progress.bytes += batch.tally.bytes
        progress.rejected += batch.tally.rejected
        self._supervisor.enter(State.LIVE)

    def _back(self) -> None:
        """A time without contact is over, or we are."""
        if self._away and self._alive is not None:
            self._collection.account.away(Spell(self._alive, datetime.now(UTC)))
        self._away = False

    def _stop_if_enough(self) -> None:
        enough = self._limits.observations
        if enough is not None and self._supervisor.progress.observations >= enough:
            raise _StopRequested

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """Await ``work``; meanwhile commit what is due, notice silence, obey stop and deadline."""
        working = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            while not working.done():
                await asyncio.wait(
                    {working, stopping},
                    timeout=self._until_something_is_due(),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                await self._commit_if_due()
                if not working.done():
                    # A batch that has come is taken even when we are to stop.
                    self._notice_silence()
                    self._obey()
            return working.result()
        finally:
            stopping.cancel()
            working.cancel()
            await asyncio.gather(working, stopping, return_exceptions=True)

    def _obey(self) -> None:
        if self._stop.is_set() or time.monotonic() >= self._deadline:
            raise _StopRequested

    def _until_something_is_due(self) -> float:
        now = time.monotonic()
        due = [self._deadline]
        if self._uncommitted:
            due.append(self._committed_at + COMMIT_SECONDS)
        if self._supervisor.progress.state is State.LIVE:
            due.append(self._heard_at + self._limits.stale_after)
        # A status line wants to be redrawn, and "for ever" is no time-out.
        return max(0.0, min(min(due) - now, 1.0))

    def _notice_silence(self) -> None:
        silent = time.monotonic() - self._heard_at >= self._limits.stale_after
        if silent and self._supervisor.progress.state is State.LIVE:
            self._supervisor.enter(State.STALE)
        else:
            self._supervisor.tell()

    async def _commit_if_due(self) -> None:
        if self._uncommitted and time.monotonic() - self._committed_at >= COMMIT_SECONDS:
            await asyncio.to_thread(self._collection.commit)
            self._uncommitted = False
            self._committed_at = time.monotonic()

    @contextmanager
    def _stopping_on_signals(self) -> Iterator[None]:
        """The first SIGINT or SIGTERM ends cleanly; a second one is for whoever is in a hurry."""
        loop = asyncio.get_running_loop()
        caught: list[signal.Signals] = []

        def obey() -> None:
            self.stop()
            while caught:
                loop.remove_signal_handler(caught.pop())

        for each in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(each, obey)
            except (NotImplementedError, ValueError, RuntimeError):
                # Windows, or not the main thread: there the caller uses stop().
                continue
            caught.append(each)
        try:
            yield
        finally:
            while caught:
                loop.remove_signal_handler(caught.pop())
