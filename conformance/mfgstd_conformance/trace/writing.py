"""Writing a trace while a product runs: events in order, observations in columns, hashes at last.

What the product said is kept as it said it. Where that cannot be read as JSON or as columns it is
kept raw, so that a check, and not a driver, says what is wrong with it.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd import __version__
from mfgstd.errors import MfgStdError
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.observations import SCHEMA
from mfgstd.validation.reader import read
from mfgstd_conformance import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from mfgstd_conformance.plan import Plan, Seed

FORMAT: Final = "https://w3id.org/mfgstd/conformance/manifest/1"
EVENTS: Final = "events.jsonl"
MANIFEST: Final = "manifest.json"

#: The columns as any product may give them: a null where none may be is a finding, not a crash.
COLUMNS: Final = pa.schema([each.with_nullable(True) for each in SCHEMA])

#: Rows that wait in memory before they become a row group.
_GROUP: Final = 65_536

#: Of what cannot be read, so many bytes are kept.
RAW_LIMIT: Final = 64 * 1024


class TraceWriter:
    """Writes one trace; ``with`` closes it. The folder must not exist, or be empty.

    Args:
        folder: where the trace goes.
        plan: what the run is held to; its digest and subject go into the manifest.
        seed: of the scenario, drawn after the plan.
    """

    def __init__(self, folder: Path, *, plan: Plan, seed: Seed) -> None:
        self.folder = folder
        self._plan = plan
        self._seed = seed
        self._started = now()
        self._number = 0
        self._segments: dict[str, _Segment] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._events = (folder / EVENTS).open("xb")
        except OSError as error:
            raise MfgStdError(
                Text(
                    f"The trace cannot be written: {error.strerror}.",
                    f"시험 기록을 쓸 수 없습니다: {error.strerror}",
                ),
                place=Place(path=str(folder)),
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def event(self, by: str, kind: str, session: str | None = None, **what: Any) -> None:
        """One event; ``by`` is driver, peer, product or person."""
        self._line(self._head(by, kind, session) | what)

    def document(
        self,
        session: str,
        data: bytes,
        *,
        schema: str | None = None,
        place: Mapping[str, Any] | None = None,
    ) -> None:
        """One document as the product wrote it.

        Args:
            session: to which delivery it belongs.
            data: JSON text; what is not strict JSON is kept raw.
            schema: what the product says it follows, where the text itself does not.
            place: where it stands in the supplier's own data.
        """
        head = self._head("product", "product.document", session)
        if schema is not None:
            head["schema"] = schema
        if place:
            head["place"] = dict(place)
        if len(data) <= canonical.SIZE_LIMIT and read(data).ok:
            # The text itself, not a reading of it: 1.0 stays 1.0. A line break in JSON is a blank.
            text = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b" ").replace(b"\n", b" ")
            line = _encoded(head)[:-1] + b',"document":' + text + b"}"
            if read(line).ok:
                self._events.write(line + b"\n")
                self._number += 1
                return
        self.raw(session, data, "json", place=place)

    def raw(
        self,
        session: str,
        data: bytes,
        reason: str,
        *,
        place: Mapping[str, Any] | None = None,
        problems: Sequence[Mapping[str, str]] = (),
    ) -> None:
        """What could not be read; ``reason`` is json, columns, size or type."""
        head = self._head("product", "product.raw", session)
        head["reason"] = reason
        head["base64"] = base64.b64encode(data[:RAW_LIMIT]).decode()
        head["bytes"] = len(data)
        if problems:
            head["problems"] = [dict(each) for each in problems][:50]
        if place:
            head["place"] = dict(place)
        self._line(head)

    def observations(
        self,
        session: str,
        batch: pa.RecordBatch,
        *,
        place: Mapping[str, Any] | None = None,
    ) -> None:
        """Rows with the columns of the standard, in the order in which the product gave them."""
        if not batch.num_rows:
            return
        segment = self._segments.get(session)
        if segment is None:
            name = f"observations-{len(self._segments) + 1:05d}.parquet"
            segment = self._segments[session] = _Segment(self.folder / name)
        what: dict[str, Any] = {
            "segment": segment.path.name,
            "first": segment.rows,
            "rows": batch.num_rows,
        }
        if place:
            what["place"] = dict(place)
        segment.write(batch)
        self.event("product", "product.observations", session, **what)

    def close(self) -> str:
        """Finish all files; returns the trace's digest, that of its manifest."""
        if self._events.closed:
            return canonical.sha256_of_file(self.folder / MANIFEST)
        self._events.close()
        for segment in self._segments.values():
            segment.close()
        paths = [self.folder / EVENTS, *(each.path for each in self._segments.values())]
        manifest = {
            "format": FORMAT,
            "suite": {"name": "mfgstd", "version": __version__},
            "subject": self._plan.subject.to_json(),
            "plan": self._plan.digest,
            "seed": self._seed.to_json(),
            "started": self._started,
            "ended": now(),
            "files": [
                {
                    "path": path.name,
                    "sha256": canonical.sha256_of_file(path),
                    "bytes": path.stat().st_size,
                }
                for path in paths
            ],
        }
        data = canonical.encode(manifest)
        (self.folder / MANIFEST).write_bytes(data)
        return canonical.sha256(data)

    def _head(self, by: str, kind: str, session: str | None) -> dict[str, Any]:
        head: dict[str, Any] = {"n": self._number, "at": now(), "by": by, "kind": kind}
        if session is not None:
            head["session"] = session
        return head

    def _line(self, record: Mapping[str, Any]) -> None:
        self._events.write(_encoded(record) + b"\n")
        self._number += 1


class _Segment:
    """One Parquet file of rows, written in groups."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._waiting: list[pa.RecordBatch] = []
        self._waits = 0
        self._writer = pq.ParquetWriter(path, COLUMNS, compression="zstd")

    def write(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(pa.RecordBatch.from_arrays(batch.columns, schema=COLUMNS))
        self._waits += batch.num_rows
        self.rows += batch.num_rows
        if self._waits >= _GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            table = pa.Table.from_batches(self._waiting, COLUMNS)
            self._writer.write_table(table, row_group_size=_GROUP)
            self._waiting, self._waits = [], 0


def now() -> str:
    """The present moment as a trace writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _encoded(record: Mapping[str, Any]) -> bytes:
    # A lone surrogate has no UTF-8; it is told as what replaces it.
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
