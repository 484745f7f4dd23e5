"""Between the two shapes of an observation: a row of columns and an ``Observation`` document.

Inside mfgstd observations travel as columns; on the wire they are JSON. Both ways go column by
column: a batch of n rows costs a few passes over n, not n visits to each field.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute

from mfgstd.errors import InputError
from mfgstd.finding import Place, show
from mfgstd.language import Text
from mfgstd.observations._schema import SCHEMA
from mfgstd.observations.assembly import assemble

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

# The stubs of pyarrow reject the Python literals that its functions take.
pc: Any = pyarrow.compute
#: A column: the stubs' array type wants a parameter that says nothing here.
Column: TypeAlias = Any

#: What JSON cannot say of a double (NaN, the infinities) is a value that is not there.
NOT_CONVERTIBLE: Final = "not_convertible"

#: Column -> member of the document, in the order in which a document tells them.
PLAIN_MEMBERS: Final[Mapping[str, str]] = {
    "unit": "unit",
    "time_quality": "timeQuality",
    "source": "source",
    "epoch": "epoch",
    "sequence": "sequence",
    "replayed": "replayed",
    "event_id": "eventId",
}
#: The same for instants that have no nanoseconds.
TIME_MEMBERS: Final[Mapping[str, str]] = {"server_time": "serverTime", "record_time": "recordTime"}
#: The same for the members of ``native``.
NATIVE_MEMBERS: Final[Mapping[str, str]] = {
    "native_value": "value",
    "native_unit": "unit",
    "native_status": "status",
}
#: The columns of which the one that ``kind`` names is filled.
KINDS: Final = ("number", "integer", "decimal", "text", "boolean")
# Made once: Arrow looks for pandas whenever it is handed a plain Python value.
_EMPTY: Final = pa.scalar("")
_ZULU: Final = pa.scalar("Z")
_ZERO: Final = pa.scalar(0, pa.int16())
_FALSE: Final = pa.scalar(False)
_INT64: Final = range(-(2**63), 2**63)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIMESTAMP: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


def time_text(microseconds: Column, nanoseconds: Column | None = None) -> Column:
    """Each instant as RFC 3339 text: canonical ``Z``, as many digits as it needs.

    Args:
        microseconds: timestamps in microseconds, UTC; null stays null.
        nanoseconds: 0 to 999 below each microsecond; null is 0.
    """
    text = microseconds.cast(pa.timestamp("us")).cast(pa.string())
    text = pc.utf8_replace_slice(text, start=10, stop=11, replacement="T")
    if nanoseconds is not None and nanoseconds.null_count < len(nanoseconds):
        digits = pc.utf8_lpad(nanoseconds.fill_null(_ZERO).cast(pa.string()), width=3, padding="0")
        text = pc.binary_join_element_wise(text, digits, _EMPTY)
    # Arrow always prints the point and six digits, so only the fraction's zeros are cut.
    text = pc.utf8_rtrim(pc.utf8_rtrim(text, characters="0"), characters=".")
    return pc.binary_join_element_wise(text, _ZULU, _EMPTY)


def to_documents(
    batch: pa.RecordBatch, *, omit: Collection[str] = frozenset()
) -> list[dict[str, Any]]:
    """The ``Observation`` documents of a batch of :data:`mfgstd.observations.SCHEMA`.

    What is null is absent. An integer is a string (JSON readers keep 53 bits of a number). A
    number that JSON cannot say becomes a bad observation without a value, reason
    ``not_convertible``; its native text stays.

    Args:
        batch: the rows.
        omit: columns that the surrounding document already tells (``source``, ``epoch``).
    """
    batch = without_unsayable_numbers(batch)
    length = batch.num_rows
    event_times = time_text(batch["event_time"], batch["event_time_ns"]).to_pylist()
    rows: list[dict[str, Any]] = [
        {"dataItem": item, "eventTime": when, "quality": {"status": status}}
        for item, when, status in zip(
            batch["data_item"].to_pylist(), event_times, batch["status"].to_pylist(), strict=True
        )
    ]
    for row, reason in _filled(rows, batch["reason"]):
        row["quality"]["reason"] = reason
    for kind in KINDS:
        column = batch[kind]
        if kind == "integer" and column.null_count < length:
            column = column.cast(pa.string())
        for row, value in _filled(rows, column):
            row["value"] = {kind: value}
    for name, member in TIME_MEMBERS.items():
        if name not in omit and batch[name].null_count < length:
            for row, value in _filled(rows, time_text(batch[name])):
                row[member] = value
    for name, member in PLAIN_MEMBERS.items():
        if name not in omit:
            for row, value in _filled(rows, batch[name]):
                row[member] = value
    for name, member in NATIVE_MEMBERS.items():
        for row, value in _filled(rows, batch[name]):
            native = row.get("native")
            if native is None:
                row["native"] = {member: value}
            else:
                native[member] = value
    return rows


def from_documents(
    documents: Iterable[Mapping[str, Any]],
    *,
    source: str | None = None,
    epoch: str | None = None,
) -> pa.RecordBatch:
    """The rows of valid ``Observation`` documents.

    ``source`` and ``epoch`` stand in where a document has none (they are those of its
    ``ObservationBatch``). An ``eventId`` that is missing is computed.

    Raises:
        InputError: a document says something that has no column (``statistic``, ``interval``,
            ``extensions``), which must not vanish, or is not a valid Observation.
    """
    rows = _Rows(source, epoch)
    for number, document in enumerate(documents):
        rows.add(document, Place(row=number))
    return rows.batch()


def those_in_rows(documents: Sequence[Mapping[str, Any]]) -> tuple[list[int], pa.RecordBatch]:
    """The rows of those among valid ``Observation`` documents that have one, and their indexes.

    What :func:`from_documents` refuses is left out.
    """
    rows, kept = _Rows(None, None), []
    for number, document in enumerate(documents):
        try:
            rows.add(document, Place(row=number))
        except InputError:
            continue
        kept.append(number)
    return kept, rows.batch()


class _Rows:
    """Documents one after the other, as the columns of a batch."""

    def __init__(self, source: str | None, epoch: str | None) -> None:
        self._source = source
        self._epoch = epoch
        names = (name for name in SCHEMA.names if name not in {"event_time", "event_time_ns"})
        self._columns: dict[str, list[Any]] = {name: [] for name in names}
        self._nanoseconds: list[int] = []

    def add(self, document: Mapping[str, Any], place: Place) -> None:
        """Put a row below the others; nothing, if the document is refused."""
        row = _row(document, place)
        row["source"] = row.get("source", self._source)
        row["epoch"] = row.get("epoch", self._epoch)
        if row["source"] is None:
            raise InputError(
                Text(
                    "The observation has no source, and no batch around it that names one.",
                    "관측값에 source가 없고, 이를 알려 주는 상위 배치도 없습니다.",
                ),
                place=place,
            )
        self._nanoseconds.append(_nanoseconds(document["eventTime"], place))
        for name, column in self._columns.items():
            column.append(row.get(name))

    def batch(self) -> pa.RecordBatch:
        """All of them, each with its event id."""
        arrays = {
            name: pa.array(values, SCHEMA.field(name).type)
            for name, values in self._columns.items()
            if name != "event_id"
        }
        batch = assemble(np.array(self._nanoseconds, np.int64), arrays)
        ids = pa.array(self._columns["event_id"], pa.string())
        column = pc.coalesce(ids, batch["event_id"])
        return batch.set_column(batch.num_columns - 1, SCHEMA.field("event_id"), column)


def _filled(rows: list[dict[str, Any]], column: Column) -> Iterable[tuple[dict[str, Any], Any]]:
    """Each row whose value in ``column`` is there, with that value."""
    if column.null_count == len(column):
        return ()
    pairs = zip(rows, column.to_pylist(), strict=True)
    return pairs if not column.null_count else (pair for pair in pairs if pair[1] is not None)


def without_unsayable_numbers(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch, with NaN and the infinities turned into bad observations without a value."""
    unsayable = pc.invert(pc.is_finite(batch["number"])).fill_null(_FALSE)
    if not pc.any(unsayable).as_py():
        return batch
    replaced = {"number": None, "kind": "none", "status": "bad", "reason": NOT_CONVERTIBLE}
    for name, value in replaced.items():
        field = SCHEMA.field(name)
        column = pc.if_else(unsayable, pa.scalar(value, field.type), batch[name])
        batch = batch.set_column(SCHEMA.get_field_index(name), field, column)
    return batch


_MEMBERS: Final = frozenset(
    {"$schema", "dataItem", "eventTime", "quality", "value", "native"}
    | set(PLAIN_MEMBERS.values())
    | set(TIME_MEMBERS.values())
)


def _row(document: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """One document as column -> value, without the event time."""
    quality = document["quality"]
    homeless = sorted(set(document) - _MEMBERS)
    homeless += [f"quality.{name}" for name in sorted(set(quality) - {"status", "reason"})]
    if homeless:
        names = ", ".join(homeless)
        raise InputError(
            Text(
                f"An observation row has no column for {names}.",
                f"관측값 행에는 {names}을(를) 담을 열이 없습니다.",
            ),
            place=place,
            hint=Text(
                "Keep such observations as documents.",
                "이런 관측값은 문서 형태로 보관하십시오.",
            ),
        )
    row: dict[str, Any] = {
        "data_item": document["dataItem"],
        "status": quality["status"],
        "reason": quality.get("reason"),
    }
    row.update({name: document.get(member) for name, member in PLAIN_MEMBERS.items()})
    native = document.get("native", {})
    row.update({name: native.get(member) for name, member in NATIVE_MEMBERS.items()})
    for name, member in TIME_MEMBERS.items():
        if member in document:
            row[name] = _nanoseconds(document[member], place) // 1000
    row["kind"] = "none"
    for kind, value in document.get("value", {}).items():
        row["kind"] = kind
        if kind == "integer" and int(value) not in _INT64:
            # Column table of the design: beyond int64 an integer is kept as decimal text.
            row["kind"], row["decimal"] = "decimal", value
        else:
            row[kind] = int(value) if kind == "integer" else value
    return {name: value for name, value in row.items() if value is not None}


def _nanoseconds(text: str, place: Place) -> int:
    """Nanoseconds since 1970, UTC; a leap second is the microsecond before it."""
    match = _TIMESTAMP.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        minute, second, fraction, zone = match.groups()
        leap = second == "60"
        moment = datetime.fromisoformat(
            f"{minute}:{'59' if leap else second}{'+00:00' if zone == 'Z' else zone}"
        )
    except ValueError as error:
        raise InputError(
            Text(
                f"{show(text)} is not a timestamp with an offset.",
                f"{show(text)}은(는) 시간대 오프셋이 있는 타임스탬프가 아닙니다.",
            ),
            place=place,
        ) from error
    passed = moment - _EPOCH
    below = 999_999_000 if leap else int((fraction or "0").ljust(9, "0"))
    return (passed.days * 86_400 + passed.seconds) * 1_000_000_000 + below
