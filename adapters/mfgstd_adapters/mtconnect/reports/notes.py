"""Findings by the handful, not by the million: one per rule and item, with a count.

A log that names an unknown item in every line has one thing wrong with it. The first place is
reported when it is met; how often it happened is said again at the end, where it happened again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mfgstd.finding import Finding, Place, Severity, show
from mfgstd.language import Text

#: Distinct rules and items that one source is told about; hostile input has any number.
LIMIT: Final = 1000

_SENTENCES: Final[dict[str, tuple[Severity, Text]]] = {
    "mtconnect.unknown-item": (
        Severity.WARNING,
        Text(
            "The log reports an item that the device model does not know.",
            "장치 모델에 없는 항목이 로그에 있습니다.",
        ),
    ),
    "mtconnect.not-a-number": (
        Severity.ERROR,
        Text(
            "The device model says that the item is a number; this value is none.",
            "장치 모델에서는 숫자 항목이지만 값이 숫자가 아닙니다.",
        ),
    ),
    "mtconnect.contradiction": (
        Severity.ERROR,
        Text(
            "The report is not of the kind that the device model declares.",
            "보고된 내용이 장치 모델에 선언된 종류와 다릅니다.",
        ),
    ),
    "mtconnect.line-cut": (
        Severity.ERROR,
        Text(
            "The line is cut off; what is missing cannot be read.",
            "줄이 중간에 끊겨 나머지를 읽을 수 없습니다.",
        ),
    ),
    "mtconnect.not-shdr": (
        Severity.ERROR,
        Text("The line is not SHDR.", "SHDR 형식의 줄이 아닙니다."),
    ),
    "mtconnect.not-text": (
        Severity.ERROR,
        Text(
            "The line holds bytes that are no text in the encoding of this source.",
            "이 소스의 인코딩으로 읽을 수 없는 바이트가 줄에 있습니다.",
        ),
    ),
    "mtconnect.line-too-long": (
        Severity.ERROR,
        Text(
            "The line, or the document that spans the lines, is longer than is read.",
            "줄 또는 여러 줄에 걸친 문서가 허용 길이보다 깁니다.",
        ),
    ),
    "mtconnect.bad-timestamp": (
        Severity.WARNING,
        Text(
            "The line does not begin with a time; the time of receipt stands in for it.",
            "줄이 시각으로 시작하지 않아 수신 시각을 대신 사용합니다.",
        ),
    ),
    "mtconnect.clock-back": (
        Severity.WARNING,
        Text(
            "The clock of the log jumps back; times are marked unsynchronized until it catches up.",
            "로그의 시각이 과거로 되돌아갑니다. 이전 시각을 다시 넘어설 때까지"
            " 동기화되지 않은 시각으로 표시합니다.",
        ),
    ),
    "mtconnect.command": (
        Severity.INFO,
        Text(
            "The adapter sent a command for an agent; it is recorded and not obeyed.",
            "어댑터가 에이전트용 명령을 보냈습니다. 기록만 하고 실행하지 않습니다.",
        ),
    ),
    "mtconnect.asset-unreadable": (
        Severity.ERROR,
        Text("The asset cannot be read.", "자산(asset)을 읽을 수 없습니다."),
    ),
}
_HINTS: Final[dict[str, Text]] = {
    "mtconnect.unknown-item": Text(
        "Use the device model of this very machine, or add the item to it.",
        "해당 장비의 장치 모델을 사용하거나 모델에 항목을 추가하십시오.",
    ),
    "mtconnect.not-text": Text(
        "Name the encoding of the source, for example --encoding cp949.",
        "소스의 인코딩을 지정하십시오. 예: --encoding cp949",
    ),
}


@dataclass(slots=True)
class _Note:
    line: int | None
    found: str | None
    expected: str | None
    detail: Text | None
    count: int = 0
    told: int = 0


class Notes:
    """Gathers what is wrong with one source.

    Args:
        path: the source as the user named it.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._notes: dict[tuple[str, str | None], _Note] = {}
        self._fresh: list[tuple[str, str | None]] = []
        self._beyond = False

    def add(
        self,
        rule: str,
        item: str | None = None,
        *,
        line: int | None = None,
        found: str | None = None,
        expected: str | None = None,
        detail: Text | None = None,
        count: int = 1,
    ) -> None:
        """Note that ``rule`` was broken ``count`` times, first at ``line``."""
        key = (rule, item)
        note = self._notes.get(key)
        if note is None:
            if len(self._notes) >= LIMIT:
                self._beyond = True
                return
            note = self._notes[key] = _Note(line, found, expected, detail)
            self._fresh.append(key)
        elif not note.told and line is not None and (note.line is None or line < note.line):
            # The two paths of one block are read one after the other; the first line counts.
            note.line, note.found, note.detail = line, found, detail
        note.count += count

    def fresh(self) -> list[Finding]:
        """What has been noted for the first time since the last call, in the order of lines."""
        keys, self._fresh = self._fresh, []
        keys.sort(key=lambda key: (self._notes[key].line or 0, key[0], key[1] or ""))
        return [self._finding(key) for key in keys]

    def final(self) -> list[Finding]:
        """What has been noted again since it was told, with the count of it all."""
        findings = self.fresh()
        findings += [
            self._finding(key) for key, note in self._notes.items() if note.count > note.told
        ]
        if self._beyond:
            findings.append(
                Finding(
                    rule="mtconnect.too-many-findings",
                    severity=Severity.WARNING,
                    message=Text(
                        f"More than {LIMIT} different things are wrong; the rest is not listed.",
                        f"서로 다른 문제가 {LIMIT}가지를 넘어 나머지는 표시하지 않습니다.",
                    ),
                    source=Place(path=self._path),
                )
            )
        return findings

    def one(self, rule: str, *, line: int, found: bytes, detail: Text | None = None) -> Finding:
        """A finding of its own, for a piece of input that is kept apart."""
        severity, sentence = _SENTENCES[rule]
        message = sentence if detail is None else _joined(sentence, detail)
        return Finding(
            rule=rule,
            severity=severity,
            message=message,
            found=show(found[:400].decode("utf-8", "replace")),
            hint=_HINTS.get(rule),
            source=Place(path=self._path, line=line),
        )

    def _finding(self, key: tuple[str, str | None]) -> Finding:
        rule, item = key
        note = self._notes[key]
        severity, sentence = _SENTENCES[rule]
        message = sentence if note.detail is None else _joined(sentence, note.detail)
        if note.count > 1:
            message = _joined(
                message, Text(f"So far {note.count} times.", f"지금까지 {note.count}회입니다.")
            )
        note.told = note.count
        return Finding(
            rule=rule,
            severity=severity,
            message=message,
            expected=note.expected,
            found=None if note.found is None else show(note.found),
            hint=_HINTS.get(rule),
            source=Place(path=self._path, line=note.line, item=item),
        )


def _joined(first: Text, second: Text) -> Text:
    return Text(f"{first.en} {second.en}", f"{first.ko} {second.ko}")
