"""Rules: what one schema cannot say, judged on one document or on many together."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Place
from mfgstd.standard.resources import root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
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
        from mfgstd.expression.holding import holds
        from mfgstd.validation.rules.compiled import rules_of
        from mfgstd.validation.rules.judging import RecordJudge
        from mfgstd.validation.rules.rule import Scope

        rules = [each for each in rules_of(entity) if each.scope is Scope.RECORD]
        self.hold = holds(
            [([(loop.name, loop.over) for loop in each.each], each.verdict) for each in rules]
        )
        self._judges = [RecordJudge(each) for each in rules]

    def findings(self, document: Any) -> list[Finding]:
        """What is wrong with a document; nearly all documents are done with the first question."""
        if self.hold(document):
            return []
        return [each for judge in self._judges for each in judge.findings(document)]


_judges = cache(_Judges)


def record_hold(entity: str) -> Callable[[Any], bool]:
    """Whether a document surely keeps all rules of the scope *record* about its entity.

    False says no more than that :func:`record_findings` must look.
    """
    return _judges(entity).hold


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
    from mfgstd.validation.rules.filing import KPI_DEFINITION, Filing

    filing = Filing()
    for number, each in enumerate(documents):
        place = Place(row=number) if places is None else places[number]
        carried = "specversion" in each and isinstance(each.get("data"), dict)
        named = each.get("$schema", ENVELOPE if carried else None)
        if isinstance(named, str):
            filing.add(named, each, place)
        if carried and isinstance(named := each.get("dataschema"), str):
            filing.add(named, each["data"], place, inside="/data")
    for known, place in filing.kpis_not_defined():
        filing.add(KPI_DEFINITION, known, place)
    judged = standard_rules() if rules is None else rules
    return [found for _, found in filing.findings(judged)]
