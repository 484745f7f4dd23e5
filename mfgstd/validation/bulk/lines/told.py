"""What a screen says of lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mfgstd.validation.bulk.terms.constraints import Term

#: One row for each finding of a line whose shape is right; ``line`` counts from 1 in the file.
KNOWN: Final = pa.schema(
    [
        pa.field("line", pa.int64(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("severity", pa.string(), nullable=False),
        pa.field("pointer", pa.string(), nullable=False),
    ]
)


def by_line(parts: Sequence[pa.Table]) -> pa.Table:
    """Tables of known findings as one, sorted."""
    if not parts:
        return KNOWN.empty_table()
    return pa.concat_tables(parts).sort_by([(name, "ascending") for name in KNOWN.names])


@dataclass(frozen=True, slots=True)
class Screened:
    """What a screen says of some lines; those that are blank are no documents.

    ``known`` has the columns of :data:`KNOWN`, sorted by line. A line with warnings only is in it
    and counts as valid. ``suspects`` are line numbers and bytes, for the row engine. ``passed`` and
    ``failed`` count the documents by the ``$id`` of their schema, suspects excepted.
    """

    lines: int
    suspects: list[tuple[int, bytes]]
    known: pa.Table | None = None
    passed: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def valid(self) -> int:
        """How many documents have no error for certain."""
        return self.passed.total()


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of some lines, by index: ``broken`` has those with each broken term.

    ``unlike`` are the suspects.
    """

    lines: int
    failed: int
    unlike: NDArray[np.int64]
    broken: Mapping[int, NDArray[np.int64]]

    @property
    def passed(self) -> int:
        """How many are valid for certain."""
        return self.lines - self.failed - len(self.unlike)

    def moved(self, index: NDArray[np.int64]) -> Told:
        """The same of lines that were cut out of others; ``index`` is what each was there."""
        broken = {i: index[at] for i, at in self.broken.items()}
        return Told(self.lines, self.failed, index[self.unlike], broken)

    @property
    def worth_it(self) -> bool:
        """Whether the row engine was spared more than a tenth of the lines."""
        return len(self.unlike) * 10 <= self.lines * 9

    def table(self, terms: Sequence[Term], first_line: int) -> pa.Table:
        """The findings, by the number of the line in its file, as :data:`KNOWN`."""
        parts = [
            pa.table(
                [
                    pa.array(at + first_line, pa.int64()),
                    *(
                        pa.repeat(pa.scalar(text, pa.string()), len(at))
                        for text in (terms[i].rule, terms[i].severity, terms[i].pointer)
                    ),
                ],
                schema=KNOWN,
            )
            for i, at in self.broken.items()
        ]
        return by_line(parts)

    def suspects(
        self, chunk: bytes, offsets: NDArray[np.int64], first_line: int
    ) -> list[tuple[int, bytes]]:
        """The lines that the row engine is to judge; ``offsets`` are where those of a chunk are."""
        begins, ends = offsets[self.unlike].tolist(), offsets[self.unlike + 1].tolist()
        return [
            (line + first_line, chunk[begin:end].removesuffix(b"\n"))
            for line, begin, end in zip(self.unlike.tolist(), begins, ends, strict=True)
        ]


def told_of(
    found: pa.Table,
    terms: Sequence[Term],
    lines: int,
    unlike: NDArray[np.int64] | None = None,
    blank: NDArray[np.int64] | None = None,
) -> Told:
    """What a query that tells has found in so many ``lines``.

    Args:
        found: columns ``line``, ``fit`` and ``b0``... for the terms, of lines with a finding.
        terms: those of the query.
        lines: how many were asked about, those that are ``blank`` not counted.
        unlike: lines about which the query can say nothing, by default those that do not fit.
        blank: those among them that are no documents.
    """
    at = found["line"].to_numpy()
    if unlike is None:
        unlike = at[~found["fit"].to_numpy(zero_copy_only=False)]
    suspects = np.unique(unlike) if blank is None else np.setdiff1d(unlike, blank)
    telling = ~np.isin(at, unlike)
    broken: dict[int, NDArray[np.int64]] = {}
    clean = np.ones(len(at), np.bool_)
    for i, term in enumerate(terms):
        said = found[f"b{i}"].to_numpy(zero_copy_only=False) & telling
        if term.guard is None:
            clean &= ~said
        else:
            said &= clean
        if said.any():
            broken[i] = at[said]
    errors = [at_ for i, at_ in broken.items() if terms[i].severity == "error"]
    failed = len(np.unique(np.concatenate(errors))) if errors else 0
    return Told(lines, failed, suspects, broken)


def merged(parts: Sequence[Told]) -> Told:
    """What was told of different lines about the same terms, as one."""
    broken: dict[int, list[NDArray[np.int64]]] = {}
    for each in parts:
        for i, at in each.broken.items():
            broken.setdefault(i, []).append(at)
    unlike = [each.unlike for each in parts]
    return Told(
        sum(each.lines for each in parts),
        sum(each.failed for each in parts),
        np.sort(np.concatenate(unlike)) if unlike else np.zeros(0, np.int64),
        {i: np.concatenate(at) for i, at in broken.items()},
    )
