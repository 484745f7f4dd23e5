"""What a broken comparison wanted, in values: ``near 0.7812``, ``>= 2024-03-05T10:31:00+09:00``.

Only asked for after a failure. A check that is no plain comparison, or that compares what a
finding does not know (neighbours, partners), has no such sentence.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from mfgstd.expression.row import FAILURES, evaluator
from mfgstd.expression.tree import Call, Compare, Field, Tree, Variable, children, free
from mfgstd.expression.types import BOOL
from mfgstd.finding import show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mfgstd.validation.rules.rule import Rule

_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def expected(rule: Rule, document: Any, indexes: Sequence[int]) -> str | None:
    """What the check wanted of the value that the finding points at.

    Where neither side stands there, both sides; ``None`` where there is nothing plain to say.
    """
    match rule.check:
        case Compare(by, left, right) if left.type != BOOL:
            within = None
        case Call("near", (left, right, within)):
            by = "=="
        case _:
            return None
    try:
        left, right = _as_written(left), _as_written(right)
        names, values = _bound(rule, document, indexes)
        first, second = (show(_evaluator(each, names)(*values)) for each in (left, right))
        margin = "" if within is None else show(_evaluator(within, names)(*values))
    except (_Unknown, *FAILURES):
        return None
    if _path(left, rule) == rule.at:
        return _wanted(by, second, margin)
    if _path(right, rule) == rule.at:
        return _wanted(_FLIPPED[by], first, margin)
    return f"{first} near {second} (within {margin})" if margin else f"{first} {by} {second}"


class _Unknown(Exception):
    """A side needs what the finding does not have."""


def _wanted(by: str, other: str, margin: str) -> str:
    if margin:
        return f"near {other} (within {margin})"
    return {"==": other, "!=": f"not {other}"}.get(by, f"{by} {other}")


def _as_written(side: Tree) -> Tree:
    """An instant as people write it, not as nanoseconds."""
    match side:
        case Call("timestamp", (text,)):
            return text
        case _ if _tells_time(side):
            raise _Unknown
        case _:
            return side


def _tells_time(tree: Tree) -> bool:
    own = isinstance(tree, Call) and tree.function == "timestamp"
    return own or any(map(_tells_time, children(tree)))


def _bound(
    rule: Rule, document: Any, indexes: Sequence[int]
) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The names that a document and the indexes of ``each`` settle, and their values."""
    names: tuple[str, ...] = ("this",)
    values: tuple[Any, ...] = (document,)
    for loop, index in zip(rule.each, indexes, strict=False):
        if not free(loop.over) <= set(names):
            break
        items = _evaluator(loop.over, names)(*values)
        names, values = (*names, loop.name), (*values, items[index])
    return names, values


def _evaluator(tree: Tree, names: tuple[str, ...]) -> Callable[..., Any]:
    if not free(tree) <= set(names):
        raise _Unknown
    return _made(tree, names)


#: Many documents may break one rule: its sides are compiled once.
_made = lru_cache(maxsize=1024)(evaluator)


def _path(tree: Tree, rule: Rule) -> str | None:
    """Where a side stands in the document, as ``at`` writes it; ``None`` for what is computed."""
    match tree:
        case Variable("this"):
            return ""
        case Variable(name):
            for loop in rule.each:
                if loop.name == name and (over := _path(loop.over, rule)) is not None:
                    return f"{over}/{{{name}}}"
            return None
        case Field(of, name):
            above = _path(of, rule)
            return None if above is None else f"{above}/{name}"
        case _:
            return None
