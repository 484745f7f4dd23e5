"""A second product, written from the contract alone, so that the judge has more than one witness.

It reads a MTConnect agent and SHDR logs with the standard library, in the plainest way: no
``current``, one ``sample`` after another, a Python object per value, its own hand-written tables.
It is slow and honest. It shares nothing with ``mfgstd_adapters``: where the two disagree with a
check, either the check or one of them is wrong, and somebody must find out which.

Judge it with ``python:tests.references.plain.adapter:PlainAdapter``.
"""

from __future__ import annotations

import asyncio
import http.client
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit, urlunsplit
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from mfgstd.adapters import AdapterSpec, Batch, Checkpoint, LossDetection, Tally
from mfgstd.errors import MfgStdError, SystemFault, TransientError
from mfgstd.finding import Finding
from mfgstd.language import Text
from mfgstd.models import Gap
from tests.references.plain.account import Account
from tests.references.plain.model import Model, local
from tests.references.plain.rows import Rows, moment
from tests.references.plain.shdr import reports

_COUNT: Final = 500
_LIMIT: Final = 16 * 1024 * 1024


class PlainAdapter:
    """Reads one agent from the oldest observation that it has."""

    spec: ClassVar[AdapterSpec] = AdapterSpec(
        name="plain",
        version="1.0.0",
        title=Text("Plain MTConnect reader", "단순 MTConnect 수집기"),
        schemes=("http", "file"),
        loss=LossDetection.PROVED,
        settings={
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "base": {"type": "string"},
                "interval": {"type": "number"},
                "timeout": {"type": "number"},
                "device_model": {"type": "string"},
                "device": {"type": "string"},
            },
        },
    )

    def __init__(
        self,
        url: str,
        *,
        base: str = "urn:plain:",
        interval: float = 0.1,
        timeout: float = 2.0,
        device_model: str | None = None,
        device: str | None = None,
    ) -> None:
        self._log = None if url.startswith("http:") else Path(url)
        self._device_model = device_model
        self._device = device
        self._url = url.rstrip("/")
        self._base = base
        self._interval = interval
        self._timeout = timeout
        self._model: Model | None = None
        self._account: Account | None = None
        self._told = b""
        self._announcement: Batch | None = None
        self._instance: str | None = None
        self._next: int | None = None
        #: Event time of the latest report, and our own time at the latest answer.
        self._seen = self._alive = 0
        self._due = 0.0
        self._from_oldest = False
        self._lost: TransientError | None = None
        self._told_loss = False
        self._read_log = False

    @property
    def source(self) -> str:
        """The agent or log as rows name it: where it is, and nothing else."""
        if self._log is not None:
            return self._log.resolve().as_uri()
        parts = urlsplit(self._url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    async def check(self) -> list[Finding]:
        """Ask for the device model and forget it."""
        try:
            await self._probe()
        except MfgStdError as error:
            return [Finding(rule="plain.unreachable", message=error.message)]
        return []

    async def open(self, checkpoint: Checkpoint | None = None) -> None:
        """Learn what the agent has; go on from the checkpoint if there is one."""
        root = await self._probe()
        self._lost = None
        if checkpoint and self._next is None:
            self._instance, self._next = checkpoint.get("instance"), checkpoint.get("next")
            self._seen = checkpoint.get("seen", 0)
        self._learn(root)

    async def read(self) -> Batch | None:
        """The model first; then what was said since; when contact is lost, that, and the error."""
        if self._announcement is not None:
            batch, self._announcement = self._announcement, None
            return batch
        if self._log is not None:
            return await asyncio.to_thread(self._whole, self._log)
        if self._lost is not None:
            raise self._lost
        await asyncio.sleep(max(0.0, self._due - time.monotonic()))
        self._due = time.monotonic() + self._interval
        try:
            root = await self._get(self._question())
        except TransientError as error:
            if self._told_loss or not self._alive:
                raise
            self._lost, self._told_loss = error, True
            return self._out_of_sight()
        self._alive = time.time_ns()
        return await self._answer(root)

    async def close(self) -> None:
        """There is nothing to let go of: every request has its own connection."""

    def _whole(self, path: Path) -> Batch | None:
        if self._read_log:
            return None
        self._read_log = True
        text = path.read_text(encoding="utf-8")
        log = reports(text, self._known, self._device)
        rows, documents, tally = self._known_account.hear(log, time.time_ns())
        return self._batch(rows, tally, documents)

    def _question(self) -> str:
        header = f"/sample?count={min(_COUNT, self._known.buffer)}"
        from_oldest = self._from_oldest or self._next is None
        return header if from_oldest else f"{header}&from={self._next}"

    async def _answer(self, root: ET.Element) -> Batch:
        if local(root) == "MTConnectError":
            if not any(each.get("errorCode") == "OUT_OF_RANGE" for each in root.iter()):
                raise SystemFault(Text("The agent refuses.", "에이전트가 요청을 거부했습니다."))
            return self._again_from_the_oldest()
        header = next(each for each in root if local(each) == "Header")
        instance = header.attrib["instanceId"]
        restarted = self._instance not in (None, instance)
        if restarted:
            if not self._from_oldest:
                # Another run: our number means something else in it.
                return self._again_from_the_oldest()
            self._learn(await self._probe())
        rows, documents, tally = self._known_account.read(root, instance, time.time_ns())
        first, at = int(header.attrib["firstSequence"]), min(rows.times, default=self._seen)
        if restarted:
            documents.insert(0, self._gap("restarted", "unknown", None, at))
        elif self._next is not None and first > self._next:
            documents.insert(0, self._gap("buffer_overflow", "lost", first - 1, at))
        tally.documents = Counter(type(each).__name__ for each in documents)
        self._instance, self._next = instance, int(header.attrib["nextSequence"])
        self._seen = max([self._seen, *rows.times])
        self._from_oldest = self._told_loss = False
        return self._batch(rows, tally, documents)

    def _again_from_the_oldest(self) -> Batch:
        self._from_oldest, self._due = True, 0.0
        return self._batch(Rows(), Tally(), [])

    def _gap(self, reason: str, outcome: str, last: int | None, at: int) -> Gap:
        """From the number that is due to ``last``, all is missing; what follows was at ``at``."""
        name = f"{self.source} {self._instance} {self._next}"
        document: dict[str, Any] = {
            "id": f"urn:uuid:{uuid5(NAMESPACE_URL, name)}",
            "source": self.source,
            "epoch": self._instance,
            "from": moment(min(self._seen, at)),
            "to": moment(max(self._seen, at) + 1),
            "reason": reason,
            "outcome": outcome,
            "fromSequence": self._next,
        }
        if last is not None and self._next is not None:
            document["toSequence"] = last
            document["count"] = last - self._next + 1
        return Gap.from_json(document)

    def _out_of_sight(self) -> Batch:
        rows, documents = self._known_account.lose(self._alive, time.time_ns())
        tally = Tally(documents=Counter(type(each).__name__ for each in documents))
        return self._batch(rows, tally, documents)

    def _batch(self, rows: Rows, tally: Tally, documents: list[Any]) -> Batch:
        known = {"instance": self._instance, "next": self._next, "seen": self._seen}
        return Batch(
            observations=rows.batch(),
            documents=tuple(documents),
            tally=tally,
            checkpoint={name: value for name, value in known.items() if value is not None},
        )

    @property
    def _known(self) -> Model:
        assert self._model is not None, "open comes first"
        return self._model

    @property
    def _known_account(self) -> Account:
        assert self._account is not None, "open comes first"
        return self._account

    def _learn(self, root: ET.Element) -> None:
        devices = next(each for each in root if local(each) == "Devices")
        written = ET.tostring(devices)
        if written == self._told:
            return
        self._told = written
        self._model = Model(root, self._base)
        self._account = Account(self._model, self.source)
        documents = self._model.documents()
        tally = Tally(documents=Counter(type(each).__name__ for each in documents))
        self._announcement = self._batch(Rows(), tally, documents)

    async def _probe(self) -> ET.Element:
        if self._log is None:
            return await self._get("/probe")
        assert self._device_model is not None, "a log needs a device model"
        data = await asyncio.to_thread(Path(self._device_model).read_bytes)
        return ET.fromstring(data)  # noqa: S314 - the judge wrote it

    async def _get(self, question: str) -> ET.Element:
        return await asyncio.to_thread(self._fetch, question)

    def _fetch(self, question: str) -> ET.Element:
        request = urllib.request.Request(self._url + question)  # noqa: S310 - http by the scheme
        try:
            try:
                with urllib.request.urlopen(request, timeout=self._timeout) as answer:  # noqa: S310
                    body = answer.read(_LIMIT)
            except urllib.error.HTTPError as refused:
                with refused:
                    body = refused.read(_LIMIT)
            if b"<!DOCTYPE" in body:
                raise TransientError(Text("A DOCTYPE is refused.", "DOCTYPE은 허용되지 않습니다."))
            return ET.fromstring(body)  # noqa: S314 - no DOCTYPE, so no entities
        except (OSError, http.client.HTTPException, ET.ParseError) as error:
            said = type(error).__name__
            raise TransientError(
                Text(f"The agent does not answer: {said}.", f"에이전트 응답 없음: {said}")
            ) from error
