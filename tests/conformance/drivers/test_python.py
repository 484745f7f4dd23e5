"""Hostile and broken products, each in its own process: the judge is never hurt, and says why."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mfgstd.errors import NotInstalled, UsageError
from mfgstd_conformance.drivers import Scenario, product, record
from mfgstd_conformance.drivers.base import Limits
from mfgstd_conformance.errors import SetUpBroken
from mfgstd_conformance.judge import judge
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.verdict import Verdict

LIMITS = Limits(smoke=10.0, idle=0.4, stop=1.5, documents=20_000)


@pytest.fixture(autouse=True)
def findable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The products' module can be imported by name, here and in the child."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(Path(__file__).parent)])


@pytest.fixture
def scenario(plan: Plan) -> Scenario:
    return replace(Scenario.of(plan), beats=4, beat=0.02, limits=LIMITS, overflow=False)


@pytest.mark.parametrize(
    ("name", "how", "requirement", "verdict"),
    [
        ("Quiet", "asked", "MFG-SMK-001", Verdict.FAIL),
        ("Deaf", "killed", "MFG-SMK-001", Verdict.FAIL),
        ("Dying", "crashed", "MFG-SMK-001", Verdict.FAIL),
        ("Raising", "crashed", "MFG-SMK-001", Verdict.FAIL),
        ("Garbage", "asked", "MFG-DOC-002", Verdict.FAIL),
        ("Chatty", "asked", "MFG-DOC-001", Verdict.FAIL),
        ("Flooding", "killed", "MFG-DOC-001", Verdict.FAIL),
    ],
)
def test_whatever_a_product_does_becomes_evidence(
    name: str,
    how: str,
    requirement: str,
    verdict: Verdict,
    tmp_path: Path,
    scenario: Scenario,
    plan: Plan,
) -> None:
    trace = record(f"python:products:{name}", scenario, tmp_path / "trace")
    assert [each["how"] for each in trace.events("product.ended")] == [how]
    result = judge(trace, plan)
    assert result.verdicts[requirement] is verdict
    assert Verdict.ERROR not in set(result.verdicts.values())
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("products:Unwell", "There is no licence."),
        ("products:Unmade", "no shdr"),
        ("products:Nothing", "Nothing"),
        ("no_such_module:Class", "no_such_module"),
    ],
)
def test_a_broken_set_up_is_told_from_a_product_that_does_not_conform(
    name: str, words: str, tmp_path: Path, scenario: Scenario
) -> None:
    with pytest.raises(SetUpBroken, match=words) as caught:
        record(f"python:{name}", scenario, tmp_path / "trace")
    assert caught.value.exit_code == 3


def test_a_product_that_never_gets_ready_is_a_broken_set_up(
    tmp_path: Path, scenario: Scenario
) -> None:
    impatient = replace(scenario, limits=replace(LIMITS, smoke=4.0))
    with pytest.raises(SetUpBroken, match="not ready"):
        record("python:products:Stuck", impatient, tmp_path / "trace")


def test_an_adapter_that_is_not_installed_is_named(tmp_path: Path, scenario: Scenario) -> None:
    with pytest.raises(NotInstalled):
        record("python:no-such-adapter", scenario, tmp_path / "trace")


@pytest.mark.parametrize("address", ["", "python:", "mtconnect", "ftp:x", "endpoint:http://x"])
def test_an_address_that_names_no_product_is_a_usage_error(address: str) -> None:
    with pytest.raises(UsageError):
        product(address)
