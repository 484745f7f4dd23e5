"""From schemas to tables, before any dialect: columns with their paths, parts, and what identifies.

The document itself is kept, as it came, in the column ``document``, and is the truth: an exact
round trip is then no matter of types. Beside it every scalar that a document has once is a column
of its own, objects flattened by prefix (``quality.status`` is ``quality_status``); lists and maps
are one column each, which a dialect types or leaves in the document.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, assert_never

from mfgstd.errors import StandardError
from mfgstd.finding import Place
from mfgstd.language import Text as Words
from mfgstd.standard.generators.arrow import ROW
from mfgstd.standard.resolved import (
    AnyObject,
    Array,
    Boolean,
    Constant,
    Enumeration,
    Integer,
    Map,
    Node,
    Notes,
    Number,
    Object,
    OpenCode,
    Ref,
    Resolved,
    Text,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Where all tables lie.
SCHEMA: Final = "mfgstd"

#: The patterns of the two kinds of numbers that JSON carries as text (primitives/value).
DECIMAL: Final = "^-?(0|[1-9][0-9]*)([.][0-9]+)?$"
WHOLE: Final = "^(0|-?[1-9][0-9]{0,19})$"

#: Columns of every table of documents: as it came, the SHA-256 of it, when and in which order.
DOCUMENT: Final = "document"
DIGEST: Final = "digest"
OWN: Final = (DOCUMENT, DIGEST, "stored_at", "arrival")

#: The parameter of a macro that makes a row: no column may have its name.
GIVEN: Final = "given"

#: PostgreSQL cuts names at 63 bytes; ``_ns`` must still fit.
_LONGEST: Final = 60

#: What a column can hold: references are followed, objects flattened or left whole in ``Ref``.
Leaf: TypeAlias = (
    Text
    | Constant
    | Enumeration
    | OpenCode
    | Number
    | Integer
    | Boolean
    | Array
    | Map
    | Union
    | AnyObject
)

#: How a table tells its rows apart; see :attr:`Table.key`.
Identity: TypeAlias = Literal["thing", "event", "record", "envelope", "row"]


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a document: where it is (JSON keys from the root), and what it is.

    ``required``: it is there in every document. ``named``: the schema that says what it is,
    where that is a schema of its own.
    """

    name: str
    path: tuple[str, ...]
    node: Leaf
    required: bool
    notes: Notes
    named: Resolved | None = None

    @property
    def identity(self) -> bool:
        """It is the URI of something else, worth an index."""
        own = {("$schema",), ("id",)}
        return self.named is not None and self.named.slug == "uri" and self.path not in own

    @property
    def is_moment(self) -> bool:
        """A point in time: two columns, microseconds and what is below them."""
        return isinstance(self.node, Text) and self.node.format == "date-time"

    @property
    def is_scalar(self) -> bool:
        """One value of SQL, not a list, map or object."""
        return not isinstance(self.node, Array | Map | Union | AnyObject)


@dataclass(frozen=True, slots=True)
class Part:
    """An object on the way to columns, with what SQL can say of it.

    ``known`` are all its keys where it is closed, ``required`` the keys that it must have,
    ``always`` that every document has it, ``single`` that it has exactly one key (a union).
    """

    path: tuple[str, ...]
    known: tuple[str, ...]
    required: tuple[str, ...]
    always: bool
    single: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table: documents of one schema, or the rows of observations."""

    name: str
    source: Resolved
    columns: tuple[Column, ...]
    parts: tuple[Part, ...]
    identity: Identity

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key.

        A ``thing`` (an entity without a time of its own: equipment, a data item) is stated anew
        when it changes, under the same id: each statement is kept. An ``event`` is stated once;
        another content under the same id and time is refused, for a correction has its own id and
        says what it supersedes. A ``record`` is identified by its content. An ``envelope`` by
        source and id (CloudEvents 1.0, section 3.1). A ``row`` by its event id.
        """
        match self.identity:
            case "thing":
                return ("id", DIGEST)
            case "event":
                return ("id", "event_time", "event_time_ns")
            case "record":
                return (DIGEST,)
            case "envelope":
                return ("source", "id")
            case "row":
                return ("event_id",)
            case _:
                assert_never(self.identity)

    @property
    def is_rows(self) -> bool:
        """The columns are all that there is: no document."""
        return self.identity == "row"

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """Of rows: ``(column, word)`` where the word says that the column of its name is filled."""
        names = {each.name for each in self.columns}
        return tuple(
            (each.name, word.value)
            for each in self.columns
            if self.is_rows and isinstance(each.node, Enumeration)
            for word in each.node.words
            if word.value in names
        )

    @property
    def corrected(self) -> bool:
        """Whether its documents name the earlier one that they supersede."""
        return {"id", "supersedes_id"} <= {each.name for each in self.columns}


def tables(schemas: Sequence[Resolved]) -> list[Table]:
    """A table for each entity, and one for the rows of observations.

    The rows are the table ``observation``, since they are what is stored by the million; where
    an Observation travels as a document of its own it goes to ``observation_document``.

    Raises:
        StandardError: two schemas want the same table.
    """
    by_id = {each.id: each for each in schemas}
    made: dict[str, Table] = {}
    rows = {snake(each.slug).removesuffix("_row") for each in schemas if each.slug == ROW}
    for each in schemas:
        is_row = each.slug == ROW
        if not (each.is_entity or is_row) or not isinstance(each.node, Object):
            continue
        name = snake(each.slug)
        name = name.removesuffix("_row") if is_row else f"{name}_document" * (name in rows) or name
        if name in made:
            raise StandardError(
                Words(
                    f"Two schemas want the table {name!r}.",
                    f"두 스키마가 {name!r} 테이블을 씁니다.",
                ),
                place=Place(path=each.id),
            )
        made[name] = _table(name, each, each.node, by_id)
    return list(made.values())


def snake(name: str) -> str:
    """``eventTime`` and ``event-time`` -> ``event_time``; ``$schema`` -> ``schema_uri``."""
    if name == "$schema":
        return "schema_uri"
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name)
    return parted.strip("_").lower()


def _table(name: str, source: Resolved, node: Object, by_id: Mapping[str, Resolved]) -> Table:
    walk = _Walk(by_id, taken={GIVEN} if source.slug == ROW else {GIVEN, *OWN})
    walk.visit(node, (), required=True, notes=source.notes, inside=(source.id,))
    times = {each.name for each in walk.columns if each.is_moment and each.required}
    identity: Identity
    if source.slug == ROW:
        identity = "row"
    elif source.domain == "envelope":
        identity = "envelope"
    elif "id" not in {each.name for each in walk.columns}:
        identity = "record"
    else:
        identity = "event" if "event_time" in times else "thing"
    return Table(name, source, tuple(walk.columns), tuple(walk.parts), identity)


@dataclass
class _Walk:
    """One pass over a document's schema, columns in the order of its fields."""

    by_id: Mapping[str, Resolved]
    taken: set[str]
    columns: list[Column] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def visit(
        self,
        node: Node,
        path: tuple[str, ...],
        *,
        required: bool,
        notes: Notes,
        inside: tuple[str, ...],
    ) -> None:
        """``inside`` are the ids of the schemas that the walk is in, against going round."""
        match node:
            case Ref(schema_id) if schema_id in inside:
                self._column(AnyObject(schema_id), path, notes, required=required)
            case Ref(schema_id):
                self.visit(
                    self.by_id[schema_id].node,
                    path,
                    required=required,
                    notes=notes,
                    inside=(*inside, schema_id),
                )
            case Object():
                names = tuple(each.name for each in node)
                known = names if node.closed else ()
                self.parts.append(Part(path, known, node.required, required))
                for each in node:
                    self.visit(
                        each.node,
                        (*path, each.name),
                        required=required and each.required,
                        notes=each.notes,
                        inside=inside,
                    )
            case Union(how="key"):
                self.parts.append(Part(path, node.tags, (), required, single=True))
                for branch in node.branches:
                    self._branch(branch, path, inside)
            case other:
                named = self.by_id[inside[-1]]
                self._column(
                    other,
                    path,
                    notes,
                    required=required,
                    named=named if named.node is node else None,
                )

    def _branch(self, branch: Ref | Object, path: tuple[str, ...], inside: tuple[str, ...]) -> None:
        shape = self.by_id[branch.id].node if isinstance(branch, Ref) else branch
        if isinstance(shape, Object):
            for each in shape:
                self.visit(
                    each.node, (*path, each.name), required=False, notes=each.notes, inside=inside
                )

    def _column(
        self,
        node: Leaf,
        path: tuple[str, ...],
        notes: Notes,
        *,
        required: bool,
        named: Resolved | None = None,
    ) -> None:
        self.columns.append(Column(self._name(path), path, node, required, notes, named))

    def _name(self, path: tuple[str, ...]) -> str:
        """The name of a column; a long one is cut and closed with a digest of its path."""
        name = "_".join(map(snake, path))
        if len(name) > _LONGEST:
            mark = hashlib.sha256("/".join(path).encode()).hexdigest()[:8]
            name = f"{name[: _LONGEST - 9]}_{mark}"
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name


def named_texts(made: Sequence[Table]) -> list[Resolved]:
    """The named schemas of text with a pattern that columns use: one check for all of them."""
    found = {
        each.named.id: each.named
        for table in made
        for each in table.columns
        if each.named is not None and isinstance(each.node, Text | OpenCode) and each.node.pattern
    }
    return [found[schema_id] for schema_id in sorted(found)]


def judge_of(schema: Resolved) -> str:
    """The function that says whether a text is of a named schema."""
    return f"{SCHEMA}.is_{snake(schema.slug)}"
