"""Judging many documents together, in memory: rules about sequences and references.

Documents keep the order in which they came; among equals of a sequence it decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

from mfgstd.expression.row import predicate
from mfgstd.validation.rules.judging import UNMATCHED, Loops, Outcome, finding, keys, parts
from mfgstd.validation.rules.rule import Scope

if TYPE_CHECKING:
    from mfgstd.finding import Finding, Place
    from mfgstd.validation.rules.judging import Key
    from mfgstd.validation.rules.rule import Partner, Rule

#: Documents by the ``$id`` of their schema.
Filed: TypeAlias = Mapping[str, Sequence[Any]]


def outcomes(rule: Rule, filed: Filed) -> Iterator[Outcome]:
    """Everything that a rule is judged on, kept or not; ``row`` counts documents of its entity."""
    match rule.scope:
        case Scope.RECORD:
            yield from _record(rule, filed.get(rule.entity, ()))
        case Scope.SEQUENCE:
            yield from _sequence(rule, filed.get(rule.entity, ()))
        case Scope.REFERENCE:
            yield from _reference(rule, filed)
        case _:
            assert_never(rule.scope)


def findings(
    rule: Rule,
    filed: Filed,
    places: Mapping[str, Sequence[Place]] | None = None,
    inside: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[Finding]:
    """A finding for each failure.

    ``places`` says where the documents came from, ``inside`` at which pointer of what stands there.
    """
    documents = filed.get(rule.entity, ())
    for each in outcomes(rule, filed):
        if each.kept is not True:
            found = finding(rule, documents[each.row], each.indexes, each.kept)
            if places is not None:
                found = replace(found, source=places[rule.entity][each.row])
            if inside is not None:
                found = replace(found, pointer=inside[rule.entity][each.row] + found.pointer)
            yield found


def _record(rule: Rule, documents: Sequence[Any]) -> Iterator[Outcome]:
    loops = Loops(rule.each, ("this",))
    verdict = predicate(rule.verdict, rule.names)
    for row, document in enumerate(documents):
        for values, indexes in loops((document,)):
            yield Outcome(row, indexes, verdict(*values))


def _sequence(rule: Rule, documents: Sequence[Any]) -> Iterator[Outcome]:
    partition, order = parts(rule.partition, ("this",)), keys(rule.order, ("this",))
    loops = Loops(rule.each, ("this", "prev", "next"))
    verdict = predicate(rule.verdict, rule.names)
    mentioned = rule.neighbours  # found by going through the trees: not once for each document
    sequences: dict[Key, list[tuple[Key, int]]] = defaultdict(list)
    for row, document in enumerate(documents):
        # What has no place in the sequence is not in it.
        if (place := order(document)) is not None:
            sequences[partition(document)].append((place, row))
    found: list[Outcome] = []
    for members in sequences.values():
        # The row is part of what is sorted by: equals stay in the order in which they came.
        members.sort()
        rows = [row for _, row in members]
        for before, row, after in zip([None, *rows], rows, [*rows[1:], None], strict=False):
            if ("prev" in mentioned and before is None) or ("next" in mentioned and after is None):
                continue
            neighbours = [None if each is None else documents[each] for each in (before, after)]
            for values, indexes in loops((documents[row], *neighbours)):
                found.append(Outcome(row, indexes, verdict(*values)))
    yield from sorted(found, key=lambda each: (each.row, each.indexes))


def _reference(rule: Rule, filed: Filed) -> Iterator[Outcome]:
    names: list[str] = ["this"]
    loops = Loops(rule.each, ("this",))
    names += [each.name for each in rule.each]
    joins = []
    for partner in rule.partners:
        joins.append(_Join(partner, tuple(names), filed.get(partner.entity, ())))
        names += partner.names
    verdict = predicate(rule.verdict, names)
    for row, document in enumerate(filed.get(rule.entity, ())):
        for values, indexes in loops((document,)):
            # However many partners say the same, it is said once.
            said: dict[bool | str | None, None] = {}
            for joined in _joined(joins, values):
                said[UNMATCHED if joined is None else verdict(*joined)] = None
            for kept in said:
                yield Outcome(row, indexes, kept)


def _joined(joins: Sequence[_Join], values: tuple[Any, ...]) -> Iterator[tuple[Any, ...] | None]:
    """Every way to fill in the partners; ``None`` where one is missing that must be there."""
    if not joins:
        yield values
        return
    join, *rest = joins
    partners = join.partners(values)
    if not partners and join.partner.unmatched:
        yield None
    elif not partners and join.partner.optional:
        yield from _joined(rest, (*values, *(None for _ in join.partner.names)))
    for each in partners:
        yield from _joined(rest, (*values, *each))


class _Join:
    """A partner's documents (or elements), to be found by what they are joined on."""

    def __init__(self, partner: Partner, names: Sequence[str], documents: Sequence[Any]) -> None:
        self.partner = partner
        self._ours = keys([ours for ours, _ in partner.on], names)
        theirs = keys([theirs for _, theirs in partner.on], partner.names)
        self._found: dict[Key, list[tuple[Any, ...]]] = defaultdict(list)
        loops = Loops(partner.each, (partner.name,))
        for document in documents:
            for values, _ in loops((document,)):
                key = theirs(*values)
                if key is not None:
                    self._found[key].append(values)

    def partners(self, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """What joins with the values known so far."""
        key = self._ours(*values)
        return [] if key is None else self._found.get(key, [])
