"""Target ``aas``: each entity as a submodel template of the Asset Administration Shell.

``json/<Name>.json`` is an environment (IDTA-01001, version 3) with a shell of kind Type, the
template, and a concept description for every field; ``aasx/<Name>.aasx`` is the same in a package
(IDTA-01005) that AAS tools open.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mfgstd.standard.generators.aas.package import package
from mfgstd.standard.generators.aas.template import environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfgstd.standard.resolved import Resolved


def generate(schemas: Sequence[Resolved]) -> dict[str, str | bytes]:
    """Two files for each entity."""
    by_id = {each.id: each for each in schemas}
    files: dict[str, str | bytes] = {}
    for each in schemas:
        if each.is_entity:
            text = json.dumps(environment(each, by_id), ensure_ascii=False, indent=1) + "\n"
            files[f"json/{each.name}.json"] = text
            files[f"aasx/{each.name}.aasx"] = package(each.name, text)
    return files
