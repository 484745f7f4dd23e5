"""The vocabularies of the standard, typed: quantities, reasons of data quality, state words.

They are tables in ``schemas/vocabularies``, read when first asked for. Units have a module of
their own, :mod:`mfgstd.standard.units`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from mfgstd.language import Text
from mfgstd.standard.resources import root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.standard.notes import Relation

__all__ = [
    "QualityReason",
    "Quantity",
    "StateWord",
    "StatusCode",
    "elsewhere",
    "quality_reasons",
    "quantities",
    "state_words",
    "status_reason",
]

#: Whether a value can be used.
Status: TypeAlias = Literal["good", "uncertain", "bad"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that is measured. ``unit`` is the usual one, ``dimension`` that of the unit."""

    id: str
    label: Text
    unit: str
    dimension: Mapping[str, int]
    kind_of: str | None = None
    qudt: str | None = None


@dataclass(frozen=True, slots=True)
class StatusCode:
    """An OPC UA status code that means a reason."""

    name: str
    number: int
    relation: Relation


@dataclass(frozen=True, slots=True)
class QualityReason:
    """A word of ``primitives/reason``: the statuses it may come with, and its codes in OPC UA."""

    id: str
    label: Text
    statuses: tuple[Status, ...]
    opcua: tuple[StatusCode, ...]
    mtconnect: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StateWord:
    """One state of another standard on the axes of ``EquipmentState``.

    ``axes`` is axis -> word; empty where the state says nothing about any axis. ``code`` is the
    number that the standard gives it.
    """

    word: str
    axes: Mapping[str, str | bool]
    relation: Relation
    code: int | None = None
    label: Text | None = None
    loss: str | None = None


@cache
def quantities() -> Mapping[str, Quantity]:
    """Every quantity, id -> quantity."""
    return MappingProxyType(
        {
            name: Quantity(
                name,
                _text(each["label"]),
                each["unit"],
                each["dimension"],
                each.get("kindOf"),
                each.get("qudt"),
            )
            for name, each in _read("quantities")["quantities"].items()
        }
    )


@cache
def elsewhere() -> Mapping[str, Text]:
    """What ``x-mfg-quantity`` says where a unit is agreed outside of the schema, word -> label."""
    return MappingProxyType(
        {name: _text(label) for name, label in _read("quantities")["elsewhere"].items()}
    )


@cache
def quality_reasons() -> Mapping[str, QualityReason]:
    """Every reason, id -> reason."""
    return MappingProxyType(
        {
            name: QualityReason(
                name,
                _text(each["label"]),
                tuple(each["statuses"]),
                tuple(
                    StatusCode(code["name"], int(code["number"], 16), code["relation"])
                    for code in each["opcua"]
                ),
                tuple(each["mtconnect"]),
            )
            for name, each in _read("data-quality-reasons")["reasons"].items()
        }
    )


@cache
def _by_number() -> Mapping[int, str]:
    return {
        code.number: reason.id for reason in quality_reasons().values() for code in reason.opcua
    }


def status_reason(number: int) -> tuple[Status, str | None]:
    """What an OPC UA status code says: good, uncertain or bad, and the reason where it has one.

    The two highest bits decide the status (Part 4, 7.39); the 16 lowest carry flags and are left
    out of the look-up. A code that has no reason of ours keeps its place in ``quality.native``.
    """
    statuses: tuple[Status, ...] = ("good", "uncertain", "bad", "bad")
    return statuses[number >> 30 & 3], _by_number().get(number & 0xFFFF0000)


@cache
def state_words() -> Mapping[str, Mapping[str, StateWord]]:
    """Every state word of the other standards: table -> word -> what it says.

    The tables are named ``packml``, ``mtconnect.EXECUTION``, ``machinery.MachineryItemState``,
    ``semi-e10``, ``cfx``, ``ne107`` and so on.
    """
    return MappingProxyType(
        {
            name: MappingProxyType(
                {
                    word: StateWord(
                        word,
                        each["axes"],
                        each["relation"],
                        each.get("code"),
                        _text(each["label"]) if "label" in each else None,
                        each.get("loss"),
                    )
                    for word, each in table["words"].items()
                }
            )
            for name, table in _read("state-words")["tables"].items()
        }
    )


def _read(name: str) -> Any:
    return json.loads((root("schemas") / "vocabularies" / f"{name}.json").read_bytes())


def _text(said: Mapping[str, str]) -> Text:
    return Text(en=said["en"], ko=said["ko"])
