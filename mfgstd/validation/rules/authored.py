"""Rule files: YAML with a schema of its own, read into plain values that know their lines.

YAML 1.2's core schema is read, so ``on:`` is a key and ``2026-01-01`` a text; a key that stands
twice is an error. What a file may say is fixed by ``schemas/rules.schema.json``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Finding, Place, show
from mfgstd.language import Text
from mfgstd.near import nearest
from mfgstd.standard.resources import root
from mfgstd.validation.unreadable import not_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jsonschema.exceptions import ValidationError

    Path_ = tuple[str | int, ...]

_INT: Final = re.compile(r"[-+]?[0-9]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Authored:
    """One rule as it was written; ``lines`` has the line of each part, by its path."""

    content: dict[str, Any]
    path: str
    lines: dict[tuple[str | int, ...], tuple[int, int]] = field(default_factory=dict)

    def place(self, *steps: str | int, item: str | None = None) -> Place:
        """Where a part stands in the file, or the nearest thing around it that stands there."""
        for end in range(len(steps), -1, -1):
            if steps[:end] in self.lines:
                line, column = self.lines[steps[:end]]
                return Place(path=self.path, line=line, column=column, item=item)
        return Place(path=self.path, item=item)

    @property
    def name(self) -> str | None:
        """The id, if it has one."""
        own = self.content.get("id")
        return own if isinstance(own, str) else None


def read(path: Path) -> tuple[list[Authored], list[Finding]]:
    """The rules of one file, and what is wrong with how they are written.

    A rule with a finding is left out of the list.
    """
    label = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        found = not_utf8(path.read_bytes(), error.start)
        place = replace(found.source, path=label)
        return [], [replace(found, rule="rules.file", source=place)]
    except OSError as error:
        said = Text(f"Cannot read it: {error.strerror}.", f"읽을 수 없습니다: {error.strerror}.")
        return [], [_wrong(said, label)]
    lines: dict[Path_, tuple[int, int]] = {}
    findings: list[Finding] = []
    content = _compose(text, label, lines, findings)
    if findings:
        return [], findings
    if not isinstance(content, list):
        said = Text("A rule file is a list of rules.", "규칙 파일은 규칙의 목록이어야 합니다.")
        return [], [_wrong(said, label, expected="- id: ...", found=show(content))]
    rules = []
    for index, each in enumerate(content):
        own = {at[1:]: where for at, where in lines.items() if at[:1] == (index,)}
        rule = Authored(each if isinstance(each, dict) else {}, label, own)
        # The library says `required` once for each missing key, and each time we name all.
        wrong = list(dict.fromkeys(_misshapen(each, rule)))
        findings += wrong
        if not wrong:
            rules.append(rule)
    return rules, findings


def _wrong(said: Text, path: str, **more: Any) -> Finding:
    return Finding(rule="rules.file", message=said, source=Place(path=path), **more)


def _compose(
    text: str, label: str, lines: dict[Path_, tuple[int, int]], findings: list[Finding]
) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        top = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not YAML"
        place = Place(path=label, line=mark.line + 1, column=mark.column + 1) if mark else None
        findings.append(
            Finding(
                rule="rules.yaml",
                message=Text(f"This is not YAML: {problem}.", f"YAML이 아닙니다: {problem}."),
                source=place or Place(path=label),
            )
        )
        return None

    def value(node: Any, path: Path_) -> Any:
        lines[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, yaml.SequenceNode):
            return [value(each, (*path, index)) for index, each in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            made: dict[str, Any] = {}
            for key, each in node.value:
                name = str(key.value)
                if name in made:
                    place = Place(
                        path=label, line=key.start_mark.line + 1, column=key.start_mark.column + 1
                    )
                    said = Text(
                        f"The key {show(name)} stands twice.",
                        f"{show(name)} 키가 두 번 나옵니다.",
                    )
                    findings.append(Finding(rule="rules.file", message=said, source=place))
                made[name] = value(each, (*path, name))
            return made
        return _scalar(node.value, plain=not node.style)

    return None if top is None else value(top, ())


def _scalar(text: str, *, plain: bool) -> Any:
    if plain:
        if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
            return text.lower() == "true"
        if text in ("", "~", "null", "Null", "NULL"):
            return None
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
    return text


@cache
def _schema() -> Any:
    import jsonschema

    content = json.loads((root("schemas") / "rules.schema.json").read_bytes())
    return jsonschema.Draft202012Validator(content)


def _misshapen(content: Any, rule: Authored) -> Iterator[Finding]:
    """What the schema of rule files says against one rule, as a person would."""
    for error in sorted(_schema().iter_errors(content), key=lambda each: list(map(str, each.path))):
        yield from _explained(error, rule)


def _explained(error: ValidationError, rule: Authored) -> Iterator[Finding]:
    steps = tuple(error.absolute_path)
    keyword: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    place = rule.place(*steps, item=rule.name)
    where = ".".join(map(str, steps)) or "rule"
    base = Finding(rule="rules.file", message=Text("", ""), source=place)
    match error.validator:
        case "required":
            for name in keyword:
                if name not in instance:
                    said = Text(
                        f"The {where} lacks {show(name)}.",
                        f"{where}에 {show(name)}이(가) 없습니다.",
                    )
                    yield replace(base, message=said)
        case "additionalProperties" | "unevaluatedProperties":
            known = list(schema.get("properties", {}))
            for name in instance:
                if name not in known:
                    said = Text(
                        f"The {where} has no key {show(name)}.",
                        f"{where}에는 {show(name)} 키를 쓸 수 없습니다.",
                    )
                    source = rule.place(*steps, name, item=rule.name)
                    hint = nearest(name, known)
                    yield replace(base, message=said, source=source, hint=hint)
        case _:
            reason = schema.get("description", error.message)
            korean = schema.get("x-mfg-description", {}).get("ko", reason)
            said = Text(
                f"The value of `{where}` does not fit.", f"`{where}`의 값이 올바르지 않습니다."
            )
            hint = Text(f"It should be: {reason}", f"다음과 같아야 합니다: {korean}")
            yield replace(base, message=said, found=show(instance), hint=hint)
