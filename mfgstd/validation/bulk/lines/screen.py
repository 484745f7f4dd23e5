"""NDJSON of flat documents in columns: which lines are certainly free of findings, and what not.

Strictness is that of :func:`mfgstd.validation.reader.read` and the row engine, whatever DuckDB's
reader forgives. Two ways through a chunk:

- **fast**: only what the documents so far had is read, as one query that counts; the marks in the
  raw bytes prove that nothing else is there
  (:func:`~mfgstd.validation.bulk.lines.marks.accounted`). A piece of a chunk passes as a whole or
  not at all.
- **slow**: every line for itself; all leaves are read, the keys of each object are counted. What is
  of the right shape gets its findings from the terms; anything else is a suspect, for the row
  engine.

A screen learns from what it passes: which leaves there are, which words come again and again. It
never learns to pass what it would not pass without.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import pyarrow as pa

from mfgstd.engine import tell_functions
from mfgstd.standard.catalogue import Catalogue, catalogue
from mfgstd.validation.bulk.lines.leaves import SCHEMA, Leaves, Path, leaves_of
from mfgstd.validation.bulk.lines.marks import Marks, Understood, accounted
from mfgstd.validation.bulk.lines.queries import (
    Asked,
    Known,
    counting,
    telling,
    values,
    worth_knowing,
)
from mfgstd.validation.bulk.lines.texts import (
    MemoryFile,
    blank_of,
    hurt_of,
    lines_of,
    offsets_of,
    pieces_of,
    table_of,
)
from mfgstd.validation.bulk.terms.constraints import NotInColumns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mfgstd.engine import Session
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.lowering import Strictness

#: One row for each finding of a line whose shape is right; ``line`` counts from 1 in the file.
KNOWN: Final = pa.schema(
    [
        pa.field("line", pa.int64(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("severity", pa.string(), nullable=False),
        pa.field("pointer", pa.string(), nullable=False),
    ]
)

#: So many pieces are counted by one query.
TOGETHER: Final = 8
#: How many lines are looked at to learn from them, or to find out whether a look is worth it.
_SAMPLE: Final = 2_000
_GLANCE: Final = 200
#: How often a screen learns that there are more leaves; each time its queries are made anew.
_LESSONS: Final = 4
_MOST_WORDS: Final = 1_000


def by_line(parts: Sequence[pa.Table]) -> pa.Table:
    """Tables of known findings as one, sorted."""
    if not parts:
        return KNOWN.empty_table()
    return pa.concat_tables(parts).sort_by([(name, "ascending") for name in KNOWN.names])


@dataclass(frozen=True, slots=True)
class Screened:
    """What a screen says of some lines; those that are blank are no documents.

    ``known`` has the columns of :data:`KNOWN`, sorted by line. A line with warnings only is in it
    and counts as valid. ``suspects`` are line numbers and bytes, for the row engine. ``passed`` and
    ``failed`` count the documents by the ``$id`` of their schema, suspects excepted.
    """

    lines: int
    suspects: list[tuple[int, bytes]]
    known: pa.Table | None = None
    passed: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def valid(self) -> int:
        """How many documents have no error for certain."""
        return self.passed.total()


class LineScreen:
    """The lines of one kind of document. Use it as a context manager, or close it.

    Args:
        resolved: what the documents are.
        strictness: who is checked.
        session: a DuckDB.
        named: whether a document must name its schema, or is of this one unless it names another.
        within: where the schema's references lead; the standard by default.
        files: where lines are put for DuckDB to read, :data:`TOGETHER` of them; screens that are
            used one after the other may share them. Its own by default.

    Raises:
        NotInColumns: no document of this kind can be held in columns as a whole.
    """

    def __init__(
        self,
        resolved: Resolved,
        strictness: Strictness,
        session: Session,
        *,
        named: bool = True,
        within: Catalogue | None = None,
        files: Sequence[MemoryFile] | None = None,
    ) -> None:
        within = within or catalogue()
        leaves = leaves_of(resolved, within)
        if leaves.missing:
            raise NotInColumns(resolved.id)
        self._id = resolved.id
        self._connection = session.raw.cursor()
        self._asked = Asked(session, resolved, strictness, within, named)
        self._every = leaves
        self._values = values(leaves, self._asked)
        self._known: Known | None = None
        self._count_them = ""
        self._tell, self._terms = telling(Known(leaves, leaves), self._asked)
        tell_functions(session, (each.count for each in self._terms))
        self._lessons = 0
        #: Whether lines had more than was looked for.
        self._hidden = False
        #: Whether the last chunk gives hope that the fast way, or any, is worth it for the next.
        self._hope = True
        self._use = True
        self._own = [] if files else [MemoryFile(session.folder) for _ in range(TOGETHER)]
        self._files = files or self._own
        self._beside = ThreadPoolExecutor(1, "mfgstd-marks")

    def __enter__(self) -> Self:
        """The screen itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the files in memory back."""
        self.close()

    def close(self) -> None:
        """Give the files in memory back; the screen cannot be used after this."""
        self._beside.shutdown()
        self._connection.close()
        for each in self._own:
            each.close()

    def screen(self, chunk: bytes, first_line: int) -> Screened:
        """Judge the whole lines of a chunk, of which the first is ``first_line`` of its file."""
        pieces = pieces_of(chunk)
        if self._known is None:
            self._learn(chunk[pieces[0]] if pieces else b"")
        self._hidden = False
        rows = self._fast(chunk, pieces)
        slow = [piece for piece, passed in zip(pieces, rows, strict=True) if passed is None]
        passed = sum(each for each in rows if each is not None)
        if not slow:
            self._hope = True
            return Screened(passed, [], passed=Counter({self._id: passed} if passed else {}))
        self._hope = len(slow) < len(pieces)
        if self._hidden and self._lessons < _LESSONS:
            self._learn(chunk[slow[0]])
        offsets = offsets_of(chunk)
        wanted = lines_of(offsets, slow)
        told = self._slow(chunk, offsets, wanted)
        known = told.table(self._terms, first_line)
        return Screened(
            passed + told.lines,
            told.suspects(chunk, offsets, first_line),
            known if known.num_rows else None,
            Counter({self._id: each}) if (each := passed + told.passed) else Counter(),
            Counter({self._id: told.failed}) if told.failed else Counter(),
        )

    # The fast way

    def _fast(self, chunk: bytes, pieces: Sequence[slice]) -> list[int | None]:
        """The documents of each piece if all of them are free of findings, else ``None``."""
        if self._known is None or not pieces:
            return [None] * len(pieces)
        if not self._hope:
            first = self._try(chunk, pieces[:1])
            if first == [None]:
                return [None] * len(pieces)
            return [*first, *self._try(chunk, pieces[1:])]
        return self._try(chunk, pieces)

    def _try(self, chunk: bytes, pieces: Sequence[slice]) -> list[int | None]:
        if len(pieces) > TOGETHER:
            first, others = pieces[:TOGETHER], pieces[TOGETHER:]
            return [*self._try(chunk, first), *self._try(chunk, others)]
        counted = self._count(chunk, pieces)
        if counted is None and len(pieces) > 1:
            # One malformed line stops the query over all of them.
            return [each for piece in pieces for each in self._try(chunk, [piece])]
        if counted is None:
            return [None] * len(pieces)
        return counted

    def _count(self, chunk: bytes, pieces: Sequence[slice]) -> list[int | None] | None:
        import duckdb

        if not pieces:
            return []
        view = memoryview(chunk)
        for i, file in enumerate(self._files):
            # The query is planned for all files once; those without a piece are empty.
            file.write(view[pieces[i]] if i < len(pieces) else view[:0])
        whole = np.frombuffer(chunk, np.uint8)
        marks = self._beside.submit(lambda: [Marks.of(whole[piece]) for piece in pieces])
        try:
            answer = self._connection.execute(self._count_them).fetchall()
            found = {row[0]: row[1:] for row in answer}
        except (duckdb.InvalidInputException, duckdb.ConversionException, UnicodeDecodeError):
            # Its message quotes the line, which may be no UTF-8 at all.
            found = None
        finally:
            counts = marks.result()
        if found is None:
            return None
        answers: list[int | None] = []
        for file, piece, marked in zip(self._files, pieces, counts, strict=False):
            rows, bad, members, texts, objects = map(int, found.get(file.path, (0, 1, 0, 0, 0)))
            understood = Understood(rows, members, texts, objects)
            whole_truth = accounted(chunk[piece], marked, understood)
            self._hidden |= not whole_truth
            answers.append(rows if whole_truth and not bad else None)
        return answers

    # The slow way

    def _slow(self, chunk: bytes, offsets: NDArray[np.int64], wanted: NDArray[np.int64]) -> _Told:
        """Judge the ``wanted`` lines, by index."""
        if not self._use:
            glance = wanted[:: max(1, len(wanted) // _GLANCE)]
            told = self._judge(chunk, offsets, glance)
            if not told.worth_it:
                blank = blank_of(chunk, offsets, wanted)
                suspects = np.setdiff1d(wanted, blank, assume_unique=True)
                return _Told(len(suspects), 0, suspects, {}, len(self._terms))
        told = self._judge(chunk, offsets, wanted)
        self._use = told.worth_it
        return told

    def _judge(self, chunk: bytes, offsets: NDArray[np.int64], wanted: NDArray[np.int64]) -> _Told:
        blank = blank_of(chunk, offsets, wanted)
        lines = table_of(chunk, offsets, wanted)
        found = self._over(lines, self._tell)
        at = found["line"].to_numpy()
        fit = found["fit"].to_numpy(zero_copy_only=False)
        unlike = np.union1d(at[~fit], hurt_of(chunk, offsets))
        unlike = np.intersect1d(unlike, wanted)
        suspects = np.setdiff1d(unlike, blank)
        telling = ~np.isin(at, unlike)
        broken: dict[int, NDArray[np.int64]] = {}
        clean = np.ones(len(at), np.bool_)
        for i, term in enumerate(self._terms):
            said = found[f"b{i}"].to_numpy(zero_copy_only=False) & telling
            if term.guard is None:
                clean &= ~said
            else:
                said &= clean
            if said.any():
                broken[i] = at[said]
        errors = [at_ for i, at_ in broken.items() if self._terms[i].severity == "error"]
        failed = len(np.unique(np.concatenate(errors))) if errors else 0
        return _Told(len(wanted) - len(blank), failed, suspects, broken, len(self._terms))

    def _over(self, lines: pa.Table, query: str) -> pa.Table:
        self._connection.register("lines", lines)
        try:
            return self._connection.execute(query).fetch_arrow_table()
        finally:
            self._connection.unregister("lines")

    def _learn(self, sample: bytes) -> None:
        """Find out which leaves documents have, and the words that come again and again."""
        offsets = offsets_of(sample)
        some = np.arange(0, len(offsets) - 1, max(1, (len(offsets) - 1) // _SAMPLE))
        some = np.setdiff1d(some, hurt_of(sample, offsets))
        found = self._over(table_of(sample, offsets, some), self._values)
        if not found.num_rows:
            return
        self._lessons += 1
        there = {each.path for i, each in enumerate(self._every.scalars) if _any(found[f"f{i}"])}
        if self._known is not None:
            known = {each.path for each in self._known.leaves.scalars}
            if self._lessons == _LESSONS:
                # Documents that still have something new are of many forms: look for all there is.
                there = {each.path for each in self._every.scalars}
            if known >= there:
                return
            there |= known
        words = _words(self._every, found.filter(found["good"]))
        self._known = Known(self._every.only(there), self._every, words)
        self._tell, self._terms = telling(self._known, self._asked)
        query = counting(self._known, self._asked, [each.path for each in self._files])
        self._count_them = f"EXECUTE counting_{self._lessons}"
        self._connection.execute(f"PREPARE counting_{self._lessons} AS {query}")


@dataclass(frozen=True, slots=True)
class _Told:
    """What the slow way says of some lines; ``broken`` has the lines for each broken term."""

    lines: int
    failed: int
    unlike: NDArray[np.int64]
    broken: Mapping[int, NDArray[np.int64]]
    terms: int

    @property
    def passed(self) -> int:
        return self.lines - self.failed - len(self.unlike)

    @property
    def worth_it(self) -> bool:
        """Whether the row engine was spared more than a tenth of the lines."""
        return len(self.unlike) * 10 <= self.lines * 9

    def table(self, terms: Sequence[Any], first_line: int) -> pa.Table:
        parts = [
            pa.table(
                [
                    pa.array(at + first_line, pa.int64()),
                    *(
                        pa.repeat(pa.scalar(text, pa.string()), len(at))
                        for text in (terms[i].rule, terms[i].severity, terms[i].pointer)
                    ),
                ],
                schema=KNOWN,
            )
            for i, at in self.broken.items()
        ]
        return by_line(parts)

    def suspects(
        self, chunk: bytes, offsets: NDArray[np.int64], first_line: int
    ) -> list[tuple[int, bytes]]:
        begins, ends = offsets[self.unlike].tolist(), offsets[self.unlike + 1].tolist()
        return [
            (line + first_line, chunk[begin:end].removesuffix(b"\n"))
            for line, begin, end in zip(self.unlike.tolist(), begins, ends, strict=True)
        ]


def _any(column: pa.ChunkedArray) -> bool:
    return bool(column.null_count < len(column))


def _words(leaves: Leaves, values: pa.Table) -> dict[Path, list[str]]:
    """The texts that a leaf has again and again, where that saves judging them."""
    found: dict[Path, list[str]] = {}
    for i, leaf in enumerate(leaves.scalars):
        if leaf.path == SCHEMA or not worth_knowing(leaf):
            continue
        words = values[f"f{i}"].drop_null().unique()
        if 0 < len(words) <= _MOST_WORDS and len(words) * 4 <= len(values):
            found[leaf.path] = sorted(words.to_pylist())
    return found
