"""What each violated keyword says to a person: rule id, sentence, expected, found, next step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Finding, quote, show
from mfgstd.language import Text, counted
from mfgstd.near import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mfgstd.finding import Fact


@dataclass(frozen=True, slots=True)
class _Violation:
    allowed: Any
    value: Any
    schema: Mapping[str, Any]
    pointer: str

    @property
    def name(self) -> str:
        """The last step of the pointer: the field that the finding is about."""
        last = self.pointer.rpartition("/")[2]
        return last.replace("~1", "/").replace("~0", "~")

    @property
    def example(self) -> Text | None:
        examples = self.schema.get("examples")
        if not examples:
            return None
        shown = json.dumps(examples[0], ensure_ascii=False)
        if len(shown) > 200:
            return None
        return Text(f"For example: {shown}", f"예: {shown}")


_TYPES: Final = {
    "string": Text("a string", "문자열"),
    "number": Text("a number", "숫자"),
    "integer": Text("a whole number", "정수"),
    "boolean": Text("true or false", "true 또는 false"),
    "array": Text("an array", "배열"),
    "object": Text("an object", "객체"),
}


def finding(
    *, rule: str, allowed: Any, value: Any, schema: Mapping[str, Any], pointer: str
) -> Finding:
    """The finding for one violated keyword; ``rule`` is the keyword, or our own word for it."""
    return _MAKERS[rule](_Violation(allowed, value, schema, pointer))


def _required(v: _Violation) -> Finding:
    return Finding(
        rule="schema.required",
        message=Text(
            f"The required field {show(v.allowed)} is missing.",
            f"필수 필드 {show(v.allowed)}이(가) 없습니다.",
        ),
        pointer=v.pointer,
        expected=str(v.allowed),
        found=quote(v.value),
        hint=_perhaps_misspelt(str(v.allowed), v.value),
    )


def _perhaps_misspelt(name: str, value: Any) -> Text | None:
    near = nearest(name, list(value)[:200] if isinstance(value, dict) else [])
    return near and Text(
        f"The field was perhaps given another name. {near.en}",
        f"필드 이름이 다르게 적혔을 수 있습니다. {near.ko}",
    )


def _unknown_field(v: _Violation) -> Finding:
    return Finding(
        rule="schema.unknown-field",
        message=Text(
            f"The schema does not know the field {show(v.name)}.",
            f"스키마에 없는 필드입니다: {show(v.name)}.",
        ),
        pointer=v.pointer,
        found=quote(v.value),
        hint=nearest(v.name, v.allowed)
        or Text(
            "Remove it, or move it into `extensions` under your own reverse domain name.",
            "지우거나, 역순 도메인 이름으로 `extensions` 안에 옮기십시오.",
        ),
    )


def _type(v: _Violation) -> Finding:
    kind = _TYPES[v.allowed]
    return Finding(
        rule="schema.type",
        message=Text(f"This must be {kind.en}.", f"이 자리에는 {kind.ko} 값이 와야 합니다."),
        pointer=v.pointer,
        expected=str(v.allowed),
        found=quote(v.value),
        hint=_absent_not_null(v) or v.example,
    )


def _absent_not_null(v: _Violation) -> Text | None:
    if v.value is not None:
        return None
    return Text(
        "A field without a value is left out, never null.",
        "값이 없는 필드는 null로 두지 말고 생략합니다.",
    )


def _enum(v: _Violation) -> Finding:
    return Finding(
        rule="schema.enum",
        message=Text(
            f"{show(v.value)} is not one of the allowed words.",
            f"{show(v.value)}은(는) 허용된 단어가 아닙니다.",
        ),
        pointer=v.pointer,
        expected=_one_of(v.allowed),
        found=quote(v.value),
        hint=nearest(v.value, v.allowed),
    )


def _open_code(v: _Violation) -> Finding:
    return Finding(
        rule="schema.open-code",
        message=Text(
            f"{show(v.value)} is neither a listed word nor a URI of your own.",
            f"{show(v.value)}은(는) 목록의 단어도, 자체 URI도 아닙니다.",
        ),
        pointer=v.pointer,
        expected=Text(
            f"{_one_of(v.allowed).en}, or an absolute URI outside https://w3id.org/mfgstd/",
            f"{_one_of(v.allowed).ko}, 또는 https://w3id.org/mfgstd/ 밖의 절대 URI",
        ),
        found=quote(v.value),
        hint=nearest(v.value, v.allowed)
        or Text(
            "A code of your own is a URI, such as https://example.com/codes/coolant-low.",
            "자체 코드는 https://example.com/codes/coolant-low 와 같은 URI로 적습니다.",
        ),
    )


def _const(v: _Violation) -> Finding:
    return Finding(
        rule="schema.const",
        message=Text(f"This must be {show(v.allowed)}.", f"{show(v.allowed)}만 쓸 수 있습니다."),
        pointer=v.pointer,
        expected=show(v.allowed),
        found=quote(v.value),
    )


def _pattern(v: _Violation) -> Finding:
    return Finding(
        rule="schema.pattern",
        message=Text(
            "The text does not have the required form.", "텍스트가 정해진 형식에 맞지 않습니다."
        ),
        pointer=v.pointer,
        expected=Text(
            f"text that matches {show(v.allowed, 200)}",
            f"{show(v.allowed, 200)}에 맞는 텍스트",
        ),
        found=quote(v.value),
        hint=v.example,
    )


_FORMATS: Final = {
    "date-time": (
        Text("an RFC 3339 date and time with an offset", "시간대가 있는 RFC 3339 날짜와 시각"),
        Text(
            'The day must exist and the offset must be there: "2026-03-01T09:00:00+09:00".',
            '실제로 있는 날짜와 시간대를 함께 적으십시오. 예: "2026-03-01T09:00:00+09:00"',
        ),
    ),
    "uri": (
        Text("an absolute URI", "절대 URI"),
        Text(
            'For example "urn:uuid:0190a7c8-1f2e-7abc-8def-0123456789ab".',
            '예: "urn:uuid:0190a7c8-1f2e-7abc-8def-0123456789ab"',
        ),
    ),
}


def _format(v: _Violation) -> Finding:
    name = str(v.schema.get("format"))
    kind, advice = _FORMATS.get(name, (Text(f"a {name}", name), None))
    return Finding(
        rule="schema.format",
        message=Text(
            f"{show(v.value)} is not {kind.en}.", f"{show(v.value)}: {kind.ko} 형식이 아닙니다."
        ),
        pointer=v.pointer,
        expected=kind,
        found=quote(v.value),
        hint=advice or v.example,
    )


def _union(v: _Violation) -> Finding:
    there = [name for name in v.allowed if name in v.value]
    if there:
        message = Text(
            "Only one of these keys may be there: " + ", ".join(there) + ".",
            "다음 키는 하나만 쓸 수 있습니다: " + ", ".join(there) + ".",
        )
    else:
        message = Text(
            "None of the keys that say what this is is there.",
            "종류를 나타내는 키가 하나도 없습니다.",
        )
    near = [hint for name in list(v.value)[:10] if (hint := nearest(name, v.allowed))]
    return Finding(
        rule="schema.union",
        message=message,
        pointer=v.pointer,
        expected=Text(
            "exactly one of the keys " + ", ".join(v.allowed),
            "다음 키 가운데 정확히 하나: " + ", ".join(v.allowed),
        ),
        found=quote(v.value),
        hint=near[0] if near and not there else v.example,
    )


def _union_tag(v: _Violation) -> Finding:
    return Finding(
        rule="schema.union",
        message=Text(
            f"{show(v.value)} is none of the kinds that {show(v.name)} can name.",
            f"{show(v.value)}은(는) {show(v.name)}에 쓸 수 있는 종류가 아닙니다.",
        ),
        pointer=v.pointer,
        expected=_one_of(v.allowed),
        found=quote(v.value),
        hint=nearest(v.value, v.allowed) if isinstance(v.value, str) else None,
    )


def _key(v: _Violation) -> Finding:
    return Finding(
        rule="schema.key",
        message=Text(
            f"The key {show(v.value)} does not have the required form.",
            f"키 {show(v.value)}이(가) 정해진 형식에 맞지 않습니다.",
        ),
        pointer=v.pointer,
        expected=Text(
            f"a key that matches {show(v.allowed, 200)}", f"{show(v.allowed, 200)}에 맞는 키"
        ),
        found=quote(v.value),
        hint=v.example,
    )


def _limit(rule: str, en: str, ko: str, sign: Fact) -> Callable[[_Violation], Finding]:
    def make(v: _Violation) -> Finding:
        return Finding(
            rule=rule,
            message=Text(en, ko).format(limit=v.allowed),
            pointer=v.pointer,
            expected=f"{sign} {v.allowed}"
            if isinstance(sign, str)
            else sign.format(limit=v.allowed),
            found=_size(rule, v.value),
        )

    return make


def _size(rule: str, value: Any) -> Fact:
    if rule in {"schema.min-length", "schema.max-length"}:
        shown = show(value, 60)
        return Text(f"{counted(len(value), 'character')}: {shown}", f"{len(value)}자: {shown}")
    if rule in {"schema.min-properties", "schema.max-properties"}:
        return Text(counted(len(value), "member"), f"멤버 {len(value)}개")
    return quote(value)


def _one_of(words: list[str]) -> Text:
    text = ", ".join(words)
    if len(text) <= 400:
        return Text(f"one of: {text}", f"다음 중 하나: {text}")
    shown = text[:400].rpartition(", ")[0]
    return Text(
        f"one of {len(words)} words: {shown}, ...", f"단어 {len(words)}개 중 하나: {shown}, ..."
    )


_MAKERS: Final[Mapping[str, Callable[[_Violation], Finding]]] = {
    "required": _required,
    "unknown-field": _unknown_field,
    "type": _type,
    "enum": _enum,
    "x-mfg-openCode": _open_code,
    "const": _const,
    "pattern": _pattern,
    "format": _format,
    "oneOf": _union,
    "union-tag": _union_tag,
    "propertyNames": _key,
    "minimum": _limit(
        "schema.minimum", "This must be at least {limit}.", "{limit} 이상이어야 합니다.", ">="
    ),
    "maximum": _limit(
        "schema.maximum", "This must be at most {limit}.", "{limit} 이하여야 합니다.", "<="
    ),
    "exclusiveMinimum": _limit(
        "schema.exclusive-minimum",
        "This must be more than {limit}.",
        "{limit}보다 커야 합니다.",
        ">",
    ),
    "exclusiveMaximum": _limit(
        "schema.exclusive-maximum",
        "This must be less than {limit}.",
        "{limit}보다 작아야 합니다.",
        "<",
    ),
    "multipleOf": _limit(
        "schema.multiple-of",
        "This must be a multiple of {limit}.",
        "{limit}의 배수여야 합니다.",
        Text("a multiple of {limit}", "{limit}의 배수"),
    ),
    "minLength": _limit(
        "schema.min-length",
        "The text must have at least {limit} characters.",
        "텍스트는 {limit}자 이상이어야 합니다.",
        ">=",
    ),
    "maxLength": _limit(
        "schema.max-length",
        "The text must have at most {limit} characters.",
        "텍스트는 {limit}자 이하여야 합니다.",
        "<=",
    ),
    "minItems": _limit(
        "schema.min-items",
        "The array must have at least {limit} entries.",
        "배열의 항목은 {limit}개 이상이어야 합니다.",
        ">=",
    ),
    "maxItems": _limit(
        "schema.max-items",
        "The array must have at most {limit} entries.",
        "배열의 항목은 {limit}개 이하여야 합니다.",
        "<=",
    ),
    "uniqueItems": _limit(
        "schema.unique-items",
        "No entry of the array may be there twice.",
        "배열에 같은 항목이 두 번 있을 수 없습니다.",
        Text("entries that differ", "서로 다른 항목"),
    ),
    "minProperties": _limit(
        "schema.min-properties",
        "The object must have at least {limit} members.",
        "객체의 멤버는 {limit}개 이상이어야 합니다.",
        ">=",
    ),
    "maxProperties": _limit(
        "schema.max-properties",
        "The object must have at most {limit} members.",
        "객체의 멤버는 {limit}개 이하여야 합니다.",
        "<=",
    ),
}
