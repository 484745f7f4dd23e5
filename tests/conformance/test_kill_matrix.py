"""The judge is judged: references fail nowhere, and each defect is noticed by what it breaks.

A missing kill and an unexpected one are both defects of the suite; so is a page that says
something else than the matrix.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from mfgstd.language import Text
from mfgstd_conformance.matrix import Judged, Matrix
from mfgstd_conformance.registry import Obligation
from mfgstd_conformance.verdict import Verdict
from tests.mutants.bench import PAGE, matrix
from tests.mutants.mutant import MUTANTS, Base, Mutant
from tests.mutants.products import RUNNING, RunningMutant

_ALL: list[Mutant | RunningMutant] = [*MUTANTS, *RUNNING]
_REFERENCES = Path(__file__).resolve().parents[1] / "references"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    return matrix(tmp_path_factory.mktemp("matrix"))


@pytest.mark.parametrize("base", Base)
def test_a_reference_fails_nowhere(made: Matrix, base: Base) -> None:
    judged = next(each for each in made.references if each.id == base.value)
    wrong = {
        name: verdict
        for name, verdict in judged.verdicts.items()
        if verdict in (Verdict.FAIL, Verdict.ERROR, Verdict.NOT_RUN)
    }
    assert wrong == {}


@pytest.mark.parametrize("mutant", [each.id for each in _ALL])
def test_a_mutant_is_killed_by_what_it_breaks_and_by_nothing_else(
    made: Matrix, mutant: str
) -> None:
    judged = next(each for each in made.mutants if each.id == mutant)
    assert made.killed(judged) == set(judged.kills)


def test_no_check_breaks_on_any_of_them(made: Matrix) -> None:
    broken = [
        (each.id, name)
        for each in (*made.references, *made.mutants)
        for name, verdict in each.verdicts.items()
        if verdict in (Verdict.ERROR, Verdict.NOT_RUN)
    ]
    assert broken == []


def test_every_automated_requirement_kills_a_mutant(made: Matrix) -> None:
    """The recommendations too: there a kill is a warning."""
    assert [each.id for each in made.requirements() if not made.killers(each.id)] == []


def test_the_matrix_may_be_published(made: Matrix) -> None:
    assert list(made.problems()) == []


def test_the_published_page_says_what_the_matrix_says(made: Matrix) -> None:
    """Write it anew with ``python -m tests.mutants.bench``."""
    assert PAGE.read_text(encoding="utf-8") == made.markdown()


def test_five_mutants_at_least_really_run() -> None:
    assert len(RUNNING) >= 5


def test_the_second_reference_shares_nothing_with_the_first() -> None:
    imported = {
        name
        for path in _REFERENCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imports(node)
        if name.startswith(("mfgstd", "lxml", "httpx"))
    }
    assert imported == {
        "mfgstd.adapters",
        "mfgstd.errors",
        "mfgstd.finding",
        "mfgstd.language",
        "mfgstd.models",
        "mfgstd.observations",
    }


def _imports(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [each.name for each in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
    return []


def _changed(made: Matrix, mutant: Judged, **verdicts: Verdict) -> list[str]:
    named = {name.replace("_", "-"): verdict for name, verdict in verdicts.items()}
    other = replace(mutant, verdicts={**mutant.verdicts, **named})
    mutants = tuple(other if each is mutant else each for each in made.mutants)
    before = set(made.problems())
    return [each for each in replace(made, mutants=mutants).problems() if each not in before]


def test_a_missing_kill_is_a_problem(made: Matrix) -> None:
    mutant = next(each for each in made.mutants if each.kills == ("MFG-SMK-001",))
    problems = _changed(made, mutant, MFG_SMK_001=Verdict.PASS)
    assert problems == [f"mutant {mutant.id} survives MFG-SMK-001 (pass)"]


def test_a_kill_that_is_only_undecided_is_missing(made: Matrix) -> None:
    mutant = next(each for each in made.mutants if each.kills == ("MFG-SMK-001",))
    assert _changed(made, mutant, MFG_SMK_001=Verdict.INCONCLUSIVE)


def test_an_unexpected_kill_is_a_problem(made: Matrix) -> None:
    mutant = next(each for each in made.mutants if each.kills == ("MFG-SMK-001",))
    problems = _changed(made, mutant, MFG_OBS_002=Verdict.FAIL)
    assert problems == [f"mutant {mutant.id} is killed by MFG-OBS-002, which nobody expected"]


def test_a_requirement_without_a_mutant_is_a_problem(made: Matrix) -> None:
    kept = tuple(each for each in made.mutants if "MFG-EQP-001" not in each.kills)
    assert "MFG-EQP-001 has no mutant" in list(replace(made, mutants=kept).problems())


def test_several_kills_need_a_reason(made: Matrix) -> None:
    mutant = next(each for each in made.mutants if len(each.kills) > 1)
    silent = replace(mutant, why=None)
    mutants = tuple(silent if each is mutant else each for each in made.mutants)
    problems = list(replace(made, mutants=mutants).problems())
    assert f"mutant {mutant.id} has several kills and does not say why" in problems


def test_a_failing_reference_is_a_problem(made: Matrix) -> None:
    plain = next(each for each in made.references if each.id == "plain")
    failing = replace(plain, verdicts={**plain.verdicts, "MFG-DLV-001": Verdict.FAIL})
    references = tuple(failing if each is plain else each for each in made.references)
    problems = list(replace(made, references=references).problems())
    assert "reference plain: MFG-DLV-001 is fail" in problems


def test_ids_and_sentences_of_mutants_are_their_own() -> None:
    ids = [each.id for each in _ALL]
    assert len(ids) == len(set(ids))
    for each in _ALL:
        assert isinstance(each.breaks, Text)
        assert each.breaks.en.endswith(".")
        assert each.breaks.ko.endswith("니다.")


def test_only_recommendations_are_noticed_by_a_warning(made: Matrix) -> None:
    warned = {
        name
        for each in made.mutants
        for name, verdict in each.verdicts.items()
        if verdict is Verdict.WARN
    }
    obligations = {made.registry.get(name).obligation for name in warned}
    assert obligations == {Obligation.SHOULD}
