r"""Lines that a program writes have one shape: the same members in the same order, other values.

A shape is made from one line. The bytes between its values are **segments**, its values are
**holes**. A line has the shape if it is the same segments with a text or a number in each hole.

Why such a line is strict JSON with just the members of the first one:

1. The first line is one document as the strict reader reads it, its members are all known, none is
   null, and it has no escapes. So each hole holds one string without its quotes, or one number.
2. Grammar does not care which string or which number stands where one may stand. So a line is
   strict JSON too if it has the same segments, strings in the holes for strings and numbers in
   those for numbers. No member is hidden in it: all names are in the segments.
3. A hole of a text begins after a quote and ends before the very next quote, so no quote is in it.
   It holds a string if it has no backslash, no control character, and is UTF-8. All of this is
   asked of whole lines (:class:`mfgstd.validation.bulk.lines.shapes.blocks.Block`); control
   characters may stand in segments, so there must be just as many in the line.
4. What stands in the hole of a number is compared with the grammar of numbers
   (:func:`mfgstd.validation.bulk.lines.shapes.tokens.numbers`).
5. Segments and holes follow each other without a gap from the first byte of the line to its last:
   each hole ends where the next segment begins, and none has a length below zero.

A segment is found by its first quote. If those before it were where they should be, all quotes so
far are counted, so the number of that quote in its line is the same in all lines. A last segment
without a quote is found by the end of the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from mfgstd.validation.bulk.lines.leaves import SCHEMA, Leaf, Leaves, Path
from mfgstd.validation.reader import read

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mfgstd.validation.bulk.lines.shapes.blocks import Block, Places, Rows

#: Longer lines are few; what is compared of them would not stay in the cache.
LONGEST: Final = 16 << 10

_TOKEN: Final = re.compile(
    rb'"[^"\\]*"|-?[0-9][0-9.eE+-]*|true|false|null|[][{},:]|[ \t\r\n]+', re.DOTALL
)

#: What stands in a hole of the first line; a text is without its quotes.
Value: TypeAlias = "str | bool"


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes that all lines of a shape have.

    ``quote`` is which quote of the line its first one is, from 0; of a segment without one it is
    how many the line has. ``before`` counts its bytes before that, or before the end of the line.
    """

    text: bytes
    quote: int
    before: int


@dataclass(frozen=True, slots=True)
class Shape:
    """Segments, and between each two of them the leaf whose values stand there.

    ``constants`` are values that are part of the segments, ``objects`` the paths of all nested
    objects. ``quotes`` and ``controls`` count the quotes of a line, and its control characters
    before the newline.
    """

    segments: tuple[Segment, ...]
    leaves: tuple[Leaf, ...]
    constants: Mapping[Path, Value]
    objects: frozenset[Path]
    quotes: int
    controls: int

    def fit(self, block: Block, rows: Rows) -> Fit:
        """Which lines have the shape, and where their values are."""
        good = rows.controls == self.controls if block.controls else np.ones(rows.count, np.bool_)
        begins: list[Places] = []
        ends: list[Places] = []
        end = rows.begins
        for each in self.segments:
            start = (
                rows.ends if each.quote == self.quotes else rows.quote(each.quote)
            ) - each.before
            if begins:
                ends.append(start)
                good &= start >= end
            else:
                good &= start == end
            same = block.same(start, each.text)
            if same is not None:
                good &= same
            end = start + len(each.text)
            begins.append(end)
        good &= end == rows.ends + 1
        return Fit(good, begins[:-1], ends)


@dataclass(frozen=True, slots=True)
class Fit:
    """For some lines whether they have a shape, and the first byte of each hole and its end."""

    good: np.ndarray[tuple[int], np.dtype[np.bool_]]
    begins: list[Places]
    ends: list[Places]


@dataclass(frozen=True, slots=True)
class Example:
    """One line as tokens, from which shapes are made.

    ``values`` are where the values of leaves stand: the leaf, its first byte and its end, texts
    without their quotes.
    """

    line: bytes
    values: tuple[tuple[Leaf, int, int], ...]
    objects: frozenset[Path]

    def text(self, begin: int, end: int) -> str:
        """A value as it is written."""
        return self.line[begin:end].decode()

    def texts(self) -> dict[Path, str]:
        """The texts by their paths."""
        return {
            leaf.path: self.text(begin, end)
            for leaf, begin, end in self.values
            if leaf.kind == "text"
        }

    @property
    def skeleton(self) -> tuple[bytes, ...]:
        """What it shares with lines of other texts and numbers."""
        parts, at = [], 0
        for leaf, begin, end in self.values:
            if leaf.kind != "boolean":
                parts.append(self.line[at:begin])
                at = end
        return (*parts, self.line[at:])

    def shape(self, constant: frozenset[Path]) -> Shape:
        """The shape of lines that have the same texts in the leaves ``constant``."""
        segments: list[Segment] = []
        leaves: list[Leaf] = []
        constants: dict[Path, Value] = {}
        quotes = at = 0

        def cut(end: int) -> None:
            nonlocal quotes
            text = self.line[at:end]
            before = text.find(b'"')
            segments.append(Segment(text, quotes, before if before >= 0 else len(text) - 1))
            quotes += text.count(b'"')

        for leaf, begin, end in self.values:
            if leaf.kind == "boolean":
                constants[leaf.path] = self.line[begin:end] == b"true"
            elif leaf.path in constant:
                constants[leaf.path] = self.text(begin, end)
            else:
                cut(begin)
                leaves.append(leaf)
                at = end
        cut(len(self.line))
        controls = sum(each < 32 for each in self.line) - 1
        return Shape(tuple(segments), tuple(leaves), constants, self.objects, quotes, controls)


def example_of(line: bytes, leaves: Leaves, schema: str, *, named: bool) -> Example | None:
    """A line, newline included, as an example; ``None`` if shapes are not for its like.

    It must be strict JSON of known leaves and objects without escapes, and name its ``schema``,
    unless it need not and names none.
    """
    if len(line) > LONGEST or not line.endswith(b"\n") or b"\\" in line:
        return None
    value, ok, warnings = read(line)
    if not ok or warnings or not isinstance(value, dict):
        return None
    if value.get("$schema", None if named else schema) != schema:
        return None
    return _walked(line, leaves)


def _walked(line: bytes, leaves: Leaves) -> Example | None:
    known = {each.path: each for each in leaves.scalars}
    values: list[tuple[Leaf, int, int]] = []
    objects: set[Path] = set()
    path: Path = ()
    key, here, at = "", False, 0
    for found in _TOKEN.finditer(line):
        token, begin, end = found[0], found.start(), found.end()
        if begin != at:
            return None
        at = end
        if token in (b":", b","):
            here = token == b":"
        elif token == b"{":
            if here:
                path = (*path, key)
                if path not in leaves.objects:
                    return None
                objects.add(path)
            here = False
        elif token == b"}":
            path = path[:-1]
        elif token.isspace():
            continue
        elif not here:
            if token[:1] != b'"':
                return None
            key = token[1:-1].decode()
        else:
            leaf = known.get((*path, key))
            quoted = token[:1] == b'"'
            if leaf is None or leaf.kind not in _KINDS.get(token[:1], ("number", "integer")):
                return None
            values.append((leaf, begin + quoted, end - quoted))
            here = False
    return Example(line, tuple(values), frozenset(objects)) if at == len(line) else None


#: By the first byte of a token the kinds of leaves that may have it; all others are numbers.
_KINDS: Final[Mapping[bytes, tuple[str, ...]]] = {
    b'"': ("text",),
    b"t": ("boolean",),
    b"f": ("boolean",),
    b"n": (),
    b"[": (),
    b"]": (),
}


def shapes_of(
    examples: list[Example], most: int, right: Mapping[Path, Collection[str]]
) -> list[Shape]:
    """The shapes that most of some lines have; at most ``most``.

    A text that is the same in all examples of a shape becomes part of it, so nobody looks at it
    again: it must be one of those that are known to be ``right``, by their leaves. An instant never
    does, and of few examples nothing is concluded.
    """
    groups: dict[tuple[bytes, ...], list[Example]] = {}
    for each in examples:
        groups.setdefault(each.skeleton, []).append(each)
    found = []
    for group in sorted(groups.values(), key=len, reverse=True)[:most]:
        texts = [each.texts() for each in group]
        same = {SCHEMA}
        if len(group) >= _ENOUGH:
            same |= {
                leaf.path
                for leaf, _, _ in group[0].values
                if not leaf.instant
                and texts[0].get(leaf.path) in right.get(leaf.path, ())
                and all(each[leaf.path] == texts[0][leaf.path] for each in texts)
            }
        found.append(group[0].shape(frozenset(same)))
    return found


#: Fewer lines do not tell what is the same in all.
_ENOUGH: Final = 16
