"""Texts of a pattern, made from its syntax tree: fast enough for hundreds of documents a second.

``hypothesis.strategies.from_regex`` does the same for all of Python's syntax, one draw for each
part. The patterns of the standard are anchored as a whole and use the few parts that ECMA-262,
Python, RE2 and Java share, so a tape and a tree are enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Final, TypeAlias

from mfgstd.errors import SchemaError
from mfgstd.language import Text as Words
from mfgstd.testing._tape import Tape
from mfgstd.testing._texts import ODD

Maker: TypeAlias = Callable[[Tape, int], str]

# The parser of the standard library has no types and, since 3.11, no public name.
_parser: Final[Any] = import_module("re._parser")

#: Repetitions beyond the fewest, in most draws; every sixteenth may go to the bound itself.
_FEW: Final = 4
_MANY: Final = 24
_ATTEMPTS: Final = 12


def texts(pattern: str, min_length: int | None, max_length: int | None) -> Callable[[Tape], str]:
    """What makes texts of a pattern, within lengths in code points.

    Values that are known to be awkward (a leap second, nanoseconds, the bounds of 64 bits) come
    often where the pattern allows them.

    Raises:
        SchemaError: the pattern uses syntax outside the profile, or no text that was tried fits.
    """
    low, high = min_length or 0, max_length
    make, whole = _compiled(pattern)

    def fits(text: str) -> bool:
        return low <= len(text) and (high is None or len(text) <= high) and bool(fullmatch(text))

    fullmatch = whole.fullmatch
    awkward = tuple(each for each in ODD if fits(each))
    simplest = next(
        (text for floor in range(low + 2) if fits(text := make(Tape(), floor))),
        next(iter(awkward), None),
    )
    if simplest is None:
        raise SchemaError(
            Words(
                f"No text of the pattern {pattern!r} was found with a length of {low} to {high}.",
                f"길이가 {low}~{high}인 {pattern!r} 패턴의 문자열을 찾지 못했습니다.",
            )
        )

    def draw(tape: Tape) -> str:
        own = tape.fork()
        if own is None:
            return simplest
        if awkward and own.once_in(4):
            return own.choose(awkward)
        for attempt in range(_ATTEMPTS):
            # A pattern that alone is too short for the least length gets longer with each try.
            text = make(own, min(attempt, low))
            if fits(text):
                return text
        return simplest

    return draw


@cache
def _compiled(pattern: str) -> tuple[Maker, re.Pattern[str]]:
    return _sequence(_parser.parse(pattern)), re.compile(pattern)


def _sequence(parsed: Any) -> Maker:
    makers = [_part(str(operation), argument) for operation, argument in parsed]
    if len(makers) == 1:
        return makers[0]
    return lambda tape, floor: "".join([make(tape, floor) for make in makers])


def _part(operation: str, argument: Any) -> Maker:
    match operation:
        case "LITERAL":
            literal = chr(argument)
            return lambda _tape, _floor: literal
        case "IN" | "NOT_LITERAL" | "ANY":
            members = _members(operation, argument)
            return lambda tape, _floor: tape.choose(members)
        case "BRANCH":
            branches = [_sequence(each) for each in argument[1]]
            return lambda tape, floor: tape.choose(branches)(tape, floor)
        case "SUBPATTERN":
            return _sequence(argument[3])
        case "MAX_REPEAT" | "MIN_REPEAT":
            return _repeat(argument[0], argument[1], argument[2])
        case "AT":
            # Anchors: the profile has them at both ends only.
            return lambda _tape, _floor: ""
        case _:
            raise SchemaError(
                Words(
                    f"A pattern uses {operation.lower()}, which the profile does not allow.",
                    f"패턴에 작성 규칙이 허용하지 않는 {operation.lower()}이(가) 있습니다.",
                )
            )


def _repeat(least: int, most: Any, parsed: Any) -> Maker:
    make = _sequence(parsed)
    one = str(parsed[0][0])
    alone = len(parsed) == 1 and one in {"IN", "NOT_LITERAL", "ANY"}
    members = _members(one, parsed[0][1]) if alone else ()
    bound = _MANY if most == _parser.MAXREPEAT else int(most)
    few = min(bound, least + _FEW)

    def repeated(tape: Tape, floor: int) -> str:
        count = tape.between(least, few)
        if bound > few and tape.once_in(16):
            count = bound
        count = min(max(count, floor), max(bound, least))
        if alone:
            return tape.several(members, count)
        return "".join([make(tape, 0) for _ in range(count)])

    return repeated


def _members(operation: str, argument: Any) -> Sequence[str]:
    """The characters of a class; of a negated one those of ASCII, and a few from beyond."""
    if operation == "ANY":
        return _ELSEWHERE
    if operation == "NOT_LITERAL":
        return [each for each in _ELSEWHERE if each != chr(argument)]
    negated = str(argument[0][0]) == "NEGATE"
    named = set(_named(argument[1:] if negated else argument))
    if negated:
        return [each for each in _ELSEWHERE if each not in named]
    # Letters first, so that the simplest text is a readable one.
    return sorted(named, key=lambda each: (not each.isalnum(), each))


def _named(parts: Any) -> Iterator[str]:
    for operation, argument in parts:
        match str(operation):
            case "LITERAL":
                yield chr(argument)
            case "RANGE":
                yield from map(chr, range(argument[0], argument[1] + 1))
            case other:
                raise SchemaError(
                    Words(
                        f"A pattern uses {other.lower()} in a class: the profile asks for ranges.",
                        f"패턴의 문자 집합에 {other.lower()}이(가) 있습니다. 범위로 적으십시오.",
                    )
                )


#: What stands for "any other character".
_ELSEWHERE: Final = [*map(chr, range(0x61, 0x7F)), *map(chr, range(0x20, 0x61)), *"가힣é機😀"]
