"""A rule, ready to judge: its expressions as typed trees, its sentence in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mfgstd.expression.tree import Not, Or, free

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.expression.tree import Tree
    from mfgstd.finding import Severity
    from mfgstd.language import Text


class Scope(StrEnum):
    """What a rule looks at: one document, its neighbours in a sequence, or those it names."""

    RECORD = "record"
    SEQUENCE = "sequence"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Loop:
    """``each``: the rest is judged once for each element, bound to ``name``."""

    name: str
    over: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """The other documents that a reference rule joins.

    ``on`` holds the equalities that must all be true: (what ``this`` and earlier partners say,
    what the partner says). ``optional``: without any partner the check is made with the name
    absent; ``unmatched``: without any partner there is a finding.
    """

    name: str
    entity: str
    each: tuple[Loop, ...] = ()
    on: tuple[tuple[Tree, Tree], ...]
    optional: bool = False
    unmatched: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it binds."""
        return (self.name, *(each.name for each in self.each))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    ``entity`` is the ``$id`` of the schema whose documents are ``this``; ``at`` a JSON pointer
    in which ``{name}`` stands for the index of an ``each`` element. ``written`` has the source
    text of ``when`` and ``check``; ``source`` the standard and clause that the rule comes from.
    """

    id: str
    since: str
    entity: str
    scope: Scope
    severity: Severity
    sentence: Text
    at: str
    check: Tree
    when: Tree | None = None
    each: tuple[Loop, ...] = ()
    partition: tuple[Tree, ...] = ()
    order: tuple[Tree, ...] = ()
    partners: tuple[Partner, ...] = ()
    written: Mapping[str, Any]
    source: Mapping[str, str]

    @property
    def verdict(self) -> Tree:
        """True where the rule is kept: the check holds, or ``when`` is false."""
        return self.check if self.when is None else Or(Not(self.when), self.check)

    @property
    def neighbours(self) -> tuple[str, ...]:
        """Which of ``prev`` and ``next`` the rule mentions; without one it says nothing."""
        if self.scope is not Scope.SEQUENCE:
            return ()
        mentioned = free(self.verdict).union(*(free(each.over) for each in self.each))
        return tuple(name for name in ("prev", "next") if name in mentioned)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that the verdict may use, in the order in which they are bound."""
        neighbours = ("prev", "next") if self.scope is Scope.SEQUENCE else ()
        partners = (name for partner in self.partners for name in partner.names)
        return ("this", *neighbours, *(each.name for each in self.each), *partners)
