from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd_conformance.verdict import ORDER, Verdict, exit_code, join

NA, PASS, WARN = Verdict.NOT_APPLICABLE, Verdict.PASS, Verdict.WARN
NOT_RUN, INCONCLUSIVE = Verdict.NOT_RUN, Verdict.INCONCLUSIVE
ERROR, FAIL = Verdict.ERROR, Verdict.FAIL

verdicts = st.sampled_from(Verdict)
some = st.lists(verdicts, min_size=1)

# Written out by hand, not computed: each row is one verdict joined with each of COLUMNS.
COLUMNS = (NA, PASS, WARN, NOT_RUN, INCONCLUSIVE, ERROR, FAIL)
TABLE = {
    NA: (NA, PASS, WARN, NOT_RUN, INCONCLUSIVE, ERROR, FAIL),
    PASS: (PASS, PASS, WARN, NOT_RUN, INCONCLUSIVE, ERROR, FAIL),
    WARN: (WARN, WARN, WARN, NOT_RUN, INCONCLUSIVE, ERROR, FAIL),
    NOT_RUN: (NOT_RUN, NOT_RUN, NOT_RUN, NOT_RUN, INCONCLUSIVE, ERROR, FAIL),
    INCONCLUSIVE: (INCONCLUSIVE,) * 5 + (ERROR, FAIL),
    ERROR: (ERROR, ERROR, ERROR, ERROR, ERROR, ERROR, FAIL),
    FAIL: (FAIL, FAIL, FAIL, FAIL, FAIL, FAIL, FAIL),
}


@pytest.mark.parametrize("left", Verdict)
@pytest.mark.parametrize("right", Verdict)
def test_each_pair_joins_as_the_table_says(left: Verdict, right: Verdict) -> None:
    assert left | right is TABLE[left][COLUMNS.index(right)]


@given(verdicts, verdicts, verdicts)
def test_joining_is_commutative_associative_and_idempotent(
    a: Verdict, b: Verdict, c: Verdict
) -> None:
    assert a | b is b | a
    assert (a | b) | c is a | (b | c)
    assert a | a is a


@given(verdicts, verdicts, verdicts)
def test_joining_is_monotone_and_never_improves(a: Verdict, b: Verdict, c: Verdict) -> None:
    assert a <= a | b
    if a <= b:
        assert a | c <= b | c


@given(verdicts, verdicts, verdicts)
def test_the_join_is_the_least_verdict_as_grave_as_both(a: Verdict, b: Verdict, c: Verdict) -> None:
    if a <= c and b <= c:
        assert a | b <= c


@given(verdicts, verdicts, verdicts)
def test_the_order_is_reflexive_antisymmetric_and_transitive(
    a: Verdict, b: Verdict, c: Verdict
) -> None:
    same = Verdict(a.value)
    assert a <= same
    assert not a < same
    if a <= b <= a:
        assert a is b
    if a <= b <= c:
        assert a <= c


@given(some, st.randoms(use_true_random=False))
def test_the_order_of_checks_does_not_matter(given_: list[Verdict], dice: random.Random) -> None:
    shuffled = given_[:]
    dice.shuffle(shuffled)
    assert join(shuffled) is join(given_)


@given(some, some)
def test_more_outcomes_never_improve_a_verdict(first: list[Verdict], more: list[Verdict]) -> None:
    assert join(first) <= join(first + more)


@given(st.lists(verdicts))
def test_a_later_pass_never_erases_a_fail(after: list[Verdict]) -> None:
    assert join([FAIL, *after, PASS]) is FAIL


def test_nothing_at_all_is_not_run_and_never_a_pass() -> None:
    assert join([]) is NOT_RUN
    assert exit_code([]) == 3


def test_every_step_of_the_order_has_its_reason_in_both_languages() -> None:
    assert {step.below for step in ORDER} | {step.above for step in ORDER} == set(Verdict)
    assert all(step.reason.en and step.reason.ko for step in ORDER)
    assert len({verdict.text.ko for verdict in Verdict}) == len(Verdict)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ([PASS], 0),
        ([PASS, WARN, NA], 0),
        ([PASS, NOT_RUN], 3),
        ([PASS, INCONCLUSIVE], 3),
        ([INCONCLUSIVE, ERROR, PASS], 4),
        ([ERROR, FAIL, PASS], 1),
    ],
)
def test_the_exit_code_follows_the_gravest_verdict(given_: list[Verdict], expected: int) -> None:
    assert exit_code(given_) == expected


def test_verdicts_do_not_compare_like_words() -> None:
    assert str(FAIL) == "fail"
    assert FAIL != "fail"  # type: ignore[comparison-overlap]  # that is the point
    with pytest.raises(AttributeError):
        FAIL.upper()  # type: ignore[attr-defined]  # no string
