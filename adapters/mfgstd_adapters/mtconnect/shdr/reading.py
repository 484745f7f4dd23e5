"""What reading lines one by one gathers, and how many tokens each kind of item takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mfgstd.adapters import Rejected
    from mfgstd.models import Document
    from mfgstd_adapters.mtconnect.model.devices import Item

#: What the time of a row is worth; the order is that of :data:`QUALITY_WORDS`.
KNOWN, UNSYNCHRONIZED, ESTIMATED, ASSUMED_ZONE = range(4)
QUALITY_WORDS: Final = (None, "unsynchronized", "estimated", "assumed_zone")


class Shape(IntEnum):
    """What a report of an item is made of, besides its key."""

    PAIR = 0
    """The value."""
    CONDITION = 1
    """Level, native code, native severity, qualifier, text."""
    SERIES = 2
    """Count, rate, samples."""
    MESSAGE = 3
    """Native code, text."""
    ALARM = 4
    """Code, native code, severity, state, text; deprecated since MTConnect 1.1."""
    ASSET = 5
    """Asset type, asset id."""


@dataclass(slots=True)
class Rows:
    """Rows in the making, one list per column; ``line`` and ``place`` say where each stood."""

    line: list[int] = field(default_factory=list)
    place: list[int] = field(default_factory=list)
    item: list[int] = field(default_factory=list)
    nanoseconds: list[int] = field(default_factory=list)
    quality: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    native_status: list[str | None] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """What some lines said: rows, documents with their place, and the account.

    ``times`` holds line and time of every line that carries a clock's time of its own. ``met``
    counts each report when its key is met, or the piece of input that cannot be read, before
    anybody knows what becomes of it: the other counts must add up to it.
    """

    met: int = 0

    rows: Rows = field(default_factory=Rows)
    documents: list[tuple[int, int, Document]] = field(default_factory=list)
    rejected: list[tuple[int, Rejected]] = field(default_factory=list)
    times: list[tuple[int, int]] = field(default_factory=list)
    lines: Counter[str] = field(default_factory=Counter)
    unknown: list[tuple[str, int, int]] = field(default_factory=list)
    series: int = 0
    assets: int = 0


@dataclass(slots=True)
class Line:
    """One line being read."""

    line: int
    number: int
    text: str
    parts: list[str]
    nanoseconds: int
    quality: int
    duration: str | None
    into: Reading
    received: int
    start: int

    def add(self, place: int, item: int, text: str, native_status: str | None = None) -> None:
        """Add one row."""
        rows = self.into.rows
        rows.line.append(self.line)
        rows.place.append(place)
        rows.item.append(item)
        rows.nanoseconds.append(self.nanoseconds)
        rows.quality.append(self.quality)
        rows.text.append(text)
        if self.duration is not None:
            # There is no column for the span of a statistic; what the vendor said is kept.
            said = f"duration={self.duration}"
            native_status = said if native_status is None else f"{native_status}|{said}"
        rows.native_status.append(native_status)


def shape(item: Item) -> Shape:
    """How many tokens a report of the item is made of."""
    if item.category == "CONDITION":
        return Shape.CONDITION
    if item.representation in {"DATA_SET", "TABLE"}:
        return Shape.PAIR
    if item.representation == "TIME_SERIES":
        return Shape.SERIES
    events = {
        "MESSAGE": Shape.MESSAGE,
        "ALARM": Shape.ALARM,
        "ASSET_CHANGED": Shape.ASSET,
        "ASSET_REMOVED": Shape.ASSET,
    }
    return events.get(item.type if item.category == "EVENT" else "", Shape.PAIR)
