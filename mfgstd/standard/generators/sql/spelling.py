"""What both dialects write alike: names, literals, comments, the limits of numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, assert_never

from mfgstd.standard.resolved import Integer, Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mfgstd.standard.resolved import Notes

#: Words that neither engine takes as a bare column name; a test asks both engines for theirs.
RESERVED: Final = frozenset(
    {
        *(
            "all",
            "analyse",
            "analyze",
            "and",
            "anti",
            "any",
            "array",
        ),
        *(
            "as",
            "asc",
            "asof",
            "asymmetric",
            "at",
            "authorization",
            "binary",
        ),
        *(
            "both",
            "by",
            "case",
            "cast",
            "check",
            "collate",
            "collation",
        ),
        *(
            "column",
            "columns",
            "concurrently",
            "constraint",
            "create",
            "cross",
            "current_catalog",
        ),
        *(
            "current_date",
            "current_role",
            "current_schema",
            "current_time",
            "current_timestamp",
            "current_user",
            "default",
        ),
        *(
            "deferrable",
            "desc",
            "describe",
            "distinct",
            "do",
            "else",
            "end",
        ),
        *(
            "except",
            "false",
            "fetch",
            "for",
            "foreign",
            "freeze",
            "from",
        ),
        *(
            "full",
            "generated",
            "glob",
            "grant",
            "group",
            "having",
            "ilike",
        ),
        *(
            "in",
            "initially",
            "inner",
            "intersect",
            "into",
            "is",
            "isnull",
        ),
        *(
            "join",
            "lambda",
            "lateral",
            "leading",
            "left",
            "like",
            "limit",
        ),
        *(
            "localtime",
            "localtimestamp",
            "map",
            "natural",
            "not",
            "notnull",
            "null",
        ),
        *(
            "offset",
            "on",
            "only",
            "or",
            "order",
            "outer",
            "overlaps",
        ),
        *(
            "pivot",
            "pivot_longer",
            "pivot_wider",
            "placing",
            "positional",
            "primary",
            "qualify",
        ),
        *(
            "references",
            "returning",
            "right",
            "select",
            "semi",
            "session_user",
            "show",
        ),
        *(
            "similar",
            "some",
            "struct",
            "summarize",
            "symmetric",
            "system_user",
            "table",
        ),
        *(
            "tablesample",
            "then",
            "to",
            "trailing",
            "true",
            "try_cast",
            "union",
        ),
        *(
            "unique",
            "unpack",
            "unpivot",
            "user",
            "using",
            "variadic",
            "verbose",
        ),
        *(
            "when",
            "where",
            "window",
            "with",
        ),
    }
)


def quoted(name: str) -> str:
    """A name as SQL takes it: bare where it may be."""
    if name in RESERVED or not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        return '"' + name.replace('"', '""') + '"'
    return name


def string(text: str) -> str:
    """A string literal; in both engines a backslash is nothing special."""
    return "'" + text.replace("'", "''") + "'"


def strings(texts: Iterable[str]) -> str:
    """String literals between commas."""
    return ", ".join(map(string, texts))


def comment(notes: Notes, path: tuple[str, ...] = ()) -> str:
    """What a table or column is, in English and Korean, its unit, and where it is in JSON."""
    lines = [notes.description.en, f"{notes.label.ko}: {notes.description.ko}".strip(": ")]
    if notes.unit is not None:
        lines.append(f"UCUM: {notes.unit}")
    if path:
        lines.append("JSON: /" + "/".join(path))
    return string("\n".join(each for each in lines if each))


def bounds(node: Number | Integer, value: str) -> Iterator[str]:
    """The limits of a number, as conditions on the expression ``value``."""
    if node.minimum is not None:
        yield f"{value} >= {node.minimum}"
    if node.maximum is not None:
        yield f"{value} <= {node.maximum}"
    match node:
        case Number(exclusive_minimum=low, exclusive_maximum=high):
            if low is not None:
                yield f"{value} > {low}"
            if high is not None:
                yield f"{value} < {high}"
        case Integer(multiple_of=step):
            if step is not None:
                yield f"{value} % {step} = 0"
        case _:
            assert_never(node)


def width(node: Integer) -> int | None:
    """16, 32 or 64 bits, the smallest signed that holds both bounds; None where none does."""
    low = node.minimum if node.minimum is not None else -(1 << 63)
    high = node.maximum if node.maximum is not None else (1 << 63) - 1
    return next(
        (b for b in (16, 32, 64) if -(1 << (b - 1)) <= low and high < 1 << (b - 1)),
        None,
    )


#: What the columns of every table hold that no schema has, in both languages.
OWN_COMMENTS: Final = {
    "document": "The document as it came: the truth that the other columns are read from.\n"
    "수신한 문서 원본이며 다른 열은 이 값에서 읽습니다.",
    "digest": "SHA-256 of the document.\n문서의 SHA-256입니다.",
    "stored_at": "When it was stored.\n저장한 시각입니다.",
    "arrival": "The order in which documents were stored.\n저장된 순서입니다.",
}


def below(name: str) -> str:
    """The comment of the column beside a moment."""
    return string(
        f"Nanoseconds of {name} below the microsecond.\n{name}에서 마이크로초 아래의 나노초입니다."
    )
