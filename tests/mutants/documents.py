"""Known-bad documents: what they say wrongly about equipment, states and alarms."""

from __future__ import annotations

import copy
import json

from mfgstd.language import Text
from tests.mutants.mutant import Base, mutant
from tests.mutants.recording import Recording, change


@mutant(
    "MFG-SMK-001",
    en="It calls nothing good.",
    ko="어떤 값도 good으로 전달하지 않습니다.",
    base=Base.FILES,
)
def calls_nothing_good(recording: Recording) -> None:
    for row in recording.rows():
        if row["status"] == "good":
            change(row, status="uncertain")


@mutant(
    "MFG-DOC-001",
    en="Its documents have a field of its own invention.",
    ko="문서에 표준에 없는 필드를 넣습니다.",
    base=Base.FILES,
)
def invents_a_field(recording: Recording) -> None:
    for document in recording.documents("data-item"):
        document["colour"] = "red"


@mutant(
    "MFG-DOC-002",
    en="It writes a member twice.",
    ko="JSON 멤버를 중복해서 씁니다.",
    base=Base.FILES,
)
def writes_a_member_twice(recording: Recording) -> None:
    for event in recording.told("physical-asset"):
        text = json.dumps(event["document"], ensure_ascii=False)
        event["kind"] = "mutant.text"
        event["text"] = ('{"specversion":"1.0",' + text[1:]).encode()


@mutant(
    "MFG-DOC-002",
    en="It writes NaN.",
    ko="NaN을 씁니다.",
    base=Base.FILES,
)
def writes_not_a_number(recording: Recording) -> None:
    event = recording.told("observation-batch")[-1]
    text = json.dumps(event["document"], ensure_ascii=False)
    extra = copy.deepcopy(event) | {"kind": "mutant.text"}
    extra["text"] = ('{"temperature":NaN,' + text[1:]).encode()
    recording.insert(extra, after=event)


@mutant(
    "MFG-DOC-003",
    en="The type of its envelopes names another schema than their data.",
    ko="봉투의 type이 data와 다른 스키마를 가리킵니다.",
    base=Base.FILES,
)
def mislabels_its_envelopes(recording: Recording) -> None:
    for event in recording.told("data-item"):
        event["document"]["type"] = event["document"]["type"].replace("data_item", "equipment")


@mutant(
    "MFG-DOC-003",
    en="It does not say who sends its events.",
    ko="이벤트를 보낸 곳을 밝히지 않습니다.",
    base=Base.FILES,
)
def forgets_who_sends(recording: Recording) -> None:
    for event in recording.told("alarm"):
        del event["document"]["source"]


@mutant(
    "MFG-DOC-004",
    en="It counts its envelopes from one again.",
    ko="봉투 번호를 처음부터 다시 매깁니다.",
    base=Base.FILES,
)
def reuses_envelope_ids(recording: Recording) -> None:
    first, second, *_ = recording.told("state-event")
    second["document"]["id"] = first["document"]["id"]
    second["document"]["source"] = first["document"]["source"]


@mutant(
    "MFG-IDN-001",
    en="It calls its data items by their short names.",
    ko="데이터 항목의 식별자로 URI가 아닌 짧은 이름을 씁니다.",
    base=Base.FILES,
)
def calls_items_by_short_names(recording: Recording) -> None:
    for document in recording.documents("data-item"):
        if document["name"] == "Sspeed":
            for row in recording.rows():
                if row["data_item"] == document["id"]:
                    change(row, data_item="Sspeed")
            document["id"] = "Sspeed"


@mutant(
    "MFG-IDN-001",
    en="It names assets by their serial number.",
    ko="자산의 식별자로 일련번호를 그대로 씁니다.",
    base=Base.FILES,
)
def names_assets_by_serial_number(recording: Recording) -> None:
    for document in recording.documents("physical-asset"):
        document["id"] = document["nameplate"]["serialNumber"]


@mutant(
    "MFG-EQP-001",
    en="It keeps back the equipment that some data items belong to.",
    ko="일부 데이터 항목의 설비 문서를 전달하지 않습니다.",
    base=Base.FILES,
)
def keeps_equipment_back(recording: Recording) -> None:
    told = recording.told("equipment")
    recording.remove([each for each in told if each["document"]["data"].get("name") == "coolant"])


@mutant(
    "MFG-EQP-002",
    "MFG-RUL-002",
    en="A machine is a part of its own spindle.",
    ko="설비가 자기 주축의 하위 설비로 되어 있습니다.",
    why=Text(
        "Where machine and part change places, a parent stands lower than what is below it.",
        "설비와 부분의 위치가 바뀌면 상위 설비가 하위 설비보다 낮은 수준에 놓입니다.",
    ),
    base=Base.FILES,
)
def puts_a_machine_inside_its_spindle(recording: Recording) -> None:
    documents = recording.documents("equipment")
    spindle = next(each for each in documents if each.get("name") == "S")
    machine = next(each for each in documents if each.get("name") == "KM-500")
    machine["parent"] = {"id": spindle["id"]}


@mutant(
    "MFG-EQP-002",
    en="The equipment above its machines is described nowhere.",
    ko="설비의 상위 설비를 어디에도 기술하지 않습니다.",
    base=Base.FILES,
)
def hangs_machines_below_nothing(recording: Recording) -> None:
    for document in recording.documents("equipment"):
        if "parent" not in document:
            document["parent"] = {"id": "https://plant.example/line-7"}


@mutant(
    "MFG-OBS-003",
    en="Its documents say local time without an offset.",
    ko="문서에 오프셋 없는 현지 시각을 씁니다.",
    base=Base.FILES,
)
def forgets_the_offset(recording: Recording) -> None:
    for document in recording.documents("state-event"):
        document["eventTime"] = document["eventTime"].removesuffix("Z")


@mutant(
    "MFG-STA-001",
    en="It uses the machine's own words for states.",
    ko="상태를 표준 용어가 아닌 설비 고유의 말로 전달합니다.",
    base=Base.FILES,
)
def keeps_the_machines_own_words(recording: Recording) -> None:
    for document in recording.documents("state-event"):
        for state in (document["state"], document.get("previous", {})):
            if state.get("procedural") == "execute":
                state["procedural"] = "RUNNING"


@mutant(
    "MFG-DOC-001",
    en="It writes the words of its own schema.",
    ko="표준에 없는 자체 스키마의 문서를 전달합니다.",
)
def follows_a_schema_of_its_own(recording: Recording) -> None:
    for event in recording.told("equipment-asset-assignment"):
        event["schema"] = "https://vendor.example/schemas/installation/3"


@mutant(
    "MFG-ALM-001",
    en="Its alarms are cleared before they are raised.",
    ko="알람의 해제 시각이 발생 시각보다 앞섭니다.",
    base=Base.FILES,
)
def clears_before_it_raises(recording: Recording) -> None:
    for document in recording.documents("alarm"):
        if not document["active"]:
            document["raisedAt"], document["clearedAt"] = (
                document["clearedAt"],
                document["raisedAt"],
            )


@mutant(
    "MFG-ALM-001",
    en="It tells of alarms only when they are cleared.",
    ko="알람을 해제될 때만 전달합니다.",
    base=Base.FILES,
)
def tells_only_of_clearances(recording: Recording) -> None:
    recording.remove(
        [each for each in recording.told("alarm") if each["document"]["data"]["active"]]
    )


@mutant(
    "MFG-ALM-002",
    en="Its alarms stay active when they are cleared.",
    ko="해제된 알람이 활성 상태로 남습니다.",
    base=Base.FILES,
)
def leaves_cleared_alarms_active(recording: Recording) -> None:
    for document in recording.documents("alarm"):
        document["active"] = True


@mutant(
    "MFG-ALM-002",
    en="It does not say when an alarm was cleared.",
    ko="알람이 언제 해제되었는지 밝히지 않습니다.",
    base=Base.FILES,
)
def does_not_say_when_it_was_cleared(recording: Recording) -> None:
    for document in recording.documents("alarm"):
        document.pop("clearedAt", None)


@mutant(
    "MFG-ALM-003",
    en="It reports a standing alarm once more, as another condition.",
    ko="지속 중인 알람을 다른 조건으로 다시 보고합니다.",
    base=Base.FILES,
)
def reports_an_alarm_as_another(recording: Recording) -> None:
    for number, told in enumerate(recording.told("alarm")):
        if not told["document"]["data"]["active"]:
            continue
        extra = copy.deepcopy(told)
        extra["document"]["id"] = f"again-{number}"
        extra["document"]["data"]["conditionId"] += "-again"
        recording.insert(extra, after=told)


@mutant(
    "MFG-ALM-001",
    "MFG-ALM-003",
    en="It clears every alarm as another condition.",
    ko="알람을 해제할 때 다른 조건 식별자를 씁니다.",
    why=Text(
        "A clearance under another id clears what was never raised.",
        "다른 식별자로 해제하면 발생한 적 없는 알람을 해제하는 것이 됩니다.",
    ),
    base=Base.FILES,
)
def clears_an_alarm_as_another(recording: Recording) -> None:
    for document in recording.documents("alarm"):
        if not document["active"]:
            document["conditionId"] += "-cleared"


@mutant(
    "MFG-ALM-004",
    en="It drops the zeros of alarm codes.",
    ko="알람 코드의 0을 버립니다.",
    base=Base.PLAIN,
)
def drops_zeros_of_codes(recording: Recording) -> None:
    for document in recording.documents("alarm"):
        native = document["native"]
        native["code"] = native["code"].replace("-0", "-")


@mutant(
    "MFG-EQP-003",
    en="It describes equipment in English only.",
    ko="설비를 영어로만 설명합니다.",
    base=Base.PLAIN,
)
def describes_in_english_only(recording: Recording) -> None:
    for document in recording.documents("equipment"):
        document["description"] = {"en": "A machine."}
