"""Every function of the rule language in one table: signature, documentation, both lowerings.

An implementation is named ``module:function`` and imported when an expression first needs it. The
row one takes plain values and raises :class:`mfgstd.expression.values.Undefined` (or what Python
raises for it) where it has no result; the columnar one is described in
:mod:`mfgstd.expression.columns`.
"""

# ruff: noqa: E501 - the table reads best with one function on each line

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from mfgstd.expression.types import BOOL, DOUBLE, INT, STRING, ListOf, MapOf, Type, fits
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_DOUBLES: Final = ListOf(DOUBLE)


class Elements:
    """A list of ``{element, value}`` objects, as a KPI result lists its inputs."""

    def __str__(self) -> str:
        return "list({element, value})"


ELEMENTS: Final = Elements()


@dataclass(frozen=True, slots=True)
class Function:
    """One overload.

    ``name`` is unique (``text(int)``), ``called`` is what stands in an expression; ``method`` says
    that the first argument stands before the dot. ``takes`` may hold ``ELEMENTS``: any list of
    objects with the text ``element`` and the number ``value``.
    """

    name: str
    called: str
    takes: tuple[Type | Elements, ...]
    gives: Type
    does: Text
    row: str
    columns: str
    method: bool = False

    @property
    def signature(self) -> str:
        """As documentation prints it: ``near(double, double, double) -> bool``."""
        given = [str(each) for each in self.takes]
        receiver = f"{given.pop(0)}." if self.method else ""
        return f"{receiver}{self.called}({', '.join(given)}) -> {self.gives}"

    @property
    def in_rows(self) -> Callable[..., Any]:
        """The implementation on plain values."""
        return _imported(self.row)

    @property
    def in_columns(self) -> Callable[..., Any]:
        """The implementation on columns."""
        return _imported(self.columns)


@cache
def _imported(where: str) -> Callable[..., Any]:
    module, _, name = where.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"mfgstd.expression.{module}"), name)
    return found


def _text(name: str, gives: Type, does: Text, *takes: Type) -> Function:
    """A method of text."""
    return Function(
        name, name, (STRING, *(takes or (STRING,))), gives, does,
        f"values:{_snake(name)}", f"column_functions:{_snake(name)}", method=True,
    )  # fmt: skip


def _plain(
    called: str, gives: Type, does: Text, *takes: Type | Elements, name: str | None = None
) -> Function:
    own = name or called
    return Function(
        own, called, takes, gives, does,
        f"{_where(called)}:{_snake(own)}", f"{_where(called, 'column_')}:{_snake(own)}",
    )  # fmt: skip


#: Functions over tables of the standard have modules of their own.
_TABLED: Final = frozenset(
    [
        "transition",
        "reachable",
        "known_unit",
        "commensurable",
        "measures",
        "convert",
        "kpi_value",
        "kpi_defined",
    ]
)


def _where(called: str, prefix: str = "") -> str:
    if called in _TABLED:
        return f"{prefix}tables"
    return f"{prefix}functions" if prefix else "values"


def _snake(name: str) -> str:
    own = name.replace("(", "_").replace(")", "")
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in own)


_ALL: Final = (
    _plain("size", INT, Text("How many code points a text has.", "문자열의 코드 포인트 수입니다."), STRING, name="size(string)"),
    _plain("size", INT, Text("How many elements a list has.", "리스트의 원소 수입니다."), ListOf(None), name="size(list)"),
    _plain("size", INT, Text("How many keys a map has.", "맵의 키 수입니다."), MapOf(STRING), name="size(map)"),
    _text("startsWith", BOOL, Text("Whether a text begins with another.", "문자열이 주어진 문자열로 시작하는지 여부입니다.")),
    _text("endsWith", BOOL, Text("Whether a text ends with another.", "문자열이 주어진 문자열로 끝나는지 여부입니다.")),
    _text("contains", BOOL, Text("Whether a text holds another.", "문자열에 주어진 문자열이 들어 있는지 여부입니다.")),
    _text("matches", BOOL, Text("Whether a text matches a pattern, written as a literal: ^(...)$.", "문자열이 패턴 리터럴 ^(...)$과 일치하는지 여부입니다.")),
    _plain("double", DOUBLE, Text("The double nearest to a whole number.", "정수에 가장 가까운 배정밀도 실수입니다."), INT, name="double(int)"),
    _plain("double", DOUBLE, Text("The same double.", "같은 실수입니다."), DOUBLE, name="double(double)"),
    _plain("text", STRING, Text("A whole number in decimal digits.", "정수를 십진수로 적은 문자열입니다."), INT, name="text(int)"),
    _plain("text", STRING, Text("The same text.", "같은 문자열입니다."), STRING, name="text(string)"),
    _plain("text", STRING, Text("true or false as text.", "참, 거짓을 적은 문자열입니다."), BOOL, name="text(bool)"),
    _plain("timestamp", INT, Text("Nanoseconds since 1970-01-01T00:00:00Z of an RFC 3339 text with an offset; a leap second is the last nanosecond of the second before.", "오프셋이 있는 RFC 3339 문자열을 1970-01-01T00:00:00Z부터의 나노초로 나타냅니다. 윤초는 앞선 초의 마지막 나노초로 봅니다."), STRING),
    _plain("seconds", DOUBLE, Text("Seconds from one instant to another.", "한 시각에서 다른 시각까지의 초입니다."), STRING, STRING),
    _plain("abs", DOUBLE, Text("The absolute value.", "절댓값입니다."), DOUBLE, name="abs(double)"),
    _plain("abs", INT, Text("The absolute value.", "절댓값입니다."), INT, name="abs(int)"),
    _plain("near", BOOL, Text("Whether two numbers differ by no more than a tolerance.", "두 수의 차이가 허용값 이하인지 여부입니다."), DOUBLE, DOUBLE, DOUBLE),
    _plain("sum", DOUBLE, Text("The sum from left to right; 0.0 of an empty list.", "왼쪽부터 더한 합입니다. 빈 리스트의 합은 0.0입니다."), _DOUBLES, name="sum(list)"),
    _plain("min", DOUBLE, Text("The least; an error for an empty list.", "최솟값입니다. 빈 리스트에는 오류입니다."), _DOUBLES, name="min(list)"),
    _plain("max", DOUBLE, Text("The greatest; an error for an empty list.", "최댓값입니다. 빈 리스트에는 오류입니다."), _DOUBLES, name="max(list)"),
    _plain("transition", BOOL, Text("Whether a state machine allows the step from one state to another.", "상태 기계가 한 상태에서 다른 상태로 바로 바뀌는 것을 허용하는지 여부입니다."), STRING, STRING, STRING),
    _plain("reachable", BOOL, Text("Whether a state machine leads from one state to another in one or more steps.", "상태 기계에서 한 단계 이상을 거쳐 다른 상태에 이를 수 있는지 여부입니다."), STRING, STRING, STRING),
    _plain("known_unit", BOOL, Text("Whether the table of units has this UCUM code.", "단위 표에 이 UCUM 코드가 있는지 여부입니다."), STRING),
    _plain("commensurable", BOOL, Text("Whether two units convert into each other; true where either is not in the table.", "두 단위를 서로 변환할 수 있는지 여부입니다. 표에 없는 단위가 있으면 참입니다."), STRING, STRING),
    _plain("measures", BOOL, Text("Whether a unit measures a quantity; true where the unit is not in the table or the quantity is a URI; an error for another word that is no quantity.", "단위가 해당 물리량을 재는지 여부입니다. 표에 없는 단위이거나 물리량이 URI이면 참이고, 그 밖의 모르는 물리량이면 오류입니다."), STRING, STRING),
    _plain("convert", DOUBLE, Text("A number in another unit; an error where there is no conversion.", "수를 다른 단위로 바꾼 값입니다. 변환할 수 없으면 오류입니다."), DOUBLE, STRING, STRING),
    _plain("kpi_defined", BOOL, Text("Whether a KPI of the catalogue has a value for these elements: all there, no divisor zero.", "주어진 요소로 KPI를 계산할 수 있는지 여부입니다. 요소가 모두 있고 나누는 수가 0이 아니어야 합니다."), STRING, ELEMENTS),
    _plain("kpi_value", DOUBLE, Text("The value of a KPI of the catalogue, computed from elements; an error where it is not defined.", "요소로 계산한 KPI 값입니다. 계산할 수 없으면 오류입니다."), STRING, ELEMENTS),
)  # fmt: skip

#: By unique name.
FUNCTIONS: Final[Mapping[str, Function]] = {each.name: each for each in _ALL}


def overloads(called: str, *, method: bool) -> list[Function]:
    """All functions (or methods) that go by a name in an expression."""
    return [each for each in _ALL if each.called == called and each.method is method]


def accepts(function: Function, given: Sequence[Type]) -> bool:
    """Whether arguments of these types fit; lists of elements are looked at by the checker."""
    if len(given) != len(function.takes):
        return False
    return all(
        isinstance(kind, ListOf)
        if isinstance(wanted, Elements)
        else isinstance(kind, MapOf)
        if isinstance(wanted, MapOf)
        else fits(kind, wanted)
        for kind, wanted in zip(given, function.takes, strict=True)
    )
