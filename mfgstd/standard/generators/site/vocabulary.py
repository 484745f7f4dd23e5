"""The pages of the vocabularies and state machines, which only the standard itself has."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from mfgstd.language import Language, Text
from mfgstd.standard.generators.site import wording
from mfgstd.standard.generators.site.links import Target
from mfgstd.standard.generators.site.mappings import state_tables
from mfgstd.standard.generators.site.tracks import COMPLETION, FREELY, draw
from mfgstd.standard.kpi import elements, kpis
from mfgstd.standard.machines import machine, machines
from mfgstd.standard.resources import root
from mfgstd.standard.taxonomy import (
    classifications,
    domains,
    e10_states,
    unnamed_subfields,
)
from mfgstd.standard.units import units
from mfgstd.standard.vocabularies import quality_reasons, quantities, state_words

if TYPE_CHECKING:
    from collections.abc import Callable

    Page = Callable[..., None]

#: The pages, in the order of the list of vocabularies: path, title, what it is for.
PAGES = (
    (
        "vocabularies/units.html",
        Text("Units of measure", "측정 단위"),
        Text(
            "UCUM codes and their names in UNECE Rec 20, OPC UA, MTConnect and QUDT.",
            "UCUM 코드와 UNECE Rec 20, OPC UA, MTConnect, QUDT의 이름입니다.",
        ),
    ),
    (
        "vocabularies/quantities.html",
        Text("Quantities", "물리량"),
        Text(
            "What is measured, and in which units.", "무엇을 측정하며 어떤 단위를 쓰는지 정합니다."
        ),
    ),
    (
        "vocabularies/quality.html",
        Text("Reasons of data quality", "데이터 품질 사유"),
        Text(
            "Why a value is uncertain or bad, and what OPC UA and MTConnect call it.",
            "값이 불확실하거나 불량인 이유와 OPC UA, MTConnect의 대응 코드입니다.",
        ),
    ),
    (
        "vocabularies/states.html",
        Text("State words", "상태 단어"),
        Text(
            "States of other standards on the axes of EquipmentState.",
            "타 표준의 상태를 EquipmentState의 축으로 옮긴 표입니다.",
        ),
    ),
    (
        "vocabularies/kpis.html",
        Text("KPI catalogue", "KPI 목록"),
        Text(
            "Formulas, elements, units, and where each was read.",
            "수식, 구성 요소, 단위와 확인한 출처입니다.",
        ),
    ),
    (
        "vocabularies/elements.html",
        Text("Elements of KPIs", "KPI 구성 요소"),
        Text(
            "The times, quantities and counts that formulas are made of.",
            "수식을 이루는 시간, 수량, 횟수입니다.",
        ),
    ),
    (
        "vocabularies/time.html",
        Text("Time model", "시간 모델"),
        Text(
            "How states become time: ISO 22400, SEMI E10, Korean TPM.",
            "상태를 시간으로 분류하는 표입니다(ISO 22400, SEMI E10, 국내 TPM).",
        ),
    ),
    (
        "vocabularies/korea.html",
        Text("Domains of Korean smart manufacturing", "국내 스마트제조 산업 분류"),
        Text(
            "The four domains and the subfields whose names were found.",
            "네 영역과 명칭을 확인한 세부 분야입니다.",
        ),
    ),
)


def counts() -> list[tuple[int, Text, Target | None]]:
    """What the vocabularies hold, for the front page."""
    return [
        (len(units()), Text("units", "단위"), Target("vocabularies/units.html")),
        (len(quantities()), Text("quantities", "물리량"), Target("vocabularies/quantities.html")),
        (len(kpis()), Text("indicators", "KPI"), Target("vocabularies/kpis.html")),
        (len(machines()), Text("state machines", "상태 기계"), Target("machines/index.html")),
    ]


def pages(page: Page, language: Language) -> None:
    """Every page of a vocabulary."""
    titles = {path: title for path, title, _ in PAGES}
    leads = {path: lead for path, _, lead in PAGES}
    measured: dict[str, list[str]] = defaultdict(list)
    for code, unit in units().items():
        for quantity in unit.quantities:
            measured[quantity].append(code)
    used: dict[str, list[str]] = defaultdict(list)
    for code, kpi in kpis().items():
        for each in kpi.elements:
            used[each.element].append(code)
    values: dict[str, dict[str, Any]] = {
        "units": {"units": units(), "quantities": quantities()},
        "quantities": {"quantities": quantities(), "measured": measured, "units": units()},
        "quality": {"reasons": quality_reasons()},
        "states": {"tables": state_words(), "heads": state_tables()},
        "kpis": {"kpis": kpis(), "elements": elements(), "units": units()},
        "elements": {
            "elements": elements(),
            "used": used,
            "sources": _written("time-elements")["sources"],
        },
        "time": {
            "tables": classifications(),
            "axes": _written("time-model")["axes"],
            "sources": _written("time-model")["sources"],
            "e10": e10_states(),
            "elements": elements(),
        },
        "korea": {
            "korean": domains(),
            "unnamed": unnamed_subfields(),
            "sources": _written("korean-subfields")["sources"],
        },
    }
    page(
        *("vocabularies.html", "vocabularies/index.html", Text("Vocabularies", "용어와 단위")),
        pages=PAGES,
        raw=sorted(path.name for path in (root("schemas") / "vocabularies").glob("*.json")),
    )
    for path, title in titles.items():
        name = path.removeprefix("vocabularies/").removesuffix(".html")
        page(f"{name}.html", path, title, lead=leads[path], **values[name])
    found = {name: machine(name) for name in machines()}
    page(
        *("machines.html", "machines/index.html", Text("State machines", "상태 기계")),
        machines=found,
    )
    for name, one in found.items():
        page(
            *("machine.html", f"machines/{name}.html", one.label, False),
            machine=one,
            drawing=draw(one, language),
            completion=COMPLETION,
            freely=FREELY,
            kinds=wording.STATE_KINDS,
        )


def _written(name: str) -> Any:
    return json.loads((root("schemas") / "vocabularies" / f"{name}.json").read_bytes())
