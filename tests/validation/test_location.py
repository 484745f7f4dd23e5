"""Pointers are found where a slow, obvious reader finds them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mfgstd.validation.location import escape, locate, position

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


def _pointers(value: Any, pointer: str = "") -> dict[str, Any]:
    found = {pointer: value}
    members: Any = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for key, each in members:
        found |= _pointers(each, f"{pointer}/{escape(str(key))}")
    return found


@given(JSON, st.sampled_from([None, 2]), st.booleans())
def test_each_pointer_leads_to_its_value(value: Any, indent: int | None, ascii_: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_)
    data = text.encode("utf-8", "surrogatepass")
    pointers = _pointers(value)
    spans = locate(data, pointers)
    assert spans.keys() == pointers.keys()
    for pointer, span in spans.items():
        rest = data[span.value :].decode("utf-8", "surrogatepass")
        assert json.JSONDecoder().raw_decode(rest)[0] == pointers[pointer]
        if span.key is not None:
            name, _end = json.JSONDecoder().raw_decode(data[span.key :].decode())
            assert pointer.endswith("/" + escape(name))


def test_lines_and_columns_count_characters_from_one() -> None:
    data = '{\n "가나": 5}'.encode()
    assert position(data, data.index(b"5")) == {"line": 2, "column": 8}


def test_a_pointer_that_is_not_there_is_left_out() -> None:
    assert locate(b'{"a": [1]}', {"/b", "/a/1", "/a/0/x"}) == {}


def test_a_long_string_full_of_escapes_needs_no_stack() -> None:
    data = b'{"a": "' + b'\\"' * 3_000_000 + b'", "b": 1}'
    assert locate(data, {"/b"})["/b"].key == len(data) - 7


def test_deep_nesting_needs_no_recursion() -> None:
    depth = 50_000
    data = b"[" * depth + b"1" + b"]" * depth
    assert locate(data, {"/0/0"})["/0/0"].value == 2
