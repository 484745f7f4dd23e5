"""Delivered values against what the source really said, report by report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow.compute as pc

from mfgstd.finding import Finding, Place, show
from mfgstd.language import Text
from mfgstd_conformance.checks.matching import Deviation, keys, matching
from mfgstd_conformance.checks.registry import TOLD, Inconclusive, More, Outcome, check
from mfgstd_conformance.trace.delivery import column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mfgstd_conformance.trace import Delivery, Reported, Told, Trace

_NUMERIC: Final = frozenset({"number", "integer", "decimal"})
NO_TRUTH: Final = Inconclusive(
    Text(
        "Nobody knows what the source really said: there was no simulated machine.",
        "소스가 실제로 무엇을 보고했는지 알 수 없습니다. 모의 설비가 없었습니다.",
    )
)


def known(trace: Trace) -> list[Delivery]:
    """The deliveries whose truth is known and that have rows of known items."""
    return [each for each in trace.deliveries if matching(each).known and matching(each).rows]


def _deviations(
    delivery: Delivery, found: Sequence[Deviation], rule: str, message: Text
) -> Iterator[Outcome]:
    for each in found[:TOLD]:
        yield Finding(
            rule=rule,
            message=message,
            expected="nothing" if each.truth is None else _said(each.truth),
            found=_told(each),
            source=delivery.place(each.row.number),
        )
    if len(found) > TOLD:
        yield More(rule, len(found) - TOLD)


def _said(truth: Reported) -> str:
    unit = f" {truth.unit}" if truth.unit else ""
    native = f" (native {show(truth.said, 40)})" if truth.said is not None else ""
    return f"{show(_plain(truth.value), 60)}{unit} {truth.status}{native} at {truth.at} ns"


def _told(each: Deviation) -> str:
    unit = f" {each.row.unit}" if each.row.unit else ""
    return f"{show(_plain(each.row.value), 60)}{unit} {each.row.status} at {each.row.at} ns"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@check("MFG-DLV-001")
def values_are_true(trace: Trace) -> Iterator[Outcome]:
    """Value, status and time; what has a requirement of its own is not told here again."""
    deliveries = known(trace)
    for delivery in deliveries:
        found = matching(delivery)
        yield from _deviations(delivery, found.other_value, "truth.other-value", _VALUE)
        yield from _deviations(delivery, found.other_status, "truth.other-status", _STATUS)
        yield from _deviations(delivery, found.other_time, "truth.other-time", _TIME)
        for truth in found.missing[:TOLD]:
            yield Finding(
                rule="truth.missing",
                message=_MISSING,
                expected=_said(truth),
                found="nothing",
                source=Place(item=truth.name),
            )
        if len(found.missing) > TOLD:
            yield More("truth.missing", len(found.missing) - TOLD)
    if not deliveries:
        yield NO_TRUTH


_VALUE: Final = Text("The value is not the one that was reported.", "보고된 값과 다릅니다.")
_STATUS: Final = Text("The status is not the one that was reported.", "보고된 상태와 다릅니다.")
_TIME: Final = Text("The value was reported at another time.", "다른 시각에 보고된 값입니다.")
_MISSING: Final = Text("A report was not delivered.", "전달되지 않은 보고가 있습니다.")
_INVENTED: Final = Text(
    "Nothing was reported by this item at this time.",
    "이 시각에 이 항목의 보고가 없습니다.",
)
_INEXACT: Final = Text("The converted value is not the true one.", "변환된 값이 참값과 다릅니다.")
_LOST: Final = Text(
    "The source states a unit, and the data item declares none.",
    "소스가 단위를 밝혔지만 데이터 항목에 단위가 선언되어 있지 않습니다.",
)
_CHANGED: Final = Text("The text was changed.", "문자열이 변경되었습니다.")
_KOREAN: Final = Text("Korean text was changed.", "한글이 손상되었습니다.")


@check("MFG-DLV-002")
def no_value_is_invented(trace: Trace) -> Iterator[Outcome]:
    """A good value at a time at which nothing was said."""
    deliveries = known(trace)
    for delivery in deliveries:
        found = matching(delivery).invented
        yield from _deviations(delivery, found, "truth.invented", _INVENTED)
    if not deliveries:
        yield NO_TRUTH


@check("MFG-UNT-003")
def units_are_converted_exactly(trace: Trace) -> Iterator[Outcome]:
    """The truth was computed by hand, with fractions."""
    deliveries = known(trace)
    for delivery in deliveries:
        yield from _deviations(delivery, matching(delivery).inexact, "unit.inexact", _INEXACT)
    if not any(matching(each).converted for each in deliveries):
        yield Inconclusive(Text("The product converted no value.", "제품이 변환한 값이 없습니다."))


@check("MFG-UNT-005")
def a_unit_that_the_source_states_is_kept(trace: Trace) -> Iterator[Outcome]:
    """That it is the right one is another's business: here, that there is one."""
    seen = False
    for delivery in known(trace):
        stated = {
            (each.device, each.item): each.unit
            for each in delivery.truth
            if each.listed and each.kind in _NUMERIC and each.unit is not None
        }
        for identity, key in keys(delivery).items():
            if key not in stated:
                continue
            seen = True
            item = delivery.items[identity]
            if item.get("unit") is None:
                yield Finding(
                    rule="unit.lost",
                    message=_LOST,
                    pointer="/unit",
                    expected=f"{stated[key]}, or a unit of the same kind",
                    found="nothing",
                    source=Place(item=str(item.get("name") or identity)),
                )
    if not seen:
        yield NO_TRUTH


@check("MFG-TXT-001")
def text_stays_text(trace: Trace) -> Iterator[Outcome]:
    """Program 00123 is not program 123."""
    seen = False
    for delivery in known(trace):
        found = matching(delivery)
        seen = seen or any(
            isinstance(truth.value, str) and truth.category == "event" for _, truth in found.equal
        )
        seen = seen or bool(found.text)
        yield from _deviations(delivery, found.text, "text.changed", _CHANGED)
    if not seen:
        yield NO_TRUTH


@check("MFG-TXT-002")
def korean_text_survives(trace: Trace) -> Iterator[Outcome]:
    """Every syllable, composed, and nothing replaced."""
    seen = False
    for delivery in trace.deliveries:
        found = matching(delivery)
        yield from _deviations(delivery, found.korean, "text.korean-lost", _KOREAN)
        seen = seen or bool(found.korean)
        seen = seen or any(_has_hangul(truth.value) for _, truth in found.equal)
        damaged = {each.row.number for each in found.korean}
        yield from _texts_in_rows(delivery, damaged)
        for told in delivery.told:
            for pointer, text in _strings(told.data):
                if rule := _fault(text):
                    yield _in_document(told, pointer, text, rule)
    if not seen:
        yield NO_TRUTH


def _has_hangul(value: Any) -> bool:
    return any("가" <= each <= "힣" for each in str(value))


def _texts_in_rows(delivery: Delivery, damaged: set[int]) -> Iterator[Outcome]:
    """Rows that are not damaged otherwise, whose text is decomposed or has replacements."""
    texts = delivery.table["text"]
    if texts.null_count == delivery.rows:
        return
    normal = pc.utf8_normalize(texts, form="NFC")
    wrong = column(pc.not_equal(texts, normal), np.bool_) | column(
        pc.match_substring(texts, "\ufffd"), np.bool_
    )
    told = 0
    for row in np.flatnonzero(wrong).tolist():
        if row in damaged:
            continue
        told += 1
        if told <= TOLD:
            text = texts[row].as_py()
            rule = _fault(text) or "text.not-nfc"
            yield Finding(
                rule=rule,
                message=_RULES[rule],
                expected="NFC, without U+FFFD",
                found=show(text),
                source=delivery.place(row),
            )
    if told > TOLD:
        yield More("text.not-nfc", told - TOLD)


_RULES: Final = {
    "text.not-nfc": Text(
        "The text is not in Normalization Form C.", "문자열이 NFC로 정규화되어 있지 않습니다."
    ),
    "text.replaced-character": Text(
        "A character of the text was replaced because it could not be decoded.",
        "해독하지 못한 글자가 대체 문자로 바뀌었습니다.",
    ),
}


def _fault(text: str) -> str | None:
    if "\ufffd" in text:
        return "text.replaced-character"
    if text.isascii():
        return None
    from unicodedata import is_normalized

    return None if is_normalized("NFC", text) else "text.not-nfc"


def _in_document(told: Told, pointer: str, text: str, rule: str) -> Finding:
    return Finding(
        rule=rule,
        message=_RULES[rule],
        pointer=pointer,
        expected="NFC, without U+FFFD",
        found=show(text),
        source=told.place,
    )


def _strings(value: Any) -> Iterator[tuple[str, str]]:
    """Every text of a JSON value with its pointer; without recursion."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        pointer, each = waiting.pop()
        match each:
            case str():
                yield pointer, each
            case dict():
                waiting.extend((f"{pointer}/{name}", member) for name, member in each.items())
            case list():
                waiting.extend((f"{pointer}/{i}", item) for i, item in enumerate(each))
