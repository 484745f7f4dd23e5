"""CloudEvents 1.0 envelopes around documents and around batches of observations.

Ids are made from what an event says, so that a replay says it under the same id; the moment at
which it was written down is no part of that.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

from mfgstd.observations.documents import pc, time_text
from mfgstd.observations.json_text import to_json_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

#: Observations in one ObservationBatch: small enough for a message broker's 256 KiB and for
#: one line to be read at a glance of memory, large enough to make the envelope's cost vanish.
PER_BATCH: Final = 500

#: Rows turned into text at once: enough for Arrow to be fast, few enough for the memory.
_PER_STEP: Final = 100 * PER_BATCH

_STANDARD: Final = "https://w3id.org/mfgstd/"
_BATCH_SCHEMA: Final = f"{_STANDARD}equipment/observation-batch/1"
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, f"{_STANDARD}envelope/cloud-event")
# A replay is written down at another time, perhaps by a newer adapter; it is the same event.
_OF_THE_WRITING: Final = frozenset({"recordTime", "provenance"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who speaks: the URI of the source, and the adapter that translated it."""

    source: str
    adapter: str
    version: str

    @property
    def mfgadapter(self) -> str:
        """The extension attribute of the envelope."""
        return f"{self.adapter}/{self.version}"


def event_type(schema_id: str) -> str:
    """The ``type`` attribute of documents of one schema.

    >>> event_type("https://w3id.org/mfgstd/equipment/state-event/1")
    'org.mfgstd.equipment.state_event.recorded.v1'
    """
    domain, slug, major = schema_id.removeprefix(_STANDARD).split("/")
    return f"org.mfgstd.{domain}.{slug.replace('-', '_')}.recorded.v{major}"


def document_event(
    schema_id: str, document: Mapping[str, Any], origin: Origin, record_time: str
) -> dict[str, Any]:
    """The envelope of one document; ``time`` is when it happened, else when it was recorded."""
    told = {name: value for name, value in document.items() if name not in _OF_THE_WRITING}
    content = orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()
    identity = uuid.uuid5(_NAMESPACE, f"{origin.source}\n{schema_id}\n{content}")
    time = document.get("eventTime") or document.get("recordTime", record_time)
    return {**_attributes(str(identity), schema_id, origin, time), "data": document}


def observation_events(batch: pa.RecordBatch, origin: Origin, record_time: str) -> Iterator[bytes]:
    """One envelope as JSON text per :data:`PER_BATCH` rows, in order.

    The rows of one batch have one source and one epoch, which the batch tells once for all.
    """
    for first in range(0, batch.num_rows, _PER_STEP):
        yield from _step(batch.slice(first, _PER_STEP), origin, record_time)


def _step(batch: pa.RecordBatch, origin: Origin, record_time: str) -> Iterator[bytes]:
    texts: list[str] = to_json_texts(batch, omit={"source", "epoch"}).to_pylist()
    event_ids = list(map(str, batch["event_id"].to_pylist()))
    recorded = time_text(batch["record_time"]).to_pylist()
    for start, stop in _stretches(batch):
        identity = uuid.uuid5(_NAMESPACE, "\n".join(event_ids[start:stop]))
        data: dict[str, Any] = {
            "id": identity.urn,
            "source": batch["source"][start].as_py(),
            "recordTime": recorded[stop - 1] or record_time,
        }
        if (epoch := batch["epoch"][start].as_py()) is not None:
            data["epoch"] = epoch
        envelope = _attributes(str(identity), _BATCH_SCHEMA, origin, data["recordTime"])
        head = orjson.dumps({**envelope, "data": data})
        # Both closing braces make room for the observations, which are JSON already.
        observations = ",".join(texts[start:stop]).encode()
        yield b"".join((head[:-2], b',"observations":[', observations, b"]}}"))


def _attributes(identity: str, schema_id: str, origin: Origin, time: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": identity,
        "source": origin.source,
        "type": event_type(schema_id),
        "time": time,
        "dataschema": schema_id,
        "datacontenttype": "application/json",
        "mfgadapter": origin.mfgadapter,
    }


def _stretches(batch: pa.RecordBatch) -> Iterator[tuple[int, int]]:
    """First and past-the-last row of each piece of one source, one epoch and bounded length."""
    length = batch.num_rows
    if length == 0:
        return
    cuts = {0, length}
    for name in ("source", "epoch"):
        column = batch[name]
        if column.null_count < length and pc.count_distinct(column, mode="all").as_py() > 1:
            codes = column.fill_null("").dictionary_encode().indices.to_numpy()
            cuts.update((np.flatnonzero(np.diff(codes)) + 1).tolist())
    edges = sorted(cuts)
    for start, stop in pairwise(edges):
        for begin in range(start, stop, PER_BATCH):
            yield begin, min(begin + PER_BATCH, stop)
