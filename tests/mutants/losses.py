"""Known-bad losses: holes that nobody declares, and machines that nobody sees any more."""

from __future__ import annotations

import copy
from typing import Any

from mfgstd.language import Text
from tests.mutants.mutant import Base, mutant
from tests.mutants.recording import Recording, change


@mutant(
    "MFG-GAP-001",
    en="Its sequence numbers jump, and it declares no gap.",
    ko="순번이 건너뛰었는데 Gap을 선언하지 않습니다.",
)
def jumps_in_silence(recording: Recording) -> None:
    rows = [row for row in recording.rows("agent") if row["sequence"] is not None]
    last = rows[-1]
    for row in rows:
        if row["epoch"] == last["epoch"] and row["sequence"] > last["sequence"] - 20:
            row["sequence"] += 3
    for document in recording.documents("time-series-segment", "agent"):
        if (
            document.get("epoch") == last["epoch"]
            and document.get("sequence", 0) > last["sequence"] - 20 - 3
        ):
            document["sequence"] += 3


@mutant(
    "MFG-GAP-001",
    en="It loses a stretch of reports in silence.",
    ko="보고 구간 하나를 소리 없이 잃어버립니다.",
    base=Base.PLAIN,
)
def loses_a_stretch_in_silence(recording: Recording) -> None:
    epoch = next(recording.rows("agent"))["epoch"]
    recording.remove_rows(
        lambda row: row["epoch"] == epoch and row["sequence"] in range(150, 170), "agent"
    )


@mutant(
    "MFG-GAP-001",
    "MFG-GAP-003",
    en="It keeps quiet about what the agent had forgotten.",
    ko="에이전트 버퍼에서 사라진 구간을 알리지 않습니다.",
    base=Base.PLAIN,
    why=Text(
        "What the overflow took lies in no gap either, by number or by time.",
        "버퍼 넘침으로 사라진 보고는 순번으로도 시각으로도 어떤 Gap에도 들어 있지 않습니다.",
    ),
)
def keeps_quiet_about_an_overflow(recording: Recording) -> None:
    recording.remove(
        [
            each
            for each in recording.told("gap", "agent")
            if each["document"]["reason"] == "buffer_overflow"
        ]
    )


@mutant(
    "MFG-GAP-002",
    "MFG-RUL-001",
    en="One of its gaps ends before it begins.",
    ko="끝이 시작보다 앞서는 Gap을 선언합니다.",
    why=Text(
        "Files are not asked whether gaps make sense, so that the rule speaks for itself.",
        "파일에는 Gap의 일관성 요구사항이 적용되지 않으므로 표준 규칙도 따로 판정합니다.",
    ),
)
def turns_a_gap_round(recording: Recording) -> None:
    told = recording.told("gap", "shdr")[-1]
    extra = copy.deepcopy(told)
    gap = extra["document"]
    gap["id"] = "urn:uuid:0198c0de-0000-7000-8000-000000000001"
    gap["from"], gap["to"] = "2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z"
    recording.insert(extra, after=told)


@mutant(
    "MFG-GAP-002",
    en="It declares as lost what it delivered.",
    ko="전달한 구간까지 유실로 선언합니다.",
    base=Base.PLAIN,
)
def declares_too_much_as_lost(recording: Recording) -> None:
    for gap in recording.documents("gap", "agent"):
        if gap["reason"] == "buffer_overflow":
            gap["fromSequence"] -= 5
            gap["count"] += 5


@mutant(
    "MFG-GAP-003",
    en="It keeps quiet about a lost connection.",
    ko="연결이 끊겼던 사실을 알리지 않습니다.",
)
def keeps_quiet_about_a_cut(recording: Recording) -> None:
    recording.remove(recording.told("gap", "shdr"))


@mutant(
    "MFG-GAP-003",
    en="Its gap ends before the connection was back.",
    ko="연결이 복구되기 전에 끝나는 Gap을 선언합니다.",
    base=Base.PLAIN,
)
def ends_a_gap_early(recording: Recording) -> None:
    for gap in recording.documents("gap", "agent"):
        if gap["reason"] == "buffer_overflow":
            gap["to"] = gap["from"]


@mutant(
    "MFG-GAP-004",
    en="After a cut it leaves the last values standing.",
    ko="연결이 끊긴 뒤에도 마지막 값을 그대로 둡니다.",
)
def leaves_values_standing(recording: Recording) -> None:
    lost = _lost(recording)
    recording.remove_rows(lambda row: any(row is each for each in lost), "shdr")


@mutant(
    "MFG-GAP-004",
    en="After a cut it delivers the last values once more, as good.",
    ko="연결이 끊긴 뒤 마지막 값을 good으로 다시 전달합니다.",
)
def repeats_values_as_good(recording: Recording) -> None:
    latest: dict[str, dict[str, Any]] = {}
    lost = _lost(recording)
    for row in recording.rows("shdr"):
        before = latest.get(row["data_item"])
        if before is not None and any(row is each for each in lost):
            said = ("kind", "number", "integer", "decimal", "text", "unit", "status", "reason")
            change(row, **{name: before[name] for name in (*said, "native_value")})
        elif row["status"] == "good":
            latest[row["data_item"]] = row


@mutant(
    "MFG-STA-002",
    en="It calls a machine that it cannot reach unavailable.",
    ko="연결되지 않는 설비를 가동 불가 상태로 보고합니다.",
)
def calls_the_unseen_unavailable(recording: Recording) -> None:
    for document in recording.documents("state-event", "shdr"):
        if document["quality"]["status"] == "bad":
            document["quality"] = {"status": "good"}
            if "availability" in document["state"]:
                document["state"]["availability"] = "unavailable"


@mutant(
    "MFG-STA-002",
    en="It says nothing about the state of a machine that it cannot reach.",
    ko="연결되지 않는 설비의 상태를 알리지 않습니다.",
)
def says_nothing_of_the_unseen(recording: Recording) -> None:
    recording.remove(
        [
            each
            for each in recording.told("state-event", "shdr")
            if each["document"]["quality"]["status"] == "bad"
        ]
    )


def _lost(recording: Recording) -> list[dict[str, Any]]:
    """The rows with which the reference said that it lost contact, on the wire that was cut."""
    return [
        row
        for row in recording.rows("shdr")
        if row["status"] == "bad" and row["native_value"] is None
    ]
