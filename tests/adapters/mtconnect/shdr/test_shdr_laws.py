"""What holds for SHDR whatever the bytes are: nothing raises, all adds up, cuts do not matter."""

from __future__ import annotations

import itertools
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mfgstd.adapters import Batch, Tally
from mfgstd_adapters.mtconnect.model.devices import read_devices
from mfgstd_adapters.mtconnect.shdr import ShdrTranslator
from mfgstd_adapters.mtconnect.shdr import translator as translation
from mfgstd_adapters.mtconnect.shdr.joining import Joined

MODEL = b"""<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.3">
<Header instanceId="1" version="2.3"/><Devices><Device id="d" name="mill" uuid="m-1"><DataItems>
<DataItem id="a" name="avail" category="EVENT" type="AVAILABILITY"/>
<DataItem id="x" name="Xabs" category="SAMPLE" type="POSITION" units="MILLIMETER"
 nativeUnits="INCH"/>
<DataItem id="p" name="path" category="SAMPLE" type="PATH_POSITION" units="MILLIMETER_3D"/>
<DataItem id="n" name="count" category="EVENT" type="PART_COUNT"/>
<DataItem id="b" name="block" category="EVENT" type="BLOCK"/>
<DataItem id="c" name="cond" category="CONDITION" type="SYSTEM"/>
<DataItem id="m" name="msg" category="EVENT" type="MESSAGE"/>
<DataItem id="v" name="vars" category="EVENT" type="VARIABLE" representation="DATA_SET"/>
<DataItem id="t" name="tab" category="EVENT" type="VARIABLE" representation="TABLE"/>
<DataItem id="w" name="wave" category="SAMPLE" type="DISPLACEMENT" units="MILLIMETER"
 representation="TIME_SERIES"/>
<DataItem id="e" name="exec" category="EVENT" type="EXECUTION"/>
</DataItems></Device></Devices></MTConnectDevices>"""

RECEIVED = 1_700_000_000_000_000_000

KEYS = st.sampled_from(
    ["avail", "Xabs", "mill:Xabs", "path", "count", "block", "cond", "msg", "vars", "tab", "wave",
     "exec", "unknown", "", "@ASSET@", "@REMOVE_ASSET@", "@REMOVE_ALL_ASSETS@", " Xabs ", "x"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["1", "-2.5", "+3", "1e999", "nan", "", "UNAVAILABLE", "unavailable", "ACTIVE", "NORMAL",
     "FAULT", "Warning", "1 2 3", "1 2", "a=1 b={x y}", "r1={c=1}", '"a\\|b"', '"open', " x ",
     "\t", "각", "\u1100\u1161", "99999999999999999999", "0x1F", "--multiline--A", "<CuttingTool/>",
     "\x0b", "5 ", "\u00a0", "a\\", "AVAILABLE"]
)  # fmt: skip
TIMES = st.sampled_from(
    ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:01.5Z",
     "2026-01-01T00:00:00.123456789Z", "2026-01-01T09:00:00.5+09:00", "2026-01-01T00:00:00",
     "2026-01-01T00:00:00.25", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z",
     "2026-01-01T00:00:60Z", "9999-01-01T00:00:00Z", "1950-06-01T00:00:00.000Z", "1234.5", "",
     "2025-12-31T23:00:00Z", "2026-01-01T00:00:00Z@2.5", "junk", "2026-01-01t00:00:00z",
     "2026-01-01 00:00:00Z", "2026-01-01T00:00Z", "1900-01-01T00:00:00Z", " 2026-01-01T00:00:00Z"]
)  # fmt: skip
PAIRS = st.lists(st.tuples(KEYS, VALUES), max_size=4).map(
    lambda pairs: "|".join(part for pair in pairs for part in pair)
)
LINES = st.one_of(
    st.tuples(TIMES, PAIRS).map("|".join),
    st.tuples(TIMES, PAIRS, VALUES).map("|".join),
    st.sampled_from(["", "   ", "* PONG 10000", "*adapterVersion: 1", "--multiline--A", "garbage"]),
    st.text(max_size=12),
)
LOGS = st.lists(LINES, max_size=14).map(lambda lines: "\n".join(lines).encode())
CUTS = st.lists(st.integers(0, 400), max_size=5)


@pytest.fixture(scope="module")
def model() -> Any:
    return read_devices(MODEL)[0]


def _translate(
    model: Any, data: bytes, cuts: list[int], *, small: int, limit: int = 1 << 20
) -> Batch:
    translator = ShdrTranslator(model, source="s", path="log", line_limit=limit)
    translator.small = small
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    batches = [
        translator.translate(data[begin:end], RECEIVED) for begin, end in itertools.pairwise(places)
    ]
    batches.append(translator.finish(RECEIVED))
    tally = Tally()
    for batch in batches:
        assert batch.tally.balanced
        tally += batch.tally
    return Batch(
        observations=pa.concat_batches([batch.observations for batch in batches]),
        documents=tuple(each for batch in batches for each in batch.documents),
        findings=tuple(each for batch in batches for each in batch.findings),
        rejected=tuple(each for batch in batches for each in batch.rejected),
        tally=tally,
    )


def _said(batch: Batch) -> Any:
    """Everything a batch says, but how often a finding was counted when it was told."""
    return (
        batch.observations.to_pylist(),
        [each.to_json() for each in batch.documents],
        [(each.raw, each.finding.rule, each.place) for each in batch.rejected],
        # The first place of a document that spans lines is known only once it has ended.
        {(each.rule, each.source.item) for each in batch.findings},
        batch.tally,
    )


@settings(max_examples=300)
@given(log=LOGS)
@example(log=b"2026-01-01T00:00:00Z|Xabs|1|vars|--multiline--A\nb=2\n--multiline--A\n")
@example(log=b"2026-01-01T00:00:00Z|count|0x1F\n2026-01-01T00:00:00Z|count|7\n")
def test_reading_by_columns_and_reading_by_lines_say_the_same(model: Any, log: bytes) -> None:
    assert _said(_translate(model, log, [], small=0)) == _said(
        _translate(model, log, [], small=1 << 30)
    )


@settings(max_examples=300)
@given(log=LOGS, cuts=CUTS, limit=st.sampled_from([20, 60, 1 << 20]))
def test_it_does_not_matter_where_the_bytes_were_cut(
    model: Any, log: bytes, cuts: list[int], limit: int
) -> None:
    whole = _said(_translate(model, log, [], small=0, limit=limit))
    assert _said(_translate(model, log, cuts, small=0, limit=limit)) == whole


@settings(max_examples=200)
@given(data=st.binary(max_size=400), cuts=CUTS, small=st.sampled_from([0, 1 << 30]))
def test_no_bytes_raise_and_every_report_is_accounted_for(
    model: Any, data: bytes, cuts: list[int], small: int
) -> None:
    batch = _translate(model, data, cuts, small=small)
    assert batch.tally.balanced
    assert batch.tally.bytes == len(data)
    batch.observations.validate(full=True)


@settings(max_examples=200)
@given(log=LOGS)
def test_every_line_is_counted_once(model: Any, log: bytes) -> None:
    counted = _translate(model, log, [], small=0).tally.lines.total()
    assert counted == log.count(b"\n") + (not log.endswith(b"\n") and log != b"")


@settings(max_examples=100)
@given(log=LOGS)
def test_rows_keep_the_order_of_the_source(model: Any, log: bytes) -> None:
    translator = ShdrTranslator(model, source="s")
    first = translator.translate(log + b"\n", RECEIVED).observations
    second = _translate(model, log + b"\n", [], small=1 << 30).observations
    assert first["native_value"].to_pylist() == second["native_value"].to_pylist()


ALL = b"".join(
    b"2026-01-01T00:00:0%d.5Z|Xabs|1|unknown|2|count|3|avail|AVAILABLE\n" % second
    for second in range(5)
)


@pytest.mark.parametrize("small", [0, 1 << 30])
def test_a_row_that_is_lost_on_the_way_unbalances_the_account(
    model: Any, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    class Losing(Joined):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self.line, self.place, self.item = self.line[1:], self.place[1:], self.item[1:]
            self.nanoseconds, self.quality = self.nanoseconds[1:], self.quality[1:]
            self.text = self.text[1:]

    translator = ShdrTranslator(model, source="s")
    translator.small = small
    whole = translator.translate(ALL, RECEIVED).tally
    assert (whole.read, whole.translated, whole.balanced) == (20, 15, True)
    monkeypatch.setattr(translation, "Joined", Losing)
    lost = translator.translate(ALL, RECEIVED).tally
    assert (lost.read, lost.translated, lost.balanced) == (20, 14, False)
