"""A screen of lines says what the row engine would: of each line all, or that it cannot say."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mfgstd.engine import Session, duckdb_session
from mfgstd.finding import Finding
from mfgstd.standard import Resolved, catalogue
from mfgstd.testing import documents
from mfgstd.testing.mutations import every_mutation
from mfgstd.validation.bulk.lines import screen as line_screen
from mfgstd.validation.bulk.lines import texts as line_bytes
from mfgstd.validation.bulk.lines.screens import LineScreen, LineScreens, Screened
from mfgstd.validation.bulk.lines.texts import MemoryFile, table_of
from mfgstd.validation.bulk.terms.constraints import NotInColumns
from mfgstd.validation.document import schema_of
from mfgstd.validation.engines import compile_schema
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.reader import read
from mfgstd.validation.rules import record_findings

Found = Counter[tuple[str, str, str]]

OBSERVATION = catalogue().find("observation")
READING = catalogue().find("counter-reading")


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with duckdb_session(threads=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def screens(session: Session) -> Iterator[LineScreens]:
    """Of one module: making a query takes longer than asking it."""
    with LineScreens(Strictness.STRICT, session) as made:
        yield made


def observation(number: int = 0, **others: Any) -> dict[str, Any]:
    return {
        "$schema": OBSERVATION.id,
        "dataItem": f"https://plant.example.co.kr/line-2/{number % 3}",
        "eventTime": f"2026-03-01T09:{number % 60:02}:00.25+09:00",
        "quality": {"status": "good"},
        "value": {"number": number + 0.5},
        "unit": "mm",
        "source": "urn:example:agent",
        "sequence": number,
        **others,
    }


def line(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def chunk(*lines: bytes) -> bytes:
    return b"".join(each + b"\n" for each in lines)


CLEAN = [line(observation(number)) for number in range(40)]


def law(text: bytes, schema: Resolved | None, strictness: Strictness) -> tuple[str, Found] | None:
    """What referee and record rules say of one line; ``None`` if it is none of a document."""
    value, ok, warnings = read(text)
    kind = schema_of(value, catalogue(), schema) if ok else None
    if warnings or kind is None or isinstance(kind, Finding):
        return None
    found = compile_schema(kind, strictness, "referee").findings(value)
    if not found and strictness is Strictness.STRICT:
        found = record_findings(value, kind)
    return kind.id, Counter((each.rule, each.severity.value, each.pointer) for each in found)


def said(told: Screened) -> dict[int, Found]:
    found: dict[int, Found] = {}
    for each in told.known.to_pylist() if told.known else ():
        of_line = found.setdefault(each["line"], Counter())
        of_line[each["rule"], each["severity"], each["pointer"]] += 1
    return found


def agrees(
    data: bytes,
    told: Screened,
    first_line: int = 1,
    schema: Resolved | None = None,
    strictness: Strictness = Strictness.STRICT,
) -> None:
    """Compare what a screen is sure of, line by line, with the law."""
    texts = dict(enumerate(data.split(b"\n"), first_line))
    texts = {number: each for number, each in texts.items() if each.strip()}
    assert told.lines == len(texts)
    suspects = dict(told.suspects)
    known = said(told)
    passed, failed = Counter[str](), Counter[str]()
    for number, text in texts.items():
        if number in suspects:
            assert suspects[number] == text
            assert number not in known
            continue
        judged = law(text, schema, strictness)
        assert judged is not None, text
        kind, found = judged
        assert known.get(number, Counter()) == found, text
        errors = any(severity == "error" for _, severity, _ in found)
        (failed if errors else passed)[kind] += 1
    assert told.passed == passed
    assert told.failed == failed


# Clean data


@pytest.mark.parametrize(
    "written",
    [
        chunk(*CLEAN),
        chunk(*CLEAN)[:-1],
        b"\r\n".join([*CLEAN, b""]),
        chunk(*(json.dumps(json.loads(each)).encode() for each in CLEAN)),
        chunk(*(json.dumps(json.loads(each), sort_keys=True).encode() for each in CLEAN)),
        chunk(*(line(observation(3, native={"value": "가공 \\ 완료\n"})) for _ in CLEAN)),
        chunk(*(json.dumps(observation(4, native={"value": "가공"})).encode() for _ in CLEAN)),
        chunk(*(line(observation(5, native={"value": 'a "quote"'})) for _ in CLEAN)),
        chunk(*(line(observation(6, eventTime="2016-12-31T23:59:59Z")) for _ in CLEAN)),
        chunk(*CLEAN, b"", b" \t", *CLEAN),
    ],
)
def test_nothing_is_suspected_of_clean_lines(written: bytes, screens: LineScreens) -> None:
    told = screens.screen(written, 1)
    agrees(written, told)
    assert told.valid == told.lines
    assert not told.suspects


def test_clean_lines_pass_without_a_look_at_each(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        screen.screen(chunk(*CLEAN), 1)
        monkeypatch.setattr(LineScreen, "_slow", None)
        assert screen.screen(chunk(*CLEAN), 1).valid == len(CLEAN)


# Hurt data

GOOD = CLEAN[7]
HURT = {
    "a member twice": GOOD.replace(b'{"$schema"', b'{"unit":"mm","$schema"'),
    "a nested member twice": GOOD.replace(b'{"status":"good"', b'{"status":"good","status":"bad"'),
    "NaN": GOOD.replace(b"7.5", b"NaN"),
    "minus infinity": GOOD.replace(b"7.5", b"-Infinity"),
    "a number beyond all doubles": GOOD.replace(b"7.5", b"1e400"),
    "an integer beyond 64 bits": GOOD.replace(b'"sequence":7', b'"sequence":9223372036854775808'),
    "an integer as a fraction": GOOD.replace(b'"sequence":7', b'"sequence":7.5'),
    "an integer as a text": GOOD.replace(b'"sequence":7', b'"sequence":"7"'),
    "a truth value for a number": GOOD.replace(b"7.5", b"true"),
    "a number for a text": GOOD.replace(b'"mm"', b"5"),
    "a truth value for a text": GOOD.replace(b'"mm"', b"true"),
    "an array for a text": GOOD.replace(b'"mm"', b'["mm"]'),
    "an object for a text": GOOD.replace(b'"mm"', b'{"mm":"mm"}'),
    "a text for an object": GOOD.replace(b'{"status":"good"}', b'"good"'),
    "a number for an object": GOOD.replace(b'{"status":"good"}', b"5"),
    "an array for an object": GOOD.replace(b'{"status":"good"}', b"[]"),
    "nothing in an object": GOOD.replace(b'{"number":7.5}', b"{}"),
    "null": GOOD.replace(b'"mm"', b"null"),
    "null for an object": GOOD.replace(b'{"number":7.5}', b"null"),
    "a member that nobody knows": GOOD.replace(b'"unit"', b'"Unit"'),
    "a comma too many": GOOD[:-1] + b",}",
    "a comma and blanks": GOOD[:-1] + b", \t }",
    "a nested comma too many": GOOD.replace(b"7.5}", b"7.5,}"),
    "text after the end": GOOD + b" x",
    "two documents": GOOD + GOOD,
    "an array around it": b"[" + GOOD + b"]",
    "cut off": GOOD[:-9],
    "not UTF-8": GOOD.replace(b'"mm"', b'"\xb0C"'),
    "a surrogate as bytes": GOOD.replace(b'"mm"', b'"\xed\xa0\x80"'),
    "half a surrogate pair": GOOD.replace(b'"mm"', b'"\\ud800"'),
    "a character that ends texts": GOOD.replace(b'"mm"', b'"m\\u0000"'),
    "a control character": GOOD.replace(b'"mm"', b'"m\x01"'),
    "a form feed after it": GOOD + b"\x0c",
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "no object": b"5",
    "null alone": b"null",
    "nothing in it": b"{}",
    "another schema": GOOD.replace(OBSERVATION.id.encode(), READING.id.encode()),
    "no schema": GOOD.replace(b'"$schema":"' + OBSERVATION.id.encode() + b'",', b""),
    "a leap second that cannot be": GOOD.replace(b"09:07:00.25", b"09:07:61"),
    "30 February": GOOD.replace(b"2026-03-01", b"2026-02-30"),
    "a text that ends too late": GOOD.replace(b'"mm"', b'"mm\\n"'),
    "a word of nobody's": GOOD.replace(b'"good"', b'"fine"'),
    "a broken rule": GOOD.replace(b'"good"', b'"bad"'),
    "a warning": GOOD.replace(b'{"$schema"', b'{"recordTime":"2020-01-01T00:00:00Z","$schema"'),
}


@pytest.mark.parametrize("what", HURT)
def test_one_hurt_line_is_found_among_clean_ones(what: str, screens: LineScreens) -> None:
    screens.screen(chunk(*CLEAN), 1)
    written = chunk(*CLEAN[:20], HURT[what], *CLEAN[20:])
    told = screens.screen(written, 101)
    agrees(written, told, 101)
    assert {121} == {number for number, _ in told.suspects} | said(told).keys()


def test_lines_that_make_up_for_each_other_are_found(screens: LineScreens) -> None:
    # Three texts of an array, one text less: the quotes of both lines are those of two good ones.
    lines = [GOOD.replace(b'"mm"', b'["mm","mm"]'), GOOD.replace(b'"mm"', b"5")]
    written = chunk(*CLEAN, *lines, *CLEAN)
    told = screens.screen(written, 1)
    agrees(written, told)
    assert told.valid == 2 * len(CLEAN)


def test_an_escaped_name_is_the_name_it_stands_for(screens: LineScreens) -> None:
    written = chunk(*CLEAN, GOOD.replace(b'"unit"', b'"\\u0075nit"'))
    told = screens.screen(written, 1)
    agrees(written, told)
    assert told.valid == told.lines


def test_values_of_the_right_shape_are_known_to_be_wrong(screens: LineScreens) -> None:
    written = chunk(*CLEAN, line(observation(1, unit="m m", quality={"status": "fine"})))
    told = screens.screen(written, 1)
    assert said(told) == {
        41: Counter(
            [("schema.pattern", "error", "/unit"), ("schema.enum", "error", "/quality/status")]
        )
    }
    assert told.failed == {OBSERVATION.id: 1}


def test_a_line_with_a_warning_is_valid(screens: LineScreens) -> None:
    told = screens.screen(chunk(*CLEAN, HURT["a warning"]), 1)
    assert told.valid == 41
    rule = "equipment.observation.recorded-after-it-happened"
    assert said(told) == {41: Counter([(rule, "warning", "/recordTime")])}


# All of it at once

TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|[][{},:]')
PIECES = st.sampled_from(
    [
        *(b"", b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b" ", b": ", b"\t", b"\r", b"\x0b"),
        *(b"\x00", b"\xff", b"\xea\xb0\x80", b"\\u0041", b"\\ud800", b'\\"', b"null", b"true"),
        *(b"NaN", b"5", b"1.0", b"1e400", b'"5"', b'""', b"{}", b"[]", b'["a","b"]'),
        *(b'"z":1,', b',"z":"y"'),
    ]
)


@st.composite
def hurt_text(draw: st.DrawFn, good: bytes) -> bytes:
    """A line with a token gone, or replaced by something that does not belong there."""
    for _ in range(draw(st.integers(1, 3))):
        tokens = [each.span() for each in TOKEN.finditer(good)] or [(0, len(good))]
        begin, end = draw(st.sampled_from(tokens))
        if draw(st.booleans()):
            begin = end
        good = good[:begin] + draw(PIECES) + good[end:]
    return good


@st.composite
def written_lines(draw: st.DrawFn, kind: str) -> bytes:
    """Lines of one kind as people and programs write them, hurt here and there."""
    resolved = catalogue().get(kind)
    document = {"$schema": kind, **draw(documents(resolved))}
    writings = [
        line(document),
        json.dumps(document).encode(),
        line(dict(reversed(document.items()))),
        json.dumps(document, ensure_ascii=False, indent=1).replace("\n", " ").encode() + b"\r",
    ]
    lines = draw(st.lists(st.sampled_from(writings), min_size=1, max_size=6))
    mutated = list(every_mutation(document, resolved))
    for _ in range(draw(st.integers(0, 4))):
        hurt = draw(
            st.one_of(
                hurt_text(draw(st.sampled_from(writings))),
                st.sampled_from(mutated).map(lambda each: line(each.document)),
                st.sampled_from([b"", b" ", b"\x0c", b"null", b"{}"]),
            )
        )
        lines.insert(draw(st.integers(0, len(lines))), hurt)
    return b"\n".join(lines) + draw(st.sampled_from([b"", b"\n"]))


@pytest.mark.parametrize("kind", [OBSERVATION.id, READING.id])
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_written_is_judged_as_the_row_engine_would(
    kind: str, data: st.DataObject, screens: LineScreens
) -> None:
    written = data.draw(written_lines(kind))
    agrees(written, screens.screen(written, 1))


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_documents_need_not_name_a_schema_that_is_given(
    data: st.DataObject, screens: LineScreens
) -> None:
    written = data.draw(written_lines(OBSERVATION.id))
    written = written.replace(b'"$schema":"' + OBSERVATION.id.encode() + b'",', b"")
    told = screens.screen(written, 1, OBSERVATION)
    agrees(written, told, schema=OBSERVATION)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_tolerance_is_that_of_the_row_engine(data: st.DataObject, tolerant: LineScreens) -> None:
    written = data.draw(written_lines(OBSERVATION.id))
    agrees(written, tolerant.screen(written, 1), strictness=Strictness.TOLERANT)


@pytest.fixture(scope="module")
def tolerant(session: Session) -> Iterator[LineScreens]:
    with LineScreens(Strictness.TOLERANT, session) as made:
        yield made


# Kinds


def test_kinds_may_be_mixed(screens: LineScreens) -> None:
    reading = {
        "$schema": READING.id,
        "equipment": {"id": "urn:example:cnc-1"},
        "kind": "good",
        "eventTime": "2026-03-01T09:00:00Z",
        "value": 3,
    }
    lines = [CLEAN[0], line(reading), CLEAN[1], line({**reading, "value": -1}), b"{}", HURT["NaN"]]
    written = chunk(*lines * 40)
    told = screens.screen(written, 1)
    agrees(written, told)
    assert told.passed == {OBSERVATION.id: 80, READING.id: 40}
    assert told.failed == {READING.id: 40}
    assert {number % 6 for number, _ in told.suspects} == {5, 0}


def test_what_has_no_screen_is_suspected_as_a_whole(screens: LineScreens) -> None:
    envelope = b'{"specversion":"1.0"}'
    told = screens.screen(chunk(envelope, b"", envelope), 1)
    assert told.suspects == [(1, envelope), (3, envelope)]
    assert told.lines == 2


def test_what_needs_arrays_has_no_screen(session: Session) -> None:
    with pytest.raises(NotInColumns):
        LineScreen(catalogue().find("cloud-event"), Strictness.STRICT, session)


# Learning


def test_a_screen_learns_of_more_leaves(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    more = chunk(*(line(observation(n, statistic="average")) for n in range(40)))
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        screen.screen(chunk(*CLEAN), 1)
        first = screen.screen(more, 1)
        agrees(more, first)
        second = screen.screen(more, 1)
        agrees(more, second)
        assert second.valid == 40
        monkeypatch.setattr(LineScreen, "_slow", None)
        assert screen.screen(chunk(*CLEAN), 1).valid == 40


def test_words_that_were_learned_do_not_let_others_pass(screens: LineScreens) -> None:
    screens.screen(chunk(*CLEAN), 1)
    told = screens.screen(chunk(*CLEAN, line(observation(2, dataItem="no uri"))), 1)
    assert said(told) == {41: Counter([("schema.format", "error", "/dataItem")])}


def test_a_screen_gives_up_on_hopeless_lines_and_comes_back(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    hopeless = chunk(*(HURT["a member that nobody knows"],) * 400)
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        screen.screen(chunk(*CLEAN), 1)
        looked_at: list[int] = []

        def watched(data: bytes, offsets: Any, wanted: Any) -> Any:
            looked_at.append(len(wanted))
            return table_of(data, offsets, wanted)

        monkeypatch.setattr(line_screen, "_LESSONS", 0)
        monkeypatch.setattr(line_screen, "table_of", watched)
        assert len(screen.screen(hopeless, 1).suspects) == 400
        assert len(screen.screen(hopeless, 1).suspects) == 400
        assert looked_at == [400, 200]
        told = screen.screen(chunk(*CLEAN), 1)
        assert told.valid == 40
        written = chunk(*CLEAN, HURT["a broken rule"])
        agrees(written, screen.screen(written, 1))


# Size


def test_one_bad_line_does_not_cost_a_look_at_all_others(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_bytes, "PIECE", 2_000)
    written = chunk(*CLEAN, HURT["cut off"], *CLEAN)
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        screen.screen(chunk(*CLEAN), 1)
        slow: list[int] = []
        judge = LineScreen._slow

        def watched(self: LineScreen, data: bytes, offsets: Any, wanted: Any) -> Any:
            slow.append(len(wanted))
            return judge(self, data, offsets, wanted)

        monkeypatch.setattr(LineScreen, "_slow", watched)
        agrees(written, screen.screen(written, 1))
        assert sum(slow) < 10


def test_a_line_longer_than_the_fast_reader_takes_is_judged(screens: LineScreens) -> None:
    long = line(observation(1, native={"value": "가" * 2_000_000}))
    written = chunk(*CLEAN, long, *CLEAN)
    told = screens.screen(written, 1)
    agrees(written, told)
    assert told.valid == told.lines


def test_an_empty_chunk_has_no_documents(screens: LineScreens) -> None:
    assert screens.screen(b"", 1).lines == 0
    assert screens.screen(b"\n \n", 1).lines == 0


def test_a_system_without_files_in_memory_uses_a_folder(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("os.memfd_create", raising=False)
    file = MemoryFile(session.folder)
    assert file.path.startswith(str(session.folder))
    file.write(memoryview(b"longer"))
    file.write(memoryview(b"short"))
    assert Path(file.path).read_bytes() == b"short"
    file.close()
    with LineScreen(OBSERVATION, Strictness.STRICT, session) as screen:
        assert screen.screen(chunk(*CLEAN), 1).valid == 40
