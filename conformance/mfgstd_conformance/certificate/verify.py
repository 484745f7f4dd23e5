"""Verifying: nothing is believed but bytes, a public key and, where given, the run's folder.

Every step that could be taken is named in the result, and so is every step that could not: a
reader must see what was *not* verified. Nothing here needs a network.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from mfgstd.language import Text
from mfgstd_conformance import canonical, formats
from mfgstd_conformance.certificate import dsse, revocation, statement
from mfgstd_conformance.certificate.folder import FolderCheck
from mfgstd_conformance.decision import moment
from mfgstd_conformance.errors import JudgeError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from mfgstd_conformance.verdict import Verdict

    #: Judges the trace of a folder again: requirement id -> verdict.
    Replay = Callable[[Path], Mapping[str, Verdict]]


class Outcome(StrEnum):
    """What became of one step."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It could not be decided with what was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of verification: its name, its outcome, and one sentence."""

    name: str
    outcome: Outcome
    text: Text

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {"step": self.name, "outcome": self.outcome.value, "message": self.text.say()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All steps, and the predicate once the signature vouches for it."""

    steps: tuple[Step, ...]
    predicate: Mapping[str, Any] | None

    @property
    def valid(self) -> bool:
        """Whether the signature holds and nothing speaks against the certificate."""
        return self.predicate is not None and not any(
            each.outcome is Outcome.FAILED for each in self.steps
        )

    @property
    def exit_code(self) -> int:
        """0 valid, 1 not, 3 if the signing key is not at hand."""
        if any(each.outcome is Outcome.FAILED for each in self.steps):
            return 1
        return 0 if self.valid else 3

    def step(self, name: str) -> Step:
        """One step by name.

        Raises:
            KeyError: verification did not come that far.
        """
        for each in self.steps:
            if each.name == name:
                return each
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocations:
    """A revocation log, its signed checkpoint, and the keys of who may sign checkpoints."""

    log: Path
    checkpoint: bytes
    keys: tuple[Ed25519PublicKey, ...]


def verify(
    certificate: bytes,
    keys: Collection[Ed25519PublicKey],
    *,
    folder: Path | None = None,
    product: Path | None = None,
    replay: Replay | None = None,
    revocations: Revocations | None = None,
    now: datetime | None = None,
) -> Verification:
    """Take every step that what is given allows.

    Args:
        certificate: the bytes of the certificate's file.
        keys: public keys that the reader trusts; the certificate names one of them.
        folder: the run: ``plan.json``, ``result.json``, ``ledger.json`` and ``trace/``.
        product: the product's own file, where the certificate is bound to its digest.
        replay: judges the folder's trace again.
        revocations: where certificates are taken back.
        now: the moment that validity is held against, by default this one.
    """
    steps: list[Step] = []
    predicate = _signed(certificate, keys, steps)
    if predicate is None:
        return Verification(steps=tuple(steps), predicate=None)
    checked = None if folder is None else FolderCheck(folder, predicate["predicate"])
    _consistency(predicate, checked, steps)
    content = predicate["predicate"]
    _validity(content, now or datetime.now(UTC), steps)
    if checked is None:
        steps.append(_step("folder", Outcome.UNKNOWN, _NO_FOLDER))
    else:
        for name, problem in checked.problems():
            outcome = Outcome.OK if problem is None else Outcome.FAILED
            steps.append(_step(name, outcome, problem or _UNCHANGED))
    _product(content["binding"], product, steps)
    _replay(content["verdicts"], folder, replay, steps)
    _revocation(certificate, revocations, steps)
    return Verification(steps=tuple(steps), predicate=content)


def _signed(
    certificate: bytes, keys: Collection[Ed25519PublicKey], steps: list[Step]
) -> dict[str, Any] | None:
    try:
        said, key = dsse.unseal(certificate, keys)
    except dsse.UnknownKeyError as error:
        steps.append(_step("signature", Outcome.UNKNOWN, error.text))
        return None
    except dsse.EnvelopeError as error:
        steps.append(_step("signature", Outcome.FAILED, error.text))
        return None
    steps.append(
        _step(
            "signature",
            Outcome.OK,
            Text(
                f"The key {key} signed exactly these bytes.",
                f"키 {key}(으)로 서명되었으며 내용이 한 바이트도 바뀌지 않았습니다.",
            ),
        )
    )
    for where, what in formats.violations("statement", said):
        text = Text(
            f"The statement is malformed at {where or '/'}: {what}",
            f"인증서 내용의 {where or '/'} 항목이 올바르지 않습니다: {what}",
        )
        steps.append(_step("statement", Outcome.FAILED, text))
        return None
    checked: dict[str, Any] = said
    return checked


def _consistency(said: Mapping[str, Any], checked: FolderCheck | None, steps: list[Step]) -> None:
    plan = None if checked is None else checked.plan
    found = list(statement.contradictions(said, plan))
    if found:
        text = Text(
            "The certificate contradicts itself: " + "; ".join(found) + ".",
            "인증서의 내용이 서로 모순됩니다: " + "; ".join(found) + ".",
        )
        steps.append(_step("statement", Outcome.FAILED, text))
        return
    text = Text(
        "Its parts agree with one another.",
        "인증서의 각 부분이 서로 일치합니다.",
    )
    steps.append(_step("statement", Outcome.OK, text))


def _validity(content: Mapping[str, Any], now: datetime, steps: list[Step]) -> None:
    begins, ends = content["validity"]["from"], content["validity"]["until"]
    try:
        valid = moment(begins) <= now < moment(ends)
    except ValueError:
        valid = False
    text = (
        Text(
            f"It is valid from {begins} until {ends}.",
            f"{begins}부터 {ends}까지 유효합니다.",
        )
        if valid
        else Text(
            f"It is valid from {begins} until {ends}, and now is not within.",
            f"유효 기간은 {begins}부터 {ends}까지이며, 현재는 그 기간이 아닙니다.",
        )
    )
    steps.append(_step("validity", Outcome.OK if valid else Outcome.FAILED, text))


def _product(binding: Mapping[str, Any], product: Path | None, steps: list[Step]) -> None:
    if product is None or binding["kind"] != "digest":
        text = Text(
            f"Whether this is the product in your hands was not verified (binding: "
            f"{binding['kind']}).",
            f"보유하신 제품이 인증된 제품과 같은지는 확인하지 않았습니다(결합 방식: "
            f"{binding['kind']}).",
        )
        steps.append(_step("product", Outcome.UNKNOWN, text))
        return
    try:
        same = canonical.sha256_of_file(product) == binding["sha256"]
    except OSError as error:
        text = Text(
            f"The product's file cannot be read: {error.strerror}.",
            f"제품 파일을 읽을 수 없습니다: {error.strerror}",
        )
        steps.append(_step("product", Outcome.UNKNOWN, text))
        return
    text = (
        Text("This file is the certified product.", "이 파일은 인증된 제품과 같습니다.")
        if same
        else Text("This file is not the certified product.", "이 파일은 인증된 제품과 다릅니다.")
    )
    steps.append(_step("product", Outcome.OK if same else Outcome.FAILED, text))


def _replay(
    verdicts: Mapping[str, str], folder: Path | None, replay: Replay | None, steps: list[Step]
) -> None:
    if replay is None or folder is None:
        text = Text("The trace was not judged again.", "시험 기록을 다시 판정하지 않았습니다.")
        steps.append(_step("replay", Outcome.UNKNOWN, text))
        return
    if any(each.outcome is Outcome.FAILED for each in steps):
        text = Text(
            "The trace was not judged again: an earlier step failed.",
            "앞 단계가 실패하여 시험 기록을 다시 판정하지 않았습니다.",
        )
        steps.append(_step("replay", Outcome.UNKNOWN, text))
        return
    again = {name: each.value for name, each in replay(folder).items()}
    other = sorted(
        name
        for name in verdicts.keys() | again.keys()
        if verdicts.get(name, "not_run") != again.get(name, "not_run")
    )
    if other:
        text = Text(
            f"Judged again, the trace gives other verdicts for: {', '.join(other)}.",
            f"다시 판정한 결과가 다음 요구사항에서 다릅니다: {', '.join(other)}",
        )
    else:
        text = Text(
            "Judged again, the trace gives the same verdicts.",
            "시험 기록을 다시 판정한 결과가 같습니다.",
        )
    steps.append(_step("replay", Outcome.FAILED if other else Outcome.OK, text))


def _revocation(certificate: bytes, revocations: Revocations | None, steps: list[Step]) -> None:
    if revocations is None:
        text = Text(
            "Revocation unknown: no log was given.", "폐지 여부를 알 수 없습니다(기록 없음)."
        )
        steps.append(_step("revocation", Outcome.UNKNOWN, text))
        return
    try:
        found = revocation.status(
            certificate, revocations.log, revocations.checkpoint, revocations.keys
        )
    except JudgeError as error:
        text = Text(
            f"Revocation unknown: {error.message.en}",
            f"폐지 여부를 알 수 없습니다: {error.message.ko}",
        )
        steps.append(_step("revocation", Outcome.UNKNOWN, text))
        return
    if found.revoked is None:
        text = Text(
            f"Not revoked as of checkpoint {found.as_of}.",
            f"체크포인트 {found.as_of} 기준으로 폐지되지 않았습니다.",
        )
        steps.append(_step("revocation", Outcome.OK, text))
        return
    text = Text(
        f"Revoked on {found.revoked.time}: {found.revoked.reason}",
        f"{found.revoked.time}에 폐지되었습니다: {found.revoked.reason}",
    )
    steps.append(_step("revocation", Outcome.FAILED, text))


def _step(name: str, outcome: Outcome, text: Text) -> Step:
    return Step(name=name, outcome=outcome, text=text)


_UNCHANGED: Final = Text("Unchanged since it was certified.", "인증 이후 변경되지 않았습니다.")

_NO_FOLDER: Final = Text(
    "Plan, result, ledger and trace were not given, and not verified.",
    "시험 계획, 결과, 손실 원장, 시험 기록이 제시되지 않아 확인하지 않았습니다.",
)
