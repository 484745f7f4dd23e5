"""Driving an adapter class: against the simulated shop on both wires, and on recorded input."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mfgstd.language import Text
from mfgstd_conformance.drivers.base import Described
from mfgstd_conformance.drivers.process import Flood, Process
from mfgstd_conformance.drivers.session import Session
from mfgstd_conformance.drivers.stage import AGENT, SHDR, UNPREFIXED, Stage, write_log
from mfgstd_conformance.errors import SetUpBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mfgstd_conformance.drivers.base import Limits, Scenario
    from mfgstd_conformance.trace import TraceWriter

#: Beats of the recorded log: two rounds of the shop's story.
_LOGGED: Final = 64
#: Seconds for all of a recorded input.
_PATIENCE: Final = 120.0
#: Rows that a product may make of the simulated shop, which reports a few thousand.
_SHOP_ROWS: Final = 100_000
#: Different scatterings of Python's hash tables for two readings of the same input.
_HASHES: Final = (11, 4242)


async def describe(target: str, limits: Limits) -> Described:
    """Load the class, in a process of its own, and ask it for its spec.

    Raises:
        SetUpBroken: it cannot be loaded, or has no spec.
        NotInstalled: no adapter of that name is installed.
    """
    async with _bounded(limits.smoke), Process(target, limits) as process:
        return await _ready(process)


async def smoke(target: str, url: str, settings: Mapping[str, Any], limits: Limits) -> None:
    """Start, check, open, one batch, close.

    Raises:
        SetUpBroken: the product did not come as far as being open; its own words say why.
    """
    async with _bounded(limits.smoke), Process(target, limits) as process:
        await _ready(process)
        await process.order({"mode": "smoke", "url": url, "settings": dict(settings)})
        opened = False
        while (frame := await process.frame()) is not None:
            what = frame.what
            if frame.kind == "checked" and "wrong" in what:
                raise _broken(what["wrong"], what.get("hint"))
            if frame.kind == "opened":
                return  # what it then delivers is for the run to judge
            if frame.kind == "error":
                raise _broken(what, what.get("hint"))
        if not opened:
            raise _broken({"en": _tail(process), "ko": _tail(process)}, None)


async def drive(
    target: str, scenario: Scenario, writer: TraceWriter, tell: Callable[[Text], None]
) -> None:
    """Run the whole scenario against one product class.

    Raises:
        SetUpBroken: the smoke step failed.
    """
    described = scenario.described or await describe(target, scenario.limits)
    writer.event("product", "product.capabilities", None, declared=list(scenario.plan.capabilities))
    run = _Run(target, described, scenario, writer, tell)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="mfgstd-"))
    try:
        await run.all(folder)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


class _Run:
    def __init__(
        self,
        target: str,
        described: Described,
        scenario: Scenario,
        writer: TraceWriter,
        tell: Callable[[Text], None],
    ) -> None:
        self._target = target
        self._described = described
        self._scenario = scenario
        self._writer = writer
        self._tell = tell

    async def all(self, folder: Path) -> None:
        """Every session that this product can have."""
        given = self._scenario.input
        if self._scenario.peers:
            await self._peers(folder)
        if given is not None:
            self._tell(
                Text(f"It reads {given.name}, twice.", f"{given.name} 파일을 두 번 읽힙니다.")
            )
            model = self._scenario.device_model
            settings = self._settings(model, self._scenario.device)
            if not self._scenario.peers:
                await smoke(self._target, str(given), settings, self._scenario.limits)
            await self._twice("input", "input", str(given), settings)

    async def _peers(self, folder: Path) -> None:
        scenario, schemes = self._scenario, self._described.schemes
        speaks = {AGENT: "http" in schemes, SHDR: "shdr" in schemes}
        if not any(speaks.values()):
            known = ", ".join(sorted(schemes)) or "-"
            raise SetUpBroken(
                Text(
                    f"The simulated shop speaks http and shdr; the product speaks {known}.",
                    f"모의 공장은 http와 shdr로 통신하지만 제품이 지원하는 것은 {known}입니다.",
                ),
                hint=Text(
                    "Name http or shdr in spec.schemes, or give recorded input with --input.",
                    "spec.schemes에 http 또는 shdr을 넣거나 --input으로 기록된 입력을 지정하세요.",
                ),
            )
        stage = Stage(self._writer, seed=scenario.seed.value, beat=scenario.beat)
        async with stage:
            model = folder / "device-model.xml"
            await asyncio.to_thread(stage.write_model, model)
            ways = {
                AGENT: ("mtconnect", stage.agent.url, self._settings(None, None)),
                SHDR: ("shdr", stage.shdr.url, self._settings(model, UNPREFIXED)),
            }
            first = AGENT if speaks[AGENT] else SHDR
            self._tell(Text("Smoke: does it start?", "예비 점검: 제품이 시작되는지 봅니다."))
            await smoke(self._target, *ways[first][1:], scenario.limits)
            # The shop has little to say; who makes more of it floods.
            bounds = replace(scenario.limits, rows=min(scenario.limits.rows, _SHOP_ROWS))
            sessions = {
                name: Session(self._writer, name, wire=wire, role="live", limits=bounds)
                for name, (wire, _, _) in ways.items()
                if speaks[name]
            }
            await self._live(stage, sessions, ways)
        if "file" in schemes:
            await self._log(folder, model)

    async def _live(
        self,
        stage: Stage,
        sessions: Mapping[str, Session],
        ways: Mapping[str, tuple[str, str, dict[str, Any]]],
    ) -> None:
        scenario, limits = self._scenario, self._scenario.limits
        running = [
            asyncio.create_task(each.run(self._target, ways[name][1], ways[name][2]))
            for name, each in sessions.items()
        ]
        try:
            self._tell(
                Text(
                    "It listens to the simulated shop: " + ", ".join(sessions) + ".",
                    "모의 공장의 데이터를 수신합니다: " + ", ".join(sessions) + ".",
                )
            )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limits.smoke):
                    await asyncio.gather(*(each.ready.wait() for each in sessions.values()))
            await self._everyone(sessions, 1, limits.idle)
            await stage.beats(scenario.beats)
            await self._everyone(sessions, stage.latest, limits.idle)
            if scenario.faults or scenario.overflow:
                self._tell(Text("The shop fails on purpose.", "일부러 장애를 일으킵니다."))
                await self._fail(stage, sessions)
            # What is still under way arrives, then it is told to stop.
            await asyncio.gather(*(each.quiet(0.3, limits.idle) for each in sessions.values()))
            self._tell(Text("It is asked to stop.", "종료를 요청합니다."))
            await asyncio.gather(*(each.stop() for each in sessions.values()))
            await asyncio.gather(*running)
        finally:
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _fail(self, stage: Stage, sessions: Mapping[str, Session]) -> None:
        idle, everything = self._scenario.limits.idle, self._scenario.faults
        if AGENT in sessions:
            if everything:
                stage.restart_agent()
                await stage.beats(6)
                await sessions[AGENT].reached(stage.latest, idle)
            await stage.overflow_agent()
            await stage.beats(6)
            await sessions[AGENT].reached(stage.latest, idle)
        if SHDR in sessions and everything:
            stage.cut_shdr()
            await stage.beats(12)
        await self._everyone(sessions, stage.latest, idle)

    async def _everyone(self, sessions: Mapping[str, Session], moment: int, seconds: float) -> None:
        await asyncio.gather(*(each.reached(moment, seconds) for each in sessions.values()))

    async def _log(self, folder: Path, model: Path) -> None:
        self._tell(
            Text(
                "It reads a recorded log of the shop, twice.",
                "기록된 공장 로그를 두 번 읽힙니다.",
            )
        )
        path = folder / "shop.shdr"
        write_log(
            self._writer, path, seed=self._scenario.seed.value, beats=_LOGGED,
            sessions=("log", "log-again"),
        )  # fmt: skip
        await self._twice("log", "log", str(path), self._settings(model, UNPREFIXED))

    async def _twice(self, name: str, wire: str, url: str, settings: Mapping[str, Any]) -> None:
        limits = self._scenario.limits
        sessions = [
            Session(self._writer, name, wire=wire, role="recorded", limits=limits),
            Session(self._writer, f"{name}-again", wire=wire, role="again", limits=limits),
        ]
        running = [
            asyncio.create_task(each.run(self._target, url, settings, hash_seed=seed))
            for each, seed in zip(sessions, _HASHES, strict=True)
        ]
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await asyncio.gather(*(self._finished(each) for each in sessions))
            await asyncio.gather(*(each.stop() for each in sessions))
            await asyncio.gather(*running)
        finally:
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _finished(self, session: Session) -> None:
        """Until a recorded input is read, or nothing comes of it any more."""
        quiet = asyncio.create_task(session.quiet(self._scenario.limits.idle))
        over = asyncio.create_task(session.over.wait())
        await asyncio.wait({quiet, over}, return_when=asyncio.FIRST_COMPLETED)
        for each in (quiet, over):
            each.cancel()
        await asyncio.gather(quiet, over, return_exceptions=True)

    def _settings(self, model: Path | None, device: str | None) -> dict[str, Any]:
        """Those of the settings that the product has."""
        wanted: dict[str, Any] = {"interval": 0.1, "timeout": 3.0}
        if model is not None:
            wanted["device_model"] = str(model)
        if device is not None:
            wanted["device"] = device
        return {name: each for name, each in wanted.items() if name in self._described.settings}


@contextlib.asynccontextmanager
async def _bounded(seconds: float) -> Any:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise SetUpBroken(
            Text(
                f"The product was not ready within {seconds:g} seconds.",
                f"제품이 {seconds:g}초 안에 준비되지 않았습니다.",
            ),
            hint=_HINT,
        ) from None
    except Flood as flood:
        raise SetUpBroken(
            Text(f"The product could not be started: {flood}.", f"시작 실패: {flood}"), hint=_HINT
        ) from None


async def _ready(process: Process) -> Described:
    while (frame := await process.frame()) is not None:
        if frame.kind == "error":
            raise _broken(frame.what, frame.what.get("hint"))
        if frame.kind == "ready":
            spec = frame.what["spec"]
            return Described(
                name=spec["name"],
                version=spec["version"],
                schemes=frozenset(spec["schemes"]),
                settings=frozenset(spec["settings"]),
            )
    raise _broken({"en": _tail(process), "ko": _tail(process)}, None)


def _tail(process: Process) -> str:
    lines = process.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:500] if lines else "its process ended without a word"


def _broken(said: Mapping[str, str], hint: Mapping[str, str] | None) -> SetUpBroken:
    return SetUpBroken(
        Text(
            f"The product could not be started: {said.get('en')}",
            f"제품을 시작할 수 없습니다: {said.get('ko')}",
        ),
        hint=_HINT if not hint else Text(**hint),
    )


_HINT: Final = Text(
    "This says nothing about its conformance. Correct the set-up and run again.",
    "적합성에 대한 판정이 아닙니다. 구성을 바로잡은 뒤 다시 실행하세요.",
)
