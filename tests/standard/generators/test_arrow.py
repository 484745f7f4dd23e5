from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from mfgstd.errors import StandardError
from mfgstd.observations import SCHEMA
from mfgstd.standard.generators.arrow import generate

if TYPE_CHECKING:
    from collections.abc import Callable

    from mfgstd.standard import Catalogue

    Author = Callable[..., Catalogue]

URI = "https://w3id.org/mfgstd/primitives/"


def _schema(standard: Catalogue) -> pa.Schema:
    names: dict[str, Any] = {}
    exec(generate(list(standard))["_schema.py"], names)  # noqa: S102 - our own output
    schema = names["SCHEMA"]
    assert isinstance(schema, pa.Schema)
    return schema


def test_columns_take_the_smallest_type_that_holds_their_bounds(author: Author) -> None:
    moment = {"type": "string", "format": "date-time", "pattern": "^.*$"}
    row = {
        "type": "object",
        "properties": {
            "when": {"$ref": f"{URI}moment/1"},
            "name": {"type": "string"},
            "word": {"type": "string", "enum": ["a"]},
            "size": {"type": "number"},
            "yes": {"type": "boolean"},
            "small": {"type": "integer", "minimum": 0, "maximum": 999},
            "signed": {"type": "integer", "minimum": -(2**15), "maximum": 2**15 - 1},
            "middle": {"type": "integer", "minimum": 0, "maximum": 2**15},
            "large": {"type": "integer", "minimum": 0, "maximum": 2**31},
            "unbounded": {"type": "integer", "minimum": 0},
        },
        "required": ["when", "small"],
        "additionalProperties": False,
    }
    columns: list[pa.Field[Any]] = [
        pa.field("when", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("name", pa.string()),
        pa.field("word", pa.string()),
        pa.field("size", pa.float64()),
        pa.field("yes", pa.bool_()),
        pa.field("small", pa.int16(), nullable=False),
        pa.field("signed", pa.int16()),
        pa.field("middle", pa.int32()),
        pa.field("large", pa.int64()),
        pa.field("unbounded", pa.int64()),
    ]
    made = _schema(author(primitives__moment=moment, equipment__observation_row=row))
    assert made == pa.schema(columns)


def test_a_nested_field_is_no_column(author: Author) -> None:
    row = {
        "type": "object",
        "properties": {"many": {"type": "array", "items": {"type": "number"}}},
        "additionalProperties": False,
    }
    with pytest.raises(StandardError, match="'many' of ObservationRow is no column"):
        generate(list(author(equipment__observation_row=row)))


def test_without_the_row_schema_there_are_no_columns(author: Author) -> None:
    with pytest.raises(StandardError, match="observation-row"):
        generate(list(author(equipment__pump={"type": "string"})))


def test_observations_have_the_columns_of_the_design() -> None:
    # Written by hand from the column table of the design; the generated file must agree.
    text, moment = pa.string(), pa.timestamp("us", tz="UTC")
    columns: dict[str, pa.DataType] = {
        "data_item": text,
        "event_time": moment,
        "event_time_ns": pa.int16(),
        "server_time": moment,
        "record_time": moment,
        "time_quality": text,
        "kind": text,
        "number": pa.float64(),
        "integer": pa.int64(),
        "decimal": text,
        "text": text,
        "boolean": pa.bool_(),
        "unit": text,
        "status": text,
        "reason": text,
        "native_value": text,
        "native_unit": text,
        "native_status": text,
        "source": text,
        "epoch": text,
        "sequence": pa.int64(),
        "replayed": pa.bool_(),
        "event_id": text,
    }
    assert {each.name: each.type for each in SCHEMA} == columns
    assert [each.name for each in SCHEMA] == list(columns)
    assert {each.name for each in SCHEMA if not each.nullable} == {
        "data_item",
        "event_time",
        "kind",
        "status",
        "source",
        "event_id",
    }
