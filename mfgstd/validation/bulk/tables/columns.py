"""Tables with one column for each field of an entity: what columns they must have, and the view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from mfgstd.expression.virtual import Instant, Virtual
from mfgstd.finding import Finding, show
from mfgstd.language import Text
from mfgstd.near import nearest
from mfgstd.standard.resolved import Object
from mfgstd.validation.bulk.tables.arrow_type import arrow_type
from mfgstd.validation.bulk.tables.plan import ROW

if TYPE_CHECKING:
    from collections.abc import Callable

    from mfgstd.expression.virtual import Column
    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Resolved


def view(table: Any, microseconds: Callable[[Column], Column]) -> Virtual:
    """The row of a table as a document; timestamps stand for their texts."""
    fields: dict[str, Any] = {}
    for name in table.columns:
        if name == ROW or table[name].type().is_null():
            continue
        column = table[name]
        if column.type().is_timestamp():
            fields[name] = Instant(microseconds(column), column.notnull(), column=column)
        else:
            fields[name] = column
    return Virtual(fields, ibis.literal(True))


def findings(
    schema: pa.Schema, resolved: Resolved, *, tolerant: bool, within: Catalogue | None = None
) -> list[Finding]:
    """What is wrong with the columns themselves, before any row is looked at."""
    node = resolved.node
    wanted = arrow_type(resolved, within)
    found: list[Finding] = []
    if not isinstance(node, Object) or wanted is None:
        return found
    types = {wanted.field(i).name: wanted.field(i).type for i in range(wanted.num_fields)}
    for each in node:
        if each.name not in schema.names:
            if each.required:
                found.append(_missing(each.name))
        elif each.name in types:
            given = schema.field(each.name).type
            if not _may_hold(given, types[each.name]):
                found.append(_wrong_type(each.name, types[each.name], given))
    if not tolerant and node.closed:
        known = [each.name for each in node]
        found += [
            _unknown(resolved.name, name, known) for name in schema.names if name not in known
        ]
    return found


def _may_hold(given: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether a column's values could be what is wanted; how wide they are is not asked."""
    types: Any = pa.types
    if types.is_dictionary(given):
        given = given.value_type
    if types.is_null(given):
        return True
    asked: tuple[Callable[[pa.DataType], bool], ...]
    if types.is_string(wanted):
        asked = (types.is_string, types.is_large_string, types.is_string_view, types.is_timestamp)
    elif types.is_integer(wanted) or types.is_floating(wanted):
        asked = (types.is_integer, types.is_floating, types.is_decimal)
    elif types.is_list(wanted):
        asked = (types.is_list, types.is_large_list, types.is_fixed_size_list)
    else:
        return type(given) is type(wanted)
    return any(each(given) for each in asked)


def _missing(name: str) -> Finding:
    return Finding(
        rule="schema.required",
        message=Text(f"The column {show(name)} is missing.", f"{show(name)} 열이 없습니다."),
        expected=name,
    )


def _wrong_type(name: str, wanted: pa.DataType, given: pa.DataType) -> Finding:
    return Finding(
        rule="schema.type",
        message=Text(
            f"The column {show(name)} has the wrong type.",
            f"{show(name)} 열의 자료형이 다릅니다.",
        ),
        pointer=f"/{name}",
        expected=show(str(wanted)),
        found=show(str(given)),
    )


def _unknown(entity: str, name: str, known: list[str]) -> Finding:
    return Finding(
        rule="schema.unknown-field",
        message=Text(
            f"{entity} has no field for the column {show(name)}.",
            f"{entity}에는 {show(name)} 열에 해당하는 필드가 없습니다.",
        ),
        pointer=f"/{name}",
        hint=nearest(name, known),
    )
