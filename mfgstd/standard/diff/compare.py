"""Two editions side by side: every change, and whether the versions say what happened."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, assert_never

from mfgstd.standard.diff import remarks
from mfgstd.standard.diff.content import content
from mfgstd.standard.diff.edition import numbers
from mfgstd.standard.diff.nodes import Comparison
from mfgstd.standard.diff.verdict import Bump, Change
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
    Resolved,
    Text,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd.standard.diff.edition import Edition


@dataclass(frozen=True, slots=True)
class Verdict:
    """One schema: its changes, the step of the version they ask for, and the step it took.

    ``expected`` is the version that it should have; ``None`` where no version under this ``$id``
    would do, because the change is a major one and a major has its own ``$id``.
    """

    schema: str
    changes: tuple[Change, ...]
    required: Bump
    before: str | None
    after: str | None
    expected: str | None

    @property
    def holds(self) -> bool:
        """Whether the version says what happened. A schema that is gone has none."""
        return self.after is None or self.after == self.expected

    @property
    def old_reads_new(self) -> bool:
        """Whether old tolerant readers certainly accept what new producers write."""
        return self.after is None or all(each.old_reads_new for each in self.changes)

    @property
    def new_reads_old(self) -> bool:
        """Whether new tolerant readers certainly accept what old producers write."""
        return self.before is None or all(each.new_reads_old for each in self.changes)

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it: absent, never null."""
        record: dict[str, Any] = {
            "schema": self.schema,
            "required": str(self.required),
            "before": self.before,
            "after": self.after,
            "expected": self.expected,
            "holds": self.holds,
            "oldReadsNew": self.old_reads_new,
            "newReadsOld": self.new_reads_old,
            "changes": [each.to_json() for each in self.changes],
        }
        return {name: value for name, value in record.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Report:
    """All schemas that changed, and all content that did."""

    old: str
    new: str
    verdicts: tuple[Verdict, ...]
    content: tuple[Change, ...]

    @property
    def holds(self) -> bool:
        """Whether every version says what happened."""
        return all(each.holds for each in self.verdicts)

    @property
    def required(self) -> Bump:
        """The step that the version of the whole edition must take, at least."""
        schemas = [each.required for each in self.verdicts]
        return max([*schemas, *(each.bump for each in self.content)], default=Bump.NONE)

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "old": self.old,
            "new": self.new,
            "required": str(self.required),
            "holds": self.holds,
            "schemas": [each.to_json() for each in self.verdicts],
            "content": [each.to_json() for each in self.content],
        }


def compare(old: Edition, new: Edition) -> Report:
    """What changed from one edition to another, in the order of the new one.

    Raises:
        SchemaError: a schema of either is outside the profile.
    """
    try:
        return _Comparing(old, new).report()
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
        re.error,
    ):
        # Comparing takes for granted what the profile asks for; judging that first would cost
        # every comparison seconds.
        for each in (old, new):
            if wrong := each.wrong():
                raise wrong from None
        raise


class _Comparing:
    def __init__(self, old: Edition, new: Edition) -> None:
        self._old = old
        self._new = new
        self._own: dict[str, tuple[Change, ...]] = {}

    def report(self) -> Report:
        before, after = set(self._old.ids), set(self._new.ids)
        verdicts: list[Verdict] = []
        superseded: set[str | None] = set()
        for schema_id in self._new.ids:
            if schema_id in before:
                verdicts.append(self._both(schema_id))
            else:
                earlier = self._earlier(schema_id, before - after)
                superseded.add(earlier)
                verdicts.append(self._added(schema_id, earlier))
        gone = [each for each in self._old.ids if each not in after and each not in superseded]
        verdicts += map(self._removed, gone)
        known = frozenset(each.removeprefix(NAMESPACE).rpartition("/")[0] for each in before)
        single = self._old.only is not None or self._new.only is not None
        beside = () if single else content(self._old.content, self._new.content, known)
        shown = [each for each in verdicts if each.changes or not each.holds]
        return Report(self._old.name, self._new.name, tuple(shown), tuple(beside))

    def _both(self, schema_id: str) -> Verdict:
        old, new = self._old.get(schema_id), self._new.get(schema_id)
        # What a base changed compatibly is said by the version of the base.
        own = [each for each in self.own(schema_id) if not each.via or each.bump is Bump.MAJOR]
        changes = (*own, *self._reached(schema_id))
        required = max((each.bump for each in changes), default=Bump.NONE)
        return Verdict(
            schema=schema_id,
            changes=changes,
            required=required,
            before=old.version,
            after=new.version,
            expected=step(old.version, required),
        )

    def own(self, schema_id: str) -> tuple[Change, ...]:
        """The changes of one schema that both editions have, without what it refers to."""
        if schema_id not in self._own:
            old, new = self._old.get(schema_id), self._new.get(schema_id)
            self._own[schema_id] = tuple(_changes(old, new, self._old, self._new))
        return self._own[schema_id]

    def _reached(self, schema_id: str) -> Iterator[Change]:
        """Incompatible changes of schemas that this one refers to, each with its first place."""
        for target, pointer in _references(self._new.get(schema_id), self._new).items():
            if target == schema_id or target not in self._old.authored:
                continue
            worst = [each for each in self.own(target) if each.bump is Bump.MAJOR]
            if worst:
                yield Change(
                    schema_id,
                    pointer,
                    "schema.reached",
                    after=", ".join(sorted({each.kind for each in worst})),
                    old_reads_new=all(each.old_reads_new for each in worst),
                    new_reads_old=all(each.new_reads_old for each in worst),
                    via=target,
                )

    def _earlier(self, schema_id: str, gone: set[str]) -> str | None:
        """The major before, if this schema takes its place."""
        stem, _, major = schema_id.rpartition("/")
        before = f"{stem}/{int(major) - 1}"
        return before if before in gone else None

    def _added(self, schema_id: str, earlier: str | None) -> Verdict:
        new = self._new.get(schema_id)
        expected = f"{schema_id.rpartition('/')[2]}.0.0"
        if earlier is None:
            change = Change(schema_id, "", "schema.added", after=new.name)
            return Verdict(schema_id, (change,), Bump.MINOR, None, new.version, expected)
        old = self._old.get(earlier)
        change = Change(schema_id, "", "schema.superseded", before=earlier, after=schema_id)
        changes = (change, *_changes(old, new, self._old, self._new))
        return Verdict(schema_id, changes, Bump.MAJOR, old.version, new.version, expected)

    def _removed(self, schema_id: str) -> Verdict:
        old = self._old.get(schema_id)
        change = Change(
            schema_id, "", "schema.removed", before=old.name, new_reads_old=old.abstract
        )
        return Verdict(schema_id, (change,), Bump.MAJOR, old.version, None, None)


def step(version: str, bump: Bump) -> str | None:
    """The version after a step; ``None`` after a major one, which has an ``$id`` of its own."""
    major, minor, patch = numbers(version)
    match bump:
        case Bump.NONE:
            return version
        case Bump.PATCH:
            return f"{major}.{minor}.{patch + 1}"
        case Bump.MINOR:
            return f"{major}.{minor + 1}.0"
        case Bump.MAJOR:
            return None
        case _:
            assert_never(bump)


def _changes(old: Resolved, new: Resolved, old_in: Edition, new_in: Edition) -> Iterator[Change]:
    """All differences between two schemas themselves; every field of ``Resolved`` is looked at."""
    at = Comparison(new.id, old_in, new_in)
    if old.abstract != new.abstract:
        if new.abstract:
            yield at.change("schema.abstract", "", new_reads_old=False)
        else:
            yield at.change("schema.concrete", "", old_reads_new=False)
    if old.base != new.base:
        yield at.change("base.changed", "", old.base, new.base)
    if old.name != new.name and not isinstance(new.node, Object):
        yield at.change("name.changed", "", old.name, new.name)
    yield from at.notes(remarks.notes(old.notes, new.notes), "")
    yield from at.nodes(_as_judged(old), _as_judged(new), "")


def _as_judged(schema: Resolved) -> Node:
    """A base is open for those who extend it; a document that has it is closed by its leaf."""
    if schema.abstract and isinstance(schema.node, Object):
        return replace(schema.node, closed=True)
    return schema.node


def _references(schema: Resolved, within: Edition) -> dict[str, str]:
    """Every schema that this one refers to, at any depth -> the first place where it does."""
    found: dict[str, str] = {}
    waiting = list(_refs(schema.node, ""))
    while waiting:
        target, pointer = waiting.pop(0)
        if target not in found:
            found[target] = pointer
            waiting += [(each, pointer) for each, _ in _refs(within.get(target).node, "")]
    return found


def _refs(node: Node, pointer: str) -> Iterator[tuple[str, str]]:
    match node:
        case Ref(schema_id):
            yield schema_id, pointer
        case Object():
            for each in node:
                yield from _refs(each.node, f"{pointer}/{each.name}")
        case Array(items):
            yield from _refs(items, f"{pointer}/*")
        case Map(values):
            yield from _refs(values, f"{pointer}/*")
        case Union(branches):
            for branch in branches:
                yield from _refs(branch, pointer)
        case Text() | Constant() | Enumeration() | OpenCode() | Number() | Integer() | Boolean():
            pass
        case AnyObject():
            # Its schema is named in the data: it answers for itself.
            pass
        case _:
            assert_never(node)
