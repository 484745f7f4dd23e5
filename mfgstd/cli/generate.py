"""``mfgstd generate``: models and columns from the schemas, or the proof that they are fresh."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mfgstd.cli.output import emit, print_finding, say
from mfgstd.language import Text
from mfgstd.standard.generators import TARGETS

_KNOWN = ", ".join(TARGETS)

#: How many of the files that changed are listed; the site has hundreds.
_SHOWN = 20


def generate(
    target: Annotated[
        list[str] | None,
        typer.Argument(
            help=str(
                Text(
                    f"What to generate: {_KNOWN} (default: those of the checkout; with --to all).",
                    f"생성할 대상: {_KNOWN} (기본값: 소스 폴더에 있는 것, --to를 쓰면 전부).",
                )
            )
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help=str(
                Text(
                    "Write nothing; fail if a generated file is not what the schemas say.",
                    "파일을 쓰지 않고, 생성된 파일이 스키마와 다르면 실패합니다.",
                )
            ),
        ),
    ] = False,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="DIR",
            help=str(
                Text(
                    "Generate into this folder instead of the checkout.",
                    "소스 폴더 대신 이 폴더에 생성합니다.",
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
    """Generate the models and columns from the schemas.

    Only files that were generated are ever changed or removed.
    """
    from mfgstd.errors import UsageError
    from mfgstd.standard import catalogue, generation

    if to == "":
        raise UsageError(
            Text(
                "--to is empty: name a folder (`.` is this one).",
                "--to가 비어 있습니다. 폴더를 지정하십시오(`.`은 현재 폴더).",
            )
        )
    folder = None if to is None else Path(to)
    wanted = generation.plan(list(catalogue()), target or None, folder)
    if check:
        findings = generation.check(wanted)
        if json:
            record = {"fresh": not findings, "findings": [each.to_json() for each in findings]}
            emit(record)
        else:
            for each in findings:
                print_finding(each)
            if not findings:
                say(
                    Text(
                        f"All {len(wanted.files)} generated files are what the schemas say.",
                        f"생성된 파일 {len(wanted.files)}개가 모두 스키마와 일치합니다.",
                    )
                )
        return 1 if findings else 0
    gone = wanted.leftover
    changed = [each for each in generation.write(wanted) if each not in gone]
    if json:
        emit(
            {
                "files": len(wanted.files),
                "changed": [str(path) for path in changed],
                "removed": [str(path) for path in gone],
            }
        )
        return 0
    for path in changed[:_SHOWN]:
        say(str(path))
    if len(changed) > _SHOWN:
        more = len(changed) - _SHOWN
        say(Text(f"... and {more} more", f"... 외 {more}개"))
    # What was deleted is always told whole.
    for path in gone:
        say(Text(f"removed: {path}", f"삭제: {path}"))
    say(
        Text(
            f"{len(changed)} of {len(wanted.files)} files changed.",
            f"파일 {len(wanted.files)}개 중 {len(changed)}개가 바뀌었습니다.",
        )
    )
    if gone:
        say(Text(f"Files removed: {len(gone)}.", f"삭제된 파일: {len(gone)}개."))
    return 0
