"""Values as bytes: which of many texts or numbers are certainly right, without a pattern.

All functions take a block and the places where values begin and end in it, and look at all of them
with a few operations on words of eight bytes. What they are not sure of, they do not call right;
that is then asked of a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mfgstd.validation.bulk.lines.shapes.blocks import Block, Places, Truths

#: A longer number is left to others; every shorter one without exponent is finite.
_LONGEST_NUMBER: Final = 24
#: So many digits are always within 64 bits.
_DIGITS: Final = 18
#: Longer words are not looked up.
LONGEST_WORD: Final = 128


def _eights(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))


def _all(byte: int) -> np.uint64:
    return np.uint64(int.from_bytes(bytes([byte]) * 8, "little"))


def _kept(width: int) -> NDArray[np.void]:
    """For each length up to ``width`` the bits of so many first bytes, in words of eight."""
    rows = (np.arange(width) < np.arange(width + 1)[:, None]).astype(np.uint8) * np.uint8(255)
    kept: NDArray[np.void] = np.ascontiguousarray(rows).view(f"V{width}").ravel()
    return kept


_HIGH: Final = _all(0x80)
_ONES: Final = _all(1)
_LOW: Final = np.uint64(0xFF)
_ZEROS: Final = _all(ord("0"))
_EIGHT: Final = np.uint64(8)
_KEEP_EIGHT: Final = _kept(8).view(np.uint64)
_KEEP_NUMBER: Final = _kept(_LONGEST_NUMBER)


# Numbers ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of some numbers whether they are numbers of JSON, negative, and whole with 64 bits.

    ``sound`` is false too for what is longer or has an exponent.
    """

    sound: Truths
    negative: Truths
    whole: Truths


def numbers(block: Block, begins: Places, ends: Places) -> Numbers:
    """Compare with the grammar: a minus or not, digits without a leading zero, a fraction or not.

    A byte that is no digit is the minus at the beginning or the only point. The first byte after
    the minus is a digit and so is the last, so the point stands between digits.
    """
    lengths = ends - begins
    fits = (lengths > 0) & (lengths <= _LONGEST_NUMBER)
    if not fits.all():
        lengths = np.where(fits, lengths, 1)
    bytes_ = _masked(block, begins, lengths, _KEEP_NUMBER)
    digits = (bytes_ - np.uint8(ord("0"))) <= np.uint8(9)
    points = bytes_ == np.uint8(ord("."))
    first, second, third = bytes_[:, 0], bytes_[:, 1], bytes_[:, 2]
    negative = first == np.uint8(ord("-"))
    dots = _count(points)
    leading = np.where(negative, second, first)
    after = np.where(negative, third, second)
    last = block.byte(begins + lengths - 1) - np.uint8(ord("0"))
    sound = (
        fits
        & (_count(digits) + dots + negative == lengths)
        & (dots <= 1)
        & (leading - np.uint8(ord("0")) <= np.uint8(9))
        & (last <= np.uint8(9))
        & ((leading != np.uint8(ord("0"))) | (after == 0) | (after == np.uint8(ord("."))))
    )
    whole = (dots == 0) & (lengths - negative <= _DIGITS)
    return Numbers(sound, negative, whole)


def _count(truths: Truths) -> Places:
    """How many are true in each row of a whole number of eights; below 256."""
    words = truths.view(np.uint64).reshape(len(truths), -1)
    total = words[:, 0]
    for i in range(1, words.shape[1]):
        total = total + words[:, i]
    # The highest byte of the product is the sum of all eight.
    counted: Places = ((total * _ONES) >> np.uint64(56)).view(np.int64)
    return counted


def _masked(
    block: Block, begins: Places, lengths: Places, kept: NDArray[np.void]
) -> NDArray[np.uint8]:
    """The bytes of values, one row for each, zeros behind the end; lengths must fit."""
    width = kept.dtype.itemsize
    found = block.cells(begins, width).view(np.uint8)
    found &= kept[lengths].view(np.uint8)
    return found.reshape(len(begins), width)


# Instants -----------------------------------------------------------------------------------------

_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2199
_MONTHS: Final = np.arange(f"{_FIRST_YEAR}-01", f"{_LAST_YEAR + 1}-01", dtype="datetime64[M]")
#: For each month from the first one, the days from 1970 to its first day, and how many it has.
_DAYS: Final = _MONTHS.astype("datetime64[D]").astype(np.int64)
_LAST_DAY: Final = (_MONTHS + 1).astype("datetime64[D]").astype(np.int64) - _DAYS

#: Words of eight bytes in timestamps; 0 stands for any digit. An offset has a sign before it.
_DATE: Final = b"0000-00-"
_HOURS: Final = b"00T00:00"
_TIME: Final = b"00:00:00"
_FRACTION: Final = b":00.000Z"
_OFFSET: Final = b"\0\0\x0000:00"
#: The characters of a timestamp up to its seconds, and of one in milliseconds.
_SECONDS: Final = 19
_MILLISECONDS: Final = 24


@dataclass(frozen=True, slots=True)
class Instants:
    """Of some texts whether they are certainly timestamps, and which instants these are.

    ``microseconds`` count from 1970, UTC; ``nanoseconds``, 0 to 999, is what is left.
    """

    sure: Truths
    microseconds: Places
    nanoseconds: Places


def instants(block: Block, begins: Places, ends: Places) -> Instants:
    """Read RFC 3339: a date from 1900 to 2199, a time, up to nine decimals, ``Z`` or an offset.

    A leap second is not called sure, nor what is before 1970 and no whole microsecond.
    """
    lengths = ends - begins
    words = block.words(begins, 3)
    date, hours = words[:, 0] ^ _eights(_DATE), words[:, 1] ^ _eights(_HOURS)
    if (lengths == _MILLISECONDS).all():
        rest = words[:, 2] ^ _eights(_FRACTION)
        odd = _odd(date, _DATE) | _odd(hours, _HOURS) | _odd(rest, _FRACTION)
        pairs = _pairs(rest)
        seconds = _at(pairs, 1)
        below = (_at(rest, 4) * 100 + _at(pairs, 5)) * 1_000_000
        sure = odd == 0
        away = np.zeros(1, np.int64)
    else:
        tail = block.words(np.maximum(ends - 8, 0), 1)[:, 0]
        zulu = tail >> np.uint64(56) == ord("Z")
        digits = lengths - np.where(zulu, _SECONDS + 2, _SECONDS + 7)
        time = block.words(begins + 11, 1)[:, 0] ^ _eights(_TIME)
        odd = _odd(date, _DATE) | _odd(hours, _HOURS) | _odd(time, _TIME)
        sure = (odd == 0) & (digits >= -1) & (digits <= 9) & (digits != 0)
        seconds = _at(_pairs(time), 6)
        below, fine = _decimals(block, begins, digits)
        sure &= fine
        ahead, fine = _offsets(tail)
        sure &= fine | zulu
        away = np.where(zulu, 0, ahead)
    pairs = _pairs(date)
    years = _at(pairs, 0) * 100 + _at(pairs, 2) - _FIRST_YEAR
    months = _at(pairs, 5) - 1
    pairs = _pairs(hours)
    day, hour, minute = _at(pairs, 0), _at(pairs, 3), _at(pairs, 6)
    sure &= (years >= 0) & (years <= _LAST_YEAR - _FIRST_YEAR) & (months >= 0) & (months < 12)
    month = np.where(sure, years * 12 + months, 0)
    sure &= (day >= 1) & (day <= _LAST_DAY[month]) & (hour < 24) & (minute < 60) & (seconds < 60)
    minutes = ((_DAYS[month] + day - 1) * 24 + hour) * 60 + minute - away
    whole = below // 1_000
    micros = (minutes * 60 + seconds) * 1_000_000 + whole
    nanos = below - whole * 1_000
    sure &= (micros >= 0) | (nanos == 0)
    return Instants(sure, micros, nanos)


def _decimals(block: Block, begins: Places, digits: Places) -> tuple[Places, Truths]:
    """The decimals of a second as nanoseconds, -1 of them meaning that there is no point either."""
    count = np.clip(digits, 0, 9)
    point = block.byte(begins + _SECONDS) == ord(".")
    eight = block.words(begins + _SECONDS + 1, 1)[:, 0] ^ _ZEROS
    eight &= _KEEP_EIGHT[np.minimum(count, 8)]
    ninth = np.where(count == 9, block.byte(begins + _SECONDS + 9) ^ np.uint8(ord("0")), 0)
    fine = (point | (digits < 0)) & (_odd(eight, b"0" * 8) == 0) & (ninth <= 9)
    pairs = _pairs(eight) & np.uint64(0x00FF00FF00FF00FF)
    fours = (pairs * np.uint64(100) + (pairs >> np.uint64(16))) & np.uint64(0x0000FFFF0000FFFF)
    value = (fours * np.uint64(10_000) + (fours >> np.uint64(32))) & np.uint64(0xFFFFFFFF)
    return value.view(np.int64) * 10 + ninth, fine


def _offsets(tail: NDArray[np.uint64]) -> tuple[Places, Truths]:
    """The minutes that a zone is ahead, from the last eight bytes of each text."""
    sign = _at(tail, 2)
    # The sign and what is before it are another's business.
    zone = (tail >> np.uint64(24) << np.uint64(24)) ^ _eights(_OFFSET)
    pairs = _pairs(zone)
    hour, minute = _at(pairs, 3), _at(pairs, 6)
    ahead = sign == ord("+")
    fine = (_odd(zone, _OFFSET) == 0) & (ahead | (sign == ord("-"))) & (hour < 24) & (minute < 60)
    minutes = hour * 60 + minute
    return np.where(ahead, minutes, -minutes), fine


def _odd(words: NDArray[np.uint64], form: bytes) -> NDArray[np.uint64]:
    """Not zero where a word is not of a form that it was xored with: 0 means a digit.

    Where the form has a digit, what is left must be at most 9, else 0. Bytes below 128 do not
    overflow when this is added, and of others the highest bit says it.
    """
    most = bytes(0x76 if each == ord("0") else 0x7F for each in form)
    return (words | (words + _eights(most))) & _HIGH


def _pairs(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """At each byte the number of two digits that begins there."""
    return words * np.uint64(10) + (words >> _EIGHT)


def _at(words: NDArray[np.uint64], byte: int) -> Places:
    found: Places = ((words >> np.uint64(8 * byte)) & _LOW).view(np.int64)
    return found


# Words --------------------------------------------------------------------------------------------


class Words:
    """Texts that are looked up: which of the known ones a value is, if one.

    Each has at most :data:`LONGEST_WORD` bytes, and there is at least one.

    Two words may not fall on the same place; numbers to multiply with are tried until none does.
    A word that stays without a place is not known.
    """

    def __init__(self, words: Sequence[str]) -> None:
        encoded = [each.encode() for each in words]
        self._width = max(8, -(-max(map(len, encoded)) // 8) * 8)
        self._kept = _kept(self._width)
        table = np.zeros((len(encoded) + 1, self._width), np.uint8)
        for i, each in enumerate(encoded):
            table[i, : len(each)] = np.frombuffer(each, np.uint8)
        # No value is like the last row: there are no such bytes in UTF-8.
        table[-1] = 0xFF
        self.words = list(words)
        self._table: NDArray[np.void] = table.view(f"V{self._width}").ravel()
        bits = max(6, (2 * len(encoded) * len(encoded)).bit_length())
        self._shift = np.uint64(64 - min(bits, 16))
        self._factors, self._slots = self._placed(table[:-1].view(np.uint64))

    def _placed(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        unknown = len(self.words)
        best, most = (keys[0], np.zeros(0, np.int32)), -1
        chance = np.random.default_rng(0)
        for _ in range(_TRIES):
            factors = chance.integers(1, 1 << 63, self._width // 8, np.uint64) | np.uint64(1)
            slots = np.full(1 << (64 - int(self._shift)), unknown, np.int32)
            at = self._hash(keys, factors)
            slots[at] = np.arange(unknown)
            placed = len(np.unique(at))
            if placed > most:
                best, most = (factors, slots), placed
            if placed == unknown:
                break
        return best

    def _hash(self, keys: NDArray[np.uint64], factors: NDArray[np.uint64]) -> NDArray[np.uint64]:
        total = keys[:, 0] * factors[0]
        for i in range(1, len(factors)):
            total = (total ^ (total >> np.uint64(29))) + keys[:, i] * factors[i]
        places: NDArray[np.uint64] = (total ^ (total >> np.uint64(31))) * factors[0] >> self._shift
        return places

    def find(self, block: Block, begins: Places, ends: Places) -> NDArray[np.int32]:
        """The number of the word that each value is; of other values, how many words there are."""
        lengths = ends - begins
        short = (lengths >= 0) & (lengths <= self._width)
        if not short.all():
            lengths = np.where(short, lengths, 0)
        values = _masked(block, begins, lengths, self._kept)
        found = self._slots[self._hash(values.view(np.uint64), self._factors)]
        equal = values.ravel() == self._table[found].view(np.uint8)
        if not equal.all():
            short &= equal.reshape(values.shape).all(axis=1)
        if not short.all():
            found = np.where(short, found, np.int32(len(self.words)))
        return found


_TRIES: Final = 40


# Texts --------------------------------------------------------------------------------------------


def within(
    block: Block, begins: Places, ends: Places, length: int, ranges: Sequence[tuple[int, int]]
) -> Truths:
    """Which texts have just so many bytes, all of them in one of some ranges."""
    right: Truths = ends - begins == length
    letters = block.cells(begins, length).view(np.uint8)
    known = np.zeros(len(letters), np.bool_)
    for first, last in ranges:
        known |= (letters - np.uint8(first)) <= np.uint8(last - first)
    if not known.all():
        right &= known.reshape(len(begins), length).all(axis=1)
    return right


def viewed(chunk: NDArray[np.uint8], begins: Places, ends: Places) -> NDArray[np.int32]:
    """Texts as Arrow's views, four numbers each: short ones whole, of longer ones where they are.

    The places are those in the chunk, which is their buffer.
    """
    lengths = ends - begins
    found = np.zeros((len(begins), 4), np.int32)
    found[:, 0] = lengths
    if len(chunk) < _INLINE:
        # No text of it is longer, so none is looked for in the chunk.
        chunk = np.concatenate([chunk, np.zeros(_INLINE, np.uint8)])
    last = len(chunk) - _INLINE
    cells: NDArray[np.void] = np.ndarray((last + 1,), f"V{_INLINE}", chunk.data, strides=(1,))
    letters = cells[np.minimum(begins, last)].view(np.uint8).reshape(-1, _INLINE)
    for at in np.flatnonzero(begins > last).tolist():
        tail = chunk[begins[at] :]
        letters[at, : len(tail)] = tail
    letters &= _KEEP_VIEW[np.minimum(lengths, _INLINE)].view(np.uint8).reshape(-1, _INLINE)
    found[:, 1:] = letters.view(np.int32)
    long = lengths > _INLINE
    found[:, 2] = np.where(long, 0, found[:, 2])
    found[:, 3] = np.where(long, begins, found[:, 3])
    return found


_INLINE: Final = 12
_KEEP_VIEW: Final = _kept(_INLINE)


def strings(views: NDArray[np.int32], chunk: bytes) -> pa.Array:
    """A column of such views into a chunk."""
    buffers = [None, pa.py_buffer(np.ascontiguousarray(views)), pa.py_buffer(chunk)]
    return pa.Array.from_buffers(pa.string_view(), len(views), buffers)
