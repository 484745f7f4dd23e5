"""Divisors: an expression compiles only where each is known not to be zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfgstd.expression import tree as to
from mfgstd.expression.flow import divisor
from mfgstd.expression.syntax import refused, written
from mfgstd.expression.types import Record
from mfgstd.language import Text

if TYPE_CHECKING:
    from mfgstd.expression.checking import Scope
    from mfgstd.expression.syntax import Syntax
    from mfgstd.expression.tree import Tree


def guarded(syntax: Syntax, tree: Tree, scope: Scope) -> None:
    """A divisor that is known not to be zero, by a literal, a guard or its schema."""
    if isinstance(tree, to.Constant):
        if tree.value == 0:
            raise refused(Text("This divides by zero.", "0으로 나눕니다."), syntax.at)
        return
    if ("nonzero", divisor(syntax)) in scope.facts or _never_zero(tree, scope) or scope.lenient:
        return
    spelled = written(syntax)
    raise refused(
        Text(f"The divisor {spelled} may be zero.", f"나누는 수 {spelled}이(가) 0일 수 있습니다."),
        syntax.at,
        Text(
            f"Ask first: {spelled} != 0.0 && ..., or in the rule's `when`.",
            f"먼저 확인하십시오: {spelled} != 0.0 && ... 또는 규칙의 `when`.",
        ),
    )


def _never_zero(tree: Tree, scope: Scope) -> bool:
    match tree:
        case to.Field(of, name) if isinstance(of.type, Record):
            fields = scope.shapes.fields(of.type)
            return fields is not None and name in fields.fields and fields.fields[name].nonzero
        case to.Arithmetic("*", left, right):
            # Of two doubles the product may underflow; only a constant of at least 1 is safe.
            return (_never_zero(left, scope) and _at_least_one(right)) or (
                _at_least_one(left) and _never_zero(right, scope)
            )
        case _:
            return False


def _at_least_one(tree: Tree) -> bool:
    return isinstance(tree, to.Constant) and isinstance(tree.value, float) and abs(tree.value) >= 1
