"""The names that exist in the standards whose files lie in the corpus.

A mapping says ``standard``, ``version`` and ``path``; for the standards below every name in the
path must be a name in the source. Where a standard is sold or its file is not here, nothing can be
looked up, and the mapping's ``loss`` says so.
"""

from __future__ import annotations

import csv
import dataclasses
import inspect
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from lxml import etree

#: What joins the names of a path; docs/standard/README.md says what each means.
_JOINS: Final = re.compile(r"[./|,=@\s]+")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9A-Fa-f]{8}|true|false")


class Source(NamedTuple):
    """The version of a standard that the corpus has, and how its names are read."""

    version: str
    names: Callable[[Path], frozenset[str]]


def words(path: str) -> list[str]:
    """The names and numbers of a mapping's path, in order."""
    return [each for each in _JOINS.split(path) if each]


def missing(standard: str, version: str, path: str, corpus: Path) -> list[str]:
    """What of a path does not exist in its source; nothing where there is no source to look in.

    A number after a status code must be the code's number; other numbers are not looked up.
    """
    source = SOURCES.get(standard)
    if source is None:
        return []
    if (standard, version) in UNSEEN:
        return []
    if version != source.version:
        return [f"version {version} (the corpus has {source.version})"]
    names, numbers, found = source.names(corpus), status_codes(corpus), []
    before = ""
    for word in words(path):
        if _NUMBER.fullmatch(word):
            if before in numbers and word.lower() != numbers[before].lower():
                found.append(f"{before}={word} (it is {numbers[before]})")
        elif word not in names:
            found.append(word)
        before = word
    return found


@cache
def status_codes(corpus: Path) -> dict[str, str]:
    """OPC UA status code -> its number as the list writes it, ``0x80310000``."""
    path = corpus / "opcua" / "StatusCode.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {row[0]: row[1] for row in csv.reader(stream)}


@cache
def _mtconnect(corpus: Path) -> frozenset[str]:
    """Elements, attributes, types and words of the MTConnect 2.3 schemas.

    A type goes by the name of what it describes: ObservationType is an Observation.
    """
    found = set()
    for path in (corpus / "mtconnect" / "xsd").glob("*_2.3_*.xsd"):
        for node in etree.parse(str(path)).iter("{http://www.w3.org/2001/XMLSchema}*"):
            name = node.get("name", "")
            found |= {name, name.removesuffix("Type"), node.get("value", "")}
    return frozenset(found)


def _nodeset(name: str) -> Callable[[Path], frozenset[str]]:
    @cache
    def read(corpus: Path) -> frozenset[str]:
        """Browse names, and the fields and words of data types."""
        path = corpus / "opcua" / f"Opc.Ua.{name}.NodeSet2.xml"
        found = set()
        for node in etree.parse(str(path)).iter(tag=etree.Element):
            called = node.get("BrowseName") or node.get("Name") or ""
            found.add(re.sub(r"^[0-9]+:", "", called).strip("<>"))
        return frozenset(found)

    return read


@cache
def _opcua(corpus: Path) -> frozenset[str]:
    """The base of OPC UA: node ids, structures and attributes as asyncua has them; status codes."""
    from asyncua import ua
    from asyncua.ua.attribute_ids import AttributeIds
    from asyncua.ua.object_ids import ObjectIds

    found = set(status_codes(corpus))
    found |= {part for name in vars(ObjectIds) for part in name.split("_")}
    found |= {each.name for each in AttributeIds}
    for name, each in inspect.getmembers(ua, inspect.isclass):
        found.add(name)
        if dataclasses.is_dataclass(each):
            found |= {field.name.rstrip("_") for field in dataclasses.fields(each)}
    return frozenset(found)


def _template(pattern: str) -> Callable[[Path], frozenset[str]]:
    @cache
    def read(corpus: Path) -> frozenset[str]:
        """Every idShort and model type of a submodel template."""
        (path,) = (corpus / "aas").glob(pattern)

        def walk(value: Any) -> Iterator[str]:
            if isinstance(value, dict):
                yield from (value[key] for key in ("idShort", "modelType") if key in value)
                yield from value
                for each in value.values():
                    yield from walk(each)
            elif isinstance(value, list):
                for each in value:
                    yield from walk(each)

        return frozenset(walk(json.loads(path.read_bytes())))

    return read


_NODESETS: Final = "nodeset 2024-10"

#: Newer than what the corpus has: the quality of an observation came with MTConnect 2.5.
UNSEEN: Final = frozenset({("MTConnect", "2.7")})

#: Every standard that can be looked up.
SOURCES: Final = {
    "MTConnect": Source("2.3", _mtconnect),
    "OPC UA": Source(_NODESETS, _opcua),
    "OPC UA DI": Source(_NODESETS, _nodeset("Di")),
    "OPC UA IA": Source(_NODESETS, _nodeset("IA")),
    "OPC UA ISA-95 Job Control": Source(_NODESETS, _nodeset("ISA95-JobControl")),
    "OPC UA MachineTool": Source(_NODESETS, _nodeset("MachineTool")),
    "OPC UA Machinery": Source(_NODESETS, _nodeset("Machinery")),
    "OPC UA Machinery Process Values": Source(_NODESETS, _nodeset("Machinery.ProcessValues")),
    "OPC UA Machinery Result": Source(_NODESETS, _nodeset("Machinery.Result")),
    "OPC UA PackML": Source(_NODESETS, _nodeset("PackML")),
    "IDTA 02003 Technical Data": Source("2.0.1", _template("idta-02003-*.json")),
    "IDTA 02006 Digital Nameplate": Source("3.0.1", _template("idta-02006-*.json")),
    "IDTA 02008 Time Series Data": Source("1.1.1", _template("idta-02008-*.json")),
}
