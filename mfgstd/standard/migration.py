"""Data from one major version of a schema to the next, by what was declared and nothing else.

``schemas/migrations/<domain>/<slug>-1-to-2.yaml``::

    from: https://w3id.org/mfgstd/equipment/pump/1
    to: https://w3id.org/mfgstd/equipment/pump/2
    renames: {/maker: /manufacturer/name, /parts/*/no: /parts/*/number}
    words: {/state: {on: running}}
    removed: [/colour]
    defaults: {/schemaVersion: 2}

Pointers of ``renames`` (left), ``words`` and ``removed`` are those of the old document; ``*`` is
every element of a list. Defaults fill in what is absent from the new one.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mfgstd.errors import UsageError
from mfgstd.finding import show
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: The steps to one place: names, indexes.
Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Migration:
    """One declared step between two majors of one schema."""

    source: str
    target: str
    renames: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    emptied: tuple[str, ...] = ()
    """Objects that are dropped where a rename left nothing in them; only of a step back."""

    @property
    def is_invertible(self) -> bool:
        """Whether the old document can be made again out of every new one of it."""
        one_to_one = all(len(set(each.values())) == len(each) for each in self.words.values())
        return not self.removed and not self.defaults and one_to_one

    def inverse(self) -> Migration:
        """The step back.

        Raises:
            UsageError: something is lost on the way.
        """
        if not self.is_invertible:
            raise UsageError(
                Text(
                    f"The migration to {self.target} loses something: there is no way back.",
                    f"{self.target}(으)로 변환하면 손실이 있어 되돌릴 수 없습니다.",
                )
            )
        holders = {written(steps(each)[:-1]) for each in self.renames.values()}
        before = {written(steps(each)[:-1]) for each in self.renames}
        return Migration(
            source=self.target,
            target=self.source,
            emptied=tuple(sorted(holders - before, reverse=True)),
            renames={new: old for old, new in self.renames.items()},
            words={
                self.renames.get(place, place): {new: old for old, new in table.items()}
                for place, table in self.words.items()
            },
        )


@dataclass(frozen=True, slots=True)
class Loss:
    """Something of the old document that the new one does not say."""

    pointer: str
    value: Any

    def to_json(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {"pointer": self.pointer, "value": self.value}


@dataclass(frozen=True, slots=True)
class Migrated:
    """A document of the wanted major, and what was lost on the way, step by step."""

    document: dict[str, Any]
    lost: tuple[Loss, ...]


def migrate(
    document: Mapping[str, Any],
    *,
    to: str,
    source: str | None = None,
    migrations: Sequence[Migration] | None = None,
) -> Migrated:
    """A document as one of the schema ``to`` (an ``$id``); the given one is left as it is.

    ``source`` is the ``$id`` that it has, by default the one that it names in ``$schema``. The
    ``data`` of an envelope is migrated inside it.

    Raises:
        UsageError: the document does not say what it is, or no declared way leads to ``to``.
    """
    if migrations is None:
        from mfgstd.standard.migration_files import declared

        migrations = declared()
    if source is None and "specversion" in document and isinstance(document.get("data"), dict):
        return _enveloped(document, to, migrations)
    source = source or document.get("$schema")
    if not isinstance(source, str):
        raise UsageError(
            Text(
                "The document does not say which schema it has.",
                "문서에 어떤 스키마를 따르는지 적혀 있지 않습니다.",
            )
        )
    made = copy.deepcopy(dict(document))
    lost: list[Loss] = []
    for each in _way(source, to, migrations):
        made, more = step(made, each)
        lost += more
    return Migrated(made, tuple(lost))


def _enveloped(event: Mapping[str, Any], to: str, known: Sequence[Migration]) -> Migrated:
    inside = migrate(event["data"], to=to, source=event.get("dataschema"), migrations=known)
    made = {**copy.deepcopy(dict(event)), "dataschema": to, "data": inside.document}
    kind, _, _ = str(made.get("type", "")).rpartition(".v")
    if kind:
        made["type"] = f"{kind}.v{to.rpartition('/')[2]}"
    return Migrated(made, tuple(Loss(f"/data{e.pointer}", e.value) for e in inside.lost))


def _way(source: str, to: str, known: Sequence[Migration]) -> list[Migration]:
    """The steps from one schema to another, the fewest there are."""
    ways: list[tuple[str, list[Migration]]] = [(source, [])]
    seen = {source}
    while ways:
        here, way = ways.pop(0)
        if here == to:
            return way
        for each in known:
            if each.source == here and each.target not in seen:
                seen.add(each.target)
                ways.append((each.target, [*way, each]))
    targets = ", ".join(sorted(seen - {source}))
    raise UsageError(
        Text(
            f"No declared migration leads from {show(source)} to {show(to)} "
            f"(there is: {targets or 'none'}).",
            f"{show(source)}에서 {show(to)}(으)로 가는 변환이 선언되어 있지 않습니다 "
            f"(가능한 대상: {targets or '없음'}).",
        )
    )


def step(document: dict[str, Any], migration: Migration) -> tuple[dict[str, Any], list[Loss]]:
    """One declared step, as a new document and what it lost."""
    made = copy.deepcopy(document)
    lost = _translate(made, migration)
    for pointer in migration.removed:
        for place in reversed(list(places(made, pointer))):
            lost.append(Loss(written(place), _take(made, place)))
    # All at once: two fields may change their names with each other.
    moved = [
        (_aim(new, old, place), value)
        for old, new in migration.renames.items()
        for place in list(places(made, old))
        for value in [_take(made, place)]
    ]
    for place, value in moved:
        _put(made, place, value)
    for pointer in migration.emptied:
        for place in reversed(list(places(made, pointer))):
            if place and _at(made, place) == {}:
                _take(made, place)
    for pointer, value in migration.defaults.items():
        *holder, name = steps(pointer)
        for place in places(made, written(tuple(holder))):
            target = _at(made, place)
            if isinstance(target, dict):
                target.setdefault(name, copy.deepcopy(value))
    if "$schema" in made:
        made["$schema"] = migration.target
    return made, lost


def _translate(made: dict[str, Any], migration: Migration) -> list[Loss]:
    """Put new words for old ones; where two become one, the old one is lost."""
    lost: list[Loss] = []
    for pointer, table in migration.words.items():
        shared = {new for new in table.values() if list(table.values()).count(new) > 1}
        for place in places(made, pointer):
            word = _at(made, place)
            if isinstance(word, str) and word in table:
                if table[word] in shared and table[word] != word:
                    lost.append(Loss(written(place), word))
                _put(made, place, table[word])
    return lost


def steps(pointer: str) -> tuple[str, ...]:
    """The steps of a JSON pointer, unescaped."""
    parts = pointer.split("/")[1:]
    return tuple(each.replace("~1", "/").replace("~0", "~") for each in parts)


def written(place: Sequence[str | int]) -> str:
    """The JSON pointer of a place."""
    return "".join("/" + str(each).replace("~", "~0").replace("/", "~1") for each in place)


def places(document: Any, pointer: str) -> Iterator[Path_]:
    """Every place of a document that a pointer with ``*`` means, in order; only what is there."""
    waiting: list[tuple[Any, Path_, tuple[str, ...]]] = [(document, (), steps(pointer))]
    while waiting:
        value, place, left = waiting.pop(0)
        if not left:
            yield place
        elif left[0] == "*" and isinstance(value, list):
            waiting += [(each, (*place, i), left[1:]) for i, each in enumerate(value)]
        elif isinstance(value, dict) and left[0] in value:
            waiting.append((value[left[0]], (*place, left[0]), left[1:]))


def _aim(new: str, old: str, place: Path_) -> Path_:
    """Where a value goes: the indexes of where it was, put for the ``*`` of the new pointer."""
    indexes = iter([each for each, name in zip(place, steps(old), strict=True) if name == "*"])
    return tuple(next(indexes) if each == "*" else each for each in steps(new))


def _at(document: Any, place: Path_) -> Any:
    for each in place:
        document = document[each]
    return document


def _take(document: Any, place: Path_) -> Any:
    holder = _at(document, place[:-1])
    return holder.pop(place[-1])


def _put(document: Any, place: Path_, value: Any) -> None:
    for each in place[:-1]:
        if isinstance(each, str) and isinstance(document, dict):
            document = document.setdefault(each, {})
        else:
            document = document[each]
    document[place[-1]] = value
