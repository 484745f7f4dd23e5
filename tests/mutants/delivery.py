"""Known-bad deliveries: what gets lost, doubled, invented or miscounted on the way."""

from __future__ import annotations

from mfgstd.language import Text
from tests.mutants.mutant import Base, mutant
from tests.mutants.recording import Recording, change

_SECOND = 1_000_000
_RECORDED = ("log", "log-again")


@mutant(
    "MFG-DLV-001",
    en="A number is one too large.",
    ko="수치가 1만큼 큽니다.",
    base=Base.PLAIN,
)
def adds_one(recording: Recording) -> None:
    for row in recording.named("Sspeed"):
        if row["kind"] == "number":
            change(row, number=row["number"] + 1)


@mutant(
    "MFG-DLV-001",
    en="It counts through a floating-point number and loses the last digit.",
    ko="정수를 부동소수점으로 처리하여 마지막 자리를 잃습니다.",
    base=Base.PLAIN,
)
def counts_through_a_double(recording: Recording) -> None:
    for row in recording.named("L_total"):
        if row["kind"] == "integer":
            change(row, integer=int(float(row["integer"])))


@mutant(
    "MFG-DLV-001",
    en="It takes one axis for another.",
    ko="두 축의 값을 서로 바꿔 전달합니다.",
    base=Base.PLAIN,
)
def mixes_up_two_axes(recording: Recording) -> None:
    for session in ("agent", *_RECORDED):
        others = {row["event_time"]: row["number"] for row in recording.named("Z1pos", session)}
        for row in recording.named("X1pos", session):
            if row["kind"] == "number" and others.get(row["event_time"]) is not None:
                change(row, number=others[row["event_time"]])


@mutant(
    "MFG-DLV-001",
    en="It cuts times to microseconds.",
    ko="시각의 나노초를 버립니다.",
    base=Base.PLAIN,
)
def cuts_times_to_microseconds(recording: Recording) -> None:
    for session in _RECORDED:
        for row in recording.rows(session):
            if row["event_time_ns"] and row["status"] == "good":
                change(row, event_time_ns=0)


@mutant(
    "MFG-DLV-001",
    en="It calls good what the machine calls unavailable, and the other way round.",
    ko="정상 값을 bad로 전달합니다.",
    base=Base.PLAIN,
)
def calls_good_values_bad(recording: Recording) -> None:
    for row in recording.named("C1load"):
        if row["status"] == "good":
            change(row, status="bad", reason="no_communication")


@mutant(
    "MFG-DLV-001",
    en="Its event times are its own, not those of the source.",
    ko="발생 시각이 소스의 시각이 아니라 제품의 시각입니다.",
    base=Base.PLAIN,
)
def stamps_its_own_time(recording: Recording) -> None:
    for session in _RECORDED:
        for row in recording.named("C1speed", session):
            if row["status"] == "good":
                change(row, event_time=row["event_time"] + _SECOND // 3)


@mutant(
    "MFG-DLV-001",
    en="It drops every report of one item.",
    ko="한 항목의 보고를 모두 누락합니다.",
)
def drops_an_item(recording: Recording) -> None:
    item = {each["data_item"] for each in recording.named("L_target")}
    recording.remove_rows(lambda row: row["data_item"] in item, "shdr")


@mutant(
    "MFG-DLV-002",
    en="It fills the time between two reports with a value of its own.",
    ko="두 보고 사이를 스스로 만든 값으로 채웁니다.",
    base=Base.PLAIN,
)
def interpolates(recording: Recording) -> None:
    for session in _RECORDED:
        before, after = recording.named("Sspeed", session)[5:7]
        row = dict(before)
        change(
            row,
            event_time=(before["event_time"] + after["event_time"]) // 2,
            number=(before["number"] + after["number"]) / 2,
        )
        recording.add_row(row, session, after=before)


@mutant(
    "MFG-DLV-003",
    en="It delivers the same report twice.",
    ko="같은 보고를 두 번 전달합니다.",
    base=Base.PLAIN,
)
def delivers_twice(recording: Recording) -> None:
    for session in _RECORDED:
        row = recording.named("C1load", session)[5]
        recording.add_row(dict(row), session, after=row)


@mutant(
    "MFG-DLV-004",
    en="It does not count what it could not understand.",
    ko="이해하지 못한 보고를 세지 않습니다.",
    base=Base.PLAIN,
)
def does_not_count_what_it_drops(recording: Recording) -> None:
    for event in recording.of_kind("product.ledger"):
        event["ledger"]["unknown"] = {}


@mutant(
    "MFG-DLV-004",
    en="It counts only what it understood, so that its account balances.",
    ko="이해한 보고만 세어 원장을 맞춥니다.",
    base=Base.PLAIN,
)
def counts_only_what_it_understood(recording: Recording) -> None:
    for event in recording.of_kind("product.ledger"):
        ledger = event["ledger"]
        ledger["read"] -= sum(ledger["unknown"].values())
        ledger["unknown"] = {}


@mutant(
    "MFG-DLV-004",
    en="It gives no account.",
    ko="손실 원장을 내지 않습니다.",
    base=Base.PLAIN,
)
def gives_no_account(recording: Recording) -> None:
    recording.remove(recording.of_kind("product.ledger"))


@mutant(
    "MFG-DLV-005",
    en="It has to be killed.",
    ko="강제로 종료해야 합니다.",
    base=Base.PLAIN,
)
def has_to_be_killed(recording: Recording) -> None:
    for event in recording.of_kind("product.ended", "agent"):
        event["how"], event["seconds"] = "killed", 10.004


@mutant(
    "MFG-DLV-005",
    en="It takes eleven seconds to end.",
    ko="종료에 11초가 걸립니다.",
)
def ends_late(recording: Recording) -> None:
    for event in recording.of_kind("product.ended", "shdr"):
        event["seconds"] = 11.2


@mutant(
    "MFG-DLV-005",
    en="It dies on the way.",
    ko="실행 중에 비정상 종료됩니다.",
)
def dies_on_the_way(recording: Recording) -> None:
    for event in recording.of_kind("product.ended", "shdr"):
        event["how"] = "crashed"


@mutant(
    "MFG-DLV-006",
    en="It names what it does not know by chance.",
    ko="같은 입력에도 매번 다른 이름을 붙입니다.",
    base=Base.PLAIN,
)
def names_by_chance(recording: Recording) -> None:
    for document in recording.documents("equipment", "log-again"):
        document["name"] = f"{document.get('name', '')}-7f3a"


@mutant(
    "MFG-DLV-006",
    en="It delivers in the order of a hash table.",
    ko="해시 테이블 순서에 따라 전달 순서가 달라집니다.",
    base=Base.PLAIN,
)
def scatters(recording: Recording) -> None:
    for row in recording.rows("log-again"):
        if row["native_status"]:
            row["native_status"] = row["native_status"][::-1]


@mutant(
    "MFG-CAP-001",
    en="It claims sequence numbers that it does not deliver.",
    ko="전달하지 않는 순번을 제공한다고 선언합니다.",
    base=Base.FILES,
    declared=frozenset({"loss_proof"}),
)
def claims_a_proof_that_it_does_not_give(recording: Recording) -> None:
    _declare(recording, {"loss_proof"}, set())


@mutant(
    "MFG-CAP-001",
    "MFG-DOC-003",
    en="It claims envelopes and sends bare documents.",
    ko="봉투를 제공한다고 선언하고 봉투 없이 전송합니다.",
    declared=frozenset({"envelopes"}),
    why=Text(
        "Whoever claims envelopes must send every document in one.",
        "봉투를 선언하면 모든 문서를 봉투에 담아 보내야 합니다.",
    ),
)
def claims_envelopes(recording: Recording) -> None:
    _declare(recording, {"envelopes"}, set())


@mutant(
    "MFG-CAP-002",
    en="It delivers alarms and does not say so, so that nobody examines them.",
    ko="알람을 전달하면서 선언하지 않아 알람 요구사항을 피합니다.",
    undeclared=frozenset({"alarms"}),
)
def claims_too_little(recording: Recording) -> None:
    _declare(recording, set(), {"alarms"})


@mutant(
    "MFG-CAP-002",
    en="It delivers sequence numbers and does not say so, so that nobody looks for holes.",
    ko="순번을 전달하면서 선언하지 않아 누락 검사를 피합니다.",
    undeclared=frozenset({"loss_proof"}),
    base=Base.PLAIN,
)
def hides_its_sequence_numbers(recording: Recording) -> None:
    _declare(recording, set(), {"loss_proof"})


def _declare(recording: Recording, more: set[str], less: set[str]) -> None:
    for event in recording.of_kind("product.capabilities"):
        event["declared"] = sorted((set(event["declared"]) | more) - less)
