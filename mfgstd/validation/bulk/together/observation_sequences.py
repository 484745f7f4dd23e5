"""The rules about sequences, over rows of observations by the hundred million.

A first reading, piece by piece, proves most stretches of rows to be in order and free of findings
(:mod:`~mfgstd.validation.bulk.together.ordered_stretches`); of such a stretch only its first and
last row are kept. What is not proven, and what turns out to lie within another stretch, is *loose*:
those rows go into the database, and the rules are asked about them, together with the ends of the
proven stretches, as of any documents.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import pyarrow as pa

from mfgstd.expression.virtual import Instant, Virtual
from mfgstd.observations import SCHEMA
from mfgstd.validation.bulk.together.documents_on_disk import DATABASE
from mfgstd.validation.bulk.together.ordered_stretches import gapless, rising
from mfgstd.validation.rules.columns import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from mfgstd.engine import Session
    from mfgstd.validation.bulk.together.ordered_stretches import Stretches
    from mfgstd.validation.rules.rule import Rule

    Numbers = npt.NDArray[np.int64]

#: What the first reading needs.
COLUMNS: Final = ("source", "epoch", "data_item", "sequence", "event_time", "event_time_ns")

#: The ends of one stretch in one piece, whose rows begin with ``piece``.
_STRETCH: Final = (
    *("key", "piece", "least", "greatest"),
    *("first_row", "first_us", "first_ns", "last_row", "last_us", "last_ns"),
)
_LOOSE: Final = ("key", "row", "sequence", "us", "ns")


class Read(Protocol):
    """Rows of observations that can be read again."""

    def pieces(self, columns: Sequence[str]) -> Iterator[tuple[Numbers, pa.RecordBatch]]:
        """Piece by piece, always the same pieces: numbers in the run, in order, and columns."""

    def whole(self, wanted: Numbers) -> Iterator[tuple[Numbers, pa.RecordBatch]]:
        """Some rows with all columns."""


class ObservationSequences:
    """The rows of observations of one run, by their sequences."""

    def __init__(self, session: Session) -> None:
        self._raw = session.raw
        self._read: list[Read] = []
        codes = _Codes()
        self._by_item = _Sequences(session, ("source", "epoch", "data_item"), codes)
        self._by_source = _Sequences(session, ("source", "epoch"), codes)
        self._kinds = (self._by_item, self._by_source)

    def add(self, rows: Read) -> None:
        """Read the rows of a source, the first time."""
        self._read.append(rows)
        for numbers, batch in rows.pieces(COLUMNS):
            piece = _Piece.of(numbers, batch)
            if len(piece.rows):
                for each in self._kinds:
                    each.add(piece)

    def settle(self) -> None:
        """Read again what only now turns out not to be in order, and what came twice."""
        wanted = [each.overlapping() for each in self._kinds]
        for rows in self._read if any(wanted) else ():
            for numbers, batch in rows.pieces(COLUMNS):
                first = int(numbers[0])
                for each, keys in zip(self._kinds, wanted, strict=True):
                    if first in keys:
                        each.loosen(_Piece.of(numbers, batch), keys[first])
        self._drop_repeated()
        for each in self._kinds:
            each.keep_ends()

    def rows(self, rule: Rule) -> Rows:
        """What a rule must be asked about; it is the same for all rules of the same partition."""
        return self._kind(rule).rows()

    def settled(self, rule: Rule) -> str:
        """The query of the rows among them of which nothing is to be said any more."""
        return f"SELECT row FROM {self._kind(rule).table('loose')} WHERE is_end"  # noqa: S608 - names of our own

    def _kind(self, rule: Rule) -> _Sequences:
        return self._by_item if len(rule.partition) == len(self._by_item.words) else self._by_source

    def _drop_repeated(self) -> None:
        """Take away what came again, unchanged but for when it was written down."""
        loose = self._by_item.table("loose")
        candidates = self._raw.execute(
            f"SELECT row FROM {loose} WHERE (key, sequence) IN "  # noqa: S608 - names of our own
            f"(SELECT (key, sequence) FROM {loose} GROUP BY key, sequence HAVING count(*) > 1)"
        ).fetchnumpy()["row"]
        if not len(candidates):
            return
        said = ", ".join(
            f"coalesce({name}::VARCHAR, {'0' if name == 'event_time_ns' else 'chr(1)'}::VARCHAR)"
            for name in SCHEMA.names
            if name != "record_time"
        )
        self._raw.execute(f"CREATE TABLE {DATABASE}.said (row BIGINT, digest VARCHAR)")
        for rows in self._read:
            for numbers, batch in rows.whole(candidates):
                table = pa.Table.from_batches([batch]).append_column("row", pa.array(numbers))
                self._raw.register("arriving", table)
                self._raw.execute(
                    f"INSERT INTO {DATABASE}.said SELECT row, md5(concat_ws(chr(2), {said})) "  # noqa: S608 - names of our own
                    "FROM arriving"
                )
                self._raw.unregister("arriving")
        for each in self._kinds:
            self._raw.execute(
                f"DELETE FROM {each.table('loose')} WHERE row IN (SELECT row FROM {DATABASE}.said "  # noqa: S608 - names of our own
                "QUALIFY row_number() OVER (PARTITION BY digest ORDER BY row) > 1)"
            )
        self._raw.execute(f"DROP TABLE {DATABASE}.said")


class _Codes:
    """Words as numbers, the same number for the same word all over a run; no word is -1."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def __call__(self, column: pa.Array) -> Numbers:
        """The numbers of a column of words."""
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        numbers = self._numbers
        known = [
            -1 if word is None else numbers.setdefault(word, len(numbers))
            for word in column.dictionary.to_pylist()
        ]
        # One more for what is null, which has no place in the dictionary.
        table = np.array([*known, -1], np.int64)
        indexes = column.indices
        if indexes.null_count:
            indexes = indexes.fill_null(pa.scalar(len(known), indexes.type))
        found: Numbers = table[indexes.to_numpy(zero_copy_only=False)]
        return found

    def words(self) -> list[str]:
        """Every word, by its number."""
        return list(self._numbers)


class _Piece:
    """What is read of some rows, as numbers; rows without a sequence number are left out."""

    def __init__(self, rows: Numbers, batch: pa.RecordBatch) -> None:
        self.start = int(rows[0])
        self.batch = batch
        self.rows = rows
        self.sequence = _numbers(batch["sequence"])
        self.us = _numbers(batch["event_time"])
        self.ns = _numbers(batch["event_time_ns"])

    @classmethod
    def of(cls, rows: Numbers, batch: pa.RecordBatch) -> _Piece:
        there = batch["sequence"].is_valid()
        piece = cls(rows, batch)
        if batch["sequence"].null_count:
            piece = cls(rows, batch.filter(there))
            piece.rows = rows[there.to_numpy(zero_copy_only=False)]
        return piece


def _numbers(column: pa.Array) -> Numbers:
    plain = column.cast(pa.int64())
    if plain.null_count:
        plain = plain.fill_null(pa.scalar(0, pa.int64()))
    found: Numbers = plain.to_numpy(zero_copy_only=False)
    return found


class _Sequences:
    """One way to tell sequences apart, by some words of each row."""

    def __init__(self, session: Session, words: tuple[str, ...], codes: _Codes) -> None:
        self._raw = session.raw
        self._ibis = session.ibis
        self.words = words
        self._codes = codes
        self._keys: dict[tuple[int, ...], int] = {}
        for name, columns in (("stretch", _STRETCH), ("loose", _LOOSE)):
            fields = ", ".join(f"{each} BIGINT" for each in columns)
            flag = "proven" if name == "stretch" else "is_end"
            self._raw.execute(f"CREATE TABLE {self.table(name)} ({fields}, {flag} BOOLEAN)")

    def table(self, name: str) -> str:
        """A table of these sequences, as the session knows it."""
        return f"{DATABASE}.{name}_{len(self.words)}"

    def add(self, piece: _Piece) -> None:
        """Keep the ends of what is proven, and the rows of all else."""
        codes = [self._codes(piece.batch[each]) for each in self.words]
        local = _combined(codes)
        found = self._proven(local, piece)
        keys = self._numbered(codes, found.first)
        first, last = found.first, found.last
        columns = [
            *(keys, np.full(len(keys), piece.start), found.least, found.greatest),
            *(piece.rows[first], piece.us[first], piece.ns[first]),
            *(piece.rows[last], piece.us[last], piece.ns[last]),
            found.proven,
        ]
        self._insert("stretch", (*_STRETCH, "proven"), columns)
        self._insert_loose(piece, found.members, keys[found.belongs])

    def _proven(self, local: Numbers, piece: _Piece) -> Stretches:
        # What the rules say of neighbours; a test holds these proofs to the rules.
        if "data_item" in self.words:
            return rising(local, piece.sequence, piece.us, piece.ns)
        return gapless(local, piece.sequence)

    def overlapping(self) -> dict[int, Numbers]:
        """The keys, by piece, of proven stretches that do not lie apart from all others.

        Apart means: every number of the one is below every number of the other; between sources
        that share numbers it may be the same one, if the rows are in that order, too.
        """
        # Of one item the same number twice is a finding, or came again.
        same = (
            "least = before" if "data_item" in self.words else "least = before AND piece < latest"
        )
        stretch = self.table("stretch")
        self._raw.execute(
            f"""CREATE TABLE {self.table("wanted")} AS WITH beside AS (
                SELECT key, piece, least, greatest, proven,
                    max(greatest) OVER earlier AS before, max(piece) OVER earlier AS latest
                FROM {stretch} WINDOW earlier AS (
                    PARTITION BY key ORDER BY least, greatest, piece
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            ), grouped AS (
                SELECT key, piece, proven, count(*) FILTER (
                    NOT coalesce(least < before OR ({same}), false)
                ) OVER (PARTITION BY key ORDER BY least, greatest, piece
                    ROWS UNBOUNDED PRECEDING) AS "group" FROM beside
            ) SELECT key, piece FROM grouped
            QUALIFY proven AND count(*) OVER (PARTITION BY key, "group") > 1"""  # noqa: S608 - names of our own
        )
        wanted = self._raw.execute(f"SELECT piece, key FROM {self.table('wanted')}").fetchnumpy()  # noqa: S608 - names of our own
        self._raw.execute(
            f"UPDATE {stretch} SET proven = false "  # noqa: S608 - names of our own
            f"WHERE (key, piece) IN (SELECT (key, piece) FROM {self.table('wanted')})"
        )
        pieces: dict[int, list[int]] = defaultdict(list)
        for piece, key in zip(wanted["piece"].tolist(), wanted["key"].tolist(), strict=True):
            pieces[piece].append(key)
        return {piece: np.array(keys, np.int64) for piece, keys in pieces.items()}

    def loosen(self, piece: _Piece, wanted: Numbers) -> None:
        """Keep the rows of some keys of a piece after all."""
        codes = [self._codes(piece.batch[each]) for each in self.words]
        _, first, inverse = np.unique(_combined(codes), return_index=True, return_inverse=True)
        keys = self._numbered(codes, first)[inverse]
        members = np.flatnonzero(np.isin(keys, wanted))
        self._insert_loose(piece, members, keys[members])

    def keep_ends(self) -> None:
        """Lay the ends of proven stretches beside the loose rows."""
        for end, number, is_end in (("first", "least", "false"), ("last", "greatest", "true")):
            self._raw.execute(
                f"INSERT INTO {self.table('loose')} "  # noqa: S608 - names of our own
                f"SELECT key, {end}_row, {number}, {end}_us, {end}_ns, {is_end} "
                f"FROM {self.table('stretch')} "
                f"WHERE proven AND (first_row <> last_row OR NOT {is_end})"
            )

    def rows(self) -> Rows:
        """The loose rows and the ends as documents, with no more than rules of sequences read."""
        spoken = self._codes.words()
        keys = np.array(list(self._keys), np.int64).reshape(len(self._keys), len(self.words))
        columns = [
            pa.array([None if code < 0 else spoken[code] for code in keys[:, i]], pa.string())
            for i in range(len(self.words))
        ]
        known = pa.table(
            [pa.array(range(len(keys)), pa.int64()), *columns], names=["key", *self.words]
        )
        self._raw.register("arriving", known)
        self._raw.execute(f"CREATE TABLE {self.table('words')} AS SELECT * FROM arriving")  # noqa: S608 - names of our own
        self._raw.unregister("arriving")
        table = self._open("loose").inner_join(self._open("words"), "key")
        present = table["row"].notnull()
        fields: dict[str, Any] = {
            "source": table["source"],
            "epoch": table["epoch"],
            "sequence": table["sequence"],
            "eventTime": Instant(table["us"], present, table["ns"]),
        }
        if "data_item" in self.words:
            fields["dataItem"] = table["data_item"]
        return Rows(table, Virtual(fields, present))

    def _open(self, name: str) -> Any:
        """A table as Ibis knows it."""
        plain = self.table(name).removeprefix(f"{DATABASE}.")
        return self._ibis.table(plain, database=(DATABASE, "main"))

    def _numbered(self, codes: Sequence[Numbers], rows: Numbers) -> Numbers:
        """The key of each of some rows, the same for the same words all over the run."""
        keys = self._keys
        words = zip(*(each[rows].tolist() for each in codes), strict=True)
        return np.array([keys.setdefault(each, len(keys)) for each in words], np.int64)

    def _insert_loose(self, piece: _Piece, members: Numbers, keys: Numbers) -> None:
        if len(members):
            columns = [
                *(keys, piece.rows[members], piece.sequence[members]),
                *(piece.us[members], piece.ns[members], np.zeros(len(members), np.bool_)),
            ]
            self._insert("loose", (*_LOOSE, "is_end"), columns)

    def _insert(self, name: str, names: Sequence[str], columns: Sequence[Any]) -> None:
        self._raw.register("arriving", pa.table(list(columns), names=list(names)))
        try:
            self._raw.execute(f"INSERT INTO {self.table(name)} SELECT * FROM arriving")  # noqa: S608 - names of our own
        finally:
            self._raw.unregister("arriving")


def _combined(codes: Sequence[Numbers]) -> Numbers:
    """One number for each row, the same for the same words within a piece, small if it can be."""
    combined = np.zeros(len(codes[0]), np.int64)
    size = 1
    for each in codes:
        least, greatest = int(each.min()), int(each.max())
        if least == greatest:
            continue
        width = greatest - least + 1
        if size * width >= 1 << 62:
            combined = np.unique(combined, return_inverse=True)[1].astype(np.int64)
            size = int(combined.max()) + 1
        combined = combined * width + (each - least)
        size *= width
    return combined
