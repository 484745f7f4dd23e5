"""``mfgstd schema diff`` and ``lock``: what changed since an edition, and making a release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mfgstd.cli.output import emit, say
from mfgstd.language import Text

if TYPE_CHECKING:
    from mfgstd.standard.diff import Change, Report, Verdict

_EDITION = Text(
    "a released version (1.0.0), a folder of schemas, or a schema file",
    "출시된 버전(1.0.0), 스키마 폴더 또는 스키마 파일",
)


def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD",
            help=str(Text(f"The edition before: {_EDITION.en}.", f"이전 판입니다: {_EDITION.ko}.")),
        ),
    ],
    new: Annotated[
        str | None,
        typer.Argument(
            metavar="[NEW]",
            help=str(
                Text(
                    "The edition after (default: the current schemas, also written `.`).",
                    "이후 판입니다(기본값: 현재 스키마, `.`으로도 적을 수 있습니다).",
                )
            ),
        ),
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json", help=str(Text("Print one JSON object.", "JSON 객체 하나로 출력합니다."))
        ),
    ] = False,
) -> int:
    """Say what changed between two editions; fail where a version does not say the same."""
    from mfgstd.standard.diff import compare, open_edition

    report = compare(open_edition(old), open_edition(new))
    if json:
        emit(report.to_json())
    else:
        _print(report)
    return 0 if report.holds else 1


def _print(report: Report) -> None:
    for verdict in report.verdicts:
        say(f"{verdict.schema}")
        for change in verdict.changes:
            _line(change)
        say(f"  {_version(verdict)}")
    path = ""
    for change in report.content:
        if change.schema != path:
            path = change.schema
            say(path)
        _line(change)
    say(_summary(report))


def _line(change: Change) -> None:
    from mfgstd.finding import show
    from mfgstd.standard.diff import KINDS

    where = change.pointer or "/"
    via = f" ({change.via})" if change.via else ""
    say(f"  {change.category:8} {change.bump!s:5} {where}: {KINDS[change.kind].says}{via}")
    values = [each for each in (change.before, change.after) if each is not None]
    if values:
        arrow = " -> ".join(show(each, limit=100).strip('"') for each in values)
        # What is new has an arrow before it, what is gone one behind it.
        if len(values) == 1:
            arrow = f"-> {arrow}" if change.before is None else f"{arrow} ->"
        say(f"           {arrow}")
    if not (change.old_reads_new and change.new_reads_old):
        say(f"           {_readers(change)}")


def _readers(change: Change) -> Text:
    if change.new_reads_old:
        return Text(
            "Old readers may refuse new documents.",
            "이전 판의 수신 측은 새 문서를 거부할 수 있습니다.",
        )
    if change.old_reads_new:
        return Text(
            "New readers may refuse old documents.",
            "새 판의 수신 측은 이전 문서를 거부할 수 있습니다.",
        )
    return Text(
        "Old and new readers may refuse each other's documents.",
        "이전 판과 새 판의 수신 측이 서로의 문서를 거부할 수 있습니다.",
    )


def _version(verdict: Verdict) -> Text:
    has = " -> ".join(each for each in (verdict.before, verdict.after) if each)
    required = verdict.required
    if verdict.holds:
        return Text(f"{required}: {has}, right.", f"{required}: {has}, 맞습니다.")
    if verdict.expected is None:
        return Text(
            f"{required}: {has}, WRONG: a major change has an $id of its own.",
            f"{required}: {has}, 틀림: 주 버전 변경에는 새 $id가 있어야 합니다.",
        )
    return Text(
        f"{required}: {has}, WRONG: it should be {verdict.expected}.",
        f"{required}: {has}, 틀림: {verdict.expected}이어야 합니다.",
    )


def _summary(report: Report) -> Text:
    wrong = sum(not each.holds for each in report.verdicts)
    changed = len(report.verdicts)
    tables = len({each.schema for each in report.content})
    return Text(
        f"{changed} schemas and {tables} tables changed from {report.old} to {report.new}; "
        f"required bump: {report.required}; versions that are wrong: {wrong}.",
        f"{report.old}에서 {report.new}(으)로 스키마 {changed}개와 표 {tables}개가 바뀌었습니다. "
        f"필요한 버전 단계: {report.required}, 틀린 버전: {wrong}개.",
    )


def lock(
    version: Annotated[
        str,
        typer.Argument(
            metavar="VERSION",
            help=str(Text("The version to release: 1.0.0.", "출시할 버전입니다(예: 1.0.0).")),
        ),
    ],
    json: Annotated[
        bool,
        typer.Option(
            "--json", help=str(Text("Print one JSON object.", "JSON 객체 하나로 출력합니다."))
        ),
    ] = False,
) -> int:
    """Write the current schemas as a release that never changes again."""
    from mfgstd.cli.output import print_finding
    from mfgstd.errors import UsageError
    from mfgstd.standard import profile, release
    from mfgstd.standard.catalogue import catalogue
    from mfgstd.standard.resources import checkout

    if checkout() is None:
        raise UsageError(
            Text(
                "Only a checkout of mfgstd can be released.",
                "mfgstd 소스 폴더에서만 출시할 수 있습니다.",
            )
        )
    if findings := profile.check(catalogue().authored):
        for each in findings:
            print_finding(each, error=True)
        return 1
    made, is_new = release.lock(version)
    size = sum(map(len, made.files.values()))
    if json:
        emit({"version": version, "new": is_new, "files": len(made.files), "bytes": size})
    elif is_new:
        say(
            Text(
                f"Released {version}: {len(made.files)} files, {size} bytes.",
                f"{version} 버전을 출시했습니다: 파일 {len(made.files)}개, {size}바이트.",
            )
        )
    else:
        say(
            Text(
                f"{version} was released before, with the same content.",
                f"{version} 버전은 이미 같은 내용으로 출시되었습니다.",
            )
        )
    return 0
