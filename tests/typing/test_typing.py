from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_a_type_checker_knows_every_field(checkout: Path) -> None:
    # Each error that a user must get stands there as an ignore; strict mode reports unused ones.
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--follow-imports=silent",
            "--cache-dir=.mypy_cache/typing",
            "tests/typing/models.py",
        ],
        capture_output=True,
        text=True,
        cwd=checkout,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
