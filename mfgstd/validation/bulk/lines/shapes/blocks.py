"""Bytes of some lines in the cache of a core, with the places of their quotes and ends.

Positions are int64, counted from the first byte of the block.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: Positions of bytes, or lengths.
Places: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]

#: About so many bytes of a chunk are looked at together. Less stays in the cache of a core, but
#: threads wait for each other between any two looks: many small looks are those of one thread.
BLOCK: Final = 1 << 22
#: Behind the last byte of a block are so many: nobody who reads on leaves them.
_BEHIND: Final = 1 << 15

_NEWLINE, _SPACE, _QUOTE = 10, 32, 34


@dataclass(frozen=True, slots=True)
class Rows:
    """Some lines of a block: first bytes, newlines, and places of their quotes.

    ``index`` is which lines of the block they are. ``places`` has one row for each line, all lines
    having the same number of quotes. ``controls`` counts the control characters of each before its
    newline; it is only looked at where the block has some.
    """

    index: Places
    begins: Places
    ends: Places
    places: NDArray[np.int64]
    controls: Places

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.index)

    def quote(self, number: int) -> Places:
        """Where one quote of each line is."""
        return np.ascontiguousarray(self.places[:, number])


class Block:
    """Whole lines of a chunk, each with its newline.

    ``base`` is where it begins in its chunk, ``data`` are its bytes. ``controls`` says whether
    there are control characters that are no newlines.
    """

    def __init__(self, chunk: NDArray[np.uint8], base: int, end: int) -> None:
        self.base = base
        size = end - base
        if end + _BEHIND <= len(chunk):
            self._bytes = chunk[base:]
        else:
            self._bytes = np.zeros(size + _BEHIND, np.uint8)
            self._bytes[:size] = chunk[base:end]
        self.data = data = self._bytes[:size]
        self.quotes: Places = np.flatnonzero(data == _QUOTE)
        self.ends, others = _controls(data)
        self.begins: Places = np.empty(len(self.ends), np.int64)
        self.begins[:1] = 0
        self.begins[1:] = self.ends[:-1] + 1
        self.controls = bool(len(others))
        self._others = others

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self.ends)

    def rows(self, quotes: int, wanted: Truths | None) -> Rows | None:
        """The lines with so many quotes; ``wanted`` says which are looked at, ``None`` all."""
        count = self.lines
        if wanted is None and len(self.quotes) == count * quotes and quotes:
            places = self.quotes.reshape(count, quotes)
            if (places[:, 0] >= self.begins).all() and (places[:, -1] < self.ends).all():
                return Rows(np.arange(count), self.begins, self.ends, places, self._by_line)
        first = np.searchsorted(self.quotes, self.begins)
        counts = np.diff(np.append(first, len(self.quotes)))
        right = counts == quotes
        if wanted is not None:
            right &= wanted
        index = np.flatnonzero(right)
        if not len(index) or not quotes:
            return None
        places = self.quotes[first[index][:, None] + np.arange(quotes)]
        by_line = self._by_line[index] if self.controls else self._by_line
        return Rows(index, self.begins[index], self.ends[index], places, by_line)

    @property
    def _by_line(self) -> Places:
        """How many control characters each line has before its newline."""
        lines = np.searchsorted(self.ends, self._others)
        return np.bincount(lines, minlength=self.lines)

    def cells(self, places: Places, width: int) -> NDArray[np.void]:
        """So many bytes from each place on, contiguous."""
        view: NDArray[np.void] = np.ndarray(
            (len(self._bytes) - width + 1,), f"V{width}", self._bytes.data, strides=(1,)
        )
        found: NDArray[np.void] = view[places]
        return found

    def words(self, places: Places, count: int) -> NDArray[np.uint64]:
        """So many words of 8 bytes from each place on, one row for each place."""
        return self.cells(places, 8 * count).view("<u8").reshape(len(places), count)

    def byte(self, places: Places) -> NDArray[np.uint8]:
        """The byte at each place."""
        found: NDArray[np.uint8] = self._bytes[places]
        return found

    def same(self, places: Places, text: bytes) -> Truths | None:
        """Whether a text stands at each place; ``None`` if it does at all."""
        found = self.cells(places, len(text)).view(np.uint8)
        equal: Any = found == _repeated(text, len(places))
        if equal.all():
            return None
        truths: Truths = equal.reshape(len(places), len(text)).all(axis=1)
        return truths


def _controls(data: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Where the newlines are, and the other control characters."""
    at = sparse(data < _SPACE)
    ends = data[at] == _NEWLINE
    if ends.all():
        return at, at[:0]
    return at[ends], at[~ends]


def sparse(truths: Truths) -> Places:
    """Where something rare is true; eight bytes are passed over at once."""
    whole = len(truths) // 8 * 8
    words = truths[:whole].view(np.uint64)
    at = np.flatnonzero(words != 0)
    found = words[at]
    if (found & (found - _ONE)).any():
        # Two within eight bytes are not so rare.
        return np.flatnonzero(truths)
    # A truth is the lowest bit of its byte: below it are eight bits for each byte before.
    places = at * 8 + (np.bitwise_count(found - _ONE) >> 3)
    return np.concatenate([places, np.flatnonzero(truths[whole:]) + whole])


_ONE: Final = np.uint64(1)


def _repeated(text: bytes, times: int) -> NDArray[np.uint8]:
    # Blocks have about as many lines each, so few lengths are kept.
    return _repeated_at_least(text, 1 << times.bit_length())[: len(text) * times]


@lru_cache(maxsize=256)
def _repeated_at_least(text: bytes, times: int) -> NDArray[np.uint8]:
    return np.frombuffer(text * times, np.uint8)
