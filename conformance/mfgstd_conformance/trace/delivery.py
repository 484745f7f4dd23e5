"""One delivery out of a trace: what one session brought, by whichever wire, ready to be judged.

Observations stay columns. Words that repeat (items, kinds, units) are read as dictionaries, so
that a check looks at each word once and at the rows as small integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd.finding import Place
from mfgstd_conformance.trace.truth import Reported
from mfgstd_conformance.trace.writing import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Mask: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]

#: Columns of few distinct words.
WORDS: Final = (
    "data_item", "kind", "unit", "status", "reason", "native_unit", "time_quality", "source",
    "epoch",
)  # fmt: skip

_NAMESPACE: Final = "https://w3id.org/mfgstd/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One document as the product told it.

    ``data`` is the document itself, ``envelope`` what it travelled in, if anything. ``schema`` is
    the ``$id`` that the product names for it, if it names one.
    """

    n: int
    data: dict[str, Any]
    envelope: dict[str, Any] | None
    schema: str | None
    place: Place

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Told:
        """From an event ``product.document``."""
        given = event["document"]
        # JSON may be a text or a list, too: then nothing that a document needs is there.
        whole: dict[str, Any] = given if isinstance(given, dict) else {}
        place = Place(**event.get("place", {}))
        envelope, data, schema = None, whole, event.get("schema")
        if "specversion" in whole:
            envelope = whole
            inner = whole.get("data")
            data = inner if isinstance(inner, dict) else {}
            schema = whole.get("dataschema")
        schema = data.get("$schema", schema)
        named = schema if isinstance(schema, str) else None
        return cls(n=event["n"], data=data, envelope=envelope, schema=named, place=place)

    @property
    def slug(self) -> str:
        """``state-event`` of ``https://w3id.org/mfgstd/equipment/state-event/1``; else empty."""
        if self.schema is None or not self.schema.startswith(_NAMESPACE):
            return ""
        parts = self.schema.removeprefix(_NAMESPACE).split("/")
        return parts[1] if len(parts) == 3 else ""


class Delivery:
    """What one session of the product delivered.

    Args:
        folder: of the trace.
        started: the event with which the session began.
        events: all events of the session, in order.
        reported: all events ``stimulus.reported`` of the trace.
    """

    def __init__(
        self,
        folder: Path,
        started: Mapping[str, Any],
        events: Sequence[Mapping[str, Any]],
        reported: Sequence[Mapping[str, Any]],
    ) -> None:
        self.session: str = started["session"]
        self.wire: str = started["wire"]
        self.role: str = started["role"]
        self.events = tuple(events)
        self._folder = folder
        self._reported = reported
        self._codes: dict[str, tuple[Ints, list[str | None]]] = {}

    def of_kind(self, kind: str) -> list[Mapping[str, Any]]:
        """The events of one kind."""
        return [each for each in self.events if each["kind"] == kind]

    @cached_property
    def told(self) -> tuple[Told, ...]:
        """Every document, in order."""
        return tuple(map(Told.from_event, self.of_kind("product.document")))

    def documents(self, slug: str) -> list[Told]:
        """The documents of one schema, by the last part of its name (``data-item``)."""
        return [each for each in self.told if each.slug == slug]

    @cached_property
    def items(self) -> dict[str, dict[str, Any]]:
        """The DataItem documents by id; of one that was told twice, the last."""
        return {
            each.data["id"]: each.data
            for each in self.documents("data-item")
            if isinstance(each.data.get("id"), str)
        }

    @cached_property
    def truth(self) -> tuple[Reported, ...]:
        """What the source really said on this wire; empty where nobody knows."""
        return tuple(
            Reported.from_event(each, self.session)
            for each in self._reported
            if self.session in each["sessions"]
        )

    @cached_property
    def faults(self) -> list[Mapping[str, Any]]:
        """What was done to the source on purpose, in order."""
        return self.of_kind("stimulus.fault")

    @cached_property
    def table(self) -> pa.Table:
        """All rows, in the order in which they came; word columns are dictionaries."""
        names = dict.fromkeys(each["segment"] for each in self.of_kind("product.observations"))
        tables = [
            pq.read_table(self._folder / name, read_dictionary=list(WORDS), memory_map=True)
            for name in names
        ]
        if not tables:
            return COLUMNS.empty_table()
        return pa.concat_tables(tables).unify_dictionaries()

    @property
    def rows(self) -> int:
        """How many observations."""
        return int(self.table.num_rows)

    @cached_property
    def row_events(self) -> tuple[Ints, Ints]:
        """First row of each batch, and the number of the event with which it came."""
        batches = self.of_kind("product.observations")
        sizes = np.array([each["rows"] for each in batches], np.int64)
        return np.cumsum(sizes) - sizes, np.array([each["n"] for each in batches], np.int64)

    def event_of_row(self, row: int) -> int:
        """The number of the event with which a row came."""
        firsts, numbers = self.row_events
        return int(numbers[np.searchsorted(firsts, row, side="right") - 1])

    @cached_property
    def nanoseconds(self) -> Ints:
        """The event time of each row, in nanoseconds since 1970."""
        micros: Ints = column(self.table["event_time"].cast(pa.int64()), np.int64)
        below: Ints = column(self.table["event_time_ns"].cast(pa.int64()), np.int64)
        return micros * 1000 + below

    def codes(self, name: str) -> tuple[Ints, list[str | None]]:
        """A word column as small integers and their words; a null is -1."""
        if name not in self._codes:
            chunks = self.table[name]
            if chunks.type == pa.string():
                chunks = chunks.dictionary_encode()
            chunks = chunks.unify_dictionaries()
            if not chunks.num_chunks:
                self._codes[name] = np.zeros(0, np.int64), []
            else:
                words = chunks.chunk(0).dictionary.to_pylist()
                parts = [
                    each.indices.fill_null(-1).to_numpy(zero_copy_only=False)
                    for each in chunks.chunks
                ]
                self._codes[name] = np.concatenate(parts), words
        return self._codes[name]

    def is_word(self, name: str, *words: str) -> Mask:
        """Which rows have one of these words in a column."""
        codes, known = self.codes(name)
        wanted = np.array([each in words for each in known] + [False])  # the last is the null's
        found: Mask = wanted[codes]
        return found

    def is_null(self, name: str) -> Mask:
        """Which rows have nothing in a column."""
        if name in WORDS:
            found: Mask = self.codes(name)[0] < 0
            return found
        return column(self.table[name].is_null(), np.bool_)

    def tag(self, data_item: str | None) -> str | None:
        """What the supplier calls a data item: its source path or name, else its id."""
        item = self.items.get(data_item or "", {})
        source = item.get("source")
        path = source.get("path") if isinstance(source, dict) else None
        for each in (item.get("name"), path):
            if isinstance(each, str) and each:
                return each
        return data_item

    def row(self, row: int) -> dict[str, Any]:
        """One row as Python values; for findings, not for loops."""
        record: dict[str, Any] = self.table.slice(row, 1).to_pylist()[0]
        return record

    def place(self, row: int) -> Place:
        """Where a row stands: in the supplier's file where there is one, and the tag."""
        codes, words = self.codes("data_item")
        tag = self.tag(words[codes[row]] if codes[row] >= 0 else None)
        firsts, _ = self.row_events
        batch = int(np.searchsorted(firsts, row, side="right") - 1)
        told = self.of_kind("product.observations")[batch].get("place", {})
        inside = row - int(firsts[batch]) + int(told.get("row", 0)) if told else row
        return Place(path=told.get("path"), line=told.get("line"), row=inside, item=tag)


def column(values: Any, kind: type[Any]) -> npt.NDArray[Any]:
    """A column as NumPy; a null is zero or False."""
    filled = values.fill_null(False if kind is np.bool_ else 0)
    found: npt.NDArray[Any] = filled.to_numpy(zero_copy_only=False)
    return found.astype(kind, copy=False)
