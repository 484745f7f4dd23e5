"""The short way of a right document passes nothing that the thorough way would not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mfgstd.standard import Catalogue, Resolved, catalogue
from mfgstd.validation import Strictness, validate
from mfgstd.validation.lowering import INT64_MIN
from mfgstd.validation.reader import all_certain, certain, perhaps_huge, read
from mfgstd.validation.run.quick_pass import Kinds, open_fields
from mfgstd.validation.run.rows import Chunk, Judged, Judging, Rows

Hurt = Callable[[Resolved], "st.SearchStrategy[Any]"]

ENTITIES = [each.id for each in catalogue() if each.is_entity]

#: Pieces of text that readers are known to treat differently, or that hide something.
PIECES = (
    '"a":1,',
    '"\\u0061":2,',
    '"\\u0022":"',
    "\\u0022",
    '\\"',
    "\\",
    '"',
    "1e400",
    "-1E+999",
    "NaN",
    "18446744073709551616",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "1.0",
    "-0.0",
    "1.5e3",
    "\\ud800",
    "\\ud83d\\ude00",
    "가",
    "null",
    ",",
    "{}",
    "[",
    "]",
    " ",
    "\t",
    "\x00",
    "\ufeff",
)


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """JSON text, compact or not, often with pieces put in or parts cut out."""
    scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    value = draw(
        st.recursive(
            scalar,
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=3), inner, max_size=3)
            ),
            max_leaves=8,
        )
    )
    spaces = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    text = json.dumps(value, ensure_ascii=draw(st.booleans()), separators=spaces)
    for _ in range(draw(st.integers(0, 3))):
        at, until = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        kept = text[at:] if draw(st.booleans()) else text[min(until, at + 3) :]
        text = text[:at] + draw(st.sampled_from(PIECES)) + kept
    return text.encode("utf-8", "surrogatepass")


def rounded(value: Any) -> Any:
    """The value with whole numbers of more than 64 bits as doubles."""
    if isinstance(value, int) and not INT64_MIN <= value < 2**64:
        return float(value)
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value


@settings(max_examples=400)
@given(texts())
def test_a_certain_value_is_the_one_that_the_strict_reader_reads(text: bytes) -> None:
    try:
        value = certain(text)
    except (ValueError, TypeError):
        return
    strict = read(text)
    assert strict.ok, text
    assert not strict.findings
    assert repr(value) == repr(rounded(strict.value))


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":1}',
        b'{"a":{"b":1,"b":2}}',
        b'[{"a\\"b":1,"a\\"b":1}]',
        b'{"a":1,"a":"\\u0022\\u0022"}',
        b'{"x": "\\u0022\\u0022", "a": 1, "a": 2}',
        b'{"a":-9223372036854775809}',
        b'{"a":1e400}',
        b"[" * 300 + b"]" * 300,
    ],
)
def test_what_hides_something_is_never_certain(text: bytes) -> None:
    with pytest.raises((ValueError, TypeError)):
        certain(text)


@settings(max_examples=200)
@given(st.lists(texts() | st.sampled_from([b'{"a":1}', b'{"a": [1E3]}']), min_size=1, max_size=4))
def test_texts_are_certain_together_if_each_of_them_is(several: list[bytes]) -> None:
    try:
        apart = [certain(each) for each in several]
    except (ValueError, TypeError):
        with pytest.raises((ValueError, TypeError)):
            all_certain(several)
    else:
        assert repr(all_certain(several)) == repr(apart)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1.5,"b":["가",true,null]}',
        '{"a": 1.50, "b": [1E3, "\\uac00", "\\"", "\\\\"]}',
        ' {"a" : 1}\r',
    ],
)
def test_what_producers_write_is_certain(text: str) -> None:
    assert certain(text.encode()) == json.loads(text)


@given(st.text('0123456789eE+-.,: []"f', max_size=12), st.sampled_from(["1e400", "1" * 400]))
def test_no_infinite_number_is_overlooked(around: str, huge: str) -> None:
    for text in (f"[{huge}.0]", f"[1, {huge}.5,2]", f'{{"{around}": {huge}.1}}', f"[-{huge}.0E+7]"):
        if "1" * 400 in huge or "." not in huge:
            number = text.replace(".", "", 1) if "e" in huge else text
            assert perhaps_huge(number.encode())


def test_ids_in_hexadecimal_are_no_huge_numbers() -> None:
    assert not perhaps_huge(b'{"eventId":"aa17a74e018b8596f8f4e47e011d92a","n":1.5e3}')
    assert not perhaps_huge(b'{"eventId": "12e45", "t": "2026-03-01T09:00:00+09:00"}')


@pytest.mark.parametrize("schema_id", ENTITIES, ids=lambda each: each.split("/")[-2])
def test_the_short_way_passes_only_what_conforms(schema_id: str, hurt_documents: Hurt) -> None:
    resolved = catalogue().get(schema_id)
    kind = Kinds(None, Strictness.STRICT, "row", rules=True)[schema_id]

    @settings(max_examples=40)
    @given(hurt_documents(resolved))
    def agree(document: Any) -> None:
        if isinstance(document, dict) and resolved.domain != "envelope":
            document["$schema"] = schema_id
        text = json.dumps(document).encode()
        try:
            passed = kind.passes(certain(text))
        except (ValueError, TypeError, LookupError):
            return
        assert not (passed and validate(text)), document
        assert kind.all_pass([document]) is passed
        assert kind.all_pass([document, document]) is passed

    agree()


def test_nearly_every_valid_example_goes_the_short_way(checkout: Any) -> None:
    """Else it would be no use; those with parts that are typed by the data cannot."""
    kinds = Kinds(None, Strictness.STRICT, "row", rules=True)
    short = whole = 0
    for schema_id in ENTITIES:
        resolved = catalogue().get(schema_id)
        folder = checkout / "schemas" / "examples" / resolved.domain / resolved.slug / "valid"
        for path in folder.glob("*.json"):
            document = json.loads(path.read_bytes())
            if "extensions" not in document and resolved.domain != "envelope":
                whole += 1
                short += kinds[schema_id].passes(certain(orjson.dumps(document)))
    assert whole > 60
    assert short > 0.9 * whole


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_documents_judged_together_are_judged_as_each_alone(data: st.DataObject) -> None:
    folder = catalogue().folder / "examples" / "equipment"
    right = [
        json.dumps(json.loads((folder / name).read_bytes())).encode()
        for name in ("gap/valid/disconnected.json", "counter-reading/valid/press-strokes.json")
    ]
    bare = json.loads(right[0])
    wrong = [
        b"", b" ", b"{", b'{"a":1,"a":1}', b"[]", b'"\\ud800"', b"\xff",
        right[0].replace(b'"equipment"', b'"equipments"'),
        right[0][:-1] + b', "id": "urn:x:y"}',
        json.dumps(bare | {"from": "2199-01-01T00:00:00Z"}).encode(),
        json.dumps(bare | {"extensions": {}}).encode(),
        json.dumps({name: bare[name] for name in bare if name != "$schema"}).encode(),
    ]  # fmt: skip
    # Long runs of what is right, so that much goes together, with something wrong in between.
    lines: list[bytes] = []
    for each in data.draw(st.lists(st.sampled_from([*wrong, b"", right[1]]), max_size=6)):
        lines += [right[0]] * data.draw(st.integers(0, 40))
        lines.append(each)
    lines += [right[0]] * data.draw(st.integers(0, 40))
    rows = Rows(Judging(shelve=True))
    judged = rows.judge(Chunk(b"\n".join(lines), first=5, limit=2))
    apart = Judged()
    for number, line in enumerate(lines, 5):
        left = max(0, 2 - sum(len(each.findings) for each in apart.noted))
        one = rows.judge(Chunk([(number, line)], limit=left))
        apart.valid.update(one.valid)
        apart.invalid.update(one.invalid)
        apart.noted += one.noted
        for schema_id, numbers in one.accepted.items():
            apart.accept(schema_id, numbers)
    assert judged == apart


def test_where_a_document_is_open_follows_from_its_schema(
    catalogue_of: Callable[..., Catalogue],
) -> None:
    assert open_fields(catalogue().find("gap"), catalogue()) == frozenset({"extensions"})
    batch = open_fields(catalogue().find("observation-batch"), catalogue())
    assert batch == frozenset({"extensions", "observations"})
    inside_itself = {
        "type": "object",
        "properties": {
            "n": {"type": "number"},
            "it": {"$ref": "https://w3id.org/mfgstd/primitives/it/1"},
        },
        "additionalProperties": False,
    }
    within = catalogue_of(it=inside_itself, open={"type": "object", "properties": {}})
    assert open_fields(within.find("it"), within) == frozenset({"it"})
    assert open_fields(within.find("open"), within) is None


def test_no_number_of_the_standard_has_a_bound_of_more_than_64_bits() -> None:
    """What :func:`certain` says of long numbers rests on it."""

    def bounds(schema: Any) -> Any:
        if isinstance(schema, dict):
            for name, each in schema.items():
                if name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
                    yield each
                else:
                    yield from bounds(each)
        elif isinstance(schema, list):
            for each in schema:
                yield from bounds(each)

    found = [each for schema in catalogue().authored.values() for each in bounds(schema)]
    assert len(found) > 50
    numbers = [each for each in found if isinstance(each, int | float)]
    # A double this large is more than two thousand away from its neighbours.
    assert all(INT64_MIN <= each < 2**64 - 4096 for each in numbers)


def test_one_schema_can_be_asked_of_documents_that_name_none(gap: dict[str, Any]) -> None:
    bare = {name: value for name, value in gap.items() if name != "$schema"}
    other = gap | {"$schema": ENTITIES[0]}
    lines = b"\n".join(orjson.dumps(each) for each in (gap, bare, other, {"$schema": "urn:x:y"}))
    judged = Rows(Judging(schema=gap["$schema"])).judge(Chunk(lines))
    assert judged.valid == {"Gap": 2}
    assert [each.found[0][0] for each in judged.noted] == ["schema.mismatch", "schema.required"]


def test_a_name_that_nobody_knows_is_told_for_each_document(gap: dict[str, Any]) -> None:
    line = orjson.dumps(gap | {"$schema": "urn:x:y"})
    judged = Rows(Judging()).judge(Chunk(b"\n".join([line] * 5), limit=2))
    assert [each.found for each in judged.noted] == [(("schema.unknown", "error", "/$schema"),)] * 5
    assert [len(each.findings) for each in judged.noted] == [1, 1, 0, 0, 0]


# Nobody changes the document, so all may have the same.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.lists(st.sampled_from([b"no JSON", b"\xff", b"", b" ", b"{}", b"good"]), max_size=60)
)
def test_after_many_lines_that_are_no_json_each_is_judged_as_if_alone(
    data: list[bytes], gap: dict[str, Any]
) -> None:
    good = orjson.dumps(gap)
    lines = [good if each == b"good" else each for each in data]
    rows = Rows(Judging())
    together = rows.judge(Chunk(b"\n".join(lines) + b"\n"))
    apart = [Rows(Judging()).judge(Chunk([each])) for each in enumerate(lines, 1)]
    assert together.noted == [noted for each in apart for noted in each.noted]
    assert (
        together.valid.total() == sum(each.valid.total() for each in apart) == data.count(b"good")
    )
