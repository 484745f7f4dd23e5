"""Assets: cutting tools become Tool documents, whatever else a machine keeps is counted.

The XML comes inside a line or a response, so it is parsed with the bounds of
:mod:`mfgstd_adapters.mtconnect.xml`. Versions 1.x and 2.x differ in attributes that do not
matter here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from uuid import uuid5

from pydantic import ValidationError

from mfgstd.errors import InputError
from mfgstd.language import Text
from mfgstd.models import Tool
from mfgstd_adapters.mtconnect.model.devices import NAMESPACE
from mfgstd_adapters.mtconnect.model.facts import number
from mfgstd_adapters.mtconnect.reports.moments import timestamp
from mfgstd_adapters.mtconnect.xml import local, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

    from mfgstd_adapters.mtconnect.model.devices import DeviceModel

#: The asset types that become Tools; an archetype describes a kind of tool, not one.
TOOLS: Final = frozenset({"CuttingTool"})
_STATUS: Final = frozenset(
    {
        "new", "available", "unavailable", "allocated", "unallocated", "measured",
        "not_registered", "reconditioned", "used", "expired", "tagged_out", "broken",
    }
)  # fmt: skip
_PLACES: Final = frozenset(
    {
        "pot", "station", "crib", "spindle", "transfer_pot", "return_pot", "staging_pot",
        "removal_pot", "expired_pot", "end_effector",
    }
)  # fmt: skip
_DIRECTIONS: Final = frozenset({"up", "down"})
#: Elements whose text is all that they say -> where it goes.
_WORDS: Final = {
    "ProgramToolNumber": "programToolNumber",
    "ProgramToolGroup": "programToolGroup",
}
_LIVES: Final = frozenset({"minutes", "part_count", "wear"})
#: An asset larger than this is no tool; a thousand of them are kept.
SIZE_LIMIT: Final = 256 * 1024
#: Tools remembered that belong to another device than the one they would be taken to belong to.
OWNERS_LIMIT: Final = 10_000


class Tools:
    """Reads the cutting tools of one source, remembering those it has read.

    A machine tells of all its tools whenever it connects, mostly without news.

    Args:
        device: the identity of the device that keeps a tool which does not name another.
        devices: uuid -> identity of the devices that a tool may name as its own.
    """

    def __init__(self, device: str, devices: Mapping[str, str] | None = None) -> None:
        self._device = device
        self._devices = devices or {}
        self._read = lru_cache(maxsize=1024)(self._parse)
        self._gone = lru_cache(maxsize=1024)(self._forget)
        # What is removed is called by its asset id alone.
        self._kept_by: dict[str, str] = {}

    def read(self, body: bytes, *, asset: str, nanoseconds: int) -> Tool:
        """Read one CuttingTool: the XML, the id of the asset, and when the machine said so.

        Raises:
            InputError: it is not the XML of a cutting tool.
        """
        tool, device = self._read(body, asset)
        if device != self._kept_by.get(asset, self._device) and len(self._kept_by) < OWNERS_LIMIT:
            self._kept_by[asset] = device
        return tool.model_copy(update={"event_time": timestamp(nanoseconds)})

    def removed(self, *, asset: str, nanoseconds: int) -> Tool:
        """What is left to say of a tool that the machine no longer keeps."""
        tool = self._gone(asset, self._kept_by.pop(asset, self._device))
        return tool.model_copy(update={"event_time": timestamp(nanoseconds)})

    def _parse(self, body: bytes, asset: str) -> tuple[Tool, str]:
        element = parse(body, limit=SIZE_LIMIT, depth=32)
        device = self._devices.get(element.get("deviceUuid", ""), self._device)
        return read_tool(element, asset=asset, device=device, nanoseconds=0), device

    def _forget(self, asset: str, device: str) -> Tool:
        return Tool.from_json(
            {
                "id": identity(asset, device),
                "eventTime": timestamp(0),
                "externalIds": [{"scheme": "mtconnect.assetId", "value": asset}],
                "removed": True,
            }
        )


def tools_of(model: DeviceModel, device: str | None, source: str) -> Tools:
    """The tools of a source: those of the named device, else of the one that each names.

    What names none belongs to the only device. An agent may describe itself as a device; it
    keeps no tools. Where several are left, nobody says whose the tool is: it is the source's.
    """
    if device is not None and (owner := model.device(device)) is not None:
        return Tools(owner.identity)
    machines = [each for each in model.devices if each.tag != "Agent"]
    known = {each.uuid: each.identity for each in machines if each.uuid}
    return Tools(machines[0].identity if len(machines) == 1 else source, known)


def read_tool(element: etree._Element, *, asset: str, device: str, nanoseconds: int) -> Tool:
    """The same from an element, as agents answer it.

    Raises:
        InputError: it is no CuttingTool, or says what no Tool can be.
    """
    if local(element.tag) not in TOOLS:
        raise InputError(
            Text(
                f"The asset is a {local(element.tag)[:60]}, not a CuttingTool.",
                f"자산이 CuttingTool이 아니라 {local(element.tag)[:60]}입니다.",
            )
        )
    document: dict[str, Any] = {
        "id": identity(asset, device),
        "eventTime": timestamp(nanoseconds),
        "externalIds": [{"scheme": "mtconnect.assetId", "value": asset}],
    }
    for name in ("toolId", "serialNumber"):
        if value := element.get(name):
            document[name] = value
    if element.get("removed") in {"true", "1"}:
        document["removed"] = True
    for part in element.iter("*"):
        tag: str = part.tag
        _read(tag if tag[0] != "{" else local(tag), part, document)
    try:
        return Tool.model_validate(document, by_alias=True, by_name=False)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(each) for each in first["loc"])
        raise InputError(
            Text(
                f"The CuttingTool cannot be read: {where}: {first['msg']}.",
                f"CuttingTool을 읽을 수 없습니다. {where}: {first['msg']}.",
            )
        ) from None


@lru_cache(maxsize=1024)
def identity(asset: str, device: str) -> str:
    """The URI of a tool: below that of its device, or computed from both."""
    if device.startswith("http"):
        return f"{device}/asset/{quote(asset, safe='')}"
    return f"urn:uuid:{uuid5(NAMESPACE, f'asset {device} {asset}')}"


def _read(name: str, part: etree._Element, document: dict[str, Any]) -> None:
    """Add what one element of a tool says; most say nothing that a Tool holds."""
    if name == "ToolLife":
        life = _life(part)
        if life is not None:
            document.setdefault("life", []).append(life)
    elif name in _WORDS:
        if text := (part.text or "").strip():
            document[_WORDS[name]] = text
    elif name == "Status":
        if word := (part.text or "").strip().lower():
            said = document.setdefault("status", [])
            if (known := word if word in _STATUS else "unknown") not in said:
                said.append(known)
    elif name == "Location":
        place, text = part.get("type", "").lower(), (part.text or "").strip()
        if text and place in _PLACES:
            document["location"] = {"type": place, "value": text}


def _life(part: etree._Element) -> dict[str, Any] | None:
    said: dict[Any, Any] = dict(part.items())
    kind, direction = said.get("type", "").lower(), said.get("countDirection", "").lower()
    value = _number((part.text or "").strip())
    if value is None or kind not in _LIVES or direction not in _DIRECTIONS:
        return None
    life: dict[str, Any] = {"type": kind, "direction": direction}
    for limit in ("initial", "warning", "limit"):
        if limit in said and (bound := _number(said[limit])) is not None:
            life[limit] = bound
    life["value"] = value
    return life


@lru_cache(maxsize=1024)
def _number(text: str) -> float | None:
    """Tools count in small round numbers, over and over."""
    return number(text) if len(text) < 64 else None
