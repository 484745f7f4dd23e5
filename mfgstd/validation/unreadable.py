"""Why bytes are no strict JSON: the rule, and the sentences of its finding."""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple

from mfgstd.finding import Finding, Place, Severity, show
from mfgstd.language import Text
from mfgstd.validation.location import position

#: So many first bytes tell the encoding.
_SAMPLE: Final = 65_536

_AT: Final = re.compile(r" at line (\d+) column (\d+)$")

_NO_NUMBER: Final = re.compile(rb"-?(?:NaN|Infinity)")

_DUPLICATE: Final = re.compile(r'^Detected duplicate key "(.*)"$', re.DOTALL)


def guess_encoding(data: bytes) -> str | None:
    """The encoding that bytes which are not UTF-8 are likely in: UTF-16, UTF-32 or CP949.

    Only for the hint of a finding; nothing is ever read by a guess.
    """
    sample = data[:_SAMPLE]
    if guess := _guess_utf(sample):
        return guess
    if sample.isascii():
        # Nothing to guess by.
        return None
    for encoding in ("cp949", "shift_jis"):
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError as error:
            # The sample may end in the middle of a character.
            if error.start < len(sample) - 1 or len(sample) < _SAMPLE:
                continue
            text = sample[: error.start].decode(encoding)
        hangul = sum("가" <= each <= "힣" for each in text)
        if encoding == "cp949" and hangul:
            return "CP949 (EUC-KR)"
        if encoding == "shift_jis" and any("ぁ" <= each <= "ヿ" for each in text):
            return "Shift-JIS"
    return None


def _guess_utf(sample: bytes) -> str | None:
    if sample.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "UTF-32"
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    if b"\x00" not in sample:
        return None
    # Without a mark: the upper halves of its ASCII letters are zeros, all on one side.
    evens, odds = sample[0::2].count(0), sample[1::2].count(0)
    if (not evens or not odds) and evens + odds > 1 and (evens + odds) * 20 >= len(sample):
        return "UTF-16"
    return None


def bom() -> Finding:
    """The warning about a byte order mark."""
    return Finding(
        rule="json.bom",
        severity=Severity.WARNING,
        message=Text(
            "The text begins with a byte order mark, which JSON does not allow to be written.",
            "텍스트가 바이트 순서 표시(BOM)로 시작합니다. JSON에는 BOM을 쓸 수 없습니다.",
        ),
        hint=Text("Save the file as UTF-8 without BOM.", "파일을 BOM 없는 UTF-8로 저장하십시오."),
        source=Place(line=1, column=1),
    )


class Why(NamedTuple):
    """Why a text has no value: the rule, the byte of the body where, and what the parser says."""

    rule: str
    offset: int
    reason: str


def why(body: bytes, error: str) -> Why:
    """What is wrong with a text without byte order mark that the parser refused with ``error``."""
    if not body.isascii():
        try:
            body.decode("utf-8")
        except UnicodeDecodeError as undecodable:
            return Why("json.utf8", undecodable.start, "")
    at = _AT.search(error)
    reason = error[: at.start()] if at else error
    if reason.startswith("EOF"):
        offset = len(body)
    else:
        offset = _offset(body, int(at[1]), int(at[2])) if at else 0
    if not body.strip(b" \t\r\n"):
        rule = "json.empty"
    elif _DUPLICATE.match(reason):
        rule = "json.duplicate-key"
    elif reason.startswith("recursion limit"):
        rule = "json.depth"
    elif reason.startswith("number out of range"):
        rule = "json.number-range"
    elif _NO_NUMBER.match(body, _token_start(body, offset)):
        rule = "json.nan"
    elif guess := _guess_utf(body[:_SAMPLE]):
        return Why("json.utf8", 0, guess)
    else:
        rule = "json.syntax"
    return Why(rule, offset, reason)


def explained(data: bytes, body: bytes, error: str) -> Finding:
    """The same as a finding; ``data`` is the text with its byte order mark, if it has one."""
    rule, offset, reason = why(body, error)
    if rule == "json.utf8":
        # By what is guessed nothing of it is right.
        begin = 0 if reason else offset + len(data) - len(body)
        return not_utf8(data, begin, guess=reason or None)
    place = Place(**position(data, offset + len(data) - len(body)))
    if rule == "json.empty":
        return Finding(
            rule=rule,
            message=Text("There is no JSON here, only blanks.", "JSON이 없고 공백뿐입니다."),
            expected=Text("a JSON object", "JSON 객체"),
            found=Text("nothing", "없음"),
            source=place,
        )
    if duplicate := _DUPLICATE.match(reason):
        name = show(duplicate[1])
        return Finding(
            rule=rule,
            message=Text(
                f"The member {name} stands twice in one object.",
                f"한 객체 안에 {name} 멤버가 두 번 나옵니다.",
            ),
            found=name,
            hint=Text(
                "Keep one of them: readers disagree about which one counts.",
                "하나만 남기십시오. 어느 값을 쓸지는 프로그램마다 다릅니다.",
            ),
            source=place,
        )
    if rule == "json.depth":
        return Finding(
            rule=rule,
            message=Text(
                "The JSON is nested more than 200 levels deep.",
                "JSON의 중첩이 200단계를 넘습니다.",
            ),
            expected=Text("at most 200 levels", "200단계 이하"),
            source=place,
        )
    if rule == "json.number-range":
        return out_of_range(data)
    if word := _NO_NUMBER.match(body, _token_start(body, offset)):
        found = word[0].decode("ascii")
        return Finding(
            rule=rule,
            message=Text(f"{found} is not a JSON number.", f"{found}은(는) JSON 숫자가 아닙니다."),
            expected=Text("a finite number", "유한한 숫자"),
            found=found,
            hint=Text(
                "A value that is not known is left out, with a quality that says why.",
                "알 수 없는 값은 쓰지 말고, 품질(quality)에 그 이유를 적으십시오.",
            ),
            source=place,
        )
    found_text = (
        show(body[offset : offset + 20].decode("utf-8", "replace")) if body[offset:] else None
    )
    return Finding(
        rule=rule,
        message=Text(
            f"This is not JSON: {reason}.", f"JSON 문법에 맞지 않습니다: {_korean(reason)}."
        ),
        found=found_text or Text("the end of the text", "텍스트의 끝"),
        source=place,
    )


def not_utf8(data: bytes, offset: int, *, guess: str | None = None) -> Finding:
    """The finding for bytes that are not UTF-8 from ``offset`` on."""
    guess = guess or guess_encoding(data)
    if guess:
        hint = Text(
            f"The text looks like {guess}. Convert it to UTF-8 first.",
            f"{guess} 인코딩으로 보입니다. 먼저 UTF-8로 변환하십시오.",
        )
    else:
        hint = Text("Save it as UTF-8.", "UTF-8로 저장하십시오.")
    found = " ".join(f"{each:02x}" for each in data[offset : offset + 4])
    return Finding(
        rule="json.utf8",
        message=Text(
            f"The text is not UTF-8 (first at byte {offset}).",
            f"텍스트가 UTF-8이 아닙니다(처음 나타난 위치: {offset}번째 바이트).",
        ),
        expected="UTF-8",
        found=Text(f"bytes {found}", f"바이트 {found}"),
        hint=hint,
        source=Place(**position(data, offset)),
    )


def out_of_range(data: bytes) -> Finding:
    """The finding for a text with a number beyond the range of a double."""
    return Finding(
        rule="json.number-range",
        message=Text("A number is too large to be held.", "숫자가 너무 커서 담을 수 없습니다."),
        expected=Text(
            "a number below 1.8e308, an integer of at most 4300 digits",
            "1.8e308보다 작은 숫자, 4300자리 이하의 정수",
        ),
        source=Place(**position(data, _huge_number(data))),
    )


_NUMBER_OR_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|-?[0-9][0-9.eE+-]*', re.DOTALL)


def _huge_number(data: bytes) -> int:
    """Where the first number stands that is infinite as a double, or an integer too long."""
    for token in _NUMBER_OR_STRING.finditer(data):
        text = token[0][:5000]
        if text[:1] == b'"':
            continue
        too_long = len(text) > 4300 and text.lstrip(b"-").isdigit()
        real = any(sign in text for sign in (b".", b"e", b"E"))
        try:
            if too_long or (real and math.isinf(float(text))):
                return token.start()
        except ValueError:
            continue
    return 0


def _offset(body: bytes, line: int, column: int) -> int:
    """The byte that the parser means: its columns count bytes from 1, now and then from 0."""
    start = 0
    for _ in range(line - 1):
        start = body.find(b"\n", start) + 1
    return min(len(body), max(0, start + column - 1))


def _token_start(body: bytes, offset: int) -> int:
    """Back to a minus sign that the parser has already read."""
    return offset - 1 if offset and body[offset - 1 : offset] == b"-" else offset


_KOREAN: Final = {
    "expected value": "값이 있어야 할 자리입니다",
    "trailing characters": "JSON이 끝난 뒤에 다른 글자가 있습니다",
    "trailing comma": "마지막 항목 뒤에 쉼표가 있습니다",
    "invalid number": "올바른 숫자가 아닙니다",
    "invalid escape": "잘못된 이스케이프입니다",
    "expected ident": "true, false, null 가운데 하나여야 합니다",
    "EOF": "텍스트가 중간에 끝났습니다",
    "control character": "문자열 안에 제어 문자가 있습니다",
    "expected `:`": "쌍점(:)이 있어야 합니다",
    "expected `,`": "쉼표나 닫는 괄호가 있어야 합니다",
    "lone leading surrogate": "짝이 없는 서로게이트입니다",
    "unexpected end of hex escape": "짝이 없는 서로게이트이거나 16진 이스케이프가 끊겼습니다",
    "key must be a string": "멤버 이름은 문자열이어야 합니다",
}


def _korean(reason: str) -> str:
    for beginning, text in _KOREAN.items():
        if reason.startswith(beginning):
            return text
    return reason
