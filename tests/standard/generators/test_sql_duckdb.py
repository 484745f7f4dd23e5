from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from mfgstd.models import Timestamp
from mfgstd.standard import catalogue
from mfgstd.standard.generators.sql.duckdb import generate
from mfgstd.standard.generators.sql.layout import Table, tables
from mfgstd.standard.generators.sql.spelling import RESERVED, quoted
from mfgstd.standard.resolved import Array, Map, Object, Ref, Resolved, Union
from tests.tools import examples
from tests.tools.kinds import EVERY_KIND

if TYPE_CHECKING:
    from mfgstd.standard import Catalogue

    Author = Callable[..., Catalogue]

URI = "https://w3id.org/mfgstd/"


def _in_a_list(each: examples.Example) -> bool:
    """Whether a finding points into a list or map: a CHECK of DuckDB can hold no lambda."""
    node: Any = each.schema.node
    for step in each.pointer.split("/")[1:]:
        while isinstance(node, Ref):
            node = catalogue().get(node.id).node
        match node:
            case Object():
                node = next((field.node for field in node if field.name == step), None)
            case Array() | Map() | Union(how="const"):
                return True
            case _:
                return False
    while isinstance(node, Ref):
        node = catalogue().get(node.id).node
    return False


def _unseen(each: examples.Example) -> str | None:
    """Why the tables of DuckDB do not see what an invalid example breaks, if they don't."""
    if _in_a_list(each):
        return "a CHECK can hold no lambda, so that what is in a list is not looked at"
    if each.schema.domain == "envelope" and each.pointer.startswith("/data"):
        return "the table of envelopes does not know what `dataschema` asks of `data`"
    if each.schema.slug == "observation-row" and each.rule == "schema.unknown-field":
        return "the macro that makes a row takes the columns that there are"
    if each.rule == "schema.typed-by":
        return "which schemas exist is not in the table of envelopes"
    if str(each.found).startswith(URI) and each.rule == "schema.open-code":
        return "a pattern without look-ahead cannot leave out our own namespace"
    return None


def _open(schemas: list[Resolved]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(generate(schemas)["schema.sql"])
    return connection


@pytest.fixture(scope="module")
def standard() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of the whole standard."""
    with _open(list(catalogue())) as connection:
        yield connection


@pytest.fixture
def store(standard: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same, empty again afterwards."""
    yield standard
    for name in ("alarm", "equipment", "observation_batch", "state_event"):
        standard.execute(f"DELETE FROM mfgstd.{name}")  # noqa: S608 - the names above


def _tables() -> dict[str, Table]:
    return {each.source.id: each for each in tables(list(catalogue()))}


def _insert(connection: duckdb.DuckDBPyConnection, table: Table, document: Any) -> None:
    connection.execute(
        f"INSERT INTO mfgstd.{quoted(table.name)} BY NAME FROM mfgstd.typed_{table.name}($1::JSON)",
        [json.dumps(document)],
    )


def _documents(connection: duckdb.DuckDBPyConnection, table: Table) -> list[Any]:
    name = f"{table.name}_json" if table.is_rows else quoted(table.name)
    asked = f"SELECT document FROM mfgstd.{name}"  # noqa: S608 - a table of ours
    return [json.loads(each) for (each,) in connection.execute(asked).fetchall()]


def _back(connection: duckdb.DuckDBPyConnection, table: Table) -> Any:
    (document,) = _documents(connection, table)
    return document


def _refused(connection: duckdb.DuckDBPyConnection, table: Table, document: Any) -> bool:
    connection.execute("BEGIN")
    try:
        _insert(connection, table, document)
    except duckdb.Error:
        return True
    finally:
        connection.execute("ROLLBACK")
    return False


def test_every_valid_example_is_taken_and_comes_back(store: duckdb.DuckDBPyConnection) -> None:
    valid = examples.valid()
    for schema_id, table in _tables().items():
        # Columns hold the instant, not the way in which it was written.
        kept = _instants if table.is_rows else dict
        left = [kept(each.document) for each in valid if each.schema.id == schema_id]
        assert len(left) >= 3
        given = [each.document for each in valid if each.schema.id == schema_id]
        while left:
            # Examples of the same id keep each other out, and come in another round.
            back = [kept(each) for each in _stored(store, table, given)]
            assert back
            assert all(each in left for each in back), table.name
            left = [each for each in left if each not in back]
            given = [each for each in given if kept(each) not in back]


def _stored(connection: duckdb.DuckDBPyConnection, table: Table, documents: list[Any]) -> list[Any]:
    """What comes back of documents that are stored in one statement, and then taken out again."""
    connection.execute("BEGIN")
    connection.execute(
        f"INSERT INTO mfgstd.{quoted(table.name)} BY NAME SELECT typed.*"  # noqa: S608 - ours
        f" FROM (SELECT unnest($1::JSON[]) AS json) AS given, mfgstd.typed_{table.name}(given.json)"
        " AS typed ON CONFLICT DO NOTHING",
        [[json.dumps(each) for each in documents]],
    )
    found = _documents(connection, table)
    connection.execute("ROLLBACK")
    return found


def _instants(row: dict[str, Any]) -> dict[str, Any]:
    times = {"event_time", "server_time", "record_time"}
    return {
        key: Timestamp(value).nanoseconds if key in times else value for key, value in row.items()
    }


def test_every_invalid_example_is_refused_but_for_what_tables_cannot_see(
    store: duckdb.DuckDBPyConnection,
) -> None:
    by_id = _tables()
    judged = [each for each in examples.invalid() if each.schema.id in by_id]
    for each in judged:
        refused = _refused(store, by_id[each.schema.id], each.document)
        assert refused is (_unseen(each) is None), each.path
    seen = [each for each in judged if _unseen(each) is None]
    assert len(seen) > 0.75 * len(judged)


def test_files_load_in_one_statement(store: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    documents = [each.document for each in examples.valid() if each.schema.name == "StateEvent"]
    path = tmp_path / "events.ndjson"
    text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in documents)
    path.write_text(text, encoding="utf-8")
    load = """
        INSERT INTO mfgstd.state_event BY NAME
        SELECT typed.*
        FROM read_json_objects($1) AS file, mfgstd.typed_state_event(file.json) AS typed
        ON CONFLICT (digest) DO NOTHING
    """
    for _ in range(2):
        store.execute(load, [str(path)])
        found = store.execute("SELECT document FROM mfgstd.state_event ORDER BY arrival").fetchall()
        assert sorted(json.loads(each)["id"] for (each,) in found) == sorted(
            each["id"] for each in documents
        )


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


def test_a_moment_keeps_its_nanoseconds_beside_it(store: duckdb.DuckDBPyConnection) -> None:
    table = _tables()[f"{URI}equipment/alarm/1"]
    asked = "SELECT epoch_us(event_time), event_time_ns FROM mfgstd.alarm"
    for written, instant, below in (
        ("2024-03-05T18:30:00.123456789+09:00", "2024-03-05T09:30:00.123456Z", 789),
        ("2024-03-05T09:30:00.9999999Z", "2024-03-05T09:30:00.999999Z", 900),
        ("2024-03-05T09:30:00Z", "2024-03-05T09:30:00Z", 0),
        ("2016-12-31T23:59:60.5Z", "2016-12-31T23:59:59.999999Z", 0),
    ):
        store.execute("BEGIN")
        _insert(store, table, _alarm(eventTime=written))
        (found,) = store.execute(asked).fetchall()
        store.execute("ROLLBACK")
        assert found == (Timestamp(instant).nanoseconds // 1000, below)


def test_an_event_is_stated_once_and_a_correction_hides_what_it_supersedes(
    store: duckdb.DuckDBPyConnection,
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
    assert store.execute("SELECT count(*) FROM mfgstd.alarm").fetchall() == [(2,)]


def test_a_thing_is_stated_anew_and_the_latest_holds(store: duckdb.DuckDBPyConnection) -> None:
    table = _tables()[f"{URI}equipment/equipment/1"]
    thing = {"$schema": f"{URI}equipment/equipment/1", "id": "urn:x:1", "level": "unit"}
    for name in ("first", "second"):
        _insert(store, table, {**thing, "name": name})
    assert _refused(store, table, {**thing, "name": "first"})
    current = store.execute("SELECT id, name FROM mfgstd.equipment_current").fetchall()
    assert current == [("urn:x:1", "second")]


def test_a_list_of_objects_is_a_list_of_structs(store: duckdb.DuckDBPyConnection) -> None:
    batch = next(
        each for each in examples.valid() if each.path.endswith("observation-batch/valid/all-kinds")
    )
    _insert(store, _tables()[batch.schema.id], batch.document)
    asked = """
        SELECT item.dataItem, item.eventTime, item."value"."number", item."value"."integer"::VARCHAR
        FROM (SELECT unnest(observations) AS item FROM mfgstd.observation_batch)
    """
    whole = [
        (
            each["dataItem"],
            each["eventTime"],
            each.get("value", {}).get("number"),
            each.get("value", {}).get("integer"),
        )
        for each in batch.document["observations"]
    ]
    assert store.execute(asked).fetchall() == whole


def test_numbers_as_text_are_exact(store: duckdb.DuckDBPyConnection) -> None:
    table = _tables()[f"{URI}equipment/observation/1"]
    observation = next(
        each.document for each in examples.valid() if each.schema.name == "Observation"
    )
    asked = "SELECT value_integer, value_decimal FROM mfgstd.observation_document"
    long = "0." + "123456789" * 6
    for value, stored in (
        ({"integer": "18446744073709551615"}, (18446744073709551615, None)),
        ({"decimal": long}, (None, long)),
    ):
        store.execute("BEGIN")
        _insert(store, table, {**observation, "value": value})
        assert store.execute(asked).fetchall() == [stored]
        store.execute("ROLLBACK")


def test_a_row_fills_the_column_that_its_kind_names(store: duckdb.DuckDBPyConnection) -> None:
    table = next(each for each in _tables().values() if each.is_rows)
    row = next(
        each.document
        for each in examples.valid()
        if each.schema.id == table.source.id and each.document["kind"] == "number"
    )
    assert not _refused(store, table, row)
    assert _refused(store, table, {**row, "kind": "text"})
    assert _refused(store, table, {**row, "text": "and a text"})


def test_rows_take_the_record_batches_of_the_sdk(store: duckdb.DuckDBPyConnection) -> None:
    from mfgstd.observations import SCHEMA

    rows = SCHEMA.empty_table()
    store.register("batch", rows)
    store.execute("INSERT INTO mfgstd.observation BY NAME FROM batch")
    store.unregister("batch")
    described = store.execute("DESCRIBE mfgstd.observation").fetchall()
    assert [each[0] for each in described] == SCHEMA.names


def test_every_column_can_be_explained(store: duckdb.DuckDBPyConnection) -> None:
    """All comments name what exists; one table's are tried, since each takes its time."""
    statements = generate(list(catalogue()))["comments.sql"].split("COMMENT ON COLUMN ")[1:]
    named = {each.split(" IS ", 1)[0].replace('"', "") for each in statements}
    columns = store.execute(
        "SELECT 'mfgstd.' || table_name || '.' || column_name FROM duckdb_columns()"
        " WHERE schema_name = 'mfgstd' AND table_name IN (SELECT table_name FROM duckdb_tables())"
    ).fetchall()
    assert named == {each for (each,) in columns}
    tried = [each for each in statements if each.startswith("mfgstd.gap.")]
    store.execute("COMMENT ON COLUMN " + "COMMENT ON COLUMN ".join(tried))
    said = store.execute("SELECT comment FROM duckdb_columns() WHERE table_name = 'gap'").fetchall()
    said += store.execute(
        "SELECT comment FROM duckdb_tables() WHERE schema_name = 'mfgstd'"
    ).fetchall()
    for (text,) in said:
        assert any("가" <= letter <= "힣" for letter in text), text
        assert any("a" <= letter <= "z" for letter in text), text


def test_every_word_that_the_engine_reserves_is_quoted(store: duckdb.DuckDBPyConnection) -> None:
    asked = """
        SELECT keyword_name FROM duckdb_keywords()
        WHERE keyword_category IN ('reserved', 'type_function')
    """
    reserved = {each for (each,) in store.execute(asked).fetchall()}
    bare = {each for each in reserved if quoted(each) == each}
    for word in bare:
        # Of the words for types and functions most are good names of columns.
        store.execute(f"CREATE TABLE bare ({word} INTEGER, CHECK ({word} > 0))")
        store.execute("DROP TABLE bare")
    assert {"select", "order", "lambda"} <= RESERVED


#: What DuckDB takes though the schema does not: it is inside a list, a map or a recursion.
UNSEEN_INSIDE = [
    ("many", ["a", 1]),
    ("pair", [1, "2"]),
    ("names", {"ko": 1}),
    ("names", {"KO": "가"}),
]
UNSEEN_INSIDE += [("form", each) for each in ({"kind": "square"}, {}, {"kind": "flat", "x": 1})]
UNSEEN_INSIDE += [("mine", {})]


def test_every_kind_of_node_has_its_checks(every_kind: Catalogue) -> None:
    (table,) = tables(list(every_kind))
    least = {"id": "a", "note": "n", "text": "t"}
    with _open(list(every_kind)) as connection:
        for name, good, bad in EVERY_KIND:
            for each in good:
                connection.execute("BEGIN")
                _insert(connection, table, {**least, name: each})
                assert _back(connection, table) == {**least, name: each}
                connection.execute("ROLLBACK")
            taken = [each for each in bad if not _refused(connection, table, {**least, name: each})]
            assert taken == [each for unseen, each in UNSEEN_INSIDE if unseen == name], name


def test_every_kind_of_node_has_its_type(every_kind: Catalogue) -> None:
    with _open(list(every_kind)) as connection:
        described = connection.execute("DESCRIBE mfgstd.pump").fetchall()
    assert {each[0]: each[1] for each in described} == {
        "id": "VARCHAR",
        "note": "VARCHAR",
        "text": "VARCHAR",
        "fixed": "VARCHAR",
        "word": "VARCHAR",
        "code": "VARCHAR",
        "narrow": "VARCHAR",
        "size": "DOUBLE",
        "count": "SMALLINT",
        "large": "BIGINT",
        "yes": "BOOLEAN",
        "many": "VARCHAR[]",
        "some": "VARCHAR[]",
        "pair": "DOUBLE[]",
        "names": "MAP(VARCHAR, VARCHAR)",
        "part_x": "DOUBLE",
        "form": "STRUCT(kind VARCHAR)",
        "value_one": "DOUBLE",
        "value_two": "DOUBLE",
        "mine": "JSON",
        "theirs": "JSON",
        "other": "VARCHAR",
        "again": "JSON",
        "odd_name": "VARCHAR",
        "document": "JSON",
        "digest": "VARCHAR",
        "stored_at": "TIMESTAMP WITH TIME ZONE",
        "arrival": "BIGINT",
    }


def test_the_same_schemas_make_the_same_bytes() -> None:
    assert generate(list(catalogue())) == generate(list(catalogue()))
