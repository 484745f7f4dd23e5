"""Data sets and tables: ``k=v k2={a=1 b=2}`` read into one canonical JSON object.

A table's cells nest one level. Numbers that JSON can write back to the very same digits stay
numbers, everything else is text; ``null`` stands for an entry that the machine removed.
"""

from __future__ import annotations

import json
import re
from typing import Any

#: What C's ``isspace`` calls white space. Agent documents need this module too, so that it
#: stands below the SHDR package and imports nothing of it.
WHITE = " \t\r\n\x0b\x0c"
_KEY = re.compile(r"[^\s=|{}'\"]+")
_SIMPLE = re.compile(r"[^\s\"'{}]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_QUOTED = {
    '"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL),
    "'": re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL),
    "{": re.compile(r"\{((?:[^}\\]|\\.)*)\}", re.DOTALL),
}
_ESCAPED = {
    '"': re.compile(r'\\(")'),
    "'": re.compile(r"\\(')"),
    "{": re.compile(r"\\(\})"),
}
_RESET = re.compile(r":(\S*)\s*")


def canonical(raw: str, *, table: bool) -> tuple[str | None, str | None]:
    """One report of a data set as canonical JSON, and what reset it, if anything did.

    The JSON is ``None`` where ``raw`` does not follow the grammar.

    >>> canonical(":MANUAL b=2 a=x c", table=False)
    ('{"a":"x","b":2,"c":null}', 'MANUAL')
    """
    text = raw.strip(WHITE)
    trigger = None
    if text.startswith(":"):
        reset = _RESET.match(text)
        if reset:
            trigger = reset[1].upper() or None
            text = text[reset.end() :]
    entries = _entries(text, table=table)
    if entries is None:
        return None, trigger
    return (
        json.dumps(entries, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        trigger,
    )


def cell(text: str) -> str | int | float:
    """A number where JSON gives back the same digits, else the text itself."""
    if len(text) < 20 and _NUMBER.fullmatch(text):
        number: int | float = float(text) if "." in text else int(text)
        # 2^53: beyond it JSON readers lose digits. "1.50" and "-0" would not come back.
        if json.dumps(number) == text and abs(number) <= 2**53:
            return number
    return text


def _entries(text: str, *, table: bool) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        key = _KEY.match(text, position)
        if key is None:
            return None
        position = key.end()
        if position >= len(text) or text[position] != "=":
            found[key[0]] = None
            continue
        position += 1
        opener = text[position : position + 1]
        if opener in _QUOTED:
            body = _QUOTED[opener].match(text, position)
            if body is None:
                return None
            position = body.end()
            inner = _ESCAPED[opener].sub(r"\1", body[1])
            if table:
                row = _entries(inner, table=False)
                if row is None:
                    return None
                found[key[0]] = row
            else:
                found[key[0]] = inner
            continue
        simple = _SIMPLE.match(text, position)
        if simple is None or not simple[0]:
            found[key[0]] = None
            continue
        position = simple.end()
        if table:
            # A table's entry is a row; a bare value is none.
            return None
        found[key[0]] = cell(simple[0])
    return found
