"""The documents of a run on disk, entity by entity, until all have come.

Each entity has a *shelf*. It keeps of each document where it came from, its text, and as nested
columns what the rules about many documents read. It lies in a database file beside the session, so
that what is kept is compressed and no run is too long for memory.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from mfgstd.validation.rules import ENVELOPE
from mfgstd.validation.rules.filing import digest
from mfgstd.validation.rules.layouts import layouts, merged, struct
from mfgstd.validation.rules.together import rules_together

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from mfgstd.engine import Session
    from mfgstd.expression.layout import Part

#: The database that the shelves are in, as the session knows it.
DATABASE: Final = "together"

_ARRIVING: Final = pa.schema([("row", pa.int64()), ("text", pa.large_string())])


@cache
def read_together() -> Mapping[str, Part]:
    """What all those rules read of the documents of each entity: ``$id`` -> the whole of it."""
    read: dict[str, list[Part]] = {}
    for rule in rules_together():
        for entity, part in layouts(rule).items():
            read.setdefault(entity, []).append(part)
    return {entity: merged(parts) for entity, parts in read.items()}


def name(entity: str) -> str:
    """The table of an entity: ``https://w3id.org/mfgstd/process/job-order/1`` -> a plain name."""
    return "_".join(entity.rsplit("/", 3)[1:]).replace("-", "_")


def ddl(kind: pa.DataType) -> str:
    """An Arrow type as DuckDB writes it."""
    if pa.types.is_struct(kind):
        fields = (f'"{each.name}" {ddl(each.type)}' for each in kind)
        return f"STRUCT({', '.join(fields)})"
    if pa.types.is_map(kind):
        return f"MAP(VARCHAR, {ddl(kind.item_type)})"
    if pa.types.is_list(kind):
        return f"{ddl(kind.value_type)}[]"
    if pa.types.is_decimal(kind):
        return "DECIMAL(38, 0)"
    return {"string": "VARCHAR", "double": "DOUBLE", "bool": "BOOLEAN"}[str(kind)]


class Shelves:
    """The shelves of one run, in a session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.entities: dict[str, None] = {}
        self._path = session.folder / f"{DATABASE}.duckdb"
        quoted = str(self._path).replace("'", "''")
        session.raw.execute(f"ATTACH '{quoted}' AS {DATABASE}")

    def close(self) -> None:
        """Give the disk back."""
        self.session.raw.execute(f"DETACH {DATABASE}")
        self._path.unlink(missing_ok=True)

    def add(self, entity: str, rows: npt.NDArray[np.int64], texts: Any) -> None:
        """Put valid documents of one entity on its shelf, and on others what envelopes carry.

        Args:
            entity: the ``$id`` of their schema.
            rows: a number for each, even, by which they are in order over the whole run.
            texts: each as JSON, in UTF-8: a list of bytes, or an Arrow array.
        """
        if not isinstance(texts, pa.Array | pa.ChunkedArray):
            texts = pa.array(texts, pa.large_binary())
        table = pa.table([pa.array(rows, pa.int64()), texts.cast(pa.large_string())], _ARRIVING)
        raw = self.session.raw
        raw.register("arriving", table)
        try:
            self._fill(entity, "SELECT row, text FROM arriving")
            if entity == ENVELOPE:
                carried = "SELECT DISTINCT text->>'$.dataschema' FROM arriving"
                for (named,) in raw.execute(carried).fetchall():
                    if named in read_together():
                        self._fill(
                            named,
                            "SELECT row + 1 AS row, text->'$.data' AS text FROM arriving "  # noqa: S608 - `named` is a schema's
                            f"WHERE text->>'$.dataschema' = '{named}'",
                        )
        finally:
            raw.unregister("arriving")

    def _fill(self, entity: str, arriving: str) -> None:
        table = f"{DATABASE}.{name(entity)}"
        kind = ddl(struct(read_together()[entity]))
        if entity not in self.entities:
            self.entities[entity] = None
            self.session.raw.execute(
                f"CREATE TABLE {table} (row BIGINT, text VARCHAR, this {kind})"
            )
        self.session.raw.execute(
            f"INSERT INTO {table} SELECT row, text, json_transform(text, ?) FROM ({arriving})",  # noqa: S608 - names of our own
            [json.dumps(kind)],
        )

    def table(self, entity: str) -> Any:
        """A shelf as an Ibis table: ``row``, ``text``, ``this``."""
        return self.session.ibis.table(name(entity), database=(DATABASE, "main"))

    def texts(self, entity: str, rows: Iterable[int]) -> dict[int, str]:
        """The texts of some rows."""
        wanted = pa.table({"row": pa.array(rows, pa.int64())})
        raw = self.session.raw
        raw.register("wanted", wanted)
        try:
            found = raw.execute(
                f"SELECT row, text FROM {DATABASE}.{name(entity)} SEMI JOIN wanted USING (row)"  # noqa: S608 - names of our own
            ).fetchall()
        finally:
            raw.unregister("wanted")
        return dict(found)

    def drop_repeated(self) -> None:
        """Take away what came again, unchanged but for when it was written down.

        Only documents of which the rules read the same can be the same: the rest of them is
        compared for those alone.
        """
        for entity in self.entities:
            self._drop_repeated(entity)

    def _drop_repeated(self, entity: str) -> None:
        table = f"{DATABASE}.{name(entity)}"
        alike = (
            f"FROM {table} WHERE hash(this) IN "  # noqa: S608 - names of our own
            f"(SELECT hash(this) FROM {table} GROUP BY 1 HAVING count(*) > 1)"
        )
        raw = self.session.raw
        # Most came again as the same text, and need not be read to be compared.
        same = raw.execute(
            f"SELECT row, row_number() OVER (PARTITION BY md5(text) ORDER BY row) > 1 AS again "
            f"{alike}"
        ).fetchnumpy()
        if len(same["row"]):
            self._drop(table, same["row"][same["again"]])
            self._drop(table, self._said_again(f"SELECT row, text {alike} ORDER BY row"))

    def _said_again(self, query: str) -> npt.NDArray[np.int64]:
        """The rows of those texts that say what an earlier one says."""
        candidates = self.session.raw.cursor().execute(query)
        seen: set[bytes] = set()
        again: list[int] = []
        while batch := candidates.fetchmany(10_000):
            for row, text in batch:
                said = digest(json.loads(text))
                if said in seen:
                    again.append(row)
                seen.add(said)
        return np.array(again, np.int64)

    def _drop(self, table: str, rows: npt.NDArray[np.int64]) -> None:
        if not len(rows):
            return
        raw = self.session.raw
        raw.register("again", pa.table({"row": pa.array(rows)}))
        try:
            raw.execute(f"DELETE FROM {table} WHERE row IN (SELECT row FROM again)")  # noqa: S608 - names of our own
        finally:
            raw.unregister("again")
