"""What fields an object of the standard has, for the type checker: ``Resolved`` seen as types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from mfgstd.expression.types import BOOL, DOUBLE, INT, INTEGER_TEXT, STRING, ListOf, MapOf, Record
from mfgstd.standard import resolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.expression.types import Type
    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Node, Resolved

#: Beyond it doubles skip whole numbers.
EXACT: Final = 1 << 53

#: How ``primitives/value`` writes a whole number of 64 bits as text; such a text is an ``int``.
WHOLE: Final = "^(0|-?[1-9][0-9]{0,19})$"

#: An object in which nothing can be named: an extension, the data of an envelope.
OPAQUE: Final = Record("object")


@dataclass(frozen=True, slots=True)
class Shape:
    """One field: its type as written in JSON, whether it must be there, whether it can be zero."""

    read: Type
    required: bool
    nonzero: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """One object.

    ``tags`` are the constant fields by which the branch of a union is known: field name -> the
    branch (a title) for each constant. A field of a union is required if it is so in all branches.
    """

    fields: Mapping[str, Shape]
    by: str = ""
    tags: Mapping[str, str] | None = None


class Shapes:
    """Fields by title, found while they are asked for.

    Titles of inline objects are known once the object that holds them was looked at; a checker
    reaches each by way of its holder, so it never asks for one too early.
    """

    def __init__(self, within: Catalogue) -> None:
        self._within = within
        self._nodes: dict[str, Node] = {}
        self._fields: dict[str, Fields] = {}

    def document(self, schema: Resolved) -> Record:
        """The type of ``this`` where it is a document of a schema."""
        self._nodes.setdefault(schema.name, schema.node)
        return Record(schema.name)

    def fields(self, record: Record) -> Fields | None:
        """The fields of an object; ``None`` where nothing in it can be named."""
        if record == OPAQUE:
            return None
        if record.title not in self._fields:
            self._fields[record.title] = self._look(self._nodes[record.title], record.title)
        return self._fields[record.title]

    def _look(self, node: Node, title: str) -> Fields:
        match node:
            case resolved.Object():
                return Fields(
                    {
                        each.name: Shape(
                            self.type(each.node, f"{title}.{each.name}"),
                            each.required,
                            _nonzero(each.node),
                        )
                        for each in node
                    }
                )
            case resolved.Union():
                return self._union(node, title)
            case _:  # only these two are ever kept under a title
                return Fields({})

    def _union(self, node: resolved.Union, title: str) -> Fields:
        branches = [self.type(each, f"{title}.{tag}") for each, tag in self._tagged(node)]
        looked = [
            found
            for each in branches
            if isinstance(each, Record)
            if (found := self.fields(each)) is not None
        ]
        names = list(dict.fromkeys(name for each in looked for name in each.fields))
        merged: dict[str, Shape] = {}
        for name in names:
            shapes = [each.fields[name] for each in looked if name in each.fields]
            kinds = {each.read for each in shapes}
            merged[name] = Shape(
                # Branches that disagree: the field is there, but only its presence can be asked.
                kinds.pop() if len(kinds) == 1 else OPAQUE,
                len(shapes) == len(looked) and all(each.required for each in shapes),
                all(each.nonzero for each in shapes),
            )
        tags = {
            tag: each.title
            for tag, each in zip(node.tags, branches, strict=True)
            if isinstance(each, Record)
        }
        return Fields(merged, node.by, tags if node.how == "const" else None)

    def _tagged(self, node: resolved.Union) -> list[tuple[resolved.Ref | resolved.Object, str]]:
        return list(zip(node.branches, node.tags, strict=True))

    def type(self, node: Node, title: str) -> Type:
        """The type of a value; ``title`` names it if it is an object without a title."""
        match node:
            case resolved.Text(pattern):
                return INTEGER_TEXT if pattern == WHOLE else STRING
            case resolved.Constant() | resolved.Enumeration() | resolved.OpenCode():
                return STRING
            case resolved.Number():
                return DOUBLE
            case resolved.Integer(minimum, maximum):
                if minimum is None or maximum is None:
                    return INT
                return DOUBLE if minimum >= -EXACT and maximum <= EXACT else INT
            case resolved.Boolean():
                return BOOL
            case resolved.Array(items):
                return ListOf(self.type(items, f"{title}[]"))
            case resolved.Map(values):
                return MapOf(self.type(values, f"{title}[]"))
            case resolved.Object():
                self._nodes.setdefault(node.title, node)
                return Record(node.title)
            case resolved.Union():
                self._nodes.setdefault(title, node)
                return Record(title)
            case resolved.Ref(schema_id):
                schema = self._within.get(schema_id)
                return self.type(schema.node, schema.name)
            case resolved.AnyObject():
                return OPAQUE
            case _:
                assert_never(node)


def _nonzero(node: Node) -> bool:
    """Whether the schema itself says that a number is never zero."""
    match node:
        case resolved.Number(minimum, maximum, above, below):
            return (
                (minimum is not None and minimum > 0)
                or (maximum is not None and maximum < 0)
                or (above is not None and above >= 0)
                or (below is not None and below <= 0)
            )
        case resolved.Integer(minimum, maximum):
            return (minimum is not None and minimum > 0) or (maximum is not None and maximum < 0)
        case _:
            return False
