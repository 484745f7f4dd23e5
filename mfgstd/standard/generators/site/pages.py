"""All pages of the site, from one list of what there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from mfgstd.language import LANGUAGES, Language, Text
from mfgstd.standard.generators.site import mappings, search, vocabulary, wording
from mfgstd.standard.generators.site.fields import fields, word_anchor, words
from mfgstd.standard.generators.site.links import Addresses, Target
from mfgstd.standard.generators.site.relations import Relations
from mfgstd.standard.generators.site.render import ASSETS, Renderer
from mfgstd.standard.generators.site.schema_page import view
from mfgstd.standard.generators.site.shelf import Shelf, shelf_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfgstd.standard.resolved import Resolved

_ASSET_FILES: Final = ("site.css", "site.js", "search.js", "choose.js", "icon.svg")


@dataclass
class Site:
    """What the pages are about, worked out once for both languages."""

    schemas: Sequence[Resolved]
    shelf: Shelf
    standards: list[str] = field(init=False)
    addresses: Addresses = field(init=False)
    relations: Relations = field(init=False)
    rows: list[mappings.Mapped] = field(init=False)

    def __post_init__(self) -> None:
        self.standards = mappings.standards(self.schemas, self.shelf)
        self.addresses = Addresses.of(self.schemas, self.standards)
        self.relations = Relations.of(self.schemas, self.shelf)
        self.rows = mappings.rows(self.schemas, self.shelf, self.addresses)

    @cached_property
    def domains(self) -> dict[str, list[Resolved]]:
        """Domain -> its schemas: entities before parts, each by name."""
        found: dict[str, list[Resolved]] = {name: [] for name in wording.ORDER}
        for each in self.schemas:
            found.setdefault(each.domain, []).append(each)
        return {
            name: sorted(listed, key=lambda each: (not each.is_entity, each.name))
            for name, listed in found.items()
            if listed
        }

    @cached_property
    def words(self) -> list[tuple[str, list[tuple[str, Text, Target]]]]:
        """Every word of an enumeration or code -> (schema and field, label, place), sorted."""
        found: dict[str, list[tuple[str, Text, Target]]] = {}
        for schema in self.schemas:
            page = self.addresses.schemas[schema.id]
            for each in words(schema.node):
                place = Target(page, word_anchor(None, each.value))
                found.setdefault(each.value, []).append((schema.name, each.label, place))
            for one in fields(schema):
                for each in one.words if one.inherited is None else ():
                    place = Target(page, word_anchor(one, each.value))
                    name = f"{schema.name}.{one.path}"
                    found.setdefault(each.value, []).append((name, each.label, place))
        return sorted(found.items(), key=lambda item: (item[0].lower(), item[0]))

    @cached_property
    def counts(self) -> list[tuple[int, Text, Target | None]]:
        """What there is of each, and where."""
        entities = sum(each.is_entity for each in self.schemas)
        own = sum(one.inherited is None for each in self.schemas for one in fields(each))
        examples = sum(map(len, self.shelf.valid.values())) + sum(
            map(len, self.shelf.invalid.values())
        )
        made: list[tuple[int, Text, Target | None]] = [
            (entities, Text("entities", "엔티티"), None),
            (len(self.schemas) - entities, Text("building blocks", "구성 형식"), None),
            (own, Text("fields", "필드"), None),
            (len(self.words), Text("words", "단어"), Target("words.html")),
            (len(self.shelf.rules), Text("rules", "규칙"), Target("rules/index.html")),
            (examples, Text("examples", "예시"), None),
            (
                len(self.rows),
                Text("mappings to other standards", "타 표준 매핑"),
                Target("standards/index.html"),
            ),
        ]
        return [each for each in made if each[0]] + (
            vocabulary.counts() if self.shelf.whole else []
        )


def site(schemas: Sequence[Resolved]) -> dict[str, str | bytes]:
    """Every file of the site."""
    made = Site(schemas, shelf_of(schemas))
    files: dict[str, str | bytes] = {}
    for language in LANGUAGES:
        titles: dict[str, Text] = {}
        for path, content in _pages(made, language, titles):
            files[f"{language}/{path}"] = content
        found = search.index(language, made.schemas, made.shelf, made.addresses, made.rows, titles)
        files[f"assets/index-{language}.js"] = found.script()
    files["index.html"] = Renderer(made.addresses, "en").render("chooser.html", "index.html", {})
    for name in _ASSET_FILES:
        files[f"assets/{name}"] = (ASSETS / name).read_bytes()
    for path, raw in made.shelf.raw.items():
        files[f"schemas/{path}"] = raw
    return files


def _pages(made: Site, language: Language, titles: dict[str, Text]) -> list[tuple[str, str]]:
    renderer = Renderer(made.addresses, language)
    files: list[tuple[str, str]] = []
    everywhere: dict[str, Any] = {
        "site": made,
        "domains": made.domains,
        "whole": made.shelf.whole,
    }

    def page(template: str, path: str, title: Text, titled: bool = True, **values: Any) -> None:
        values = {**everywhere, "title": title, **values}
        files.append((path, renderer.render(template, f"{language}/{path}", values)))
        if titled:
            titles[path] = title

    page("home.html", "index.html", Text("The standard", "표준 안내"), start=_start(made))
    for name, listed in made.domains.items():
        page(
            *("domain.html", f"{name}/index.html", wording.domain_label(name)),
            domain=name,
            listed=listed,
        )
    for schema in made.schemas:
        shown = view(schema, made.schemas, made.shelf, made.relations, made.rows, renderer)
        path = made.addresses.schemas[schema.id]
        page(
            "schema.html",
            path,
            Text(schema.name, schema.name),
            False,
            view=shown,
            domain=schema.domain,
        )
    _standards(made, page)
    if made.shelf.rules:
        _rules(made, page)
    if made.words:
        page("words.html", "words.html", Text("Index of words", "단어 색인"), words=made.words)
    if made.shelf.whole:
        vocabulary.pages(page, language)
    return files


def _start(made: Site) -> dict[str, Any] | None:
    """The smallest valid document of the standard, which a reader may send first."""
    found = [
        (len(each.source), schema.name, each, schema)
        for schema in made.schemas
        if schema.is_entity and schema.domain != "envelope"
        for each in made.shelf.valid.get(f"{schema.domain}/{schema.slug}", ())
        if "$schema" in each.document
    ]
    if not found:
        return None
    _, _, example, schema = min(found, key=lambda each: each[:2])
    return {"example": example, "schema": schema}


def _standards(made: Site, page: Any) -> None:
    grouped = mappings.by_standard(made.rows)
    if not grouped:
        return
    tallies = {name: mappings.tally(rows) for name, rows in grouped.items()}
    page(
        *("standards.html", "standards/index.html", Text("Other standards", "타 표준과의 관계")),
        grouped=grouped,
        tallies=tallies,
        relations=wording.RELATIONS,
    )
    for name, rows in grouped.items():
        page(
            *("standard.html", made.addresses.standards[name], Text(name, name), False),
            rows=mappings.by_owner(rows),
            total=len(rows),
            tally=tallies[name],
            versions=sorted({each.theirs.version for each in rows}),
            relations=wording.RELATIONS,
        )


def _rules(made: Site, page: Any) -> None:
    grouped: dict[str, list[Any]] = {}
    for rule in made.shelf.rules:
        grouped.setdefault(rule.domain, []).append(rule)
    grouped = {name: grouped[name] for name in (*wording.ORDER, *grouped) if name in grouped}
    page("rules.html", "rules/index.html", Text("Rules", "규칙"), grouped=grouped)
    for name, rules in grouped.items():
        label = wording.domain_label(name)
        by_entity: dict[str, list[Any]] = {}
        for rule in rules:
            by_entity.setdefault(rule.entity, []).append(rule)
        page(
            "rules_of.html",
            f"rules/{name}.html",
            Text(f"Rules: {label.en}", f"규칙: {label.ko}"),
            domain_name=name,
            by_entity=by_entity,
            known={f"{each.domain}/{each.slug}": each for each in made.schemas},
            raw=f"rules/{name}.yaml",
        )
