"""What every test may ask for: the corpus of real data, and our own command as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

CHECKOUT = Path(__file__).resolve().parent.parent

# Shared machines stall: a deadline would test the neighbours.
settings.register_profile(
    "mfgstd", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("mfgstd")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several processes a file stays in one of them, and so do all that share a cluster."""
    cluster = Path("tests", "validation", "spark")
    for each in items:
        path = each.path.relative_to(CHECKOUT)
        group = cluster if cluster in path.parents else path
        each.add_marker(pytest.mark.xdist_group(str(group)))


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the repository."""
    return CHECKOUT


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real data that nobody here wrote; skips where it is absent, but not in CI."""
    folder = Path(os.environ.get("MFGSTD_CORPUS", CHECKOUT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have the corpus at {folder}, or name it in MFGSTD_CORPUS")
        pytest.skip(f"no corpus at {folder}: set MFGSTD_CORPUS to its folder")
    return folder.resolve()


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def mfgstd() -> Run:
    """Run our command as a user does, in a process of its own, in English unless told."""

    def run(
        *arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "100", **(env or {})}
        return subprocess.run(
            [sys.executable, "-m", "mfgstd", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=cwd,
            env=environment,
            timeout=300,
            check=False,
        )

    return run
