from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.errors import InputError, MfgStdError, UsageError
from mfgstd.finding import Finding, Severity
from mfgstd_adapters.mtconnect.model.devices import DeviceModel, read_devices
from mfgstd_adapters.mtconnect.model.facts import Filter, Limits

PROBE = """<?xml version="1.0" encoding="UTF-8"?>
<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:{version}">
<Header creationTime="2026-01-05T00:00:00Z" instanceId="7" version="{version}" sender="a"/>
<Devices>{devices}</Devices></MTConnectDevices>"""


def probe(items: str, *, version: str = "2.3", around: str = "") -> bytes:
    device = (
        f'<Device id="d" name="mill" uuid="M-1">{around}<DataItems>{items}</DataItems></Device>'
    )
    return PROBE.format(version=version, devices=device).encode()


def read(data: bytes, base: str | None = None) -> tuple[DeviceModel, list[Finding]]:
    return read_devices(data, base=base, path="model.xml")


def rules(findings: list[Finding]) -> list[str]:
    return [each.rule.removeprefix("mtconnect.") for each in findings]


def read_one(item: str, version: str = "2.3") -> DeviceModel:
    return read(probe(item, version=version))[0]


def corpus_models() -> list[str]:
    return [
        "SimpleDevlce", "data_set", "discrete_example", "extension", "fanuc", "haas", "kinematics",
        "okuma-mult-u3000.devices", "reference_example", "relationship_test", "two_devices",
    ]  # fmt: skip


@pytest.mark.parametrize("name", corpus_models())
def test_device_models_of_many_makers_are_read(corpus: Path, name: str) -> None:
    data = (corpus / "mtconnect" / f"{name}.xml").read_bytes()
    model, _ = read_devices(data, path=name)
    # Counted by a means that knows nothing of ours.
    assert len(model.items) == data.count(b"<DataItem ")
    assert len({item.identity for item in model.items}) == len(model.items)


def test_only_the_odd_models_of_the_corpus_have_findings(corpus: Path) -> None:
    found = {
        name: rules(read_devices((corpus / "mtconnect" / f"{name}.xml").read_bytes())[1])
        for name in corpus_models()
    }
    assert {name: each for name, each in found.items() if each} == {
        "extension": ["no-unit"],
        "okuma-mult-u3000.devices": [*["no-unit"] * 11, "no-nameplate"],
        "reference_example": ["duplicate-id"],
    }


def test_an_item_knows_all_that_translation_needs() -> None:
    model, findings = read(
        probe(
            '<DataItem id="x1" name="Xabs" category="SAMPLE" type="POSITION" subType="ACTUAL"'
            ' units="MILLIMETER" nativeUnits="INCH" nativeScale="10"><Source>x_pos</Source>'
            "</DataItem>"
        )
    )
    (item,) = model.items
    assert (item.id, item.name, item.source, item.device) == ("x1", "Xabs", "x_pos", "mill")
    assert (item.kind, item.unit, item.native_unit) == ("number", "mm", "[in_i]")
    assert (item.conversion.numerator, item.conversion.denominator) == (254, 1)
    assert (item.component, item.equipment) == ("Device", model.devices[0].identity)
    assert rules(findings) == ["no-nameplate"]
    assert model.header["instanceId"] == "7"
    assert model.schema_version == (2, 3)


def test_a_bare_device_is_a_model() -> None:
    model, _ = read(b'<Device id="d" uuid="u"><DataItems/></Device>')
    assert [device.uuid for device in model.devices] == ["u"]
    assert model.schema_version is None


def test_prefixes_and_vendors_own_elements_make_no_difference() -> None:
    model, _ = read(
        b'<m:MTConnectDevices xmlns:m="urn:mtconnect.org:MTConnectDevices:1.10" xmlns:x="urn:x">'
        b'<m:Devices><m:Device uuid="u" id="d"><m:Components><x:Pump id="p"><m:DataItems>'
        b'<m:DataItem id="a" category="SAMPLE" type="x:FLOW"/>'
        b"</m:DataItems></x:Pump></m:Components></m:Device></m:Devices></m:MTConnectDevices>"
    )
    assert [each.tag for each in model.components] == ["Device", "Pump"]
    assert model.items[0].type == "x:FLOW"
    assert model.schema_version == (1, 10)


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ('category="SAMPLE" type="LOAD" units="PERCENT"', "number"),
        ('category="SAMPLE" type="PATH_POSITION" units="MILLIMETER_3D"', "vector"),
        ('category="EVENT" type="ROTATION"', "vector"),
        ('category="EVENT" type="EXECUTION"', "text"),
        ('category="EVENT" type="LINE_NUMBER"', "integer"),
        ('category="EVENT" type="x:TOTAL" units="COUNT"', "integer"),
        ('category="EVENT" type="x:DEPTH" units="MILLIMETER"', "number"),
        ('category="EVENT" type="PATH_FEEDRATE_OVERRIDE"', "number"),
        ('category="CONDITION" type="TEMPERATURE" units="CELSIUS"', "text"),
        ('category="EVENT" type="VARIABLE" representation="DATA_SET" units="COUNT"', "text"),
        ('category="SAMPLE" type="LOAD" representation="TIME_SERIES"', "number"),
    ],
)
def test_the_kind_of_value_follows_from_category_type_and_unit(item: str, kind: str) -> None:
    assert read_one(f'<DataItem id="i" {item}/>').items[0].kind == kind


@pytest.mark.parametrize(
    ("version", "kind"),
    [("1.1", "number"), ("1.8", "number"), ("2.0", "number"), ("2.3", "integer"),
     ("2.10", "integer")],
)  # fmt: skip
def test_a_part_count_became_an_integer_in_version_2_3(version: str, kind: str) -> None:
    model = read_one('<DataItem id="i" category="EVENT" type="PART_COUNT"/>', version)
    assert model.items[0].kind == kind


@pytest.mark.parametrize(
    ("item", "rule"),
    [
        ('id="i" category="WRONG" type="LOAD"', "unknown-category"),
        ('id="i" type="LOAD"', "unknown-category"),
        ('id="i" category="EVENT"', "missing-type"),
        ('category="EVENT" type="LOAD"', "missing-id"),
        ('name="n" category="EVENT" type="LOAD"', "missing-id"),
        ('id="d" category="EVENT" type="LOAD"', "duplicate-id"),
        ('id="i" category="EVENT" type="L" representation="CUBE"', "unknown-representation"),
        ('id="i" category="SAMPLE" type="L" units="FURLONG"', "unknown-unit"),
        ('id="i" category="SAMPLE" type="L" units="VOLT" nativeUnits="INCH"', "unit-mismatch"),
        ('id="i" category="SAMPLE" type="LOAD"', "no-unit"),
        ('id="i" category="SAMPLE" type="PATH_POSITION"', "no-unit"),
        ('id="i" category="SAMPLE" type="L" units="VOLT" nativeScale="0"', "bad-number"),
        ('id="i" category="SAMPLE" type="L" units="VOLT" nativeScale="NaN"', "bad-number"),
        ('id="i" category="SAMPLE" type="L" units="VOLT" statistic="GUESS"', "unknown-word"),
    ],
)
def test_what_is_odd_is_a_finding_and_the_rest_is_read(item: str, rule: str) -> None:
    good = '<DataItem id="good" category="EVENT" type="BLOCK"/>'
    model, findings = read(probe(f"<DataItem {item}/>{good}"))
    assert rules(findings)[0] == rule
    assert model.items[-1].id == "good"
    place = findings[0].source
    assert (place.path, place.line) == ("model.xml", 4)
    assert findings[0].message.ko != findings[0].message.en


@pytest.mark.parametrize(
    "item",
    [
        'category="SAMPLE" type="LOAD" nativeUnits="PERCENT"',
        'category="SAMPLE" type="LOAD" representation="DATA_SET"',
        'category="EVENT" type="PART_COUNT"',
        'category="CONDITION" type="LOAD"',
    ],
)
def test_a_unit_is_only_missed_where_there_must_be_one(item: str) -> None:
    assert "no-unit" not in rules(read(probe(f'<DataItem id="i" {item}/>'))[1])


def test_values_in_words_that_contradict_each_other_get_no_unit() -> None:
    item = '<DataItem id="i" category="SAMPLE" type="L" units="VOLT" nativeUnits="INCH"/>'
    (item_read,) = read_one(item).items
    assert item_read.unit is None
    assert item_read.conversion.is_identity


def test_an_item_without_id_or_name_is_left_out() -> None:
    assert read_one('<DataItem category="EVENT" type="BLOCK"/>').items == ()


def test_two_items_with_one_id_stay_two_things() -> None:
    item = '<DataItem id="i" name="{}" category="EVENT" type="BLOCK"/>'
    model = read_one(item.format("a") + item.format("b"))
    assert len({each.identity for each in model.items}) == 2
    assert model.keys()["i"] == 0
    assert model.keys()["b"] == 1


def test_identities_are_the_same_every_time_and_may_have_a_base() -> None:
    data = probe('<DataItem id="a/b 1" category="EVENT" type="BLOCK"/>')
    assert read(data)[0].items[0].identity == read(data)[0].items[0].identity
    assert read(data)[0].items[0].identity.startswith("urn:uuid:")
    model, _ = read(data, base="https://plant.example/")
    assert model.items[0].identity == "https://plant.example/M-1/a%2Fb%201"
    assert model.devices[0].identity == "https://plant.example/M-1"


@pytest.mark.parametrize("base", ["plant", "/a", "ftp://a/", "https://", "https://a b/", ""])
def test_a_base_that_makes_no_uri_is_refused(base: str) -> None:
    with pytest.raises(UsageError):
        read(probe(""), base=base)


def test_reports_may_call_an_item_by_id_name_or_source() -> None:
    model = read_one(
        '<DataItem id="x1" name="Xabs" category="EVENT" type="BLOCK"><Source> x pos </Source>'
        "</DataItem>"
    )
    keys = model.keys("mill")
    assert {keys[each] for each in ("x1", "Xabs", "x pos", "mill:Xabs", "M-1:x1")} == {0}


def test_an_id_goes_before_another_items_name() -> None:
    model = read_one(
        '<DataItem id="a" name="b" category="EVENT" type="BLOCK"/>'
        '<DataItem id="b" name="c" category="EVENT" type="BLOCK"/>'
    )
    assert model.keys() == {**model.keys(), "a": 0, "b": 1, "c": 1}


def test_a_name_that_two_devices_share_belongs_to_the_one_that_is_named(corpus: Path) -> None:
    model, _ = read((corpus / "mtconnect" / "two_devices.xml").read_bytes())
    common = model.keys()
    assert "mode" not in common
    first, second = model.keys("Device1")["mode"], model.keys("device-2")["mode"]
    assert model.items[first].device == "Device1"
    assert model.items[second].device == "Device2"
    assert common["Device2:mode"] == second


def test_facts_for_the_master_data_are_kept() -> None:
    model = read_one(
        '<DataItem id="a" category="SAMPLE" type="LOAD" units="PERCENT" sampleRate="100"'
        ' significantDigits="4" statistic="AVERAGE" compositionId="m" discrete="true">'
        "<Constraints><Minimum>0</Minimum><Maximum>150</Maximum><Nominal>50</Nominal>"
        "</Constraints><Filters><Filter type='PERIOD'>60</Filter></Filters>"
        "<ResetTrigger>DAY</ResetTrigger><InitialValue>1</InitialValue>"
        "<Source componentId='c' dataItemId='b'/>"
        "<Relationships><DataItemRelationship type='LIMIT' idRef='z'/></Relationships></DataItem>"
        '<DataItem id="t" category="EVENT" type="WORK_OFFSET" representation="TABLE"><Definition>'
        '<EntryDefinitions><EntryDefinition key="G54"/></EntryDefinitions><CellDefinitions>'
        '<CellDefinition key="X" units="MILLIMETER"/></CellDefinitions></Definition></DataItem>'
    )
    facts, table = model.facts
    assert facts.range == Limits(0, 150)
    assert (facts.nominal, facts.sample_rate, facts.significant_digits) == (50, 100, 4)
    assert facts.filters == (Filter("PERIOD", 60),)
    assert (facts.reset_trigger, facts.initial_value, facts.discrete) == ("DAY", "1", True)
    assert (facts.source_component, facts.source_item) == ("c", "b")
    assert facts.relationships[0].target == "z"
    assert table.entries == {"G54": None}
    assert table.cells == {"X": "MILLIMETER"}


@pytest.mark.parametrize(
    "document",
    [
        b'<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:1.8"/>',
        b"<html><body/></html>",
        b"",
        b"{}",
    ],
)
def test_another_document_is_a_clear_error(document: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read(document)
    assert caught.value.exit_code == 1


def test_a_document_without_devices_says_so() -> None:
    model, findings = read(PROBE.format(version="1.8", devices="").encode())
    assert rules(findings) == ["no-devices"]
    assert model.items == ()
    assert model.keys() == {}


def test_a_hostile_model_yields_a_bounded_list_of_findings() -> None:
    _, findings = read(probe('<DataItem id="i"/>' * 5_000))
    assert len(findings) == 1000


@given(
    st.recursive(
        st.builds(
            "<{0} id='{1}' name='{1}' category='{2}' units='{3}' type='{2}'/>".format,
            st.sampled_from(["DataItem", "Device", "DataItems", "Specification", "Source"]),
            st.sampled_from(["a", "b", "", "한"]),
            st.sampled_from(["EVENT", "SAMPLE", "CONDITION", "x"]),
            st.sampled_from(["MILLIMETER", "x:A/B", "_3D", "/"]),
        ),
        lambda inner: st.builds(
            "<{0}>{1}</{0}>".format,
            st.sampled_from(
                ["Devices", "Device", "Components", "DataItems", "DataItem", "Configuration",
                 "Specifications", "ProcessSpecification", "Constraints", "Filters", "Definition"]
            ),
            st.lists(inner, max_size=3).map("".join),
        ),
        max_leaves=12,
    )
)  # fmt: skip
def test_whatever_is_below_the_root_reading_ends_in_a_model(inside: str) -> None:
    try:
        model, findings = read(f"<MTConnectDevices>{inside}</MTConnectDevices>".encode())
    except MfgStdError:
        return
    assert len(model.items) == len(model.facts) == len(model.owners)
    assert all(each.severity in Severity for each in findings)
    assert len(model.documents()) >= len(model.items)
