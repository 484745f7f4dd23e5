"""The rows of a document as observation columns: values, verdicts and native codes.

Translation decides which elements are rows; here their texts get types, units and quality.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mfgstd.observations import SCHEMA, assemble
from mfgstd.observations.assembly import empty
from mfgstd.observations.event_id import Ordinals, origins
from mfgstd_adapters.mtconnect.reports.conditions import LEVELS
from mfgstd_adapters.mtconnect.reports.values import ValueTable
from mfgstd_adapters.mtconnect.streams.document import Columns, Header, Ints, entries
from mfgstd_adapters.mtconnect.xml import line_of, local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import etree

    from mfgstd.adapters import Tally
    from mfgstd_adapters.mtconnect.model.device_model import Item
    from mfgstd_adapters.mtconnect.reports.notes import Notes

_NOTHING: Final = pa.scalar(None, pa.string())
_VALUES: Final = ("number", "integer", "decimal", "text", "unit")
_RARE: Final = ("resetTriggered", "duration", "quality")


class RowBuilder:
    """Builds the observation batch of one document after another.

    Args:
        items: the items of the model.
        source: the agent as rows name it.
        notes: where values that cannot be read are told.
    """

    def __init__(self, items: Sequence[Item], source: str, notes: Notes) -> None:
        self._items = items
        self._notes = notes
        self._values = ValueTable(items, native=False)
        self._ordinals = Ordinals(len(items))
        # There are far fewer items than rows: what an id begins with is made once for each.
        identities = self._values.identity
        self._name = pa.scalar(source, pa.string())
        self._origins = origins(pa.repeat(self._name, len(items)), identities)
        self._is_set = np.array(
            [item.representation in {"DATA_SET", "TABLE"} for item in items], bool
        )
        self._is_coded = np.array(
            [item.category == "CONDITION" or item.type == "MESSAGE" for item in items], bool
        )

    def build(
        self,
        found: Columns,
        item: Ints,
        rows: Ints,
        header: Header,
        received_at: int,
        tally: Tally,
        attributes: Sequence[str],
        *,
        snapshot: bool,
    ) -> pa.RecordBatch:
        """Build the batch of some rows of ``found``.

        Args:
            found: the document.
            item: the item of every row of the document.
            rows: the rows to build, in the order that they shall have.
            header: what the agent says of its run.
            received_at: when the document came, in nanoseconds since 1970.
            tally: where bad values are counted.
            attributes: which of the rare attributes the document may have.
            snapshot: the document says how things are, not what happened.
        """
        if not len(rows):
            return empty()
        taken = pa.array(rows)
        items = item[rows].astype(np.int32)
        text = found.text.take(taken)
        sets = self._is_set[items]
        sets &= ~pc.equal(pc.ascii_upper(text), "UNAVAILABLE").to_numpy(zero_copy_only=False)
        if sets.any():
            # Entries are elements here, not text; conversion is told of an empty set.
            text = pc.if_else(pa.array(sets), "", text)
        converted = self._values.convert(items, text)
        cols = dict(converted.columns)
        if sets.any():
            self._fill_sets(cols, found, rows, items, np.flatnonzero(sets))
        if converted.failed.any():
            for row, element in found.elements(rows[converted.failed]):
                about = self._items[int(item[row])]
                self._notes.add(
                    "mtconnect.contradiction" if about.kind == "text" else "mtconnect.not-a-number",
                    about.id,
                    line=line_of(element),
                    found=(element.text or "")[:200],
                )
        self._judge(cols, found, rows, items, attributes)
        tally.bad = pc.sum(pc.equal(cols["status"], "bad")).as_py() or 0
        zoned = found.zoned[rows]
        if not zoned.all():
            cols["time_quality"] = pc.if_else(pa.array(zoned), _NOTHING, "assumed_zone")
        cols["source"] = self._name
        cols["epoch"] = pa.scalar(header.instance, pa.string())
        cols["sequence"] = found.sequence.take(taken)
        # Arrow looks for a time zone library each time that it makes a scalar of such a type.
        written = pa.repeat(pa.scalar(received_at // 1000, pa.int64()), len(rows))
        cols["record_time"] = written.cast(SCHEMA.field("record_time").type)
        times = found.nanoseconds[rows]
        # A snapshot says again what was said before: counting it would make another sample of it.
        ordinal = None if snapshot else self._ordinals.count(items, times)
        return assemble(times, cols, ordinal, origin=self._origins[:, items])

    def _fill_sets(
        self, cols: dict[str, pa.Array], found: Columns, rows: Ints, items: Any, where: Ints
    ) -> None:
        typed: list[str | None] = [None] * len(rows)
        native: list[str | None] = [None] * len(rows)
        position = dict(zip(rows[where].tolist(), where.tolist(), strict=True))
        for row, element in found.elements(rows[where]):
            at = position[row]
            table = self._items[int(items[at])].representation == "TABLE"
            typed[at], native[at] = entries(element, table=table)
        # Where there is no set, the text that stands there stays.
        cols["text"] = pc.coalesce(pa.array(typed, pa.string()), cols["text"])
        cols["native_value"] = pc.coalesce(pa.array(native, pa.string()), cols["native_value"])

    def _judge(
        self,
        cols: dict[str, pa.Array],
        found: Columns,
        rows: Ints,
        items: Any,
        attributes: Sequence[str],
    ) -> None:
        """What the agent adds to a value: its own verdict, native codes, resets."""
        said: list[str | None] = [None] * len(found)
        coded = self._is_coded[items]
        for row, element in found.elements(rows[coded]) if coded.any() else ():
            said[row] = _native_status(element)
        for name in attributes:
            for row, value in enumerate(found.attribute(name)):
                if value:
                    before = f"{said[row]} " if said[row] else ""
                    said[row] = f"{before}{name}={value}"
        if "quality" in attributes:
            verdict = pa.array(found.attribute("quality"), pa.string()).take(pa.array(rows))
            self._apply(cols, verdict.fill_null(""))
        if coded.any() or attributes:
            cols["native_status"] = pa.array(said, pa.string()).take(pa.array(rows))

    def _apply(self, cols: dict[str, pa.Array], verdict: pa.Array) -> None:
        """INVALID: the type has no such value, says the agent. UNVERIFIABLE: it cannot know."""
        invalid = pc.and_(pc.equal(verdict, "INVALID"), pc.equal(cols["status"], "good"))
        doubtful = pc.and_(pc.equal(verdict, "UNVERIFIABLE"), pc.equal(cols["status"], "good"))
        for name in _VALUES:
            if name in cols:
                cols[name] = pc.if_else(invalid, pa.scalar(None, cols[name].type), cols[name])
        cols["kind"] = pc.if_else(invalid, "none", cols["kind"])
        reason = cols.get("reason", pa.nulls(len(verdict), pa.string()))
        cols["reason"] = pc.if_else(invalid, "not_convertible", reason)
        status = pc.if_else(invalid, "bad", cols["status"])
        cols["status"] = pc.if_else(doubtful, "uncertain", status)


def _native_status(element: etree._Element) -> str | None:
    """``code|severity|qualifier`` of a condition, the native code of a message."""
    get = element.get
    code = get("nativeCode", "") or get("code", "")
    if local(element.tag).lower() not in LEVELS:
        return code or None
    parts = (code, get("nativeSeverity", ""), get("qualifier", ""))
    return "|".join(parts) if any(parts) else None


def rare_attributes(data: bytes) -> list[str]:
    """Which of the rare attributes a document may have: searching bytes is nearly free."""
    wide = b"\x00" in data[:4]
    return [name for name in _RARE if wide or name.encode() in data]
