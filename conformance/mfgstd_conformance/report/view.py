"""The one reading of a result that all renderers share: joined with registry and plan, cleaned.

Renderers differ in form only. They get every foreign text from here, bounded and visible
(``display.clean``), and every verdict from the result: nothing here or after it judges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd_conformance.errors import PlanRefused, RecordRefused
from mfgstd_conformance.profiles import Access, Level
from mfgstd_conformance.registry import Kind, Obligation
from mfgstd_conformance.report import words
from mfgstd_conformance.report.display import clean, web_address
from mfgstd_conformance.verdict import Verdict, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mfgstd_conformance.plan import Plan
    from mfgstd_conformance.registry import Registry, Requirement
    from mfgstd_conformance.result import Result

#: Findings that a report shows of one requirement; the result has the true count.
FINDINGS_SHOWN = 20

#: Sentences carry foreign values too, and need more room than one value.
SENTENCE_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding as a reader meets it; ``place`` and ``item`` are in the supplier's own words."""

    rule: str
    severity: str
    message: Text
    expected: str | None
    found: str | None
    place: str | None
    item: str | None
    pointer: str | None
    hint: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One requirement of the plan: its sentence, its verdict, and what speaks against it.

    ``why`` says why it was planned, or, where it is not applicable, which clause excluded it;
    ``how``, for what does not hold, how it is met; ``next_step``, for what was not decided, how
    to come to a decision.
    ``count`` is the true number of findings, of which ``problems`` are the first.
    """

    id: str
    verdict: Verdict
    title: Text
    sentence: Text
    obligation: Obligation | None
    at: Level | None
    attested: bool
    standard: str | None
    clause: str | None
    url: str | None
    why: Text | None
    how: Text | None
    next_step: Text | None
    problems: tuple[Problem, ...]
    count: int
    waiver: Text | None
    attestation: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """A requirement of the profile that no verdict was due for, and why."""

    id: str
    title: Text
    why: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything that any renderer shows, in the order in which it is shown."""

    overall: Verdict
    name: str
    version: str
    supplier: str
    suite: str
    level: Level
    observations: int
    profile: str | None
    access: Access | None
    capabilities: tuple[str, ...]
    rows: tuple[Row, ...]
    excluded: tuple[Excluded, ...]
    beyond: tuple[Excluded, ...]
    never: tuple[Excluded, ...]
    scope: tuple[tuple[str, int], ...]
    planned: bool
    attestations: tuple[Mapping[str, Any], ...]
    waivers: tuple[Mapping[str, Any], ...]
    digests: tuple[tuple[Text, str], ...]
    certificate: Mapping[str, Any] | None

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many requirements have each verdict, the gravest first."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in GRAVEST_FIRST}

    def having(self, *verdicts: Verdict) -> Iterator[Row]:
        """The rows of these verdicts, the gravest first, else in the order of the plan."""
        for verdict in GRAVEST_FIRST:
            if verdict in verdicts:
                yield from (row for row in self.rows if row.verdict is verdict)


#: For reading: what needs attention stands on top. The order of the lattice, turned round.
GRAVEST_FIRST = tuple(reversed(Verdict))

#: Verdicts to which the requirement's own advice is an answer.
_NOT_MET = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE})


def look(
    result: Result | Mapping[str, Any],
    *,
    registry: Registry,
    plan: Plan | None = None,
    certificate: Mapping[str, Any] | None = None,
) -> View:
    """Join a result with the sentences of the registry and the reasons of the plan.

    Args:
        result: the result, or its JSON value.
        registry: for sentences, clauses and next steps; an id that it lacks is shown as such.
        plan: for what was excluded, and why; a result knows its own, and of a JSON value without
            one the report says that it is missing.
        certificate: the in-toto statement, or its predicate, that was issued for this result.

    Raises:
        PlanRefused: the plan is not the one that the result is about.
        RecordRefused: the certificate was issued for another run.
    """
    if isinstance(result, Mapping):
        value = result
    else:
        value, plan = result.to_json(), plan or result.plan
    _belong_together(value, plan, certificate)
    attestations = tuple(value["decisions"].get("attestations", ()))
    waivers = tuple(value["decisions"].get("waivers", ()))
    rows = list(_rows(value, registry, plan, attestations, waivers))
    if plan is not None:
        rows += _rest(plan, registry, {row.id for row in rows})
    left_out = {} if plan is None else _left_out(plan, registry)
    subject = value["subject"]
    return View(
        overall=Verdict(value["overall"]),
        name=clean(subject["name"]),
        version=clean(subject["version"]),
        supplier=clean(subject["supplier"]),
        suite=clean(f"{value['suite']['name']} {value['suite']['version']}"),
        level=Level(value["level"]),
        observations=value["observations"],
        profile=None if plan is None else f"{plan.profile_id} {plan.profile_version}",
        access=None if plan is None else plan.access,
        capabilities=() if plan is None else plan.capabilities,
        rows=tuple(rows),
        excluded=left_out.get("excluded", ()),
        beyond=left_out.get("beyond", ()),
        never=left_out.get("never", ()),
        scope=() if plan is None else tuple(_scope(plan)),
        planned=plan is not None,
        attestations=tuple(_cleaned(each) for each in attestations),
        waivers=tuple(_cleaned(each) for each in waivers),
        digests=tuple(_digests(value)),
        certificate=None if certificate is None else _certificate(certificate),
    )


def _belong_together(
    value: Mapping[str, Any], plan: Plan | None, certificate: Mapping[str, Any] | None
) -> None:
    """Refuse to tell one run's verdicts with another run's plan or certificate."""
    if plan is not None and plan.digest != value["plan"]["sha256"]:
        raise PlanRefused(
            Text(
                "This plan is not the one that the result is about.",
                "이 결과에 대한 시험 계획이 아닙니다.",
            )
        )
    if certificate is None:
        return
    content = certificate.get("predicate", certificate)
    if any(content[name] != value[name] for name in ("plan", "trace", "ledger")):
        raise RecordRefused(
            Text(
                "This certificate was issued for another run.",
                "다른 시험에 대해 발급된 인증서입니다.",
            )
        )


def _rows(
    value: Mapping[str, Any],
    registry: Registry,
    plan: Plan | None,
    attestations: Sequence[Mapping[str, Any]],
    waivers: Sequence[Mapping[str, Any]],
) -> Iterator[Row]:
    whys = {} if plan is None else {each.requirement: each for each in plan.planned + plan.attested}
    attested = {each["requirement"]: each for each in attestations}
    waived = {each["requirement"]: each for each in waivers}
    for each in value["requirements"]:
        name = each["id"]
        planned = whys.get(name)
        yield _row(
            name,
            Verdict(each["verdict"]),
            registry,
            at=None if planned is None else planned.at,
            why=_text(each["findings"][0]["message"])
            if each["verdict"] == Verdict.NOT_APPLICABLE.value and each["findings"]
            else (None if planned is None else planned.why),
            problems=tuple(map(_problem, each["findings"][:FINDINGS_SHOWN])),
            count=each["count"],
            waiver=_waiver(waived.get(name)),
            attestation=_attestation(attested.get(name)),
        )


def _rest(plan: Plan, registry: Registry, already: set[str]) -> Iterator[Row]:
    """What the result has no entry for: excluded by the plan, or planned and never examined."""
    for each in plan.planned + plan.attested:
        if each.requirement not in already:
            yield _row(each.requirement, join(()), registry, at=each.at, why=each.why)
    for left_out in plan.not_applicable:
        if left_out.requirement not in already:
            yield _row(left_out.requirement, Verdict.NOT_APPLICABLE, registry, why=left_out.why)


def _row(
    name: str,
    verdict: Verdict,
    registry: Registry,
    *,
    at: Level | None = None,
    why: Text | None = None,
    problems: tuple[Problem, ...] = (),
    count: int = 0,
    waiver: Text | None = None,
    attestation: Text | None = None,
) -> Row:
    record = registry.get(name) if name in registry else None
    attested = record is not None and record.kind is Kind.ATTESTED
    return Row(
        id=clean(name),
        verdict=verdict,
        title=_title(record),
        sentence=words.UNKNOWN_REQUIREMENT if record is None else record.sentence,
        obligation=None if record is None else record.obligation,
        at=at,
        attested=attested,
        standard=None if record is None else record.source.standard,
        clause=None if record is None else record.source.clause,
        url=None if record is None else web_address(record.source.url),
        why=why,
        how=record.next_step if record is not None and verdict in _NOT_MET else None,
        next_step=_next_step(verdict, attested, attestation),
        problems=problems,
        count=count,
        waiver=waiver,
        attestation=attestation,
    )


def _next_step(verdict: Verdict, attested: bool, attestation: Text | None) -> Text | None:
    if attested and verdict is Verdict.NOT_RUN:
        return words.ATTEST if attestation is None else None
    return words.STEPS.get(verdict)


def _title(record: Requirement | None) -> Text:
    return Text("", "") if record is None else record.title


def _problem(finding: Mapping[str, Any]) -> Problem:
    source = finding.get("source", {})
    place = Place(**{**source, "item": None})
    return Problem(
        rule=clean(finding["rule"]),
        severity=clean(finding["severity"]),
        message=_text(finding["message"]),
        expected=_optional(finding.get("expected")),
        found=_optional(finding.get("found")),
        place=_optional(str(place) or None),
        item=_optional(source.get("item")),
        pointer=_optional(finding.get("pointer") or None),
        hint=_text(finding["hint"]) if finding.get("hint") else None,
    )


def _text(value: Mapping[str, str]) -> Text:
    return Text(clean(value["en"], SENTENCE_LIMIT), clean(value["ko"], SENTENCE_LIMIT))


def _optional(value: object) -> str | None:
    return None if value is None else clean(value)


def _waiver(waiver: Mapping[str, Any] | None) -> Text | None:
    if waiver is None:
        return None
    approver, reason = clean(waiver["approver"]), clean(waiver["reason"], SENTENCE_LIMIT)
    until = clean(waiver["expires"])
    return Text(
        f"A waiver by {approver} until {until}: {reason}",
        f"{approver}의 면제 승인({until}까지): {reason}",
    )


def _attestation(attestation: Mapping[str, Any] | None) -> Text | None:
    if attestation is None:
        return None
    who, when = clean(attestation["who"]), clean(attestation["when"])
    statement = clean(attestation["statement"], SENTENCE_LIMIT)
    return Text(
        f"Attested by {who} on {when}: {statement}",
        f"{who}의 확인서({when}): {statement}",
    )


def _cleaned(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [clean(f"{e['path']} {e['sha256']}") for e in each]
        if isinstance(each, list)
        else clean(each, SENTENCE_LIMIT)
        for name, each in value.items()
    }


def _scope(plan: Plan) -> Iterator[tuple[str, int]]:
    """How many requirements of the profile stand in each list of the plan."""
    yield "planned", len(plan.planned)
    yield "attested", len(plan.attested)
    yield "excluded", len(plan.not_applicable)
    yield "beyond", len(plan.beyond_level)
    yield "never", len(plan.never_planned)


def _left_out(plan: Plan, registry: Registry) -> dict[str, tuple[Excluded, ...]]:
    """The lists of the plan that no verdict is due for, by their names in the view."""
    whys: dict[str, list[tuple[str, Text]]] = {
        "excluded": [(each.requirement, each.why) for each in plan.not_applicable],
        "beyond": [(e.requirement, words.first_asked(e.at.text)) for e in plan.beyond_level],
        "never": [(each.requirement, each.reason) for each in plan.never_planned],
    }
    return {
        name: tuple(
            Excluded(id=requirement, title=_known_title(requirement, registry), why=why)
            for requirement, why in entries
        )
        for name, entries in whys.items()
    }


def _known_title(name: str, registry: Registry) -> Text:
    return _title(registry.get(name) if name in registry else None)


def _digests(value: Mapping[str, Any]) -> Iterator[tuple[Text, str]]:
    for name, title in words.DIGESTS.items():
        if digest := value.get(name):
            yield title, clean(digest["sha256"])


def _certificate(certificate: Mapping[str, Any]) -> dict[str, Any]:
    content = certificate.get("predicate", certificate)
    assurance, binding = content["assurance"], content["binding"]
    return {
        "issuer": clean(assurance["issuer"]),
        "assurance": words.ASSURANCES.get(assurance["kind"]) or _same(assurance["kind"]),
        "binding": words.BINDINGS.get(binding["kind"]) or _same(binding["kind"]),
        "validity": clean(f"{content['validity']['from']} – {content['validity']['until']}"),
    }


def _same(word: object) -> Text:
    return Text(clean(word), clean(word))
