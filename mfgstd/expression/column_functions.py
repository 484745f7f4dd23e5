"""The functions of the rule language on columns; each mirrors its twin in ``values``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import ibis

from mfgstd.expression.columns import FALSE, TRUE, WHOLE, bound, finite, integer, unless_null, whole
from mfgstd.expression.patterns import inside
from mfgstd.expression.virtual import Instant

if TYPE_CHECKING:
    from mfgstd.expression.virtual import Column


def size_string(text: Column) -> Column:
    """Code points."""
    return text.length().cast(WHOLE)


def size_list(items: Column) -> Column:
    """Elements."""
    return items.length().cast(WHOLE)


def size_map(entries: Column) -> Column:
    """Keys."""
    return entries.keys().length().cast(WHOLE)


def starts_with(text: Column, beginning: Column) -> Column:
    """Whether it begins so."""
    return text.startswith(beginning)


def ends_with(text: Column, end: Column) -> Column:
    """Whether it ends so."""
    return text.endswith(end)


def contains(text: Column, part: Column) -> Column:
    """Whether it is in there."""
    return text.contains(part)


def matches(text: Column, pattern: Column) -> Column:
    r"""Whether the whole text matches: ``\z``, since ``$`` is before a last newline in Java."""
    literal: Any = pattern.op()
    return text.re_search(rf"\A{inside(literal.value)}\z")


def double_int(number: Column) -> Column:
    """The nearest double; a wide one through text, since engines round those in two steps."""
    narrow = number.try_cast("int64").cast("float64")
    return ibis.coalesce(narrow, number.cast("string").cast("float64"))


def double_double(number: Column) -> Column:
    """The same."""
    return number


def text_int(number: Column) -> Column:
    """Decimal digits."""
    return number.cast("string")


def text_string(text: Column) -> Column:
    """The same."""
    return text


def text_bool(truth: Column) -> Column:
    """As JSON writes it."""
    return ibis.cases((truth, TRUE), (~truth, FALSE))


_SHAPE: Final = (
    r"\A([0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T[0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))\z"
)


def timestamp(text: Column) -> Column:
    """Nanoseconds since 1970, by the digits: no engine's own timestamps have nanoseconds."""
    if isinstance(text, Instant):
        return _nanoseconds(text)

    def counted(each: Column) -> Column:
        either = ibis.coalesce(_quick(each).cast(WHOLE), _instant(each))
        return ibis.ifelse(each.re_search(_SHAPE), either, ibis.null())

    return bound(text, counted)


def _quick(text: Column) -> Column:
    """Nearly every instant, by the engine's own calendar and in 64 bits; null for the others.

    Those are leap seconds, days and hours that no clock shows, years before 1909 and after 2198:
    between these every difference has 64 bits, too.
    """
    common = (text > "1909") & (text < "2199") & (text.substr(17, 2) != "60")
    clock = ibis.ifelse(common, text.substr(0, 19), ibis.null()).try_cast("timestamp")
    # DuckDB gives a double, which Ibis does not know; from there a decimal would be slow.
    since = clock.epoch_seconds().cast("float64").cast("int64")
    end = text.length()
    zulu = text.endswith("Z")
    ahead = text.substr(end - 5, 2).try_cast("int64") * 60
    ahead = (ahead + text.substr(end - 2, 2).try_cast("int64")) * 60
    ahead = ibis.ifelse(text.substr(end - 6, 1) == "-", -ahead, ahead)
    digits = end - ibis.ifelse(zulu, 21, 26)
    fraction = (text.substr(20, ibis.greatest(digits, 0)) + "000000000").substr(0, 9)
    below = ibis.ifelse(digits > 0, fraction.try_cast("int64"), 0)
    return (since - ibis.ifelse(zulu, 0, ahead)) * 1_000_000_000 + below


def _instant(text: Column) -> Column:
    safe = ibis.ifelse(text.re_search(_SHAPE), text, "1970-01-01T00:00:00Z")
    # The offset is then always the last six characters.
    zoned = ibis.ifelse(safe.endswith("Z"), safe.substr(0, safe.length() - 1) + "+00:00", safe)
    return whole(bound(zoned, _counted))


def _counted(text: Column) -> Column:
    """The nanoseconds of a text of the right shape, with an offset in digits."""

    def digits(start: int, length: int) -> Column:
        return text.substr(start, length).cast("int64")

    end = text.length()
    ahead = text.substr(end - 5, 2).cast("int64") * 60 + text.substr(end - 2, 2).cast("int64")
    offset = ibis.ifelse(text.substr(end - 6, 1) == "-", -ahead, ahead)
    minutes = _days(digits(0, 4), digits(5, 2), digits(8, 2)) * 1440
    minutes = minutes + digits(11, 2) * 60 + digits(14, 2) - offset
    is_leap = digits(17, 2) == 60
    seconds_ = minutes * 60 + ibis.ifelse(is_leap, 59, digits(17, 2))
    # Without a fraction nothing is left between the dot's place and the offset.
    fraction = text.substr(20, ibis.greatest(end - 26, 0)) + "000000000"
    below = ibis.ifelse(is_leap, 999_999_999, fraction.substr(0, 9).cast("int64"))
    return seconds_.cast(WHOLE) * integer(1_000_000_000) + below.cast(WHOLE)


def _days(year: Column, month: Column, day: Column) -> Column:
    """Days since 1970-01-01 in the proleptic Gregorian calendar, by years that begin in March.

    400 years are added and taken off again: January of the year 0 belongs to the year -1, and
    engines do not agree on the division of negative numbers.
    """
    of_year = _divided(153 * ((month + 9) % 12) + 2, 5) + day - 1

    def counted(shifted: Column) -> Column:
        leaps = _divided(shifted, 4) - _divided(shifted, 100) + _divided(shifted, 400)
        return shifted * 365 + leaps

    shifted = year + ibis.ifelse(month <= 2, 399, 400)
    return bound(shifted, counted) + of_year - 719_468 - 146_097


def _divided(number: Column, by: int) -> Column:
    """Whole division of what is not negative."""
    return (number // by).cast("int64")


def _nanoseconds(instant: Instant) -> Column:
    return whole(instant.microseconds.cast(WHOLE) * integer(1_000) + instant.below.cast(WHOLE))


#: Microseconds since 1970 from late in 1909 to the end of 2199: as above.
_NEAR: Final = (-1_900_000_000_000_000, 7_258_118_399_999_999)


def seconds(start: Column, end: Column) -> Column:
    """From one instant to another."""
    if isinstance(start, Instant) and isinstance(end, Instant):
        near = start.between(*_NEAR) & end.between(*_NEAR)
        between = (end.microseconds - start.microseconds) * 1_000 + (end.below - start.below)
        return ibis.ifelse(near, between.cast("float64") / 1e9, _seconds(start, end))
    return _seconds(start, end)


def _seconds(start: Column, end: Column) -> Column:
    exact = double_int(timestamp(end) - timestamp(start))
    if isinstance(start, Instant) or isinstance(end, Instant):
        return exact / 1e9
    shaped = start.re_search(_SHAPE) & end.re_search(_SHAPE)
    quick = ibis.ifelse(shaped, _quick(end) - _quick(start), ibis.null())
    return ibis.coalesce(quick.cast("float64"), exact) / 1e9


def abs_double(number: Column) -> Column:
    """Without its sign."""
    return number.abs()


def abs_int(number: Column) -> Column:
    """Without its sign."""
    return whole(number.abs())


def near(left: Column, right: Column, tolerance: Column) -> Column:
    """Whether they differ by no more."""
    return (left - right).abs() <= tolerance


def sum_list(numbers: Column) -> Column:
    """From left to right; of nothing it is zero."""
    return bound(numbers, lambda each: unless_null(each, finite(each.sums().fill_null(0.0))))


def min_list(numbers: Column) -> Column:
    """The least; null of nothing."""
    return numbers.mins()


def max_list(numbers: Column) -> Column:
    """The greatest; null of nothing."""
    return numbers.maxs()
