"""What ``conform verify`` says: every step, what the certificate says, and what was not looked at.

"Valid" alone would mislead: a signature can hold over a certificate of another product, or of a
low level. So the reader is told what was certified, and which questions stay open.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

from mfgstd.language import Text
from mfgstd_conformance.certificate.verify import Outcome
from mfgstd_conformance.profiles import Level
from mfgstd_conformance.report.display import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mfgstd_conformance.certificate.verify import Step, Verification

_OUTCOMES: Final = {
    Outcome.OK: Text("ok", "확인"),
    Outcome.FAILED: Text("failed", "실패"),
    Outcome.UNKNOWN: Text("unknown", "미확인"),
}

_STEPS: Final = {
    "signature": Text("signature", "서명"),
    "statement": Text("statement", "인증서 내용"),
    "validity": Text("validity", "유효 기간"),
    "folder": Text("folder", "시험 결과 폴더"),
    "plan": Text("plan", "시험 계획"),
    "result": Text("result", "결과"),
    "ledger": Text("ledger", "손실 원장"),
    "trace": Text("trace", "시험 기록"),
    "product": Text("product", "제품"),
    "replay": Text("replay", "재판정"),
    "revocation": Text("revocation", "폐지 여부"),
}

_ASSURANCES: Final = {
    "self_declared": Text("self-declared", "자체 선언"),
    "witnessed": Text("witnessed", "입회 시험"),
    "laboratory": Text("by a laboratory", "시험 기관"),
}

_COLUMN: Final = 8


def verification_lines(found: Verification, code: int) -> Iterator[str]:
    """The steps, then the certificate's claim, then one sentence for the exit code."""
    for step in found.steps:
        word = _OUTCOMES[step.outcome].say()
        yield f"{word}{' ' * (_COLUMN - _width(word))} {_name(step)}: {clean(step.text.say())}"
    if found.valid and found.predicate is not None:
        yield str(_claim(found.predicate))
        open_ones = [_name(each) for each in found.steps if each.outcome is Outcome.UNKNOWN]
        if open_ones:
            names = ", ".join(open_ones)
            yield str(Text(f"Not verified: {names}.", f"확인하지 않은 항목: {names}"))
    yield str(_conclusion(found, code))


def _claim(said: Mapping[str, Any]) -> Text:
    product, profile, assurance = said["product"], said["profile"], said["assurance"]
    what = clean(f"{product['name']} {product['version']} ({product['supplier']})")
    issuer, level = clean(assurance["issuer"]), Level(profile["level"]).text
    kind = _ASSURANCES[assurance["kind"]]
    return Text(
        f"It certifies: {what}; {profile['id']}, level {level.en}; issued by {issuer} ({kind.en}).",
        f"인증 내용: {what}, {profile['id']} {level.ko} 수준, 발급자 {issuer}({kind.ko})",
    )


def _conclusion(found: Verification, code: int) -> Text:
    if not code:
        return Text("The certificate is valid.", "인증서가 유효합니다.")
    if code == 1:
        return Text(
            "The certificate is not valid for what was given.",
            "제시된 자료로는 인증서가 유효하지 않습니다.",
        )
    if found.predicate is None:
        return Text(
            "The certificate was not verified: give the issuer's public key with --key.",
            "인증서를 검증하지 못했습니다. --key로 발급자의 공개 키를 지정하세요.",
        )
    return Text(
        "Undecided: not everything that was asked for could be verified.",
        "판정 불가: 요청한 항목 가운데 확인하지 못한 것이 있습니다.",
    )


def _name(step: Step) -> str:
    return _STEPS[step.name].say()


def _width(text: str) -> int:
    """Columns on a terminal: a Hangul syllable takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
