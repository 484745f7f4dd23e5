"""npm packages that judge what we generate, installed as the lock file says.

They lie in ``.tooling/node-<hash of the lock>``, which git ignores, so that a later session finds
them. The lock names no registry: npm takes the one that it is configured for.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

_HERE = Path(__file__).resolve().parent / "node"


@dataclass(frozen=True)
class NodeTools:
    """Where the packages are, and how to ask them."""

    folder: Path
    node: str

    def tsc(self, project: Path) -> subprocess.CompletedProcess[str]:
        """The TypeScript compiler on a folder with a ``tsconfig.json``."""
        compiler = self.folder / "node_modules" / "typescript" / "bin" / "tsc"
        return self._run(compiler, "--project", project, "--pretty", "false")

    def asyncapi(self, document: Path) -> dict[str, Any]:
        """What the official parser says of a document; see ``node/asyncapi.cjs``."""
        done = self._run(_HERE / "asyncapi.cjs", document)
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def _run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.node, *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "NODE_PATH": str(self.folder / "node_modules")},
            timeout=300,
            check=False,
        )


def install(checkout: Path) -> NodeTools:
    """The tools, from npm where they are not here yet; skips without npm, but fails in CI."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        _refuse("node and npm are not installed (Debian: apt install nodejs npm)")
    lock = (_HERE / "package-lock.json").read_bytes()
    folder = checkout / ".tooling" / f"node-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not folder.is_dir():
        # Made beside and moved when whole: two sessions may want it at once.
        made = folder.with_name(f"{folder.name}.{os.getpid()}")
        made.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_HERE / name, made)
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=made,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode != 0:
            shutil.rmtree(made)
            _refuse(f"npm ci failed: {done.stderr[-500:]}")
        try:
            made.rename(folder)
        except OSError:
            shutil.rmtree(made)  # the other session was faster
    return NodeTools(folder, node)


def _refuse(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have the tools of tests/tools/node: {reason}")
    pytest.skip(reason)
