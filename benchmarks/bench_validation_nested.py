"""Nested NDJSON, strict, against a loop of a strict reader and jsonschema-rs: 1.5 times as fast.

That is asked of two cores. The loop reads each line so that a duplicate key is noticed (jiter, the
fastest reader that can) and asks jsonschema-rs for the verdict; it finds out nothing else. Ours
also asks the rules about one document. A second file has the same documents, each of them wrong,
which ours names: it may cost five times the clean one.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import jiter
import jsonschema_rs
import orjson

from mfgstd.standard import catalogue
from mfgstd.validation import lower
from mfgstd.validation.run.rows import Chunk, Judging
from mfgstd.validation.run.workers import Workers, available_processors

DOCUMENTS = 60_000
ROUNDS = 5
RATIO = 1.5
WRONG = 5.0
PIECE = 1 << 20


def main() -> int:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS
    print(f"{number:,} documents each, {available_processors()} processors, medians of {ROUNDS}")
    missed = False
    for name in ("JobResponse", "MeasurementResult"):
        clean, wrong = lines(name, number), lines(name, number, evaluation="x", state="x")
        print(f"{name}: {len(clean) // number} bytes each")
        with Workers(Judging(), 0) as here, Workers(Judging()) as workers:
            begun = time.perf_counter()
            ours(workers, clean[: 4 * PIECE].rpartition(b"\n")[0])
            print(f"    starting the workers       {time.perf_counter() - begun:8.3f} s")
            ways: dict[str, Callable[[], int]] = {
                "loop": partial(loop, name, clean),
                "one process": partial(ours, here, clean),
                "workers": partial(ours, workers, clean),
                "all wrong": partial(ours, workers, wrong),
            }
            walls, cpus = measured(ways)
        for way in ways:
            rate = number / walls[way]
            print(
                f"    {way:12} {walls[way]:8.3f} s {rate:10,.0f}/s"
                f"   {cpus[way] / number * 1e6:6.1f} us each of this process"
            )
        ratio, worse = walls["loop"] / walls["workers"], walls["all wrong"] / walls["workers"]
        print(f"    ratio to the loop          {ratio:8.2f}    (at least {RATIO})")
        print(f"    all wrong to all right     {worse:8.2f}    (at most {WRONG})")
        missed = missed or ratio < RATIO or worse > WRONG
    return 1 if missed else 0


def lines(name: str, number: int, **change: str) -> bytes:
    """Documents as a producer writes them, compact; each with its own id and numbers."""
    schema = catalogue().find(name)
    folder = catalogue().folder / "examples" / schema.domain / schema.slug / "valid"
    richest = max(folder.glob("*.json"), key=lambda each: each.stat().st_size)
    document = {"$schema": schema.id, **json.loads(richest.read_bytes())}
    document |= {field: value for field, value in change.items() if field in document}
    written = []
    for at in range(number):
        document["id"] = f"urn:uuid:0190a7c8-1f2e-7abc-8def-{at:012x}"
        document["recordTime"] = f"2026-03-05T{at // 3600 % 24:02}:{at // 60 % 60:02}:{at % 60:02}Z"
        if "setupTime" in document:
            document["setupTime"] = at % 10_000
        written.append(orjson.dumps(document))
    return b"\n".join(written) + b"\n"


def loop(name: str, data: bytes) -> int:
    schema = lower(catalogue().find(name), catalogue())
    is_valid = jsonschema_rs.Draft202012Validator(schema, validate_formats=False).is_valid
    # Its options are also what our reader asks for, so that both refuse the same.
    read = jiter.from_json
    return sum(
        is_valid(read(line, catch_duplicate_keys=True, allow_inf_nan=False, cache_mode="keys"))
        for line in data.split(b"\n")
        if line
    )


def ours(workers: Workers, data: bytes) -> int:
    return sum(each.valid.total() for each in workers.map(pieces(data)))


def pieces(data: bytes) -> Iterator[Chunk]:
    at, line = 0, 1
    while at < len(data):
        end = data.rfind(b"\n", at, at + PIECE) + 1 or len(data)
        yield Chunk(data[at:end], line, limit=100 if at == 0 else 0)
        line += data.count(b"\n", at, end)
        at = end


def measured(
    ways: dict[str, Callable[[], int]],
) -> tuple[dict[str, float], dict[str, float]]:
    """Median wall time of each, and median CPU time, that of the workers left out."""
    walls: dict[str, list[float]] = {way: [] for way in ways}
    cpus: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, work in ways.items():
            begun, used = time.perf_counter(), time.process_time()
            work()
            walls[way].append(time.perf_counter() - begun)
            cpus[way].append(time.process_time() - used)
    return (
        {way: statistics.median(each) for way, each in walls.items()},
        {way: statistics.median(each) for way, each in cpus.items()},
    )


if __name__ == "__main__":
    sys.exit(main())
