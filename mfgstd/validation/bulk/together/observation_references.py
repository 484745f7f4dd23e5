"""What rules that refer from observations to other documents read of a row, and nothing else."""

from __future__ import annotations

from typing import Any, Final

import ibis

from mfgstd.expression.virtual import Virtual
from mfgstd.validation.rules.columns import Rows

#: What rules that refer to data items read of a row; its value only by its kind.
SPOKEN: Final = ("data_item", "unit", "kind")


def as_spoken(table: Any) -> Rows:
    """A table with those columns as documents."""
    kinds = {
        "number": "float64",
        "integer": "string",
        "decimal": "string",
        "text": "string",
        "boolean": "boolean",
    }
    some = {"float64": 0.0, "string": "", "boolean": False}
    value = {
        name: (table["kind"] == name).ifelse(ibis.literal(some[kind], kind), ibis.null(kind))
        for name, kind in kinds.items()
    }
    there = Virtual(value, table["kind"].isin(list(kinds)))
    fields = {"dataItem": table["data_item"], "unit": table["unit"], "value": there}
    return Rows(table, Virtual(fields, table["row"].notnull()))
