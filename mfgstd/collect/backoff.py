"""How long to wait before trying again: full jitter, so that a shop full of clients spreads out."""

from __future__ import annotations

import random
from typing import Final

FIRST: Final = 0.5
LONGEST: Final = 30.0


class Backoff:
    """Waits that grow from :data:`FIRST` to :data:`LONGEST` seconds, each a random part of it."""

    def __init__(self, chance: random.Random | None = None) -> None:
        # Jitter only spreads load: nothing is secret about it.
        self._chance = chance or random.Random()  # noqa: S311
        self._failures = 0

    def next(self) -> float:
        """Seconds to wait after one more failure."""
        # Ten doublings are past the longest wait; growing on would overflow after a weekend.
        bound = min(LONGEST, FIRST * 2 ** min(self._failures, 10))
        self._failures += 1
        return self._chance.uniform(0, bound)

    def reset(self) -> None:
        """Data flows again: the next failure is a first one."""
        self._failures = 0
