"""One cluster and one session on it for all tests here; starting them takes most of a minute."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mfgstd.engine import Session
from tests.validation.spark.cluster import Cluster, missing

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The sockets to Java are closed by whoever collects garbage, when they please."""
    for item in items:
        if HERE in item.path.parents:
            for what in ("ResourceWarning", "pytest.PytestUnraisableExceptionWarning"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{what}"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if reason := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must test on Spark: {reason}")
        pytest.skip(reason)
    running = Cluster(tmp_path_factory.mktemp("spark-cluster"))
    before = os.environ.get("SPARK_CONF_DIR")
    os.environ["SPARK_CONF_DIR"] = str(running.conf)
    try:
        yield running
    finally:
        running.stop()
        if before is None:
            os.environ.pop("SPARK_CONF_DIR")
        else:
            os.environ["SPARK_CONF_DIR"] = before


@pytest.fixture(scope="session")
def spark(cluster: Cluster) -> Iterator[Session]:
    from mfgstd.engine.spark import spark_session

    with spark_session(cluster.master) as session:
        yield session


@pytest.fixture(scope="session")
def duckdb() -> Iterator[Callable[[], Session]]:
    """A new DuckDB session at each call: a screen keeps its session to itself."""
    from contextlib import ExitStack

    from mfgstd.engine import duckdb_session

    with ExitStack() as stack:
        yield lambda: stack.enter_context(duckdb_session())
