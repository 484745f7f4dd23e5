"""What the source of a tally asks of single values."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from mfgstd.validation.lowering import absolute_end

if TYPE_CHECKING:
    from collections.abc import Callable

#: How many texts of which length are remembered for each pattern.
_LEARNED: Final = 1024
_LEARNED_LENGTH: Final = 128


@cache
def search(pattern: str) -> Callable[[str], Any]:
    """A search for a pattern whose ``$`` is the very end."""
    return re.compile(absolute_end(pattern)).search


@cache
def learning(pattern: str) -> tuple[set[str], Callable[[str], bool]]:
    """Texts known to match, and a search that adds to them: ids come again and again."""
    seen: set[str] = set()
    found = search(pattern)

    def matches(text: str) -> bool:
        if found(text) is None:
            return False
        if len(seen) < _LEARNED and len(text) <= _LEARNED_LENGTH:
            seen.add(text)
        return True

    return seen, matches


def is_number(value: Any) -> bool:
    """Whether it is a finite number; true and false are none."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def is_whole(value: Any) -> bool:
    """Whether it is a whole number, be it written ``1.0``."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def repeats(items: list[Any]) -> bool:
    """Whether two entries are the same JSON value: 1 and 1.0 are, 1 and true are not."""
    if all(type(each) is str for each in items):
        return len(set(items)) < len(items)
    return len({_hashable(each) for each in items}) < len(items)


def _hashable(value: Any) -> Any:
    match value:
        case bool():
            return (bool, value)
        case dict():
            return (dict, frozenset((name, _hashable(each)) for name, each in value.items()))
        case list():
            return (list, tuple(_hashable(each) for each in value))
        case _:
            return value
