"""The requirements as data: each a sentence that can stand in a contract, with a stable id.

The sentences lie in ``conformance/requirements/*.yaml``. Findings carry *rule* ids, certificates
carry *requirement* ids, and this registry joins the two. An id is never used again: those of
withdrawn requirements stand in ``retired.yaml`` for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.standard.resources import root
from mfgstd_conformance import authored
from mfgstd_conformance.errors import RegistryError, UnknownRequirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_RETIRED: Final = "retired.yaml"


class Obligation(StrEnum):
    """The RFC 2119 word of a requirement."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Kind(StrEnum):
    """How a requirement is verified."""

    AUTOMATED = "automated"
    """A check decides, from recorded evidence."""
    ATTESTED = "attested"
    """A person states it and shows evidence."""
    UNTESTABLE = "untestable"
    """Nobody can verify it from outside; it is never planned, and the reason is written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a requirement comes from: a standard, a place in it, and where to read it."""

    standard: str
    clause: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardRules:
    """Those rules of the standard that are of one of these scopes and of this severity."""

    scopes: tuple[str, ...]
    severity: str

    def ids(self) -> Iterator[str]:
        """The ids of the rules as they are shipped."""
        from mfgstd.validation.rules import standard_rules

        for rule in standard_rules():
            if rule.scope.value in self.scopes and rule.severity.value == self.severity:
                yield rule.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One normative sentence and all that belongs to it.

    ``applies_if`` names the capability without which it does not apply; ``rules`` are the ids of
    the findings that speak against it; ``introduced`` is the version of the suite that first had
    it; ``reason`` says why it is not examined by a program, where it isn't. ``standard_rules``
    speak against it, too, but for those that another requirement ``covers``: its check finds
    whatever they would.
    """

    id: str
    title: Text
    sentence: Text
    obligation: Obligation
    source: Source
    actors: tuple[str, ...]
    applies_if: str | None
    introduced: str
    superseded_by: str | None
    kind: Kind
    reason: Text | None
    rules: tuple[str, ...]
    next_step: Text
    standard_rules: StandardRules | None = None
    covers: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Requirement:
        """From a record that fulfils the requirement format."""
        verification = value["verification"]
        reason = verification.get("reason")
        chosen = value.get("standardRules")
        return cls(
            id=value["id"],
            title=Text(**value["title"]),
            sentence=Text(**value["sentence"]),
            obligation=Obligation(value["level"]),
            source=Source(**value["source"]),
            actors=tuple(value["actors"]),
            applies_if=value["appliesIf"],
            introduced=value["introduced"],
            superseded_by=value["supersededBy"],
            kind=Kind(verification["kind"]),
            reason=None if reason is None else Text(**reason),
            rules=tuple(value["rules"]),
            next_step=Text(**value["nextStep"]),
            standard_rules=None
            if chosen is None
            else StandardRules(scopes=tuple(chosen["scopes"]), severity=chosen["severity"]),
            covers=tuple(value.get("coversRules", ())),
        )

    def to_json(self) -> dict[str, Any]:
        """The record as it stands in the YAML file; the plan's digest covers it."""
        verification: dict[str, Any] = {"kind": self.kind.value}
        if self.reason is not None:
            verification["reason"] = self.reason._asdict()
        chosen: dict[str, Any] = {}
        if self.standard_rules is not None:
            scopes, severity = list(self.standard_rules.scopes), self.standard_rules.severity
            chosen["standardRules"] = {"scopes": scopes, "severity": severity}
        if self.covers:
            chosen["coversRules"] = list(self.covers)
        return chosen | {
            "id": self.id,
            "title": self.title._asdict(),
            "sentence": self.sentence._asdict(),
            "level": self.obligation.value,
            "source": {
                "standard": self.source.standard,
                "clause": self.source.clause,
                "url": self.source.url,
            },
            "actors": list(self.actors),
            "appliesIf": self.applies_if,
            "introduced": self.introduced,
            "supersededBy": self.superseded_by,
            "verification": verification,
            "rules": list(self.rules),
            "nextStep": self.next_step._asdict(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """The tombstone of an id: it was used, and is never used again."""

    id: str
    retired: str
    reason: Text
    superseded_by: str | None


class Registry:
    """All requirements, in the order of their files, looked up by id."""

    def __init__(
        self, requirements: Mapping[str, Requirement], retired: Mapping[str, Retired]
    ) -> None:
        self._requirements = MappingProxyType(dict(requirements))
        self.retired: Mapping[str, Retired] = MappingProxyType(dict(retired))

    @classmethod
    def load(cls, folder: Path | None = None) -> Registry:
        """Read every file of ``folder``, by default of this installation.

        Raises:
            RegistryError: a record is malformed, an id is used twice or again, or a
                ``supersededBy`` leads nowhere.
        """
        where = root("requirements") if folder is None else folder
        retired: dict[str, Retired] = {}
        tombstones = where / _RETIRED
        if tombstones.is_file():
            for each in authored.read(tombstones, "retired")["retired"]:
                if each["id"] in retired:
                    raise _wrong(tombstones, each["id"], _TWICE)
                retired[each["id"]] = Retired(
                    id=each["id"],
                    retired=each["retired"],
                    reason=Text(**each["reason"]),
                    superseded_by=each["supersededBy"],
                )
        found: dict[str, Requirement] = {}
        places: dict[str, Path] = {}
        for path in sorted(where.glob("*.yaml")):
            if path.name == _RETIRED:
                continue
            for record in authored.read(path, "requirement")["requirements"]:
                requirement = Requirement.from_json(record)
                if requirement.id in found:
                    raise _wrong(path, requirement.id, _TWICE)
                if requirement.id in retired:
                    raise _wrong(path, requirement.id, _AGAIN)
                found[requirement.id] = requirement
                places[requirement.id] = path
        for requirement in found.values():
            if requirement.superseded_by is not None and requirement.superseded_by not in found:
                raise _wrong(places[requirement.id], requirement.id, _NOWHERE)
        for tombstone in retired.values():
            if tombstone.superseded_by is not None and tombstone.superseded_by not in found:
                raise _wrong(tombstones, tombstone.id, _NOWHERE)
        return cls(found, retired)

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self._requirements.values())

    def __len__(self) -> int:
        return len(self._requirements)

    def __contains__(self, requirement: object) -> bool:
        return requirement in self._requirements

    def get(self, requirement: str) -> Requirement:
        """One requirement by id, in whatever case it was typed.

        Raises:
            UnknownRequirement: no requirement has that id.
        """
        found = self._requirements.get(requirement.upper())
        if found is None:
            near = get_close_matches(requirement.upper(), self._requirements, n=3)
            raise UnknownRequirement(requirement, near)
        return found

    def by_rule(self) -> dict[str, tuple[str, ...]]:
        """Rule id -> the requirements that a finding of this rule speaks against."""
        joined: dict[str, list[str]] = {}
        for requirement in self:
            for rule in (*requirement.rules, *requirement.covers):
                joined.setdefault(rule, []).append(requirement.id)
        covered = frozenset(joined)
        for requirement in self:
            if requirement.standard_rules is not None:
                for rule in requirement.standard_rules.ids():
                    if rule not in covered:
                        joined.setdefault(rule, []).append(requirement.id)
        return {rule: tuple(ids) for rule, ids in joined.items()}


@cache
def registry() -> Registry:
    """The requirements of this installation."""
    return Registry.load()


_TWICE: Final = Text("this id is used twice", "같은 식별자가 두 번 쓰였습니다")
_AGAIN: Final = Text(
    "this id was retired; ids are never used again",
    "폐지된 식별자입니다. 식별자는 다시 쓸 수 없습니다",
)
_NOWHERE: Final = Text(
    "supersededBy names a requirement that does not exist",
    "supersededBy가 존재하지 않는 요구사항을 가리킵니다",
)


def _wrong(path: Path, requirement: str, what: Text) -> RegistryError:
    return RegistryError(
        Text(f"{requirement}: {what.en}.", f"{requirement}: {what.ko}."),
        place=Place(path=str(path), item=requirement),
    )
