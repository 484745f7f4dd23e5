"""Text as markup, escaped by construction: prose with code in it, and highlighted JSON."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, Final

from markupsafe import Markup, escape

_TOKEN: Final = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)'
    r'|(?P<text>"(?:[^"\\]|\\.)*")'
    r"|(?P<number>-?[0-9][0-9.eE+-]*)"
    r"|(?P<word>true|false|null)"
)

_CLASSES: Final = {"key": "k", "text": "s", "number": "n", "word": "w"}


@cache
def prose(text: str) -> Markup:
    """A sentence whose `code` stands between backticks; an odd backtick stays what it is."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


@cache
def highlighted(source: str) -> Markup:
    """JSON with its keys, strings, numbers and words told apart."""
    made: list[Markup] = []
    end = 0
    for found in _TOKEN.finditer(source):
        made.append(escape(source[end : found.start()]))
        kind = _CLASSES[str(found.lastgroup)]
        made.append(Markup('<span class="{}">{}</span>').format(kind, found.group()))
        end = found.end()
    made.append(escape(source[end:]))
    return Markup("").join(made)


def compact(value: Any) -> str:
    """A value as JSON on one line, Hangul as Hangul."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def number(value: float) -> str:
    """A bound without a needless decimal point: 0 and not 0.0."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
