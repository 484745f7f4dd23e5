"""Forty things done to a document, the same ones in every run: to its values and to its text.

Some leave it as valid as it was (other blanks, another order of members, escapes), most do not,
and many do only sometimes: that is for the engines to say, and to agree upon. Every result is one
line of text, so that a reader of lines can take it, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from mfgstd.standard import Resolved, catalogue
from mfgstd.testing._tape import Tape
from mfgstd.testing.mutations import hurts
from tests.validation.agreement import pool

Steps: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Hurt:
    """One document after one mutation, as the text that engines get."""

    number: int
    what: str
    text: bytes

    def __str__(self) -> str:
        return f"document {self.number}, {self.what}: {self.text.decode('utf-8', 'replace')}"


#: Stands in a document for a piece of raw text that is no JSON value.
_RAW: Final = "\ue000raw\ue000"


def written(value: Any, *, ascii_only: bool = False) -> str:
    """JSON on one line, without blanks."""
    return json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))


def places(value: Any, place: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Every value in a value, itself first, with the steps that lead to it."""
    yield place, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from places(each, (*place, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from places(each, (*place, index))


def at(value: Any, place: Steps) -> Any:
    """The value to which the steps lead."""
    for step in place:
        value = value[step]
    return value


def replaced(document: Any, place: Steps, value: Any) -> Any:
    """A copy with another value at one place; what is untouched is shared."""
    if not place:
        return value
    step, *below = place
    whole = document.copy()
    whole[step] = replaced(document[step], tuple(below), value)
    return whole


def removed(document: Any, place: Steps) -> Any:
    """A copy without one member or element."""
    holder = at(document, place[:-1]).copy()
    del holder[place[-1]]
    return replaced(document, place[:-1], holder)


def _chosen(document: Any, tape: Tape, *kinds: type) -> Steps:
    """A place of one of the types, else any place."""
    every = list(places(document))
    fit = [place for place, value in every if not kinds or type(value) in kinds]
    return tape.choose(fit or [place for place, _ in every])


def _raw(document: Any, place: Steps, text: str) -> str:
    """The document as text, with a raw piece of text for the value at a place."""
    return written(replaced(document, place, _RAW)).replace(written(_RAW), text)


def _instead(value: Any, *kinds: type) -> Callable[[Any, Tape], str]:
    return lambda document, tape: written(
        replaced(document, _chosen(document, tape, *kinds), value)
    )


def _raw_instead(text: str, *kinds: type) -> Callable[[Any, Tape], str]:
    return lambda document, tape: _raw(document, _chosen(document, tape, *kinds), text)


def _changed(change: Callable[[Any], Any], *kinds: type) -> Callable[[Any, Tape], str]:
    def made(document: Any, tape: Tape) -> str:
        place = _chosen(document, tape, *kinds)
        return written(replaced(document, place, change(at(document, place))))

    return made


def _more(name: str, value: Any) -> Callable[[Any, Tape], str]:
    def made(document: Any, tape: Tape) -> str:
        place = _chosen(document, tape, dict)
        holder = at(document, place)
        more = {**holder, name: value} if isinstance(holder, dict) else {name: holder}
        return written(replaced(document, place, more))

    return made


def _gone(document: Any, tape: Tape) -> str:
    inner = [place for place, _ in places(document) if place]
    return written(removed(document, tape.choose(inner)) if inner else document)


def _twice(spelt: Callable[[str], str], value: Callable[[Any], Any]) -> Callable[[Any, Tape], str]:
    """A member given a second time, before the first or after the last member of its object."""

    def made(document: Any, tape: Tape) -> str:
        holders = [place for place, each in places(document) if isinstance(each, dict) and each]
        if not holders:
            return '{"a":1,"a":1}'
        place = tape.choose(holders)
        holder = at(document, place)
        name = tape.choose(list(holder))
        again = {_RAW: value(holder[name])}
        both = {**holder, **again} if tape.once_in(2) else {**again, **holder}
        return written(replaced(document, place, both)).replace(written(_RAW), spelt(name))

    return made


def _escaped(name: str) -> str:
    units = name.encode("utf-16-be")
    pairs = zip(units[::2], units[1::2], strict=True)
    return '"' + "".join(f"\\u{high:02x}{low:02x}" for high, low in pairs) + '"'


def _escaped_keys(document: Any, _tape: Tape) -> str:
    names = {key for _, each in places(document) if isinstance(each, dict) for key in each}
    text = written(document)
    for name in names:
        # Only keys: a colon follows, and within a string a quote would be escaped.
        text = text.replace(f"{written(name)}:", f"{_escaped(name)}:")
    return text


def _reordered(value: Any) -> Any:
    match value:
        case dict():
            return {key: _reordered(value[key]) for key in reversed(value)}
        case list():
            return [_reordered(each) for each in value]
        case _:
            return value


def _blanks(document: Any, _tape: Tape) -> str:
    spread = json.dumps(document, ensure_ascii=False, separators=(" ,\t", " : "))
    return f" {spread}\t "


def _comma(close: str) -> Callable[[Any, Tape], str]:
    """A comma before a bracket that closes; a bracket in a string does no harm either."""

    def made(document: Any, tape: Tape) -> str:
        text = written(document)
        found = [each.start() for each in re.finditer(re.escape(close), text)]
        where = tape.choose(found) if found else len(text)
        return f"{text[:where]},{text[where:]}"

    return made


def _cut(document: Any, tape: Tape) -> str:
    text = written(document)
    return text[: 1 + tape.below(max(1, len(text) - 1))]


def _in_string(piece: str) -> Callable[[Any, Tape], str]:
    """A string that ends with a raw piece of text."""

    def made(document: Any, tape: Tape) -> str:
        place = _chosen(document, tape, str)
        value = at(document, place)
        before = written(value)[:-1] if isinstance(value, str) else '"'
        return _raw(document, place, f'{before}{piece}"')

    return made


def _number_text(value: Any) -> Any:
    return written(value) if isinstance(value, int | float) else str(value)


def _as_double(value: Any) -> Any:
    return float(value) if isinstance(value, int) and abs(value) < 2**53 else 1.0


def _swapped(document: Any, tape: Tape) -> str:
    one, other = _chosen(document, tape), _chosen(document, tape)
    return written(replaced(document, one, at(document, other)))


def _awkward(document: Any, tape: Tape) -> str:
    return written(replaced(document, _chosen(document, tape), tape.choose(AWKWARD)))


#: Values that engines are known to treat differently, or that people put in the wrong place.
AWKWARD: Final[tuple[Any, ...]] = (
    1.5, 2**63, float(2**63), -(2**63) - 1, 1e308, 5e-324, 10**400, " ", "٣", "urn:x:y\n",
    "https://w3id.org/mfgstd/equipment/gap/1", "2016-12-31T23:59:60Z", "2026-02-30T00:00:00Z",
    "2026-02-03T24:00:00Z", "2026-02-03t00:00:00z", "2026-02-03T00:00:00.1234567890Z",
    "2026-02-03T00:00:00", [1, 1.0], [True, 1], [[]], [None], {"": {}}, {"number": 1, "text": "a"},
    "NaN", "null", "가" * 300, "\u1112\u1161\u11ab", "😀", "a\x00b", '"', "\\", "a" * 5000,
)  # fmt: skip

Doing: TypeAlias = Callable[[Any, Tape], str]

#: What is done by the look of a document alone.
_BLIND: Final[dict[str, Doing]] = {
    "as it was": lambda document, _tape: written(document),
    "members in another order": lambda document, _tape: written(_reordered(document)),
    "blanks between all": _blanks,
    "keys spelt with escapes": _escaped_keys,
    "texts spelt with escapes": lambda document, _tape: written(document, ascii_only=True),
    "a member twice": _twice(written, lambda value: value),
    "a member twice, once null": _twice(written, lambda _value: None),
    "a member twice, once escaped": _twice(_escaped, lambda value: value),
    "NaN": _raw_instead("NaN", int, float),
    "minus infinity": _raw_instead("-Infinity", int, float),
    "a comma too many in an object": _comma("}"),
    "a comma too many in a list": _comma("]"),
    "a number as a text": _changed(_number_text, int, float),
    "a whole number with a point": _changed(_as_double, int),
    "true": _instead(True, int, float, bool),
    "null": _instead(None),
    "a huge integer": _instead(10**30, int, float),
    "an integer of 64 bits": _instead(2**53 + 1, int, float),
    "a number beyond doubles": _raw_instead("1e400", int, float),
    "minus zero": _raw_instead("-0", int, float),
    "a leading zero": _raw_instead("007", int, float),
    "a lone surrogate": _in_string("\\ud800"),
    "a NUL": _in_string("\\u0000"),
    "a newline at the end": _in_string("\\n"),
    "a raw control character": _in_string("\x01"),
    "a field too many": _more("x-없는-필드", 1),
    "a field too many, null": _more("unknownField", None),
    "nested in a list": _changed(lambda value: [value]),
    "nested in an object": _changed(lambda value: {"value": value}),
    "something gone": _gone,
    "an empty text": _instead("", str),
    "an empty list": _instead([]),
    "an empty object": _instead({}),
    "cut off": _cut,
    "two documents": lambda document, _tape: written(document) + written(document),
    "a value of elsewhere": _swapped,
    "an awkward value": _awkward,
}

#: Of what the schema itself suggests, so many.
_AIMED: Final = 3

#: How many things are done to each document.
KINDS: Final = len(_BLIND) + _AIMED

#: After these a document says what it said before: the first of :func:`hurt`.
EQUIVALENT: Final = 5


def hurt(schema: Resolved, document: Any, number: int) -> Iterator[Hurt]:
    """All forty of one document; ``number`` is its place in the pool."""
    for what, doing in _BLIND.items():
        data = doing(document, pool.tape(schema.id, number, what)).encode()
        if what == "a raw control character" and number % 2:
            # Every other time bytes that are no UTF-8.
            data = data.replace(b"\x01", b"\xff")
        yield Hurt(number, what, data)
    # Chosen before they are made: making all of a large document costs more than judging one.
    aimed = list(hurts(document, schema.node, catalogue()))
    tape = pool.tape(schema.id, number, "aimed")
    for each in range(_AIMED):
        place, (what, _rule, _below, value) = tape.choose(aimed)
        text = written(replaced(document, place, value))
        yield Hurt(number, f"aimed {each}: {what}", text.encode())
