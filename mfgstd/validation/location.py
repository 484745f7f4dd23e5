"""From a JSON Pointer to a line and column of the user's own text.

A parser forgets where its values stood; only documents with findings pay for looking again. The
scan is one pass over tokens, without recursion, and stops when every pointer has been found.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable

#: One JSON token; the quantifiers are possessive so that a long string needs no stack.
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},:]|[^\s\[\]{},:"]++', re.DOTALL)


class Position(TypedDict):
    """A line and a column, both from 1, the column in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Span:
    """Where the member ``pointer`` stands: byte offsets of its key (if it has one) and value."""

    key: int | None
    value: int


def position(data: bytes, offset: int) -> Position:
    """The line and column of a byte offset."""
    start = data.rfind(b"\n", 0, offset) + 1
    # A line may be gigabytes long; a column beyond a million helps nobody.
    ahead = data[start : min(offset, start + 1_000_000)]
    return Position(
        line=data.count(b"\n", 0, offset) + 1,
        column=len(ahead.decode("utf-8", "replace").removeprefix("\ufeff")) + 1,
    )


def locate(data: bytes, pointers: Iterable[str]) -> dict[str, Span]:
    """Where each pointer's value stands in a valid JSON text; what is not there is left out."""
    wanted = set(pointers)
    found: dict[str, Span] = {}
    if not wanted:
        return found
    # One frame per open bracket: its pointer, the next index (-1 in objects).
    frames: list[tuple[str, int]] = []
    key: tuple[str, int] | None = None
    expect_key = False
    for token in _TOKEN.finditer(data.removeprefix(b"\xef\xbb\xbf")):
        text = token[0]
        first = text[:1]
        if first == b":":
            continue
        if first == b",":
            parent, index = frames[-1]
            expect_key = index < 0
            if index >= 0:
                frames[-1] = (parent, index + 1)
            continue
        if first in b"]}":
            frames.pop()
            expect_key = False
            continue
        if expect_key:
            key = (escape(_string(text)), token.start())
            expect_key = False
            continue
        pointer = _pointer(frames, key)
        if pointer in wanted:
            shift = 3 if data.startswith(b"\xef\xbb\xbf") else 0
            found[pointer] = Span(key=key[1] + shift if key else None, value=token.start() + shift)
            if len(found) == len(wanted):
                break
        key = None
        if first == b"{":
            frames.append((pointer, -1))
            expect_key = True
        elif first == b"[":
            frames.append((pointer, 0))
    return found


def escape(name: str) -> str:
    """One reference token of RFC 6901."""
    return name.replace("~", "~0").replace("/", "~1")


def _string(token: bytes) -> str:
    if b"\\" not in token:
        return token[1:-1].decode("utf-8", "replace")
    text: str = json.loads(token)
    return text


def _pointer(frames: list[tuple[str, int]], key: tuple[str, int] | None) -> str:
    if not frames:
        return ""
    parent, index = frames[-1]
    if index >= 0:
        return f"{parent}/{index}"
    return f"{parent}/{key[0] if key else ''}"
