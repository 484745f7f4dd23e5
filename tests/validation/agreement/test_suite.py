"""Every engine gives the verdict that the public JSON Schema test suite expects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from mfgstd.engine import Session, duckdb_session
from mfgstd.standard import Catalogue
from mfgstd.validation import ENGINES, compile_schema
from mfgstd.validation.engines import Engine
from mfgstd.validation.engines.tally import tally
from tests.validation.agreement import suite
from tests.validation.agreement.held import held, one_row, rules
from tests.validation.agreement.shaping import Shape


class Suite(NamedTuple):
    """All cases, those that the profile can say, and their schemas as one catalogue."""

    every: list[suite.Case]
    taken: list[suite.Case]
    within: Catalogue


@pytest.fixture(scope="module")
def public(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Suite:
    every = suite.cases(corpus)
    taken = [each for each in every if isinstance(each.shape, Shape)]
    folder = tmp_path_factory.mktemp("suite") / "schemas"
    suite.write_schemas(taken, folder)
    return Suite(every, taken, Catalogue(folder))


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Session]:
    with duckdb_session() as session:
        yield session


def test_enough_of_the_suite_is_judged_to_mean_something(public: Suite) -> None:
    assert len(public.every) > 2000
    assert len(public.taken) > 250
    assert len({each.file for each in public.taken}) > 20
    assert sum(each.valid for each in public.taken) > 100
    assert sum(not each.valid for each in public.taken) > 100


@pytest.mark.parametrize("engine", ENGINES)
def test_the_engine_gives_the_expected_verdict(engine: Engine, public: Suite) -> None:
    wrong = []
    for case in public.taken:
        schema = public.within.find(case.name)
        validator = compile_schema(schema, case.strictness, engine, within=public.within)
        if validator.is_valid(case.document) is not case.valid:
            wrong.append((case.file, case.what, case.instance, case.valid))
        assert bool(validator.findings(case.document)) is not case.valid
    assert not wrong


def test_the_tally_finds_what_the_referee_finds(public: Suite) -> None:
    for case in public.taken:
        schema = public.within.find(case.name)
        referee = compile_schema(schema, case.strictness, "referee", within=public.within)
        found = [(e.rule, e.severity.value, e.pointer) for e in referee.findings(case.document)]
        said = tally(case.document, schema, case.strictness, public.within)
        assert sorted(said) == sorted(found), case


def test_columns_on_duckdb_give_the_expected_verdict(public: Suite, duckdb: Session) -> None:
    fit = [
        (case, document)
        for case in public.taken
        if (
            document := held(
                case.name,
                public.within.find(case.name),
                case.document,
                case.strictness,
                public.within,
            )
        )
    ]
    assert len(fit) > 150
    # Columns cannot hold a value of the wrong type, a member that a tolerant reader lets pass, an
    # object that can have no members, or one inside itself: those few are judged by rows.
    assert sum(each.valid for each, _ in fit) > sum(each.valid for each in public.taken) - 25
    documents = [document for _, document in fit]
    row = duckdb.ibis.create_table("suite", one_row(documents), temp=True)
    found = rules(documents, row, public.within, duckdb.ibis.to_pyarrow)
    for (case, _), said in zip(fit, found, strict=True):
        assert said is None or case.valid is (not said), (case, said)
    assert found.count(None) < 5


def test_the_page_says_what_is_left_out(public: Suite) -> None:
    assert suite.PAGE.read_text(encoding="utf-8") == suite.page(public.every), (
        "run `python -m tests.validation.agreement.suite`"
    )
