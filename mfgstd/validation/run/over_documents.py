"""A run over documents that a program holds: one report, as the command would give it."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mfgstd.errors import UsageError
from mfgstd.language import Text
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.engines import ENGINES
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.run.gathering import Gathering
from mfgstd.validation.run.options import no_engine
from mfgstd.validation.run.report import Report, SourceReport
from mfgstd.validation.run.rows import Chunk, Judged, Judging
from mfgstd.validation.run.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mfgstd.validation.engines import Engine

#: Bytes and number of texts that are judged together.
_CHUNK: Final = 1 << 20
_TEXTS: Final = 4096
#: What this process judges in less time than worker processes need to start.
_MUCH: Final = 16 << 20


def validate_many(
    documents: Iterable[Mapping[str, Any] | bytes | str],
    *,
    schema: str | None = None,
    strictness: Strictness | str = Strictness.STRICT,
    engine: Engine = "row",
    together: bool = True,
    limit: int = 100,
    processes: int | None = None,
) -> Report:
    """Everything that is wrong with many documents, each by itself and all together.

    A document is JSON text or its parsed value; its place in a finding is its number from 0
    (``row``), for text with line and column inside it. All are counted, up to ``limit`` findings
    are explained. ``together`` asks what no document can be judged on alone (sequences,
    references), strictly only. Memory stays bounded however many documents come.

    ``processes`` is how many workers judge text: by default this process alone does until there
    is much, and then one worker for each processor helps. Values are judged in this process.

    Raises:
        UnknownSchema: the caller's ``schema`` is none.
        UsageError: ``documents`` is a single document, or nobody of that name judges.
    """
    if isinstance(documents, (bytes, str, Mapping)):
        raise _single()
    if engine not in ENGINES:
        raise no_engine(engine, ENGINES)
    how = Judging(
        schema=None if schema is None else catalogue().find(schema).id,
        strictness=Strictness(strictness),
        engine=engine,
        shelve=together and Strictness(strictness) is Strictness.STRICT,
    )
    begun = time.perf_counter()
    with ExitStack() as stack:
        run = _Run(how, Report(limit=limit), processes, stack)
        run.judge(documents)
        report = run.finish()
    report.seconds = report.sources[0].seconds = time.perf_counter() - begun
    return report


class _Run:
    """What is open while many documents are judged."""

    def __init__(
        self, how: Judging, report: Report, processes: int | None, stack: ExitStack
    ) -> None:
        self._how = how
        self._report = report
        self._stack = stack
        self._processes = processes
        self._gathering = Gathering(stack)
        self._gathering.source(None, "row")
        self._here = stack.enter_context(Workers(how, 0))
        self._workers = self._here
        self._about = SourceReport(path=None, format="documents", engine=how.engine)
        report.sources.append(self._about)

    def judge(self, documents: Iterable[Mapping[str, Any] | bytes | str]) -> None:
        """Judge all, in their order, while more are read."""
        waiting: deque[tuple[Chunk | _Values, Future[Judged]]] = deque()
        for each in _batches(documents):
            waiting.append((each, self._submit(each)))
            # As many are on their way as the workers take; the first of them is the next result.
            while len(waiting) > self._workers.room:
                self._take(*waiting.popleft())
        while waiting:
            self._take(*waiting.popleft())

    def _submit(self, batch: Chunk | _Values) -> Future[Judged]:
        if isinstance(batch, Chunk):
            self._about.size += sum(len(text) for _, text in batch.texts())
            self._hire()
            return self._workers.submit(replace(batch, limit=self._report.left))
        done: Future[Judged] = Future()
        done.set_result(self._here.rows.values(batch, self._report.left))
        return done

    def _hire(self) -> None:
        if self._workers is not self._here or self._processes == 0:
            return
        if self._processes is not None or self._about.size > _MUCH:
            self._workers = self._stack.enter_context(Workers(self._how, self._processes))

    def _take(self, batch: Chunk | _Values, future: Future[Judged]) -> None:
        judged = future.result()
        report = self._report
        report.valid.update(judged.valid)
        report.invalid.update(judged.invalid)
        report.add(judged.counts)
        for noted in judged.noted:
            if not report.tell(noted.findings) and not noted.valid:
                report.unexplained += 1
        if not judged.accepted:
            return
        given = dict(batch.texts() if isinstance(batch, Chunk) else batch)
        for schema_id, numbers in judged.accepted.items():
            texts = [_text(given[each]) for each in numbers]
            self._gathering.add(schema_id, None, numbers, texts, "row")

    def finish(self) -> Report:
        """Ask the rules about several documents; the whole account."""
        report, about = self._report, self._about
        if self._how.shelve:
            gathered = self._gathering.finish(report.left)
            if gathered is not None:
                report.not_judged.update(gathered.not_judged)
                report.add(gathered.counts)
                report.tell(gathered.findings)
        about.valid, about.invalid = report.valid.total(), report.invalid.total()
        about.findings = report.counts.total()
        return report


class _Values(list[tuple[int, Any]]):
    """Documents that are values, not text, each with its number."""


def _batches(
    documents: Iterable[Mapping[str, Any] | bytes | str],
) -> Iterator[Chunk | _Values]:
    """Documents next to each other that are given alike, as many as are judged at once."""
    texts: list[tuple[int, bytes]] = []
    values = _Values()
    size = 0
    for number, each in enumerate(documents):
        if isinstance(each, (bytes, str)):
            if values:
                yield values
                values = _Values()
            # A lone surrogate in a str has no UTF-8 form; the reader then says where.
            text = each if isinstance(each, bytes) else each.encode("utf-8", "surrogatepass")
            texts.append((number, text))
            size += len(text)
        else:
            if texts:
                yield Chunk(texts, by="row")
                texts, size = [], 0
            values.append((number, dict(each) if isinstance(each, Mapping) else each))
        if size >= _CHUNK or len(texts) >= _TEXTS:
            yield Chunk(texts, by="row")
            texts, size = [], 0
        if len(values) >= _TEXTS:
            yield values
            values = _Values()
    if texts:
        yield Chunk(texts, by="row")
    if values:
        yield values


def _text(document: Any) -> bytes:
    if isinstance(document, bytes):
        return document
    return json.dumps(document, ensure_ascii=False).encode()


def _single() -> UsageError:
    return UsageError(
        Text(
            "This is one document, and a list of documents was expected.",
            "문서 목록이 와야 하는데 문서 하나가 왔습니다.",
        ),
        hint=Text(
            "Call validate for one document, or put it into a list.",
            "문서가 하나이면 validate를 호출하거나 목록에 넣으십시오.",
        ),
    )
