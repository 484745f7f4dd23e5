"""Differences in what lies beside the schemas: rules, machines, vocabularies, other tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mfgstd.finding import show
from mfgstd.standard.canonical import canonical
from mfgstd.standard.diff.verdict import Change

#: What explains and does not decide.
_TALK: Final = frozenset(
    {
        "$comment",
        "$schema",
        "comment",
        "description",
        "fail",
        "hint",
        "label",
        "note",
        "notes",
        "pass",
        "sentence",
        "source",
        "sources",
        "title",
        "x-mfg-description",
        "x-mfg-label",
    }
)

#: What tells the entries of a list apart, best first.
_KEYS: Final = ("id", "code", "value", "name", "key", "ucum")

#: Tables whose entries hang together: one more transition makes legal what was not.
_WHOLE: Final = ("machines/", "migrations/")


def content(
    old: Mapping[str, Any], new: Mapping[str, Any], known: frozenset[str]
) -> Iterator[Change]:
    """All differences between the content of two editions.

    ``known`` are the ``<domain>/<slug>`` of the schemas of the old one: a new rule about one of
    these can refuse what was accepted, a rule about a new schema cannot.
    """
    for path in sorted({*old, *new}):
        if path.startswith("rules/"):
            yield from _rules(path, old.get(path, []), new.get(path, []), known)
        elif path not in old:
            yield Change(path, "", "data.added")
        elif path not in new:
            yield Change(path, "", "data.changed", before=path)
        else:
            yield from _table(path, old[path], new[path])


def _rules(path: str, old: Any, new: Any, known: frozenset[str]) -> Iterator[Change]:
    before, after = _by_id(old), _by_id(new)
    for rule_id, rule in before.items():
        other = after.get(rule_id)
        if other is None:
            yield Change(path, rule_id, "rule.removed", new_reads_old=True)
        elif not _equal(_bare(rule), _bare(other)):
            parts = sorted(_differing(_bare(rule), _bare(other)))
            yield Change(
                path,
                rule_id,
                "rule.changed",
                before=_parts(rule, parts),
                after=_parts(other, parts),
                new_reads_old=False,
                old_reads_new=False,
            )
        elif not _equal(rule, other):
            yield Change(path, rule_id, "rule.reworded")
    for rule_id, rule in after.items():
        if rule_id not in before:
            mild = rule.get("severity") != "error" or rule.get("entity") not in known
            kind = "rule.added-mildly" if mild else "rule.added"
            yield Change(path, rule_id, kind, new_reads_old=mild)


def _by_id(rules: Any) -> dict[str, Mapping[str, Any]]:
    found = rules if isinstance(rules, list) else []
    return {str(each.get("id")): each for each in found if isinstance(each, Mapping)}


def _differing(old: Any, new: Any) -> set[str]:
    return {key for key in {*old, *new} if old.get(key) != new.get(key)}


def _parts(rule: Mapping[str, Any], names: list[str]) -> str:
    return ", ".join(f"{name}: {show(rule.get(name), limit=80)}" for name in names)


def _table(path: str, old: Any, new: Any) -> Iterator[Change]:
    if _equal(old, new):
        return
    bare_old, bare_new = _bare(old), _bare(new)
    if _equal(bare_old, bare_new):
        yield Change(path, "", "data.reworded")
    elif path.count("/") == 0:
        # The authoring profile and its like bind authors, and no document.
        yield Change(path, "", "data.reworded")
    elif not path.startswith(_WHOLE) and (place := _lost(bare_old, bare_new, "")) is None:
        yield Change(path, "", "data.added")
    else:
        place = _lost(bare_old, bare_new, "") or ""
        yield Change(path, place, "data.changed", old_reads_new=False, new_reads_old=False)


def _bare(value: Any) -> Any:
    """What decides, without what explains; in one order."""
    if isinstance(value, Mapping):
        return {key: _bare(each) for key, each in sorted(value.items()) if key not in _TALK}
    if isinstance(value, list):
        return [_bare(each) for each in value]
    return value


def _lost(old: Any, new: Any, pointer: str) -> str | None:
    """The first place at which the new table no longer says what the old one said."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key, value in old.items():
            if key not in new:
                return f"{pointer}/{key}"
            if (place := _lost(value, new[key], f"{pointer}/{key}")) is not None:
                return place
        return None
    if isinstance(old, list) and isinstance(new, list):
        key = next((k for k in _KEYS if _tells_apart(old, k) and _tells_apart(new, k)), None)
        if key is None:
            rest = [canonical(each) for each in new]
            lost = [index for index, each in enumerate(old) if canonical(each) not in rest]
            return f"{pointer}/{lost[0]}" if lost else None
        return _lost(
            {str(each[key]): each for each in old}, {str(each[key]): each for each in new}, pointer
        )
    return None if _equal(old, new) else pointer


def _equal(old: Any, new: Any) -> bool:
    """As JSON: 1 and 1.0 are one number, 1 and true are not."""
    return canonical(old) == canonical(new)


def _tells_apart(entries: list[Any], key: str) -> bool:
    if not all(isinstance(each, Mapping) and key in each for each in entries):
        return False
    return len({repr(each[key]) for each in entries}) == len(entries)
