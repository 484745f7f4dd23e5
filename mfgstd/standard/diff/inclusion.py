"""Whether one node certainly accepts whatever another one allows: a proof, or no.

Judged as producers and consumers are: documents are those that are *strictly* valid by the narrow
node, and the wide node reads them *tolerantly* (unknown fields and unknown words of open codes
pass). ``False`` means "not proved": two patterns that say the same in other words are not compared.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, Protocol, assert_never

from mfgstd.standard.profile import URI
from mfgstd.standard.resolved import (
    NAMESPACE,
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
    from collections.abc import Iterable

_WORD: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_URI: Final = re.compile(URI)
_INT64: Final = (-(2**63), 2**63 - 1)


class Schemas(Protocol):
    """Where a node's references are looked up."""

    def get(self, schema_id: str) -> Resolved: ...  # noqa: D102 - the class says it


def includes(wide: Node, wide_in: Schemas, narrow: Node, narrow_in: Schemas) -> bool:
    """Whether ``wide`` accepts every value of ``narrow``; each with the schemas it refers to."""
    return _Proof(wide_in, narrow_in).holds(wide, narrow)


class _Proof:
    def __init__(self, wide_in: Schemas, narrow_in: Schemas) -> None:
        self._wide_in = wide_in
        self._narrow_in = narrow_in
        self._assumed: set[tuple[str, str]] = set()

    def holds(self, wide: Node, narrow: Node) -> bool:
        if isinstance(wide, Ref) and isinstance(narrow, Ref):
            pair = (wide.id, narrow.id)
            if pair in self._assumed:
                # Schemas inside themselves: what holds as long as it holds one level deeper, holds.
                return True
            self._assumed.add(pair)
        if isinstance(wide, Ref):
            return self.holds(self._wide_in.get(wide.id).node, narrow)
        if isinstance(narrow, Ref):
            return self.holds(wide, self._narrow_in.get(narrow.id).node)
        if isinstance(narrow, Union) and not isinstance(wide, Union):
            return all(self.holds(wide, each) for each in narrow.branches)
        match wide:
            case Text():
                return _text(wide, narrow)
            case Constant(value):
                return _words_of(narrow) == {value}
            case Enumeration(words):
                given = _words_of(narrow)
                return given is not None and given <= {each.value for each in words}
            case OpenCode(words):
                return _open_code(frozenset(each.value for each in words), narrow)
            case Number():
                return _number(wide, narrow)
            case Integer():
                return _integer(wide, narrow)
            case Boolean():
                return isinstance(narrow, Boolean)
            case Array():
                return isinstance(narrow, Array) and self._array(wide, narrow)
            case Map():
                return isinstance(narrow, Map) and self._map(wide, narrow)
            case Object():
                return isinstance(narrow, Object) and self._object(wide, narrow)
            case Union():
                return isinstance(narrow, Union) and self._union(wide, narrow)
            case AnyObject(typed_by):
                return isinstance(narrow, AnyObject) and typed_by == narrow.typed_by
            case _:
                assert_never(wide)

    def _array(self, wide: Array, narrow: Array) -> bool:
        return (
            within(wide.min_items, wide.max_items, narrow.min_items, narrow.max_items)
            and (narrow.unique or not wide.unique)
            and (narrow.max_items == 0 or self.holds(wide.items, narrow.items))
        )

    def _map(self, wide: Map, narrow: Map) -> bool:
        sizes = (narrow.min_properties, narrow.max_properties)
        return (
            within(wide.min_properties, wide.max_properties, *sizes)
            and pattern_includes(wide.key_pattern, narrow.key_pattern)
            and self.holds(wide.values, narrow.values)
        )

    def _object(self, wide: Object, narrow: Object) -> bool:
        given = {each.name: each for each in narrow}
        for each in wide:
            other = given.get(each.name)
            if other is None:
                # An open object may hold anything under a name that it does not know.
                if each.required or not narrow.closed:
                    return False
            elif (each.required and not other.required) or not self.holds(each.node, other.node):
                return False
        return True

    def _union(self, wide: Union, narrow: Union) -> bool:
        if (wide.how, wide.by) != (narrow.how, narrow.by):
            return False
        branches = dict(zip(wide.tags, wide.branches, strict=True))
        return all(
            tag in branches and self.holds(branches[tag], branch)
            for tag, branch in zip(narrow.tags, narrow.branches, strict=True)
        )


def within(
    low: int | None, high: int | None, other_low: int | None, other_high: int | None
) -> bool:
    """Whether the second range of counts lies in the first; ``None`` is no limit."""
    return (low or 0) <= (other_low or 0) and (
        high is None or (other_high is not None and other_high <= high)
    )


def pattern_includes(wide: str | None, narrow: str | None) -> bool:
    """Whether every text of the second pattern certainly matches the first.

    Proved for equal patterns, for none, and where the alternatives of ``^(a|b)$`` are among those
    of ``^(a|b|c)$``, each written the same.
    """
    if wide is None or wide == narrow:
        return True
    if narrow is None:
        return False
    more, fewer = alternatives(wide), alternatives(narrow)
    return more is not None and fewer is not None and fewer <= more


def alternatives(pattern: str) -> frozenset[str] | None:
    """The alternatives of a pattern ``^(a|b)$``; ``None`` of one that has another shape."""
    if not (pattern.startswith("^(") and pattern.endswith(")$")):
        return None
    parts, depth, in_class = [""], 0, False
    for each in re.findall(r"\\.|.", pattern[2:-2], re.DOTALL):
        if in_class:
            in_class = each != "]"
        elif each == "[":
            in_class = True
        elif each == "(":
            depth += 1
        elif each == ")":
            depth -= 1
            if depth < 0:  # ^(a)|(b)$ is no single group
                return None
        elif each == "|" and depth == 0:
            parts.append("")
            continue
        parts[-1] += each
    return frozenset(parts)


def _words_of(node: Node) -> set[str] | None:
    """All texts that a node allows, where these are few."""
    match node:
        case Constant(value):
            return {value}
        case Enumeration(words):
            return {each.value for each in words}
        case _:
            return None


def _text(wide: Text, narrow: Node) -> bool:
    if isinstance(narrow, Text):
        lengths = (narrow.min_length, narrow.max_length)
        return within(wide.min_length, wide.max_length, *lengths) and pattern_includes(
            wide.pattern, narrow.pattern
        )
    if isinstance(narrow, OpenCode):
        free = not wide.min_length and wide.max_length is None
        return free and (wide.pattern is None or wide.pattern == narrow.pattern)
    return _all_fit(wide, _words_of(narrow))


def _all_fit(wide: Text, words: Iterable[str] | None) -> bool:
    if words is None:
        return False
    low, high = wide.min_length or 0, math.inf if wide.max_length is None else wide.max_length
    pattern = None if wide.pattern is None else re.compile(wide.pattern)
    return all(
        low <= len(each) <= high and (pattern is None or pattern.fullmatch(each) is not None)
        for each in words
    )


def _open_code(words: frozenset[str], narrow: Node) -> bool:
    given = (
        {each.value for each in narrow.words} if isinstance(narrow, OpenCode) else _words_of(narrow)
    )
    return given is not None and all(
        each in words
        or _WORD.fullmatch(each)
        or (_URI.fullmatch(each) and not each.startswith(NAMESPACE))
        for each in given
    )


def _number(wide: Number, narrow: Node) -> bool:
    match narrow:
        case Number():
            pass
        case Integer():
            low, high = bounds(narrow)
            narrow = Number(minimum=low, maximum=high)
        case _:
            return False
    return _above(wide.minimum, wide.exclusive_minimum, narrow) and _below(
        wide.maximum, wide.exclusive_maximum, narrow
    )


def _above(least: float | None, beyond: float | None, narrow: Number) -> bool:
    """Whether no number of ``narrow`` is below one limit, or at the other."""
    closed = -math.inf if narrow.minimum is None else narrow.minimum
    opened = -math.inf if narrow.exclusive_minimum is None else narrow.exclusive_minimum
    return (least is None or least <= max(closed, opened)) and (
        beyond is None or beyond < closed or beyond <= opened
    )


def _below(most: float | None, beyond: float | None, narrow: Number) -> bool:
    closed = math.inf if narrow.maximum is None else narrow.maximum
    opened = math.inf if narrow.exclusive_maximum is None else narrow.exclusive_maximum
    return (most is None or most >= min(closed, opened)) and (
        beyond is None or beyond > closed or beyond >= opened
    )


def bounds(node: Integer) -> tuple[int, int]:
    """The bounds of an integer: its own, else those of 64 bits."""
    low, high = _INT64
    return (
        low if node.minimum is None else node.minimum,
        high if node.maximum is None else node.maximum,
    )


def _integer(wide: Integer, narrow: Node) -> bool:
    if not isinstance(narrow, Integer):
        return False
    (low, high), (other_low, other_high) = bounds(wide), bounds(narrow)
    step, other_step = wide.multiple_of or 1, narrow.multiple_of or 1
    return low <= other_low and other_high <= high and other_step % step == 0
