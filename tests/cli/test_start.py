"""The frame of the command line: what it imports, which language it speaks, how it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mfgstd import __version__

Run = Callable[..., "subprocess.CompletedProcess[str]"]

BUILT_IN = ("validate", "schema", "generate", "adapters", "collect")


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_answered_before_anything_is_imported(flag: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "mfgstd", flag],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"mfgstd {__version__}\n"
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    ours = {name for name in imported if name.startswith("mfgstd")}
    assert ours == {"mfgstd", "mfgstd._version", "mfgstd.cli"}
    assert not imported & {"typer", "rich", "importlib.metadata", "dataclasses", "argparse"}


def test_help_lists_every_command_without_importing_one(mfgstd: Run) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "mfgstd", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    for name in (*BUILT_IN, "demo", "simulate"):
        assert f"\n  {name} " in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not imported & {"rich", "pyarrow", "jsonschema", "jsonschema_rs", "pydantic", "httpx"}
    assert not any(name.startswith("mfgstd.cli.validate") for name in imported)
    bare = mfgstd()
    assert (bare.returncode, bare.stderr.split()) == (2, done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (["--lang", "ko", "--help"], {}),
        (["--help", "--lang=ko"], {}),
        (["--help"], {"LC_ALL": "", "LANG": "ko_KR.UTF-8", "PYTHONUTF8": "1"}),
    ],
)
def test_the_language_follows_the_option_or_the_locale(
    mfgstd: Run, arguments: list[str], env: dict[str, str]
) -> None:
    assert "파일이 표준에 맞는지 검사" in mfgstd(*arguments, env=env).stdout


def test_commands_explain_themselves_in_both_languages(mfgstd: Run) -> None:
    assert "Exit codes" in mfgstd("validate", "--help").stdout
    assert "종료 코드" in mfgstd("validate", "--help", "--lang", "ko").stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["valdate"], "Did you mean: validate"),
        (["--lang", "fr", "--help"], "--lang must be ko or en"),
        (["--bogus"], "No such option"),
        (["validate"], "Missing argument"),
        (["validate", "x.json", "--engine", "warp"], "There is no engine"),
        (["validate", "no such file.json"], "There is no such file"),
        (["validate", ".", "--schema", "gapp"], "Did you mean: gap"),
        (["validate", "nothing/*.json"], "There is no such file"),
    ],
)
def test_wrong_commands_end_with_2_and_advice(
    mfgstd: Run, arguments: list[str], expected: str
) -> None:
    done = mfgstd(*arguments)
    assert done.returncode == 2
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


BROKEN = """
import sys
from mfgstd.cli import app
app._run = lambda arguments: {what}
sys.exit(app.run([]))
"""


def _broken(what: str, tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BROKEN.format(what=what)],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8", "TMPDIR": str(tmp_path), **env},
        check=False,
    )


def test_an_unforeseen_error_is_one_sentence_and_a_report(tmp_path: Path) -> None:
    done = _broken("1 // 0", tmp_path)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert "ZeroDivisionError" in done.stderr
    (report,) = tmp_path.glob("mfgstd-*.txt")
    assert str(report) in done.stderr
    assert "Traceback" in report.read_text()


def test_a_developer_may_see_the_traceback(tmp_path: Path) -> None:
    assert "Traceback" in _broken("1 // 0", tmp_path, MFGSTD_DEBUG="1").stderr


def test_an_interrupt_is_quiet(tmp_path: Path) -> None:
    done = _broken("(_ for _ in ()).throw(KeyboardInterrupt)", tmp_path)
    assert (done.returncode, done.stderr) == (130, "")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    many = tmp_path / "many.ndjson"
    many.write_text("{}\n" * 20_000)
    with subprocess.Popen(
        [sys.executable, "-m", "mfgstd", "validate", many, "--max-findings", "20000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_nothing_is_coloured_into_a_pipe(mfgstd: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    done = mfgstd("validate", wrong, env={"FORCE_COLOR": "1"})
    assert "\x1b" not in done.stdout + done.stderr


def test_control_characters_of_a_file_never_reach_the_terminal(mfgstd: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"$schema": "\\u001b[31mred\\u0007"}')
    assert "\x1b" not in mfgstd("validate", wrong).stdout
