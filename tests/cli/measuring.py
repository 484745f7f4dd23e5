"""Running our own command and learning how much memory it had at its peak.

What a process has had at its peak counts from before it became our command: a child of a large
test run would be as large as that from its first moment. So a small process stands between.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_BETWEEN = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(child.pid, 0)
with open(sys.argv[1], "w") as told:
    print(os.waitstatus_to_exitcode(status), usage.ru_maxrss, file=told)
"""


class Done(NamedTuple):
    """How a process ended, what it said, and how much memory it had at its peak, in MiB."""

    code: int
    said: str
    peak: float


def run_measured(arguments: Sequence[str | Path], *flags: str) -> Done:
    """Run ``python FLAGS -m mfgstd ARGUMENTS`` in a process of its own."""
    ours = [sys.executable, *flags, "-m", "mfgstd", *map(str, arguments)]
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "told")
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _BETWEEN, str(told), *ours],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            encoding="utf-8",
            check=True,
        )
        code, peak = map(int, told.read_text().split())
    kibi = 1024 if sys.platform != "darwin" else 1 << 20
    return Done(code, done.stdout, peak / kibi)
