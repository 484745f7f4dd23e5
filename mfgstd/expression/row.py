"""The row lowering: a tree becomes a Python function on plain JSON values.

The function is generated source, compiled once. It is generated in two spellings. The *quick* one
uses Python's own ``and``, ``or``, ``all`` and ``any``: as long as nothing fails they mean what CEL
means. If anything fails, the *exact* one is asked, in which each side of ``&&`` and ``||`` and
each element of a quantifier is tried apart, so that true beside an error stays true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from mfgstd.expression import tree as to
from mfgstd.expression import values
from mfgstd.expression.functions import FUNCTIONS
from mfgstd.expression.types import ListOf, MapOf, Record, Scalar
from mfgstd.expression.values import Undefined

if TYPE_CHECKING:
    from mfgstd.expression.tree import Tree
    from mfgstd.expression.types import Type

#: What Python raises where an expression has no value: a missing key, a zero divisor, a text
#: that is no time. Anything else would be a defect of this module and is let through.
FAILURES: Final = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError)

Thunk: TypeAlias = Callable[[], Any]


def evaluator(tree: Tree, names: Sequence[str]) -> Callable[..., Any]:
    """A function of the values of ``names``, in that order; an absent partner is ``None``.

    It raises one of :data:`FAILURES` where the expression is an error.
    """
    quick = _compiled(tree, names, exact=False)
    exact: Callable[..., Any] | None = None

    def evaluate(*given: Any) -> Any:
        nonlocal exact
        try:
            return quick(*given)
        except FAILURES:
            exact = exact or _compiled(tree, names, exact=True)
            return exact(*given)

    return evaluate


def predicate(tree: Tree, names: Sequence[str]) -> Callable[..., bool | None]:
    """As :func:`evaluator` for an expression that is true or false; ``None`` is an error."""
    evaluate = evaluator(tree, names)

    def judge(*given: Any) -> bool | None:
        try:
            return evaluate(*given) is True
        except FAILURES:
            return None

    return judge


def _compiled(tree: Tree, names: Sequence[str], *, exact: bool) -> Callable[..., Any]:
    writer = Writer(exact)
    source = f"lambda {', '.join(f'v_{name}' for name in names)}: {writer.write(tree)}"
    # Made of names that the parser let through and of reprs of constants, never of input.
    compiled: Callable[..., Any] = eval(source, writer.uses)  # noqa: S307 - see above
    return compiled


class Writer:
    """Writes Python for a tree and remembers what it calls."""

    def __init__(self, exact: bool) -> None:
        self._exact = exact
        self.uses: dict[str, Any] = {
            "and_": _and,
            "or_": _or,
            "all_": _all,
            "exists_": _exists,
            "finite": values.finite,
            "whole": values.whole,
            "at": values.at,
            "read_int": values.read_int,
            "read_integer_text": values.read_integer_text,
        }

    def write(self, tree: Tree) -> str:
        """One expression of Python, safe to stand as an operand."""
        match tree:
            case to.Constant(value):
                return f"({value!r})" if isinstance(value, int | float) else repr(value)
            case to.Listing(items):
                return f"[{', '.join(map(self.write, items))}]"
            case to.Variable(name, read):
                return reading(f"v_{name}", read)
            case to.Field(of, name, read):
                return reading(f"{self.write(of)}[{name!r}]", read)
            case to.Entry(of, key, read):
                return reading(f"{self.write(of)}[{self.write(key)}]", read)
            case to.Item(of, place, read):
                return reading(f"at({self.write(of)}, {self.write(place)})", read)
            case to.Has(of, name):
                return f"({name!r} in {self.write(of)})"
            case to.Present(name):
                return f"(v_{name} is not None)"
            case to.Not(operand):
                return f"(not {self.write(operand)})"
            case to.And(left, right):
                return self._logical("and", left, right)
            case to.Or(left, right):
                return self._logical("or", left, right)
            case to.Choice(test, then, other):
                chosen = (self.write(then), self.write(test), self.write(other))
                return "({} if {} else {})".format(*chosen)
            case to.Compare(by, left, right):
                return f"({self.write(left)} {by} {self.write(right)})"
            case to.Arithmetic():
                return self.arithmetic(tree)
            case to.Negative(operand):
                negative = f"(-{self.write(operand)})"
                return f"whole{negative}" if tree.type == Scalar.INT else negative
            case to.Contained(item, among):
                return f"({self.write(item)} in {self.write(among)})"
            case to.Call(function, arguments):
                return f"{self.function(function)}({', '.join(map(self.write, arguments))})"
            case to.Quantified():
                return self._quantified(tree)
            case to.Mapped(over, name, _, body):
                return f"[{self.write(body)} for v_{name} in {self.write(over)}]"
            case to.Filtered(over, name, _, body):
                kept = (name, name, self.write(over), self.write(body))
                return "[v_{} for v_{} in {} if {}]".format(*kept)
            case _:
                assert_never(tree)

    def optional(self, tree: Tree) -> str:
        """A list, empty where the field that holds it is absent."""
        if isinstance(tree, to.Field):
            found = f"{self.write(tree.of)}.get({tree.name!r}, ())"
            return reading(found, tree.read)
        return self.write(tree)

    def _logical(self, by: str, left: Tree, right: Tree) -> str:
        if self._exact:
            return f"{by}_(lambda: {self.write(left)}, lambda: {self.write(right)})"
        return f"({self.write(left)} {by} {self.write(right)})"

    def function(self, function: str) -> str:
        """The name of a function of the rule language, to be called by."""
        name = "f_" + function.replace("(", "_").replace(")", "")
        self.uses[name] = FUNCTIONS[function].in_rows
        return name

    def arithmetic(self, tree: to.Arithmetic) -> str:
        """An operation whose result is looked at."""
        made = f"({self.write(tree.left)} {tree.by} {self.write(tree.right)})"
        match tree.left.type:
            case Scalar.DOUBLE:
                return f"finite{made}"
            case Scalar.INT:
                return f"whole{made}"
            case _:
                return made

    def _quantified(self, tree: to.Quantified) -> str:
        over, name, body = self.write(tree.over), f"v_{tree.name}", self.write(tree.body)
        match tree.by:
            case "exists_one":
                return f"(sum([{body} for {name} in {over}]) == 1)"
            case "all":
                plain = f"all({body} for {name} in {over})"
            case "exists":
                plain = f"any({body} for {name} in {over})"
            case _:
                assert_never(tree.by)
        return f"{tree.by}_({over}, lambda {name}: {body})" if self._exact else plain


def reading(source: str, kind: Type) -> str:
    """Python that reads a JSON value as its type; whole numbers may be written ``7.0``."""
    match kind:
        case Scalar.DOUBLE:
            return f"float({source})"
        case Scalar.INT:
            return f"read_int({source})"
        case Scalar.INTEGER_TEXT:
            return f"read_integer_text({source})"
        case ListOf(items) if items is not None and _converts(items):
            return f"[{reading('each', items)} for each in {source}]"
        case MapOf(entries) if _converts(entries):
            return f"{{key: {reading('each', entries)} for key, each in {source}.items()}}"
        case Scalar() | ListOf() | MapOf() | Record():
            return source
        case _:
            assert_never(kind)


def _converts(kind: Type) -> bool:
    match kind:
        case ListOf(items):
            return items is not None and _converts(items)
        case MapOf(entries):
            return _converts(entries)
        case _:
            return kind in (Scalar.DOUBLE, Scalar.INT, Scalar.INTEGER_TEXT)


def _tried(body: Callable[..., Any], *given: Any) -> bool | None:
    try:
        return body(*given) is True
    except FAILURES:
        return None


def _and(left: Thunk, right: Thunk) -> bool:
    first = _tried(left)
    if first is False:
        return False
    second = _tried(right)
    if second is False:
        return False
    return _sure(None if first is None or second is None else True)


def _or(left: Thunk, right: Thunk) -> bool:
    first = _tried(left)
    if first:
        return True
    second = _tried(right)
    if second:
        return True
    return _sure(None if first is None or second is None else False)


def _all(over: Sequence[Any], body: Callable[[Any], Any]) -> bool:
    found = [_tried(body, item) for item in over]
    return _sure(False if False in found else None if None in found else True)


def _exists(over: Sequence[Any], body: Callable[[Any], Any]) -> bool:
    found = [_tried(body, item) for item in over]
    return _sure(True if True in found else None if None in found else False)


def _sure(truth: bool | None) -> bool:
    if truth is None:
        raise Undefined
    return truth
