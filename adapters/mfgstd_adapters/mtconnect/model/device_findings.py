"""What can be wrong with a device model, in words: one table, so that reading stays short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mfgstd.finding import Finding, Place, Severity, show
from mfgstd.language import Text
from mfgstd_adapters.mtconnect.xml import line_of, local

if TYPE_CHECKING:
    from lxml import etree

#: A model with more than that wrong is not repaired by a longer list.
LIMIT: Final = 1000

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
#: Key -> rule (after ``mtconnect.``), severity, sentence.
_SENTENCES: Final[dict[str, tuple[str, Severity, Text]]] = {
    "no-devices": (
        "no-devices",
        _ERROR,
        Text("The document describes no device.", "문서에 장치가 하나도 없습니다."),
    ),
    "no-uuid": (
        "missing-uuid",
        _WARNING,
        Text(
            "The device has no uuid; {instead!r} stands in for it.",
            "장치에 uuid가 없어 {instead!r}을(를) 대신 사용합니다.",
        ),
    ),
    "no-nameplate": (
        "no-nameplate",
        _INFO,
        Text(
            "The model names no manufacturer, so no PhysicalAsset is written.",
            "모델에 제조사가 없어 PhysicalAsset을 만들지 않습니다.",
        ),
    ),
    "component-without-id": (
        "missing-id",
        _WARNING,
        Text("The component has no id.", "구성요소에 id가 없습니다."),
    ),
    "item-without-name": (
        "missing-id",
        _ERROR,
        Text(
            "The data item has neither id nor name: nothing can report it.",
            "데이터 항목에 id도 name도 없어 값을 보고할 수 없습니다.",
        ),
    ),
    "item-without-id": (
        "missing-id",
        _WARNING,
        Text(
            "The data item has no id; its name stands in for it.",
            "데이터 항목에 id가 없어 name을 대신 사용합니다.",
        ),
    ),
    "duplicate-id": (
        "duplicate-id",
        _ERROR,
        Text("The id is used before, on line {line}.", "같은 id가 {line}번째 줄에 이미 있습니다."),
    ),
    "category": (
        "unknown-category",
        _ERROR,
        Text(
            "The category of the data item is not one of MTConnect's; it is read as {likely}.",
            "데이터 항목의 category가 MTConnect의 값이 아니므로 {likely}(으)로 읽습니다.",
        ),
    ),
    "type": (
        "missing-type",
        _ERROR,
        Text("The data item has no type.", "데이터 항목에 type이 없습니다."),
    ),
    "representation": (
        "unknown-representation",
        _ERROR,
        Text(
            "The representation of the data item is not one of MTConnect's; it is read as VALUE.",
            "데이터 항목의 representation이 MTConnect의 값이 아니므로 VALUE로 읽습니다.",
        ),
    ),
    "scale": (
        "bad-number",
        _ERROR,
        Text(
            "The nativeScale is not a number other than zero; it is not used.",
            "nativeScale이 0이 아닌 숫자가 아니므로 사용하지 않습니다.",
        ),
    ),
    "unit": (
        "unknown-unit",
        _WARNING,
        Text(
            "The unit is not one of MTConnect's; values are kept as they come.",
            "MTConnect의 단위가 아니므로 값을 받은 그대로 둡니다.",
        ),
    ),
    "no-unit": (
        "no-unit",
        _WARNING,
        Text(
            "The sample declares no unit; its numbers are delivered without one.",
            "샘플에 단위가 선언되어 있지 않아 값을 단위 없이 전달합니다.",
        ),
    ),
    "mismatch": (
        "unit-mismatch",
        _WARNING,
        Text(
            "{native} cannot be converted into {units}; values stay as they come, without a unit.",
            "{native}을(를) {units}(으)로 변환할 수 없어 값을 단위 없이 그대로 둡니다.",
        ),
    ),
    "word": (
        "unknown-word",
        _WARNING,
        Text(
            "The {name} is not one of MTConnect's; it is left out.",
            "{name} 값이 MTConnect의 값이 아니므로 제외합니다.",
        ),
    ),
}


class DeviceFindings:
    """Gathers the findings about one document.

    Args:
        path: the source as the user named it.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self.all: list[Finding] = []

    def add(
        self,
        key: str,
        element: etree._Element,
        *,
        expected: str | None = None,
        found: str | None = None,
        **values: object,
    ) -> None:
        """Find fault with an element; ``values`` are filled into the sentence."""
        if len(self.all) >= LIMIT:
            return
        rule, severity, sentence = _SENTENCES[key]
        name = element.get("id") or element.get("name") or local(element.tag)
        cut = {
            key: value[:80] if isinstance(value, str) else value for key, value in values.items()
        }
        self.all.append(
            Finding(
                rule=f"mtconnect.{rule}",
                message=sentence.format(**cut),
                severity=severity,
                expected=expected,
                found=None if found is None else show(found),
                source=Place(path=self._path, line=line_of(element), item=name[:120]),
            )
        )
