"""The rules of the standard as they are shipped: compiled, in one JSON file beside this module.

``mfgstd generate rules`` makes it and CI proves it fresh, so that judging needs neither parser nor
YAML, and a program in another language can read the trees. A rule becomes an object when it is
first asked for.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mfgstd.errors import StandardError
from mfgstd.expression.codec import decode, encode
from mfgstd.finding import Place, Severity
from mfgstd.language import Text
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.generators.header import MARK
from mfgstd.validation.rules.rule import Loop, Partner, Rule, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mfgstd.standard.resolved import Resolved

FILE: Final = "standard.json"


def generate(schemas: Sequence[Resolved]) -> dict[str, str]:
    """The file, from the rule files of the standard.

    Raises:
        StandardError: a rule does not compile.
    """
    from mfgstd.validation.rules import files, read_rules

    del schemas  # the compiler looks at those that expressions name
    rules, findings = read_rules(files(), catalogue())
    if findings:
        raise StandardError(
            findings[0].message,
            place=findings[0].source,
            hint=Text("See: mfgstd rules check", "다음을 실행하십시오: mfgstd rules check"),
        )
    lines = [
        json.dumps(_record(rule), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        for _, rule in sorted(rules, key=lambda each: each[1].id)
    ]
    # One rule on each line: a change shows as that rule's.
    return {FILE: f'{{"note": "{MARK}",\n"rules": [\n' + ",\n".join(lines) + "\n]}\n"}


@cache
def by_entity() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The records of the rules by the ``$id`` of their entity, not yet made.

    Raises:
        StandardError: the file is missing.
    """
    path = Path(__file__).with_name(FILE)
    try:
        records = json.loads(path.read_bytes())["rules"]
    except (OSError, ValueError, KeyError) as error:
        raise StandardError(
            Text("The compiled rules cannot be read.", "컴파일된 규칙을 읽을 수 없습니다."),
            place=Place(path=str(path)),
            hint=Text("Run: mfgstd generate rules", "mfgstd generate rules를 실행하십시오."),
        ) from error
    found: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        found.setdefault(record["entity"], []).append(record)
    return found


@cache
def rules_of(entity: str) -> tuple[Rule, ...]:
    """The rules about one entity, by its ``$id``."""
    return tuple(_rule(each) for each in by_entity().get(entity, ()))


def all_rules() -> list[Rule]:
    """Every rule, by id."""
    return sorted(
        (rule for entity in by_entity() for rule in rules_of(entity)), key=lambda each: each.id
    )


def _record(rule: Rule) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": rule.id,
        "since": rule.since,
        "entity": rule.entity,
        "scope": rule.scope.value,
        "severity": rule.severity.value,
        "sentence": {"en": rule.sentence.en, "ko": rule.sentence.ko},
        "source": dict(rule.source),
        "at": rule.at,
        "written": dict(rule.written),
        "each": _loops(rule.each),
        "when": None if rule.when is None else encode(rule.when),
        "check": encode(rule.check),
        "partition": [encode(each) for each in rule.partition],
        "order": [encode(each) for each in rule.order],
        "partners": [
            {
                "name": each.name,
                "entity": each.entity,
                "each": _loops(each.each),
                "on": [[encode(ours), encode(theirs)] for ours, theirs in each.on],
                "optional": each.optional,
                "unmatched": each.unmatched,
            }
            for each in rule.partners
        ],
    }
    return {name: value for name, value in record.items() if value not in (None, [], {})}


def _loops(loops: Sequence[Loop]) -> list[list[Any]]:
    return [[each.name, encode(each.over)] for each in loops]


def _rule(record: Mapping[str, Any]) -> Rule:
    return Rule(
        id=record["id"],
        since=record["since"],
        entity=record["entity"],
        scope=Scope(record["scope"]),
        severity=Severity(record["severity"]),
        sentence=Text(**record["sentence"]),
        source=record.get("source", {}),
        at=record["at"],
        written=record["written"],
        each=_made(record.get("each", ())),
        when=decode(record["when"]) if "when" in record else None,
        check=decode(record["check"]),
        partition=tuple(map(decode, record.get("partition", ()))),
        order=tuple(map(decode, record.get("order", ()))),
        partners=tuple(
            Partner(
                name=each["name"],
                entity=each["entity"],
                each=_made(each["each"]),
                on=tuple((decode(ours), decode(theirs)) for ours, theirs in each["on"]),
                optional=each["optional"],
                unmatched=each["unmatched"],
            )
            for each in record.get("partners", ())
        ),
    )


def _made(loops: Sequence[Sequence[Any]]) -> tuple[Loop, ...]:
    return tuple(Loop(name, decode(over)) for name, over in loops)
