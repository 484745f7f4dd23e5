"""A real Spark cluster on this machine: one master, two workers, each a process of its own.

Everything listens on the loopback address only, and speaks only to who knows the secret of this
run. Every process is stopped by its id.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
#: Seconds that a process may take until it listens; a loaded machine is slow.
_PATIENCE: Final = 120


class Cluster:
    """A standalone cluster; ``folder`` holds its settings, its logs and what it spills."""

    def __init__(self, folder: Path, *, workers: int = 2, memory_mb: int = 700) -> None:
        import pyspark

        self.folder = folder
        self.memory_mb = memory_mb
        self._home = Path(pyspark.__file__).parent
        self._processes: list[subprocess.Popen[bytes]] = []
        self.conf = folder / "conf"
        self.conf.mkdir(mode=0o700)
        settings = self.conf / "spark-defaults.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            "spark.authenticate true\n"
            f"spark.authenticate.secret {secrets.token_hex(32)}\n"
            "spark.master.rest.enabled false\n"
            "spark.ui.enabled false\n"
            f"spark.driver.host {LOOPBACK}\n"
            f"spark.driver.bindAddress {LOOPBACK}\n"
            "spark.driver.memory 600m\n"
            f"spark.executor.memory {memory_mb}m\n"
            "spark.executor.cores 1\n"
            f"spark.cores.max {workers}\n"
            # Short lives do not pay for the last optimisation.
            "spark.executor.extraJavaOptions -XX:+UseSerialGC -XX:TieredStopAtLevel=1\n"
            f"spark.local.dir {folder}/spill\n"
        )
        port = _free_port()
        self.master = f"spark://{LOOPBACK}:{port}"
        try:
            self._start("master", "org.apache.spark.deploy.master.Master", "--port", str(port))
            self._listening(port)
            for number in range(workers):
                self._start(
                    f"worker-{number}",
                    "org.apache.spark.deploy.worker.Worker",
                    # Room for two applications at a time.
                    *("--cores", "2", "--memory", f"{2 * memory_mb}m"),
                    *("--work-dir", str(folder / f"work-{number}")),
                    self.master,
                )
            self._registered(workers)
        except BaseException:
            self.stop()
            raise

    def _start(self, name: str, daemon: str, *arguments: str) -> None:
        environment = {
            **os.environ,
            "SPARK_HOME": str(self._home),
            "SPARK_CONF_DIR": str(self.conf),
            # The pages of master and worker listen on this address, too.
            "SPARK_LOCAL_IP": LOOPBACK,
            "SPARK_PUBLIC_DNS": LOOPBACK,
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_DAEMON_JAVA_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    [
                        str(self._home / "bin" / "spark-class"),
                        *(daemon, "--host", LOOPBACK, "--webui-port", "0"),
                        *("--properties-file", str(self.conf / "spark-defaults.conf")),
                        *arguments,
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=environment,
                )
            )

    def _listening(self, port: int) -> None:
        end = time.monotonic() + _PATIENCE
        while True:
            with suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
                return
            self._alive(end)

    def _registered(self, workers: int) -> None:
        end = time.monotonic() + _PATIENCE
        log = self.folder / "master.log"
        while log.read_text(errors="replace").count("Registering worker") < workers:
            self._alive(end)

    def _alive(self, end: float) -> None:
        ended = [each.args for each in self._processes if each.poll() is not None]
        if ended or time.monotonic() > end:
            logs = "\n".join(each.read_text()[-2000:] for each in self.folder.glob("*.log"))
            raise RuntimeError(f"the Spark cluster does not come up: {ended}\n{logs}")
        time.sleep(0.1)

    def executors(self) -> list[int]:
        """The process ids of the executors that run now."""
        return [
            pid
            for worker in self._processes[1:]
            for pid in _children(worker.pid)
            if b"CoarseGrainedExecutorBackend" in _read(pid, "cmdline")
        ]

    def daemons(self) -> list[int]:
        """The process ids of the master and the workers."""
        return [each.pid for each in self._processes]

    def stop(self) -> None:
        """End every process; a worker ends its executors."""
        for each in reversed(self._processes):
            if each.poll() is None:
                each.send_signal(signal.SIGTERM)
        for each in self._processes:
            try:
                each.wait(20)
            except subprocess.TimeoutExpired:
                each.kill()
                each.wait()
        self._processes.clear()
        shutil.rmtree(self.folder, ignore_errors=True)


def missing() -> str | None:
    """What this machine lacks for a cluster, if anything."""
    if os.name != "posix":
        return "the cluster's start script is for POSIX systems"
    try:
        import pyspark  # noqa: F401 - only whether it is there
    except ImportError:
        return "pyspark is not installed: the extra mfgstd[spark] brings it"
    if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
        return "there is no Java: Spark needs Java 17"
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            after_name = _read(int(entry.name), "stat").rpartition(b")")[2].split()
            if len(after_name) > 1 and int(after_name[1]) == pid:
                found.append(int(entry.name))
    return found


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        # It has ended meanwhile.
        return b""
