from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

import mfgstd
import mfgstd.models
from mfgstd.models import (
    BooleanValue,
    CloudEvent,
    DataQuality,
    DecimalValue,
    Document,
    Equipment,
    Gap,
    IntegerValue,
    Interval,
    NumberValue,
    Observation,
    Provenance,
    TextValue,
    Timestamp,
    Value,
)
from mfgstd.standard import catalogue
from mfgstd.standard.resolved import Object

_EXAMPLES = catalogue().folder / "examples/equipment"

VALUE: TypeAdapter[Value] = TypeAdapter(Value)


def _observation(**changes: Any) -> Observation:
    fields: dict[str, Any] = {
        "data_item": "https://plant.example/okuma/Xabs",
        "event_time": Timestamp("2026-03-05T09:30:00.1234567Z"),
        "quality": DataQuality(status="good"),
        "value": NumberValue(number=25.4),
        "unit": "mm",
    }
    return Observation(**{**fields, **changes})


@given(st.integers(-(2**63), 2**64 - 1))
def test_integers_of_64_bits_are_text_in_json_and_int_in_python(number: int) -> None:
    value = VALUE.validate_json(f'{{"integer": "{number}"}}')
    assert value == IntegerValue(integer=number)
    assert json.loads(IntegerValue(integer=number).to_bytes()) == {"integer": str(number)}


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_decimals_keep_every_digit(number: Decimal) -> None:
    text = DecimalValue(decimal=number).to_json()["decimal"]
    assert Decimal(text) == number
    assert VALUE.validate_json(json.dumps({"decimal": text})) == DecimalValue(decimal=number)


@pytest.mark.parametrize("text", ["12.50", "0.0", "-0.00", "100000000000000000000.000000001"])
def test_trailing_zeros_survive(text: str) -> None:
    value = DecimalValue.from_json({"decimal": text})
    assert value.to_json() == {"decimal": text}
    assert value.decimal == Decimal(text)


def test_an_exponent_is_written_out() -> None:
    assert DecimalValue(decimal=Decimal("1E+3")).to_json() == {"decimal": "1000"}


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        (IntegerValue, "integer", True),
        (IntegerValue, "integer", 1.0),
        (IntegerValue, "integer", "01"),
        (IntegerValue, "integer", "1_0"),
        (IntegerValue, "integer", " 1"),
        (IntegerValue, "integer", 10**30),
        (DecimalValue, "decimal", 1.5),
        (DecimalValue, "decimal", Decimal("NaN")),
        (DecimalValue, "decimal", "1e3"),
        (NumberValue, "number", "1.5"),
        (NumberValue, "number", True),
        (NumberValue, "number", float("nan")),
        (BooleanValue, "boolean", 1),
        (TextValue, "text", 1),
        (TextValue, "text", b"bytes"),
    ],
)
def test_a_value_of_another_kind_is_refused(model: type[Any], field: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        model(**{field: value})


@pytest.mark.parametrize("number", [5, 1.5, True])
def test_numbers_in_json_are_no_texts(number: object) -> None:
    for key in ("integer", "decimal", "text"):
        with pytest.raises(ValidationError):
            VALUE.validate_json(json.dumps({key: number}))


def test_a_document_is_compact_json_without_what_is_absent() -> None:
    assert _observation().to_bytes() == (
        b'{"dataItem":"https://plant.example/okuma/Xabs",'
        b'"eventTime":"2026-03-05T09:30:00.1234567Z",'
        b'"value":{"number":25.4},"unit":"mm","quality":{"status":"good"}}'
    )


def test_bytes_text_and_mapping_build_the_same_document() -> None:
    observation = _observation(sequence=2**62)
    data = observation.to_bytes()
    assert Observation.from_json(data) == observation
    assert Observation.from_json(data.decode()) == observation
    assert Observation.from_json(json.loads(data)) == observation
    assert Observation.from_json(observation.to_json()) == observation


def _circle() -> dict[str, Any]:
    circle: dict[str, Any] = {}
    circle["unit"] = [circle]
    return circle


@pytest.mark.parametrize(
    "odd", [{"unit": "\ud800"}, {"unit": object()}, _circle(), {"value": {"number": float("nan")}}]
)
def test_what_json_cannot_say_is_refused_as_any_other_fault(odd: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Observation.from_json({**_observation().to_json(), **odd})


def test_deep_nesting_is_refused_without_a_crash() -> None:
    with pytest.raises(ValidationError):
        CloudEvent.from_json('{"data":' + "[" * 100_000 + "]" * 100_000 + "}")


def test_null_is_no_way_to_say_absent() -> None:
    for document in ({"unit": None}, {"quality": {"status": "bad", "reason": None}}):
        record = {**_observation().to_json(), **document}
        with pytest.raises(ValidationError, match="input_value=None"):
            Observation.from_json(json.dumps(record))
        with pytest.raises(ValidationError, match="input_value=None"):
            Observation.from_json(record)
    assert _observation(unit="null").to_json()["unit"] == "null"


def test_a_document_never_changes_and_can_be_a_key() -> None:
    observation = _observation()
    with pytest.raises(ValidationError, match="frozen"):
        observation.unit = "m"  # type: ignore[misc]  # that it cannot is the point
    assert {observation: 1}[_observation()] == 1
    equipment = Equipment(id="urn:x:y", level="work_cell", description={"ko": "선반"})
    assert hash(equipment) == hash(Equipment.from_json(equipment.to_bytes()))


def test_a_document_survives_pickling() -> None:
    equipment = Equipment(id="urn:x:y", level="work_cell", description={"ko": "선반"})
    assert pickle.loads(pickle.dumps(equipment)) == equipment  # noqa: S301 - our own bytes
    observation = pickle.loads(pickle.dumps(_observation()))  # noqa: S301 - our own bytes
    assert observation == _observation()
    assert isinstance(observation.event_time, Timestamp)


def test_what_is_shown_is_what_is_there() -> None:
    assert repr(DataQuality(status="good")) == "DataQuality(status='good')"


def test_a_python_keyword_gets_an_underscore_and_keeps_its_json_name() -> None:
    gap = Gap(
        id="urn:uuid:0190a0c0-0000-7000-8000-000000000001",
        source="agent",
        from_=Timestamp("2026-03-05T09:30:00Z"),
        to=Timestamp("2026-03-05T09:31:00Z"),
        reason="sequence_jump",
        outcome="lost",
    )
    assert gap.to_json()["from"] == "2026-03-05T09:30:00Z"
    assert Gap.from_json(gap.to_bytes()) == gap


def test_the_envelope_carries_any_document() -> None:
    observation = _observation()
    event = CloudEvent(
        specversion="1.0",
        id="1",
        source="urn:mfgstd:collector",
        type="org.mfgstd.equipment.observation.recorded.v1",
        time=observation.event_time,
        dataschema=Observation.schema_id,
        data=observation.to_json(),
    )
    again = CloudEvent.from_json(event.to_bytes())
    assert again == event
    assert Observation.from_json(again.data) == observation


def test_nested_parts_may_be_given_as_plain_data() -> None:
    assert _observation(quality={"status": "good"}) == _observation()


def test_every_schema_has_a_class_or_alias_of_its_name_and_every_field_an_attribute() -> None:
    for schema in catalogue():
        made = getattr(mfgstd.models, schema.name)
        if not isinstance(schema.node, Object):
            continue
        assert made.schema_id == schema.id
        assert schema.is_entity is (issubclass(made, Document) and not schema.abstract)
        fields = made.model_fields.values()
        assert [each.alias for each in fields] == [each.name for each in schema.node]
        required = [each.alias for each in fields if each.is_required()]
        assert tuple(required) == schema.node.required


def test_every_exported_name_is_there() -> None:
    for name in mfgstd.models.__all__:
        assert getattr(mfgstd.models, name) is not None
    assert dir(mfgstd.models) == sorted(mfgstd.models.__all__)
    with pytest.raises(AttributeError, match="Obsevation"):
        mfgstd.models.Obsevation  # type: ignore[attr-defined]  # noqa: B018 - a typo, on purpose


def _imported(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_imports_no_pydantic() -> None:
    loaded = _imported("import mfgstd.models")
    assert "pydantic" not in loaded
    assert not any(name.startswith("mfgstd.models.") for name in loaded)


def test_one_domain_does_not_import_the_others() -> None:
    loaded = _imported("from mfgstd.models import Interval")
    assert "mfgstd.models.primitives" in loaded
    assert "mfgstd.models.equipment" not in loaded
    assert "mfgstd.models.envelope" not in loaded
    loaded = _imported("from mfgstd.models import CloudEvent")
    assert "mfgstd.models.equipment" not in loaded


def test_provenance_and_interval_are_values_not_documents() -> None:
    assert not issubclass(Interval, Document)
    assert not issubclass(Provenance, Document)


def test_the_models_say_of_uris_what_the_standard_says() -> None:
    from mfgstd.models import _annotations
    from mfgstd.standard import profile
    from mfgstd.standard.resolved import NAMESPACE

    assert profile.URI == _annotations.URI
    assert NAMESPACE == _annotations.NAMESPACE
    assert profile.open_code_pattern(["on", "off"]) == _annotations.open_code_pattern(("on", "off"))


def test_models_do_not_read_the_standard() -> None:
    loaded = _imported("from mfgstd.models import Observation")
    assert not any(name.startswith("mfgstd.standard") for name in loaded)


def test_the_canonical_form_keeps_every_digit_of_an_integer() -> None:
    gap = Gap.from_json((_EXAMPLES / "gap/valid/buffer-overflow.json").read_bytes())
    beyond = gap.model_copy(update={"to_sequence": 2**60 + 1})
    assert b'"toSequence":1152921504606846977}' in beyond.to_canonical()


def test_a_map_never_changes_but_can_be_copied_and_pickled() -> None:
    text = Equipment(id="urn:x:y", level="work_cell", description={"ko": "선반"}).description
    assert text is not None
    with pytest.raises(TypeError, match="never changes"):
        text["en"] = "lathe"  # type: ignore[index]  # that it cannot is the point
    assert copy.deepcopy(text) == pickle.loads(pickle.dumps(text)) == {"ko": "선반"}  # noqa: S301 - our own bytes
    assert hash(copy.copy(text)) == hash(text)


def test_no_way_of_writing_a_model_makes_null_of_what_is_absent() -> None:
    observation = _observation()
    assert "null" not in observation.model_dump_json(by_alias=True)
    assert None not in observation.model_dump().values()
    assert b"null" not in TypeAdapter(list[Observation]).dump_json([observation], by_alias=True)
    assert Observation(**observation.model_dump()) == observation


def test_a_document_can_be_made_to_say_what_it_is() -> None:
    declared = _observation().declared()
    assert declared.to_json()["$schema"] == Observation.schema_id
    assert mfgstd.parse(declared.to_bytes()).model == declared
    event = CloudEvent.from_json(
        (_EXAMPLES.parent / "envelope/cloud-event/valid/gap.json").read_bytes()
    )
    assert event.declared() is event
