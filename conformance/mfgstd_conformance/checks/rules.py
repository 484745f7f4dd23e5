"""The rules of the standard, held against what was delivered: each document, and many together.

Rules trust what the schema has said, so that a document that does not fulfil it is judged by its
schema alone. A rule that another requirement covers (``coversRules``) speaks there and not here.

What documents say together is judged delivery by delivery: two wires of one product tell of the
same machine twice, and their reports are no sequence. A reference is judged where both sides were
delivered; half a plant in a file is no fault. A document that comes again, unchanged but for the
time of recording, is the same document.

Memory and time are bounded. Beside the documents themselves, which the trace holds, there is a
digest, a key and an outcome for each; findings are told five to a rule and delivery, the rest is
counted. Time grows with the documents, except where lists of one document, or documents joined
by a rule, are all held against each other: that is counted beforehand, and what would take more
than :data:`STEPS` in one delivery is left undecided.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from mfgstd.language import Text
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.rules import record_findings, standard_rules
from mfgstd.validation.rules.collection import outcomes
from mfgstd.validation.rules.compiled import rules_of
from mfgstd.validation.rules.judging import finding
from mfgstd.validation.rules.rule import Scope
from mfgstd_conformance.checks.documents import placed, read_documents
from mfgstd_conformance.checks.effort import Effort, same
from mfgstd_conformance.checks.registry import (
    TOLD,
    Inapplicable,
    Inconclusive,
    More,
    Outcome,
    check,
    once,
)
from mfgstd_conformance.registry import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mfgstd.finding import Finding
    from mfgstd_conformance.trace import Delivery, Told, Trace

_ENVELOPE: Final = "https://w3id.org/mfgstd/envelope/cloud-event/1"


@dataclass(slots=True)
class _Said:
    """What the rules of one requirement say of a trace.

    ``concerned``: there are documents with such rules; ``judged``: and one that could be judged.
    """

    concerned: bool = False
    judged: bool = False
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)

    def add(self, session: str, found: Finding) -> None:
        """Keep the first of a rule in a delivery, and count the rest."""
        self.counts[session, found.rule] += 1
        if self.counts[session, found.rule] <= TOLD:
            self.findings.append(found)


@cache
def _requirements() -> dict[str, str]:
    """Rule id -> the requirement that its findings speak against, if it is one of these."""
    chosen = {each.id for each in registry() if each.standard_rules is not None}
    by_rule = registry().by_rule()
    return {rule: ids[0] for rule, ids in by_rule.items() if ids[0] in chosen}


@cache
def _related() -> frozenset[str]:
    """The entities that rules about sequences and references look at, by ``$id``."""
    rules = [each for each in standard_rules() if each.scope is not Scope.RECORD]
    partners = {partner.entity for each in rules for partner in each.partners}
    return frozenset(partners | {each.entity for each in rules})


@dataclass(frozen=True, slots=True)
class _Document:
    """What rules see of a document, whether it fulfils its schema, and where it was told."""

    told: Told
    schema: str
    value: Any
    prefix: str
    sound: bool


def _documents(trace: Trace, delivery: Delivery) -> Iterator[_Document]:
    known = read_documents(trace)
    for told in delivery.told:
        if told.envelope is not None:
            # What it carries is judged as a document of its own, below.
            head = {name: each for name, each in told.envelope.items() if name != "data"}
            yield _Document(told, _ENVELOPE, head, "", told.n in known.enveloped)
        if told.schema is not None and told.schema in catalogue():
            prefix = "" if told.envelope is None else "/data"
            yield _Document(told, told.schema, told.data, prefix, told.n in known.sound)


@once
def _said(trace: Trace) -> dict[str, _Said]:
    """By requirement, for all deliveries."""
    said = {name: _Said() for name in set(_requirements().values())}
    for delivery in trace.deliveries:
        effort = Effort()
        documents = list(_documents(trace, delivery))
        for each in documents:
            _alone(each, delivery.session, said, effort)
        _together(documents, delivery.session, said, effort)
    return said


def _alone(document: _Document, session: str, said: dict[str, _Said], effort: Effort) -> None:
    """One document by the rules of its entity."""
    rules = [
        (each, said[_requirements()[each.id]])
        for each in rules_of(document.schema)
        if each.scope is Scope.RECORD and each.id in _requirements()
    ]
    if not rules:
        return
    for _, about in rules:
        about.concerned = True
        about.judged = about.judged or document.sound
    if not document.sound:
        return
    if not effort.affords_document(document.schema, document.value):
        for rule, about in rules:
            about.undecided[rule.id] += 1
        return
    for found in record_findings(document.value, catalogue().get(document.schema)):
        if found.rule in _requirements():
            where = placed(found, document.told, found.rule, document.prefix)
            said[_requirements()[found.rule]].add(session, where)


def _together(
    documents: Sequence[_Document], session: str, said: dict[str, _Said], effort: Effort
) -> None:
    """The documents of one delivery by the rules about sequences and references."""
    filed: dict[str, list[_Document]] = {}
    known: set[bytes] = set()
    for each in documents:
        if each.schema not in _related():
            continue
        those = filed.setdefault(each.schema, [])
        if each.sound and (digest := same(each.schema, each.value)) not in known:
            known.add(digest)
            those.append(each)
    values = {schema: [each.value for each in those] for schema, those in filed.items()}
    for schema, those in filed.items():
        for rule in rules_of(schema):
            sides = [schema, *(each.entity for each in rule.partners)]
            if rule.scope is Scope.RECORD or rule.id not in _requirements():
                continue
            if not all(each in filed for each in sides):
                continue
            about = said[_requirements()[rule.id]]
            about.concerned = True
            if not all(values[each] for each in sides):
                continue
            about.judged = True
            if not effort.affords_rule(rule, values):
                about.undecided[rule.id] += 1
                continue
            for outcome in outcomes(rule, values):
                if outcome.kept is not True:
                    broken = those[outcome.row]
                    found = finding(rule, broken.value, outcome.indexes, outcome.kept)
                    about.add(session, placed(found, broken.told, rule.id, broken.prefix))


def _speaks(trace: Trace, requirement: str) -> Iterator[Outcome]:
    said = _said(trace)[requirement]
    if not said.concerned:
        yield _nothing(trace, requirement)
    elif not said.judged:
        yield _UNSOUND
    yield from said.findings
    for (_, rule), count in said.counts.items():
        if count > TOLD:
            yield More(rule, count - TOLD)
    for rule, count in said.undecided.items():
        yield Inconclusive(
            Text(
                f"Too much would have to be held against each other for {rule} ({count}): "
                "deliver less at once.",
                f"{rule} 규칙에서 서로 대조할 항목이 너무 많습니다({count}건). 나누어 전달하세요.",
            )
        )


def _nothing(trace: Trace, requirement: str) -> Inapplicable | Inconclusive:
    if not any(each.told for each in trace.deliveries):
        return Inconclusive(Text("No document was delivered.", "전달된 문서가 없습니다."))
    source = registry().get(requirement).source
    return Inapplicable(
        Text(
            f"{source.standard}, {source.clause}: no document was delivered that has such rules.",
            f"{source.standard}, {source.clause}: 이런 규칙이 있는 문서가 전달되지 않았습니다.",
        )
    )


_UNSOUND: Final = Inconclusive(
    Text(
        "No document that has such rules fulfils its schema.",
        "이런 규칙이 있는 문서 가운데 스키마를 만족하는 것이 없습니다.",
    )
)


@check("MFG-RUL-001")
def documents_keep_the_rules(trace: Trace) -> Iterator[Outcome]:
    """Each by itself, by the rules of its entity."""
    yield from _speaks(trace, "MFG-RUL-001")


@check("MFG-RUL-002")
def documents_agree(trace: Trace) -> Iterator[Outcome]:
    """Those of one delivery: in the order of their sequences, and with what they refer to."""
    yield from _speaks(trace, "MFG-RUL-002")


@check("MFG-RUL-003")
def documents_follow_the_recommended_rules(trace: Trace) -> Iterator[Outcome]:
    """Rules whose severity is a warning, alone and together."""
    yield from _speaks(trace, "MFG-RUL-003")
