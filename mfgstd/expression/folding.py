"""Columns without what their literals decide.

Where a member is known to be absent, or present, an expression over columns has a literal in its
place, and much of it says nothing any more. A database would find that out too, with each query
anew; and only here it is known which columns need not be made at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
from ibis.expr import operations as ops

if TYPE_CHECKING:
    from mfgstd.expression.virtual import Column


def folded(column: Column) -> Column:
    """The same column, with the same values, of fewer operations.

    Null is handled as in SQL: ``NULL OR TRUE`` is true, a comparison with null is null.
    """
    return column.op().replace(_fold).to_expr()


def _fold(node: Any, fields: dict[str, Any] | None) -> Any:
    """One operation, and which arguments of it are others since they are folded."""
    new = node.copy(**fields) if fields else node
    match new:
        case ops.Cast(arg=ops.Literal(value=None)):
            return _literal(None, new)
        case ops.IsNull(arg=ops.Literal(value=value)):
            return _literal(value is None, new)
        case ops.NotNull(arg=ops.Literal(value=value)):
            return _literal(value is not None, new)
        case ops.Not(arg=ops.Literal(value=value)):
            return _literal(None if value is None else not value, new)
        case ops.And():
            return _either(new, decides=False)
        case ops.Or():
            return _either(new, decides=True)
        case ops.IfElse(bool_expr=ops.Literal(value=value)):
            return _of_type(new.true_expr if value else new.false_null_expr, new)
        case ops.Coalesce():
            return _first(new)
        case ops.Comparison() if any(_is_null(each) for each in (new.left, new.right)):
            # Only IS DISTINCT FROM has something to say about null.
            return new if isinstance(new, ops.IdenticalTo) else _literal(None, new)
    return new


def _either(node: Any, *, decides: bool) -> Any:
    """``Or``, which ``True`` decides, or ``And``, which ``False`` decides."""
    for one, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(one, ops.Literal):
            if one.value is decides:
                return one
            if one.value is not None or _is_null(other):
                return other
    return node


def _first(node: Any) -> Any:
    """``Coalesce`` up to the first literal that is not null."""
    left: list[Any] = []
    for each in node.arg:
        if not _is_null(each):
            left.append(each)
            if isinstance(each, ops.Literal):
                break
    if len(left) > 1:
        return node.copy(arg=tuple(left))
    return _of_type(left[0], node) if left else _literal(None, node)


def _is_null(node: Any) -> bool:
    return isinstance(node, ops.Literal) and node.value is None


def _of_type(node: Any, like: Any) -> Any:
    return node if node.dtype == like.dtype else ops.Cast(node, like.dtype)


def _literal(value: bool | None, like: Any) -> Any:
    return ibis.literal(value, type=like.dtype).op()
