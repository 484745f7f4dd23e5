"""How judging Parquet observations grows from 1 to 100 million rows, on DuckDB and on Spark.

Run from the root, on a machine that does nothing else; it takes an hour on two processors:

    python -m benchmarks.growth_validation [--rows 1 3 10 30 100] [--data FOLDER]

It writes docs/validation/growth.md, the table, and growth.svg, the same drawn. Spark is a real
cluster on loopback, of one master and two workers of one processor each. Both engines are run as
the command, so a second or so of each figure is the start of it, and of Spark more.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.growth_drawing import drawn
from mfgstd.observations import SCHEMA, assemble
from tests.validation.spark.cluster import Cluster

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "validation"
MILLION = 1_000_000
ENGINES = ("duckdb", "spark")


@dataclass(frozen=True)
class Measured:
    """One run: wall and processor seconds, and the most memory that all its processes had."""

    engine: str
    rows: int
    seconds: float
    cpu: float
    memory: int


def main() -> int:
    asked = argparse.ArgumentParser(description="Measure and draw the growth of validation.")
    asked.add_argument("--rows", type=int, nargs="+", default=[1, 3, 10, 30, 100], help="millions")
    asked.add_argument("--data", type=Path, help="where the files are, or are made")
    asked.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="mfgstd-growth-") as folder:
        data = given.data or Path(folder) / "data"
        data.mkdir(exist_ok=True, parents=True)
        files = [part(data, number) for number in range(max(given.rows))]
        (Path(folder) / "cluster").mkdir()
        cluster = Cluster(Path(folder) / "cluster", memory_mb=1400)
        try:
            results = [
                measured(engine, files[:rows], cluster)
                for engine in given.engines
                for rows in sorted(given.rows)
            ]
        finally:
            cluster.stop()
    write(results)
    return 0


def part(folder: Path, number: int) -> Path:
    """A file of a million rows; the next in time and sequence to the one before."""
    path = folder / f"part-{number:03d}.parquet"
    if path.exists():
        return path
    rng = np.random.default_rng(1 + number)
    items = [f"https://plant.example.co.kr/line-2/cnc-{each:02d}/Xabs" for each in range(64)]
    sequence = np.arange(number * MILLION, (number + 1) * MILLION, dtype=np.int64)
    nanoseconds = 1_709_600_000_000_000_000 + sequence * 1_000_000

    def chosen(words: list[str], which: np.ndarray) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(which.astype(np.int32)), pa.array(words))

    same = np.zeros(MILLION)
    columns = {
        "data_item": chosen(items, rng.integers(0, len(items), MILLION)),
        "kind": chosen(["number"], same),
        "number": pa.array(rng.normal(20, 5, MILLION)),
        "unit": chosen(["mm"], same),
        "status": chosen(["good"], same),
        "source": chosen(["https://plant.example.co.kr/agent"], same),
        "epoch": chosen(["1709600000"], same),
        "sequence": pa.array(sequence),
        "time_quality": chosen(["synchronized"], same),
        "record_time": pa.array(nanoseconds // 1000 + 200_000, pa.timestamp("us", "UTC")),
    }
    full = {
        each.name: columns[each.name].cast(each.type)
        if each.name in columns
        else pa.nulls(MILLION, each.type)
        for each in SCHEMA
        if each.name not in ("event_time", "event_time_ns", "event_id")
    }
    begun = path.with_suffix(".part")
    pq.write_table(pa.Table.from_batches([assemble(nanoseconds, full)]), begun)
    return begun.rename(path)


def measured(engine: str, files: list[Path], cluster: Cluster) -> Measured:
    command = [sys.executable, "-m", "mfgstd", "validate", *map(str, files)]
    command += ["--engine", engine, "--rules", "record", "--json"]
    if engine == "spark":
        command += ["--master", cluster.master]
    environment = {**os.environ, "SPARK_CONF_DIR": str(cluster.conf)}
    begun = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.PIPE, cwd=ROOT, env=environment
    ) as process:
        watch = Watch([process.pid, *(cluster.daemons() if engine == "spark" else [])])
        said, _ = process.communicate()
        seconds = time.perf_counter() - begun
        watch.stop()
    account = json.loads(said)
    rows = len(files) * MILLION
    assert account["valid"] == account["documents"] == rows, account
    assert {each["engine"] for each in account["sources"]} == {engine}
    result = Measured(engine, rows, seconds, watch.cpu, watch.memory)
    print(
        f"{engine:8} {rows:>12,} rows {seconds:8.1f} s {watch.cpu:8.1f} s of processor "
        f"{rows / seconds:>12,.0f} rows/s {watch.memory >> 20:>6} MiB",
        flush=True,
    )
    return result


class Watch(threading.Thread):
    """Looks at processes and all below them, five times a second.

    Of a process that was there before, only what it used since counts. ``memory`` is the sum over
    all of them, which counts what they share more than once.
    """

    def __init__(self, roots: list[int]) -> None:
        super().__init__(daemon=True)
        self._roots = roots
        self._done = threading.Event()
        self._before = {pid: _cpu(pid) for pid in roots[1:]}
        self._cpu: dict[int, float] = {}
        self.memory = 0
        self.start()

    @property
    def cpu(self) -> float:
        return sum(spent - self._before.get(pid, 0.0) for pid, spent in self._cpu.items())

    def run(self) -> None:
        while not self._done.wait(0.2):
            pids = _below(self._roots)
            self._cpu |= {pid: spent for pid in pids if (spent := _cpu(pid))}
            self.memory = max(self.memory, sum(map(_memory, pids)))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _below(roots: list[int]) -> set[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and len(fields := _stat(int(entry.name))) > 1:
            parents[int(entry.name)] = int(fields[1])
    found = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _memory(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[21]) * os.sysconf("SC_PAGE_SIZE") if fields else 0


def machine() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return (
        f"{os.cpu_count()} processors ({names[0] if names else platform.machine()}), "
        f"{memory} GiB, Python {platform.python_version()}"
    )


def write(results: list[Measured]) -> None:
    when = datetime.now(UTC).date().isoformat()
    about = (
        f"Measured on {when}: {machine()}. Files of a million rows, all of them right, judged by "
        "`mfgstd validate --rules record`. Spark is one master and two workers of one processor "
        "each on the same machine. Memory is the sum over all processes of a run."
    )
    lines = [
        "<!-- Measured and written by benchmarks/growth_validation.py; do not edit. -->",
        "# Growth: observations in Parquet, from 1 million rows upwards",
        "",
        "![Seconds over rows, on DuckDB and on Spark](growth.svg)",
        "",
        about,
        "",
        "| engine | rows | seconds | rows per second | processor seconds | peak memory, MiB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {each.engine} | {each.rows:,} | {each.seconds:.1f} | {each.rows / each.seconds:,.0f} "
        f"| {each.cpu:.1f} | {each.memory >> 20:,} |"
        for each in results
    ]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "growth.md").write_text("\n".join(lines) + "\n")
    points = {
        engine: [(each.rows, each.seconds) for each in results if each.engine == engine]
        for engine in ENGINES
    }
    (FOLDER / "growth.svg").write_text(drawn(points, when))


if __name__ == "__main__":
    sys.exit(main())
