"""``mfgstd rules`` as a user runs it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_rules_are_listed_by_entity(mfgstd: Run) -> None:
    done = mfgstd("rules", "list", "--entity", "gap", "--json")
    rules = json.loads(done.stdout)["rules"]
    assert rules
    assert {each["entity"] for each in rules} == {"https://w3id.org/mfgstd/equipment/gap/1"}


def test_a_rule_is_shown_in_the_users_language(mfgstd: Run) -> None:
    rules = json.loads(mfgstd("rules", "list", "--entity", "gap", "--json").stdout)["rules"]
    shown = mfgstd("--lang", "ko", "rules", "show", rules[0]["id"])
    assert shown.returncode == 0
    assert "심각도" in shown.stdout
    assert rules[0]["check"] in shown.stdout
    assert rules[0]["sentence"] not in shown.stdout


def test_an_unknown_rule_is_answered_with_a_near_one(mfgstd: Run) -> None:
    done = mfgstd("rules", "show", "equipment.gap.nothing")
    assert done.returncode == 2
    assert "There is no rule" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_rule_points_into_its_file_and_expression(mfgstd: Run, tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        """
- id: equipment.gap.wrong
  since: 1.0.0
  entity: equipment/gap
  scope: record
  severity: error
  sentence: {en: A gap., ko: 공백.}
  check: this.form == 'x'
  at: ''
  pass: [{example: disconnected}]
  fail: [{example: disconnected}]
""",
        encoding="utf-8",
    )
    done = mfgstd("rules", "check", path)
    assert done.returncode == 1
    assert "rules.yaml:8:10" in done.stdout
    assert "this.form == 'x'\n    -----^" in done.stdout
    assert "from" in done.stdout


def test_a_missing_rule_file_is_said_plainly(mfgstd: Run, tmp_path: Path) -> None:
    done = mfgstd("rules", "check", tmp_path / "none.yaml")
    assert done.returncode == 1
    assert "Cannot read it" in done.stdout
