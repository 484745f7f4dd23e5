"""Options and small checks that several commands of ``conform`` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mfgstd.errors import UsageError
from mfgstd.finding import show
from mfgstd.language import Text

AsJson = Annotated[
    bool,
    typer.Option("--json", help=str(Text("Print JSON.", "JSON으로 출력합니다."))),
]
RunFolder = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        help=str(Text("The folder that `run` wrote.", "`run`이 만든 폴더입니다.")),
    ),
]


def option(metavar: str, en: str, ko: str) -> Any:
    """An option with its help in both languages."""
    return typer.Option(metavar=metavar, help=str(Text(en, ko)))


def no_choice(name: str, given: str, known: list[str]) -> UsageError:
    """The error for a word that is none of the known ones."""
    return UsageError(
        Text(
            f"{name} {show(given)} is none of: {', '.join(known)}.",
            f"{name}에는 {', '.join(known)} 중 하나를 써야 합니다: {show(given)}",
        )
    )


def present(*paths: Path | None) -> None:
    """Refuse paths that name no file.

    Raises:
        UsageError: one of them does not.
    """
    for path in paths:
        if path is not None and not path.is_file():
            raise UsageError(
                Text(f"There is no file {path}.", f"{path} 파일이 없습니다."),
            )
