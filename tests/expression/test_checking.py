"""What does not compile: the error, where it is, and what to do; one row for each kind."""

# ruff: noqa: E501 - a table reads best with one law on each line

from __future__ import annotations

import pytest

from mfgstd.errors import ExpressionError
from mfgstd.expression import Scope, Shapes, compile_expression
from mfgstd.expression.parsing import DEEPEST, parse
from mfgstd.expression.types import BOOL
from mfgstd.language import LANGUAGES
from mfgstd.standard.catalogue import catalogue

REFUSED = [
    ("has(this.value) &&", 19, "Expected a value"),
    ("this.valeu == 1.0", 6, "no field"),
    ("thsi.value == 1.0", 1, "no name"),
    ("this.value.number > 0.0", 6, "may be absent"),
    ("has(this.value) || this.value.number > 0.0", 25, "may be absent"),
    ("size(this.dataItem) > 1.0", 21, "int on one side"),
    ("this.eventTime > 1.0", 16, "string on one side"),
    ("timestamp(this.eventTime) / 2 > 0", 27, "does not take"),
    ("has(this.value) && has(this.value.number) && 1.0 / this.value.number > 0.0", 63, "may be zero"),
    ("1.0 / 0.0 > 0.0", 7, "divides by zero"),
    ("this.quality", 1, "not a bool"),
    ("this.quality == this.quality", 14, "Only scalars"),
    ("sizes(this.dataItem) > 1", 1, "no function"),
    ("this.dataItem.matches('a.*')", 23, "anchored"),
    ("this.dataItem.matches('^(\\\\d)$')", 25, "differently"),
    ("null == 1.0", 1, "no null"),
    ("this.dataItem == 'a' ? true : 1.0", 22, "double on the other"),
    ("measures(this.dataItem, 'lenght')", 25, "no quantity"),
    ("1e999 > 0.0", 1, "too large"),
    ("has(this)", 1, "It is written"),
    ("exists(plan)", 8, "no optional partner"),
    ("this.dataItem.all(c, true)", 15, "does not take"),
    ("[1.0, 'a'].exists(c, true)", 7, "on the other"),
    ("[1.0].exists(this, true)", 14, "is taken"),
    ("'abc", 1, "does not belong"),
    ("5 % 2 == 1", 3, "no operator"),
    ("'\\ud800' == 'a'", 2, "surrogate"),
]  # fmt: skip


@pytest.fixture(scope="module")
def scope() -> Scope:
    shapes = Shapes(catalogue())
    return Scope(shapes, {"this": shapes.document(catalogue().find("Observation"))})


@pytest.mark.parametrize(("text", "column", "said"), REFUSED, ids=[each[0] for each in REFUSED])
def test_a_wrong_expression_says_what_and_where(
    text: str, column: int, said: str, scope: Scope
) -> None:
    with pytest.raises(ExpressionError) as refused:
        compile_expression(text, scope, BOOL)
    assert (refused.value.column, said in refused.value.say("en")) == (column, True), refused.value
    assert all(refused.value.say(language) for language in LANGUAGES)


GUARDED = [
    "has(this.value) && has(this.value.number) && this.value.number > 0.0",
    "!has(this.unit) || this.unit != ''",
    "has(this.unit) ? this.unit != '' : true",
    "!(has(this.unit) && this.unit == 'x')",
    "(!has(this.unit) ? false : this.unit == 'mm') || true",
    "has(this.value) && has(this.value.number) && this.value.number != 0.0 && 1.0 / this.value.number > 0.0",
    "!has(this.value) || !has(this.value.number) || this.value.number <= 0.0 || 1.0 / this.value.number > 0.0",
    "size(this.dataItem) > 0 && 1.0 / double(size(this.dataItem)) < 1.0",
    "1.0 / 3.0 < 1.0",
]


@pytest.mark.parametrize("text", GUARDED)
def test_a_guard_lets_through_what_it_guards(text: str, scope: Scope) -> None:
    assert compile_expression(text, scope, BOOL).type == BOOL


@pytest.mark.parametrize("text", ["(" * 500 + "1" + ")" * 500, "&&".join(["a"] * 900), "!" * 999])
def test_a_hostile_text_is_refused_and_not_recursed_into(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_a_deep_expression_still_becomes_python(scope: Scope) -> None:
    """Python bounds nested parentheses; what the parser lets through must stay below that."""
    from mfgstd.expression import predicate

    text = "(" * (DEEPEST - 2) + "has(this.unit)" + ")" * (DEEPEST - 2)
    assert predicate(compile_expression(text, scope), ["this"])({}) is False
    chain = " && ".join(["!has(this.unit)"] * (DEEPEST - 4))
    assert predicate(compile_expression(chain, scope), ["this"])({}) is True


def test_the_branch_of_a_union_is_known_by_its_constant() -> None:
    from mfgstd.standard.resolved import Union

    tagged = [each for each in catalogue() if isinstance(each.node, Union)]
    assert tagged, "the standard has unions"
    shapes = Shapes(catalogue())
    value = next(each for each in tagged if each.name == "Value")
    fields = shapes.fields(shapes.document(value))
    assert fields is not None
    assert not any(each.required for each in fields.fields.values())
