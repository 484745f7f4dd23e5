"""Connected is not delivering: what is known of a source, by whether data or keep-alives come."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mfgstd.errors import MfgStdError


class State(StrEnum):
    """What the runtime believes of a source."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    """Connected, but neither data nor a keep-alive for too long."""
    BACKOFF = "backoff"
    FAILED = "failed"
    ENDED = "ended"


@dataclass(slots=True, kw_only=True)
class Progress:
    """Live figures of one collection, for a status line; counts are of this run."""

    state: State = State.CONNECTING
    observations: int = 0
    documents: int = 0
    bytes: int = 0
    rejected: int = 0
    started: float = field(default_factory=time.monotonic)
    retry_in: float | None = None
    error: MfgStdError | None = None

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started


class Supervisor:
    """Holds the state, tells a watcher of every change and every batch."""

    def __init__(self, watch: Callable[[Progress], None] | None = None) -> None:
        self.progress = Progress()
        self.ever_live = False
        self._watch = watch

    def enter(
        self, state: State, *, error: MfgStdError | None = None, retry_in: float | None = None
    ) -> None:
        """Go to ``state``; the reason stays shown until data flows."""
        self.progress.state = state
        self.progress.retry_in = retry_in
        if error is not None:
            self.progress.error = error
        if state is State.LIVE:
            self.ever_live = True
            self.progress.error = None
        self.tell()

    def tell(self) -> None:
        """Let the watcher look."""
        if self._watch is not None:
            self._watch(self.progress)
