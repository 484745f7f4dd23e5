from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from mfgstd_adapters.mtconnect.model.kinds import Kind, kind_of, parse_version


@pytest.mark.parametrize("version", [(1, 8), (2, 3)])
@pytest.mark.parametrize(
    ("group", "category", "kind"),
    [
        ("IntegerEvent", "EVENT", "integer"),
        ("FloatEvent", "EVENT", "number"),
        ("StringEvent", "EVENT", "text"),
        ("CommonSample", "SAMPLE", "number"),
        ("ThreeSpaceSample", "SAMPLE", "vector"),
        ("ThreeSpaceEvent", "EVENT", "vector"),
    ],
)
def test_types_are_what_the_published_schemas_say(
    corpus: Path, version: tuple[int, int], group: str, category: str, kind: Kind
) -> None:
    name = f"MTConnectStreams_{version[0]}.{version[1]}_1.0.xsd"
    schema = etree.parse(corpus / "mtconnect" / "xsd" / name).getroot()
    elements = [
        str(element.get("name"))
        for element in schema.iterfind(f"{{*}}element[@substitutionGroup='{group}']")
        if element.get("abstract") != "true"
    ]
    wrong = [
        element
        for element in elements
        if kind_of(
            category=category,
            type_=re.sub(r"(?<!^)(?=[A-Z])", "_", element).upper(),
            representation="VALUE",
            units=None,
            version=version,
        )
        != kind
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "version"),
    [("1.8", (1, 8)), ("2.3.0.12", (2, 3)), ("1.10", (1, 10)), ("NMTOKEN", None), ("", None),
     ("2", None), ("1.99999", None), ("١.٢", None)],
)  # fmt: skip
def test_versions_are_numbers(text: str, version: tuple[int, int] | None) -> None:
    assert parse_version(text) == version
