"""The KPI catalogue: complete, made of declared elements, and computing what a hand computes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.errors import UsageError
from mfgstd.expression.tables import kpi_defined, kpi_value
from mfgstd.standard import units
from mfgstd.standard.kpi import definition, elements, kpi, kpis
from mfgstd.standard.resources import root
from mfgstd.standard.taxonomy import classifications
from mfgstd.validation import validate

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The 34 of ISO 22400-2:2014, in the order of the standard.
ISO = [
    "worker-efficiency",
    "allocation-ratio",
    "throughput-rate",
    "allocation-efficiency",
    "utilization-efficiency",
    "oee",
    "nee",
    "availability",
    "effectiveness",
    "quality-ratio",
    "setup-ratio",
    "technical-efficiency",
    "production-process-ratio",
    "actual-to-planned-scrap-ratio",
    "first-pass-yield",
    "scrap-ratio",
    "rework-ratio",
    "fall-off-ratio",
    "machine-capability-index",
    "critical-machine-capability-index",
    "process-capability-index",
    "critical-process-capability-index",
    "comprehensive-energy-consumption",
    "inventory-turns",
    "finished-goods-ratio",
    "integrated-goods-ratio",
    "production-loss-ratio",
    "storage-and-transportation-loss-ratio",
    "other-loss-ratio",
    "equipment-load-ratio",
    "mean-operating-time-between-failures",
    "mean-time-to-failure",
    "mean-time-to-restoration",
    "corrective-maintenance-ratio",
]

#: 20 h planned, 2 h of it stopped by plan; 14.5 h production, 75 min set-up, 1 h delay, 75 min
#: down; 15 s a piece, 3300 pieces, 3234 good. In Korean terms the stops are set-up, down time and
#: delay without 20 min of micro-stops: 4500 + 4500 + 3600 - 1200 = 11400 s.
DAY: dict[str, float] = {
    "POT": 72000, "PBT": 64800, "APT": 52200, "AUST": 4500, "AUPT": 56700, "ADET": 3600,
    "AUBT": 60300, "ADOT": 4500, "PRI": 15, "PQ": 3300, "GQ": 3234, "SQ": 50, "RQ": 16,
    "WORK_TIME": 72000, "LOAD_TIME": 64800, "STOP_TIME": 11400, "CYCLE_TIME": 15,
    "DEFECT_QTY": 66, "ENERGY": 990, "LABOR_TIME": 36000,
}  # fmt: skip

SHAFT: dict[str, float] = {
    "USL": 10.03,
    "LSL": 9.97,
    "MEAN": 10.01,
    "GRANDMEAN": 9.98,
    "S": 0.005,
    "SIGMA": 0.01,
}

WORKED: list[tuple[str, Mapping[str, float], float]] = [
    # (52200/64800) * (49500/52200) * (3234/3300) = 49500/64800 * 0.98
    ("iso22400.oee", DAY, 0.7486111111),
    # 52200/64800 = 29/36
    ("iso22400.availability", DAY, 0.8055555556),
    # 49500/52200 = 55/58
    ("iso22400.effectiveness", DAY, 0.9482758621),
    ("iso22400.quality-ratio", DAY, 0.98),
    # 56700/64800 = 0.875; 0.875 * 55/58 * 0.98
    ("iso22400.nee", DAY, 0.8131465517),
    # 4500/56700 = 5/63
    ("iso22400.setup-ratio", DAY, 0.0793650794),
    # 52200/55800 = 29/31
    ("iso22400.technical-efficiency", DAY, 0.9354838710),
    # Failures after 100 h, 150 h and 200 h, and 30 h since: 480 h over 3 + 1.
    ("iso22400.mean-operating-time-between-failures", {"TBF": 1728000, "FE": 3}, 432000),
    ("iso22400.mean-operating-time-between-failures", {"TBF": 1728000, "FE": 0}, 1728000),
    ("iso22400.mean-time-to-restoration", {"TTR": 7200, "FE": 3}, 1800),
    ("iso22400.corrective-maintenance-ratio", {"CMT": 3600, "PMT": 10800}, 0.25),
    # 0.06 / (6 * 0.005); min(0.02, 0.04) / 0.015; 0.06 / 0.06; min(0.05, 0.01) / 0.03
    ("iso22400.machine-capability-index", SHAFT, 2),
    ("iso22400.critical-machine-capability-index", SHAFT, 1.3333333333),
    ("iso22400.process-capability-index", SHAFT, 1),
    ("iso22400.critical-process-capability-index", SHAFT, 0.3333333333),
    # 0.01 beyond the upper limit: -0.01 / 0.03
    ("iso22400.critical-process-capability-index", SHAFT | {"GRANDMEAN": 10.04}, -0.3333333333),
    ("iso22400.inventory-turns", {"TH": 1200, "AVGINV": 100}, 12),
    # 53400/64800 = 89/108
    ("kr.time-operating-rate", DAY, 0.8240740741),
    # 49500/53400 = 165/178
    ("kr.performance-operating-rate", DAY, 0.9269662921),
    ("kr.good-product-rate", DAY, 0.98),
    ("kr.equipment-overall-efficiency", DAY, 0.7486111111),
    # 15 * 3234 / 64800, and / 72000
    ("kr.overall-efficiency", DAY, 0.7486111111),
    ("kr.recovery-rate", DAY, 0.67375),
    # 53400/72000
    ("kr.equipment-operating-rate", DAY, 0.7416666667),
    ("kr.loading-rate", DAY, 0.9),
    # 3300 in 20 h; 3300 in 10 man-hours
    ("kr.units-per-hour", DAY, 165),
    ("kr.labor-productivity", DAY, 330),
    ("kr.process-defect-rate", DAY, 0.02),
    ("kr.energy-intensity", DAY, 0.3),
    # Three orders of 2, 3 and 7 days.
    ("kr.manufacturing-lead-time", {"LEAD_TIME": 1036800, "ORDERS": 3}, 4),
    ("kr.on-time-delivery-rate", {"ON_TIME_DELIVERIES": 47, "DELIVERIES": 50}, 0.94),
    ("kr.inventory-turnover", {"COST_OF_SALES": 9e8, "AVERAGE_INVENTORY_VALUE": 1.5e8}, 6),
]

UNDEFINED: list[tuple[str, Mapping[str, float]]] = [
    ("iso22400.oee", DAY | {"PBT": 0}),
    ("iso22400.oee", DAY | {"APT": 0}),
    ("iso22400.oee", DAY | {"PQ": 0}),
    ("iso22400.technical-efficiency", {"APT": 0, "ADET": 0}),
    ("iso22400.corrective-maintenance-ratio", {"CMT": 0, "PMT": 0}),
    ("iso22400.machine-capability-index", SHAFT | {"S": 0}),
    ("kr.time-operating-rate", DAY | {"LOAD_TIME": 0}),
    ("kr.equipment-overall-efficiency", DAY | {"STOP_TIME": 64800, "PQ": 0, "GQ": 0}),
]

ALL = sorted(kpis())


def _inputs(values: Mapping[str, float]) -> list[dict[str, Any]]:
    return [{"element": name, "value": value} for name, value in values.items()]


def _names(formula: str) -> set[str]:
    """The variables of a formula: words that are no function."""
    return set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*(?![A-Za-z0-9_]*\()", formula))


def test_all_34_kpis_of_iso_22400_are_there_in_its_order() -> None:
    assert [code for code in kpis() if code.startswith("iso22400.")] == [
        f"iso22400.{slug}" for slug in ISO
    ]
    assert len(ISO) == 34


def test_every_other_kpi_is_a_korean_one() -> None:
    others = [code for code in kpis() if not code.startswith("iso22400.")]
    assert others
    assert all(code.startswith("kr.") for code in others)


@pytest.mark.parametrize("code", ALL)
def test_a_formula_uses_all_its_declared_elements_and_no_other(code: str) -> None:
    declared = [each.element for each in kpi(code).elements]
    assert _names(kpi(code).formula) == set(declared)
    assert len(declared) == len(set(declared))


@pytest.mark.parametrize("code", ALL)
def test_an_element_is_used_with_the_kind_and_unit_of_the_table(code: str) -> None:
    for each in kpi(code).elements:
        assert (each.kind, each.unit) == (
            elements()[each.element].kind,
            elements()[each.element].unit,
        )


@pytest.mark.parametrize("code", ALL)
def test_an_entry_of_the_catalogue_is_a_kpi_definition(code: str) -> None:
    document = definition(code)
    assert validate(document, engine="row") == []
    assert document["formula"] == kpi(code).formula


@pytest.mark.parametrize("stem", ["iso22400-oee", "korean-time-operating-rate"])
def test_an_example_taken_from_the_catalogue_is_that_entry(stem: str) -> None:
    path = root("schemas") / "examples" / "kpi" / "kpi-definition" / "valid" / f"{stem}.json"
    example = json.loads(path.read_bytes())
    assert example == definition(example["code"])


def test_a_definition_that_is_changed_leaves_the_catalogue_alone() -> None:
    definition("iso22400.oee")["elements"].clear()
    assert definition("iso22400.oee")["elements"]


@pytest.mark.parametrize("code", ALL)
def test_an_entry_speaks_both_languages(code: str) -> None:
    entry = kpi(code)
    for text in (entry.name, entry.description, entry.source.note):
        assert text.en.strip()
        assert re.search("[가-힣]", text.ko)


@pytest.mark.parametrize(("code", "values", "expected"), WORKED)
def test_a_formula_computes_what_a_hand_computes(
    code: str, values: Mapping[str, float], expected: float
) -> None:
    own = {each.element: values[each.element] for each in kpi(code).elements}
    assert kpi_value(code, _inputs(own)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("code", "values"), UNDEFINED)
def test_a_formula_is_undefined_where_a_divisor_is_zero(
    code: str, values: Mapping[str, float]
) -> None:
    own = {each.element: values[each.element] for each in kpi(code).elements}
    assert not kpi_defined(code, _inputs(own))


def test_a_day_without_operation_has_an_overall_efficiency_of_zero_but_no_product_of_rates() -> (
    None
):
    idle = _inputs({"LOAD_TIME": 28800, "STOP_TIME": 28800, "CYCLE_TIME": 15, "PQ": 0, "GQ": 0})
    assert kpi_value("kr.overall-efficiency", idle) == 0
    assert not kpi_defined("kr.equipment-overall-efficiency", idle)


@pytest.mark.parametrize("code", ALL)
def test_a_formula_is_undefined_where_an_element_is_missing(code: str) -> None:
    whole = {each.element: 2.0 + rank for rank, each in enumerate(kpi(code).elements)}
    assert kpi_defined(code, _inputs(whole))
    for name in whole:
        rest = {other: value for other, value in whole.items() if other != name}
        assert not kpi_defined(code, _inputs(rest))


def test_each_korean_rate_differs_from_the_iso_kpi_that_it_is_taken_for() -> None:
    """Micro-stops, planned stops and rework: one day, other figures."""
    taken_for = {
        "kr.time-operating-rate": "iso22400.availability",
        "kr.performance-operating-rate": "iso22400.effectiveness",
        "kr.equipment-operating-rate": "iso22400.availability",
        "kr.process-defect-rate": "iso22400.scrap-ratio",
    }
    for korean, iso in taken_for.items():
        assert kpi_value(korean, _inputs(DAY)) != pytest.approx(kpi_value(iso, _inputs(DAY)))


TIME = st.floats(min_value=1, max_value=1e7)
COUNT = st.integers(min_value=1, max_value=10**6)


@given(apt=TIME, setup=TIME, busy=TIME, item=TIME, produced=COUNT, good=COUNT)
def test_set_up_lowers_oee_and_not_nee(
    apt: float, setup: float, busy: float, item: float, produced: int, good: int
) -> None:
    day = _inputs(
        {"APT": apt, "AUPT": apt + setup, "PBT": busy, "PRI": item, "PQ": produced, "GQ": good}
    )
    oee, nee = kpi_value("iso22400.oee", day), kpi_value("iso22400.nee", day)
    assert nee == pytest.approx(oee * (apt + setup) / apt)
    assert nee > oee


@given(run=TIME, stop=TIME, cycle=TIME, produced=COUNT, good=COUNT)
def test_the_short_form_of_overall_efficiency_equals_the_product_of_its_rates(
    run: float, stop: float, cycle: float, produced: int, good: int
) -> None:
    day = _inputs(
        {
            "LOAD_TIME": run + stop,
            "STOP_TIME": stop,
            "CYCLE_TIME": cycle,
            "PQ": produced,
            "GQ": good,
        }
    )
    product = kpi_value("kr.equipment-overall-efficiency", day)
    assert kpi_value("kr.overall-efficiency", day) == pytest.approx(product)


@pytest.mark.parametrize("code", ALL)
def test_a_range_is_in_order(code: str) -> None:
    entry = kpi(code)
    if entry.minimum is not None and entry.maximum is not None:
        assert entry.minimum < entry.maximum


def test_every_iso_entry_says_that_the_licensed_text_was_not_seen() -> None:
    for code, entry in kpis().items():
        if code.startswith("iso22400."):
            assert "licensed text not seen" in entry.source.note.en


def test_a_formula_that_no_public_source_states_is_unverified() -> None:
    """The ontology names the elements of these without a formula, or says nothing of them."""
    unverified = {
        code.removeprefix("iso22400.")
        for code, entry in kpis().items()
        if code.startswith("iso22400.") and entry.source.verification == "unverified"
    }
    assert unverified == {
        "critical-machine-capability-index",
        "critical-process-capability-index",
        "comprehensive-energy-consumption",
        "mean-operating-time-between-failures",
        "mean-time-to-failure",
        "mean-time-to-restoration",
    }


def test_a_kpi_names_a_table_exactly_where_an_actual_time_enters_its_formula() -> None:
    buckets = {row.bucket.name for table in classifications().values() for row in table.rows} | {
        "AUPT",
        "AUBT",
    }
    from_maintenance = {"PMT"}
    for code, entry in kpis().items():
        needed = {each.element for each in entry.elements} & buckets - from_maintenance
        assert (entry.table is not None) == bool(needed), code
        if entry.table is not None:
            assert entry.table == classifications()[entry.table.code].key


def test_every_time_is_in_seconds_and_every_count_in_ones() -> None:
    for each in elements().values():
        if each.kind == "time":
            assert each.unit == "s", each.name
        if each.kind == "count":
            assert each.unit == "1", each.name


def test_every_unit_is_in_the_table_of_units() -> None:
    used = {entry.unit for entry in kpis().values()} | {each.unit for each in elements().values()}
    assert [unit for unit in sorted(used - {None}, key=str) if not units.known(str(unit))] == []


def test_containment_leads_from_production_time_to_planned_operation_time() -> None:
    chain = ["APT"]
    while outer := elements()[chain[-1]].within:
        assert len(outer) == 1
        chain.append(outer[0])
    assert chain == ["APT", "AUPT", "AUBT", "PBT", "POT"]


def test_an_element_lies_within_the_whole_that_it_is_a_part_of() -> None:
    for whole in elements().values():
        for part in whole.sum_of:
            assert whole.name in elements()[part].within


def _rule(rule_id: str) -> dict[str, Any]:
    text = (root("schemas") / "rules" / "kpi.yaml").read_text(encoding="utf-8")
    rules: list[dict[str, Any]] = yaml.safe_load(text)
    return next(each for each in rules if each["id"] == rule_id)


def test_the_rule_on_seconds_names_every_time_of_the_table() -> None:
    named = set(re.findall(r'"([A-Z_]+)"', _rule("kpi.kpi-result.times-in-seconds")["when"]))
    assert named == {each.name for each in elements().values() if each.kind == "time"}


@pytest.mark.parametrize("entity", ["kpi-result", "baseline"])
def test_the_rule_on_tables_names_every_element_that_makes_a_kpi_need_one(entity: str) -> None:
    rule = _rule(f"kpi.{entity}.names-classification-table")
    named = set(re.findall(r'"([A-Z_]+)"', rule["when"]))
    for code, entry in kpis().items():
        used = {each.element for each in entry.elements}
        assert bool(used & named) == (entry.table is not None), code


def test_an_unknown_kpi_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError) as raised:
        kpi("iso22400.oe")
    assert "iso22400.oee" in raised.value.say("ko")
