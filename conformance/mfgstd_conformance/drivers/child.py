"""The process in which a Python product runs, so that nothing it does can hurt the judge.

Orders come as JSON lines on standard input. What the product gives goes back on standard output
as frames: one JSON line, followed by as many bytes as its member ``bytes`` says. The product's own
output goes to standard error. Started as ``python -m mfgstd_conformance.drivers.child``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import pyarrow as pa

from mfgstd.adapters import Tally, load
from mfgstd.errors import MfgStdError, TransientError
from mfgstd.finding import Severity
from mfgstd.observations import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Coroutine

#: Seconds before a lost source is tried again.
_RETRY: Final = 0.2
#: Seconds that the smoke step waits for a first batch.
_FIRST: Final = 2.0
_TEXT: Final = 2000
_NAMES: Final = 10_000


class _Frames:
    """Standard output, as long as nobody else writes to it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def send(self, kind: str, payload: bytes | None = None, **what: Any) -> None:
        head = {"kind": kind, **what}
        if payload is not None:
            head["bytes"] = len(payload)
        text = json.dumps(head, default=str)
        self._stream.write(text.encode() + b"\n" + (payload or b""))
        self._stream.flush()

    def error(self, error: BaseException, step: str) -> None:
        """What the product raised, in both languages where it can say it so."""
        what: dict[str, Any] = {"step": step, "type": type(error).__name__}
        if isinstance(error, MfgStdError):
            what |= {"en": error.message.en[:_TEXT], "ko": error.message.ko[:_TEXT]}
            if error.hint is not None:
                what["hint"] = {"en": error.hint.en[:_TEXT], "ko": error.hint.ko[:_TEXT]}
        else:
            try:
                text = f"{type(error).__name__}: {error}"[:_TEXT]
            except Exception:  # noqa: BLE001 - even the text of a stranger's exception may raise
                text = type(error).__name__
            what |= {"en": text, "ko": text}
        self.send("error", **what)


class _Runner:
    """One product, from its making to its end."""

    def __init__(self, frames: _Frames, stop: asyncio.Event) -> None:
        self._frames = frames
        self._stop = stop
        self._tally = Tally()

    async def smoke(self, adapter: Any) -> None:
        """Check, open, one batch, close."""
        found = await adapter.check()
        wrong = [each for each in found or () if each.severity is Severity.ERROR]
        if wrong:
            first = wrong[0]
            hint = None if first.hint is None else first.hint._asdict()
            self._frames.send("checked", wrong=first.message._asdict(), hint=hint)
        else:
            self._frames.send("checked")
        await adapter.open()
        self._frames.send("opened")
        try:
            async with asyncio.timeout(_FIRST):
                batch = await adapter.read()
            self._frames.send("read", rows=0 if batch is None else batch.observations.num_rows)
        except Exception as error:  # noqa: BLE001 - reading is judged in the run, not here
            self._frames.error(error, "read")
        await adapter.close()
        self._frames.send("ended")

    async def run(self, adapter: Any) -> None:
        """Read until the source ends or a stop is asked for, coming back after each loss."""
        checkpoint: Any = None
        step = "open"
        try:
            while not self._stop.is_set():
                try:
                    step = "open"
                    if not await self._unless_stopped(adapter.open(checkpoint)):
                        break
                    step = "read"
                    while (read := await self._unless_stopped(adapter.read())) is not None:
                        if read[0] is None:
                            self._frames.send("drained")
                            return
                        self._give(read[0])
                        checkpoint = read[0].checkpoint
                    break
                except TransientError as error:
                    self._frames.error(error, step)
                    await adapter.close()
                    await self._unless_stopped(asyncio.sleep(_RETRY))
        except Exception as error:  # noqa: BLE001 - whatever a stranger raises is evidence
            self._frames.error(error, step)
            self._frames.send("failed")
        finally:
            self._account()
            try:
                await adapter.close()
                self._frames.send("ended")
            except Exception as error:  # noqa: BLE001 - the same
                self._frames.error(error, "close")

    async def _unless_stopped(self, work: Coroutine[Any, Any, Any]) -> tuple[Any] | None:
        """What ``work`` gives, in a tuple; ``None`` if a stop came first."""
        working = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            # What has been read is delivered, also when we are to stop.
            return (working.result(),) if working.done() else None
        finally:
            stopping.cancel()
            working.cancel()
            await asyncio.gather(working, stopping, return_exceptions=True)

    def _give(self, batch: Any) -> None:
        self._tally += batch.tally
        for document in batch.documents:
            self._document(document)
        self._observations(batch.observations)

    def _document(self, document: Any) -> None:
        schema = getattr(type(document), "schema_id", None)
        try:
            match document:
                case bytes():
                    data = document
                case str():
                    data = document.encode("utf-8", "surrogatepass")
                case dict():
                    data = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
                case _:
                    data = document.to_bytes()
        except Exception as error:  # noqa: BLE001 - RecursionError, and what to_bytes may raise
            text = f"{type(document).__name__}: {type(error).__name__}"
            self._frames.send("raw", text.encode(), reason="type")
            return
        self._frames.send("document", data, schema=schema)

    def _observations(self, batch: Any) -> None:
        problems = list(_problems(batch))
        if problems:
            self._frames.send("raw", b"", reason="columns", problems=problems)
        elif batch.num_rows:
            self._frames.send("observations", batch.serialize().to_pybytes(), rows=batch.num_rows)

    def _account(self) -> None:
        tally = self._tally
        self._frames.send(
            "ledger",
            ledger={
                "read": tally.read,
                "translated": tally.translated,
                "bad": tally.bad,
                "unknown": dict(tally.unknown.most_common(_NAMES)),
                "rejected": tally.rejected,
                "lines": dict(tally.lines),
                "documents": dict(tally.documents),
                "bytes": tally.bytes,
            },
        )


def _problems(batch: Any) -> list[dict[str, str]]:
    """Where a batch differs from the columns of the standard."""
    if not isinstance(batch, pa.RecordBatch):
        return [{"column": "", "expected": "a record batch", "found": type(batch).__name__}]
    given = {each.name: str(each.type) for each in batch.schema}
    wanted = {each.name: str(each.type) for each in SCHEMA}
    problems = [
        {"column": name, "expected": wanted.get(name, "no such column"),
         "found": given.get(name, "absent")}
        for name in (*wanted, *(each for each in given if each not in wanted))
        if given.get(name) != wanted.get(name)
    ]  # fmt: skip
    if not problems and batch.schema.names != SCHEMA.names:
        problems = [{"column": "", "expected": "the order of the standard", "found": "another"}]
    if not problems:
        try:
            batch.validate(full=True)
        except pa.ArrowInvalid as error:
            problems = [{"column": "", "expected": "a valid batch", "found": str(error)[:200]}]
    return problems


def _product(order: dict[str, Any]) -> Any:
    if "name" in order:
        return load(order["name"])
    from importlib import import_module

    return getattr(import_module(order["module"]), order["class"])


def _bound_memory(limit: int) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit; there the parent's bounds must do
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


async def _main(frames: _Frames) -> None:
    order = json.loads(sys.stdin.readline())
    _bound_memory(order["memory"])
    stop = asyncio.Event()
    try:
        made = _product(order)
        spec = made.spec
        frames.send(
            "ready",
            spec={
                "name": str(spec.name),
                "version": str(spec.version),
                "schemes": [str(each) for each in spec.schemes],
                "settings": sorted(spec.settings.get("properties", {})),
            },
        )
        how = json.loads(sys.stdin.readline() or "null")
        if how is None:
            return
        adapter = made(how["url"], **how["settings"])
    except BaseException as error:  # noqa: BLE001 - SystemExit in an import is a broken set-up too
        frames.error(error, "start")
        return
    loop = asyncio.get_running_loop()

    def listen() -> None:
        sys.stdin.readline()  # the order to stop, or the judge's end
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=listen, daemon=True).start()
    runner = _Runner(frames, stop)
    if how["mode"] == "smoke":
        try:
            await runner.smoke(adapter)
        except Exception as error:  # noqa: BLE001 - whatever a stranger raises is evidence
            frames.error(error, "smoke")
    else:
        await runner.run(adapter)


def main() -> None:
    """Run the product that standard input names."""
    # The product may print: its words must not be taken for frames.
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    frames = _Frames(stream)
    try:
        asyncio.run(_main(frames))
    except (SystemExit, KeyboardInterrupt) as error:
        # It left in the middle of its work: whatever code it leaves with, that is no good end.
        frames.error(error, "run")
        frames.send("failed")
        raise


if __name__ == "__main__":
    main()
