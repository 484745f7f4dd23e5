"""Whatever a product does, the judge survives it, says what it was, and leaves nothing behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mfgstd_conformance.drivers import Scenario, record
from mfgstd_conformance.drivers.base import Limits
from mfgstd_conformance.errors import SetUpBroken
from mfgstd_conformance.judge import judge
from mfgstd_conformance.profiles import Level
from mfgstd_conformance.result import Result
from mfgstd_conformance.trace import Trace
from mfgstd_conformance.verdict import Verdict
from tests.mutants.bench import plan_for

# So short a run shows no alarm; so it must not be declared.
_DECLARED = frozenset({"numbers", "states", "loss_proof"})
_LIMITS = Limits(
    smoke=30.0, idle=0.8, stop=2.0, rows=20_000, documents=2_000, bytes=32 << 20, memory=2 << 30
)
_HURRY = replace(_LIMITS, smoke=4.0)
_NOTHING = {"MFG-SMK-001", "MFG-CAP-001"}


@dataclass(frozen=True, slots=True)
class Hostile:
    """One product: what must fail (``None``: it cannot even be started), and how it ended."""

    fails: frozenset[str] | None
    exit_code: int
    ends: str = ""
    limits: Limits = _LIMITS


def _broken(limits: Limits = _LIMITS) -> Hostile:
    return Hostile(None, 3, limits=limits)


def _failing(ends: str, *names: str) -> Hostile:
    return Hostile(frozenset(names), 1, ends)


_PRODUCTS = {
    "crashes_when_imported:Product": _broken(),
    "exits_when_imported:Product": _broken(),
    "hangs_when_imported:Product": _broken(_HURRY),
    "nowhere:Product": _broken(),
    "products:NoSuchClass": _broken(),
    "products:HasNoSpec": _broken(),
    "products:HasASpecOfNothing": _broken(),
    "products:RaisesInCheck": _broken(),
    "products:RaisesInOpen": _broken(),
    "products:HangsInOpen": _broken(_HURRY),
    "products:HangsInRead": _failing("asked", *_NOTHING),
    "products:BlocksInRead": _failing("killed", *_NOTHING, "MFG-DLV-005"),
    "products:IgnoresCancellation": _failing("killed", *_NOTHING, "MFG-DLV-005"),
    "products:HangsInClose": _failing("killed", "MFG-DLV-005"),
    "products:RaisesInClose": _failing("crashed", "MFG-DLV-005"),
    "products:RaisesInRead": _failing("crashed", *_NOTHING, "MFG-DLV-005"),
    "products:RaisesWhatCannotBeShown": _failing("crashed", *_NOTHING, "MFG-DLV-005"),
    "products:ExitsInRead": _failing("crashed", "MFG-DLV-005"),
    "products:LeavesBySystemExit": _failing("crashed", "MFG-DLV-005"),
    "products:Empty": _failing("by itself", *_NOTHING),
    "products:EmptyForEver": _failing("asked", *_NOTHING),
    "products:FloodsRows": _failing("killed", "MFG-DLV-003", "MFG-DLV-005"),
    "products:FloodsDocuments": _failing("killed", *_NOTHING, "MFG-DOC-001", "MFG-DLV-005"),
    "products:GivesWrongTypes": _failing("crashed", *_NOTHING, "MFG-DLV-005"),
    # One piece of it looks like an envelope, which it did not declare.
    "products:GivesGarbage": _failing("asked", "MFG-DOC-001", "MFG-DOC-002", "MFG-CAP-002"),
    "products:GivesDeepJson": _failing("asked", "MFG-DOC-001", "MFG-DOC-002"),
    # What it leaves running holds its outputs open: it has not ended.
    "products:LeavesAChild": _failing("killed", "MFG-DLV-005"),
    "products:EatsMemory": _failing("crashed", *_NOTHING, "MFG-DLV-005"),
    # All that it says beside the data harms nobody; so short a run decides not everything.
    "products:TalksAllTheTime": Hostile(frozenset(), 3, "asked"),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one product."""

    error: SetUpBroken | None = None
    trace: Trace | None = None
    result: Result | None = None


Judge = Callable[[str], Judged]


@pytest.fixture(scope="module")
def judged(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Judge]:
    """Runs the products that were asked for, two at a time."""
    folder = tmp_path_factory.mktemp("hostile")
    items: list[Any] = request.session.items
    mine = [each for each in items if each.module.__name__ == request.module.__name__]
    asked = [each.callspec.params.get("name") for each in mine if hasattr(each, "callspec")]
    wanted = [each for each in asked if each is not None]
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setenv("HOSTILE_PID", str(folder / "pid"))
        started: dict[str, Future[Judged]] = {
            name: pool.submit(_run, name, folder) for name in dict.fromkeys(wanted)
        }
        yield lambda name: started[name].result()


def _run(name: str, folder: Path) -> Judged:
    plan = plan_for(Level.INTERFACE, _DECLARED)
    scenario = replace(Scenario.of(plan), limits=_PRODUCTS[name].limits, beats=4)
    try:
        trace = record(f"python:tests.hostile.{name}", scenario, folder / name.replace(":", "-"))
    except SetUpBroken as error:
        return Judged(error=error)
    return Judged(trace=trace, result=judge(trace, plan))


@pytest.mark.parametrize("name", _PRODUCTS)
def test_a_hostile_product_gets_the_verdict_that_it_earns(name: str, judged: Judge) -> None:
    expected, found = _PRODUCTS[name], judged(name)
    if expected.fails is None:
        assert found.error is not None
        assert found.error.exit_code == expected.exit_code
        return
    assert found.error is None
    assert found.trace is not None
    assert found.result is not None
    verdicts = found.result.verdicts
    failed = {each for each, verdict in verdicts.items() if verdict is Verdict.FAIL}
    assert failed == expected.fails
    assert Verdict.ERROR not in verdicts.values()
    assert found.result.exit_code == expected.exit_code
    (ended,) = found.trace.events("product.ended")
    assert ended["how"] == expected.ends


@pytest.mark.skipif(os.name != "posix", reason="only POSIX tells who one's children are")
@pytest.mark.parametrize("name", ["products:LeavesAChild"])
def test_nothing_is_left_running(name: str, judged: Judge) -> None:
    trace = judged(name).trace
    assert trace is not None
    number = int((trace.folder.parent / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


@pytest.mark.parametrize(
    ("product", "code"),
    [
        ("crashes_when_imported:Product", 3),
        ("products:RaisesInOpen", 3),
        ("products:GivesGarbage", 1),
    ],
)
def test_no_traceback_reaches_the_user(
    product: str, code: int, mfgstd: Callable[..., Any], tmp_path: Path
) -> None:
    done = mfgstd(
        "conform", "run", f"python:tests.hostile.{product}", "--to", tmp_path / "run",
        "--level", "schema", "--capabilities", "numbers,states,loss_proof",
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
