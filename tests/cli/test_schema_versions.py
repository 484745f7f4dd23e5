"""``mfgstd schema diff``, ``lock`` and ``migrate``, as a person at the shell meets them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mfgstd.cli.app import run
from mfgstd.language import choose
from mfgstd.standard import catalogue, migration_files, release
from mfgstd.standard.diff import edition
from mfgstd.standard.migration import Migration

ALARM = catalogue().find("alarm").id
GAP = catalogue().find("gap").id
ALARM_FILE = str(catalogue().files[ALARM])


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    choose("en")
    yield
    choose(None)


def _changed(folder: Path, **header: Any) -> Path:
    schema = json.loads(json.dumps(catalogue().authored[ALARM]))
    schema |= header
    schema["properties"]["severity"]["x-mfg-unit"] = "mm"
    path = folder / "alarm.json"
    path.write_text(json.dumps(schema, ensure_ascii=False), encoding="utf-8")
    return path


def test_no_difference_is_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "alarm.json"
    path.write_text(json.dumps(catalogue().authored[ALARM]), encoding="utf-8")
    assert run(["schema", "diff", str(path), str(path)]) == 0
    assert "required bump: none" in capsys.readouterr().out


def test_a_changed_unit_is_a_major_and_the_version_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _changed(tmp_path)
    before = tmp_path / "before.json"
    before.write_text(json.dumps(catalogue().authored[ALARM]), encoding="utf-8")
    assert run(["schema", "diff", str(before), str(path)]) == 1
    said = capsys.readouterr().out
    assert "SEMANTIC major /severity" in said
    assert "WRONG: a major change has an $id of its own" in said
    assert run(["schema", "diff", str(before), str(path), "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    (verdict,) = record["schemas"]
    assert (verdict["required"], verdict["holds"]) == ("major", False)
    kinds = {each["kind"] for each in verdict["changes"]}
    assert "unit.changed" in kinds or "quantity.changed" in kinds
    assert run(["schema", "diff", str(before), str(path), "--lang", "ko"]) == 1
    assert "단위가 바뀌었습니다" in capsys.readouterr().out


def test_the_next_major_of_a_schema_is_compared_with_the_one_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tmp_path / "before.json"
    before.write_text(json.dumps(catalogue().authored[ALARM]), encoding="utf-8")
    after = _changed(tmp_path, **{"$id": ALARM[:-1] + "2", "x-mfg-version": "2.0.0"})
    assert run(["schema", "diff", str(before), str(after)]) == 0
    assert "the next major took its place" in capsys.readouterr().out


@pytest.mark.parametrize("edition", ["9.9.9", "nowhere", ""])
def test_an_edition_that_is_not_there_is_a_usage_error(
    edition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["schema", "diff", edition]) == 2
    assert capsys.readouterr().err.startswith("error:")


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"$id": 1}'])
def test_a_file_that_is_no_schema_is_named(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    assert run(["schema", "diff", str(path), str(path)]) == 1
    assert str(path) in capsys.readouterr().err


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize(
    "content",
    [
        b'{"$id": "https://w3id.org/mfgstd/quality/gauge/1", "type": ["string", "null"]}',
        b"[" * 100_000,
        '{"제목": 1}'.encode("cp949"),
        b"a: [",
        b'{"$id": "urn:x:y"}',
    ],
)
def test_a_broken_schema_is_the_users_and_is_named_with_its_file(
    content: bytes, alone: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own" / "quality" / "gauge.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    edition = str(path if alone else tmp_path / "own")
    for old, new in ((ALARM_FILE, edition), (edition, ALARM_FILE), (edition, edition)):
        assert run(["schema", "diff", old, new]) == 1
        assert capsys.readouterr().err.startswith(f"error: {path}")


@pytest.mark.parametrize(
    ("name", "value", "at"),
    [
        ("active", {"$ref": "https://w3id.org/mfgstd/no/no/1"}, "/properties/active"),
        ("severity", {"type": "integer", "minimum": "low"}, "/properties/severity"),
    ],
)
def test_what_is_wrong_within_a_schema_is_named_with_file_and_place(
    name: str, value: object, at: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = json.loads(json.dumps(catalogue().authored[ALARM]))
    schema["properties"][name] |= value
    path = tmp_path / "alarm.json"
    path.write_text(json.dumps(schema))
    assert run(["schema", "diff", ALARM_FILE, str(path)]) == 1
    assert f"{path} ({at}" in capsys.readouterr().err


def test_a_release_can_be_made_of_the_standard_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    folder = tmp_path / "schemas"
    ignored = shutil.ignore_patterns("examples", "released")
    shutil.copytree(catalogue().folder, folder, ignore=ignored)
    monkeypatch.setattr(release, "root", lambda _shelf: folder)
    assert run(["schema", "lock", "1.0.0", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["new"]
    assert record["files"] > len(catalogue().authored)
    assert not release.verify(folder)
    assert not release.check_versions(folder)
    assert run(["schema", "lock", "1.0.0"]) == 0
    assert "released before" in capsys.readouterr().out
    assert run(["schema", "lock", "one"]) == 2
    capsys.readouterr()
    released = folder / "released" / "1.0.0" / "equipment" / "alarm" / "1.json"
    monkeypatch.setattr(edition, "root", lambda _shelf: folder)
    assert run(["schema", "diff", "1.0.0", "1.0.0"]) == 0
    capsys.readouterr()
    for hurt in (released, folder / "released" / "1.0.0" / "lock.json"):
        before = hurt.read_bytes()
        for content in (before + b" ", None):
            if content is None:
                hurt.unlink()
            else:
                hurt.write_bytes(content)
            for command in (["diff", "1.0.0"], ["lock", "1.0.0"]):
                assert run(["schema", *command]) == 1
                assert str(hurt) in capsys.readouterr().err
        hurt.write_bytes(before)


@pytest.fixture
def _gap_of_another_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if alarms had become gaps: both are here, and no major 2 is yet."""
    one = Migration(
        source=ALARM,
        target=GAP,
        renames={"/conditionId": "/source", "/raisedAt": "/from"},
        removed=("/equipment", "/active", "/severity"),
        defaults={"/to": "2026-02-03T00:00:05Z", "/reason": "disconnected", "/outcome": "lost"},
    )
    monkeypatch.setattr(migration_files, "declared", lambda: (one,))


OLD = {
    "$schema": ALARM,
    "id": "urn:example:1",
    "equipment": {"id": "urn:example:cnc-07"},
    "conditionId": "urn:example:c",
    "active": True,
    "severity": 500,
    "raisedAt": "2026-02-03T00:00:00Z",
}


@pytest.mark.usefixtures("_gap_of_another_kind")
@pytest.mark.parametrize("name", ["one.json", "many.ndjson"])
def test_documents_are_migrated_and_losses_told(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(OLD) + "\n")
    assert run(["schema", "migrate", str(path), "--to", GAP]) == 0
    said = capsys.readouterr()
    made = json.loads(said.out)
    assert made["source"] == "urn:example:c"
    assert made["$schema"] == GAP
    assert "lost: /severity = 500" in said.err


@pytest.mark.usefixtures("_gap_of_another_kind")
def test_a_result_that_is_not_valid_is_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps({**OLD, "raisedAt": "yesterday"}))
    assert run(["schema", "migrate", str(path), "--to", GAP]) == 1
    assert "/from" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "code"), [("{", 1), ("[]", 1), ("{}", 2), ('{"$schema": "x"}', 2)]
)
def test_what_cannot_be_migrated_is_refused(
    content: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    assert run(["schema", "migrate", str(path), "--to", GAP]) == code
    assert capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["schema", "migrate", str(tmp_path / "none.json"), "--to", GAP]) == 2
    assert "none.json: There is no such file." in capsys.readouterr().err
    assert run(["schema", "migrate", str(tmp_path), "--to", GAP, "--lang", "ko"]) == 2
    assert "폴더입니다" in capsys.readouterr().err


@pytest.mark.usefixtures("_gap_of_another_kind")
def test_a_line_that_cannot_be_migrated_is_named_and_stops_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mix.ndjson"
    path.write_text("\n".join([json.dumps(OLD), "{}", "[1]", "{", json.dumps(OLD)]))
    assert run(["schema", "migrate", str(path), "--to", GAP]) == 1
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    for line in (2, 3, 4):
        assert f"{path}:{line}:" in said.err
    assert "2 documents were migrated; 3 lines were not." in said.err
