"""Rules about many documents: rows against windows written by hand, documents against the law.

Ratios of processor time (of all threads), medians of several rounds that alternate.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd.observations import SCHEMA, assemble
from mfgstd.observations.documents import to_documents
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.bulk.together.whole_run import Together
from mfgstd.validation.rules import judge

ROWS = 2_000_000
DOCUMENTS = 100_000
ROUNDS = 3
ITEMS = 64

#: The three rules about observations as somebody would write them who has only SQL.
BY_HAND = """
SELECT count(*) FILTER (sequence = before), count(*) FILTER (event_time < earlier),
       (SELECT count(*) FROM (
           SELECT sequence - lag(sequence) OVER (
               PARTITION BY source, epoch ORDER BY sequence) AS step FROM '{path}') WHERE step > 1)
FROM (SELECT sequence, event_time,
             lag(sequence) OVER item AS before, lag(event_time) OVER item AS earlier
      FROM '{path}'
      WINDOW item AS (PARTITION BY source, epoch, data_item ORDER BY sequence))
"""


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    documents = int(sys.argv[2]) if len(sys.argv) > 2 else DOCUMENTS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "observations.parquet"
        write(path, rows)
        print(f"{rows:,} observations in Parquet, in order, no finding")
        compared(
            lambda: by_hand(path),
            lambda: observations(path),
            ("windows by hand in DuckDB", "rules together"),
            rows,
        )
        orders = [order(f"urn:x:order-{number // 4}", number % 4) for number in range(documents)]
        lines = [json.dumps(each).encode() for each in orders]
        print(f"\n{documents:,} job orders, four states of each, one in a hundred unlawful")
        compared(
            lambda: len(judge(json.loads(each) for each in lines)),
            lambda: job_orders(lines),
            ("the law, in memory", "rules together, in a database"),
            documents,
        )
        print(f"\n{documents:,} job orders, and all of them a second time")
        compared(
            lambda: job_orders(lines),
            lambda: job_orders([*lines, *lines]),
            ("once", "twice"),
            documents,
        )
        write(path, documents)
        named = {"$schema": catalogue().find("observation").id}
        texts = [json.dumps(named | each).encode() for each in to_documents(whole(path))]
        print(f"\n{documents:,} observations in Parquet, and all of them again as documents")
        compared(
            lambda: len(judge(map(json.loads, [*texts, *texts]))),
            lambda: observations(path, texts),
            ("the law, in memory", "rules together, in a database"),
            2 * documents,
        )
    return 0


def compared(
    baseline: Callable[[], int], ours: Callable[[], int], names: tuple[str, str], count: int
) -> None:
    """Run both by turns; both must find as much."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        found = []
        for work, spent in zip((baseline, ours), times, strict=True):
            begun = time.process_time()
            found.append(work())
            spent.append(time.process_time() - begun)
        if found[0] != found[1]:
            raise SystemExit(f"{names[0]} found {found[0]}, {names[1]} {found[1]}")
    first, second = map(statistics.median, times)
    for name, each in zip(names, (first, second), strict=True):
        print(f"    {name:32} {each:8.2f} s {count / each:14,.0f}/s")
    print(f"    {'ratio':32} {first / second:8.2f} x")


def by_hand(path: Path) -> int:
    with duckdb.connect() as connection:
        found = connection.execute(BY_HAND.format(path=path)).fetchone()
    return sum(found or ())


def observations(path: Path, again: list[bytes] | None = None) -> int:
    with Together() as run:
        run.add_observations(path, str(path))
        add(run, "observation", again or [])
        return run.finish().counts.total()


def job_orders(lines: list[bytes]) -> int:
    with Together() as run:
        add(run, "job-order", lines)
        return run.finish().counts.total()


def add(run: Together, name: str, lines: list[bytes]) -> None:
    for start in range(0, len(lines), 50_000):
        piece = lines[start : start + 50_000]
        numbers = range(start + 1, start + 1 + len(piece))
        run.add_lines(catalogue().find(name).id, "lines", numbers, piece)


def whole(path: Path) -> pa.RecordBatch:
    (batch,) = pq.read_table(path).cast(SCHEMA).combine_chunks().to_batches()
    return batch


def order(name: str, step: int) -> dict[str, object]:
    """One state of an order; every hundredth order is closed before it is ready."""
    states = ["waiting", "ready", "running", "completed"]
    if name.endswith("00"):
        states = ["waiting", "completed", "ready", "running"]
    return {
        **example(),
        "id": name,
        "dispatchStatus": states[step],
        "eventTime": f"2024-03-05T09:30:{step:02d}Z",
    }


@cache
def example() -> dict[str, object]:
    folder = catalogue().folder / "examples" / "process" / "job-order" / "valid"
    read: dict[str, object] = json.loads(min(folder.glob("*.json")).read_bytes())
    return read


def write(path: Path, rows: int) -> None:
    """Observations of one source as it sends them."""
    number = np.arange(rows, dtype=np.int64)
    chance = np.random.default_rng(1)
    words = pa.array([f"https://plant.example/cnc-{each:02d}/Xabs" for each in range(ITEMS)])
    filled = {
        "data_item": words.take(pa.array(chance.integers(0, ITEMS, rows))),
        "kind": pa.repeat("number", rows),
        "number": pa.array(chance.normal(20, 5, rows)),
        "unit": pa.repeat("mm", rows),
        "status": pa.repeat("good", rows),
        "source": pa.repeat("https://plant.example/agent", rows),
        "epoch": pa.repeat("1709600000", rows),
        "sequence": pa.array(number),
    }
    columns = {
        field.name: filled.get(field.name, pa.nulls(rows, field.type)).cast(field.type)
        for field in SCHEMA
        if field.name not in {"event_time", "event_time_ns", "event_id"}
    }
    batch = assemble(1_709_600_000_000_000_000 + number * 1_000_000, columns)
    pq.write_table(pa.Table.from_batches([batch]), path, row_group_size=1 << 20)


if __name__ == "__main__":
    sys.exit(main())
