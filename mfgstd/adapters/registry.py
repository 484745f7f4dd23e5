"""Finding adapters by entry point, importing only the one that was asked for."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from mfgstd.errors import NotInstalled

if TYPE_CHECKING:
    from mfgstd.adapters.contract import Adapter

GROUP = "mfgstd.adapters"


def available() -> list[str]:
    """The names of all installed adapters."""
    return sorted({each.name for each in entry_points(group=GROUP)})


def load(name: str) -> type[Adapter]:
    """Import one adapter; a broken neighbour cannot get in the way.

    Raises:
        NotInstalled: no installed package provides it.
    """
    for entry_point in entry_points(group=GROUP, name=name):
        adapter: type[Adapter] = entry_point.load()
        return adapter
    raise NotInstalled(name, available())
