"""From syntax to the typed tree: names, types, and that nothing is read or divided by unguarded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from mfgstd.expression import syntax as written_as
from mfgstd.expression import tree as to
from mfgstd.expression.divisors import guarded
from mfgstd.expression.flow import NOTHING, Facts, known, of_elements
from mfgstd.expression.functions import FUNCTIONS, Elements, accepts, overloads
from mfgstd.expression.parsing import parse
from mfgstd.expression.patterns import check_pattern
from mfgstd.expression.quantities import check_quantity
from mfgstd.expression.refusals import a, mistyped, no_overload, unguarded, unlike
from mfgstd.expression.syntax import refused, written
from mfgstd.expression.types import (
    BOOL,
    DOUBLE,
    INT,
    STRING,
    ListOf,
    MapOf,
    Record,
    Scalar,
    Type,
    as_read,
    fits,
)
from mfgstd.finding import show
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.expression.shapes import Shape, Shapes
    from mfgstd.expression.syntax import Syntax
    from mfgstd.expression.tree import Tree

_MACROS: Final = ("all", "exists", "exists_one", "map", "filter")


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands.

    ``types`` are those of its variables, ``maybe`` the names that need ``exists(name)`` first,
    ``facts`` what is known already (from a rule's ``when``). ``lenient`` lets optional fields be
    read unguarded, where an absent one has a meaning of its own: a key of a sequence or join that
    has no value, an element of a KPI that nobody measured.
    """

    shapes: Shapes
    types: Mapping[str, Type] = field(default_factory=dict)
    maybe: frozenset[str] = frozenset()
    facts: Facts = NOTHING
    lenient: bool = False

    def binding(self, name: str, kind: Type, facts: Facts = NOTHING) -> Scope:
        """The same scope with one more variable."""
        return replace(self, types={**self.types, name: kind}, facts=self.facts | facts)

    def knowing(self, facts: Facts) -> Scope:
        """The same scope where more is known."""
        return replace(self, facts=self.facts | facts)


def compile_expression(text: str, scope: Scope, wanted: Type | None = None) -> Tree:
    """The typed tree of an expression.

    Raises:
        ExpressionError: it does not parse, or its types or guards do not hold; with the column.
    """
    syntax = parse(text)
    tree = check(syntax, scope)
    if wanted is not None and not fits(tree.type, wanted):
        raise mistyped(0, tree.type, wanted)
    return tree


def check(syntax: Syntax, scope: Scope) -> Tree:
    """As :func:`compile_expression`, of what was parsed already."""
    match syntax:
        case written_as.Literal(value):
            return to.Constant(value)
        case written_as.Name(name, at):
            return _name(name, at, scope)
        case written_as.Select():
            return _select(syntax, scope)
        case written_as.Subscript():
            return _subscript(syntax, scope)
        case written_as.Items(items, at):
            return _listing(items, at, scope)
        case written_as.Unary("!", operand):
            return to.Not(_bool(operand, scope))
        case written_as.Unary(_, operand, at):
            return _negative(operand, at, scope)
        case written_as.Binary("&&", left, right):
            return to.And(_bool(left, scope), _bool(right, scope.knowing(known(left))))
        case written_as.Binary("||", left, right):
            unless = known(left, truth=False)
            return to.Or(_bool(left, scope), _bool(right, scope.knowing(unless)))
        case written_as.Binary("in"):
            return _contained(syntax, scope)
        case written_as.Binary():
            return _binary(syntax, scope)
        case written_as.Ternary(test, then, other, at):
            condition = _bool(test, scope)
            chosen = check(then, scope.knowing(known(test)))
            otherwise = check(other, scope.knowing(known(test, truth=False)))
            if not fits(otherwise.type, chosen.type):
                raise unlike(at, "?:", chosen.type, otherwise.type)
            return to.Choice(condition, chosen, otherwise)
        case written_as.Invoke(of, name) if of is not None and name in _MACROS:
            return _macro(syntax, of, scope)
        case written_as.Invoke():
            return _call(syntax, scope)


def _name(name: str, at: int, scope: Scope) -> Tree:
    if name not in scope.types:
        near = get_close_matches(name, scope.types, 1) or [", ".join(scope.types)]
        raise refused(
            Text(f"There is no name {show(name)} here.", f"{show(name)}(이)라는 이름이 없습니다."),
            at,
            Text(f"Did you mean: {near[0]}?", f"다음 중 하나인가요? {near[0]}"),
        )
    if name in scope.maybe and ("exists", name) not in scope.facts and not scope.lenient:
        raise refused(
            Text(
                f"There may be no {show(name)} here.",
                f"{show(name)}에 해당하는 문서가 없을 수 있습니다.",
            ),
            at,
            Text(f"Ask first: exists({name}) && ...", f"먼저 확인하십시오: exists({name}) && ..."),
        )
    return to.Variable(name, scope.types[name])


def _select(syntax: written_as.Select, scope: Scope) -> Tree:
    of = check(syntax.of, scope)
    path = written(syntax)
    if isinstance(of.type, MapOf):
        there = ("has", path) in scope.facts
        inside = ("key", written(syntax.of), repr(syntax.name)) in scope.facts
        if not (there or inside or scope.lenient):
            raise unguarded(path, syntax.at)
        return to.Entry(of, to.Constant(syntax.name), of.type.values)
    shape, tagged = _shape(of, syntax, scope)
    if not (shape.required or tagged or ("has", path) in scope.facts or scope.lenient):
        raise unguarded(path, syntax.at)
    return to.Field(of, syntax.name, shape.read)


def _shape(of: Tree, syntax: written_as.Select, scope: Scope) -> tuple[Shape, bool]:
    """A field of an object, and whether the branch of a union in which it is required is known."""
    fields = scope.shapes.fields(of.type) if isinstance(of.type, Record) else None
    if fields is None:
        raise refused(
            Text(
                f"No fields of {a(of.type)} can be named: {show(written(syntax))}.",
                f"{of.type}에는 이름으로 읽을 필드가 없습니다: {show(written(syntax))}.",
            ),
            syntax.at,
        )
    if fields.tags is not None:
        for constant, title in fields.tags.items():
            if ("tag", written(syntax.of), fields.by, constant) in scope.facts:
                branch = scope.shapes.fields(Record(title))
                if branch is not None and syntax.name in branch.fields:
                    shape = branch.fields[syntax.name]
                    return shape, shape.required
    if syntax.name not in fields.fields:
        near = ", ".join(get_close_matches(syntax.name, fields.fields, 3) or fields.fields)
        raise refused(
            Text(
                f"{of.type} has no field {show(syntax.name)}.",
                f"{of.type}에 {show(syntax.name)} 필드가 없습니다.",
            ),
            syntax.at,
            Text(f"Did you mean: {near}?", f"다음 중 하나인가요? {near}"),
        )
    return fields.fields[syntax.name], False


def _subscript(syntax: written_as.Subscript, scope: Scope) -> Tree:
    of, key = check(syntax.of, scope), check(syntax.key, scope)
    match of.type:
        case ListOf(items) if items is not None and key.type == INT:
            return to.Item(of, key, items)
        case MapOf(values) if key.type == STRING:
            fact = ("key", written(syntax.of), written(syntax.key))
            if fact not in scope.facts and not scope.lenient:
                raise refused(
                    Text("This key may be absent.", "이 키는 없을 수 있습니다."),
                    syntax.at,
                    Text(
                        f"Ask first: {written(syntax.key)} in {written(syntax.of)} && ...",
                        f"먼저 확인하십시오: {written(syntax.key)} in {written(syntax.of)} && ...",
                    ),
                )
            return to.Entry(of, key, values)
    raise no_overload("[]", (of.type, key.type), syntax.at)


def _listing(items: tuple[Syntax, ...], at: int, scope: Scope) -> Tree:
    trees = tuple(check(each, scope) for each in items)
    for each, tree in zip(items, trees, strict=True):
        if not isinstance(tree.type, Scalar):
            raise refused(
                Text(
                    "A list literal holds scalars.", "리스트 리터럴에는 단일 값만 쓸 수 있습니다."
                ),
                each.at,
            )
        if tree.type != trees[0].type:
            raise unlike(each.at, "[...]", trees[0].type, tree.type)
    del at
    return to.Listing(trees)


def _negative(operand: Syntax, at: int, scope: Scope) -> Tree:
    tree = check(operand, scope)
    if tree.type not in (INT, DOUBLE):
        raise no_overload("-", (tree.type,), at)
    # A sign before a literal belongs to it: the smallest int has no positive twin.
    if isinstance(tree, to.Constant) and isinstance(operand, written_as.Literal):
        return to.Constant(-tree.value)  # type: ignore[operator]  # the type was just asked
    return to.Negative(tree)


def _contained(syntax: written_as.Binary, scope: Scope) -> Tree:
    item, among = check(syntax.left, scope), check(syntax.right, scope)
    match among.type:
        case ListOf(items) if isinstance(item.type, Scalar) and items in (None, item.type):
            return to.Contained(item, among)
        case MapOf() if item.type == STRING:
            return to.Contained(item, among)
    raise no_overload("in", (item.type, among.type), syntax.at)


def _binary(syntax: written_as.Binary, scope: Scope) -> Tree:
    left, right = check(syntax.left, scope), check(syntax.right, scope)
    by, kinds = syntax.by, (left.type, right.type)
    if left.type != right.type:
        raise unlike(syntax.at, by, *kinds)
    match by:
        case "==" | "!=":
            if not isinstance(left.type, Scalar):
                raise refused(
                    Text(
                        f"Only scalars are compared, not {a(left.type)}.",
                        f"단일 값만 비교할 수 있습니다. {left.type}은(는) 비교할 수 없습니다.",
                    ),
                    syntax.at,
                )
            return to.Compare(by, left, right)
        case "<" | "<=" | ">" | ">=":
            if left.type not in (INT, DOUBLE, STRING):
                raise no_overload(by, kinds, syntax.at)
            return to.Compare(by, left, right)
        case "+" | "-" | "*":
            if left.type not in (INT, DOUBLE) and not (by == "+" and left.type == STRING):
                raise no_overload(by, kinds, syntax.at)
            return to.Arithmetic(by, left, right)
        case "/":
            if left.type != DOUBLE:
                raise no_overload(by, kinds, syntax.at, _REAL)
            guarded(syntax.right, right, scope)
            return to.Arithmetic(by, left, right)
    raise refused(
        Text(f"There is no operator {by} in rules.", f"규칙에는 연산자 {by}을(를) 쓸 수 없습니다."),
        syntax.at,
    )


_REAL: Final = Text(
    "`/` divides doubles: convert with double(x).",
    "`/`는 실수를 나눕니다. double(x)로 변환하십시오.",
)


def _bool(syntax: Syntax, scope: Scope) -> Tree:
    tree = check(syntax, scope)
    if tree.type != BOOL:
        raise mistyped(syntax.at, tree.type, BOOL)
    return tree


def _macro(syntax: written_as.Invoke, of: Syntax, scope: Scope) -> Tree:
    match syntax.arguments:
        case (written_as.Name(name, at), body):
            pass
        case _:
            raise refused(
                Text(
                    f"It is written list.{syntax.name}(x, ...).",
                    f"list.{syntax.name}(x, ...) 형식으로 써야 합니다.",
                ),
                syntax.at,
            )
    if name in scope.types:
        raise refused(
            Text(f"The name {show(name)} is taken.", f"{show(name)}은(는) 이미 쓰인 이름입니다."),
            at,
        )
    over = check(of, scope)
    match over.type:
        case ListOf(items) if items is not None:
            element: Type = items
        case MapOf() if syntax.name in ("all", "exists", "exists_one"):
            element = STRING
        case _:
            raise no_overload(f".{syntax.name}", (over.type,), syntax.at)
    inner = scope.binding(name, element, of_elements(of, name))
    if syntax.name == "map":
        made = check(body, inner)
        return to.Mapped(over, name, element, made)
    test = _bool(body, inner)
    match syntax.name:
        case "filter":
            return to.Filtered(over, name, element, test)
        case "all" | "exists" | "exists_one" as by:
            return to.Quantified(by, over, name, element, test)
    raise AssertionError(syntax.name)


def _call(syntax: written_as.Invoke, scope: Scope) -> Tree:
    if syntax.of is None and syntax.name in ("has", "exists"):
        return _asked(syntax, scope)
    given = tuple(check(each, scope) for each in syntax.arguments)
    if syntax.of is not None:
        given = (check(syntax.of, scope), *given)
    candidates = overloads(syntax.name, method=syntax.of is not None)
    if not candidates:
        names = sorted({each.called for each in FUNCTIONS.values()} | {*_MACROS, "has"})
        near = ", ".join(get_close_matches(syntax.name, names, 3) or names)
        raise refused(
            Text(
                f"There is no function {show(syntax.name)}.",
                f"{show(syntax.name)} 함수가 없습니다.",
            ),
            syntax.at,
            Text(f"Did you mean: {near}?", f"다음 중 하나인가요? {near}"),
        )
    kinds = tuple(each.type for each in given)
    for each in candidates:
        if accepts(each, kinds) and _elements(each.takes, kinds, scope):
            if each.called == "matches":
                check_pattern(given[1], syntax.arguments[0].at)
            if each.called == "measures":
                check_quantity(given[1], syntax.arguments[1].at)
            return to.Call(each.name, given, each.gives)
    listed = "; ".join(each.signature for each in candidates)
    raise no_overload(
        syntax.name, kinds, syntax.at, Text(f"There is: {listed}", f"가능한 형식: {listed}")
    )


def _elements(takes: tuple[Type | Elements, ...], kinds: tuple[Type, ...], scope: Scope) -> bool:
    """Whether a list of KPI elements has the fields that it needs."""
    for wanted, kind in zip(takes, kinds, strict=True):
        if isinstance(wanted, Elements):
            items = kind.items if isinstance(kind, ListOf) else None
            fields = scope.shapes.fields(items) if isinstance(items, Record) else None
            found = fields.fields if fields else {}
            if not all(
                name in found and found[name].required and as_read(found[name].read) == wants
                for name, wants in (("element", STRING), ("value", DOUBLE))
            ):
                return False
    return True


def _asked(syntax: written_as.Invoke, scope: Scope) -> Tree:
    """``has(x.y)``, and ``exists(partner)``."""
    match syntax.name, syntax.arguments:
        case "has", (written_as.Select() as field_,):
            of = check(field_.of, scope)
            if isinstance(of.type, MapOf):
                return to.Has(of, field_.name, of.type.values)
            shape, _ = _shape(of, field_, scope)
            return to.Has(of, field_.name, shape.read)
        case "exists", (written_as.Name(name, at),):
            if name not in scope.maybe:
                raise refused(
                    Text(
                        f"{show(name)} is no optional partner of a join.",
                        f"{show(name)}은(는) join의 선택(optional) 상대가 아닙니다.",
                    ),
                    at,
                )
            return to.Present(name)
    wanted = "has(this.field)" if syntax.name == "has" else "exists(partner)"
    raise refused(
        Text(f"It is written {wanted}.", f"{wanted} 형식으로 써야 합니다."),
        syntax.at,
    )
