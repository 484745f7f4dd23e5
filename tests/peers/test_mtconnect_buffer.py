"""The laws of the window: nothing is repeated, and nothing is missing without being provable."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from mfgstd_conformance.peers.mtconnect_buffer import Buffer, Refused
from mfgstd_conformance.peers.shop import MACHINES, SECOND, Shop

START = 1_767_571_200 * SECOND


def buffer_of(size: int) -> Buffer:
    return Buffer(MACHINES, size=size, version="2.3", instance=1, now=lambda: START)


def sequences(document: bytes) -> list[int]:
    return sorted(int(each) for each in re.findall(rb' sequence="(\d+)"', document))


@given(
    size=st.integers(1, 120),
    turns=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 120)), max_size=25),
)
def test_a_reader_sees_each_observation_once_or_can_prove_that_it_was_lost(
    size: int, turns: list[tuple[int, int]]
) -> None:
    shop, buffer = Shop(start=START), buffer_of(size)
    following = 1
    seen: list[int] = []
    lost: list[int] = []
    refusals: set[str] = set()
    for beats, count in turns:
        for _ in range(beats):
            buffer.observe(shop.next_beat())
        try:
            document, after, found = buffer.sample(None, None, following, min(count, size))
        except Refused as refused:
            refusals.add(refused.code)
            lost += range(following, buffer.first)
            following = buffer.first
            continue
        arrived = sequences(document)
        assert len(arrived) == found <= count
        seen += arrived
        following = after
    assert refusals <= {"OUT_OF_RANGE"}
    assert sorted([*seen, *lost]) == list(range(1, following))


@given(beats=st.integers(0, 40), at=st.integers(0, 400))
def test_current_at_a_sequence_never_shows_what_came_later(beats: int, at: int) -> None:
    shop, buffer = Shop(start=START), buffer_of(300)
    for _ in range(beats):
        buffer.observe(shop.next_beat())
    try:
        document = buffer.current(None, None, at)
    except Refused:
        assert not buffer.first <= at <= buffer.last
    else:
        assert max(sequences(document)) <= at


def test_restarts_and_overflows_keep_the_window_whole() -> None:
    shop, buffer = Shop(start=START), buffer_of(50)
    for _ in range(10):
        buffer.observe(shop.next_beat())
    buffer.overflow(keep=3)
    assert buffer.last - buffer.first == 2
    buffer.restart()
    assert buffer.instance == 2
    document, _, found = buffer.sample(None, None, None, 50)
    assert found == len(sequences(document)) == buffer.last - buffer.first + 1
