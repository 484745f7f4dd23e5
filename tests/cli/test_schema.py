"""``mfgstd schema``: list, show and check, for people and for programs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mfgstd.cli.app import run
from mfgstd.cli.output import width
from mfgstd.language import choose
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.resources import root


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    choose("en")
    yield
    choose(None)


def test_the_list_names_every_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "list"]) == 0
    shown = capsys.readouterr().out
    assert all(each.name in shown for each in catalogue())


def test_the_list_for_programs_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["schemas"]
    assert [each["id"] for each in listed] == list(catalogue().authored)


@pytest.mark.parametrize("name", [each.slug for each in catalogue()])
def test_every_schema_can_be_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "show", name]) == 0
    assert catalogue().find(name).id in capsys.readouterr().out
    assert run(["schema", "show", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == catalogue().find(name).id


def test_a_schema_is_shown_in_the_language_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "show", "Alarm", "--lang", "ko"]) == 0
    assert "심각도" in capsys.readouterr().out
    assert run(["schema", "show", "Alarm", "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert "심각도" not in shown
    assert "severity*" in shown
    assert "= OPC UA nodeset 2024-10: Severity" in shown


def test_a_name_that_is_not_there_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "show", "alrm"]) == 2
    assert "alarm" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["quality/measurement-result", "측정 결과", "Measurement result"])
def test_a_schema_goes_by_its_path_and_its_labels(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["schema", "show", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "MeasurementResult"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_page_fits_a_narrow_terminal(
    language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for name in ("MeasurementResult", "JobResponse", "DataItem", "Observation"):
        assert run(["schema", "show", name, "--lang", language]) == 0
        lines = capsys.readouterr().out.splitlines()
        page = lines[: lines.index("예시" if language == "ko" else "Example")]
        # An address stays whole, so that it can be copied.
        assert [each for each in page if "://" not in each and width(each) > 60] == []


def test_the_standard_keeps_its_own_profile(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["conforms"] is True


def test_a_schema_of_ones_own_is_checked_against_the_standard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = json.loads((root("schemas") / "equipment" / "gap.json").read_bytes())
    del schema["properties"]["count"]["x-mfg-unit"]
    file = tmp_path / "gap.json"
    file.write_text(json.dumps(schema), encoding="utf-8")
    assert run(["schema", "check", str(file), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["schemas"] == 1
    assert [(each["rule"], each["pointer"]) for each in report["findings"]] == [
        ("profile.unit", "/properties/count")
    ]


def test_a_file_that_is_no_schema_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "log.txt"
    file.write_bytes(b"\xff\xfe")
    assert run(["schema", "check", str(file)]) == 1
    assert "profile.unreadable" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("language", "missing", "folder"),
    [("en", "no such file", "a folder"), ("ko", "그런 파일이 없습니다", "폴더입니다")],
)
def test_a_file_that_is_not_there_and_a_folder_are_wrong_calls(
    language: str,
    missing: str,
    folder: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for path, said in ((tmp_path / "none.json", missing), (tmp_path, folder)):
        assert run(["schema", "check", str(path), "--lang", language]) == 2
        error = capsys.readouterr().err
        assert said in error
        assert "Errno" not in error


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is full")
@pytest.mark.parametrize("call", [["list"], ["list", "--json"], ["show", "alarm"], ["--help"]])
def test_an_output_that_takes_no_more_is_said_to_be_full(call: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mfgstd", "--lang", "en", "schema", *call],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: The output cannot be written: No space left on device."
    ]


def test_the_page_about_the_language_shows_what_really_comes(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (checkout / "docs" / "standard" / "README.md").read_text(encoding="utf-8")
    assert run(["schema", "check"]) == 0
    assert f"$ mfgstd schema check\n{capsys.readouterr().out}" in page
