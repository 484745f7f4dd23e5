"""What every driver is told: which product, which scenario, and how much it may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mfgstd.errors import UsageError
from mfgstd.finding import show
from mfgstd.language import Text
from mfgstd_conformance.profiles import Access, Level

if TYPE_CHECKING:
    from pathlib import Path

    from mfgstd_conformance.plan import Plan, Seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of everything a product may use before it is stopped; a flood ends its session.

    ``smoke``, ``idle`` and ``stop`` in seconds: to start, without a sign of life, to end.
    """

    smoke: float = 20.0
    idle: float = 6.0
    stop: float = 10.0
    rows: int = 5_000_000
    documents: int = 200_000
    bytes: int = 1 << 30
    memory: int = 4 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a product class says of itself."""

    name: str
    version: str
    schemes: frozenset[str]
    settings: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is done to a product.

    ``beat`` is the length of one beat of the simulated shop's story in seconds, and ``beats`` how
    many are told. ``peers``: the product meets the simulated shop. ``overflow``: its agent once
    forgets what was not read, so that there is a gap to be declared. ``faults``: the shop fails on
    purpose in every way. ``input`` and ``device_model``: recorded input of the user's own.
    ``described`` is what the class says of itself, where somebody has already asked it.
    """

    plan: Plan
    seed: Seed
    beat: float = 0.05
    beats: int = 36
    peers: bool = True
    overflow: bool = False
    faults: bool = False
    input: Path | None = None
    device_model: Path | None = None
    device: str | None = None
    described: Described | None = None
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def of(
        cls,
        plan: Plan,
        *,
        seed: Seed | None = None,
        input: Path | None = None,  # noqa: A002 - what the command line calls it
        device_model: Path | None = None,
        device: str | None = None,
        described: Described | None = None,
    ) -> Scenario:
        """The scenario that a plan asks for; the seed is drawn now, after the plan's digest.

        Recorded input alone suffices for the level ``schema``; above it the truth is needed.
        """
        return cls(
            plan=plan,
            seed=seed or plan.draw_seed(),
            peers=input is None or plan.level is not Level.SCHEMA,
            overflow=any(each.requirement == _ABOUT_GAPS for each in plan.planned),
            faults=plan.level.covers(Level.RESILIENCE),
            input=input,
            device_model=device_model,
            device=device,
            described=described,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The product under test, as its address says: how it is reached, and where it is."""

    access: Access
    target: str

    def __str__(self) -> str:
        return f"{self.access}:{self.target}"


#: Nothing can be said of a product's gaps unless it loses something.
_ABOUT_GAPS: Final = "MFG-GAP-002"

#: What can be driven today; the other two ways are designed and not built.
_BUILT: Final = (Access.FILE, Access.PYTHON)


def product(address: str) -> Product:
    """Read ``file:PATH``, ``python:NAME`` or ``python:MODULE:CLASS``.

    Raises:
        UsageError: it is none of these.
    """
    word, colon, target = address.partition(":")
    known = [each for each in _BUILT if each.value == word.lower()]
    if not colon or not target or not known:
        raise UsageError(
            Text(
                f"{show(address)} does not name a product.",
                f"{show(address)}은(는) 제품을 가리키는 주소가 아닙니다.",
            ),
            hint=Text(
                "Write file:PATH, python:NAME (an installed adapter) or python:MODULE:CLASS.",
                "file:경로, python:이름(설치된 어댑터) 또는 python:모듈:클래스 형식으로 쓰세요.",
            ),
        )
    return Product(access=known[0], target=target)


def silent(sentence: Text) -> None:
    """Tell nobody."""
    del sentence
