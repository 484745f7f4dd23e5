"""The loss ledger: what came in, and what became of every single report.

``ledger.json`` is one JSON object::

    source     URI of the source
    adapter    {name, version}
    started    RFC 3339, when the collection began
    ended      RFC 3339, when it ended
    resumed    how often it was taken up again; absent when never
    read       reports that the source made (one data item saying one thing once)
    translated of these, how many became observations, documents or both
    bad        of the translated, how many carry no good value (UNAVAILABLE, not convertible)
    unknown    {name: count}, reports of items that the device model does not know
    rejected   reports that could not be read; kept in rejected.ndjson
    lines      {kind: count}, what each line or XML element of the source was
    documents  {class: count}, documents by kind
    gaps       how many holes the adapter proved or noticed
    findings   {rule: count}
    errors     how many of the findings are errors, not warnings or information
    away       when contact to the source was lost: {times, seconds, spells [{from, to}]}, of the
               spells the latest; absent when it never was
    bytes      bytes read from the source
    balanced   read == translated + unknown + rejected
    error      the sentence that ended the collection; absent when nothing did
    files      [{path, rows, bytes, sha256}], what was written
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from mfgstd.adapters import Tally
from mfgstd.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.finding import Finding

#: A hostile source could name an item anew in every line; more names than this are summed up.
NAMES: Final = 10_000
OTHERS: Final = "…"
#: Findings kept of each rule, with their places; the rest is counted.
EXAMPLES: Final = 10
#: Spells without contact that are kept; a loose plug makes thousands.
SPELLS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file that a collection wrote."""

    path: str
    rows: int
    bytes: int
    sha256: str

    def to_json(self) -> dict[str, Any]:
        """The file as the ledger lists it."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class Spell:
    """A time without contact: from the last sign of life to the next one, or to the end."""

    since: datetime
    until: datetime

    @property
    def seconds(self) -> float:
        """How long; a clock that was set back makes none negative."""
        return max(0.0, (self.until - self.since).total_seconds())

    def to_json(self) -> dict[str, str]:
        """Both moments as the standard writes them."""
        return {"from": written(self.since), "to": written(self.until)}


class Account:
    """The running sums of a collection; survives a restart through the checkpoint."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.findings: Counter[str] = Counter()
        self.examples: dict[str, list[Finding]] = {}
        self.errors = 0
        self.gaps = 0
        self.resumed = 0
        self.away_times = 0
        self.away_seconds = 0.0
        self.spells: list[Spell] = []

    def add(self, tally: Tally, findings: tuple[Finding, ...] = ()) -> None:
        """Add one batch."""
        self.tally += tally
        self.gaps = self.tally.documents.get("Gap", 0)
        _bound(self.tally.unknown)
        for finding in findings:
            self.findings[finding.rule] += 1
            self.errors += finding.severity is Severity.ERROR
            examples = self.examples.setdefault(finding.rule, [])
            if len(examples) < EXAMPLES:
                examples.append(finding)

    def away(self, spell: Spell) -> None:
        """Add a time without contact."""
        self.away_times += 1
        self.away_seconds += spell.seconds
        self.spells = [*self.spells, spell][-SPELLS:]

    def to_json(self) -> dict[str, Any]:
        """Everything that must survive; the examples need not."""
        tally = {each.name: getattr(self.tally, each.name) for each in fields(self.tally)}
        return {
            "tally": tally,
            "findings": self.findings,
            "errors": self.errors,
            "resumed": self.resumed,
            "away": self.absence(),
        }

    def absence(self) -> dict[str, Any]:
        """The times without contact, as the ledger tells them."""
        return {
            "times": self.away_times,
            "seconds": round(self.away_seconds, 3),
            "spells": [each.to_json() for each in self.spells],
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Account:
        """The sums as :meth:`to_json` wrote them."""
        account = cls()
        counted = {"unknown", "lines", "documents"}
        tally: dict[str, Any] = {
            name: Counter(value) if name in counted else value
            for name, value in record["tally"].items()
        }
        account.tally = Tally(**tally)
        account.gaps = account.tally.documents.get("Gap", 0)
        account.findings = Counter(record["findings"])
        account.errors = record["errors"]
        account.resumed = record["resumed"]
        away = record["away"]
        account.away_times, account.away_seconds = away["times"], away["seconds"]
        account.spells = [
            Spell(*(datetime.fromisoformat(each[name]) for name in ("from", "to")))
            for each in away["spells"]
        ]
        return account


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The account of one collection, closed."""

    source: str
    adapter: Mapping[str, str]
    started: str
    ended: str
    account: Account
    files: tuple[File, ...] = field(default=())
    error: str | None = None

    @property
    def tally(self) -> Tally:
        """The sums."""
        return self.account.tally

    @property
    def balanced(self) -> bool:
        """Whether every report is accounted for; if not, that is our defect."""
        return self.tally.balanced

    def to_json(self) -> dict[str, Any]:
        """The ledger as ``ledger.json`` holds it; counts descend, equal ones go by name."""
        tally = self.tally
        record: dict[str, Any] = {
            "source": self.source,
            "adapter": dict(self.adapter),
            "started": self.started,
            "ended": self.ended,
        }
        if self.account.resumed:
            record["resumed"] = self.account.resumed
        record |= {
            "read": tally.read,
            "translated": tally.translated,
            "bad": tally.bad,
            "unknown": by_count(tally.unknown),
            "rejected": tally.rejected,
            "lines": by_count(tally.lines),
            "documents": by_count(tally.documents),
            "gaps": self.account.gaps,
            "findings": by_count(self.account.findings),
            "errors": self.account.errors,
            "bytes": tally.bytes,
            "balanced": self.balanced,
        }
        if self.account.away_times:
            record["away"] = self.account.absence()
        if self.error is not None:
            record["error"] = self.error
        record["files"] = [file.to_json() for file in self.files]
        return record

    def to_bytes(self) -> bytes:
        """The text of ``ledger.json``."""
        return orjson.dumps(self.to_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def written(moment: datetime) -> str:
    """A moment as the standard writes it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def by_count(counter: Mapping[str, int]) -> dict[str, int]:
    """The most frequent first."""
    return dict(sorted(counter.items(), key=lambda pair: (-pair[1], pair[0])))


def _bound(counter: Counter[str]) -> None:
    if len(counter) <= NAMES:
        return
    rare = counter.most_common()[NAMES - 1 :]
    counter[OTHERS] += sum(count for name, count in rare if name != OTHERS)
    for name, _ in rare:
        if name != OTHERS:
            del counter[name]
