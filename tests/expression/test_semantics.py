"""One table of what expressions mean; every lowering must say the same, each row is a law."""

# ruff: noqa: E501 - a table reads best with one law on each line

from __future__ import annotations

from typing import Any

import pytest

from mfgstd.expression import Shapes, evaluator
from mfgstd.expression.row import FAILURES
from mfgstd.expression.types import DOUBLE, STRING, ListOf, Record, Type
from mfgstd.standard.catalogue import catalogue
from tests.expression.conftest import Judge, compiled, in_rows

#: ``this`` is an observation, ``x`` and ``y`` doubles, ``s`` a text, ``l`` a list of doubles.
TYPES: dict[str, Type] = {
    "this": Record("Observation"),
    "x": DOUBLE,
    "y": DOUBLE,
    "s": STRING,
    "l": ListOf(DOUBLE),
}
BASE: dict[str, Any] = {"this": {}, "x": 1.0, "y": 0.0, "s": "가공", "l": [1, 2.5, -3]}

TABLE: list[tuple[str, dict[str, Any], bool | None]] = [
    # Korean text: code points, and no normalisation.
    ("size(s) == 2", {}, True),
    ("size(s) == 2", {"s": "가공".encode().decode()}, True),
    ("size(s) == 1", {"s": "🏭"}, True),
    ("s == '가'", {"s": "\u1100\u1161"}, False),
    ("size(s) == 2", {"s": "\u1100\u1161"}, True),
    ("s.startsWith('가') && s.endsWith('공') && s.contains('공')", {}, True),
    ("s < '나'", {}, True),
    ("s < 'z'", {}, False),
    # By code point and not by UTF-16 unit: U+1F3ED comes after U+FF21.
    ("'Ａ' < s", {"s": "🏭"}, True),
    ("s.matches('^([가-힣]+)$')", {}, True),
    ("s.matches('^(abc)$')", {"s": "abc\n"}, False),
    ("s.matches('^(a|b)$')", {"s": "ab"}, False),
    ("s in ['가공', 'x']", {}, True),
    ("s + '품' == '가공품'", {}, True),
    # Whole numbers of 64 bits, never by way of a double.
    ("this.value.integer > 18446744073709551614", {"this": {"value": {"integer": str(2**64 - 1)}}}, True),
    ("this.value.integer == 9007199254740992", {"this": {"value": {"integer": "9007199254740993"}}}, False),
    ("this.value.integer + 1 > 0", {"this": {"value": {"integer": str(2**64 - 1)}}}, None),
    ("this.value.integer * 2 > 0", {"this": {"value": {"integer": str(2**64 - 1)}}}, None),
    ("-this.value.integer < 0", {"this": {"value": {"integer": str(2**63)}}}, True),
    ("-this.value.integer < 0", {"this": {"value": {"integer": str(2**63 + 1)}}}, None),
    ("this.value.integer > 0", {"this": {"value": {"integer": "99999999999999999999"}}}, None),
    ("text(this.value.integer) == '-42'", {"this": {"value": {"integer": "-42"}}}, True),
    ("double(this.value.integer) == 9007199254740992.0", {"this": {"value": {"integer": "9007199254740993"}}}, True),
    ("this.sequence == 9007199254740993", {"this": {"sequence": 9007199254740993}}, True),
    # An integer may be written as 7.0, and stands next to doubles as one.
    ("this.sequence == 7", {"this": {"sequence": 7.0}}, True),
    ("x == 1.0 && x + 0.5 == 1.5", {"x": 1}, True),
    ("x == 9007199254740992.0", {"x": 9007199254740993}, True),
    ("0.1 + 0.2 == 0.3", {}, False),
    ("near(0.1 + 0.2, 0.3, 1e-9)", {}, True),
    ("y == -0.0", {}, True),
    # Missing optional fields: has() asks, reading is an error.
    ("has(this.value)", {}, False),
    ("has(this.value) && this.value.number > 0.0", {}, False),
    ("this.value.number > 0.0", {}, None),
    ("has(this.value.number)", {}, None),
    ("has(this.value.number)", {"this": {"value": {"text": "a"}}}, False),
    ("!has(this.value) || this.value.number > 0.0", {"this": {"value": {"number": 2}}}, True),
    # Errors: absorbed by && and ||, on either side.
    ("this.value.number > 0.0 || true", {}, True),
    ("true || this.value.number > 0.0", {}, True),
    ("this.value.number > 0.0 && false", {}, False),
    ("this.value.number > 0.0 && true", {}, None),
    ("!(this.value.number > 0.0)", {}, None),
    ("this.value.number > 0.0 ? true : true", {}, None),
    ("x > 0.0 ? true : this.value.number > 0.0", {}, True),
    # Divisors of zero, and results that no double can hold.
    ("x / y > 0.0", {}, None),
    ("y / y == 0.0", {}, None),
    ("y != 0.0 && x / y > 0.0", {}, False),
    ("x / y > 0.0 && y != 0.0", {}, False),
    ("y == 0.0 || x / y > 0.0", {}, True),
    ("y == 0.0 || x / y > 0.0", {"y": -0.0}, True),
    ("y == 0.0 ? true : x / y > 0.0", {}, True),
    ("y == 0.0 ? x / y > 0.0 : true", {}, None),
    ("has(this.value) ? this.value.number / y > 0.0 : true", {}, True),
    ("x / y > 0.0", {"y": -0.0}, None),
    ("x * 10.0 > 0.0", {"x": 1.7e308}, None),
    ("x + x > 0.0", {"x": 1.7e308}, None),
    ("x / 3.0 < 0.34", {}, True),
    # Lists.
    ("l.all(e, e > -4.0)", {}, True),
    ("l.all(e, e > 0.0)", {}, False),
    ("l.exists(e, e == 2.5) && l.exists_one(e, e < 0.0)", {}, True),
    ("l.exists_one(e, e > 0.0)", {}, False),
    ("l.all(e, 1.0 / e > 0.0)", {"l": [0, -1]}, False),
    ("l.all(e, 1.0 / e > 0.0)", {"l": [0, 1]}, None),
    ("l.exists(e, 1.0 / e > 0.0)", {"l": [0, 1]}, True),
    ("l.exists(e, 1.0 / e > 0.0)", {"l": [0, -1]}, None),
    ("l.exists_one(e, 1.0 / e > 0.0)", {"l": [0, 1]}, None),
    ("size(l.map(e, 1.0 / e)) == 2", {"l": [0, 1]}, None),
    ("size(l.filter(e, 1.0 / e > 0.0)) == 1", {"l": [0, 1]}, None),
    ("sum(l) == 0.5 && min(l) == -3.0 && max(l) == 2.5", {}, True),
    ("sum(l) == 0.0", {"l": []}, True),
    ("min(l) > 0.0", {"l": []}, None),
    ("max(l) > 0.0", {"l": []}, None),
    ("l.all(e, false)", {"l": []}, True),
    ("l.exists(e, true)", {"l": []}, False),
    ("l[0] == 1.0 && l[2] == -3.0", {}, True),
    ("l[3] == 1.0", {}, None),
    ("l[-1] == 1.0", {}, None),
    ("l.filter(e, e > 0.0).map(e, e * 2.0).all(e, l.exists(f, f * 2.0 == e))", {}, True),
    ("l.all(e, l.all(f, l.exists(g, g == e && f == f)))", {}, True),
    ("2.5 in l && !(7.0 in l)", {}, True),
    # Time: nanoseconds, offsets, leap seconds, and texts that are none.
    ("timestamp(s) == 0", {"s": "1970-01-01T00:00:00Z"}, True),
    ("timestamp(s) == -1", {"s": "1969-12-31T23:59:59.999999999Z"}, True),
    ("timestamp(s) == 1709624096123456789", {"s": "2024-03-05T16:34:56.123456789+09:00"}, True),
    ("timestamp(s) == timestamp('2024-02-29T15:00:00Z')", {"s": "2024-03-01T00:00:00+09:00"}, True),
    ("timestamp(s) == timestamp('2016-12-31T23:59:59.999999999Z')", {"s": "2016-12-31T23:59:60Z"}, True),
    ("timestamp(s) < 0", {"s": "1900-03-01T00:00:00Z"}, True),
    ("timestamp(s) > 0", {"s": "2024-03-05"}, None),
    ("timestamp(s) > 0", {"s": "2024-13-05T00:00:00Z"}, None),
    ("timestamp(s) > 0", {"s": "9999-12-31T23:59:59Z"}, None),
    ("timestamp(s) > 0", {"s": "2024-03-05T00:00:00Z\n"}, None),
    ("seconds('2024-03-05T00:00:00Z', s) == 0.5", {"s": "2024-03-05T00:00:00.5Z"}, True),
    ("seconds(s, '1970-01-01T00:00:00Z') > 0.0", {"s": "가"}, None),
    # Tables of the standard.
    ("transition('packml', 'idle', 'starting') && !transition('packml', 'idle', 'execute')", {}, True),
    ("reachable('packml', 'idle', 'execute')", {}, True),
    ("transition('packml', 'idle', s)", {"s": "no_such_state"}, None),
    ("convert(x, '[in_i]', 'mm') == 25.4", {}, True),
    ("convert(x, 'mm', s) > 0.0", {"s": "kg"}, None),
    ("measures('mm', s)", {"s": "lenght"}, None),
    ("measures(s, 'length')", {"s": "no such"}, True),
    ("measures('mm', s)", {"s": "https://plant.example.co.kr/quantities/beauty"}, True),
    ("commensurable('mm', s) && measures('mm', 'length') && known_unit('mm')", {"s": "no such"}, True),
    ("abs(x - 3.0) == 2.0 && abs(-5) == 5", {}, True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "given", "said"), TABLE, ids=[each[0] for each in TABLE])
def test_an_expression_means_the_same_in_rows_and_columns(
    text: str, given: dict[str, Any], said: bool | None, shapes: Shapes, in_columns: Judge
) -> None:
    shapes.document(catalogue().find("Observation"))
    tree = compiled(text, TYPES, shapes)
    rows = [{**BASE, **given}]
    assert in_rows(tree, TYPES, rows) == [said]
    assert in_columns(tree, TYPES, rows) == [said]


def test_a_value_that_fails_raises_only_what_is_declared(shapes: Shapes) -> None:
    read = evaluator(compiled("x / y", TYPES, shapes), ["x", "y"])
    with pytest.raises(FAILURES):
        read(1.0, 0.0)


def test_no_shape_of_document_gets_past_a_rule_as_an_exception(shapes: Shapes) -> None:
    """Rules run on documents that passed their schema; even on others they end in an error."""
    shapes.document(catalogue().find("Observation"))
    tree = compiled("has(this.value) && this.value.number / x > 0.0", TYPES, shapes)
    wrong: list[Any] = [
        None,
        [],
        "a",
        1,
        {"value": None},
        {"value": {"number": "x"}},
        {"value": []},
    ]
    for this in wrong:
        (said,) = in_rows(tree, TYPES, [{**BASE, "this": this}])
        assert said is not True
