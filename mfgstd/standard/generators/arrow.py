"""Target ``arrow``: the Arrow schema of observations, out of the schema ``observation-row``."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from mfgstd.errors import StandardError
from mfgstd.finding import Place
from mfgstd.language import Text as Words
from mfgstd.standard.generators.header import header
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
    Property,
    Ref,
    Resolved,
    Text,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The one schema whose fields are columns.
ROW = "observation-row"


def generate(schemas: Sequence[Resolved]) -> dict[str, str]:
    """``_schema.py`` with the Arrow schema of one observation on each row.

    Raises:
        StandardError: there is no such schema, or it has a field that is no column.
    """
    by_id = {each.id: each for each in schemas}
    row = next((each for each in schemas if each.slug == ROW), None)
    if row is None or not isinstance(row.node, Object):
        raise StandardError(
            Words(
                f"There is no schema {ROW!r} to take the columns from.",
                f"열을 정의하는 {ROW!r} 스키마가 없습니다.",
            )
        )
    lines = [
        header("The Arrow schema of observations.", [row.id]),
        "from typing import Final",
        "",
        "import pyarrow as pa",
        "",
        "SCHEMA: Final[pa.Schema] = pa.schema(",
        "    [",
        *(f"        {_column(each, row, by_id)}," for each in row.node),
        "    ]",
        ")",
        "",
    ]
    return {"_schema.py": "\n".join(lines)}


def _column(each: Property, row: Resolved, by_id: Mapping[str, Resolved]) -> str:
    kind = _type(each.node, by_id)
    if kind is None:
        raise StandardError(
            Words(
                f"The field {each.name!r} of {row.name} is no column: it holds an object or array.",
                f"{row.name}의 {each.name!r} 필드는 객체나 배열이므로 열이 될 수 없습니다.",
            ),
            place=Place(path=row.id, item=f"/properties/{each.name}"),
        )
    rest = ", nullable=False" if each.required else ""
    return f'pa.field("{each.name}", {kind}{rest})'


def _type(node: Node, by_id: Mapping[str, Resolved]) -> str | None:
    match node:
        case Text(format="date-time"):
            # Microseconds: Spark refuses nanoseconds. What lies below has its own column.
            return 'pa.timestamp("us", tz="UTC")'
        case Text() | Constant() | Enumeration() | OpenCode():
            return "pa.string()"
        case Number():
            return "pa.float64()"
        case Integer(minimum, maximum):
            return f"pa.{_integer(minimum, maximum)}()"
        case Boolean():
            return "pa.bool_()"
        case Ref(schema_id):
            return _type(by_id[schema_id].node, by_id)
        case Array() | Map() | Object() | Union() | AnyObject():
            return None
        case _:
            assert_never(node)


def _integer(minimum: int | None, maximum: int | None) -> str:
    """The smallest signed type from 16 bits that holds both bounds."""
    if minimum is not None and maximum is not None:
        for bits in (16, 32):
            if -(1 << (bits - 1)) <= minimum and maximum < 1 << (bits - 1):
                return f"int{bits}"
    return "int64"
