"""Holding collected data against what the machines really said.

Values are compared one by one with the truth that each report carries. Numbers may differ in the
thirteenth digit: 1.2345 x 25.4 in doubles has more than one honest rounding.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

from mfgstd_conformance.peers.machine import Latest, Message, Report, Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

Wire = Literal["mtconnect", "shdr"]

#: Relative; two roundings of a double differ by less.
_TOLERANCE: Final = 1e-13

#: Differences that are told; the rest is counted.
_TOLD: Final = 20

_COLUMNS: Final = (
    "data_item", "event_time", "event_time_ns", "kind", "number", "integer", "decimal", "text",
    "unit", "status", "reason", "native_value", "native_unit", "native_status",
)  # fmt: skip

_SEGMENT: Final = "time-series-segment"


@dataclass(slots=True)
class Comparison:
    """What came out: values compared, and what differed, in English sentences."""

    values: int = 0
    differences: list[str] = field(default_factory=list)
    differing: int = 0

    def differ(self, sentence: str) -> None:
        """Note one difference."""
        self.differing += 1
        if len(self.differences) < _TOLD:
            self.differences.append(sentence)


def identity(base: str, each: Report) -> str:
    """The id of a data item below the owner's base URI."""
    return f"{base}{quote(each.machine.uuid, safe='')}/{quote(each.signal.id, safe='')}"


def compare(folder: Path, said: Sequence[Report], *, base: str, wire: Wire) -> Comparison:
    """Compare a collection with the reports that could have reached it.

    Args:
        folder: what ``mfgstd collect`` wrote: ``observations.parquet`` and ``events.ndjson``.
        said: everything that was said on this wire.
        base: the base URI of the identities.
        wire: which of the two protocols it came by.
    """
    result = Comparison()
    truths: dict[tuple[str, int], list[Report]] = defaultdict(list)
    series: dict[tuple[str, tuple[float, ...]], Report] = {}
    for each in said:
        if each.truth is None:
            continue
        if isinstance(each.truth.value, tuple) and each.truth.kind == "number":
            series[identity(base, each), each.truth.value] = each
        else:
            truths[identity(base, each), each.at].append(each)
    seen: set[tuple[str, int]] = set()
    for row in rows(folder / "observations.parquet"):
        key = (row["data_item"], row["nanoseconds"])
        seen.add(key)
        _compare_row(row, truths.get(key, []), wire, result)
    for segment in _segments(folder / "events.ndjson"):
        result.values += len(segment["values"])
        found = series.get((segment["dataItem"], tuple(map(float, segment["values"]))))
        if found is None:
            result.differ(f"{segment['dataItem']}: a trace that no machine measured")
        elif found.truth is not None and segment.get("unit") != found.truth.unit:
            result.differ(f"{segment['dataItem']}: unit {segment.get('unit')!r}")
    if not seen:
        result.differ("nothing was collected")
    for item, at in sorted(_missing(truths, seen, base), key=lambda key: key[1]):
        result.differ(f"{item}: what was said at {at} ns did not arrive")
    return result


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of an observations file, with their time in nanoseconds since 1970."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=list(_COLUMNS))
    micros: list[int] = table.column("event_time").cast(pa.int64()).to_numpy().tolist()
    for row, micro in zip(table.drop_columns("event_time").to_pylist(), micros, strict=True):
        row["nanoseconds"] = micro * 1000 + (row["event_time_ns"] or 0)
        yield row


def value_of(row: Mapping[str, Any]) -> Any:
    """The one filled value of a row; a ``decimal`` as the integer that it is here."""
    if row["kind"] == "none":
        return None
    return int(row["decimal"]) if row["kind"] == "decimal" else row[row["kind"]]


def _compare_row(
    row: Mapping[str, Any], candidates: Sequence[Report], wire: Wire, result: Comparison
) -> None:
    result.values += 1
    if not candidates:
        result.differ(f"{row['data_item']}: nothing was said at {row['nanoseconds']} ns")
        return
    complaints = [_complaint(row, each, wire) for each in candidates]
    if all(complaints):
        result.differ(f"{row['data_item']} at {row['nanoseconds']} ns: {complaints[0]}")


def _complaint(row: Mapping[str, Any], each: Report, wire: Wire) -> str | None:
    truth = each.truth
    if truth is None:
        return "the device model does not know this item"
    expected = {"kind": truth.kind, "unit": truth.unit, "status": truth.status}
    if truth.status == "bad":
        expected["reason"] = truth.reason
    # The published XSD gives a message no place for its code: an agent cannot tell it.
    if not (wire == "mtconnect" and isinstance(each.said, Message)):
        expected["native_status"] = truth.native_status
    for name, value in expected.items():
        if row[name] != value:
            return f"{name} is {row[name]!r}, in truth {value!r}"
    if not _equal(value_of(row), truth):
        return f"the value is {value_of(row)!r}, in truth {truth.value!r}"
    return None


def _equal(found: Any, truth: Truth) -> bool:
    expected = truth.value
    match expected:
        case float():
            return math.isclose(found, expected, rel_tol=_TOLERANCE)
        case tuple():
            parts = json.loads(found)
            return len(parts) == len(expected) and all(
                math.isclose(one, other, rel_tol=_TOLERANCE)
                for one, other in zip(parts, expected, strict=True)
            )
        case dict():
            return bool(json.loads(found) == expected)
        case _:
            return bool(found == expected)


def _segments(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if f"/{_SEGMENT}/" in event["dataschema"]:
                yield event["data"]


def _missing(
    truths: Mapping[tuple[str, int], Sequence[Report]], seen: set[tuple[str, int]], base: str
) -> Iterable[tuple[str, int]]:
    """What this client should have been told, and was not.

    A client that joins is told what stands then, and all that is said from then on; in its last
    moment it may leave half-way. It joined at the latest moment that explains what it has of
    before: nothing but what stood.
    """
    moments: dict[int, list[Report]] = defaultdict(list)
    for (_, at), said in truths.items():
        moments[at] += said
    standing = Latest()
    had: set[tuple[str, int]] = set()
    joined, expected = -1, set[tuple[str, int]]()
    for at in sorted(moments):
        for each in moments[at]:
            standing.apply(0, each)
            had |= {(identity(base, each), at)} & seen
        stands = {(identity(base, each), each.at) for _, each in standing.reports()}
        if had and had <= stands:
            joined, expected = at, stands
    left = max((at for _, at in seen), default=0)
    expected |= {key for key in truths if joined < key[1] < left}
    return expected - seen
