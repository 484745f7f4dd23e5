"""Documents with exactly one thing wrong, and where: what a validator must find."""

from __future__ import annotations

import copy
import math
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
_Hurt: TypeAlias = tuple[str, str, Steps, Any]

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
        hurts = list(_hurts(document, resolved.node, (), within))
        place, (what, rule, below, value) = draw(st.sampled_from(hurts))
        whole = _replaced(document, place, value)
        return Mutation(whole, what, rule, _written((*place, *below)))

    made: SearchStrategy[Mutation] = mutation()
    return made


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


def _hurts(
    value: Any, node: Node, place: Steps, within: Catalogue
) -> Iterator[tuple[Steps, _Hurt]]:
    """Everything that can be done to one value and to all below it."""
    if isinstance(node, Ref):
        yield from _hurts(value, within.get(node.id).node, place, within)
        return
    if isinstance(node, Union):
        branch = _branch(value, node)
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
                    yield from _hurts(each, items, (*place, index), within)
        case Map(values):
            for name, each in value.items():
                yield from _hurts(each, values, (*place, name), within)
        case _:
            pass


def _below(
    value: dict[str, Any], node: Object, place: Steps, within: Catalogue, but: str = ""
) -> Iterator[tuple[Steps, _Hurt]]:
    # The schema that an object names itself decides what is right below: it stays as it is.
    named = {e.node.typed_by for e in node if isinstance(e.node, AnyObject)} | {"$schema", but}
    for each in node:
        if each.name in value and each.name not in named:
            yield from _hurts(value[each.name], each.node, (*place, each.name), within)


def _branch(value: dict[str, Any], node: Union) -> Ref | Object:
    if node.how == "key":
        return next(b for b, tag in zip(node.branches, node.tags, strict=True) if tag in value)
    return node.branches[node.tags.index(value[node.by])]


def _own(value: Any, node: Node) -> Iterator[_Hurt]:
    """What can be done to one value itself."""
    match node:
        case Text():
            yield "a number for a text", "schema.type", (), 1
            if node.pattern is not None:
                rule = "schema.pattern" if node.format is None else "schema.format"
                if not node.min_length and node.max_length is None:
                    yield "a text of another form", rule, (), f"{value}\n"
            elif node.min_length:
                yield "a text too short", "schema.min-length", (), ""
            elif node.max_length is not None:
                yield "a text too long", "schema.max-length", (), "가" * (node.max_length + 1)
        case Constant(only):
            yield "another constant", "schema.const", (), f"{only}-"
        case Enumeration():
            yield "an unknown word", "schema.enum", (), _STRANGER
            yield "a number for a word", "schema.type", (), 0
        case OpenCode():
            yield "a word of nobody's", "schema.open-code", (), _STRANGER
        case Number():
            yield "a text for a number", "schema.type", (), "1.5"
            yield from _beyond(node.minimum, node.maximum)
            if node.exclusive_minimum is not None:
                yield "the excluded lower bound", _EXCLUSIVE[0], (), node.exclusive_minimum
            if node.exclusive_maximum is not None:
                yield "the excluded upper bound", _EXCLUSIVE[1], (), node.exclusive_maximum
        case Integer():
            yield "a text for a number", "schema.type", (), "1"
            if not node.multiple_of:
                yield from _beyond(node.minimum, node.maximum)
        case Boolean():
            yield "a word for a truth value", "schema.type", (), "true"
        case Array():
            yield "an element for the list", "schema.type", (), {}
            if node.min_items:
                yield "a list too short", "schema.min-items", (), []
        case Map():
            yield "a list for a map", "schema.type", (), []
            if node.min_properties:
                yield "an empty map", "schema.min-properties", (), {}
        case Object():
            yield "nested in a list", "schema.type", (), [value]
            for name in node.required:
                rest = {key: each for key, each in value.items() if key != name}
                yield "a compulsory field gone", "schema.required", (), rest
            if node.closed:
                more = {**value, _STRANGER: 1}
                yield "a field too many", "schema.unknown-field", (_STRANGER,), more
        case AnyObject():
            yield "a list for an object", "schema.type", (), []
        case Ref() | Union():
            raise AssertionError(node)  # pragma: no cover - the caller has followed them
        case _:
            assert_never(node)


_EXCLUSIVE: Final = ("schema.exclusive-minimum", "schema.exclusive-maximum")


def _beyond(low: float | None, high: float | None) -> Iterator[_Hurt]:
    if low is not None:
        yield "below the least", "schema.minimum", (), _next(low, -1)
    if high is not None:
        yield "above the most", "schema.maximum", (), _next(high, 1)


def _next(value: float, step: int) -> float:
    return value + step if isinstance(value, int) else math.nextafter(value, step * math.inf)
