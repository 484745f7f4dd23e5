"""Every correspondence to another standard, from all places of the standard that declare one."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mfgstd.standard.generators.site.fields import fields, word_anchor, words
from mfgstd.standard.generators.site.links import Target, exact_anchor
from mfgstd.standard.generators.site.wording import RELATIONS
from mfgstd.standard.notes import Correspondence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mfgstd.standard.generators.site.links import Addresses
    from mfgstd.standard.generators.site.shelf import Shelf
    from mfgstd.standard.notes import Relation
    from mfgstd.standard.resolved import Resolved


@dataclass(frozen=True, slots=True)
class Mapped:
    """One row of a loss report: our place, and what another standard has there.

    ``owner`` is the schema, machine or table that the place belongs to, as people call it; ``key``
    names the place for the search: (``$id``, field path, word).
    """

    owner: str
    place: str
    target: Target
    theirs: Correspondence
    key: tuple[str, str, str] = ("", "", "")


def standards(schemas: Sequence[Resolved], shelf: Shelf) -> list[str]:
    """The names of all other standards, in the order of their letters."""
    found = {each.standard for schema in schemas for *_, each in _said(schema)}
    if shelf.whole:
        found |= {row.theirs.standard for row in beside()}
    return sorted(found, key=lambda name: (name.lower(), name))


def rows(schemas: Sequence[Resolved], shelf: Shelf, addresses: Addresses) -> list[Mapped]:
    """Every row, schema by schema, then those of the machines and state words."""
    made = []
    for schema in schemas:
        for path, word, place, each in _said(schema):
            target = addresses.schema(schema.id, place)
            name = "=".join(part for part in (path, word) if part)
            if target is not None:
                key = (schema.id, path, word)
                made.append(Mapped(schema.name, name or schema.name, target, each, key))
    return made + (list(beside()) if shelf.whole else [])


def _said(schema: Resolved) -> Iterator[tuple[str, str, str, Correspondence]]:
    """(field path, word, anchor, correspondence) of all that a schema itself declares."""
    for each in schema.notes.mappings:
        yield "", "", "", each
    for word in words(schema.node):
        for each in word.mappings:
            yield "", word.value, word_anchor(None, word.value), each
    for field in fields(schema):
        if field.inherited is not None:
            continue
        for each in field.notes.mappings:
            yield field.path, "", field.anchor, each
        for word in field.words:
            for each in word.mappings:
                yield field.path, word.value, word_anchor(field, word.value), each


def beside() -> Iterator[Mapped]:
    """The rows of the state machines, and of the tables of state words of other standards."""
    from mfgstd.standard.machines import machine, machines
    from mfgstd.standard.vocabularies import state_words

    for name in machines():
        for state in machine(name).states.values():
            target = Target(f"machines/{name}.html", exact_anchor("state", state.id))
            for each in state.mappings:
                yield Mapped(f"machines/{name}", state.id, target, each)
    for name, said in state_tables().items():
        table = state_words()[name]
        field = name.partition(".")[2] or name
        for word in table.values():
            axes = ", ".join(f"{axis}={_plain(value)}" for axis, value in word.axes.items())
            theirs = Correspondence(
                said["standard"], said["version"], f"{field}={word.word}", word.relation, word.loss
            )
            target = Target(
                "vocabularies/states.html", exact_anchor("state", f"{name}.{word.word}")
            )
            yield Mapped("EquipmentState", axes or "EquipmentState", target, theirs)


def state_tables() -> Mapping[str, dict[str, str]]:
    """Table of state words -> the standard, version and source that its head names."""
    import json

    from mfgstd.standard.resources import root

    path = root("schemas") / "vocabularies" / "state-words.json"
    return {
        name: {key: table[key] for key in ("standard", "version", "source")}
        for name, table in json.loads(path.read_bytes())["tables"].items()
    }


def _plain(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()


def by_standard(every: Iterable[Mapped]) -> dict[str, list[Mapped]]:
    """Standard -> its rows, in the order of the letters."""
    found: dict[str, list[Mapped]] = defaultdict(list)
    for each in every:
        found[each.theirs.standard].append(each)
    return dict(sorted(found.items(), key=lambda item: (item[0].lower(), item[0])))


def by_owner(every: Iterable[Mapped]) -> dict[str, list[Mapped]]:
    """Our schema or machine -> its rows, in the order in which they come."""
    found: dict[str, list[Mapped]] = {}
    for each in every:
        found.setdefault(each.owner, []).append(each)
    return found


def tally(every: Iterable[Mapped]) -> dict[Relation, int]:
    """How many rows there are of each relation, from the nearest to the farthest; all named."""
    counts = Counter(each.theirs.relation for each in every)
    order: tuple[Relation, ...] = ("exact", "close", "broad", "narrow", "none")
    return {name: counts[name] for name in order if name in RELATIONS}
