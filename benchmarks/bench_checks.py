"""All checks over a recorded trace, against reading it: at most twice the time.

A trace of a million observations with its documents, as a driver writes it, without faults: then
every check goes all the way to its end.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from mfgstd.observations import assemble
from mfgstd_conformance.checks import all_checks
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.planned import Subject
from mfgstd_conformance.profiles import Access, Level, find_profile
from mfgstd_conformance.registry import registry
from mfgstd_conformance.trace import Trace, TraceWriter

ROWS = 1_000_000
ITEMS = 100
RATIO = 2.0
BASE = "https://plant.example/"
SCHEMA = "https://w3id.org/mfgstd/equipment"
PIECE = 50_000


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace"
        write(trace, rows)
        reading = best(lambda: plain_read(trace))
        slowest: dict[str, float] = {}
        checking = best(lambda: judged(trace, slowest))
    ratio = checking / reading
    print(f"{rows:,} observations")
    print(f"reading (pq.read_table and events)  {reading:8.3f} s")
    print(f"all checks                          {checking:8.3f} s")
    print(f"ratio                               {ratio:8.2f}    (at most {RATIO})")
    for name, seconds in sorted(slowest.items(), key=lambda each: -each[1])[:8]:
        print(f"    {name:48} {seconds:8.3f} s")
    return 0 if ratio <= RATIO else 1


def best(work: Callable[[], float]) -> float:
    return min(work() for _ in range(3))


def plain_read(folder: Path) -> float:
    begun = time.perf_counter()
    for path in folder.glob("*.parquet"):
        pq.read_table(path)
    for line in (folder / "events.jsonl").read_bytes().splitlines():
        orjson.loads(line)
    return time.perf_counter() - begun


def judged(folder: Path, slowest: dict[str, float]) -> float:
    trace = Trace.open(folder)
    # Reading is the baseline; what is measured here is what the checks add to it.
    for each in trace.deliveries:
        assert each.table.num_rows
    begun = time.perf_counter()
    for check in all_checks():
        started = time.perf_counter()
        list(check.run(trace))
        slowest[check.name] = time.perf_counter() - started
    return time.perf_counter() - begun


def write(folder: Path, rows: int) -> None:
    known = registry()
    plan = Plan.make(
        profile=find_profile("equipment-data", known),
        level=Level.SCHEMA,
        capabilities=["numbers"],
        registry=known,
        subject=Subject(name="bench", version="1", supplier="bench"),
        access=Access.FILE,
    )
    chance = np.random.default_rng(7)
    with TraceWriter(folder, plan=plan, seed=plan.draw_seed()) as writer:
        writer.event("driver", "session.started", "file", wire="file", role="file", driver="file")
        machine = {"id": BASE + "m", "level": "work_unit"}
        writer.document("file", json.dumps(machine).encode(), schema=f"{SCHEMA}/equipment/1")
        for number in range(ITEMS):
            kind = ("number", "text")[number % 5 == 4]
            item = {
                "id": f"{BASE}m/{number}",
                "equipment": {"id": BASE + "m"},
                "category": "sample" if kind == "number" else "event",
                "valueType": kind,
                "name": f"item{number}",
            }
            if kind == "number":
                item["unit"] = "mm"
            writer.document("file", json.dumps(item).encode(), schema=f"{SCHEMA}/data-item/1")
        for first in range(0, rows, PIECE):
            writer.observations("file", piece(first, min(PIECE, rows - first), chance))


def piece(first: int, length: int, chance: np.random.Generator) -> pa.RecordBatch:
    number = np.arange(first, first + length)
    items = number % ITEMS
    is_text = items % 5 == 4
    lost = number % 97 == 0
    values = np.round(chance.normal(100, 20, length), 3)
    texts = np.array(["READY", "ACTIVE", "가공 중", "00123"])[number // ITEMS % 4]
    kinds = np.where(lost, "none", np.where(is_text, "text", "number"))
    native = np.where(lost, "UNAVAILABLE", np.where(is_text, texts, values.astype(str)))
    times = 1_767_571_200_000_000_000 + (number // ITEMS).astype(np.int64) * 100_000_000
    return assemble(
        times,
        {
            "data_item": pa.array([f"{BASE}m/{each}" for each in items.tolist()]),
            "kind": pa.array(kinds.tolist()),
            "number": pa.array(values, mask=is_text | lost),
            "text": pa.array(texts.tolist(), mask=~is_text | lost),
            "unit": pa.array(["mm"] * length, mask=is_text | lost),
            "status": pa.array(np.where(lost, "bad", "good").tolist()),
            "reason": pa.array(["no_communication"] * length, mask=~lost),
            "native_value": pa.array(native.tolist()),
            "source": "urn:example:source",
            "epoch": "1",
            "sequence": number + 1,
            "time_quality": "synchronized",
            "record_time": pa.array(times // 1000 + 1000, pa.int64()).cast(
                pa.timestamp("us", tz="UTC")
            ),
        },
    )


if __name__ == "__main__":
    sys.exit(main())
