"""``mfgstd rules``: what schemas cannot say, for those who read it and those who write it."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from mfgstd.cli.output import emit, print_finding, say
from mfgstd.errors import UsageError
from mfgstd.finding import show as quote
from mfgstd.language import Text

if TYPE_CHECKING:
    from mfgstd.validation.rules.rule import Rule

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)

_Json = Annotated[
    bool,
    typer.Option(
        "--json", help=str(Text("Print one JSON object.", "JSON 객체 하나로 출력합니다."))
    ),
]


@app.command("list", help=str(Text("List the rules.", "규칙의 목록을 봅니다.")))
def list_(
    entity: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=str(
                Text(
                    "Only rules about this schema: class name, slug or $id.",
                    "이 스키마에 대한 규칙만 봅니다: 클래스 이름, 슬러그 또는 $id.",
                )
            ),
        ),
    ] = None,
    json: _Json = False,
) -> int:
    """List the rules."""
    from mfgstd.standard.catalogue import catalogue
    from mfgstd.validation.rules import standard_rules

    wanted = None if entity is None else catalogue().find(entity).id
    rules = [each for each in standard_rules() if wanted in (None, each.entity)]
    if json:
        emit({"rules": [_record(each) for each in rules]})
        return 0
    for each in rules:
        say(f"{each.id}  [{each.scope}, {each.severity}]")
        say(f"    {each.sentence}")
    say(Text(f"{len(rules)} rules.", f"규칙 {len(rules)}개."))
    return 0


@app.command(help=str(Text("Show one rule.", "규칙 하나를 봅니다.")))
def show(
    rule: Annotated[
        str, typer.Argument(metavar="ID", help=str(Text("The rule's id.", "규칙의 id입니다.")))
    ],
    json: _Json = False,
) -> int:
    """Show one rule."""
    from mfgstd.validation.near import nearest
    from mfgstd.validation.rules import standard_rules

    rules = {each.id: each for each in standard_rules()}
    if rule not in rules:
        raise UsageError(
            Text(f"There is no rule {quote(rule)}.", f"{quote(rule)} 규칙이 없습니다."),
            hint=nearest(rule, list(rules))
            or Text("`mfgstd rules list` names them.", "`mfgstd rules list`로 목록을 보십시오."),
        )
    record = _record(rules[rule])
    if json:
        emit(record)
        return 0
    say(f"{rule} ({record['since']})")
    say(rules[rule].sentence)
    for name, label in _LABELS.items():
        if name in record:
            value = record[name]
            say(f"  {label}: {', '.join(map(str, value)) if isinstance(value, list) else value}")
    return 0


_LABELS: Final = {
    "entity": Text("entity", "엔터티"),
    "scope": Text("scope", "범위"),
    "severity": Text("severity", "심각도"),
    "source": Text("source", "출처"),
    "each": Text("for each", "반복"),
    "partition": Text("one sequence for each", "순서 구분"),
    "order": Text("ordered by", "정렬 기준"),
    "join": Text("joined with", "조인"),
    "when": Text("when", "조건"),
    "check": Text("check", "검사"),
    "at": Text("points at", "위치"),
}


def _record(rule: Rule) -> dict[str, Any]:
    """One rule as JSON, in the language of the run; what it does not have is left out."""
    written = rule.written
    record = {
        "id": rule.id,
        "since": rule.since,
        "entity": rule.entity,
        "scope": rule.scope.value,
        "severity": rule.severity.value,
        "sentence": rule.sentence.say(),
        "source": " ".join(rule.source.values()),
        **{
            name: written[name]
            for name in ("each", "partition", "order", "join", "when", "check")
            if name in written
        },
        "at": rule.at,
    }
    return {name: value for name, value in record.items() if value != ""}


@app.command(
    help=str(
        Text(
            "Compile rules and run their fixtures.",
            "규칙을 컴파일하고 픽스처를 실행합니다.",
        )
    )
)
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help=str(
                Text(
                    "Rule files (default: the rules of the standard).",
                    "규칙 파일입니다(기본값: 표준의 규칙).",
                )
            ),
        ),
    ] = None,
    json: _Json = False,
) -> int:
    """Compile rules and run their fixtures."""
    from mfgstd.standard.catalogue import catalogue
    from mfgstd.validation.rules import files, read_rules
    from mfgstd.validation.rules.fixtures import check as run

    rules, findings = read_rules(paths or files(), catalogue())
    for authored, rule in rules:
        findings += run(authored, rule, catalogue())
    count = sum(len(each.content["pass"]) + len(each.content["fail"]) for each, _ in rules)
    if json:
        emit(
            {
                "rules": len(rules),
                "fixtures": count,
                "conforms": not findings,
                "findings": [each.to_json() for each in findings],
            }
        )
        return 1 if findings else 0
    for each in findings:
        print_finding(each)
    if not findings:
        say(
            Text(
                f"All {len(rules)} rules compile, and their {count} fixtures do what they say.",
                f"규칙 {len(rules)}개가 모두 컴파일되고 픽스처 {count}개가 적힌 대로 동작합니다.",
            )
        )
    return 1 if findings else 0
