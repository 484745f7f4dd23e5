"""Small judged runs that the tests of plan, decision and certificate share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mfgstd_conformance.certificate import keys
from mfgstd_conformance.certificate.issue import Run, certify
from mfgstd_conformance.certificate.statement import Assurance, Binding, Digests
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.planned import Subject
from mfgstd_conformance.profiles import Access, Level, Profile, find_profile
from mfgstd_conformance.registry import Registry
from mfgstd_conformance.verdict import Verdict


@pytest.fixture(scope="session")
def registry() -> Registry:
    return Registry.load()


@pytest.fixture(scope="session")
def profile(registry: Registry) -> Profile:
    return find_profile("equipment-data", registry)


@pytest.fixture(scope="session")
def subject() -> Subject:
    return Subject(name="edge-link", version="2.4.1", supplier="한빛정밀")


@pytest.fixture(scope="session")
def plan(registry: Registry, profile: Profile, subject: Subject) -> Plan:
    """Level schema, every capability but alarms."""
    return Plan.make(
        profile=profile,
        level=Level.SCHEMA,
        capabilities=["numbers", "states", "envelopes", "loss_proof"],
        registry=registry,
        subject=subject,
        access=Access.PYTHON,
    )


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    return keys.throwaway()


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


@pytest.fixture
def folder(tmp_path: Path, plan: Plan) -> Path:
    """A run's folder as drivers and judge leave it, with a trace of three files."""
    base = tmp_path / "run"
    (base / "trace" / "parts").mkdir(parents=True)
    files = {
        "events.jsonl": b'{"event":"start"}\n{"event":"end"}\n',
        "observations-0000.parquet": bytes(range(64)),
        "parts/observations-0001.parquet": b"PAR1",
    }
    for name, data in files.items():
        (base / "trace" / name).write_bytes(data)
    manifest = {"files": [{"path": n, "sha256": _digest(d)} for n, d in files.items()]}
    (base / "trace" / "manifest.json").write_text(json.dumps(manifest))
    (base / "plan.json").write_bytes(plan.to_bytes())
    (base / "result.json").write_text('{"verdicts":{}}')
    (base / "ledger.json").write_text('{"balanced":true}')
    return base


Runs = Callable[..., Run]


@pytest.fixture
def passing(plan: Plan, folder: Path) -> Runs:
    """A run in which everything passes, with the changes that a test asks for."""

    def build(**changes: Any) -> Run:
        run = Run(
            plan=plan,
            seed=plan.draw_seed(),
            verdicts={each.requirement: Verdict.PASS for each in plan.planned},
            observations=1200,
            digests=Digests(
                trace=_digest((folder / "trace" / "manifest.json").read_bytes()),
                ledger=_digest((folder / "ledger.json").read_bytes()),
                result=_digest((folder / "result.json").read_bytes()),
            ),
        )
        return replace(run, **changes)

    return build


@pytest.fixture
def issue(key: Ed25519PrivateKey, now: datetime) -> Callable[..., bytes]:
    """Issue a certificate for a run, self-declared unless told."""

    def build(run: Run, **changes: Any) -> bytes:
        arguments: dict[str, Any] = {
            "key": key,
            "binding": Binding.declared(run.plan.subject.to_json()),
            "assurance": Assurance.SELF_DECLARED,
            "issuer": run.plan.subject.supplier,
            "days": 365,
            "now": now,
        }
        return certify(run, **{**arguments, **changes})

    return build
