"""Master data: equipment and data items that the rest of a delivery leans on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Finding, Place, show
from mfgstd.language import Text
from mfgstd_conformance.checks.documents import schema_faults
from mfgstd_conformance.checks.registry import TOLD, Inconclusive, More, Outcome, check
from mfgstd_conformance.checks.ucum import is_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd_conformance.trace import Delivery, Told, Trace

_NO_EQUIPMENT: Final = Inconclusive(
    Text("No Equipment document was delivered.", "Equipment 문서가 전달되지 않았습니다.")
)
_NO_ITEM: Final = Inconclusive(
    Text("No DataItem document was delivered.", "DataItem 문서가 전달되지 않았습니다.")
)
_NUMERIC: Final = ("number", "integer", "decimal")


def _id(value: Any) -> str | None:
    """The id of a reference, or of a document; ``None`` where it has none."""
    inner = value.get("id") if isinstance(value, dict) else None
    return inner if isinstance(inner, str) else None


def _described(delivery: Delivery) -> dict[str, Told]:
    return {
        name: told
        for told in delivery.documents("equipment")
        if (name := _id(told.data)) is not None
    }


def _place(told: Told) -> Place:
    name = told.data.get("name") or told.data.get("id")
    item = name[:200] if isinstance(name, str) else None
    return Place(path=told.place.path, line=told.place.line, item=item)


@check("MFG-EQP-001")
def the_equipment_of_a_data_item_is_described(trace: Trace) -> Iterator[Outcome]:
    """A value without a machine cannot be used."""
    seen = False
    for delivery in trace.deliveries:
        known = _described(delivery)
        for told in delivery.documents("data-item"):
            seen = True
            owner = _id(told.data.get("equipment"))
            if owner not in known:
                yield Finding(
                    rule="equipment.undescribed",
                    message=Text(
                        "The data item refers to equipment that is not described.",
                        "데이터 항목이 기술되지 않은 설비를 참조합니다.",
                    ),
                    pointer="/equipment",
                    expected="an Equipment document of this id",
                    found=show(owner),
                    source=_place(told),
                )
    if not seen:
        yield _NO_ITEM


@check("MFG-EQP-002")
def the_hierarchy_is_a_tree(trace: Trace) -> Iterator[Outcome]:
    """From each equipment upwards, nothing twice, to one without a parent."""
    seen = False
    for delivery in trace.deliveries:
        known = _described(delivery)
        sound: set[str] = set()
        for start, told in known.items():
            seen = True
            path: list[str] = []
            at: str | None = start
            while at is not None and at not in sound:
                if at in path:
                    yield _broken(told, "equipment.cycle", _CYCLE, at)
                    break
                path.append(at)
                if at not in known:
                    yield _broken(told, "equipment.parent-undescribed", _LOST, at)
                    break
                at = _id(known[at].data.get("parent"))
            # Each is told once, however many hang below it.
            sound.update(path)
    if not seen:
        yield _NO_EQUIPMENT


_CYCLE: Final = Text(
    "Following 'parent' comes back to the same equipment.",
    "parent를 따라가면 같은 설비로 되돌아옵니다.",
)
_LOST: Final = Text(
    "Following 'parent' leads to equipment that is not described.",
    "parent를 따라가면 기술되지 않은 설비에 이릅니다.",
)


def _broken(told: Told, rule: str, message: Text, at: str) -> Finding:
    return Finding(
        rule=rule,
        message=message,
        pointer="/parent",
        expected="a tree",
        found=show(at),
        source=_place(told),
    )


@check("MFG-EQP-003")
def equipment_is_named_in_korean(trace: Trace) -> Iterator[Outcome]:
    """Operators read Korean; a language tag ``und`` does not promise that it is."""
    documents = [each for delivery in trace.deliveries for each in delivery.documents("equipment")]
    lacking = [each for each in documents if not _korean(each.data.get("description"))]
    for told in lacking[:TOLD]:
        yield Finding(
            rule="equipment.no-korean",
            message=Text(
                "The equipment has no description in Korean.",
                "설비에 한국어 설명이 없습니다.",
            ),
            pointer="/description",
            expected='{"ko": "…"}',
            found=show(told.data.get("description")),
            source=_place(told),
        )
    if len(lacking) > TOLD:
        yield More("equipment.no-korean", len(lacking) - TOLD)
    if not documents:
        yield _NO_EQUIPMENT


def _korean(description: Any) -> bool:
    return isinstance(description, dict) and any(
        name == "ko" or name.startswith("ko-") for name in description
    )


@check("MFG-OBS-001")
def every_data_item_is_declared(trace: Trace) -> Iterator[Outcome]:
    """Looked at by distinct item, not by row."""
    seen = False
    for delivery in trace.deliveries:
        codes, words = delivery.codes("data_item")
        seen = seen or bool(len(codes))
        lacking = [each for each in words if each is not None and each not in delivery.items]
        for word in lacking[:TOLD]:
            yield Finding(
                rule="observation.undeclared-item",
                message=Text(
                    "Observations name a data item that no DataItem document describes.",
                    "관측값이 DataItem 문서로 기술되지 않은 데이터 항목을 가리킵니다.",
                ),
                expected="a DataItem document of this id",
                found=show(word),
                source=Place(item=word),
            )
        if len(lacking) > TOLD:
            yield More("observation.undeclared-item", len(lacking) - TOLD)
    if not seen:
        yield Inconclusive(Text("No observation was delivered.", "전달된 관측값이 없습니다."))


@check("MFG-UNT-001")
def units_are_ucum_codes(trace: Trace) -> Iterator[Outcome]:
    """Of any item that declares a unit, be it a number or not."""
    yield from schema_faults(trace, "MFG-UNT-001")
    seen = False
    for delivery in trace.deliveries:
        for told in delivery.documents("data-item"):
            unit = told.data.get("unit")
            if unit is None:
                continue
            seen = True
            if not (isinstance(unit, str) and is_unit(unit)):
                yield _unit(told, "unit.not-ucum", _NOT_UCUM, "a UCUM code, 1 for a bare number")
    if not seen:
        yield Inconclusive(
            Text("No data item declares a unit.", "단위를 선언한 데이터 항목이 없습니다.")
        )


@check("MFG-UNT-004")
def numbers_declare_a_unit(trace: Trace) -> Iterator[Outcome]:
    """``1`` for bare numbers: an absent unit may be a forgotten one, or one that nobody knows."""
    seen = False
    for delivery in trace.deliveries:
        lacking = []
        for told in delivery.documents("data-item"):
            item = told.data
            if item.get("category") != "sample" or item.get("valueType") not in _NUMERIC:
                continue
            seen = True
            if item.get("unit") is None:
                lacking.append(told)
        for told in lacking[:TOLD]:
            yield _unit(told, "unit.missing", _NO_UNIT, "a unit, 1 for a bare number")
        if len(lacking) > TOLD:
            yield More("unit.missing", len(lacking) - TOLD)
    if not seen:
        yield Inconclusive(
            Text("No numeric data item was delivered.", "수치형 데이터 항목이 없습니다.")
        )


_NOT_UCUM: Final = Text(
    "The data item's unit is not a UCUM code.", "데이터 항목의 단위가 UCUM 코드가 아닙니다."
)
_NO_UNIT: Final = Text(
    "The data item declares no unit.", "데이터 항목에 단위가 선언되어 있지 않습니다."
)


def _unit(told: Told, rule: str, message: Text, expected: str) -> Finding:
    return Finding(
        rule=rule,
        message=message,
        pointer="/unit",
        expected=expected,
        found=show(told.data.get("unit")),
        source=_place(told),
    )
