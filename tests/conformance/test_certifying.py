"""``mfgstd conform certify``, ``verify`` and ``keys`` as a person at a laboratory meets them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mfgstd.errors import MfgStdError
from mfgstd.language import Language, choose, current
from mfgstd_conformance import canonical
from mfgstd_conformance.certificate import keys, revocation
from mfgstd_conformance.conform import app

Run = Callable[..., "subprocess.CompletedProcess[str]"]

SECRET = {"KEY_SECRET": "correct horse"}
BY_VARIABLE = ("--passphrase-env", "KEY_SECRET")

DELIVERY: list[dict[str, Any]] = [
    {
        "$schema": "https://w3id.org/mfgstd/equipment/equipment/1",
        "id": "https://plant.example/m1",
        "level": "work_unit",
        "description": {"ko": "1호기"},
    },
    {
        "$schema": "https://w3id.org/mfgstd/equipment/data-item/1",
        "id": "https://plant.example/m1/x",
        "equipment": {"id": "https://plant.example/m1"},
        "category": "sample",
        "valueType": "number",
        "name": "Xpos",
        "unit": "mm",
    },
    {
        "$schema": "https://w3id.org/mfgstd/equipment/observation-batch/1",
        "id": "urn:example:b1",
        "source": "urn:example:source",
        "recordTime": "2026-01-05T00:00:03Z",
        "observations": [
            {
                "dataItem": "https://plant.example/m1/x",
                "eventTime": "2026-01-05T00:00:01Z",
                "quality": {"status": "good"},
                "value": {"number": 1.5},
                "unit": "mm",
            },
            {
                "dataItem": "https://plant.example/m1/x",
                "eventTime": "2026-01-05T00:00:02Z",
                "quality": {"status": "bad", "reason": "no_communication"},
                "native": {"value": "UNAVAILABLE"},
            },
        ],
    },
]


@pytest.fixture(scope="module")
def bench(mfgstd: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A judged run, two key pairs, decisions, and a certificate signed with the first key."""
    home = tmp_path_factory.mktemp("bench")
    (home / "delivery.ndjson").write_text("\n".join(map(json.dumps, DELIVERY)) + "\n")
    contact = home / "contact.txt"
    contact.write_text("support@plant.example")
    attestation = {
        "requirement": "MFG-ORG-001",
        "who": "김민서",
        "when": "2026-01-05T00:00:00Z",
        "statement": "We answer.",
        "evidence": [{"path": contact.name, "sha256": canonical.sha256_of_file(contact)}],
    }
    decisions = {"attestations": [attestation], "waivers": []}
    (home / "decisions.json").write_text(json.dumps(decisions))
    for arguments in (
        ("run", "file:delivery.ndjson", "--profile", "equipment-file", "--capabilities", "numbers",
         "--supplier", "한빛정밀", "--to", "run"),
        ("keys", "new", "key", *BY_VARIABLE),
        ("keys", "new", "other", *BY_VARIABLE),
        ("certify", "run", "--key", "key", "--issuer", "Lab", "--decisions", "decisions.json",
         "--days", "30", *BY_VARIABLE),
    ):  # fmt: skip
        done = mfgstd("conform", *arguments, cwd=home, env=SECRET)
        assert done.returncode == 0, done.stdout + done.stderr
    return home


@pytest.fixture
def conform(bench: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """One command in the folder of the bench: its exit code, and all that it said."""
    before = current()
    monkeypatch.chdir(bench)
    monkeypatch.setenv("KEY_SECRET", SECRET["KEY_SECRET"])

    def run(*arguments: str | Path, lang: Language = "en") -> tuple[int, str]:
        choose(lang)
        result = CliRunner().invoke(app, list(map(str, arguments)), standalone_mode=False)
        if isinstance(result.exception, MfgStdError):
            return result.exception.exit_code, result.output + result.exception.say(lang)
        if result.exception is not None:
            raise result.exception
        return int(result.return_value or 0), result.output

    yield run
    choose(before)


Conform = Callable[..., tuple[int, str]]
CERTIFICATE = Path("run", "certificate.json")


def test_verify_says_what_is_certified_and_what_was_not_looked_at(conform: Conform) -> None:
    code, said = conform("verify", CERTIFICATE, "--key", "key.pub")
    assert code == 0
    assert "It certifies: delivery.ndjson sha256-" in said
    assert "한빛정밀" in said
    assert "equipment-file, level schema; issued by Lab (self-declared)" in said
    assert "Not verified: folder, product, replay, revocation." in said


def test_verify_speaks_korean(conform: Conform) -> None:
    code, said = conform("verify", CERTIFICATE, "--key", "key.pub", "--trace", "run", lang="ko")
    assert code == 0
    assert "확인     서명: " in said
    assert "미확인   폐지 여부: " in said
    assert "확인하지 않은 항목: 제품, 재판정, 폐지 여부" in said
    assert not any(word in said for word in ("ok ", "unknown", "signature"))


def test_json_has_the_certificate_that_the_signature_vouches_for(mfgstd: Run, bench: Path) -> None:
    for key, level in (("key.pub", "schema"), ("other.pub", None)):
        done = mfgstd("conform", "verify", CERTIFICATE, "--key", key, "--json", cwd=bench)
        said = json.loads(done.stdout)
        assert (said["certificate"] or {"profile": {"level": None}})["profile"]["level"] == level


def test_another_key_leaves_with_three_and_the_next_step(conform: Conform) -> None:
    code, said = conform("verify", CERTIFICATE, "--key", "other.pub")
    assert code == 3
    assert "give the issuer's public key" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("verify", "run", "--key", "key.pub"), "certificate.json"),
        (("verify", "nothing", "--key", "key.pub"), "no file nothing"),
        (("verify", CERTIFICATE, "--key", "key.pub", "--product", "nothing"), "no file nothing"),
        (("verify", CERTIFICATE, "--key", "key.pub", "--trace", "run/trace"), "holds no run"),
        (("verify", CERTIFICATE, "--key", "key"), "not a public key"),
        (("verify", CERTIFICATE, "--key", "key.pub", "--revocations", "nothing"), "no file"),
        (("certify", "run", "--key", "key.pub", "--issuer", "a", *BY_VARIABLE), "not an encrypted"),
        (("certify", "run", "--key", "key", "--issuer", "a", *BY_VARIABLE), "exists already"),
        (
            ("certify", "run", "--key", "key", "--issuer", "a", "--decisions", "x", *BY_VARIABLE),
            "no file x",
        ),
        (("run", "file:delivery.ndjson", "--decisions", "nothing"), "no file nothing"),
        (("run", "file:delivery.ndjson", "--sut-statement", "nothing"), "no file nothing"),
        (("run", "delivery.ndjson"), "write file:delivery.ndjson"),
    ],
)
def test_a_wrong_path_leaves_with_two_and_says_which(
    arguments: tuple[str | Path, ...], said: str, conform: Conform, tmp_path: Path
) -> None:
    if arguments[0] == "certify" and said != "exists already":
        arguments = (*arguments, "--to", tmp_path / "certificate.json")
    code, words = conform(*arguments)
    assert code == 2, words
    assert said in words


def test_a_certificate_that_cannot_be_written_is_the_users_to_mend(conform: Conform) -> None:
    code, said = conform(
        "certify", "run", "--key", "key", "--issuer", "Lab", "--decisions", "decisions.json",
        "--days", "30", "--to", Path("no", "such", "folder.json"), *BY_VARIABLE,
    )  # fmt: skip
    assert code == 2, said
    assert "cannot be written here" in said


@pytest.mark.skipif(os.name != "posix", reason="needs a session without a terminal")
def test_without_a_terminal_the_passphrase_is_not_asked_for(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mfgstd",
            "--lang",
            "ko",
            "conform",
            "keys",
            "new",
            tmp_path / "new",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        start_new_session=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "--passphrase-env" in done.stderr
    assert "GetPassWarning" not in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_result_that_was_removed_is_not_replayed_as_the_same(
    conform: Conform, bench: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bench / "run", copy)
    (copy / "result.json").unlink()
    code, said = conform("replay", copy)
    assert code == 1
    assert "no result.json to compare with" in said
    assert conform("verify", CERTIFICATE, "--key", "key.pub", "--trace", copy)[0] == 1


def test_a_run_that_conforms_names_the_next_command(mfgstd: Run, bench: Path) -> None:
    done = mfgstd(
        "conform", "run", "file:delivery.ndjson", "--profile", "equipment-file",
        "--capabilities", "numbers", "--to", "again", cwd=bench,
    )  # fmt: skip
    assert done.returncode == 0
    assert "mfgstd conform certify again --key KEY --issuer NAME --decisions FILE" in done.stderr


@pytest.fixture
def log(bench: Path, tmp_path: Path) -> Path:
    """A revocation log with one stranger in it, and its checkpoint by the second key."""
    path = tmp_path / "revoked.jsonl"
    revocation.append(path, b"another certificate", "키 유출")
    _checkpoint(path, bench)
    return path


def _checkpoint(log: Path, bench: Path) -> None:
    key = keys.read_private(bench / "other", SECRET["KEY_SECRET"].encode())
    log.with_name(log.name + ".checkpoint").write_bytes(revocation.checkpoint(log, key))


def test_a_revoked_certificate_is_not_valid(conform: Conform, bench: Path, log: Path) -> None:
    verify = ("verify", CERTIFICATE, "--key", "key.pub", "--revocations", log,
              "--registrar", "other.pub")  # fmt: skip
    code, said = conform(*verify)
    assert code == 0, said
    assert "Not revoked as of checkpoint" in said

    revocation.append(log, (bench / CERTIFICATE).read_bytes(), "withdrawn")
    assert conform(*verify)[0] == 0, "what no checkpoint vouches for is not believed"

    _checkpoint(log, bench)
    code, said = conform(*verify)
    assert code == 1
    assert "withdrawn" in said


def test_revocation_that_was_asked_for_and_cannot_be_decided_leaves_with_three(
    conform: Conform, log: Path
) -> None:
    # The checkpoint is signed by a key that the reader did not name.
    verify = ("verify", CERTIFICATE, "--key", "key.pub", "--revocations", log)
    code, said = conform(*verify)
    assert code == 3
    assert "Undecided" in said
    log.write_text(log.read_text(encoding="utf-8").replace("유출", "분실"), encoding="utf-8")
    assert conform(*verify, "--registrar", "other.pub")[0] == 3
