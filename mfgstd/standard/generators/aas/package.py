"""An AASX package: a zip in the Open Packaging Conventions, with one environment in it."""

from __future__ import annotations

import io
import zipfile
from typing import Final

_XML: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_ROLE: Final = "http://admin-shell.io/aasx/relationships"

# The same content gives the same bytes: no clock, no compressor's version.
_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)


def package(name: str, environment: str) -> bytes:
    """The bytes of ``<name>.aasx``; ``environment`` is its JSON."""
    part = f"/aasx/{name}/{name}.aas.json"
    files = {
        "[Content_Types].xml": (
            f'{_XML}<Types xmlns="{_TYPES}">'
            '<Default Extension="json" ContentType="application/json"/>'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/aasx/aasx-origin" ContentType="text/plain"/></Types>\n'
        ),
        "_rels/.rels": _relation("aasx-origin", "/aasx/aasx-origin"),
        "aasx/aasx-origin": "Intentionally empty.\n",
        "aasx/_rels/aasx-origin.rels": _relation("aas-spec", part),
        part.lstrip("/"): environment,
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path, text in files.items():
            entry = zipfile.ZipInfo(path, _BEGINNING)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text.encode())
    return target.getvalue()


def _relation(role: str, target: str) -> str:
    return (
        f'{_XML}<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Type="{_ROLE}/{role}" Target="{target}" Id="R1"/></Relationships>\n'
    )
