"""What a user sees of a collection: its progress while it runs, its ledger when it has ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import TYPE_CHECKING, Final

from mfgstd.cli.output import plain, print_finding, print_table, progress, say
from mfgstd.collect import Collection, Ledger, Limits, Progress, Session, State
from mfgstd.collect.ledger import by_count
from mfgstd.finding import Severity
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from mfgstd.adapters import Adapter

#: Unknown items named on the terminal; ledger.json names them all.
NAMED: Final = 20
#: Findings of one rule that are shown with their places.
SHOWN: Final = 3

_WEIGHT: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_STATES: Final = {
    State.CONNECTING: Text("connecting", "연결 중"),
    State.LIVE: Text("live", "수신 중"),
    State.STALE: Text("stale: connected, but nothing comes", "정체: 연결되었으나 데이터 없음"),
    State.BACKOFF: Text("waiting to try again", "재시도 대기 중"),
    State.FAILED: Text("failed", "실패"),
    State.ENDED: Text("ended", "종료"),
}


def run(
    adapter: Adapter,
    collection: Collection,
    limits: Limits,
    *,
    size: int | None = None,
    quiet: bool = False,
) -> tuple[Session, Ledger]:
    """Run one collection to its end, showing how it goes on standard error.

    ``size`` is the length of the source in bytes where it has one: then there is a bar with the
    rate and the time left, else live counters.
    """
    with _display(size, quiet=quiet) as watch:
        return asyncio.run(_run(adapter, collection, limits, watch))


async def _run(
    adapter: Adapter, collection: Collection, limits: Limits, watch: Callable[[Progress], None]
) -> tuple[Session, Ledger]:
    session = Session(adapter, collection, limits=limits, watch=watch)
    return session, await session.run()


@contextlib.contextmanager
def _display(size: int | None, *, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    if quiet:
        yield lambda _progress: None
    elif size is not None:
        with progress(Text("collecting", "수집 중"), size) as advance:
            done = 0

            def watch(now: Progress) -> None:
                nonlocal done
                advance(now.bytes - done)
                done = now.bytes

            yield watch
    elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from rich.console import Console
        from rich.markup import escape

        with Console(stderr=True).status("") as status:
            # The reason may quote the other side: neither control characters nor markup of it.
            yield lambda now: status.update(escape(plain(status_line(now))))
    else:
        yield _Told()


class _Told:
    """Into a log goes a line for each change of state, not for each batch."""

    def __init__(self) -> None:
        self._last: tuple[State, str] | None = None

    def __call__(self, now: Progress) -> None:
        why = str(now.error.message) if now.error else ""
        if now.state in {State.ENDED, State.FAILED} or self._last == (now.state, why):
            return
        self._last = (now.state, why)
        say(status_line(now), error=True)


def status_line(now: Progress) -> str:
    """State, counts and rate, and while we wait the reason."""
    state = str(_STATES[now.state])
    if now.retry_in is not None:
        state += f" ({now.retry_in:.1f} s)"
    rate = now.observations / now.seconds if now.seconds > 0 else 0.0
    counts = Text(
        f"{now.observations:,} observations, {now.documents:,} documents, {rate:,.0f}/s",
        f"관측값 {now.observations:,}건, 문서 {now.documents:,}건, 초당 {rate:,.0f}건",
    )
    why = f" · {now.error.message}" if now.error else ""
    return f"{state} · {counts}{why}"


def show_ledger(ledger: Ledger, folder: Path) -> None:
    """The ledger as a person reads it: sums, unknown items, findings, files."""
    tally = ledger.tally
    print_table(
        Text(f"Loss ledger of {ledger.source}", f"손실 원장: {ledger.source}"),
        (Text("reports", "보고"), Text("count", "건수")),
        [
            (Text("read", "읽음"), f"{tally.read:,}"),
            (Text("translated", "변환됨"), f"{tally.translated:,}"),
            (Text("  of these without a good value", "  그중 정상 값 없음"), f"{tally.bad:,}"),
            (
                Text("unknown to the device model", "장치 모델에 없음"),
                f"{tally.unknown.total():,}",
            ),
            (Text("rejected", "거부됨"), f"{tally.rejected:,}"),
        ],
    )
    _counts(Text("Lines", "줄"), tally.lines)
    _counts(Text("Documents", "문서"), tally.documents)
    _unknown(tally.unknown)
    _findings(ledger)
    _away(ledger)
    say()
    say(Text(f"Files in {folder}:", f"{folder} 폴더의 파일:"))
    for file in ledger.files:
        rows = Text(f"{file.rows:,} rows", f"{file.rows:,}행")
        say(f"  {file.path}  {rows}, {file.bytes:,} B")
    say("  ledger.json")
    say(_verdict(ledger))


def _verdict(ledger: Ledger) -> Text:
    if not ledger.balanced:
        return Text(
            "The ledger does not add up: that is a defect of mfgstd or of the adapter, not of "
            "your data. Please report it with ledger.json.",
            "원장의 합계가 맞지 않습니다. 데이터가 아니라 mfgstd 또는 어댑터의 결함입니다. "
            "ledger.json과 함께 알려 주십시오.",
        )
    if ledger.tally.read == 0:
        return Text(
            "Nothing came: the source made no report.",
            "들어온 것이 없습니다. 소스가 아무것도 보고하지 않았습니다.",
        )
    unknown = ledger.tally.unknown.total()
    if unknown > ledger.tally.translated:
        return Text(
            "Every report is accounted for, but most are of items that the device model does not "
            "know: is it the model of this machine?",
            "모든 보고가 설명되지만 대부분이 장치 모델에 없는 항목입니다. 이 설비의 장치 "
            "모델이 맞는지 확인하십시오.",
        )
    return Text(
        "Every report is accounted for: read = translated + unknown + rejected.",
        "모든 보고가 설명됩니다: 읽음 = 변환됨 + 모델에 없음 + 거부됨",
    )


def _away(ledger: Ledger) -> None:
    """When contact was lost: what happened then, nobody here can know."""
    account = ledger.account
    if not account.away_times:
        return
    say()
    say(
        Text(
            f"The source was away {account.away_times:,} times, {account.away_seconds:,.0f} s:",
            f"소스와 연결이 {account.away_times:,}회, 총 {account.away_seconds:,.0f}초 끊겼습니다:",
        )
    )
    for each in account.spells[-SHOWN:]:
        told = each.to_json()
        say(f"  {told['from']} .. {told['to']}")
    if (more := account.away_times - SHOWN) > 0:
        say(Text(f"  and {more:,} more before", f"  이전 {more:,}회 더 있음"))


def _counts(title: Text, counted: Mapping[str, int]) -> None:
    if counted:
        told = ", ".join(f"{name} {count:,}" for name, count in by_count(counted).items())
        say(f"{title}: {told}")


def _unknown(unknown: Mapping[str, int]) -> None:
    if not unknown:
        return
    say()
    say(
        Text(
            f"Items that the device model does not know ({len(unknown):,}):",
            f"장치 모델에 없는 항목 ({len(unknown):,}개):",
        )
    )
    names = list(by_count(unknown).items())
    for name, count in names[:NAMED]:
        say(f"  {name}  {count:,}")
    if (more := len(names) - NAMED) > 0:
        say(Text(f"  and {more:,} more (ledger.json)", f"  외 {more:,}개 (ledger.json)"))


def _findings(ledger: Ledger) -> None:
    shown = ledger.account.examples
    # What is wrong comes before what is worth knowing.
    rules = sorted(
        by_count(ledger.account.findings).items(),
        key=lambda each: min((_WEIGHT[one.severity] for one in shown.get(each[0], ())), default=3),
    )
    for rule, count in rules:
        examples = shown.get(rule, [])[:SHOWN]
        say()
        for finding in examples:
            print_finding(finding)
        if (more := count - len(examples)) > 0:
            say(
                Text(
                    f"    and {more:,} more of the rule {rule}",
                    f"    규칙 {rule}의 같은 문제 {more:,}건 더 있음",
                )
            )
