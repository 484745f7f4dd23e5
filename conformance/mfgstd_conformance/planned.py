"""The lines of a plan: the product, and one small record for each way to stand in it.

A requirement is planned, not applicable, beyond the level, or never planned; each record carries
the reason, because a reader of the certificate will ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mfgstd.language import Text
from mfgstd_conformance.errors import PlanRefused
from mfgstd_conformance.profiles import Level
from mfgstd_conformance.registry import Obligation

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The product that is judged: one release of it, not a moving branch.

    Raises:
        PlanRefused: a field is empty, or the version is a word like ``latest``.
    """

    name: str
    version: str
    supplier: str

    def __post_init__(self) -> None:
        if not all(each.strip() for each in (self.name, self.version, self.supplier)):
            raise PlanRefused(
                Text(
                    "The product needs a name, a version and a supplier.",
                    "제품명, 버전, 공급사를 모두 지정해야 합니다.",
                )
            )
        if not any(each.isdigit() for each in self.version):
            raise PlanRefused(
                Text(
                    f"The version {self.version!r} does not name one release.",
                    f"버전 {self.version!r}은(는) 특정 릴리스를 가리키지 않습니다.",
                ),
                hint=Text(
                    "Give the version that is delivered, for example 2.4.1.",
                    "실제로 납품하는 버전을 지정하세요. 예: 2.4.1",
                ),
            )

    def to_json(self) -> dict[str, Any]:
        """As plan and certificate hold it."""
        return {"name": self.name, "version": self.version, "supplier": self.supplier}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A requirement that this plan holds the product to.

    ``at`` is the level that asks for it; ``capability`` the declared one that it depends on.
    """

    requirement: str
    obligation: Obligation
    at: Level
    capability: str | None

    @property
    def why(self) -> Text:
        """Why it is in the plan."""
        if self.capability is None:
            return Text(
                f"The profile asks for it at level {self.at}.",
                f"프로파일이 '{self.at.text.ko}' 수준에서 요구합니다.",
            )
        return Text(
            f"The profile asks for it at level {self.at} of products that declare "
            f"{self.capability!r}.",
            f"{self.capability!r} 기능을 선언한 제품에 대해 프로파일이 "
            f"'{self.at.text.ko}' 수준에서 요구합니다.",
        )

    def to_json(self) -> dict[str, Any]:
        """As the plan holds it."""
        return {
            "requirement": self.requirement,
            "obligation": self.obligation.value,
            "at": self.at.value,
            "capability": self.capability,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Planned:
        """From a value that fulfils the plan format."""
        return cls(
            requirement=value["requirement"],
            obligation=Obligation(value["obligation"]),
            at=Level(value["at"]),
            capability=value["capability"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplicable:
    """A requirement that the declaration excludes: the capability that is not declared."""

    requirement: str
    capability: str
    clause: str

    @property
    def why(self) -> Text:
        """Why it does not apply, with its clause."""
        return Text(
            f"{self.clause} concerns products with {self.capability!r}, which is not declared.",
            f"{self.clause}은(는) {self.capability!r} 기능이 있는 제품에 해당하며, "
            "이 기능은 선언되지 않았습니다.",
        )

    def to_json(self) -> dict[str, Any]:
        """As the plan holds it."""
        return {
            "requirement": self.requirement,
            "capability": self.capability,
            "clause": self.clause,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BeyondLevel:
    """A requirement of a higher level than this plan goes to."""

    requirement: str
    at: Level

    def to_json(self) -> dict[str, Any]:
        """As the plan holds it."""
        return {"requirement": self.requirement, "at": self.at.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverPlanned:
    """A requirement that nobody can verify from outside, and why."""

    requirement: str
    reason: Text

    def to_json(self) -> dict[str, Any]:
        """As the plan holds it."""
        return {"requirement": self.requirement, "reason": self.reason._asdict()}
