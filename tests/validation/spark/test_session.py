"""How Spark is reached, and what is said when it is not; nothing here starts Java."""

from __future__ import annotations

import socket

import pytest

from mfgstd.engine.spark import spark_session
from mfgstd.errors import SystemFault, UsageError

pytest.importorskip("pyspark")


def test_an_address_that_is_none_is_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JAVA_HOME", "/java")
    with pytest.raises(UsageError, match="is no address of a Spark cluster"):
        spark_session("plant.example").__enter__()


def test_a_machine_without_java_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UsageError, match="Spark needs Java 17"):
        spark_session("local[1]").__enter__()


def test_a_master_that_is_not_there_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark itself would try for minutes."""
    monkeypatch.setenv("JAVA_HOME", "/java")
    with socket.socket() as taken:
        # Bound and not listening: whoever connects is refused.
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(SystemFault, match=f"127.0.0.1:{port} is not reached"):
            spark_session(f"spark://127.0.0.1:{port}").__enter__()
