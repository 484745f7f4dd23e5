"""Chunks of documents judged by several processes, in order, with what one process would find.

Each worker is a fresh interpreter that talks over its own pipes: chunks in, results out, and
nothing else is shared. That is slower to start than a fork, but a fork copies a process in whose
threads DuckDB or Arrow may hold a lock, and :mod:`multiprocessing` would run the caller's main
module once more. One thread of ours stands before each worker; it only waits.

A worker that dies (killed for its memory, a crash in a library) is replaced and its chunk judged
again, twice at most: a chunk that kills three workers is at fault itself.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import struct
import subprocess
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any, Final, Self

from mfgstd.errors import SystemFault
from mfgstd.language import Text
from mfgstd.validation.run.rows import Chunk, Judged, Judging, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: How often a chunk is given to a worker.
_TRIES: Final = 3
#: Chunks in flight for each worker: one that is judged, one that waits.
_AHEAD: Final = 2

#: Bytes that a pipe to a worker is to hold: what is not read at once waits there.
_PIPE: Final = 1 << 20

_SIZE: Final = struct.Struct("<Q")


class Workers:
    """Judges chunks in ``processes`` worker processes, or in this one if that is 0.

    By default there are as many as the machine has processors for us. Use it in a ``with``:
    leaving it ends the workers, also after an error or Ctrl-C.
    """

    def __init__(self, how: Judging, processes: int | None = None) -> None:
        if processes is None:
            processes = available_processors()
        if not sys.executable:
            # Embedded in another program: there is no interpreter to start.
            processes = 0
        self._how = how
        #: How many chunks may be on their way.
        self.room = max(1, processes * _AHEAD)
        self._flying: deque[Future[Judged]] = deque()
        self._workers = [_Worker(how) for _ in range(processes)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for each in self._workers:
            self._idle.put(each)
        self._threads = ThreadPoolExecutor(processes, "mfgstd-worker") if processes else None

    @property
    def processes(self) -> int:
        """How many worker processes there are; 0 if this one does the work."""
        return len(self._workers)

    def pids(self) -> list[int]:
        """The process ids of the workers that run now; a killed one still counts until noticed."""
        processes = [each.process for each in self._workers]
        return [each.pid for each in processes if each is not None]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers; chunks that are not done are given up."""
        for each in self._workers:
            each.stop()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
        # A thread may just have started a new one when it was told to stop.
        for each in self._workers:
            each.stop()

    def submit(self, chunk: Chunk) -> Future[Judged]:
        """Have a chunk judged; its result, or what went wrong, comes with the future.

        Waits while too many chunks are on their way, so that memory stays bounded.
        """
        if self._threads is None:
            done: Future[Judged] = Future()
            done.set_result(self.judge(chunk))
            return done
        while len(self._flying) >= self.room:
            oldest = self._flying.popleft()
            # Its error is for whoever asks for its result.
            oldest.exception()
        future = self._threads.submit(self._send, chunk)
        self._flying.append(future)
        return future

    def map(self, chunks: Iterable[Chunk]) -> Iterator[Judged]:
        """The results of many chunks, in their order; reads only a few chunks ahead.

        Raises:
            SystemFault: a chunk ends every worker that it is given to.
        """
        waiting: deque[Future[Judged]] = deque()
        for chunk in chunks:
            waiting.append(self.submit(chunk))
            while len(waiting) >= self.room:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def judge(self, chunk: Chunk) -> Judged:
        """One chunk in this process, with the same result."""
        return self.rows.judge(chunk)

    @cached_property
    def rows(self) -> Rows:
        """What judges in this process."""
        return Rows(self._how)

    def _send(self, chunk: Chunk) -> Judged:
        worker = self._idle.get()
        try:
            return worker.judge(chunk)
        finally:
            self._idle.put(worker)


class _Worker:
    """One process at a time: started when first needed, replaced when it dies."""

    def __init__(self, how: Judging) -> None:
        self._how = how
        self.process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def judge(self, chunk: Chunk) -> Judged:
        message = _sent(chunk)
        status: int | None = None
        for _ in range(_TRIES):
            if self._stopped:
                break
            process = self.process = self.process or self._start()
            try:
                answer = _ask(process, message)
            except (OSError, EOFError):
                status = _end(process)
                self.process = None
                continue
            if isinstance(answer, BaseException):
                raise answer
            judged: Judged = answer
            return judged
        raise _died(chunk, status)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-c", _PROGRAM, *_paths()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None  # noqa: S101 - for mypy: it was asked for
        _widen(process.stdin)
        _write(process.stdin, _pickled(self._how))
        return process

    def stop(self) -> None:
        """Kill it: it holds nothing that must be put away."""
        self._stopped = True
        if self.process is not None:
            _end(self.process)


def available_processors() -> int:
    """How many processors this process may use, which is fewer than there are in a container."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


#: The paths come as arguments: a worker finds the same packages as we do.
_PROGRAM: Final = """\
import sys
sys.path[:] = sys.argv[1:]
from mfgstd.validation.run.workers import work
work()
"""


def _paths() -> list[str]:
    return [each or str(Path.cwd()) for each in sys.path]


def work() -> None:
    """What a worker does until its pipe is closed: nothing else may ever write to its output."""
    import gc
    import signal

    # JSON values hold no circles: looking for some, document after document, finds none.
    gc.set_threshold(100_000)
    # Ctrl-C is for the process that the user talks to; it ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source = sys.stdin.buffer
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        rows = Rows(pickle.loads(_read(source)))  # noqa: S301 - from the process that started us
        while True:
            chunk = _received(source)
            answer: Any
            try:
                answer = rows.judge(chunk)
            except Exception as error:  # noqa: BLE001 - raised again where somebody is told
                answer = error
            _write(target, _answered(answer))
    except EOFError:
        # Nobody is there any more.
        return


def _answered(answer: Any) -> bytes:
    try:
        made = _pickled(answer)
        if isinstance(answer, BaseException):
            # Some can be written and not read.
            pickle.loads(made)  # noqa: S301 - made just now
    except Exception:  # noqa: BLE001 - whatever it is, its text can be sent
        return _pickled(RuntimeError(repr(answer)))
    return made


def _pickled(value: Any) -> bytes:
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def _sent(chunk: Chunk) -> tuple[bytes, bytes]:
    """A chunk as two messages. Its lines go as they are: each copy of them is time."""
    if isinstance(chunk.data, bytes):
        return _pickled(replace(chunk, data=b"")), chunk.data
    return _pickled(chunk), b""


def _received(source: IO[bytes]) -> Chunk:
    chunk: Chunk = pickle.loads(_read(source))  # noqa: S301 - from the process that started us
    lines = _read(source)
    return replace(chunk, data=lines) if lines else chunk


def _ask(process: subprocess.Popen[bytes], messages: Iterable[bytes]) -> Any:
    assert process.stdin is not None  # noqa: S101 - for mypy: they were asked for
    assert process.stdout is not None  # noqa: S101
    for each in messages:
        _write(process.stdin, each)
    return pickle.loads(_read(process.stdout))  # noqa: S301 - from a process that we started


def _end(process: subprocess.Popen[bytes]) -> int:
    """Kill a process and put away its pipes; its exit status."""
    process.kill()
    status = process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            # What was not yet written is of no use to a process that is gone.
            with contextlib.suppress(OSError):
                pipe.close()
    return status


def _widen(pipe: IO[bytes]) -> None:
    """Let a whole chunk fit into a pipe, where that can be asked for (Linux).

    Else each 64 KiB of it wakes the one who writes and the one who reads.
    """
    if sys.platform == "linux":
        import fcntl

        # The kernel may allow less to those who already have much.
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _write(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_SIZE.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes:
    """One message.

    Raises:
        EOFError: the other side is gone.
    """
    head = pipe.read(_SIZE.size)
    if len(head) == _SIZE.size:
        (size,) = _SIZE.unpack(head)
        message = pipe.read(size)
        if len(message) == size:
            return message
    raise EOFError


def _died(chunk: Chunk, status: int | None) -> SystemFault:
    first = next(iter(chunk.texts()), (chunk.first, b""))[0]
    how = "" if status is None else f" (exit status {status})"
    return SystemFault(
        Text(
            f"A worker process died {_TRIES} times over the documents from number {first} on{how}.",
            f"{first}번째부터의 문서를 검사하던 작업 프로세스가 {_TRIES}번 종료되었습니다{how}.",
        ),
        hint=Text(
            "Was it short of memory? Fewer processes or shorter lines need less.",
            "메모리가 부족하지 않았습니까? 프로세스 수를 줄이거나 줄을 짧게 하면 덜 씁니다.",
        ),
    )
