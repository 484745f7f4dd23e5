"""SHDR as real machines send it, line by line."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mfgstd.adapters import Batch
from mfgstd.errors import ConfigError
from mfgstd_adapters.mtconnect.model.devices import read_devices
from mfgstd_adapters.mtconnect.shdr import ShdrTranslator
from mfgstd_adapters.mtconnect.shdr.grammar import moment, tokens

MODEL = b"""<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.3">
<Header instanceId="1" version="2.3"/><Devices><Device id="d" name="mill" uuid="m-1"><DataItems>
<DataItem id="a" name="avail" category="EVENT" type="AVAILABILITY"/>
<DataItem id="x" name="Xabs" category="SAMPLE" type="POSITION" units="MILLIMETER"
 nativeUnits="INCH"/>
<DataItem id="p" name="path" category="SAMPLE" type="PATH_POSITION" units="MILLIMETER_3D"
 nativeUnits="INCH_3D"/>
<DataItem id="b" name="block" category="EVENT" type="BLOCK"/>
<DataItem id="c" name="cond" category="CONDITION" type="SYSTEM"/>
<DataItem id="c2" name="cond2" category="CONDITION" type="COMMUNICATIONS"/>
<DataItem id="m" name="msg" category="EVENT" type="MESSAGE"/>
<DataItem id="v" name="vars" category="EVENT" type="VARIABLE" representation="DATA_SET"/>
<DataItem id="t" name="tab" category="EVENT" type="VARIABLE" representation="TABLE"/>
<DataItem id="w" name="wave" category="SAMPLE" type="DISPLACEMENT" units="MILLIMETER"
 nativeUnits="INCH" representation="TIME_SERIES"/>
</DataItems></Device></Devices></MTConnectDevices>"""
NOW = 1_767_312_000_000_000_000  # 2026-01-02T00:00:00Z
T = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def model() -> Any:
    return read_devices(MODEL, base="https://plant.example/")[0]


def translate(model: Any, text: str | bytes, **settings: Any) -> Batch:
    data = text if isinstance(text, bytes) else text.encode()
    return ShdrTranslator(model, source="s", path="log", **settings).translate(data, NOW)


def rows(model: Any, text: str | bytes, **settings: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = translate(model, text, **settings).observations.to_pylist()
    return found


def test_several_pairs_on_a_line_are_several_rows(model: Any) -> None:
    first, second = rows(model, f"{T}|Xabs|1|block|G01 X1\n")
    assert (first["data_item"], first["number"], first["unit"]) == (
        "https://plant.example/m-1/x",
        25.4,
        "mm",
    )
    assert (first["native_value"], first["native_unit"]) == ("1", "INCH")
    assert (second["kind"], second["text"], second["status"]) == ("text", "G01 X1", "good")


def test_unavailable_samples_are_silence_not_zero(model: Any) -> None:
    for word in ("UNAVAILABLE", "unavailable", "Unavailable"):
        (row,) = rows(model, f"{T}|Xabs|{word}\n")
        assert (row["kind"], row["number"], row["status"], row["reason"], row["unit"]) == (
            "none",
            None,
            "bad",
            "no_communication",
            None,
        )
        assert row["native_value"] == word


def test_what_is_no_number_is_bad_and_keeps_its_text(model: Any) -> None:
    batch = translate(model, f"{T}|Xabs|1,5\n{T}|Xabs|nan\n{T}|Xabs|\n{T}|Xabs|+2\n")
    assert [each["status"] for each in batch.observations.to_pylist()] == ["bad"] * 3 + ["good"]
    assert batch.observations["native_value"].to_pylist() == ["1,5", "nan", "", "+2"]
    (finding,) = batch.findings
    assert (finding.rule, finding.source.line, finding.source.item) == (
        "mtconnect.not-a-number",
        1,
        "Xabs",
    )
    assert "3" in finding.message.en
    assert batch.tally.bad == 3


def test_conditions_raise_and_clear_alarms_by_native_code(model: Any) -> None:
    batch = translate(
        model,
        f"{T}|cond|FAULT|402|9|HIGH|Oil pressure\n"
        f"2026-01-01T00:00:01Z|cond|WARNING|17|||Door|cond2|NORMAL||||\n"
        f"2026-01-01T00:00:02Z|cond|NORMAL|402|||\n"
        f"2026-01-01T00:00:03Z|cond|NORMAL||||\n",
    )
    said = [each.to_json() for each in batch.documents]
    assert [(each["code"], each["active"], each["severity"]) for each in said] == [
        ("402", True, 700),
        ("17", True, 300),
        ("402", False, 700),
        ("17", False, 300),
    ]
    assert said[0]["id"] == said[2]["id"] != said[1]["id"]
    assert said[0]["message"] == {"und": "Oil pressure"}
    assert said[0]["qualifier"] == "high"
    assert said[2]["clearedAt"] == "2026-01-01T00:00:02Z"
    assert said[2]["raisedAt"] == T
    row = batch.observations.to_pylist()[0]
    assert (row["text"], row["native_status"]) == ("fault", "402|9|HIGH")
    assert batch.tally.read == batch.tally.translated == 5


def test_a_condition_with_a_word_that_is_no_level_contradicts_the_model(model: Any) -> None:
    batch = translate(model, f"{T}|cond|ON||||\n{T}|path|1\n")
    assert {each.rule for each in batch.findings} == {"mtconnect.contradiction"}
    assert [each["status"] for each in batch.observations.to_pylist()] == ["bad", "bad"]


def test_a_position_in_space_is_three_converted_numbers(model: Any) -> None:
    (row,) = rows(model, f"{T}|path|1 2 -0.5\n")
    assert (row["kind"], row["text"], row["unit"]) == ("text", "[25.4,50.8,-12.7]", "mm")
    assert row["native_value"] == "1 2 -0.5"


def test_data_sets_and_tables_become_canonical_json(model: Any) -> None:
    first, second, third = rows(
        model,
        f"{T}|vars|b=2 a='x y' c=1.50 gone d={{p q}}\n"
        f"{T}|vars|:MANUAL k=7\n{T}|tab|r1={{c=1 d=z}} r2={{}}\n",
    )
    assert first["text"] == '{"a":"x y","b":2,"c":"1.50","d":"p q","gone":null}'
    assert second["text"] == '{"k":7}'
    assert second["native_value"] == ":MANUAL k=7"
    assert third["text"] == '{"r1":{"c":1,"d":"z"},"r2":{}}'


def test_a_time_series_starts_where_its_first_sample_was_taken(model: Any) -> None:
    batch = translate(model, f"{T}|wave|5|4|1 2 3 4 5\n")
    (segment,) = batch.documents
    said = segment.to_json()
    assert said["start"] == "2025-12-31T23:59:59Z"
    assert said["samplingInterval"] == 0.25
    assert said["values"] == [25.4, 50.8, 76.2, 101.6, 127.0]
    assert batch.observations.num_rows == 0
    assert batch.tally.translated == 1


def test_messages_carry_their_native_code_as_status(model: Any) -> None:
    (row,) = rows(model, f"{T}|msg|CHG|Change the tool\n")
    assert (row["text"], row["native_status"]) == ("Change the tool", "CHG")


def test_quotes_hold_bars_and_escapes() -> None:
    assert tokens(r'y|"a\|b\|c"|z') == ["y", "a|b|c", "z"]
    assert tokens(r'y|"a\|b') == ["y", '"a\\', "b"]
    assert tokens(r"y|a\|b") == ["y", "a\\", "b"]
    assert tokens('  | "x" |') == ["", "x", ""]
    assert tokens('hello|xxx={b="12345", c="xxxxx"}}|bbb')[1] == 'xxx={b="12345", c="xxxxx"}}'


def test_device_prefixes_and_ids_name_the_same_item(model: Any) -> None:
    names = {each["data_item"] for each in rows(model, f"{T}|mill:Xabs|1|x|1|m-1:x|1\n")}
    assert names == {"https://plant.example/m-1/x"}


@pytest.mark.parametrize(
    ("written", "nanoseconds"),
    [
        ("2026-01-01T00:00:00Z", 0),
        ("2026-01-01T00:00:00.1234567Z", 123_456_700),
        ("2026-01-01T00:00:00.123456789Z", 123_456_789),
        ("2026-01-01T00:00:00.1234567899Z", 123_456_789),
        ("2026-01-01T09:00:00.5+09:00", 500_000_000),
        ("2025-12-31T23:59:60Z", -1_000),
    ],
)
def test_timestamps_keep_their_nanoseconds(written: str, nanoseconds: int) -> None:
    midnight = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 10**9
    read = moment(written)
    assert read is not None
    assert read.nanoseconds == midnight + nanoseconds


def test_a_missing_zone_is_assumed_and_a_missing_time_is_estimated(model: Any) -> None:
    lines = "2026-01-01T00:00:00.5|Xabs|1\n|Xabs|2\nXabs|3\nno time at all|Xabs|4\n"
    found = rows(model, lines)
    assert [each["time_quality"] for each in found] == ["assumed_zone"] + ["estimated"] * 3
    assert [each["event_time"] == each["record_time"] for each in found] == [False] + [True] * 3


def test_relative_time_counts_milliseconds_from_the_first_report(model: Any) -> None:
    first, second = rows(model, "1000|Xabs|1\n1250.5|Xabs|2\n")
    assert (second["event_time"] - first["event_time"]).total_seconds() == 0.2505
    assert first["time_quality"] == second["time_quality"] == "estimated"


def test_a_duration_is_kept(model: Any) -> None:
    (row,) = rows(model, f"{T}@12.5|Xabs|1\n")
    assert row["native_status"] == "duration=12.5"


def test_a_clock_that_jumps_back_is_a_finding_and_the_rows_keep_their_time(model: Any) -> None:
    batch = translate(
        model,
        "2026-01-01T00:10:00Z|Xabs|1\n2026-01-01T00:09:59.5Z|Xabs|2\n"
        "2026-01-01T00:05:00Z|Xabs|3\n2026-01-01T00:10:01Z|Xabs|4\n",
    )
    assert batch.observations["time_quality"].to_pylist() == [None, None, "unsynchronized", None]
    assert [(each.rule, each.source.line) for each in batch.findings] == [
        ("mtconnect.clock-back", 3)
    ]


def test_unknown_items_are_counted_by_name(model: Any) -> None:
    batch = translate(model, f"{T}|nobody|1|Xabs|2\n{T}|nobody|3\n")
    assert batch.tally.unknown == {"nobody": 2}
    assert batch.tally.balanced
    assert batch.findings[0].rule == "mtconnect.unknown-item"


def test_a_key_without_a_value_is_cut_and_the_rest_is_read(model: Any) -> None:
    batch = translate(model, f"{T}|Xabs|1|block\n{T}\n{T}|Xabs|2|\n")
    assert batch.tally.translated == 2
    assert [each.finding.rule for each in batch.rejected] == ["mtconnect.line-cut"] * 2
    assert [each.place.line for each in batch.rejected] == [1, 2]


def test_one_broken_line_does_not_take_others_with_it(model: Any) -> None:
    batch = translate(
        model,
        b"2026-01-01T00:00:00Z|block|\xff\xfe\n2026-01-01T00:00:00Z|Xabs|1\n"
        b"2026-01-01T00:00:00Z|block|a\0b\n",
    )
    assert batch.observations.num_rows == 1
    assert [(each.place.line, each.raw[-4:]) for each in batch.rejected] == [
        (1, b"k|\xff\xfe"),
        (3, b"|a\0b"),
    ]


def test_korean_text_is_read_in_its_encoding_and_composed(model: Any) -> None:
    (row,) = rows(model, f"{T}|block|가공 시작\n".encode("cp949"), encoding="cp949")
    assert row["text"] == "가공 시작"
    (row,) = rows(model, f"{T}|block|\u1100\u1161\n")
    assert (row["text"], row["native_value"]) == ("가", "\u1100\u1161")


def test_an_encoding_that_hides_ascii_is_refused(model: Any) -> None:
    for name in ("utf-16", "nonsense"):
        with pytest.raises(ConfigError):
            ShdrTranslator(model, source="s", encoding=name)


def test_commands_are_recorded_by_name_but_for_the_answers_to_our_heartbeat(model: Any) -> None:
    batch = translate(model, "* PONG 10000\n*adapterVersion: 1.0\n* PONG 10000\n\n")
    assert batch.tally.lines == {"command": 3, "blank": 1}
    assert [each.source.item for each in batch.findings] == ["adapterVersion"]


def test_carriage_returns_and_white_space_mean_nothing(model: Any) -> None:
    batch = translate(model, f"{T} | Xabs | 1 \r\n{T}|Xabs|2\r\n\r\n")
    assert batch.observations["number"].to_pylist() == [25.4, 50.8]
    assert batch.tally.lines == {"data": 2, "blank": 1}


def test_a_line_without_an_end_is_kept_apart(model: Any) -> None:
    translator = ShdrTranslator(model, source="s")
    assert translator.translate(b"2026-01-01T00:00:00Z|Xabs|12", NOW).tally.read == 0
    batch = translator.finish(NOW)
    assert batch.rejected[0].raw == b"2026-01-01T00:00:00Z|Xabs|12"
    assert batch.tally.balanced


def test_an_endless_line_stays_small_and_the_next_one_is_read(model: Any) -> None:
    translator = ShdrTranslator(model, source="s", line_limit=1000)
    for _ in range(100):
        assert translator.translate(b"x" * 1000, NOW).tally.read == 0
    batch = translator.translate(b"\n2026-01-01T00:00:00Z|Xabs|1\n", NOW)
    assert batch.observations.num_rows == 1
    assert len(batch.rejected[0].raw) == 1000
    assert batch.rejected[0].finding.rule == "mtconnect.line-too-long"


def test_findings_stay_few_and_count_on(model: Any) -> None:
    translator = ShdrTranslator(model, source="s")
    line = b"2026-01-01T00:00:00Z|Xabs|bad|nobody|1\n"
    assert len(translator.translate(line * 50, NOW).findings) == 2
    assert translator.translate(line * 50, NOW).findings == ()
    counts = [each.message.en for each in translator.finish(NOW).findings]
    assert len(counts) == 2
    assert all("100" in each for each in counts)


def test_losing_contact_makes_every_item_bad_since_the_last_sign_of_life(model: Any) -> None:
    translator = ShdrTranslator(model, source="s")
    translator.translate(f"{T}|cond|FAULT|1|||x\n".encode(), NOW)
    batch = translator.disconnected(NOW, alive=NOW - 5_000_000_000)
    assert batch.observations.num_rows == len(model.items)
    assert set(batch.observations["reason"].to_pylist()) == {"no_communication"}
    assert (
        batch.observations["event_time"][0].as_py() - datetime(2026, 1, 1, 23, 59, 55, tzinfo=UTC)
    ).total_seconds() == 0
    kinds = Counter(type(each).__name__ for each in batch.documents)
    assert kinds["Alarm"] == 1
    assert batch.tally.balanced


def test_the_same_sample_has_the_same_id_however_the_log_is_cut(model: Any) -> None:
    log = f"{T}|Xabs|1\n{T}|Xabs|1\n{T}|Xabs|1\n".encode()
    whole = translate(model, log).observations["event_id"].to_pylist()
    translator = ShdrTranslator(model, source="s")
    lines = [translator.translate(line, NOW) for line in log.splitlines(keepends=True)]
    assert [each.observations["event_id"][0].as_py() for each in lines] == whole
    assert len(set(whole)) == 3


def _count(log: str) -> tuple[Counter[str], Counter[str]]:
    """An independent account of the log: what each key said how often, and kinds of lines."""
    keys: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    inside = False
    for line in log.split("\n")[:-1]:
        if inside or "--multiline--" in line:
            inside = inside != ("--multiline--" in line)
            lines["asset"] += 1
            keys["@ASSET@"] += inside and "|@ASSET@|" in line
        elif line.startswith("*"):
            lines["command"] += 1
        else:
            parts = line.split("|")
            lines["asset" if parts[1].startswith("@") else "data"] += 1
            keys.update(parts[1:2] if "@" in parts[1] or "NORMAL" in parts else parts[1::2])
    return keys, lines


def test_everything_that_a_real_log_says_is_accounted_for(corpus: Path) -> None:
    folder = corpus / "mtconnect"
    device_model, _ = read_devices((folder / "okuma-mult-u3000.devices.xml").read_bytes())
    log = (folder / "okuma-mult-u3000.shdr").read_bytes()
    translator = ShdrTranslator(device_model, source="s", path="log")
    batch = translator.translate(log, NOW)
    keys, lines = _count(log.decode())
    known = device_model.keys()
    items: Counter[str] = Counter()
    for key, times in keys.items():
        if key in known:
            items[device_model.items[known[key]].identity] += times
    assert batch.tally.lines == lines
    assert batch.tally.unknown == {
        key: times for key, times in keys.items() if key not in known and "@" not in key
    }
    assert batch.tally.read == keys.total()
    assert Counter(batch.observations["data_item"].to_pylist()) == items
    assert batch.rejected == ()
    assert translator.finish(NOW).tally.read == 0
    ids = batch.observations["event_id"].to_pylist()
    assert len(set(ids)) == len(ids)
