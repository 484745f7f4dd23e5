"""What is wrong, and where: the values that every reader, engine, rule and adapter speaks in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeAlias

from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.language import Language


#: What was expected or found. Data speaks for itself; what we say of it, we say in both languages.
Fact: TypeAlias = str | Text


class Severity(StrEnum):
    """How bad a finding is; only an ``error`` makes data non-conforming."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the *user's* own source: a file and line, a socket, a tag.

    ``path`` is the file or URL as the user named it; ``line`` and ``column`` count from 1, in
    characters; ``row`` counts from 0 in columnar files, ``row_group`` too, in those that have such;
    ``item`` is the user's own name for the thing: a tag, topic, node id, data item id or column.
    """

    path: str | None = None
    line: int | None = None
    column: int | None = None
    row: int | None = None
    row_group: int | None = None
    item: str | None = None

    def __str__(self) -> str:
        """``log.shdr:12:5 (Xabs)``, leaving out what is not known."""
        where = self.path or ""
        if self.line is not None:
            where += f":{self.line}" if where else str(Text(f"line {self.line}", f"줄 {self.line}"))
            if self.column is not None:
                where += f":{self.column}"
        if self.row is not None:
            where += str(Text(f" row {self.row}", f" 행 {self.row}"))
            if self.row_group is not None:
                group = self.row_group
                where += str(Text(f" (row group {group})", f" (행 그룹 {group})"))
        if self.item is not None:
            where += f" ({self.item})" if where else self.item
        return where.strip()

    def to_json(self) -> dict[str, Any]:
        """The known parts only: absent, never null."""
        return {
            key: value for name, key in _PLACE.items() if (value := getattr(self, name)) is not None
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The place that :meth:`to_json` wrote; what it does not know, it leaves aside."""
        return cls(**{name: record[key] for name, key in _PLACE.items() if key in record})


#: Part of a place -> its key in JSON.
_PLACE: Final = {
    "path": "path",
    "line": "line",
    "column": "column",
    "row": "row",
    "row_group": "rowGroup",
    "item": "item",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with one piece of data.

    ``rule`` is a stable id out of one space for all engines (``json.duplicate-key``,
    ``schema.required``, ``mtconnect.unknown-item``); ``pointer`` is an RFC 6901 JSON Pointer into
    the document; ``expected`` and ``found`` are short, cut to a readable length: the user's own
    words as they are, ours in both languages.
    """

    rule: str
    message: Text
    severity: Severity = Severity.ERROR
    pointer: str = ""
    expected: Fact | None = None
    found: Fact | None = None
    hint: Text | None = None
    source: Place = field(default_factory=Place)

    def to_json(self, language: Language | Literal["both"] | None = None) -> dict[str, Any]:
        """The finding as ``--json`` prints it: absent, never null.

        Sentences are in one language, or with ``both`` pairs below ``en`` and ``ko``, from which
        :meth:`from_json` makes an equal finding.
        """
        record: dict[str, Any] = {
            "rule": self.rule,
            "severity": self.severity.value,
            "message": _written(self.message, language),
            "pointer": self.pointer,
        }
        if self.expected is not None:
            record["expected"] = _written(self.expected, language)
        if self.found is not None:
            record["found"] = _written(self.found, language)
        if self.hint is not None:
            record["hint"] = _written(self.hint, language)
        if source := self.source.to_json():
            record["source"] = source
        return record

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The finding that :meth:`to_json` wrote.

        A sentence that was written in one language stands for both.

        Raises:
            ValueError: that is no finding.
        """
        try:
            hint, expected, found = map(record.get, ("hint", "expected", "found"))
            return cls(
                rule=record["rule"],
                message=_read(record["message"]),
                severity=Severity(record["severity"]),
                pointer=record["pointer"],
                expected=Text(**expected) if isinstance(expected, dict) else expected,
                found=Text(**found) if isinstance(found, dict) else found,
                hint=None if hint is None else _read(hint),
                source=Place.from_json(record.get("source", {})),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this is no finding: {show(record)}") from error


def english(fact: Fact) -> str:
    """What a record says that is the same in every language."""
    return fact if isinstance(fact, str) else fact.en


def _written(text: Fact, language: Language | Literal["both"] | None) -> str | dict[str, str]:
    if isinstance(text, str):
        return text
    return text._asdict() if language == "both" else text.say(language)


def _read(written: str | Mapping[str, str]) -> Text:
    return Text(written, written) if isinstance(written, str) else Text(**written)


FOUND_LIMIT = 120


def quote(value: object) -> Fact:
    """A value as what was found: data is shown, objects and arrays are described.

    >>> quote([1, 2]).ko
    '항목 2개인 배열'
    """
    if isinstance(value, dict):
        names = ", ".join(list(map(str, value))[:5])
        if not names:
            return Text("an object with no members", "멤버가 없는 객체")
        return Text(_cut(f"an object with {names}"), _cut(f"멤버가 {names}인 객체"))
    if isinstance(value, list):
        if not value:
            return Text("an empty array", "빈 배열")
        return Text(f"an array of {len(value)}", f"항목 {len(value)}개인 배열")
    if isinstance(value, int) and value.bit_length() > 1000:
        bits = value.bit_length()
        return Text(f"an integer of {bits} bits", f"{bits}비트 정수")
    return show(value)


def show(value: object, limit: int = FOUND_LIMIT) -> str:
    """A value within a sentence of any language: JSON-like, on one line, cut to ``limit``.

    >>> show("a" * 200, limit=10)
    '"aaaaaa...'
    >>> show({"id": 1, "kind": 2})
    '{id, kind}'
    """
    if isinstance(value, str):
        # Cut before quoting: a hostile value may be gigabytes long.
        text = '"' + value[:limit].replace("\n", "\\n") + '"'
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif value is None:
        text = "null"
    elif isinstance(value, dict):
        names = list(map(str, value))
        text = f"{{{', '.join(names[:5])}{', ...' if len(names) > 5 else ''}}}"
    elif isinstance(value, list):
        text = f"[{'...' if value else ''}] ({len(value)})"
    elif isinstance(value, int) and value.bit_length() > 1000:
        text = f"2^{value.bit_length() - 1}..."
    else:
        text = str(value)
    return _cut(text, limit)


def _cut(text: str, limit: int = FOUND_LIMIT) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."
