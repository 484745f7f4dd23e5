"""Columns looked at as they lie in Arrow's memory, while a query asks DuckDB about the others.

Of some questions Arrow and NumPy know the answer sooner than DuckDB. They work in threads of their
own, and none of the three holds Python's lock meanwhile, so no processor stands still.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

#: Rows that one thread has at once.
_BATCH: Final = 65_536


class Look(Protocol):
    """A question to the values of a column."""

    def holds(self, values: Any, /) -> bool:
        """Whether all values of an array are as they should be; a false ``no`` costs time only."""


@dataclass(frozen=True, slots=True)
class Finite:
    """No number is NaN or infinite; null is no number."""

    def holds(self, values: Any, /) -> bool:
        """Whether it is so of all of an array."""
        if not pa.types.is_floating(values.type):
            values = values.cast(pa.float64())
        said: bool = pc.all(pc.is_finite(values), min_count=0).as_py()
        return said


@contextmanager
def looking(
    source: Path, row_groups: int, looks: Mapping[str, Look]
) -> Iterator[Callable[[str], bool]]:
    """Look at columns of a Parquet file while the block runs.

    Args:
        source: the file.
        row_groups: how many it has.
        looks: what each column is asked.

    Yields:
        A function that waits for one of those columns, and says whether its question holds in
        all rows. What is not waited for is given up when the block ends.

    Raises:
        OSError: the file cannot be read (by the function).
        pyarrow.ArrowException: it is damaged (by the function).
    """
    threads = max(1, min(row_groups, os.cpu_count() or 1))
    enough = {name: Event() for name in looks}
    with ThreadPoolExecutor(threads) as pool:
        waiting = {
            name: [
                pool.submit(
                    _holds, source, range(first, row_groups, threads), name, look, enough[name]
                )
                for first in range(threads)
            ]
            for name, look in looks.items()
        }
        try:
            yield lambda name: all(each.result() for each in waiting[name])
        finally:
            for each in enough.values():
                each.set()


def _holds(source: Path, groups: Sequence[int], name: str, look: Look, enough: Event) -> bool:
    """Whether it holds in some row groups; after ``enough`` nobody wants to know."""
    with pq.ParquetFile(source, memory_map=True) as file:
        for batch in file.iter_batches(_BATCH, groups, [name], use_threads=False):
            if enough.is_set():
                return False
            if not look.holds(batch.column(0)):
                enough.set()
                return False
    return True
