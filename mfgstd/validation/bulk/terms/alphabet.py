"""Texts of one length and few letters (hashes) looked at as bytes.

A pattern takes time for each text that it is asked about. Such a column is no dictionary, and its
bytes lie one after the other in Arrow's memory: a few comparisons of all of them at once say the
same in a fraction of the time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_FORM: Final = re.compile(r"\^\[((?:[A-Za-z0-9](?:-[A-Za-z0-9])?)+)\]\{([0-9]{1,3})\}\$")
_RANGE: Final = re.compile(r"([A-Za-z0-9])(?:-([A-Za-z0-9]))?")
#: Texts that are looked at together: what comes of them stays in the processor's cache.
_PIECE: Final = 4_096


@dataclass(frozen=True, slots=True)
class Alphabet:
    """All texts of ``length`` letters from ``ranges``, each from its first to its last byte."""

    ranges: tuple[tuple[int, int], ...]
    length: int

    def holds(self, texts: pa.Array) -> bool:
        """Whether every text of a column is one; null is none, whether or not it may be there."""
        if texts.null_count:
            return False
        if not pa.types.is_string(texts.type):
            texts = texts.cast(pa.string())
        count = len(texts)
        if not count:
            return True
        _, offsets, data = texts.buffers()
        starts = np.frombuffer(offsets, np.int32, count + 1, texts.offset * 4)
        if not (np.diff(starts) == self.length).all():
            return False
        letters = np.frombuffer(data, np.uint8)[starts[0] : starts[-1]]
        step = _PIECE * self.length
        return all(
            bool(self._known(letters[at : at + step]).all()) for at in range(0, len(letters), step)
        )

    def _known(self, letters: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
        # What is below the first wraps around to the far end, so one comparison does.
        (first, last), *others = self.ranges
        known = (letters - np.uint8(first)) <= np.uint8(last - first)
        for first, last in others:
            known |= (letters - np.uint8(first)) <= np.uint8(last - first)
        return known


def alphabet(pattern: str | None) -> Alphabet | None:
    """The alphabet of a pattern that says nothing else; ``None`` for any other pattern.

    >>> alphabet("^[0-9a-f]{32}$")
    Alphabet(ranges=((48, 57), (97, 102)), length=32)
    """
    found = _FORM.fullmatch(pattern or "")
    if found is None:
        return None
    ranges = tuple((ord(each[1]), ord(each[2] or each[1])) for each in _RANGE.finditer(found[1]))
    return Alphabet(ranges, int(found[2]))
