"""Columns that a database reads from files by itself: nothing is lost on the way to a rule."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa

from mfgstd.standard.resources import root
from mfgstd.validation.rules import columns, layouts, standard_rules
from mfgstd.validation.rules.collection import outcomes


def _ddl(kind: pa.DataType) -> str:
    """An Arrow type as DuckDB writes it."""
    if pa.types.is_struct(kind):
        return "STRUCT(" + ", ".join(f'"{each.name}" {_ddl(each.type)}' for each in kind) + ")"
    if pa.types.is_list(kind):
        return f"{_ddl(kind.value_type)}[]"
    if pa.types.is_decimal(kind):
        return "DECIMAL(38, 0)"
    return {"string": "VARCHAR", "double": "DOUBLE", "bool": "BOOLEAN"}[str(kind)]


def test_whole_numbers_beyond_doubles_are_read_exactly_from_ndjson(tmp_path: Path) -> None:
    import ibis

    rule = next(each for each in standard_rules() if each.id.endswith("counter-reading.counts-up"))
    folder = root("schemas") / "examples" / "equipment" / "counter-reading" / "valid"
    minimum = json.loads((folder / "minimum.json").read_bytes())
    values = [2**53 + 1, 2**53, float(2**53), 2**63 - 1, 2**63 - 2]
    documents = [minimum | {"value": each} for each in values]
    path = tmp_path / "readings.ndjson"
    path.write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")

    this = layouts.schema(layouts.layouts(rule)[rule.entity]).field("this").type
    read = ", ".join(f"'{each.name}': '{_ddl(each.type)}'" for each in this)
    packed = ", ".join(f"'{each.name}': \"{each.name}\"" for each in this)
    connection = ibis.duckdb.connect()
    connection.raw_sql(
        "CREATE TABLE readings AS SELECT 0::BIGINT AS collection, row_number() OVER () - 1 AS row, "  # noqa: S608 - names of our own
        f"{{{packed}}} AS this FROM read_json('{path}', format='nd', columns={{{read}}})"
    )
    query = columns.query(rule, {rule.entity: connection.table("readings")})
    said = {each["row"]: each["outcome"] for each in connection.to_pyarrow(query).to_pylist()}
    assert said == {1: "false", 2: "true", 3: "true", 4: "false"}
    assert {
        each.row: str(each.kept).lower() for each in outcomes(rule, {rule.entity: documents})
    } == said
