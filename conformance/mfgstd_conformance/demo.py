"""``mfgstd demo``: a machine shop in a box, from its protocols to a certificate.

It starts real servers on loopback, runs the same commands that a user would run, and does what a
user cannot do with real machines: it compares every value with the truth. Then what was collected
is judged, and certified with a key that is thrown away.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from mfgstd.errors import UsageError
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd_conformance.demo_judging import judge_and_certify
from mfgstd_conformance.own_command import indent, run, say
from mfgstd_conformance.peers.machine import Condition, Report
from mfgstd_conformance.peers.running import RunningShop
from mfgstd_conformance.peers.shop import MILL, SECOND
from mfgstd_conformance.peers.truth import Wire, compare, rows, value_of
from mfgstd_conformance.simulate import write_model

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

BASE: Final = "https://hanbit.example/"

#: Seconds of collecting: one whole story of the shop, and a little more.
_COLLECTING: Final = 7
_BEAT: Final = SECOND // 5

#: Present in a folder that an earlier demo made, and that this one may therefore replace.
_MARK: Final = ".mfgstd-demo"

_SHOWN: Final = (
    "Xpos", "feed", "Stemp", "Sspeed", "path_position", "execution", "program", "coolant",
    "program_comment", "variables", "L_total", "L_target",
)  # fmt: skip

#: What of a collection is data of the standard.
_CHECKED: Final = ("observations.parquet", "events.ndjson")

#: Seconds that the shop waits for its listeners before it begins without them.
_PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True)
class _Source:
    wire: Wire
    title: Text
    url: str
    folder: Path
    extra: tuple[str, ...] = ()


def demo(
    to: Annotated[
        Path,
        typer.Option(
            "--to",
            metavar="DIR",
            help=str(
                Text(
                    "Where the files go; the folder of an earlier demo is replaced.",
                    "파일을 저장할 폴더입니다. 이전 데모의 폴더이면 새로 만듭니다.",
                )
            ),
        ),
    ] = Path("mfgstd-demo"),
) -> int:
    """Run a small simulated machine shop, collect from it, judge and certify."""
    _prepare(to)
    try:
        return asyncio.run(_demo(to))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _prepare(folder: Path) -> None:
    try:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise _refuse(folder)
        if folder.is_dir() and any(folder.iterdir()):
            if not (folder / _MARK).is_file():
                raise _refuse(folder)
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _MARK).write_text("Made by mfgstd demo; the next demo replaces this folder.\n")
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            Text(f"The folder cannot be used: {reason}.", f"폴더를 사용할 수 없습니다: {reason}."),
            place=Place(path=str(folder)),
        ) from error


def _refuse(folder: Path) -> UsageError:
    return UsageError(
        Text(
            "This is there already, and no demo made it; it is left as it is.",
            "이미 존재하며 데모가 만든 폴더가 아니므로 그대로 둡니다.",
        ),
        place=Place(path=str(folder)),
        hint=Text("Name another folder with --to.", "--to로 다른 폴더를 지정하십시오."),
    )


async def _demo(folder: Path) -> int:
    _stop_cleanly()
    said: list[Report] = []

    def watch(reports: list[Report]) -> None:
        said.extend(reports)
        _narrate(reports, (running.shop.beats - 1) * _BEAT / SECOND)

    say(Text("1. Two simulated machines start.", "1. 모의 설비 두 대를 시작합니다."))
    async with RunningShop(beat=_BEAT, hold=True, watch=watch) as running:
        names = ", ".join(f"{each.manufacturer} {each.name}" for each in running.shop.machines)
        say(Text(f"   {names}", f"   {names}"))
        say(f"   MTConnect {running.agent.url}")
        say(f"   SHDR      {running.shdr.url}")
        model = folder / "device-model.xml"
        await asyncio.to_thread(write_model, running, model)
        sources = (
            _Source(
                "mtconnect",
                Text("by the MTConnect agent", "MTConnect 에이전트 경유"),
                running.agent.url,
                folder / "mtconnect",
            ),
            _Source(
                "shdr",
                Text("by SHDR", "SHDR 경유"),
                running.shdr.url,
                folder / "shdr",
                ("--device-model", str(model), "--device", MILL.name),
            ),
        )
        say(
            Text(
                f"2. `mfgstd collect` listens to both for {_COLLECTING} s.",
                f"2. `mfgstd collect`로 {_COLLECTING}초 동안 양쪽에서 수집합니다.",
            )
        )
        begin = asyncio.create_task(_begin(running))
        codes = await _all(*(_collect(each) for each in sources))
        begin.cancel()
        own = running.agent.buffer.own
    if any(codes):
        return max(codes)
    for each in sources:
        _print_ledger(each)
    say(Text("3. `mfgstd validate` checks what came.", "3. `mfgstd validate`로 검사합니다."))
    verdict, output = await run(
        "validate", *(str(each.folder / name) for each in sources for name in _CHECKED)
    )
    say(indent(output))
    say(
        Text(
            "4. Native and standard values, the first of some items:",
            "4. 원래 값과 표준 값(일부 항목의 첫 값):",
        )
    )
    _print_values(sources[1], said)
    differing = _compare(sources[0], [*own, *said]) + _compare(sources[1], said)
    judged = await judge_and_certify(sources[1].folder, folder)
    _print_end(folder, sources[1])
    return verdict or (1 if differing else 0) or judged


async def _all(*work: Coroutine[Any, Any, int]) -> list[int]:
    """Wait for every one, also when one fails or all are cancelled: each ends its own child."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for each in results:
        if isinstance(each, BaseException):
            raise each
    return [each for each in results if isinstance(each, int)]


async def _begin(running: RunningShop) -> None:
    """Begin the story when both collectors listen, so that they hear it from the beginning."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(running.joined(), _PATIENCE)
    running.begin()


def _stop_cleanly() -> None:
    """Let SIGTERM end the demo as Ctrl-C does: servers closed, children ended."""
    task = asyncio.current_task()
    if task is None:
        return
    try:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    except (NotImplementedError, RuntimeError):
        return  # Windows has no such signal


async def _collect(source: _Source) -> int:
    code, output = await run(
        "collect", source.url, "--to", str(source.folder), "--base", BASE,
        "--for", f"{_COLLECTING}s", *source.extra,
    )  # fmt: skip
    if code:
        sentence = Text(
            f"`mfgstd collect {source.url}` ended with exit code {code}:",
            f"`mfgstd collect {source.url}` 명령이 종료 코드 {code}(으)로 끝났습니다:",
        )
        typer.echo(f"{sentence}\n{indent(output)}", err=True)
    return code


def _narrate(reports: Sequence[Report], seconds: float) -> None:
    """One line for what a person in the shop would notice."""
    for each in reports:
        line = f"{seconds:6.1f} s  {each.machine.name}  "
        match each.said:
            case Condition(level="WARNING" | "FAULT") as said:
                say(f"{line}{said.level} {said.code} {said.text}")
            case str() as said if each.signal.type == "EMERGENCY_STOP" and not each.is_unavailable:
                say(f"{line}EMERGENCY_STOP {said}")
            case str() as said if each.signal.type == "AVAILABILITY":
                say(f"{line}AVAILABILITY {said}")


def _print_ledger(source: _Source) -> None:
    ledger: dict[str, Any] = json.loads((source.folder / "ledger.json").read_bytes())
    unknown = ", ".join(f"{name} x{count}" for name, count in ledger["unknown"].items()) or "0"
    documents = ", ".join(f"{name} {count}" for name, count in ledger["documents"].items()) or "0"
    read, done, bad, rejected = (ledger[k] for k in ("read", "translated", "bad", "rejected"))
    say(
        Text(
            f"   {source.title.en}: read {read}, translated {done} ({bad} without a good value), "
            f"unknown {unknown}, rejected {rejected}",
            f"   {source.title.ko}: 읽음 {read}, 변환 {done} (유효 값 없음 {bad}), "
            f"알 수 없는 항목 {unknown}, 거부 {rejected}",
        )
    )
    say(Text(f"     documents: {documents}", f"     문서: {documents}"))
    if ledger["balanced"]:
        say(
            Text(
                "     Every report is accounted for.",
                "     모든 보고의 처리 결과가 장부에 있습니다.",
            )
        )


def _print_values(source: _Source, said: Sequence[Report]) -> None:
    from rich.console import Console
    from rich.table import Table

    names = {
        (each.machine.uuid, each.signal.id): (each.machine.name, each.signal.name) for each in said
    }
    first: dict[str, tuple[str, ...]] = {}
    for row in rows(source.folder / "observations.parquet"):
        uuid, item = row["data_item"].removeprefix(BASE).split("/")
        machine, name = names.get((uuid, item), ("", ""))
        # Zero shows nothing of a conversion.
        if name in _SHOWN and name not in first and row["status"] == "good" and value_of(row):
            native = f"{row['native_value'] or ''} {row['native_unit'] or ''}".strip()
            unit = f" {row['unit']}" if row["unit"] else ""
            first[name] = (machine, name, native, f"{_short(value_of(row))}{unit}")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in (
        Text("machine", "설비"),
        Text("item", "항목"),
        Text("native", "원래 값"),
        Text("standard", "표준 값"),
    ):
        table.add_column(str(heading), overflow="fold")
    for name in _SHOWN:
        if name in first:
            table.add_row(*first[name])
    Console(highlight=False, markup=False, emoji=False).print(table)


def _short(value: object) -> str:
    """A value as a table shows it: the last digits of a double are noise to the eye."""
    if isinstance(value, str) and value.startswith("["):
        return f"[{', '.join(map(_short, json.loads(value)))}]"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _compare(source: _Source, said: Sequence[Report]) -> int:
    result = compare(source.folder, said, base=BASE, wire=source.wire)
    if not result.differing:
        say(
            Text(
                f"   {source.title.en}: {result.values} values compared with the machines' "
                "truth, all equal.",
                f"   {source.title.ko}: 값 {result.values}개를 설비의 실제 값과 비교한 결과 "
                "모두 일치합니다.",
            )
        )
        return 0
    say(
        Text(
            f"   {source.title.en}: {result.differing} of {result.values} values differ from the "
            "machines' truth:",
            f"   {source.title.ko}: 값 {result.values}개 가운데 {result.differing}개가 설비의 "
            "실제 값과 다릅니다:",
        )
    )
    for sentence in result.differences:
        say(f"     {sentence}")
    return result.differing


def _print_end(folder: Path, source: _Source) -> None:
    say(Text(f"The files are in {folder}:", f"파일은 {folder} 폴더에 있습니다:"))
    files = (
        (
            source.folder,
            "observations.parquet",
            Text("every value, as columns", "모든 값(열 형식)"),
        ),
        (source.folder, "events.ndjson", Text("states, alarms, tools", "상태, 알람, 공구")),
        (
            source.folder,
            "ledger.json",
            Text("what became of every report", "모든 보고의 처리 결과"),
        ),
        (
            folder / "judged-files",
            "report.html",
            Text("the verdicts on the files, for a browser", "파일 판정 보고서(브라우저로 열람)"),
        ),
        (
            folder / "judged-adapter",
            "report.html",
            Text("the verdicts on the adapter", "어댑터 판정 보고서"),
        ),
        (folder / "judged-files", "certificate.json", Text("the certificate", "인증서")),
    )
    for where, name, what in files:
        if (where / name).is_file():
            say(f"   {where / name}: {what}")
    say(
        Text(
            "Next: `mfgstd simulate` keeps these machines running; `mfgstd collect URL --to DIR` "
            "listens to your own; `mfgstd conform run file:DIR` judges that.",
            "다음 단계: `mfgstd simulate`는 이 설비들을 계속 실행하고, `mfgstd collect URL --to "
            "DIR`은 실제 설비에서 수집하며, `mfgstd conform run file:DIR`은 그 결과를 판정합니다.",
        )
    )
