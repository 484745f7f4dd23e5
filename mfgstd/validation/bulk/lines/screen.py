"""NDJSON of flat documents in columns: which lines are certainly free of findings, and what not.

Strictness is that of :func:`mfgstd.validation.reader.read` and the row engine, whatever DuckDB's
reader forgives. Three ways through a chunk, each for what the one before it leaves:

- **shaped**: lines like others before them are compared as bytes, nobody reads JSON
  (:mod:`~mfgstd.validation.bulk.lines.shapes.shaped`).

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
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from mfgstd.engine import tell_functions
from mfgstd.standard.catalogue import Catalogue, catalogue
from mfgstd.validation.bulk.lines.leaves import SCHEMA, Leaves, Path, leaves_of
from mfgstd.validation.bulk.lines.marks import Marks, Understood, accounted
from mfgstd.validation.bulk.lines.queries import (
    Asked,
    Known,
    counting,
    leaves_of_lines,
    over,
    telling,
    values,
    worth_knowing,
)
from mfgstd.validation.bulk.lines.shapes.shaped import Shaped, Sorted
from mfgstd.validation.bulk.lines.texts import (
    MemoryFile,
    blank_of,
    cut_out,
    hurt_of,
    lines_of,
    offsets_of,
    pieces_of,
    sample_of,
    table_of,
)
from mfgstd.validation.bulk.lines.told import Screened, Told, by_line, told_of
from mfgstd.validation.bulk.terms.constraints import NotInColumns

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from mfgstd.engine import Session
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.bulk.terms.constraints import Term
    from mfgstd.validation.lowering import Strictness

#: So many pieces are counted by one query.
TOGETHER: Final = 8
#: How many lines are looked at to learn from them, or to find out whether a look is worth it.
_SAMPLE: Final = 2_000
_GLANCE: Final = 200
#: How often a screen learns that there are more leaves; each time its queries are made anew.
_LESSONS: Final = 4
_MOST_WORDS: Final = 1_000
#: More than one line in so many for the row engine is worth a lesson.
_UNLIKE: Final = 64


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
        self._shaped: Shaped | None = None
        self._count_them = ""
        self._tell, self._terms = self._telling(Known(leaves, leaves))[1:]
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
        self._unlearn()
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
        shaped = self._shaped.sort(chunk, pieces) if self._shaped else Sorted([False] * len(pieces))
        others = [piece for piece, taken in zip(pieces, shaped.taken, strict=True) if not taken]
        rows = self._fast(chunk, others)
        slow = [piece for piece, passed in zip(others, rows, strict=True) if passed is None]
        passed = shaped.passed + sum(each for each in rows if each is not None)
        self._hope = not others or len(slow) < len(others)
        told = [(shaped.told, self._terms)] if shaped.told else []
        if slow or len(shaped.rest) or told:
            offsets = offsets_of(chunk)
        if slow and self._hidden and self._lessons < _LESSONS:
            self._learn(chunk[slow[0]])
        if slow:
            wanted = np.union1d(lines_of(offsets, slow), shaped.rest)
            told.append((self._slow(chunk, offsets, wanted), self._terms))
        elif len(shaped.rest):
            # Few lines are looked at without all others around them.
            lines = cut_out(chunk, offsets, shaped.rest)
            few = offsets_of(lines)
            alone = self._slow(lines, few, np.arange(len(few) - 1))
            told.append((alone.moved(shaped.rest), self._terms))
            if len(alone.unlike) * _UNLIKE > len(offsets) and self._lessons < _LESSONS:
                # They may have members that no line had so far.
                first = offsets[shaped.rest[alone.unlike[0]]]
                self._learn(next(chunk[each] for each in pieces if first < each.stop))
        known = by_line([each.table(terms, first_line) for each, terms in told])
        passed += sum(each.passed for each, _ in told)
        failed = sum(each.failed for each, _ in told)
        suspects = [one for each, _ in told for one in each.suspects(chunk, offsets, first_line)]
        return Screened(
            passed + failed + len(suspects),
            sorted(suspects),
            known if known.num_rows else None,
            Counter({self._id: passed} if passed else {}),
            Counter({self._id: failed} if failed else {}),
        )

    def _unlearn(self) -> None:
        if self._shaped is not None:
            self._shaped.close()
        self._shaped = None

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

    def _slow(self, chunk: bytes, offsets: NDArray[np.int64], wanted: NDArray[np.int64]) -> Told:
        """Judge the ``wanted`` lines, by index."""
        if not self._use:
            glance = wanted[:: max(1, len(wanted) // _GLANCE)]
            told = self._judge(chunk, offsets, glance)
            if not told.worth_it:
                blank = blank_of(chunk, offsets, wanted)
                suspects = np.setdiff1d(wanted, blank, assume_unique=True)
                return Told(len(suspects), 0, suspects, {})
        told = self._judge(chunk, offsets, wanted)
        self._use = told.worth_it
        return told

    def _judge(self, chunk: bytes, offsets: NDArray[np.int64], wanted: NDArray[np.int64]) -> Told:
        blank = blank_of(chunk, offsets, wanted)
        lines = table_of(chunk, offsets, wanted)
        found = self._over(lines, self._tell)
        unfit = found["line"].to_numpy()[~found["fit"].to_numpy(zero_copy_only=False)]
        unlike = np.intersect1d(np.union1d(unfit, hurt_of(chunk, offsets)), wanted)
        return told_of(found, self._terms, len(wanted) - len(blank), unlike, blank)

    def _telling(self, known: Known) -> tuple[str, str, list[Term]]:
        """The query that tells what is wrong with leaves, the same over lines, and its terms."""
        query, terms = telling(known, self._asked)
        return query, over(leaves_of_lines(known, self._asked), query), terms

    def _over(self, lines: pa.Table, query: str) -> pa.Table:
        self._connection.register("lines", lines)
        try:
            return self._connection.execute(query).fetch_arrow_table()
        finally:
            self._connection.unregister("lines")

    def _learn(self, sample: bytes) -> None:
        """Find out which leaves documents have, and the words that come again and again."""
        offsets = offsets_of(sample)
        some = sample_of(len(offsets) - 1, _SAMPLE)
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
        kept = {
            leaf.path: words[leaf.path]
            for leaf in self._every.scalars
            if leaf.path in words and worth_knowing(leaf)
        }
        self._known = Known(self._every.only(there), self._every, kept)
        outer, self._tell, self._terms = self._telling(self._known)
        self._unlearn()
        self._shaped = Shaped(self._known, self._asked, (outer, self._terms), words, self._over)
        self._shaped.learn(sample)
        query = counting(self._known, self._asked, [each.path for each in self._files])
        self._count_them = f"EXECUTE counting_{self._lessons}"
        self._connection.execute(f"PREPARE counting_{self._lessons} AS {query}")


def _any(column: pa.ChunkedArray) -> bool:
    return bool(column.null_count < len(column))


def _words(leaves: Leaves, values: pa.Table) -> dict[Path, list[str]]:
    """The texts that a leaf has again and again."""
    found: dict[Path, list[str]] = {}
    for i, leaf in enumerate(leaves.scalars):
        if leaf.path == SCHEMA or leaf.kind != "text":
            continue
        words = values[f"f{i}"].drop_null().unique()
        if 0 < len(words) <= _MOST_WORDS and len(words) * 4 <= len(values):
            found[leaf.path] = sorted(words.to_pylist())
    return found
