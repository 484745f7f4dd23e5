"""Wheel, sdist and editable install behave the same, in a clean environment, from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

# What a user does first with an installation; run from a folder that is not the checkout.
PROBE = """
import json, importlib.metadata, mfgstd, mfgstd.adapters
from mfgstd.standard import catalogue
from mfgstd.standard.resources import root
print(json.dumps({
    "version": mfgstd.__version__,
    "metadata": importlib.metadata.version("mfgstd"),
    "schemas": sorted(catalogue().authored),
    "data": sorted(
        path.relative_to(root("schemas")).as_posix()
        for path in root("schemas").rglob("*") if path.is_file()
    ),
    "adapters": mfgstd.adapters.available(),
    "adapter": mfgstd.adapters.load("mtconnect").__module__,
    "shelves": [__import__(name).__name__ for name in ("mfgstd_adapters", "mfgstd_conformance")],
}))
"""

CONSTRAINTS = "constraints.txt"


def _uv(*arguments: object, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "uv", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel built from the checkout, the sdist, and the wheel built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    hatch = [sys.executable, "-m", "hatchling", "build", "--directory"]

    def build(source: Path, target: Path, kind: str) -> Path:
        done = subprocess.run(
            [*hatch, str(target), "--target", kind],
            cwd=source,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        pattern = "*.whl" if kind == "wheel" else "*.tar.gz"
        (result,) = target.glob(pattern)
        return result

    sdist = build(checkout, folder / "sdist", "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    return {
        "wheel": build(checkout, folder / "wheel", "wheel"),
        "sdist": sdist,
        "wheel-from-sdist": build(unpacked, folder / "again", "wheel"),
    }


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())


def test_the_wheel_is_the_same_by_way_of_the_sdist(built: dict[str, Path]) -> None:
    assert _names(built["wheel"]) == _names(built["wheel-from-sdist"])


def test_the_wheel_holds_the_standard_the_shelves_and_nothing_of_the_tests(
    built: dict[str, Path],
) -> None:
    names = _names(built["wheel"])
    for part in (
        "mfgstd/py.typed",
        "mfgstd/models/equipment.py",
        "mfgstd/_data/schemas/profile.json",
        "mfgstd_adapters/mtconnect/__init__.py",
        "mfgstd/_data/requirements/equipment.yaml",
        "mfgstd/_data/profiles/equipment-data.yaml",
        "mfgstd_conformance/formats/result.json",
        "mfgstd_conformance/report/templates/report.js",
    ):
        assert part in names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "docs"))]


@pytest.mark.parametrize("kind", ["wheel", "sdist", "editable"])
def test_every_kind_of_install_works_outside_the_checkout(
    kind: str, built: dict[str, Path], checkout: Path, tmp_path: Path
) -> None:
    environment = tmp_path / "env"
    _uv("venv", "--quiet", "--python", sys.executable, environment, cwd=tmp_path)
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    what = ["--editable", f"{checkout}[all]"] if kind == "editable" else [f"{built[kind]}[all]"]
    _uv(
        *["pip", "install", "--quiet", "--python", python],
        *["--constraint", checkout / CONSTRAINTS, *what],
        cwd=tmp_path,
    )
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}

    def run(*command: str | Path, code: int = 0) -> str:
        done = subprocess.run(
            [str(each) for each in command],
            cwd=tmp_path,
            env={**clean, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    seen = json.loads(run(python, "-I", "-c", PROBE))
    here = checkout / "schemas"
    assert seen["version"] == seen["metadata"]
    assert seen["adapters"] == ["mtconnect"]
    assert seen["adapter"].startswith("mfgstd_adapters.")
    assert seen["data"] == sorted(
        path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file()
    )
    command = python.with_name("mfgstd")
    assert run(command, "--version").strip() == f"mfgstd {seen['version']}"
    example = here / "examples" / "equipment" / "observation" / "valid"
    run(command, "validate", example)
    run(command, "schema", "check")
    run(
        command,
        "conform",
        "run",
        f"file:{example}",
        "--profile",
        "equipment-file",
        "--to",
        "out",
        code=1,
    )
    assert (tmp_path / "out" / "report.html").is_file()


def test_the_shelves_are_not_packages(checkout: Path) -> None:
    assert not (checkout / "adapters" / "__init__.py").exists()
    assert not (checkout / "conformance" / "__init__.py").exists()
