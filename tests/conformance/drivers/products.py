"""Products to drive: each class does one thing that a product might do. Imported by name."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any, ClassVar

from mfgstd.adapters import AdapterSpec, Batch, Checkpoint, LossDetection, Tally
from mfgstd.errors import ConfigError
from mfgstd.finding import Finding
from mfgstd.language import Text
from mfgstd.observations.assembly import empty


class Quiet:
    """Connects, and delivers nothing."""

    spec: ClassVar[AdapterSpec] = AdapterSpec(
        name="quiet",
        version="1.0",
        title=Text("Quiet", "조용한 제품"),
        schemes=("shdr",),
        loss=LossDetection.UNDETECTABLE,
        settings={},
    )

    def __init__(self, url: str, **settings: Any) -> None:
        self.url, self.settings = url, settings

    async def check(self) -> list[Finding]:
        return []

    async def open(self, checkpoint: Checkpoint | None = None) -> None:
        del checkpoint

    async def read(self) -> Batch | None:
        await asyncio.sleep(0.05)
        return Batch(observations=empty(), tally=Tally())

    async def close(self) -> None:
        return


class Deaf(Quiet):
    """Does not end when asked: it blocks for ever in the middle of a read."""

    async def read(self) -> Batch | None:
        while True:
            time.sleep(1)  # noqa: ASYNC251 - on purpose


class Dying(Quiet):
    """Its process ends without a word."""

    async def read(self) -> Batch | None:
        os._exit(7)


class Raising(Quiet):
    """Raises what nobody expects."""

    async def read(self) -> Batch | None:
        raise ZeroDivisionError("on purpose")


class Garbage(Quiet):
    """Prints where frames go, and gives what is neither document nor columns."""

    async def read(self) -> Batch | None:
        print("{not a frame")  # noqa: T201 - on purpose
        os.write(1, b"\x00\xff not a frame\n")
        deep: Any = "x"
        for _ in range(100_000):
            deep = [deep]
        documents: tuple[Any, ...] = (object(), {"a": float("nan")}, {"deep": deep}, b"\xff\xfe")
        await asyncio.sleep(0.05)
        rows: Any = "no batch"
        return Batch(observations=rows, documents=documents, tally=Tally())


class Chatty(Quiet):
    """Says something ten times a second, for ever, and ends when it is asked to."""

    async def read(self) -> Batch | None:
        await asyncio.sleep(0.1)
        documents: tuple[Any, ...] = ({"still": "here"},)
        return Batch(observations=empty(), documents=documents, tally=Tally())


class Flooding(Quiet):
    """Never stops to speak."""

    async def read(self) -> Batch | None:
        documents: tuple[Any, ...] = ({"a": "b" * 1000},) * 1000
        return Batch(observations=empty(), documents=documents, tally=Tally())


class Unwell(Quiet):
    """Says itself that it cannot start."""

    async def open(self, checkpoint: Checkpoint | None = None) -> None:
        del checkpoint
        raise ConfigError(Text("There is no licence.", "라이선스가 없습니다."))


class Stuck(Quiet):
    """Never comes back from its check."""

    async def check(self) -> list[Finding]:
        await asyncio.sleep(3600)
        return []


class Unmade(Quiet):
    """Cannot even be made."""

    def __init__(self, url: str, **settings: Any) -> None:
        del settings
        raise RuntimeError(f"no {url[:4]}")
