"""``events.ndjson``: one CloudEvents envelope a line, documents first, then their observations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from mfgstd.collect.envelope import Origin, document_event, observation_events
from mfgstd.collect.sinks.lines import LineSink

if TYPE_CHECKING:
    from pathlib import Path

    from mfgstd.adapters import Batch

NAME: Final = "events.ndjson"


class NdjsonSink(LineSink):
    """Writes what travels: every document and every stretch of observations in its envelope."""

    name = NAME

    def __init__(self, origin: Origin) -> None:
        super().__init__()
        self._origin = origin

    def open(self, folder: Path) -> None:
        """Open for appending; the file is there even if nothing comes."""
        super().open(folder)
        self.append(b"")

    def write(self, batch: Batch, record_time: str) -> None:
        """Append the lines of one batch."""
        events = [
            orjson.dumps(
                document_event(document.schema_id, document.to_json(), self._origin, record_time)
            )
            for document in batch.documents
        ]
        events.extend(observation_events(batch.observations, self._origin, record_time))
        if events:
            self.append(b"\n".join(events) + b"\n")
