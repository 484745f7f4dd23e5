"""Observations in Parquet, judged: against a hand-written query, and against a loop over JSON.

Three ways over the same clean rows: ours; a query with the same predicates that somebody wrote for
DuckDB by hand; and a loop of orjson and jsonschema-rs over the rows as JSON texts, the fastest that
one document after the other can be judged by its schema alone. Then a table in which every row is
wrong. Rounds alternate, so that what else the machine does hits all of them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd.engine import Session, duckdb_session
from mfgstd.observations import SCHEMA, assemble
from mfgstd.observations.documents import to_documents
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.resolved import Enumeration, Object, OpenCode, Ref, Resolved, Text
from mfgstd.validation.bulk.tables.judging import screen_table
from mfgstd.validation.lowering import Strictness, lower

#: Rows in one group of a file, as DuckDB itself writes them.
GROUP = 122_880
#: Of so many rows the loop takes its time; it has no memory of those before.
LOOPED = 50_000

#: A decimal, as the schema of values has it.
DECIMAL = "^-?(0|[1-9][0-9]*)([.][0-9]+)?$"

OBSERVATION = catalogue().find("observation")


def batch(rows: int) -> pa.RecordBatch:
    """A day of a machine: positions of 64 items, each with its time, sequence and id."""
    random = np.random.default_rng(1)
    items = [f"https://plant.example.co.kr/line-2/cnc-{i:02d}/Xabs" for i in range(64)]
    nanoseconds = 1_709_600_000_000_000_000 + np.arange(rows, dtype=np.int64) * 1_000_000
    columns = {
        "data_item": pa.array(items).take(pa.array(random.integers(0, 64, rows))),
        "kind": "number",
        "number": random.normal(20, 5, rows),
        "unit": "mm",
        "status": "good",
        "source": "https://plant.example.co.kr/agent",
        "epoch": "1709600000",
        "sequence": np.arange(rows, dtype=np.int64),
        "time_quality": "synchronized",
        "record_time": pa.array(nanoseconds // 1000 + 200_000, pa.timestamp("us", "UTC")),
    }
    return assemble(nanoseconds, columns)


def hurt(clean: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows, each with an event id that is none."""
    index = SCHEMA.get_field_index("event_id")
    wrong = pa.array([f"{number:032X}!" for number in range(clean.num_rows)])
    return clean.set_column(index, SCHEMA.field("event_id"), wrong)


def _node(*names: str) -> object:
    """A node of the Observation by the names that lead to it."""
    node: object = OBSERVATION.node
    for name in names:
        assert isinstance(node, Object)
        node = next(each.node for each in node if each.name == name)
        if isinstance(node, Ref):
            node = catalogue().get(node.id).node
    return node


def _words(*names: str) -> str:
    node = _node(*names)
    assert isinstance(node, Enumeration | OpenCode)
    return ", ".join(f"'{each.value}'" for each in node.words)


def _pattern(*names: str) -> str:
    node = _node(*names)
    assert isinstance(node, Text)
    return (node.pattern or "").replace("'", "''")


def by_hand(path: Path) -> str:
    """How somebody who knows DuckDB would ask for the rows that are wrong."""
    uri = _pattern("dataItem")
    years = "'1900-01-01 00:00:00+00' AND '2199-12-31 23:59:59.999999+00'"
    filled = {"number", "integer", "decimal", "text", "boolean"}
    kinds = " OR ".join(f"(kind = '{each}') <> ({each} IS NOT NULL)" for each in sorted(filled))
    value = "(" + " OR ".join(f"{each} IS NOT NULL" for each in sorted(filled)) + ")"
    return f"""
        SELECT count(*) FROM read_parquet('{path}') WHERE
        data_item IS NULL OR event_time IS NULL OR kind IS NULL OR status IS NULL
        OR source IS NULL OR event_id IS NULL
        OR kind NOT IN ({", ".join(f"'{each}'" for each in sorted(filled))}, 'none') OR {kinds}
        OR NOT isfinite(number)
        OR event_time_ns NOT BETWEEN 0 AND 999
        OR NOT regexp_matches(data_item, '{uri}')
        OR event_time NOT BETWEEN {years} OR server_time NOT BETWEEN {years}
        OR record_time NOT BETWEEN {years}
        OR NOT regexp_matches(decimal, '{DECIMAL}') OR length(decimal) > 64
        OR NOT regexp_matches(unit, '{_pattern("unit")}') OR length(unit) NOT BETWEEN 1 AND 64
        OR status NOT IN ({_words("quality", "status")})
        OR (reason NOT IN ({_words("quality", "reason")}) AND (NOT regexp_matches(reason, '{uri}')
            OR starts_with(reason, 'https://w3id.org/mfgstd/')))
        OR time_quality NOT IN ({_words("timeQuality")})
        OR sequence < 0 OR epoch = '' OR source = ''
        OR NOT regexp_matches(event_id, '{_pattern("eventId")}')
        OR (status = 'bad' AND {value}) OR (status = 'good' AND NOT {value})
        OR ((epoch_us(record_time) - epoch_us(event_time)) * 1000
            - coalesce(event_time_ns, 0)) / 1e9 < -60.0
        OR (unit IS NOT NULL AND {value} AND number IS NULL AND integer IS NULL
            AND decimal IS NULL AND NOT starts_with(text, '['))
    """  # noqa: S608 - the file is our own


def loop(texts: list[bytes], resolved: Resolved) -> int:
    """How many texts are not valid by the schema."""
    schema = lower(resolved, catalogue(), Strictness.STRICT)
    options = jsonschema_rs.RegexOptions()
    validator = jsonschema_rs.Draft202012Validator(
        schema, validate_formats=False, pattern_options=options
    )
    is_valid, loads = validator.is_valid, orjson.loads
    return sum(not is_valid(loads(each)) for each in texts)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall and of processor time."""
    wall, spent = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - spent


def screened(path: Path, session: Session) -> int:
    """Judge a file, and explain as much as the command does by default."""
    screen = screen_table(path, OBSERVATION, Strictness.STRICT, session)
    screen.explained(100)
    return screen.invalid


def main() -> int:
    """Measure, print, and fail below the ratios that are promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    texts = [orjson.dumps(each) for each in to_documents(batch(LOOPED))]
    with tempfile.TemporaryDirectory() as folder, duckdb_session() as session:
        clean, wrong = Path(folder) / "clean.parquet", Path(folder) / "wrong.parquet"
        rows = batch(asked.rows)
        for path, each in ((clean, rows), (wrong, hurt(rows))):
            pq.write_table(pa.Table.from_batches([each]), path, row_group_size=GROUP)
        query = by_hand(clean)
        assert screened(clean, session) == 0
        assert session.raw.execute(query).fetchone() == (0,)
        assert screened(wrong, session) == asked.rows
        ways: dict[str, tuple[int, Callable[[], object]]] = {
            "ours": (asked.rows, lambda: screened(clean, session)),
            "by hand": (asked.rows, lambda: session.raw.execute(query).fetchall()),
            "loop": (LOOPED, lambda: loop(texts, OBSERVATION)),
            "all wrong": (asked.rows, lambda: screened(wrong, session)),
        }
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(asked.rounds):
            for name, (_, work) in ways.items():
                taken[name].append(timed(work))
    each_row: dict[str, tuple[float, float]] = {}
    for name, (count, _) in ways.items():
        wall, spent = (statistics.median(part) / count for part in zip(*taken[name], strict=True))
        each_row[name] = wall, spent
        print(
            f"{name:>10}: {1 / wall:12,.0f} rows/s, "
            f"{spent * 1e6:6.3f} us of processor time for a row"
        )
    failed = False
    for what, over, under, least, most in (
        ("a query by hand", "by hand", "ours", 0.7, None),
        ("the loop", "loop", "ours", 30.0, None),
        ("a clean table, where every row is wrong,", "all wrong", "ours", None, 5.0),
    ):
        wall, spent = (each_row[over][i] / each_row[under][i] for i in (0, 1))
        kept = wall >= least if least is not None else wall <= (most or 0)
        failed |= not kept
        said = f"at least {least}" if least is not None else f"at most {most}"
        kind = "times the rate of" if least is not None else "times the time of"
        print(
            f"{'ok' if kept else 'FAILED'}: {wall:.2f} {kind} {what} "
            f"({spent:.2f} by processor time); {said}"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
