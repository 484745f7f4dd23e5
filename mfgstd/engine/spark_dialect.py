"""Queries as Spark parses them quickly: operators are calls, and names of functions are quoted.

In Spark's grammar a parenthesis may begin a row, a query or an operand, and ``CAST(`` or ``IF(``
may be the name of a function like any other. Which it is, its parser learns by reading on to the
end of it, at each level anew, and it keeps a note of every way it went: 30 KB about two instants
take it many seconds and hundreds of megabytes. But Spark has all operators as functions, too, and
a quoted name before a parenthesis can be nothing but a call. So written, a query is read once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.dialects import PySpark
from sqlglot import ErrorLevel
from sqlglot import expressions as exp

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Operators of two operands that are functions of the same name, in lower case.
_CALLED: Final = frozenset(
    ("=", "<", "<=", ">", ">=", "<=>", "+", "-", "*", "/", "%", "div", "rlike")
)
#: Whatever stands beside these, their text means the same: they are calls, or are one word.
_CLOSED: Final = (
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.RegexpLike),
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.And, exp.Or, exp.Not),
    *(exp.Column, exp.Dot, exp.Bracket, exp.Boolean, exp.Null, exp.Paren, exp.Anonymous),
    *(exp.If, exp.Coalesce, exp.Length, exp.Substring, exp.Floor, exp.Struct, exp.Cast),
)


class Compiler(PySparkCompiler):  # type: ignore[misc] # Ibis has no types
    """Ibis' own; the text is made by :func:`written`.

    Ibis takes NaN for null in Spark, and only there; to a judge NaN is a number that is wrong. And
    it says of no number that it is infinite.
    """

    __slots__ = ()

    def visit_IsNull(self, _op: Any, *, arg: Any) -> Any:  # noqa: N802 - Ibis looks it up by this name
        """Null, and not NaN."""
        return arg.is_(exp.Null())

    def visit_NotNull(self, _op: Any, *, arg: Any) -> Any:  # noqa: N802 - the same
        """Anything else, NaN as well."""
        return arg.is_(exp.Not(this=exp.Null()))

    def visit_IsInf(self, _op: Any, *, arg: Any) -> Any:  # noqa: N802 - the same
        """Ibis compares the texts of the query here, which are never equal."""
        return exp.or_(arg.eq(self.POS_INF), arg.eq(self.NEG_INF))

    def visit_Substring(self, op: Any, *, arg: Any, start: Any, length: Any) -> Any:  # noqa: N802 - the same
        """Ibis asks whether a position counts from the end; of one that is known, we know."""
        if isinstance(op.start, ops.Literal) and op.start.value >= 0:
            rest = [] if length is None else [length]
            return self.f.substring(arg, op.start.value + 1, *rest)
        return super().visit_Substring(op, arg=arg, start=start, length=length)

    def visit_TryCast(self, op: Any, *, arg: Any, to: Any) -> Any:  # noqa: N802 - the same
        """A cast that is null where it cannot be done, in words that are no name of a function.

        Without ANSI any cast of a text to a timestamp is so. Whole numbers wrap around, unless
        they come as text.
        """
        kind = op.arg.dtype
        if kind.is_string() and to.is_timestamp():
            return self.cast(arg, to)
        if kind.is_decimal() and kind.scale == 0 and to.is_integer():
            return self.cast(self.cast(arg, dt.string), to)
        return super().visit_TryCast(op, arg=arg, to=to)


class _Generator(PySpark.Generator):  # type: ignore[misc] # sqlglot makes it as it goes
    def binary(self, expression: exp.Binary, op: str) -> str:
        left, right = expression.left, expression.right
        if op == "<>":
            return self.func("not", self.func("=", left, right))
        if op == "IS" and isinstance(right, exp.Null):
            return self.func("isnull", left)
        if op == "IS" and right == exp.Not(this=exp.Null()):
            return self.func("isnotnull", left)
        if op.lower() not in _CALLED:
            return str(super().binary(expression, op))
        return self.func(op, left, right)

    def and_sql(self, expression: exp.And, _stack: Any = None) -> str:
        return self._connected("and", _flat(expression, exp.And))

    def or_sql(self, expression: exp.Or, _stack: Any = None) -> str:
        return self._connected("or", _flat(expression, exp.Or))

    def _connected(self, name: str, operands: Sequence[Any]) -> str:
        """A tree of calls that is no deeper than it must be; Spark descends into each of them."""
        if len(operands) == 1:
            return str(self.sql(operands[0]))
        half = len(operands) // 2
        return self.func(
            name, self._connected(name, operands[:half]), self._connected(name, operands[half:])
        )

    def not_sql(self, expression: exp.Not) -> str:
        return self.func("not", expression.this)

    def paren_sql(self, expression: exp.Paren) -> str:
        if _is_closed(expression.this):
            return str(self.sql(expression, "this"))
        return str(super().paren_sql(expression))

    def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
        value = expression.this
        if safe_prefix or not (_is_closed(value) or value.is_string):
            return str(super().cast_sql(expression, safe_prefix))
        return f"{self.sql(value)}::{self.sql(expression, 'to')}"

    def struct_sql(self, expression: exp.Struct) -> str:
        """By the function of the longer name: only of it the quoted one can be called."""
        parts: list[Any] = []
        for number, each in enumerate(expression.expressions, start=1):
            named = isinstance(each, (exp.Alias, exp.PropertyEQ))
            parts.append(exp.Literal.string(each.alias_or_name if named else f"col{number}"))
            match each:
                case exp.PropertyEQ():
                    parts.append(each.expression)
                case exp.Alias():
                    parts.append(each.this)
                case _:
                    parts.append(each)
        return self.func("named_struct", *parts)

    def func(self, name: str, *args: Any, **rest: Any) -> str:
        quoted = name if name.startswith("`") else f"`{name}`"
        return str(super().func(quoted, *args, **{**rest, "normalize": False}))


def _is_closed(expression: exp.Expression) -> bool:
    """Whether its text means the same, whatever stands beside it."""
    if isinstance(expression, exp.Is):
        return isinstance(expression.expression, (exp.Null, exp.Not))
    return isinstance(expression, _CLOSED)


def _flat(expression: exp.Expression, kind: type[exp.Connector]) -> list[Any]:
    """The operands of a chain of the same connector, from left to right."""
    operands: list[Any] = []
    waiting: list[Any] = [expression]
    while waiting:
        each = waiting.pop()
        while isinstance(each, exp.Paren):
            each = each.this
        if isinstance(each, kind):
            waiting += (each.expression, each.this)
        else:
            operands.append(each)
    return operands


def written(query: exp.Expression) -> str:
    """A query of the compiler's as the text that is sent to Spark."""
    generator = _Generator(dialect=PySpark(), unsupported_level=ErrorLevel.RAISE)
    text: str = generator.generate(query, copy=False)
    return text
