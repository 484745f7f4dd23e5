"""From a node of a schema to what makes values of it: one maker for each kind, total.

A maker reads its choices from a tape and knows how much room is left below it, so that a schema
inside itself comes to an end: without room only what must be there is made, by the shortest way.
"""

from __future__ import annotations

from hashlib import shake_128
from typing import TYPE_CHECKING, Any, Final, TypeVar, assert_never

from mfgstd.errors import SchemaError
from mfgstd.finding import Place
from mfgstd.language import Text as Words
from mfgstd.standard.resolved import (
    AnyObject,
    Array,
    Boolean,
    Constant,
    Enumeration,
    Integer,
    Map,
    Node,
    Number,
    Object,
    OpenCode,
    Property,
    Ref,
    Resolved,
    Text,
    Union,
)
from mfgstd.testing._patterns import texts
from mfgstd.testing._scalars import Maker, foreign, integer, number, open_code, text
from mfgstd.testing._tape import Tape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mfgstd.standard.catalogue import Catalogue

T = TypeVar("T")

#: Levels of objects, lists and maps below a document before only the compulsory is made.
ROOM: Final = 5

#: Elements of a list or map beyond the fewest.
_MORE: Final = 3
_ENDLESS: Final = 1000


class Book:
    """The makers of the schemas of one catalogue, each written when first needed."""

    def __init__(self, within: Catalogue) -> None:
        self._within = within
        self._makers: dict[str, Maker] = {}
        self._heights: dict[str, int] = {}

    def document(self, schema: Resolved) -> Maker:
        """What makes documents of a schema; each call takes a tape and the room below."""
        if schema.id not in self._makers:
            # Known before it is finished, for a schema that refers to itself.
            finished: list[Maker] = []
            self._makers[schema.id] = lambda tape, room: finished[0](tape, room)
            if self._height(schema.node) >= _ENDLESS:
                raise SchemaError(
                    Words(
                        "No finite document can have this schema: it needs itself inside itself.",
                        "스키마가 자기 자신을 필수로 포함하므로 유한한 문서를 만들 수 없습니다.",
                    ),
                    place=Place(path=schema.id),
                )
            node = schema.node
            made = self.object(node, schema) if isinstance(node, Object) else self.node(node)
            finished.append(made)
            self._makers[schema.id] = made
        return self._makers[schema.id]

    def node(self, node: Node) -> Maker:
        """What makes values of one node."""
        match node:
            case Text():
                return text(node)
            case Constant(value):
                return lambda _tape, _room: value
            case Enumeration(words):
                values = tuple(each.value for each in words)
                return lambda tape, _room: tape.choose(values)
            case OpenCode(words):
                return open_code(tuple(each.value for each in words))
            case Number():
                return number(node)
            case Integer():
                return integer(node)
            case Boolean():
                return lambda tape, _room: tape.once_in(2)
            case Array():
                return self._array(node)
            case Map():
                return self._map(node)
            case Object():
                return self.object(node)
            case Union():
                return self._union(node)
            case Ref(schema_id):
                return self.document(self._within.get(schema_id))
            case AnyObject():
                return foreign
            case _:
                assert_never(node)

    def object(self, node: Object, schema: Resolved | None = None) -> Maker:
        """What makes objects: the compulsory fields, and none, some or all of the others."""
        fields = [self.field(each, schema) for each in node]
        optional = [index for index, (_, _, required) in enumerate(fields) if not required]
        typed = [each for each in node if by_sibling(each)]

        def make(tape: Tape, room: int) -> dict[str, Any]:
            absent = absent_of(tape, optional) if room > 0 else set(optional)
            made = {
                name: maker(tape, room - 1)
                for index, (name, maker, _) in enumerate(fields)
                if index not in absent
            }
            for each in typed:
                if each.name in made:
                    self.type_by_sibling(each, made)
            return made

        return make

    def field(self, each: Property, schema: Resolved | None) -> tuple[str, Maker, bool]:
        """One field: name, maker, whether it is always made."""
        if each.name == "$schema" and schema is not None and schema.is_entity:
            # Documents say what they are, so that they can be judged without being told.
            own = schema.id
            return each.name, lambda _tape, _room: own, True
        if by_sibling(each):
            return each.name, self._of_any_entity(schema), each.required
        return each.name, self.node(each.node), each.required

    def type_by_sibling(self, each: Property, made: dict[str, Any]) -> None:
        """Let the sibling of a typed object name the schema that the object was made by."""
        assert isinstance(each.node, AnyObject)  # noqa: S101 - the caller asked by_sibling
        schema_id, value = made[each.name]
        made[each.name] = value
        made[each.node.typed_by] = schema_id

    def _of_any_entity(self, schema: Resolved | None) -> Maker:
        """A document of some entity, with its ``$id``; of this one only if there is no other."""
        entities = [each for each in self._within if each.is_entity]
        others = [each for each in entities if each != schema] or entities
        makers: dict[str, Maker] = {}

        def make(tape: Tape, room: int) -> tuple[str, Any]:
            chosen = tape.choose(others)
            if chosen.id not in makers:
                makers[chosen.id] = self.document(chosen)
            return chosen.id, makers[chosen.id](tape, room)

        return make

    def _array(self, node: Array) -> Maker:
        item = self.node(node.items)
        listed = _listed(node.items)
        least, most = node.min_items or 0, node.max_items
        ceiling = least + _MORE if most is None else min(most, least + _MORE)

        def make(tape: Tape, room: int) -> list[Any]:
            count = tape.between(least, ceiling) if room > 0 else least
            if not node.unique:
                return [item(tape, room - 1) for _ in range(count)]
            return _distinct(lambda each: item(each, room - 1), tape, count, least, listed)

        return make

    def _map(self, node: Map) -> Maker:
        key = texts(node.key_pattern, None, None)
        value = self.node(node.values)
        least, most = node.min_properties or 0, node.max_properties
        ceiling = least + _MORE if most is None else min(most, least + _MORE)

        def make(tape: Tape, room: int) -> dict[str, Any]:
            count = tape.between(least, ceiling) if room > 0 else least
            return {name: value(tape, room - 1) for name in _distinct(key, tape, count, least)}

        return make

    def _union(self, node: Union) -> Maker:
        branches = [self.node(each) for each in node.branches]
        heights = [self._height(each) for each in node.branches]
        shortest = branches[heights.index(min(heights))]

        def make(tape: Tape, room: int) -> Any:
            return (tape.choose(branches) if room > 0 else shortest)(tape, room)

        return make

    def _height(self, node: Node) -> int:
        """How many schemas deep the smallest value of a node goes; endless ones too deep."""
        match node:
            case Ref(schema_id):
                if schema_id not in self._heights:
                    # Inside itself a schema is endless; another way out may still be found.
                    self._heights[schema_id] = _ENDLESS
                    height = 1 + self._height(self._within.get(schema_id).node)
                    if height >= _ENDLESS:
                        del self._heights[schema_id]
                        return _ENDLESS
                    self._heights[schema_id] = height
                return self._heights[schema_id]
            case Object():
                return max((self._height(each.node) for each in node if each.required), default=0)
            case Union(branches):
                return min(self._height(each) for each in branches)
            case Array(items):
                return self._height(items) if node.min_items else 0
            case Map(values):
                return self._height(values) if node.min_properties else 0
            case AnyObject() | Text() | Constant() | Enumeration() | OpenCode():
                return 0
            case Number() | Integer() | Boolean():
                return 0
            case _:
                assert_never(node)


def by_sibling(each: Property) -> bool:
    """Whether a field is an object whose schema the field beside it names."""
    return isinstance(each.node, AnyObject) and each.node.typed_by != "$schema"


def absent_of(tape: Tape, optional: Sequence[int]) -> set[int]:
    """Which optional fields are left out: any of them, all, or hardly one.

    Each has a byte of its own, so that hypothesis can drop one without touching the others.
    """
    style = tape.below(4)
    if style == 1:
        return set(optional)
    present = 1 if style == 2 else 128
    return {index for index in optional if tape.below(256) < present}


def _distinct(
    make: Callable[[Tape], T], tape: Tape, count: int, least: int, listed: Sequence[T] = ()
) -> list[T]:
    """Up to ``count`` different values, and ``least`` even where the tape has ended.

    ``listed`` are all values there are, where these are few.
    """
    found: dict[Any, T] = {}
    for _ in range(4 * count):
        if len(found) == count:
            break
        value = make(tape)
        found.setdefault(identity(value), value)
    others = listed or (make(Tape(shake_128(bytes([n])).digest(64))) for n in range(256))
    for value in others if len(found) < least else ():
        found.setdefault(identity(value), value)
        if len(found) == least:
            break
    return list(found.values())


def _listed(node: Node) -> Sequence[Any]:
    """All values of a node, where these are few."""
    match node:
        case Enumeration(words):
            return [each.value for each in words]
        case Boolean():
            return [False, True]
        case _:
            return ()


def identity(value: Any) -> Any:
    """What two JSON values share exactly if JSON Schema calls them equal (``1`` and ``1.0``)."""
    match value:
        case bool():
            return ("boolean", value)
        case dict():
            return frozenset((name, identity(each)) for name, each in value.items())
        case list():
            return tuple(identity(each) for each in value)
        case _:
            return value
