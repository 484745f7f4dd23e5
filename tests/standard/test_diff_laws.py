"""The law of the classifier: what it calls readable is read.

Schemas are made and changed at random, over every kind of node. Whatever producers of one edition
may write (documents from ``mfgstd.testing``, strictly valid) is given to a tolerant reader of the
other one. Where the classifier says that it reads them, it must.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, find, given, settings
from hypothesis import strategies as st

from mfgstd.errors import SchemaError
from mfgstd.standard import Catalogue
from mfgstd.standard.diff import Edition, compare, inclusion
from mfgstd.standard.diff.nodes import Comparison
from mfgstd.standard.resolved import NAMESPACE
from mfgstd.testing import documents
from mfgstd.validation import Strictness, compile_schema

Json = dict[str, Any]

PUMP = f"{NAMESPACE}equipment/pump/1"
PART = f"{NAMESPACE}primitives/part/1"
TREE = f"{NAMESPACE}primitives/tree/1"

PATTERNS = ["^[a-z]+$", "^(a|b)$", "^(a|b|c[0-9])$", "^[0-9]{2,4}$"]
WORDS = ["alpha", "beta", "gamma", "delta"]
FIELDS = ["x", "y", "z"]
UNSET = object()


def _limits(values: st.SearchStrategy[Any], low: str, high: str) -> st.SearchStrategy[Json]:
    """No limit, one of the two, or both in order."""

    def both(pair: tuple[Any, Any]) -> Json:
        return {low: min(pair), high: max(pair)}

    one = st.builds(lambda name, each: {name: each}, st.sampled_from([low, high]), values)
    return st.one_of(st.just({}), one, st.tuples(values, values).map(both))


SIZES = st.integers(0, 3)
TEXTS = st.builds(
    lambda pattern, limits: {"type": "string", **({"pattern": pattern} if pattern else limits)},
    st.sampled_from([None, None, *PATTERNS]),
    _limits(SIZES, "minLength", "maxLength"),
)
CONSTANTS = st.sampled_from(WORDS).map(lambda each: {"type": "string", "const": each})
SOME_WORDS = st.lists(st.sampled_from(WORDS), min_size=1, unique=True)
ENUMS = SOME_WORDS.map(lambda each: {"type": "string", "enum": each})
CODES = SOME_WORDS.map(lambda each: {"type": "string", "x-mfg-openCode": each})
NUMBERS = st.builds(
    lambda limits, kind: {
        "type": "number",
        **{(f"exclusive{k[0].upper()}{k[1:]}" if kind else k): v for k, v in limits.items()},
    },
    _limits(st.sampled_from([-1, 0, 0.5, 2]), "minimum", "maximum").filter(
        lambda each: len(set(each.values())) == len(each)
    ),
    st.booleans(),
)
INTEGERS = st.builds(
    lambda limits, step: {"type": "integer", **limits, **({"multipleOf": step} if step else {})},
    _limits(st.integers(-3, 6), "minimum", "maximum"),
    st.sampled_from([None, None, 1, 2, 3]),
).filter(lambda each: _some_integer(each))
BOOLEANS = st.just({"type": "boolean"})
REFS = st.sampled_from([PART, TREE]).map(lambda each: {"$ref": each})
FREE = st.just({"type": "object", "x-mfg-typedBy": "$schema"})
SCALARS = st.one_of(TEXTS, CONSTANTS, ENUMS, CODES, NUMBERS, INTEGERS, BOOLEANS, REFS, FREE)


def _some_integer(node: Json) -> bool:
    low, high = node.get("minimum", -100), node.get("maximum", 100)
    return any(each % node.get("multipleOf", 1) == 0 for each in range(low, high + 1))


def _object(properties: Json, required: list[str], *, is_open: bool = False) -> Json:
    return {
        "type": "object",
        "title": "Inner",
        "properties": properties,
        "required": [each for each in required if each in properties],
        **({} if is_open else {"additionalProperties": False}),
    }


def _lists(items: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.builds(
        lambda node, limits, unique: {
            "type": "array",
            "items": node,
            **limits,
            **({"uniqueItems": True} if unique else {}),
        },
        items,
        _limits(SIZES, "minItems", "maxItems"),
        st.booleans(),
    )


def _maps(values: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.builds(
        lambda node, keys, limits: {
            "type": "object",
            "propertyNames": {"pattern": keys},
            "additionalProperties": node,
            **limits,
        },
        values,
        st.sampled_from(PATTERNS),
        _limits(st.integers(0, 2), "minProperties", "maxProperties"),
    )


def _objects(values: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.builds(
        _object,
        st.dictionaries(st.sampled_from(FIELDS), values, max_size=3),
        st.lists(st.sampled_from(FIELDS), unique=True),
        is_open=st.sampled_from([False, False, True]),
    )


def _unions(values: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    chosen = st.dictionaries(st.sampled_from(WORDS), values, min_size=2, max_size=4)

    def by_key(branches: Json) -> Json:
        return {"oneOf": [_object({key: each}, [key]) for key, each in branches.items()]}

    def by_tag(branches: Json) -> Json:
        return {
            "oneOf": [
                _object({"kind": {"type": "string", "const": tag}, "x": each}, ["kind"])
                for tag, each in branches.items()
            ]
        }

    return chosen.map(by_key) | chosen.map(by_tag)


NODES: st.SearchStrategy[Json] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(_lists(inner), _maps(inner), _objects(inner), _unions(inner)),
    max_leaves=5,
)


def _standard(pump: Json, part: Json) -> dict[str, Json]:
    tree = _object({"children": {"type": "array", "items": {"$ref": TREE}}, "part": pump}, [])
    bodies = {PUMP: _object({"node": pump}, ["node"]), PART: part, TREE: tree}
    return {
        schema_id: {"$id": schema_id, "title": "Thing", "x-mfg-version": "1.0.0", **body}
        for schema_id, body in bodies.items()
    }


@st.composite
def changed(draw: st.DrawFn, node: Json) -> Json:
    """A node with one small change somewhere in it, or another node in its place."""
    node = copy.deepcopy(node)
    inside = [
        (holder, key)
        for holder, key in [
            *((node.get("properties", {}), each) for each in node.get("properties", {})),
            *([(node, "items")] if "items" in node else []),
            *([(node, "additionalProperties")] if "propertyNames" in node else []),
        ]
    ]
    what = draw(st.sampled_from(["here", "here", "inside", "replace"]))
    if what == "inside" and inside:
        holder, key = draw(st.sampled_from(inside))
        holder[key] = draw(changed(holder[key]))
        return node
    if what == "inside" and "oneOf" in node:
        branch = draw(st.sampled_from(node["oneOf"]))
        name = list(branch["properties"])[-1]
        branch["properties"][name] = draw(changed(branch["properties"][name]))
        return node
    if what == "replace":
        return draw(NODES)
    return draw(_tweaked(node))


def _tweaked(node: Json) -> st.SearchStrategy[Json]:
    """Another node of the same kind, with the same content where it has any."""
    if "oneOf" in node:
        tags = len(node["oneOf"])
        return st.integers(0, tags - 1).map(
            lambda gone: (
                {"oneOf": [b for i, b in enumerate(node["oneOf"]) if i != gone]}
                if tags > 2
                else node
            )
        )
    for keyword, like in (("const", CONSTANTS), ("enum", ENUMS), ("x-mfg-openCode", CODES)):
        if keyword in node:
            return like
    if "$ref" in node:
        return REFS
    match node["type"]:
        case "string":
            return TEXTS
        case "number":
            return NUMBERS
        case "integer":
            return INTEGERS
        case "array":
            return _lists(st.just(node["items"]))
        case "object" if "propertyNames" in node:
            return _maps(st.just(node["additionalProperties"]))
        case "object" if "properties" in node:
            return _other_fields(node)
        case _:
            return st.just(node)


def _other_fields(node: Json) -> st.SearchStrategy[Json]:
    fields: Json = node["properties"]
    return st.one_of(
        # A field more, a field less, others compulsory, open or closed.
        st.builds(
            lambda name, each: {**node, "properties": {name: each, **fields}},
            st.sampled_from(FIELDS),
            SCALARS,
        ),
        st.sampled_from([*fields, ""]).map(
            lambda gone: {
                **node,
                "properties": {k: v for k, v in fields.items() if k != gone},
                "required": [each for each in node["required"] if each != gone],
            }
        ),
        st.lists(st.sampled_from([*fields, ""]), unique=True).map(
            lambda names: {**node, "required": [each for each in names if each]}
        ),
        st.booleans().map(lambda is_open: _object(fields, node["required"], is_open=is_open)),
    )


@st.composite
def editions(draw: st.DrawFn) -> tuple[dict[str, Json], dict[str, Json]]:
    """A small standard before and after."""
    pump, part = draw(NODES), draw(SCALARS.filter(lambda each: "$ref" not in each))
    new_pump, new_part = pump, part
    if draw(st.sampled_from([True, True, False])):
        new_pump = draw(changed(pump))
    else:
        new_part = draw(changed(part).filter(lambda each: "$ref" not in str(each)))
    return _standard(pump, part), _standard(new_pump, new_part)


def _written(draw: Callable[[Any], Any], authored: dict[str, Json]) -> Any:
    """What a producer of one edition may write."""
    within = Catalogue.of(authored)
    try:
        document = draw(documents(PUMP, within))
    except SchemaError:
        assume(False)
    # Three different truth values cannot be had: some of what is made here has no documents.
    assume(compile_schema(within.get(PUMP), within=within).is_valid(document))
    return document


def _reads(authored: dict[str, Json], document: Any) -> bool:
    within = Catalogue.of(authored)
    return compile_schema(within.get(PUMP), Strictness.TOLERANT, within=within).is_valid(document)


def broken(pair: tuple[dict[str, Json], dict[str, Json]], draw: Callable[[Any], Any]) -> bool:
    """Whether a document is refused although the classifier promised that it would be read."""
    old, new = pair
    report = compare(Edition("old", old), Edition("new", new))
    by_id = {each.schema: each for each in report.verdicts}
    verdict = by_id.get(PUMP)
    if (verdict is None or verdict.new_reads_old) and not _reads(new, _written(draw, old)):
        return True
    if verdict is None or verdict.old_reads_new:
        return not _reads(old, _written(draw, new))
    return False


LAWFUL = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@settings(LAWFUL, max_examples=400)
@given(st.data())
def test_what_is_called_readable_is_read(data: st.DataObject) -> None:
    assert not broken(data.draw(editions()), data.draw)


@settings(LAWFUL, max_examples=200)
@given(editions())
def test_a_change_backwards_is_read_the_other_way_round(
    pair: tuple[dict[str, Json], dict[str, Json]],
) -> None:
    """Who reads whom does not depend on which edition is called the old one."""
    old, new = (Edition(name, each) for name, each in zip(("a", "b"), pair, strict=True))
    there, back = (
        {each.schema: each for each in compare(*both).verdicts} for both in ((old, new), (new, old))
    )
    for schema_id, verdict in there.items():
        assert verdict.new_reads_old == back[schema_id].old_reads_new, schema_id
        assert verdict.old_reads_new == back[schema_id].new_reads_old, schema_id


@settings(LAWFUL, max_examples=100)
@given(editions())
def test_nothing_changed_is_no_change(pair: tuple[dict[str, Json], dict[str, Json]]) -> None:
    assert not compare(Edition("a", pair[0]), Edition("b", copy.deepcopy(pair[0]))).verdicts


def _always(*_: Any, **__: Any) -> bool:
    return True


def _kindly(self: Comparison, kind: str, *place: Any, **reads: bool) -> Any:
    """Every change is called readable by everybody."""
    del reads
    return _CHANGE(self, kind, *place)


_CHANGE = Comparison.change

#: Wrong classifications, each of which the law must find out.
LIES: list[tuple[Any, str, Any]] = [
    (Comparison, "change", _kindly),
    (inclusion, "_number", _always),
    (inclusion, "_integer", _always),
    (inclusion, "pattern_includes", _always),
    (inclusion, "_words_of", lambda _node: {"alpha"}),
    (inclusion._Proof, "_object", _always),
    (inclusion._Proof, "_union", _always),
]


@pytest.mark.parametrize(("where", "name", "lie"), LIES, ids=[each[1] for each in LIES])
def test_the_law_finds_a_wrong_classification(
    where: Any, name: str, lie: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, lie)

    @st.composite
    def refuted(draw: st.DrawFn) -> bool:
        return broken(draw(editions()), draw)

    found = find(
        refuted(),
        lambda each: each,
        settings=settings(
            LAWFUL,
            max_examples=20_000,
            database=None,
            derandomize=True,
            phases=["generate"],  # type: ignore[list-item]  # names will do
        ),
    )
    assert found
