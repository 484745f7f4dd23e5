"""SHDR into the standard: bytes and the time they came in, a batch out.

No socket, no clock. Two ways lead through it: large blocks are read a column at a time
(:mod:`.scan`), and what that leaves over, or a handful of lines from a socket, line by line
(:mod:`.reports`). The rows of both are joined in the order of the source before their values are
typed, so nobody can tell which way a row took.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mfgstd.adapters import Batch, Tally
from mfgstd.observations import assemble
from mfgstd.observations.assembly import empty
from mfgstd.observations.event_id import Ordinals, origins
from mfgstd_adapters.mtconnect.reports.assets import tools_of
from mfgstd_adapters.mtconnect.reports.conditions import Report
from mfgstd_adapters.mtconnect.reports.notes import Notes
from mfgstd_adapters.mtconnect.reports.states import States
from mfgstd_adapters.mtconnect.reports.values import CONDITION, INTEGER, NUMBER, ValueTable
from mfgstd_adapters.mtconnect.shdr.framing import LINE_LIMIT, Block, Framer, Spanning, Spans
from mfgstd_adapters.mtconnect.shdr.joining import Joined, repeated
from mfgstd_adapters.mtconnect.shdr.reading import ESTIMATED, QUALITY_WORDS, UNSYNCHRONIZED, Reading
from mfgstd_adapters.mtconnect.shdr.reports import NAME_LIMIT, Reports
from mfgstd_adapters.mtconnect.shdr.scan import Keys, Plain, scan

if TYPE_CHECKING:
    from mfgstd.models import Document
    from mfgstd_adapters.mtconnect.model.devices import DeviceModel

Ints: TypeAlias = npt.NDArray[np.int64]

#: Below so many lines, going line by line is faster than setting up the columns.
SMALL: Final = 32
#: Bytes read at once: 32-bit offsets and the processor's caches both want it bounded.
SLICE: Final = 8 * 1024 * 1024
#: Names that a source may make up before they are counted as one.
NAMES_LIMIT: Final = 10_000
OTHERS: Final = "…"
_QUALITIES = pa.array(QUALITY_WORDS, pa.string())
_MICROSECONDS: Final = pa.timestamp("us", tz="UTC")
_NEVER: Final = np.iinfo(np.int64).min


class ShdrTranslator:
    """Translates one source, which reports on the devices of one model.

    Args:
        model: the device model.
        source: the name of the source in every row.
        device: the device that names without a prefix belong to; without it, the only one.
        encoding: how the source writes text.
        path: the source as the user named it, for findings.
        clock_tolerance: seconds by which the log's clock may step back unremarked. Real adapters
            report several threads on one line of time, a tenth of a second apart.
        line: how many lines came before, when reading goes on in the middle of a file.
        line_limit: bytes of the longest line, and of the longest multi-line document.

    Raises:
        ConfigError: there is no such encoding or device.
    """

    def __init__(
        self,
        model: DeviceModel,
        *,
        source: str,
        device: str | None = None,
        encoding: str = "utf-8",
        path: str | None = None,
        clock_tolerance: float = 1.0,
        line: int = 0,
        line_limit: int = LINE_LIMIT,
    ) -> None:
        self._source = source.encode()
        self._model = model
        keys = model.keys(device)
        self._scope = sorted(set(keys.values()))
        self._notes = Notes(path)
        self._framer = Framer(encoding, line_limit)
        self._spans = Spans(line_limit)
        self._reports = Reports(
            model, keys, self._notes, source=source, tools=tools_of(model, device, source)
        )
        self._keys = Keys(keys, self._reports.special)
        self._values = ValueTable(model.items, native=True)
        self._states = States(model.items)
        self._origins = origins(
            pa.array([source] * len(model.items), pa.string()), self._values.identity
        )
        self._ordinals = Ordinals(len(model.items))
        self._tolerance = round(clock_tolerance * 1e9)
        self._latest = int(_NEVER)
        self._behind = False
        self._line = line
        self._names: set[str] = set()
        #: Lines below which the exact path reads all; 0 and very many force one or the other.
        self.small = SMALL

    @property
    def line(self) -> int:
        """How many lines have been read."""
        return self._line

    @property
    def waiting(self) -> tuple[int, int]:
        """Bytes and lines that were taken in and wait for what completes them."""
        octets, lines = self._spans.held
        return octets + self._framer.held, lines

    def translate(self, data: bytes, received_at: int) -> Batch:
        """Translate what ``data`` completes; the rest waits for the next call.

        Args:
            data: bytes as they came, cut anywhere.
            received_at: nanoseconds since 1970, UTC.
        """
        tally = Tally(bytes=len(data))
        parts = []
        for begin in range(0, max(len(data), 1), SLICE):
            block = self._framer.blocks(data[begin : begin + SLICE])
            if block is not None:
                parts.append(self._translate(block, received_at, tally))
        return self._batch(parts, tally)

    def finish(self, received_at: int) -> Batch:
        """The source has ended: account for what was begun and never completed."""
        batch = self.interrupt(received_at)
        return replace(batch, findings=(*batch.findings, *self._notes.final()))

    def interrupt(self, received_at: int) -> Batch:
        """The connection was cut: what was begun on it will not be completed by the next one."""
        tally = Tally()
        reading = Reading()
        if (span := self._spans.left(self._line)) is not None:
            self._span(span, received_at, reading)
        if (rest := self._framer.rest()) is not None:
            rule = "mtconnect.line-too-long" if self._framer.too_long else "mtconnect.line-cut"
            reading.met += 1
            self._reports.reject(rule, 0, self._line + 1, rest[: self._framer.kept], reading)
            self._line += 1
        self._framer.reset()
        part = self._joined(reading, None, received_at, tally, 0)
        return self._batch([part], tally)

    def disconnected(self, at: int, *, alive: int | None = None) -> Batch:
        """Contact was lost: one bad row for every item, so that no old value passes for a new one.

        Args:
            at: when the loss was noticed, nanoseconds since 1970.
            alive: the last proof of life, from which on nothing is known.
        """
        reading = Reading()
        since = at if alive is None else alive
        for place, item in enumerate(self._scope):
            rows = reading.rows
            rows.line.append(0)
            rows.place.append(place)
            rows.item.append(item)
            rows.nanoseconds.append(since)
            rows.quality.append(ESTIMATED)
            rows.text.append("UNAVAILABLE")
            rows.native_status.append(None)
            if self._model.items[item].category == "CONDITION":
                lost = Report(item=item, nanoseconds=since, level="unavailable")
                for alarm in self._reports.conditions.report(lost):
                    reading.documents.append((0, place, alarm))
        tally = Tally()
        observations, documents, rejected = self._joined(reading, None, at, tally, 0)
        # Nothing was read: the rows are ours, and so is the account of them.
        return Batch(
            observations=observations.set_column(
                observations.schema.get_field_index("native_value"),
                observations.schema.field("native_value"),
                pa.nulls(observations.num_rows, pa.string()),
            ),
            documents=tuple(documents),
            rejected=tuple(rejected),
            tally=Tally(documents=tally.documents),
        )

    def _batch(self, parts: list[Any], tally: Tally) -> Batch:
        tables = [part[0] for part in parts if part[0].num_rows]
        observations = pa.concat_batches(tables) if len(tables) > 1 else (tables or [empty()])[0]
        return Batch(
            observations=observations,
            documents=tuple(each for part in parts for each in part[1]),
            findings=tuple(self._notes.fresh()),
            rejected=tuple(each for part in parts for each in part[2]),
            tally=tally,
        )

    def _translate(
        self, block: Block, received: int, tally: Tally
    ) -> tuple[pa.RecordBatch, list[Document], list[Any]]:
        count = len(block.ends)
        reading = Reading()
        spans = {span.last: span for span in self._spans.find(block, self._line)}
        skip = self._skipped(block, spans, count)
        plain: Plain | None = None
        if count < self.small:
            numbers = [n for n in range(count) if skip is None or not skip[n]]
        else:
            plain = scan(block.data, self._keys, skip)
            numbers = plain.odd.tolist()
            reading.lines["blank"] += (
                count - len(plain.lines) - len(numbers) - (0 if skip is None else int(skip.sum()))
            )
            reading.lines["data"] += len(plain.lines)
        refused = {each.line: each for each in block.refused}
        # Conditions, relative time and tools depend on what came before: strictly in order.
        for number in sorted({*numbers, *spans, *refused}):
            if number in refused:
                each = refused[number]
                reading.met += 1
                self._reports.reject(each.rule, number, self._line + number + 1, each.raw, reading)
            if number in spans:
                self._span(spans[number], received, reading)
            elif number not in refused:
                begin = block.ends[number - 1] + 1 if number else 0
                text = block.data[begin : block.ends[number]].decode()
                self._reports.read(number, self._line + number + 1, text, received, reading)
        part = self._joined(reading, plain, received, tally, count)
        self._line += count
        return part

    def _skipped(
        self, block: Block, spans: dict[int, Spanning], count: int
    ) -> npt.NDArray[np.bool_] | None:
        """The lines that are not read by themselves."""
        if not spans and not block.refused and self._spans.open_from is None:
            return None
        skip = np.zeros(count, bool)
        for span in spans.values():
            skip[max(span.first, 0) : span.last + 1] = True
        for each in block.refused:
            skip[each.line] = True
        if self._spans.open_from is not None:
            skip[self._spans.open_from :] = True
        return skip

    def _span(self, span: Spanning, received: int, reading: Reading) -> None:
        number = self._line + span.first + 1
        if span.whole:
            self._reports.read(
                span.last, number, span.raw.decode(), received, reading, lines=span.lines
            )
        else:
            reading.met += 1
            self._reports.reject(span.rule, span.last, number, span.raw, reading, lines=span.lines)

    def _joined(
        self, reading: Reading, plain: Plain | None, received: int, tally: Tally, count: int
    ) -> tuple[pa.RecordBatch, list[Document], list[Any]]:
        """Join the rows of both ways, type their values, and add up the account."""
        rows = Joined(reading, plain)
        self._check_clock(rows, reading, plain, count)
        documents = reading.documents
        if len(rows.item):
            observations, bad = self._observations(rows, received)
            watched = self._states.watched[rows.item]
            if watched.any():
                self._note_states(rows, np.flatnonzero(watched), documents, received)
        else:
            observations, bad = empty(), 0
        documents.sort(key=lambda each: each[:2])
        tally.unknown += self._note_unknown(reading, plain)
        tally.translated += observations.num_rows + reading.series + reading.assets
        tally.bad += bad
        tally.rejected += len(reading.rejected)
        # Counted as they were met, not added up from the above: so a loss in between shows.
        tally.read += reading.met + (plain.met if plain is not None else 0)
        tally.lines += reading.lines
        for _, _, document in documents:
            tally.documents[type(document).__name__] += 1
        reading.rejected.sort(key=lambda each: each[0])
        return (
            observations,
            [document for _, _, document in documents],
            [each for _, each in reading.rejected],
        )

    def _observations(self, rows: Joined, received: int) -> tuple[pa.RecordBatch, int]:
        converted = self._values.convert(rows.item, rows.text)
        columns: dict[str, Any] = converted.columns
        length = len(rows.item)
        columns["source"] = repeated(self._source, length)
        columns["record_time"] = pa.array(np.full(length, received // 1000)).view(_MICROSECONDS)
        if rows.quality.any():
            columns["time_quality"] = _QUALITIES.take(pa.array(rows.quality))
        if rows.native_status is not None:
            columns["native_status"] = rows.native_status
        if converted.failed.any():
            self._note_failed(rows, np.flatnonzero(converted.failed))
        ordinal = self._ordinals.count(rows.item, rows.nanoseconds)
        observations = assemble(
            rows.nanoseconds,
            columns,
            ordinal,
            origin=self._origins[:, rows.item],
        )
        return observations, int(np.count_nonzero(converted.failed | converted.unavailable))

    def _check_clock(self, rows: Joined, reading: Reading, plain: Plain | None, count: int) -> None:
        """Mark the rows of lines whose clock is behind what it has shown before."""
        if plain is None and not reading.times:
            return
        times = np.full(count + 1, _NEVER, np.int64)
        if plain is not None:
            times[plain.lines] = plain.nanoseconds
        for line, nanoseconds in reading.times:
            times[line] = nanoseconds
        lines = np.flatnonzero(times != _NEVER)
        if not len(lines):
            return
        known = times[lines]
        latest = np.maximum(np.maximum.accumulate(known), self._latest)
        behind = known < latest - self._tolerance
        self._latest = int(latest[-1])
        starts = behind.copy()
        starts[1:] &= ~behind[:-1]
        starts[0] &= not self._behind
        self._behind = bool(behind[-1])
        if not behind.any():
            return
        for position in np.flatnonzero(starts).tolist():
            back = (int(latest[position]) - int(known[position])) / 1e9
            self._notes.add(
                "mtconnect.clock-back",
                line=self._line + int(lines[position]) + 1,
                found=f"{back:.3f} s back",
                expected=f"<= {self._tolerance / 1e9:g} s back",
            )
        late = np.zeros(count + 1, bool)
        late[lines[behind]] = True
        marked = late[rows.line] & (rows.quality != ESTIMATED)
        rows.quality[marked] = UNSYNCHRONIZED

    def _note_states(
        self,
        rows: Joined,
        chosen: Ints,
        documents: list[tuple[int, int, Document]],
        received: int,
    ) -> None:
        values = rows.text.take(pa.array(chosen)).to_pylist()
        for row, value in zip(chosen.tolist(), values, strict=True):
            event = self._states.report(
                int(rows.item[row]),
                int(rows.nanoseconds[row]),
                value,
                recorded=received,
                time_quality=QUALITY_WORDS[rows.quality[row]],
            )
            if event is not None:
                documents.append((int(rows.line[row]), int(rows.place[row]), event))

    def _note_failed(self, rows: Joined, failed: Ints) -> None:
        """One finding for each item that said something unreadable."""
        items = rows.item[failed]
        distinct, first, counts = np.unique(items, return_index=True, return_counts=True)
        for item, where, times in zip(
            distinct.tolist(), first.tolist(), counts.tolist(), strict=True
        ):
            row = int(failed[where])
            about = self._model.items[item]
            how = int(self._values.how[item])
            expected = {
                CONDITION: "NORMAL, WARNING, FAULT, UNAVAILABLE",
                NUMBER: about.native_units or about.units or "number",
                INTEGER: "integer",
            }.get(how, about.units if about.kind == "vector" else about.representation)
            self._notes.add(
                "mtconnect.not-a-number" if how in (NUMBER, INTEGER) else "mtconnect.contradiction",
                about.name or about.id,
                line=self._line + int(rows.line[row]) + 1,
                found=rows.text[row].as_py(),
                expected=expected,
                count=times,
            )

    def _note_unknown(self, reading: Reading, plain: Plain | None) -> Counter[str]:
        gathered: dict[str, tuple[int, int]] = {}
        for name, times, line in [*(plain.unknown if plain else ()), *reading.unknown]:
            cut = name[:NAME_LIMIT]
            before, first = gathered.get(cut, (0, line))
            gathered[cut] = (before + times, min(first, line))
        counted: Counter[str] = Counter()
        for name, (times, line) in sorted(gathered.items(), key=lambda each: (each[1][1], each[0])):
            known = name in self._names
            if not known and len(self._names) < NAMES_LIMIT:
                self._names.add(name)
                known = True
            counted[name if known else OTHERS] += times
            self._notes.add("mtconnect.unknown-item", name, line=self._line + line + 1, count=times)
        return counted
