"""Lines of few shapes, looked at as bytes: the first and quickest way through a chunk.

Which shapes there are, and which texts come again and again, is learned from a sample. Every core
takes a piece of the chunk: the places of quotes and newlines are found once; lines are compared
with the shapes (:mod:`mfgstd.validation.bulk.lines.shapes.shape`), values with what is right
(:mod:`mfgstd.validation.bulk.lines.shapes.tokens`). What is then left to ask of lines whose values
are right in themselves (one instant after another, say) one query answers for all lines of a shape.
Of those with a finding, and those whose values were not certainly right, a second one tells what is
wrong: it need not read JSON for that, having the values.

Lines without a known shape are the rest, for others to judge; so is a piece with many of them as a
whole. Of a chunk is held what queries read, and the places of all values: less than its own size.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute

from mfgstd.validation.bulk.lines.queries import over
from mfgstd.validation.bulk.lines.shapes.judges import Judge, judges_of
from mfgstd.validation.bulk.lines.shapes.looking import looked_at
from mfgstd.validation.bulk.lines.shapes.queries import Left, all_leaves
from mfgstd.validation.bulk.lines.shapes.shape import Shape, example_of, shapes_of
from mfgstd.validation.bulk.lines.shapes.tokens import strings, viewed
from mfgstd.validation.bulk.lines.texts import offsets_of, sample_of
from mfgstd.validation.bulk.lines.told import Told, merged, told_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from mfgstd.validation.bulk.lines.leaves import Path
    from mfgstd.validation.bulk.lines.queries import Asked, Known
    from mfgstd.validation.bulk.lines.shapes.blocks import Places
    from mfgstd.validation.bulk.lines.shapes.looking import Batch, Looked
    from mfgstd.validation.bulk.terms.constraints import Term

# The stubs of pyarrow reject the Python literals that its functions take.
pc: Any = pyarrow.compute

#: More shapes are not looked for, and from so many lines they are learned.
_SHAPES: Final = 8
_SAMPLE: Final = 256
#: More than one line in so many that was doubted for nothing is too much.
_STRANGE: Final = 8
#: How often shapes are learned of one set of leaves.
_LESSONS: Final = 4
#: Views count bytes with 32 bits.
_LARGEST: Final = 1 << 30
#: Lines in one batch of a table; DuckDB reads batches in parallel.
_BATCH: Final = 8_192

#: Asks a query over a table of lines.
Ask: TypeAlias = "Callable[[pa.Table, str], pa.Table]"


@dataclass(slots=True)
class Sorted:
    """What came of a chunk. ``lines`` counts the lines of each piece, blank ones included.

    ``taken`` says which pieces were judged but for their ``rest``: lines by index. ``told`` says
    what is wrong with others, ``passed`` counts those with which nothing is.
    """

    taken: list[bool]
    passed: int = 0
    rest: Places = field(default_factory=lambda: np.zeros(0, np.int64))
    told: Told | None = None


class Shaped:
    """The shapes of one set of leaves.

    Args:
        known: the leaves.
        asked: what documents are asked.
        telling: the query that tells what is wrong, over leaves, and its terms.
        words: texts of leaves that come again and again and are right.
        ask: asks a query over a table ``lines``.
    """

    def __init__(
        self,
        known: Known,
        asked: Asked,
        telling: tuple[str, Sequence[Term]],
        words: Mapping[Path, Sequence[str]],
        ask: Ask,
    ) -> None:
        self._known = known
        self._asked = asked
        self._tell, self._terms = telling
        self._ask = ask
        self._words = words
        self._judges: dict[Path, Judge] = judges_of(known.leaves, words)
        self._left = self._asked_still()
        self._shapes: list[Shape] = []
        self._queries: list[tuple[str, str]] = []
        self._strange: set[Path] = set()
        self._lessons = 0
        self._hope = True
        self._together = ThreadPoolExecutor(os.cpu_count() or 1, "mfgstd-shapes")

    def close(self) -> None:
        """End the threads."""
        self._together.shutdown()

    def learn(self, sample: bytes) -> None:
        """Find out which shapes lines have."""
        if self._lessons == _LESSONS:
            return
        self._lessons += 1
        offsets = offsets_of(sample)
        examples = []
        for i in sample_of(len(offsets) - 1, _SAMPLE).tolist():
            line = sample[offsets[i] : offsets[i + 1]]
            example = example_of(
                line, self._known.leaves, self._asked.resolved.id, named=self._asked.named
            )
            if example is not None:
                examples.append(example)
        self._shapes = shapes_of(examples, _SHAPES, self._words)
        self._hope = bool(self._shapes)
        self._write()

    def _asked_still(self) -> Left:
        judged = {path for path, judge in self._judges.items() if not judge.nobody}
        return Left.of(self._known, self._asked, judged)

    def _write(self) -> None:
        """The two queries about lines of each shape."""
        self._queries = [
            (
                over(self._left.leaves(each, self._known), self._left.query),
                over(all_leaves(each, self._known), self._tell),
            )
            for each in self._shapes
        ]

    def _forget(self, paths: Collection[Path]) -> None:
        """Look no words up in leaves that have others now; a query judges these again."""
        for path in paths:
            judge = self._judges[path]
            self._judges[path] = Judge.of(judge.i, judge.leaf, ())
        self._left = self._asked_still()
        self._write()

    def sort(self, chunk: bytes, pieces: Sequence[slice]) -> Sorted:
        """Judge what has a shape, or say that nothing was done."""
        if not self._shapes or not pieces or len(chunk) > _LARGEST:
            return Sorted([False] * len(pieces))
        data = np.frombuffer(chunk, np.uint8)
        tried = pieces if self._hope else pieces[:1]
        look = partial(looked_at, chunk, data, self._shapes, self._judges, self._left.wanted)
        done = list(self._together.map(look, tried))
        if not self._hope and not done[0].poor:
            done += self._together.map(look, pieces[1:])
        self._hope = not all(each.poor for each in done)
        taken = [not each.poor for each in done] + [False] * (len(pieces) - len(done))
        first = np.cumsum([0, *(each.lines for each in done)])
        good = [(int(at), each) for at, each in zip(first, done, strict=False) if not each.poor]
        found = Sorted(taken)
        if good:
            found.rest = np.concatenate([each.rest + at for at, each in good])
            self._judge(chunk, data, good, found)
            if self._strange:
                self._forget(self._strange)
                self._strange.clear()
        for piece, each in zip(pieces, done, strict=False):
            if each.poor:
                # For the chunks to come.
                self.learn(chunk[piece])
                break
        return found

    # Queries

    def _judge(
        self,
        chunk: bytes,
        data: NDArray[np.uint8],
        pieces: Sequence[tuple[int, Looked]],
        found: Sorted,
    ) -> None:
        """Ask what is left; the first line of each piece comes with it."""
        told: list[Told] = []
        for number, shape in enumerate(self._shapes):
            parts = [
                (first, batch)
                for first, piece in pieces
                for batch in piece.batches
                if batch.shape == number
            ]
            if not parts:
                continue
            index = np.concatenate([batch.index + first for first, batch in parts])
            doubted = ~np.concatenate([batch.sure for _, batch in parts])
            batches = [batch for _, batch in parts]
            left, tell = self._queries[number]
            table = self._table(index[~doubted], batches, chunk)
            bad = self._ask(table, left)["line"].to_numpy()
            if len(bad):
                doubted |= np.isin(index, bad)
            if doubted.any():
                begins = np.concatenate([each.begins for each in batches], axis=1)[:, doubted]
                ends = np.concatenate([each.ends for each in batches], axis=1)[:, doubted]
                columns = {"line": pa.array(index[doubted], pa.int64())}
                for leaf, begin, end in zip(shape.leaves, begins, ends, strict=True):
                    name = f"f{self._judges[leaf.path].i}"
                    columns[name] = strings(viewed(data, begin, end), chunk)
                lines = _in_batches(pa.table(columns))
                told.append(told_of(self._ask(lines, tell), self._terms, lines.num_rows))
                if told[-1].passed * _STRANGE > len(index):
                    self._strange |= self._with_others(shape, lines)
            found.passed += int(np.count_nonzero(~doubted))
        if told:
            found.told = merged(told)

    def _with_others(self, shape: Shape, lines: pa.Table) -> set[Path]:
        """Which leaves of doubted lines often have words that nobody knows."""
        found = set()
        for leaf in shape.leaves:
            judge = self._judges[leaf.path]
            if judge.words is not None:
                texts = lines[f"f{judge.i}"].cast(pa.string())
                known = pc.is_in(texts, value_set=pa.array(judge.words.words, pa.string()))
                if pc.sum(known).as_py() * 2 <= len(texts):
                    found.add(leaf.path)
        return found

    def _table(self, index: Places, batches: Sequence[Batch], chunk: bytes) -> pa.Table:
        """What the query of lines reads whose values are right in themselves."""
        columns = {"line": pa.array(index, pa.int64())}
        judges = {f"f{each.i}": each for each in self._judges.values()}
        for name in batches[0].columns:
            values = np.concatenate([each.columns[name] for each in batches])
            judge = judges.get(name)
            columns[name] = judge.column(values, chunk) if judge else pa.array(values, pa.int64())
        return _in_batches(pa.table(columns))


def _in_batches(table: pa.Table) -> pa.Table:
    return pa.Table.from_batches(table.to_batches(max_chunksize=_BATCH), table.schema)
