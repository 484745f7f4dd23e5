"""Differences between two nodes, kind by kind: total over the authoring profile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, assert_never

from mfgstd.finding import show
from mfgstd.language import Text as Words
from mfgstd.standard.diff import remarks
from mfgstd.standard.diff.inclusion import Schemas, includes, within
from mfgstd.standard.diff.verdict import Change
from mfgstd.standard.notes import Correspondence, Deprecation, Word
from mfgstd.standard.resolved import (
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
    Property,
    Ref,
    Text,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Comparison:
    """One schema, before and after; ``old_in`` and ``new_in`` hold what it refers to."""

    def __init__(self, schema_id: str, old_in: Schemas, new_in: Schemas) -> None:
        self._id = schema_id
        self._old_in = old_in
        self._new_in = new_in

    def change(
        self,
        kind: str,
        pointer: str,
        before: object = None,
        after: object = None,
        *,
        old_reads_new: bool = True,
        new_reads_old: bool = True,
    ) -> Change:
        """A change at a place, with its before and after in short."""
        reads = old_reads_new, new_reads_old
        return Change(self._id, pointer, kind, shown(before), shown(after), *reads)

    def notes(self, found: Iterable[remarks.Found], pointer: str) -> Iterator[Change]:
        """Differences of annotations, as changes at a place."""
        for kind, suffix, before, after in found:
            yield self.change(kind, pointer + suffix, before, after)

    def nodes(self, old: Node, new: Node, pointer: str) -> Iterator[Change]:
        """All differences between two nodes."""
        if type(old) is not type(new):
            yield from self._other_kind(old, new, pointer)
            return
        match old, new:
            case Text(), Text():
                yield from self._text(old, new, pointer)
            case Constant(), Constant():
                if old.value != new.value:
                    yield self._judged("constant.changed", pointer, old, new)
            case Enumeration(), Enumeration():
                yield from self._enumeration(old, new, pointer)
            case OpenCode(), OpenCode():
                yield from self._open_code(old, new, pointer)
            case Number(), Number():
                if old != new:
                    yield self._judged("number.bounds", pointer, old, new)
            case Integer(), Integer():
                yield from self._integer(old, new, pointer)
            case Boolean(), Boolean():
                pass
            case Array(), Array():
                yield from self._array(old, new, pointer)
            case Map(), Map():
                yield from self._map(old, new, pointer)
            case Object(), Object():
                yield from self._object(old, new, pointer)
            case Union(), Union():
                yield from self._union(old, new, pointer)
            case Ref(), Ref():
                if old.id != new.id:
                    yield self._judged("ref.retargeted", pointer, old, new)
            case AnyObject(), AnyObject():
                if old.typed_by != new.typed_by:
                    yield self._judged("any.typed-by", pointer, old, new)
            case _:  # pragma: no cover - both are of one kind
                raise AssertionError(old, new)

    def _judged(self, kind: str, pointer: str, old: Node, new: Node) -> Change:
        """A change of one node, with who still reads whom, as far as it can be proved."""
        return self.change(
            kind,
            pointer,
            old,
            new,
            old_reads_new=includes(old, self._old_in, new, self._new_in),
            new_reads_old=includes(new, self._new_in, old, self._old_in),
        )

    def _counted(
        self,
        kind: str,
        pointer: str,
        old: tuple[int | None, int | None],
        new: tuple[int | None, int | None],
    ) -> Change:
        return self.change(
            kind,
            pointer,
            _range(*old) or "any",
            _range(*new) or "any",
            old_reads_new=within(*old, *new),
            new_reads_old=within(*new, *old),
        )

    def _other_kind(self, old: Node, new: Node, pointer: str) -> Iterator[Change]:
        kind = "ref.retargeted" if isinstance(old, Ref) or isinstance(new, Ref) else "type.changed"
        yield self._judged(kind, pointer, old, new)

    def _text(self, old: Text, new: Text, pointer: str) -> Iterator[Change]:
        if old.pattern != new.pattern:
            before, after = Text(pattern=old.pattern), Text(pattern=new.pattern)
            yield self._judged("text.pattern", pointer, before, after)
        if (old.min_length or 0, old.max_length) != (new.min_length or 0, new.max_length):
            before = Text(min_length=old.min_length, max_length=old.max_length)
            after = Text(min_length=new.min_length, max_length=new.max_length)
            yield self._judged("text.length", pointer, before, after)
        if old.format != new.format:
            yield self.change("text.format", pointer, old.format, new.format)

    def _enumeration(self, old: Enumeration, new: Enumeration, pointer: str) -> Iterator[Change]:
        before, after = _values(old), _values(new)
        for word in _only(after, before):
            yield self.change("enum.word-added", pointer, None, word, old_reads_new=False)
        for word in _only(before, after):
            yield self.change("enum.word-removed", pointer, word, None, new_reads_old=False)
        yield from self.notes(remarks.words(old.words, new.words), pointer)

    def _open_code(self, old: OpenCode, new: OpenCode, pointer: str) -> Iterator[Change]:
        # Tolerant readers let pass whatever looks like a word.
        before, after = _values(old), _values(new)
        for word in _only(after, before):
            reads = includes(old, self._old_in, Constant(word), self._new_in)
            yield self.change("code.word-added", pointer, None, word, old_reads_new=reads)
        for word in _only(before, after):
            reads = includes(new, self._new_in, Constant(word), self._old_in)
            yield self.change("code.word-removed", pointer, word, None, new_reads_old=reads)
        if set(before) == set(after) and old.pattern != new.pattern and before == after:
            # A coarse copy for tools that do not know the keyword; the words are the law.
            yield self.change("code.pattern", pointer, old.pattern, new.pattern)
        yield from self.notes(remarks.words(old.words, new.words), pointer)

    def _integer(self, old: Integer, new: Integer, pointer: str) -> Iterator[Change]:
        bare_old, bare_new = replace(old, multiple_of=None), replace(new, multiple_of=None)
        if bare_old != bare_new:
            yield self._judged("number.bounds", pointer, bare_old, bare_new)
        if (old.multiple_of or 1) != (new.multiple_of or 1):
            before, after = (
                Integer(multiple_of=old.multiple_of),
                Integer(multiple_of=new.multiple_of),
            )
            yield self._judged("number.multiple", pointer, before, after)

    def _array(self, old: Array, new: Array, pointer: str) -> Iterator[Change]:
        if (old.min_items or 0, old.max_items) != (new.min_items or 0, new.max_items):
            limits = (old.min_items, old.max_items), (new.min_items, new.max_items)
            yield self._counted("list.length", pointer, *limits)
        if old.unique != new.unique:
            yield self.change(
                "list.unique",
                pointer,
                old.unique,
                new.unique,
                old_reads_new=not old.unique,
                new_reads_old=not new.unique,
            )
        yield from self.nodes(old.items, new.items, f"{pointer}/*")

    def _map(self, old: Map, new: Map, pointer: str) -> Iterator[Change]:
        if old.key_pattern != new.key_pattern:
            before, after = (Map(Boolean(), each.key_pattern) for each in (old, new))
            yield self._judged("map.keys", pointer, before, after)
        sizes = [(each.min_properties or 0, each.max_properties) for each in (old, new)]
        if sizes[0] != sizes[1]:
            yield self._counted("map.size", pointer, sizes[0], sizes[1])
        yield from self.nodes(old.values, new.values, f"{pointer}/*")

    def _object(self, old: Object, new: Object, pointer: str) -> Iterator[Change]:
        if old.title != new.title:
            yield self.change("name.changed", pointer, old.title, new.title)
        if old.closed != new.closed:
            kind = "object.closed" if new.closed else "object.opened"
            # What an open object may hold under a name that it does not know is anything; a
            # reader that knows the name may refuse it. It is certain only among the same names.
            same = {each.name for each in old} == {each.name for each in new}
            reads = {"old_reads_new": same or new.closed, "new_reads_old": same or old.closed}
            yield self.change(kind, pointer, **reads)
        before, after = ({each.name: each for each in node} for node in (old, new))
        renamed = {
            each.name: target
            for each in old
            if each.name not in after and (target := _replacement(each)) in after
        }
        for name, field in before.items():
            place = f"{pointer}/{name}"
            if name in after:
                yield from self._field(field, after[name], place)
                continue
            # An open object may still hold something else under the name.
            reads = {"old_reads_new": new.closed and not field.required}
            if name not in renamed:
                yield self._inherit(self.change("field.removed", place, field.node, **reads), field)
                continue
            heir = after[renamed[name]]
            if heir.name not in before:
                reads["new_reads_old"] = old.closed and not heir.required
                # Under its new name it should be what it was; where it is not, that is said too.
                yield from self._field(replace(field, required=heir.required), heir, place)
            yield self._inherit(
                self.change("field.renamed", place, name, heir.name, **reads), field
            )
        for name, field in after.items():
            if name not in before and name not in renamed.values():
                yield self._added(field, f"{pointer}/{name}", old_closed=old.closed)

    def _added(self, field: Property, place: str, *, old_closed: bool) -> Change:
        kind = "field.added-required" if field.required else "field.added"
        reads = old_closed and not field.required
        return self._inherit(self.change(kind, place, None, field.node, new_reads_old=reads), field)

    def _field(self, old: Property, new: Property, place: str) -> Iterator[Change]:
        found: list[Change] = []
        if old.required != new.required:
            kind = "field.required" if new.required else "field.optional"
            found.append(
                self.change(kind, place, old_reads_new=new.required, new_reads_old=not new.required)
            )
        found += self.nodes(old.node, new.node, place)
        found += self.notes(remarks.notes(old.notes, new.notes), place)
        for each in found:
            yield self._inherit(each, new if old.inherited == new.inherited else None)

    def _inherit(self, change: Change, field: Property | None) -> Change:
        via = field.inherited if field is not None else None
        return replace(change, via=via) if via is not None else change

    def _union(self, old: Union, new: Union, pointer: str) -> Iterator[Change]:
        if (old.how, old.by) != (new.how, new.by):
            yield self._judged("union.tag", pointer, old, new)
            return
        before, after = (dict(zip(each.tags, each.branches, strict=True)) for each in (old, new))
        for tag, branch in before.items():
            place = pointer if old.how == "key" else f"{pointer}[{old.by}={tag}]"
            if tag in after:
                yield from self.nodes(branch, after[tag], place)
            else:
                yield self.change("union.branch-removed", place, tag, None, new_reads_old=False)
        for tag in _only(after, before):
            place = pointer if old.how == "key" else f"{pointer}[{old.by}={tag}]"
            yield self.change("union.branch-added", place, None, tag, old_reads_new=False)


def _values(node: Enumeration | OpenCode) -> list[str]:
    return [each.value for each in node.words]


def _only(these: Iterable[str], but: Iterable[str]) -> list[str]:
    known = set(but)
    return [each for each in these if each not in known]


def _replacement(field: Property) -> str | None:
    """The name of the field that a deprecated one says it is replaced by."""
    deprecated = field.notes.deprecated
    if deprecated is None or deprecated.replaced_by is None:
        return None
    return deprecated.replaced_by.rpartition("/")[2]


def shown(value: object) -> str | None:
    """A before or after in a few letters; ``None`` for nothing."""
    match value:
        case None:
            return None
        case Words():
            return f"{value.en} / {value.ko}"
        case Word():
            return value.value
        case Correspondence():
            return f"{value.relation} {value.standard}: {value.path}"
        case Deprecation():
            replaced = f", use {value.replaced_by}" if value.replaced_by else ""
            return f"since {value.since}{replaced}"
        case tuple():
            return ", ".join(show(each, limit=40) for each in value)
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case (
            Text()
            | Constant()
            | Enumeration()
            | OpenCode()
            | Number()
            | Integer()
            | Boolean()
            | Array()
            | Map()
            | Object()
            | Union()
            | Ref()
            | AnyObject()
        ):
            return shown_node(value)
        case _:
            return show(value)


def shown_node(node: Node) -> str:
    """What a node allows, in a few letters."""
    match node:
        case Text():
            pattern = f" {node.pattern}" if node.pattern is not None else ""
            return f"text{_range(node.min_length, node.max_length)}{pattern}"
        case Constant(value):
            return f"constant {value}"
        case Enumeration(words):
            return "one of " + ", ".join(each.value for each in words)
        case OpenCode(words):
            return "open code " + ", ".join(each.value for each in words)
        case Number():
            low = _limit(node.minimum, ">=") or _limit(node.exclusive_minimum, ">")
            high = _limit(node.maximum, "<=") or _limit(node.exclusive_maximum, "<")
            return " ".join(["number", *filter(None, (low, high))])
        case Integer():
            low, high = _limit(node.minimum, ">="), _limit(node.maximum, "<=")
            step = _limit(node.multiple_of, "multiple of")
            return " ".join(["integer", *filter(None, (low, high, step))])
        case Boolean():
            return "boolean"
        case Array():
            unique = "unique " if node.unique else ""
            length = _range(node.min_items, node.max_items)
            return f"{unique}list{length} of {shown_node(node.items)}"
        case Map():
            size = _range(node.min_properties, node.max_properties)
            return f"map{size} {node.key_pattern} of {shown_node(node.values)}"
        case Object():
            return f"object {node.title}".rstrip()
        case Union():
            return "union of " + ", ".join(node.tags)
        case Ref(schema_id):
            return schema_id
        case AnyObject(typed_by):
            return f"object typed by {typed_by}"
        case _:
            assert_never(node)


def _range(low: int | None, high: int | None) -> str:
    if not low and high is None:
        return ""
    return f"[{low or 0}..{'' if high is None else high}]"


def _limit(value: Any, sign: str) -> str:
    return "" if value is None else f"{sign} {value}"
