"""What a mutant is: a reference with one defect, and the requirements that must notice it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mfgstd.language import Text
from tests.mutants.recording import Recording

Defect = Callable[[Recording], None]


class Base(StrEnum):
    """Which recording a defect is given to."""

    ADAPTER = "adapter"
    """``python:mtconnect`` in the simulated shop, with faults: every wire, the whole truth."""
    PLAIN = "plain"
    """The second reference in the same shop, over HTTP; it follows the recommendations too."""
    FILES = "files"
    """What ``mfgstd collect`` wrote, given as ``file:``: envelopes, and no truth beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One known-bad product.

    ``kills`` are all the requirements that must fail, and no other may. ``why`` says why one
    defect breaks more than one of them. ``undeclared`` and ``declared`` are capabilities that
    its declaration leaves out or adds.
    """

    id: str
    breaks: Text
    kills: tuple[str, ...]
    base: Base
    defect: Defect
    why: Text | None = None
    undeclared: frozenset[str] = frozenset()
    declared: frozenset[str] = frozenset()


MUTANTS: list[Mutant] = []


def mutant(
    *kills: str,
    en: str,
    ko: str,
    base: Base = Base.ADAPTER,
    why: Text | None = None,
    undeclared: frozenset[str] = frozenset(),
    declared: frozenset[str] = frozenset(),
) -> Callable[[Defect], Defect]:
    """Enter a defect as a mutant; its id is the function's name."""

    def enter(defect: Defect) -> Defect:
        MUTANTS.append(
            Mutant(
                id=defect.__name__.replace("_", "-"),
                breaks=Text(en, ko),
                kills=kills,
                base=base,
                defect=defect,
                why=why,
                undeclared=undeclared,
                declared=declared,
            )
        )
        return defect

    return enter
