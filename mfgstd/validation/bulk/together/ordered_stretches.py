"""Stretches of rows that are in order, found without sorting and without a database.

Rules about sequences look at neighbours in the sequence. Where rows already lie in that order, and
nothing is wrong between them, a stretch of a million rows is as good as its first and last row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]

_RADIX: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Stretches:
    """The rows of each key in one piece.

    ``first`` and ``last`` are indexes into the piece, of the
    rows with the least and the greatest number where ``proven``, else of the first and last row.
    ``members`` are the indexes of all rows that no proof covers, ``belongs`` the stretch of each.
    """

    first: Numbers
    last: Numbers
    least: Numbers
    greatest: Numbers
    proven: Mask
    members: Numbers
    belongs: Numbers


def rising(
    keys: Numbers, numbers: Numbers, microseconds: Numbers, nanoseconds: Numbers
) -> Stretches:
    """Stretches proven to rise: each number greater than the one before, no time before it."""
    order, starts = _by_key(keys)
    number, time, below = numbers[order], microseconds[order], nanoseconds[order]
    later = (time[1:] > time[:-1]) | ((time[1:] == time[:-1]) & (below[1:] >= below[:-1]))
    kept = (number[1:] > number[:-1]) & later
    return _stretches(number, order, starts, kept)


def gapless(keys: Numbers, numbers: Numbers) -> Stretches:
    """Stretches proven to lack no number: each is the one before, or the next."""
    order, starts = _by_key(keys)
    number = numbers[order]
    kept = _next(number)
    if not _whole(kept, starts, len(keys)):
        # What lies apart in the file may still be without a gap.
        order = np.lexsort((numbers, keys))
        number = numbers[order]
        kept = _next(number)
    return _stretches(number, order, starts, kept)


def _next(number: Numbers) -> Mask:
    # As unsigned numbers the difference of any two in order is exact.
    step = number[1:].view(np.uint64) - number[:-1].view(np.uint64)
    proven: Mask = (number[1:] >= number[:-1]) & (step <= 1)
    return proven


def _by_key(keys: Numbers) -> tuple[Numbers, Numbers]:
    """The rows key by key, each key's in their order, and where each key starts."""
    if not len(keys) or (keys[0] == keys[-1] and (keys == keys[0]).all()):
        return np.arange(len(keys)), np.zeros(min(len(keys), 1), np.int64)
    # Up to 16 bits a stable sort takes time in proportion to the rows.
    small = keys.astype(np.uint16) if int(keys.max()) < _RADIX else keys
    order = np.argsort(small, kind="stable")
    sorted_keys = small[order]
    starts = np.flatnonzero(sorted_keys[1:] != sorted_keys[:-1]) + 1
    return order, np.concatenate([np.zeros(1, np.int64), starts])


def _whole(kept: Mask, starts: Numbers, length: int) -> bool:
    wrong = np.flatnonzero(~kept) + 1
    return len(wrong) <= len(starts) and bool(np.isin(wrong, starts).all()) if length else True


def _stretches(number: Numbers, order: Numbers, starts: Numbers, kept: Mask) -> Stretches:
    if not len(order):
        nothing = np.zeros(0, np.int64)
        none = nothing > 0
        return Stretches(nothing, nothing, nothing, nothing, none, nothing, nothing)
    ends = np.concatenate([starts[1:], [len(order)]]) - 1
    wrong = np.zeros(len(order), np.int64)
    wrong[1:] = ~kept
    wrong[starts] = 0
    proven = np.add.reduceat(wrong, starts) == 0
    stretch = np.repeat(np.arange(len(starts)), ends - starts + 1)
    loose = ~proven[stretch]
    return Stretches(
        first=order[starts],
        last=order[ends],
        least=np.minimum.reduceat(number, starts),
        greatest=np.maximum.reduceat(number, starts),
        proven=proven,
        members=order[loose],
        belongs=stretch[loose],
    )
