"""The judge's end of a product's process: frames in, bounded in size and time, orders out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from mfgstd.adapters import available
from mfgstd.errors import NotInstalled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from mfgstd_conformance.drivers.base import Limits

_HEAD: Final = 1 << 20
_PAYLOAD: Final = 256 << 20
_STDERR: Final = 4000


class Flood(Exception):
    """The product gives more than a session may hold, or what is no frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One thing that came back."""

    kind: str
    what: Mapping[str, Any]
    payload: bytes


class Process:
    """One product in a process of its own; ``async with`` ends it, whatever it is doing.

    Args:
        target: ``NAME`` of an installed adapter, or ``MODULE:CLASS``.
        limits: its bounds.
        hash_seed: how Python scatters its hash tables there; two runs get different ones.
    """

    def __init__(self, target: str, limits: Limits, *, hash_seed: int = 0) -> None:
        self._target = target
        self._limits = limits
        self._hash_seed = hash_seed
        self._process: asyncio.subprocess.Process | None = None
        self._errors: asyncio.Task[None] | None = None
        self._bytes = 0
        self.stderr = b""

    async def __aenter__(self) -> Self:
        module, colon, name = self._target.partition(":")
        if not colon and self._target not in available():
            raise NotInstalled(self._target, available())
        order: dict[str, Any] = {"module": module, "class": name} if colon else {"name": module}
        order["memory"] = self._limits.memory
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(each or os.getcwd() for each in sys.path),  # noqa: PTH109 - as the import system means it
            "PYTHONHASHSEED": str(self._hash_seed),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "mfgstd_conformance.drivers.child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_HEAD,
            env=environment,
            # A group of its own: what the product starts is ended with it.
            start_new_session=os.name == "posix",
        )
        self._errors = asyncio.create_task(self._listen())
        await self.order(order)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.kill()
        if self._process is not None:
            await self._process.wait()
        if self._errors is not None:
            self._errors.cancel()
            await asyncio.gather(self._errors, return_exceptions=True)

    async def order(self, order: Mapping[str, Any]) -> None:
        """Send one order; a product that has ended does not hear it."""
        if self._process is None or self._process.stdin is None:
            return
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            await self._process.stdin.drain()

    async def frame(self) -> Frame | None:
        """The next frame; ``None`` once the process has closed its output.

        Raises:
            Flood: too much of it, or no frame at all.
        """
        stream = None if self._process is None else self._process.stdout
        if stream is None:
            return None
        try:
            line = await stream.readline()
            if not line:
                return None
            head = json.loads(line)
            size = head.get("bytes", 0)
            self._bytes += len(line) + size
            if not 0 <= size <= _PAYLOAD or self._bytes > self._limits.bytes:
                raise Flood(f"more than {self._limits.bytes} bytes")
            payload = await stream.readexactly(size)
            return Frame(str(head["kind"]), head, payload)
        except asyncio.IncompleteReadError:
            return None  # it died in the middle of a word
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Flood(f"not a frame: {error}") from None

    async def gone(self) -> int:
        """Wait for its end."""
        return 0 if self._process is None else await self._process.wait()

    def kill(self) -> None:
        """End it and all that it started, now."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            elif process.returncode is None:
                process.kill()

    async def _listen(self) -> None:
        stream = None if self._process is None else self._process.stderr
        while stream is not None and (data := await stream.read(65_536)):
            self.stderr = (self.stderr + data)[-_STDERR:]
