"""Checks of one value: numbers, texts and instants, as functions of a typed column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import ibis

from mfgstd.expression.columns import constant
from mfgstd.expression.patterns import bare
from mfgstd.validation.lowering import INT64_MAX, INT64_MIN, absolute_end

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mfgstd.expression.virtual import Column, Instant
    from mfgstd.standard.resolved import Integer, Number

#: Every instant from 1900 to 2199, in microseconds since 1970: what the pattern of a timestamp
#: lets pass, of canonical texts.
FIRST_INSTANT: Final = -2_208_988_800_000_000
LAST_INSTANT: Final = 7_258_118_399_999_999
#: From here on not every whole number is a double.
_EXACT: Final = 2**53


class NotInColumns(Exception):
    """Columns cannot hold what a schema describes, or hold it otherwise than asked."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule at one pointer, as functions of the value that it is about."""

    rule: str
    pointer: str
    bad: Callable[[Any], Column]
    """Whether the value is wrong, never null; of ``many``, how many of its parts are, as int64."""
    many: bool = False

    def count(self, value: Any) -> Column:
        """How many findings the value has, as int64."""
        return self.bad(value) if self.many else self.bad(value).cast("int64")

    def any(self, value: Any) -> Column:
        """Whether it has one."""
        return self.bad(value) > 0 if self.many else self.bad(value)


def outside(instant: Instant) -> Column:
    """Whether an instant has a text that the pattern of timestamps refuses."""
    within = instant.between(FIRST_INSTANT, LAST_INSTANT)
    return instant.notnull() & ~within.fill_null(False)


def shorter(text: Column, least: int) -> Column:
    """Whether a text has fewer characters; whether it is empty is the cheaper question."""
    return text == "" if least == 1 else text.length() < least


def mismatch(pattern: str) -> Callable[[Column], Column]:
    """The check that a text matches a pattern of a schema."""
    wanted = shared(pattern)
    return lambda value: value.notnull() & ~value.re_search(wanted)


def sayable(pointer: str, *texts: str) -> None:
    """Refuse what no query can say: it is a text itself, and ends for a database at a NUL."""
    if any("\0" in each for each in texts):
        raise NotInColumns(pointer)


def shared(pattern: str) -> str:
    r"""A schema's pattern in the syntax that RE2 and Java read alike.

    ``$`` becomes ``\z``, and one that is anchored as a whole ``\A(...)\z``, which engines know.

    >>> shared("^[!-~]+$")
    '\\A(?:[!-~]+)\\z'
    """
    end = absolute_end(pattern)
    inside = end[1:-2]
    one = not any(sign in ("|", "^") and not depth for sign, depth in bare(inside))
    if one and end.startswith("^") and end.endswith(r"\Z"):
        return rf"\A(?:{inside})\z"
    return re.sub(r"\\.", lambda found: r"\z" if found[0] == r"\Z" else found[0], end)


def finite(value: Column) -> Column:
    """Whether a number is one, and not NaN or an infinity.

    It is never asked by comparing: the statistics of a Parquet file leave NaN out, and DuckDB
    believes them.
    """
    if not value.type().is_floating():
        return ibis.literal(True)
    return ~(value.isnan() | value.isinf())


def number(node: Number, sample: Any, pointer: str) -> list[Check]:
    """A finite double within its bounds; whole numbers stay what they are."""
    found = [Check("type", pointer, lambda v: v.notnull() & ~finite(v))]
    bounds: Mapping[str, tuple[float | None, Callable[[Column, Column], Column]]] = {
        "minimum": (node.minimum, lambda v, bound: v < bound),
        "maximum": (node.maximum, lambda v, bound: v > bound),
        "exclusive-minimum": (node.exclusive_minimum, lambda v, bound: v <= bound),
        "exclusive-maximum": (node.exclusive_maximum, lambda v, bound: v >= bound),
    }
    for rule, (bound, beyond) in bounds.items():
        if bound is not None:
            limit, widened = _bound(float(bound), sample, pointer)
            found.append(
                Check(
                    rule,
                    pointer,
                    lambda v, limit=limit, beyond=beyond, widened=widened: (  # type: ignore[misc] # early
                        v.notnull() & finite(v) & beyond(widened(v), limit)
                    ),
                )
            )
    return found


def _bound(bound: float, sample: Any, pointer: str) -> tuple[Column, Callable[[Column], Column]]:
    """A bound of a number, and what is done to the number so that they compare exactly.

    Compared as doubles, whole numbers from 2^53 on would be rounded onto the bound.
    """
    kind = sample.type()
    if kind.is_floating() or not _EXACT <= abs(bound) < 10**38:
        return constant(bound), lambda v: v
    if kind.is_decimal() and kind.scale != 0:
        raise NotInColumns(pointer)
    return (
        ibis.literal(str(int(bound))).cast("decimal(38, 0)"),
        lambda v: v.cast("decimal(38, 0)"),
    )


def integer(node: Integer, sample: Any, pointer: str) -> list[Check]:
    """A whole number within its bounds; those that its type cannot leave are not asked."""
    least = INT64_MIN if node.minimum is None else node.minimum
    most = INT64_MAX if node.maximum is None else node.maximum
    if sample.type().is_decimal() and sample.type().scale != 0:
        # Its values may have a fraction.
        raise NotInColumns(pointer)
    lowest, highest = _range(sample)
    found = []
    if least > lowest:
        found.append(Check("minimum", pointer, lambda v: v.notnull() & (v < _whole(v, least))))
    if most < highest:
        found.append(Check("maximum", pointer, lambda v: v.notnull() & (v > _whole(v, most))))
    by = node.multiple_of
    if by is not None:
        found.append(
            Check("multiple-of", pointer, lambda v: v.notnull() & (v % _whole(v, by) != 0))
        )
    return found


def _range(sample: Any) -> tuple[int, int]:
    """What the type of a column can hold."""
    kind = sample.type()
    if kind.is_decimal():
        return -(10**38), 10**38
    bounds = kind.bounds
    return int(bounds.lower), int(bounds.upper)


def _whole(value: Column, number: int) -> Column:
    """A bound in the type of a column, so that the column is not cast."""
    return ibis.literal(str(number)).cast(value.type())
