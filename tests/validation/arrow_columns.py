"""Documents as Arrow columns, for tests that ask columns about them.

Columns cannot hold everything that JSON can: what would come out otherwise than it went in is
refused, and no test asks columns about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pyarrow as pa

_INT64: Final = range(-(2**63), 2**63)


class Unfit(Exception):
    """A value is not of the type of its column."""


def fits(kind: pa.DataType, document: Any) -> bool:
    """Whether a document is of the type of a column, with nothing lost."""
    try:
        held(kind, document)
    except Unfit:
        return False
    return True


def column(kind: pa.DataType, documents: Iterable[Any]) -> pa.Array:
    """Documents as one column.

    Raises:
        Unfit: one of them is not of its type.
    """
    return pa.array([held(kind, each) for each in documents], kind)


def held(kind: pa.DataType, value: Any) -> Any:
    """A JSON value as Arrow takes it.

    Raises:
        Unfit: the column would say something else than the value does.
    """
    types = pa.types
    if types.is_struct(kind):
        names = {kind.field(i).name: kind.field(i).type for i in range(kind.num_fields)}
        if not isinstance(value, dict) or not value.keys() <= names.keys():
            raise Unfit
        if None in value.values():
            # A member of null is wrong, and would come out as one that is absent.
            raise Unfit
        return {name: held(names[name], each) for name, each in value.items()}
    if types.is_list(kind):
        if not isinstance(value, list):
            raise Unfit
        return [None if each is None else held(kind.value_type, each) for each in value]
    if types.is_map(kind):
        if not isinstance(value, dict):
            raise Unfit
        return [
            (held(pa.string(), key), None if each is None else held(kind.item_type, each))
            for key, each in value.items()
        ]
    return _scalar(kind, value)


def _scalar(kind: pa.DataType, value: Any) -> Any:
    if pa.types.is_string(kind):
        if not isinstance(value, str):
            raise Unfit
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unfit from None
        return value
    if pa.types.is_boolean(kind):
        if not isinstance(value, bool):
            raise Unfit
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit
    try:
        number = float(value) if pa.types.is_floating(kind) else int(value)
    except (OverflowError, ValueError):
        raise Unfit from None
    if number != value or (isinstance(number, int) and number not in _INT64):
        raise Unfit
    return number
