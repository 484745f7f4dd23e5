"""Differences in what schemas say to people and to other standards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mfgstd.standard.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd.standard.notes import Correspondence, Notes, Word

#: (kind, suffix of the pointer, before, after)
Found = tuple[str, str, Any, Any]


def notes(old: Notes, new: Notes) -> Iterator[Found]:
    """All differences between two sets of annotations; every field of ``Notes`` is looked at."""
    for kind, before, after in (
        ("label.changed", old.label, new.label),
        ("description.changed", old.description, new.description),
        ("term.changed", old.term, new.term),
        ("unit.changed", old.unit, new.unit),
        ("unit-from.changed", old.unit_from, new.unit_from),
        ("quantity.changed", old.quantity, new.quantity),
        ("since.changed", old.since, new.since),
    ):
        if before != after:
            yield kind, "", before, after
    # As JSON: 1 and 1.0 are one number, 1 and true are not, whatever Python says.
    if canonical(old.examples) != canonical(new.examples):
        yield "examples.changed", "", old.examples, new.examples
    if old.stability != new.stability:
        # A promise was made, or one was taken back.
        kept = old.stability != "stable"
        kind = "stability.promised" if kept else "stability.withdrawn"
        yield kind, "", old.stability, new.stability
    if old.deprecated != new.deprecated:
        if old.deprecated is None:
            kind = "deprecated.declared"
        elif new.deprecated is None:
            kind = "deprecated.withdrawn"
        else:
            kind = "deprecated.changed"
        yield kind, "", old.deprecated, new.deprecated
    yield from mappings(old.mappings, new.mappings)


def words(old: tuple[Word, ...], new: tuple[Word, ...]) -> Iterator[Found]:
    """Differences in what is said of the words that both have; their order says nothing."""
    later = {each.value: each for each in new}
    for word in old:
        other = later.get(word.value)
        if other is None:
            continue
        if word.label != other.label:
            yield "label.changed", f"={word.value}", word.label, other.label
        if word.description != other.description:
            yield "description.changed", f"={word.value}", word.description, other.description
        for kind, _, before, after in mappings(word.mappings, other.mappings):
            yield kind, f"={word.value}", before, after


def mappings(old: tuple[Correspondence, ...], new: tuple[Correspondence, ...]) -> Iterator[Found]:
    """Differences in mappings, matched by standard and path.

    A mapping is a claim about meaning: to give one up, or to claim another path, is SEMANTIC.
    That nothing corresponds (``none``) is no claim that anybody builds on.
    """
    earlier = {(each.standard, each.path): each for each in old}
    later = {(each.standard, each.path): each for each in new}
    for key, before in earlier.items():
        after = later.get(key)
        if after is None:
            kind = "mapping.loss" if before.relation == "none" else "mapping.removed"
            yield kind, "", _show(before), None
            continue
        if before.relation != after.relation:
            yield "mapping.relation", "", _show(before), _show(after)
        if before.version != after.version:
            yield "mapping.version", "", before.version, after.version
        if before.loss != after.loss:
            yield "mapping.loss", "", before.loss, after.loss
    for key, added in later.items():
        if key not in earlier:
            yield "mapping.added", "", None, _show(added)


def _show(mapping: Correspondence) -> str:
    return f"{mapping.relation} {mapping.standard}: {mapping.path}"
