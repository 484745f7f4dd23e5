"""The simulated shop as a test bench: its story told when the product listens, faults on purpose.

Every report goes into the trace with its truth before the product can hear it.
"""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Self

from mfgstd_conformance.peers.machine import (
    Condition,
    Entries,
    Message,
    Report,
    Series,
    timestamp,
)
from mfgstd_conformance.peers.mtconnect_agent import Agent
from mfgstd_conformance.peers.shdr_machine import ShdrMachine, lines
from mfgstd_conformance.peers.shop import MILL, SECOND, Shop

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from mfgstd_conformance.trace import TraceWriter

#: The sessions of the two wires.
AGENT: Final = "agent"
SHDR: Final = "shdr"

#: UCUM codes of the units in which the machines think, by hand.
_NATIVE: Final = {"INCH": "[in_i]", "INCH/MINUTE": "[in_i]/min", "FAHRENHEIT": "[degF]"}

_MILLI: Final = 1_000_000

#: Beats that nobody hears while a connection is down.
_UNHEARD: Final = 4


class Stage:
    """The shop, running; an async context manager.

    Args:
        writer: where the truth goes.
        seed: of the shop's chance.
        beat: seconds of one beat.
    """

    def __init__(self, writer: TraceWriter, *, seed: int, beat: float) -> None:
        self._writer = writer
        self._beat = beat
        start = time.time_ns()
        self._shop = Shop(start=start, beat=round(beat * SECOND), seed=seed)
        switched_on = start - SECOND
        self.agent = Agent(
            self._shop.machines,
            instance=start // SECOND,
            now=lambda: time.time_ns() if self._shop.beats else switched_on,
        )
        self.shdr = ShdrMachine()
        self._own = 0
        #: When the last report was made, in nanoseconds since 1970.
        self.latest = start

    async def __aenter__(self) -> Self:
        self.agent.start()
        await self.shdr.__aenter__()
        self._tell_own()
        self.beat()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.shdr.__aexit__(*exception)
        await asyncio.to_thread(self.agent.stop)

    def write_model(self, path: Path) -> None:
        """Write the device model that readers of SHDR need."""
        path.write_bytes(self.agent.buffer.probe(None))

    def beat(self) -> None:
        """One beat of the story, on both wires."""
        reports = self._shop.next_beat()
        for each in reports:
            # An agent drops what its device model does not know; SHDR says it.
            sessions = (SHDR,) if each.truth is None else (AGENT, SHDR)
            tell(self._writer, each, sessions, converted=(SHDR,))
        self.agent.observe(reports)
        self.shdr.observe(reports)
        if reports:
            self.latest = max(each.at for each in reports)

    async def beats(self, number: int) -> None:
        """So many beats at their pace, from now on."""
        # The story waited for the product: its clock goes on from this moment, in the whole
        # milliseconds in which the mill's clock speaks.
        self._shop.start += max(0, time.time_ns() - self._shop.now) // _MILLI * _MILLI
        for _ in range(number):
            await asyncio.sleep(max(0.0, (self._shop.now - time.time_ns()) / SECOND))
            self.beat()

    def restart_agent(self) -> None:
        """The agent comes back with a new instance and numbers from 1; streams are cut."""
        self._writer.event("peer", "stimulus.fault", AGENT, fault="restart", time=_now())
        self.agent.restart()
        self._tell_own()

    async def overflow_agent(self) -> None:
        """The agent is silent for a while, and has forgotten what was said meanwhile."""
        self._writer.event("peer", "stimulus.fault", AGENT, fault="overflow", time=_now())
        self.agent.stall()
        await self.beats(2 * _UNHEARD)
        self.agent.overflow(keep=3)
        self.agent.resume()

    def cut_shdr(self) -> None:
        """The adapter hangs up, and goes on speaking to nobody."""
        self._writer.event("peer", "stimulus.fault", SHDR, fault="disconnect", time=_now())
        self.shdr.disconnect()
        for _ in range(_UNHEARD):
            self.beat()

    def _tell_own(self) -> None:
        own = self.agent.buffer.own
        for each in own[self._own :]:
            tell(self._writer, each, (AGENT,))
        self._own = len(own)


def write_log(
    writer: TraceWriter, path: Path, *, seed: int, beats: int, sessions: Collection[str]
) -> None:
    """Record the shop as a SHDR log, an hour ago, in the words of both machines."""
    shop = Shop(start=time.time_ns() - 3600 * SECOND, seed=seed)
    reports = [each for _ in range(beats) for each in shop.next_beat()]
    for each in reports:
        tell(writer, each, sessions, converted=sessions)
    path.write_text("".join(lines(reports)), encoding="utf-8")


#: The device that lines without a prefix speak of.
UNPREFIXED: Final = MILL.name


def tell(
    writer: TraceWriter,
    each: Report,
    sessions: Iterable[str],
    *,
    converted: Iterable[str] = (),
) -> None:
    """One report and its truth as an event."""
    signal = each.signal
    converts = signal.slope != 1 or bool(signal.offset)
    what: dict[str, Any] = {
        "sessions": list(sessions),
        "device": each.machine.uuid,
        "item": signal.id,
        "name": signal.name,
        "category": signal.category.lower(),
        "representation": signal.representation.lower(),
        "time": timestamp(each.at, 9),
        "native": _native(each, converts=converts),
        "converted": list(converted) if converts else [],
    }
    if each.truth is not None:
        what["expected"] = _expected(each)
    writer.event("peer", "stimulus.reported", None, **what)


def _native(each: Report, *, converts: bool) -> dict[str, str]:
    signal, native = each.signal, {}
    match each.said:
        case str() as said:
            native["value"] = said
        case Condition() as said:
            native["value"], native["code"] = said.level, said.code
        case Message() as said:
            native["value"], native["code"] = said.text, said.code
        case Series() as said:
            native["value"] = " ".join(said.values)
        case Entries():
            pass  # each wire has its own way of writing them
    if signal.native_units:
        native["unit"] = signal.native_units
    if converts and isinstance(each.said, str) and not each.is_unavailable:
        if signal.native_units in _NATIVE:
            native["ucum"] = _NATIVE[signal.native_units]
        digits = max(len(word.partition(".")[2]) for word in each.said.split())
        native["resolution"] = str(signal.slope * Fraction(1, 10**digits))
    return native


def _expected(each: Report) -> dict[str, Any]:
    truth = each.truth
    if truth is None:
        return {}
    expected: dict[str, Any] = {"kind": truth.kind, "status": truth.status}
    if truth.unit is not None:
        expected["unit"] = truth.unit
    if truth.reason is not None:
        expected["reason"] = truth.reason
    match truth.value:
        case tuple() as values:
            expected["value"] = {"numbers": list(values)}
            if truth.kind == "number":
                expected["kind"] = "series"
        case dict() as entries:
            expected["value"] = {"entries": entries}
        case float() as value:
            expected["value"] = {"number": value}
        case int() as value:
            expected["value"] = {truth.kind: str(value)}
        case str() as value:
            expected["value"] = {"text": value}
        case None:
            pass
    return expected


def _now() -> str:
    return timestamp(time.time_ns(), 9)
