from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

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


def test_a_folder_that_cannot_be_written_is_an_error_without_a_traceback(
    mfgstd: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = mfgstd("generate", "models", "--to", tmp_path / "file" / "below")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
