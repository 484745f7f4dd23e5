"""``mfgstd validate``: files in, what is wrong with them out, with the place in the user's file."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations at run time
from typing import Annotated, Any, Final

import typer

from mfgstd._version import __version__
from mfgstd.cli.output import emit, print_finding, progress
from mfgstd.cli.report import print_report
from mfgstd.errors import UsageError
from mfgstd.finding import show
from mfgstd.language import Text
from mfgstd.standard import catalogue
from mfgstd.validation import Strictness
from mfgstd.validation.run.options import ASKED, CHOICES, Asked, Choice, Options, no_engine
from mfgstd.validation.run.over_files import check
from mfgstd.validation.run.report import Report
from mfgstd.validation.sources.paths import find, size_of

HELP: Final = Text(
    """Check files against the standard and say what is wrong, and where.

    PATH is a file, a folder or a glob: .json, .ndjson or .jsonl and .csv (each also .gz and .zst),
    .parquet, and Arrow as .arrow, .feather or .ipc; "-" reads NDJSON from standard input. Documents
    name their schema; tables are told by their columns, or by --schema.

    Exit codes: 0 everything conforms, 1 something does not (or nothing was found to check), 2 the
    command is wrong, 3 a worker or cluster failed, 4 mfgstd itself failed.""",
    """파일이 표준에 맞는지 검사하고 문제와 그 위치를 알려 줍니다.

    PATH에는 파일, 폴더, 글로브를 쓸 수 있습니다. .json, .ndjson, .jsonl, .csv(.gz, .zst 압축 포함),
    .parquet, Arrow 형식(.arrow, .feather, .ipc)을 검사하며, "-"는 표준 입력에서 NDJSON을 읽습니다.
    문서는 자신의 스키마를 밝히고, 표는 열 이름이나 --schema로 판단합니다.

    종료 코드: 0 모두 적합, 1 부적합(또는 검사할 것이 없음), 2 명령 오류, 3 작업 프로세스나 클러스터
    장애, 4 mfgstd 내부 오류.""",
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
            metavar="|".join(CHOICES),
            help=str(
                Text(
                    "Who judges; all agree. auto chooses by shape and size, the referee is slow "
                    "and independent.",
                    "판정 엔진입니다. 결과는 모두 같습니다. auto는 형태와 크기에 따라 고르며, "
                    "referee는 느리지만 독립적입니다.",
                )
            ),
        ),
    ] = "auto",
    rules: Annotated[
        str,
        typer.Option(
            metavar="|".join(ASKED),
            help=str(
                Text(
                    "Which rules are asked: all, those about one document (quicker), or none.",
                    "적용할 규칙입니다: 전체(all), 문서 하나에 관한 규칙만(record, 더 빠름), "
                    "없음(none).",
                )
            ),
        ),
    ] = "all",
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
    findings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.parquet",
            help=str(
                Text(
                    "Write every finding into this Parquet file.",
                    "모든 문제를 이 Parquet 파일에 기록합니다.",
                )
            ),
            show_default=False,
        ),
    ] = None,
    encoding: Annotated[
        str,
        typer.Option(
            metavar="utf-8|cp949",
            help=str(
                Text("The encoding of CSV files.", "CSV 파일의 인코딩입니다."),
            ),
        ),
    ] = "utf-8",
    master: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help=str(
                Text(
                    "The Spark master, for --engine spark (spark://host:7077).",
                    "--engine spark에서 사용할 Spark 마스터입니다(spark://host:7077).",
                )
            ),
            show_default=False,
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            min=0,
            help=str(
                Text(
                    "How many worker processes judge nested documents "
                    "(default: one for each processor).",
                    "중첩 문서를 검사할 작업 프로세스 수입니다(기본값: 프로세서 수).",
                )
            ),
            show_default=False,
        ),
    ] = None,
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
        rules=_rules(rules),
        max_line=max_line,
        max_findings=max_findings,
        encoding=_encoding(encoding),
        findings=findings,
        master=_master(master, engine),
        processes=processes,
    )
    report = Report()
    files = find(paths, report)
    with progress(Text("Checking", "검사 중"), _size(files), lambda: report.documents) as advance:
        for finding in check(files, options, report, advance):
            if not as_json:
                print_finding(finding)
    code = 0 if report.conforms else 1
    if as_json:
        emit(_record(options, report, code))
    else:
        print_report(report)
    raise typer.Exit(code)


def _engine(name: str) -> Choice:
    for each in CHOICES:
        if each == name:
            return each
    raise no_engine(name, CHOICES)


def _rules(name: str) -> Asked:
    for each in ASKED:
        if each == name:
            return each
    raise UsageError(
        Text(
            f"--rules is one of {', '.join(ASKED)}, not {show(name)}.",
            f"--rules에는 {', '.join(ASKED)} 가운데 하나를 써야 합니다: {show(name)}.",
        )
    )


def _encoding(name: str) -> str:
    import codecs

    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise UsageError(
            Text(
                f"There is no encoding {show(name)}.",
                f"{show(name)} 인코딩이 없습니다.",
            ),
            hint=Text(
                "CSV files are usually utf-8; older Korean ones are cp949.",
                "CSV 파일은 보통 utf-8이며, 오래된 한국어 파일은 cp949입니다.",
            ),
        ) from None


def _master(url: str | None, engine: str) -> str | None:
    if url is not None and engine != "spark":
        raise UsageError(
            Text(
                "--master names a Spark cluster; it goes with --engine spark.",
                "--master는 Spark 클러스터를 가리키므로 --engine spark와 함께 쓰십시오.",
            )
        )
    return url


def _size(files: list[Path]) -> int | None:
    sizes = [size_of(path) for path in files]
    return None if None in sizes else sum(filter(None, sizes))


def _record(options: Options, report: Report, code: int) -> dict[str, Any]:
    """The result as one object of a stable shape; counts are of everything, not of what is told."""
    return {
        "mfgstd": __version__,
        "command": "validate",
        "exitCode": code,
        "strictness": options.strictness.value,
        "engine": options.engine,
        "rulesAsked": options.rules,
        **report.to_json(),
    }
