"""Events that say how a machine is become state events of the equipment that they belong to.

MTConnect spreads a machine's state over several items (availability of the device, execution of
each path, mode of the controller); each is an axis of ours. Which word means what is data:
``schemas/vocabularies/mtconnect-states.json``. SHDR reports and agent streams share this.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid5

import numpy as np
import numpy.typing as npt

from mfgstd.models import StateEvent
from mfgstd.standard.resources import root
from mfgstd_adapters.mtconnect.model.devices import NAMESPACE
from mfgstd_adapters.mtconnect.reports.moments import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mfgstd_adapters.mtconnect.model.devices import Item

_UNAVAILABLE: Final = "UNAVAILABLE"


@cache
def vocabulary() -> Mapping[str, Any]:
    """The table of state words as it is authored."""
    path = root("schemas") / "vocabularies" / "mtconnect-states.json"
    table: Mapping[str, Any] = json.loads(path.read_bytes())
    return table


class States:
    """Remembers the state of each equipment, so that a report can be read as a change of it.

    ``watched`` says for each item whether its reports matter here.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._types: Mapping[str, Any] = vocabulary()["types"]
        self.watched: npt.NDArray[np.bool_] = np.array(
            [
                item.category == "EVENT"
                and item.type in self._types
                and item.representation in {"VALUE", "DISCRETE"}
                and not item.sub_type
                for item in items
            ],
            bool,
        )
        self._said: dict[str, dict[str, dict[str, str]]] = {}
        self._state: dict[str, dict[str, str]] = {}

    def report(
        self,
        item: int,
        nanoseconds: int,
        value: str,
        *,
        recorded: int | None = None,
        time_quality: str | None = None,
    ) -> StateEvent | None:
        """The change that a report makes; ``None`` where it says nothing new.

        Only axes that the equipment has reported are in the event. A word that the table does
        not know, and loss of contact, make an axis ``unknown``: that we lost sight of a machine
        says nothing about the machine.
        """
        about = self._items[item]
        table: Mapping[str, Any] = self._types[about.type]
        word = value.upper()
        lost = word == _UNAVAILABLE
        known = table["words"].get(word)
        axes: list[str] = table["axes"]
        said = self._said.setdefault(about.equipment, {})
        said[about.type] = dict(known) if known is not None else dict.fromkeys(axes, "unknown")
        merged: dict[str, str] = {}
        # In the order of the table: what stands later outranks, as an emergency stop does.
        for type_ in self._types:
            merged |= said.get(type_, {})
        before = self._state.get(about.equipment)
        if merged == before or not merged:
            return None
        self._state[about.equipment] = merged
        if lost:
            quality = {"status": "bad", "reason": "no_communication"}
        elif known is None:
            quality = {"status": "uncertain", "reason": "not_convertible", "native": value[:200]}
        else:
            quality = {"status": "good"}
        name = f"state {about.identity} {nanoseconds} {sorted(merged.items())}"
        document: dict[str, Any] = {
            "id": f"urn:uuid:{uuid5(NAMESPACE, name)}",
            "equipment": {"id": about.equipment},
            "eventTime": timestamp(nanoseconds),
            "state": merged,
            "quality": quality,
            "dataItem": about.identity,
        }
        if recorded is not None:
            document["recordTime"] = timestamp(recorded)
        if time_quality is not None:
            document["timeQuality"] = time_quality
        if before:
            document["previous"] = before
        return StateEvent.model_validate(document, by_alias=True, by_name=False)
