"""Columns of numbers that were seen to be judged wrongly, and what is right here."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pyarrow as pa

from tests.validation.semantics.column import Column, Said
from tests.validation.semantics.row import (
    INTEGER,
    MAP_OF_NUMBERS,
    NUMBER,
    PAIR,
    list_of,
    object_of,
)

_NAN: Final = float("nan")
_INF: Final = float("inf")
_FINE: Final[Said] = ()
_BAD_NUMBER: Final[Said] = ("type ",)

NUMBERS: Final[tuple[Column, ...]] = (
    # Numbers: the statistics of a Parquet file leave NaN out, and DuckDB believes them.
    Column(
        "NaN beside numbers",
        {**NUMBER, "minimum": 0, "maximum": 9},
        pa.float64(),
        (1.0, _NAN, 2.0),
        (_FINE, _BAD_NUMBER, _FINE),
    ),
    Column("NaN alone", NUMBER, pa.float64(), (_NAN,), (_BAD_NUMBER,)),
    Column("NaN of single precision", NUMBER, pa.float32(), (_NAN, 0.5), (_BAD_NUMBER, _FINE)),
    Column(
        "infinities have no bounds",
        {**NUMBER, "minimum": 0, "maximum": 9},
        pa.float64(),
        (_INF, -_INF, 10.0, -1.0),
        (_BAD_NUMBER, _BAD_NUMBER, ("maximum ",), ("minimum ",)),
    ),
    Column(
        "NaN in a field",
        object_of(a={**NUMBER, "maximum": 9}),
        pa.struct({"a": pa.float64()}),
        ({"a": 1.0}, {"a": _NAN}, {"a": _INF}),
        (_FINE, ("type /a",), ("type /a",)),
    ),
    Column(
        "NaN in a list",
        list_of({**NUMBER, "minimum": 0}),
        pa.list_(pa.float64()),
        ([1.0, _NAN], [_INF, -1.0]),
        (("type /1",), ("minimum /1", "type /0")),
    ),
    Column(
        "NaN in a map",
        MAP_OF_NUMBERS,
        pa.map_(pa.string(), pa.float64()),
        ([("a", _NAN)], [("a", 1.0)]),
        (("type /a",), _FINE),
    ),
    Column(
        "NaN in a field of a list",
        list_of(PAIR),
        pa.list_(pa.struct({"a": pa.float64()})),
        ([{"a": 1.0}, {"a": _NAN}],),
        (("type /1/a",),),
    ),
    Column("minus zero", {**NUMBER, "minimum": 0}, pa.float64(), (-0.0, 0.0), (_FINE, _FINE)),
    Column(
        "minus zero is not above zero",
        {**NUMBER, "exclusiveMinimum": 0},
        pa.float64(),
        (-0.0, 5e-324),
        (("exclusive-minimum ",), _FINE),
    ),
    Column(
        "whole numbers for numbers",
        {**NUMBER, "maximum": 9},
        pa.int64(),
        (9, 10),
        (_FINE, ("maximum ",)),
    ),
    Column(
        "2^53 + 1 as a number is 2^53 + 1",
        {**NUMBER, "maximum": 2**53},
        pa.int64(),
        (2**53, 2**53 + 1),
        (_FINE, ("maximum ",)),
    ),
    Column(
        "2^63 - 1 as a number is not 2^63",
        {**NUMBER, "exclusiveMaximum": 2**63},
        pa.int64(),
        (2**63 - 1,),
        (_FINE,),
    ),
    Column(
        "single precision is widened",
        {**NUMBER, "maximum": 0.1},
        pa.float32(),
        (0.1, 0.05),
        (("maximum ",), _FINE),
    ),
    Column(
        "half precision",
        {**NUMBER, "maximum": 9},
        pa.float16(),
        (0.5, 10.0),
        (_FINE, ("maximum ",)),
    ),
    Column(
        "decimals for numbers",
        {**NUMBER, "maximum": 0.3},
        pa.decimal128(20, 17),
        (Decimal("0.3"), Decimal("0.30000000000000001"), Decimal("0.31")),
        (_FINE, _FINE, ("maximum ",)),
    ),
    Column(
        "decimals at an exclusive bound",
        {**NUMBER, "exclusiveMinimum": 0.1},
        pa.decimal128(20, 2),
        (Decimal("0.10"), Decimal("0.11")),
        (("exclusive-minimum ",), _FINE),
    ),
    Column(
        "whole decimals are compared as they are",
        {**NUMBER, "maximum": 2**53},
        pa.decimal128(20, 0),
        (Decimal(2**53), Decimal(2**53 + 1)),
        (_FINE, ("maximum ",)),
    ),
    Column(
        "decimals with a fraction beyond 2^53",
        {**NUMBER, "maximum": 2**53},
        pa.decimal128(20, 1),
        (Decimal(2**53), Decimal(2**53 + 1)),
        (_FINE, ("maximum ",)),
        rows=True,
    ),
    Column(
        "unsigned beyond 64 bits as a number",
        {**NUMBER, "maximum": 2**63},
        pa.uint64(),
        (2**63, 2**63 + 1),
        (_FINE, ("maximum ",)),
    ),
    # Integers
    Column(
        "2^53 + 1 is above 2^53",
        {**INTEGER, "maximum": 2**53},
        pa.int64(),
        (2**53, 2**53 + 1),
        (_FINE, ("maximum ",)),
    ),
    Column(
        "2^63 - 1 is above 2^63 - 2",
        {**INTEGER, "maximum": 2**63 - 2},
        pa.int64(),
        (2**63 - 1, 2**63 - 2),
        (("maximum ",), _FINE),
    ),
    Column(
        "unsigned beyond 64 bits",
        INTEGER,
        pa.uint64(),
        (2**63 - 1, 2**63, 2**64 - 1),
        (_FINE, ("maximum ",), ("maximum ",)),
    ),
    Column(
        "unsigned is not below zero",
        {**INTEGER, "minimum": 1},
        pa.uint8(),
        (0, 255),
        (("minimum ",), _FINE),
    ),
    Column(
        "few bits never reach the bound",
        {**INTEGER, "maximum": 300},
        pa.int8(),
        (127, -128),
        (_FINE, _FINE),
    ),
    Column(
        "unsigned beyond 64 bits in a list",
        list_of(INTEGER),
        pa.list_(pa.uint64()),
        ([1, 2**63],),
        (("maximum /1",),),
    ),
    Column(
        "negative multiples",
        {**INTEGER, "multipleOf": 5},
        pa.int64(),
        (-15, -12, 0),
        (_FINE, ("multiple-of ",), _FINE),
    ),
    Column(
        "doubles for integers",
        INTEGER,
        pa.float64(),
        (1.0, 1.5, 1e300, _NAN),
        (_FINE, ("type ",), ("maximum ",), ("type ",)),
        rows=True,
    ),
    Column(
        "decimals for integers",
        {**INTEGER, "maximum": 9},
        pa.decimal128(20, 0),
        (Decimal(9), Decimal(10)),
        (_FINE, ("maximum ",)),
    ),
    Column(
        "decimals with a fraction for integers",
        INTEGER,
        pa.decimal128(20, 1),
        (Decimal("1.0"), Decimal("1.5")),
        (_FINE, ("type ",)),
        rows=True,
    ),
)
