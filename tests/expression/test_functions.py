"""The table of functions is whole, and what it leans on compiles."""

from __future__ import annotations

import inspect

import pytest

from mfgstd.expression.functions import FUNCTIONS, Function
from mfgstd.expression.tables import computed
from mfgstd.standard.kpi import kpis


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda each: each.name)
def test_a_function_has_both_implementations_and_both_languages(function: Function) -> None:
    assert function.does.en.endswith(".")
    assert function.does.ko.endswith(".")
    for implementation in (function.in_rows, function.in_columns):
        assert len(inspect.signature(implementation).parameters) == len(function.takes)


@pytest.mark.parametrize("code", kpis())
def test_a_kpi_has_a_value_for_ones_and_none_without_its_elements(code: str) -> None:
    names = [each.element for each in kpis()[code].elements]
    every_other = [1.0 + index for index in range(len(names))]
    assert computed(code, names, every_other) is not None
    assert computed(code, names[1:], every_other[1:]) is None


def test_a_kpi_with_a_divisor_of_zero_has_no_value() -> None:
    assert computed("iso22400.availability", ["APT", "PBT"], [1.0, 0.0]) is None
    assert computed("iso22400.availability", ["APT", "PBT"], [3.0, 4.0]) == 0.75


def test_an_element_given_twice_is_summed_only_where_the_catalogue_says_so() -> None:
    assert computed("iso22400.worker-efficiency", ["APWT", "APWT", "APAT"], [1, 2, 6]) == 0.5
    assert computed("iso22400.availability", ["APT", "APT", "PBT"], [1, 2, 6]) is None
    assert computed("no.such-kpi", [], []) is None
