"""Expressions: a total subset of CEL, parsed once into one typed tree and lowered from there.

``compile_expression`` checks a text against a :class:`Scope` whose types come from the schemas;
:mod:`mfgstd.expression.row` makes a Python function of the tree, :mod:`mfgstd.expression.columns`
an Ibis expression. Rules, KPI formulas and mappings use the same language.
"""

from mfgstd.expression.checking import Scope, compile_expression
from mfgstd.expression.row import evaluator, predicate
from mfgstd.expression.shapes import Shapes
from mfgstd.expression.tree import Tree

__all__ = ["Scope", "Shapes", "Tree", "compile_expression", "evaluator", "predicate"]
