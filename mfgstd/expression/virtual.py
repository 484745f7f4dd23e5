"""What stands in an expression for an object or an instant without being a column of its own.

A table may hold a document's parts side by side. Packing them into structs, only so that an
expression can take them out again, costs more than most predicates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import ibis

from mfgstd.expression.types import ListOf, MapOf, Record, Scalar, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

#: An Ibis value; which methods it has depends on what it holds.
Column: TypeAlias = Any


@dataclass(frozen=True, slots=True, eq=False)
class Virtual:
    """An object whose fields are columns, or virtual themselves.

    ``present`` is a boolean column, never null: whether the object is there. Where it is not, its
    fields must be null. ``exclusive`` promises that of its fields exactly one is there, wherever
    it matters, so that nobody counts them.
    """

    fields: Mapping[str, Column | Virtual | Instant]
    present: Column
    exclusive: bool = False

    def __getitem__(self, name: str) -> Any:
        """The field; null where the table has no such field."""
        return self.fields[name] if name in self.fields else ibis.null()

    def notnull(self) -> Column:
        """Whether the object is there."""
        return self.present

    def isnull(self) -> Column:
        """Whether it is not."""
        return ~self.present


@dataclass(frozen=True, slots=True, eq=False)
class Instant:
    """A point in time of a table, where documents have an RFC 3339 text.

    ``microseconds`` is an int64 column, counted from 1970, UTC; ``nanoseconds``, 0 to 999, is what
    is left below each, and ``None`` where nothing ever is. ``there`` is a boolean column.
    ``column`` is the timestamp column that they come from, where there is one: a database knows
    between which instants all of it lies, so comparing it may cost nothing.
    """

    microseconds: Column
    there: Column
    nanoseconds: Column | None = None
    column: Column | None = None

    def notnull(self) -> Column:
        """Whether it is there."""
        return self.there

    def isnull(self) -> Column:
        """Whether it is not."""
        return ~self.there

    def between(self, first: int, last: int) -> Column:
        """Whether it lies between two numbers of microseconds."""
        if self.column is None:
            return self.microseconds.between(first, last)
        return self.column.between(_instant(first), _instant(last))

    @property
    def below(self) -> Column:
        """The nanoseconds as int64, zero where there are none."""
        if self.nanoseconds is None:
            return ibis.literal(0, "int64")
        return self.nanoseconds.cast("int64").fill_null(0)

    @property
    def text(self) -> Column:
        """What a document says: canonical ``Z``, as many digits as it needs."""
        # Before 1970 a remainder may be negative, which engines do not agree on.
        below = (self.microseconds % 1_000_000 + 1_000_000) % 1_000_000
        seconds = (self.microseconds - below) // 1_000_000
        fraction = (below * 1_000 + self.below + 1_000_000_000).cast("string").substr(1, 9)
        fraction = ("." + fraction).re_replace(r"[.]?0*\z", "")
        whole = seconds.cast("int64").as_timestamp("s").strftime("%Y-%m-%dT%H:%M:%S")
        return whole + fraction + "Z"


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _instant(microseconds: int) -> Column:
    return ibis.literal(_EPOCH + timedelta(microseconds=microseconds), type="timestamp('UTC')")


def plain(value: Any) -> Any:
    """A value as the column that most functions need."""
    return value.text if isinstance(value, Instant) else value


def member(holder: Any, name: str, kind: Type) -> Any:
    """The field of an object; a null of its type where the table has no such field."""
    if isinstance(holder, Virtual):
        return holder.fields[name] if name in holder.fields else absent(kind)
    return holder[name] if name in holder.type().names else absent(kind)


def absent(kind: Type) -> Any:
    """What is never there, of a type that expressions can go on with."""
    if isinstance(kind, Record):
        return Virtual({}, ibis.literal(False))
    return ibis.null(_written(kind))


def _written(kind: Type) -> str:
    match kind:
        case Scalar.BOOL:
            return "boolean"
        case Scalar.INT:
            return "decimal(38, 0)"
        case Scalar.DOUBLE:
            return "float64"
        case Scalar.STRING | Scalar.INTEGER_TEXT:
            return "string"
        case ListOf(items):
            return f"array<{'string' if items is None else _written(items)}>"
        case MapOf(values):
            return f"map<string, {_written(values)}>"
        case Record():
            # Its fields are asked for by name, and none of them is there.
            return "struct<nothing: string>"
