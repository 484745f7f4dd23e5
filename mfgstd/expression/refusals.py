"""What the checker says when it refuses: one sentence for each reason, with the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfgstd.expression.syntax import refused
from mfgstd.expression.types import DOUBLE, INT
from mfgstd.language import Text

if TYPE_CHECKING:
    from mfgstd.errors import ExpressionError
    from mfgstd.expression.types import Type


def a(kind: Type) -> str:
    """A type with its article: a string, an int."""
    name = str(kind)
    return f"an {name}" if name[:1].lower() in "aeio" else f"a {name}"


def unguarded(path: str, at: int) -> ExpressionError:
    """An optional field that is read where it may be absent."""
    return refused(
        Text(
            f"{path} is optional and may be absent here.",
            f"{path}은(는) 선택 필드이므로 없을 수 있습니다.",
        ),
        at,
        Text(
            f"Ask first: has({path}) && ..., or in the rule's `when`.",
            f"먼저 확인하십시오: has({path}) && ... 또는 규칙의 `when`.",
        ),
    )


def mistyped(at: int, given: Type, wanted: Type) -> ExpressionError:
    """A value of another type than is wanted."""
    return refused(
        Text(f"This is {a(given)}, not {a(wanted)}.", f"{wanted}이(가) 와야 하는데 {given}입니다."),
        at,
    )


def unlike(at: int, by: str, left: Type, right: Type) -> ExpressionError:
    """Two sides that must be of one type and are not."""
    hint = None
    if {left, right} == {INT, DOUBLE}:
        hint = Text(
            "Numbers are doubles: write 1.0, not 1; convert a whole number with double(x).",
            "숫자는 실수입니다. 1이 아니라 1.0으로 쓰고, 정수는 double(x)로 변환하십시오.",
        )
    return refused(
        Text(
            f"{by} has {a(left)} on one side and {a(right)} on the other.",
            f"{by}의 한쪽은 {left}, 다른 쪽은 {right}입니다.",
        ),
        at,
        hint,
    )


def no_overload(
    name: str, kinds: tuple[Type, ...], at: int, hint: Text | None = None
) -> ExpressionError:
    """A function or operator that does not take these types."""
    listed = ", ".join(map(str, kinds))
    return refused(
        Text(f"{name} does not take ({listed}).", f"{name}에 ({listed})을(를) 쓸 수 없습니다."),
        at,
        hint,
    )
