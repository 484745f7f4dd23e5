from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from mfgstd.errors import StandardError
from mfgstd.models import Timestamp
from mfgstd.standard import catalogue
from mfgstd.standard.generators.sql.layout import Table, tables
from mfgstd.standard.generators.sql.postgresql import generate
from mfgstd.standard.generators.sql.spelling import RESERVED
from tests.tools import examples
from tests.tools.kinds import EVERY_KIND

if TYPE_CHECKING:
    from mfgstd.standard import Catalogue

    Author = Callable[..., Catalogue]

Connection = psycopg.Connection[tuple[Any, ...]]

URI = "https://w3id.org/mfgstd/"

#: What the tables of PostgreSQL do not see, and why.
UNSEEN = {
    "schema.typed-by": "which schemas exist is not in the table of envelopes",
}


def _unseen(each: examples.Example) -> str | None:
    if each.schema.domain == "envelope" and each.pointer.startswith("/data/"):
        return "the table of envelopes does not know what `dataschema` asks of `data`"
    if each.schema.slug == "observation-row" and each.rule == "schema.unknown-field":
        return "the function that makes a row takes the columns that there are"
    if str(each.found).startswith(URI) and each.rule == "schema.open-code":
        return "a pattern without look-ahead cannot leave out our own namespace"
    return UNSEEN.get(str(each.rule))


@contextmanager
def _database(server: str, name: str) -> Iterator[Connection]:
    """A connection to an empty database of its own."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(server.replace("dbname=postgres", f"dbname={name}")) as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def standard(postgresql: str) -> Iterator[Connection]:
    """The tables of the whole standard; each test rolls back what it stores."""
    with _database(postgresql, "standard") as connection:
        _run(connection, list(catalogue()))
        connection.commit()
        yield connection


@pytest.fixture
def store(standard: Connection) -> Iterator[Connection]:
    """A transaction over the tables of the standard."""
    yield standard
    standard.rollback()


def _run(connection: Connection, schemas: list[Any]) -> None:
    connection.execute(generate(schemas)["schema.sql"].encode())


def _tables() -> dict[str, Table]:
    return {each.source.id: each for each in tables(list(catalogue()))}


def _insert(connection: Connection, table: Table, document: Any) -> None:
    there = sql.Identifier("mfgstd", table.name)
    if table.is_rows:
        make = sql.Identifier("mfgstd", f"typed_{table.name}")
        said = sql.SQL("INSERT INTO {} SELECT made.* FROM {}(%s) AS made").format(there, make)
    else:
        said = sql.SQL("INSERT INTO {} (document) VALUES (%s)").format(there)
    connection.execute(said, [json.dumps(document)])


def _back(connection: Connection, table: Table) -> Any:
    name = f"{table.name}_json" if table.is_rows else table.name
    there = sql.Identifier("mfgstd", name)
    (row,) = connection.execute(sql.SQL("SELECT document FROM {}").format(there)).fetchall()
    return row[0]


def _refused(connection: Connection, table: Table, document: Any) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            _insert(connection, table, document)
    except psycopg.errors.Error:
        return True
    return False


def test_every_valid_example_is_taken_and_comes_back(store: Connection) -> None:
    by_id, tried = _tables(), 0
    for each in examples.valid():
        table = by_id.get(each.schema.id)
        if table is None:
            continue
        tried += 1
        with store.transaction(force_rollback=True):
            _insert(store, table, each.document)
            back = _back(store, table)
        if table.is_rows:
            # Columns hold the instant, not the way in which it was written.
            assert _instants(back) == _instants(each.document), each.path
        else:
            assert back == each.document, each.path
    assert tried >= 3 * (len(by_id) - 1)


def _instants(row: dict[str, Any]) -> dict[str, Any]:
    times = {"event_time", "server_time", "record_time"}
    return {
        key: Timestamp(value).nanoseconds if key in times else value for key, value in row.items()
    }


def test_every_invalid_example_is_refused_but_for_what_tables_cannot_see(
    store: Connection,
) -> None:
    by_id = _tables()
    judged = [each for each in examples.invalid() if each.schema.id in by_id]
    for each in judged:
        refused = _refused(store, by_id[each.schema.id], each.document)
        assert refused is (_unseen(each) is None), each.path
    seen = [each for each in judged if _unseen(each) is None]
    assert len(seen) > 0.9 * len(judged)


def test_a_document_goes_to_the_table_of_its_schema_once(store: Connection) -> None:
    by_id = _tables()
    put = "SELECT mfgstd.put(%s)"
    stored: set[str] = set()
    for each in examples.valid():
        table = by_id.get(each.schema.id)
        if table is None or table.identity in ("row", "envelope") or table.name in stored:
            continue
        stored.add(table.name)
        first = store.execute(put, [json.dumps(each.document)]).fetchone()
        again = store.execute(put, [json.dumps(each.document)]).fetchone()
        assert (first, again) == ((True,), (False,)), each.path
        assert _back(store, table) == each.document
    assert len(stored) == len(by_id) - 2
    with pytest.raises(psycopg.errors.RaiseException, match="no table for"):
        store.execute(put, ['{"$schema": "urn:x:y"}'])


def _alarm(**fields: Any) -> dict[str, Any]:
    return {
        "$schema": f"{URI}equipment/alarm/1",
        "id": "urn:x:alarm-1",
        "equipment": {"id": "urn:x:cnc-07"},
        "conditionId": "c",
        "active": True,
        "severity": 500,
        "eventTime": "2024-03-05T18:30:00.123456789+09:00",
        **fields,
    }


def test_a_moment_keeps_its_nanoseconds_beside_it(store: Connection) -> None:
    table = _tables()[f"{URI}equipment/alarm/1"]
    asked = (
        "SELECT to_char(event_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), event_time_ns"
        " FROM mfgstd.alarm"
    )
    for written, stored in {
        "2024-03-05T18:30:00.123456789+09:00": ("2024-03-05 09:30:00.123456", 789),
        "2024-03-05T09:30:00.9999999Z": ("2024-03-05 09:30:00.999999", 900),
        "2024-03-05T09:30:00Z": ("2024-03-05 09:30:00.000000", 0),
        "2016-12-31T23:59:60.5Z": ("2016-12-31 23:59:59.999999", 0),
    }.items():
        for zone in ("UTC", "Asia/Seoul"):
            with store.transaction(force_rollback=True):
                store.execute("SELECT set_config('TimeZone', %s, true)", [zone])
                _insert(store, table, _alarm(eventTime=written))
                assert store.execute(asked).fetchone() == stored


def test_an_event_is_stated_once_and_a_correction_hides_what_it_supersedes(
    store: Connection,
) -> None:
    table = _tables()[f"{URI}equipment/alarm/1"]
    _insert(store, table, _alarm())
    assert _refused(store, table, _alarm(severity=501))
    assert not _refused(store, table, _alarm(eventTime="2024-03-05T18:30:00.123456788+09:00"))
    correction = _alarm(
        id="urn:x:alarm-2", supersedes={"id": "urn:x:alarm-1", "reason": "wrong machine"}
    )
    _insert(store, table, correction)
    assert store.execute("SELECT id FROM mfgstd.alarm_current").fetchall() == [("urn:x:alarm-2",)]
    assert store.execute("SELECT count(*) FROM mfgstd.alarm").fetchone() == (2,)


def test_a_thing_is_stated_anew_and_the_latest_holds(store: Connection) -> None:
    table = _tables()[f"{URI}equipment/equipment/1"]
    thing = {"$schema": f"{URI}equipment/equipment/1", "id": "urn:x:1", "level": "unit"}
    for name in ("first", "second"):
        _insert(store, table, {**thing, "name": name})
    assert _refused(store, table, {**thing, "name": "first"})
    current = store.execute("SELECT id, name FROM mfgstd.equipment_current").fetchall()
    assert current == [("urn:x:1", "second")]


def test_numbers_as_text_are_exact(store: Connection) -> None:
    table = _tables()[f"{URI}equipment/observation/1"]
    observation = next(
        each.document for each in examples.valid() if each.schema.name == "Observation"
    )
    asked = "SELECT value_integer, value_decimal FROM mfgstd.observation_document"
    for value, stored in (
        ({"integer": "18446744073709551615"}, (Decimal(18446744073709551615), None)),
        ({"decimal": "12.50"}, (None, Decimal("12.50"))),
    ):
        with store.transaction(force_rollback=True):
            _insert(store, table, {**observation, "value": value})
            got = store.execute(asked).fetchone()
        assert got is not None
        assert [str(each) for each in got] == [str(each) for each in stored]


def test_a_row_fills_the_column_that_its_kind_names(store: Connection) -> None:
    table = next(each for each in _tables().values() if each.is_rows)
    row = next(
        each.document
        for each in examples.valid()
        if each.schema.id == table.source.id and each.document["kind"] == "number"
    )
    assert not _refused(store, table, row)
    assert _refused(store, table, {**row, "kind": "text"})
    assert _refused(store, table, {**row, "text": "and a text"})


def test_tables_and_columns_are_explained_in_both_languages(store: Connection) -> None:
    asked = """
        SELECT c.relname, a.attname, col_description(c.oid, a.attnum), obj_description(c.oid)
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'mfgstd'::regnamespace AND c.relkind = 'r'
    """
    found = store.execute(asked).fetchall()
    assert len({each[0] for each in found}) == len(_tables())
    for table, column, said, about in found:
        for text in (said, about):
            assert text, (table, column)
            assert any("가" <= letter <= "힣" for letter in text), (table, column, text)
            assert any("a" <= letter <= "z" for letter in text), (table, column, text)


def test_every_word_that_the_engine_reserves_is_quoted(store: Connection) -> None:
    asked = "SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')"
    assert {each[0] for each in store.execute(asked).fetchall()} <= RESERVED


@pytest.fixture
def pumps(postgresql: str, every_kind: Catalogue) -> Iterator[Callable[[Any], bool]]:
    """Whether the table of the schema with every kind of node takes some fields."""
    with _database(postgresql, "pumps") as connection:
        _run(connection, list(every_kind))
        (table,) = tables(list(every_kind))

        def takes(fields: dict[str, Any]) -> bool:
            document = {"id": "a", "note": "n", "text": "t", **fields}
            if _refused(connection, table, document):
                return False
            with connection.transaction(force_rollback=True):
                _insert(connection, table, document)
                assert _back(connection, table) == document
            return True

        yield takes


def test_every_kind_of_node_has_its_checks(pumps: Callable[[Any], bool]) -> None:
    for name, good, bad in EVERY_KIND:
        assert [each for each in good if not pumps({name: each})] == [], name
        assert [each for each in bad if pumps({name: each})] == [], name


def test_what_is_inside_a_list_is_checked_at_any_depth(postgresql: str, author: Author) -> None:
    inner = {
        "type": "object",
        "title": "PumpInner",
        "properties": {
            "deep": {"type": "array", "items": {"type": "string", "enum": ["a"]}, "maxItems": 2},
            "short": {"type": "string", "minLength": 2, "maxLength": 3},
        },
        "required": ["deep"],
        "additionalProperties": False,
    }
    base = {"type": "object", "properties": {}, "x-mfg-abstract": True}
    pump = {
        "type": "object",
        "allOf": [{"$ref": f"{URI}primitives/base/1"}],
        "properties": {"list": {"type": "array", "items": inner, "uniqueItems": True}},
        "unevaluatedProperties": False,
    }
    standard = author(primitives__base=base, equipment__pump=pump)
    with _database(postgresql, "lists") as connection:
        _run(connection, list(standard))
        (table,) = tables(list(standard))
        for item, taken in (
            ({"deep": []}, True),
            ({"deep": ["a", "a"], "short": "a\n"}, True),
            ({}, False),
            ({"deep": ["b"]}, False),
            ({"deep": ["a", 1]}, False),
            ({"deep": ["a", "a", "a"]}, False),
            ({"deep": [], "other": 1}, False),
            ({"deep": [], "short": "가"}, False),
            ({"deep": [], "short": "가나다라"}, False),
            ({"deep": None}, False),
            ("deep", False),
        ):
            refused = _refused(connection, table, {"list": [{"deep": ["a"]}, item]})
            assert refused is not taken, item
        assert _refused(connection, table, {"list": [{"deep": []}, {"deep": []}]})


def test_long_names_stay_apart(author: Author) -> None:
    field = "aVeryLongNameOfAFieldThatSaysAllThatThereIsToSayAboutWhatItHolds"
    base = {"type": "object", "properties": {}, "x-mfg-abstract": True}
    text = {"type": "string"}
    pump = {
        "type": "object",
        "allOf": [{"$ref": f"{URI}primitives/base/1"}],
        "properties": {f"{field}One": text, f"{field}Two": text, "document": text, "given": text},
        "unevaluatedProperties": False,
    }
    (table,) = tables(list(author(primitives__base=base, equipment__pump=pump)))
    names = [each.name for each in table.columns]
    assert len(set(names)) == 4
    assert all(len(each) <= 60 for each in names)
    # Our own column, and the parameter of a macro, keep their names.
    assert names[2:] == ["document_", "given_"]


def test_two_schemas_of_one_table_are_refused(author: Author) -> None:
    base = {"type": "object", "properties": {}, "x-mfg-abstract": True}
    pump = {
        "type": "object",
        "allOf": [{"$ref": f"{URI}primitives/base/1"}],
        "properties": {},
        "unevaluatedProperties": False,
    }
    standard = author(primitives__base=base, equipment__pump=pump, process__pump=pump)
    with pytest.raises(StandardError, match="'pump'"):
        generate(list(standard))


def test_the_same_schemas_make_the_same_bytes() -> None:
    assert generate(list(catalogue())) == generate(list(catalogue()))
