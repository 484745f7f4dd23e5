"""How a table is asked about its terms: what can be wrong, in which order, in which groups.

A clean table is the common case, so it is asked first of each group of columns whether anything
is wrong with it: then DuckDB reads each column once, skips what the statistics of a Parquet file
exclude, and looks at an entry of a dictionary once. Only the terms of groups that are not clean
are counted, each exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import ibis.expr.operations as ops

from mfgstd.engine.dialect import texts, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mfgstd.validation.bulk.terms.constraints import Term

#: The view that stands for the table while it is asked, and its column of row numbers.
VIEW: Final = "mfgstd_table"
ROW: Final = "file_row_number"


@dataclass(frozen=True, slots=True, eq=False)
class Leveled:
    """A term and how early it is asked: it counts only where nothing is wrong earlier."""

    term: Term
    level: int


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Terms about the same columns.

    ``asks`` is a query of one number: how many rows have a finding of any of them, whatever the
    others say.
    """

    columns: frozenset[str]
    terms: tuple[Leveled, ...]
    asks: str


class Plan:
    """The questions to all tables that have the same columns, as DuckDB's text.

    Each term is written once; questions about some of them are put together from those texts,
    since writing takes longer than asking a small table.

    Args:
        table: the view as an Ibis table, without a connection.
        levels: terms, from those that are asked first.
    """

    def __init__(self, table: Any, levels: Sequence[Iterable[Term]]) -> None:
        leveled = [Leveled(term, level) for level, terms in enumerate(levels) for term in terms]
        # What looks at no column is the same in every row: nothing, or there is a column missing.
        asked = [each for each in leveled if _fields(each) or value(each.term.bad)]
        truths = texts(table, [each.term.bad for each in asked])
        many = [each for each in asked if not _is_truth(each.term)]
        counts = dict(
            zip(
                map(id, many),
                # A sum is wider than what it adds up.
                (f"CAST({t} AS BIGINT)" for t in texts(table, [e.term.count for e in many])),
                strict=True,
            )
        )
        self._bad = dict(zip(map(id, asked), truths, strict=True))
        self._count = {
            id(each): counts.get(id(each), f"CAST({self._bad[id(each)]} AS BIGINT)")
            for each in asked
        }
        self.groups = [
            Group(columns, tuple(terms), self._asks(terms)) for columns, terms in _grouped(asked)
        ]

    def _asks(self, terms: Iterable[Leveled]) -> str:
        bad = " OR ".join(f"({self._bad[id(each)]})" for each in terms)
        return f"SELECT count(*) FROM {_FROM} WHERE {bad}"  # noqa: S608 - texts that we wrote

    def counting(self, dirty: Sequence[int]) -> tuple[list[Leveled], str]:
        """The terms of some groups, and the query of one row that counts them.

        Its columns: how many rows have an error, how many have any finding, how many findings one
        row has at most, and for each term how many there are.
        """
        terms, failing = self._failing(dirty)
        wrong = _any(terms, severity="error")
        sums = "".join(f", sum(t{i})" for i in range(len(terms)))
        most = f"max({' + '.join(f't{i}' for i in range(len(terms)))})"
        return terms, f"SELECT count(*) FILTER ({wrong}), count(*), {most}{sums} FROM ({failing})"  # noqa: S608 - as above

    def rows(self, dirty: Sequence[int], limit: int | None) -> tuple[list[Leveled], str]:
        """The terms of some groups, and the query of the rows that have a finding.

        Its columns: the row's number, and ``t0``, ``t1``... for each term. With a limit they are
        only the numbers of the first rows, in their order.
        """
        terms, failing = self._failing(dirty)
        if limit is not None:
            failing = f"SELECT {ROW} FROM ({failing}) ORDER BY {ROW} LIMIT {limit:d}"  # noqa: S608 - as above
        return terms, failing

    def _failing(self, dirty: Sequence[int]) -> tuple[list[Leveled], str]:
        """Row number and counts, each only where nothing is wrong on an earlier level."""
        terms = [each for index in dirty for each in self.groups[index].terms]
        counts = "".join(f", {self._count[id(e)]} AS t{i}" for i, e in enumerate(terms))
        query = f"SELECT {ROW}{counts} FROM {_FROM}"  # noqa: S608 - as above
        for level in sorted({each.level for each in terms})[1:]:
            earlier = " + ".join(f"t{i}" for i, each in enumerate(terms) if each.level < level)
            guarded = ", ".join(
                f"CASE WHEN {earlier} > 0 THEN 0 ELSE t{i} END AS t{i}"
                for i, each in enumerate(terms)
                if each.level == level
            )
            query = f"SELECT * REPLACE ({guarded}) FROM ({query})"  # noqa: S608 - as above
        return terms, f"SELECT * FROM ({query}) WHERE {_any(terms)}"  # noqa: S608 - as above


#: The name that Ibis gives the one table of a query.
_FROM: Final = f'{VIEW} AS "t0"'


def _any(terms: Sequence[Leveled], severity: str | None = None) -> str:
    asked = [f"t{i} > 0" for i, each in enumerate(terms) if severity in (None, each.term.severity)]
    return " OR ".join(asked) or "false"


def _is_truth(term: Term) -> bool:
    """Whether a term's number of findings is its truth as a number."""
    count = term.count.op()
    return isinstance(count, ops.Cast) and count.arg == term.bad.op()


def _fields(each: Leveled) -> list[Any]:
    found: list[Any] = each.term.bad.op().find(ops.Field)
    return found


def _grouped(terms: Iterable[Leveled]) -> list[tuple[frozenset[str], list[Leveled]]]:
    """Terms by the columns that they look at; few columns join those of which they are a part.

    Texts stay by themselves: with one column alone a dictionary is looked at, not the rows.
    """
    groups: dict[frozenset[str], list[Leveled]] = {}
    texts: set[frozenset[str]] = set()
    for each in terms:
        fields = _fields(each)
        columns = frozenset(field.name for field in fields)
        groups.setdefault(columns, []).append(each)
        if len(columns) == 1 and fields[0].dtype.is_string():
            texts.add(columns)
    for columns in sorted(groups, key=len):
        if columns and columns not in texts:
            wider = [other for other in groups if columns < other]
            if wider:
                groups[min(wider, key=len)] += groups.pop(columns)
    return list(groups.items())
