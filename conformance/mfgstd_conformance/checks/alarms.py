"""Alarms as a story of their condition: raised, perhaps changed, cleared; always by one name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Finding, Place, show
from mfgstd.language import Text
from mfgstd_conformance.checks.registry import Inconclusive, Outcome, check
from mfgstd_conformance.trace.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd_conformance.trace import Delivery, Told, Trace

_NONE: Final = Inconclusive(Text("No alarm was delivered.", "전달된 알람이 없습니다."))
_NO_CLEAR: Final = Inconclusive(
    Text("No alarm was cleared in this run.", "이번 시험에서 해제된 알람이 없습니다.")
)


def _alarms(trace: Trace) -> list[tuple[Delivery, list[Told]]]:
    return [(each, each.documents("alarm")) for each in trace.deliveries]


def _place(delivery: Delivery, told: Told) -> Place:
    item = told.data.get("dataItem")
    tag = delivery.tag(item) if isinstance(item, str) else None
    return Place(path=told.place.path, line=told.place.line, item=tag)


def _finding(
    delivery: Delivery,
    told: Told,
    rule: str,
    message: Text,
    pointer: str,
    expected: str,
    found: Any,
) -> Finding:
    return Finding(
        rule=rule,
        message=message,
        pointer=pointer,
        expected=expected,
        found=show(found),
        source=_place(delivery, told),
    )


@check("MFG-ALM-001")
def alarms_are_raised_before_they_are_cleared(trace: Trace) -> Iterator[Outcome]:
    """By condition, in the order of delivery."""
    cleared = False
    for delivery, alarms in _alarms(trace):
        raised: set[Any] = set()
        for told in alarms:
            alarm = told.data
            condition = str(alarm.get("conditionId"))
            if alarm.get("active") is True:
                raised.add(condition)
                continue
            if alarm.get("active") is not False:
                continue
            cleared = True
            if condition not in raised:
                yield _finding(
                    delivery, told, "alarm.cleared-unraised", _UNRAISED,
                    "/conditionId", "a raising before", condition,
                )  # fmt: skip
            begins, ends = moment(alarm.get("raisedAt")), moment(alarm.get("clearedAt"))
            if begins is not None and ends is not None and ends < begins:
                yield _finding(
                    delivery, told, "alarm.cleared-before-raised", _EARLY,
                    "/clearedAt", f"not before {alarm['raisedAt']}", alarm["clearedAt"],
                )  # fmt: skip
    if not cleared:
        yield _NO_CLEAR


_UNRAISED: Final = Text(
    "An alarm is cleared that was never raised.", "발생한 적이 없는 알람이 해제되었습니다."
)
_EARLY: Final = Text(
    "The alarm was cleared before it was raised.", "해제 시각이 발생 시각보다 앞섭니다."
)


@check("MFG-ALM-002")
def a_cleared_alarm_is_not_active(trace: Trace) -> Iterator[Outcome]:
    """``active`` and ``clearedAt`` say the same thing."""
    cleared = False
    for delivery, alarms in _alarms(trace):
        for told in alarms:
            active, ended = told.data.get("active"), told.data.get("clearedAt")
            cleared = cleared or ended is not None or active is False
            if active is True and ended is not None:
                yield _finding(
                    delivery, told, "alarm.cleared-active", _STILL,
                    "/active", "false", active,
                )  # fmt: skip
            if active is False and ended is None:
                yield _finding(
                    delivery, told, "alarm.inactive-uncleared", _WHEN,
                    "/clearedAt", "a timestamp", ended,
                )  # fmt: skip
    if not cleared:
        yield _NO_CLEAR


_STILL: Final = Text(
    "The alarm has a time of clearance and is active.",
    "해제 시각이 있는 알람이 활성 상태입니다.",
)
_WHEN: Final = Text(
    "The alarm is not active and does not say when it was cleared.",
    "활성 상태가 아닌 알람에 해제 시각이 없습니다.",
)


def _native_code(alarm: dict[str, Any]) -> str | None:
    native = alarm.get("native")
    code = native.get("code") if isinstance(native, dict) else None
    code = alarm.get("code") if code is None else code
    return code if isinstance(code, str) else None


@check("MFG-ALM-003")
def a_condition_keeps_its_id(trace: Trace) -> Iterator[Outcome]:
    """One item and native code, from raising to clearance."""
    seen = False
    for delivery, alarms in _alarms(trace):
        standing: dict[tuple[Any, str], Any] = {}
        for told in alarms:
            alarm, code = told.data, _native_code(told.data)
            seen = True
            about = (str(alarm.get("dataItem")), code or "")
            condition = str(alarm.get("conditionId"))
            before = standing.get(about)
            if code is not None and before is not None and before != condition:
                yield _finding(
                    delivery, told, "alarm.condition-changed", _CHANGED,
                    "/conditionId", before, condition,
                )  # fmt: skip
            if alarm.get("active") is True:
                standing[about] = condition
            else:
                standing.pop(about, None)
    if not seen:
        yield _NONE


_CHANGED: Final = Text(
    "The same condition has another id than when it was raised.",
    "같은 조건의 식별자가 발생 당시와 다릅니다.",
)


@check("MFG-ALM-004")
def the_native_code_is_kept(trace: Trace) -> Iterator[Outcome]:
    """Held against the codes that the machine really sent, moment by moment."""
    seen = False
    for delivery, alarms in _alarms(trace):
        told_at: dict[int, list[Told]] = {}
        for told in alarms:
            at = moment(told.data.get("eventTime"))
            if at is not None and told.data.get("active") is True:
                told_at.setdefault(at, []).append(told)
        for truth in delivery.truth:
            wanted = truth.category == "condition" and truth.code and truth.listed
            if not wanted or truth.at not in told_at or truth.said not in {"WARNING", "FAULT"}:
                continue
            seen = True
            codes = [(each.data.get("native") or {}).get("code") for each in told_at[truth.at]]
            if truth.code not in codes:
                yield _finding(
                    delivery, told_at[truth.at][0], "alarm.native-code-lost", _LOST,
                    "/native/code", show(truth.code), codes[0],
                )  # fmt: skip
    if not seen:
        yield Inconclusive(
            Text(
                "No alarm was delivered whose code is known from the machine.",
                "설비가 보낸 코드를 아는 알람이 전달되지 않았습니다.",
            )
        )


_LOST: Final = Text(
    "The code that the machine sent is not kept as it was.",
    "설비가 보낸 코드가 그대로 보존되지 않았습니다.",
)
