"""Who must meet which requirements, level by level: one YAML file per profile.

A requirement belongs to the lowest level at which it is asked, and a product that reaches a
level meets everything below it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.standard.resources import root
from mfgstd_conformance import authored
from mfgstd_conformance.decision import WaiverLimits
from mfgstd_conformance.errors import PlanRefused, RegistryError
from mfgstd_conformance.registry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mfgstd_conformance.registry import Registry


class Level(StrEnum):
    """How far a judgement goes; the order is :meth:`rank`, not the alphabet."""

    SCHEMA = "schema"
    """What lies in the data itself: a file suffices."""
    INTERFACE = "interface"
    """What the product does with a source whose truth the judge knows."""
    RESILIENCE = "resilience"
    """What the product does when the source fails, stops or goes away."""
    FIELD = "field"
    """What the product claims on a real shop floor."""

    def rank(self) -> int:
        """0 for the lowest."""
        return list(Level).index(self)

    def covers(self, other: Level) -> bool:
        """Whether reaching this level means to have reached ``other``."""
        return other.rank() <= self.rank()

    @property
    def text(self) -> Text:
        """The level as a reader meets it."""
        return _TEXTS[self]


_TEXTS = {
    Level.SCHEMA: Text("schema", "스키마"),
    Level.INTERFACE: Text("interface", "인터페이스"),
    Level.RESILIENCE: Text("resilience", "복원력"),
    Level.FIELD: Text("field", "현장"),
}


class Access(StrEnum):
    """How the judge reaches the product: the word before the colon of its address."""

    FILE = "file"
    ENDPOINT = "endpoint"
    PYTHON = "python"
    EXEC = "exec"

    @property
    def reach(self) -> Level:
        """The highest level that can be judged this way: files show nothing but data."""
        return Level.SCHEMA if self is Access.FILE else Level.FIELD


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One profile: its levels with their requirement ids, its capabilities, its limits."""

    id: str
    version: str
    title: Text
    description: Text
    levels: Mapping[Level, tuple[str, ...]]
    capabilities: Mapping[str, Text]
    waivers: WaiverLimits
    longest_validity_days: int

    @classmethod
    def load(cls, path: Path, registry: Registry) -> Profile:
        """Read one profile and hold it against the registry.

        Raises:
            RegistryError: malformed, or it names what the registry does not have, has under two
                levels, or has superseded.
        """
        profile = cls.from_json(authored.read(path, "profile"))
        for problem in profile.problems(registry):
            raise RegistryError(problem, place=Place(path=str(path)))
        return profile

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Profile:
        """From a value that fulfils the profile format."""
        return cls(
            id=value["id"],
            version=value["version"],
            title=Text(**value["title"]),
            description=Text(**value["description"]),
            levels=MappingProxyType(
                {
                    level: tuple(value["levels"][level])
                    for level in Level
                    if level in value["levels"]
                }
            ),
            capabilities=MappingProxyType(
                {name: Text(**text) for name, text in value["capabilities"].items()}
            ),
            waivers=WaiverLimits(
                at_most=value["waivers"]["atMost"], never=frozenset(value["waivers"]["never"])
            ),
            longest_validity_days=value["longestValidityDays"],
        )

    def __iter__(self) -> Iterator[tuple[Level, str]]:
        """Every requirement with its level, from the lowest level up."""
        return ((level, each) for level, ids in self.levels.items() for each in ids)

    @property
    def highest(self) -> Level:
        """The highest level that this profile has."""
        return max(self.levels, key=Level.rank)

    def problems(self, registry: Registry) -> Iterator[Text]:
        """Where the profile and the registry do not fit; a profile that was loaded has none."""
        seen: set[str] = set()
        for _, requirement in self:
            if requirement in seen:
                yield Text(
                    f"{requirement} stands under two levels.",
                    f"{requirement}이(가) 두 수준에 중복되어 있습니다.",
                )
            seen.add(requirement)
            if requirement not in registry:
                yield Text(
                    f"{requirement} is not in the registry.",
                    f"{requirement}은(는) 요구사항 목록에 없습니다.",
                )
                continue
            record = registry.get(requirement)
            if record.superseded_by is not None:
                yield Text(
                    f"{requirement} is superseded by {record.superseded_by}.",
                    f"{requirement}은(는) {record.superseded_by}(으)로 대체되었습니다.",
                )
            if record.applies_if is not None and record.applies_if not in self.capabilities:
                yield Text(
                    f"{requirement} depends on the capability {record.applies_if!r}, "
                    "which this profile does not describe.",
                    f"{requirement}에 필요한 기능 {record.applies_if!r}이(가) 프로파일에 "
                    "정의되어 있지 않습니다.",
                )
        if not any(
            registry.get(each).kind is not Kind.UNTESTABLE for each in seen & _ids(registry)
        ):
            yield Text(
                "The profile asks for nothing that can be verified.",
                "이 프로파일에는 검증할 수 있는 요구사항이 없습니다.",
            )
        for requirement in sorted(self.waivers.never - seen):
            yield Text(
                f"waivers.never names {requirement}, which is not in this profile.",
                f"waivers.never의 {requirement}은(는) 이 프로파일에 없습니다.",
            )


def _ids(registry: Registry) -> set[str]:
    return {each.id for each in registry}


def load_profiles(registry: Registry, folder: Path | None = None) -> dict[str, Profile]:
    """Every profile of ``folder`` (by default of this installation) by its id.

    Raises:
        RegistryError: one is malformed, or two have the same id.
    """
    found: dict[str, Profile] = {}
    for path in sorted((root("profiles") if folder is None else folder).glob("*.yaml")):
        profile = Profile.load(path, registry)
        if profile.id in found:
            raise RegistryError(
                Text(
                    f"Two profiles are called {profile.id!r}.",
                    f"{profile.id!r} 프로파일이 두 개 있습니다.",
                ),
                place=Place(path=str(path)),
            )
        found[profile.id] = profile
    return found


def find_profile(name: str, registry: Registry, folder: Path | None = None) -> Profile:
    """One profile by id.

    Raises:
        PlanRefused: there is none of that name.
    """
    profiles = load_profiles(registry, folder)
    if name not in profiles:
        near = ", ".join(get_close_matches(name, profiles, n=3) or profiles)
        raise PlanRefused(
            Text(f"There is no profile {name!r}.", f"{name!r} 프로파일이 없습니다."),
            hint=Text(f"Did you mean: {near}?", f"다음 중 하나인가요? {near}"),
        )
    return profiles[name]
