"""Target ``openapi``: an OpenAPI 3.1 document whose components are all schemas of the standard.

It has no paths: which addresses a product serves is the product's to say. Its own description
refers to these components, or copies them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from mfgstd.standard.generators.components import Dialect, components, latest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfgstd.standard.resolved import Resolved

_DIALECT: Final = Dialect(beside_ref=True, discriminator=True)

#: What may be done with a description of the standard.
LICENSE: Final = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def generate(schemas: Sequence[Resolved]) -> dict[str, str]:
    """``openapi.json``, an OpenAPI 3.1 document.

    Raises:
        StandardError: two schemas want the same component name.
    """
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "mfgstd",
            "summary": "Manufacturing data: equipment, process, quality, safety, KPI.",
            "description": "The schemas of the standard, for the `$ref`s of an API of your own.",
            "version": latest(schemas),
            "license": LICENSE,
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "paths": {},
        "components": {"schemas": components(schemas, _DIALECT)},
    }
    return {"openapi.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n"}
