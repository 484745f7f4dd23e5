"""One expression in every lowering: rows, columns in DuckDB, and what both must say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from mfgstd.expression import Scope, Shapes, Tree, compile_expression, predicate
from mfgstd.expression.layout import Part, column, used
from mfgstd.expression.types import Type
from mfgstd.standard.catalogue import catalogue

#: true, false, or ``None`` for an error, of each row.
Judge = Callable[[Tree, Mapping[str, Type], Sequence[Mapping[str, Any]]], list[bool | None]]


def in_rows(
    tree: Tree, types: Mapping[str, Type], rows: Sequence[Mapping[str, Any]]
) -> list[bool | None]:
    judge = predicate(tree, list(types))
    return [judge(*(row[name] for name in types)) for row in rows]


@pytest.fixture(scope="session")
def in_columns() -> Judge:
    """The same by DuckDB, all rows in one query."""
    import ibis
    import pyarrow as pa

    from mfgstd.engine.dialect import Compiler
    from mfgstd.expression.columns import outcome

    connection = ibis.duckdb.connect()
    connection.compiler = Compiler()

    def judge(
        tree: Tree, types: Mapping[str, Type], rows: Sequence[Mapping[str, Any]]
    ) -> list[bool | None]:
        parts = {name: Part(kind) for name, kind in types.items()}
        used(tree, {name: (part,) for name, part in parts.items()})
        table = pa.table(
            {
                "number": pa.array(range(len(rows)), pa.int64()),
                **{name: column(part, [row[name] for row in rows]) for name, part in parts.items()},
            }
        )
        held = ibis.memtable(table)
        names = {name: held[name] for name in types}
        query = held.select(number=held.number, said=outcome(tree, names)).order_by("number")
        said = connection.to_pyarrow(query).column("said").to_pylist()
        return [{"true": True, "false": False, "error": None}[each] for each in said]

    return judge


@pytest.fixture(scope="session")
def shapes() -> Shapes:
    return Shapes(catalogue())


def compiled(text: str, types: Mapping[str, Type], shapes: Shapes, *, lenient: bool = True) -> Tree:
    """Leniently by default: the table of semantics is about errors, which checks prevent."""
    return compile_expression(text, Scope(shapes, types, lenient=lenient))
