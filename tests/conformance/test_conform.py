"""``mfgstd conform`` as its users call it: exit codes, folders, replay and certificate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mfgstd.errors import MfgStdError
from mfgstd_conformance.conform import app

#: A small file that has all that a delivery needs, without alarms or states.
MACHINE = {
    "$schema": "https://w3id.org/mfgstd/equipment/equipment/1",
    "id": "https://plant.example/m1",
    "level": "work_unit",
    "description": {"ko": "1호기"},
}
ITEM = {
    "$schema": "https://w3id.org/mfgstd/equipment/data-item/1",
    "id": "https://plant.example/m1/x",
    "equipment": {"id": "https://plant.example/m1"},
    "category": "sample",
    "valueType": "number",
    "name": "Xpos",
    "unit": "mm",
}
GOOD = {
    "dataItem": "https://plant.example/m1/x",
    "eventTime": "2026-01-05T00:00:01Z",
    "quality": {"status": "good"},
    "value": {"number": 1.5},
    "unit": "mm",
}
LOST = {
    "dataItem": "https://plant.example/m1/x",
    "eventTime": "2026-01-05T00:00:02Z",
    "quality": {"status": "bad", "reason": "no_communication"},
    "native": {"value": "UNAVAILABLE"},
}


def batch(*observations: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://w3id.org/mfgstd/equipment/observation-batch/1",
        "id": "urn:example:b1",
        "source": "urn:example:source",
        "recordTime": "2026-01-05T00:00:03Z",
        "observations": list(observations),
    }


Conform = Callable[..., tuple[int, str]]


@pytest.fixture
def conform() -> Conform:
    """Run the command in this process; the code is the one of the whole command line."""

    def run(*arguments: str | Path) -> tuple[int, str]:
        result = CliRunner().invoke(app, list(map(str, arguments)), standalone_mode=False)
        if isinstance(result.exception, MfgStdError):
            return result.exception.exit_code, result.exception.say("en")
        if result.exception is not None:
            raise result.exception
        return int(result.return_value or 0), result.stdout

    return run


@pytest.fixture
def delivery(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of documents."""

    def write(*documents: dict[str, Any]) -> Path:
        path = tmp_path / "delivery.ndjson"
        path.write_text("".join(json.dumps(each) + "\n" for each in documents))
        return path

    return write


def judge_file(conform: Conform, path: Path, to: Path, *more: str | Path) -> tuple[int, str]:
    return conform(
        "run", f"file:{path}", "--profile", "equipment-file", "--capabilities", "numbers",
        "--to", to, *more,
    )  # fmt: skip


def test_a_file_that_conforms_leaves_with_zero_and_all_reports(
    conform: Conform, delivery: Callable[..., Path], tmp_path: Path
) -> None:
    code, output = judge_file(conform, delivery(MACHINE, ITEM, batch(GOOD, LOST)), tmp_path / "run")
    assert code == 0, output
    assert {each.name for each in (tmp_path / "run").iterdir()} == {
        "plan.json", "trace", "ledger.json", "result.json", "report.html", "junit.xml",
        "report.md", "badge.svg",
    }  # fmt: skip


def test_a_file_that_does_not_conform_leaves_with_one_and_names_the_place(
    conform: Conform, delivery: Callable[..., Path], tmp_path: Path
) -> None:
    wrong = {**GOOD, "unit": "[in_i]"}
    path = delivery(MACHINE, ITEM, batch(wrong, LOST))
    code, output = judge_file(conform, path, tmp_path / "run")
    assert code == 1
    assert "MFG-UNT-002" in output
    assert "(Xpos)" in output
    assert f"{path}:3" in output


def test_evidence_that_does_not_suffice_leaves_with_three(
    conform: Conform, delivery: Callable[..., Path], tmp_path: Path
) -> None:
    path = delivery(MACHINE, ITEM, batch(GOOD))
    code, output = judge_file(conform, path, tmp_path / "run")
    assert code == 3, output
    assert "MFG-OBS-006" in output


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "nonsense"),
        ("run", "file:/no/such/file", "--profile", "equipment-file"),
        ("run", "python:mtconnect", "--level", "galaxy"),
        ("run", "python:mtconnect", "--profile", "no-such-profile"),
        ("run", "python:mtconnect", "--input", "/no/such/file"),
        ("explain", "MFG-XXX-999"),
        ("replay", "/no/such/folder"),
    ],
)
def test_a_wrong_command_leaves_with_two(arguments: tuple[str, ...], conform: Conform) -> None:
    assert conform(*arguments)[0] == 2


def test_a_set_up_that_is_broken_leaves_with_three(conform: Conform, tmp_path: Path) -> None:
    code, words = conform("run", "python:no_such_module:Class", "--to", tmp_path / "run")
    assert code == 3
    assert "no_such_module" in words


def test_a_suite_that_fails_leaves_with_four(
    conform: Conform,
    delivery: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from mfgstd_conformance import judge
    from mfgstd_conformance.checks import Check, checks_of

    def broken(_: Any) -> Any:
        raise ZeroDivisionError

    def find(requirement: str) -> tuple[Check, ...]:
        if requirement == "MFG-OBS-001":
            return (Check(requirement, "test.broken", broken),)
        return checks_of(requirement)

    defaults: dict[str, Any] = judge.judge.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "find", find)
    path = delivery(MACHINE, ITEM, batch(GOOD, LOST))
    assert judge_file(conform, path, tmp_path / "run")[0] == 4


def test_evidence_is_never_overwritten(
    conform: Conform, delivery: Callable[..., Path], tmp_path: Path
) -> None:
    path = delivery(MACHINE, ITEM, batch(GOOD, LOST))
    judge_file(conform, path, tmp_path / "run")
    assert judge_file(conform, path, tmp_path / "run")[0] == 2


def test_a_replay_gives_the_same_bytes_until_the_trace_is_touched(
    conform: Conform, delivery: Callable[..., Path], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    judge_file(conform, delivery(MACHINE, ITEM, batch(GOOD, LOST)), run)
    assert conform("replay", run)[0] == 0

    recorded = run / "result.json"
    recorded.write_bytes(recorded.read_bytes() + b" ")
    assert conform("replay", run)[0] == 1

    events = run / "trace" / "events.jsonl"
    events.write_bytes(events.read_bytes().replace(b"1.5", b"1.6"))
    assert conform("replay", run)[0] == 1


def test_a_run_is_certified_and_verified_and_a_changed_one_is_not(
    conform: Conform,
    delivery: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KEY_SECRET", "correct horse")
    key, run = tmp_path / "key.pem", tmp_path / "run"
    judge_file(conform, delivery(MACHINE, ITEM, batch(GOOD, LOST)), run)
    assert conform("keys", "new", key, "--passphrase-env", "KEY_SECRET")[0] == 0

    arguments = ("certify", run, "--key", key, "--issuer", "한빛정밀",
                 "--passphrase-env", "KEY_SECRET")  # fmt: skip
    code, words = conform(*arguments)
    assert code == 1
    assert "MFG-ORG-001" in words

    contact = tmp_path / "contact.txt"
    contact.write_text("support@plant.example")
    from mfgstd_conformance import canonical

    decisions = tmp_path / "decisions.json"
    decisions.write_text(
        json.dumps(
            {
                "attestations": [
                    {
                        "requirement": "MFG-ORG-001",
                        "who": "김민서",
                        "when": "2026-01-05T00:00:00Z",
                        "statement": "We answer.",
                        "evidence": [
                            {
                                "path": contact.name,
                                "sha256": canonical.sha256_of_file(contact),
                            }
                        ],
                    }
                ],
                "waivers": [],
            }
        )
    )
    assert conform(*arguments, "--decisions", decisions, "--days", "30")[0] == 0

    certificate, public = run / "certificate.json", tmp_path / "key.pem.pub"
    verify = ("verify", certificate, "--key", public, "--trace", run, "--replay")
    code, words = conform(*verify)
    assert code == 0, words
    (run / "ledger.json").write_text("{}")
    assert conform(*verify)[0] == 1


def test_every_requirement_is_listed_and_explained(conform: Conform) -> None:
    code, output = conform("list", "--json")
    requirements = json.loads(output)["requirements"]
    assert code == 0
    assert len(requirements) > 20
    for each in requirements[:5]:
        code, words = conform("explain", each["id"])
        assert code == 0
        assert each["sentence"]["en"] in words


#: What speaks for the machines and not against the adapter: nobody describes each axis in Korean,
#: MTConnect does not tell whether a clock is synchronised, and some items have no units.
_WARNED = {"MFG-EQP-003", "MFG-OBS-010"}
#: Nobody attests anything in a test.
_ATTESTED = {"MFG-ORG-001", "MFG-ORG-002"}


def verdicts(run: Path) -> dict[str, set[str]]:
    """Verdict -> the requirements that have it."""
    found: dict[str, set[str]] = {}
    for each in json.loads((run / "result.json").read_bytes())["requirements"]:
        found.setdefault(each["verdict"], set()).add(each["id"])
    return found


@pytest.mark.parametrize("level", ["interface", "resilience"])
def test_the_real_adapter_conforms_on_the_simulated_shop(
    level: str, conform: Conform, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    code, output = conform("run", "python:mtconnect", "--level", level, "--to", run)
    assert code == 0, output
    found = verdicts(run)
    assert found.pop("pass") >= {"MFG-GAP-001", "MFG-GAP-002", "MFG-UNT-001", "MFG-UNT-005"}
    assert found == {"warn": _WARNED, "not_run": _ATTESTED}
    assert conform("replay", run)[0] == 0


def test_the_real_adapter_conforms_on_the_log_of_a_real_machine(
    conform: Conform, corpus: Path, tmp_path: Path
) -> None:
    """Its log has neither alarms nor numbers of its reports; alone it shows the level schema."""
    run, recorded = tmp_path / "run", corpus / "mtconnect" / "okuma-mult-u3000.shdr"
    code, output = conform(
        "run", "python:mtconnect", "--level", "schema", "--capabilities", "numbers,states",
        "--input", recorded, "--device-model", recorded.with_suffix(".devices.xml"), "--to", run,
    )  # fmt: skip
    assert code == 0, output
    found = verdicts(run)
    assert found.pop("pass") >= {"MFG-SMK-001", "MFG-UNT-001", "MFG-UNT-002", "MFG-CAP-002"}
    assert found.pop("not_applicable", set()) <= {
        "MFG-ALM-001", "MFG-ALM-002", "MFG-ALM-003", "MFG-DOC-003", "MFG-DOC-004", "MFG-GAP-001",
        "MFG-GAP-002",
    }  # fmt: skip
    # Eleven samples of this machine have no units in its model, and nobody may guess them.
    assert found == {"warn": {*_WARNED, "MFG-UNT-004"}}


def test_what_the_log_does_not_show_may_not_be_claimed(
    conform: Conform, corpus: Path, tmp_path: Path
) -> None:
    run, recorded = tmp_path / "run", corpus / "mtconnect" / "okuma-mult-u3000.shdr"
    code, _ = conform(
        "run", "python:mtconnect", "--level", "schema", "--capabilities", "numbers,states,alarms",
        "--input", recorded, "--device-model", recorded.with_suffix(".devices.xml"), "--to", run,
    )  # fmt: skip
    assert code == 1
    assert verdicts(run)["fail"] == {"MFG-CAP-001"}


def test_the_shop_and_the_log_of_a_real_machine_are_one_run(
    conform: Conform, corpus: Path, tmp_path: Path
) -> None:
    """In the shop the adapter delivers alarms and numbers; who declares less than that fails."""
    recorded = corpus / "mtconnect" / "okuma-mult-u3000.shdr"
    given = ("--input", recorded, "--device-model", recorded.with_suffix(".devices.xml"))
    run = tmp_path / "whole"
    code, output = conform("run", "python:mtconnect", *given, "--to", run)
    assert code == 0, output
    found = verdicts(run)
    found.pop("pass")
    assert found == {"warn": {*_WARNED, "MFG-UNT-004"}, "not_run": _ATTESTED}
