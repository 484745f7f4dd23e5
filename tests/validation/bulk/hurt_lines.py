"""Lines with something wrong in them: each wrong in a way of its own, or in any way at all."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from tests.validation.bulk.line_law import CLEAN, OBSERVATION, READING

GOOD = CLEAN[7]
HURT = {
    "a member twice": GOOD.replace(b'{"$schema"', b'{"unit":"mm","$schema"'),
    "a nested member twice": GOOD.replace(b'{"status":"good"', b'{"status":"good","status":"bad"'),
    "NaN": GOOD.replace(b"7.5", b"NaN"),
    "minus infinity": GOOD.replace(b"7.5", b"-Infinity"),
    "a number beyond all doubles": GOOD.replace(b"7.5", b"1e400"),
    "an integer beyond 64 bits": GOOD.replace(b'"sequence":7', b'"sequence":9223372036854775808'),
    "an integer as a fraction": GOOD.replace(b'"sequence":7', b'"sequence":7.5'),
    "an integer as a text": GOOD.replace(b'"sequence":7', b'"sequence":"7"'),
    "a truth value for a number": GOOD.replace(b"7.5", b"true"),
    "a number for a text": GOOD.replace(b'"mm"', b"5"),
    "a truth value for a text": GOOD.replace(b'"mm"', b"true"),
    "an array for a text": GOOD.replace(b'"mm"', b'["mm"]'),
    "an object for a text": GOOD.replace(b'"mm"', b'{"mm":"mm"}'),
    "a text for an object": GOOD.replace(b'{"status":"good"}', b'"good"'),
    "a number for an object": GOOD.replace(b'{"status":"good"}', b"5"),
    "an array for an object": GOOD.replace(b'{"status":"good"}', b"[]"),
    "nothing in an object": GOOD.replace(b'{"number":7.5}', b"{}"),
    "null": GOOD.replace(b'"mm"', b"null"),
    "null for an object": GOOD.replace(b'{"number":7.5}', b"null"),
    "a member that nobody knows": GOOD.replace(b'"unit"', b'"Unit"'),
    "a comma too many": GOOD[:-1] + b",}",
    "a comma and blanks": GOOD[:-1] + b", \t }",
    "a nested comma too many": GOOD.replace(b"7.5}", b"7.5,}"),
    "text after the end": GOOD + b" x",
    "two documents": GOOD + GOOD,
    "an array around it": b"[" + GOOD + b"]",
    "cut off": GOOD[:-9],
    "not UTF-8": GOOD.replace(b'"mm"', b'"\xb0C"'),
    "a surrogate as bytes": GOOD.replace(b'"mm"', b'"\xed\xa0\x80"'),
    "half a surrogate pair": GOOD.replace(b'"mm"', b'"\\ud800"'),
    "a character that ends texts": GOOD.replace(b'"mm"', b'"m\\u0000"'),
    "a control character": GOOD.replace(b'"mm"', b'"m\x01"'),
    "a form feed after it": GOOD + b"\x0c",
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "no object": b"5",
    "null alone": b"null",
    "nothing in it": b"{}",
    "another schema": GOOD.replace(OBSERVATION.id.encode(), READING.id.encode()),
    "no schema": GOOD.replace(b'"$schema":"' + OBSERVATION.id.encode() + b'",', b""),
    "a leap second that cannot be": GOOD.replace(b"09:07:00.25", b"09:07:61"),
    "30 February": GOOD.replace(b"2026-03-01", b"2026-02-30"),
    "a text that ends too late": GOOD.replace(b'"mm"', b'"mm\\n"'),
    "a word of nobody's": GOOD.replace(b'"good"', b'"fine"'),
    "a broken rule": GOOD.replace(b'"good"', b'"bad"'),
    "a warning": GOOD.replace(b'{"$schema"', b'{"recordTime":"2020-01-01T00:00:00Z","$schema"'),
}


TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|[][{},:]')
PIECES = st.sampled_from(
    [
        *(b"", b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b" ", b": ", b"\t", b"\r", b"\x0b"),
        *(b"\x00", b"\xff", b"\xea\xb0\x80", b"\\u0041", b"\\ud800", b'\\"', b"null", b"true"),
        *(b"NaN", b"5", b"1.0", b"1e400", b'"5"', b'""', b"{}", b"[]", b'["a","b"]'),
        *(b'"z":1,', b',"z":"y"'),
    ]
)


@st.composite
def hurt_text(draw: st.DrawFn, good: bytes) -> bytes:
    """A line with a token gone, or replaced by something that does not belong there."""
    for _ in range(draw(st.integers(1, 3))):
        tokens = [each.span() for each in TOKEN.finditer(good)] or [(0, len(good))]
        begin, end = draw(st.sampled_from(tokens))
        if draw(st.booleans()):
            begin = end
        good = good[:begin] + draw(PIECES) + good[end:]
    return good
