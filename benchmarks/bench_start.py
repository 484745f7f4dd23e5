"""How long the command line takes to answer, beside the bare interpreter.

Promise: ``mfgstd --version`` within 60 ms of ``python -c pass``, ``--help`` within 300 ms of it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 15


def _milliseconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
    return (time.perf_counter() - start) * 1000


def main() -> None:
    ours = str(Path(sys.executable).with_name("mfgstd"))
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "mfgstd --version": [ours, "--version"],
        "mfgstd --help": [ours, "--help"],
    }
    # Interleaved, so that a busy moment of the machine falls on all of them.
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(_milliseconds(command))
    bare = statistics.median(times["python -c pass"])
    for name, promised in (("mfgstd --version", 60), ("mfgstd --help", 300)):
        median = statistics.median(times[name])
        print(
            f"start: {name}: {median - bare:.0f} ms above python -c pass "
            f"({median / bare:.2f} times it; promised: at most {promised} ms above)"
        )


if __name__ == "__main__":
    main()
