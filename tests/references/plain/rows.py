"""Observation rows, one Python list per column, and the event id computed from its definition.

Nothing of ``mfgstd.observations`` is used but the schema of the columns: two computations of one
definition are worth more than one that is called twice.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa
from xxhash import xxh3_128_hexdigest, xxh3_128_intdigest

from mfgstd.observations import SCHEMA

_TIME: Final = re.compile(r"(.{19})(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)")


def nanoseconds(text: str) -> int:
    """Nanoseconds since 1970 of an RFC 3339 text.

    Raises:
        ValueError: it is none.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(text)
    whole, fraction, zone = match.groups()
    seconds = int(datetime.fromisoformat(whole + zone.replace("Z", "+00:00")).timestamp())
    return seconds * 1_000_000_000 + int((fraction or "").ljust(9, "0"))


def moment(at: int) -> str:
    """The text of nanoseconds since 1970."""
    seconds, below = divmod(at, 1_000_000_000)
    whole = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f".{below:09d}".rstrip("0") if below else ""
    return f"{whole}{digits}Z"


_KINDS: Final = ("none", "number", "integer", "decimal", "text", "boolean")
_STATUSES: Final = ("good", "uncertain", "bad")


def event_id_of(row: Mapping[str, Any], ordinal: int) -> str:
    """The id of one row, from the table that defines ``event_id``; times are in microseconds."""
    kind = row["kind"]
    value = b""
    # A defective product may name a kind and give no value; the definition has zeros for that.
    match None if row.get(kind) is None else kind:
        case "number":
            value = struct.pack("<d", row["number"])
        case "integer":
            value = struct.pack("<q", row["integer"])
        case "boolean":
            value = struct.pack("<q", row["boolean"])
        case "text" | "decimal":
            value = _digest(row[kind])
    record = struct.pack(
        "<16sqIBBH16s",
        _digest(f"{row['source']}\x1f{row['data_item']}"),
        row["event_time"] * 1000 + (row["event_time_ns"] or 0),
        ordinal,
        _KINDS.index(kind),
        _STATUSES.index(row["status"]),
        0,
        value,
    )
    return xxh3_128_hexdigest(record)


def _digest(text: str) -> bytes:
    return xxh3_128_intdigest(text.encode()).to_bytes(16, "little")


@dataclass(slots=True)
class Ordinals:
    """Counts successive reports of one item at one and the same time from 0."""

    _latest: dict[str, tuple[int, int]] = field(default_factory=dict)

    def count(self, item: str, at: int) -> int:
        before, counted = self._latest.get(item, (None, 0))
        counted = counted + 1 if before == at else 0
        self._latest[item] = (at, counted)
        return counted


@dataclass(slots=True)
class Rows:
    """Rows that grow into one batch."""

    times: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    _rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, row: Mapping[str, Any], *, at: int, recorded: int, ordinal: int) -> None:
        """One observation; ``row`` has the columns that are filled, but for times and id."""
        event_id = event_id_of(
            {**row, "event_time": at // 1000, "event_time_ns": at % 1000}, ordinal
        )
        micros, below = divmod(at, 1000)
        self._rows.append(
            {
                **row,
                "event_time": micros,
                "event_time_ns": below,
                "record_time": recorded // 1000,
                "time_quality": "unsynchronized",
                "event_id": event_id,
            }
        )
        self.times.append(at)
        if "sequence" in row:
            self.sequences.append(row["sequence"])

    def batch(self) -> pa.RecordBatch:
        """The columns of the standard."""
        columns = []
        for each in SCHEMA:
            values = [row.get(each.name) for row in self._rows]
            if pa.types.is_timestamp(each.type):
                columns.append(pa.array(values, pa.int64()).cast(each.type))
            else:
                columns.append(pa.array(values, each.type))
        return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
