"""Which files the user means: paths as they are, folders searched, globs expanded."""

from __future__ import annotations

import glob
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

STDIN: Final = Path("-")


def find(paths: Sequence[str], report: Report) -> list[Path]:
    """The files, each once, in the order in which they are judged.

    ``report.left_out`` gets what a folder holds beside documents of the standard.

    Raises:
        UsageError: a path is not there, or a glob matches nothing.
    """
    found: dict[Path, None] = {}
    for each in paths:
        given = _as_written(each)
        path = Path(given)
        if path == STDIN:
            found[path] = None
        elif path.is_dir():
            found |= dict.fromkeys(_inside(path, report))
        elif path.exists():
            found[path] = None
        elif glob.has_magic(given) and (matches := sorted(glob.glob(given, recursive=True))):  # noqa: PTH207 - Path.glob takes no absolute pattern
            for match in map(Path, matches):
                found |= dict.fromkeys(_inside(match, report) if match.is_dir() else [match])
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
    return Path(given).exists() or (glob.has_magic(given) and bool(glob.glob(given)))  # noqa: PTH207 - Path.glob takes no absolute pattern


def _inside(folder: Path, report: Report) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or not path.name.lower().endswith(SUFFIXES) or not path.is_file():
            continue
        if path.name in NOT_DOCUMENTS:
            report.left_out.append(str(path))
        else:
            yield path
