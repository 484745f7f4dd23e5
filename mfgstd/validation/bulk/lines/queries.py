"""The queries of a line screen: JSON leaves out of lines, and what is wrong with them.

A leaf is read as JSON text, so that its first character tells its type, or as a text where the
caller counts quotes. What follows is the same for both: typed columns, and over them the terms of
:mod:`mfgstd.validation.bulk.terms.constraints`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import ibis
from ibis.expr.operations import Field

from mfgstd.engine import tell_functions
from mfgstd.expression.virtual import Instant, Virtual
from mfgstd.standard.resolved import Enumeration, OpenCode, Text
from mfgstd.validation.bulk.lines.leaves import SCHEMA, Leaf, Leaves, Path
from mfgstd.validation.bulk.lines.sql import (
    FILE_COLUMN,
    quoted,
    reader,
    reference,
    structure,
    typed,
)
from mfgstd.validation.bulk.terms.constraints import Term, any_bad, terms
from mfgstd.validation.location import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfgstd.engine import Session
    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.lowering import Strictness

#: The words that a leaf is known to have had, all of them good.
Words: TypeAlias = Mapping[Path, "Sequence[str]"]

_IBIS_TYPES: Final = {
    "text": "string",
    "number": "float64",
    "integer": "int64",
    "boolean": "boolean",
}
#: An enumeration of fewer words is looked up as fast as known words are.
_FEW: Final = 8

#: Rules at the pointer of a leaf that look at the leaf alone.
_ABOUT_VALUES: Final = frozenset(
    f"schema.{each}"
    for each in ("pattern", "format", "enum", "open-code", "const", "min-length", "max-length")
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What documents are asked, and by which engine.

    Which schema, how strictly, and whether they must name it.
    """

    session: Session
    resolved: Resolved
    strictness: Strictness
    within: Catalogue
    named: bool

    def written(self, question: Any) -> str:
        """A query as the text that the engine reads, which then knows all that it calls."""
        tell_functions(self.session, [question])
        return str(self.session.ibis.compile(question))


@dataclass(frozen=True, slots=True)
class Known:
    """What a screen has learned of documents: the ``leaves`` that they have, of ``every`` leaf.

    ``words`` are texts of a leaf that have passed, so that the same need not be judged again.
    """

    leaves: Leaves
    every: Leaves
    words: Words = field(default_factory=dict)

    def lookups(self) -> dict[Path, str]:
        """For each leaf with known words, the column that says whether it has one of them."""
        return {
            leaf.path: f"k{i}"
            for i, leaf in enumerate(self.leaves.scalars)
            if leaf.path in self.words
        }

    def lookup(self, leaf: Leaf, text: str) -> list[str]:
        """That column, as SQL."""
        if leaf.path not in self.words:
            return []
        words = ", ".join(quoted(word) for word in self.words[leaf.path])
        return [f"try_cast({text} AS ENUM({words})) IS NOT NULL AS {self.lookups()[leaf.path]}"]

    def table(self, others: Mapping[str, str]) -> Any:
        """The leaves as a table of typed columns, ``f0``... and ``o0``... for the objects."""
        columns: dict[str, str] = {}
        for i, leaf in enumerate(self.leaves.scalars):
            columns[f"f{i}"] = _IBIS_TYPES[leaf.kind]
            if leaf.instant:
                columns |= {f"m{i}": "int64", f"n{i}": "int64"}
        columns |= {f"o{j}": "boolean" for j in range(len(self.leaves.objects))}
        columns |= dict.fromkeys(self.lookups().values(), "boolean")
        return ibis.table({**columns, **others}, name="leaves")


def counting(known: Known, asked: Asked, files: Sequence[str]) -> str:
    """The query of the fast path, over files of lines.

    For each file: its path, rows, bad rows, and the sums of
    :class:`mfgstd.validation.bulk.lines.marks.Understood`.
    """
    leaves = known.leaves
    columns = [f"t.{FILE_COLUMN} AS piece"]
    # Where no document so far named its schema, one that does has a member that is not read.
    named = any(leaf.path == SCHEMA for leaf in leaves.scalars)
    schema = reference(SCHEMA) if named else "NULL::VARCHAR"
    odd, members, texts = [_misnamed(asked, schema)], [], ["0"]
    for i, leaf in enumerate(leaves.scalars):
        raw = reference(leaf.path)
        members.append(f"({raw} IS NOT NULL)::SMALLINT")
        if leaf.kind == "text":
            texts.append(members[-1])
            columns += [f"{raw} AS f{i}", *instant(leaf, i, raw), *known.lookup(leaf, raw)]
        else:
            value = typed(leaf, f"{raw}::VARCHAR")
            columns.append(f"{value} AS f{i}")
            odd.append(f"({raw} IS NOT NULL AND {value} IS NULL)")
    objects = ["1"]
    for j, path in enumerate(leaves.objects):
        columns.append(f"{reference(path)} IS NOT NULL AS o{j}")
        objects.append(f"({reference(path)} IS NOT NULL)::SMALLINT")
    columns += [
        f"{' OR '.join(odd)} AS odd",
        f"{' + '.join([*members, *objects[1:]])} AS members",
        f"{' + '.join(texts)} AS texts",
        f"{' + '.join(objects)} AS objects",
    ]
    # All of the text of a query is ours: names of the schema, and words quoted.
    inner = f"SELECT {', '.join(columns)} FROM {reader(leaves, files)} AS t"  # noqa: S608 - see above
    sums = dict.fromkeys(("members", "texts", "objects"), "int64")
    table = known.table({"piece": "string", "odd": "boolean", **sums})
    said = Terms.of(known, table, asked)
    bad = any_bad(said.all()) | table["odd"] | said.unknown
    counted = table.group_by("piece").agg(
        rows=table.count(),
        bad=table.count(where=bad),
        **{name: table[name].sum() for name in sums},
    )
    return over(inner, asked.written(counted))


def telling(known: Known, asked: Asked) -> tuple[str, list[Term]]:
    """The query that tells what is wrong, over leaves, ``line`` and ``fit``; and the terms.

    For each line that is not free of findings: ``line``; ``fit``, false where the columns cannot
    say what is wrong; and whether each of the terms is broken, ``b0``...
    """
    table = known.table({"line": "int64", "fit": "boolean"})
    said = Terms.of(known, table, asked)
    columns = {f"b{i}": each.bad for i, each in enumerate(said.all())}
    fit = table["fit"] & (any_bad(said.schema) | ~said.unknown)
    told = table.select("line", **columns, fit=fit)
    bad = reduce(or_, (told[name] for name in columns), ~told["fit"])
    return asked.written(told.filter(bad)), said.all()


def values(every: Leaves, asked: Asked) -> str:
    """All leaves of the lines of the right shape, to learn from: ``f0``...

    Over ``lines`` as above. ``good`` is true for a line free of findings.
    """
    known = Known(every, every)
    table = known.table({"line": "int64", "fit": "boolean"})
    said = Terms.of(known, table, asked)
    names = [f"f{i}" for i in range(len(every.scalars))]
    good = ~any_bad(said.all()) & ~said.unknown
    return over(
        leaves_of_lines(known, asked), asked.written(table.filter("fit").select(names, good=good))
    )


def leaves_of_lines(known: Known, asked: Asked) -> str:
    """The leaves of each line of ``lines``; ``fit`` says whether they are all that it has."""
    leaves = known.leaves
    holders: list[Path] = [(), *leaves.objects]
    fit = ["t IS NOT NULL", f"NOT ({_misnamed(asked, 'schema')})"]
    for i, path in enumerate(holders):
        # Each member that is there and looked for is one key of its object, and there are no
        # more. A value that is no object has no keys.
        inside = [f"({reference(each)} IS NOT NULL)::INT" for each in leaves.below(path)]
        keys = f"len(k[{i + 1}])"
        there = f"{reference(path)} IS NULL OR " if path else ""
        fit.append(f"({there}({keys} > 0 AND {keys} = {' + '.join(inside)}))")
    columns, schema = ["line"], "NULL"
    for i, leaf in enumerate(leaves.scalars):
        raw = f"{reference(leaf.path)}::VARCHAR"
        if leaf.kind == "text":
            unescaped = f"CASE WHEN contains({raw}, '\\') THEN {reference(leaf.path)} ->> '$'"
            value = (
                f"CASE WHEN starts_with({raw}, '\"') THEN {unescaped} ELSE ({raw})[2:-2] END END"
            )
        else:
            value = typed(leaf, raw)
        if leaf.path == SCHEMA:
            schema = value
        columns += [f"{value} AS f{i}", *instant(leaf, i, f"f{i}"), *known.lookup(leaf, f"f{i}")]
        fit.append(f"({raw} IS NULL OR f{i} IS NOT NULL)")
    columns += [f"{reference(path)} IS NOT NULL AS o{j}" for j, path in enumerate(leaves.objects)]
    asked_keys = ", ".join(quoted(pointer(path) or "$") for path in holders)
    read = f"json_transform(text, {quoted(structure(leaves, ()))}) AS t"
    keys = f"json_keys(text, [{asked_keys}]) AS k"
    valid = "SELECT line, CASE WHEN json_valid(text) THEN text END AS text FROM lines"
    # As above, and the schema is quoted.
    inner = f"SELECT line, {read}, {keys} FROM ({valid})"  # noqa: S608 - see above
    columns_of = f"{', '.join(columns)}, {schema} AS schema, {' AND '.join(fit)} AS fit"
    told = f"SELECT {columns_of} FROM ({inner})"  # noqa: S608 - see above
    return f"SELECT * EXCLUDE (fit), coalesce(fit, FALSE) AS fit FROM ({told})"  # noqa: S608 - see above


def worth_knowing(leaf: Leaf) -> bool:
    """Whether looking a text up among known words is quicker than judging it."""
    match leaf.node:
        case Text(pattern=pattern):
            return pattern is not None
        case Enumeration(words) | OpenCode(words):
            return len(words) > _FEW or isinstance(leaf.node, OpenCode)
        case _:
            return False


def over(inner: str, outer: str) -> str:
    """One query over what another gives, which stands in its text as ``leaves``."""
    return f"WITH leaves AS NOT MATERIALIZED ({inner}) SELECT * FROM ({outer})"  # noqa: S608 - both are ours


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be wrong with a document whose leaves are a table's columns.

    ``unknown`` is true where a rule asks for an instant that the engine cannot tell.
    """

    schema: list[Term]
    rules: list[Term]
    unknown: Any

    @classmethod
    def of(cls, known: Known, table: Any, asked: Asked) -> Terms:
        """The terms; rules are given instants, which are cheaper than reading texts."""

        def found(document: Virtual) -> list[Term]:
            return terms(asked.resolved, document, asked.strictness, asked.within)

        texts = _document(known.leaves, table, ())
        instants = _with_instants(texts, known, table, ())
        looked_up = {pointer(path): table[name] for path, name in known.lookups().items()}
        schema = [_looked_up(each, looked_up) for each in found(texts) if each.guard is None]
        rules = [each for each in found(instants) if each.guard is not None]
        read = {each.name for term in rules for each in term.bad.op().find(Field)}
        missing = (
            table[f"f{i}"].notnull() & table[f"m{i}"].isnull()
            for i in range(len(known.leaves.scalars))
            if f"m{i}" in read
        )
        return cls(schema, rules, reduce(or_, missing, ibis.literal(False)))

    def all(self) -> list[Term]:
        """Those of the schema first."""
        return [*self.schema, *self.rules]


def _looked_up(term: Term, words: Mapping[str, Any]) -> Term:
    """The term, but not where the leaf has a word that the term has let pass before."""
    if term.pointer not in words or term.rule not in _ABOUT_VALUES:
        return term
    bad = ibis.ifelse(words[term.pointer], False, term.bad)
    return Term(term.rule, term.severity, term.pointer, bad, term.count, term.guard)


def _document(leaves: Leaves, table: Any, path: Path) -> Virtual:
    """One object of the document as the terms of the schema want it."""
    fields: dict[str, Any] = {
        leaf.path[-1]: table[f"f{i}"]
        for i, leaf in enumerate(leaves.scalars)
        if leaf.path[:-1] == path and leaf.path != SCHEMA
    }
    for each in leaves.objects:
        if each[:-1] == path:
            fields[each[-1]] = _document(leaves, table, each)
    there = table[f"o{leaves.objects.index(path)}"] if path else ibis.literal(True)
    return Virtual(fields, there)


def _with_instants(document: Virtual, known: Known, table: Any, path: Path) -> Virtual:
    """The same for rules; to read an instant from a text that is never there would be no query."""
    fields = dict(document.fields)
    column = {leaf.path: i for i, leaf in enumerate(known.leaves.scalars)}
    for leaf in known.every.scalars:
        if leaf.path[:-1] == path and leaf.instant:
            i = column.get(leaf.path)
            fields[leaf.path[-1]] = (
                Instant(table[f"m{i}"], table[f"f{i}"].notnull(), table[f"n{i}"])
                if i is not None
                else Instant(ibis.null("int64"), ibis.literal(False))
            )
    for each in known.every.objects:
        if each[:-1] == path:
            inner: Any = fields.get(each[-1], Virtual({}, ibis.literal(False)))
            fields[each[-1]] = _with_instants(inner, known, table, each)
    return Virtual(fields, document.present)


def instant(leaf: Leaf, i: int, text: str) -> list[str]:
    """The columns of an instant: microseconds, and the nanoseconds that are left.

    Null for a leap second, which the engine does not read, and for the little before 1970 whose
    nanoseconds would have to be borrowed.
    """
    if not leaf.instant:
        return []
    count = f"epoch_ns(try_cast({text} AS TIMESTAMP_NS))"
    return [
        f"CASE WHEN {count} >= 0 OR {count} % 1000 = 0 THEN {count} // 1000 END AS m{i}",
        f"{count} % 1000 AS n{i}",
    ]


def _misnamed(asked: Asked, schema: str) -> str:
    wrong = f"{schema} <> {quoted(asked.resolved.id)}"
    return f"({schema} IS NULL OR {wrong})" if asked.named else f"coalesce({wrong}, FALSE)"


def pointer(path: Path) -> str:
    """Where a leaf stands in a document."""
    return "".join(f"/{escape(each)}" for each in path)
