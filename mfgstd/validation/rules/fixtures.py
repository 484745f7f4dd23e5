"""Fixtures: valid examples, changed, on which a rule must hold or be broken, as it says itself."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mfgstd.finding import Finding, Severity, show
from mfgstd.language import Text
from mfgstd.standard.resources import root
from mfgstd.validation.engines import compile_schema
from mfgstd.validation.rules.collection import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.validation.rules.authored import Authored
    from mfgstd.validation.rules.rule import Rule


class Unusable(Exception):
    """A fixture cannot be made."""

    def __init__(self, said: Text) -> None:
        self.said = said
        super().__init__(said.en)


@dataclass(frozen=True, slots=True)
class Fixture:
    """One fixture: its records, each with the ``$id`` of its schema; whether the rule holds."""

    keeps: bool
    number: int
    records: tuple[tuple[str, Any], ...]

    @property
    def filed(self) -> dict[str, list[Any]]:
        """The records by schema."""
        filed: dict[str, list[Any]] = {}
        for schema, document in self.records:
            filed.setdefault(schema, []).append(document)
        return filed


def fixtures(authored: Authored) -> Iterator[tuple[tuple[str, int], list[dict[str, Any]]]]:
    """Each fixture as written: (``pass`` or ``fail``, its number), its records."""
    for key in ("pass", "fail"):
        for number, each in enumerate(authored.content[key]):
            yield (key, number), each if isinstance(each, list) else [each]


def made(authored: Authored, key: str, number: int, within: Catalogue) -> Fixture:
    """One fixture, its examples read and changed.

    Raises:
        Unusable: an example is not there, a pointer leads nowhere, or the schema refuses it.
    """
    written = authored.content[key][number]
    records = []
    for each in written if isinstance(written, list) else [written]:
        named = each.get("entity", authored.content["entity"])
        schema = next((s for s in within if f"{s.domain}/{s.slug}" == named), None)
        if schema is None:
            raise Unusable(
                Text(f"There is no schema {show(named)}.", f"{show(named)} 스키마가 없습니다.")
            )
        document = _changed(_example(named, each["example"]), each)
        if wrong := compile_schema(schema, within=within).findings(document):
            first = wrong[0]
            at = f"{first.pointer}: " if first.pointer else ""
            raise Unusable(
                Text(
                    f"The fixture is no valid document: {at}{first.message.en}",
                    f"픽스처가 스키마에 맞지 않습니다: {at}{first.message.ko}",
                )
            )
        records.append((schema.id, document))
    return Fixture(key == "pass", number, tuple(records))


def check(authored: Authored, rule: Rule, within: Catalogue) -> Iterator[Finding]:
    """A finding for each fixture that cannot be made or does not do what it says."""
    for (key, number), _ in fixtures(authored):
        try:
            fixture = made(authored, key, number, within)
        except Unusable as unusable:
            yield _finding(authored, key, number, unusable.said)
            continue
        found = list(outcomes(rule, fixture.filed))
        broken = [each for each in found if each.kept is not True]
        if fixture.keeps and broken:
            how = "an error" if broken[0].kept is None else str(broken[0].kept).lower()
            said = Text(
                f"This should pass, and the rule is broken ({how}).",
                f"통과해야 하는데 규칙을 어깁니다({how}).",
            )
            yield _finding(authored, key, number, said)
        elif not fixture.keeps and not broken:
            said = Text(
                "This should fail, and the rule is kept."
                if found
                else "This should fail, and the rule says nothing about it.",
                "실패해야 하는데 규칙을 지킵니다."
                if found
                else "실패해야 하는데 규칙이 적용되지 않습니다.",
            )
            yield _finding(authored, key, number, said)
        elif not fixture.keeps and broken[0].kept is None:
            said = Text(
                "This should fail, and the rule cannot be evaluated on it.",
                "실패해야 하는데 규칙을 계산할 수 없습니다.",
            )
            yield _finding(authored, key, number, said)


def _finding(authored: Authored, key: str, number: int, said: Text) -> Finding:
    return Finding(
        rule="rules.fixture",
        message=said,
        severity=Severity.ERROR,
        source=authored.place(key, number, item=f"{authored.name} {key}[{number}]"),
    )


def _example(entity: str, name: str) -> Any:
    folder = root("schemas") / "examples" / entity / "valid"
    path = folder / f"{name}.json"
    if not path.is_file():
        there = ", ".join(sorted(each.stem for each in folder.glob("*.json"))) or "-"
        raise Unusable(
            Text(
                f"{entity} has no valid example {show(name)} (there are: {there}).",
                f"{entity}에 유효한 예시 {show(name)}이(가) 없습니다(있는 것: {there}).",
            )
        )
    return json.loads(path.read_bytes())


def _changed(document: Any, written: dict[str, Any]) -> Any:
    for pointer in written.get("remove", ()):
        holder, step = _holder(document, pointer)
        if isinstance(holder, dict) and step in holder:
            del holder[step]
        elif isinstance(holder, list) and step.isdigit() and int(step) < len(holder):
            del holder[int(step)]
        else:
            raise _nowhere(pointer)
    for pointer, value in written.get("change", {}).items():
        holder, step = _holder(document, pointer)
        value = copy.deepcopy(value)
        if isinstance(holder, dict):
            holder[step] = value
        elif isinstance(holder, list) and step == "-":
            holder.append(value)
        elif isinstance(holder, list) and step.isdigit() and int(step) < len(holder):
            holder[int(step)] = value
        else:
            raise _nowhere(pointer)
    return document


def _holder(document: Any, pointer: str) -> tuple[Any, str]:
    """What holds the last step of a pointer, and that step."""
    *steps, last = [step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")]
    for step in steps:
        try:
            document = document[int(step)] if isinstance(document, list) else document[step]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise _nowhere(pointer) from error
    return document, last


def _nowhere(pointer: str) -> Unusable:
    return Unusable(
        Text(
            f"The pointer {pointer} leads nowhere in the example.",
            f"예시에 {pointer} 위치가 없습니다.",
        )
    )
