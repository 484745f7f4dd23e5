"""A run that is stopped from outside takes the product with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

#: The product is in a session of its own: only the kernel's list of children leads to it.
_CHILDREN = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")


@pytest.mark.skipif(not _CHILDREN.exists(), reason="this system does not list children")
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_no_product_behind(by: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mfgstd", "--lang", "en", "conform", "run", "python:mtconnect",
         "--to", tmp_path / "run"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8",
    ) as process:  # fmt: skip
        assert process.stderr is not None
        while "It listens" not in (line := process.stderr.readline()):
            assert line, "it ended too early"
        products: list[int] = []
        while not products:
            assert process.poll() is None, "it ended too early"
            listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            products = [int(each) for each in listed.split()]
        process.send_signal(by)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    for product in products:
        with contextlib.suppress(ProcessLookupError):
            for _ in range(1000):  # whoever inherits what was killed may take a moment to bury it
                os.kill(product, 0)
                time.sleep(0.01)
            os.kill(product, signal.SIGKILL)
            pytest.fail(f"{product} is still there")
