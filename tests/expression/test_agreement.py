"""Random expressions over random rows: Google's CEL, the row lowering and DuckDB say the same.

Where ours means something else on purpose it is left out: an overflowing double is an error of
ours and an infinity of CEL's, and the optional fields of objects are maps without types to CEL.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mfgstd.expression import Shapes
from mfgstd.expression.codec import decode, encode
from mfgstd.expression.types import BOOL, DOUBLE, STRING, ListOf, Type
from tests.expression.conftest import Judge, compiled, in_rows

TYPES: dict[str, Type] = {
    "x": DOUBLE, "y": DOUBLE, "s": STRING, "t": STRING, "b": BOOL, "l": ListOf(DOUBLE),
    "w": ListOf(STRING),
}  # fmt: skip

NUMBERS = st.sampled_from([0.0, 1.0, -1.0, 0.5, 3.0, 1e-3, 1e9, 0.1, -2.25])
TEXTS = st.sampled_from(["", "a", "ab", "가", "가공", "\u1100\u1161", "🏭", "Ａ", "b"])

METHODS = st.sampled_from(["startsWith", "endsWith", "contains"])

ROW = st.fixed_dictionaries(
    {
        "x": NUMBERS, "y": NUMBERS, "s": TEXTS, "t": TEXTS, "b": st.booleans(),
        "l": st.lists(NUMBERS, max_size=3), "w": st.lists(TEXTS, max_size=3),
    }
)  # fmt: skip


def number(depth: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["x", "y", *names]) | NUMBERS.filter(lambda n: n >= 0).map(repr)
    if depth == 0:
        return leaf
    inner = number(depth - 1, names)
    return leaf | st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("(-{})".format, inner),
        st.builds("({} ? {} : {})".format, truth(depth - 1, names), inner, inner),
        st.builds("l[{}]".format, st.integers(0, 2)),
        st.builds("double(size({}))".format, text(depth - 1)),
    )


def text(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["s", "t", "w[0]"]) | TEXTS.map(lambda t: f"'{t}'")
    if depth == 0:
        return leaf
    return leaf | st.builds("({} + {})".format, text(depth - 1), text(depth - 1))


def truth(depth: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["b", "true", "false"])
    if depth == 0:
        return leaf
    inner, numbers, texts = truth(depth - 1, names), number(depth - 1, names), text(depth - 1)
    compares = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    name = f"v{depth}"
    body = truth(depth - 1, (*names, name))
    return st.one_of(
        leaf,
        st.builds("({} {} {})".format, numbers, compares, numbers),
        st.builds("({} {} {})".format, texts, compares, texts),
        st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||", "==", "!="]), inner),
        st.builds("(!{})".format, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("({} in {})".format, numbers, st.just("l")),
        st.builds("({} in w)".format, texts),
        st.builds("{}.{}({})".format, texts, METHODS, texts),
        st.builds(
            lambda macro, inside: f"l.{macro}({name}, {inside})",
            st.sampled_from(["all", "exists", "exists_one"]),
            body,
        ),
        st.builds(
            lambda inside, less: f"l.filter({name}, {inside}).exists(z{depth}, z{depth} > {less})",
            body,
            numbers,
        ),
        st.builds(
            lambda made: f"(x in l.map({name}, {made}))",
            number(depth - 1, (*names, name)),
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def by_google() -> Any:
    """What Google's implementation says of each row: true, false or an error."""
    cel = pytest.importorskip("cel_expr_python.cel")
    kinds = cel.Type
    env = cel.NewEnv(
        variables={
            "x": kinds.DOUBLE, "y": kinds.DOUBLE, "s": kinds.STRING, "t": kinds.STRING,
            "b": kinds.BOOL, "l": kinds.List(kinds.DOUBLE), "w": kinds.List(kinds.STRING),
        }
    )  # fmt: skip

    def judge(expression: str, rows: list[Mapping[str, Any]]) -> list[bool | None]:
        program = env.compile(expression)
        said: list[bool | None] = []
        for row in rows:
            value = program.eval(data=dict(row)).value()
            said.append(value if isinstance(value, bool) else None)
        return said

    return judge


def _divides_or_overflows(expression: str) -> bool:
    """CEL's doubles divide by zero into infinity; ours do not, so those have their own table."""
    return "/" in expression


@settings(max_examples=150)
@given(expression=truth(3), rows=st.lists(ROW, min_size=1, max_size=4))
def test_rows_agree_with_google(
    expression: str, rows: list[Mapping[str, Any]], shapes: Shapes, by_google: Any
) -> None:
    if _divides_or_overflows(expression):
        return
    tree = compiled(expression, TYPES, shapes)
    assert in_rows(tree, TYPES, rows) == by_google(expression, rows)


@settings(max_examples=120)
@given(expression=truth(3), rows=st.lists(ROW, min_size=1, max_size=6))
def test_columns_agree_with_rows(
    expression: str, rows: list[Mapping[str, Any]], shapes: Shapes, in_columns: Judge
) -> None:
    tree = compiled(expression, TYPES, shapes)
    assert in_columns(tree, TYPES, rows) == in_rows(tree, TYPES, rows)


@settings(max_examples=200)
@given(expression=truth(4))
def test_a_tree_comes_back_from_json_as_it_was(expression: str, shapes: Shapes) -> None:
    import json

    tree = compiled(expression, TYPES, shapes)
    assert decode(json.loads(json.dumps(encode(tree)))) == tree


def test_an_infinite_result_is_an_error_where_cel_goes_on(shapes: Shapes, by_google: Any) -> None:
    """The one difference from CEL that is meant: a division by zero is never a number."""
    row = {"x": 1.0, "y": 0.0, "s": "", "t": "", "b": True, "l": [], "w": []}
    assert by_google("x / y > 0.0", [row]) == [True]
    assert in_rows(compiled("x / y > 0.0", TYPES, shapes), TYPES, [row]) == [None]
