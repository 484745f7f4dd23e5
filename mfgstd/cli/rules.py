"""``mfgstd rules``: what schemas cannot say, for those who read it and those who write it."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from mfgstd.cli.output import emit, print_finding, say
from mfgstd.errors import UsageError
from mfgstd.finding import show as quote
from mfgstd.language import Text, counted

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
        say(f"{each.id}  [{_WORDS[each.scope]}, {_WORDS[each.severity]}]")
        say(f"    {each.sentence}")
    say(Text(f"{counted(len(rules), 'rule')}.", f"규칙 {len(rules)}개."))
    return 0


@app.command(help=str(Text("Show one rule.", "규칙 하나를 봅니다.")))
def show(
    rule: Annotated[
        str, typer.Argument(metavar="ID", help=str(Text("The rule's id.", "규칙의 id입니다.")))
    ],
    json: _Json = False,
) -> int:
    """Show one rule."""
    from mfgstd.near import nearest
    from mfgstd.validation.rules import standard_rules

    rules = {each.id: each for each in standard_rules()}
    if rule not in rules:
        raise UsageError(
            Text(f"There is no rule {quote(rule)}.", f"{quote(rule)} 규칙이 없습니다."),
            hint=nearest(rule, list(rules))
            or Text("`mfgstd rules list` names them.", "`mfgstd rules list`로 목록을 보십시오."),
        )
    record = {**_record(rules[rule]), **_fixtures(rule)}
    if json:
        emit(record)
        return 0
    say(f"{rule} ({record['since']})")
    say(rules[rule].sentence)
    for name, label in _LABELS.items():
        if name in record:
            say(f"  {label}: {_told(name, record[name])}")
    for key, heading in _FIXTURES.items():
        if key in record:
            say(heading)
        for each in record.get(key, ()):
            say(f"  - {' + '.join(map(_fixture, each))}")
    return 0


def _told(name: str, value: Any) -> str:
    """A fact about a rule on one line, in the language of the run."""
    if isinstance(value, str) and name in ("scope", "severity"):
        return str(_WORDS[value])
    if name == "source":
        return "; ".join(value.values())
    if name == "join":
        return "; ".join(f"{each}: {_pairs(how)}" for each, how in value.items())
    if isinstance(value, dict):
        return _pairs(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _pairs(value: dict[str, Any]) -> str:
    return ", ".join(
        f"{key} = {_pairs(each) if isinstance(each, dict) else each}" for key, each in value.items()
    )


def _fixture(record: dict[str, Any]) -> str:
    """One record of a fixture: its example, and what is changed in it."""
    named = f"{record['entity']}: {record['example']}" if "entity" in record else record["example"]
    edits = [f"{at} = {_short(value)}" for at, value in record.get("change", {}).items()]
    edits += [str(Text(f"without {at}", f"{at} 삭제")) for at in record.get("remove", ())]
    return f"{named} ({', '.join(edits)})" if edits else named


def _short(value: Any) -> str:
    import json

    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= 80 else f"{said[:76]} ..."


def _fixtures(rule: str) -> dict[str, list[list[dict[str, Any]]]]:
    """What keeps a rule of the standard and what breaks it, as its file says: lists of records."""
    from mfgstd.validation.rules import files
    from mfgstd.validation.rules.authored import read

    for path in files():
        # Reading a file takes a while: only the one that has the rule is read.
        if f"id: {rule}\n" in path.read_text(encoding="utf-8"):
            for each in read(path)[0]:
                if each.name == rule:
                    return {
                        key: [it if isinstance(it, list) else [it] for it in each.content[key]]
                        for key in _FIXTURES
                    }
    return {}


_FIXTURES: Final = {
    "pass": Text("What keeps it:", "지키는 예:"),
    "fail": Text("What breaks it:", "어기는 예:"),
}

_WORDS: Final = {
    "record": Text("record", "문서 하나"),
    "sequence": Text("sequence", "순서"),
    "reference": Text("reference", "참조"),
    "error": Text("error", "오류"),
    "warning": Text("warning", "경고"),
}


_LABELS: Final = {
    "entity": Text("entity", "엔티티"),
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
        "source": dict(rule.source),
        **{
            name: written[name]
            for name in ("each", "partition", "order", "join", "when", "check")
            if name in written
        },
        "at": rule.at,
    }
    return {name: value for name, value in record.items() if value not in ("", {})}


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

    for path in paths or ():
        if not path.is_file():
            raise _no_file(path)
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
                f"{counted(len(rules), 'rule')} {'compiles' if len(rules) == 1 else 'compile'}, "
                f"and {counted(count, 'fixture')} {'does' if count == 1 else 'do'} as written.",
                f"규칙 {len(rules)}개가 모두 컴파일되고 픽스처 {count}개가 적힌 대로 동작합니다.",
            )
        )
    return 1 if findings else 0


def _no_file(path: Path) -> UsageError:
    if path.is_dir():
        return UsageError(
            Text(f"{path} is a directory, not a rule file.", f"{path}은(는) 폴더입니다."),
            hint=Text(f"Name its files: {path}/*.yaml", f"파일을 지정하십시오: {path}/*.yaml"),
        )
    return UsageError(
        Text(f"There is no file {path}.", f"{path} 파일이 없습니다."),
        hint=Text("Check the name and the folder.", "파일 이름과 폴더를 확인하십시오."),
    )
