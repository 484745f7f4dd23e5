"""Quantities in expressions: one written as a literal is known when the rule is compiled."""

from __future__ import annotations

from mfgstd.expression.syntax import refused
from mfgstd.expression.tree import Constant, Tree


def check_quantity(tree: Tree, at: int) -> None:
    """Refuse a literal that is no quantity.

    Raises:
        ExpressionError: with the column of the literal and near quantities.
    """
    from mfgstd.standard.units import UnknownQuantity, measures

    if isinstance(tree, Constant) and isinstance(tree.value, str):
        try:
            measures("1", tree.value)
        except UnknownQuantity as unknown:
            raise refused(unknown.message, at, unknown.hint) from unknown
