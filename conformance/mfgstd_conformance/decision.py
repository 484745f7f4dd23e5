"""What people decide about a verdict, kept apart from it: a decision never changes a verdict.

An *attestation* states, with evidence, what no program can examine. A *waiver* accepts a known
non-conformance for a time, with a reason and a name. Both stand in a record of their own and
both appear on the certificate; the verdict beside them stays what it was.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd_conformance import canonical, formats
from mfgstd_conformance.errors import RecordRefused
from mfgstd_conformance.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

#: A waiver accepts something that is known. Nobody knows what an unexamined requirement hides.
WAIVABLE: Final = frozenset({Verdict.FAIL, Verdict.INCONCLUSIVE})

#: These need no decision: they stand by themselves.
MET: Final = frozenset({Verdict.PASS, Verdict.WARN, Verdict.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A file that supports an attestation: its path relative to the record, and its digest."""

    path: str
    sha256: str

    def to_json(self) -> dict[str, Any]:
        """Both fields."""
        return {"path": self.path, "sha256": self.sha256}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A named person's statement, with evidence, that an attested requirement holds."""

    requirement: str
    who: str
    when: str
    statement: str
    evidence: tuple[Evidence, ...]

    def to_json(self) -> dict[str, Any]:
        """As the record and the certificate hold it."""
        return {
            "requirement": self.requirement,
            "who": self.who,
            "when": self.when,
            "statement": self.statement,
            "evidence": [each.to_json() for each in self.evidence],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A named person's acceptance, until ``expires``, that a requirement is not met."""

    requirement: str
    reason: str
    approver: str
    expires: str

    def to_json(self) -> dict[str, Any]:
        """As the record and the certificate hold it."""
        return {
            "requirement": self.requirement,
            "reason": self.reason,
            "approver": self.approver,
            "expires": self.expires,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverLimits:
    """What a profile allows: at most so many waivers at once, and never for these ids."""

    at_most: int
    never: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """All attestations and waivers that were handed in; who handed them in has no further say."""

    attestations: tuple[Attestation, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    @classmethod
    def from_json(cls, value: Any, *, place: Place | None = None) -> DecisionRecord:
        """Read a record, strictly.

        Raises:
            RecordRefused: a field is missing, unknown or malformed.
        """
        for where, what in formats.violations("decision", value):
            raise _refused(f"{where}: {what}" if where else what, place)
        record = cls(
            attestations=tuple(
                Attestation(**{**each, "evidence": tuple(Evidence(**e) for e in each["evidence"])})
                for each in value["attestations"]
            ),
            waivers=tuple(Waiver(**each) for each in value["waivers"]),
        )
        moments = [a.when for a in record.attestations] + [w.expires for w in record.waivers]
        for text in moments:
            try:
                moment(text)
            except ValueError as error:
                raise _refused(f"{text!r}: {error}", place) from None
        return record

    @classmethod
    def load(cls, path: Path) -> DecisionRecord:
        """Read ``decisions.json``.

        Raises:
            RecordRefused: the file is not readable JSON of the decision format.
        """
        place = Place(path=str(path))
        try:
            value = json.loads(path.read_bytes(), object_pairs_hook=_once)
        except (OSError, ValueError, RecursionError) as error:
            raise _refused(str(error) or type(error).__name__, place) from None
        return cls.from_json(value, place=place)

    def to_json(self) -> dict[str, Any]:
        """As :meth:`from_json` reads it."""
        return {
            "attestations": [each.to_json() for each in self.attestations],
            "waivers": [each.to_json() for each in self.waivers],
        }

    def wrong_evidence(self, folder: Path) -> list[tuple[Attestation, Evidence, Text]]:
        """Evidence files below ``folder`` that are absent, changed or outside of it."""
        wrong = []
        base = folder.resolve()
        for attestation in self.attestations:
            for each in attestation.evidence:
                path = (base / each.path).resolve()
                if not path.is_relative_to(base) or not path.is_file():
                    why = Text(
                        f"The evidence {each.path!r} for {attestation.requirement} is not there.",
                        f"{attestation.requirement}의 증빙 {each.path!r}이(가) 없습니다.",
                    )
                elif canonical.sha256_of_file(path) != each.sha256:
                    why = Text(
                        f"The evidence {each.path!r} for {attestation.requirement} was changed.",
                        f"{attestation.requirement}의 증빙 {each.path!r}이(가) 변경되었습니다.",
                    )
                else:
                    continue
                wrong.append((attestation, each, why))
        return wrong


class Standing(StrEnum):
    """Where a requirement stands once people have had their say."""

    STANDS = "stands"
    """The verdict suffices by itself."""
    ATTESTED = "attested"
    """A person states that it holds, and shows why."""
    WAIVED = "waived"
    """It does not hold, and a person accepts that for now."""
    UNMET = "unmet"
    """None of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict, unchanged, and how it is dealt with; ``ignored`` says what did not count."""

    requirement: str
    verdict: Verdict
    standing: Standing
    waiver: Waiver | None = None
    attestation: Attestation | None = None
    ignored: tuple[Text, ...] = ()


def decide(
    verdicts: Mapping[str, Verdict],
    *,
    attested: Iterable[str],
    record: DecisionRecord,
    limits: WaiverLimits,
    now: datetime,
) -> dict[str, Decision]:
    """Lay the record beside the verdicts.

    Args:
        verdicts: every requirement of the plan, automated and attested, with its verdict.
        attested: the ids whose verification is by attestation; only these can be attested.
        record: what was handed in; entries for requirements without a verdict do nothing.
        limits: of the profile. Over the limit *no* waiver counts: which of them would be
            chosen must not depend on their order.
        now: decides which waivers have expired and which attestations lie in the future.
    """
    by_person = frozenset(attested)
    decisions = {
        requirement: _decide_one(
            requirement, verdict, requirement in by_person, record, limits, now
        )
        for requirement, verdict in verdicts.items()
    }
    waived = [each for each in decisions.values() if each.standing is Standing.WAIVED]
    if len(waived) > limits.at_most:
        why = Text(
            f"{len(waived)} requirements would be waived; the profile allows {limits.at_most}, "
            "so that no waiver counts.",
            f"면제가 필요한 요구사항이 {len(waived)}건이지만 프로파일은 {limits.at_most}건까지만 "
            "허용하므로 모든 면제를 인정하지 않습니다.",
        )
        for each in waived:
            decisions[each.requirement] = Decision(
                requirement=each.requirement,
                verdict=each.verdict,
                standing=Standing.UNMET,
                ignored=(*each.ignored, why),
            )
    return decisions


def _decide_one(
    requirement: str,
    verdict: Verdict,
    by_person: bool,
    record: DecisionRecord,
    limits: WaiverLimits,
    now: datetime,
) -> Decision:
    if verdict in MET:
        return Decision(requirement=requirement, verdict=verdict, standing=Standing.STANDS)
    ignored: list[Text] = []
    for attestation in record.attestations:
        if attestation.requirement != requirement:
            continue
        if not by_person:
            ignored.append(
                Text(
                    f"{requirement} is examined by the suite; it cannot be attested.",
                    f"{requirement}은(는) 시험으로 판정하는 항목이므로 "
                    "확인서로 대신할 수 없습니다.",
                )
            )
        elif verdict is Verdict.FAIL:
            ignored.append(
                Text(
                    f"{requirement} was shown not to hold; a statement does not undo that.",
                    f"{requirement}은(는) 부적합이 입증되었으므로 확인서로 뒤집을 수 없습니다.",
                )
            )
        elif moment(attestation.when) > now:
            ignored.append(
                Text(
                    f"The attestation for {requirement} is dated {attestation.when}, "
                    "in the future.",
                    f"{requirement}의 확인서 날짜({attestation.when})가 미래입니다.",
                )
            )
        else:
            return Decision(
                requirement=requirement,
                verdict=verdict,
                standing=Standing.ATTESTED,
                attestation=attestation,
                ignored=tuple(ignored),
            )
    candidates = [each for each in record.waivers if each.requirement == requirement]
    for waiver in sorted(candidates, key=lambda each: moment(each.expires), reverse=True):
        why = _why_not(waiver, verdict, limits, now)
        if why is None:
            return Decision(
                requirement=requirement,
                verdict=verdict,
                standing=Standing.WAIVED,
                waiver=waiver,
                ignored=tuple(ignored),
            )
        ignored.append(why)
    return Decision(
        requirement=requirement,
        verdict=verdict,
        standing=Standing.UNMET,
        ignored=tuple(ignored),
    )


def _why_not(waiver: Waiver, verdict: Verdict, limits: WaiverLimits, now: datetime) -> Text | None:
    name = waiver.requirement
    if name in limits.never:
        return Text(
            f"The profile never allows {name} to be waived.",
            f"프로파일은 {name}의 면제를 허용하지 않습니다.",
        )
    if verdict not in WAIVABLE:
        return Text(
            f"{name} is {verdict}: only what was examined can be waived.",
            f"{name}의 판정은 '{verdict.text.ko}'입니다. 실제로 시험한 항목만 면제할 수 있습니다.",
        )
    if moment(waiver.expires) <= now:
        return Text(
            f"The waiver for {name} expired on {waiver.expires}.",
            f"{name}의 면제가 {waiver.expires}에 만료되었습니다.",
        )
    return None


def moment(text: str) -> datetime:
    """An RFC 3339 timestamp of a record as an aware ``datetime`` in UTC.

    Raises:
        ValueError: no such moment, or without an offset.
    """
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError("a timestamp without an offset")
    return value.astimezone(UTC)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a member stands here twice")
    return value


def _refused(what: str, place: Place | None) -> RecordRefused:
    return RecordRefused(
        Text(
            f"This record of attestations and waivers cannot be used: {what}",
            f"확인서·면제 기록을 사용할 수 없습니다: {what}",
        ),
        place=place,
    )
