"""Records the references once and puts every mutant before the judge.

``python -m tests.mutants.bench`` writes ``docs/conformance/kill-matrix.md`` anew.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from mfgstd.errors import MfgStdError
from mfgstd.language import Text
from mfgstd_conformance.drivers import Scenario, record
from mfgstd_conformance.drivers.base import Limits
from mfgstd_conformance.judge import judge
from mfgstd_conformance.matrix import Judged, Matrix
from mfgstd_conformance.peers.mtconnect_buffer import Buffer
from mfgstd_conformance.peers.shdr_machine import lines
from mfgstd_conformance.peers.shop import BEATS, MACHINES, MILL, SECOND, Shop
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.planned import Subject
from mfgstd_conformance.profiles import Access, Level, find_profile
from mfgstd_conformance.registry import registry
from mfgstd_conformance.trace import Trace
from tests.mutants import delivery, documents, losses, observations, rules
from tests.mutants.mutant import MUTANTS, Base, Mutant
from tests.mutants.products import RUNNING, RunningMutant
from tests.mutants.recording import Recording

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "conformance" / "kill-matrix.md"
PROFILE: Final = "equipment-data"
PLAIN: Final = "python:tests.references.plain.adapter:PlainAdapter"

#: Machines that run tests are busy; what is right may take its time there.
PATIENT: Final = Limits(smoke=60.0, idle=15.0)

_LIVE: Final = frozenset({"numbers", "states", "alarms", "loss_proof"})
_FILED: Final = frozenset({"numbers", "states", "alarms", "envelopes"})
_START: Final = 1_767_571_200 * SECOND

_TITLES: Final = {
    Base.ADAPTER: Text("the MTConnect adapter", "MTConnect 어댑터"),
    Base.PLAIN: Text("the plain reader", "단순 수집기"),
    Base.FILES: Text("files of `mfgstd collect`", "`mfgstd collect` 파일"),
}
#: Importing them enters their mutants.
_MODULES: Final = (documents, rules, observations, delivery, losses)


@cache
def plan_for(level: Level, capabilities: frozenset[str], *, access: Access = Access.PYTHON) -> Plan:
    """What a product is held to here."""
    return Plan.make(
        profile=find_profile(PROFILE, registry()),
        level=level,
        capabilities=capabilities,
        registry=registry(),
        subject=Subject(name="reference", version="1.0.0", supplier="mfgstd"),
        access=access,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one reference is asked for: its address is made when it is recorded."""

    level: Level
    access: Access
    capabilities: frozenset[str]

    def plan(self, mutant: Mutant | None = None) -> Plan:
        """The plan, with what a mutant declares otherwise."""
        declared = self.capabilities
        if mutant is not None:
            declared = (declared | mutant.declared) - mutant.undeclared
        return plan_for(self.level, declared, access=self.access)


ASKED: Final = {
    Base.ADAPTER: Asked(level=Level.RESILIENCE, access=Access.PYTHON, capabilities=_LIVE),
    Base.PLAIN: Asked(level=Level.RESILIENCE, access=Access.PYTHON, capabilities=_LIVE),
    Base.FILES: Asked(level=Level.SCHEMA, access=Access.FILE, capabilities=_FILED),
}


def collected(folder: Path) -> Path:
    """What ``mfgstd collect`` writes of two rounds of the shop's story, read from a log."""
    folder.mkdir(parents=True)
    shop = Shop(start=_START)
    log, model, out = folder / "shop.shdr", folder / "model.xml", folder / "collected"
    reports = [each for _ in range(2 * BEATS) for each in shop.next_beat()]
    log.write_text("".join(lines(reports)), encoding="utf-8")
    buffer = Buffer(MACHINES, size=64, version="2.3", instance=1, now=lambda: _START)
    model.write_bytes(buffer.probe(None))
    command = ["collect", str(log), "--device-model", str(model), "--device", MILL.name]
    subprocess.run(
        [sys.executable, "-m", "mfgstd", *command, "--to", str(out)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return out


def reference(base: Base, folder: Path) -> Judged:
    """Record one reference in ``folder``, and judge it."""
    match base:
        case Base.ADAPTER:
            sut = "python:mtconnect"
        case Base.PLAIN:
            sut = PLAIN
        case Base.FILES:
            sut = f"file:{collected(folder / 'source')}"
    plan = ASKED[base].plan()
    scenario = replace(Scenario.of(plan), limits=PATIENT)
    trace = record(sut, scenario, folder / "trace")
    return Judged(
        id=base.value,
        title=_TITLES[base],
        base=None,
        kills=(),
        why=None,
        verdicts=dict(judge(trace, plan).verdicts),
    )


def running(mutant: RunningMutant, folder: Path) -> Judged:
    """Run one product with a defect, and judge it."""
    plan = plan_for(mutant.level, _LIVE)
    scenario = replace(Scenario.of(plan), limits=PATIENT)
    return Judged(
        id=mutant.id,
        title=mutant.breaks,
        base=Base.PLAIN.value,
        kills=mutant.kills,
        why=mutant.why,
        verdicts=dict(judge(record(mutant.sut, scenario, folder), plan).verdicts),
    )


class Bench:
    """The recordings, in a process that gives them defects."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._traces = {base: Trace.open(folder / base.value / "trace") for base in Base}
        self._recordings = {base: Recording.of(each) for base, each in self._traces.items()}

    def judged(self, mutant: Mutant) -> Judged:
        """A reference with one defect before the judge."""
        recording = self._recordings[mutant.base].copy()
        mutant.defect(recording)
        plan = ASKED[mutant.base].plan(mutant)
        seed = plan.reuse_seed(self._traces[mutant.base].manifest["seed"]["value"])
        trace = recording.write(self._folder / "mutants" / mutant.id, plan=plan, seed=seed)
        return Judged(
            id=mutant.id,
            title=mutant.breaks,
            base=mutant.base.value,
            kills=mutant.kills,
            why=mutant.why,
            verdicts=dict(judge(trace, plan).verdicts),
        )


@cache
def _bench(folder: Path) -> Bench:
    return Bench(folder)


def _judged(folder: Path, number: int) -> Judged:
    """In a worker: each opens the recordings once."""
    try:
        return _bench(folder).judged(MUTANTS[number])
    except MfgStdError as error:
        # With a place and two languages it does not fit through the pipe to the parent.
        raise RuntimeError(f"{MUTANTS[number].id}: {error}") from None


def matrix(folder: Path) -> Matrix:
    """Record every reference, run every product, and put every mutant before the judge."""
    # Those that run wait for clocks; those that are recorded need processors.
    with ThreadPoolExecutor(2) as pool:
        references = list(pool.map(lambda base: reference(base, folder / base.value), Base))
        started = [pool.submit(running, each, folder / each.id) for each in RUNNING]
        workers = min(os.cpu_count() or 1, 4)
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as processes:
            judged = list(processes.map(partial(_judged, folder), range(len(MUTANTS))))
        judged += [each.result() for each in started]
    return Matrix(
        profile=find_profile(PROFILE, registry()),
        registry=registry(),
        references=tuple(references),
        mutants=tuple(judged),
    )


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as name:
        made = matrix(Path(name))
    for problem in made.problems():
        sys.stderr.write(f"{problem}\n")
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(made.markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()
