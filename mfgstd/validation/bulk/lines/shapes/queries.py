"""The queries about lines of one shape: what is left to ask, and of which values.

What was seen in the bytes of a value is not asked again. Where only the presence of a value
matters, the shape knows it, and the query has a literal instead of a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import ibis
from ibis.expr.operations import Field, IsNull, NotNull

from mfgstd.expression.folding import folded
from mfgstd.validation.bulk.lines.queries import Asked, Known, Terms, instant, pointer
from mfgstd.validation.bulk.lines.sql import quoted, typed
from mfgstd.validation.bulk.terms.constraints import any_bad

if TYPE_CHECKING:
    from collections.abc import Collection

    from mfgstd.validation.bulk.lines.leaves import Leaf, Path
    from mfgstd.validation.bulk.lines.shapes.shape import Shape
    from mfgstd.validation.bulk.terms.constraints import Term

_SQL_TYPES: Final = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}
#: What stands for a value that is there, whatever it is.
_ANY: Final = {"text": "'x'", "number": "0::DOUBLE", "integer": "0::BIGINT", "boolean": "TRUE"}


@dataclass(frozen=True, slots=True)
class Left:
    """What is asked about lines whose values of the leaves ``judged`` are right in themselves.

    ``query`` gives the ``line`` of each document with a finding, over leaves and ``line``.
    ``wanted`` are the names of the columns whose values it reads, ``f0``, ``m0``...
    """

    query: str
    wanted: frozenset[str]

    @classmethod
    def of(cls, known: Known, asked: Asked, judged: Collection[Path]) -> Left:
        """What all terms ask but those that look at nothing but a judged value."""
        known = Known(known.leaves, known.every)
        table = known.table({"line": "int64"})
        said = Terms.of(known, table, asked)
        columns = {
            pointer(leaf.path): f"f{i}"
            for i, leaf in enumerate(known.leaves.scalars)
            if leaf.path in judged
        }
        left = [each for each in said.all() if not _judged(each, columns)]
        bad = folded(any_bad(left) | said.unknown)
        return cls(asked.written(table.filter(bad).select("line")), _read(bad))

    def leaves(self, shape: Shape, known: Known) -> str:
        """The leaves of lines of a shape: wanted ones out of columns of ``lines``."""
        columns = ["line"]
        for i, leaf in enumerate(known.leaves.scalars):
            there = leaf.path in shape.constants or leaf in shape.leaves
            if leaf.path in shape.constants:
                value = constant(shape, leaf)
            elif leaf in shape.leaves and f"f{i}" in self.wanted:
                value = typed(leaf, f"f{i}")
            else:
                value = _ANY[leaf.kind] if there else f"NULL::{_SQL_TYPES[leaf.kind]}"
            columns.append(f"{value} AS f{i}")
            if leaf.instant:
                absent = "0::BIGINT" if there else "NULL::BIGINT"
                columns += [
                    f"{name if there and name in self.wanted else absent} AS {name}"
                    for name in (f"m{i}", f"n{i}")
                ]
        # Names and literals are ours.
        return f"SELECT {', '.join([*columns, *_objects(shape, known)])} FROM lines"  # noqa: S608 - see above


def all_leaves(shape: Shape, known: Known) -> str:
    """All leaves of lines of a shape out of columns of texts; ``fit``: of the types wanted."""
    columns, fit = ["line"], ["TRUE"]
    for i, leaf in enumerate(known.leaves.scalars):
        if leaf.path in shape.constants:
            value = constant(shape, leaf)
        elif leaf in shape.leaves:
            value = typed(leaf, f"f{i}")
            fit.append(f"{value} IS NOT NULL")
        else:
            value = f"NULL::{_SQL_TYPES[leaf.kind]}"
        columns += [f"{value} AS f{i}", *instant(leaf, i, value), *known.lookup(leaf, value)]
    columns += [*_objects(shape, known), f"{' AND '.join(fit)} AS fit"]
    return f"SELECT {', '.join(columns)} FROM lines"  # noqa: S608 - names and literals are ours


def constant(shape: Shape, leaf: Leaf) -> str:
    """The literal of what is part of a shape."""
    value = shape.constants[leaf.path]
    return quoted(value) if isinstance(value, str) else str(value).upper()


def _objects(shape: Shape, known: Known) -> list[str]:
    return [
        f"{str(path in shape.objects).upper()} AS o{j}"
        for j, path in enumerate(known.leaves.objects)
    ]


def _judged(term: Term, columns: dict[str, str]) -> bool:
    """Whether a term looks at nothing but one value that is right in itself."""
    if term.guard is not None or term.pointer not in columns:
        return False
    names = {each.name for each in term.bad.op().find(Field)}
    return names == {columns[term.pointer]}


def _read(column: Any) -> frozenset[str]:
    """The columns whose values matter, and not only whether they are there."""
    yes = ibis.literal(True).op()
    there = {
        each: yes for each in column.op().find((IsNull, NotNull)) if isinstance(each.arg, Field)
    }
    rest = column.op().replace(there) if there else column.op()
    return frozenset(each.name for each in rest.find(Field))
