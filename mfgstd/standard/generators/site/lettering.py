"""How wide a text becomes, at most: estimated, since who draws a picture has no font at hand.

The figures are a little above what Noto Sans, Segoe UI, San Francisco and Malgun Gothic need in
their bolder cuts, in em.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

_NARROW: Final = frozenset("iljI.,:;'|!()[]{} ·-")
_BROAD: Final = frozenset("mwMWQO@%")


def width(text: str, size: float) -> float:
    """The width of one line of text in the size's own unit."""
    return sum(_em(each) for each in text) * size


def fit(text: str, size: float, room: float) -> str:
    """The text, cut with an ellipsis where it is wider than ``room``."""
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip(" ·,") + "…"


@cache
def _em(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF" or character == "…":
        return 1.0
    if character in _NARROW:
        return 0.40
    if character in _BROAD:
        return 0.95
    return 0.72 if character.isupper() else 0.62
