"""Python source laid out as ``ruff format`` would lay it out, without running it.

An expression is written on one line if it fits, else exploded with one part on each line and a
comma after the last, which the formatter then leaves alone. A test compares with the formatter.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import Final, TypeAlias

WIDTH: Final = 100
INDENT: Final = 4


@dataclass(frozen=True, slots=True)
class Call:
    """``head(parts)`` or ``head[parts]``."""

    head: str
    parts: tuple[Expression, ...]
    brackets: str = "()"


@dataclass(frozen=True, slots=True)
class Keyword:
    """``name=value`` inside a call."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Either:
    """``A | B | C``."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Raw:
    """A string literal for a regular expression, split over lines where it is long."""

    text: str


Expression: TypeAlias = str | Call | Keyword | Either | Raw


def width(text: str) -> int:
    """Columns that ``text`` takes: Hangul takes two for each character, as linters count."""
    return len(text) + sum(unicodedata.east_asian_width(each) in "WF" for each in text)


def literal(text: str) -> str:
    """``text`` as a string literal in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def index(head: str, *parts: Expression) -> Call:
    """``head[parts]``."""
    return Call(head, parts, "[]")


def flat(expression: Expression) -> str:
    """The expression on one line."""
    match expression:
        case str():
            return expression
        case Call(head, parts, brackets):
            return f"{head}{brackets[0]}{', '.join(map(flat, parts))}{brackets[1]}"
        case Keyword(name, value):
            return f"{name}={flat(value)}"
        case Either(parts):
            return " | ".join(map(flat, parts))
        case Raw(text):
            return _quoted(text)


def render(
    expression: Expression,
    indent: int,
    used: int,
    tail: int,
    *,
    bare: bool = True,
    explode: bool = False,
) -> str:
    """The expression, beginning in column ``used`` and followed by ``tail`` more characters.

    ``bare`` says that no bracket is open around it, so that a union or a split string needs its
    own; ``explode`` splits even what would fit.
    """
    line = flat(expression)
    if used + width(line) + tail <= WIDTH and not explode:
        return line
    margin = " " * indent
    inner = indent + INDENT
    pad = " " * inner
    match expression:
        case str():
            return expression
        case Call(head, parts, brackets):
            lines = "".join(
                f"{pad}{render(part, inner, inner, 1, bare=False)},\n" for part in parts
            )
            if brackets == "[]" and len(parts) == 1:
                lines = lines.removesuffix(",\n") + "\n"  # a comma would make it a tuple
            return f"{head}{brackets[0]}\n{lines}{margin}{brackets[1]}"
        case Keyword(name, value):
            start = used + len(name) + 1
            return f"{name}={render(value, indent, start, tail, bare=True)}"
        case Either(parts):
            if bare:
                # Exploded, or the formatter would rather split the default than the annotation.
                body = render(expression, inner, inner, 0, bare=False, explode=True)
                return f"(\n{pad}{body}\n{margin})"
            return f"\n{margin}| ".join(
                render(part, indent, indent + 2, 0, bare=False, explode=explode) for part in parts
            )
        case Raw(text):
            if bare:
                return f"(\n{pad}{render(expression, inner, inner, 0, bare=False)}\n{margin})"
            return f"\n{margin}".join(map(_quoted, _pieces(text, WIDTH - indent - 4)))


def statement(start: str, expression: Expression, end: str = "", indent: int = 0) -> str:
    """One assignment or annotation: ``start``, the expression, ``end``."""
    margin = " " * indent
    return margin + start + render(expression, indent, indent + len(start), len(end)) + end


def docstring(paragraphs: list[str], indent: int) -> str:
    """A docstring, filled to the width of a line; the quotes close on its last line if they fit."""
    margin = " " * indent
    lines: list[str] = []
    for number, paragraph in enumerate(paragraphs):
        if number:
            lines.append("")
        tame = paragraph.replace('"""', "'''")
        lines.extend(_fill(tame, WIDTH - indent, first=0 if number else 4))
    if lines[-1].endswith(('"', "\\")):
        lines[-1] += " "
    opening = 'r"""' if any("\\" in line for line in lines) else '"""'
    text = "\n".join(margin + line if line else "" for line in lines)
    text = margin + opening + text.removeprefix(margin)
    if len(lines) == 1 and width(text) + 3 <= WIDTH:
        return text + '"""'
    return f'{text}\n{margin}"""'


def _fill(paragraph: str, room: int, first: int) -> list[str]:
    lines = [""]
    left = room - first
    for word in paragraph.split():
        size = width(word)
        if lines[-1] and width(lines[-1]) + 1 + size > left:
            lines.append(word)
            left = room
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return lines


def _quoted(text: str) -> str:
    if "\\" not in text:
        return literal(text)
    return f'r"{text}"' if '"' not in text else f"r'{text}'"


def _pieces(text: str, room: int) -> list[str]:
    pieces = [""]
    for each in text:
        # Never cut between a backslash and what it escapes.
        if len(pieces[-1]) >= room - 1 and not pieces[-1].endswith("\\"):
            pieces.append("")
        pieces[-1] += each
    return pieces
