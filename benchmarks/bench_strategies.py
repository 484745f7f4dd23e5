"""How fast documents come out of ``mfgstd.testing.documents``, schema by schema.

Promise: at least 200 documents a second of every schema, with all that hypothesis does around it.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from mfgstd.standard import catalogue
from mfgstd.testing import documents

COUNT = 200
ROUNDS = 3
PROMISED = 200


def _rate(slug: str) -> tuple[float, float]:
    """Documents per second of processor time, and their mean size in characters."""
    made: list[int] = []

    @settings(
        max_examples=COUNT,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(documents(slug))
    def take(document: Any) -> None:
        made.append(len(str(document)))

    best = 0.0
    for _ in range(ROUNDS):
        # The best of a few, of our own processor time: neighbours can only make it slower.
        made.clear()
        start = time.process_time()
        take()
        best = max(best, len(made) / (time.process_time() - start))
    return best, sum(made) / len(made)


def main() -> int:
    rates = {}
    for each in catalogue():
        if not each.abstract:
            documents(each.slug)
            rates[each.slug] = _rate(each.id)
    for slug, (rate, size) in sorted(rates.items(), key=lambda item: item[1]):
        print(f"strategies: {slug}: {rate:.0f} documents/s of {size:.0f} characters")
    worst = min(rates, key=lambda slug: rates[slug])
    rate = rates[worst][0]
    print(
        f"strategies: worst: {worst} with {rate:.0f} documents/s "
        f"({rate / PROMISED:.1f} times the promised {PROMISED})"
    )
    return 0 if rate >= PROMISED else 1


if __name__ == "__main__":
    sys.exit(main())
