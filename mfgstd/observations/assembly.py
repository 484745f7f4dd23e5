"""Putting columns together into the one batch that everything downstream knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mfgstd.observations._schema import SCHEMA
from mfgstd.observations.event_id import event_ids, ordinals, origins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.observations.xxh3 import Words

#: "Count them here", as opposed to ``None``: all ordinals are 0.
_COUNT: Final = object()
_MICROSECONDS: Final = pa.timestamp("us", tz="UTC")


def assemble(
    nanoseconds: npt.NDArray[np.int64],
    columns: Mapping[str, Any],
    ordinal: npt.NDArray[np.int64] | object | None = _COUNT,
    *,
    origin: Words | None = None,
) -> pa.RecordBatch:
    """Build a batch of :data:`SCHEMA` from what a source knows; the rest is null.

    Args:
        nanoseconds: the event time of each row, in nanoseconds since 1970, UTC.
        columns: column name -> Arrow array, NumPy array, or one Python value for all rows.
            ``data_item``, ``kind``, ``status`` and ``source`` must be there; ``event_time``,
            ``event_time_ns`` and ``event_id`` are made here.
        ordinal: each row's place among rows of equal item and event time, where the caller
            knows better than this batch (a report that was split over two batches); ``None``
            where it is 0 for all.
        origin: what :func:`mfgstd.observations.event_id.origins` would make, where the caller
            has it at hand: there are far fewer items than rows.
    """
    length = len(nanoseconds)
    microseconds = nanoseconds // 1000
    filled: dict[str, pa.Array] = {
        "event_time": pa.array(microseconds).view(_MICROSECONDS),
        "event_time_ns": pa.array((nanoseconds - microseconds * 1000).astype(np.int16)),
    }
    for field in SCHEMA:
        if field.name in filled or field.name == "event_id":
            continue
        filled[field.name] = _column(columns.get(field.name), field.type, length)
    if ordinal is _COUNT:
        codes = filled["data_item"].dictionary_encode().indices.to_numpy(zero_copy_only=False)
        ordinal = ordinals(codes, nanoseconds)
    filled["event_id"] = event_ids(
        origin=origins(filled["source"], filled["data_item"]) if origin is None else origin,
        nanoseconds=nanoseconds,
        columns=filled,
        ordinal=ordinal if isinstance(ordinal, np.ndarray) else None,
    )
    return pa.RecordBatch.from_arrays([filled[name] for name in SCHEMA.names], schema=SCHEMA)


def empty() -> pa.RecordBatch:
    """A batch without rows."""
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in SCHEMA], schema=SCHEMA)


def _column(given: Any, type_: pa.DataType, length: int) -> pa.Array:
    if given is None:
        return pa.nulls(length, type_)
    if isinstance(given, pa.Array):
        return given if given.type == type_ else given.cast(type_)
    if isinstance(given, np.ndarray):
        return pa.array(given, type_)
    return pa.repeat(given if isinstance(given, pa.Scalar) else pa.scalar(given, type_), length)
