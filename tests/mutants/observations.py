"""Known-bad observations: their values, times, units and texts."""

from __future__ import annotations

import unicodedata

from mfgstd.language import Text
from tests.mutants.mutant import Base, mutant
from tests.mutants.recording import Recording, change

_SECOND = 1_000_000


@mutant(
    "MFG-OBS-001",
    en="It delivers an item that no document describes.",
    ko="어떤 문서에도 없는 항목의 관측값을 전달합니다.",
    base=Base.FILES,
)
def delivers_an_undescribed_item(recording: Recording) -> None:
    row = dict(recording.named("program")[0])
    change(row, data_item="https://plant.example/secret")
    recording.add_row(row, "file")


@mutant(
    "MFG-OBS-002",
    en="Its rows carry a number and, beside it, the same as an integer.",
    ko="한 관측값에 실수와 정수를 함께 넣습니다.",
    base=Base.FILES,
)
def carries_two_values(recording: Recording) -> None:
    for row in recording.named("Sspeed"):
        if row["kind"] == "number":
            row["integer"] = int(row["number"])


@mutant(
    "MFG-OBS-002",
    en="It calls a value a number and gives none.",
    ko="수치라고 하면서 값을 넣지 않습니다.",
    base=Base.FILES,
)
def carries_no_value(recording: Recording) -> None:
    for row in recording.named("C1load"):
        if row["kind"] == "number":
            change(row, number=None)


@mutant(
    "MFG-OBS-004",
    en="Its own clock is an hour slow.",
    ko="제품의 시계가 한 시간 느립니다.",
)
def records_before_it_happens(recording: Recording) -> None:
    for session in ("agent", "shdr"):
        for row in recording.rows(session):
            row["record_time"] -= 3600 * _SECOND


@mutant(
    "MFG-OBS-005",
    en="It declares integers as numbers with a decimal point.",
    ko="정수 항목을 실수로 선언합니다.",
    base=Base.FILES,
)
def declares_another_type(recording: Recording) -> None:
    for document in recording.documents("data-item"):
        if document["name"] == "parts":
            document["valueType"] = "number"


@mutant(
    "MFG-OBS-005",
    en="It delivers numbers as text.",
    ko="수치를 문자열로 전달합니다.",
    base=Base.FILES,
)
def delivers_numbers_as_text(recording: Recording) -> None:
    for row in recording.named("Z1pos"):
        if row["kind"] == "number":
            change(row, kind="text", number=None, text=row["native_value"])


@mutant(
    "MFG-OBS-006",
    en="It gives no reason for what is bad.",
    ko="bad인 관측값의 사유를 밝히지 않습니다.",
    base=Base.PLAIN,
)
def gives_no_reason(recording: Recording) -> None:
    for row in recording.named("Stemp"):
        if row["status"] == "bad":
            row["reason"] = None


@mutant(
    "MFG-OBS-006",
    en="It delivers what is unavailable as an empty text with the status bad.",
    ko="값이 없는 항목을 상태 bad의 빈 문자열로 전달합니다.",
    base=Base.FILES,
)
def fills_what_is_unavailable(recording: Recording) -> None:
    for row in recording.named("L_program"):
        if row["status"] == "bad":
            change(row, kind="text", text="")


@mutant(
    "MFG-OBS-006",
    en="It takes what is unavailable for zero.",
    ko="값이 없는 항목을 0으로 전달합니다.",
    base=Base.PLAIN,
)
def takes_unavailable_for_zero(recording: Recording) -> None:
    for session in ("log", "log-again"):
        for row in recording.named("Stemp", session):
            if row["status"] == "bad":
                change(row, kind="number", number=0.0, status="good", reason=None, unit="Cel")


@mutant(
    "MFG-OBS-007",
    en="It forgets what the machine said before it converts it.",
    ko="변환하기 전의 원본 값을 버립니다.",
    base=Base.PLAIN,
)
def forgets_the_native_value(recording: Recording) -> None:
    for session in ("log", "log-again"):
        for row in recording.named("Xpos", session):
            row["native_value"] = None


@mutant(
    "MFG-OBS-007",
    en="It tidies up what the machine said before it keeps it.",
    ko="원본 값을 정리해서 보존합니다.",
    base=Base.PLAIN,
)
def tidies_native_values(recording: Recording) -> None:
    for session in ("log", "log-again"):
        for row in recording.named("Stemp", session):
            if row["kind"] == "number":
                row["native_value"] = f"{float(row['native_value']):.4f}"


@mutant(
    "MFG-OBS-008",
    "MFG-OBS-009",
    en="It cuts its event ids down to the item.",
    ko="이벤트 식별자가 항목별로만 구분됩니다.",
    why=Text(
        "Of two rows with one id, at least one has not the id that the definition yields.",
        "두 관측값이 같은 식별자를 쓰면 적어도 하나는 정의에 따른 식별자와 다릅니다.",
    ),
    base=Base.FILES,
)
def shares_event_ids(recording: Recording) -> None:
    rows = recording.named("Sspeed")
    for row in rows:
        row["event_id"] = rows[0]["event_id"]


@mutant(
    "MFG-OBS-009",
    en="Its event ids are drawn at random.",
    ko="이벤트 식별자를 무작위로 만듭니다.",
    base=Base.FILES,
)
def draws_event_ids(recording: Recording) -> None:
    for number, row in enumerate(recording.rows()):
        row["event_id"] = f"{number:032x}"


@mutant(
    "MFG-UNT-001",
    en="It writes units as people say them.",
    ko="단위를 UCUM이 아닌 통용 표기로 씁니다.",
    base=Base.FILES,
)
def writes_rpm(recording: Recording) -> None:
    for document in recording.documents("data-item"):
        if document.get("unit") == "{rev}/min":
            document["unit"] = "RPM"
    for row in recording.rows():
        if row["unit"] == "{rev}/min":
            row["unit"] = "RPM"


@mutant(
    "MFG-UNT-004",
    en="It declares no unit for percentages.",
    ko="백분율 항목의 단위를 선언하지 않습니다.",
    base=Base.FILES,
)
def declares_no_unit(recording: Recording) -> None:
    for document in recording.documents("data-item"):
        if document.get("unit") == "%":
            del document["unit"]
    for row in recording.rows():
        if row["unit"] == "%":
            row["unit"] = None


@mutant(
    "MFG-UNT-004",
    "MFG-UNT-005",
    en="It loses the units that the machine states.",
    ko="설비가 알려 준 단위를 잃어버립니다.",
    why=Text(
        "A unit that is lost on the way is also a unit that is not declared.",
        "전달 과정에서 잃어버린 단위는 선언되지 않은 단위이기도 합니다.",
    ),
    base=Base.PLAIN,
)
def loses_units(recording: Recording) -> None:
    for document in recording.documents("data-item"):
        if document.get("unit") == "Cel":
            del document["unit"]
    for row in recording.rows():
        if row["unit"] == "Cel":
            row["unit"] = None


@mutant(
    "MFG-UNT-002",
    en="It declares millimetres and delivers inches.",
    ko="밀리미터로 선언하고 인치로 전달합니다.",
    base=Base.FILES,
)
def delivers_inches(recording: Recording) -> None:
    for row in recording.named("Xpos"):
        if row["kind"] == "number":
            change(row, number=row["number"] / 25.4, unit="[in_i]")


@mutant(
    "MFG-UNT-002",
    en="It leaves the unit of its values out.",
    ko="값의 단위를 생략합니다.",
    base=Base.FILES,
)
def leaves_units_out(recording: Recording) -> None:
    for row in recording.named("Sload"):
        row["unit"] = None


@mutant(
    "MFG-UNT-003",
    en="It takes an inch for 25 mm.",
    ko="1인치를 25밀리미터로 계산합니다.",
    base=Base.PLAIN,
)
def converts_with_a_rounded_factor(recording: Recording) -> None:
    for session in ("log", "log-again"):
        for row in recording.named("Xpos", session):
            if row["kind"] == "number":
                change(row, number=row["number"] / 25.4 * 25)


@mutant(
    "MFG-UNT-003",
    en="It takes degrees Fahrenheit for degrees Celsius.",
    ko="화씨 온도를 변환하지 않고 섭씨로 전달합니다.",
    base=Base.PLAIN,
)
def forgets_to_convert(recording: Recording) -> None:
    for session in ("log", "log-again"):
        for row in recording.named("Stemp", session):
            if row["kind"] == "number":
                change(row, number=float(row["native_value"]))


@mutant(
    "MFG-TXT-001",
    en="It takes program 00123 for the number 123.",
    ko="프로그램 번호 00123을 숫자 123으로 바꿉니다.",
    base=Base.PLAIN,
)
def takes_text_for_numbers(recording: Recording) -> None:
    for row in recording.named("program"):
        if row["text"] == "00123":
            change(row, text="123")


@mutant(
    "MFG-TXT-002",
    en="It delivers Korean text in pieces of letters.",
    ko="한글을 자모가 분리된 형태(NFD)로 전달합니다.",
    base=Base.PLAIN,
)
def takes_hangul_apart(recording: Recording) -> None:
    for row in recording.named("program_comment"):
        if row["text"]:
            change(row, text=unicodedata.normalize("NFD", row["text"]))


@mutant(
    "MFG-TXT-002",
    en="It replaces what it cannot decode.",
    ko="해석하지 못한 글자를 대체 문자로 바꿉니다.",
    base=Base.PLAIN,
)
def replaces_hangul(recording: Recording) -> None:
    for row in recording.named("program_comment"):
        if row["text"]:
            change(row, text=row["text"].replace("하", "\ufffd"))


@mutant(
    "MFG-OBS-010",
    en="It says nothing about its clock.",
    ko="시계의 품질을 밝히지 않습니다.",
    base=Base.PLAIN,
)
def says_nothing_about_its_clock(recording: Recording) -> None:
    for row in recording.rows():
        row["time_quality"] = None


@mutant(
    "MFG-OBS-011",
    en="It does not say when it recorded a value.",
    ko="기록 시각을 남기지 않습니다.",
    base=Base.PLAIN,
)
def says_no_record_time(recording: Recording) -> None:
    for row in recording.rows():
        row["record_time"] = None
