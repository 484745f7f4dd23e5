"""The whole shop on real sockets: the story in wall-clock time, told to an agent and by SHDR.

Used by ``mfgstd simulate`` and ``mfgstd demo``; both protocols say the same reports.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, Self

from mfgstd.errors import ConfigError
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd_conformance.peers.mtconnect_agent import Agent
from mfgstd_conformance.peers.shdr_machine import Asset, ShdrMachine
from mfgstd_conformance.peers.shop import BEATS, MILL, SECOND, Shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from mfgstd_conformance.peers.machine import Report

#: In which beat of the story the mill changes its tool, and minutes of life of that tool.
_TOOL_CHANGE: Final = 4
_TOOL_LIFE: Final = 42


class RunningShop:
    """An async context manager: inside it, the shop runs and answers.

    Args:
        bind: the address on which both servers listen.
        agent_port, shdr_port: their ports; 0 takes free ones.
        beat: nanoseconds between two beats of the story.
        hold: answer, but say nothing before :meth:`begin`.
        watch: is called with what is said in each beat.

    Raises:
        ConfigError: on entry, when an address or port cannot be had.
    """

    def __init__(
        self,
        *,
        bind: str = "127.0.0.1",
        agent_port: int = 0,
        shdr_port: int = 0,
        beat: int = SECOND,
        hold: bool = False,
        watch: Callable[[list[Report]], None] = lambda _: None,
    ) -> None:
        start = time.time_ns()
        self._hold = hold
        self.shop = Shop(start=start, beat=beat)
        self.shdr = ShdrMachine(bind=bind, port=shdr_port)
        try:
            self.agent = Agent(
                self.shop.machines,
                bind=bind,
                port=agent_port,
                instance=start // SECOND,
                # The agent is switched on a beat before its machines.
                now=lambda: time.time_ns() if self.shop.beats else start - beat,
            )
        except (OSError, OverflowError) as error:
            raise _cannot_listen(bind, agent_port, error) from error
        self._bind, self._shdr_port = bind, shdr_port
        self._watch = watch
        self._story: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.agent.start()
        try:
            await self.shdr.__aenter__()
        except (OSError, OverflowError) as error:
            await asyncio.to_thread(self.agent.stop)
            raise _cannot_listen(self._bind, self._shdr_port, error) from error
        if not self._hold:
            self.begin()
        return self

    def begin(self) -> None:
        """Begin the story now, if it has not begun."""
        if self._story is None:
            self.shop.start = time.time_ns() // 1_000_000 * 1_000_000
            self._beat()
            self._story = asyncio.create_task(self._tell())

    async def joined(self) -> None:
        """Wait until somebody listens to each of the two."""
        await self.shdr.joined.wait()
        await asyncio.to_thread(self.agent.asked.wait)

    async def __aexit__(self, *exception: object) -> None:
        if self._story is not None:
            self._story.cancel()
            await asyncio.gather(self._story, return_exceptions=True)
        await self.shdr.__aexit__(*exception)
        await asyncio.to_thread(self.agent.stop)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(max(0, self.shop.now - time.time_ns()) / SECOND)
            self._beat()

    def _beat(self) -> None:
        cycle, phase = divmod(self.shop.beats, BEATS)
        at = self.shop.now
        reports = self.shop.next_beat()
        self.agent.observe(reports)
        self.shdr.observe(reports)
        if phase == _TOOL_CHANGE:
            left = _TOOL_LIFE - cycle % _TOOL_LIFE
            self.shdr.store(Asset(at, MILL.uuid, "KM-500.00123", "00123", 12, left))
        self._watch(reports)


def _cannot_listen(bind: str, port: int, error: Exception) -> ConfigError:
    reason = getattr(error, "strerror", None) or str(error)
    return ConfigError(
        Text(
            f"The simulated machines cannot listen there: {reason}.",
            f"모의 설비가 이 주소에서 수신 대기할 수 없습니다: {reason}.",
        ),
        place=Place(path=f"{bind}:{port}"),
        hint=Text(
            "Choose another port or address; port 0 takes any free one.",
            "다른 포트나 주소를 지정하십시오. 포트 0을 지정하면 비어 있는 포트를 사용합니다.",
        ),
    )
