"""Two taxonomies as data: how states become time, and the fields of Korean smart manufacturing.

A classification is a named, versioned table (``schemas/vocabularies/time-model.json``): it puts
every stretch of a machine's time into exactly one bucket, an ISO 22400 time element, a SEMI E10
state or a Korean TPM time. What no row knows is ``unclassified``, never production. Sources: the
public annexes C of OPC 40001-1 and OPC 40501-1; what was not seen is marked row by row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast, get_args

from mfgstd.errors import UsageError
from mfgstd.language import Text
from mfgstd.near import suggestion
from mfgstd.standard.kpi import Verification, VersionedCode
from mfgstd.standard.resources import root

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "AXES",
    "UNCLASSIFIED",
    "Bucket",
    "Classification",
    "Domain",
    "E10State",
    "Row",
    "StateAxes",
    "SubState",
    "Subfield",
    "classification",
    "classifications",
    "domains",
    "e10_states",
    "unnamed_subfields",
]

#: The bucket of time that no row of a table knows.
UNCLASSIFIED: Final = "unclassified"

Summary: TypeAlias = Literal[
    "executing", "not_executing", "out_of_service", "not_available", "unknown"
]
Mode: TypeAlias = Literal[
    "production",
    "setup",
    "teardown",
    "maintenance",
    "process_development",
    "manual",
    "none",
    "unknown",
]
Utilization: TypeAlias = Literal[
    "productive",
    "standby",
    "engineering",
    "scheduled_down",
    "unscheduled_down",
    "non_scheduled",
    "unknown",
]
Order: TypeAlias = Literal["registered", "none", "unknown"]
Calendar: TypeAlias = Literal["busy", "operation", "off", "unknown"]
#: ``seen``: read in a public source; ``assumed``: ours.
Evidence: TypeAlias = Literal["seen", "assumed"]


@dataclass(frozen=True, slots=True)
class StateAxes:
    """What is known of a machine over one stretch of time; an axis nobody spoke of is unknown.

    The first three are axes of EquipmentState (``mode`` the last one sent, while the source is
    lost). ``order``: whether one is registered for the machine. ``calendar``: within the planned
    busy time, planned down within the planned operation time, or outside of it.
    """

    summary: Summary = "unknown"
    mode: Mode = "unknown"
    utilization: Utilization = "unknown"
    order: Order = "unknown"
    calendar: Calendar = "unknown"

    def __post_init__(self) -> None:
        """Refuse a word that the axis does not have: it would silently match no row."""
        for axis, words in AXES.items():
            if (word := getattr(self, axis)) not in words:
                known = ", ".join(words)
                raise UsageError(
                    Text(
                        f"The axis {axis!r} has no word {word!r}; it has: {known}.",
                        f"{axis!r} 축에 {word!r}이(가) 없습니다. 쓸 수 있는 값: {known}.",
                    )
                )


#: Axis -> its words, ``unknown`` last, in the order of the fields of :class:`StateAxes`.
AXES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        axis.name: cast("tuple[str, ...]", get_args(words))
        for axis, words in zip(
            fields(StateAxes), (Summary, Mode, Utilization, Order, Calendar), strict=True
        )
    }
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a stretch of time is put: an element name, a state word, or ``unclassified``."""

    name: str
    label: Text


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: the words that each named axis may have, and the bucket then.

    ``short`` is the bucket of a stretch below the table's micro-stop threshold, if another.
    """

    when: Mapping[str, frozenset[str]]
    bucket: Bucket
    short: Bucket | None
    evidence: Evidence
    source: str | None

    def holds(self, axes: StateAxes) -> bool:
        """Whether every axis that the row names has one of its words."""
        return all(getattr(axes, axis) in words for axis, words in self.when.items())


@dataclass(frozen=True, slots=True)
class Classification:
    """A table: rows tried from the first, of which the last always holds.

    ``micro_stop`` is the threshold in seconds below which a row's ``short`` bucket is taken.
    """

    key: VersionedCode
    target: str
    label: Text
    description: Text
    micro_stop: float
    rows: tuple[Row, ...]

    def row(self, axes: StateAxes) -> Row:
        """The row that decides."""
        return next(each for each in self.rows if each.holds(axes))

    def classify(
        self, axes: StateAxes, seconds: float | None = None, micro_stop: float | None = None
    ) -> Bucket:
        """The one bucket of a stretch of time.

        ``seconds`` is its length; without one no micro-stop is told apart. ``micro_stop`` takes
        the place of the table's own threshold; a result then has to say so.
        """
        row = self.row(axes)
        threshold = self.micro_stop if micro_stop is None else micro_stop
        if row.short is not None and seconds is not None and seconds < threshold:
            return row.short
        return row.bucket


@dataclass(frozen=True, slots=True)
class SubState:
    """A sub-state of IPC-CFX, with the words of EquipmentState's ``reason`` it corresponds to."""

    number: int
    name: str
    reasons: tuple[str, ...]
    verification: Verification


@dataclass(frozen=True, slots=True)
class E10State:
    """A state of SEMI E10: our word, its code, its number in OPC UA Machine Vision and CFX."""

    word: str
    code: str
    machine_vision: int
    cfx: int
    sub_states: tuple[SubState, ...]


@dataclass(frozen=True, slots=True)
class Subfield:
    """A subfield of the Korean classification of suppliers, and where its name was read."""

    code: str
    label: Text
    status: Verification
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """One of the four domains, with those of its subfields whose names are known."""

    code: str
    label: Text
    status: Verification
    sources: tuple[str, ...]
    subfields: tuple[Subfield, ...]


@cache
def classifications() -> Mapping[str, Classification]:
    """All tables by code. The first is the default for ISO 22400."""
    model = _read("time-model")
    buckets = {name: Bucket(name, _text(label)) for name, label in model["buckets"].items()}
    tables = (_classification(each, buckets) for each in model["tables"])
    return MappingProxyType({each.key.code: each for each in tables})


def classification(code: str) -> Classification:
    """One table by its code.

    Raises:
        UsageError: there is no such table; the message names those that are there.
    """
    found = classifications().get(code)
    if found is None:
        raise UsageError(
            Text(
                f"There is no classification table {code!r}.",
                f"{code!r} 분류표가 없습니다.",
            ),
            hint=suggestion(code, list(classifications())),
        )
    return found


@cache
def e10_states() -> tuple[E10State, ...]:
    """The six states of SEMI E10, in the order of their numbers."""
    return tuple(
        E10State(
            word=each["word"],
            code=each["code"],
            machine_vision=each["machineVision"],
            cfx=each["cfx"]["number"],
            sub_states=tuple(
                SubState(
                    number=sub["number"],
                    name=sub["name"],
                    reasons=tuple(sub.get("reasons", ())),
                    verification=sub["verification"],
                )
                for sub in each["subStates"]
            ),
        )
        for each in _read("time-model")["semiE10"]["states"]
    )


@cache
def domains() -> tuple[Domain, ...]:
    """The four domains of the plan of October 2024, each with its known subfields."""
    return tuple(
        Domain(
            code=each["code"],
            label=_text(each["label"]),
            status=each["status"],
            sources=tuple(each["sources"]),
            subfields=tuple(
                Subfield(
                    code=sub["code"],
                    label=_text(sub["label"]),
                    status=sub["status"],
                    sources=tuple(sub["sources"]),
                )
                for sub in each["subfields"]
            ),
        )
        for each in _read("korean-subfields")["domains"]
    )


def unnamed_subfields() -> int:
    """How many subfields exist whose names nobody here could verify."""
    return int(_read("korean-subfields")["unnamed"]["count"])


def _read(name: str) -> dict[str, Any]:
    path = root("schemas") / "vocabularies" / f"{name}.json"
    return cast("dict[str, Any]", json.loads(path.read_bytes()))


def _text(pair: Mapping[str, str]) -> Text:
    return Text(pair["en"], pair["ko"])


def _classification(entry: Mapping[str, Any], buckets: Mapping[str, Bucket]) -> Classification:
    return Classification(
        key=VersionedCode(entry["code"], entry["version"]),
        target=entry["target"],
        label=_text(entry["label"]),
        description=_text(entry["description"]),
        micro_stop=float(entry["microStop"]["seconds"]),
        rows=tuple(_rows(entry["rows"], buckets)),
    )


def _rows(entries: Iterable[Mapping[str, Any]], buckets: Mapping[str, Bucket]) -> Iterable[Row]:
    for each in entries:
        short = each.get("short")
        yield Row(
            when={axis: frozenset(words) for axis, words in each["when"].items()},
            bucket=buckets[each["bucket"]],
            short=buckets[short] if short else None,
            evidence=each["evidence"],
            source=each.get("source"),
        )
