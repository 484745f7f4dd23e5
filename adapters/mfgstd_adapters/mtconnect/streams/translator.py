"""An agent's documents become observations, state events, alarms and gaps.

MTConnectStreams of any version over HTTP. Pure: bytes and the time they came in go in, a batch
comes out. What an agent no longer has is known from its sequence numbers, and is said in a Gap.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mfgstd.adapters import Batch, Rejected, Tally
from mfgstd.errors import InputError
from mfgstd.finding import Finding, Place, Severity, show
from mfgstd.language import Text
from mfgstd.models import TimeSeriesSegment
from mfgstd.observations.assembly import empty
from mfgstd_adapters.mtconnect.model.facts import number
from mfgstd_adapters.mtconnect.reports.conditions import LEVELS, Conditions, Report
from mfgstd_adapters.mtconnect.reports.notes import Notes
from mfgstd_adapters.mtconnect.reports.series import segment
from mfgstd_adapters.mtconnect.reports.states import States
from mfgstd_adapters.mtconnect.streams.agent_errors import OUT_OF_RANGE, complaints, error_for
from mfgstd_adapters.mtconnect.streams.document import (
    CONDITION,
    GROUPS,
    Columns,
    Header,
    Ints,
    Mask,
    columns,
)
from mfgstd_adapters.mtconnect.streams.rows import RowBuilder, rare_attributes
from mfgstd_adapters.mtconnect.streams.sequence import Progress
from mfgstd_adapters.mtconnect.xml import line_of, local, parse

if TYPE_CHECKING:
    from lxml import etree

    from mfgstd.adapters import Checkpoint
    from mfgstd.models import Document
    from mfgstd_adapters.mtconnect.model.device_model import DeviceModel

_RAW_LIMIT: Final = 64 * 1024
_NAMELESS: Final = "(no dataItemId)"
_GROUP_NAMES: Final = tuple(name.lower() for name in GROUPS)


class StreamsTranslator:
    """Translates the documents of one agent, in the order in which they came.

    Args:
        model: what its probe said.
        source: the agent as rows name it, a URI.
        path: the agent as the user named it, for findings.
    """

    def __init__(self, model: DeviceModel, *, source: str, path: str | None = None) -> None:
        self._model = model
        self._source = source
        self._path = path
        self._items = model.items
        self._lookups: dict[str | None, tuple[pa.Array, pa.Array]] = {}
        ids = [item.id for item in model.items]
        self._unique_ids = len(set(ids)) == len(ids)
        self._is_condition = np.array([item.category == "CONDITION" for item in self._items], bool)
        self._is_series = np.array(
            [item.representation == "TIME_SERIES" for item in self._items], bool
        )
        self._notes = Notes(path)
        self._rows = RowBuilder(model.items, source, self._notes)
        self._progress = Progress(source)
        self._conditions = Conditions(model.items)
        self._states = States(model.items)

    @property
    def checkpoint(self) -> Checkpoint:
        """``{"instanceId", "next"}``: the agent's run, and the first sequence not yet seen."""
        return self._progress.checkpoint

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint that another translator gave."""
        self._progress.restore(checkpoint)

    def translate(self, data: bytes, received_at: int, *, snapshot: bool = False) -> Batch:
        """Translate one document.

        Args:
            data: an MTConnectStreams document, or an MTConnectError with OUT_OF_RANGE.
            received_at: when it came, in nanoseconds since 1970.
            snapshot: it answers ``current``: it says how things are, not what happened between.

        Raises:
            InputError: it is not XML, or another document.
            AdapterError: the agent refuses the request.
        """
        root = parse(data, path=self._path)
        if refused := complaints(root):
            return self._refused(refused[0], len(data))
        if local(root.tag) != "MTConnectStreams":
            raise InputError(
                Text(
                    f"This is a {local(root.tag)[:60]} document; MTConnectStreams was expected.",
                    f"{local(root.tag)[:60]} 문서입니다. MTConnectStreams 문서여야 합니다.",
                ),
                place=Place(path=self._path),
            )
        header = Header.read(root)
        found = columns(root)
        present = rare_attributes(data)
        tally = Tally(read=len(found), bytes=len(data))
        tally.lines.update(
            {
                _GROUP_NAMES[group]: int(count)
                for group, count in enumerate(np.bincount(found.group, minlength=3))
                if count
            }
        )
        item = self._find(found)
        rejected: list[Rejected] = []
        rows = self._usable(found, item, tally, rejected)
        segments: list[Document] = []
        begins = int(found.nanoseconds[rows[0]]) if len(rows) else None
        latest = int(found.nanoseconds[rows].max()) if len(rows) else None
        rows = self._series(found, item, rows, header, segments, rejected)
        documents: list[Document] = [
            *self._progress.advance(
                header,
                begins,
                latest,
                lowest=pc.min(found.sequence).as_py(),
                delivered=_numbers(found, rows, segments) if snapshot else (),
                snapshot=snapshot,
            ),
            *segments,
        ]
        observations = self._rows.build(
            found, item, rows, header, received_at, tally, present, snapshot=snapshot
        )
        documents.extend(self._events(found, item, rows))
        tally.rejected = len(rejected)
        # What came out, not what is left over: so a loss in between shows.
        tally.translated = observations.num_rows + len(segments)
        tally.documents = Counter(type(each).__name__ for each in documents)
        return Batch(
            observations=observations,
            documents=tuple(documents),
            findings=tuple(self._notes.fresh()),
            rejected=tuple(rejected),
            tally=tally,
            checkpoint=self.checkpoint,
        )

    def finish(self) -> list[Finding]:
        """What was found again since it was first told, with its count."""
        return self._notes.final()

    def _refused(self, complaint: Any, length: int) -> Batch:
        if complaint.code != OUT_OF_RANGE:
            raise error_for(complaint, Place(path=self._path))
        self._progress.overrun()
        finding = Finding(
            rule="mtconnect.out-of-range",
            severity=Severity.WARNING,
            message=Text(
                "The agent's buffer no longer holds what was asked for; a gap follows.",
                "요청한 데이터가 에이전트 버퍼에 더 이상 없어 누락 구간으로 기록합니다.",
            ),
            found=show(complaint.words),
            source=Place(path=self._path),
        )
        return Batch(
            observations=empty(),
            findings=(finding,),
            tally=Tally(bytes=length),
            checkpoint=self.checkpoint,
        )

    def _find(self, found: Columns) -> Ints:
        """The item of each row, -1 where the model has none of that id."""
        if self._unique_ids:
            return _look_up(found.name, *self._lookup(None, None))
        item = np.full(len(found), -1, np.int64)
        for index, (name, uuid) in enumerate(found.devices):
            rows = np.flatnonzero(found.device == index)
            item[rows] = _look_up(found.name.take(pa.array(rows)), *self._lookup(name, uuid))
        return item

    def _lookup(self, name: str | None, uuid: str | None) -> tuple[pa.Array, pa.Array]:
        """Ids and items, those of the named device first; devices the model lacks share one."""
        device = self._model.device(uuid or name) if uuid or name else None
        key = None if device is None else device.identity
        if key not in self._lookups:
            names = {item.id: index for index, item in reversed(list(enumerate(self._items)))}
            own = [
                index
                for index, owner in enumerate(self._model.owners)
                if self._model.components[self._model.components[owner].device] is device
            ]
            names |= {self._items[index].id: index for index in reversed(own)}
            self._lookups[key] = (
                pa.array(list(names), pa.string()),
                pa.array(list(names.values()), pa.int64()),
            )
        return self._lookups[key]

    def _usable(self, found: Columns, item: Ints, tally: Tally, rejected: list[Rejected]) -> Ints:
        """The rows that can be translated, in the order of their sequence."""
        unknown = item < 0
        if unknown.any():
            names = found.name.filter(pa.array(unknown)).fill_null(_NAMELESS)
            for each in pc.value_counts(names).to_pylist():
                name, count = each["values"][:200], each["counts"]
                tally.unknown[name] += count
                self._notes.add("mtconnect.unknown-item", name, count=count)
        untimed = ~unknown & ~found.timed
        for _, element in found.elements(np.flatnonzero(untimed)):
            rejected.append(self._reject(element, "mtconnect.missing-timestamp", _UNTIMED))
        misplaced = ~unknown & ~untimed & (self._is_condition[item] != (found.group == CONDITION))
        for _, element in found.elements(np.flatnonzero(misplaced)):
            rejected.append(self._reject(element, "mtconnect.contradiction", _MISPLACED))
        good = ~(unknown | untimed | misplaced)
        rows = np.arange(len(found)) if good.all() else np.flatnonzero(good)
        sequence = found.sequence.take(pa.array(rows))
        if sequence.null_count:
            return rows
        ordered: Ints = rows[np.argsort(sequence.to_numpy(), kind="stable")]
        return ordered

    def _reject(self, element: etree._Element, rule: str, message: Text) -> Rejected:
        from lxml import etree

        return Rejected(
            raw=etree.tostring(element, encoding="utf-8", with_tail=False)[:_RAW_LIMIT],
            finding=Finding(
                rule=rule,
                message=message,
                found=show(element.get("timestamp", "")),
                source=Place(
                    path=self._path, line=line_of(element), item=element.get("dataItemId")
                ),
            ),
        )

    def _series(
        self,
        found: Columns,
        item: Ints,
        rows: Ints,
        header: Header,
        documents: list[Document],
        rejected: list[Rejected],
    ) -> Ints:
        """Take the time series out of the rows: they become documents."""
        series = self._is_series[item[rows]]
        if not series.any():
            return rows
        unavailable = pc.equal(pc.ascii_upper(found.text.take(pa.array(rows))), "UNAVAILABLE")
        chosen = series & ~unavailable.to_numpy(zero_copy_only=False)
        for row, element in found.elements(rows[chosen]):
            which = int(item[row])
            facts = self._model.facts[which]
            rate = number(element.get("sampleRate")) or facts.sample_rate
            if rate is None or rate <= 0:
                rejected.append(self._reject(element, "mtconnect.no-sample-rate", _NO_RATE))
                continue
            try:
                document = segment(
                    self._items[which],
                    nanoseconds=int(found.nanoseconds[row]),
                    rate=rate,
                    values=element.text or "",
                    source=self._source,
                    native=False,
                )
            except InputError as error:
                rejected.append(self._reject(element, "mtconnect.bad-series", error.message))
                continue
            more = {"epoch": header.instance, "sequence": found.sequence[row].as_py()}
            documents.append(document.model_copy(update=more))
        remaining: Ints = rows[~chosen]
        return remaining

    def _events(self, found: Columns, item: Ints, rows: Ints) -> list[Document]:
        """Alarms and state events, in the order of the rows; only few rows are either."""
        items = item[rows]
        conditions: Mask = self._is_condition[items]
        watched = conditions | self._states.watched[items]
        documents: list[Document] = []
        chosen = rows[watched]
        elements = dict(found.elements(chosen)) if len(chosen) else {}
        for row in chosen.tolist():
            which, when, element = int(item[row]), int(found.nanoseconds[row]), elements[row]
            if self._is_condition[which]:
                level = local(element.tag).lower()
                if level in LEVELS:
                    documents.extend(self._conditions.report(_report(which, when, element, level)))
            elif event := self._states.report(which, when, (element.text or "").strip()):
                documents.append(event)
        return documents


_UNTIMED: Final = Text(
    "The observation has no timestamp that can be read.",
    "관측값에 읽을 수 있는 시각이 없습니다.",
)
_MISPLACED: Final = Text(
    "The agent and its device model disagree on whether this is a condition.",
    "이 항목이 상태 조건(Condition)인지에 대해 에이전트와 장치 모델이 서로 다릅니다.",
)
_NO_RATE: Final = Text(
    "Neither the time series nor its data item says the sample rate.",
    "시계열에도 데이터 항목에도 샘플링 속도(sampleRate)가 없습니다.",
)


def _look_up(names: pa.Array, known: pa.Array, items: pa.Array) -> Ints:
    found: Ints = items.take(pc.index_in(names, value_set=known)).fill_null(-1).to_numpy()
    return found


def _numbers(found: Columns, rows: Ints, segments: list[Document]) -> list[int]:
    """The sequence numbers of what comes out: rows, and series that became documents."""
    numbers: list[int] = found.sequence.take(pa.array(rows)).drop_null().to_pylist()
    return numbers + [
        each.sequence
        for each in segments
        if isinstance(each, TimeSeriesSegment) and each.sequence is not None
    ]


def _report(item: int, nanoseconds: int, element: Any, level: str) -> Report:
    get = element.get
    return Report(
        item=item,
        nanoseconds=nanoseconds,
        level=level,
        code=get("nativeCode", "") or get("code", ""),
        severity=get("nativeSeverity", ""),
        qualifier=get("qualifier", ""),
        text=(element.text or "").strip(),
        condition=get("conditionId", ""),
        native_level=local(element.tag),
    )
