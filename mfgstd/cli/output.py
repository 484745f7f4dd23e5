"""Printing, shared by all commands: findings and errors as text, results as JSON, progress.

Results go to standard output, everything about them to standard error. Rich is imported only for
a terminal: into a pipe there is no colour and nothing moves.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TextIO

from mfgstd.finding import Finding, Severity
from mfgstd.language import Text

if TYPE_CHECKING:
    from mfgstd.errors import MfgStdError
    from mfgstd.finding import Fact

#: Called with how many more bytes of the input are done.
Advance = Callable[[int], None]

_STYLES: Final = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}
_WORDS: Final = {
    Severity.ERROR: Text("error", "오류"),
    Severity.WARNING: Text("warning", "경고"),
    Severity.INFO: Text("info", "정보"),
}


def prepare_streams() -> None:
    """Make every text printable, whatever the encoding of the terminal and of file names."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def plain(text: str) -> str:
    """A text from outside as it may be printed: no control character reaches the terminal."""
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode()
        for each in text
    )


def say(text: Text | str = "", *, error: bool = False) -> None:
    """One line to standard output, or to standard error."""
    stream = sys.stderr if error else sys.stdout
    stream.write(plain(str(text)) + "\n")


def emit(record: Mapping[str, Any]) -> None:
    """One JSON object on standard output, for programs."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")


def colour(stream: TextIO) -> bool:
    """Whether to colour: only on a terminal, and not where NO_COLOR asks for none."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_finding(finding: Finding, *, error: bool = False) -> None:
    """One finding: place, rule and sentence; then expected, found and the next step."""
    stream = sys.stderr if error else sys.stdout
    paint = colour(stream)
    word = str(_WORDS[finding.severity])
    if paint:
        word = f"\x1b[{_STYLES[finding.severity]}m{word}\x1b[0m"
    where = plain(str(finding.source))
    lines = [f"{where}{': ' if where else ''}{word}: {plain(str(finding.message))}"]
    facts: list[tuple[Text, Fact]] = [(Text("rule", "규칙"), finding.rule)]
    if finding.pointer:
        facts.append((Text("at", "위치"), finding.pointer))
    if finding.expected is not None:
        facts.append((Text("expected", "기대"), finding.expected))
    if finding.found is not None:
        facts.append((Text("found", "실제"), finding.found))
    if finding.hint is not None:
        facts.append((Text("next", "조치"), finding.hint))
    lines += [f"    {name}: {plain(str(value))}" for name, value in facts]
    stream.write("\n".join(lines) + "\n")


def print_table(title: Text, headings: Sequence[Text], rows: Sequence[Sequence[object]]) -> None:
    """A small table: the first column to the left, the others (numbers) to the right."""
    cells = [[str(each) for each in headings], *([plain(str(c)) for c in row] for row in rows)]
    widths = [max(width(row[index]) for row in cells) for index in range(len(headings))]
    say(title)
    for row in cells:
        padded = [
            _pad(cell, columns, left=not i)
            for i, (cell, columns) in enumerate(zip(row, widths, strict=True))
        ]
        say("  " + "  ".join(padded).rstrip())


def width(text: str) -> int:
    """Columns on a terminal: a Hangul syllable takes two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def _pad(text: str, columns: int, *, left: bool) -> str:
    space = " " * (columns - width(text))
    return text + space if left else space + text


def fail(error: MfgStdError) -> None:
    """An error that we know, on standard error, with its place and next step."""
    word = str(_WORDS[Severity.ERROR])
    if colour(sys.stderr):
        word = f"\x1b[31m{word}\x1b[0m"
    sys.stderr.write(f"{word}: {plain(error.say())}\n")


def fail_internally(error: BaseException) -> None:
    """An error that nobody foresaw: one sentence, and the details in a file to send to us."""
    import tempfile
    import traceback

    from mfgstd._version import __version__

    say(
        Text(
            f"mfgstd failed by its own fault ({type(error).__name__}).",
            f"mfgstd 내부 오류가 발생했습니다({type(error).__name__}).",
        ),
        error=True,
    )
    report = "".join(traceback.format_exception(error))
    with (
        contextlib.suppress(OSError),
        tempfile.NamedTemporaryFile(
            "w", prefix="mfgstd-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file,
    ):
        file.write(f"mfgstd {__version__}, Python {sys.version}\n{report}")
        say(
            Text(
                f"Please report it with this file: {file.name}",
                f"다음 파일과 함께 알려 주십시오: {file.name}",
            ),
            error=True,
        )


@contextlib.contextmanager
def progress(
    title: Text, total: int | None, documents: Callable[[], int] | None = None
) -> Iterator[Advance]:
    """A bar with rate and time left on a terminal's standard error; elsewhere nothing.

    ``total`` is in bytes; ``None`` where it is not known. ``documents`` says how many are done.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _amount: None
        return
    import time

    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    begun = time.monotonic()

    def rate() -> str:
        if documents is None or not (done := documents()):
            return ""
        each = done / max(time.monotonic() - begun, 0.001)
        return str(Text(f"{each:,.0f} documents/s", f"초당 문서 {each:,.0f}개"))

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        # Findings that go into a file must not be drawn above the bar instead.
        redirect_stdout=sys.stdout.isatty(),
    ) as bar:
        task = bar.add_task(str(title), total=total, rate="")
        yield lambda amount: bar.update(task, advance=amount, rate=rate())
