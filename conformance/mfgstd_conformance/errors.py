"""What the judge itself raises, below the one tree of the SDK.

::

    MfgStdError
    └── JudgeError
        ├── RegistryError        a requirement or profile is written wrongly       exit 4
        ├── UnknownRequirement   no requirement has that id                        exit 2
        ├── PlanRefused          no plan can be made of what was asked             exit 2
        ├── RecordRefused        a decision record is not what it must be          exit 2
        ├── KeyRefused           a key file cannot or must not be used             exit 2
        ├── SetUpBroken          the product could not even be started             exit 3
    ├── TraceBroken          a trace was changed, or is none                   exit 1
    ├── CertificateRefused   the evidence does not bear a certificate          exit 1
        └── LogBroken            a revocation log or checkpoint was changed        exit 1

A product that fails is never an exception: it is a verdict.
"""

from __future__ import annotations

from mfgstd.errors import MfgStdError
from mfgstd.language import Text


class JudgeError(MfgStdError):
    """The judge cannot do what was asked."""


class RegistryError(JudgeError):
    """A file of ``conformance/requirements`` or ``conformance/profiles`` is written wrongly."""

    exit_code = 4


class UnknownRequirement(JudgeError):
    """No requirement of the registry has that id."""

    exit_code = 2

    def __init__(self, requirement: str, near: list[str]) -> None:
        self.requirement = requirement
        super().__init__(
            Text(
                f"There is no requirement {requirement!r}.",
                f"{requirement!r} 요구사항이 없습니다.",
            ),
            hint=Text(
                f"Did you mean: {', '.join(near)}?" if near else "List them: mfgstd conform list",
                f"다음 중 하나인가요? {', '.join(near)}"
                if near
                else "전체 목록은 다음 명령으로 볼 수 있습니다: mfgstd conform list",
            ),
        )


class PlanRefused(JudgeError):
    """No plan can be made of this profile, level and declaration."""

    exit_code = 2


class RecordRefused(JudgeError):
    """A record of attestations and waivers is not what it must be."""

    exit_code = 2


class KeyRefused(JudgeError):
    """A signing key cannot, or must not, be used."""

    exit_code = 2


class SetUpBroken(JudgeError):
    """The product did not start, reach its source or open: nothing can be said about it."""

    exit_code = 3


class TraceBroken(JudgeError):
    """A trace was changed after it was recorded, or is not one."""

    exit_code = 1


class CertificateRefused(JudgeError):
    """The evidence does not bear a certificate; ``reasons`` says exactly why, one by one."""

    exit_code = 1

    def __init__(self, reasons: tuple[Text, ...]) -> None:
        self.reasons = reasons
        super().__init__(
            Text(
                "No certificate is issued:\n" + "\n".join(f"- {each.en}" for each in reasons),
                "인증서를 발급할 수 없습니다.\n" + "\n".join(f"- {each.ko}" for each in reasons),
            )
        )


class LogBroken(JudgeError):
    """The revocation log or its checkpoint was changed, or is none."""

    exit_code = 1
