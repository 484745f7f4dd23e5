"""Everything that mfgstd raises.

::

    MfgStdError
    ├── UsageError           the command or call is wrong                      exit 2
    │   └── MissingExtra     a library that an extra brings is not installed
    ├── StandardError        a schema, or something generated from it, is wrong exit 4
    │   ├── UnknownSchema    no schema has that name or id                      exit 2
    │   ├── UnknownState     no state machine, or no state in it, has that name exit 2
    │   ├── UnknownUnit      no table and no rule of UCUM knows that unit       exit 2
    │   ├── UnitMismatch     two units measure different things                 exit 2
    │   ├── SchemaError      an authored schema says what the profile forbids
    │   │   └── SchemaFileError  it is one that the user named                  exit 1
    │   ├── ReleaseError     a release was tampered with, or may not be made    exit 1
    │   └── ExpressionError  an expression of a rule or formula does not compile
    ├── InputError           a file or stream cannot be read as what it claims  exit 1
    └── AdapterError         the outside world is wrong                         exit 3
        ├── NotInstalled     no installed package provides the adapter          exit 2
        ├── ConfigError      the adapter's settings cannot work                 exit 2
        ├── TransientError   trying again later may help
        └── SystemFault      the other side is broken; a person must look

Bad *data* is never an exception: it is a :class:`mfgstd.finding.Finding`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mfgstd.language import Language, Text
from mfgstd.near import suggestion

if TYPE_CHECKING:
    from mfgstd.finding import Place


class MfgStdError(Exception):
    """The root: a sentence in both languages, a place where there is one, and what to do next."""

    exit_code: ClassVar[int] = 4

    def __init__(
        self, message: Text, *, place: Place | None = None, hint: Text | None = None
    ) -> None:
        self.message = message
        self.place = place
        self.hint = hint
        super().__init__(self.say("en"))

    def say(self, language: Language | None = None) -> str:
        """Place, sentence and next step, on as many lines as there are parts."""
        where = f"{self.place}: " if self.place and str(self.place) else ""
        text = where + self.message.say(language)
        return f"{text}\n{self.hint.say(language)}" if self.hint else text


class UsageError(MfgStdError):
    """The command or the call is wrong."""

    exit_code = 2


class MissingExtra(UsageError):
    """A library that one of our extras brings is not installed."""

    def __init__(self, library: str, extra: str) -> None:
        self.library = library
        self.extra = extra
        super().__init__(
            Text(
                f"This needs the library {library!r}, which is not installed.",
                f"이 기능에는 라이브러리 {library!r}이(가) 필요하지만 설치되어 있지 않습니다.",
            ),
            hint=Text(
                f'Install it with: pip install "mfgstd[{extra}]"',
                f'다음 명령으로 설치하십시오: pip install "mfgstd[{extra}]"',
            ),
        )


class StandardError(MfgStdError):
    """A schema, or something generated from one, is wrong."""

    exit_code = 4


class UnknownSchema(StandardError):
    """No schema has that name or id."""

    exit_code = 2

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        self.known = known
        super().__init__(
            Text(
                f"There is no schema {name!r}.",
                f"{name!r} 스키마가 없습니다.",
            ),
            hint=suggestion(name, known),
        )


class UnknownState(StandardError):
    """No state machine has that name, or no state of the machine."""

    exit_code = 2

    def __init__(self, name: str, machine: str | None, known: list[str]) -> None:
        self.name = name
        self.machine = machine
        self.known = known
        message = Text(f"There is no state machine {name!r}.", f"{name!r} 상태 기계가 없습니다.")
        if machine is not None:
            message = Text(
                f"The state machine {machine!r} has no state {name!r}.",
                f"상태 기계 {machine!r}에 {name!r} 상태가 없습니다.",
            )
        super().__init__(message, hint=suggestion(name, known))


class UnknownUnit(StandardError):
    """No table has that unit, and it is not made of units that one has."""

    exit_code = 2

    def __init__(self, name: str, near: list[str], vocabulary: str = "UCUM") -> None:
        self.name = name
        self.near = near
        self.vocabulary = vocabulary
        hint = Text(
            "docs/standard/vocabularies.md says how units are written.",
            "단위 표기법은 docs/standard/vocabularies.md에 있습니다.",
        )
        super().__init__(
            Text(
                f"There is no unit {name!r} in {vocabulary}, as far as is known here.",
                f"{vocabulary}에서 {name!r} 단위를 찾을 수 없습니다.",
            ),
            hint=Text(f"Did you mean: {', '.join(near)}?", f"다음 중 하나인가요? {', '.join(near)}")
            if near
            else hint,
        )


class UnitMismatch(StandardError):
    """Two units measure different things, so neither converts into the other."""

    exit_code = 2

    def __init__(self, source: str, target: str, measures: tuple[str, str]) -> None:
        self.source = source
        self.target = target
        super().__init__(
            Text(
                f"{source!r} does not convert into {target!r}: one measures {measures[0]}, "
                f"the other {measures[1]}.",
                f"{source!r}을(를) {target!r}(으)로 변환할 수 없습니다. 앞의 단위는 {measures[0]}, "
                f"뒤의 단위는 {measures[1]}의 단위입니다.",
            )
        )


class SchemaError(StandardError):
    """An authored schema says what the authoring profile forbids."""


class SchemaFileError(SchemaError):
    """A schema that the user named is none, or says what the profile forbids."""

    exit_code = 1


class ReleaseError(StandardError):
    """A release is not as it was written, or the schemas are not fit to be released."""

    exit_code = 1


class ExpressionError(StandardError):
    """An expression of a rule or formula does not compile; ``column`` counts from 1 within it."""

    def __init__(self, message: Text, *, column: int, hint: Text | None = None) -> None:
        self.column = column
        super().__init__(message, hint=hint)


class InputError(MfgStdError):
    """A file or stream cannot be read as what it claims to be."""

    exit_code = 1


class AdapterError(MfgStdError):
    """The outside world is wrong."""

    exit_code = 3


class NotInstalled(AdapterError):
    """No installed package provides the adapter."""

    exit_code = 2

    def __init__(self, name: str, available: list[str]) -> None:
        self.name = name
        self.available = available
        known, known_ko = ", ".join(available) or "none", ", ".join(available) or "없음"
        super().__init__(
            Text(
                f"No adapter named {name!r} (installed: {known}).",
                f"{name!r} 어댑터가 없습니다 (설치됨: {known_ko}).",
            )
        )


class ConfigError(AdapterError):
    """The adapter's settings cannot work, however often they are tried."""

    exit_code = 2


class TransientError(AdapterError):
    """Trying again later may help: the other side is away or slow."""


class SystemFault(AdapterError):
    """The other side is broken; a person must look."""
