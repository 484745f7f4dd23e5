"""The examples of the standard, as the judges of generated files take them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mfgstd.standard import catalogue
from mfgstd.standard.resolved import NAMESPACE, Resolved
from mfgstd.standard.resources import root


@dataclass(frozen=True)
class Example:
    """One document; ``rule`` and ``pointer`` say what an invalid one breaks, and where."""

    path: str
    schema: Resolved
    document: Any
    rule: str | None = None
    pointer: str = ""

    @property
    def found(self) -> Any:
        """What is at the place that the finding names."""
        value = self.document
        for step in self.pointer.split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            value = value[int(step)] if isinstance(value, list) else value[step]
        return value


def valid() -> list[Example]:
    """Every valid example of every schema."""
    return [
        Example(_name(path), _schema(path), json.loads(path.read_bytes()))
        for path in _paths("valid")
    ]


def invalid() -> list[Example]:
    """Every invalid example of every schema."""
    examples = []
    for path in _paths("invalid"):
        told = json.loads(path.read_bytes())
        finding = told["finding"]
        examples.append(
            Example(
                *(_name(path), _schema(path), told["document"]),
                rule=finding["rule"],
                pointer=finding["pointer"],
            )
        )
    return examples


def _paths(kind: str) -> list[Path]:
    return sorted((root("schemas") / "examples").glob(f"*/*/{kind}/*.json"))


def _name(path: Path) -> str:
    return path.relative_to(root("schemas") / "examples").with_suffix("").as_posix()


def _schema(path: Path) -> Resolved:
    domain, slug = path.relative_to(root("schemas") / "examples").parts[:2]
    return catalogue().get(f"{NAMESPACE}{domain}/{slug}/1")
