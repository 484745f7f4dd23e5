"""What the strict reader takes, what it refuses, and where it says that the fault is."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.validation import read
from mfgstd.validation.reader import glance
from mfgstd.validation.unreadable import guess_encoding

REFUSED: list[tuple[bytes, str, int, int]] = [
    (b"", "json.empty", 1, 1),
    (b" \n\t ", "json.empty", 2, 3),
    (b'{"a":1,"a":2}', "json.duplicate-key", 1, 12),
    (b'{"a":{"b":1,\n"b":1}}', "json.duplicate-key", 2, 5),
    (b'{"\\u0061":1,"a":2}', "json.duplicate-key", 1, 17),
    (b"NaN", "json.nan", 1, 1),
    (b'{"a": -Infinity}', "json.nan", 1, 8),
    (b"[1, Infinity]", "json.nan", 1, 5),
    (b"[1,\n 1e999]", "json.number-range", 2, 2),
    (b"1" + b"0" * 305 + b"e9", "json.number-range", 1, 1),
    (b'["0e12", 10e308]', "json.number-range", 1, 10),
    (b"1" + b"0" * 400 + b".5", "json.number-range", 1, 1),
    (b"[1, " + b"9" * 5000, "json.number-range", 1, 5),
    (b'"\xff"', "json.utf8", 1, 2),
    (b'{"a":\n"\xb0\xa1"}', "json.utf8", 2, 2),
    (b'"\xed\xa0\x80"', "json.utf8", 1, 2),
    (b"[" * 100_000, "json.depth", 1, 202),
    (b'{"a":' * 100_000, "json.depth", 1, 1006),
    (b"[1,]", "json.syntax", 1, 4),
    (b'{"a":1,}', "json.syntax", 1, 8),
    (b"{} {}", "json.syntax", 1, 4),
    (b"01", "json.syntax", 1, 2),
    (b"'a'", "json.syntax", 1, 1),
    (b'{"a": 1 // one\n}', "json.syntax", 1, 9),
    (b'"\\ud800"', "json.syntax", 1, 8),
    (b'"a\x00"', "json.syntax", 1, 3),
    (b'{"a":1', "json.syntax", 1, 7),
    ('{"가": nul}'.encode(), "json.syntax", 1, 10),
]


@pytest.mark.parametrize(("data", "rule", "line", "column"), REFUSED, ids=lambda v: repr(v)[:24])
def test_what_is_not_strict_json_is_a_finding_with_its_place(
    data: bytes, rule: str, line: int, column: int
) -> None:
    text = read(data)
    assert not text.ok
    (finding,) = text.findings
    assert finding.rule == rule
    assert (finding.source.line, finding.source.column) == (line, column)


TAKEN: list[tuple[bytes, Any]] = [
    (b"{}", {}),
    (b' {"a" : [1, 2.5, null, true]}\r\n', {"a": [1, 2.5, None, True]}),
    (b'{"a":{"b":1},"b":2}', {"a": {"b": 1}, "b": 2}),
    (b"12345678901234567890123", 12345678901234567890123),
    (b"1e-999", 0.0),
    (b"1.7976931348623157e308", 1.7976931348623157e308),
    (b'"1e999"', "1e999"),
    (b'"\\ud83d\\ude00"', "😀"),
    (b"[" * 199 + b"]" * 199, None),
]


@pytest.mark.parametrize(("data", "value"), TAKEN, ids=lambda each: repr(each)[:24])
def test_strict_json_is_taken(data: bytes, value: Any) -> None:
    text = read(data)
    assert text.ok
    assert not text.findings
    assert value is None or text.value == value


def test_a_byte_order_mark_is_read_over_with_a_warning() -> None:
    text = read(b"\xef\xbb\xbf{}")
    assert text.ok
    assert [(each.rule, each.severity) for each in text.findings] == [("json.bom", "warning")]


def test_places_after_a_byte_order_mark_count_characters() -> None:
    text = read(b'\xef\xbb\xbf{"a": x}')
    assert text.findings[-1].source.column == 7


@pytest.mark.parametrize(
    ("encoding", "guess"), [("cp949", "CP949"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16")]
)
def test_other_encodings_are_named_in_the_hint(encoding: str, guess: str) -> None:
    data = '{"이름": "공작기계", "설명": "절삭유 부족"}'.encode(encoding)
    (finding,) = read(data).findings
    assert finding.rule == "json.utf8"
    assert finding.hint is not None
    assert guess in finding.hint.en


def test_western_bytes_are_not_called_korean() -> None:
    assert guess_encoding("Müller".encode("latin-1")) is None


@given(st.binary(max_size=60))
def test_no_bytes_make_the_reader_raise(data: bytes) -> None:
    text = read(data)
    assert text.ok or text.findings[-1].source.line is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_what_the_standard_library_writes_is_read_back(value: Any) -> None:
    text = read(json.dumps(value).encode())
    assert text.ok is ("Infinity" not in json.dumps(value) or text.ok)
    if text.ok:
        assert text.value == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_finite_numbers_survive(value: float) -> None:
    read_back = read(repr(value).encode()).value
    assert math.copysign(1, read_back) == math.copysign(1, value)
    assert read_back == value


NEARLY_JSON = st.lists(
    st.sampled_from(
        [
            *(each[0] for each in REFUSED if len(each[0]) < 1000),
            b"\xef\xbb\xbf",
            b"\x00",
            b"{",
            b"}",
        ]
    )
    | st.binary(max_size=3),
    max_size=4,
).map(b"".join)


@given(data=NEARLY_JSON | st.binary())
def test_a_glance_finds_what_reading_does(data: bytes) -> None:
    at_once, thoroughly = glance(data), read(data)
    assert at_once.ok is thoroughly.ok
    assert at_once.value == thoroughly.value or at_once.value != at_once.value
    assert at_once.found == tuple((each.rule, each.severity.value) for each in thoroughly.findings)


@pytest.mark.parametrize("data", [each[0] for each in REFUSED], ids=range(len(REFUSED)))
def test_a_glance_refuses_what_is_no_strict_json(data: bytes) -> None:
    rules = [each.rule for each in read(data).findings]
    assert [rule for rule, _ in glance(data).found] == rules
