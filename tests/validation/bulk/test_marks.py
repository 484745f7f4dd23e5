"""Counting marks proves what a lenient reader has understood, and nothing more than that."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.validation.bulk.lines import marks as module
from mfgstd.validation.bulk.lines.marks import Marks, Understood, accounted, trailing_commas, unfit

#: Bytes that JSON is made of, and some that it is not.
BYTES = st.lists(st.sampled_from(b'{}[],:" \t\r\n\\a1\x0b'), max_size=40).map(bytes)


def _array(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.frombuffer(data, np.uint8)


@given(BYTES, st.integers(1, 7))
def test_blocks_make_no_difference(data: bytes, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)
        assert Marks.of(_array(data)) == Marks(
            data.count(b'"'), data.count(b'":'), sum(b <= 32 for b in data), data.count(b",")
        )
        expected = [each.end() - 1 for each in re.finditer(rb",[\0-\x20]*[}\]]", data)]
        assert trailing_commas(_array(data)).tolist() == expected
        assert unfit(_array(data)).tolist() == [i for i, b in enumerate(data) if b == 0x0B]


LINE = b'{"a":"x","n":1,"o":{"b":"y"}}\n'
#: What a reader makes of it that looks for a and b as texts, n as a number, o as an object.
ONE = Understood(rows=1, members=4, texts=2, objects=2)


def _proved(data: bytes, understood: Understood = ONE) -> bool:
    return accounted(data, Marks.of(_array(data)), understood)


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        LINE[:-1],
        b'{"a": "x", "n": 1, "o": {"b": "y"}}\n',
        b'{"a" : "x","n":1,"o":{ "b":"y"} }\r\n',
        b'{"a":"\\uac00\\n","n":1,"o":{"b":"y"}}\n',
        b'{"a":"x,","n":1,"o":{"b":"[y]"}}\n',
        '{"a":"가","n":1,"o":{"b":"y"}}\n'.encode(),
    ],
)
def test_what_was_understood_is_accounted_for(line: bytes) -> None:
    assert _proved(line)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b'{"a":"x","n":1,"o":{"b":"y"},"z":1}\n', "a member too many"),
        (b'{"a":"x","a":"x","n":1,"o":{"b":"y"}}\n', "a member twice"),
        (b'{"a":"x","n":1,"o":{"b":"y","b":"z"}}\n', "a nested member twice"),
        (b'{"a":"x","n":1,"o":{"b":"y"},"z":null}\n', "null"),
        (b'{"a":{"z":"x"},"n":1,"o":{"b":"y"}}\n', "an object for a text"),
        (b'{"a":{},"n":1,"o":{"b":"y"}}\n', "an empty object for a text"),
        (b'{"a":["x"],"n":1,"o":{"b":"y"}}\n', "an array for a text"),
        (b'{"a":["x","z"],"n":1,"o":{"b":5}}\n', "an array that makes up for a number"),
        (b'{"a":5,"n":1,"o":{"b":"y"}}\n', "a number for a text"),
        (b'{"a":true,"n":1,"o":{"b":"y"}}\n', "a truth value for a text"),
        (b'{"a":"x","n":1,"o":{"b":"y"},}\n', "a comma too many"),
        (b'{"a":"x","n":1,"o":{"b":"y",}}\n', "a nested comma too many"),
        (b'{"a":"x","n":1,"o":{"b":"y"}, }\n', "a comma and a blank"),
        (b'{"a":"x","n":1,"o":{"b":"y"}}\x0c\n', "a form feed"),
        (b'\xef\xbb\xbf{"a":"x","n":1,"o":{"b":"y"}}\n', "a byte order mark"),
        (b'\n{"a":"x","n":1,"o":{"b":"y"}}\n', "a blank line"),
        (b'{"a":"\\"","n":1,"o":{"b":"y"}}\n', "an escaped quote: perhaps, so no"),
        (b'{"a":"\\u0000","n":1,"o":{"b":"y"}}\n', "a character that ends texts"),
    ],
)
def test_what_was_not_understood_is_not(line: bytes, what: str) -> None:
    assert not _proved(line), what


def test_what_one_line_lacks_another_cannot_make_up_for() -> None:
    assert _proved(LINE * 2, Understood(2, 8, 4, 4))
    # The reader has found nine members of ten: the second line has a name that it did not know.
    assert not _proved(LINE + LINE.replace(b'"a"', b'"c"'), Understood(2, 7, 3, 4))
