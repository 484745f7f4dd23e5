"""Many documents of many schemas judged by columns at once: a table of one row.

A query of its own for each would be planned longer than it runs, on Spark by seconds. So every
document is one column of a single row, and every term of its schema one number that comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from mfgstd.standard import Catalogue, Resolved
from mfgstd.validation import Strictness
from mfgstd.validation.bulk.tables.arrow_type import arrow_type
from mfgstd.validation.bulk.terms.constraints import NotInColumns, Term, terms
from tests.validation.arrow_columns import column, fits


@dataclass(frozen=True, slots=True)
class Held:
    """One document that columns can hold, with the type of its column."""

    name: str
    schema: Resolved
    value: Any
    kind: pa.DataType
    strictness: Strictness


def held(
    name: str, schema: Resolved, value: Any, strictness: Strictness, within: Catalogue
) -> Held | None:
    """A document as columns hold it; ``None`` if they would hold something else."""
    kind = arrow_type(schema, within)
    if kind is None or not fits(kind, value):
        return None
    return Held(name, schema, value, kind, strictness)


def one_row(documents: Sequence[Held]) -> pa.Table:
    """All of them side by side."""
    return pa.table({f"c{n}": column(e.kind, [e.value]) for n, e in enumerate(documents)})


def rules(
    documents: Sequence[Held], table: Any, within: Catalogue, fetch: Callable[[Any], pa.Table]
) -> list[list[str] | None]:
    """The rules that each document breaks, as columns say; ``table`` is what became of the row.

    ``fetch`` runs a query on the engine that has the table.

    ``None`` where columns say that they cannot say.
    """

    def asking(number: int, each: Held) -> list[Term]:
        try:
            return terms(each.schema, table[f"c{number}"], each.strictness, within)
        except NotInColumns:
            return []

    asked = [asking(n, each) for n, each in enumerate(documents)]
    counts = {f"t{n}_{i}": term.count for n, own in enumerate(asked) for i, term in enumerate(own)}
    (found,) = fetch(table.select(**counts)).to_pylist()
    return [
        [term.rule for i, term in enumerate(own) for _ in range(found[f"t{n}_{i}"])]
        if own
        else None
        for n, own in enumerate(asked)
    ]
