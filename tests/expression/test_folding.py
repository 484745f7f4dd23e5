"""Folding: fewer operations, the same values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.expr.operations import Field

from mfgstd.engine.dialect import Compiler
from mfgstd.expression.folding import folded

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = [
    {"b": b, "c": c, "n": n}
    for b in (True, False, None)
    for c in (True, False, None)
    for n in (1, 2, None)
]
TABLE = ibis.table({"b": "boolean", "c": "boolean", "n": "int64"}, name="rows")


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Any]:
    connection = ibis.duckdb.connect()
    connection.compiler = Compiler()
    connection.create_table("rows", pa.Table.from_pylist(ROWS, TABLE.schema().to_pyarrow()))
    yield connection
    connection.disconnect()


def numbers() -> st.SearchStrategy[Any]:
    given_ = st.sampled_from([TABLE.n, ibis.null("int64"), ibis.literal(1, "int64")])
    return given_ | given_.map(lambda each: each.cast("decimal(38, 0)"))


LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([TABLE.b, TABLE.c, *map(ibis.literal, (True, False)), ibis.null("boolean")]),
    numbers().map(lambda each: each.isnull()),
    numbers().map(lambda each: each.notnull()),
    st.tuples(numbers(), numbers()).map(lambda two: two[0] < two[1]),
    st.tuples(numbers(), numbers()).map(lambda two: two[0] == two[1]),
    st.tuples(numbers(), numbers()).map(lambda two: two[0].identical_to(two[1])),
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda each: ~each),
        inner.map(lambda each: each.isnull()),
        st.tuples(inner, inner).map(lambda two: two[0] & two[1]),
        st.tuples(inner, inner).map(lambda two: two[0] | two[1]),
        st.tuples(inner, inner).map(lambda two: ibis.coalesce(*two)),
        st.tuples(inner, inner, inner).map(lambda each: ibis.ifelse(*each)),
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(column=EXPRESSIONS)
def test_a_folded_column_has_the_same_values(duckdb: Any, column: Any) -> None:
    both = TABLE.select(was=column, now=folded(column))
    for row in duckdb.to_pyarrow(both).to_pylist():
        assert row["was"] is row["now"]


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (~(TABLE.n < ibis.null("int64")).fill_null(True), False),
        (ibis.null("int64").notnull() & (TABLE.n > 1), False),
        ((TABLE.n > 1) | ibis.literal(1, "int64").notnull(), True),
        (ibis.ifelse(True, ibis.null("int64").isnull(), TABLE.b), True),
    ],
)
def test_what_literals_decide_is_a_literal(column: Any, says: bool) -> None:
    assert folded(column).op().value is says


def test_only_what_is_undecided_is_still_read() -> None:
    absent = ibis.null("int64")
    column = (TABLE.n < absent).fill_null(False) | (absent.notnull() & TABLE.b) | TABLE.c
    assert {each.name for each in folded(column).op().find(Field)} == {"c"}
