from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mfgstd.models import DataItem, Equipment, EquipmentAssetAssignment, PhysicalAsset
from mfgstd_adapters.mtconnect.model.devices import DeviceModel, read_devices
from mfgstd_adapters.mtconnect.model.equipment import word

MILL = """<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.3">
<Header creationTime="{created}" instanceId="7"/>
<Devices><Device id="d" name="mill" uuid="M-1">
 <Description manufacturer="Acme" model="V5" serialNumber="S9" station="3">A mill</Description>
 <Components><Axes id="ax"><Components><Linear id="x" name="X">
  <Configuration><Specifications>{specifications}</Specifications></Configuration>
  <DataItems>
   <DataItem id="x1" name="Xabs" category="SAMPLE" type="POSITION" subType="ACTUAL"
    units="MILLIMETER" nativeUnits="INCH" nativeScale="10"/>
   <DataItem id="x2" category="SAMPLE" type="LOAD" units="PERCENT"/>
   <DataItem id="x3" category="CONDITION" type="LOAD"/>
   {items}
  </DataItems></Linear></Components></Axes></Components>
</Device></Devices></MTConnectDevices>"""
BASE = "https://plant.example/"


def model(
    specifications: str = "", items: str = "", created: str = "2026-01-05T09:00:00+09:00"
) -> DeviceModel:
    text = MILL.format(specifications=specifications, items=items, created=created)
    return read_devices(text.encode(), base=BASE)[0]


def of(kind: type[Any], given: DeviceModel) -> list[dict[str, Any]]:
    return [each.to_json() for each in given.documents() if type(each) is kind]


def data_item(given: DeviceModel, name: str) -> dict[str, Any]:
    return next(each for each in of(DataItem, given) if each["id"].endswith(f"/{name}"))


def test_a_device_is_a_work_unit_and_its_parts_are_modules() -> None:
    device, axes, linear = of(Equipment, model())
    assert [each["level"] for each in (device, axes, linear)] == [
        "work_unit",
        "equipment_module",
        "control_module",
    ]
    assert linear["parent"] == {"id": f"{BASE}M-1/ax", "kind": "Equipment"}
    assert linear["hierarchyPath"] == [
        {"level": "work_unit", "id": f"{BASE}M-1", "name": "mill"},
        {"level": "equipment_module", "id": f"{BASE}M-1/ax"},
    ]
    assert device["externalIds"] == [
        {"scheme": "mtconnect", "value": "d", "issuer": "M-1"},
        {"scheme": "mtconnect-uuid", "value": "M-1"},
    ]
    assert device["description"] == {"und": "A mill"}
    assert linear["classIds"] == ["mtconnect:linear"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("5축 머시닝센터", "ko"),
        ("한빛정공 VMC-500", "ko"),
        ("\u1112\u1161\u11ab", "ko"),
        ("주축 main spindle", "ko"),
        ("主軸", "und"),
        ("スピンドル", "und"),
        ("VMC-500", "und"),
    ],
)
def test_a_description_with_hangul_is_korean_and_any_other_of_an_unknown_language(
    text: str, language: str
) -> None:
    data = f"<Device uuid='M-1' name='mill'><Description>{text}</Description></Device>"
    (device,) = of(Equipment, read_devices(data.encode(), base=BASE)[0])
    assert list(device["description"]) == [language]


def test_a_nameplate_becomes_an_asset_assigned_since_the_model_was_written() -> None:
    (asset,) = of(PhysicalAsset, model())
    assert asset["nameplate"] == {
        "manufacturer": {"name": "Acme"},
        "productDesignation": "V5",
        "serialNumber": "S9",
    }
    assert asset["location"] == "3"
    (assignment,) = of(EquipmentAssetAssignment, model())
    assert assignment["asset"]["id"] == asset["id"]
    assert assignment["validity"] == {"start": "2026-01-05T00:00:00Z"}


def test_without_a_time_nobody_says_since_when_the_asset_is_there() -> None:
    assert of(EquipmentAssetAssignment, model(created="yesterday")) == []


def test_a_data_item_says_where_it_comes_from_and_what_it_measures() -> None:
    found = data_item(model(), "x1")
    found.pop("provenance")
    assert found == {
        "id": f"{BASE}M-1/x1",
        "externalIds": [{"scheme": "mtconnect", "value": "x1", "issuer": "M-1"}],
        "equipment": {"id": f"{BASE}M-1/x", "kind": "Equipment"},
        "category": "sample",
        "valueType": "number",
        "name": "Xabs",
        "type": "position",
        "subType": "actual",
        "quantityKind": "length",
        "unit": "mm",
        "representation": "value",
        "complete": True,
        "source": {
            "system": "MTConnect",
            "path": "//DataItem[@id='x1']",
            "unit": "INCH",
            "scale": 10.0,
        },
    }


def test_a_filter_means_that_changes_may_be_missed() -> None:
    given = model(
        items='<DataItem id="f" category="SAMPLE" type="LOAD" units="PERCENT"><Filters>'
        '<Filter type="MINIMUM_DELTA">5</Filter></Filters></DataItem>'
    )
    assert data_item(given, "f")["complete"] is False


def test_constraints_are_the_range_and_rates_become_intervals() -> None:
    given = model(
        items='<DataItem id="f" category="SAMPLE" type="x:Ab-C" units="PERCENT" sampleRate="50"'
        ' statistic="AVERAGE" significantDigits="3" representation="TIME_SERIES"><Constraints>'
        "<Minimum>0</Minimum><Maximum>150</Maximum></Constraints>"
        "<ResetTrigger>POWER_ON</ResetTrigger></DataItem>"
    )
    found = data_item(given, "f")
    assert found["range"] == {"minimum": 0.0, "maximum": 150.0}
    assert found["samplingInterval"] == 0.02
    assert found["type"] == "x:ab_c"
    assert (found["statistic"], found["resetTrigger"]) == ("average", "power_on")
    assert (found["significantDigits"], found["representation"]) == (3, "time_series")


PROCESS = """<ProcessSpecification id="s" {about}><SpecificationLimits>
<UpperLimit>100</UpperLimit><Nominal>50</Nominal><LowerLimit>10</LowerLimit></SpecificationLimits>
<ControlLimits><UpperLimit>80</UpperLimit><UpperWarning>75</UpperWarning>
<LowerWarning>25</LowerWarning><LowerLimit>20</LowerLimit></ControlLimits>
<AlarmLimits><UpperLimit>120</UpperLimit></AlarmLimits></ProcessSpecification>"""


@pytest.mark.parametrize(
    "about", ['dataItemIdRef="x2"', 'type="LOAD"', 'type="LOAD" units="PERCENT"']
)
def test_a_specification_joins_the_one_item_it_is_about(about: str) -> None:
    assert data_item(model(PROCESS.format(about=about)), "x2")["limits"] == {
        "nominal": 50.0,
        "specification": {"lower": 10.0, "upper": 100.0},
        "control": {"lower": 20.0, "upper": 80.0},
        "alarm": {"upper": 120.0},
        "warning": {"lower": 25.0, "upper": 75.0},
    }


@pytest.mark.parametrize(
    ("specifications", "items"),
    [
        (PROCESS.format(about='type="LOAD"') * 2, ""),
        (
            PROCESS.format(about='type="LOAD"'),
            '<DataItem id="other" category="SAMPLE" type="LOAD" units="PERCENT"/>',
        ),
        (PROCESS.format(about='type="LOAD" units="NEWTON"'), ""),
        (PROCESS.format(about='type="TORQUE"'), ""),
        (PROCESS.format(about='dataItemIdRef="nothing"'), ""),
    ],
)
def test_a_specification_that_may_be_about_two_items_is_about_none(
    specifications: str, items: str
) -> None:
    assert all("limits" not in each for each in of(DataItem, model(specifications, items)))


def test_a_simple_specification_gives_range_limits_and_warnings() -> None:
    given = model(
        '<Specification id="s" type="LOAD"><Maximum>200</Maximum><Minimum>0</Minimum>'
        "<Nominal>40</Nominal><UpperLimit>150</UpperLimit><LowerWarning>5</LowerWarning>"
        "</Specification>"
    )
    found = data_item(given, "x2")
    assert found["range"] == {"minimum": 0.0, "maximum": 200.0}
    assert found["limits"] == {
        "nominal": 40.0,
        "specification": {"upper": 150.0},
        "warning": {"lower": 5.0},
    }


def test_a_band_that_is_upside_down_is_left_out() -> None:
    given = model(
        '<Specification id="s" type="LOAD"><UpperLimit>1</UpperLimit><LowerLimit>2</LowerLimit>'
        "</Specification>"
    )
    assert "limits" not in data_item(given, "x2")


@pytest.mark.parametrize(
    ("given", "expected"),
    [("PATH_POSITION", "path_position"), ("x:FLOW", "x:flow"), ("Rate %", "rate__"),
     ("3D", "x_3d"), (":A", "a"), ("한글", "x___"), ("", "x_"), ("9:A", "x9:a")],
)  # fmt: skip
def test_any_word_becomes_an_open_code(given: str, expected: str) -> None:
    assert word(given) == expected


@pytest.mark.parametrize("base", [None, BASE])
def test_all_models_of_the_corpus_become_master_data(corpus: Path, base: str | None) -> None:
    for path in sorted((corpus / "mtconnect").glob("*.xml")):
        given, _ = read_devices(path.read_bytes(), base=base)
        documents = given.documents()
        ids = [each.to_json()["id"] for each in documents]
        assert len(set(ids)) == len(ids)
        assert len(of(Equipment, given)) == len(given.components)
        assert len(of(DataItem, given)) == len(given.items)
