"""Which files the user means: paths as they are, folders searched, globs expanded."""

from __future__ import annotations

import glob
import os
import stat
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mfgstd.errors import UsageError
from mfgstd.finding import Place
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mfgstd.validation.run.report import Report

#: Text formats; each may be compressed.
_TEXTS: Final = (".json", ".ndjson", ".jsonl", ".csv")
_COMPRESSED: Final = ("", ".gz", ".zst", ".zstd")

#: What a folder is searched for.
SUFFIXES: Final = (
    *(text + packed for text in _TEXTS for packed in _COMPRESSED),
    ".parquet",
    ".arrow",
    ".feather",
    ".ipc",
)

#: What `mfgstd collect` writes beside the data: accounts of it, not documents of the standard.
NOT_DOCUMENTS: Final = frozenset({"ledger.json", "rejected.ndjson"})

#: What a table of findings has in the metadata of its Arrow schema.
MARK: Final = b"mfgstd.findings"

#: Why something in a folder is left out.
_FINDINGS: Final = Text("the findings of another run", "다른 실행의 검증 결과이므로")
_NO_DOCUMENT: Final = Text("not a document of the standard", "표준 문서가 아니므로")
_NO_FILE: Final = Text(
    "a pipe or a device, which is read only if it is named",
    "파이프나 장치는 직접 지정할 때만 읽으므로",
)
_LINK: Final = Text(
    "a link to a folder, which is searched only if it is named",
    "폴더를 가리키는 링크는 직접 지정할 때만 검색하므로",
)

STDIN: Final = Path("-")


def find(paths: Sequence[str], report: Report) -> list[Path]:
    """The files, each once, in the order in which they are judged.

    ``report.left_out`` gets what a folder holds beside documents of the standard. What is there and
    cannot be looked at (a link to nothing, a folder without permission) is handed on like a file:
    opening it says why.

    Raises:
        UsageError: a path is not there, or a glob matches nothing.
    """
    found: dict[Path, None] = {}
    for each in paths:
        given = _as_written(each)
        path = Path(given)
        if path == STDIN:
            found[path] = None
        elif (mode := _mode(path)) is not None:
            found |= dict.fromkeys(_inside(path, report) if stat.S_ISDIR(mode) else [path])
        elif glob.has_magic(given) and (matches := sorted(glob.glob(given, recursive=True))):  # noqa: PTH207 - Path.glob takes no absolute pattern
            for match in map(Path, matches):
                folder = stat.S_ISDIR(_mode(match) or 0)
                found |= dict.fromkeys((_inside if folder else _openable)(match, report))
        else:
            raise UsageError(
                Text("There is no such file or folder.", "파일이나 폴더가 없습니다."),
                place=Place(path=given),
            )
    return list(found)


def _as_written(given: str) -> str:
    """The name as the disk has it: macOS takes Hangul apart, and a keyboard writes it whole."""
    for form in ("NFC", "NFD"):
        other = unicodedata.normalize(form, given)
        if other != given and not _there(given) and _there(other):
            return other
    return given


def _there(given: str) -> bool:
    return _mode(Path(given)) is not None or (glob.has_magic(given) and bool(glob.glob(given)))  # noqa: PTH207 - Path.glob takes no absolute pattern


def _mode(path: Path) -> int | None:
    """What stands there; ``None`` where nothing does. What may not be looked at may be a file."""
    try:
        return path.stat().st_mode
    except PermissionError:
        return stat.S_IFREG
    except (OSError, ValueError):
        return None


def size_of(path: Path) -> int | None:
    """The bytes of a file; ``None`` of what is none, or may not be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _inside(folder: Path, report: Report) -> Iterator[Path]:
    """What is in a folder and the folders below it, in the order of their names."""
    found: list[Path] = []
    # A folder that cannot be searched is handed on like a file.
    walk = os.walk(folder, onerror=lambda error: found.append(Path(error.filename)))
    for name, folders, files in walk:
        here = Path(name)
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        # Links are not followed: they may lead in a circle, or to the same files again.
        for linked in (here / each for each in folders if (here / each).is_symlink()):
            report.left_out[str(linked)] = _LINK
        found += [
            here / each
            for each in files
            if each.lower().endswith(SUFFIXES) and not each.startswith(".")
        ]
    for path in sorted(found):
        if path.name in NOT_DOCUMENTS:
            report.left_out[str(path)] = _NO_DOCUMENT
        elif path.name.lower().endswith(".parquet") and _has_findings(path):
            report.left_out[str(path)] = _FINDINGS
        else:
            yield from _openable(path, report)


def _has_findings(path: Path) -> bool:
    """Whether it is what ``--findings`` wrote; of what cannot be read others say why."""
    if not stat.S_ISREG(_mode(path) or 0):
        return False
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return False
    try:
        return MARK in (pq.read_schema(path).metadata or {})
    except (OSError, pa.ArrowException):
        return False


def _openable(path: Path, report: Report) -> Iterator[Path]:
    """The path, if it may be opened: to open a pipe is to wait for whoever writes into it."""
    mode = _mode(path)
    if mode is None or stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        yield path
    else:
        report.left_out[str(path)] = _NO_FILE
