"""The files of a run that a Spark cluster judges: Parquet by the terms, lines by the row engine.

The cluster is asked about many files at once and answers in the order of the run. Everything else
(CSV, Arrow, single documents, the standard input, a file that Spark would read otherwise than we
do) is judged by this process, as are the rules about several documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd.engine.spark import LOCAL, spark_session
from mfgstd.finding import Finding
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.bulk.spark.lines import Part, judged, stretches
from mfgstd.validation.sources.fitting import METADATA_KEY, OBSERVATION_ROW, entity_of
from mfgstd.validation.sources.formats import HEAD, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.bulk.spark.lines import Stretch
    from mfgstd.validation.bulk.spark.tables import TableOnSpark
    from mfgstd.validation.run.rows import Judging

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class OnSpark:
    """One run's Spark: told of all files first, then asked about one after the other.

    Args:
        master: where the cluster is, as Spark writes it; this machine's processors by default.
        how: how documents are judged.
        max_line: the bytes that a line may have.
        limit: how many more findings the user wants explained.
        stack: closes the session.

    Raises:
        MissingExtra: the extra ``spark`` is not installed.
        UsageError: there is no Java, or the address is none.
        SystemFault: the cluster is not reached, or refuses.
    """

    def __init__(
        self,
        master: str | None,
        how: Judging,
        *,
        max_line: int,
        limit: Callable[[], int],
        stack: ExitStack,
    ) -> None:
        self._session = stack.enter_context(spark_session(master or LOCAL))
        self._how = how
        self._max_line = max_line
        self._limit = limit
        self._tables: dict[Path, TableOnSpark] | None = None
        self._table_files: list[tuple[Path, Resolved]] = []
        self._stretches: dict[Path, list[Stretch]] = {}
        self._answers: Iterator[tuple[Path, Stretch, Part]] | None = None
        self._ahead: tuple[Path, Stretch, Part] | None = None

    def expect(self, paths: Sequence[Path]) -> None:
        """The files of the run, in the order in which they will be asked about."""
        for path in paths:
            if not path.is_file():
                continue
            with path.open("rb") as raw:
                head = raw.read(HEAD)
            how = written(path.name, head)
            if how.format == "parquet" and (entity := self._entity(path)) is not None:
                self._table_files.append((path, entity))
            elif how.format == "ndjson" and head and not head.startswith(_UTF16):
                self._stretches[path] = stretches(path, how.compression)

    def table(self, path: Path) -> TableOnSpark | None:
        """What was found in a Parquet file; ``None`` if it is not one for Spark.

        Raises:
            SystemFault: a worker does not see a file.
        """
        if self._tables is None:
            # It needs what the extra brings, as the session has made sure of.
            from mfgstd.validation.bulk.spark.tables import Tables

            self._tables = Tables(self._session, self._how).screen(self._table_files)
        return self._tables.get(path)

    def lines(self, path: Path) -> Iterator[tuple[int, Part]] | None:
        """A file of lines part by part, each with its bytes; ``None`` if it is not for Spark.

        Files must be asked about in the order in which they were told, each to its end.

        Raises:
            SystemFault: a worker does not see a file.
        """
        if path not in self._stretches:
            return None
        return self._parts(path)

    def _parts(self, path: Path) -> Iterator[tuple[int, Part]]:
        self._answers = self._answers or self._all()
        # A part more than asked for is read to know that the file has ended.
        answer = self._ahead or next(self._answers, None)
        while answer is not None and answer[0] == path:
            yield answer[1].end - answer[1].start, answer[2]
            answer = next(self._answers, None)
        self._ahead = answer

    def _all(self) -> Iterator[tuple[Path, Stretch, Part]]:
        wanted = [(path, each) for path, some in self._stretches.items() for each in some]
        told = judged(
            self._session,
            [each for _, each in wanted],
            self._how,
            max_line=self._max_line,
            limit=self._limit,
        )
        for (path, _), (stretch, part) in zip(wanted, told, strict=True):
            yield path, stretch, part

    def _entity(self, path: Path) -> Resolved | None:
        within = catalogue()
        try:
            schema = pq.read_schema(path)
        except (pa.ArrowException, OSError):
            return None
        metadata: dict[bytes, Any] = schema.metadata or {}
        named = metadata.get(METADATA_KEY)
        asked = None if self._how.schema is None else within.get(self._how.schema)
        entity = entity_of(
            schema.names, within, asked=asked, named=None if named is None else named.decode()
        )
        if isinstance(entity, Finding):
            return None
        if entity.id == OBSERVATION_ROW:
            return within.find("observation")
        # Observations field by field are another table than the one that is meant by the name.
        return None if entity.name == "Observation" else entity
