"""What is called right by its bytes is right; and what machines write is called right."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mfgstd.standard import catalogue
from mfgstd.standard.resolved import Text
from mfgstd.validation.bulk.lines.leaves import leaves_of
from mfgstd.validation.bulk.lines.shapes.blocks import Block, Places, sparse
from mfgstd.validation.bulk.lines.shapes.tokens import (
    Words,
    instants,
    numbers,
    strings,
    viewed,
    within,
)

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
#: Characters of numbers, and some that stand beside them.
ODD_NUMBERS = st.text("0123456789.-+eE _\u0660", max_size=27)


def held(texts: list[str]) -> tuple[bytes, Block, Places, Places]:
    """Texts between quotes, as they stand in a line; the last one at the very end of the bytes."""
    encoded = [each.encode() for each in texts]
    data = b"".join(b'"%b' % each for each in encoded)
    lengths = np.array([len(each) for each in encoded], np.int64)
    ends = np.cumsum(lengths + 1)
    return data, Block(np.frombuffer(data, np.uint8), 0, len(data)), ends - lengths, ends


@given(st.lists(ODD_NUMBERS, min_size=1, max_size=5))
@example(["-", "-0", "00", "0.", ".5", "1.", "1.5.", "-01", "0", "7", "1e5"])
@example(["1" * 24, "1" * 25, "-" + "9" * 18, "9" * 19, "9223372036854775808", ""])
def test_a_number_is_sound_if_it_is_one_of_json(texts: list[str]) -> None:
    _, block, begins, ends = held(texts)
    read = numbers(block, begins, ends)
    for i, text in enumerate(texts):
        right = NUMBER.fullmatch(text) is not None and len(text) <= 24
        assert bool(read.sound[i]) is right, text
        if right:
            value = json.loads(text)
            assert bool(read.negative[i]) is text.startswith("-")
            if read.whole[i]:
                assert isinstance(value, int)
                assert -(2**63) <= value < 2**63


def timestamp() -> Text:
    """What the standard says of a timestamp, everywhere the same."""
    nodes = {
        (leaf.node.pattern, leaf.node.min_length, leaf.node.max_length)
        for resolved in catalogue()
        for leaf in leaves_of(resolved, catalogue()).scalars
        if leaf.instant and isinstance(leaf.node, Text)
    }
    ((pattern, least, most),) = nodes
    assert least is most is None
    return Text(pattern=pattern, format="date-time", min_length=None, max_length=None)


PATTERN = re.compile((timestamp().pattern or "").replace("$", r"\Z"))

FRACTIONS = st.from_regex(r"\A(\.[0-9]{1,9})?\Z")
ZONES = st.one_of(st.just("Z"), st.from_regex(r"\A[+-]([01][0-9]|2[0-3]):[0-5][0-9]\Z"))
MOMENTS = st.datetimes(datetime(1890, 1, 1), datetime(2210, 1, 1))


@st.composite
def stamps(draw: st.DrawFn) -> str:
    """A timestamp as any program may write it, or one with a character that is another."""
    moment = draw(MOMENTS).strftime("%Y-%m-%dT%H:%M:%S")
    text = moment + draw(FRACTIONS) + draw(ZONES)
    if draw(st.booleans()):
        at = draw(st.integers(0, len(text) - 1))
        text = text[:at] + draw(st.sampled_from("0123456789-:.TZ+ 가")) + text[at + 1 :]
    return text


def nanoseconds(text: str) -> int:
    """From 1970, counted by the library."""
    fraction = re.search(r"[.]([0-9]+)", text)
    digits = (fraction[1] if fraction else "").ljust(9, "0")
    whole = re.sub(r"[.][0-9]+", "", text)
    return (datetime.fromisoformat(whole) - EPOCH) // timedelta(seconds=1) * 10**9 + int(digits)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.lists(stamps(), min_size=1, max_size=5))
@example(["2026-03-01T00:00:00.000Z", "2100-02-29T00:00:00.000Z"])
@example(["2016-12-31T23:59:60Z", "2000-02-29T00:00:00.123456789+23:59"])
@example(["1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999Z"])
@example(["2026-02-30T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T00:00:00.Z", ""])
def test_an_instant_that_is_sure_is_what_its_text_says(texts: list[str]) -> None:
    # As many again in milliseconds alone, which are read on a shorter way.
    for some in (texts, [each for each in texts if len(each.encode()) == 24]):
        _, block, begins, ends = held(some)
        read = instants(block, begins, ends)
        for i, text in enumerate(some):
            if not PATTERN.match(text):
                assert not read.sure[i], text
                continue
            if text[17:19] == "60":
                assert not read.sure[i], text
                continue
            count = nanoseconds(text)
            assert bool(read.sure[i]) is (count >= 0 or count % 1000 == 0), text
            if read.sure[i]:
                assert int(read.microseconds[i]) * 1000 + int(read.nanoseconds[i]) == count, text


LABELS = st.text("ab가\u00e9", max_size=20)


@given(st.lists(LABELS, min_size=1, max_size=40, unique=True), st.lists(LABELS, max_size=9))
def test_words_are_found_and_nothing_else(known: list[str], others: list[str]) -> None:
    words = Words(known)
    texts = [*known, *others]
    _, block, begins, ends = held(texts)
    for text, number in zip(texts, words.find(block, begins, ends).tolist(), strict=True):
        if number < len(known):
            assert known[number] == text
        else:
            assert number == len(known)
            assert text not in known


def test_a_thousand_words_have_their_places() -> None:
    known = [f"https://plant.example.co.kr/line-2/cnc-{i:03}/Xabs" for i in range(1000)]
    words = Words(known)
    _, block, begins, ends = held(known)
    found = words.find(block, begins, ends)
    assert np.count_nonzero(found < len(known)) > 950


@given(st.lists(st.text("09afgA가", max_size=6), min_size=1, max_size=6))
def test_letters_are_those_of_the_ranges_and_so_many(texts: list[str]) -> None:
    _, block, begins, ends = held(texts)
    said = within(block, begins, ends, 4, ((48, 57), (97, 102)))
    assert said.tolist() == [re.fullmatch("[0-9a-f]{4}", each) is not None for each in texts]


@given(st.lists(st.text("ab가", max_size=20), min_size=1, max_size=6))
@example(["-0"])
def test_views_are_the_texts(texts: list[str]) -> None:
    data, _, begins, ends = held(texts)
    views = viewed(np.frombuffer(data, np.uint8), begins, ends)
    column = strings(views, data)
    column.validate(full=True)
    assert column.to_pylist() == texts


@pytest.mark.parametrize("every", [1, 3, 8, 9, 100])
def test_rare_truths_are_found_however_rare(every: int) -> None:
    truths = np.arange(1003) % every == every // 2
    assert sparse(truths).tolist() == np.flatnonzero(truths).tolist()
