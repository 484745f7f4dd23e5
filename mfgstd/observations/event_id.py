"""The same sample gets the same id by whichever way it comes from its source.

``event_id`` is the XXH3 128-bit hash (seed 0, 32 hexadecimal digits, most significant first) of
a record of 48 bytes, little-endian:

======  =======================================================================================
bytes   what
======  =======================================================================================
0-15    XXH3-128 of the UTF-8 text ``source U+001F data_item``: low half, then high half
16-23   the event time in nanoseconds since 1970-01-01T00:00:00Z, signed
24-27   the ordinal, unsigned
28      the kind: 0 none, 1 number, 2 integer, 3 decimal, 4 text, 5 boolean
29      the status: 0 good, 1 uncertain, 2 bad
30-31   zero
32-47   the value: the IEEE 754 bits of a number, a signed integer, or 1 or 0 for a boolean in
        the first eight bytes; XXH3-128 of the UTF-8 text of a text or decimal, low half, then
        high half; zero where nothing is said
======  =======================================================================================

Numbers enter by their bits, so that no engine's way of printing doubles matters. The ordinal
counts from 0 along successive rows of one source and item that have the same time, in the order
they were made: what an item says at another time in between starts the count anew, so that
counting needs no memory of all times there ever were. Any language can compute the id from that
table; the tests hold recorded ids.

XXH3 and not a cryptographic hash: an id tells samples apart, it proves nothing; and hashing
would cost more than the rest of a translation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from xxhash import xxh3_128_digest

from mfgstd.observations.xxh3 import LENGTH, Words, hexdigests

if TYPE_CHECKING:
    from collections.abc import Mapping

# Made once: each conversion of a Python value makes Arrow look for pandas, a tenth of a
# millisecond where that is not installed.
_SEPARATOR: Final = pa.scalar("\x1f")
_KINDS: Final = pa.array(["none", "number", "integer", "decimal", "text", "boolean"])
_STATUSES: Final = pa.array(["good", "uncertain", "bad"])
_NUMBER, _INTEGER, _DECIMAL, _TEXT, _BOOLEAN = range(1, 6)
#: A time that no row has.
_NEVER: Final = np.iinfo(np.int64).min


class Ordinals:
    """Counts rows of equal item and time over any number of batches.

    Args:
        items: how many items there are; rows name them by position.
    """

    def __init__(self, items: int) -> None:
        self._time = np.full(items, _NEVER, np.int64)
        self._count = np.zeros(items, np.int64)
        # Up to 16 bits NumPy sorts in linear time.
        self._narrow = np.int16 if items < 2**15 else np.int32

    def count(
        self, item: npt.NDArray[Any], nanoseconds: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64] | None:
        """The ordinal of each row; ``None`` where all are 0."""
        length = len(item)
        if length == 0:
            return None
        order = np.argsort(item.astype(self._narrow, copy=False), kind="stable")
        items, times = item[order], nanoseconds[order]
        change = np.flatnonzero(items[1:] != items[:-1])
        firsts = np.append(0, change + 1)
        lasts = np.append(change, length - 1)
        same = np.empty(length, bool)
        same[0] = False
        same[1:] = times[1:] == times[:-1]
        same[firsts] = False
        head = items[firsts]
        going_on = self._time[head] == times[firsts]
        if not same.any() and not going_on.any():
            self._time[head], self._count[head] = times[lasts], 0
            return None
        position = np.arange(length)
        counted = position - np.maximum.accumulate(np.where(same, 0, position))
        if going_on.any():
            # The first run of an item goes on where the batch before left off.
            run = np.cumsum(~same) - 1
            base = np.zeros(run[-1] + 1, np.int64)
            base[run[firsts[going_on]]] = self._count[head[going_on]] + 1
            counted = counted + base[run]
        self._time[head], self._count[head] = times[lasts], counted[lasts]
        ordinal = np.empty(length, np.int64)
        ordinal[order] = counted
        return ordinal


def ordinals(item: npt.NDArray[Any], nanoseconds: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Count rows of equal item and time from 0, in the order they stand in.

    ``item`` holds one small integer per distinct data item; both arrays have one entry a row.
    """
    if not len(item):
        return np.zeros(0, np.int64)
    counted = Ordinals(int(item.max()) + 1).count(item, nanoseconds)
    return np.zeros(len(item), np.int64) if counted is None else counted


def event_ids(
    *,
    origin: Words,
    nanoseconds: npt.NDArray[np.int64],
    columns: Mapping[str, pa.Array],
    ordinal: npt.NDArray[np.int64] | None,
) -> pa.Array:
    """Ids for all rows at once.

    Args:
        origin: shape (2, rows), as :func:`origins` makes it.
        nanoseconds: the event times.
        columns: the columns ``kind``, ``status`` and those of the values, by name.
        ordinal: see above; ``None`` where all are 0.
    """
    length = len(nanoseconds)
    kind = pc.index_in(columns["kind"], value_set=_KINDS).to_numpy(zero_copy_only=False)
    status = pc.index_in(columns["status"], value_set=_STATUSES).to_numpy(zero_copy_only=False)
    words = np.zeros((LENGTH // 8, length), np.uint64)
    words[0:2] = origin
    words[2] = nanoseconds.view(np.uint64)
    words[3] = kind.astype(np.uint64) << np.uint64(32) | status.astype(np.uint64) << np.uint64(40)
    if ordinal is not None:
        words[3] |= ordinal.astype(np.uint64) & np.uint64(0xFFFFFFFF)
    _put_values(words, kind, columns)
    offsets = np.arange(length + 1, dtype=np.int32) * 32
    return pa.StringArray.from_buffers(
        length, pa.py_buffer(offsets), pa.py_buffer(hexdigests(words))
    )


def _put_values(words: Words, kind: npt.NDArray[Any], columns: Mapping[str, pa.Array]) -> None:
    present = set(np.flatnonzero(np.bincount(kind, minlength=6)).tolist())
    if _NUMBER in present:
        bits = _buffer(columns["number"], np.float64).view(np.uint64)
        np.copyto(words[4], bits, where=kind == _NUMBER)
    if _INTEGER in present:
        whole = _buffer(columns["integer"], np.int64).view(np.uint64)
        np.copyto(words[4], whole, where=kind == _INTEGER)
    if _BOOLEAN in present:
        flags = pc.equal(columns["boolean"], pa.scalar(value=True)).fill_null(False)
        np.copyto(words[4], flags.to_numpy(zero_copy_only=False), where=kind == _BOOLEAN)
    for code, name in ((_TEXT, "text"), (_DECIMAL, "decimal")):
        if code in present:
            rows = np.flatnonzero(kind == code)
            said = columns[name] if len(rows) == len(kind) else columns[name].take(pa.array(rows))
            words[4:6, rows] = _digests(said)


def _buffer(column: pa.Array, of: type[np.generic]) -> npt.NDArray[Any]:
    """The values of a column without looking at which are null."""
    values: npt.NDArray[Any] = np.frombuffer(column.buffers()[1], of)
    return values[column.offset : column.offset + len(column)]


def _digests(texts: pa.Array) -> Words:
    """The hash of each text, shape (2, rows); machines repeat their words, so each is read once."""
    encoded = texts.dictionary_encode()
    said = encoded.dictionary.cast(pa.binary()).to_pylist()
    halves = np.frombuffer(b"".join(map(xxh3_128_digest, said)), ">u8").reshape(-1, 2)
    # The canonical form has the high half first.
    words = np.stack((halves[:, 1], halves[:, 0])).astype(np.uint64)
    chosen: Words = words[:, encoded.indices.to_numpy(zero_copy_only=False)]
    return chosen


def origins(source: pa.Array, data_item: pa.Array) -> Words:
    """Where each row comes from, as an id begins; shape (2, rows), one column a row."""
    return _digests(pc.binary_join_element_wise(source, data_item, _SEPARATOR))
