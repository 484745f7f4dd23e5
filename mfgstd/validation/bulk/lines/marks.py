"""Counting the marks of JSON in raw bytes, beside a reader that says what it understood.

A lenient reader hides what it forgives. The bytes hide nothing: whatever is in a text beyond what
was understood has left quotes, colons or commas behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: So many bytes at a time stay in the cache of a core while they are looked at again.
_BLOCK: Final = 1 << 17

_TAB, _NEWLINE, _RETURN, _SPACE = 9, 10, 13, 32
_QUOTE, _COMMA, _COLON = 34, 44, 58
_OPEN_ARRAY, _CLOSE_ARRAY, _CLOSE_OBJECT = 91, 93, 125

_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Understood:
    """What a reader made of some lines, added up.

    ``members`` have a name that it looked for and a value that is not null; ``texts`` of them are
    columns of text; ``objects`` counts the documents and the objects nested in them.
    """

    rows: int
    members: int
    texts: int
    objects: int


@dataclass(frozen=True, slots=True)
class Marks:
    """Counts over some whole lines.

    ``keys`` are quotes right before a colon, ``blanks`` the bytes up to the space.
    """

    quotes: int
    keys: int
    blanks: int
    commas: int

    @classmethod
    def of(cls, data: NDArray[np.uint8]) -> Marks:
        """Count in one pass through the cache; the loops release the interpreter's lock."""
        quotes = keys = blanks = commas = 0
        first, second = np.empty(_BLOCK, np.bool_), np.empty(_BLOCK, np.bool_)
        for start in range(0, len(data), _BLOCK):
            block = data[start : start + _BLOCK]
            size = len(block)
            one, two = first[:size], second[:size]
            np.equal(block, _QUOTE, out=one)
            quotes += int(np.count_nonzero(one))
            # The byte after the last one of a block is the first one of the next.
            after = data[start + 1 : start + 1 + size]
            np.equal(after, _COLON, out=two[: len(after)])
            np.logical_and(one[: len(after)], two[: len(after)], out=two[: len(after)])
            keys += int(np.count_nonzero(two[: len(after)]))
            np.less_equal(block, _SPACE, out=one)
            blanks += int(np.count_nonzero(one))
            np.equal(block, _COMMA, out=two)
            commas += int(np.count_nonzero(two))
        return cls(quotes, keys, blanks, commas)


def accounted(data: bytes, marks: Marks, understood: Understood) -> bool:
    r"""Whether strict JSON has nothing in ``data`` that the reader did not understand.

    ``data`` is whole lines. The reader has taken each line that is not blank for one object, has
    checked that its strings are UTF-8 without control characters and with whole escapes, and that
    what is a scalar but no text has the type wanted. What it forgives is left: members that it did
    not look for, that come twice or are null; a value that is no text in a column of text; commas
    before a closing bracket; blank lines and blanks of other kinds; a byte order mark.

    Why the counts are proof:

    1. Without ``\"`` in the bytes every quote begins or ends a string. A member's name ends with a
       quote and, after blanks, a colon: so ``keys``, and the quotes before a blank, are at least
       the members M that there are. What was understood is at most M, each a member of its own.
       If the two numbers are equal, nothing is hidden: no member unknown, twice or null, none
       inside a value.
    2. No array stands where a value begins. So each column of text holds one string or something
       without quotes, and the quotes are 2 M and 2 for each string. If they are 2 M and 2 for
       each value in a column of text, each of these is a string.
    3. Objects have one comma less than members. If the commas are just so many, none is a trailing
       one. Else (a text may hold commas) no bracket may close after a comma.
    4. If only the ends of lines are blank, rows and blanks being equal says that each line has one
       row. Else blanks are counted by kind.

    The opposite is not promised: a text that ends before a colon looks like a member's name.
    """
    if data.startswith(_BOM) or _escaped(data):
        return False
    array = np.frombuffer(data, np.uint8)
    lines_in_blanks = understood.rows - (not data.endswith(b"\n"))
    keys = marks.keys
    if marks.blanks != lines_in_blanks:
        others = _blanks(array)
        if others is None or others.newlines != lines_in_blanks:
            return False
        keys += others.after_quotes
    if keys != understood.members:
        return False
    if marks.quotes != 2 * (understood.members + understood.texts):
        return False
    if b"[" in data and _array_begins(array):
        return False
    commas = understood.members - understood.objects
    return marks.commas == commas or not trailing_commas(array).size


def _escaped(data: bytes) -> bool:
    """Whether a quote may be no mark, or a text has the character that C ends texts with."""
    return b"\\" in data and (b'\\"' in data or b"\\u0000" in data)


@dataclass(frozen=True, slots=True)
class _Blanks:
    newlines: int
    after_quotes: int


def _blanks(data: NDArray[np.uint8]) -> _Blanks | None:
    """The blanks by kind; ``None`` if there is a control character that JSON has no use for."""
    newlines = after_quotes = 0
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK + 1]
        here = block[:_BLOCK]
        control = int(np.count_nonzero(here < _SPACE))
        ends = int(np.count_nonzero(here == _NEWLINE))
        if control != ends:
            ends_and_others = int(np.count_nonzero((here == _TAB) | (here == _RETURN)))
            if control != ends + ends_and_others:
                return None
        newlines += ends
        after_quotes += int(np.count_nonzero((block[:-1] == _QUOTE) & (block[1:] <= _SPACE)))
    return _Blanks(newlines, after_quotes)


def _array_begins(data: NDArray[np.uint8]) -> bool:
    """Whether an opening bracket follows a colon or a blank, as only a value can (or a text)."""
    at = _places(data, lambda block: block == _OPEN_ARRAY)
    before = data[np.maximum(at - 1, 0)]
    return bool(np.any((before == _COLON) | (before <= _SPACE) | (at == 0)))


def trailing_commas(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Where a bracket closes after a comma, with blanks between or not; also inside texts."""
    at = _places(data, lambda block: (block == _CLOSE_OBJECT) | (block == _CLOSE_ARRAY))
    before: NDArray[np.int64] = at - 1
    while True:
        blank = (data[np.maximum(before, 0)] <= _SPACE) & (before > 0)
        if not blank.any():
            break
        before = before - blank
    after: NDArray[np.int64] = at[data[np.maximum(before, 0)] == _COMMA]
    return after


def unfit(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Where a byte stands that JSON has no use for outside a text, nor in it."""

    def control(block: NDArray[np.uint8]) -> NDArray[np.bool_]:
        found = block < _SPACE
        found &= block != _NEWLINE
        if found.any():
            found &= (block != _RETURN) & (block != _TAB)
        return found

    return _places(data, control)


def _places(
    data: NDArray[np.uint8], test: Callable[[NDArray[np.uint8]], NDArray[np.bool_]]
) -> NDArray[np.int64]:
    """Where a test holds, looked for piece by piece within the cache."""
    found = [
        np.flatnonzero(test(data[start : start + _BLOCK])) + start
        for start in range(0, len(data), _BLOCK)
    ]
    return np.concatenate([np.zeros(0, np.int64), *found])
