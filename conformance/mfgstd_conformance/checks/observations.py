"""What each observation says of itself, judged as columns: a million rows are a few passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mfgstd.finding import Finding, show
from mfgstd.language import Text
from mfgstd_conformance.checks.matching import matching
from mfgstd_conformance.checks.registry import Inconclusive, Outcome, check, some
from mfgstd_conformance.trace.delivery import column
from mfgstd_conformance.trace.moments import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mfgstd_conformance.trace import Delivery, Trace
    from mfgstd_conformance.trace.delivery import Ints, Mask

KINDS: Final = ("number", "integer", "decimal", "text", "boolean")
_UNAVAILABLE: Final = "UNAVAILABLE"
#: Microseconds by which a clock may be ahead of the one that writes.
_AHEAD: Final = 2_000_000
_INT64: Final = range(-(2**63), 2**63)

NO_ROWS: Final = Inconclusive(Text("No observation was delivered.", "전달된 관측값이 없습니다."))


def with_rows(trace: Trace) -> list[Delivery]:
    """The deliveries that have observations."""
    return [each for each in trace.deliveries if each.rows]


def about(
    delivery: Delivery, row: int, rule: str, message: Text, *, expected: str, found: Any
) -> Finding:
    """A finding on one row, with its place in the supplier's data and its native value."""
    return Finding(
        rule=rule,
        message=message,
        expected=expected,
        found=found if isinstance(found, str) else show(found),
        source=delivery.place(row),
    )


def _native(delivery: Delivery, row: int) -> str:
    """The value of a row and what the vendor said, as a finding quotes them."""
    record = delivery.row(row)
    kind = record["kind"]
    value = record.get(kind) if kind in KINDS else None
    native = record["native_value"]
    told = f"{kind} {show(value, 50)} {record['status']}"
    return told if native is None else f"{told} (native {show(native, 50)})"


@check("MFG-OBS-002")
def one_value_of_one_kind(trace: Trace) -> Iterator[Outcome]:
    """The column that the kind names is filled, and no other."""
    deliveries = with_rows(trace)
    for delivery in deliveries:
        table = delivery.table
        absent = np.zeros(delivery.rows, bool)
        extra = np.zeros(delivery.rows, bool)
        for kind in KINDS:
            empty = table[kind].null_count == delivery.rows
            named = delivery.is_word("kind", kind)
            filled = (
                np.zeros(delivery.rows, bool) if empty else ~column(table[kind].is_null(), np.bool_)
            )
            absent |= named & ~filled
            extra |= filled & ~named
        for rows, rule, message in (
            (absent, "observation.no-value", _NO_VALUE),
            (extra, "observation.two-values", _TWO_VALUES),
        ):
            yield from some(rows, rule, _teller(delivery, rule, message, "one value"))
    if not deliveries:
        yield NO_ROWS


_NO_VALUE: Final = Text(
    "The column that the kind names is empty.", "kind가 가리키는 열이 비어 있습니다."
)
_TWO_VALUES: Final = Text(
    "A column is filled that the kind does not name.",
    "kind가 가리키지 않는 열에 값이 있습니다.",
)


def _teller(
    delivery: Delivery, rule: str, message: Text, expected: str
) -> Callable[[int], Finding]:
    return lambda row: about(
        delivery, row, rule, message, expected=expected, found=_native(delivery, row)
    )


@check("MFG-OBS-004")
def nothing_is_recorded_before_it_happens(trace: Trace) -> Iterator[Outcome]:
    """Where the product states no record time, the moment at which it delivered stands in."""
    deliveries = with_rows(trace)
    judged = False
    for delivery in deliveries:
        happened = column(delivery.table["event_time"].cast(pa.int64()), np.int64)
        recorded = column(delivery.table["record_time"].cast(pa.int64()), np.int64)
        missing = delivery.is_null("record_time")
        if missing.any():
            if delivery.role == "file":
                # A file says nothing of when it was written; these rows are not judged.
                recorded = np.where(missing, happened, recorded)
            else:
                recorded = np.where(missing, _received(delivery), recorded)
        judged = judged or not (missing.all() and delivery.role == "file")
        yield from some(
            happened - recorded > _AHEAD,
            "time.after-record",
            lambda row, delivery=delivery: about(  # type: ignore[misc]  # bound at once
                delivery, row, "time.after-record", _EARLY,
                expected="at most 2 s after its record time",
                found=str(delivery.row(row)["event_time"]),
            ),
        )  # fmt: skip
    if not deliveries:
        yield NO_ROWS
    elif not judged:
        yield Inconclusive(
            Text(
                "No observation has a record time.",
                "기록 시각(recordTime)이 있는 관측값이 없습니다.",
            )
        )


_EARLY: Final = Text(
    "The observation was recorded before it happened.", "발생하기 전에 기록된 관측값입니다."
)


def _received(delivery: Delivery) -> Ints:
    """Microseconds since 1970 at which the judge had each row."""
    batches = delivery.of_kind("product.observations")
    times = [nanoseconds(each["at"]) // 1000 for each in batches]
    return np.repeat(np.array(times, np.int64), [each["rows"] for each in batches])


def _by_item(
    delivery: Delivery, name: str, rows: Mask, wanted: Mapping[str, Any]
) -> tuple[Mask, dict[int, Any]]:
    """Rows whose word in a column is not the one wanted of their item.

    Each pair of an item and a word is looked at once. Rows of undeclared items are left out:
    that is another requirement's business.
    """
    items, item_words = delivery.codes("data_item")
    codes, words = delivery.codes(name)
    width = len(words) + 1
    wrong = np.zeros(len(item_words) * width + width, bool)
    expected: dict[int, Any] = {}
    for number, item in enumerate(item_words):
        if item is None or item not in wanted:
            continue
        expected[number] = wanted[item]
        for code, word in [*enumerate(words), (-1, None)]:
            wrong[number * width + code + 1] = word != wanted[item]
    found: Mask = rows & (items >= 0) & wrong[items * width + codes + 1]
    return found, expected


@check("MFG-OBS-005")
def values_are_of_the_declared_type(trace: Trace) -> Iterator[Outcome]:
    """An integer beyond 64 bits is a decimal by the column table, and no deviation."""
    deliveries = with_rows(trace)
    for delivery in deliveries:
        items, _ = delivery.codes("data_item")
        wanted = {name: item.get("valueType") for name, item in delivery.items.items()}
        valued = ~delivery.is_word("kind", "none")
        wrong, expected = _by_item(delivery, "kind", valued, wanted)
        for row in np.flatnonzero(wrong & delivery.is_word("kind", "decimal")).tolist():
            wide = delivery.table["decimal"][row].as_py() or ""
            digits = wide.removeprefix("-")
            if (
                expected[int(items[row])] == "integer"
                and digits.isascii()
                and digits.isdigit()
                and len(digits) < 1000
                and int(wide) not in _INT64
            ):
                wrong[row] = False
        yield from some(
            wrong,
            "observation.other-type",
            lambda row, delivery=delivery, items=items, expected=expected: about(  # type: ignore[misc]  # bound at once
                delivery, row, "observation.other-type", _OTHER_TYPE,
                expected=show(expected[int(items[row])]), found=_native(delivery, row),
            ),
        )  # fmt: skip
    if not any(np.any(~each.is_word("kind", "none")) for each in deliveries):
        yield Inconclusive(
            Text("No observation with a value was delivered.", "값이 있는 관측값이 없습니다.")
        )


_OTHER_TYPE: Final = Text(
    "The value is of another type than its data item declares.",
    "값의 자료형이 데이터 항목의 선언과 다릅니다.",
)


@check("MFG-OBS-006")
def unavailable_is_bad_and_without_a_value(trace: Trace) -> Iterator[Outcome]:
    """By the native word, by the truth where it is known, and by the row's own kind."""
    seen = False
    for delivery in with_rows(trace):
        none = delivery.is_word("kind", "none")
        bad = delivery.is_word("status", "bad")
        silent = _says_unavailable(delivery)
        known = matching(delivery).unavailable
        silent[known] = True
        seen = seen or bool(none.any() or silent.any())
        with_value = silent & ~none
        for rows, rule, message in (
            (with_value, "observation.unavailable-with-value", _WITH_VALUE),
            ((none & ~bad), "observation.none-not-bad", _NOT_BAD),
            (bad & delivery.is_null("reason"), "observation.bad-without-reason", _NO_REASON),
        ):
            yield from some(rows, rule, _teller(delivery, rule, message, "none, bad, a reason"))
    if not seen:
        yield Inconclusive(
            Text(
                "The source never reported that it has no value.",
                "소스가 값이 없다고 보고한 적이 없습니다.",
            )
        )


def _says_unavailable(delivery: Delivery) -> Mask:
    native = delivery.table["native_value"]
    if native.null_count == delivery.rows:
        return np.zeros(delivery.rows, bool)
    return column(pc.equal(native, pa.scalar(_UNAVAILABLE)), np.bool_).copy()


_WITH_VALUE: Final = Text(
    "The source has no value, and the observation has one.",
    "소스에 값이 없는데 관측값에는 값이 있습니다.",
)
_NOT_BAD: Final = Text(
    "The observation has no value and is not bad.", "값이 없는데 상태가 bad가 아닙니다."
)
_NO_REASON: Final = Text(
    "The observation is bad and gives no reason.", "상태가 bad인데 사유가 없습니다."
)


@check("MFG-OBS-007")
def the_native_value_is_kept(trace: Trace) -> Iterator[Outcome]:
    """Converted: the truth says so, or the row's own units do; not convertible: the reason."""
    seen = False
    for delivery in with_rows(trace):
        found = matching(delivery)
        lost = delivery.is_null("native_value")
        converted = delivery.is_word("reason", "not_convertible")
        converted |= _other_units(delivery)
        converted[found.converted] = True
        seen = seen or bool(converted.any())
        wrong = converted & lost
        wrong[found.native_lost] = True
        yield from some(
            wrong,
            "observation.native-lost",
            _teller(delivery, "observation.native-lost", _LOST, "what the source sent"),
        )
    if not seen:
        yield Inconclusive(
            Text("No value was converted in this run.", "이번 시험에서 변환된 값이 없습니다.")
        )


_LOST: Final = Text(
    "The value was converted, or could not be, and what the source sent is not kept.",
    "변환되었거나 변환할 수 없었던 값인데 소스의 원본 값이 남아 있지 않습니다.",
)


def _other_units(delivery: Delivery) -> Mask:
    """Rows whose data item says that the source's unit is another UCUM code than its own."""
    items, words = delivery.codes("data_item")
    other = np.zeros(len(words) + 1, bool)
    for number, name in enumerate(words):
        item = delivery.items.get(name or "", {})
        source = item.get("source")
        unit = source.get("unit") if isinstance(source, dict) else None
        other[number] = unit is not None and unit != item.get("unit")
    valued = ~delivery.is_word("kind", "none")
    # An agent has converted already: then the row says the unit in which it came.
    return other[items] & valued & ~delivery.is_null("native_unit") & (delivery.wire != "mtconnect")


@check("MFG-OBS-010")
def the_quality_of_the_clock_is_stated(trace: Trace) -> Iterator[Outcome]:
    """``unsynchronized`` is an honest answer; no answer is none."""
    yield from _stated(trace, "time_quality", "time.no-quality", _NO_QUALITY)


@check("MFG-OBS-011")
def the_record_time_is_stated(trace: Trace) -> Iterator[Outcome]:
    """Delays become visible by it."""
    yield from _stated(trace, "record_time", "time.no-record", _NO_RECORD)


_NO_QUALITY: Final = Text(
    "The observation does not say how far its time can be trusted.",
    "관측값에 시각의 신뢰 수준(timeQuality)이 없습니다.",
)
_NO_RECORD: Final = Text(
    "The observation has no record time.", "관측값에 기록 시각(recordTime)이 없습니다."
)


def _stated(trace: Trace, name: str, rule: str, message: Text) -> Iterator[Outcome]:
    deliveries = with_rows(trace)
    for delivery in deliveries:
        absent = delivery.is_null(name)
        yield from some(absent, rule, _teller(delivery, rule, message, name))
    if not deliveries:
        yield NO_ROWS


@check("MFG-UNT-002")
def values_come_in_the_declared_unit(trace: Trace) -> Iterator[Outcome]:
    """No unit is declared where none is given, and the other way round."""
    deliveries = with_rows(trace)
    seen = False
    for delivery in deliveries:
        wanted = {name: item.get("unit") for name, item in delivery.items.items()}
        valued = ~delivery.is_word("kind", "none")
        seen = seen or bool(valued.any())
        wrong, expected = _by_item(delivery, "unit", valued, wanted)
        items, _ = delivery.codes("data_item")
        yield from some(
            wrong,
            "unit.other",
            lambda row, delivery=delivery, items=items, expected=expected: about(  # type: ignore[misc]  # bound at once
                delivery, row, "unit.other", _OTHER_UNIT,
                expected=show(expected[int(items[row])]), found=delivery.row(row)["unit"],
            ),
        )  # fmt: skip
    if not seen:
        yield Inconclusive(
            Text("No observation with a value was delivered.", "값이 있는 관측값이 없습니다.")
        )


_OTHER_UNIT: Final = Text(
    "The value comes in another unit than its data item declares.",
    "값의 단위가 데이터 항목이 선언한 단위와 다릅니다.",
)
