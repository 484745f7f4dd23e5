"""One MTConnectStreams document as columns: what the agent wrote, before anything is made of it.

Elements are walked once. Their attributes become lists of strings, and those become Arrow and
NumPy columns whole; no object per observation outlives the call.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mfgstd_adapters.mtconnect.reports.data_sets import cell
from mfgstd_adapters.mtconnect.shdr.grammar import moment
from mfgstd_adapters.mtconnect.xml import local

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lxml import etree

Ints: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

#: Where an observation stands says what it is.
GROUPS: Final[Mapping[str, int]] = {"Samples": 0, "Events": 1, "Condition": 2}
CONDITION: Final = 2
_SEQUENCE: Final = re.compile(r"[0-9]{1,19}")
_INT64_MAX: Final = 2**63 - 1
#: The standard's timestamps reach from 1900 to 2199.
_EARLIEST: Final = np.datetime64("1901-01-01", "ns").astype(np.int64)
_LATEST: Final = np.datetime64("2199-01-01", "ns").astype(np.int64)
_WHITE: Final = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Header:
    """What the agent says of itself and its buffer; ``None`` for what it leaves out."""

    instance: str | None
    created: int | None
    first: int | None
    last: int | None
    next: int | None

    @classmethod
    def read(cls, root: etree._Element) -> Header:
        """The ``Header`` of any MTConnect document; ``created`` is nanoseconds since 1970."""
        element = next((each for each in root if local(each.tag) == "Header"), None)
        given = {} if element is None else {local(k): str(v) for k, v in element.attrib.items()}
        created = moment(given.get("creationTime", ""))
        return cls(
            instance=given.get("instanceId"),
            created=None if created is None else created.nanoseconds,
            first=sequence_number(given.get("firstSequence")),
            last=sequence_number(given.get("lastSequence")),
            next=sequence_number(given.get("nextSequence")),
        )


@dataclass(frozen=True, slots=True)
class Columns:
    """The observations of a document, one entry a row, in the document's order.

    ``groups`` holds the first row of each ``Samples``, ``Events`` and ``Condition`` element.
    ``name`` is the ``dataItemId`` as it came; ``device`` indexes ``devices``, pairs of name and
    uuid. ``text`` is the element's text; for a condition its level. ``timed`` and ``zoned`` say
    whether the timestamp could be read, and whether it has a zone.
    """

    groups: Sequence[tuple[int, etree._Element]]
    name: pa.Array
    device: npt.NDArray[np.int32]
    devices: Sequence[tuple[str | None, str | None]]
    group: npt.NDArray[np.int8]
    text: pa.Array
    nanoseconds: Ints
    timed: Mask
    zoned: Mask
    sequence: pa.Array

    def __len__(self) -> int:
        return len(self.text)

    def elements(self, rows: Ints) -> Iterator[tuple[int, etree._Element]]:
        """The elements of a few rows, with their row, in the order of the document.

        Elements are not kept: a Python object for each would cost more than all the columns.
        """
        wanted = np.sort(rows)
        starts = np.array([start for start, _ in self.groups], np.int64)
        owner = np.searchsorted(starts, wanted, side="right") - 1
        for index in np.unique(owner).tolist():
            start, group = self.groups[index]
            inside = list(group)
            for row in wanted[owner == index].tolist():
                yield row, inside[row - start]

    def attribute(self, name: str) -> list[str | None]:
        """One attribute of every row, for the few attributes that are rare."""
        return [element.get(name) for _, group in self.groups for element in group]


def columns(root: etree._Element) -> Columns:
    """Gather the observations below ``root``."""
    groups: list[tuple[int, etree._Element]] = []
    kinds: list[tuple[int, int, int]] = []
    devices: list[tuple[str | None, str | None]] = []
    names: list[str | None] = []
    times: list[str | None] = []
    numbers: list[str | None] = []
    texts: list[str | None] = []
    # The one loop that runs for every observation: what it looks up, it looks up once.
    add_name, add_time, add_number = names.append, times.append, numbers.append
    add_text = texts.append
    for stream in root.iter("{*}DeviceStream"):
        devices.append((stream.get("name"), stream.get("uuid")))
        for component in stream:
            for group in component:
                kind = GROUPS.get(local(group.tag))
                if kind is None or not len(group):
                    continue
                start = len(names)
                groups.append((start, group))
                for element in group:
                    get = element.get
                    add_name(get("dataItemId"))
                    add_time(get("timestamp"))
                    add_number(get("sequence"))
                    add_text(element.text)
                if kind == CONDITION:
                    texts[start:] = [local(element.tag) for element in group]
                kinds.append((len(names) - start, len(devices) - 1, kind))
    counts = [count for count, _, _ in kinds]
    nanoseconds, timed, zoned = _times(times)
    text = pa.array(texts, pa.string())
    if text.null_count:
        text = text.fill_null("")
    return Columns(
        groups=groups,
        name=pa.array(names, pa.string()),
        device=np.repeat(np.array([each for _, each, _ in kinds], np.int32), counts),
        devices=devices,
        group=np.repeat(np.array([kind for _, _, kind in kinds], np.int8), counts),
        text=pc.utf8_trim(text, characters=_WHITE),
        nanoseconds=nanoseconds,
        timed=timed,
        zoned=zoned,
        sequence=_sequences(numbers),
    )


def entries(element: etree._Element, *, table: bool) -> tuple[str, str]:
    """A data set or table as canonical JSON, and as JSON that keeps every value's own text.

    Numbers that JSON can write back to the same digits are numbers; ``null`` stands for an entry
    that the machine removed (MTConnect observation model, DataSet and Table).
    """
    typed: dict[str, Any] = {}
    native: dict[str, Any] = {}
    for each in element:
        key = each.get("key", "")
        if each.get("removed") in {"true", "1"}:
            typed[key] = native[key] = None
        elif table:
            cells = {inner.get("key", ""): (inner.text or "").strip() for inner in each}
            native[key] = cells
            typed[key] = {name: _cell(text) for name, text in cells.items()}
        else:
            native[key] = (each.text or "").strip()
            typed[key] = _cell(native[key])
    return _json(typed), _json(native)


def sequence_number(text: str | None) -> int | None:
    """A sequence number of 63 bits, or nothing."""
    if text is None or not _SEQUENCE.fullmatch(text) or int(text) > _INT64_MAX:
        return None
    return int(text)


def _cell(text: str) -> str | int | float:
    value = cell(text)
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sequences(texts: list[str | None]) -> pa.Array:
    try:
        read = pa.array(texts, pa.string()).cast(pa.int64())
    except pa.ArrowInvalid:
        read = None
    if read is None or (pc.min(read).as_py() or 0) < 0:
        return pa.array([sequence_number(text) for text in texts], pa.int64())
    return read


def _plausible(nanoseconds: Ints) -> Mask:
    """Which instants lie in the years that the standard's timestamps can say."""
    within: Mask = (nanoseconds >= _EARLIEST) & (nanoseconds < _LATEST)
    return within


def _times(texts: list[str | None]) -> tuple[Ints, Mask, Mask]:
    """Timestamps of up to nine decimals as nanoseconds since 1970, UTC."""
    timed = np.ones(len(texts), bool)
    zoned = np.ones(len(texts), bool)
    try:
        # Arrow reads RFC 3339 to the nanosecond, but nothing odd: no leap second, no null.
        read = pa.array(texts, pa.string()).cast(pa.timestamp("ns", tz="UTC"))
        whole = read.cast(pa.int64())
        if not read.null_count and _plausible(whole.to_numpy()).all():
            return whole.to_numpy(), timed, zoned
    except pa.ArrowInvalid:
        pass
    nanoseconds = np.zeros(len(texts), np.int64)
    for row, text in enumerate(texts):
        found = moment(text.strip(_WHITE)) if text else None
        if found is None or found.nanoseconds is None:
            timed[row] = False
        else:
            nanoseconds[row] = found.nanoseconds
            zoned[row] = found.zoned
    return nanoseconds, timed, zoned
