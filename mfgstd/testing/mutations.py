"""Documents with exactly one thing wrong, and where: what a validator must find."""

from __future__ import annotations

import copy
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from mfgstd.errors import MissingExtra
from mfgstd.standard.catalogue import Catalogue, catalogue
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
    Ref,
    Resolved,
    Text,
    Union,
)
from mfgstd.testing._scalars import INT64_MAX, INT64_MIN
from mfgstd.testing.strategies import documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn, SearchStrategy


@dataclass(frozen=True, slots=True)
class Mutation:
    """A document that was valid, what was done to it, and the finding that it must raise.

    ``rule`` is the rule of the finding, ``pointer`` where it points.
    """

    document: Any
    what: str
    rule: str
    pointer: str


Steps: TypeAlias = tuple[str | int, ...]

#: What to do: what it is called, the rule broken, where the finding points (below the place),
#: and the new value of the place.
Hurt: TypeAlias = tuple[str, str, Steps, Any]

#: A name that no schema has.
_STRANGER: Final = "x-없는-필드"
_LEVELS: Final = 12


def mutations(schema: Resolved | str, within: Catalogue | None = None) -> SearchStrategy[Mutation]:
    """Documents of a schema with one thing wrong.

    A compulsory field gone, a field too many, a wrong type, a wrong nesting, a number out of
    range, a word that nobody knows, a text of another form, a list too short. ``schema`` and
    ``within`` are those of :func:`~mfgstd.testing.documents`.

    Raises:
        UnknownSchema: no schema is called that.
        MissingExtra: hypothesis is not installed.
    """
    try:
        from hypothesis import strategies as st
    except ImportError:
        raise MissingExtra("hypothesis", "testing") from None
    within = within or catalogue()
    resolved = within.get(schema.id) if isinstance(schema, Resolved) else within.find(schema)
    valid = documents(resolved, within)

    @st.composite
    def mutation(draw: DrawFn) -> Mutation:
        document = draw(valid)
        possible = list(hurts(document, resolved.node, within))
        place, (what, rule, below, value) = draw(st.sampled_from(possible))
        whole = _replaced(document, place, value)
        return Mutation(whole, what, rule, _written((*place, *below)))

    made: SearchStrategy[Mutation] = mutation()
    return made


def every_mutation(
    document: Any, schema: Resolved, within: Catalogue | None = None
) -> Iterator[Mutation]:
    """One valid document with each single thing wrong that its schema suggests, in a fixed order.

    Places of every depth are hurt, within what an envelope carries as well. Needs no hypothesis.
    """
    found = hurts(document, schema.node, within or catalogue())
    for place, (what, rule, below, value) in found:
        yield Mutation(_replaced(document, place, value), what, rule, _written((*place, *below)))


def _replaced(document: Any, place: Steps, value: Any) -> Any:
    if not place:
        return value
    whole = copy.deepcopy(document)
    holder = whole
    for each in place[:-1]:
        holder = holder[each]
    holder[place[-1]] = value
    return whole


def _written(place: Steps) -> str:
    return "".join("/" + str(each).replace("~", "~0").replace("/", "~1") for each in place)


def hurts(
    value: Any, node: Node, within: Catalogue, place: Steps = ()
) -> Iterator[tuple[Steps, Hurt]]:
    """Everything that can be done to one valid value and to all below it, place by place."""
    if isinstance(node, Ref):
        yield from hurts(value, within.get(node.id).node, within, place)
        return
    if isinstance(node, Union):
        branch = _branch(value, node)
        yield place, ("null for a value", "schema.type", (), None)
        yield place, ("nested in a list", "schema.type", (), [value])
        if node.how == "const":
            changed = {**value, node.by: _STRANGER}
            yield place, ("an unknown tag", "schema.union", (node.by,), changed)
        else:
            yield place, ("no branch", "schema.union", (), {})
        # Of the branch itself only what lies below: without its key it would be no branch.
        shape = within.get(branch.id).node if isinstance(branch, Ref) else branch
        assert isinstance(shape, Object)  # noqa: S101 - the reader made sure of it
        yield from _below(value, shape, place, within, but=node.by)
        return
    for hurt in _own(value, node):
        yield place, hurt
    if len(place) >= _LEVELS:
        return
    match node:
        case Object():
            yield from _below(value, node, place, within)
        case Array(items):
            for index, each in enumerate(value):
                if not node.unique:
                    yield from hurts(each, items, within, (*place, index))
        case Map(values):
            for name, each in value.items():
                yield from hurts(each, values, within, (*place, name))
        case _:
            pass


def _below(
    value: dict[str, Any], node: Object, place: Steps, within: Catalogue, but: str = ""
) -> Iterator[tuple[Steps, Hurt]]:
    # The schema that an object names itself decides what is right below: it stays as it is.
    named = {e.node.typed_by for e in node if isinstance(e.node, AnyObject)} | {"$schema", but}
    for each in node:
        if each.name in value and each.name not in named:
            yield from hurts(value[each.name], each.node, within, (*place, each.name))
            if isinstance(each.node, AnyObject) and each.node.typed_by in value:
                # What an envelope carries is a document by the schema that the envelope names.
                carried = within.get(value[each.node.typed_by]).node
                assert isinstance(carried, Object)  # noqa: S101 - only entities travel
                yield from _below(value[each.name], carried, (*place, each.name), within)


def _branch(value: dict[str, Any], node: Union) -> Ref | Object:
    if node.how == "key":
        return next(b for b, tag in zip(node.branches, node.tags, strict=True) if tag in value)
    return node.branches[node.tags.index(value[node.by])]


def _own(value: Any, node: Node) -> Iterator[Hurt]:
    """What can be done to one value itself."""
    yield "null for a value", "schema.type", (), None
    match node:
        case Text():
            yield "a number for a text", "schema.type", (), 1
            yield from _nested(value)
            if node.pattern is not None:
                rule = "schema.pattern" if node.format is None else "schema.format"
                yield "a text of another form", rule, (), f"{value}\n"
            if node.min_length:
                yield "a text too short", "schema.min-length", (), ""
            if node.max_length is not None:
                yield "a text too long", "schema.max-length", (), "가" * (node.max_length + 1)
        case Constant(only):
            yield "another constant", "schema.const", (), f"{only}-"
            yield "a number for a word", "schema.type", (), 0
            yield from _nested(value)
        case Enumeration():
            yield "an unknown word", "schema.enum", (), _STRANGER
            yield "a number for a word", "schema.type", (), 0
            yield from _nested(value)
        case OpenCode():
            yield "a word of nobody's", "schema.open-code", (), _STRANGER
            yield "a number for a word", "schema.type", (), 0
            yield from _nested(value)
        case Number():
            yield "a text for a number", "schema.type", (), "1.5"
            yield from _nested(value)
            yield from _beyond(node.minimum, node.maximum)
            if node.exclusive_minimum is not None:
                yield "the excluded lower bound", _EXCLUSIVE[0], (), node.exclusive_minimum
            if node.exclusive_maximum is not None:
                yield "the excluded upper bound", _EXCLUSIVE[1], (), node.exclusive_maximum
        case Integer():
            yield "a text for a number", "schema.type", (), "1"
            yield "a fraction for a whole number", "schema.type", (), 0.5
            yield from _nested(value)
            if node.multiple_of and node.multiple_of > 1:
                yield "no multiple", "schema.multiple-of", (), value + 1
            yield from _beyond(
                INT64_MIN if node.minimum is None else node.minimum,
                INT64_MAX if node.maximum is None else node.maximum,
            )
        case Boolean():
            yield "a word for a truth value", "schema.type", (), "true"
            yield "a number for a truth value", "schema.type", (), 1
            yield from _nested(value)
        case Array():
            yield "an element for the list", "schema.type", (), {}
            if node.min_items:
                yield "a list too short", "schema.min-items", (), []
            if value and node.max_items is not None:
                more = [value[0]] * (node.max_items + 1)
                yield "a list too long", "schema.max-items", (), more
            if value and node.unique:
                yield "an element twice", "schema.unique-items", (), [value[0], value[0]]
        case Map():
            yield "a list for a map", "schema.type", (), []
            if node.min_properties:
                yield "an empty map", "schema.min-properties", (), {}
            if not re.search(node.key_pattern, _STRANGER):
                other = {**value, _STRANGER: next(iter(value.values()), None)}
                yield "a name of another form", "schema.key", (_STRANGER,), other
        case Object():
            yield "nested in a list", "schema.type", (), [value]
            for name in node.required:
                rest = {key: each for key, each in value.items() if key != name}
                yield "a compulsory field gone", "schema.required", (), rest
            if node.closed:
                stranger = {**value, _STRANGER: 1}
                yield "a field too many", "schema.unknown-field", (_STRANGER,), stranger
                wrapped = {_STRANGER: value}
                yield "nested in an object", "schema.unknown-field", (_STRANGER,), wrapped
        case AnyObject():
            yield "a list for an object", "schema.type", (), []
        case Ref() | Union():
            raise AssertionError(node)  # pragma: no cover - the caller has followed them
        case _:
            assert_never(node)


def _nested(value: Any) -> Iterator[Hurt]:
    """Right in itself, a level too deep."""
    yield "nested in a list", "schema.type", (), [value]
    yield "nested in an object", "schema.type", (), {"value": value}


_EXCLUSIVE: Final = ("schema.exclusive-minimum", "schema.exclusive-maximum")


def _beyond(low: float | None, high: float | None) -> Iterator[Hurt]:
    if low is not None:
        yield "below the least", "schema.minimum", (), _next(low, -1)
    if high is not None:
        yield "above the most", "schema.maximum", (), _next(high, 1)


def _next(value: float, step: int) -> float:
    return value + step if isinstance(value, int) else math.nextafter(value, step * math.inf)
