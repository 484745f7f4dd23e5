"""The account of one run: exact counts of everything, full sentences for the first findings.

Counting is cheap and exact whatever the size of the input; explaining is neither, so a report
holds at most as many :class:`Finding` values as its ``limit`` says. It is a plain value: it can be
pickled, added to while a run goes on, and printed as JSON.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mfgstd.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mfgstd.finding import Finding
    from mfgstd.language import Language, Text


@dataclass(slots=True, kw_only=True)
class SourceReport:
    """One file, stream or table of a run: what it was taken for, and what judging it cost.

    ``size`` is in bytes as they lie in the file, ``seconds`` are of wall time. ``engine`` is the
    one that judged nearly all of it: ``row``, ``fastjsonschema``, ``referee``, ``duckdb`` or
    ``spark``. ``findings`` counts what stands in this source alone, not across sources.
    """

    path: str | None
    format: str
    engine: str
    valid: int = 0
    invalid: int = 0
    findings: int = 0
    size: int = 0
    seconds: float = 0.0

    @property
    def documents(self) -> int:
        """How many documents, or rows that stand for documents, were judged."""
        return self.valid + self.invalid

    def to_json(self) -> dict[str, Any]:
        """The known parts only: absent, never null."""
        record: dict[str, Any] = {} if self.path is None else {"path": self.path}
        return record | {
            "format": self.format,
            "engine": self.engine,
            "documents": self.documents,
            "valid": self.valid,
            "invalid": self.invalid,
            "findings": self.findings,
            "bytes": self.size,
            "seconds": round(self.seconds, 3),
        }


@dataclass(slots=True, kw_only=True)
class Report:
    """The account of one run, filled while it goes on.

    ``valid`` and ``invalid`` count documents by the class name of their schema; what could not be
    read far enough to know it counts below the empty name. A document is invalid if one of its
    own findings is an error; what sequence and reference rules say of several documents is counted
    in ``counts``, and makes none of them invalid.

    ``counts`` is exact, by rule and severity. ``findings`` holds the first ``limit`` of them, in
    the order of the files; of ``unexplained`` invalid documents no finding is among these.
    ``not_judged`` names rules that were not asked, ``left_out`` what folders hold and was not read,
    each with the reason.
    """

    limit: int = 100
    files: int = 0
    valid: Counter[str] = field(default_factory=Counter)
    invalid: Counter[str] = field(default_factory=Counter)
    counts: Counter[tuple[str, Severity]] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    unexplained: int = 0
    left_out: dict[str, Text] = field(default_factory=dict)
    not_judged: dict[str, Text] = field(default_factory=dict)
    sources: list[SourceReport] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def documents(self) -> int:
        """How many documents were judged."""
        return self.valid.total() + self.invalid.total()

    @property
    def rules(self) -> Counter[str]:
        """How many findings there are of each rule, told or not."""
        found: Counter[str] = Counter()
        for (rule, _severity), count in self.counts.items():
            found[rule] += count
        return found

    @property
    def severities(self) -> Counter[Severity]:
        """How many findings there are of each severity, told or not."""
        found: Counter[Severity] = Counter()
        for (_rule, severity), count in self.counts.items():
            found[severity] += count
        return found

    @property
    def size(self) -> int:
        """The bytes of all sources as they lie in their files."""
        return sum(each.size for each in self.sources)

    @property
    def conforms(self) -> bool:
        """Whether something was judged and nothing was wrong with it; warnings do not count."""
        return (
            bool(self.documents)
            and not self.invalid.total()
            and not self.severities[Severity.ERROR]
        )

    @property
    def left(self) -> int:
        """How many more findings may be explained."""
        return max(0, self.limit - len(self.findings))

    @property
    def not_told(self) -> int:
        """How many findings were counted and not explained."""
        return self.counts.total() - len(self.findings)

    def count(self, findings: Iterable[tuple[str, str]]) -> None:
        """Count findings that nobody explains: (rule, severity) of each."""
        for rule, severity in findings:
            self.counts[rule, Severity(severity)] += 1

    def add(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Count findings by (rule, severity), as an engine counted them."""
        for (rule, severity), number in counts.items():
            if number:
                self.counts[rule, Severity(severity)] += number

    def tell(self, findings: Iterable[Finding]) -> list[Finding]:
        """Keep as many findings as there is room for; those kept. Counts nothing."""
        kept = [each for each, _ in zip(findings, range(self.left), strict=False)]
        self.findings += kept
        return kept

    def to_json(self, language: Language | None = None) -> dict[str, Any]:
        """The report as ``--json`` prints it: counts of everything, then what is explained."""
        names = sorted(set(self.valid) | set(self.invalid))
        severities = self.severities
        return {
            "conforms": self.conforms,
            "files": self.files,
            "documents": self.documents,
            "valid": self.valid.total(),
            "invalid": self.invalid.total(),
            "kinds": {
                name or "unknown": {"valid": self.valid[name], "invalid": self.invalid[name]}
                for name in names
            },
            "rules": dict(sorted(self.rules.items())),
            "severities": {each.value: severities[each] for each in Severity if severities[each]},
            "findings": [each.to_json(language) for each in self.findings],
            "notTold": self.not_told,
            "unexplained": self.unexplained,
            "notJudged": {
                rule: reason.say(language) for rule, reason in sorted(self.not_judged.items())
            },
            "leftOut": list(self.left_out),
            "sources": [each.to_json() for each in self.sources],
            "bytes": self.size,
            "seconds": round(self.seconds, 3),
        }
