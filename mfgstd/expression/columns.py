"""The columnar lowering: a tree becomes an Ibis expression over nested columns.

SQL has one null where a rule has three things: absent, an error, and false. Here null means *error*
and nothing else, at every step: what is absent is an error to whoever reads it, ``has`` asks
without reading, and a verdict leaves as a text (:func:`outcome`). SQL's own ``AND``, ``OR`` and
``NOT`` then say what CEL says: false beside an error is false, true beside an error is true. What
does not pass null on by itself (a choice, a list) is told to. Only what DuckDB and Spark both have
is used, and nothing that could stop a query: divisors, casts and whole arithmetic are guarded.
"""

from __future__ import annotations

import inspect
import math
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, assert_never

import ibis
import ibis.expr.operations as ops

from mfgstd.expression import tree as to
from mfgstd.expression.functions import FUNCTIONS
from mfgstd.expression.types import INT, STRING, ListOf, MapOf, Scalar
from mfgstd.expression.values import GREATEST, LEAST
from mfgstd.expression.virtual import Column, member, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mfgstd.expression.tree import Tree
    from mfgstd.expression.types import Type

#: Holds every whole number of 64 bits, signed or not, and every sum of two.
WHOLE: Final = "decimal(38, 0)"

#: The three outcomes as texts.
TRUE, FALSE, ERROR = "true", "false", "error"

#: The same inside arrays, which cannot be asked whether they hold a null.
_NO, _YES, _ERROR = 0, 1, 2

#: What takes an instant as it is; all else takes its text.
_OF_INSTANTS: Final = frozenset({"timestamp", "seconds"})


def lower(tree: Tree, names: Mapping[str, Column]) -> Column:
    """The expression; ``names`` are the columns of its variables and partners.

    An object may be a struct column or a :class:`mfgstd.expression.virtual.Virtual`.
    """
    return _Lowering(names).lower(tree)


def outcome(tree: Tree, names: Mapping[str, Column]) -> Column:
    """A tree of the type ``bool`` as one of the three texts, never null."""
    return lower(tree, names).cast("string").fill_null(ERROR)


def bound(value: Column, body: Callable[[Column], Column]) -> Column:
    """A value used many times and computed once: SQL has no ``let``, but a list of one has a map.

    Without it the text of a query doubles with each step that uses the one before twice. What is
    only looked up stands for itself: the list costs more than most functions.
    """
    if _looked_up(value.op()):
        return body(value)
    return mapped(ibis.array([value]), body)[0]


def _looked_up(op: Any) -> bool:
    """Whether a value is a column, a field of one, or a parameter."""
    while isinstance(op, ops.StructField):
        op = op.arg
    return isinstance(op, ops.Field | ops.Argument | ops.Literal)


#: How many parameters are in scope where a column is being made.
_depth: Final[ContextVar[int]] = ContextVar("mfgstd_lambda_depth", default=0)


def mapped(items: Column, body: Callable[[Column], Column]) -> Column:
    """What becomes of each element of a list."""
    return items.map(_parameter(body))


def kept(items: Column, body: Callable[[Column], Column]) -> Column:
    """The elements of a list for which the body is true."""
    return items.filter(_parameter(body))


def _parameter(body: Callable[[Column], Column]) -> Callable[..., Column]:
    """The body with a parameter of a name of its own: Ibis names it after the function's.

    Two functions within each other that happened to call theirs alike would read the wrong one.
    """
    depth = _depth.get()
    name = f"x{depth}"

    def called(**given: Column) -> Column:
        token = _depth.set(depth + 1)
        try:
            return body(given[name])
        finally:
            _depth.reset(token)

    one = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY)
    # This is where inspect looks first.
    called.__signature__ = inspect.Signature([one])  # type: ignore[attr-defined] # functions take any
    return called


def unless_null(test: Column, value: Column) -> Column:
    """A value where the test is not null, else an error."""
    return ibis.ifelse(test.notnull(), value, ibis.null())


def finite(number: Column) -> Column:
    """The result of double arithmetic: of finite operands it may overflow, and never is NaN."""
    return number.nullif(math.inf).nullif(-math.inf)


def whole(number: Column) -> Column:
    """The result of whole arithmetic, an error where it has more than 64 bits."""
    least, greatest = integer(LEAST), integer(GREATEST)
    return bound(number, lambda each: ibis.ifelse(each.between(least, greatest), each, ibis.null()))


def integer(number: int) -> Column:
    """A whole number as a constant."""
    return ibis.literal(str(number)).cast(WHOLE)


def constant(value: str | float | bool) -> Column:
    """A literal of the rule language."""
    match value:
        case bool() | str():
            return ibis.literal(value)
        case int():
            return integer(value)
        case float():
            # Written out it would be a decimal to DuckDB, where 0.1 + 0.2 is 0.3.
            return ibis.literal(repr(value)).cast("float64")


class _Lowering:
    def __init__(self, names: Mapping[str, Column]) -> None:
        self._names = names

    def lower(self, tree: Tree) -> Column:
        return plain(self._lower(tree))

    def _lower(self, tree: Tree) -> Any:
        match tree:
            case to.Constant(value):
                return constant(value)
            case to.Listing(items):
                return self._listing(items)
            case to.Variable(name, read):
                return _read(self._names[name], read)
            case to.Field(of, name, read):
                return _read(member(self.lower(of), name, read), read)
            case to.Entry(of, key, read):
                return _read(self.lower(of).get(self.lower(key)), read)
            case to.Item(of, place, read):
                return _read(_item(self.lower(of), self.lower(place)), read)
            case to.Has(of, name, read):
                holder = self.lower(of)
                there = (
                    holder.contains(name)
                    if isinstance(of.type, MapOf)
                    else member(holder, name, read).notnull()
                )
                return unless_null(holder, there)
            case to.Present(name):
                return self._names[name].notnull()
            case to.Not(operand):
                return ~self.lower(operand)
            case to.And(left, right):
                return self.lower(left) & self.lower(right)
            case to.Or(left, right):
                return self.lower(left) | self.lower(right)
            case to.Choice(test, then, other):
                asked = self.lower(test)
                # An error of the test is neither case.
                return ibis.cases((asked, self.lower(then)), (~asked, self.lower(other)))
            case to.Compare(by, left, right):
                return _compared(by, self.lower(left), self.lower(right))
            case to.Arithmetic(by, left, right):
                return _arithmetic(by, left.type, self.lower(left), self.lower(right))
            case to.Negative(operand):
                negative = -self.lower(operand)
                return whole(negative) if tree.type == INT else negative
            case to.Contained(item, among):
                return self._contained(item, among)
            case to.Call(function, arguments):
                take = self._lower if function in _OF_INSTANTS else self.lower
                called: Column = FUNCTIONS[function].in_columns(*map(take, arguments))
                return called
            case to.Quantified(by, over, name, _, body):
                return _quantified(by, mapped(self._over(over), self._state(name, body)))
            case to.Mapped(over, name, _, body):
                made = mapped(self._over(over), self._inside(name, body))
                return bound(made, _whole_list)
            case to.Filtered(over, name, _, body):
                items = self._over(over)
                wrong = mapped(items, self._state(name, body)).contains(_ERROR)
                true = kept(items, lambda item: self._inside(name, body)(item).fill_null(False))
                return ibis.ifelse(wrong, ibis.null(), true)
            case _:
                assert_never(tree)

    def _listing(self, items: tuple[Tree, ...]) -> Column:
        if not items:
            return ibis.literal([], type="array<string>")
        return bound(ibis.array(list(map(self.lower, items))), _whole_list)

    def _contained(self, item: Tree, among: Tree) -> Column:
        if isinstance(among, to.Listing) and all(
            isinstance(each, to.Constant) for each in among.items
        ):
            wanted = self.lower(item)
            if not among.items:
                return unless_null(wanted, False)
            return wanted.isin(list(map(self.lower, among.items)))
        return bound(
            self.lower(item),
            lambda wanted: unless_null(wanted, self.lower(among).contains(wanted)),
        )

    def _over(self, tree: Tree) -> Column:
        """A list to go over; of a map, its keys."""
        holder = self.lower(tree)
        return holder.keys() if isinstance(tree.type, MapOf) else holder

    def _inside(self, name: str, body: Tree) -> Callable[[Column], Column]:
        return lambda item: _Lowering({**self._names, name: item}).lower(body)

    def _state(self, name: str, body: Tree) -> Callable[[Column], Column]:
        return lambda item: self._inside(name, body)(item).cast("int8").fill_null(_ERROR)


def _whole_list(made: Column) -> Column:
    """A list, unless one of its elements is an error; then it is one itself."""
    wrong = mapped(made, lambda item: item.isnull()).contains(True)
    return ibis.ifelse(wrong, ibis.null(), made)


def _quantified(by: to.Quantifier, states: Column) -> Column:
    return bound(states, lambda each: unless_null(each, _counted(by, each)))


def _counted(by: to.Quantifier, states: Column) -> Column:
    wrong = states.contains(_ERROR)
    match by:
        case "all":
            return ~states.contains(_NO) & ibis.ifelse(wrong, ibis.null(), True)
        case "exists":
            return states.contains(_YES) | ibis.ifelse(wrong, ibis.null(), False)
        case "exists_one":
            one = kept(states, lambda state: state == _YES).length() == 1
            return ibis.ifelse(wrong, ibis.null(), one)
        case _:
            assert_never(by)


def _item(items: Column, place: Column) -> Column:
    """The element at a place, from 0; past the end engines say null, and before it another."""
    inside = (place >= integer(0)) & (place < items.length().cast(WHOLE))
    return ibis.ifelse(
        inside, items[ibis.ifelse(inside, place, integer(0)).cast("int32")], ibis.null()
    )


def _compared(by: to.Comparison, left: Column, right: Column) -> Column:
    match by:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case _:
            assert_never(by)


def _arithmetic(by: to.Operation, kind: Type, left: Column, right: Column) -> Column:
    if kind == STRING:
        return left + right
    if kind == INT:
        return _whole_arithmetic(by, left, right)
    match by:
        case "+":
            return finite(left + right)
        case "-":
            return finite(left - right)
        case "*":
            return finite(left * right)
        case "/":
            return finite(left / right.nullif(constant(0.0)))
        case _:
            assert_never(by)


def _whole_arithmetic(by: to.Operation, left: Column, right: Column) -> Column:
    match by:
        case "+":
            return whole(left + right)
        case "-":
            return whole(left - right)
        case "*" | "/":
            # A product of two such numbers may have 39 digits, which stops a query. Doubles
            # say roughly how large it is, and only one that surely fits is computed.
            return bound(left, lambda a: bound(right, lambda b: _product(a, b)))
        case _:
            assert_never(by)


def _product(a: Column, b: Column) -> Column:
    small = a.cast("float64").abs() * b.cast("float64").abs() < 1e20
    product = ibis.ifelse(small, a, integer(0)) * ibis.ifelse(small, b, integer(0))
    return ibis.ifelse(small, whole(product.cast(WHOLE)), ibis.null())


def _read(value: Any, kind: Type) -> Any:
    """A column as its type: whole numbers in text become numbers, narrow ones wide.

    A table may hold a whole number in any width; arithmetic in it could overflow and stop a query.
    """
    match kind:
        case Scalar.INT if not value.type().is_decimal():
            return value.cast(WHOLE)
        case Scalar.INTEGER_TEXT if value.type().is_integer():
            return value.cast(WHOLE)
        case Scalar.DOUBLE if not value.type().is_float64():
            return value.cast("float64")
        case Scalar.INTEGER_TEXT:
            return bound(value, _from_text)
        case ListOf(Scalar.INTEGER_TEXT):
            return bound(mapped(value, _from_text), _whole_list)
        case _:
            return value


def _from_text(text: Column) -> Column:
    """A whole number in digits; a text that is none is never cast."""
    written = text.re_search(r"\A(?:0|-?[1-9][0-9]{0,19})\z")
    number = ibis.ifelse(written, text, "0").cast(WHOLE)
    return ibis.ifelse(written, whole(number), ibis.null())
