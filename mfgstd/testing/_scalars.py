"""Scalars: texts, codes and numbers, awkward ones often."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mfgstd.testing._patterns import texts
from mfgstd.testing._tape import Tape
from mfgstd.testing._texts import ALPHABET, PHRASES

if TYPE_CHECKING:
    from mfgstd.standard.resolved import Integer, Number, Text

#: What makes values of one node, out of a tape and the room below.
Maker: TypeAlias = Callable[[Tape, int], Any]

INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1

#: URIs of other owners, for open codes and the schemas of extensions.
_VENDOR: Final = (
    "https://vendor.example/codes/warm-up",
    "urn:example:code:7",
    "https://plant.example.co.kr/codes/%EA%B8%88%ED%98%95",
    "http://[2001:db8::1]/a?b=c#d",
)

_DOUBLES: Final = (0, 1, 0.5, -1, 0.1, 1e-9, -0.0, 100, 2**53, -(2**53), 1e21, 5e-324, 1.7e308)


def text(node: Text) -> Maker:
    """Texts: of a pattern, or what people write."""
    low, high = node.min_length or 0, node.max_length
    if node.pattern is not None:
        draw = texts(node.pattern, low, high)
        return lambda tape, _room: draw(tape)
    phrases = tuple(
        each for each in PHRASES if low <= len(each) and (high is None or len(each) <= high)
    )
    longest = low + 12 if high is None else min(high, low + 12)
    simplest = "a" * low

    def make(tape: Tape, _room: int) -> str:
        own = tape.fork()
        if own is None:
            return simplest
        style = own.below(8)
        if style == 7:
            return "가" * (low if high is None or own.once_in(2) else min(high, 2000))
        if style > 0 and phrases:
            return own.choose(phrases)
        return "".join([own.choose(ALPHABET) for _ in range(own.between(low, longest))])

    return make


def open_code(words: Sequence[str]) -> Maker:
    """Mostly a word of the list, else a URI of somebody else."""

    def make(tape: Tape, _room: int) -> str:
        return tape.choose(_VENDOR) if tape.once_in(4) else tape.choose(words)

    return make


def number(node: Number) -> Maker:
    """Finite doubles within bounds: edges, readings of a few digits, any bits."""
    low, high = _bounds(node)
    edges = [each for each in _DOUBLES if low <= each <= high]
    edges += [each for each in (low, high) if abs(each) < 1.79e308 and each not in edges]
    narrow = math.isfinite(high - low)

    simplest = next((each for each in edges), low)

    def make(tape: Tape, _room: int) -> float:
        own = tape.fork()
        if own is None:
            return simplest
        style = own.below(4)
        value: float
        if style == 0:
            value = own.choose(edges) if edges else low
        elif style == 1:
            # A reading as instruments write it: a few digits.
            value = own.between(-100_000, 100_000) / 10 ** own.below(5)
        elif style == 2 and narrow:
            value = low + (high - low) * (own.below(1 << 32) / (1 << 32))
        else:
            value = struct.unpack(">d", own.below(1 << 64).to_bytes(8, "big"))[0]
        return value if low <= value <= high else simplest

    return make


def _bounds(node: Number) -> tuple[float, float]:
    """The smallest and the largest double that is allowed, both finite."""
    low = -1.7976931348623157e308 if node.minimum is None else node.minimum
    high = 1.7976931348623157e308 if node.maximum is None else node.maximum
    if node.exclusive_minimum is not None:
        low = max(low, math.nextafter(node.exclusive_minimum, math.inf))
    if node.exclusive_maximum is not None:
        high = min(high, math.nextafter(node.exclusive_maximum, -math.inf))
    return low, high


def integer(node: Integer) -> Maker:
    """Whole numbers of at most 64 bits within bounds: edges, small ones, any."""
    step = node.multiple_of or 1
    low = -(-(INT64_MIN if node.minimum is None else node.minimum) // step)
    high = (INT64_MAX if node.maximum is None else node.maximum) // step
    near = (0, 1, -1, 2, low, high, low + 1, high - 1, 2**31, 2**53 + 1, -(2**53) - 1)
    edges = tuple(dict.fromkeys(each for each in near if low <= each <= high))
    simplest = step * edges[0]

    def make(tape: Tape, _room: int) -> int:
        own = tape.fork()
        if own is None:
            return simplest
        style = own.below(4)
        if style == 3:
            return step * own.between(low, high)
        if style == 2:
            return step * min(high, low + own.below(1000))
        return step * own.choose(edges)

    return make


def foreign(tape: Tape, _room: int) -> dict[str, Any]:
    """Free-form data that names a schema of its owner's."""
    inside: tuple[Any, ...] = (0.93, "금형 예열", True, [1, 2.5], {"가": -1}, 2**53 + 1)
    named = tape.choose(_VENDOR)
    names = ("score", "상태", "a/b~c")
    return {"$schema": named, **{name: tape.choose(inside) for name in names[: tape.below(4)]}}
