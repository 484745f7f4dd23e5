"""A small real adapter, for the laws of the runtime: its source is a list.

Also a program: ``python -m tests.collect.listed FOLDER DIE_AT`` collects 40 batches of 100
observations into FOLDER and kills itself in the middle of a step of the runtime.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np
import pyarrow as pa

from mfgstd.adapters import AdapterSpec, Batch, Checkpoint, LossDetection, Rejected, Tally
from mfgstd.collect import Collection, Ledger, Session
from mfgstd.collect.envelope import Origin
from mfgstd.errors import MfgStdError
from mfgstd.finding import Finding, Place
from mfgstd.language import Text
from mfgstd.models._base import Document
from mfgstd.observations import assemble

ORIGIN = Origin(source="urn:example:list", adapter="list", version="1")


class Note(Document, frozen=True):
    """A document that only these tests know."""

    schema_id: ClassVar[str] = "https://w3id.org/mfgstd/equipment/test-note/1"

    id: str
    record_time: str | None = None


#: So many observations; seconds of silence; something to raise, once; or a batch as it is.
Step: TypeAlias = int | float | Exception | Batch


class ListAdapter:
    """Reads its steps one by one and knows where it was."""

    spec: ClassVar[AdapterSpec] = AdapterSpec(
        name="list",
        version="1",
        title=Text("A list", "목록"),
        schemes=("list",),
        loss=LossDetection.PROVED,
        settings={},
    )

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = list(steps)
        self.position = 0
        self.opened: list[Checkpoint | None] = []
        self.closed = 0

    async def check(self) -> list[Finding]:
        return []

    async def open(self, checkpoint: Checkpoint | None = None) -> None:
        self.opened.append(checkpoint)
        self.position = int((checkpoint or {}).get("position", 0))

    async def read(self) -> Batch | None:
        if self.position >= len(self.steps):
            return None
        step = self.steps[self.position]
        if isinstance(step, Exception):
            self.steps[self.position] = 0
            raise step
        if isinstance(step, float):
            await asyncio.sleep(step)
            step = 0
        self.position += 1
        if isinstance(step, Batch):
            return step
        return batch_of(step, self.position)

    async def close(self) -> None:
        self.closed += 1


def batch_of(rows: int, position: int, **more: Any) -> Batch:
    """A batch that is told by its position: so many rows, one document, all accounted for."""
    tally = Tally(read=rows, translated=rows, documents=Counter(Note=1), bytes=10 * rows)
    return Batch(
        observations=numbers(rows, position),
        documents=(Note(id=f"urn:example:note:{position}"),),
        tally=tally,
        checkpoint={"position": position},
        **more,
    )


def numbers(rows: int, position: int) -> pa.RecordBatch:
    return assemble(
        position * 1_000_000_000 + np.arange(rows, dtype=np.int64),
        {
            "data_item": "urn:example:item",
            "kind": "number",
            "number": np.arange(rows, dtype=np.float64),
            "unit": "mm",
            "status": "good",
            "source": ORIGIN.source,
        },
    )


def rejected(line: int) -> Rejected:
    return Rejected(
        raw=b"\xff\x00not a line",
        finding=Finding(
            rule="list.torn",
            message=Text("The line is cut off.", "줄이 잘렸습니다."),
            source=Place(path="list", line=line),
        ),
    )


def collect(
    folder: Path, steps: Sequence[Step], *, resume: bool = False, overwrite: bool = False
) -> Ledger:
    """Run the steps to their end."""
    collection = Collection(folder, ORIGIN, resume=resume, overwrite=overwrite)
    session = Session(ListAdapter(steps), collection)
    ledger = asyncio.run(session.run())
    if isinstance(session.error, MfgStdError):
        raise session.error
    return ledger


class _Dying(Collection):
    """A collection whose process dies in the tenth step of a kind, as by a power cut."""

    die_at = ""
    steps = 0

    def _step(self, name: str) -> None:
        if self.die_at == name:
            self.steps += 1
            if self.steps == 10:
                os.kill(os.getpid(), signal.SIGKILL)

    def write(self, batch: Batch) -> None:
        self._step("before-write")
        super().write(batch)
        self._step("after-write")
        self.commit()
        self._step("after-commit")

    def _commit(self) -> None:
        for sink in self._sinks:
            sink.commit()
        self._step("before-checkpoint")
        if (
            self.die_at == "torn"
            and self.steps == 0
            and (self.checkpoint or {}).get("position") == 9
        ):
            with (self.folder / "events.ndjson").open("ab") as stream:
                stream.write(b'{"specversion":"1.0","id":"cut of')
            with (self.folder / ".observations-00001.arrows").open("ab") as stream:
                stream.write(b"\xff\xff\xff\xff\x40\x00\x00\x00cut off")
            os.kill(os.getpid(), signal.SIGKILL)
        super()._commit()


if __name__ == "__main__":
    _Dying.die_at = sys.argv[2]
    dying = _Dying(Path(sys.argv[1]), ORIGIN)
    asyncio.run(Session(ListAdapter([100] * 40), dying).run())
