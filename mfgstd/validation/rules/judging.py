"""Judging one rule in rows: plain documents in, an outcome for each binding of its names out.

What a rule of any scope comes down to is the same: values for its names, the indexes of its
``each`` elements, and a verdict that is true, false or an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from mfgstd.expression.row import FAILURES, evaluator, predicate
from mfgstd.finding import Finding, show
from mfgstd.language import Text
from mfgstd.validation.rules.sides import expected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mfgstd.expression.tree import Tree
    from mfgstd.validation.rules.rule import Loop, Rule

    Key: TypeAlias = tuple[Any, ...]
    Bound: TypeAlias = tuple[tuple[Any, ...], tuple[int, ...]]

#: There was no partner where the rule wants one.
UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One binding judged: the document (by its number), the ``each`` indexes, what came out.

    ``kept`` is ``None`` for an error, and :data:`UNMATCHED` where a partner is missing.
    """

    row: int
    indexes: tuple[int, ...]
    kept: bool | str | None

    def place(self) -> tuple[int, tuple[int, ...], str]:
        """What outcomes are sorted by."""
        return (self.row, self.indexes, str(self.kept))


class Loops:
    """``each`` compiled: the bindings of all elements; a list that is absent has none."""

    def __init__(self, loops: Sequence[Loop], names: Sequence[str]) -> None:
        self._steps: list[Callable[..., Any]] = []
        bound = list(names)
        for each in loops:
            self._steps.append(evaluator(each.over, tuple(bound)))
            bound.append(each.name)

    def __call__(self, values: tuple[Any, ...]) -> Iterator[Bound]:
        """The values with one more for each loop, and the index of each."""
        return self._from(0, values, ())

    def _from(
        self, depth: int, values: tuple[Any, ...], indexes: tuple[int, ...]
    ) -> Iterator[Bound]:
        if depth == len(self._steps):
            yield values, indexes
            return
        try:
            items = self._steps[depth](*values)
        except FAILURES:
            return
        for index, item in enumerate(items):
            yield from self._from(depth + 1, (*values, item), (*indexes, index))


def parts(trees: Sequence[Tree], names: Sequence[str]) -> Callable[..., Key]:
    """The values of several expressions together, ``None`` for each that has none."""
    steps = [evaluator(each, names) for each in trees]

    def part(step: Callable[..., Any], values: tuple[Any, ...]) -> Any:
        try:
            return step(*values)
        except FAILURES:
            return None

    return lambda *values: tuple([part(step, values) for step in steps])


def keys(trees: Sequence[Tree], names: Sequence[str]) -> Callable[..., Key | None]:
    """The values of several expressions together; ``None`` where one of them has none."""
    steps = [evaluator(each, names) for each in trees]

    def key(*values: Any) -> Key | None:
        try:
            return tuple([step(*values) for step in steps])
        except FAILURES:
            return None

    return key


class RecordJudge:
    """One rule of the scope *record*."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._loops = Loops(rule.each, ("this",)) if rule.each else None
        self._verdict = predicate(rule.verdict, rule.names)

    def failures(self, document: Any) -> Iterator[tuple[tuple[int, ...], bool | None]]:
        """What is not kept: the ``each`` indexes, and false or an error."""
        if self._loops is None:
            kept = self._verdict(document)
            if kept is not True:
                yield (), kept
            return
        for values, indexes in self._loops((document,)):
            kept = self._verdict(*values)
            if kept is not True:
                yield indexes, kept

    def findings(self, document: Any) -> Iterator[Finding]:
        """A finding for each failure."""
        for indexes, kept in self.failures(document):
            yield finding(self.rule, document, indexes, kept)


def finding(rule: Rule, document: Any, indexes: Sequence[int], kept: bool | str | None) -> Finding:
    """What a person is told of one failure."""
    pointer = rule.at
    for loop, index in zip(rule.each, indexes, strict=False):
        pointer = pointer.replace(f"{{{loop.name}}}", str(index))
    if kept is None:
        hint = Text(
            "The rule could not be evaluated on these values, which counts as broken.",
            "이 값으로는 규칙을 계산할 수 없어 규칙을 어긴 것으로 봅니다.",
        )
    elif kept == UNMATCHED:
        names = ", ".join(each.name for each in rule.partners if each.unmatched)
        hint = Text(
            f"No document that it refers to was found: {names}.",
            f"참조하는 문서를 찾지 못했습니다: {names}.",
        )
    else:
        hint = Text(
            f"`mfgstd rules show {rule.id}` shows what keeps it and what breaks it.",
            f"`mfgstd rules show {rule.id}` 명령으로 지키는 예와 어기는 예를 볼 수 있습니다.",
        )
    return Finding(
        rule=rule.id,
        message=rule.sentence,
        severity=rule.severity,
        pointer=pointer,
        expected=None if kept in (None, UNMATCHED) else expected(rule, document, indexes),
        found=_found(document, pointer),
        hint=hint,
    )


def _found(document: Any, pointer: str) -> str | None:
    """The scalar at a pointer; ``None`` for the document, a part of it, or what is not there."""
    if not pointer:
        return None
    value = document
    for step in pointer[1:].split("/"):
        step = step.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return None if isinstance(value, dict | list) else show(value)
