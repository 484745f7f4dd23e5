"""``rejected.ndjson``: input that could not be read, byte for byte, with the place and reason."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

import orjson

from mfgstd.collect.sinks.lines import LineSink

if TYPE_CHECKING:
    from mfgstd.adapters import Batch

NAME: Final = "rejected.ndjson"


class RejectedSink(LineSink):
    """Keeps what was refused; its file is there only when there is something to put into it."""

    name = NAME

    def write(self, batch: Batch, record_time: str) -> None:
        """Append one line for each piece: its finding, and ``raw`` as base64."""
        lines = [
            orjson.dumps(
                {
                    "recordTime": record_time,
                    **piece.finding.to_json("en"),
                    "raw": base64.b64encode(piece.raw).decode(),
                },
                option=orjson.OPT_APPEND_NEWLINE,
            )
            for piece in batch.rejected
        ]
        if lines:
            self.append(b"".join(lines))
