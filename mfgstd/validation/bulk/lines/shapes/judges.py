"""Who judges the values of a leaf by their bytes, and what they hand on to a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

from mfgstd.standard.resolved import Integer, Number, Text
from mfgstd.validation.bulk.lines.leaves import SCHEMA, Leaf, Leaves, Path
from mfgstd.validation.bulk.lines.shapes.tokens import (
    LONGEST_WORD,
    Words,
    instants,
    numbers,
    strings,
    viewed,
    within,
)
from mfgstd.validation.bulk.terms.alphabet import Alphabet, alphabet
from mfgstd.validation.lowering import INT64_MAX, INT64_MIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mfgstd.validation.bulk.lines.shapes.blocks import Block, Places, Truths

#: Columns by their names, as arrays with one row for each line.
Columns: TypeAlias = Mapping[str, "NDArray[Any]"]

#: A text in this kind of column is the number of a word.
_WORD: Final = np.int32


@dataclass(frozen=True, slots=True)
class Looked:
    """What is seen in the values of one leaf.

    ``sound`` says that it is strict JSON of the leaf's kind, ``sure`` that it is also right in
    itself; ``None`` that all are. ``columns`` have what a query wants of the sure ones.
    """

    sound: Truths | None
    sure: Truths | None
    columns: Columns


@dataclass(frozen=True, slots=True)
class Judge:
    """The judge of one leaf, which is column number ``i`` of a query.

    ``words`` are texts that are known to be right, ``letters`` describes all that are; without
    either, and if it is no instant, a text is right if it has ``least`` bytes. ``nobody`` says
    that bytes do not tell, so that the query has to.
    """

    i: int
    leaf: Leaf
    words: Words | None = None
    letters: Alphabet | None = None
    least: int = 0
    positive: bool = False
    nobody: bool = False

    @classmethod
    def of(cls, i: int, leaf: Leaf, words: Sequence[str]) -> Judge:
        """Who is best; ``words`` are some that are known to be right, if there are only few."""
        node = leaf.node
        words = [each for each in words if len(each.encode()) <= LONGEST_WORD]
        match node:
            case Number() | Integer():
                least = None if node.minimum == INT64_MIN else node.minimum
                bounds = [node.maximum if node.maximum != INT64_MAX else None]
                if isinstance(node, Number):
                    bounds += [node.exclusive_minimum, node.exclusive_maximum]
                else:
                    bounds.append(node.multiple_of)
                simple = least in (None, 0) and bounds.count(None) == len(bounds)
                return cls(i, leaf, positive=least == 0, nobody=not simple)
            case _ if leaf.kind != "text":
                return cls(i, leaf, nobody=True)
            case Text(max_length=None, min_length=None) if leaf.instant:
                return cls(i, leaf)
            case _ if words and not leaf.instant:
                return cls(i, leaf, words=Words(words))
            case Text(pattern=None, max_length=None, min_length=None | 0 | 1):
                return cls(i, leaf, least=node.min_length or 0)
            case Text(max_length=None, min_length=None) if letters := alphabet(node.pattern):
                return cls(i, leaf, letters=letters)
            case _:
                return cls(i, leaf, nobody=True)

    def look(
        self,
        block: Block,
        chunk: NDArray[np.uint8],
        places: tuple[Places, Places],
        wanted: frozenset[str],
    ) -> Looked:
        """Look at values between begins and ends; ``wanted`` are the columns of the query."""
        begins, ends = places
        name = f"f{self.i}"
        columns: dict[str, NDArray[Any]] = {}
        sound = sure = None
        if self.leaf.kind in ("number", "integer"):
            read = numbers(block, begins, ends)
            sound = sure = read.sound
            if self.leaf.kind == "integer":
                sure = sure & read.whole
            if self.positive:
                sure = sure & ~read.negative
        elif self.leaf.instant and not self.nobody:
            when = instants(block, begins, ends)
            sure = when.sure
            named = {f"m{self.i}": when.microseconds, f"n{self.i}": when.nanoseconds}
            columns |= {each: array for each, array in named.items() if each in wanted}
        elif self.words is not None:
            found = self.words.find(block, begins, ends)
            sure = found < len(self.words.words)
            if name in wanted:
                columns[name] = found
        elif self.letters is not None:
            sure = within(block, begins, ends, self.letters.length, self.letters.ranges)
        elif self.least:
            sure = ends - begins >= self.least
        if name in wanted and name not in columns:
            columns[name] = viewed(chunk, begins + block.base, ends + block.base)
        return Looked(sound, sure, columns)

    def column(self, array: NDArray[Any], chunk: bytes) -> pa.Array:
        """A text column of the query."""
        if self.words is None:
            return strings(array, chunk)
        return pa.DictionaryArray.from_arrays(
            pa.array(array, pa.int32()), pa.array(self.words.words, pa.string())
        )


def judges_of(leaves: Leaves, words: Mapping[Path, Sequence[str]]) -> dict[Path, Judge]:
    """The judges of all leaves but the name of the schema, which is part of every shape."""
    return {
        leaf.path: Judge.of(i, leaf, words.get(leaf.path, ()))
        for i, leaf in enumerate(leaves.scalars)
        if leaf.path != SCHEMA
    }
