"""From what a machine wrote to what it means: native texts become typed, unit-true columns.

SHDR reports and agent streams share this step; only the unit that a number arrives in differs.
Everything is done a column at a time. A value that cannot be read is not dropped: its row says
``bad / not_convertible`` and keeps the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mfgstd_adapters.mtconnect.reports import exact
from mfgstd_adapters.mtconnect.reports.data_sets import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mfgstd_adapters.mtconnect.model.devices import Item
    from mfgstd_adapters.mtconnect.model.units import Conversion

Indices: TypeAlias = npt.NDArray[np.int32]
Mask: TypeAlias = npt.NDArray[np.bool_]

#: How the value of an item is read.
TEXT, NUMBER, INTEGER, VECTOR, DATA_SET, TABLE, CONDITION = range(7)

_KINDS = pa.array(["number", "integer", "decimal", "text", "none"])
_NUMBER, _INTEGER, _DECIMAL, _TEXT, _NONE = range(5)
_STATUS = pa.array(["good", "bad"])
_NOTHING = pa.scalar(None, pa.string())
_UNAVAILABLE: Final = "UNAVAILABLE"
# Made once: each conversion of a Python value makes Arrow look for pandas.
_UNAVAILABLE_WORD: Final = pa.scalar(_UNAVAILABLE)
_ZERO: Final = pa.scalar("0")
_THREE: Final = pa.scalar(3, pa.int32())
_COMMA, _OPEN, _CLOSE, _NO_SPACE = (pa.scalar(each) for each in (",", "[", "]", ""))
_ORIGIN: Final = pa.scalar("0 0 0")
_TRUE: Final = pa.scalar(value=True)
_REASONS: Final = pa.array(["no_communication", "not_convertible"])
_LEVELS = pa.array(["normal", "warning", "fault"])

# What counts as a number: Arrow reads no sign +, Python reads underscores and infinity.
_DECIMAL_NUMBER: Final = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,4000}")
_INT64: Final = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Converted:
    """The value columns of some rows, by name, and which rows could not be read."""

    columns: dict[str, pa.Array]
    failed: Mask
    unavailable: Mask


class ValueTable:
    """What conversion needs to know of each item, laid out as arrays and made once per model.

    Args:
        items: the items; a row names one by its position here.
        native: values are in the unit that the machine uses (SHDR), not in that of the data item
            (an agent has converted already).
    """

    def __init__(self, items: Sequence[Item], *, native: bool) -> None:
        self.how = np.array([reading(item) for item in items], np.int8)
        self.identity = pa.array([item.identity for item in items], pa.string())
        # A null behind the last, for rows that have no value to have a unit.
        self._unit = pa.array([*(item.unit for item in items), None], pa.string())
        words = [(item.native_units or item.units) if native else item.units for item in items]
        self._word = pa.array(words, pa.string())
        self._has_unit = any(item.unit for item in items)
        self._has_word = any(words)
        conversions: dict[Any, int] = {}
        self._conversions: list[Conversion] = []
        self._conversion = np.full(len(items), -1, np.int16)
        for position, item in enumerate(items):
            # A vendor's own unit has no conversion; its numbers stay as they are.
            found = item.conversion if native else None
            if found is None or found.is_identity:
                continue
            if found not in conversions:
                conversions[found] = len(self._conversions)
                self._conversions.append(found)
            self._conversion[position] = conversions[found]

    def convert(self, item: Indices, text: pa.Array) -> Converted:
        """Type the values of some rows.

        Args:
            item: the position of each row's item.
            text: what the source said, one string a row, no nulls.

        Returns:
            the columns ``data_item``, ``kind``, ``number``, ``integer``, ``decimal``, ``text``,
            ``unit``, ``status``, ``reason``, ``native_value`` and ``native_unit``.
        """
        length = len(item)
        how = self.how[item]
        absent = _unavailable(text)
        kind = np.full(length, _TEXT, np.int8)
        said = ~absent
        numeric = (how == NUMBER) & said
        rows = np.flatnonzero(numeric)
        numbers = np.zeros(length, np.float64)
        failed = np.zeros(length, bool)
        if len(rows):
            written = text if len(rows) == length else text.take(pa.array(rows))
            read, wrong = _numbers(written)
            numbers[rows] = self._convert(read, item[rows], written)
            # What is a double in inches may be none in millimetres.
            beyond = ~np.isfinite(numbers)
            if wrong is not None:
                beyond[rows[wrong]] = True
            failed |= beyond
            numeric &= ~beyond
        kind[numeric] = _NUMBER
        columns: dict[str, pa.Array] = {}
        replaced: list[tuple[npt.NDArray[np.int64], pa.Array]] = []
        if (how >= INTEGER).any():
            replaced = self._particular(item, text, how, said, kind, failed, columns)
        kind[absent] = _NONE
        kind[failed] = _NONE
        columns["number"] = pa.array(numbers, mask=kind != _NUMBER)
        columns["text"] = _texts(text, replaced, kind == _TEXT)
        self._describe(columns, item, text, kind, failed, absent)
        return Converted(columns, failed, absent)

    def _describe(
        self,
        columns: dict[str, pa.Array],
        item: Indices,
        text: pa.Array,
        kind: npt.NDArray[np.int8],
        failed: Mask,
        absent: Mask,
    ) -> None:
        """Add the columns that say what the value is, rather than the value."""
        positions = pa.array(item)
        columns["data_item"] = self.identity.take(positions)
        columns["kind"] = _KINDS.take(pa.array(kind))
        bad = failed | absent
        columns["status"] = _STATUS.take(pa.array(bad.astype(np.int8)))
        if bad.any():
            reason = pa.array(np.where(failed, 1, 0).astype(np.int8), mask=~bad)
            columns["reason"] = _REASONS.take(reason)
        if self._has_unit:
            # Arrow takes much faster by indices without nulls.
            units = positions
            if bad.any():
                units = pa.array(np.where(bad, len(self._unit) - 1, item))
            columns["unit"] = self._unit.take(units)
        if self._has_word:
            columns["native_unit"] = self._word.take(positions)
        columns["native_value"] = text

    def _convert(
        self, numbers: npt.NDArray[np.float64], item: Indices, written: pa.Array
    ) -> npt.NDArray[np.float64]:
        if not self._conversions:
            return numbers
        which = self._conversion[item]
        if (which < 0).all():
            return numbers
        numbers = numbers.copy()
        for number in np.unique(which[which >= 0]).tolist():
            rows = np.flatnonzero(which == number)
            numbers[rows] = exact.apply(
                self._conversions[number], written.take(pa.array(rows)), numbers[rows]
            )
        return numbers

    def _particular(
        self,
        item: Indices,
        text: pa.Array,
        how: npt.NDArray[np.int8],
        said: Mask,
        kind: npt.NDArray[np.int8],
        failed: Mask,
        columns: dict[str, pa.Array],
    ) -> list[tuple[npt.NDArray[np.int64], pa.Array]]:
        """Read what is neither plain text nor a plain number; return the rows with new texts."""
        replacements: list[tuple[npt.NDArray[np.int64], pa.Array]] = []

        def each(way: int) -> npt.NDArray[np.int64]:
            return np.flatnonzero((how == way) & said)

        if len(rows := each(INTEGER)):
            _integers(rows, text, kind, failed, columns)
        if len(rows := each(VECTOR)):
            read, wrong = self._vectors(text.take(pa.array(rows)), item[rows])
            failed[rows[wrong]] = True
            replacements.append((rows, read))
        if len(rows := each(CONDITION)):
            level = pc.utf8_lower(text.take(pa.array(rows)))
            failed[rows[~_flags(pc.is_in(level, value_set=_LEVELS))]] = True
            replacements.append((rows, level))
        for way in (DATA_SET, TABLE):
            if len(rows := each(way)):
                raw = text.take(pa.array(rows)).to_pylist()
                sets = [canonical(each_one, table=way == TABLE)[0] for each_one in raw]
                failed[rows[[found is None for found in sets]]] = True
                replacements.append((rows, pa.array(sets, pa.string())))
        return replacements

    def _vectors(self, text: pa.Array, item: Indices) -> tuple[pa.Array, Mask]:
        """Three numbers each, as the text of a JSON array of converted numbers."""
        parts = pc.ascii_split_whitespace(pc.ascii_trim_whitespace(text))
        right = _flags(pc.equal(pc.list_value_length(parts), _THREE))
        if not right.all():
            parts = pc.ascii_split_whitespace(
                pc.ascii_trim_whitespace(pc.if_else(pa.array(right), text, _ORIGIN))
            )
        components = parts.flatten()
        read, wrong = _numbers(components)
        numbers = self._convert(read, np.repeat(item, 3), components)
        finite = np.isfinite(numbers)
        failed = ~right | ~finite.reshape(-1, 3).all(axis=1)
        if wrong is not None:
            failed |= wrong.reshape(-1, 3).any(axis=1)
        written = pa.array(np.where(finite, numbers, 0.0)).cast(pa.string())
        threes = pa.array(np.arange(0, len(written) + 1, 3, dtype=np.int32))
        joined = pc.binary_join(pa.ListArray.from_arrays(threes, written), _COMMA)
        return pc.binary_join_element_wise(_OPEN, joined, _CLOSE, _NO_SPACE), failed


def convert(
    items: Sequence[Item], item_index: Indices, text: pa.Array, *, native: bool
) -> Converted:
    """The same for a single use; see :meth:`ValueTable.convert`."""
    return ValueTable(items, native=native).convert(item_index, text)


def reading(item: Item) -> int:
    """How the values of an item are read."""
    if item.category == "CONDITION":
        return CONDITION
    if item.representation in ("DATA_SET", "TABLE"):
        return TABLE if item.representation == "TABLE" else DATA_SET
    readings = {"number": NUMBER, "integer": INTEGER, "vector": VECTOR}
    return readings.get(item.kind, TEXT)


def _flags(booleans: pa.Array) -> Mask:
    flags: Mask = booleans.to_numpy(zero_copy_only=False)
    return flags


def _unavailable(text: pa.Array) -> Mask:
    """Which texts are the word UNAVAILABLE, in whatever case."""
    absent = np.zeros(len(text), bool)
    candidates = np.flatnonzero(pc.binary_length(text).to_numpy() == len(_UNAVAILABLE))
    if len(candidates):
        words = pc.ascii_upper(text.take(pa.array(candidates)))
        absent[candidates] = _flags(pc.equal(words, _UNAVAILABLE_WORD))
    return absent


def _numbers(text: pa.Array) -> tuple[npt.NDArray[np.float64], Mask | None]:
    """Texts as doubles, and which of them are no numbers (``None``: all are)."""
    try:
        read = text.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return _numbers_one_by_one(text)
    finite = np.isfinite(read)
    return (read, None) if finite.all() else _numbers_one_by_one(text)


def _numbers_one_by_one(text: pa.Array) -> tuple[npt.NDArray[np.float64], Mask]:
    """The same where some are wrong: those that look right are read, the rest is marked."""
    wrong = ~_flags(pc.match_substring_regex(text, rf"^{_DECIMAL_NUMBER}\z"))
    plain = pc.if_else(pa.array(wrong), _ZERO, pc.utf8_ltrim(text, characters="+"))
    read = plain.cast(pa.float64()).to_numpy().copy()
    # 1e999 looks like a number and is none that a double can hold.
    beyond = ~np.isfinite(read)
    read[beyond] = 0.0
    return read, wrong | beyond


def _integers(
    rows: npt.NDArray[np.int64],
    text: pa.Array,
    kind: npt.NDArray[np.int8],
    failed: Mask,
    columns: dict[str, pa.Array],
) -> None:
    """Whole numbers; beyond 64 bits they are kept as decimal text."""
    chosen = text.take(pa.array(rows))
    length = len(text)
    integers = np.zeros(length, np.int64)
    # Arrow alone would read 0x1F, and refuses a plus sign.
    plain = _flags(pc.match_substring_regex(chosen, r"^-?[0-9]{1,18}\z"))
    simple = chosen if plain.all() else chosen.filter(pa.array(plain))
    integers[rows[plain]] = simple.cast(pa.int64()).to_numpy()
    kind[rows] = _INTEGER
    if not plain.all():
        decimals: list[str | None] = [None] * length
        others = chosen.filter(pa.array(~plain)).to_pylist()
        for row, said in zip(rows[~plain].tolist(), others, strict=True):
            if not _WHOLE_NUMBER.fullmatch(said):
                failed[row] = True
            elif (value := int(said)) in _INT64:
                integers[row] = value
            else:
                decimals[row] = str(value)
                kind[row] = _DECIMAL
        columns["decimal"] = pa.array(decimals, pa.string())
    columns["integer"] = pa.array(integers, mask=(kind != _INTEGER) | failed)


def _composed(texts: pa.Array) -> pa.Array:
    """Texts in NFC: macOS and some gateways send Hangul taken apart, which no search finds."""
    data = texts.buffers()[2]
    if data is None or data.to_pybytes().isascii():
        return texts
    compose: Callable[..., pa.Array] = pc.utf8_normalize
    return compose(texts, form="NFC")


def _texts(
    text: pa.Array, replaced: list[tuple[npt.NDArray[np.int64], pa.Array]], chosen: Mask
) -> pa.Array:
    """The text column: what was said or what replaces it in the chosen rows, null elsewhere."""
    if not replaced:
        return _only(_composed(text), chosen)
    rows = np.flatnonzero(chosen)
    # Only what becomes text is gathered; most rows of most machines are numbers.
    source = np.arange(len(text))
    offset = len(text)
    for places, _values in replaced:
        source[places] = np.arange(offset, offset + len(places))
        offset += len(places)
    parts = [text, *(values for _, values in replaced)]
    gathered = _composed(pa.concat_arrays(parts).take(pa.array(source[rows])))
    if len(rows) == len(text):
        return gathered
    ends = np.zeros(len(text) + 1, np.int32)
    ends[rows + 1] = pc.binary_length(gathered).to_numpy()
    valid = pa.py_buffer(np.packbits(chosen, bitorder="little"))
    offsets = pa.py_buffer(np.cumsum(ends, dtype=np.int32))
    # The composed texts may begin anywhere in their memory; taken and normalized ones do not.
    return pa.StringArray.from_buffers(len(text), offsets, gathered.buffers()[2], valid)


def _only(texts: pa.Array, chosen: Mask) -> pa.Array:
    """The chosen texts, null elsewhere, over the same memory."""
    if chosen.all():
        return texts
    if texts.offset or texts.null_count:
        return pc.if_else(pa.array(chosen), texts, _NOTHING)
    _, offsets, data = texts.buffers()
    valid = pa.py_buffer(np.packbits(chosen, bitorder="little"))
    return pa.StringArray.from_buffers(len(texts), offsets, data, valid)
