"""The index of the search: one file for each language, a script, so that it loads from a disk.

An entry is ``[kind, name, where, label, label in the other language, sentence, page, theirs]``;
``theirs`` is a list of ``[standard, path]``, the standard by its number in ``standards``. What is
empty at the end of an entry is left out. All matching is done by ``assets/search.js``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from mfgstd.standard.generators.site.fields import fields, word_anchor, words
from mfgstd.standard.generators.site.links import Target, anchor, exact_anchor
from mfgstd.standard.generators.site.wording import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mfgstd.language import Language, Text
    from mfgstd.standard.generators.site.links import Addresses
    from mfgstd.standard.generators.site.mappings import Mapped
    from mfgstd.standard.generators.site.shelf import Shelf
    from mfgstd.standard.resolved import Resolved

#: Sentences are cut after so many characters: they are for context, the page has all of it.
SENTENCE: Final = 120

_NUMBERS: Final = {name: number for number, name in enumerate(KINDS)}


class Index:
    """The entries of one language, in the order in which equal results are shown."""

    def __init__(self, language: Language, standards: Sequence[str]) -> None:
        self.language = language
        self.standards = {name: number for number, name in enumerate(standards)}
        self.entries: list[list[Any]] = []

    def add(
        self,
        kind: str,
        name: str,
        target: Target,
        label: Text | None = None,
        sentence: Text | None = None,
        where: str = "",
        theirs: Iterable[tuple[str, str]] = (),
    ) -> None:
        """One thing that can be found."""
        said = sentence.say(self.language) if sentence else ""
        if len(said) > SENTENCE:
            said = said[:SENTENCE].rstrip() + "…"
        entry: list[Any] = [
            _NUMBERS[kind],
            name,
            where,
            label.say(self.language) if label else "",
            label.say("ko" if self.language == "en" else "en") if label else "",
            said,
            str(target),
            [[self.standards[standard], path] for standard, path in dict.fromkeys(theirs)],
        ]
        while not entry[-1]:
            entry.pop()
        self.entries.append(entry)

    def script(self) -> str:
        """The file, setting one global."""
        record = {
            "kinds": [text.say(self.language) for text in KINDS.values()],
            "nested": [_NUMBERS[kind] for kind in ("field", "word", "state")],
            "standards": list(self.standards),
            "entries": self.entries,
        }
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        return f'"use strict";\nglobalThis.mfgstdIndex = {text};\n'


def index(
    language: Language,
    schemas: Sequence[Resolved],
    shelf: Shelf,
    addresses: Addresses,
    rows: Sequence[Mapped],
    pages: Mapping[str, Text],
) -> Index:
    """Everything that a reader may look for. ``pages`` is path -> title of the pages that list."""
    made = Index(language, list(addresses.standards))
    theirs: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        theirs[row.key].append((row.theirs.standard, row.theirs.path))
    for schema in schemas:
        _schema(made, schema, addresses, theirs)
    for rule in shelf.rules:
        target = addresses.named(rule.entity, anchor("rule", rule.id))
        made.add(
            "rule", rule.id, target or Target(f"rules/{rule.domain}.html"), None, rule.sentence
        )
    for name, path in addresses.standards.items():
        made.add("standard", name, Target(path))
    if shelf.whole:
        for entry in _vocabularies():
            made.add(*entry)
        _states(made)
    for path, title in pages.items():
        made.add("page", title.say(language), Target(path), title)
    return made


def _schema(
    made: Index,
    schema: Resolved,
    addresses: Addresses,
    theirs: Mapping[tuple[str, str, str], Iterable[tuple[str, str]]],
) -> None:
    def at(place: str = "") -> Target:
        found = addresses.schema(schema.id, place)
        assert found is not None, schema.id  # noqa: S101 - every schema of the site has a page
        return found

    notes = schema.notes
    made.add(
        *("schema", schema.name, at(), notes.label, notes.description, schema.domain),
        theirs=theirs.get((schema.id, "", ""), ()),
    )
    for word in words(schema.node):
        made.add(
            *("word", word.value, at(word_anchor(None, word.value)), word.label),
            *(word.description, schema.name),
            theirs=theirs.get((schema.id, "", word.value), ()),
        )
    for field in fields(schema):
        if field.inherited is not None:
            continue
        made.add(
            *("field", field.name, at(field.anchor), field.notes.label, field.notes.description),
            *(_owner(schema.name, field.path),),
            theirs=theirs.get((schema.id, field.path, ""), ()),
        )
        for word in field.words:
            made.add(
                *("word", word.value, at(word_anchor(field, word.value)), word.label),
                *(word.description, f"{schema.name}.{field.path}"),
                theirs=theirs.get((schema.id, field.path, word.value), ()),
            )


def _owner(name: str, path: str) -> str:
    above = path.rpartition(".")[0]
    return f"{name}.{above}" if above else name


def _vocabularies() -> Iterator[tuple[Any, ...]]:
    from mfgstd.standard.kpi import elements, kpis
    from mfgstd.standard.units import units
    from mfgstd.standard.vocabularies import quality_reasons, quantities

    for code, unit in units().items():
        names = [name.code for name in unit.rec20] + [name.symbol for name in unit.rec20]
        where = ", ".join(dict.fromkeys([*names, *unit.mtconnect]))
        page = Target("vocabularies/units.html", exact_anchor("unit", code))
        yield "unit", code, page, unit.label, None, where
    for name, quantity in quantities().items():
        page = Target("vocabularies/quantities.html", exact_anchor("quantity", name))
        yield "quantity", name, page, quantity.label, None, quantity.unit
    for code, kpi in kpis().items():
        page = Target("vocabularies/kpis.html", exact_anchor("kpi", code))
        yield "kpi", code, page, kpi.name, kpi.description, kpi.acronym or ""
    for name, element in elements().items():
        page = Target("vocabularies/elements.html", exact_anchor("element", name))
        yield "element", name, page, element.label, element.description
    for name, reason in quality_reasons().items():
        page = Target("vocabularies/quality.html", exact_anchor("reason", name))
        codes = ", ".join(code.name for code in reason.opcua)
        yield "reason", name, page, reason.label, None, codes


def _states(made: Index) -> None:
    from mfgstd.standard.generators.site.mappings import state_tables
    from mfgstd.standard.machines import machine, machines
    from mfgstd.standard.vocabularies import state_words

    for name in machines():
        found = machine(name)
        page = f"machines/{name}.html"
        made.add("page", name, Target(page), found.label, found.description)
        for state in found.states.values():
            made.add(
                *("state", state.id, Target(page, exact_anchor("state", state.id)), state.label),
                *(state.description, name),
                theirs=[(each.standard, each.path) for each in state.mappings],
            )
    heads = state_tables()
    for table, found_words in state_words().items():
        for word in found_words.values():
            place = Target(
                "vocabularies/states.html", exact_anchor("state", f"{table}.{word.word}")
            )
            said = (heads[table]["standard"], f"{table.partition('.')[2] or table}={word.word}")
            made.add("state", word.word, place, word.label, None, table, [said])
