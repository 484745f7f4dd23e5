"""Foreign text made safe to look at: what a product says may be hostile, huge or invisible.

Escaping for HTML, XML or Markdown is each renderer's own business and comes after this. Here
text is bounded, and whatever a reader could not see, or what would rearrange the line around it,
becomes visible.
"""

from __future__ import annotations

import unicodedata
from typing import Final

#: Characters of foreign text that a report shows; enough for any tag, path or value.
LIMIT: Final = 400

#: Cc: controls. Cf: bidirectional and zero-width. Cn has the noncharacters. Zl, Zp: line breaks.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"})


def clean(text: object, limit: int = LIMIT) -> str:
    r"""Foreign text on one line, bounded, with nothing invisible in it.

    Control and format characters (bidirectional overrides, zero-width ones), surrogates and
    noncharacters become their code points in brackets: fonts rarely have the control pictures.
    The outcome has no character that XML 1.0 forbids.

    >>> clean("a\x00b\u202ec")
    'a[U+0000]b[U+202E]c'
    >>> clean("x" * 1000, limit=8)
    'xxxxxxxx… (1000)'
    """
    whole = str(text)
    shown = "".join(map(_visible, whole[:limit]))
    return shown if len(whole) <= limit else f"{shown}… ({len(whole)})"


def _visible(character: str) -> str:
    if " " <= character <= "~":
        return character
    if unicodedata.category(character) in _UNSEEN:
        return f"[U+{ord(character):04X}]"
    return character


def web_address(text: str) -> str | None:
    """The text if it is an address that a browser may follow, else ``None``.

    A link is the one place where escaping does not help: ``javascript:`` needs no quotes.
    """
    return clean(text) if text.startswith("https://") and len(text) <= LIMIT else None
