"""``mfgstd simulate`` as a user runs it: a process with real ports."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_the_sheet_says_how_to_connect_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    model = tmp_path / "model.xml"
    process = subprocess.Popen(
        [sys.executable, "-m", "mfgstd", "simulate", "--write-device-model", str(model)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        sheet = ""
        while "Stops at Ctrl-C" not in sheet and (line := process.stdout.readline()):
            sheet += line
        agent = re.search(r"http://127\.0\.0\.1:\d+$", sheet, re.MULTILINE)
        shdr = re.search(r"shdr://127\.0\.0\.1:(\d+)", sheet)
        assert agent, sheet
        assert shdr, sheet
        answer = httpx.get(agent[0] + "/probe", trust_env=False)
        assert b"MTConnectDevices" in answer.content
        assert "한빛정공" in model.read_text(encoding="utf-8")
        with socket.create_connection(("127.0.0.1", int(shdr[1])), timeout=10) as machine:
            assert machine.makefile().readline() == "* shdrVersion: 2.0\n"
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert rest == "Stopped.\n"
    assert errors == ""


def test_a_duration_ends_it_in_korean_too(mfgstd: Run) -> None:
    done = mfgstd("--lang", "ko", "simulate", "--for", "100ms")
    assert done.returncode == 0
    assert "모의 설비" in done.stdout
    assert "종료했습니다." in done.stdout


def test_an_open_address_is_warned_of(mfgstd: Run) -> None:
    done = mfgstd("simulate", "--for", "1ms", "--bind", "0.0.0.0")  # noqa: S104 - on purpose
    assert done.returncode == 0
    assert "open to the network" in done.stderr
    assert "0.0.0.0:" not in done.stdout


def test_a_taken_port_is_said_with_the_next_step(mfgstd: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for option in ("--agent-port", "--shdr-port"):
            done = mfgstd("simulate", "--for", "1s", option, port)
            assert done.returncode == 2
            assert f"127.0.0.1:{port}" in done.stderr
            assert "Traceback" not in done.stderr


def test_what_is_no_duration_is_a_usage_error(mfgstd: Run) -> None:
    done = mfgstd("simulate", "--for", "soon")
    assert done.returncode == 2
    assert "10s, 5m or 1h" in done.stderr


def test_a_device_model_that_cannot_be_written_is_said(mfgstd: Run, tmp_path: Path) -> None:
    done = mfgstd("simulate", "--for", "1s", "--write-device-model", tmp_path / "no" / "m.xml")
    assert done.returncode == 2
    assert "m.xml" in done.stderr
