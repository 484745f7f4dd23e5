"""A thin client for SHDR over TCP: it receives bytes, and knows when the other side is gone.

The side that listens is the machine or its adapter. ``* PING`` is answered by ``* PONG`` and the
milliseconds between heartbeats; twice that without a byte means that nobody is there, whatever
the socket says.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from typing import Final

from mfgstd.errors import ConfigError, TransientError
from mfgstd.finding import Place
from mfgstd.language import Text

CHUNK: Final = 64 * 1024
_PONG: Final = re.compile(rb"(?:^|\n)\* ?PONG[ \t]+([0-9]{1,9})")
#: Longer than this no heartbeat is waited for (the reference agent's bound).
_LONGEST: Final = 30 * 60.0
_RETRY: Final = Text(
    "It is tried again by itself. Check that the machine's adapter runs and listens there.",
    "자동으로 다시 시도합니다. 장비 어댑터가 실행 중이고 해당 포트에서 대기하는지 확인하십시오.",
)


class ShdrClient:
    """One connection to one adapter.

    Args:
        host: a name or address.
        port: 7878 by custom.
        timeout: seconds to wait for the connection.
        silence: seconds without a byte after which the connection is given up, where the other
            side does not name its heartbeat.
    """

    def __init__(
        self, host: str, port: int, *, timeout: float = 10.0, silence: float = 60.0
    ) -> None:
        self._host = host
        self._port = port
        self._place = Place(path=f"shdr://{_bracketed(host)}:{port}")
        self._timeout = timeout
        self._silence = silence
        self._heartbeat: float | None = None
        self._ping_due = math.inf
        #: When it was asked first since the last byte came.
        self._unanswered = math.inf
        self._tail = b""
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._heard = 0.0

    async def connect(self) -> None:
        """Connect, and ask whether anybody is there.

        Raises:
            TransientError: nobody answers.
            ConfigError: there is no such port.
        """
        try:
            async with asyncio.timeout(self._timeout):
                self._reader, self._writer = await asyncio.open_connection(
                    self._host, self._port, limit=4 * CHUNK
                )
                await self._ping()
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error) or "time-out"
            raise TransientError(
                Text(
                    f"The adapter cannot be reached: {reason}",
                    f"어댑터에 연결할 수 없습니다: {reason}",
                ),
                place=self._place,
                hint=_RETRY,
            ) from error
        except OverflowError as error:
            raise ConfigError(
                Text(f"There is no port {self._port}.", f"{self._port}번 포트는 없습니다."),
                place=self._place,
            ) from error
        self._heartbeat = None
        self._ping_due = self._unanswered = math.inf
        self._tail = b""
        self._heard = time.monotonic()

    async def read(self) -> tuple[bytes, int]:
        """The next bytes, and when they came (nanoseconds since 1970).

        Raises:
            TransientError: the other side has gone, or is silent for too long.
        """
        reader = self._reader
        if reader is None:
            raise self._gone(Text("There is no connection.", "연결되어 있지 않습니다."))
        while True:
            now = time.monotonic()
            too_long = now >= self._patient_until()
            if too_long:
                # What came while we did something else is taken before anybody is given up.
                await asyncio.sleep(0)
            elif now >= self._ping_due:
                await self._ping_or_close()
            next_look = min(self._ping_due, self._patient_until())
            try:
                async with asyncio.timeout(max(next_look - now, 0.001)):
                    data = await reader.read(CHUNK)
            except TimeoutError:
                if not too_long:
                    continue
                await self.close()
                raise self._silent() from None
            except OSError as error:
                await self.close()
                raise self._gone(
                    Text(f"The connection broke: {error}", f"연결이 끊어졌습니다: {error}")
                ) from error
            if not data:
                await self.close()
                raise self._gone(
                    Text("The adapter has closed the connection.", "어댑터가 연결을 종료했습니다.")
                )
            self._heard = time.monotonic()
            self._unanswered = math.inf
            self._listen(data)
            return data, time.time_ns()

    async def close(self) -> None:
        """Close the connection; never raises."""
        writer, self._writer, self._reader = self._writer, None, None
        if writer is None:
            return
        writer.close()
        try:
            async with asyncio.timeout(1.0):
                await writer.wait_closed()
        except OSError:
            # It is closed for us, whatever the other side makes of it.
            return

    def _listen(self, data: bytes) -> None:
        """Learn from ``* PONG 10000`` how often to ask."""
        seen = self._tail + data
        for match in _PONG.finditer(seen):
            if match.end() == len(seen):
                continue  # the number may go on in the next bytes
            seconds = int(match[1]) / 1000
            if 0 < seconds < _LONGEST:
                if self._heartbeat is None:
                    self._ping_due = time.monotonic() + seconds
                self._heartbeat = seconds
        self._tail = seen[-32:]

    async def _ping_or_close(self) -> None:
        try:
            await self._ping()
        except OSError as error:
            await self.close()
            raise self._gone(
                Text(f"The connection broke: {error}", f"연결이 끊어졌습니다: {error}")
            ) from error

    async def _ping(self) -> None:
        if self._writer is not None:
            self._writer.write(b"* PING\n")
            async with asyncio.timeout(self._timeout):
                await self._writer.drain()
        now = time.monotonic()
        self._unanswered = min(self._unanswered, now)
        if self._heartbeat is not None:
            self._ping_due = now + self._heartbeat

    def _patient_until(self) -> float:
        """Until when nothing need come: an adapter with a heartbeat must have been asked."""
        if self._heartbeat is None:
            return self._heard + self._silence
        return max(self._heard + 2 * self._heartbeat, self._unanswered + self._heartbeat)

    def _silent(self) -> TransientError:
        patience = self._silence if self._heartbeat is None else 2 * self._heartbeat
        return self._gone(
            Text(
                f"Nothing has come for {patience:g} seconds.",
                f"{patience:g}초 동안 수신된 데이터가 없습니다.",
            )
        )

    def _gone(self, message: Text) -> TransientError:
        return TransientError(message, place=self._place, hint=_RETRY)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
