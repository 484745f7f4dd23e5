"""Small standards of a few schemas, written by the test that needs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mfgstd.standard import Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Author = Callable[..., Catalogue]

NAMESPACE = "https://w3id.org/mfgstd/"


def _document(domain: str, slug: str, schema: dict[str, Any]) -> dict[str, Any]:
    title = "".join(part.capitalize() for part in slug.split("-"))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{NAMESPACE}{domain}/{slug}/1",
        "title": title,
        "description": f"The {slug} of a test.",
        "x-mfg-label": {"en": title, "ko": "시험"},
        "x-mfg-version": "1.0.0",
        **schema,
    }


@pytest.fixture
def author(tmp_path: Path) -> Author:
    """Write schemas, ``"equipment/pump" -> body``, and read them as a catalogue."""

    def write(**schemas: dict[str, Any]) -> Catalogue:
        folder = tmp_path / "schemas"
        for name, schema in schemas.items():
            domain, slug = name.split("__")
            slug = slug.replace("_", "-")
            path = folder / domain / f"{slug}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(_document(domain, slug, schema), ensure_ascii=False)
            path.write_text(text, encoding="utf-8")
        return Catalogue(folder)

    return write
