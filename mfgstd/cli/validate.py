"""``mfgstd validate``: files in, what is wrong with them out, with the place in the user's file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from mfgstd._version import __version__
from mfgstd.cli.output import emit, print_finding, print_table, progress, say
from mfgstd.errors import UsageError
from mfgstd.finding import Finding, show
from mfgstd.language import Text
from mfgstd.standard import catalogue
from mfgstd.validation import Strictness
from mfgstd.validation.engines import ENGINES, Engine
from mfgstd.validation.files import Options, Report, check, find

HELP: Final = Text(
    """Check files against the standard and say what is wrong, and where.

    PATH is a file, a folder or a glob: .json, .ndjson or .jsonl (each also .gz), and .parquet
    files of observations; "-" reads NDJSON from standard input.

    Exit codes: 0 everything conforms, 1 something does not (or nothing was found to check), 2 the
    command is wrong, 4 mfgstd itself failed.""",
    """파일이 표준에 맞는지 검사하고 문제와 그 위치를 알려 줍니다.

    PATH에는 파일, 폴더, 글로브를 쓸 수 있습니다. .json, .ndjson, .jsonl(각각 .gz 포함)과 관측값
    .parquet 파일을 검사하며, "-"는 표준 입력에서 NDJSON을 읽습니다.

    종료 코드: 0 모두 적합, 1 부적합(또는 검사할 것이 없음), 2 명령 오류, 4 mfgstd 내부 오류.""",
)


def validate(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help=str(Text("Files, folders or globs.", "파일, 폴더 또는 글로브입니다.")),
            show_default=False,
        ),
    ],
    schema: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=str(
                Text(
                    "The schema of all documents: an $id, class name or slug "
                    "(default: the one each document names).",
                    "모든 문서에 적용할 스키마입니다: $id, 클래스 이름 또는 슬러그"
                    "(기본값: 문서마다 적힌 스키마).",
                )
            ),
            show_default=False,
        ),
    ] = None,
    tolerant: Annotated[
        bool,
        typer.Option(
            "--tolerant",
            help=str(
                Text(
                    "Ignore fields that the schema does not know, as a consumer would.",
                    "데이터를 받는 쪽처럼 스키마에 없는 필드를 무시합니다.",
                )
            ),
        ),
    ] = False,
    engine: Annotated[
        str,
        typer.Option(
            metavar="|".join(ENGINES),
            help=str(
                Text(
                    "Who judges; all agree, the referee is slow and independent.",
                    "판정 엔진입니다. 결과는 모두 같으며 referee는 느리지만 독립적입니다.",
                )
            ),
        ),
    ] = "row",
    max_findings: Annotated[
        int,
        typer.Option(
            min=0,
            help=str(
                Text(
                    "How many findings are told; all are counted.",
                    "보여 줄 문제의 최대 건수입니다. 집계에는 모두 포함됩니다.",
                )
            ),
        ),
    ] = 100,
    max_line: Annotated[
        int,
        typer.Option(
            min=1,
            help=str(
                Text(
                    "The longest NDJSON line that is read, in bytes.",
                    "읽을 NDJSON 한 줄의 최대 길이(바이트)입니다.",
                )
            ),
        ),
    ] = 16 << 20,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help=str(
                Text(
                    "One JSON object on standard output.",
                    "표준 출력에 JSON 객체 하나를 출력합니다.",
                )
            ),
        ),
    ] = False,
) -> None:
    """Check files against the standard and say what is wrong, and where."""
    options = Options(
        schema=None if schema is None else catalogue().find(schema),
        strictness=Strictness.TOLERANT if tolerant else Strictness.STRICT,
        engine=_engine(engine),
        max_line=max_line,
        max_findings=max_findings,
    )
    report = Report()
    files = find(paths, report)
    told: list[Finding] = []
    count = 0
    with progress(Text("Checking", "검사 중"), _size(files)) as advance:
        for finding in check(files, options, report, advance):
            count += 1
            if as_json:
                told.append(finding)
            else:
                print_finding(finding)
    code = 0 if report.conforms else 1
    if as_json:
        emit(_record(options, report, told, code))
    else:
        _summary(report, count)
    raise typer.Exit(code)


def _engine(name: str) -> Engine:
    for each in ENGINES:
        if each == name:
            return each
    raise UsageError(
        Text(
            f"There is no engine {show(name)} (there are: {', '.join(ENGINES)}).",
            f"{show(name)} 엔진이 없습니다(사용 가능: {', '.join(ENGINES)}).",
        )
    )


def _size(files: list[Path]) -> int | None:
    return sum(path.stat().st_size for path in files) if all(map(Path.is_file, files)) else None


def _summary(report: Report, told: int) -> None:
    names = sorted(set(report.valid) | set(report.invalid))
    if names:
        unreadable = str(Text("(unknown)", "(알 수 없음)"))
        print_table(
            Text("Documents", "문서"),
            (Text("kind", "종류"), Text("valid", "적합"), Text("invalid", "부적합")),
            [(name or unreadable, report.valid[name], report.invalid[name]) for name in names],
        )
    if report.rules:
        print_table(
            Text("Findings", "문제"),
            (Text("rule", "규칙"), Text("count", "건수")),
            sorted(report.rules.items()),
        )
    hidden = report.rules.total() - told
    if hidden or report.unexplained:
        say(
            Text(
                f"Not told: {hidden} findings, and those of {report.unexplained} invalid documents "
                "(--max-findings).",
                f"표시하지 않음: 문제 {hidden}건, 부적합 문서 {report.unexplained}개의 문제"
                "(--max-findings).",
            )
        )
    for path in report.left_out:
        say(
            Text(
                f"Left out, not a document of the standard: {path}",
                f"표준 문서가 아니므로 제외함: {path}",
            )
        )
    invalid = report.invalid.total()
    if report.conforms:
        say(
            Text(
                f"Conforms: {report.documents} documents in {report.files} files.",
                f"적합: 파일 {report.files}개, 문서 {report.documents}개.",
            )
        )
    else:
        say(
            Text(
                f"Does not conform: {invalid} of {report.documents} documents invalid in "
                f"{report.files} files.",
                f"부적합: 파일 {report.files}개, 문서 {report.documents}개 중 {invalid}개가 "
                "맞지 않습니다.",
            )
        )


def _record(options: Options, report: Report, told: list[Finding], code: int) -> dict[str, Any]:
    """The result as one object of a stable shape; counts are of everything, not of what is told."""
    names = sorted(set(report.valid) | set(report.invalid))
    return {
        "mfgstd": __version__,
        "command": "validate",
        "conforms": report.conforms,
        "exitCode": code,
        "strictness": options.strictness.value,
        "engine": options.engine,
        "files": report.files,
        "documents": report.documents,
        "valid": report.valid.total(),
        "invalid": report.invalid.total(),
        "kinds": {
            name or "unknown": {"valid": report.valid[name], "invalid": report.invalid[name]}
            for name in names
        },
        "rules": dict(sorted(report.rules.items())),
        "findings": [each.to_json() for each in told],
        "notTold": report.rules.total() - len(told),
        "unexplained": report.unexplained,
        "leftOut": report.left_out,
    }
