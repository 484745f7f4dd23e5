"""What a change between two editions of the standard is, and what it asks of the version.

The outcome is never the author's choice. :data:`KINDS` is the whole table: each kind of change
has one category and one least step of the version.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


class Category(StrEnum):
    """What a change touches."""

    WIRE = "WIRE"
    """Which documents are accepted, or what they carry."""
    SEMANTIC = "SEMANTIC"
    """What the same documents mean."""
    SOURCE = "SOURCE"
    """Names in generated code; documents stay as they are."""
    DOC = "DOC"
    """What people read."""


class Bump(IntEnum):
    """Which number of a version a change must raise, at least."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Kind(NamedTuple):
    """One row of the table."""

    category: Category
    bump: Bump
    says: Text


def _wire(bump: Bump, en: str, ko: str) -> Kind:
    return Kind(Category.WIRE, bump, Text(en, ko))


def _semantic(en: str, ko: str) -> Kind:
    return Kind(Category.SEMANTIC, Bump.MAJOR, Text(en, ko))


def _doc(bump: Bump, en: str, ko: str) -> Kind:
    return Kind(Category.DOC, bump, Text(en, ko))


def _source(en: str, ko: str) -> Kind:
    return Kind(Category.SOURCE, Bump.MINOR, Text(en, ko))


_MINOR, _MAJOR, _PATCH = Bump.MINOR, Bump.MAJOR, Bump.PATCH

#: Every kind of change there is.
KINDS: Final[Mapping[str, Kind]] = {
    "schema.added": _wire(_MINOR, "a schema was added", "스키마가 추가되었습니다"),
    "schema.removed": _wire(_MAJOR, "a schema was removed", "스키마가 삭제되었습니다"),
    "schema.superseded": _wire(
        _MAJOR, "the next major took its place", "다음 주 버전으로 대체되었습니다"
    ),
    "schema.reached": _wire(
        _MAJOR,
        "a schema that it refers to changed incompatibly",
        "참조하는 스키마가 호환되지 않게 바뀌었습니다",
    ),
    "schema.abstract": _wire(
        _MAJOR, "is no document any more, only a base", "이제 문서가 아니라 바탕 스키마입니다"
    ),
    "schema.concrete": _wire(
        _MINOR, "is a document now, not only a base", "이제 바탕 스키마가 아니라 문서입니다"
    ),
    "base.changed": _semantic("extends another base", "확장하는 바탕 스키마가 바뀌었습니다"),
    "name.changed": _source("has another class name", "클래스 이름이 바뀌었습니다"),
    "term.changed": _semantic("has another permanent term", "영구 용어가 바뀌었습니다"),
    "stability.promised": _doc(_MINOR, "is stable now", "안정 상태가 되었습니다"),
    "stability.withdrawn": _semantic("is no longer stable", "안정 상태가 철회되었습니다"),
    "since.changed": _doc(_PATCH, "says another x-mfg-since", "x-mfg-since가 바뀌었습니다"),
    "deprecated.declared": _doc(_MINOR, "is deprecated now", "사용 중단 예정이 되었습니다"),
    "deprecated.changed": _doc(
        _PATCH, "says something else about its deprecation", "사용 중단 안내가 바뀌었습니다"
    ),
    "deprecated.withdrawn": _doc(
        _PATCH, "is no longer deprecated", "사용 중단 예정이 철회되었습니다"
    ),
    "label.changed": _doc(_PATCH, "has another label", "이름표가 바뀌었습니다"),
    "description.changed": _doc(_PATCH, "has another description", "설명이 바뀌었습니다"),
    "examples.changed": _doc(_PATCH, "has other examples", "예시가 바뀌었습니다"),
    "unit.changed": _semantic("has another unit", "단위가 바뀌었습니다"),
    "unit-from.changed": _semantic(
        "takes its unit from elsewhere", "단위를 가져오는 필드가 바뀌었습니다"
    ),
    "quantity.changed": _semantic("is another quantity", "물리량이 바뀌었습니다"),
    "mapping.added": _doc(_PATCH, "has one more mapping", "매핑이 추가되었습니다"),
    "mapping.removed": _semantic("lost a mapping", "매핑이 삭제되었습니다"),
    "mapping.relation": _semantic(
        "stands in another relation to another standard", "다른 표준과의 관계가 바뀌었습니다"
    ),
    "mapping.version": _doc(
        _PATCH, "is mapped to another version", "매핑한 표준의 버전이 바뀌었습니다"
    ),
    "mapping.loss": _doc(
        _PATCH, "says something else about what is lost", "매핑 손실 설명이 바뀌었습니다"
    ),
    "enum.word-added": _wire(
        _MAJOR, "a closed enumeration has one more word", "닫힌 열거에 단어가 추가되었습니다"
    ),
    "enum.word-removed": _wire(
        _MAJOR, "a closed enumeration lost a word", "닫힌 열거에서 단어가 삭제되었습니다"
    ),
    "code.word-added": _wire(
        _MINOR, "an open code has one more word", "열린 코드에 단어가 추가되었습니다"
    ),
    "code.word-removed": _wire(
        _MAJOR, "an open code lost a word", "열린 코드에서 단어가 삭제되었습니다"
    ),
    "code.pattern": _doc(
        _PATCH, "the pattern of an open code was rewritten", "열린 코드의 패턴 표기가 바뀌었습니다"
    ),
    "field.added": _wire(_MINOR, "an optional field was added", "선택 필드가 추가되었습니다"),
    "field.added-required": _wire(
        _MAJOR, "a compulsory field was added", "필수 필드가 추가되었습니다"
    ),
    "field.removed": _wire(_MAJOR, "a field was removed", "필드가 삭제되었습니다"),
    "field.renamed": _wire(
        _MAJOR,
        "a deprecated field gave way to its replacement",
        "사용 중단된 필드가 대체 필드로 바뀌었습니다",
    ),
    "field.required": _wire(_MAJOR, "a field became compulsory", "필드가 필수가 되었습니다"),
    "field.optional": _wire(_MAJOR, "a field became optional", "필드가 선택이 되었습니다"),
    "object.opened": _wire(_MINOR, "takes other fields now", "다른 필드를 허용하게 되었습니다"),
    "object.closed": _wire(
        _MAJOR, "refuses other fields now", "다른 필드를 허용하지 않게 되었습니다"
    ),
    "type.changed": _wire(_MAJOR, "is of another kind", "종류가 바뀌었습니다"),
    "ref.retargeted": _wire(_MAJOR, "refers to another schema", "참조하는 스키마가 바뀌었습니다"),
    "constant.changed": _wire(_MAJOR, "is another constant", "상수가 바뀌었습니다"),
    "text.pattern": _wire(_MAJOR, "has another pattern", "패턴이 바뀌었습니다"),
    "text.length": _wire(_MAJOR, "has other lengths", "길이 제한이 바뀌었습니다"),
    "text.format": _source("has another format note", "format 표기가 바뀌었습니다"),
    "number.bounds": _wire(_MAJOR, "has other bounds", "값의 범위가 바뀌었습니다"),
    "number.multiple": _wire(_MAJOR, "has another step", "값의 배수 조건이 바뀌었습니다"),
    "list.length": _wire(_MAJOR, "has other numbers of elements", "요소 개수 제한이 바뀌었습니다"),
    "list.unique": _wire(
        _MAJOR,
        "has another rule about equal elements",
        "같은 요소를 허용하는지가 바뀌었습니다",
    ),
    "map.keys": _wire(_MAJOR, "has another pattern for keys", "키의 패턴이 바뀌었습니다"),
    "map.size": _wire(_MAJOR, "has other numbers of entries", "항목 개수 제한이 바뀌었습니다"),
    "union.branch-added": _wire(
        _MAJOR, "a union has one more branch", "합집합에 갈래가 추가되었습니다"
    ),
    "union.branch-removed": _wire(
        _MAJOR, "a union lost a branch", "합집합에서 갈래가 삭제되었습니다"
    ),
    "union.tag": _wire(
        _MAJOR,
        "the branches are told apart otherwise",
        "갈래를 구별하는 방법이 바뀌었습니다",
    ),
    "any.typed-by": _wire(
        _MAJOR,
        "another field names the schema of an object",
        "객체의 스키마를 가리키는 필드가 바뀌었습니다",
    ),
    "rule.added": _semantic("a rule was added", "규칙이 추가되었습니다"),
    "rule.added-mildly": _wire(
        _MINOR,
        "a warning, or a rule about a new schema, was added",
        "경고 또는 새 스키마의 규칙이 추가되었습니다",
    ),
    "rule.removed": _semantic("a rule was removed", "규칙이 삭제되었습니다"),
    "rule.changed": _semantic("a rule was changed", "규칙이 바뀌었습니다"),
    "rule.reworded": _doc(
        _PATCH, "a rule says the same in other words", "규칙의 설명이 바뀌었습니다"
    ),
    "data.added": _wire(_MINOR, "a table has more entries", "표에 항목이 추가되었습니다"),
    "data.changed": _semantic("a table was changed", "표의 내용이 바뀌었습니다"),
    "data.reworded": _doc(
        _PATCH, "a table says the same in other words", "표의 설명이 바뀌었습니다"
    ),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    ``schema`` is the ``$id`` (of a rule or table: its path in the bundle), ``pointer`` the place
    in a document: ``/limits/*/value``, ``*`` for every element. ``old_reads_new`` says whether a
    tolerant reader of the old edition accepts what producers of the new one write, as far as this
    change goes; ``new_reads_old`` the other way round. Both are only true where it is certain.
    ``via`` is the base or referred schema in which the change was made.
    """

    schema: str
    pointer: str
    kind: str
    before: str | None = None
    after: str | None = None
    old_reads_new: bool = True
    new_reads_old: bool = True
    via: str | None = None

    @property
    def category(self) -> Category:
        """What it touches."""
        return KINDS[self.kind].category

    @property
    def bump(self) -> Bump:
        """What it asks of the version."""
        return KINDS[self.kind].bump

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it: absent, never null."""
        record: dict[str, Any] = {
            "schema": self.schema,
            "pointer": self.pointer,
            "kind": self.kind,
            "category": self.category.value,
            "bump": str(self.bump),
            "message": KINDS[self.kind].says.say(),
            "before": self.before,
            "after": self.after,
            "oldReadsNew": self.old_reads_new,
            "newReadsOld": self.new_reads_old,
            "via": self.via,
        }
        return {name: value for name, value in record.items() if value is not None}
