"""What the reports say in their own voice, in both languages.

A verdict of the whole plan gets one word, one sentence on what it means, and one on what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mfgstd.language import Text
from mfgstd_conformance.registry import Obligation
from mfgstd_conformance.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Overall:
    """How the verdict of a whole plan is told: a word, its meaning, the next step."""

    word: Text
    meaning: Text
    next_step: Text


OVERALL: Final = {
    Verdict.PASS: Overall(
        Text("conforms", "적합"),
        Text(
            "Every planned requirement that the suite decides was examined on real evidence, and "
            "holds.",
            "시험 도구로 판정하는 모든 요구사항을 실제 증거로 시험했으며 모두 충족했습니다.",
        ),
        Text(
            "Keep the run's folder as it is: a certificate is issued from it (mfgstd conform "
            "certify). What is verified by attestation needs its statement first.",
            "시험 폴더를 그대로 보관하세요. 이 폴더로 인증서를 발급합니다(mfgstd conform "
            "certify). 확인서로 검증하는 항목은 먼저 확인서를 제출해야 합니다.",
        ),
    ),
    Verdict.WARN: Overall(
        Text("conforms, with warnings", "적합(경고 있음)"),
        Text(
            "Every planned obligation that the suite decides holds. Some recommendations are not "
            "followed.",
            "시험 도구로 판정하는 의무 요구사항을 모두 충족했습니다. 지키지 않은 권고 사항이 "
            "있습니다.",
        ),
        Text(
            "Read the warnings and decide whether to follow them; they do not stand in the way of "
            "a certificate. What is verified by attestation needs its statement first.",
            "경고를 확인하고 반영 여부를 결정하세요. 경고가 있어도 인증서를 발급할 수 있습니다. "
            "확인서로 검증하는 항목은 먼저 확인서를 제출해야 합니다.",
        ),
    ),
    Verdict.FAIL: Overall(
        Text("does not conform", "부적합"),
        Text(
            "At least one requirement was shown not to hold. Nothing else that passed outweighs "
            "that.",
            "충족하지 못한 요구사항이 확인되었습니다. 다른 항목이 적합하더라도 결과는 "
            "바뀌지 않습니다.",
        ),
        Text(
            "Begin with the findings marked 'fail'. Each names the place in your own data and "
            "what to do there. Then run the same plan again.",
            "'부적합' 항목부터 확인하세요. 항목마다 데이터의 위치와 조치 방법이 적혀 있습니다. "
            "조치한 뒤 같은 계획으로 다시 시험하세요.",
        ),
    ),
    Verdict.ERROR: Overall(
        Text("the judge failed", "시험 도구 오류"),
        Text(
            "The judge itself broke while examining. This is no statement about the product.",
            "시험 중 도구 자체에 오류가 발생했습니다. 제품에 대한 판정이 아닙니다.",
        ),
        Text(
            "Run it again. If it breaks again, send this report and the trace folder to the "
            "maintainers of the suite.",
            "다시 시험하세요. 같은 오류가 반복되면 이 보고서와 시험 기록 폴더를 시험 도구 "
            "관리자에게 보내 주세요.",
        ),
    ),
    Verdict.INCONCLUSIVE: Overall(
        Text("undecided", "판정 불가"),
        Text(
            "Nothing was shown to be wrong, and the evidence does not suffice to say that all is "
            "right.",
            "부적합은 확인되지 않았지만, 적합하다고 판정하기에는 증거가 부족합니다.",
        ),
        Text(
            "Look at the requirements marked 'inconclusive': each says which evidence was "
            "missing. Make the product deliver it, then run the same plan again.",
            "'판정 불가' 항목을 확인하세요. 항목마다 부족한 증거가 적혀 있습니다. 제품이 해당 "
            "데이터를 전달하도록 한 뒤 같은 계획으로 다시 시험하세요.",
        ),
    ),
    Verdict.NOT_RUN: Overall(
        Text("incomplete", "시험 미완료"),
        Text(
            "Some requirements were planned and not examined, so that nothing can be concluded.",
            "계획된 요구사항 가운데 시험하지 않은 항목이 있어 결론을 내릴 수 없습니다.",
        ),
        Text(
            "Look at the requirements marked 'not run', and run the same plan again, to the end.",
            "'미실시' 항목을 확인하고 같은 계획으로 끝까지 다시 시험하세요.",
        ),
    ),
    Verdict.NOT_APPLICABLE: Overall(
        Text("nothing examined", "시험 항목 없음"),
        Text(
            "No requirement of the plan applied to this product: nothing was examined.",
            "이 제품에 해당하는 요구사항이 없어 아무것도 시험하지 않았습니다.",
        ),
        Text(
            "Check the capabilities that the product declares.",
            "제품이 선언한 기능을 확인하세요.",
        ),
    ),
}

OBLIGATIONS: Final = {
    Obligation.MUST: Text("MUST", "의무(MUST)"),
    Obligation.SHOULD: Text("SHOULD", "권고(SHOULD)"),
    Obligation.MAY: Text("MAY", "선택(MAY)"),
}

#: What to do about one requirement whose verdict says nothing about the product. For the others,
#: the requirement itself says how it is met.
STEPS: Final = {
    Verdict.ERROR: OVERALL[Verdict.ERROR].next_step,
    Verdict.NOT_RUN: Text(
        "Run the same plan again, to the end.", "같은 계획으로 끝까지 다시 시험하세요."
    ),
    Verdict.INCONCLUSIVE: Text(
        "Make the product deliver the evidence that was missing, then run the same plan again.",
        "제품이 부족한 증거를 전달하도록 한 뒤 같은 계획으로 다시 시험하세요.",
    ),
}

#: The same for a requirement that a person must attest.
ATTEST: Final = Text(
    "Hand in a statement with evidence, in the record of decisions.",
    "증빙을 갖춘 확인서를 결정 기록에 넣어 제출하세요.",
)

UNKNOWN_REQUIREMENT: Final = Text(
    "This version of the suite has no requirement of this id.",
    "이 버전의 시험 도구에는 이 식별자의 요구사항이 없습니다.",
)

#: The page's own words, by the names that the template uses.
PAGE: Final = {
    "report": Text("Conformance report", "적합성 시험 보고서"),
    "product": Text("Product", "제품"),
    "supplier": Text("Supplier", "공급사"),
    "profile": Text("Profile", "프로파일"),
    "access": Text("Reached through", "접근 방식"),
    "suite": Text("Suite", "시험 도구"),
    "observations": Text("Observations judged", "판정한 관측값"),
    "capabilities": Text("Declared capabilities", "선언한 기능"),
    "none": Text("none", "없음"),
    "next": Text("Next step", "다음 단계"),
    "how": Text("How to meet it", "충족 방법"),
    "skip": Text("Skip to the requirements", "요구사항으로 건너뛰기"),
    "requirements": Text("Requirements", "요구사항"),
    "filter": Text("Filter by verdict", "판정별로 보기"),
    "all": Text("all", "전체"),
    "search": Text("Search ids, sentences, tags, files", "식별자, 문장, 태그, 파일 검색"),
    "shown": Text(" shown", "개 표시"),
    "nothing": Text(
        "No requirement matches the filter and the search.",
        "조건에 맞는 요구사항이 없습니다.",
    ),
    "open_all": Text("Open all", "모두 펼치기"),
    "close_all": Text("Close all", "모두 접기"),
    "clause": Text("Source", "출처"),
    "why_planned": Text("Why it was planned", "계획에 포함된 이유"),
    "why_excluded": Text("Why it does not apply", "해당하지 않는 이유"),
    "findings": Text("Findings", "발견 사항"),
    "expected": Text("Expected", "기대한 값"),
    "found": Text("Observed", "관측된 값"),
    "place": Text("Place in your data", "데이터 위치"),
    "item": Text("Tag", "태그"),
    "pointer": Text("Field", "필드"),
    "rule": Text("Rule", "규칙"),
    "attested_kind": Text("by attestation", "확인서"),
    "plan": Text("What was planned, and what was not", "시험 계획의 범위"),
    "planned": Text("Planned, examined by the suite", "계획: 시험 도구로 판정"),
    "attested": Text("Planned, verified by attestation", "계획: 확인서로 검증"),
    "excluded": Text(
        "Not applicable, by clause and declaration", "해당 없음: 조항과 기능 선언에 따름"
    ),
    "beyond": Text("Beyond this level, not examined", "상위 수준: 이번에 시험하지 않음"),
    "never": Text("Untestable, never planned", "시험 불가: 계획하지 않음"),
    "no_plan": Text(
        "The plan was not given with this report.",
        "이 보고서에는 시험 계획이 포함되지 않았습니다.",
    ),
    "decisions": Text("Attestations and waivers", "확인서와 면제"),
    "decisions_note": Text(
        "What people stated or accepted. None of it changes a verdict; what counts is decided "
        "when a certificate is issued.",
        "사람이 확인하거나 승인한 내용입니다. 판정은 바뀌지 않으며, 인정 여부는 인증서를 "
        "발급할 때 결정됩니다.",
    ),
    "no_decisions": Text("None was handed in.", "제출된 항목이 없습니다."),
    "attestation": Text("Attestation", "확인서"),
    "waiver": Text("Waiver", "면제"),
    "by": Text("By", "작성자"),
    "on": Text("On", "날짜"),
    "approver": Text("Approved by", "승인자"),
    "expires": Text("Expires", "만료"),
    "evidence": Text("Evidence", "증빙"),
    "certificate": Text("Certificate", "인증서"),
    "certificate_note": Text(
        "A certificate names this result. A report proves nothing: verify the certificate "
        "itself (mfgstd conform verify).",
        "이 결과에 대한 인증서가 있습니다. 보고서 자체는 증명이 아니므로 인증서를 직접 "
        "확인하세요(mfgstd conform verify).",
    ),
    "issuer": Text("Issuer", "발급자"),
    "assurance": Text("Assurance", "보증 수준"),
    "binding": Text("Bound to the product by", "제품과의 결합 방식"),
    "validity": Text("Valid", "유효 기간"),
    "digests": Text("SHA-256 of what this rests on", "판정 근거의 SHA-256"),
    "footer": Text(
        "Generated from the result alone; the verdicts are those of the result, and the same "
        "trace gives the same result again (mfgstd conform replay).",
        "결과 파일만으로 생성되었습니다. 판정은 결과 파일의 판정 그대로이며, 같은 시험 기록에서는 "
        "같은 결과가 나옵니다(mfgstd conform replay).",
    ),
}

DIGESTS: Final = {
    "plan": Text("plan", "시험 계획"),
    "trace": Text("trace", "시험 기록"),
    "ledger": Text("loss ledger", "손실 원장"),
    "product": Text("product", "제품"),
}

ASSURANCES: Final = {
    "self_declared": Text("declared by the supplier itself", "공급사 자체 선언"),
    "witnessed": Text("witnessed by a third party", "제3자 입회"),
    "laboratory": Text("run by a laboratory", "시험기관 수행"),
}

BINDINGS: Final = {
    "digest": Text("the digest of its file", "제품 파일의 해시"),
    "observed_nameplate": Text("the nameplate that it reported", "제품이 보고한 명판 정보"),
    "declared": Text("the supplier's word alone", "공급사의 선언"),
}


def at_level(level: Text) -> Text:
    """How far a verdict goes; it never stands without that."""
    return Text(f"level {level.en}", f"{level.ko} 수준")


def first_asked(level: Text) -> Text:
    """The level from which on a requirement is asked."""
    return Text(f"Asked from level {level.en} on.", f"'{level.ko}' 수준부터 요구됩니다.")


def more(shown: int, count: int) -> Text:
    """How many of a requirement's findings stand here."""
    if shown == 1:
        return Text(f"The first of {count:,} findings.", f"발견 사항 {count:,}건 중 첫 번째입니다.")
    return Text(
        f"The first {shown:,} of {count:,} findings.",
        f"발견 사항 {count:,}건 중 처음 {shown:,}건입니다.",
    )
