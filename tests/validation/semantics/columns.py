"""What typed columns were seen to be judged wrongly about, one row each, and what is right here.

A row is the schema of a field ``it``, a column of it, and what each of its values breaks.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from tests.validation.semantics.column import Column, Said
from tests.validation.semantics.numeric import NUMBERS
from tests.validation.semantics.row import (
    BOOLEAN,
    CODE,
    EITHER,
    LOWER,
    MAP,
    NUMBER,
    PAIR,
    STRING,
    TIME,
    UNIQUE,
    URI,
    list_of,
    object_of,
    text_of,
    words,
)

_FINE: Final[Said] = ()
#: Microseconds from 1970 to the beginning of 1900 and of 2200.
_1900: Final = -2_208_988_800_000_000
_2200: Final = 7_258_118_400_000_000

#: As many findings as are listed of one document.
_HUNDRED: Final[Said] = tuple(f"pattern /{n}" for n in range(100))

COLUMNS: Final[tuple[Column, ...]] = (
    *NUMBERS,
    # What is not there
    Column("null is absent", NUMBER, pa.float64(), (None, 1.0), (("required ^",), _FINE)),
    Column(
        "null alone is absent",
        NUMBER,
        pa.float64(),
        (None, None),
        (("required ^",), ("required ^",)),
    ),
    Column("a column of nothing", NUMBER, pa.null(), (None,), (("required ^",),)),
    Column("a column of nothing that may be", NUMBER, pa.null(), (None,), (_FINE,), optional=True),
    Column(
        "a null list is absent, an empty one too short",
        list_of(NUMBER, minItems=1),
        pa.list_(pa.float64()),
        (None, [], [1.0]),
        (_FINE, ("min-items ",), _FINE),
        optional=True,
    ),
    Column(
        "a null list is not too long",
        list_of(NUMBER, maxItems=0),
        pa.list_(pa.float64()),
        (None, [], [1.0]),
        (_FINE, _FINE, ("max-items ",)),
        optional=True,
    ),
    Column(
        "a null list has no equal elements",
        UNIQUE,
        pa.list_(pa.float64()),
        (None, [], [1.0, 1.0]),
        (_FINE, _FINE, ("unique-items ",)),
        optional=True,
    ),
    Column(
        "null as an element",
        list_of(NUMBER),
        pa.list_(pa.float64()),
        ([1.0, None], [None]),
        (("type /1",), ("type /0",)),
    ),
    Column(
        "null among elements that are too many",
        list_of(NUMBER, maxItems=1),
        pa.list_(pa.float64()),
        ([1.0, None],),
        (("max-items ", "type /1"),),
    ),
    Column(
        "two nulls are equal elements",
        UNIQUE,
        pa.list_(pa.float64()),
        ([None, None],),
        (("type /0", "type /1", "unique-items "),),
    ),
    Column(
        "null as an object of a list",
        list_of({**PAIR, "required": ["a"]}),
        pa.list_(pa.struct({"a": pa.float64()})),
        ([{"a": 1.0}, None, {"a": None}],),
        (("required /2", "type /1"),),
    ),
    Column(
        "null as a list of a list",
        list_of(list_of(NUMBER, minItems=1)),
        pa.list_(pa.list_(pa.float64())),
        ([None, [], [1.0]],),
        (("min-items /1", "type /0"),),
    ),
    Column(
        "a struct of nulls is an object, a null one absent",
        {**PAIR, "required": ["a"]},
        pa.struct({"a": pa.float64(), "b": pa.string()}),
        (None, {"a": None, "b": None}, {"a": 1.0, "b": None}),
        (_FINE, ("required ",), _FINE),
        optional=True,
    ),
    Column(
        "within as well",
        object_of(p={**PAIR, "required": ["a"]}),
        pa.struct({"p": pa.struct({"a": pa.float64()})}),
        (None, {"p": None}, {"p": {"a": None}}),
        (_FINE, _FINE, ("required /p",)),
        optional=True,
    ),
    Column(
        "a struct of nulls has no branch",
        EITHER,
        pa.struct({"number": pa.float64(), "text": pa.string()}),
        (
            None,
            {"number": None, "text": None},
            {"number": 1.0, "text": None},
            {"number": 1.0, "text": ""},
        ),
        (_FINE, ("union ",), _FINE, ("union ",)),
        optional=True,
    ),
    Column(
        "a field of nobody's counts where it is filled",
        PAIR,
        pa.struct({"a": pa.float64(), "c": pa.float64()}),
        ({"a": 1.0, "c": None}, {"a": 1.0, "c": 0.0}),
        (_FINE, ("unknown-field /c",)),
    ),
    Column(
        "an empty map has too few names, a null one is absent",
        MAP,
        pa.map_(pa.string(), pa.int64()),
        (None, [], [("a", 1)], [("a", 1), ("b", 2), ("c", 3)]),
        (_FINE, ("min-properties ",), _FINE, ("max-properties ",)),
        optional=True,
    ),
    Column(
        "null as a value of a map",
        MAP,
        pa.map_(pa.string(), pa.int64()),
        ([("a", None)],),
        (("type /a",),),
    ),
    Column("false is there", BOOLEAN, pa.bool_(), (False, None), (_FINE, ("required ^",))),
    # Texts
    Column("an empty text is there", STRING, pa.string(), ("", None), (_FINE, ("required ^",))),
    Column(
        "an empty text is too short",
        {**STRING, "minLength": 1},
        pa.string(),
        ("", None, "a"),
        (("min-length ",), _FINE, _FINE),
        optional=True,
    ),
    Column(
        "a NUL is one code point",
        {**STRING, "minLength": 3},
        pa.string(),
        ("a\0b", "a\0"),
        (_FINE, ("min-length ",)),
    ),
    Column(
        "a NUL ends no text",
        LOWER,
        pa.string(),
        ("a\0", "a", "\0"),
        (("pattern ",), _FINE, ("pattern ",)),
    ),
    Column(
        "a NUL ends no word",
        words("ok"),
        pa.string(),
        ("ok\0", "ok", "ok\0worn"),
        (("enum ",), _FINE, ("enum ",)),
    ),
    Column("a newline ends no text", LOWER, pa.string(), ("a\n", "a"), (("pattern ",), _FINE)),
    Column(
        "Hangul composed and decomposed differ",
        {"type": "string", "const": "한"},
        pa.string(),
        ("한", "\u1112\u1161\u11ab"),
        (_FINE, ("const ",)),
    ),
    Column(
        "decomposed Hangul is other letters",
        text_of("^[가-힣]+$"),
        pa.string(),
        ("한", "\u1112\u1161\u11ab"),
        (_FINE, ("pattern ",)),
    ),
    Column(
        "decomposed Hangul is longer",
        {**STRING, "maxLength": 1},
        pa.string(),
        ("한", "\u1112\u1161\u11ab", "😀"),
        (_FINE, ("max-length ",), _FINE),
    ),
    Column(
        "composed and decomposed are not the same",
        list_of(STRING, uniqueItems=True),
        pa.list_(pa.string()),
        (["한", "\u1112\u1161\u11ab"], ["한", "한"]),
        (_FINE, ("unique-items ",)),
    ),
    Column(
        "a dictionary with words that no row has",
        words("ok"),
        pa.dictionary(pa.int8(), pa.string()),
        ("ok", "dull", "ok"),
        (_FINE, ("enum ",), _FINE),
    ),
    Column(
        "a dictionary with nulls",
        CODE,
        pa.dictionary(pa.int32(), pa.string()),
        ("ok", None, "dull"),
        (_FINE, _FINE, ("open-code ",)),
        optional=True,
    ),
    Column("large texts", LOWER, pa.large_string(), ("a", "A"), (_FINE, ("pattern ",))),
    Column("texts as views", LOWER, pa.string_view(), ("a", "A"), (_FINE, ("pattern ",))),
    Column(
        "large lists of large texts",
        list_of(LOWER),
        pa.large_list(pa.large_string()),
        (["a", "A"],),
        (("pattern /1",),),
    ),
    Column(
        "lists of a fixed size",
        list_of(NUMBER, maxItems=1),
        pa.list_(pa.float64(), 2),
        ([1.0, 2.0],),
        (("max-items ",),),
    ),
    Column(
        "URIs of Hangul",
        URI,
        pa.string(),
        ("urn:a:b", "https://example.com/금형"),
        (_FINE, ("format ",)),
    ),
    # Lists
    Column(
        "1 and 1.0 are the same",
        UNIQUE,
        pa.list_(pa.float64()),
        ([1, 1.0], [1.0, 2.0]),
        (("unique-items ",), _FINE),
    ),
    Column(
        "0 and minus zero are the same",
        UNIQUE,
        pa.list_(pa.float64()),
        ([0.0, -0.0],),
        (("unique-items ",),),
    ),
    Column(
        "2^53 and 2^53 + 1 are not the same",
        UNIQUE,
        pa.list_(pa.int64()),
        ([2**53, 2**53 + 1], [2**53, 2**53]),
        (_FINE, ("unique-items ",)),
    ),
    Column(
        "objects are the same whatever is absent",
        list_of(PAIR, uniqueItems=True),
        pa.list_(pa.struct({"a": pa.float64(), "b": pa.string()})),
        (
            [{"a": 1.0, "b": None}, {"a": 1.0, "b": None}],
            [{"a": 1.0, "b": None}, {"a": 1.0, "b": ""}],
        ),
        (("unique-items ",), _FINE),
    ),
    # Times
    Column(
        "the first and the last instant",
        TIME,
        pa.timestamp("us", "UTC"),
        (_1900 - 1, _1900, _2200 - 1, _2200),
        (("format ",), _FINE, _FINE, ("format ",)),
    ),
    Column(
        "milliseconds",
        TIME,
        pa.timestamp("ms", "UTC"),
        (_1900 // 1000 - 1, _1900 // 1000, _2200 // 1000),
        (("format ",), _FINE, ("format ",)),
    ),
    Column(
        "seconds",
        TIME,
        pa.timestamp("s", "UTC"),
        (_1900 // 10**6 - 1, _1900 // 10**6),
        (("format ",), _FINE),
    ),
    Column(
        "nanoseconds",
        TIME,
        pa.timestamp("ns", "UTC"),
        (_1900 * 1000 - 1, _1900 * 1000, _2200 * 1000 - 1, _2200 * 1000, 1),
        (("format ",), _FINE, _FINE, ("format ",), _FINE),
        rows=True,
    ),
    Column(
        "instants that nobody tells",
        TIME,
        pa.timestamp("us", "UTC"),
        (None, 0),
        (_FINE, _FINE),
        optional=True,
    ),
    Column(
        "the zone is only how it is shown",
        TIME,
        pa.timestamp("us", "Asia/Seoul"),
        (_1900 - 1, _1900, _2200 - 1, _2200),
        (("format ",), _FINE, _FINE, ("format ",)),
    ),
    Column(
        "without a zone there is no instant",
        TIME,
        pa.timestamp("us"),
        (0, None),
        (("format ",), _FINE),
        optional=True,
        rows=True,
    ),
    Column(
        "instants in a list",
        list_of(TIME),
        pa.list_(pa.timestamp("us", "UTC")),
        ([0, _2200],),
        (("format /1",),),
        rows=True,
    ),
    Column(
        "instants in a field",
        object_of(t=TIME),
        pa.struct({"t": pa.timestamp("us", "UTC")}),
        ({"t": 0}, {"t": _2200}, {"t": None}),
        (_FINE, ("format /t",), _FINE),
        rows=True,
    ),
    Column(
        "nanoseconds in a list",
        list_of(TIME),
        pa.list_(pa.timestamp("ns", "UTC")),
        ([1, _1900 * 1000 - 1],),
        (("format /1",),),
        rows=True,
    ),
    Column(
        "beyond the years that have a text",
        TIME,
        pa.timestamp("us", "UTC"),
        (253_402_300_800_000_000, -62_135_596_800_000_001),
        (("format ",), ("format ",)),
    ),
    # A document with many findings
    Column(
        "so many findings that the rest is not listed",
        list_of(LOWER),
        pa.list_(pa.string()),
        (["A"] * 150, ["a"], ["A"] * 100),
        ((*_HUNDRED, "more ^"), _FINE, _HUNDRED),
    ),
)
