"""How a product behaves while it delivers: its account, its end, and the same again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pyarrow.compute as pc

from mfgstd.finding import Finding, Place, show
from mfgstd.language import Text
from mfgstd_conformance import canonical
from mfgstd_conformance.checks.matching import matching
from mfgstd_conformance.checks.registry import TOLD, Inconclusive, More, Outcome, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mfgstd_conformance.trace import Delivery, Trace

#: Seconds that a product has to end.
_TO_END: Final = 10.0

#: What may differ when the same input is read twice.
_OF_THE_RUN: Final = frozenset({"recordTime", "provenance"})
_COLUMNS: Final = (
    "data_item", "event_time", "event_time_ns", "time_quality", "kind", "number", "integer",
    "decimal", "text", "boolean", "unit", "status", "reason", "native_value", "native_unit",
    "native_status", "source", "epoch", "sequence", "replayed", "event_id",
)  # fmt: skip


def _killed(delivery: Delivery) -> bool:
    return any(each["how"] in {"killed", "crashed"} for each in delivery.of_kind("product.ended"))


@check("MFG-DLV-004")
def the_ledger_balances(trace: Trace) -> Iterator[Outcome]:
    """Within itself, and with what the source really said where that is known."""
    judged = False
    for delivery in trace.deliveries:
        ledgers = delivery.of_kind("product.ledger")
        place = Place(item=delivery.session)
        if not ledgers:
            if not _killed(delivery):
                judged = True
                yield Finding(
                    rule="ledger.missing",
                    message=Text("There is no loss ledger.", "손실 원장이 없습니다."),
                    expected="a ledger",
                    found="none",
                    source=place,
                )
            continue
        judged = True
        ledger = ledgers[-1]["ledger"]
        counts = _counts(ledger)
        if counts is None or counts["read"] != sum(
            counts[name] for name in ("translated", "unknown", "rejected")
        ):
            yield Finding(
                rule="ledger.unbalanced",
                message=Text(
                    "read is not the sum of translated, unknown and rejected.",
                    "읽음이 변환됨, 알 수 없음, 거부됨의 합과 다릅니다.",
                ),
                expected="read = translated + unknown + rejected",
                found=show(str(counts or ledger)),
                source=place,
            )
            continue
        yield from _against_truth(delivery, ledger, counts)
    if not judged:
        yield Inconclusive(
            Text(
                "The product ended before it could give its account.",
                "제품이 원장을 내기 전에 종료되었습니다.",
            )
        )


def _counts(ledger: Mapping[str, Any]) -> dict[str, int] | None:
    unknown = ledger.get("unknown")
    if not isinstance(unknown, dict):
        return None
    counts = {name: ledger.get(name) for name in ("read", "translated", "rejected")}
    values = [*counts.values(), *unknown.values()]
    if not all(isinstance(each, int) and each >= 0 for each in values):
        return None
    return {
        **{name: int(each or 0) for name, each in counts.items()},
        "unknown": sum(unknown.values()),
    }


def _against_truth(
    delivery: Delivery, ledger: Mapping[str, Any], counts: Mapping[str, int]
) -> Iterator[Outcome]:
    found = matching(delivery)
    if not found.known or not found.rows:
        return
    fault = next((each["n"] for each in delivery.faults), None)
    heard = [
        each
        for each in delivery.truth
        if found.joined < each.at < found.left and (fault is None or each.n < fault)
    ]
    strangers = Counter(each.name for each in heard if not each.listed)
    for name, number in strangers.items():
        named = sum(count for known, count in ledger["unknown"].items() if name in str(known))
        if named < number:
            yield _differs(delivery, name, f"unknown: at least {number} of {name}", str(named))
    if counts["read"] < len(heard):
        yield _differs(delivery, None, f"read: at least {len(heard)}", str(counts["read"]))


def _differs(delivery: Delivery, item: str | None, expected: str, found: str) -> Finding:
    return Finding(
        rule="ledger.differs-from-truth",
        message=Text(
            "The ledger does not account for what the source said.",
            "원장이 소스가 보고한 것을 모두 설명하지 않습니다.",
        ),
        expected=expected,
        found=found,
        source=Place(item=item or delivery.session),
    )


@check("MFG-DLV-005")
def the_product_stops_when_asked(trace: Trace) -> Iterator[Outcome]:
    """Of live sessions: a recorded input ends by itself."""
    asked = False
    for delivery in trace.sessions:
        for ended in delivery.of_kind("product.ended"):
            how, seconds = ended["how"], ended["seconds"]
            asked = asked or how != "by itself"
            late = how == "asked" and seconds > _TO_END
            if how in {"killed", "crashed"} or late:
                errors = [each["text"] for each in delivery.of_kind("product.error")]
                yield Finding(
                    rule="delivery.no-end",
                    message=Text(
                        "The product did not end in good order when it was asked to.",
                        "종료 요청에 정상적으로 종료되지 않았습니다.",
                    ),
                    expected="its end within 10 s",
                    found=f"{how} after {seconds:.1f} s" + (f": {errors[-1]}" if errors else ""),
                    source=Place(item=delivery.session),
                )
    if not asked:
        yield Inconclusive(
            Text("The product was never asked to stop.", "제품에 종료를 요청하지 않았습니다.")
        )


@check("MFG-DLV-006")
def the_same_input_gives_the_same_output(trace: Trace) -> Iterator[Outcome]:
    """Two processes, two scatterings of hash tables, one input."""
    pairs = trace.repetitions
    judged = False
    for first, again in pairs:
        judged = judged or bool(first.rows or first.told)
        yield from _documents_differ(first, again)
        yield from _rows_differ(first, again)
    if not judged:
        yield Inconclusive(
            Text(
                "The product was not given the same recorded input twice.",
                "같은 기록 입력을 두 번 읽히지 않았습니다.",
            )
        )


def _documents_differ(first: Delivery, again: Delivery) -> Iterator[Outcome]:
    one, other = ([_content(told.data) for told in each.told] for each in (first, again))
    if one == other:
        return
    place = next(
        (i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
    named = first.told[place].data if place < len(one) else {}
    yield Finding(
        rule="delivery.not-repeatable",
        message=_OTHERWISE,
        expected=show(one[place]) if place < len(one) else "nothing more",
        found=show(other[place]) if place < len(other) else "nothing",
        source=Place(item=str(named.get("name") or named.get("id") or first.session)[:200]),
    )
    differing = sum((Counter(one) - Counter(other)).values())
    if differing > 1:
        yield More("delivery.not-repeatable", differing - 1)


def _content(data: Mapping[str, Any]) -> str:
    told = {name: each for name, each in data.items() if name not in _OF_THE_RUN}
    try:
        return canonical.encode(told).decode()
    except ValueError:
        return repr(told)


def _rows_differ(first: Delivery, again: Delivery) -> Iterator[Outcome]:
    if first.rows != again.rows:
        yield Finding(
            rule="delivery.not-repeatable",
            message=_OTHERWISE,
            expected=f"{first.rows} observations",
            found=f"{again.rows} observations",
            source=Place(item=first.session),
        )
        return
    told = 0
    for name in _COLUMNS:
        one, other = first.table[name], again.table[name]
        if one.type != other.type or str(one.type).startswith("dictionary"):
            one, other = one.cast("string"), other.cast("string")
        if one.equals(other):
            continue
        differs = pc.or_kleene(
            pc.fill_null(pc.not_equal(one, other), False),
            pc.xor(one.is_null(), other.is_null()),
        )
        row = pc.index(differs, True).as_py()
        if row < 0:
            continue  # NaN differs from itself
        told += 1
        if told <= TOLD:
            yield Finding(
                rule="delivery.not-repeatable",
                message=_OTHERWISE,
                pointer=f"/{name}",
                expected=show(first.table[name][row].as_py()),
                found=show(again.table[name][row].as_py()),
                source=first.place(row),
            )


_OTHERWISE: Final = Text(
    "The second reading of the same input gave something else.",
    "같은 입력을 두 번째로 읽었을 때 결과가 달랐습니다.",
)
