"""What the site calls things: domains, relations, severities and the like, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Domain -> its name and what it is about. A domain that is not here goes by its folder's name.
DOMAINS: Final[Mapping[str, tuple[Text, Text]]] = {
    "equipment": (
        Text("Equipment", "설비"),
        Text(
            "Machines, what they report, their states, alarms, energy and maintenance.",
            "설비와 설비가 보고하는 데이터, 상태, 알람, 에너지, 정비입니다.",
        ),
    ),
    "process": (
        Text("Process", "공정"),
        Text(
            "Orders and what became of them, recipes, materials, lots and traceability.",
            "작업 지시와 실적, 레시피, 자재, 로트, 이력 추적입니다.",
        ),
    ),
    "quality": (
        Text("Quality", "품질"),
        Text(
            "Characteristics, inspections, measurements, nonconformances and gauges.",
            "특성, 검사, 측정, 부적합, 계측기입니다.",
        ),
    ),
    "safety": (
        Text("Safety", "안전"),
        Text(
            "Monitoring of safety devices and incidents; never a safety function itself.",
            "안전 장치와 사고의 모니터링입니다. 안전 기능 자체로는 쓸 수 없습니다.",
        ),
    ),
    "kpi": (
        Text("Indicators", "지표"),
        Text(
            "KPI definitions, results that can be computed again, and baselines.",
            "KPI 정의, 다시 계산할 수 있는 실적, 기준선입니다.",
        ),
    ),
    "envelope": (
        Text("Envelope", "봉투"),
        Text(
            "What documents travel in when they are sent as events.",
            "문서를 이벤트로 보낼 때 담는 형식입니다.",
        ),
    ),
    "primitives": (
        Text("Primitives", "기본 형식"),
        Text(
            "What all the others are made of: identity, time, quantity, quality of data.",
            "다른 모든 스키마를 이루는 식별자, 시각, 물리량, 데이터 품질입니다.",
        ),
    ),
}

#: The order in which people look for them: what they exchange first, building blocks last.
ORDER: Final = tuple(DOMAINS)

#: Relation of a mapping -> sign, name, meaning; seen from here.
RELATIONS: Final[Mapping[str, tuple[str, Text, Text]]] = {
    "exact": ("=", Text("exact", "일치"), Text("The same notion.", "같은 개념입니다.")),
    "close": (
        "≈",
        Text("close", "유사"),
        Text("Nearly the same notion.", "거의 같은 개념입니다."),
    ),
    "broad": (
        "⊂",
        Text("broad", "상대가 넓음"),
        Text("Theirs is wider.", "상대 표준의 개념이 더 넓습니다."),
    ),
    "narrow": (
        "⊃",
        Text("narrow", "상대가 좁음"),
        Text("Theirs is narrower.", "상대 표준의 개념이 더 좁습니다."),
    ),
    "none": (
        "∅",
        Text("none", "대응 없음"),
        Text("There is no counterpart.", "대응하는 개념이 없습니다."),
    ),
}

SEVERITIES: Final = {"error": Text("error", "오류"), "warning": Text("warning", "경고")}

SCOPES: Final = {
    "record": Text("one document", "문서 하나"),
    "sequence": Text("documents in sequence", "연속된 문서"),
    "reference": Text("documents that refer to each other", "서로 참조하는 문서"),
}

STABILITY: Final = {
    "stable": Text("stable", "안정"),
    "experimental": Text("experimental", "시험"),
}

VERIFICATION: Final = {
    "verified": Text("read in a public source", "공개 출처에서 확인"),
    "unverified": Text("not verified", "미확인"),
    "seen": Text("read in a public source", "공개 출처에서 확인"),
    "assumed": Text("ours", "자체 정의"),
}

TRENDS: Final = {
    "higher_is_better": Text("higher is better", "높을수록 좋음"),
    "lower_is_better": Text("lower is better", "낮을수록 좋음"),
    "target": Text("the nearer to its target, the better", "목표에 가까울수록 좋음"),
}

STATUSES: Final = {
    "good": Text("good", "정상"),
    "uncertain": Text("uncertain", "불확실"),
    "bad": Text("bad", "불량"),
}

STATE_KINDS: Final = {
    "acting": Text("acts until it is done", "동작 완료 시 종료"),
    "wait": Text("waits for a command", "명령 대기"),
    "dual": Text("acts, or ends by command", "동작 또는 명령으로 종료"),
}

#: What kinds of results the search tells apart, in this order in the index.
KINDS: Final[Mapping[str, Text]] = {
    "schema": Text("schema", "스키마"),
    "field": Text("field", "필드"),
    "word": Text("word", "단어"),
    "rule": Text("rule", "규칙"),
    "standard": Text("standard", "타 표준"),
    "unit": Text("unit", "단위"),
    "quantity": Text("quantity", "물리량"),
    "kpi": Text("indicator", "지표"),
    "element": Text("element", "구성 요소"),
    "state": Text("state", "상태"),
    "reason": Text("reason", "품질 사유"),
    "page": Text("page", "페이지"),
}


def domain_label(name: str) -> Text:
    """What a domain is called."""
    known = DOMAINS.get(name)
    return known[0] if known else Text(name, name)


def domain_sentence(name: str) -> Text:
    """What a domain is about; nothing for one that is not the standard's."""
    known = DOMAINS.get(name)
    return known[1] if known else Text("", "")
