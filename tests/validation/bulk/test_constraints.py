"""Terms over typed columns: finding for finding what the row engine finds in the same documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from mfgstd.engine import Session, duckdb_session
from mfgstd.expression.virtual import Virtual
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.resolved import (
    Array,
    Constant,
    Integer,
    Map,
    Node,
    Number,
    Object,
    Property,
    Resolved,
    Union,
)
from mfgstd.standard.resolved import Text as TextNode
from mfgstd.testing import documents, mutations
from mfgstd.validation.bulk.tables.arrow_type import arrow_type
from mfgstd.validation.bulk.terms.constraints import NotInColumns, Term, counted, terms
from mfgstd.validation.bulk.terms.scalars import shared
from mfgstd.validation.engines.tally import tally
from mfgstd.validation.lowering import Strictness
from tests.validation.arrow_columns import column, fits

#: Some of each shape: flat, unions, maps, lists of objects, lists in lists, rules with loops. All
#: entities are in the tests of agreement.
ENTITIES = (
    "observation",
    "counter-reading",
    "gap",
    "job-response",
    "material-definition",
    "recipe",
    "trace-event",
    "control-chart",
    "kpi-definition",
)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with duckdb_session(threads=1) as opened:
        yield opened


def _pool(resolved: Resolved, size: int) -> list[Any]:
    """Documents and documents with one thing wrong: always the same ones."""
    made: list[Any] = []

    @seed(20)
    @settings(
        max_examples=size,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        made.append(data.draw(documents(resolved)))
        made.append(data.draw(mutations(resolved)).document)

    draw()
    return made


def _emptied(value: Any) -> Iterator[Any]:
    """The same value, once for each list in it, with its last element null."""
    if isinstance(value, dict):
        for key, each in value.items():
            for other in _emptied(each):
                yield {**value, key: other}
    elif isinstance(value, list) and value:
        yield [*value[:-1], None]
        for other in _emptied(value[0]):
            yield [other, *value[1:]]


def _starred(found: list[Term], rule: str, pointer: str) -> str:
    """The pointer of the term that stands for this one."""
    for each in found:
        form = "/".join(
            "[^/]*" if step == "*" else re.escape(step) for step in each.pointer.split("/")
        )
        if each.rule == rule and re.fullmatch(form, pointer):
            return each.pointer
    return pointer


def _in_columns(session: Session, this: pa.Array, found: Any) -> list[Counter[Any]]:
    table = ibis.memtable(pa.table({"row": pa.array(range(len(this))), "this": this}))
    asked = found(table.this)
    rows = session.ibis.to_pyarrow(counted(table, asked, "row").order_by("row")).to_pylist()
    return [
        Counter(
            {
                (each.rule, each.severity, each.pointer): row[f"t{i}"]
                for i, each in enumerate(asked)
                if row[f"t{i}"]
            }
        )
        for row in rows
    ]


@pytest.mark.parametrize("slug", ENTITIES)
def test_columns_find_what_rows_find(session: Session, slug: str) -> None:
    resolved = catalogue().find(slug)
    kind = arrow_type(resolved)
    pool = _pool(resolved, 25)
    pool += [each for made in pool for each in list(_emptied(made))[:3]]
    held = [each for each in pool if fits(kind, each)]
    assert len(held) >= 8, len(held)
    asked: list[Term] = []

    def found(this: Any) -> list[Term]:
        asked[:] = terms(resolved, this, Strictness.STRICT)
        return asked

    said = _in_columns(session, column(kind, held), found)
    for document, columns in zip(held, said, strict=True):
        rows = Counter(
            (rule, severity, _starred(asked, rule, pointer))
            for rule, severity, pointer in tally(document, resolved)
        )
        assert columns == rows, document


def test_tolerant_columns_let_pass_what_rows_let_pass(session: Session) -> None:
    resolved = catalogue().find("observation")
    kind = arrow_type(resolved)
    held = [each for each in _pool(resolved, 15) if fits(kind, each)]
    asked: list[Term] = []

    def found(this: Any) -> list[Term]:
        asked[:] = terms(resolved, this, Strictness.TOLERANT)
        return asked

    said = _in_columns(session, column(kind, held), found)
    for document, columns in zip(held, said, strict=True):
        assert columns == Counter(tally(document, resolved, Strictness.TOLERANT)), document


def _made(node: Node) -> Resolved:
    """A schema with one field, ``x``."""
    properties = (Property("x", node, required=False, notes=NOTES),)
    root = Object("Made", properties, closed=True)
    return Resolved("urn:made:1", "Made", "made", "made", "1.0.0", root, NOTES)


NOTES = catalogue().find("observation").notes


def _x(session: Session, node: Node, values: pa.Array) -> list[list[str]]:
    """The rules that each value of ``x`` breaks."""
    this = pa.StructArray.from_arrays([values], ["x"])
    said = _in_columns(session, this, lambda v: terms(_made(node), v, Strictness.STRICT))
    return [sorted(rule for (rule, _, _), n in each.items() for _ in range(n)) for each in said]


def test_a_number_that_is_none_has_the_wrong_type_and_no_bounds(session: Session) -> None:
    values = pa.array([1.0, float("nan"), float("inf"), float("-inf"), -0.0, None, 3.5])
    said = _x(session, Number(minimum=0.0, maximum=3.0), values)
    wrong = ["schema.type"]
    assert said == [[], wrong, wrong, wrong, [], [], ["schema.maximum"]]


def test_bounds_that_are_excluded_are_broken_at_the_bound(session: Session) -> None:
    values = pa.array([0.0, 0.1, 0.3])
    said = _x(session, Number(exclusive_minimum=0.0, exclusive_maximum=0.3), values)
    assert said == [["schema.exclusive-minimum"], [], ["schema.exclusive-maximum"]]


def test_whole_numbers_keep_all_their_digits(session: Session) -> None:
    most = 2**53
    values = pa.array([most, most + 1, -1, 7], pa.int64())
    said = _x(session, Integer(minimum=0, maximum=most, multiple_of=1), values)
    assert said == [[], ["schema.maximum"], ["schema.minimum"], []]
    odd = _x(session, Integer(multiple_of=2), values)
    assert odd == [[], ["schema.multiple-of"], ["schema.multiple-of"], ["schema.multiple-of"]]


def test_a_pattern_is_the_whole_text_and_a_newline_is_part_of_it(session: Session) -> None:
    values = pa.array(["ab", "ab\n", "xab", "a\x00b", "가", None])
    wrong = ["schema.pattern"]
    assert _x(session, TextNode(pattern="^[a-z]{2}$"), values) == [
        [],
        wrong,
        wrong,
        wrong,
        wrong,
        [],
    ]
    assert _x(session, TextNode(pattern="^a|b$"), values)[:5] == [[], [], [], [], wrong]


def test_lengths_count_characters(session: Session) -> None:
    values = pa.array(["", "가", "🏭🏭", "abc"])
    said = _x(session, TextNode(min_length=1, max_length=2), values)
    assert said == [["schema.min-length"], [], [], ["schema.max-length"]]


def test_a_list_counts_each_element_that_is_wrong(session: Session) -> None:
    values = pa.array([["a", "b"], ["a", "a"], [], None, [None, None], ["", ""]])
    node = Array(TextNode(min_length=1), min_items=1, unique=True)
    assert _x(session, node, values) == [
        [],
        ["schema.unique-items"],
        ["schema.min-items"],
        [],
        ["schema.type", "schema.type", "schema.unique-items"],
        ["schema.min-length", "schema.min-length", "schema.unique-items"],
    ]


def test_lists_in_lists_are_counted_through(session: Session) -> None:
    values = pa.array([[[1, 2], [3]], [[-1, -2], None], None], pa.list_(pa.list_(pa.int64())))
    said = _x(session, Array(Array(Integer(minimum=0))), values)
    assert said == [[], ["schema.minimum", "schema.minimum", "schema.type"], []]


def test_a_map_has_keys_and_values_that_are_wrong(session: Session) -> None:
    kind = pa.map_(pa.string(), pa.string())
    values = pa.array([[("ko", "가")], [("KO", "가"), ("en", "")], [], None], kind)
    node = Map(TextNode(min_length=1), "^[a-z]{2}$", min_properties=1, max_properties=1)
    assert _x(session, node, values) == [
        [],
        ["schema.key", "schema.max-properties", "schema.min-length"],
        ["schema.min-properties"],
        [],
    ]


def _branch(tag: str, name: str) -> Object:
    return Object(
        tag,
        (
            Property("kind", Constant(tag), required=True, notes=NOTES),
            Property(name, Integer(minimum=0), required=True, notes=NOTES),
        ),
        closed=True,
    )


def test_a_union_by_a_constant_judges_the_branch_that_it_names(session: Session) -> None:
    node = Union((_branch("a", "m"), _branch("b", "n")), "const", "kind", ("a", "b"))
    values = pa.array(
        [
            {"kind": "a", "m": 1},
            {"kind": "b", "m": 1},
            {"kind": "c"},
            {"m": 1},
            {"kind": "b", "n": -1},
        ],
        pa.struct([("kind", pa.string()), ("m", pa.int64()), ("n", pa.int64())]),
    )
    assert _x(session, node, values) == [
        [],
        ["schema.required", "schema.unknown-field"],
        ["schema.union"],
        ["schema.required"],
        ["schema.minimum"],
    ]


def test_a_field_that_the_table_has_not_is_absent_in_every_row(session: Session) -> None:
    resolved = catalogue().find("observation")
    table = ibis.memtable(pa.table({"row": [0], "item": ["urn:x:y"]}))
    this = Virtual({"dataItem": table.item}, ibis.literal(True))
    found = terms(resolved, this, Strictness.STRICT)
    said = session.ibis.to_pyarrow(counted(table, found, "row")).to_pylist()[0]
    broken = {(e.rule, e.pointer) for i, e in enumerate(found) if said[f"t{i}"]}
    # Rules are not asked, since the schema has something to say.
    assert broken == {("schema.required", "")}
    assert sum(said[f"t{i}"] for i, e in enumerate(found) if e.rule == "schema.required") == 2


def test_broken_says_alone_what_counted_says_of_all(session: Session) -> None:
    resolved = catalogue().find("observation")
    kind = arrow_type(resolved)
    held = [each for each in _pool(resolved, 10) if fits(kind, each)]
    table = ibis.memtable(pa.table({"row": range(len(held)), "this": column(kind, held)}))
    found = terms(resolved, table.this, Strictness.STRICT)
    alone = table.select("row", **{f"t{i}": each.broken for i, each in enumerate(found)})
    both = [each.order_by("row") for each in (counted(table, found, "row"), alone)]
    first, second = (session.ibis.to_pyarrow(each).to_pylist() for each in both)
    assert first == second


@pytest.mark.parametrize(
    ("node", "values"),
    [
        (TextNode(), pa.array([1])),
        (Integer(), pa.array([1.0])),
        (Array(TextNode()), pa.array(["a"])),
        (Number(), pa.array(["1"])),
    ],
)
def test_columns_of_another_type_are_refused(
    session: Session, node: Node, values: pa.Array
) -> None:
    with pytest.raises(NotInColumns):
        _x(session, node, values)


def test_what_only_the_data_describes_is_refused_where_there_is_a_column_for_it() -> None:
    table = ibis.table({"extensions": "map<string, string>"}, name="t")
    this = Virtual({"extensions": table.extensions}, ibis.literal(True))
    with pytest.raises(NotInColumns):
        terms(catalogue().find("observation"), this, Strictness.STRICT)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("^[a-z$]+$", r"\A(?:[a-z$]+)\z"),
        ("^(a|b)$", r"\A(?:(a|b))\z"),
        ("^a|b$", r"^a|b\z"),
        (r"^a\|b$", r"\A(?:a\|b)\z"),
        ("a$", r"a\z"),
    ],
)
def test_patterns_end_at_the_very_end_in_every_engine(pattern: str, said: str) -> None:
    assert shared(pattern) == said
