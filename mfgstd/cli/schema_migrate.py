"""``mfgstd schema migrate``: documents of one major version as documents of another."""

from __future__ import annotations

import json as json_
import os
from pathlib import Path  # noqa: TC003 - Typer reads the annotations at run time
from typing import Annotated

import typer

from mfgstd.cli.output import print_finding, say
from mfgstd.language import Text


def migrate(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help=str(
                Text(
                    "A JSON document, or NDJSON with one on each line.",
                    "JSON 문서 또는 한 줄에 하나씩 적은 NDJSON 파일입니다.",
                )
            ),
        ),
    ],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="ID",
            help=str(
                Text(
                    "The $id of the schema that the documents shall have.",
                    "변환 후 문서가 따를 스키마의 $id입니다.",
                )
            ),
        ),
    ],
) -> int:
    """Write the documents as ones of another major version to standard output.

    What was lost, and what is wrong with a result, goes to standard error.
    """
    from dataclasses import replace

    from mfgstd.cli.output import fail
    from mfgstd.errors import InputError, MfgStdError
    from mfgstd.finding import Place, show
    from mfgstd.standard.migration import migrate
    from mfgstd.validation import read, validate

    require_file(file)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(
            Text(
                f"The file cannot be read: {error.strerror}.",
                f"파일을 읽을 수 없습니다: {error.strerror}.",
            ),
            place=Place(path=str(file)),
        ) from error
    lines = file.suffix in {".ndjson", ".jsonl"}
    wrong = done = missing = code = 0
    for number, text in enumerate(data.splitlines() if lines else [data], 1):
        if lines and not text.strip():
            continue
        place = Place(path=str(file), line=number if lines else None)
        parsed = read(text)
        findings = list(parsed.findings)
        failure: MfgStdError | None = None
        if parsed.ok and isinstance(parsed.value, dict):
            try:
                made = migrate(parsed.value, to=to)
            except MfgStdError as error:
                error.place, failure = place, error
        elif parsed.ok:
            failure = InputError(
                Text("A document is a JSON object.", "문서는 JSON 객체여야 합니다."), place=place
            )
        if failure:
            # The other lines are migrated all the same.
            fail(failure)
            code = max(code, failure.exit_code)
        elif parsed.ok:
            done += 1
            for loss in made.lost:
                said = Text(
                    f"lost: {loss.pointer} = {show(loss.value)}",
                    f"손실: {loss.pointer} = {show(loss.value)}",
                )
                say(f"{place}: {said}", error=True)
            say(json_.dumps(made.document, ensure_ascii=False, indent=None if lines else 2))
            findings += validate(made.document)
        for each in findings:
            print_finding(replace(each, source=place), error=True)
        wrong += bool(findings or failure)
        missing += not parsed.ok or failure is not None
    if lines and missing:
        say(
            Text(
                f"{done} documents were migrated; {missing} lines were not.",
                f"문서 {done}개를 변환했고 {missing}줄은 변환하지 못했습니다.",
            ),
            error=True,
        )
    if code and not done:
        return code
    return 1 if wrong else 0


def require_file(path: Path) -> None:
    """Refuse what is no file that may be read, in a sentence.

    Raises:
        UsageError: there is nothing, a folder, or a file that may not be read.
    """
    from mfgstd.errors import UsageError
    from mfgstd.finding import Place

    hint = None
    if path.is_dir():
        said = Text("This is a folder; a file is wanted.", "폴더입니다. 파일을 지정해야 합니다.")
        hint = Text(
            f"Name the files in it: {path}/*.json", f"안에 있는 파일을 지정하십시오: {path}/*.json"
        )
    elif not path.exists():
        said = Text("There is no such file.", "그런 파일이 없습니다.")
    elif not os.access(path, os.R_OK):
        said = Text("The file may not be read.", "파일을 읽을 권한이 없습니다.")
    else:
        return
    raise UsageError(said, place=Place(path=str(path)), hint=hint)
