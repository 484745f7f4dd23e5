"""Known-bad documents that no schema refuses: each is right by itself, or beside no other."""

from __future__ import annotations

import copy

from mfgstd.language import Text
from tests.mutants.mutant import Base, mutant
from tests.mutants.recording import Recording


@mutant(
    "MFG-RUL-001",
    en="Its alarms are acknowledged before they are raised.",
    ko="알람의 확인 시각이 발생 시각보다 앞섭니다.",
    base=Base.FILES,
)
def acknowledges_before_it_raises(recording: Recording) -> None:
    for document in recording.documents("alarm"):
        if not document["active"]:
            document |= {"acknowledged": True, "acknowledgedAt": "2026-01-04T23:59:59Z"}


@mutant(
    "MFG-RUL-001",
    en="It calls every alarm severe, whatever its severity.",
    ko="심각도와 관계없이 모든 알람의 심각도 구간을 high로 전달합니다.",
)
def calls_every_alarm_severe(recording: Recording) -> None:
    for document in recording.documents("alarm"):
        document["severityBand"] = "high"


@mutant(
    "MFG-RUL-001",
    en="It mixes up the two ends of a range.",
    ko="데이터 항목 범위의 최솟값과 최댓값을 바꿔 전달합니다.",
    base=Base.PLAIN,
)
def turns_ranges_round(recording: Recording) -> None:
    for document in recording.documents("data-item"):
        if document["name"] == "Xpos":
            document["range"] = {"minimum": 500, "maximum": -500}


@mutant(
    "MFG-RUL-001",
    en="The hierarchy path of its equipment ends at another parent.",
    ko="설비의 계층 경로가 상위 설비와 다른 설비에서 끝납니다.",
    base=Base.FILES,
)
def takes_paths_from_another_parent(recording: Recording) -> None:
    for document in recording.documents("equipment"):
        if document.get("name") == "coolant":
            document["hierarchyPath"].pop()


@mutant(
    "MFG-RUL-002",
    en="It says that it reports every change of state, and leaps over states.",
    ko="모든 상태 변화를 보고한다고 하면서 중간 상태를 건너뜁니다.",
    base=Base.FILES,
)
def leaps_over_states(recording: Recording) -> None:
    for document in recording.documents("state-event"):
        if "procedural" in document["state"]:
            # What it was before is not said: one report alone shows nothing.
            document.pop("previous", None)
            document["complete"] = True


@mutant(
    "MFG-RUL-001",
    "MFG-RUL-002",
    en="It says that it reports every change of state, and leaps over states in each report.",
    ko="모든 상태 변화를 보고한다고 하면서 보고마다 이전 상태에서 건너뜁니다.",
    why=Text(
        "The leap shows in the report, which says what was before, and in the sequence.",
        "이전 상태를 적은 보고 하나와 보고의 순서 양쪽에서 건너뜀이 드러납니다.",
    ),
    base=Base.FILES,
)
def leaps_over_states_in_each_report(recording: Recording) -> None:
    for document in recording.documents("state-event"):
        document["complete"] = True


@mutant(
    "MFG-RUL-002",
    en="It assigns a machine to a second role while it still fills the first.",
    ko="자산이 앞선 역할을 맡고 있는 동안 다른 역할에 다시 배정합니다.",
    base=Base.FILES,
)
def assigns_a_machine_twice(recording: Recording) -> None:
    first, second, *_ = recording.told("equipment-asset-assignment")
    extra = copy.deepcopy(first)
    extra["document"]["id"] = "assigned-twice"
    data = extra["document"]["data"]
    data["id"] = "urn:uuid:8a6d0d0e-2f0e-4e0e-9a55-1d9a7f6d0001"
    data["equipment"] = second["document"]["data"]["equipment"]
    data["validity"] = {"start": "2026-01-05T00:00:30Z"}
    recording.insert(extra, after=first)


@mutant(
    "MFG-RUL-002",
    en="It calls a spindle a site.",
    ko="주축의 설비 수준을 사업장으로 전달합니다.",
    base=Base.PLAIN,
)
def calls_a_spindle_a_site(recording: Recording) -> None:
    for document in recording.documents("equipment"):
        if document.get("name") == "S":
            document["level"] = "site"


@mutant(
    "MFG-RUL-003",
    en="Its documents are written down a day before what they tell of.",
    ko="문서의 기록 시각이 발생 시각보다 하루 앞섭니다.",
    base=Base.FILES,
)
def writes_documents_too_early(recording: Recording) -> None:
    for document in recording.documents("state-event"):
        document["recordTime"] = "2026-01-04T00:00:00Z"


@mutant(
    "MFG-RUL-003",
    en="It assigns a machine to a role that is described nowhere.",
    ko="어디에도 기술되지 않은 역할에 자산을 배정합니다.",
    base=Base.FILES,
)
def assigns_to_a_role_that_nobody_knows(recording: Recording) -> None:
    for document in recording.documents("equipment-asset-assignment"):
        document["equipment"] = {"id": "https://plant.example/line-7/cnc-99"}
