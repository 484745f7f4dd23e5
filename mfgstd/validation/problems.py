"""Findings about files as such (empty, cut off, damaged, too large), and about rows of them."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING, Final

from mfgstd.finding import Finding, Place, Severity, show
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfgstd.finding import Fact
    from mfgstd.validation.sources.lines import Cut, Line


#: Where something should be.
NOTHING: Final = Text("nothing", "없음")


def empty(severity: Severity = Severity.ERROR) -> Finding:
    """There is nothing in the file."""
    return Finding(
        rule="file.empty",
        severity=severity,
        message=Text("The file holds no document.", "파일에 문서가 없습니다."),
        expected=Text("at least one document", "문서 하나 이상"),
        found=NOTHING,
    )


def nothing_to_check(suffixes: Sequence[str]) -> Finding:
    """There is no file; an empty folder is not a success."""
    names = ", ".join(f"*{each}" for each in suffixes)
    return Finding(
        rule="file.empty",
        message=Text("No file was found that could be checked.", "검사할 수 있는 파일이 없습니다."),
        expected=Text(f"files named {names}", f"이름이 다음과 같은 파일: {names}"),
        found=NOTHING,
        hint=Text("Name the file itself.", "파일 이름을 직접 지정하십시오."),
    )


def unreadable(error: OSError) -> Finding:
    """The system does not give the file out, or no more of it."""
    why = error.strerror or str(error)
    return Finding(
        rule="file.unreadable",
        message=Text(f"The file cannot be read: {why}.", f"파일을 읽을 수 없습니다: {why}."),
        hint=Text(
            "Look whether it is still there, and whether you may read it.",
            "파일이 남아 있는지, 읽기 권한이 있는지 확인하십시오.",
        ),
    )


def no_room(error: Exception) -> Finding:
    """Disk or memory are full, which says nothing about the user's data."""
    why = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free >> 20
    return Finding(
        rule="run.no-room",
        message=Text(
            f"There is no room for what must be kept while judging: {why}",
            f"검사하는 동안 보관할 공간이 부족합니다: {why}",
        ),
        expected=Text(
            "room on the disk for about as much as the input", "입력 크기만큼의 디스크 공간"
        ),
        found=Text(f"{free} MiB free in {folder}", f"{folder}의 남은 공간 {free} MiB"),
        hint=Text(
            "Free space there, or let TMPDIR name a folder with more room. With --rules record "
            "nothing is kept.",
            "공간을 확보하거나 TMPDIR에 여유 있는 폴더를 지정하십시오. --rules record를 쓰면 "
            "아무것도 보관하지 않습니다.",
        ),
    )


def workbook() -> Finding:
    """A workbook of Excel (or another ZIP archive), whatever its name says."""
    return Finding(
        rule="file.format",
        message=Text(
            "This is an Excel workbook or a ZIP archive, which is not read.",
            "Excel 통합 문서나 ZIP 압축 파일이어서 읽지 않습니다.",
        ),
        expected=Text("CSV, JSON, NDJSON, Parquet or Arrow", "CSV, JSON, NDJSON, Parquet, Arrow"),
        found=Text("a ZIP archive", "ZIP 압축 파일"),
        hint=Text(
            'Save the sheet as "CSV UTF-8", or unpack the archive.',
            '시트를 "CSV UTF-8"로 저장하거나 압축을 푸십시오.',
        ),
    )


def document_too_large(limit: int) -> Finding:
    """A JSON text must be held as a whole, so it has a limit."""
    return Finding(
        rule="file.too-large",
        message=Text(
            "The JSON document is too large to be checked as one.",
            "JSON 문서가 너무 커서 한 번에 검사할 수 없습니다.",
        ),
        expected=f"<= {limit >> 20} MiB",
        hint=Text(
            "Write one document on each line (.ndjson); such a file may have any size.",
            "한 줄에 문서 하나씩(.ndjson) 적으십시오. 이런 파일은 크기에 제한이 없습니다.",
        ),
    )


def line_too_long(line: Line, limit: int) -> Finding:
    """A line beyond the limit was passed over."""
    return Finding(
        rule="file.line-too-long",
        message=Text(
            "The line is too long and was not read; checking goes on after it.",
            "줄이 너무 길어 읽지 않았습니다. 다음 줄부터 계속 검사합니다.",
        ),
        expected=Text(f"at most {limit} bytes", f"{limit}바이트 이하"),
        found=Text(f"{line.size} bytes", f"{line.size}바이트"),
        hint=Text(
            "Is this NDJSON? --max-line raises the limit.",
            "NDJSON 파일이 맞습니까? --max-line으로 한도를 늘릴 수 있습니다.",
        ),
        source=Place(line=line.number),
    )


def cut(reason: Cut, line: int | None) -> Finding:
    """A compressed file broke off; ``line`` is the one that was being read."""
    if reason.truncated:
        return Finding(
            rule="file.truncated",
            message=Text(
                "The compressed file ends before its end: it was cut off.",
                "압축 파일이 중간에 잘려 있습니다.",
            ),
            hint=Text(
                "Fetch or write the file again; what came before was checked.",
                "파일을 다시 받거나 만드십시오. 잘린 곳 앞까지는 검사했습니다.",
            ),
            source=Place(line=line),
        )
    return Finding(
        rule="file.damaged",
        message=Text(
            f"The compressed file is damaged: {reason.reason}.",
            f"압축 파일이 손상되었습니다: {reason.reason}.",
        ),
        hint=Text("Fetch or write the file again.", "파일을 다시 받거나 만드십시오."),
        source=Place(line=line),
    )


def no_value(name: str, found: Fact) -> Finding:
    """A column that must be filled is not, in some row."""
    return Finding(
        rule="schema.required",
        message=Text(
            f"The column {show(name)} has no value in this row.",
            f"이 행의 {show(name)} 열에 값이 없습니다.",
        ),
        pointer=f"/{name}",
        expected=name,
        found=found,
    )


def wrong_kind(kind: str | None, filled: Sequence[str]) -> Finding:
    """The value of an observation is not in the column that its ``kind`` names."""
    from mfgstd.observations.documents import KINDS

    kinds, shown = ", ".join(KINDS), ", ".join(filled)
    return Finding(
        rule="observation.kind",
        message=Text(
            "Exactly the value column that `kind` names must be filled.",
            "`kind`가 가리키는 값 열 하나만 채워져 있어야 합니다.",
        ),
        pointer="/kind",
        expected=Text(
            f"one of: {kinds}, none; and that column filled",
            f"다음 중 하나: {kinds}, none. 그리고 해당 열의 값",
        ),
        found=Text(
            f"kind {show(kind)}, filled: {shown or 'none'}",
            f"kind {show(kind)}, 채워진 열: {shown or '없음'}",
        ),
    )
