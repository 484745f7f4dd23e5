from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def test_the_checkout_is_fresh(mfgstd: Any) -> None:
    done = mfgstd("generate", "--check", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"fresh": True, "findings": []}


def test_models_go_into_a_folder_of_ones_own_and_work_there(mfgstd: Any, tmp_path: Path) -> None:
    folder = tmp_path / "plant_models"
    assert mfgstd("generate", "models", "--to", folder, "--check").returncode == 1
    done = mfgstd("generate", "models", "--to", folder)
    assert done.returncode == 0, done.stderr
    assert mfgstd("generate", "models", "--to", folder, "--check").returncode == 0
    stale = folder / "equipment.py"
    stale.write_text(stale.read_text(encoding="utf-8") + "\n# touched\n", encoding="utf-8")
    done = mfgstd("generate", "models", "--to", folder, "--check", "--json")
    assert done.returncode == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["rule"] == "generate.stale"
    assert finding["source"]["path"] == str(stale)


def test_an_unknown_target_is_a_usage_error(mfgstd: Any) -> None:
    done = mfgstd("generate", "cobol")
    assert done.returncode == 2
    assert "models, arrow, typescript" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_near_name_is_offered(mfgstd: Any) -> None:
    assert "Did you mean: typescript?" in mfgstd("generate", "typscript").stderr


def test_an_empty_folder_name_and_a_file_are_refused(mfgstd: Any, tmp_path: Path) -> None:
    done = mfgstd("generate", "sql-duckdb", "--to", "", cwd=tmp_path)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "--to is empty" in done.stderr
    file = tmp_path / "file"
    file.write_text("")
    done = mfgstd("generate", "sql-duckdb", "--to", file)
    assert done.returncode == 2
    assert f"{file}: This is a file; a folder is wanted." in done.stderr


def test_the_folder_of_another_target_is_left_as_it_is(mfgstd: Any, tmp_path: Path) -> None:
    folder = tmp_path / "my sql"
    done = mfgstd("generate", "sql-duckdb", "--to", folder, "--check")
    assert done.returncode == 1
    assert f"Run: mfgstd generate sql-duckdb --to '{folder}'" in done.stderr + done.stdout
    assert mfgstd("generate", "sql-duckdb", "--to", folder).returncode == 0
    before = sorted(folder.iterdir())
    done = mfgstd("generate", "sql-postgresql", "--to", folder)
    assert done.returncode == 2
    assert "sql-duckdb" in done.stderr
    assert "Name another folder for sql-postgresql" in done.stderr
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(("first", "second"), [("models", "arrow"), ("arrow", "models")])
def test_modules_of_another_target_are_left_as_they_are(
    first: str, second: str, mfgstd: Any, tmp_path: Path
) -> None:
    assert mfgstd("generate", first, "--to", tmp_path).returncode == 0
    before = sorted(tmp_path.iterdir())
    assert mfgstd("generate", second, "--to", tmp_path).returncode == 2
    assert sorted(tmp_path.iterdir()) == before


def test_what_nothing_makes_any_more_is_reported_as_removed(mfgstd: Any, tmp_path: Path) -> None:
    assert mfgstd("generate", "sql-duckdb", "--to", tmp_path).returncode == 0
    old, manifest = tmp_path / "old.sql", tmp_path / "generated.json"
    old.write_text("-- old\n")
    record = json.loads(manifest.read_text())
    record["sha256"]["old.sql"] = "0"
    manifest.write_text(json.dumps(record))
    done = mfgstd("generate", "sql-duckdb", "--to", tmp_path)
    assert done.returncode == 0
    assert f"removed: {old}" in done.stdout
    assert "1 of " in done.stdout
    assert "Files removed: 1." in done.stdout
    assert not old.exists()


def test_a_file_that_somebody_wrote_is_a_wrong_call(mfgstd: Any, tmp_path: Path) -> None:
    own = tmp_path / "schema.sql"
    own.write_text("create table t (a int);\n")
    done = mfgstd("generate", "sql-duckdb", "--to", tmp_path)
    assert done.returncode == 2
    assert str(own) in done.stderr
    assert own.read_text() == "create table t (a int);\n"


def test_a_folder_that_cannot_be_written_is_an_error_without_a_traceback(
    mfgstd: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = mfgstd("generate", "models", "--to", tmp_path / "file" / "below")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
