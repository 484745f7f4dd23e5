"""What a check can conclude, and how conclusions join: a later pass never erases a fail.

The verdicts form a lattice. ``a | b`` is the least verdict that is at least as grave as both,
so joining is commutative, associative and idempotent, never improves, and doesn't depend on the
order in which checks happened to run. :data:`ORDER` is the whole definition; the rest follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import reduce
from typing import TYPE_CHECKING, Final

from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(Enum):
    """The outcome of one requirement. Not a string: strings would compare by the alphabet."""

    NOT_APPLICABLE = "not_applicable"
    """The requirement does not concern this product; a clause or capability says so."""
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    """It was examined on real evidence, and it holds."""
    WARN = "warn"
    """A recommendation (SHOULD) is not followed."""
    NOT_RUN = "not_run"
    """It was planned, and nothing examined it."""
    INCONCLUSIVE = "inconclusive"
    """It was examined, and the evidence does not decide."""
    ERROR = "error"
    """The judge itself failed while examining it."""
    FAIL = "fail"
    """It was examined, and it does not hold."""

    def __or__(self, other: Verdict) -> Verdict:
        return _JOINS[self, other]

    def __le__(self, other: Verdict) -> bool:
        """Whether ``other`` is at least as grave."""
        return other in _ABOVE[self]

    def __lt__(self, other: Verdict) -> bool:
        return self is not other and self <= other

    def __str__(self) -> str:
        return self.value

    @property
    def text(self) -> Text:
        """The verdict as a reader meets it."""
        return _TEXTS[self]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the order: ``above`` is graver than ``below``, and why."""

    below: Verdict
    above: Verdict
    reason: Text


#: The order as its cover relation: each step, and the reason for it.
ORDER: Final[tuple[Step, ...]] = (
    Step(
        Verdict.NOT_APPLICABLE,
        Verdict.PASS,
        Text(
            "Where one part does not apply and another was shown to hold, it was shown to hold.",
            "일부는 해당되지 않고 일부는 충족이 확인되었다면, 확인된 결과를 따릅니다.",
        ),
    ),
    Step(
        Verdict.PASS,
        Verdict.WARN,
        Text(
            "A reader must see every recommendation that is not followed.",
            "지키지 않은 권고 사항은 빠짐없이 드러나야 합니다.",
        ),
    ),
    Step(
        Verdict.WARN,
        Verdict.NOT_RUN,
        Text(
            "What was examined, even with a warning, says more than what was never examined.",
            "경고가 있더라도 시험한 항목이 시험하지 않은 항목보다 더 많은 것을 알려 줍니다.",
        ),
    ),
    Step(
        Verdict.NOT_RUN,
        Verdict.INCONCLUSIVE,
        Text(
            "Evidence that does not decide is a stronger sign of trouble than no attempt.",
            "판단할 수 없는 증거는 시도하지 않은 것보다 더 분명한 문제의 징후입니다.",
        ),
    ),
    Step(
        Verdict.INCONCLUSIVE,
        Verdict.ERROR,
        Text(
            "When the judge itself broke, its undecided evidence is not to be trusted either.",
            "시험 도구 자체에 오류가 났다면 판단하지 못한 증거도 믿을 수 없습니다.",
        ),
    ),
    Step(
        Verdict.ERROR,
        Verdict.FAIL,
        Text(
            "A proved non-conformance stands, whatever else happened.",
            "입증된 부적합은 다른 어떤 일이 있었더라도 그대로 유지됩니다.",
        ),
    ),
)

_TEXTS: Final = {
    Verdict.NOT_APPLICABLE: Text("not applicable", "해당 없음"),
    Verdict.PASS: Text("pass", "적합"),
    Verdict.WARN: Text("warning", "경고"),
    Verdict.NOT_RUN: Text("not run", "미실시"),
    Verdict.INCONCLUSIVE: Text("inconclusive", "판정 불가"),
    Verdict.ERROR: Text("tool error", "도구 오류"),
    Verdict.FAIL: Text("fail", "부적합"),
}


def _upper_sets() -> dict[Verdict, frozenset[Verdict]]:
    above: dict[Verdict, set[Verdict]] = {verdict: {verdict} for verdict in Verdict}
    for _ in Verdict:  # as many rounds as the longest path can have steps
        for step in ORDER:
            above[step.below] |= above[step.above]
    return {verdict: frozenset(reached) for verdict, reached in above.items()}


_ABOVE: Final = _upper_sets()


def _least_upper_bound(left: Verdict, right: Verdict) -> Verdict:
    bounds = _ABOVE[left] & _ABOVE[right]
    # Unpacking fails unless there is exactly one least bound: then ORDER is no lattice.
    (least,) = (bound for bound in bounds if bounds <= _ABOVE[bound])
    return least


_JOINS: Final = {
    (left, right): _least_upper_bound(left, right) for left in Verdict for right in Verdict
}


def join(verdicts: Iterable[Verdict]) -> Verdict:
    """The least verdict at least as grave as all; of none at all it is ``not_run``.

    The neutral element of ``|`` would be ``not_applicable``, and silence would count as success.
    """
    given = tuple(verdicts)
    return reduce(Verdict.__or__, given) if given else Verdict.NOT_RUN


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """What the process says of a whole plan: 0 conforms, 1 does not, 3 undecided, 4 tool failed.

    No verdict at all is undecided.
    """
    match join(verdicts):
        case Verdict.FAIL:
            return 1
        case Verdict.ERROR:
            return 4
        case Verdict.INCONCLUSIVE | Verdict.NOT_RUN:
            return 3
        case _:
            return 0
