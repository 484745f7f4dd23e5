"""A schema laid flat: every field of it and of the objects inside it, in reading order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from mfgstd.language import Text
from mfgstd.standard import resolved
from mfgstd.standard.generators.site.links import anchor
from mfgstd.standard.generators.site.marks import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd.standard.resolved import Node, Notes, Resolved, Word


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``path`` is what stands in the document: ``results[].value``.

    ``depth`` is 0 for the schema's own; ``inherited`` the ``$id`` of the base it came from.
    """

    name: str
    path: str
    anchor: str
    depth: int
    required: bool
    node: Node
    notes: Notes
    inherited: str | None

    @property
    def words(self) -> tuple[Word, ...]:
        """The words that it may hold, if it holds words."""
        return words(self.node)


def fields(schema: Resolved) -> tuple[Field, ...]:
    """All fields of a schema: its own, then those of its base."""
    seen: dict[str, int] = {}
    flat = [_distinct(each, seen) for each in _below(schema.node, "", 0, None)]
    own = [each for each in flat if each.inherited is None]
    return (*own, *(each for each in flat if each.inherited is not None))


def words(node: Node) -> tuple[Word, ...]:
    """The words of an enumeration or open code, also of one in a list."""
    match node:
        case resolved.Enumeration(listed):
            return listed
        case resolved.OpenCode(listed):
            return listed
        case resolved.Array(items):
            return words(items)
        case resolved.Map(values):
            return words(values)
        case (
            resolved.Text()
            | resolved.Constant()
            | resolved.Number()
            | resolved.Integer()
            | resolved.Boolean()
            | resolved.Object()
            | resolved.Union()
            | resolved.Ref()
            | resolved.AnyObject()
        ):
            return ()
        case _:
            assert_never(node)


def word_anchor(field: Field | None, word: str) -> str:
    """The place of a word on the page of its schema."""
    return anchor("word", f"{field.path}.{word}" if field else word)


def _below(node: Node, path: str, depth: int, base: str | None) -> Iterator[Field]:
    match node:
        case resolved.Object(_, properties):
            for each in properties:
                here = f"{path}.{each.name}" if path else each.name
                came = each.inherited if depth == 0 else base
                yield Field(
                    name=each.name,
                    path=here,
                    anchor=anchor("field", here),
                    depth=depth,
                    required=each.required,
                    node=each.node,
                    notes=each.notes,
                    inherited=came,
                )
                yield from _below(each.node, here, depth + 1, came)
        case resolved.Array(items):
            yield from _below(items, f"{path}[]", depth, base)
        case resolved.Map(values):
            yield from _below(values, f"{path}{{}}", depth, base)
        case resolved.Union(branches, how, _, tags):
            for branch, tag in zip(branches, tags, strict=True):
                # Branches by key have different fields; those by constant share names.
                yield from _below(branch, path if how == "key" else f"{path}({tag})", depth, base)
        case (
            resolved.Text()
            | resolved.Constant()
            | resolved.Enumeration()
            | resolved.OpenCode()
            | resolved.Number()
            | resolved.Integer()
            | resolved.Boolean()
            | resolved.Ref()
            | resolved.AnyObject()
        ):
            return
        case _:
            assert_never(node)


def _distinct(field: Field, seen: dict[str, int]) -> Field:
    seen[field.anchor] = seen.get(field.anchor, 0) + 1
    if seen[field.anchor] == 1:
        return field
    return Field(
        field.name,
        field.path,
        f"{field.anchor}.{seen[field.anchor]}",
        field.depth,
        field.required,
        field.node,
        field.notes,
        field.inherited,
    )


def bounds(node: Node) -> tuple[Text, ...]:
    """What a value must keep to; its pattern is apart."""
    match node:
        case resolved.Number(low, high, above, below):
            return _range(low, high, above, below)
        case resolved.Integer(low, high, step):
            made = _range(low, high, None, None)
            return (*made, _same(f"n × {step}")) if step else made
        case resolved.Array(items, low, high, unique):
            apart = (Text("all different", "중복 없음"),) if unique else ()
            return (*_size(low, high, Text("entries", "개")), *apart, *bounds(items))
        case resolved.Map(values, _, low, high):
            return (*_size(low, high, Text("entries", "개")), *bounds(values))
        case resolved.Text(_, _, low, high):
            return _size(low, high, Text("characters", "자"))
        case (
            resolved.Constant()
            | resolved.Enumeration()
            | resolved.OpenCode()
            | resolved.Boolean()
            | resolved.Object()
            | resolved.Union()
            | resolved.Ref()
            | resolved.AnyObject()
        ):
            return ()
        case _:
            assert_never(node)


def pattern(node: Node) -> str | None:
    """The pattern of a text, also of one in a list; that of a code says only what its words say."""
    match node:
        case resolved.Text(found):
            return found
        case resolved.Array(items):
            return pattern(items)
        case resolved.Map(_, keys):
            return keys
        case (
            resolved.Constant()
            | resolved.Enumeration()
            | resolved.OpenCode()
            | resolved.Number()
            | resolved.Integer()
            | resolved.Boolean()
            | resolved.Object()
            | resolved.Union()
            | resolved.Ref()
            | resolved.AnyObject()
        ):
            return None
        case _:
            assert_never(node)


def _range(
    low: float | None, high: float | None, above: float | None, below: float | None
) -> tuple[Text, ...]:
    signs = (("≥", low), (">", above), ("≤", high), ("<", below))
    return tuple(_same(f"{sign} {number(value)}") for sign, value in signs if value is not None)


def _size(low: int | None, high: int | None, of: Text) -> tuple[Text, ...]:
    if low is None and high is None:
        return ()
    if low == high:
        return (Text(f"exactly {low} {of.en}", f"정확히 {low}{of.ko}"),)
    if high is None:
        one = of.en.removesuffix("s") if of.en == "characters" else "entry"
        return (Text(f"at least {low} {one if low == 1 else of.en}", f"{low}{of.ko} 이상"),)
    if not low:
        return (Text(f"at most {high} {of.en}", f"{high}{of.ko} 이하"),)
    return (Text(f"{low} to {high} {of.en}", f"{low}~{high}{of.ko}"),)


def _same(text: str) -> Text:
    return Text(text, text)
