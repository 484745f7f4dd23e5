"""Target ``sql-duckdb``: typed columns for analysis, lists of objects as ``STRUCT[]``.

A table macro for each table turns a document into its row, so that loading is one INSERT from
whatever yields JSON: a parameter, or a file by way of ``read_json_objects``. The document is kept
beside the columns. Inside lists a moment stays the text that it came as, to the nanosecond.
Tested with DuckDB 1.4.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from mfgstd.standard.generators.header import MARK
from mfgstd.standard.generators.sql.layout import (
    DIGEST,
    DOCUMENT,
    GIVEN,
    SCHEMA,
    WHOLE,
    Column,
    Leaf,
    Part,
    Table,
    tables,
)
from mfgstd.standard.generators.sql.spelling import (
    OWN_COMMENTS,
    below,
    bounds,
    comment,
    quoted,
    string,
    strings,
    width,
)
from mfgstd.standard.resolved import (
    AnyObject,
    Array,
    Boolean,
    Constant,
    Enumeration,
    Integer,
    Map,
    Node,
    Number,
    Object,
    OpenCode,
    Ref,
    Resolved,
    Text,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: A type inside a list: the name of a scalar, ``[items]``, or a struct by its JSON keys.
Shape: TypeAlias = "str | list[Shape] | dict[str, Shape]"

_MACROS: Final = f"""\
-- RFC 3339 with offset, cut to the microsecond; a leap second is the last microsecond before it.
CREATE MACRO {SCHEMA}.moment(moment) AS
  CAST(regexp_replace(moment, ':60([.][0-9]+)?', ':59.999999') AS TIMESTAMPTZ);

-- The nanoseconds of the same text below the microsecond.
CREATE MACRO {SCHEMA}.moment_ns(moment) AS
  CASE
    WHEN moment LIKE '%:60%' THEN 0
    ELSE CAST(rpad(regexp_extract(moment, '[.][0-9]{{6}}([0-9]+)', 1), 3, '0') AS SMALLINT)
  END;

CREATE SEQUENCE {SCHEMA}.arrival;
"""


def generate(schemas: Sequence[Resolved]) -> dict[str, str]:
    """``schema.sql``: tables, views, and the macros that load them; ``comments.sql`` apart.

    DuckDB builds a table's checks anew for each comment on a column: some thousand of them take
    longer than all else.

    Raises:
        StandardError: two schemas want the same table.
    """
    by_id = {each.id: each for each in schemas}
    made = tables(schemas)
    blocks = [
        f"-- {MARK}\n-- DuckDB. How to load it: docs/standard/generated.md of mfgstd.",
        f"CREATE SCHEMA {SCHEMA};",
        _MACROS.rstrip(),
        *(_table(each, by_id) for each in made),
    ]
    comments = [
        f"-- {MARK}\n-- DuckDB. What each column is; optional, for DuckDB takes its time.",
        *(_comments(each) for each in made),
    ]
    return {
        "schema.sql": "\n\n".join(blocks) + "\n",
        "comments.sql": "\n\n".join(comments) + "\n",
    }


def _table(table: Table, by_id: Mapping[str, Resolved]) -> str:
    there = f"{SCHEMA}.{quoted(table.name)}"
    lines: list[str] = []
    values: list[tuple[str, str]] = []
    for each in table.columns:
        name, needed = quoted(each.name), " NOT NULL" if each.required else ""
        kind, value = _type(each, by_id)
        checks = " AND ".join(_checks(each, name, rows=table.is_rows))
        lines.append(f"{name} {kind}{needed}{f' CHECK ({checks})' if checks else ''}")
        values.append((name, value))
        if each.is_moment and not table.is_rows:
            name = quoted(each.name + "_ns")
            lines.append(f"{name} SMALLINT{needed}")
            values.append((name, f"{SCHEMA}.moment_ns({_text(each.path, GIVEN)})"))
    if table.is_rows:
        lines += [
            f"CHECK (({quoted(column)} = {string(word)}) = ({quoted(word)} IS NOT NULL))"
            for column, word in table.kinds
        ]
    else:
        lines += [
            f"{DOCUMENT} JSON NOT NULL",
            f"{DIGEST} VARCHAR NOT NULL{' UNIQUE' if table.key != (DIGEST,) else ''}",
            "stored_at TIMESTAMPTZ NOT NULL DEFAULT now()",
            f"arrival BIGINT NOT NULL DEFAULT nextval('{SCHEMA}.arrival')",
            f"CHECK ({_types(table)})",
            *(f"CHECK ({check})" for part in table.parts for check in _part(part)),
        ]
        values += [(DOCUMENT, GIVEN), (DIGEST, f"sha256({GIVEN}::VARCHAR)")]
    lines.append(f"PRIMARY KEY ({', '.join(map(quoted, table.key))})")
    body = ",\n".join(f"  {line}" for line in lines)
    selected = ",\n  ".join(f"{value} AS {name}" for name, value in values)
    return "\n\n".join(
        [
            f"CREATE TABLE {there} (\n{body}\n);",
            f"COMMENT ON TABLE {there} IS {comment(table.source.notes)};",
            f"CREATE MACRO {SCHEMA}.typed_{table.name}({GIVEN}) AS TABLE SELECT\n  {selected};",
            *(_json(table, there) if table.is_rows else _current(table, there)),
        ]
    )


def _pointer(path: tuple[str, ...]) -> str:
    steps = (step.replace("~", "~0").replace("/", "~1") for step in path)
    return string("".join(f"/{step}" for step in steps))


def _value(path: tuple[str, ...], root: str = DOCUMENT) -> str:
    # Not the arrow: inside a macro it would begin a lambda.
    return f"json_extract({root}, {_pointer(path)})"


def _text(path: tuple[str, ...], root: str = DOCUMENT) -> str:
    return f"json_extract_string({root}, {_pointer(path)})"


def _type(each: Column, by_id: Mapping[str, Resolved]) -> tuple[str, str]:
    """The type of a column, and its value out of the document."""
    text, value = _text(each.path, GIVEN), _value(each.path, GIVEN)
    match each.node:
        case Text(format="date-time"):
            return "TIMESTAMPTZ", f"{SCHEMA}.moment({text})"
        case Text() | Constant() | Enumeration() | OpenCode() | Number() | Integer() | Boolean():
            kind = _scalar(each.node)
            return kind, text if kind == "VARCHAR" else f"CAST({text} AS {kind})"
        case Array() | Map() | Union() | AnyObject():
            shape = _shape(each.node, by_id, ())
            if shape == "JSON":
                return "JSON", value
            return _sql(shape), f"from_json({value}, {string(json.dumps(shape))})"
        case _:
            assert_never(each.node)


def _scalar(node: Text | Constant | Enumeration | OpenCode | Number | Integer | Boolean) -> str:
    match node:
        case Text(format="date"):
            return "DATE"
        case Text(pattern=pattern) if pattern == WHOLE:
            return "HUGEINT"
        case Text() | Constant() | Enumeration() | OpenCode():
            return "VARCHAR"
        case Number():
            return "DOUBLE"
        case Integer():
            return {16: "SMALLINT", 32: "INTEGER", 64: "BIGINT"}.get(width(node) or 0, "HUGEINT")
        case Boolean():
            return "BOOLEAN"
        case _:
            assert_never(node)


def _shape(node: Node, by_id: Mapping[str, Resolved], within: tuple[str, ...]) -> Shape:
    """The type of what is inside a list or map; what goes round in a circle stays JSON."""
    match node:
        case Ref(schema_id):
            if schema_id in within:
                return "JSON"
            return _shape(by_id[schema_id].node, by_id, (*within, schema_id))
        case Array(items):
            return [_shape(items, by_id, within)]
        case Map(values):
            inner = _shape(values, by_id, within)
            return f"MAP(VARCHAR, {_sql(inner)})"
        case Object():
            return {each.name: _shape(each.node, by_id, within) for each in node} or "JSON"
        case Union(branches):
            return _merged([_shape(each, by_id, within) for each in branches])
        case AnyObject():
            return "JSON"
        case Text() | Constant() | Enumeration() | OpenCode() | Number() | Integer() | Boolean():
            return _scalar(node)
        case _:
            assert_never(node)


def _merged(branches: Sequence[Shape]) -> Shape:
    """One struct with the fields of all branches; a field of two types is JSON."""
    fields: dict[str, Shape] = {}
    for branch in branches:
        if not isinstance(branch, dict):
            return "JSON"
        for name, shape in branch.items():
            fields[name] = shape if fields.get(name, shape) == shape else "JSON"
    return fields


def _sql(shape: Shape) -> str:
    match shape:
        case str():
            return shape
        case list():
            return f"{_sql(shape[0])}[]"
        case dict():
            # Quoted always: the keys of JSON keep their capitals.
            fields = (f'"{name}" {_sql(inner)}' for name, inner in shape.items())
            return f"STRUCT({', '.join(fields)})"


def _checks(each: Column, name: str, *, rows: bool) -> Iterator[str]:
    """What a column must be, beside its JSON type.

    Each function of JSON reads the whole document again: where the column says the same, it is
    asked instead.
    """
    came = name if rows or _is_text(each.node) else _text(each.path)
    value = _value(each.path)
    match each.node:
        case Text(format="date-time") if rows:
            return
        case Text(pattern=pattern, min_length=least, max_length=most):
            if pattern is not None:
                yield f"regexp_full_match({came}, {string(pattern)})"
            if least is not None:
                yield f"length({came}) >= {least}"
            if most is not None:
                yield f"length({came}) <= {most}"
        case Constant(word):
            yield f"{name} = {string(word)}"
        case Enumeration(words):
            yield f"{name} IN ({strings(word.value for word in words)})"
        case OpenCode(pattern=pattern):
            if pattern is not None:
                yield f"regexp_full_match({name}, {string(pattern)})"
        case Number():
            yield from bounds(each.node, name)
        case Integer():
            yield from bounds(each.node, name)
            if not rows:
                yield f"CAST({_text(each.path)} AS DOUBLE) % 1 = 0"
        case Array(min_items=least, max_items=most, unique=unique):
            if least:
                yield f"json_array_length({value}) >= {least}"
            if most is not None:
                yield f"json_array_length({value}) <= {most}"
            if unique:
                yield f"len(list_distinct({name})) = len({name})"
        case Map(min_properties=least):
            if least:
                yield f"len(json_keys({value})) >= {least}"
        case Boolean() | Union() | AnyObject():
            pass
        case _:
            assert_never(each.node)


def _json_types(node: Leaf) -> Sequence[str]:
    """The names that ``json_type`` gives to what ``node`` may be."""
    match node:
        case Text() | Constant() | Enumeration() | OpenCode():
            return ("VARCHAR",)
        case Number() | Integer():
            return ("UBIGINT", "BIGINT", "DOUBLE", "HUGEINT", "UHUGEINT")
        case Boolean():
            return ("BOOLEAN",)
        case Array():
            return ("ARRAY",)
        case Map() | Union() | AnyObject():
            return ("OBJECT",)
        case _:
            assert_never(node)


def _is_text(node: Leaf) -> bool:
    """Whether a column holds the very text of the document."""
    return isinstance(node, Text) and node.format != "date-time" and _scalar(node) == "VARCHAR"


def _types(table: Table) -> str:
    """The JSON types of all that has a place of its own, in one reading of the document.

    ``json_type`` of many paths makes a list; as text it has NULL for what is not there, and a
    null of JSON in quotes.
    """
    where: dict[tuple[str, ...], tuple[Sequence[str], bool]] = {
        part.path: (("OBJECT",), part.always) for part in table.parts
    }
    where |= {each.path: (_json_types(each.node), each.required) for each in table.columns}
    paths = ", ".join(_pointer(path) if path else "'$'" for path in where)
    kinds = ", ".join(
        f"({'|'.join([*names, *([] if needed else ['NULL'])])})" for names, needed in where.values()
    )
    pattern = rf"\[{kinds}\]"
    return f"regexp_full_match(json_type({DOCUMENT}, [{paths}])::VARCHAR, {string(pattern)})"


def _part(part: Part) -> Iterator[str]:
    """Its keys; that those of a part that is always there are there, its types say already."""
    keys = f"json_keys({DOCUMENT}, {_pointer(part.path) if part.path else string('$')})"
    if part.known:
        yield f"list_has_all([{strings(part.known)}], {keys})"
    if part.required and not part.always:
        yield f"list_has_all({keys}, [{strings(part.required)}])"
    if part.single:
        yield f"len({keys}) = 1"


def _comments(table: Table) -> str:
    there = f"{SCHEMA}.{quoted(table.name)}"
    lines: list[str] = []
    for each in table.columns:
        said = comment(each.notes, each.path)
        lines.append(f"COMMENT ON COLUMN {there}.{quoted(each.name)} IS {said};")
        if each.is_moment and not table.is_rows:
            name = quoted(each.name + "_ns")
            lines.append(f"COMMENT ON COLUMN {there}.{name} IS {below(each.name)};")
    if not table.is_rows:
        lines += [
            f"COMMENT ON COLUMN {there}.{name} IS {string(said)};"
            for name, said in OWN_COMMENTS.items()
        ]
    return "\n".join(lines)


def _current(table: Table, there: str) -> Iterator[str]:
    """What holds now: of each thing the latest statement, and nothing that was superseded."""
    if not table.corrected:
        return
    latest = (
        "\nQUALIFY row_number() OVER (PARTITION BY id ORDER BY arrival DESC) = 1"
        if table.identity == "thing"
        else ""
    )
    yield (
        f"CREATE VIEW {SCHEMA}.{quoted(table.name + '_current')} AS\n"
        f"SELECT it.*\nFROM {there} AS it\n"
        f"WHERE NOT EXISTS (\n"
        f"  FROM {there} AS later WHERE later.supersedes_id = it.id AND later.id <> it.id\n)"
        f"{latest};"
    )


def _json(table: Table, there: str) -> Iterator[str]:
    """The rows as JSON, without what a source did not fill."""
    pairs = []
    for each in table.columns:
        name = quoted(each.name)
        written = f"strftime({name} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
        pairs.append(f"{string(each.name)}, {written if each.is_moment else name}")
    # A merge patch drops what is null (RFC 7396).
    yield (
        f"CREATE VIEW {SCHEMA}.{table.name}_json AS\n"
        f"SELECT json_merge_patch('{{}}', json_object(\n  "
        + ",\n  ".join(pairs)
        + f"\n)) AS {DOCUMENT}\nFROM {there};"
    )
