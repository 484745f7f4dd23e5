"""One table of everything that engines ever disagreed about, and one verdict for each row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mfgstd.engine import Session, duckdb_session
from mfgstd.standard import Catalogue
from mfgstd.validation import ENGINES, Strictness, compile_schema
from mfgstd.validation.bulk.lines.screens import LineScreen
from mfgstd.validation.bulk.terms.constraints import NotInColumns
from mfgstd.validation.engines import Engine
from mfgstd.validation.engines.tally import tally
from mfgstd.validation.reader import read
from tests.validation.agreement.held import Held, held, one_row, rules
from tests.validation.semantics.row import slug, written
from tests.validation.semantics.table import ROWS

NUMBERED = [pytest.param(n, id=row.what.replace(" ", "-")) for n, row in enumerate(ROWS)]


@pytest.fixture(scope="module")
def within(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return written(ROWS, tmp_path_factory.mktemp("semantics"))


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Session]:
    with duckdb_session() as session:
        yield session


def wanted(number: int) -> list[str]:
    rule = ROWS[number].rule
    return [] if rule is None else [rule]


@pytest.mark.parametrize("number", NUMBERED)
@pytest.mark.parametrize("engine", ENGINES)
def test_engines_of_rows(number: int, engine: Engine, within: Catalogue) -> None:
    text = read(ROWS[number].document)
    found = [each.rule for each in text.findings]
    if text.ok:
        schema = within.find(slug(number))
        validator = compile_schema(schema, Strictness.STRICT, engine, within=within)
        assert validator.is_valid(text.value) is (not wanted(number) or bool(found))
        found += [each.rule for each in validator.findings(text.value)]
    assert found == wanted(number)


@pytest.mark.parametrize("number", NUMBERED)
def test_tallies(number: int, within: Catalogue) -> None:
    text = read(ROWS[number].document)
    found = [each.rule for each in text.findings]
    if text.ok:
        told = tally(text.value, within.find(slug(number)), Strictness.STRICT, within)
        found += [rule for rule, _, _ in told]
    assert found == wanted(number)


@pytest.mark.parametrize("number", NUMBERED)
def test_lines_in_columns(number: int, within: Catalogue, duckdb: Session) -> None:
    row = ROWS[number]
    schema = within.find(slug(number))
    try:
        screen = LineScreen(schema, Strictness.STRICT, duckdb, named=False, within=within)
    except NotInColumns:
        # What only rows can hold, only rows judge.
        assert row.schema.get("type") in {"array", "object"}
        return
    with screen:
        told = screen.screen(row.document + b"\n", first_line=1)
        # Alone a line is judged by what was learned from it; again by what is known by then.
        again = screen.screen(row.document + b"\n", first_line=1)
    for each in (told, again):
        assert each.lines == 1
        if each.suspects:
            assert each.suspects == [(1, row.document)]
            assert not each.valid
        else:
            known = [] if each.known is None else each.known["rule"].to_pylist()
            assert known == wanted(number)
            assert each.valid == (not wanted(number))


def holdable(within: Catalogue) -> list[Held]:
    """The rows of the table whose documents columns can hold, named by their numbers."""
    found = []
    for number, row in enumerate(ROWS):
        text = read(row.document)
        if text.ok and not text.findings:
            schema = within.find(slug(number))
            found.append(held(str(number), schema, text.value, Strictness.STRICT, within))
    return [each for each in found if each is not None]


def test_columns_on_duckdb(within: Catalogue, duckdb: Session) -> None:
    documents = holdable(within)
    assert len(documents) > 100
    row = duckdb.ibis.create_table("semantics", one_row(documents), temp=True)
    for each, said in zip(
        documents, rules(documents, row, within, duckdb.ibis.to_pyarrow), strict=True
    ):
        assert said == wanted(int(each.name)), ROWS[int(each.name)].what
