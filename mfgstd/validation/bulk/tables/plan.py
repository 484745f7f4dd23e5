"""How a table is asked about its terms: what can be wrong, in which order, in which groups.

A clean table is the common case, so it is asked first of each group of columns whether anything
is wrong with it: then DuckDB reads each column once, skips what the statistics of a Parquet file
exclude, and looks at an entry of a dictionary once. Only the terms of groups that are not clean
are counted, each exactly.

Of a column in which no row is null, what terms ask of its presence is answered beforehand. That
leaves fewer columns in each question, often one alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final

import ibis
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

    @property
    def asks_finite(self) -> bool:
        """Whether all that is asked is that a column of doubles has neither NaN nor infinity."""
        return all(
            each.term.rule in ("json.nan", "schema.type")
            and all(field.dtype.is_floating() for field in _fields(each))
            for each in self.terms
        )


class Plan:
    """The questions to all tables that have the same columns, as DuckDB's text.

    Each term is written once; questions about some of them are put together from those texts,
    since writing takes longer than asking a small table.

    Args:
        table: the view as an Ibis table, without a connection.
        levels: terms, from those that are asked first.
        full: columns in which no row is null.

    Attributes:
        groups: what is asked together.
        read: the columns that DuckDB reads to answer; whether one value is there, statistics say.
        calls: the expressions that call Python functions, of which DuckDB must be told.
    """

    def __init__(
        self, table: Any, levels: Sequence[Iterable[Term]], full: frozenset[str] = frozenset()
    ) -> None:
        leveled = [
            Leveled(_simpler(term, full), level)
            for level, terms in enumerate(levels)
            for term in terms
        ]
        # What looks at no column is the same in every row: nothing, or there is a column missing.
        same = [each for each in leveled if not _fields(each)]
        said = zip(same, _values([each.term.bad for each in same]), strict=True)
        clean = {id(each) for each, bad in said if not bad}
        asked = [each for each in leveled if id(each) not in clean]
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
        both = (each for leveled in asked for each in (leveled.term.bad, leveled.term.count))
        self.calls = tuple(each for each in both if each.op().find(ops.ScalarUDF))
        self._bad = dict(zip(map(id, asked), truths, strict=True))
        self._count = {
            id(each): counts.get(id(each), f"CAST({self._bad[id(each)]} AS BIGINT)")
            for each in asked
        }
        grouped = _grouped(asked, full)
        self.read = frozenset(
            name
            for columns, terms in grouped
            if len(columns) > 1 or any(_fields(each, values=True) for each in terms)
            for name in columns
        )
        alone = {
            columns: field for columns, terms in grouped if (field := _alone(terms)) is not None
        }
        names = texts(table, [field.to_expr() for field in alone.values()])
        nulls = _values([_of_null(terms) for columns, terms in grouped if columns in alone])
        named = {
            columns: (name, null and not columns <= full)
            for columns, name, null in zip(alone, names, nulls, strict=True)
        }
        self.groups = [
            Group(
                columns,
                tuple(terms),
                self._asks_text(terms, *named[columns]) if columns in named else self._asks(terms),
            )
            for columns, terms in grouped
        ]

    def _asks(self, terms: Iterable[Leveled]) -> str:
        return f"SELECT count(*) FROM {_FROM} WHERE {self._any(terms)}"  # noqa: S608 - texts that we wrote

    def _asks_text(self, terms: Iterable[Leveled], name: str, null: bool) -> str:
        """The question to one column of texts; ``null`` tells whether null is wrong there.

        DuckDB asks a predicate of the entries of a dictionary only if it is certain that null
        does not pass. Of null as of a text of any length this one is: it says nothing.
        """
        found = f"CASE WHEN strlen({name}) >= 0 THEN {self._any(terms)} END"
        asks = f"SELECT count(*) FROM {_FROM} WHERE {found}"  # noqa: S608 - as above
        absent = f"SELECT count(*) FROM {_FROM} WHERE {name} IS NULL"  # noqa: S608 - as above
        return f"SELECT ({asks}) + ({absent})" if null else asks

    def _any(self, terms: Iterable[Leveled]) -> str:
        return " OR ".join(f"({self._bad[id(each)]})" for each in terms)

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


def _fields(each: Leveled, *, values: bool = False) -> list[Any]:
    """The columns that a term looks at; with ``values`` not where it only asks for null."""
    bad = each.term.bad.op()
    if values:
        bad = bad.replace(dict.fromkeys(bad.find((ops.NotNull, ops.IsNull)), _TRUE))
    found: list[Any] = bad.find(ops.Field)
    return found


def _grouped(
    terms: Iterable[Leveled], full: frozenset[str]
) -> list[tuple[frozenset[str], list[Leveled]]]:
    """Terms by the columns that they look at; few columns join those of which they are a part.

    Texts stay by themselves: with one column alone a dictionary is looked at, not the rows. What
    is asked of a whole number or an instant alone is asked together with all others of its kind,
    if there is one in every row: mostly the statistics of the file prove all of them at once.
    """
    groups: dict[frozenset[str], list[Leveled]] = {}
    texts: set[frozenset[str]] = set()
    bounded: list[Leveled] = []
    for each in terms:
        fields = _fields(each)
        columns = frozenset(field.name for field in fields)
        kind = fields[0].dtype if len(columns) == 1 else None
        if kind is not None and columns <= full and (kind.is_integer() or kind.is_timestamp()):
            bounded.append(each)
            continue
        groups.setdefault(columns, []).append(each)
        if kind is not None and kind.is_string():
            texts.add(columns)
    for columns in sorted(groups, key=len):
        if columns and columns not in texts:
            wider = [other for other in groups if columns < other]
            if wider:
                groups[min(wider, key=len)] += groups.pop(columns)
    found = list(groups.items())
    if bounded:
        found.append((frozenset(field.name for e in bounded for field in _fields(e)), bounded))
    return found


def _alone(terms: Sequence[Leveled]) -> Any:
    """The column of texts that terms look at, if they look at nothing else."""
    fields = {field for each in terms for field in _fields(each)}
    if len(fields) != 1:
        return None
    (field,) = fields
    return field if field.dtype.is_string() else None


def _of_null(terms: Iterable[Leveled]) -> Any:
    """Whether one of some terms is broken where their column is null, as a column of none."""
    bad = reduce(or_, (each.term.bad for each in terms))
    nulls = {field: ops.Literal(None, dtype=field.dtype) for field in bad.op().find(ops.Field)}
    return bad.op().replace(nulls).to_expr()


def _values(questions: Sequence[Any]) -> list[Any]:
    """What each of some questions of no table says."""
    said: list[Any] = value(ibis.array(questions)) if questions else []
    return said


def _simpler(term: Term, full: frozenset[str]) -> Term:
    """A term that says the same of a table, by means that DuckDB computes faster."""

    def known(node: Any, changed: Any) -> Any:
        match node:
            case ops.NotNull(ops.Field(name=name)) if name in full:
                return _TRUE
            case ops.IsNull(ops.Field(name=name)) if name in full:
                return _FALSE
            case ops.Or(ops.IsNan(one), ops.IsInf(other)) if one == other:
                return ops.Not(_is_finite(one.to_expr()).op())
        return node.__recreate__(changed) if changed else node

    return replace(
        term,
        bad=term.bad.op().replace(known).to_expr(),
        count=term.count.op().replace(known).to_expr(),
    )


_TRUE: Final = ops.Literal(True, dtype="boolean")
_FALSE: Final = ops.Literal(False, dtype="boolean")


@ibis.udf.scalar.builtin(name="isfinite", signature=(("float64",), "boolean"))  # type: ignore[untyped-decorator] # Ibis has no types
def _is_finite(_number: Any) -> Any:
    """Neither NaN nor infinite: one question for two."""
