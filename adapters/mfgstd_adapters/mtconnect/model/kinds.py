"""Which MTConnect data items carry numbers.

The facts are data (``schemas/vocabularies/mtconnect-types.json``), read from the published
schemas, with the version from which each holds.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from mfgstd.standard.resources import root
from mfgstd_adapters.mtconnect.model.units import unit

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind: TypeAlias = Literal["number", "integer", "text", "vector"]
Version: TypeAlias = tuple[int, int]

#: What a device model without a version is read as: the oldest for which the facts are known.
OLDEST: Final[Version] = (1, 8)


def kind_of(
    *, category: str, type_: str, representation: str, units: str | None, version: Version
) -> Kind:
    """What the values of a data item are.

    A SAMPLE is a number; an EVENT is one where its type or its unit says so; a CONDITION, a data
    set and a table are text. ``vector`` is three numbers in one value. Version 1.8 typed
    PART_COUNT as a float and 2.3 as an integer: the facts of the latest version that is not
    newer than ``version`` hold.
    """
    if category == "CONDITION" or representation in {"DATA_SET", "TABLE"}:
        return "text"
    known = unit(units) if units else None
    if known and known.vector:
        return "vector"
    if category == "SAMPLE":
        return "vector" if type_ in _table()["threeSpace"] else "number"
    if history := _table()["events"].get(type_):
        return _at(history, version)
    if units is None:
        return "text"
    return "integer" if units == "COUNT" else "number"


def parse_version(text: str) -> Version | None:
    """``1.8`` or ``1.8.0.3`` as numbers, so that 1.10 is newer than 1.9."""
    parts = text.split(".")
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() for part in parts[:2]):
        return None
    if max(map(len, parts[:2])) > 4:
        return None
    return int(parts[0]), int(parts[1])


def _at(history: Mapping[str, Kind], version: Version) -> Kind:
    chosen: Kind | None = None
    for since, kind in history.items():
        # The first entry also stands for what came before it.
        if chosen is None or (parse_version(since) or OLDEST) <= version:
            chosen = kind
    return chosen or "text"


@cache
def _table() -> Mapping[str, Any]:
    path = root("schemas") / "vocabularies" / "mtconnect-types.json"
    table: Mapping[str, Any] = json.loads(path.read_bytes())
    return table
