"""Objects and instants that are no columns of their own, and instants by the engine's calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfgstd.engine import Session, duckdb_session
from mfgstd.expression import Shapes, values
from mfgstd.expression.column_functions import seconds, timestamp
from mfgstd.expression.columns import outcome
from mfgstd.expression.types import Type
from mfgstd.expression.values import Undefined
from mfgstd.expression.virtual import Instant, Virtual
from mfgstd.standard.catalogue import catalogue
from tests.expression.conftest import compiled


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with duckdb_session(threads=1) as opened:
        yield opened


def _in_rows(text: str) -> int | None:
    try:
        return values.timestamp(text)
    except Undefined:
        return None


#: Texts that look like instants, on both sides of every border that the columns know.
YEARS = (
    *("0000", "1677", "1678", "1899", "1908", "1909", "1970"),
    *("2024", "2198", "2199", "2262", "2554", "2555", "9999"),
)
DAYS = ("01-01", "02-29", "02-30", "12-31", "13-01", "00-10", "04-31")
TIMES = ("00:00:00", "23:59:59", "23:59:60", "24:00:00", "12:60:00", "99:99:99", "1:00:00")
FRACTIONS = ("", ".0", ".5", ".123456789", ".1234567890", ".", ".999999999")
OFFSETS = ("Z", "+09:00", "-00:30", "+23:59", "+99:99", "", "z", "+0900", "Z ")
TEXTS = st.builds(
    "{}-{}T{}{}{}".format, *map(st.sampled_from, (YEARS, DAYS, TIMES, FRACTIONS, OFFSETS))
) | st.sampled_from(["", "가", " 2024-03-05T00:00:00Z", "2024-3-05T00:00:00.1Z", "20240305T00Z"])


@settings(max_examples=25)
@given(texts=st.lists(TEXTS, min_size=20, max_size=60))
def test_instants_are_counted_alike_by_the_calendar_and_by_the_digits(
    texts: list[str], session: Session
) -> None:
    table = ibis.memtable(pa.table({"row": range(len(texts)), "text": texts}))
    asked = table.mutate(said=timestamp(table.text)).order_by("row")
    said = session.ibis.to_pyarrow(asked)["said"].to_pylist()
    assert [None if each is None else int(each) for each in said] == list(map(_in_rows, texts))


@settings(max_examples=15)
@given(pairs=st.lists(st.tuples(TEXTS, TEXTS), min_size=20, max_size=60))
def test_seconds_between_instants_are_the_same_doubles(
    pairs: list[tuple[str, str]], session: Session
) -> None:
    table = ibis.memtable(
        pa.table({"row": range(len(pairs)), "a": [a for a, _ in pairs], "b": [b for _, b in pairs]})
    )
    asked = table.mutate(said=seconds(table.a, table.b)).order_by("row")
    said = session.ibis.to_pyarrow(asked)["said"].to_pylist()
    wanted = []
    for start, end in pairs:
        known = _in_rows(start) is not None and _in_rows(end) is not None
        wanted.append(values.seconds(start, end) if known else None)
    assert said == wanted


def _instant(table: Any, name: str, session: Session, nanoseconds: Any = None) -> Instant:
    column = table[name]
    return Instant(session.microseconds(column), column.notnull(), nanoseconds, column)


@pytest.mark.parametrize("year", [1, 1677, 1899, 1910, 1969, 2024, 2199, 2300, 9999])
def test_an_instant_stands_for_its_text(session: Session, year: int) -> None:
    when = dt.datetime(year, 2, 28, 23, 59, 58, 120_000, tzinfo=dt.UTC)
    later = dt.datetime(2024, 2, 29, tzinfo=dt.UTC)
    table = ibis.memtable(
        pa.table(
            {
                "when": pa.array([when], pa.timestamp("us", "UTC")),
                "later": pa.array([later], pa.timestamp("us", "UTC")),
                "below": pa.array([7], pa.int16()),
            }
        )
    )
    first = _instant(table, "when", session, table.below)
    second = _instant(table, "later", session)
    asked = table.select(
        text=first.text, plain=second.text, at=timestamp(first), between=seconds(first, second)
    )
    (said,) = session.ibis.to_pyarrow(asked).to_pylist()
    text = f"{year:04d}-02-28T23:59:58.120000007Z"
    assert (said["text"], said["plain"]) == (text, "2024-02-29T00:00:00Z")
    assert (None if said["at"] is None else int(said["at"])) == _in_rows(text)
    if said["at"] is not None:
        assert said["between"] == values.seconds(text, "2024-02-29T00:00:00Z")


def test_what_a_table_has_not_is_absent(session: Session, shapes: Shapes) -> None:
    table = ibis.memtable(pa.table({"status": ["bad", "good", None]}))
    quality = Virtual({"status": table.status}, ibis.literal(True))
    this = Virtual({"quality": quality}, ibis.literal(True))
    types: dict[str, Type] = {"this": shapes.document(catalogue().find("observation"))}
    for expression, said in (
        ("this.quality.status == 'bad'", ["true", "false", "error"]),
        ("has(this.value) && this.value.number > 0.0", ["false"] * 3),
        ("has(this.value.number)", ["error"] * 3),
        ("this.sequence > 0", ["error"] * 3),
        ("has(this.interval) || timestamp(this.eventTime) > 0", ["error"] * 3),
    ):
        tree = compiled(expression, types, shapes)
        asked = table.mutate(said=outcome(tree, {"this": this}))
        assert session.ibis.to_pyarrow(asked)["said"].to_pylist() == said, expression


@pytest.mark.parametrize(
    ("pattern", "function"),
    [
        (r"\A(a|b)\z", "REGEXP_FULL_MATCH"),
        (r"\A(a)|(b)\z", "REGEXP_MATCHES"),
        (r"\A([)]a\))\z", "REGEXP_FULL_MATCH"),
        (r"a|b", "REGEXP_MATCHES"),
    ],
)
def test_a_pattern_of_the_whole_text_is_asked_as_one(
    session: Session, pattern: str, function: str
) -> None:
    table = ibis.memtable(pa.table({"text": ["a", "b", "ab", ")a)", "a\n"]}))
    asked = table.select(said=table.text.re_search(pattern))
    assert function in session.ibis.compile(asked)
    plain = ibis.duckdb.connect()
    assert session.ibis.to_pyarrow(asked) == plain.to_pyarrow(asked)
