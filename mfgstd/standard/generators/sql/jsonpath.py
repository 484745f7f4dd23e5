"""What is wrong inside a list or map, as one SQL/JSON path that finds the first such thing.

A path is a question about one document, so it can stand in a CHECK: ``jsonb_path_exists`` is
immutable, where a subquery over the elements is not allowed. It says types, words, bounds,
patterns, required and unknown keys; uniqueness has no path.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, assert_never

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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def fault(node: Array | Map, by_id: Mapping[str, Resolved]) -> str:
    """A path that finds something only where a list or map, or anything in it, is wrong."""
    # Of a list without a condition on its elements nothing can be wrong here: 1 is never 2.
    return f"strict $ ? ({' || '.join(_inside(node, by_id, ())) or '1 == 2'})"


def _inside(
    node: Array | Map, by_id: Mapping[str, Resolved], within: tuple[str, ...]
) -> Iterator[str]:
    """Conditions on ``@``, a list or map, about what it holds."""
    match node:
        case Array(items):
            each, inner = "@[*]", items
        case Map(values, key_pattern):
            each, inner = "@.*", values
            yield f"exists(@.keyvalue() ? (!(@.key like_regex {_text(key_pattern)})))"
        case _:
            assert_never(node)
    wrong = list(_wrong(inner, by_id, within))
    if wrong:
        yield f"exists({each} ? ({' || '.join(wrong)}))"


def _wrong(node: Node, by_id: Mapping[str, Resolved], within: tuple[str, ...]) -> Iterator[str]:
    """Conditions on ``@`` that no value of ``node`` fulfils.

    In strict mode a comparison of unlike types is unknown, and unknown condemns nothing: the
    condition on the type does.
    """
    match node:
        case Ref(schema_id):
            if schema_id not in within:
                yield from _wrong(by_id[schema_id].node, by_id, (*within, schema_id))
        case Text(pattern=pattern, min_length=least, max_length=most):
            yield _not_a("string")
            if pattern is not None:
                yield _unlike(pattern)
            # A dot may be any character here; a repetition goes up to 255 in PostgreSQL.
            if least:
                yield f'!(@ like_regex "^.{{{min(least, 255)}}}" flag "s")'
            if most is not None and most < 255:
                yield f'@ like_regex "^.{{{most + 1}}}" flag "s"'
        case Constant(value):
            yield from (_not_a("string"), f"@ != {_text(value)}")
        case Enumeration(words):
            yield _not_a("string")
            yield " && ".join(f"@ != {_text(word.value)}" for word in words)
        case OpenCode(pattern=pattern):
            yield _not_a("string")
            if pattern is not None:
                yield _unlike(pattern)
        case Number():
            yield _not_a("number")
            yield from _beyond(node.minimum, "<", node.maximum, ">")
            yield from _beyond(node.exclusive_minimum, "<=", node.exclusive_maximum, ">=")
        case Integer():
            yield _not_a("number")
            yield from _beyond(node.minimum, "<", node.maximum, ">")
            yield f"@ % {node.multiple_of or 1} != 0"
        case Boolean():
            yield _not_a("boolean")
        case Array(min_items=least, max_items=most):
            yield _not_a("array")
            yield from (f"@.size() {each}" for each in _sizes(least, most))
            yield from _inside(node, by_id, within)
        case Map(min_properties=least):
            yield _not_a("object")
            if least:
                yield "!(exists(@.*))"
            yield from _inside(node, by_id, within)
        case Object():
            yield from _object(node, by_id, within)
        case Union():
            yield _not_a("object")
            yield from _union(node, by_id, within)
        case AnyObject("$schema"):
            yield from (_not_a("object"), _absent("$schema"))
        case AnyObject():
            yield _not_a("object")
        case _:
            assert_never(node)


def _object(node: Object, by_id: Mapping[str, Resolved], within: tuple[str, ...]) -> Iterator[str]:
    yield _not_a("object")
    if node.closed:
        yield _unknown_key([each.name for each in node])
    for each in node:
        at = f"@.{_text(each.name)}"
        if each.required:
            yield _absent(each.name)
        wrong = list(_wrong(each.node, by_id, within))
        if wrong:
            yield f"exists({at} ? ({' || '.join(wrong)}))"


def _union(node: Union, by_id: Mapping[str, Resolved], within: tuple[str, ...]) -> Iterator[str]:
    """Each branch speaks for itself behind its key or constant; a fourth kind is none."""
    for branch, tag in zip(node.branches, node.tags, strict=True):
        shape = by_id[branch.id].node if isinstance(branch, Ref) else branch
        if isinstance(branch, Ref) and branch.id in within:
            continue
        deeper = (*within, branch.id) if isinstance(branch, Ref) else within
        key = _text(tag if node.how == "key" else node.by)
        is_it = f"exists(@.{key})" if node.how == "key" else f"@.{key} == {_text(tag)}"
        wrong = " || ".join(_wrong(shape, by_id, deeper))
        yield f"exists(@ ? ({is_it}) ? ({wrong}))"
    if node.how == "key":
        yield _unknown_key(node.tags)
        yield "!(exists(@.*))"
    else:
        key = _text(node.by)
        yield _absent(node.by)
        yield " && ".join(f"@.{key} != {_text(tag)}" for tag in node.tags)


def _unknown_key(names: Sequence[str]) -> str:
    unknown = " && ".join(f"@.key != {_text(name)}" for name in names)
    return f"exists(@.keyvalue() ? ({unknown}))"


def _absent(name: str) -> str:
    # In strict mode `@.name` of an object without it is an error, so that `exists` is unknown.
    return f"!(exists(@.keyvalue() ? (@.key == {_text(name)})))"


def _not_a(kind: str) -> str:
    return f'@.type() != "{kind}"'


def _unlike(pattern: str) -> str:
    return f"!(@ like_regex {_text(pattern)})"


def _beyond(low: float | None, under: str, high: float | None, over: str) -> Iterator[str]:
    if low is not None:
        yield f"@ {under} {low}"
    if high is not None:
        yield f"@ {over} {high}"


def _sizes(least: int | None, most: int | None) -> Iterator[str]:
    if least:
        yield f"< {least}"
    if most is not None:
        yield f"> {most}"


def _text(text: str) -> str:
    """A string of the path language: written as in JSON."""
    return json.dumps(text, ensure_ascii=False)
