"""A command that is stopped from outside puts everything away and says nothing of a fault."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mfgstd.cli.stopping import stopped_cleanly

if sys.platform == "win32":
    pytest.skip("Windows ends a process without asking it", allow_module_level=True)

#: How the stop is asked for, and whether Ctrl-C is ignored, as it is in the background.
_WAYS = [
    pytest.param(signal.SIGINT, False, id="ctrl-c"),
    pytest.param(signal.SIGTERM, False, id="terminated"),
    pytest.param(signal.SIGTERM, True, id="terminated-in-the-background"),
]

_HEAR = (
    "import signal, sys\n"
    "ignored = sys.argv.pop(1) == 'True'\n"
    "signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.default_int_handler)\n"
    "from mfgstd.cli import app\n"
)
_QUERY = (
    "import os, threading\n"
    "from mfgstd.engine import duckdb_session\n"
    "def long(_arguments):\n"
    "    with duckdb_session() as session:\n"
    "        print(session.folder, flush=True)\n"
    "        stop = (os.getpid(), int(sys.argv[1]))\n"
    "        threading.Timer(0.5, os.kill, stop).start()\n"
    "        session.raw.execute('SELECT sum(hash(range)) FROM range(1000000000000)').fetchall()\n"
    "app._run = long\n"
    "sys.exit(app.run([]))\n"
)


@pytest.mark.parametrize(("by", "ignored"), _WAYS)
def test_a_stopped_run_leaves_nothing_in_any_place(
    by: signal.Signals, ignored: bool, tmp_path: Path
) -> None:
    temporary, out = tmp_path / "temporary", tmp_path / "out"
    temporary.mkdir()
    out.mkdir()
    findings = out / "found.parquet"
    with subprocess.Popen(
        [sys.executable, "-c", _HEAR + "sys.exit(app.run(sys.argv[1:]))", str(ignored),
         "validate", "-", "--engine", "duckdb", "--findings", findings],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)},
    ) as process:  # fmt: skip
        assert process.stdin is not None
        # It judges what has come, and waits for more. Few lines make a piece.
        lines = b"{}" + b" " * 1_000_000 + b"\n"
        while not list(temporary.iterdir()):
            process.stdin.write(lines)
        assert list(out.iterdir())
        process.send_signal(by)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert not errors
    assert not list(temporary.iterdir())
    assert not list(out.iterdir())


@pytest.mark.parametrize(("by", "ignored"), _WAYS)
def test_in_the_middle_of_a_query_it_is_no_fault_of_ours(
    by: signal.Signals, ignored: bool, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _HEAR + _QUERY, str(ignored), str(int(by))],
        capture_output=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (130, b"")
    assert done.stdout
    assert not list(tmp_path.iterdir())


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    for before in (signal.SIG_IGN, signal.SIG_DFL):
        kept = signal.signal(signal.SIGTERM, before)
        try:
            with stopped_cleanly():
                changed = signal.getsignal(signal.SIGTERM) != before
            assert changed == (before == signal.SIG_DFL)
            assert signal.getsignal(signal.SIGTERM) == before
        finally:
            signal.signal(signal.SIGTERM, kept)
