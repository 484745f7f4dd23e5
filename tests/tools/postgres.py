"""A real PostgreSQL server for one session: an empty cluster in a folder of its own.

It listens on a Unix socket in that folder only, so that no port can be taken. PostgreSQL refuses
to run as root; then it runs as the user that Debian's package makes, or as nobody.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


def binaries() -> Path:
    """The folder of ``initdb`` and ``postgres``; skips where there is none, but fails in CI."""
    named = shutil.which("initdb")
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    found = [*([Path(named).resolve()] if named else []), *reversed(debian)]
    for each in found:
        if (each.parent / "postgres").exists():
            return each.parent
    reason = "there is no PostgreSQL server here (Debian: apt install postgresql)"
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have one: {reason}")
    pytest.skip(reason)


def _unprivileged() -> dict[str, Any]:
    """As whom to start a process, where this one is root's."""
    if os.geteuid() != 0:
        return {}
    names = {each.pw_name for each in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def serve() -> Iterator[str]:
    """Start a server, yield how to connect to it (a libpq string), stop it by its process."""
    programs = binaries()
    who = _unprivileged()
    # Not pytest's folder: only its owner may enter it, and a socket's path has 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="mfgstd-pg-"))
    try:
        if who:
            os.chown(folder, who["user"], who["group"])
        cluster = folder / "cluster"
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [
                *(programs / "initdb", "--pgdata", cluster, "--username", "mfgstd"),
                *("--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ],
            cwd=folder,
            env=environment,
            capture_output=True,
            check=True,
            timeout=120,
            **who,
        )
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    *(programs / "postgres", "-D", cluster, "-k", folder),
                    *("-c", "listen_addresses=", "-c", "fsync=off"),
                ],
                cwd=folder,
                env=environment,
                stdout=log,
                stderr=log,
                **who,
            )
        try:
            yield _ready(server, folder)
        finally:
            server.send_signal(signal.SIGINT)  # a fast shutdown
            server.wait(timeout=60)
    finally:
        shutil.rmtree(folder)


def _ready(server: subprocess.Popen[bytes], folder: Path) -> str:
    import psycopg

    where = f"host={folder} user=mfgstd dbname=postgres"
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(where).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise AssertionError((folder / "log").read_text()) from None
            time.sleep(0.05)
        else:
            return where
