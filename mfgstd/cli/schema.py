"""``mfgstd schema``: the standard, for those who read it (list, show) and who write it (check)."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations at run time
from typing import Annotated

import typer

from mfgstd.cli import schema_diff, schema_migrate
from mfgstd.cli.output import emit, print_finding, say
from mfgstd.errors import UsageError
from mfgstd.language import Text

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)

_Json = Annotated[
    bool,
    typer.Option(
        "--json", help=str(Text("Print one JSON object.", "JSON 객체 하나로 출력합니다."))
    ),
]


@app.command(
    "list", help=str(Text("List the schemas of the standard.", "표준의 스키마 목록을 봅니다."))
)
def list_(
    domain: Annotated[
        str | None,
        typer.Option(
            "--domain",
            help=str(
                Text("Only this domain: quality, for instance.", "이 영역만 봅니다. 예: quality")
            ),
        ),
    ] = None,
    json: _Json = False,
) -> int:
    """List the schemas of the standard."""
    from mfgstd.cli.schema_page import head
    from mfgstd.standard.catalogue import DOMAINS, catalogue

    schemas = [each for each in catalogue() if domain in (None, each.domain)]
    if domain is not None and not schemas:
        raise UsageError(
            Text(f"There is no domain {domain!r}.", f"{domain!r} 영역이 없습니다."),
            hint=Text(f"Domains: {', '.join(DOMAINS)}", f"영역: {', '.join(DOMAINS)}"),
        )
    if json:
        emit({"schemas": [head(each) for each in schemas]})
        return 0
    for name in DOMAINS:
        listed = [each for each in schemas if each.domain == name]
        if not listed:
            continue
        say(name)
        width = max(len(each.name) for each in listed)
        for each in listed:
            # An entity travels by itself; what is set in is a part of others.
            mark = "  " if each.is_entity else "    "
            state = "" if each.notes.stability == "stable" else f" ({each.notes.stability})"
            say(f"{mark}{each.name:{width}}  {each.version}  {each.notes.label}{state}")
    return 0


@app.command(
    help=str(
        Text(
            "Show one schema: fields, units, examples, mappings and rules.",
            "스키마 하나의 필드, 단위, 예시, 매핑, 규칙을 봅니다.",
        )
    )
)
def show(
    name: Annotated[
        str,
        typer.Argument(
            help=str(
                Text(
                    "Class name (DataItem), file name (data-item) or $id.",
                    "클래스 이름(DataItem), 파일 이름(data-item) 또는 $id입니다.",
                )
            )
        ),
    ],
    json: _Json = False,
) -> int:
    """Show one schema: fields, units, examples, mappings and rules."""
    from mfgstd.cli import schema_page

    schema = schema_page.find(name)
    if json:
        emit(schema_page.record(schema))
    else:
        schema_page.text(schema)
    return 0


@app.command(
    help=str(
        Text(
            "Check schemas against the authoring profile, versions and releases.",
            "스키마가 작성 규칙과 버전, 출시 기록에 맞는지 점검합니다.",
        )
    )
)
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help=str(
                Text(
                    "Schema files; they may refer to the standard's (default: the standard).",
                    "스키마 파일입니다. 표준의 스키마를 참조할 수 있습니다(기본값: 표준 전체).",
                )
            ),
        ),
    ] = None,
    json: _Json = False,
) -> int:
    """Check schemas against the authoring profile, their versions, and the releases."""
    from mfgstd.standard import migration_files, profile, release
    from mfgstd.standard.catalogue import catalogue

    for each in paths or []:
        schema_migrate.require_file(each)
    given, findings = profile.read(paths or [])
    authored = {**catalogue().authored, **given}
    wanted = set(given) if paths else set(authored)
    # The standard's own schemas are only there to be referred to when files were named.
    findings += [one for one in profile.check(authored) if one.source.path in wanted]
    if not paths:
        findings += release.verify()
        # Versions can be judged once every schema can be read.
        findings += [] if findings else [*release.check_versions(), *migration_files.check()]
    if json:
        emit(
            {
                "schemas": len(wanted),
                "conforms": not findings,
                "findings": [each.to_json() for each in findings],
            }
        )
        return 1 if findings else 0
    for finding in findings:
        print_finding(finding)
    if not findings:
        say(
            Text(
                f"All {len(wanted)} schemas keep the profile.",
                f"스키마 {len(wanted)}개가 모두 작성 규칙을 지킵니다.",
            )
        )
    return 1 if findings else 0


for _name, _command, _help in (
    (
        "diff",
        schema_diff.diff,
        Text(
            "Say what changed between two editions, and what the versions must be.",
            "두 판 사이의 변경 내용과 필요한 버전을 봅니다.",
        ),
    ),
    (
        "lock",
        schema_diff.lock,
        Text(
            "Write the current schemas as a release that never changes again.",
            "현재 스키마를 다시는 바뀌지 않는 출시본으로 기록합니다.",
        ),
    ),
    (
        "migrate",
        schema_migrate.migrate,
        Text(
            "Bring documents to another major version of their schema.",
            "문서를 스키마의 다른 주 버전으로 변환합니다.",
        ),
    ),
):
    app.command(_name, help=str(_help))(_command)
