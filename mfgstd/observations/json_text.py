"""Observations written straight from columns to JSON text, without an object per value.

Says exactly what :func:`mfgstd.observations.documents.to_documents` says, several times as fast:
Arrow joins the fragments of all rows at once. For sinks, which write much and look at nothing.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson
import pyarrow as pa

from mfgstd.observations.documents import (
    KINDS,
    NATIVE_MEMBERS,
    PLAIN_MEMBERS,
    TIME_MEMBERS,
    Column,
    pc,
    time_text,
    without_unsayable_numbers,
)

if TYPE_CHECKING:
    from collections.abc import Collection

# RFC 8259 section 7: what a JSON string may not hold as it is.
_MUST_ESCAPE: Final = r'["\\\x00-\x1f]'


def to_json_texts(batch: pa.RecordBatch, *, omit: Collection[str] = frozenset()) -> Column:
    """One JSON object a row, the ``Observation`` document as text.

    Args:
        batch: rows of :data:`mfgstd.observations.SCHEMA`.
        omit: columns that the surrounding document already tells (``source``, ``epoch``).
    """
    batch = without_unsayable_numbers(batch)
    fragments: list[Column | str] = [
        *_member('{"dataItem":', batch["data_item"]),
        ',"eventTime":"',
        time_text(batch["event_time"], batch["event_time_ns"]),
        '"',
        *_member(',"quality":{"status":', batch["status"]),
        *_member(',"reason":', batch["reason"]),
        "}",
    ]
    for kind in KINDS:
        quote = '"' if kind == "integer" else ""
        fragments += _member(f',"value":{{"{kind}":{quote}', batch[kind], f"{quote}}}")
    for name, member in TIME_MEMBERS.items():
        if name not in omit:
            fragments += _member(f',"{member}":', batch[name])
    for name, member in PLAIN_MEMBERS.items():
        if name not in omit:
            fragments += _member(f',"{member}":', batch[name])
    native = [
        fragment
        for name, member in NATIVE_MEMBERS.items()
        for fragment in _member(f',"{member}":', batch[name])
    ]
    if native:
        # Each part begins with its comma; the object's first must not.
        inside = pc.utf8_slice_codeunits(_joined(*native), start=1)
        inside = pc.if_else(pc.equal(inside, _scalar("")), _NOTHING, inside)
        fragments.append(_framed(',"native":{', inside, "}"))
    return _joined(*fragments, "}")


def _member(before: str, column: Column, after: str = "") -> list[Column]:
    """Each value as JSON in its frame, and nothing where there is none.

    Most columns say the same few things over and over; those are written once each.
    """
    if column.null_count == len(column):
        return []
    distinct = column.dictionary_encode()
    if len(distinct.dictionary) * 4 > len(column):
        return [_framed(before, _written(column), after)]
    frames = _framed(before, _written(distinct.dictionary), after)
    if column.null_count:
        frames = pa.concat_arrays([frames, pa.array([""], pa.string())])
        return [frames.take(distinct.indices.fill_null(len(frames) - 1))]
    return [frames.take(distinct.indices)]


def _written(column: Column) -> Column:
    """Each value of any column as JSON; null stays null."""
    if pa.types.is_timestamp(column.type):
        return _joined('"', time_text(column), '"')
    if not pa.types.is_string(column.type):
        return column.cast(pa.string())
    escapes = pc.match_substring_regex(column, _MUST_ESCAPE)
    if not pc.any(escapes).as_py():
        return _joined('"', column, '"')
    written = [None if text is None else orjson.dumps(text).decode() for text in column.to_pylist()]
    return pa.array(written, pa.string())


def _framed(before: str, text: Column, after: str) -> Column:
    return _joined(before, text, after).fill_null(_scalar(""))


def _joined(*fragments: Column | str) -> Column:
    texts = [_scalar(each) if isinstance(each, str) else each for each in fragments]
    return pc.binary_join_element_wise(*texts, _scalar(""))


@cache
def _scalar(text: str) -> Any:
    # Arrow looks for pandas whenever it is handed a plain string: 50 us each, if it is not there.
    return pa.scalar(text, pa.string())


_NOTHING: Final = pa.scalar(None, pa.string())
