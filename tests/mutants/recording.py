"""A recorded trace that can be changed: what the product gave, never what the shop said.

A mutant is a reference with one defect. Running each of them against the shop would take minutes;
recording the reference once and giving its delivery a defect afterwards takes milliseconds, and
a check cannot tell the difference, because all that it ever sees is a trace.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd.observations import SCHEMA
from mfgstd_conformance.plan import Plan, Seed
from mfgstd_conformance.trace import Trace, TraceWriter
from mfgstd_conformance.trace.writing import COLUMNS
from tests.references.plain.rows import event_id_of

Row = dict[str, Any]
Event = dict[str, Any]

_HEAD = ("n", "at", "by", "kind", "session")


class Recording:
    """The events of a trace in order; those with observations hold their ``rows`` as dicts.

    Times in rows are microseconds since 1970, as integers.
    """

    def __init__(self, events: list[Event]) -> None:
        self.events = events

    @classmethod
    def of(cls, trace: Trace) -> Recording:
        """What a trace holds."""
        tables: dict[str, list[Row]] = {}
        events = []
        for each in trace.events():
            event = dict(copy.deepcopy(each))
            if event["kind"] == "product.observations":
                name = event.pop("segment")
                if name not in tables:
                    tables[name] = _read(trace.folder / name)
                first, count = event.pop("first"), event["rows"]
                event["rows"] = tables[name][first : first + count]
            events.append(event)
        return cls(events)

    def copy(self) -> Recording:
        """The same again, to be changed."""
        # Everything in it is JSON, and this is ten times as fast as a deep copy.
        return Recording(json.loads(json.dumps(self.events)))

    def write(self, folder: Path, *, plan: Plan, seed: Seed) -> Trace:
        """As a trace in a folder."""
        with _Rewriter(folder, plan=plan, seed=seed) as writer:
            for event in self.events:
                writer.repeat(event)
        return Trace.open(folder)

    def of_kind(self, kind: str, session: str | None = None) -> list[Event]:
        """The events of one kind, of one session or all."""
        return [
            each
            for each in self.events
            if each["kind"] == kind and session in (None, each.get("session"))
        ]

    def told(self, slug: str, session: str | None = None) -> list[Event]:
        """The events that hold documents of one schema (``data-item``)."""
        return [
            each
            for each in self.of_kind("product.document", session)
            if (each["document"].get("dataschema") or each["schema"]).split("/")[-2] == slug
        ]

    def documents(self, slug: str, session: str | None = None) -> list[dict[str, Any]]:
        """The documents themselves, without their envelopes."""
        return [
            each["document"].get("data", each["document"]) if "specversion" in each["document"]
            else each["document"]
            for each in self.told(slug, session)
        ]  # fmt: skip

    def rows(self, session: str | None = None) -> Iterator[Row]:
        """Every row, in order."""
        for event in self.of_kind("product.observations", session):
            yield from event["rows"]

    def named(self, name: str, session: str | None = None) -> list[Row]:
        """The rows of the data items of one name."""
        identities = {
            each["id"] for each in self.documents("data-item", session) if each["name"] == name
        }
        found = [each for each in self.rows(session) if each["data_item"] in identities]
        assert found, f"the reference delivered nothing of {name}"
        return found

    def add_row(self, row: Row, session: str, *, after: Row | None = None) -> None:
        """One more row, with its right event id, at the end or after another one."""
        events = self.of_kind("product.observations", session)
        for event in events:
            for position, each in enumerate(event["rows"]):
                if each is after:
                    event["rows"].insert(position + 1, row)
                    return
        events[-1]["rows"].append(row)

    def remove_rows(self, gone: Callable[[Row], bool], session: str | None = None) -> int:
        """Every row of which ``gone`` is true; returns how many those were."""
        removed = 0
        for event in self.of_kind("product.observations", session):
            kept = [each for each in event["rows"] if not gone(each)]
            removed += len(event["rows"]) - len(kept)
            event["rows"] = kept
        assert removed, "no such row was delivered"
        return removed

    def remove(self, gone: list[Event]) -> None:
        """These events."""
        assert gone, "no such document was delivered"
        numbers = {id(each) for each in gone}
        self.events = [each for each in self.events if id(each) not in numbers]

    def insert(self, event: Event, *, after: Event) -> None:
        """One more event."""
        at = next(n for n, each in enumerate(self.events) if each is after)
        self.events.insert(at + 1, event)


def change(row: Row, **columns: Any) -> None:
    """Give a row other values and the event id that these have."""
    ordinal = next((n for n in range(1000) if row["event_id"] == event_id_of(row, n)), None)
    assert ordinal is not None, "the reference's own event id is wrong"
    row.update(columns)
    row["event_id"] = event_id_of(row, ordinal)


class _Rewriter(TraceWriter):
    """Writes events with the times that they had."""

    _at = ""

    def repeat(self, event: Event) -> None:
        self._at = event["at"]
        what = {name: value for name, value in event.items() if name not in _HEAD}
        match event["kind"]:
            case "product.observations":
                if event["rows"]:
                    batch = batch_of(event["rows"], COLUMNS)
                    self.observations(event["session"], batch, place=event.get("place"))
            case "mutant.text":
                self.text(event, event["text"])
            case kind:
                self.event(event["by"], kind, event.get("session"), **what)

    def text(self, event: Event, data: bytes) -> None:
        schema, place = event.get("schema"), event.get("place")
        self.document(event["session"], data, schema=schema, place=place)

    def _head(self, by: str, kind: str, session: str | None) -> dict[str, Any]:
        return super()._head(by, kind, session) | {"at": self._at}


def _read(path: Path) -> list[Row]:
    return rows_of(pq.read_table(path))


def rows_of(table: pa.Table) -> list[Row]:
    """The rows of a table, with times in microseconds."""
    for number, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(number, field.name, table[field.name].cast(pa.int64()))
    rows: list[Row] = table.to_pylist()
    return rows


def batch_of(rows: list[Row], schema: pa.Schema = SCHEMA) -> pa.RecordBatch:
    """The batch of such rows."""
    columns = []
    for each in schema:
        values = [row[each.name] for row in rows]
        if pa.types.is_timestamp(each.type):
            columns.append(pa.array(values, pa.int64()).cast(each.type))
        else:
            columns.append(pa.array(values, each.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)
