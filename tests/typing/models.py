"""What mypy and editors must know of the models; read by the type checker, never run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, assert_type

from mfgstd.models import (
    CloudEvent,
    DataItem,
    DataQuality,
    DecimalValue,
    Entity,
    Equipment,
    Gap,
    IntegerValue,
    Observation,
    ObservationBatch,
    Reference,
    Timestamp,
    Uri,
    Value,
)


def fields_have_their_types(observation: Observation, item: DataItem, gap: Gap) -> None:
    assert_type(observation.event_time, Timestamp)
    assert_type(observation.event_time.datetime, datetime)
    assert_type(observation.event_time.nanoseconds, int)
    assert_type(observation.unit, str | None)
    assert_type(observation.sequence, int | None)
    assert_type(observation.quality.status, Literal["good", "uncertain", "bad"])
    assert_type(observation.value, Value | None)
    assert_type(item.category, Literal["sample", "event", "condition"])
    assert_type(item.equipment, Reference)
    assert_type(gap.from_, Timestamp)
    assert_type(gap.items, tuple[Uri, ...] | None)


def unions_narrow(value: Value) -> None:
    match value:
        case IntegerValue(integer=number):
            assert_type(number, int)
        case DecimalValue(decimal=exact):
            assert_type(exact, Decimal)
        case _:
            pass


def bases_and_documents(equipment: Equipment, batch: ObservationBatch) -> None:
    entity: Entity = equipment
    assert_type(entity.id, str)
    assert_type(equipment.description, Mapping[str, str] | None)
    assert_type(batch.observations, tuple[Observation, ...])
    assert_type(equipment.to_json(), dict[str, Any])
    assert_type(equipment.to_bytes(), bytes)
    assert_type(Equipment.from_json(b"{}"), Equipment)
    assert_type(Equipment.schema_id, str)


def calls_are_checked(event: CloudEvent) -> None:
    DataQuality(status="good")
    DataQuality(status="good", reason="https://plant.example/reasons/worn")
    DataQuality()  # type: ignore[call-arg]  # status is compulsory
    DataQuality(status="fine")  # type: ignore[arg-type]  # not a word
    DataQuality(status="good", cause="x")  # type: ignore[call-arg]  # no such field
    Reference(id=5)  # type: ignore[arg-type]  # a URI is text
    event.id = "2"  # type: ignore[misc]  # documents never change


def names_are_checked() -> None:
    from mfgstd.models import Obsevation  # type: ignore[attr-defined]  # noqa: F401 - a typo
