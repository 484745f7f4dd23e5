"""Event ids: one for each observation, recomputable, and never the same report twice.

A million ids are compared by 64 bits of each; only where those collide are the ids themselves
looked at. Recomputing all of them would cost more than reading the trace, so a sample is
recomputed: its rows are drawn from the run's own seed, which nobody knew before the plan was fixed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mfgstd.finding import Finding, show
from mfgstd.language import Text
from mfgstd.observations.event_id import event_ids, origins
from mfgstd_conformance.checks.matching import matching
from mfgstd_conformance.checks.observations import KINDS, NO_ROWS, about, with_rows
from mfgstd_conformance.checks.registry import Outcome, check, once, some
from mfgstd_conformance.trace.delivery import column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd_conformance.trace import Delivery, Trace
    from mfgstd_conformance.trace.delivery import Ints, Mask

#: Rows whose id is computed again, of each delivery.
SAMPLE: Final = 4_000

#: Rows of one item at one time that are told apart by their ordinal; sources have a few.
_ORDINALS: Final = 64

_LENGTH: Final = 32
_STATUSES: Final = pa.array(["good", "uncertain", "bad"])
_SAID: Final = (
    "source", "data_item", "event_time", "event_time_ns", "kind", "number", "integer", "decimal",
    "text", "boolean", "status",
)  # fmt: skip


def _hashes(texts: Any) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """64 bits of each id; ids of another length than the definition's are hashed by Python."""
    parts = []
    for chunk in texts.chunks:
        lengths = pc.binary_length(chunk)
        usual = pc.all(pc.equal(lengths, _LENGTH)).as_py() is not False and not chunk.null_count
        if usual and len(chunk):
            whole = chunk.cast(pa.large_string()) if chunk.type != pa.string() else chunk
            start = int(np.frombuffer(whole.buffers()[1], np.int32)[whole.offset])
            data = np.frombuffer(whole.buffers()[2], np.uint8)[start : start + _LENGTH * len(chunk)]
            words = data.view(np.uint64).reshape(-1, 4)
            mixed = words[:, 0].copy()
            for number, odd in enumerate(
                (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
            ):
                mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(odd) + words[:, number + 1]
            parts.append(mixed)
        elif len(chunk):
            given = [hash(each) & (2**64 - 1) for each in chunk.to_pylist()]
            parts.append(np.array(given, np.uint64))
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


@once
def _shared(delivery: Delivery) -> list[list[int]]:
    """Groups of rows that have the same id."""
    hashes = _hashes(delivery.table["event_id"])
    if len(hashes) < 2:
        return []
    ordered = np.sort(hashes)
    double = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(double):
        return []
    rows = np.flatnonzero(np.isin(hashes, double))
    ids = delivery.table["event_id"].take(pa.array(rows)).to_pylist()
    groups: dict[str | None, list[int]] = {}
    for row, name in zip(rows.tolist(), ids, strict=True):
        groups.setdefault(name, []).append(row)
    return [each for each in groups.values() if len(each) > 1]


@once
def _sorted_out(delivery: Delivery) -> tuple[list[int], list[int]]:
    """Rows that share their id with another observation, and rows that repeat one."""
    other: list[int] = []
    again: list[int] = []
    groups = _shared(delivery)
    rows = [row for group in groups for row in group]
    if not rows:
        return other, again
    said = delivery.table.select(list(_SAID)).take(pa.array(rows)).to_pylist()
    content = {row: tuple(each.values()) for row, each in zip(rows, said, strict=True)}
    for group in groups:
        for row in group[1:]:
            (again if content[row] == content[group[0]] else other).append(row)
    return other, again


@check("MFG-OBS-008")
def an_event_id_stands_for_one_observation(trace: Trace) -> Iterator[Outcome]:
    """Whatever differs in source, item, time, kind, value or status has another id."""
    deliveries = with_rows(trace)
    for delivery in deliveries:
        rows, _ = _sorted_out(delivery)
        yield from some(
            np.array(rows, np.int64),
            "event-id.shared",
            lambda row, delivery=delivery: about(  # type: ignore[misc]  # bound at once
                delivery, row, "event-id.shared", _SHARED,
                expected="an id of its own", found=delivery.row(row)["event_id"],
            ),
        )  # fmt: skip
    if not deliveries:
        yield NO_ROWS


_SHARED: Final = Text(
    "Another observation has the same event id.", "다른 관측값과 이벤트 식별자가 같습니다."
)
_WRONG: Final = Text(
    "The event id is not the one that the definition yields.",
    "이벤트 식별자가 정의에 따라 계산한 값과 다릅니다.",
)
_AGAIN: Final = Text(
    "The same report was delivered before, and is not marked as replayed.",
    "이미 전달된 보고인데 재전송(replayed) 표시가 없습니다.",
)


@check("MFG-OBS-009")
def event_ids_can_be_recomputed(trace: Trace) -> Iterator[Outcome]:
    """On a sample by the run's seed. An ordinal is right if any small one fits."""
    deliveries = with_rows(trace)
    chance = np.random.default_rng(trace.manifest["seed"]["value"])
    for delivery in deliveries:
        rows = np.arange(delivery.rows)
        if len(rows) > SAMPLE:
            rows = np.sort(chance.choice(delivery.rows, SAMPLE, replace=False))
        yield from some(
            _not_recomputed(delivery, rows),
            "event-id.wrong",
            lambda row, delivery=delivery: _wrong(delivery, row),  # type: ignore[misc]  # the same
        )
    if not deliveries:
        yield NO_ROWS


def _not_recomputed(delivery: Delivery, rows: Ints) -> Ints:
    table = delivery.table.take(pa.array(rows))
    whole = {
        name: _plain(table[name]) for name in (*_SAID, "event_id") if not name.startswith("event_t")
    }
    # Rows that lack what an id is made of are told by others; here they say nothing.
    left = np.flatnonzero(_computable(whole))
    times = delivery.nanoseconds[rows]
    for ordinal in range(_ORDINALS):
        if not len(left):
            break
        taken = pa.array(left)
        some_of = {name: each.take(taken) for name, each in whole.items()}
        computed = event_ids(
            origin=origins(some_of["source"], some_of["data_item"]),
            nanoseconds=times[left],
            columns=some_of,
            ordinal=np.full(len(left), ordinal, np.int64),
        )
        left = left[~column(pc.equal(computed, some_of["event_id"]), np.bool_)]
    found: Ints = rows[left]
    return found


def _computable(columns: dict[str, Any]) -> Mask:
    """Rows that have a source, an item, known words and the one value that their kind names."""
    kinds = columns["kind"]
    there = column(kinds.is_valid(), np.bool_).copy()
    for name in ("source", "data_item"):
        there &= column(columns[name].is_valid(), np.bool_)
    there &= column(pc.is_in(columns["status"], value_set=_STATUSES), np.bool_)
    valued = column(pc.equal(kinds, pa.scalar("none")), np.bool_).copy()
    for kind in KINDS:
        named = column(pc.equal(kinds, pa.scalar(kind)), np.bool_)
        valued |= named & column(columns[kind].is_valid(), np.bool_)
    found: Mask = there & valued
    return found


def _plain(chunks: Any) -> Any:
    whole = chunks.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], whole.type)
    return whole.cast(pa.string()) if pa.types.is_dictionary(whole.type) else whole


def _wrong(delivery: Delivery, row: int) -> Finding:
    record = delivery.row(row)
    kind = record["kind"]
    about_it = f"{record['source']}, {kind} {show(record.get(kind), 40)}, {record['status']}"
    return Finding(
        rule="event-id.wrong",
        message=_WRONG,
        expected=f"the hash of {about_it}",
        found=show(record["event_id"]),
        source=delivery.place(row),
    )


@check("MFG-DLV-003")
def no_report_is_delivered_twice(trace: Trace) -> Iterator[Outcome]:
    """By event id, by the source's own number, and by the truth; until the first interruption."""
    deliveries = with_rows(trace)
    for delivery in deliveries:
        _, again = _sorted_out(delivery)
        rows = set(again) | set(_same_number(delivery))
        rows |= {each.number for each in matching(delivery).twice}
        fault = delivery.faults[0]["n"] if delivery.faults else None
        kept = [
            row
            for row in sorted(rows)
            if (fault is None or delivery.event_of_row(row) < fault)
            and not delivery.table["replayed"][row].as_py()
        ]
        yield from some(
            np.array(kept, np.int64),
            "delivery.duplicate",
            lambda row, delivery=delivery: about(  # type: ignore[misc]  # bound at once
                delivery, row, "delivery.duplicate", _AGAIN,
                expected="once", found=_report(delivery, row),
            ),
        )  # fmt: skip
    if not deliveries:
        yield NO_ROWS


def _report(delivery: Delivery, row: int) -> str:
    record = delivery.row(row)
    number = "" if record["sequence"] is None else f", sequence {record['sequence']}"
    return f"{record['native_value'] or record['kind']} at {record['event_time']}{number}"


def _same_number(delivery: Delivery) -> list[int]:
    """Rows whose source, epoch, number and item stood in an earlier row."""
    sequence = delivery.table["sequence"]
    if sequence.null_count == delivery.rows:
        return []
    numbers = column(sequence, np.int64)
    rows = np.flatnonzero(~delivery.is_null("sequence"))
    groups = delivery.codes("epoch")[0] + 1
    groups = groups * (len(delivery.codes("source")[1]) + 1) + delivery.codes("source")[0] + 1
    groups = groups * (len(delivery.codes("data_item")[1]) + 1) + delivery.codes("data_item")[0] + 1
    order = rows[np.lexsort((rows, groups[rows], numbers[rows]))]
    same = (numbers[order][1:] == numbers[order][:-1]) & (groups[order][1:] == groups[order][:-1])
    # Several conditions of one item may share what an agent says in one breath.
    candidates = order[1:][same]
    firsts = order[:-1][same]
    if not len(candidates):
        return []
    said = delivery.table.select(["kind", "text", "native_status"])
    left = said.take(pa.array(candidates)).to_pylist()
    right = said.take(pa.array(firsts)).to_pylist()
    return [row for row, a, b in zip(candidates.tolist(), left, right, strict=True) if a == b]
