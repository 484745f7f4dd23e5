"""Every engine says the same of 5,000 documents of all schemas, each hurt in 40 ways.

All is judged strictly by every engine, the referee included: it takes most of the time. A tenth of
it is judged tolerantly, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyarrow as pa
import pytest

from mfgstd.engine import Session, duckdb_session
from mfgstd.standard import Resolved, catalogue
from mfgstd.validation import Strictness, compile_schema
from mfgstd.validation.bulk.lines.screens import LineScreen
from mfgstd.validation.bulk.tables.arrow_type import arrow_type
from mfgstd.validation.bulk.terms.constraints import NotInColumns, counted, terms
from mfgstd.validation.engines.tally import tally
from tests.validation.agreement import hurting, pool
from tests.validation.agreement.law import UNREADABLE, Judged, Law, patterned
from tests.validation.arrow_columns import column, fits

#: Documents of each schema that are judged tolerantly.
_TOLERANT = 6


class Bench(NamedTuple):
    """All hurt documents of one schema, judged by the referee."""

    schema: Resolved
    strictness: Strictness
    cases: list[Judged]


# One schema after the other, so that only one is in memory: pytest groups by such a fixture. The
# referee judges each once: of several processes only one has it.
@pytest.fixture(
    scope="module",
    params=[
        pytest.param((each, how), id=name, marks=pytest.mark.xdist_group(name))
        for each in pool.SCHEMAS
        for how in Strictness
        for name in [f"{pool.name(each)}-{how}"]
    ],
)
def bench(request: pytest.FixtureRequest) -> Bench:
    schema_id, strictness = request.param
    schema = catalogue().get(schema_id)
    count = pool.PER_SCHEMA if strictness is Strictness.STRICT else _TOLERANT
    hurt = [
        each
        for number, document in enumerate(pool.documents(schema_id, count))
        for each in hurting.hurt(schema, document, number)
    ]
    law = Law(schema, strictness)
    return Bench(schema, strictness, [law.judged(each) for each in hurt])


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Session]:
    with duckdb_session() as session:
        yield session


def none(disagreements: Iterable[str]) -> None:
    """Fail with the first few, each with its document, what was done to it, and who said what."""
    listed = list(disagreements)
    assert not listed, f"{len(listed)} disagreements\n" + "\n".join(listed[:5])


def test_there_are_five_thousand_documents_and_forty_mutations() -> None:
    assert len(pool.SCHEMAS) * pool.PER_SCHEMA >= 5000
    assert hurting.KINDS == 40
    schema = catalogue().find("alarm")
    (document,) = pool.documents(schema.id, 1)
    assert len({each.what for each in hurting.hurt(schema, document, 0)}) == 40


def test_documents_are_the_same_in_every_run(bench: Bench) -> None:
    again = pool.documents(bench.schema.id, 3)
    texts = [
        each.text
        for number, document in enumerate(again)
        for each in hurting.hurt(bench.schema, document, number)
    ]
    assert texts == [each.hurt.text for each in bench.cases[: len(texts)]]


def test_a_document_written_otherwise_is_judged_as_before(bench: Bench) -> None:
    # Every forty cases are one document: first as it was, then the equivalent ones.
    for start in range(0, len(bench.cases), hurting.KINDS):
        first, *others = bench.cases[start : start + hurting.EQUIVALENT]
        assert first.by_schema, first.hurt
        for each in others:
            assert each.findings == first.findings, each.hurt


def test_most_of_what_is_aimed_at_a_schema_is_invalid_and_not_all_else(bench: Bench) -> None:
    aimed = [each for each in bench.cases if each.hurt.what.startswith("aimed")]
    if bench.strictness is Strictness.STRICT:
        assert not any(each.by_schema for each in aimed)
    assert not all(each.by_schema for each in aimed)
    assert any(each.by_schema for each in bench.cases)


def test_row_engines_agree_with_the_referee(bench: Bench) -> None:
    row, python = (
        compile_schema(bench.schema, bench.strictness, each) for each in ("row", "fastjsonschema")
    )
    none(
        f"{each.hurt}\n  referee {each.findings}, row {verdicts[0]}, fastjsonschema {verdicts[1]}"
        for each in bench.cases
        if each.value is not UNREADABLE
        and (verdicts := (row.is_valid(each.value), python.is_valid(each.value)))
        != (each.by_schema, each.by_schema)
    )


def test_the_tally_is_what_the_referee_and_the_rules_find(bench: Bench) -> None:
    none(
        f"{each.hurt}\n  referee {each.findings}\n  tally {said}"
        for each in bench.cases
        if each.value is not UNREADABLE
        and (said := tuple(sorted(tally(each.value, bench.schema, bench.strictness))))
        != each.findings
    )


def test_columns_count_what_the_referee_and_the_rules_find(bench: Bench, duckdb: Session) -> None:
    kind = arrow_type(bench.schema)
    fit = [
        each
        for each in bench.cases
        if kind is not None and each.value is not UNREADABLE and fits(kind, each.value)
    ]
    if not fit:
        assert bench.schema.slug in _NOT_IN_COLUMNS
        return
    rows = pa.table({"row": range(len(fit)), "this": column(kind, [e.value for e in fit])})
    table = duckdb.ibis.create_table(f"{bench.schema.slug}-{bench.strictness}", rows, temp=True)
    asked = terms(bench.schema, table["this"], bench.strictness)
    known = [(each.rule, each.severity, each.pointer) for each in asked]
    answers = counted(table, asked, "row").to_pyarrow().to_pylist()
    duckdb.ibis.drop_table(f"{bench.schema.slug}-{bench.strictness}")
    assert len(answers) == len(fit)
    disagreements = []
    for answer in answers:
        each = fit[answer["row"]]
        said: Counter[tuple[str, str, str]] = Counter()
        for number, term in enumerate(known):
            said[term] += answer[f"t{number}"]
        law = patterned(each.findings, known)
        if +said != law:
            disagreements.append(
                f"{each.hurt}\n  only referee {law - said}, only columns {said - law}"
            )
    none(disagreements)


#: Of these no document can be held: each member has a schema of its own.
_NOT_IN_COLUMNS = {"cloud-event", "extensions"}


def test_lines_are_screened_as_the_referee_and_the_rules_judge(
    bench: Bench, duckdb: Session
) -> None:
    if not bench.schema.is_entity:
        return
    try:
        screen = LineScreen(bench.schema, bench.strictness, duckdb, named=False)
    except NotInColumns:
        return
    with screen:
        told = screen.screen(b"\n".join(each.hurt.text for each in bench.cases), first_line=1)
    assert told.lines == len(bench.cases)
    suspects = {line for line, _ in told.suspects}
    known: dict[int, list[tuple[str, str, str]]] = {}
    for row in told.known.to_pylist() if told.known else ():
        known.setdefault(row["line"], []).append((row["rule"], row["severity"], row["pointer"]))
    assert not known.keys() & suspects
    screened = [(n, each) for n, each in enumerate(bench.cases, 1) if n not in suspects]
    none(
        f"{each.hurt}\n  referee {each.findings}\n  lines {known.get(line, [])}"
        for line, each in screened
        if tuple(sorted(known.get(line, ()))) != each.findings
    )
    assert told.valid == sum(each.valid for _, each in screened)
