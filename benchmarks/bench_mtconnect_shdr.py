"""SHDR into Arrow, against a bare loop that only splits the same lines on ``|``.

Run: ``python benchmarks/bench_mtconnect_shdr.py``; the corpus is named by MFGSTD_CORPUS. Prints
the ratio of speeds, the median of several pairs of runs: each pair is measured back to back, so
that a busy machine slows down both.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mfgstd_adapters.mtconnect.model.devices import read_devices
from mfgstd_adapters.mtconnect.shdr import ShdrTranslator

PROMISED = 0.15
CORPUS = Path(
    os.environ.get("MFGSTD_CORPUS", Path(__file__).resolve().parents[2] / "shared" / "corpus")
)
_TOOL = re.compile(rb"[^\n]*\|--multiline--(\w+)\n.*?\n--multiline--\1\n", re.DOTALL)
NOW = 1_767_312_000_000_000_000


def bare(data: bytes) -> None:
    for line in data.decode().split("\n"):
        line.split("|")


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> int:
    folder = CORPUS / "mtconnect"
    if not folder.is_dir():
        print(f"no corpus at {CORPUS}: set MFGSTD_CORPUS")
        return 0
    model, _ = read_devices((folder / "okuma-mult-u3000.devices.xml").read_bytes())
    log = (folder / "okuma-mult-u3000.shdr").read_bytes()

    def translator() -> ShdrTranslator:
        return ShdrTranslator(model, source="bench")

    translator().translate(log, NOW)
    # The log carries 118 cutting tools as XML; they become documents, not columns.
    values = _TOOL.sub(b"", log)
    for name, data, runs in (
        ("the log", log, 41),
        ("the log ten times over", log * 10, 9),
        ("the log without its cutting tools", values, 41),
    ):
        pairs = []
        for _ in range(runs):
            fresh = translator()
            ours = seconds(partial(fresh.translate, data, NOW))
            pairs.append((seconds(partial(bare, data)), ours))
        ratio = statistics.median(bare_ / ours for bare_, ours in pairs)
        base, ours = (statistics.median(column) * 1e3 for column in zip(*pairs, strict=True))
        print(
            f"SHDR -> Arrow, {name}: {ratio:.3f} of a bare split"
            f" (promised {PROMISED}); {base:.1f} ms bare, {ours:.1f} ms ours"
        )
    fresh = translator()
    lines = log.split(b"\n")[200:500]
    pieces = [b"\n".join(lines[place : place + 3]) + b"\n" for place in range(0, 300, 3)]
    took = seconds(lambda: [fresh.translate(piece, NOW) for piece in pieces])
    print(f"SHDR from a socket, 3 lines at once: {took / len(pieces) * 1e3:.2f} ms each")
    return 0


if __name__ == "__main__":
    sys.exit(main())
