"""A tape of bytes that choices are read from, so that one draw of hypothesis makes a whole value.

A draw of hypothesis costs some 60 microseconds, and a document has hundreds of choices. Read from
a tape a choice costs one. Where the tape ends, and where it holds zeros, every choice is the
simplest one: hypothesis shrinks bytes towards zero, and with them the value.
"""

from __future__ import annotations

from hashlib import shake_128
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

#: Bytes that one scalar takes from the tape, and those that it gets to make itself of.
SEED: Final = 3
_OWN: Final = 128


class Tape:
    """Choices out of bytes, one after the other; the choice 0 for ever after the last byte."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes = b"") -> None:
        self._data = data
        self._at = 0

    def below(self, count: int) -> int:
        """A whole number from 0 to ``count - 1``; ``count`` is at least 1."""
        width = ((count - 1).bit_length() + 7) >> 3
        chunk = self._data[self._at : self._at + width]
        self._at += width
        return int.from_bytes(chunk, "big") % count

    def between(self, first: int, last: int) -> int:
        """A whole number from ``first`` to ``last``, both included."""
        return first + self.below(last - first + 1)

    def choose(self, among: Sequence[T]) -> T:
        """One element; the first is the simplest."""
        return among[self.below(len(among))]

    def several(self, among: Sequence[str], count: int) -> str:
        """So many characters out of at most 256, in one go: most of what is made is text."""
        chunk = self._data[self._at : self._at + count]
        self._at += count
        kinds = len(among)
        return "".join([among[each % kinds] for each in chunk]).ljust(count, among[0])

    def fork(self) -> Tape | None:
        """A tape for one scalar, stretched from a few bytes; ``None`` asks for the simplest value.

        Hypothesis pays for each byte that it draws. A number or a text may use many, and how it
        looks inside matters less to shrinking than which fields are there.
        """
        seed = self._data[self._at : self._at + SEED]
        self._at += SEED
        return Tape(shake_128(seed).digest(_OWN)) if any(seed) else None

    def once_in(self, count: int) -> bool:
        """True once in ``count`` times, and never at the end of the tape."""
        return self.below(count) == count - 1
