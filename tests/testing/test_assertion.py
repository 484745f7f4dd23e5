"""``assert_conforms`` fails with everything that a person needs to mend the data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mfgstd.errors import UnknownSchema, UsageError
from mfgstd.models import Gap
from mfgstd.testing import assert_conforms

GAP: dict[str, Any] = {
    "$schema": "https://w3id.org/mfgstd/equipment/gap/1",
    "id": "urn:uuid:0190a7c8-1f2e-7abc-8def-0123456789ab",
    "source": "urn:example:agent",
    "from": "2026-02-03T00:00:00Z",
    "to": "2026-02-03T00:00:05Z",
    "reason": "sequence_jump",
    "outcome": "lost",
}
BARE = {name: value for name, value in GAP.items() if name != "$schema"}
WRONG = GAP | {"reason": "Bored", "from": "2026-02-03"}


def said(data: Any, *arguments: Any, **named: Any) -> list[str]:
    with pytest.raises(AssertionError) as raised:
        assert_conforms(data, *arguments, **named)
    return str(raised.value).splitlines()


def test_what_conforms_passes_in_every_shape(tmp_path: Path) -> None:
    path = tmp_path / "gap.json"
    path.write_text(json.dumps(GAP))
    for data in (
        GAP,
        json.dumps(GAP),
        json.dumps(GAP).encode(),
        Gap.from_json(GAP),
        Gap.from_json(BARE),
        [GAP, Gap.from_json(GAP), json.dumps(GAP)],
        iter([GAP]),
        path,
        str(path),
        tmp_path,
    ):
        assert_conforms(data)
    assert_conforms(BARE, "gap")
    assert_conforms([BARE], schema="Gap")


def test_a_failure_lists_the_findings_with_place_and_advice() -> None:
    assert said(WRONG) == [
        "1 of 1 document invalid, 2 errors",
        '/from: "2026-02-03" is not an RFC 3339 date and time with an offset. [schema.format]',
        "    expected an RFC 3339 date and time with an offset",
        '    found "2026-02-03"',
        '    The day must exist and the offset must be there: "2026-03-01T09:00:00+09:00".',
        '/reason: "Bored" is neither a listed word nor a URI of your own. [schema.open-code]',
        *said(WRONG)[6:],
    ]


def test_findings_of_many_say_which_document_it_is() -> None:
    lines = said([GAP, json.dumps(WRONG), b"{"])
    assert lines[0] == "2 of 3 documents invalid, 3 errors"
    at = json.dumps(WRONG).index('"2026-02-03"') + 1
    assert lines[1].startswith(f"document 1 line 1:{at} /from: ")
    assert any(line.startswith("document 2 line 1:2: This is not JSON") for line in lines)


def test_findings_of_a_file_say_where_in_it(tmp_path: Path) -> None:
    path = tmp_path / "gaps.ndjson"
    path.write_text(json.dumps(GAP) + "\n" + json.dumps(WRONG) + "\n")
    assert said(path)[1].startswith(f"{path}:2:")


def test_a_long_list_ends_with_what_there_is_more() -> None:
    lines = said([WRONG] * 100)
    assert lines[0] == "100 of 100 documents invalid, 200 errors"
    assert lines[-1] == ("... and 180 more; all by rule: schema.format 100, schema.open-code 100")


def test_nothing_is_no_data_that_conforms(tmp_path: Path) -> None:
    assert said([]) == ["there is no document"]
    (tmp_path / "empty.ndjson").write_text("")
    assert "file.empty" in said(tmp_path / "empty.ndjson")[1]


def test_a_warning_alone_does_not_fail() -> None:
    assert_conforms(b"\xef\xbb\xbf" + json.dumps(GAP).encode())


def test_a_tolerant_reader_lets_pass_what_a_newer_version_may_bring() -> None:
    newer = GAP | {"since": 3}
    assert said(newer)[0] == "1 of 1 document invalid, 1 error"
    assert_conforms(newer, strictness="tolerant")


def test_mistakes_of_the_caller_are_no_failures_of_the_data() -> None:
    with pytest.raises(UsageError):
        assert_conforms("no-such-file.json")
    with pytest.raises(UnknownSchema):
        assert_conforms(GAP, "nothing")
    with pytest.raises(TypeError, match="neither documents"):
        assert_conforms(7)


def test_pytest_shows_the_line_of_the_test_and_not_of_the_assertion(tmp_path: Path) -> None:
    test = tmp_path / "test_mine.py"
    test.write_text(
        "from mfgstd.testing import assert_conforms\n"
        "def test_mine():\n"
        f"    assert_conforms({json.dumps(WRONG)})\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 1
    assert ">       assert_conforms(" in done.stdout
    assert "E       AssertionError: 1 of 1 document invalid, 2 errors" in done.stdout
    assert "[schema.open-code]" in done.stdout
    assert "assertion.py" not in done.stdout


def test_the_assertion_needs_no_extra() -> None:
    code = (
        "import sys\n"
        "for name in ('hypothesis', 'duckdb', 'ibis'): sys.modules[name] = None\n"
        "from mfgstd.testing import assert_conforms\n"
        f"assert_conforms({GAP!r})\n"
        f"assert_conforms([{json.dumps(GAP)!r}])\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
