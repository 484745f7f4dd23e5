"""Rules: what one schema cannot say, judged on one document or on many together."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Place
from mfgstd.standard.resources import root

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from mfgstd.finding import Finding
    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.rules.authored import Authored
    from mfgstd.validation.rules.rule import Rule

__all__ = ["files", "judge", "read_rules", "record_findings", "standard_rules"]

#: What a document travels in.
ENVELOPE: Final = "https://w3id.org/mfgstd/envelope/cloud-event/1"


def files() -> list[Path]:
    """The rule files of the standard."""
    return sorted((root("schemas") / "rules").glob("*.yaml"))


def read_rules(
    paths: Iterable[Path], within: Catalogue
) -> tuple[list[tuple[Authored, Rule]], list[Finding]]:
    """The rules of authored files that compile, and what is wrong with the others."""
    from mfgstd.validation.rules.authored import read
    from mfgstd.validation.rules.compiling import compile_rules

    written: list[Authored] = []
    wrong: list[Finding] = []
    for path in paths:
        rules, findings = read(path)
        written += rules
        wrong += findings
    compiled, findings = compile_rules(written, within)
    return compiled, [*wrong, *findings]


def standard_rules() -> list[Rule]:
    """The rules of the standard, by id, as they are shipped."""
    from mfgstd.validation.rules.compiled import all_rules

    return all_rules()


class _Judges:
    """The rules of the scope *record* about one entity: a quick answer, and a thorough one."""

    def __init__(self, entity: str) -> None:
        from mfgstd.expression.row import holds
        from mfgstd.validation.rules.compiled import rules_of
        from mfgstd.validation.rules.judging import RecordJudge
        from mfgstd.validation.rules.rule import Scope

        rules = [each for each in rules_of(entity) if each.scope is Scope.RECORD]
        self._hold = holds(
            [([(loop.name, loop.over) for loop in each.each], each.verdict) for each in rules]
        )
        self._judges = [RecordJudge(each) for each in rules]

    def findings(self, document: Any) -> list[Finding]:
        """What is wrong with a document; nearly all documents are done with the first question."""
        if self._hold(document):
            return []
        return [each for judge in self._judges for each in judge.findings(document)]


_judges = cache(_Judges)


def record_findings(document: Any, resolved: Resolved) -> list[Finding]:
    """What the rules of the scope *record* say against one document that its schema accepts.

    What an envelope carries is judged by the rules of its own schema, too.
    """
    found = _judges(resolved.id).findings(document)
    if resolved.domain == "envelope" and isinstance(document, dict):
        data, named = document.get("data"), document.get("dataschema")
        if isinstance(data, dict) and isinstance(named, str):
            carried = _judges(named).findings(data)
            found += [replace(each, pointer=f"/data{each.pointer}") for each in carried]
    return found


def judge(
    documents: Iterable[Mapping[str, Any]],
    *,
    rules: Iterable[Rule] | None = None,
    places: Sequence[Place] | None = None,
) -> list[Finding]:
    """What the rules of the scopes *sequence* and *reference* say of documents taken together.

    Documents are valid ones, each with its ``$schema`` or in an envelope; others are passed over.
    One that came again, unchanged but for when it was written down, counts once.
    The KPIs of the catalogue count as defined, so that a result cannot call another formula OEE.
    Their order decides between equals of a sequence. ``places`` says, document by document, where
    they came from; without it a finding's place counts them from 0 (``row``).
    """
    from mfgstd.validation.rules.collection import findings
    from mfgstd.validation.rules.rule import Scope

    filed: dict[str, list[Any]] = {}
    where: dict[str, list[Place]] = {}
    seen: set[bytes] = set()
    for number, each in enumerate(documents):
        carried = "specversion" in each and isinstance(each.get("data"), dict)
        for document, named in (
            (each, each.get("$schema", ENVELOPE if carried else None)),
            (each.get("data"), each.get("dataschema") if carried else None),
        ):
            if isinstance(named, str) and _is_new(document, seen):
                filed.setdefault(named, []).append(document)
                place = Place(row=number) if places is None else places[number]
                where.setdefault(named, []).append(place)
    _define(filed, where)
    return [
        found
        for rule in (standard_rules() if rules is None else rules)
        if rule.scope is not Scope.RECORD and rule.entity in filed
        for found in findings(rule, filed, where)
    ]


def _is_new(document: Any, seen: set[bytes]) -> bool:
    """Whether a document says anything that none before it said; delivery is at least once."""
    import json

    import xxhash

    told = {key: value for key, value in document.items() if key != "recordTime"}
    digest = xxhash.xxh3_128_digest(json.dumps(told, sort_keys=True).encode())
    if digest in seen:
        return False
    seen.add(digest)
    return True


_KPI: Final = "https://w3id.org/mfgstd/kpi"


def _define(filed: dict[str, list[Any]], where: dict[str, list[Place]]) -> None:
    """Add the catalogue's definitions of the KPIs that are used, unless they came along."""
    used = {
        document["definition"]["code"]
        for entity in ("kpi-result", "baseline")
        for document in filed.get(f"{_KPI}/{entity}/1", ())
    }
    if not used:
        return
    from mfgstd.standard.kpi import definition, kpis

    entity = f"{_KPI}/kpi-definition/1"
    given = {(each["code"], each["version"]) for each in filed.get(entity, ())}
    for code in sorted(used & set(kpis())):
        known = definition(code)
        if (code, known["version"]) not in given:
            filed.setdefault(entity, []).append(known)
            where.setdefault(entity, []).append(Place(path="kpi-catalogue.json", item=code))
