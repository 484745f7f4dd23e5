"""Each example of the standard: a valid one passes, an invalid one raises what it names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mfgstd.language import LANGUAGES
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.resolved import NAMESPACE, Object
from mfgstd.standard.resources import root
from mfgstd.validation import validate

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = root("schemas") / "examples"
VALID = sorted(EXAMPLES.glob("*/*/valid/*.json"))
INVALID = sorted(EXAMPLES.glob("*/*/invalid/*.json"))
ENGINES = ["row", "referee"]

#: Parts of documents whose examples the standard promises, beside every entity.
PARTS = ["value", "quantity", "interval", "data-quality", "provenance", "reference"]


def _schema_of(path: Path) -> str:
    domain, slug = path.relative_to(EXAMPLES).parts[:2]
    return f"{NAMESPACE}{domain}/{slug}/1"


def _name(path: Path) -> str:
    return path.relative_to(EXAMPLES).with_suffix("").as_posix()


def _read(path: Path) -> Any:
    return json.loads(path.read_bytes())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", VALID, ids=_name)
def test_a_valid_example_has_no_findings(path: Path, engine: Any) -> None:
    assert validate(path.read_bytes(), schema=_schema_of(path), engine=engine) == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", INVALID, ids=_name)
def test_an_invalid_example_has_exactly_the_finding_that_it_names(path: Path, engine: Any) -> None:
    example = _read(path)
    findings = validate(example["document"], schema=_schema_of(path), engine=engine)
    named = (example["finding"]["rule"], example["finding"]["pointer"])
    assert [(each.rule, each.pointer) for each in findings] == [named]


@pytest.mark.parametrize("path", VALID, ids=_name)
def test_a_valid_document_says_what_it_is(path: Path) -> None:
    """Parts, rows and envelopes cannot: a part is never alone, an envelope has its own marks."""
    schema = catalogue().get(_schema_of(path))
    names = {each.name for each in schema.node} if isinstance(schema.node, Object) else set()
    assert _read(path).get("$schema") == (schema.id if "$schema" in names else None)


@pytest.mark.parametrize("path", INVALID, ids=_name)
def test_an_invalid_example_tells_in_both_languages_what_it_breaks(path: Path) -> None:
    example = _read(path)
    assert set(example) == {"breaks", "finding", "document"}
    assert set(example["breaks"]) == set(LANGUAGES)
    assert all(example["breaks"].values())


def test_every_entity_has_three_valid_and_three_invalid_examples() -> None:
    promised = [each.id for each in catalogue() if each.is_entity]
    promised += [f"{NAMESPACE}primitives/{slug}/1" for slug in PARTS]
    valid, invalid = [[_schema_of(path) for path in paths] for paths in (VALID, INVALID)]
    few = [each for each in promised if valid.count(each) < 3 or invalid.count(each) < 3]
    assert few == []
