"""How long it takes to generate everything, target by target.

Promise: all targets together under 20 seconds. The baseline reads and resolves the schemas from
their files, which every target needs first.
"""

from __future__ import annotations

import statistics
import time

from mfgstd.standard.catalogue import Catalogue
from mfgstd.standard.generators import TARGETS
from mfgstd.standard.resources import root

ROUNDS = 3


def main() -> None:
    reading = []
    taken: dict[str, list[float]] = {name: [] for name in TARGETS}
    for _ in range(ROUNDS):
        began = time.perf_counter()
        schemas = list(Catalogue(root("schemas")))
        reading.append(time.perf_counter() - began)
        for name, target in TARGETS.items():
            began = time.perf_counter()
            target.generate(schemas)
            taken[name].append(time.perf_counter() - began)
    base = statistics.median(reading)
    print(f"  {'read and resolve':18} {base:6.2f} s  {len(schemas)} schemas")
    for name, each in taken.items():
        middle = statistics.median(each)
        print(f"  {name:18} {middle:6.2f} s  {middle / base:6.1f}x of reading")
    total = base + sum(map(statistics.median, taken.values()))
    print(f"generating everything: {total:.1f} s, {total / base:.0f}x of reading (promised: 20 s)")


if __name__ == "__main__":
    main()
