"""Random documents of a schema, mostly right and then hurt; and catalogues made for one test."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from mfgstd.standard import Catalogue, Resolved, catalogue
from mfgstd.standard import resolved as nodes

#: Values that engines are known to treat differently, or that people put in the wrong place.
AWKWARD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    1.0,
    -1,
    1.5,
    2**53 + 1,
    2**63 - 1,
    2**63,
    float(2**63),
    -(2**63),
    -(2**63) - 1,
    10**30,
    1e308,
    -0.0,
    "",
    " ",
    "abc\n",
    "가",
    "٣",
    "urn:x:y\n",
    "https://w3id.org/mfgstd/equipment/gap/1",
    "2016-12-31T23:59:60Z",
    "2026-02-30T00:00:00Z",
    "2026-02-03T24:00:00Z",
    "2026-02-03t00:00:00z",
    "2026-02-03T00:00:00.1234567890Z",
    "2026-02-03T00:00:00",
    [],
    [1, 1.0],
    [True, 1],
    {},
    {"number": 1, "text": "a"},
    {"x": 1},
)


def _value(node: nodes.Node, examples: tuple[Any, ...], within: Catalogue, depth: int) -> Any:
    """A strategy for values that mostly fit one node."""
    awkward = st.sampled_from(AWKWARD)
    match node:
        case nodes.Ref(schema_id):
            target = within.get(schema_id)
            return _value(target.node, examples or target.notes.examples, within, depth)
        case nodes.Object():
            present = {
                each.name: _value(each.node, each.notes.examples, within, depth + 1)
                for each in node
                if each.required or depth < 3
            }
            required = {name: present.pop(name) for name in node.required}
            return st.fixed_dictionaries(required, optional=present)
        case nodes.Union(branches):
            return st.one_of([_value(each, (), within, depth) for each in branches])
        case nodes.Array(items):
            return st.lists(_value(items, (), within, depth + 1), max_size=3)
        case nodes.Enumeration(words) | nodes.OpenCode(words):
            return st.sampled_from([each.value for each in words])
        case nodes.Constant(value):
            return st.just(value)
        case nodes.Boolean():
            return st.booleans()
        case nodes.Integer(minimum, maximum):
            return st.integers(-(2**63) if minimum is None else minimum, maximum)
        case nodes.Number():
            return st.floats(allow_nan=False, allow_infinity=False) | st.integers()
        case nodes.Map() | nodes.Text() | nodes.AnyObject():
            return st.sampled_from(examples) if examples else awkward


@st.composite
def _hurt(draw: st.DrawFn, whole: st.SearchStrategy[Any]) -> Any:
    """A document in which up to three places were changed, removed or added."""
    document = {"": copy.deepcopy(draw(whole))}
    for _ in range(draw(st.integers(0, 3))):
        places = list(_places(document))
        holder, key = draw(st.sampled_from(places))
        what = draw(st.sampled_from(["replace", "remove", "add"]))
        if what == "replace" or holder is document:
            holder[key] = copy.deepcopy(draw(st.sampled_from(AWKWARD)))
        elif what == "remove":
            del holder[key]
        elif isinstance(holder, dict):
            name = draw(st.sampled_from(["x", "$schema", "text", "id", "가", "a/b~c"]))
            holder[name] = copy.deepcopy(draw(st.sampled_from(AWKWARD)))
        else:
            holder.append(copy.deepcopy(draw(st.sampled_from(AWKWARD))))
    return document[""]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            yield holder, key
            if isinstance(holder[key], dict | list):
                waiting.append(holder[key])


@pytest.fixture(scope="session")
def hurt_documents() -> Callable[[Resolved], st.SearchStrategy[Any]]:
    """Documents of a schema, some of them valid, most of them nearly."""

    def strategy(resolved: Resolved) -> st.SearchStrategy[Any]:
        whole = _value(resolved.node, resolved.notes.examples, catalogue(), 0)
        folder = catalogue().folder / "examples" / resolved.domain / resolved.slug / "valid"
        if examples := [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]:
            whole |= st.sampled_from(examples)
        return _hurt(whole)

    return strategy


@pytest.fixture
def catalogue_of(tmp_path: Path) -> Callable[..., Catalogue]:
    """A catalogue of schemas made up for one test: slug -> the part that matters."""

    def make(**schemas: dict[str, Any]) -> Catalogue:
        folder = tmp_path / "schemas" / "primitives"
        folder.mkdir(parents=True)
        for slug, schema in schemas.items():
            whole = {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$id": f"{nodes.NAMESPACE}primitives/{slug}/1",
                "title": slug.title(),
                "x-mfg-version": "1.0.0",
                **schema,
            }
            (folder / f"{slug}.json").write_text(json.dumps(whole))
        return Catalogue(tmp_path / "schemas")

    return make


@pytest.fixture
def gap() -> dict[str, Any]:
    """A small valid document."""
    return {
        "$schema": "https://w3id.org/mfgstd/equipment/gap/1",
        "id": "urn:uuid:0190a7c8-1f2e-7abc-8def-0123456789ab",
        "source": "urn:example:agent",
        "from": "2026-02-03T00:00:00Z",
        "to": "2026-02-03T00:00:05Z",
        "reason": "sequence_jump",
        "outcome": "lost",
    }


@pytest.fixture
def envelope(gap: dict[str, Any]) -> dict[str, Any]:
    """A small valid document in what it travels in."""
    return {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:example:agent",
        "type": "org.mfgstd.equipment.gap.recorded.v1",
        "time": "2026-02-03T00:00:06Z",
        "dataschema": "https://w3id.org/mfgstd/equipment/gap/1",
        "data": gap,
    }
