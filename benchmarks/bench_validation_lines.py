"""Flat NDJSON, strictly: the screen of lines against a loop of orjson and jsonschema-rs.

The loop takes what such a loop takes: duplicate keys, NaN as null, no rules. The screen refuses
them and judges the record rules too. Both begin with the bytes in memory and say how many documents
are valid. Rounds alternate, so that a busy machine is as busy for both; the screen uses all cores.
"""

from __future__ import annotations

import gc
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import orjson

from mfgstd.engine import Session, duckdb_session
from mfgstd.standard import Resolved, catalogue
from mfgstd.validation.bulk.lines.screens import LineScreens
from mfgstd.validation.lowering import Strictness, lower

ROWS = 600_000
ROUNDS = 5
#: At least so many times as fast as the loop, on two cores.
RATIO = 3.0
#: At most so many times the time of clean lines, if every line breaks the schema.
FAILING = 5.0
CHUNK = 64 << 20


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    good = True
    print(f"{rows:,} lines of each kind, {os.cpu_count()} cores, medians of {ROUNDS} rounds")
    with duckdb_session() as session:
        for name, documents in KINDS.items():
            data = written(name, documents(), rows)
            good &= compared(name, data, rows, session)
        data = written("observation", observations(), rows)
        good &= failing(data, data.replace(b'"status":"good"', b'"status":"fine"'), session)
    return 0 if good else 1


def compared(name: str, data: bytes, rows: int, session: Session) -> bool:
    schema = catalogue().find(name)
    with LineScreens(Strictness.STRICT, session) as screens:
        begun = time.perf_counter()
        assert screened(screens, data[: data.index(b"\n", 1 << 20) + 1]) > 0
        first = time.perf_counter() - begun
        work = (lambda: screened(screens, data), lambda: looped(schema, data))
        ours, loop = alternating(*work, rows)
        spent = [f"{timed(each) / rows * 1e6:.2f}" for each in reversed(work)]
    ratio = statistics.median(one / other for one, other in zip(loop, ours, strict=True))
    print(
        f"{name:18} {len(data) // rows:4} bytes a line | "
        f"loop {rate(rows, loop)} | screen {rate(rows, ours)} | "
        f"ratio {ratio:5.2f} (at least {RATIO}) | making the queries {first:.1f} s, once | "
        f"processor time {' and '.join(spent)} us a line"
    )
    return ratio >= RATIO


def failing(clean: bytes, broken: bytes, session: Session) -> bool:
    rows = clean.count(b"\n")
    with LineScreens(Strictness.STRICT, session) as screens:
        screened(screens, clean[: clean.index(b"\n", 1 << 20) + 1])
        fine, bad = alternating(
            lambda: screened(screens, clean), lambda: rows - screened(screens, broken), rows
        )
    ratio = statistics.median(other / one for one, other in zip(fine, bad, strict=True))
    print(f"every line breaks the schema: {ratio:.2f} times a clean one (at most {FAILING})")
    return ratio <= FAILING


def alternating(
    one: Callable[[], int], other: Callable[[], int], expected: int
) -> tuple[list[float], list[float]]:
    """The seconds of each, round by round; both must say what is expected."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for work, seconds in zip((one, other), spent, strict=True):
            gc.collect()
            begun = time.perf_counter()
            said = work()
            seconds.append(time.perf_counter() - begun)
            assert said == expected, said
    return spent


def timed(work: Callable[[], int]) -> float:
    """The processor time of one round, of all threads: what a busy machine does not change."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def rate(rows: int, seconds: list[float]) -> str:
    return f"{rows / statistics.median(seconds) / 1000:6.0f} k/s"


def screened(screens: LineScreens, data: bytes) -> int:
    valid, line = 0, 1
    for chunk in chunks(data):
        told = screens.screen(chunk, line)
        assert not told.suspects
        valid += told.valid
        line += told.lines
    return valid


def chunks(data: bytes) -> Iterator[bytes]:
    begin = 0
    while begin < len(data):
        end = data.rfind(b"\n", begin, begin + CHUNK) + 1
        yield data[begin:end]
        begin = end


def looped(schema: Resolved, data: bytes) -> int:
    is_valid = jsonschema_rs.Draft202012Validator(lower(schema, catalogue())).is_valid
    loads = orjson.loads
    return sum(is_valid(loads(line)) for line in data.splitlines())


def written(name: str, documents: Iterator[dict[str, Any]], rows: int) -> bytes:
    schema = catalogue().find(name).id
    return b"".join(
        json.dumps(
            {"$schema": schema, **next(documents)}, ensure_ascii=False, separators=(",", ":")
        ).encode()
        + b"\n"
        for _ in range(rows)
    )


def moment(number: int) -> str:
    seconds, thousandths = divmod(number, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"2026-03-{days % 28 + 1:02}T{hour:02}:{minute:02}:{second:02}.{thousandths:03}Z"


def observations() -> Iterator[dict[str, Any]]:
    chance = random.Random(1)  # noqa: S311 - made data
    number = 0
    while True:
        yield {
            "dataItem": f"https://plant.example.co.kr/line-2/cnc-{chance.randrange(64):02}/Xabs",
            "eventTime": moment(number),
            "quality": {"status": "good"},
            "value": {"number": chance.gauss(20, 5)},
            "recordTime": moment(number + 200),
            "unit": "mm",
            "timeQuality": "synchronized",
            "source": "https://plant.example.co.kr/agent",
            "epoch": "1709600000",
            "sequence": number,
            "eventId": f"{chance.getrandbits(128):032x}",
        }
        number += 1


def readings() -> Iterator[dict[str, Any]]:
    chance = random.Random(2)  # noqa: S311 - made data
    number = 0
    while True:
        yield {
            "equipment": {"id": f"https://plant.example.co.kr/line-2/cnc-{number % 64:02}"},
            "kind": chance.choice(["good", "defective", "processed"]),
            "eventTime": moment(number),
            "value": number,
            "delta": 1,
            "dataItem": f"https://plant.example.co.kr/line-2/cnc-{number % 64:02}/count",
            "epoch": "1709600000",
            "recordTime": moment(number + 200),
            "timeQuality": "synchronized",
        }
        number += 1


def state_events() -> Iterator[dict[str, Any]]:
    chance = random.Random(3)  # noqa: S311 - made data
    number = 0
    while True:
        yield {
            "id": f"urn:uuid:{chance.getrandbits(128):032x}",
            "equipment": {"id": f"https://plant.example.co.kr/line-2/cnc-{number % 64:02}"},
            "eventTime": moment(number),
            "state": {"procedural": chance.choice(["execute", "idle", "held"])},
            "duration": chance.random() * 600,
            "quality": {"status": "good"},
            "recordTime": moment(number + 200),
            "dataItem": f"https://plant.example.co.kr/line-2/cnc-{number % 64:02}/state",
        }
        number += 1


KINDS: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
    "observation": observations,
    "counter-reading": readings,
    "state-event": state_events,
}

if __name__ == "__main__":
    raise SystemExit(main())
