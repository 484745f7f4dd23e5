"""Conditions become alarms: a stateful reading of a stateless report.

A MTConnect condition item can be several things at once, told apart by the native code: a fault
402 and a warning 17 of one hydraulic system are both active until each is cleared. ``Normal``
with a code clears that one, ``Normal`` without a code clears all (MTConnect Part 3, Condition).
SHDR reports and agent streams share this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from uuid import uuid5

from mfgstd.models import Alarm
from mfgstd_adapters.mtconnect.model.devices import NAMESPACE
from mfgstd_adapters.mtconnect.reports.moments import timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfgstd_adapters.mtconnect.model.devices import Item

#: MTConnect grades nothing but warning and fault. The middle of OPC UA's bands "medium low" (201
#: to 400) and "medium high" (601 to 800) are ours, not the machine's, which is why the native
#: severity is kept beside them.
SEVERITY: Final = {"warning": (300, "medium_low"), "fault": (700, "medium_high")}
LEVELS: Final = frozenset({"normal", "warning", "fault", "unavailable"})
#: Conditions that may be active at once; a source that invents codes must not grow without bound.
ACTIVE_LIMIT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Report:
    """One report of one condition item.

    ``item`` is the item's position; ``level`` is one of :data:`LEVELS`. ``condition`` tells the
    conditions of one item apart; it is the native code unless the source says otherwise
    (``conditionId``, from MTConnect 2.3 on).
    """

    item: int
    nanoseconds: int
    level: str
    code: str = ""
    severity: str = ""
    qualifier: str = ""
    text: str = ""
    condition: str = ""
    native_level: str = ""


@dataclass(slots=True)
class _Active:
    raised: int
    last: Report
    lost: bool = False


class Conditions:
    """Remembers what is active, so that a report can be read as raising or clearing."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._active: dict[tuple[int, str], _Active] = {}

    def report(self, report: Report) -> list[Alarm]:
        """The alarms whose state this report changes, in the order in which they were raised."""
        if report.level in SEVERITY:
            return [self._raise(report)]
        condition = report.condition or report.code
        keys = [
            key
            for key in self._active
            if key[0] == report.item and (not condition or key[1] == condition)
        ]
        if report.level == "unavailable":
            return self._lose(keys, report)
        return [self._clear(key, report) for key in keys]

    def _raise(self, report: Report) -> Alarm:
        key = (report.item, report.condition or report.code)
        active = self._active.get(key)
        if active is None:
            if len(self._active) >= ACTIVE_LIMIT:
                del self._active[next(iter(self._active))]
            active = self._active[key] = _Active(report.nanoseconds, report)
        active.last, active.lost = report, False
        return self._alarm(key, active, report, active=True)

    def _clear(self, key: tuple[int, str], report: Report) -> Alarm:
        active = self._active.pop(key)
        return self._alarm(key, active, report, active=False)

    def _lose(self, keys: list[tuple[int, str]], report: Report) -> list[Alarm]:
        """Losing sight of an alarm does not clear it; what is said of it is now bad."""
        alarms = []
        for key in keys:
            active = self._active[key]
            if not active.lost:
                active.lost = True
                alarms.append(self._alarm(key, active, report, active=True))
        return alarms

    def _alarm(self, key: tuple[int, str], held: _Active, report: Report, *, active: bool) -> Alarm:
        item = self._items[key[0]]
        said = held.last
        severity, band = SEVERITY[said.level]
        lost = report.level == "unavailable"
        when = timestamp(report.nanoseconds)
        condition = f"{item.identity}#{quote(key[1], safe='')}" if key[1] else item.identity
        document: dict[str, Any] = {
            "id": f"urn:uuid:{uuid5(NAMESPACE, f'alarm {condition} {held.raised}')}",
            "equipment": {"id": item.equipment},
            "conditionId": condition,
            "active": active,
            "severity": severity,
            "severityBand": band,
            "eventTime": when,
            "dataItem": item.identity,
            "raisedAt": timestamp(held.raised),
            "quality": {"status": "bad", "reason": "no_communication"}
            if lost
            else {"status": "good"},
        }
        native = {
            "code": said.code,
            "severity": said.severity,
            "level": report.native_level or report.level,
        }
        document["native"] = {name: value for name, value in native.items() if value}
        if said.code:
            document["code"] = said.code
        if said.qualifier.lower() in {"high", "low"}:
            document["qualifier"] = said.qualifier.lower()
        if text := report.text or said.text:
            document["message"] = {"und": text}
        if not active:
            document["clearedAt"] = when
        return Alarm.from_json(document)
