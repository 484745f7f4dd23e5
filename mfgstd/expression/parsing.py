"""The parser: text in, syntax out, or the column of what is wrong.

Recursive descent over the grammar of CEL, bounded in length and depth.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from mfgstd.expression.syntax import (
    Binary,
    Invoke,
    Items,
    Literal,
    Name,
    Select,
    Subscript,
    Ternary,
    Unary,
    refused,
)
from mfgstd.finding import show
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd.errors import ExpressionError
    from mfgstd.expression.syntax import Syntax

#: Longer or deeper ones are nobody's rule, and would only try the patience of the parser.
LONGEST: Final = 4000
DEEPEST: Final = 60

_TOKEN: Final = re.compile(
    r"""(?P<blank>[ \t\r\n]+|//[^\n]*)
    |(?P<double>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
    |(?P<int>[0-9]+)(?![0-9A-Za-z_])
    |(?P<raw>[rR](?:"[^"\n]*"|'[^'\n]*'))
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||[=!<>]=|[-+*/%!<>?:.,()\[\]])""",
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(?:([abfnrtv\\?\"'`])|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED: Final = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))

#: What CEL keeps for itself; a rule that used one would not be CEL.
_RESERVED: Final = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
_RELATIONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Syntax:
    """The syntax of one expression.

    Raises:
        ExpressionError: it is none, with the column.
    """
    if len(text) > LONGEST:
        raise refused(
            Text(
                f"The expression is longer than {LONGEST} characters.",
                f"식이 {LONGEST}자를 넘습니다.",
            ),
            LONGEST,
        )
    syntax = _Parser(list(_tokens(text)), len(text)).whole()
    if _depth(syntax) > DEEPEST:
        raise refused(_TOO_DEEP, 0)
    return syntax


_TOO_DEEP: Final = Text(
    f"The expression is nested more than {DEEPEST} levels deep.",
    f"식의 중첩이 {DEEPEST}단계를 넘습니다.",
)


def _depth(syntax: Syntax) -> int:
    """How many levels there are; without recursion, since a long chain of ``&&`` is deep too."""
    level: list[Syntax] = [syntax]
    depth = 0
    while level:
        depth += 1
        level = [below for each in level for below in _below(each)]
    return depth


def _below(syntax: Syntax) -> tuple[Syntax, ...]:
    match syntax:
        case Literal() | Name():
            return ()
        case Select(of) | Unary(operand=of):
            return (of,)
        case Subscript(of, key):
            return (of, key)
        case Invoke(of, _, arguments):
            return arguments if of is None else (of, *arguments)
        case Items(items):
            return items
        case Binary(_, left, right):
            return (left, right)
        case Ternary(test, then, other):
            return (test, then, other)
        case _:
            assert_never(syntax)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise refused(
                Text(
                    f"{show(text[at : at + 12])} does not belong here.",
                    f"{show(text[at : at + 12])}은(는) 여기에 쓸 수 없습니다.",
                ),
                at,
            )
        if match.lastgroup != "blank":
            yield _Token(match.lastgroup or "", match[0], at)
        at = match.end()


class _Parser:
    """Recursive descent, one method for each level of precedence."""

    def __init__(self, tokens: list[_Token], length: int) -> None:
        self._tokens = tokens
        self._length = length
        self._next = 0
        self._depth = 0

    def whole(self) -> Syntax:
        syntax = self._expression()
        if self._peek is not None:
            raise self._unexpected("an operator, or the end", "연산자나 식의 끝")
        return syntax

    @property
    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _is(self, *texts: str) -> _Token | None:
        """The next token if it is one of these signs (or ``in``), taken."""
        token = self._peek
        if token is not None and token.kind in ("sign", "name") and token.text in texts:
            self._next += 1
            return token
        return None

    def _unexpected(self, wanted: str, korean: str) -> ExpressionError:
        token = self._peek
        found = show(token.text) if token else "the end"
        found_korean = show(token.text) if token else "식의 끝"
        return refused(
            Text(
                f"Expected {wanted}, found {found}.",
                f"{korean}이(가) 와야 하는데 {found_korean}이(가) 있습니다.",
            ),
            token.at if token else self._length,
        )

    def _close(self, sign: str) -> None:
        if not self._is(sign):
            raise self._unexpected(f'"{sign}"', f'"{sign}"')

    def _expression(self) -> Syntax:
        self._depth += 1
        if self._depth > DEEPEST:
            raise refused(_TOO_DEEP, self._peek.at if self._peek else self._length)
        test = self._or()
        if sign := self._is("?"):
            then = self._or()
            self._close(":")
            test = Ternary(test, then, self._expression(), sign.at)
        self._depth -= 1
        return test

    def _or(self) -> Syntax:
        left = self._and()
        while sign := self._is("||"):
            left = Binary("||", left, self._and(), sign.at)
        return left

    def _and(self) -> Syntax:
        left = self._relation()
        while sign := self._is("&&"):
            left = Binary("&&", left, self._relation(), sign.at)
        return left

    def _relation(self) -> Syntax:
        left = self._sum()
        while sign := self._is(*_RELATIONS):
            left = Binary(sign.text, left, self._sum(), sign.at)
        return left

    def _sum(self) -> Syntax:
        left = self._product()
        while sign := self._is("+", "-"):
            left = Binary(sign.text, left, self._product(), sign.at)
        return left

    def _product(self) -> Syntax:
        left = self._unary()
        while sign := self._is("*", "/", "%"):
            left = Binary(sign.text, left, self._unary(), sign.at)
        return left

    def _unary(self) -> Syntax:
        signs = []
        while sign := self._is("!", "-"):
            signs.append(sign)
        if len(signs) > DEEPEST:
            raise refused(Text("Too many signs.", "부호가 너무 많습니다."), signs[0].at)
        syntax = self._member()
        for sign in reversed(signs):
            syntax = Unary(sign.text, syntax, sign.at)
        return syntax

    def _member(self) -> Syntax:
        syntax = self._primary()
        while True:
            if self._is("."):
                token = self._peek
                if token is None or token.kind != "name":
                    raise self._unexpected("the name of a field", "필드 이름")
                self._next += 1
                if self._is("("):
                    syntax = Invoke(syntax, token.text, self._list(")"), token.at)
                else:
                    syntax = Select(syntax, token.text, token.at)
            elif sign := self._is("["):
                key = self._expression()
                self._close("]")
                syntax = Subscript(syntax, key, sign.at)
            else:
                return syntax

    def _primary(self) -> Syntax:
        token = self._peek
        if token is None:
            raise self._unexpected("a value", "값")
        self._next += 1
        match token.kind:
            case "double":
                return Literal(_in_range(float(token.text), token), token.at)
            case "int":
                return Literal(_in_range(int(token.text), token), token.at)
            case "text":
                return Literal(_unescaped(token), token.at)
            case "raw":
                return Literal(token.text[2:-1], token.at)
            case "name":
                return self._named(token)
        if token.text == "(":
            syntax = self._expression()
            self._close(")")
            return syntax
        if token.text == "[":
            return Items(self._list("]"), token.at)
        self._next -= 1
        raise self._unexpected("a value", "값")

    def _named(self, token: _Token) -> Syntax:
        match token.text:
            case "true" | "false":
                return Literal(token.text == "true", token.at)
            case "null":
                raise refused(
                    Text(
                        "There is no null: what has no value is left out.",
                        "null은 쓸 수 없습니다. 값이 없는 것은 생략합니다.",
                    ),
                    token.at,
                    Text("Ask with has(this.field).", "has(this.field)로 확인하십시오."),
                )
            case name if name in _RESERVED or name == "in":
                raise refused(
                    Text(
                        f"{show(name)} is a reserved word of CEL.",
                        f"{show(name)}은(는) CEL의 예약어입니다.",
                    ),
                    token.at,
                )
        if self._is("("):
            return Invoke(None, token.text, self._list(")"), token.at)
        return Name(token.text, token.at)

    def _list(self, closing: str) -> tuple[Syntax, ...]:
        items: list[Syntax] = []
        if self._is(closing):
            return ()
        while True:
            items.append(self._expression())
            if self._is(closing):
                return tuple(items)
            if not self._is(","):
                raise self._unexpected(f'"," or "{closing}"', f'","나 "{closing}"')


def _in_range(number: float, token: _Token) -> float:
    """A literal as it is, if a double or 64 bits can hold it."""
    if abs(number) > (sys.float_info.max if isinstance(number, float) else (1 << 64) - 1):
        raise refused(Text("The number is too large.", "숫자가 너무 큽니다."), token.at)
    return number


def _unescaped(token: _Token) -> str:
    def replaced(match: re.Match[str]) -> str:
        sign, code, other = match.groups()
        if other is not None:
            raise refused(
                Text(
                    f"There is no escape \\{other}; for a pattern write a raw text: r'...'.",
                    f"\\{other}은(는) 쓸 수 없는 이스케이프입니다. 패턴에는 r'...'을 쓰십시오.",
                ),
                token.at + match.start() + 1,
            )
        if code is None:
            return _ESCAPED.get(sign, sign)
        if 0xD800 <= int(code, 16) < 0xE000:
            raise refused(
                Text("Half of a surrogate pair is no character.", "서로게이트는 문자가 아닙니다."),
                token.at + match.start() + 1,
            )
        return chr(int(code, 16))

    return _ESCAPE.sub(replaced, token.text[1:-1])
