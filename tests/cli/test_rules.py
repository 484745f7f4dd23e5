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
    assert done.returncode == 2
    assert "There is no file" in done.stderr
    done = mfgstd("rules", "check", tmp_path)
    assert done.returncode == 2
    assert "is a directory" in done.stderr


def test_a_rule_is_shown_with_what_keeps_and_what_breaks_it(mfgstd: Run) -> None:
    name = "process.job-response.ends-after-it-starts"
    shown = mfgstd("--lang", "en", "rules", "show", name).stdout
    keeps, breaks = shown.partition("What breaks it:")[::2]
    assert "What keeps it:\n  - moulding-completed" in keeps
    assert "/interval/end = " in breaks
    record = json.loads(mfgstd("rules", "show", name, "--json").stdout)
    assert all(each["example"] for key in ("pass", "fail") for it in record[key] for each in it)
    assert record["fail"][0][0]["change"]


def test_scope_and_severity_are_said_in_korean(mfgstd: Run) -> None:
    shown = mfgstd("--lang", "ko", "rules", "show", "equipment.counter-reading.counts-up").stdout
    assert "범위: 순서" in shown
    assert "심각도: 오류" in shown
    assert "지키는 예:" in shown


def test_the_sample_of_the_page_works(mfgstd: Run, checkout: Path, tmp_path: Path) -> None:
    page = (checkout / "docs" / "standard" / "rules.md").read_text(encoding="utf-8")
    sample = page.partition("```yaml\n")[2].partition("```")[0]
    path = tmp_path / "my-rules.yaml"
    path.write_text(sample, encoding="utf-8")
    done = mfgstd("--lang", "en", "rules", "check", path)
    assert done.returncode == 0, done.stdout
    assert "1 rule compiles, and 2 fixtures do as written." in done.stdout
    path.write_text(sample.replace("2020-01-01", "2999-01-01"), encoding="utf-8")
    assert mfgstd("rules", "check", path).returncode == 1


def test_an_id_of_the_standard_is_taken(mfgstd: Run, checkout: Path, tmp_path: Path) -> None:
    page = (checkout / "docs" / "standard" / "rules.md").read_text(encoding="utf-8")
    sample = page.partition("```yaml\n")[2].partition("```")[0]
    path = tmp_path / "my-rules.yaml"
    path.write_text(sample.replace("my-end-follows-my-start", "ends-after-it-starts"), "utf-8")
    done = mfgstd("--lang", "en", "rules", "check", path)
    assert done.returncode == 1
    assert "belongs to a rule of the standard" in done.stdout


def test_a_file_in_cp949_is_told_its_encoding(mfgstd: Run, tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes("- sentence: {ko: 공백은 끝납니다.}\n".encode("cp949"))
    done = mfgstd("--lang", "en", "rules", "check", path)
    assert done.returncode == 1
    assert f"{path}:1:" in done.stdout
    assert "CP949" in done.stdout
