"""Observations that came as documents, read from their shelf as the rows that they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from mfgstd.expression.column_functions import timestamp
from mfgstd.observations.documents import those_in_rows
from mfgstd.validation.bulk.together.observation_rows import OBSERVATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from mfgstd.validation.bulk.together.documents_on_disk import Shelves

    Numbers = npt.NDArray[np.int64]

#: Documents in one piece.
_PIECE: Final = 1 << 20
#: Documents that are in memory whole.
_BATCH: Final = 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class ShelvedObservations:
    """The observations on a shelf; they read as those that came in rows."""

    shelves: Shelves

    def pieces(self, columns: Sequence[str]) -> Iterator[tuple[Numbers, pa.RecordBatch]]:
        """Those that have a sequence number; columns are those that the first reading needs."""
        shelf = self.shelves.table(OBSERVATION)
        this = shelf["this"]
        instant = timestamp(this["eventTime"])
        # What has no instant breaks no rule: the schema has no such document.
        found = shelf.select(
            row=shelf["row"],
            source=this["source"],
            epoch=this["epoch"],
            data_item=this["dataItem"],
            sequence=this["sequence"].cast("int64"),
            nanoseconds=instant.cast("int64"),
        )
        found = found.filter(found["sequence"].notnull() & found["nanoseconds"].notnull())
        reader = self.shelves.session.ibis.to_pyarrow_batches(
            found.order_by("row"), chunk_size=_PIECE
        )
        for batch in reader:
            nanoseconds = batch["nanoseconds"].to_numpy(zero_copy_only=False)
            instants = {
                "event_time": pa.array(nanoseconds // 1_000),
                "event_time_ns": pa.array(nanoseconds % 1_000),
            }
            arrays = [instants[name] if name in instants else batch[name] for name in columns]
            rows: Numbers = batch["row"].to_numpy(zero_copy_only=False)
            if len(rows):
                yield rows, pa.RecordBatch.from_arrays(arrays, names=list(columns))

    def whole(self, wanted: Numbers) -> Iterator[tuple[Numbers, pa.RecordBatch]]:
        """Some rows with all columns; a document that says more than rows can is no such row."""
        # Their texts are in memory at once, so not of too many.
        wanted = np.sort(wanted)
        for start in range(0, len(wanted), _BATCH):
            texts = self.shelves.texts(OBSERVATION, wanted[start : start + _BATCH].tolist())
            rows = np.array(sorted(texts), np.int64)
            kept, batch = those_in_rows([json.loads(texts[row]) for row in rows.tolist()])
            if kept:
                yield rows[kept], batch
