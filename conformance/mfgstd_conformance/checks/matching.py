"""Which row stands for which report: delivered data laid beside what the source really said.

A row belongs to the reports of its item at its time. The supplier's own names decide which item
that is: name, source path, external id or the end of its identity. Each row that differs is put
in exactly one drawer, the most specific; the checks only open them.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

from mfgstd_conformance.checks.registry import once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mfgstd_conformance.trace import Delivery, Reported

#: Device and item, as the peer names them.
Key = tuple[str, str]

_KINDS: Final = ("number", "integer", "decimal", "text", "boolean")


class Row(NamedTuple):
    """One delivered observation, as far as it is compared."""

    number: int
    key: Key | None
    at: int
    kind: str
    value: Any
    unit: str | None
    status: str
    native: str | None
    replayed: bool


class Deviation(NamedTuple):
    """A row that differs, with the report that it should have been made from, if there is one."""

    row: Row
    truth: Reported | None


@dataclass(slots=True)
class Matching:
    """What came of the comparison, by kind of deviation; row numbers count in the delivery.

    ``known`` says whether there is a truth at all. ``seen`` are the item and time of every
    delivered row, ``good`` the rows that are as they must be, ``joined`` and ``left`` the times
    between which everything had to arrive.
    """

    known: bool = False
    rows: list[Row] = field(default_factory=list)
    seen: set[tuple[Key, int]] = field(default_factory=set)
    equal: list[tuple[Row, Reported]] = field(default_factory=list)
    other_value: list[Deviation] = field(default_factory=list)
    other_status: list[Deviation] = field(default_factory=list)
    other_time: list[Deviation] = field(default_factory=list)
    invented: list[Deviation] = field(default_factory=list)
    repeated: list[Deviation] = field(default_factory=list)
    inexact: list[Deviation] = field(default_factory=list)
    text: list[Deviation] = field(default_factory=list)
    korean: list[Deviation] = field(default_factory=list)
    missing: list[Reported] = field(default_factory=list)
    twice: list[Row] = field(default_factory=list)
    unavailable: list[int] = field(default_factory=list)
    converted: list[int] = field(default_factory=list)
    native_lost: list[int] = field(default_factory=list)
    expected: dict[Key, list[Reported]] = field(default_factory=dict)
    joined: int = 0
    left: int = 0

    @property
    def deviating(self) -> Iterator[Deviation]:
        """Rows whose value is not that of their report, whatever way."""
        for drawer in (self.other_value, self.inexact, self.text, self.korean):
            yield from drawer


@once
def keys(delivery: Delivery) -> dict[str, Key]:
    """Data item id -> the peer's item that it describes."""
    ids: dict[str, set[Key]] = defaultdict(set)
    for each in delivery.truth:
        key = (each.device, each.item)
        ids[each.item].add(key)
        ids[each.name].add(key)
    found: dict[str, Key] = {}
    for identity, item in delivery.items.items():
        for name in _names(identity, item):
            fitting = ids.get(name, set())
            if len(fitting) == 1:
                found[identity] = next(iter(fitting))
                break
    return found


def _names(identity: str, item: Mapping[str, Any]) -> Iterator[str]:
    """Every name by which a supplier may call an item, the surest first."""
    for external in item.get("externalIds") or ():
        if isinstance(external, dict) and isinstance(external.get("value"), str):
            yield external["value"]
    for each in (item.get("name"), (item.get("source") or {}).get("path")):
        if isinstance(each, str):
            yield each
    yield unquote(identity.rpartition("/")[2])


@once
def matching(delivery: Delivery) -> Matching:
    """Compare every row with the truth of this delivery."""
    result = Matching()
    if not delivery.truth:
        return result
    result.known = True
    result.rows = list(_rows(delivery))
    truths: dict[tuple[Key, int], list[Reported]] = defaultdict(list)
    for each in delivery.truth:
        if each.listed and each.kind != "series":
            truths[(each.device, each.item), each.at].append(each)
            result.expected.setdefault((each.device, each.item), []).append(each)
    result.seen = {(row.key, row.at) for row in result.rows if row.key is not None}
    first_fault = delivery.faults[0]["n"] if delivery.faults else math.inf
    strangers = []
    for row in result.rows:
        candidates = truths.get((row.key, row.at)) if row.key is not None else None
        if candidates:
            _compare(row, candidates, result)
        elif row.status == "good" and delivery.items:
            strangers.append(row)
    for row in strangers:
        late = delivery.event_of_row(row.number) > first_fault
        _stranger(row, result, late=late)
    _window(delivery, result)
    _twice(delivery, result, first_fault)
    return result


def _rows(delivery: Delivery) -> Iterator[Row]:
    known = keys(delivery)
    table = delivery.table
    codes, words = delivery.codes("data_item")
    of_word = [None if word is None else known.get(word) for word in words] + [None]
    described = [word is not None and word in delivery.items for word in words] + [False]
    values = {kind: table[kind].to_pylist() for kind in _KINDS}
    columns = zip(
        codes.tolist(),
        delivery.nanoseconds.tolist(),
        table["kind"].to_pylist(),
        table["unit"].to_pylist(),
        table["status"].to_pylist(),
        table["native_value"].to_pylist(),
        table["replayed"].to_pylist(),
        strict=True,
    )
    for number, (code, at, kind, unit, status, native, replayed) in enumerate(columns):
        if not described[code]:
            continue  # an undeclared item is another requirement's business
        value = values[kind][number] if kind in values else None
        yield Row(number, of_word[code], at, kind, value, unit, status, native, bool(replayed))


def _compare(row: Row, candidates: list[Reported], result: Matching) -> None:
    truth = next((each for each in candidates if _equal(row, each)), None)
    if truth is not None:
        result.equal.append((row, truth))
    else:
        truth = candidates[0]
        if truth.kind == "none":
            if row.kind != "none":
                result.unavailable.append(row.number)
            elif row.status != "bad":
                result.other_status.append(Deviation(row, truth))
        elif row.kind == "none" or row.status != truth.status:
            result.other_status.append(Deviation(row, truth))
        else:
            _drawer(row, truth, result).append(Deviation(row, truth))
    if truth.converted and truth.kind != "none" and row.kind != "none":
        result.converted.append(row.number)
        if row.native is not None and truth.said is not None and row.native != truth.said:
            result.native_lost.append(row.number)


def _drawer(row: Row, truth: Reported, result: Matching) -> list[Deviation]:
    if truth.converted:
        return result.inexact
    told = row.value if isinstance(row.value, str) else ""
    hangul = _hangul(truth.value)
    if hangul and hangul != _hangul(told):
        return result.korean
    if isinstance(truth.value, str) and truth.category == "event":
        return result.text
    return result.other_value


def _hangul(value: Any) -> list[str]:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str) and isinstance(value, tuple | float | int):
        return []
    return sorted(each for each in text if "가" <= each <= "힣")


def _equal(row: Row, truth: Reported) -> bool:
    if truth.kind == "none":
        return row.kind == "none" and row.status == "bad"
    if row.status != truth.status or row.kind == "none":
        return False
    match truth.value:
        case str() as text if truth.category == "condition":
            return isinstance(row.value, str) and row.value.lower() == text
        case str() as text:
            return row.kind == "text" and row.value == text
        case dict() as entries:
            return row.kind == "text" and bool(_json(row.value) == entries)
        case tuple() as vector:
            return _vector(row, vector, truth)
        case _:
            return _number(row, truth)


def _number(row: Row, truth: Reported) -> bool:
    if row.kind == "text":
        # A number that a source sent as text and that stays text is as true as it was.
        return bool(row.value == truth.said)
    number = _exact(row)
    if number is None:
        return False
    if truth.other is not None and row.unit == truth.other[1]:
        return _near(float(number), truth.other[0], 0.0)
    if isinstance(truth.value, int):
        return number == truth.value
    return _near(float(number), truth.value, truth.resolution if truth.converted else 0.0)


def _exact(row: Row) -> int | float | Decimal | None:
    match row.kind, row.value:
        case (("number" | "integer"), int() | float()):
            return row.value
        case "decimal", str():
            try:
                return Decimal(row.value)
            except InvalidOperation:
                return None
    return None


def _near(found: float, truth: float, resolution: float) -> bool:
    """Within two units in the last place, or within one step of what the source sent."""
    return abs(found - truth) <= max(2 * math.ulp(truth), resolution)


def _vector(row: Row, vector: tuple[float, ...], truth: Reported) -> bool:
    parts = _json(row.value) if row.kind == "text" else None
    if isinstance(row.value, str) and not isinstance(parts, list):
        parts = row.value.split()
    try:
        numbers = [float(each) for each in parts or ()]
    except (ValueError, TypeError):
        return False
    allowed = truth.resolution if truth.converted else 0.0
    return len(numbers) == len(vector) and all(
        _near(one, other, allowed) for one, other in zip(numbers, vector, strict=True)
    )


def _json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None


def _stranger(row: Row, result: Matching, *, late: bool) -> None:
    """A good row at a time at which its item said nothing."""
    reports = result.expected.get(row.key, []) if row.key is not None else []
    same = [each for each in reports if _equal(row, each)]
    moved = [each for each in same if ((each.device, each.item), each.at) not in result.seen]
    # What was lost in a cut may have had the same value: a former one that came is the nearer.
    former = [each for each in same if each not in moved and each.at <= row.at]
    if late and former:
        result.repeated.append(Deviation(row, former[-1]))
    elif moved:
        result.other_time.append(Deviation(row, moved[0]))
    elif late and same:
        result.repeated.append(Deviation(row, same[-1]))
    else:
        result.invented.append(Deviation(row, None))


def _window(delivery: Delivery, result: Matching) -> None:
    """What was said after the product had joined and before it left, and did not arrive.

    It had joined by the first moment of which everything arrived. Items that it does not
    describe it need not deliver, and conditions may come as alarms alone.
    """
    wanted = set(keys(delivery).values())
    fault = next((each["n"] for each in delivery.faults), math.inf)
    moments: dict[int, set[tuple[Key, int]]] = defaultdict(set)
    reports: dict[tuple[Key, int], Reported] = {}
    for each in delivery.truth:
        key = (each.device, each.item)
        if each.listed and key in wanted and each.kind != "series" and each.n < fault:
            if each.category == "condition":
                continue
            moments[each.at].add((key, each.at))
            reports[key, each.at] = each
    arrived = [at for at, group in moments.items() if group <= result.seen]
    begun = [at for at, group in moments.items() if group & result.seen]
    result.joined = min(arrived or begun, default=0)
    if delivery.role == "recorded":
        result.joined, result.left = -1, 2**63
    else:
        result.left = max((at for _, at in result.seen if at in moments), default=0)
    numbered = delivery.table["sequence"].null_count < delivery.rows
    if numbered:
        return  # the source's own numbers prove every hole: see the requirement on gaps
    for at in sorted(moments):
        if result.joined < at < result.left:
            lost = moments[at] - result.seen
            result.missing.extend(reports[each] for each in sorted(lost))
    moved = {
        ((each.truth.device, each.truth.item), each.truth.at)
        for each in result.other_time
        if each.truth is not None
    }
    result.missing = [
        each for each in result.missing if ((each.device, each.item), each.at) not in moved
    ]


def _twice(delivery: Delivery, result: Matching, first_fault: float) -> None:
    """Rows beyond the number of reports that they can have been made from."""
    said = Counter(id(truth) for _, truth in result.equal)
    if all(count == 1 for count in said.values()):
        return
    reports: dict[tuple[Key, int, str], int] = Counter(
        _about(each) for each in _listed(delivery.truth)
    )
    given: Counter[tuple[Key, int, str]] = Counter()
    for row, truth in result.equal:
        if row.replayed or delivery.event_of_row(row.number) > first_fault:
            continue
        about = _about(truth)
        given[about] += 1
        if given[about] > reports[about]:
            result.twice.append(row)


def _listed(truth: Iterable[Reported]) -> Iterator[Reported]:
    return (each for each in truth if each.listed)


def _about(each: Reported) -> tuple[Key, int, str]:
    return (each.device, each.item), each.at, repr(each.value)
