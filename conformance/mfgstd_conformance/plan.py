"""What will be examined, fixed and hashed before anything runs.

The expected set comes from profile, level and declared capabilities, never from what happened to
run: otherwise the denominator shrinks with every requirement that couldn't be examined. Every
requirement of the profile stands in exactly one list of the plan, with the reason; an empty plan
cannot be made; and the scenario's seed is drawn only after the plan has its digest.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from mfgstd import __version__
from mfgstd.language import Text
from mfgstd_conformance import canonical, formats
from mfgstd_conformance.decision import WaiverLimits
from mfgstd_conformance.errors import PlanRefused
from mfgstd_conformance.planned import (
    BeyondLevel,
    NeverPlanned,
    NotApplicable,
    Planned,
    Subject,
)
from mfgstd_conformance.profiles import Access, Level
from mfgstd_conformance.registry import Kind, Obligation

if TYPE_CHECKING:
    from collections.abc import Collection

    from mfgstd_conformance.profiles import Profile
    from mfgstd_conformance.registry import Registry, Requirement

FORMAT: Final = "https://w3id.org/mfgstd/conformance/plan/1"

#: JSON numbers are doubles to many readers: a seed must survive them.
_SEED_BITS: Final = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """The random number of a run, bound to the plan that it was drawn for.

    ``by_hand`` marks a number that somebody chose: good for reproducing, never for certifying.
    """

    value: int
    plan: str
    by_hand: bool

    def to_json(self) -> dict[str, Any]:
        """As the trace's manifest holds it."""
        return {"value": self.value, "plan": self.plan, "byHand": self.by_hand}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one run is held to. Complete as soon as it exists: there are no unfinished plans.

    ``requirements`` is the digest of the full records, so that a changed sentence is a changed
    plan; ``waivers`` and ``longest_validity_days`` are the profile's limits at this time.
    """

    subject: Subject
    access: Access
    profile_id: str
    profile_version: str
    level: Level
    suite_version: str
    capabilities: tuple[str, ...]
    waivers: WaiverLimits
    longest_validity_days: int
    requirements: str
    planned: tuple[Planned, ...]
    attested: tuple[Planned, ...]
    not_applicable: tuple[NotApplicable, ...]
    beyond_level: tuple[BeyondLevel, ...]
    never_planned: tuple[NeverPlanned, ...]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        if not any(each.obligation is Obligation.MUST for each in self.planned):
            raise PlanRefused(
                Text(
                    "The plan is empty: no MUST remains that the suite can examine.",
                    "시험 계획이 비어 있습니다. 시험할 수 있는 의무 요구사항이 없습니다.",
                ),
                hint=Text(
                    "Choose another level, or declare the capabilities that the product has.",
                    "다른 수준을 선택하거나 제품이 가진 기능을 선언하세요.",
                ),
            )
        ids = self.all_ids()
        if len(ids) != len(set(ids)):
            raise PlanRefused(
                Text(
                    "A requirement stands twice in this plan.",
                    "시험 계획에 같은 요구사항이 두 번 있습니다.",
                )
            )
        object.__setattr__(self, "digest", canonical.sha256(self.to_bytes()))

    @classmethod
    def make(
        cls,
        *,
        profile: Profile,
        level: Level,
        capabilities: Collection[str],
        registry: Registry,
        subject: Subject,
        access: Access,
    ) -> Plan:
        """Sort every requirement of the profile into exactly one list.

        Args:
            profile: which requirements, at which level.
            level: how far this plan goes.
            capabilities: what the product declares; required, so that a missing declaration is
                never read as an empty one.
            registry: the records themselves.
            subject: the product.
            access: how it is reached; a file shows nothing beyond ``schema``.

        Raises:
            PlanRefused: the level is out of reach, a capability is unknown, or nothing remains.
        """
        _refuse_level(profile, level, access)
        declared = frozenset(capabilities)
        if unknown := sorted(declared - profile.capabilities.keys()):
            known = ", ".join(profile.capabilities) or "-"
            raise PlanRefused(
                Text(
                    f"The profile {profile.id} knows no capability {unknown[0]!r}.",
                    f"프로파일 {profile.id}에는 {unknown[0]!r} 기능이 없습니다.",
                ),
                hint=Text(f"It knows: {known}", f"정의된 기능: {known}"),
            )
        planned: list[Planned] = []
        attested: list[Planned] = []
        not_applicable: list[NotApplicable] = []
        beyond: list[BeyondLevel] = []
        never: list[NeverPlanned] = []
        records: list[Requirement] = []
        for at, name in profile:
            record = registry.get(name)
            records.append(record)
            if record.kind is Kind.UNTESTABLE:
                never.append(NeverPlanned(requirement=name, reason=record.reason or _NO_REASON))
            elif not level.covers(at):
                beyond.append(BeyondLevel(requirement=name, at=at))
            elif record.applies_if is not None and record.applies_if not in declared:
                clause = f"{record.source.standard}, {record.source.clause}"
                not_applicable.append(
                    NotApplicable(requirement=name, capability=record.applies_if, clause=clause)
                )
            else:
                (attested if record.kind is Kind.ATTESTED else planned).append(
                    Planned(
                        requirement=name,
                        obligation=record.obligation,
                        at=at,
                        capability=record.applies_if,
                    )
                )
        return cls(
            subject=subject,
            access=access,
            profile_id=profile.id,
            profile_version=profile.version,
            level=level,
            suite_version=__version__,
            capabilities=tuple(sorted(declared)),
            waivers=profile.waivers,
            longest_validity_days=profile.longest_validity_days,
            requirements=canonical.sha256(canonical.encode([each.to_json() for each in records])),
            planned=tuple(planned),
            attested=tuple(attested),
            not_applicable=tuple(not_applicable),
            beyond_level=tuple(beyond),
            never_planned=tuple(never),
        )

    def all_ids(self) -> list[str]:
        """Every requirement of the profile, from whichever list it stands in."""
        lists = (
            self.planned,
            self.attested,
            self.not_applicable,
            self.beyond_level,
            self.never_planned,
        )
        return [each.requirement for entries in lists for each in entries]

    def draw_seed(self) -> Seed:
        """Draw the seed of the run's scenario, now that the plan can no longer change."""
        return Seed(value=secrets.randbits(_SEED_BITS), plan=self.digest, by_hand=False)

    def reuse_seed(self, value: int) -> Seed:
        """Take a seed by hand, to reproduce a run; such a run bears no certificate."""
        return Seed(value=value, plan=self.digest, by_hand=True)

    def to_json(self) -> dict[str, Any]:
        """The plan as ``plan.json`` holds it."""
        return {
            "format": FORMAT,
            "suite": {"name": "mfgstd", "version": self.suite_version},
            "profile": {"id": self.profile_id, "version": self.profile_version},
            "level": self.level.value,
            "access": self.access.value,
            "subject": self.subject.to_json(),
            "capabilities": list(self.capabilities),
            "waivers": {
                "atMost": self.waivers.at_most,
                "never": sorted(self.waivers.never),
            },
            "longestValidityDays": self.longest_validity_days,
            "requirements": self.requirements,
            "planned": [each.to_json() for each in self.planned],
            "attested": [each.to_json() for each in self.attested],
            "notApplicable": [each.to_json() for each in self.not_applicable],
            "beyondLevel": [each.to_json() for each in self.beyond_level],
            "neverPlanned": [each.to_json() for each in self.never_planned],
        }

    def to_bytes(self) -> bytes:
        """The canonical bytes; their SHA-256 is :attr:`digest`."""
        return canonical.encode(self.to_json())

    @classmethod
    def from_bytes(cls, data: bytes) -> Plan:
        """Read ``plan.json`` back; the digest of what comes out is the digest of ``data``.

        Raises:
            PlanRefused: not canonical, or not of the plan format.
        """
        try:
            value = canonical.decode(data)
        except canonical.NotCanonicalError as error:
            raise _malformed(str(error)) from None
        for where, what in formats.violations("plan", value):
            raise _malformed(f"{where}: {what}" if where else what)
        return cls(
            subject=Subject(**value["subject"]),
            access=Access(value["access"]),
            profile_id=value["profile"]["id"],
            profile_version=value["profile"]["version"],
            level=Level(value["level"]),
            suite_version=value["suite"]["version"],
            capabilities=tuple(value["capabilities"]),
            waivers=WaiverLimits(
                at_most=value["waivers"]["atMost"], never=frozenset(value["waivers"]["never"])
            ),
            longest_validity_days=value["longestValidityDays"],
            requirements=value["requirements"],
            planned=tuple(map(Planned.from_json, value["planned"])),
            attested=tuple(map(Planned.from_json, value["attested"])),
            not_applicable=tuple(NotApplicable(**each) for each in value["notApplicable"]),
            beyond_level=tuple(
                BeyondLevel(requirement=each["requirement"], at=Level(each["at"]))
                for each in value["beyondLevel"]
            ),
            never_planned=tuple(
                NeverPlanned(requirement=each["requirement"], reason=Text(**each["reason"]))
                for each in value["neverPlanned"]
            ),
        )


# The requirement format demands a reason of every untestable record; this is for the type.
_NO_REASON: Final = Text("No reason is given.", "사유가 없습니다.")


def _refuse_level(profile: Profile, level: Level, access: Access) -> None:
    if not access.reach.covers(level):
        raise PlanRefused(
            Text(
                f"A product given as {access}: can be judged up to level {access.reach}.",
                f"{access}: 방식으로는 '{access.reach.text.ko}' 수준까지만 판정할 수 있습니다.",
            ),
            hint=Text(
                "Give the running product (endpoint:, python: or exec:) for higher levels.",
                "더 높은 수준은 실행 중인 제품(endpoint:, python:, exec:)을 지정하세요.",
            ),
        )
    if not profile.highest.covers(level):
        raise PlanRefused(
            Text(
                f"The profile {profile.id} goes up to level {profile.highest}.",
                f"프로파일 {profile.id}은(는) '{profile.highest.text.ko}' 수준까지 있습니다.",
            )
        )


def _malformed(what: str) -> PlanRefused:
    return PlanRefused(Text(f"This is not a plan: {what}", f"올바른 시험 계획이 아닙니다: {what}"))
