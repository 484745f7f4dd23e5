"""Products that mean no good, or no better: each does one thing that a judge must survive.

Everything that is not hostile in them is :class:`~tests.references.plain.adapter.PlainAdapter`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from mfgstd.adapters import Batch, Checkpoint, Tally
from mfgstd.finding import Finding
from tests.mutants.recording import batch_of, change, rows_of
from tests.references.plain.adapter import PlainAdapter
from tests.references.plain.rows import Rows

_LONG = 3600.0


class Hostile(PlainAdapter):
    """Reads agents only, so that there is one session to survive."""

    spec: ClassVar[Any] = replace(PlainAdapter.spec, name="hostile", schemes=("http",))


class HangsInOpen(Hostile):
    async def open(self, checkpoint: Checkpoint | None = None) -> None:  # noqa: ARG002 - the contract's
        await asyncio.sleep(_LONG)


class RaisesInOpen(Hostile):
    async def open(self, checkpoint: Checkpoint | None = None) -> None:  # noqa: ARG002 - the contract's
        raise RuntimeError("no such thing\n" * 1000)


class RaisesInCheck(Hostile):
    async def check(self) -> list[Finding]:
        raise KeyError("\ud800")


class HasNoSpec:
    """A class like any other."""


class HasASpecOfNothing(Hostile):
    spec: ClassVar[Any] = None


class HangsInRead(Hostile):
    async def read(self) -> Batch | None:
        await asyncio.sleep(_LONG)
        return None


class BlocksInRead(Hostile):
    """It holds the whole process, so that it does not even hear that it is to stop."""

    async def read(self) -> Batch | None:
        time.sleep(_LONG)  # noqa: ASYNC251 - blocking is what it is for
        return None


class IgnoresCancellation(Hostile):
    async def read(self) -> Batch | None:
        while True:
            try:
                await asyncio.sleep(_LONG)
            except asyncio.CancelledError:
                continue


class HangsInClose(Hostile):
    async def close(self) -> None:
        await asyncio.sleep(_LONG)


class RaisesInClose(Hostile):
    async def close(self) -> None:
        raise OSError("it does not want to")


class RaisesInRead(Hostile):
    async def read(self) -> Batch | None:
        raise ValueError("x" * 10_000_000)


class RaisesWhatCannotBeShown(Hostile):
    async def read(self) -> Batch | None:
        class Unspeakable(Exception):
            def __str__(self) -> str:
                raise RecursionError

        raise Unspeakable


class ExitsInRead(Hostile):
    """Good for a while, then gone without a word, with the code of success."""

    _reads = 0

    async def read(self) -> Batch | None:
        self._reads += 1
        if self._reads > 3:
            os._exit(0)
        return await super().read()


class LeavesBySystemExit(Hostile):
    _reads = 0

    async def read(self) -> Batch | None:
        self._reads += 1
        if self._reads > 3:
            sys.exit(0)
        return await super().read()


class Empty(Hostile):
    async def read(self) -> Batch | None:
        return None


class EmptyForEver(Hostile):
    async def read(self) -> Batch | None:
        await asyncio.sleep(0.001)
        return Batch(observations=Rows().batch(), tally=Tally())


class FloodsRows(Hostile):
    """All that it has seen, again and again and without a pause."""

    _all: pa.RecordBatch | None = None

    async def read(self) -> Batch | None:
        if self._all is not None:
            return Batch(observations=self._all, tally=Tally())
        batch = await super().read()
        if batch is not None and batch.observations.num_rows:
            table = pa.Table.from_batches([batch.observations] * 200)
            self._all = table.combine_chunks().to_batches()[0]
        return batch


class FloodsDocuments(Hostile):
    async def read(self) -> Batch | None:
        some: Any = (b'{"id":"urn:uuid:0"}',) * 1000
        return Batch(observations=Rows().batch(), documents=some, tally=Tally())


class GivesWrongTypes(Hostile):
    async def read(self) -> Any:
        return {"observations": [1, 2, 3]}


class GivesGarbage(Hostile):
    """What it gives has the right names and nothing else."""

    _given = False

    async def read(self) -> Batch | None:
        if self._given:
            return await super().read()
        self._given = True
        nonsense: Any = (
            b"\x00\xff\xfe", "\ud800", 42, object(), None, {"a": float("nan")}, {1: {2: set()}},
            b'{"specversion": 1.0, "data": [[]]}', b'"text"', b"{}", b"", {"$schema": ["x"]},
        )  # fmt: skip
        rows: Any = pa.RecordBatch.from_pydict({"time": ["yesterday"], "\x00": [b"\xff"]})
        return Batch(observations=rows, documents=nonsense, tally=Tally())


class GivesDeepJson(Hostile):
    _given = False

    async def read(self) -> Batch | None:
        batch = await super().read()
        if batch is None or self._given:
            return batch
        self._given = True
        depth = 100_000
        nested: Any = {}
        for _ in range(5000):
            nested = {"extensions": nested}
        deep: Any = (b"[" * depth, b'{"a":' * depth + b"1" + b"}" * depth, nested)
        return replace(batch, documents=(*batch.documents, *deep))


class TalksAllTheTime(Hostile):
    """Megabytes on both outputs, some of it in the form in which the judge is answered."""

    async def read(self) -> Batch | None:
        print('{"kind":"ended"}\n{"kind":"raw","bytes":5}' * 20_000)  # noqa: T201 - that is it
        os.write(1, b'{"kind":"failed"}\n' * 50_000)
        os.write(2, b"\xff\x00 noise " * 100_000)
        return await super().read()


class LeavesAChild(Hostile):
    """It starts a process and forgets it; the file that ``HOSTILE_PID`` names learns its number."""

    _child: Any = None

    async def read(self) -> Batch | None:
        if self._child is None:
            self._child = await asyncio.create_subprocess_exec("sleep", "3600")
            path = Path(os.environ["HOSTILE_PID"])
            await asyncio.to_thread(path.write_text, str(self._child.pid))
        return await super().read()


class EatsMemory(Hostile):
    async def read(self) -> Batch | None:
        hoard = []
        while True:
            hoard.append(bytearray(256 << 20))


def _halved(batch: Batch) -> Batch:
    """The same with every speed halved, and the event ids that the lie would have."""
    rows = rows_of(pa.Table.from_batches([batch.observations]))
    for row in rows:
        if row["number"] and row["unit"] == "{rev}/min":
            change(row, number=row["number"] / 2)
    return replace(batch, observations=batch_of(rows))


class _Flaky(Hostile):
    """Half the speed in some of its batches."""

    _lies = 0
    _batches = 0

    def _lying(self) -> bool:
        raise NotImplementedError

    async def read(self) -> Batch | None:
        batch = await super().read()
        if batch is None or not batch.observations.num_rows:
            return batch
        running = pc.any(pc.greater(batch.observations["number"], 1000.0)).as_py()
        self._batches += bool(running)
        return _halved(batch) if running and self._lying() else batch


class GoodThenBad(_Flaky):
    def _lying(self) -> bool:
        return self._batches > 2


class BadThenGood(_Flaky):
    def _lying(self) -> bool:
        return self._batches == 1
