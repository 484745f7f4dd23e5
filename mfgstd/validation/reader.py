"""Strict JSON: bytes in, one value or the findings that say why there is none.

The standard library accepts NaN, keeps the last of duplicate keys and recurses as deep as the
input says. Here each of these is a finding with its line and column. Decisions:

- a UTF-8 byte order mark is read over with a warning (RFC 8259 section 8.1 forbids writing one
  and allows reading it);
- other encodings are never guessed into data; the guess only serves the hint;
- nesting ends at 200 levels and an integer at 4300 digits: the parser bounds both;
- a number beyond the range of a double is an error, it would silently become infinity;
- a member that stands twice in one object is an error, whatever its values.
"""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jiter
import orjson

from mfgstd.finding import Finding, Place, Severity, show
from mfgstd.language import Text
from mfgstd.validation.location import position

if TYPE_CHECKING:
    from collections.abc import Callable

_WARNING: Final = Severity.WARNING.value
_ERROR: Final = Severity.ERROR.value

#: So many first bytes tell the encoding.
_SAMPLE: Final = 65_536

_BOM: Final = b"\xef\xbb\xbf"

#: Digits as 0, exponents as e: what is left of a number is its size.
_COARSE: Final = bytes.maketrans(b"123456789E", b"000000000e")
_LONG: Final = b"0" * 200
#: How far back the beginning of a number is looked for.
_BACK: Final = 40

_AT: Final = re.compile(r" at line (\d+) column (\d+)$")

_NO_NUMBER: Final = re.compile(rb"-?(?:NaN|Infinity)")

_DUPLICATE: Final = re.compile(r'^Detected duplicate key "(.*)"$', re.DOTALL)


class Read(NamedTuple):
    """What became of one text: ``ok`` says whether ``value`` is one."""

    value: Any
    ok: bool
    findings: tuple[Finding, ...] = ()


def read(data: bytes) -> Read:
    """Parse one JSON text of UTF-8 bytes; never raises, whatever the bytes are.

    The places of the findings have line and column within ``data``, both from 1.
    """
    warnings: tuple[Finding, ...] = ()
    body = data
    if data.startswith(_BOM):
        body = data[len(_BOM) :]
        warnings = (_bom(),)
    try:
        value = parsed(body)
    except ValueError as error:
        return Read(None, ok=False, findings=(*warnings, _explain(data, body, str(error))))
    if perhaps_huge(body) and not all_finite(value):
        return Read(None, ok=False, findings=(*warnings, _out_of_range(data)))
    return Read(value, ok=True, findings=warnings)


class Glance(NamedTuple):
    """What became of one text: as :class:`Read`, of findings the rule and how severe it is."""

    value: Any
    ok: bool
    found: tuple[tuple[str, str], ...] = ()


def glance(data: bytes) -> Glance:
    """Parse like :func:`read`, without sentences: where nothing is JSON, they take most time."""
    body = data.removeprefix(_BOM)
    warnings = (("json.bom", _WARNING),) if len(body) < len(data) else ()
    try:
        value = parsed(body)
    except ValueError as error:
        rule = _wrong(body, str(error)).rule
    else:
        if not perhaps_huge(body) or all_finite(value):
            return Glance(value, ok=True, found=warnings)
        rule = "json.number-range"
    return Glance(None, ok=False, found=(*warnings, (rule, _ERROR)))


#: The value of a JSON text, or a ``ValueError``. Unlike :func:`read` it takes no byte order mark,
#: and a number beyond the range of a double becomes infinite.
parsed: Final[Callable[[bytes], Any]] = partial(
    jiter.from_json, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys"
)


def certain(text: bytes) -> Any:
    """The value of a JSON text of which it is quickly seen that a strict reader takes it, too.

    orjson reads three times as fast as any reader that looks for duplicate keys. It refuses the
    rest of what is refused here (bad UTF-8, NaN, infinite numbers), but for nesting between 200
    and 254 levels. So the value is written again. If that gives the same text, nothing is hidden
    in it. Else the quotes are counted: a member that was dropped would have at least two, and a
    quote inside a string is written as a quote unless the text spells it in hexadecimal. Whole
    numbers of more than 64 bits become doubles, which differ from them in no verdict: they are
    beyond the bounds that every integer has, except for those that round to the lower one.

    Raises:
        ValueError: it is not seen quickly; whether anything is wrong, :func:`read` says.
        TypeError: the same.
    """
    value = orjson.loads(text)
    if _hides_nothing(orjson.dumps(value), text):
        return value
    raise ValueError


def all_certain(texts: list[bytes]) -> list[Any]:
    """The values of some texts, as :func:`certain` finds them: all, or none.

    Doing one thing with all of them and then the next is quicker than everything with each.

    Raises:
        ValueError: one of them is not seen quickly.
        TypeError: the same.
    """
    values = list(map(orjson.loads, texts))
    again = list(map(orjson.dumps, values))
    if again == texts or all(map(_hides_nothing, again, texts)):
        return values
    raise ValueError


def _hides_nothing(again: bytes, text: bytes) -> bool:
    """Whether a text surely says no more than the value of it that was written again."""
    return again == text or (
        again.count(b'"') == text.count(b'"')
        and (b"\\" not in text or b"u0022" not in text)
        and _LOWEST not in text
    )


def exact(value: Any, text: bytes) -> bool:
    """Whether a value of :func:`certain` is the very one of the text, long numbers included."""
    return orjson.dumps(value) == text


#: What the whole numbers just below -2**63 begin with; as doubles they are -2**63.
_LOWEST: Final = b"-922337203685477"


def perhaps_huge(body: bytes) -> bool:
    """Whether a number in a JSON text may be beyond the range of a double.

    Only one with an exponent of two digits or with two hundred digits can. Looking for these is
    much cheaper than walking through the values; ids written in hexadecimal often have such an
    exponent too, so what stands before it is looked at.
    """
    coarse = body.translate(_COARSE, b"+")
    if _LONG in coarse:
        return True
    at = coarse.find(b"0e00")
    while at >= 0:
        before = coarse[max(0, at - _BACK) : at].rstrip(b"0.")
        if not before or before[-1:] in b":,[- \t\r\n":
            return True
        at = coarse.find(b"0e00", at + 1)
    return False


def all_finite(value: Any) -> bool:
    """Whether no number in a JSON value is infinite or NaN; walks without recursion."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, float):
            if not math.isfinite(each):
                return False
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return True


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


def _bom() -> Finding:
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


class _Wrong(NamedTuple):
    """Why a text has no value: the rule, the byte of the body where, and what the parser says."""

    rule: str
    offset: int
    reason: str


def _wrong(body: bytes, error: str) -> _Wrong:
    if not body.isascii():
        try:
            body.decode("utf-8")
        except UnicodeDecodeError as undecodable:
            return _Wrong("json.utf8", undecodable.start, "")
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
        return _Wrong("json.utf8", 0, guess)
    else:
        rule = "json.syntax"
    return _Wrong(rule, offset, reason)


def _explain(data: bytes, body: bytes, error: str) -> Finding:
    rule, offset, reason = _wrong(body, error)
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
        return _out_of_range(data)
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


def _out_of_range(data: bytes) -> Finding:
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
