"""Target ``sql-postgresql``: documents as ``jsonb``, with every scalar as a generated column.

A document is inserted as it is and typed by the database itself, so that columns cannot disagree
with it. Lists and maps stay in the document, where jsonb queries and indexes reach them, and are
checked there. For PostgreSQL 12 and later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from mfgstd.standard.generators.header import MARK
from mfgstd.standard.generators.sql.jsonpath import fault
from mfgstd.standard.generators.sql.layout import (
    DECIMAL,
    DIGEST,
    DOCUMENT,
    SCHEMA,
    WHOLE,
    Column,
    Leaf,
    Part,
    Table,
    judge_of,
    named_texts,
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
    Number,
    OpenCode,
    Resolved,
    Text,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FUNCTIONS: Final = f"""\
-- RFC 3339 with offset, cut to the microsecond; a leap second is the last microsecond before it.
-- The cast alone is not immutable, because text without an offset would take the session's zone.
CREATE FUNCTION {SCHEMA}.moment(moment text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT regexp_replace(
    regexp_replace(moment, ':60([.][0-9]+)?', ':59.999999'), '([.][0-9]{{6}})[0-9]+', '\\1'
  )::timestamptz
$$;

-- The nanoseconds of the same text below the microsecond.
CREATE FUNCTION {SCHEMA}.moment_ns(moment text) RETURNS smallint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE
    WHEN moment ~ ':60' THEN '0'
    ELSE rpad(coalesce(substring(moment from '[.][0-9]{{6}}([0-9]+)'), '0'), 3, '0')
  END::smallint
$$;

-- A calendar day, year first: the same in every setting of DateStyle.
CREATE FUNCTION {SCHEMA}.day(day text) RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT day::date $$;

CREATE FUNCTION {SCHEMA}.digest(document jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT sha256(convert_to(document::text, 'UTF8'))
$$;

CREATE FUNCTION {SCHEMA}.distinct_items(list jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT count(*) = count(DISTINCT item) FROM jsonb_array_elements(list) AS item
$$;
"""  # noqa: S608 - a script of our own words


def generate(schemas: Sequence[Resolved]) -> dict[str, str]:
    """``schema.sql``: functions, tables, comments, indexes and views in a schema of its own.

    Raises:
        StandardError: two schemas want the same table.
    """
    by_id = {each.id: each for each in schemas}
    made = tables(schemas)
    blocks = [
        f"-- {MARK}\n-- PostgreSQL. Run it in one transaction: psql --single-transaction -f",
        f"CREATE SCHEMA {SCHEMA};",
        _FUNCTIONS.rstrip(),
        *map(_judge, named_texts(made)),
        *(_rows(each) if each.is_rows else _documents(each, by_id) for each in made),
        _put([each for each in made if not each.is_rows]),
    ]
    return {"schema.sql": "\n\n".join(blocks) + "\n"}


def _judge(schema: Resolved) -> str:
    """A function that says whether a text is of a named schema."""
    if not isinstance(schema.node, Text | OpenCode):
        return ""
    said = " AND ".join(_facets(schema.node, "value", "value"))
    return (
        f"CREATE FUNCTION {judge_of(schema)}(value text) RETURNS boolean\n"
        f"LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$\n  SELECT {said}\n$$;"
    )


def _documents(table: Table, by_id: Mapping[str, Resolved]) -> str:
    there = f"{SCHEMA}.{quoted(table.name)}"
    lines = [f"{DOCUMENT} jsonb NOT NULL"]
    for each in table.columns:
        if each.is_scalar:
            lines += _generated(each)
    lines += [
        f"{DIGEST} bytea GENERATED ALWAYS AS ({SCHEMA}.digest({DOCUMENT})) STORED UNIQUE",
        "stored_at timestamptz NOT NULL DEFAULT now()",
        "arrival bigint GENERATED ALWAYS AS IDENTITY",
        *(f"CHECK ({check})" for part in table.parts for check in _part(part)),
        *(
            f"CHECK ({check})"
            for each in table.columns
            if not each.is_scalar
            for check in _collection(each, by_id)
        ),
    ]
    if table.key != (DIGEST,):
        lines.append(f"PRIMARY KEY ({', '.join(map(quoted, table.key))})")
    body = ",\n".join(f"  {line}" for line in lines)
    statements = [f"CREATE TABLE {there} (\n{body}\n);"]
    moment = ["event_time"] if "event_time" in {each.name for each in table.columns} else []
    statements += [
        f"CREATE INDEX ON {there} ({', '.join([quoted(each.name), *moment])});"
        for each in table.columns
        if each.identity and each.is_scalar
    ]
    return "\n\n".join([*statements, _comments(table, there), *_current(table, there)])


def _generated(each: Column) -> Iterator[str]:
    """A typed column read from the document, and below a moment its nanoseconds."""
    name, needed = quoted(each.name), " NOT NULL" if each.required else ""
    kind, value = _type(each.node, each.path)
    checks = " AND ".join(_checks(each, name))
    yield f"{name} {kind} GENERATED ALWAYS AS ({value}) STORED{needed} CHECK ({checks})"
    if each.is_moment:
        value = f"{SCHEMA}.moment_ns({_at(each.path, text=True)})"
        yield f"{quoted(each.name + '_ns')} smallint GENERATED ALWAYS AS ({value}) STORED{needed}"


def _at(path: tuple[str, ...], *, text: bool = False, root: str = DOCUMENT) -> str:
    """The value at a path, as jsonb or as text."""
    if not path:
        return root
    *steps, last = path
    walked = "".join(f" -> {string(step)}" for step in steps)
    return f"{root}{walked} {'->>' if text else '->'} {string(last)}"


def _type(node: Leaf, path: tuple[str, ...], *, rows: bool = False) -> tuple[str, str]:
    """The type of a scalar column, and its value out of the document.

    Rows keep decimals as the text that the column table of the design asks for.
    """
    value, text = _at(path), _at(path, text=True)
    match node:
        case Text(format="date-time"):
            return "timestamptz", f"{SCHEMA}.moment({text})"
        case Text(format="date"):
            return "date", f"{SCHEMA}.day({text})"
        case Text(pattern=pattern) if pattern in (DECIMAL, WHOLE) and not rows:
            return "numeric", f"({text})::numeric"
        case Text() | Constant() | Enumeration() | OpenCode():
            return "text", text
        case Number():
            return "double precision", f"({value})::double precision"
        case Integer():
            bits = width(node)
            kind = (
                "numeric" if bits is None else {16: "smallint", 32: "integer"}.get(bits, "bigint")
            )
            return kind, f"({value})::{kind}"
        case Boolean():
            return "boolean", f"({value})::boolean"
        case Array() | Map() | Union() | AnyObject():
            return "jsonb", value
        case _:
            assert_never(node)


def _checks(each: Column, name: str) -> Iterator[str]:
    """What a scalar must be: its JSON type, then what its schema says."""
    value, text = _at(each.path), _at(each.path, text=True)
    yield f"jsonb_typeof({value}) = {string(_json_type(each.node))}"
    if each.named is not None and isinstance(each.node, Text | OpenCode) and each.node.pattern:
        yield f"{judge_of(each.named)}({text})"
    else:
        yield from _facets(each.node, name, text)
    if isinstance(each.node, Integer):
        yield f"({value})::numeric % 1 = 0"


def _facets(node: Leaf, name: str, text: str) -> Iterator[str]:
    """Conditions on a column; ``text`` is what came, where the column is something else by now."""
    match node:
        case Text(pattern=pattern, min_length=least, max_length=most):
            if pattern is not None:
                yield f"{text} ~ {string(pattern)}"
            if least is not None:
                yield f"length({text}) >= {least}"
            if most is not None:
                yield f"length({text}) <= {most}"
        case Constant(value):
            yield f"{name} = {string(value)}"
        case Enumeration(words):
            yield f"{name} IN ({strings(word.value for word in words)})"
        case OpenCode(pattern=pattern):
            if pattern is not None:
                yield f"{name} ~ {string(pattern)}"
        case Number() | Integer():
            yield from bounds(node, name)
        case Boolean() | Array() | Map() | Union() | AnyObject():
            pass
        case _:
            assert_never(node)


def _json_type(node: Leaf) -> str:
    match node:
        case Text() | Constant() | Enumeration() | OpenCode():
            return "string"
        case Number() | Integer():
            return "number"
        case Boolean():
            return "boolean"
        case Array():
            return "array"
        case Map() | Union() | AnyObject():
            return "object"
        case _:
            assert_never(node)


def _collection(each: Column, by_id: Mapping[str, Resolved]) -> Iterator[str]:
    """What a list, map or other object in the document must be, and all that it holds."""
    value = _at(each.path)
    yield f"jsonb_typeof({value}) = {string(_json_type(each.node))}"
    match each.node:
        case Array(min_items=least, max_items=most, unique=unique):
            if least:
                yield f"jsonb_array_length({value}) >= {least}"
            if most is not None:
                yield f"jsonb_array_length({value}) <= {most}"
            if unique:
                yield f"{SCHEMA}.distinct_items({value})"
            yield _clear(value, fault(each.node, by_id))
        case Map(min_properties=least):
            if least:
                yield f"{value} <> '{{}}'"
            yield _clear(value, fault(each.node, by_id))
        case AnyObject("$schema"):
            yield f"({value}) ? '$schema'"
        case Union():
            # As the one element of a list, for a path looks into lists.
            path = fault(Array(each.node), by_id)
            yield f"{value} IS NULL OR {_clear(f'jsonb_build_array({value})', path)}"
        case _:
            pass


def _clear(value: str, path: str) -> str:
    return f"NOT jsonb_path_exists({value}, {string(path)})"


def _part(part: Part) -> Iterator[str]:
    value = _at(part.path)
    yield f"jsonb_typeof({value}) = 'object'"
    if part.known:
        yield f"({value}) - ARRAY[{strings(part.known)}] = '{{}}'"
    if part.required:
        yield f"({value}) ?& ARRAY[{strings(part.required)}]"
    if part.single:
        keys = ", ".join(_at((*part.path, each)) for each in part.known)
        yield f"{value} IS NULL OR num_nonnulls({keys}) = 1"


def _comments(table: Table, there: str) -> str:
    lines = [f"COMMENT ON TABLE {there} IS {comment(table.source.notes)};"]
    for each in table.columns:
        if not each.is_scalar:
            continue
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
    view = f"{SCHEMA}.{quoted(table.name + '_current')}"
    latest = table.identity == "thing"
    yield (
        f"CREATE VIEW {view} AS\n"
        f"SELECT {'DISTINCT ON (id) ' if latest else ''}it.*\nFROM {there} AS it\n"
        f"WHERE NOT EXISTS (\n"
        f"  SELECT FROM {there} AS later WHERE later.supersedes_id = it.id AND later.id <> it.id\n"
        f"){chr(10) + 'ORDER BY id, arrival DESC' if latest else ''};\n"
        f"CREATE INDEX ON {there} (supersedes_id) WHERE supersedes_id IS NOT NULL;"
    )


def _rows(table: Table) -> str:
    """Rows: plain columns, a function from JSON to a row, and a view of the rows as JSON."""
    there = f"{SCHEMA}.{quoted(table.name)}"
    lines, values, pairs = [], [], []
    for each in table.columns:
        name = quoted(each.name)
        kind, value = _type(each.node, each.path, rows=True)
        facets = list(_facets(each.node, name, name)) if not each.is_moment else []
        needed = " NOT NULL" if each.required else ""
        check = f" CHECK ({' AND '.join(facets)})" if facets else ""
        lines.append(f"{name} {kind}{needed}{check}")
        values.append(value)
        written = f"""to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
        pairs.append(f"{string(each.name)}, {written if each.is_moment else name}")
    for kind_column, word in table.kinds:
        check = f"({quoted(kind_column)} = {string(word)}) = ({quoted(word)} IS NOT NULL)"
        lines.append(f"CHECK ({check})")
    lines.append(f"PRIMARY KEY ({', '.join(map(quoted, table.key))})")
    body = ",\n".join(f"  {line}" for line in lines)
    index = ", ".join(
        quoted(each.name) for each in table.columns if each.identity and each.required
    )
    return "\n\n".join(
        [
            f"CREATE TABLE {there} (\n{body}\n);",
            f"CREATE INDEX ON {there} ({index}, event_time);" if index else "",
            _comments(table, there),
            f"CREATE FUNCTION {SCHEMA}.typed_{table.name}({DOCUMENT} jsonb) RETURNS {there}\n"
            f"LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$\n  SELECT\n    "
            + ",\n    ".join(values)
            + "\n$$;",
            f"CREATE VIEW {SCHEMA}.{table.name}_json AS\n"
            "SELECT jsonb_strip_nulls(jsonb_build_object(\n  "
            + ",\n  ".join(pairs)
            + f"\n)) AS {DOCUMENT}\nFROM {there};",
        ]
    ).replace("\n\n\n", "\n")


def _put(kept: Sequence[Table]) -> str:
    """A function that stores a document where its ``$schema`` says; again is not twice."""
    cases = "\n".join(
        f"    WHEN {string(each.source.id)} THEN\n"  # noqa: S608 - names and ids are quoted
        f"      INSERT INTO {SCHEMA}.{quoted(each.name)} ({DOCUMENT}) VALUES (put.{DOCUMENT})\n"
        f"      ON CONFLICT ({DIGEST}) DO NOTHING;"
        for each in kept
        if any(column.path == ("$schema",) for column in each.columns)
    )
    if not cases:
        return "-- No document names its schema: insert into the tables themselves."
    return (
        f"-- Store a document in the table of its $schema; true unless it was there already.\n"
        f"CREATE FUNCTION {SCHEMA}.put({DOCUMENT} jsonb) RETURNS boolean\n"
        f"LANGUAGE plpgsql AS $$\nBEGIN\n  CASE put.{DOCUMENT} ->> '$schema'\n{cases}\n"
        f"    ELSE\n      RAISE EXCEPTION 'no table for $schema %', "
        f"coalesce(put.{DOCUMENT} ->> '$schema', '(none)');\n"
        f"  END CASE;\n  RETURN FOUND;\nEND\n$$;"
    )
