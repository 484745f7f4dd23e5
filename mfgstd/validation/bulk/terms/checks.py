r"""What each kind of node of a schema asks of a typed column, as functions of that column.

As the referee would say it, one check for each rule at each pointer:

- a pattern is matched as a whole text in the syntax that RE2 and Java share (``\z`` is the end);
- a number that is not finite is no number (``schema.type``), and has no bounds then;
- an element of a list that is null is no value of any type (``schema.type``);
- of a union, nothing is said about its branches unless exactly one is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

import ibis

from mfgstd.expression.columns import kept, mapped
from mfgstd.expression.shapes import WHOLE
from mfgstd.expression.virtual import Instant, Virtual
from mfgstd.standard.resolved import (
    NAMESPACE,
    AnyObject,
    Array,
    Boolean,
    Constant,
    Enumeration,
    Integer,
    Map,
    Node,
    Number,
    Object,
    OpenCode,
    Ref,
    Text,
    Union,
)
from mfgstd.validation.bulk.terms.scalars import (
    Check,
    NotInColumns,
    integer,
    mismatch,
    number,
    outside,
    sayable,
    shared,
    shorter,
)
from mfgstd.validation.location import escape
from mfgstd.validation.lowering import (
    OPEN_CODE_URI,
    OPEN_CODE_WORD,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mfgstd.expression.virtual import Column
    from mfgstd.standard.catalogue import Catalogue


class Checks:
    """From nodes to checks; what a table lacks is known by the types of its columns."""

    def __init__(self, within: Catalogue, *, strict: bool) -> None:
        self._within = within
        self._strict = strict
        self._open: list[str] = []

    def of(self, node: Node, sample: Any, pointer: str) -> list[Check]:
        """All checks of a node; ``sample`` is a value of the kind that they will be given."""
        match node:
            case Text():
                return self._text(node, sample, pointer)
            case Constant(value):
                _of(sample, pointer, "string")
                sayable(pointer, value)
                return [Check("const", pointer, lambda v: v.notnull() & (v != value))]
            case Enumeration(words):
                _of(sample, pointer, "string")
                known = [each.value for each in words]
                sayable(pointer, *known)
                return [Check("enum", pointer, lambda v: v.notnull() & v.notin(known))]
            case OpenCode(words):
                _of(sample, pointer, "string")
                known = [each.value for each in words]
                return [Check("open-code", pointer, self._open_code(known))]
            case Number():
                _of(sample, pointer, "numeric")
                return number(node, sample, pointer)
            case Integer():
                _of(sample, pointer, "integer", "decimal")
                return integer(node, sample, pointer)
            case Boolean():
                _of(sample, pointer, "boolean")
                return []
            case Array():
                return self._array(node, sample, pointer)
            case Map():
                return self._map(node, sample, pointer)
            case Object():
                return self._object(node, sample, pointer)
            case Union():
                return self._union(node, sample, pointer)
            case Ref(schema_id):
                return self._ref(schema_id, sample, pointer)
            case AnyObject():
                raise NotInColumns(pointer)
            case _:
                assert_never(node)

    def _text(self, node: Text, sample: Any, pointer: str) -> list[Check]:
        rule = "pattern" if node.format is None else "format"
        if isinstance(sample, Instant):
            if node.format != "date-time":
                raise NotInColumns(pointer)
            return [Check(rule, pointer, outside)]
        if node.pattern == WHOLE and not isinstance(sample, Virtual) and sample.type().is_integer():
            # A table may hold as a number what documents write in digits; every one matches.
            return []
        _of(sample, pointer, "string")
        found = []
        if node.pattern is not None:
            sayable(pointer, node.pattern)
            found.append(Check(rule, pointer, mismatch(node.pattern)))
        least, most = node.min_length, node.max_length
        if least:
            found.append(Check("min-length", pointer, lambda v: v.notnull() & shorter(v, least)))
        if most is not None:
            found.append(Check("max-length", pointer, lambda v: v.notnull() & (v.length() > most)))
        return found

    def _open_code(self, known: list[str]) -> Callable[[Column], Column]:
        pattern = OPEN_CODE_URI if self._strict else f"{OPEN_CODE_URI}|{OPEN_CODE_WORD}"

        def bad(value: Column) -> Column:
            stranger = value.re_search(shared(pattern)) & ~value.startswith(NAMESPACE)
            # Only what is no word is looked at as a URI.
            return ibis.ifelse(value.isnull() | value.isin(known), False, ~stranger)

        return bad

    def _object(self, node: Object, sample: Any, pointer: str) -> list[Check]:
        return self._fields(node.properties, sample, pointer, closed=node.closed)

    def _fields(
        self, properties: Sequence[Any], sample: Any, pointer: str, *, closed: bool
    ) -> list[Check]:
        there = _names(sample, pointer)
        found = []
        for each in properties:
            name = each.name
            if each.required:
                found.append(Check("required", pointer, _lacks(name, name in there)))
            if name in there:
                below = self.of(each.node, sample[name], f"{pointer}/{escape(name)}")
                found += [_inside(name, check) for check in below]
        if closed and self._strict:
            known = {each.name for each in properties}
            found += [
                Check(
                    "unknown-field",
                    f"{pointer}/{escape(name)}",
                    lambda holder, name=name: holder[name].notnull(),  # type: ignore[misc] # early
                )
                for name in there
                if name not in known
            ]
        return found

    def _array(self, node: Array, sample: Any, pointer: str) -> list[Check]:
        _of(sample, pointer, "array")
        found = []
        least, most = node.min_items, node.max_items
        if least:
            found.append(Check("min-items", pointer, lambda v: v.notnull() & (v.length() < least)))
        if most is not None:
            found.append(Check("max-items", pointer, lambda v: v.notnull() & (v.length() > most)))
        if node.unique:
            found.append(
                Check(
                    "unique-items",
                    pointer,
                    lambda v: v.notnull() & (v.unique().length() < v.length()),
                )
            )
        return found + self._each(node.items, sample, pointer, lambda v: v)

    def _map(self, node: Map, sample: Any, pointer: str) -> list[Check]:
        _of(sample, pointer, "map")
        found = [_all_of("key", f"{pointer}/*", lambda v: v.keys(), mismatch(node.key_pattern))]
        least, most = node.min_properties, node.max_properties
        if least:
            found.append(
                Check("min-properties", pointer, lambda v: v.notnull() & (v.length() < least))
            )
        if most is not None:
            found.append(
                Check("max-properties", pointer, lambda v: v.notnull() & (v.length() > most))
            )
        return found + self._each(node.values, sample, pointer, lambda v: v.values())

    def _each(
        self, node: Node, sample: Any, pointer: str, items: Callable[[Any], Column]
    ) -> list[Check]:
        """The checks of all elements; an element of null has the wrong type."""
        element = _element(items(sample))
        pointer = f"{pointer}/*"
        return [
            _all_of("type", pointer, items, lambda v: v.isnull()),
            *(
                Check(check.rule, check.pointer, _summed(items, check), many=True)
                if check.many
                else _all_of(check.rule, check.pointer, items, check.bad)
                for check in self.of(node, element, pointer)
            ),
        ]

    def _union(self, node: Union, sample: Any, pointer: str) -> list[Check]:
        branches = [self._branch(each) for each in node.branches]
        if node.how == "key":
            return self._by_key(node, branches, sample, pointer)
        return self._by_constant(node, branches, sample, pointer)

    def _branch(self, branch: Ref | Object) -> Object:
        node = self._within.get(branch.id).node if isinstance(branch, Ref) else branch
        if not isinstance(node, Object):
            raise NotInColumns
        return node

    def _by_key(
        self, node: Union, branches: list[Object], sample: Any, pointer: str
    ) -> list[Check]:
        there = [name for name in _names(sample, pointer) if name in node.tags]

        def one(holder: Any) -> Column:
            return (
                sum((holder[name].notnull().cast("int8") for name in there), ibis.literal(0)) == 1
            )

        if isinstance(sample, Virtual) and sample.exclusive:
            return self._branches(node, branches, sample, pointer)
        found = [Check("union", pointer, lambda holder: holder.notnull() & ~one(holder))]
        found += [_when(one, each) for each in self._branches(node, branches, sample, pointer)]
        if self._strict:
            strangers = [name for name in _names(sample, pointer) if name not in node.tags]
            found += [
                _when(
                    one,
                    Check(
                        "unknown-field",
                        f"{pointer}/{escape(name)}",
                        lambda holder, name=name: holder[name].notnull(),  # type: ignore[misc] # early
                    ),
                )
                for name in strangers
            ]
        return found

    def _branches(
        self, node: Union, branches: list[Object], sample: Any, pointer: str
    ) -> list[Check]:
        """The checks of what stands under each key; that it is there was asked before."""
        there = _names(sample, pointer)
        return [
            check
            for tag, branch in zip(node.tags, branches, strict=True)
            if tag in there
            for check in self._fields(branch.properties, _only(sample, tag), pointer, closed=True)
            if check.rule != "required"
        ]

    def _by_constant(
        self, node: Union, branches: list[Object], sample: Any, pointer: str
    ) -> list[Check]:
        by, tags = node.by, list(node.tags)
        if by not in _names(sample, pointer):
            return [Check("required", pointer, _lacks(by, there=False))]
        found = [
            Check("required", pointer, _lacks(by, there=True)),
            Check(
                "union",
                f"{pointer}/{escape(by)}",
                lambda holder: holder[by].notnull() & holder[by].notin(tags),
            ),
        ]
        for tag, branch in zip(tags, branches, strict=True):

            def picked(holder: Any, tag: str = tag) -> Column:
                return (holder[by] == tag).fill_null(False)

            below = self._fields(branch.properties, sample, pointer, closed=branch.closed)
            found += [_when(picked, each) for each in below]
        return found

    def _ref(self, schema_id: str, sample: Any, pointer: str) -> list[Check]:
        if schema_id in self._open:
            raise NotInColumns(pointer)
        self._open.append(schema_id)
        try:
            return self.of(self._within.get(schema_id).node, sample, pointer)
        finally:
            self._open.pop()


def _of(sample: Any, pointer: str, *kinds: str) -> None:
    """Refuse a column whose values are not of the kind that the schema wants."""
    if isinstance(sample, Virtual | Instant) or not any(
        getattr(sample.type(), f"is_{kind}")() for kind in kinds
    ):
        raise NotInColumns(pointer)


def _names(sample: Any, pointer: str) -> tuple[str, ...]:
    """The fields that a table has of an object."""
    if isinstance(sample, Virtual):
        return tuple(sample.fields)
    if isinstance(sample, Instant) or not sample.type().is_struct():
        raise NotInColumns(pointer)
    return tuple(sample.type().names)


def _element(items: Column) -> Column:
    """A value of the type that the elements have, to learn from; it never gets into a query."""
    return ibis.null(items.type().value_type)


def _only(sample: Any, name: str) -> Virtual:
    return Virtual({name: sample[name]}, ibis.literal(True))


def _inside(name: str, check: Check) -> Check:
    """A check of a field, as one of the object around it."""
    return Check(check.rule, check.pointer, lambda holder: check.bad(holder[name]), check.many)


def _when(guard: Callable[[Any], Column], check: Check) -> Check:
    """A check that is only made where the guard is true."""
    if check.many:
        return Check(
            check.rule,
            check.pointer,
            lambda holder: ibis.ifelse(guard(holder), check.bad(holder), ibis.literal(0, "int64")),
            many=True,
        )
    return Check(check.rule, check.pointer, lambda holder: guard(holder) & check.bad(holder))


def _all_of(
    rule: str, pointer: str, items: Callable[[Any], Column], bad: Callable[[Column], Column]
) -> Check:
    return Check(
        rule,
        pointer,
        lambda value: kept(items(value), bad).length().cast("int64").fill_null(0),
        many=True,
    )


def _summed(items: Callable[[Any], Column], check: Check) -> Callable[[Any], Column]:
    return lambda value: mapped(items(value), check.bad).sums().cast("int64").fill_null(0)


def _lacks(name: str, there: bool) -> Callable[[Any], Column]:
    return lambda holder: holder.notnull() & holder[name].isnull() if there else holder.notnull()
