"""The JSON Schemas of the judge's own artefacts: requirement, profile, plan, decision, statement.

They are plain JSON Schema 2020-12 beside this file, so that programs in other languages can read
and check what the judge writes. They are not part of the standard in ``schemas/``.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.protocols import Validator

_FOLDER: Final = Path(__file__).resolve().parent

NAMES: Final = tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def schema(name: str) -> dict[str, Any]:
    """One of our own schemas by its short name (``plan``)."""
    loaded: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_bytes())
    return loaded


@cache
def _validator(name: str) -> Validator:
    # Imported here: reading a certificate's digest must not cost an import of jsonschema.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema(name))


def violations(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Where and how a value differs from a format: (JSON Pointer, sentence), best first."""
    from jsonschema.exceptions import best_match

    errors = list(_validator(name).iter_errors(value))
    first = best_match(iter(errors))
    if first is None:
        return
    ordered = [first, *(error for error in errors if error is not first)]
    for error in ordered:
        pointer = "".join(f"/{part}" for part in error.absolute_path)
        yield pointer, error.message[:300]
