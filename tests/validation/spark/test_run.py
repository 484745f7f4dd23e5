"""A whole run by the command, on the cluster and without it: the same account of the same files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.validation.spark.cluster import Cluster
from tests.validation.spark.test_lines import documents
from tests.validation.spark.test_tables import hurt, observations

KEYS = [(name, "ascending") for name in ("path", "position", "rule", "pointer", "found")]


def test_a_run_on_the_cluster_tells_what_a_run_on_this_machine_tells(
    tmp_path: Path, cluster: Cluster, mfgstd: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.ndjson").write_bytes(b"\n".join(documents(500)))
    pq.write_table(hurt(observations(500), 5, 30), data / "b.parquet")
    (data / "c.json").write_bytes(b"{}")
    pq.write_table(observations(40), data / "d.parquet")

    def run(engine: str, *more: str) -> tuple[dict[str, Any], Any]:
        every = tmp_path / f"{engine}.parquet"
        done = mfgstd(
            *("validate", data, "--json", "--engine", engine, *more),
            *("--findings", every, "--max-findings", "10"),
            env={"SPARK_CONF_DIR": str(cluster.conf)},
        )
        assert done.returncode == 1, done.stderr
        assert done.stderr == ""
        return json.loads(done.stdout), pq.read_table(every).sort_by(KEYS)

    there, found_there = run("spark", "--master", cluster.master)
    here, found_here = run("duckdb")
    engines = [each["engine"] for each in there["sources"]]
    assert engines == ["spark", "spark", "row", "spark"]
    for account in (here, there):
        for each in account["sources"]:
            del each["engine"], each["seconds"]
        del account["engine"], account["seconds"]
    assert there == here
    assert found_there == found_here
    assert found_here.num_rows > 50
