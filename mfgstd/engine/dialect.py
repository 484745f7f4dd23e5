"""What DuckDB understands otherwise than Ibis means it, or computes faster under another name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import duckdb
import ibis.expr.operations as ops
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from sqlglot import expressions as exp

from mfgstd.expression.patterns import bare

if TYPE_CHECKING:
    from collections.abc import Sequence

_BEGIN: Final = r"\A"
_END: Final = r"\z"


class Compiler(DuckDBCompiler):  # type: ignore[misc] # Ibis has no types
    """Ibis' own, with two operations written otherwise.

    A pattern that spans the whole text becomes ``regexp_full_match``: DuckDB computes that once
    for each entry of a Parquet dictionary, and ``regexp_matches`` once for each row. A negation
    has parentheses: Ibis compares it without, and to SQL ``NOT a = b`` is ``NOT (a = b)``.
    """

    __slots__ = ()

    def visit_Not(self, op: Any, *, arg: Any) -> Any:  # noqa: N802 - Ibis calls it so
        """A negation, whatever it stands beside."""
        return exp.Paren(this=super().visit_Not(op, arg=arg))

    def visit_RegexSearch(self, op: Any, *, arg: Any, pattern: Any) -> Any:  # noqa: N802 - Ibis calls it so
        """A search, or a match of all."""
        whole = _whole(op.pattern.value) if isinstance(op.pattern, ops.Literal) else None
        if whole is None:
            return self.f.regexp_matches(arg, pattern)
        return self.f.regexp_full_match(arg, whole)


def texts(table: Any, columns: Sequence[Any]) -> list[str]:
    """Columns of one table without a connection as DuckDB's text; in it the table is ``t0``."""
    if not columns:
        return []
    named = {f"c{i}": each for i, each in enumerate(columns)}
    query = Compiler().to_sqlglot(table.select(**named))
    return [each.unalias().sql(dialect=Compiler.dialect) for each in query.selects]


def sql(question: Any) -> str:
    """A query of tables without a connection, as DuckDB's text.

    Writing it takes longer than asking a small table, so it is worth keeping.
    """
    text: str = Compiler().to_sqlglot(question).sql(dialect=Compiler.dialect)
    return text


def value(question: Any) -> Any:
    """What a query of no table at all says."""
    text = Compiler().to_sqlglot(question).sql(dialect=Compiler.dialect)
    with duckdb.connect() as connection:
        rows = connection.execute(text).fetchall()
        return rows[0][0]


def _whole(pattern: str) -> str | None:
    r"""The group of a pattern of the form ``\A(...)\z``; ``None`` for any other."""
    if not (pattern.startswith(rf"{_BEGIN}(") and pattern.endswith(rf"){_END}")):
        return None
    group = pattern[len(_BEGIN) : -len(_END)]
    # What was opened first must be what is closed last.
    open_ = [depth for _, depth in bare(group)]
    return group if 0 not in open_[:-1] else None
