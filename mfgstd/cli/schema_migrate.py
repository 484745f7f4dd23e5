"""``mfgstd schema migrate``: documents of one major version as documents of another."""

from __future__ import annotations

import json as json_
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

    from mfgstd.errors import InputError
    from mfgstd.finding import Place, show
    from mfgstd.standard.migration import migrate
    from mfgstd.validation import read, validate

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
    wrong = 0
    for number, text in enumerate(data.splitlines() if lines else [data], 1):
        if lines and not text.strip():
            continue
        place = Place(path=str(file), line=number if lines else None)
        parsed = read(text)
        findings = list(parsed.findings)
        if parsed.ok and isinstance(parsed.value, dict):
            made = migrate(parsed.value, to=to)
            for loss in made.lost:
                said = Text(
                    f"lost: {loss.pointer} = {show(loss.value)}",
                    f"손실: {loss.pointer} = {show(loss.value)}",
                )
                say(f"{place}: {said}", error=True)
            say(json_.dumps(made.document, ensure_ascii=False, indent=None if lines else 2))
            findings += validate(made.document)
        elif parsed.ok:
            raise InputError(
                Text("A document is a JSON object.", "문서는 JSON 객체여야 합니다."), place=place
            )
        for each in findings:
            print_finding(replace(each, source=place), error=True)
        wrong += bool(findings)
    return 1 if wrong else 0
