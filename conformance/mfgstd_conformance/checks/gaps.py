"""Losses: every hole is declared, a declared one makes sense, and nobody pretends to see."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mfgstd.finding import Finding, Place, show
from mfgstd.language import Text
from mfgstd_conformance.checks.matching import keys, matching
from mfgstd_conformance.checks.registry import TOLD, Inconclusive, More, Outcome, check
from mfgstd_conformance.trace.delivery import column
from mfgstd_conformance.trace.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd_conformance.trace import Delivery, Reported, Told, Trace
    from mfgstd_conformance.trace.delivery import Ints

_NO_NUMBERS: Final = Inconclusive(
    Text(
        "No observation carries a sequence number of its source.",
        "소스의 순번이 있는 관측값이 없습니다.",
    )
)
_NO_GAP: Final = Inconclusive(Text("No gap was delivered.", "전달된 Gap 문서가 없습니다."))
_NO_CUT: Final = Inconclusive(
    Text(
        "The product lost no report by a failure in this run.",
        "이번 시험에서 장애로 유실된 보고가 없습니다.",
    )
)
_NO_LOSS: Final = Inconclusive(
    Text(
        "The product did not lose contact with its source in this run.",
        "이번 시험에서 소스와의 연결이 끊기지 않았습니다.",
    )
)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _epochs(delivery: Delivery) -> Iterator[tuple[str | None, Ints]]:
    """Each epoch with its numbered rows, in the order of delivery."""
    numbered = ~delivery.is_null("sequence")
    codes, words = delivery.codes("epoch")
    sources, names = delivery.codes("source")
    groups = (codes + 1) * (len(names) + 1) + sources + 1
    for group in np.flatnonzero(np.bincount(groups[numbered])).tolist():
        rows = np.flatnonzero(numbered & (groups == group))
        code = int(codes[rows[0]])
        yield (words[code] if code >= 0 else None), rows


def _told_numbers(delivery: Delivery, epoch: str | None) -> list[int]:
    """Numbers of what became a document instead of a row."""
    return [
        number
        for told in delivery.told
        if told.data.get("epoch") == epoch
        and (number := _whole(told.data.get("sequence"))) is not None
    ]


def _snapshot(delivery: Delivery, rows: Ints) -> int:
    """How many rows at the start tell what stood, and need not follow one another.

    A client that joins is told each item once; its own listening begins where an item comes
    again. Conditions may stand several at a time, and do not count.
    """
    items, words = delivery.codes("data_item")
    conditions = np.array(
        [delivery.items.get(word or "", {}).get("category") == "condition" for word in words]
        + [False]
    )
    plain = np.flatnonzero(~conditions[items[rows]])
    own = items[rows][plain]
    order = np.argsort(own, kind="stable")
    again = order[1:][own[order][1:] == own[order][:-1]]
    return int(plain[again.min()]) if len(again) else len(rows)


@check("MFG-GAP-001")
def every_hole_is_a_declared_gap(trace: Trace) -> Iterator[Outcome]:
    """Holes between the numbers of one epoch, from the moment at which the product listened."""
    seen = False
    for delivery in trace.deliveries:
        if delivery.table["sequence"].null_count == delivery.rows:
            continue
        numbers = column(delivery.table["sequence"], np.int64)
        for epoch, rows in _epochs(delivery):
            seen = True
            joined = _snapshot(delivery, rows)
            if joined == len(rows):
                continue
            start = int(numbers[rows[:joined]].max()) if joined else int(numbers[rows].min())
            have = np.sort(
                np.concatenate([numbers[rows], np.array(_told_numbers(delivery, epoch), np.int64)])
            )
            have = have[have >= start]
            edges = np.flatnonzero(np.diff(have) > 1)
            holes = [(int(have[i]) + 1, int(have[i + 1]) - 1) for i in edges]
            open_holes = [each for each in holes if not _covered(delivery, epoch, *each)]
            for first, last in open_holes[:TOLD]:
                yield Finding(
                    rule="gap.undeclared-hole",
                    message=Text(
                        f"{last - first + 1} numbers are missing, and no gap says so.",
                        f"순번 {last - first + 1}개가 빠졌지만 이를 알리는 Gap이 없습니다.",
                    ),
                    expected=f"{first} to {last}, or a Gap",
                    found="nothing",
                    source=delivery.place(int(rows[np.searchsorted(np.sort(numbers[rows]), last)])
                                          if last < numbers[rows].max() else int(rows[-1])),
                )  # fmt: skip
            if len(open_holes) > TOLD:
                yield More("gap.undeclared-hole", len(open_holes) - TOLD)
    if not seen:
        yield _NO_NUMBERS


def _covered(delivery: Delivery, epoch: str | None, first: int, last: int) -> bool:
    for told in delivery.documents("gap"):
        gap = told.data
        if gap.get("epoch", epoch) != epoch:
            continue
        low, high = _whole(gap.get("fromSequence")), _whole(gap.get("toSequence"))
        if low is None and high is None:
            continue
        if (low is None or low <= first) and (high is None or high >= last):
            return True
    return False


@check("MFG-GAP-002")
def gaps_make_sense(trace: Trace) -> Iterator[Outcome]:
    """In time and in numbers; and nothing that was delivered is declared as missing."""
    seen = False
    for delivery in trace.deliveries:
        epochs = None
        for told in delivery.documents("gap"):
            seen = True
            gap = told.data
            begins, ends = moment(gap.get("from")), moment(gap.get("to"))
            low, high = _whole(gap.get("fromSequence")), _whole(gap.get("toSequence"))
            if begins is not None and ends is not None and begins > ends:
                yield _about(told, "gap.inverted", _INVERTED, "/to", str(gap["from"]), gap["to"])
            if low is not None and high is not None and low > high:
                yield _about(told, "gap.inverted", _INVERTED, "/toSequence", f">= {low}", high)
            reason = gap.get("reason")
            if not isinstance(reason, str) or not reason.strip():
                yield _about(told, "gap.no-reason", _NO_REASON, "/reason", "a reason", reason)
            if low is None or high is None:
                continue
            if epochs is None:
                epochs = [
                    (epoch, set(column(delivery.table["sequence"], np.int64)[rows].tolist()))
                    for epoch, rows in _epochs(delivery)
                ]
            inside = [
                number
                for epoch, numbers in epochs
                if gap.get("epoch", epoch) == epoch
                for number in numbers
                if low <= number <= high
            ]
            if inside:
                yield _about(
                    told, "gap.covers-delivered", _DELIVERED, "/fromSequence",
                    "only what is missing", f"{len(inside)} delivered, the first {min(inside)}",
                )  # fmt: skip
    if not seen:
        yield _NO_GAP


_INVERTED: Final = Text("The gap ends before it begins.", "Gap의 끝이 시작보다 앞섭니다.")
_NO_REASON: Final = Text("The gap gives no reason.", "Gap에 사유가 없습니다.")
_DELIVERED: Final = Text(
    "The gap covers what was delivered.", "Gap이 이미 전달된 순번을 포함합니다."
)


def _about(
    told: Told, rule: str, message: Text, pointer: str, expected: str, found: Any
) -> Finding:
    return Finding(
        rule=rule,
        message=message,
        pointer=pointer,
        expected=expected,
        found=show(found),
        source=Place(path=told.place.path, line=told.place.line, item=str(told.data.get("id"))),
    )


def _lost(delivery: Delivery) -> dict[int, list[Reported]]:
    """The reports that never arrived, by the fault that swallowed them."""
    found, wanted = matching(delivery), set(keys(delivery).values())
    starts = [each["n"] for each in delivery.faults]
    last = max((at for _, at in found.seen), default=0)
    lost: dict[int, list[Reported]] = {}
    for each in delivery.truth:
        key = (each.device, each.item)
        if not each.listed or key not in wanted or each.kind == "series" or each.at >= last:
            continue
        if each.category == "condition" or each.kind == "none" or (key, each.at) in found.seen:
            continue
        before = [start for start in starts if start < each.n]
        if before:
            lost.setdefault(before[-1], []).append(each)
    return lost


@check("MFG-GAP-003")
def a_lost_connection_leaves_a_gap(trace: Trace) -> Iterator[Outcome]:
    """What was said while nobody heard lies inside a gap, all of it."""
    seen = False
    for delivery in trace.deliveries:
        spans = [
            (begins, ends)
            for told in delivery.documents("gap")
            if (begins := moment(told.data.get("from"))) is not None
            and (ends := moment(told.data.get("to"))) is not None
        ]
        for reports in _lost(delivery).values():
            seen = True
            first, last = reports[0].at, max(each.at for each in reports)
            near = [each for each in spans if each[0] <= last and each[1] >= first]
            outside = [
                each for each in reports if not any(low <= each.at <= high for low, high in near)
            ]
            if outside:
                yield Finding(
                    rule="gap.cut-not-covered" if near else "gap.cut-undeclared",
                    message=_NOT_COVERED if near else _UNDECLARED,
                    expected=f"a Gap from {first} ns to {last} ns",
                    found=f"{len(outside)} of {len(reports)} lost reports in no Gap",
                    source=Place(item=outside[0].name),
                )
    if not seen:
        yield _NO_CUT


_UNDECLARED: Final = Text(
    "Reports were lost by a cut connection, and no gap says so.",
    "연결 단절로 보고가 유실되었지만 이를 알리는 Gap이 없습니다.",
)
_NOT_COVERED: Final = Text(
    "Reports were lost by a cut connection, and the gap does not cover them all.",
    "연결 단절로 유실된 보고를 Gap이 모두 포함하지 않습니다.",
)


def _cuts(delivery: Delivery) -> list[int]:
    return [each["n"] for each in delivery.faults if each["fault"] == "disconnect"]


@check("MFG-GAP-004")
def an_old_value_is_never_repeated_as_good(trace: Trace) -> Iterator[Outcome]:
    """After a cut: one bad row for each item that was good, and no good row without a report."""
    seen = False
    for delivery in trace.deliveries:
        found = matching(delivery)
        for each in found.repeated[:TOLD]:
            seen = True
            yield Finding(
                rule="contact.repeated-as-good",
                message=Text(
                    "A former value came again as good, although nothing was reported.",
                    "새로운 보고가 없는데 이전 값이 good으로 다시 전달되었습니다.",
                ),
                expected="bad, no_communication",
                found=f"{show(each.row.value, 60)} good at {each.row.at} ns",
                source=delivery.place(each.row.number),
            )
        if len(found.repeated) > TOLD:
            yield More("contact.repeated-as-good", len(found.repeated) - TOLD)
        for cut in _cuts(delivery):
            seen = True
            yield from _no_bad(delivery, cut)
    if not seen:
        yield _NO_LOSS


def _no_bad(delivery: Delivery, cut: int) -> Iterator[Outcome]:
    """Items that were good before the cut, and whose next row is not bad."""
    last: dict[Any, bool] = {}
    following: dict[Any, bool] = {}
    names: dict[Any, int] = {}
    for row in matching(delivery).rows:
        if row.key is None:
            continue
        if delivery.event_of_row(row.number) < cut:
            last[row.key] = row.status == "good"
            names[row.key] = row.number
        else:
            following.setdefault(row.key, row.status == "bad")
    lacking = [key for key, good in last.items() if good and not following.get(key, False)]
    for key in lacking[:TOLD]:
        yield Finding(
            rule="contact.no-bad",
            message=Text(
                "After loss of contact the item was not said to be bad.",
                "연결이 끊긴 뒤 항목이 bad로 전달되지 않았습니다.",
            ),
            expected="bad, no_communication",
            found="good" if key in following else "nothing",
            source=delivery.place(names[key]),
        )
    if len(lacking) > TOLD:
        yield More("contact.no-bad", len(lacking) - TOLD)


@check("MFG-STA-002")
def out_of_sight_is_unknown(trace: Trace) -> Iterator[Outcome]:
    """Each machine whose state was known before the cut is unknown after it."""
    seen = False
    for delivery in trace.deliveries:
        for cut in _cuts(delivery):
            before: dict[str, Told] = {}
            after: dict[str, list[Told]] = {}
            for told in delivery.documents("state-event"):
                name = str((told.data.get("equipment") or {}).get("id"))
                if told.n < cut:
                    before[name] = told
                else:
                    after.setdefault(name, []).append(told)
            for name, told in before.items():
                if not _sees(told):
                    continue
                seen = True
                # One event for each axis is as good as one for all: the last of them counts.
                dark = list(takewhile(_is_bad, after.get(name, ())))
                last = dark[-1] if dark else next(iter(after.get(name, ())), None)
                if last is None or _sees(last):
                    yield Finding(
                        rule="state.kept-after-loss",
                        message=Text(
                            "After loss of contact the machine's state was not said to be unknown.",
                            "연결이 끊긴 뒤 설비 상태가 unknown으로 보고되지 않았습니다.",
                        ),
                        pointer="/state",
                        expected="unknown on every axis, quality bad",
                        found="nothing" if last is None else show(str(last.data.get("state"))),
                        source=Place(item=name),
                    )
    if not seen:
        yield _NO_LOSS


def _is_bad(told: Told) -> bool:
    quality = told.data.get("quality")
    return isinstance(quality, dict) and quality.get("status") == "bad"


def _sees(told: Told) -> bool:
    """Whether a state event claims to know anything."""
    state = told.data.get("state")
    axes = [
        each
        for each in (state.values() if isinstance(state, dict) else ())
        if isinstance(each, str)
    ]
    return not _is_bad(told) or any(each != "unknown" for each in axes)
