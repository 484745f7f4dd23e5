"""Documents gathered in memory, to be judged together: the law for rules about many documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import xxhash

from mfgstd.finding import Place
from mfgstd.validation.rules.collection import findings
from mfgstd.validation.rules.rule import Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from mfgstd.finding import Finding
    from mfgstd.validation.rules.rule import Rule

#: What defines a KPI, and what names one: its field ``definition.code``.
KPI_DEFINITION: Final = "https://w3id.org/mfgstd/kpi/kpi-definition/1"
NAMES_KPI: Final = (
    "https://w3id.org/mfgstd/kpi/kpi-result/1",
    "https://w3id.org/mfgstd/kpi/baseline/1",
)


class Filing:
    """Documents filed by the ``$id`` of their schema, those that came again left out."""

    def __init__(self) -> None:
        self.documents: dict[str, list[Any]] = {}
        self._places: dict[str, list[Place]] = {}
        self._inside: dict[str, list[str]] = {}
        self._seen: set[tuple[str, bytes]] = set()

    def add(
        self, entity: str, document: Mapping[str, Any], place: Place, *, inside: str = ""
    ) -> None:
        """File a valid document, unless it came before.

        ``inside`` is where in the text at that place it stands: ``/data`` of an envelope.
        """
        said = (entity, digest(document))
        if said not in self._seen:
            self._seen.add(said)
            self.documents.setdefault(entity, []).append(document)
            self._places.setdefault(entity, []).append(place)
            self._inside.setdefault(entity, []).append(inside)

    def kpis_not_defined(self) -> list[tuple[dict[str, Any], Place]]:
        """The catalogue's definitions of what documents name, without those that came along."""
        named = [each for entity in NAMES_KPI for each in self.documents.get(entity, ())]
        given = self.documents.get(KPI_DEFINITION, ())
        return kpi_definitions(
            {each["definition"]["code"] for each in named},
            {(each["code"], each["version"]) for each in given},
        )

    def findings(self, rules: Iterable[Rule]) -> Iterator[tuple[Rule, Finding]]:
        """What the rules about many documents say of all of them, rule by rule."""
        for rule in rules:
            if rule.scope is not Scope.RECORD and rule.entity in self.documents:
                for found in findings(rule, self.documents, self._places, self._inside):
                    yield rule, found


def digest(document: Mapping[str, Any]) -> bytes:
    """What a document says, but for when it was written down and which schema it names.

    Delivery is at least once: of documents of one entity with the same digest one counts.
    """
    told = {key: value for key, value in document.items() if key not in ("recordTime", "$schema")}
    return xxhash.xxh3_128_digest(json.dumps(told, sort_keys=True).encode())


def kpi_definitions(
    used: Collection[str], given: Collection[tuple[str, str]]
) -> list[tuple[dict[str, Any], Place]]:
    """The catalogue's definitions of the KPIs that are used, unless they came along.

    Args:
        used: the codes that documents name.
        given: code and version of the definitions that came.
    """
    if not used:
        return []
    from mfgstd.standard.kpi import definition, kpis

    known = [(code, definition(code)) for code in sorted(set(used) & set(kpis()))]
    return [
        (each, Place(path="kpi-catalogue.json", item=code))
        for code, each in known
        if (code, each["version"]) not in given
    ]
