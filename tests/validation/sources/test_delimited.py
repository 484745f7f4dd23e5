"""CSV is read by the schema's types, strictly, and every finding has its line and column."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.finding import Finding
from mfgstd.standard import catalogue
from mfgstd.validation.sources.delimited import Row, Table
from mfgstd.validation.sources.lines import Lines, opened

HEADER = "equipment.id,equipment.kind,kind,value,eventTime\n"
GOOD = "urn:example:m1,Equipment,processed,13,2026-02-03T00:00:01Z\n"
OBSERVED = (
    "data_item,event_time,kind,number,status,source,event_id\n"
    "urn:x:a,2026-02-03T00:00:01.5Z,number,1.5,good,urn:x:s,e1\n"
)


def _told(
    data: str | bytes, *, schema: str | None = None, encoding: str = "utf-8", limit: int = 10_000
) -> list[Row | Finding]:
    data = data.encode() if isinstance(data, str) else data
    lines = Lines(opened(io.BytesIO(data), compression=None, advance=lambda _: None), limit)
    asked = None if schema is None else catalogue().find(schema)
    return list(Table(lines, encoding, catalogue(), asked))


def _rows(data: str | bytes, **how: Any) -> list[Row]:
    told = _told(data, **how)
    assert all(isinstance(each, Row) for each in told), told
    return [each for each in told if isinstance(each, Row)]


def _only(data: str | bytes, **how: Any) -> Finding:
    (finding,) = [each for each in _told(data, **how) if isinstance(each, Finding)]
    return finding


def _wrong(row: Row) -> Finding:
    (finding,) = row.findings
    return row.placed(finding)


def test_dotted_names_are_paths_into_the_document() -> None:
    (row,) = _rows(HEADER + GOOD)
    assert row.document == {
        "equipment": {"id": "urn:example:m1", "kind": "Equipment"},
        "kind": "processed",
        "value": 13,
        "eventTime": "2026-02-03T00:00:01Z",
    }
    assert row.resolved is not None
    assert (row.resolved.name, row.line) == ("CounterReading", 2)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiter_line_end_and_mark_are_found_out(delimiter: str, end: str, mark: str) -> None:
    text = mark + (HEADER + GOOD).replace(",", delimiter).replace("\n", end)
    assert [each.document for each in _rows(text)] == [
        each.document for each in _rows(HEADER + GOOD)
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-1", -1),
        ("5.0", 5.0),
        ("1e2", 100.0),
        ("18446744073709551616", 2**64),
        # No number of JSON: it stays text, and the schema says so.
        ("12a", "12a"),
        ("+5", "+5"),
        ("007", "007"),
        ("1 000", "1 000"),
        (" 5", " 5"),
        ("1e999", "1e999"),
        ("NaN", "NaN"),
        ("٣", "٣"),
        ("0x10", "0x10"),
    ],
)
def test_numbers_are_those_of_json(text: str, value: Any) -> None:
    (row,) = _rows(HEADER + GOOD.replace("13", text))
    assert row.document["value"] == value
    assert type(row.document["value"]) is type(value)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_every_number_comes_back(value: float) -> None:
    (row,) = _rows(HEADER + GOOD.replace("13", repr(value)))
    assert row.document["value"] == value


@pytest.mark.parametrize(
    ("text", "value"), [("TRUE", True), ("false", False), ("1", "1"), ("yes", "yes")]
)
def test_booleans_are_words(text: str, value: Any) -> None:
    data = "dataItem,eventTime,quality.status,value.boolean\na:b,2026-02-03T00:00:01Z,good," + text
    (row,) = _rows(data)
    assert row.document["value"] == {"boolean": value}


def test_an_empty_cell_is_a_field_that_is_not_there() -> None:
    (row,) = _rows(HEADER + ",,processed,,\n")
    assert row.document == {"kind": "processed"}


def test_numbered_names_make_lists_of_what_is_there() -> None:
    header = "dataItem,eventTime,quality.status,tags.0,tags.1,tags.2\n"
    (row,) = _rows(header + "a:b,t,good,x,,z\n", schema="observation")
    assert row.document["tags"] == ["x", "z"]
    assert row.plan is not None
    wrong = Finding(rule="schema.pattern", message=_wrong_text(), pointer="/tags/1")
    assert row.placed(wrong).source.item == "tags.2"


def _wrong_text() -> Any:
    from mfgstd.language import Text

    return Text("a", "가")


def test_a_row_of_another_length_is_found_and_the_rest_is_read() -> None:
    first, second = _rows(HEADER + "a,b\n" + GOOD)
    assert (_wrong(first).rule, _wrong(first).source.line) == ("csv.fields", 2)
    assert second.document["value"] == 13


def test_a_row_over_several_lines_is_placed_on_its_first() -> None:
    quoted = GOOD.replace("processed", '"a\nb"')
    rows = _rows(HEADER + quoted + "\n" + GOOD)
    assert [each.line for each in rows] == [2, 5]
    assert rows[0].document["kind"] == "a\nb"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("kind,kind,value\n", "twice"),
        ("value,value.number\n", "object"),
        ("kind,,value\n", "no name"),
        ("kind.,value\n", "no name"),
    ],
)
def test_a_header_that_makes_no_document_is_found(header: str, said: str) -> None:
    finding = _only(header + GOOD)
    assert finding.rule == "csv.header"
    assert said in finding.message.en


def test_columns_that_fit_nothing_ask_for_a_schema() -> None:
    finding = _only("a,b\n1,2\n")
    assert finding.rule == "schema.undeclared"
    assert finding.hint is not None
    assert "--schema" in finding.hint.en
    assert "metadata" not in finding.hint.en


def test_rows_may_name_their_own_schema() -> None:
    gap = "https://w3id.org/mfgstd/equipment/gap/1"
    rows = _rows(f"$schema,id\n{gap},a\nnonsense,b\n,c\n")
    assert [each.resolved and each.resolved.name for each in rows] == ["Gap", None, None]
    assert [each.document.get("$schema") for each in rows] == [gap, "nonsense", None]


def test_an_open_quote_ends_the_reading_with_its_line() -> None:
    told = _told(HEADER + GOOD + 'a,"b\n' + GOOD)
    assert isinstance(told[-1], Finding)
    assert (told[-1].rule, told[-1].source.line) == ("csv.syntax", 3)


def test_cp949_is_named_and_read_only_when_told() -> None:
    data = (HEADER + GOOD.replace("processed", "가공완료")).encode("cp949")
    (row,) = _rows(data)
    wrong = _wrong(row)
    assert wrong.rule == "csv.encoding"
    assert wrong.source.line == 2
    assert wrong.hint is not None
    assert "--encoding cp949" in wrong.hint.en
    (read,) = _rows(data, encoding="cp949")
    assert read.document["kind"] == "가공완료"


def test_one_bad_line_never_stops_the_rest() -> None:
    data = HEADER.encode() + b"\xff\xff\n" + GOOD.encode() + b"x" * 200 + b"\n" + GOOD.encode()
    rows = _rows(data, limit=150)
    assert [[each.rule for each in row.findings] for row in rows] == [
        ["csv.encoding"],
        [],
        ["file.line-too-long"],
        [],
    ]
    assert [each.line for each in rows] == [2, 3, 4, 5]


def test_observation_rows_become_observations() -> None:
    (row,) = _rows(OBSERVED)
    assert row.resolved is not None
    assert row.resolved.name == "Observation"
    assert row.document == {
        "dataItem": "urn:x:a",
        "eventTime": "2026-02-03T00:00:01.5Z",
        "value": {"number": 1.5},
        "quality": {"status": "good"},
        "source": "urn:x:s",
        "eventId": "e1",
    }


def test_nanoseconds_of_an_observation_row_are_joined_to_its_time() -> None:
    header, row = OBSERVED.splitlines()
    (read,) = _rows(f"{header},event_time_ns\n{row},7\n")
    assert read.document["eventTime"] == "2026-02-03T00:00:01.500000007Z"


@pytest.mark.parametrize(
    ("old", "new", "rule", "item"),
    [
        ("number,1.5", "text,1.5", "observation.kind", "kind"),
        ("number,1.5", "none,1.5", "observation.kind", "kind"),
        ("number,1.5", "number,", "observation.kind", "kind"),
        ("number,1.5", "complex,", "observation.kind", "kind"),
        ("urn:x:s", "", "schema.required", "source"),
    ],
)
def test_what_an_observation_row_hides_is_found_in_its_column(
    old: str, new: str, rule: str, item: str
) -> None:
    header, row = OBSERVED.splitlines()
    (read,) = _rows(f"{header}\n{row.replace(old, new)}\n")
    assert (_wrong(read).rule, _wrong(read).source.item) == (rule, item)


def test_columns_of_observations_are_judged_before_rows() -> None:
    told = _told(OBSERVED.replace("event_id", "colour"))
    assert [each.rule for each in told if isinstance(each, Finding)] == [
        "schema.required",
        "schema.unknown-field",
    ]
    assert len(told) == 2
