from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from mfgstd.errors import MissingExtra, SchemaError
from mfgstd.language import LANGUAGES, Language, Text
from mfgstd.standard import catalogue, resolved
from mfgstd.standard.generators import TARGETS
from mfgstd.standard.generators.site import generate, lettering, marks, render, shelf, tracks
from mfgstd.standard.generators.site.links import Target
from mfgstd.standard.generators.site.picture import MOST, Neighbour, gathered
from mfgstd.standard.generators.site.relations import Relations
from mfgstd.standard.kpi import elements, kpis
from mfgstd.standard.machines import machine, machines
from mfgstd.standard.notes import Notes
from mfgstd.standard.resources import root
from mfgstd.standard.units import units
from mfgstd.standard.vocabularies import quality_reasons, quantities
from tests.standard.generators import sites
from tests.standard.generators.sites import Page, pages, plain
from tests.tools import examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from mfgstd.standard import Catalogue
    from mfgstd.standard.resolved import Node, Word

    Author = Callable[..., Catalogue]

URI = "https://w3id.org/mfgstd/"


def page_of(schema: resolved.Resolved, language: Language) -> Page:
    return pages()[f"{language}/{schema.domain}/{schema.slug}.html"]


def said(node: Node) -> Iterator[Notes | Word]:
    """Everything inside of a schema that has a label and a description."""
    match node:
        case resolved.Array(items):
            yield from said(items)
        case resolved.Map(values):
            yield from said(values)
        case resolved.Object():
            for each in node:
                yield each.notes
                yield from said(each.node)
        case resolved.Union(branches):
            for branch in branches:
                yield from said(branch)
        case resolved.Enumeration(words) | resolved.OpenCode(words):
            yield from words
        case _:
            pass


def rules() -> list[dict[str, Any]]:
    import yaml

    folder = root("schemas") / "rules"
    return [
        rule for path in sorted(folder.glob("*.yaml")) for rule in yaml.safe_load(path.read_text())
    ]


# --- what must stand on it -----------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_schema_has_a_page_that_says_all_that_the_schema_says(language: Language) -> None:
    for schema in catalogue():
        page = page_of(schema, language)
        missing = [
            text
            for notes in (schema.notes, *said(schema.node))
            for text in (notes.label.say(language), notes.description.say(language))
            if plain(text) not in page.text
        ]
        assert missing == [], page.path
        for fact in (schema.name, schema.id, schema.version, schema.notes.term, schema.notes.since):
            assert fact is None or fact in page.text, (page.path, fact)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_a_place_with_its_facts(language: Language) -> None:
    for schema in catalogue():
        if not isinstance(schema.node, resolved.Object):
            continue
        page = page_of(schema, language)
        for each in schema.node:
            (field,) = page.tree.xpath(f"//section[@id='field-{each.name.replace('$', '-')}']")
            text = plain(field.text_content())
            assert plain(each.notes.description.say(language)) in text
            required = {"en": "required", "ko": "필수"}[language]
            heading = field.xpath(".//h3 | .//h4")[0].text_content()
            assert (required in heading) == each.required, (page.path, each.name)
            if each.notes.unit not in (None, "1"):
                assert each.notes.unit in text
            for example in each.notes.examples:
                assert marks.compact(example) in field.text_content()
            for theirs in each.notes.mappings:
                assert theirs.path in field.text_content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mapping_stands_on_its_schema_and_in_the_loss_report_of_its_standard(
    language: Language,
) -> None:
    reports = {
        plain(page.tree.findtext(".//h1")): page
        for path, page in pages().items()
        if path.startswith(f"{language}/standards/") and not path.endswith("/index.html")
    }
    seen = set()
    for schema in catalogue():
        here = page_of(schema, language)
        for notes in (schema.notes, *said(schema.node)):
            for each in notes.mappings:
                seen.add(each.standard)
                for page in (here, reports[each.standard]):
                    assert plain(each.path) in page.text, (page.path, each)
                    assert plain(each.loss or "") in page.text, (page.path, each)
    assert len(seen) > 40
    index = pages()[f"{language}/standards/index.html"]
    listed = {plain(each.text) for each in index.tree.xpath("//tbody/tr/th/a")}
    assert seen <= listed == set(reports)


def test_the_counts_of_a_loss_report_are_those_of_the_schemas() -> None:
    counts: dict[tuple[str, str], int] = {}
    for schema in catalogue():
        own = [each for each in said(schema.node) if each not in inherited(schema)]
        for notes in (schema.notes, *own):
            for each in notes.mappings:
                key = (each.standard, each.relation)
                counts[key] = counts.get(key, 0) + 1
    page = pages()["en/standards/index.html"]
    heads = ["exact", "close", "broad", "narrow", "none"]
    for row in page.tree.xpath("//tbody/tr"):
        name = plain(row.find("th/a").text)
        total, *numbers = [int(each.text) for each in row.findall("td")]
        assert sum(numbers) == total
        if name in ("QIF", "EPCIS", "AQDEF"):  # neither a machine nor a state word names these
            assert numbers == [counts.get((name, head), 0) for head in heads], name


def inherited(schema: resolved.Resolved) -> list[Any]:
    if not isinstance(schema.node, resolved.Object):
        return []
    return [
        notes for each in schema.node if each.inherited for notes in (each.notes, *said(each.node))
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_stands_on_the_page_of_its_entity_and_in_the_index(language: Language) -> None:
    index = pages()[f"{language}/rules/index.html"].text
    for rule in rules():
        entity = pages()[f"{language}/{rule['entity']}.html"]
        domain = pages()[f"{language}/rules/{rule['id'].partition('.')[0]}.html"]
        (shown,) = entity.tree.xpath(f"//section[@id='rule-{rule['id']}']")
        for text in (plain(shown.text_content()), domain.text):
            assert rule["id"] in text
            assert plain(rule["sentence"][language]) in text
        assert plain(rule["check"]) in plain(shown.text_content())
        assert rule["id"] in index
        for joined in rule.get("join", {}).values():
            assert rule["id"] in pages()[f"{language}/{joined['entity']}.html"].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_can_be_read_and_says_what_it_breaks(language: Language) -> None:
    for each in (*examples.valid(), *examples.invalid()):
        page = page_of(each.schema, language)
        stem = Path(each.path).stem
        kind = "valid" if each.rule is None else "invalid"
        (shown,) = page.tree.xpath(f"//details[@id='{kind}-{stem}']")
        assert json.loads(shown.find(".//pre").text_content()) == each.document
        if each.rule is not None:
            assert each.rule in shown.text_content()
            assert each.pointer in shown.text_content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_vocabularies_has_a_place(language: Language) -> None:
    tables: dict[tuple[str, str], dict[str, Text | None]] = {
        ("units", "unit"): {name: each.label for name, each in units().items()},
        ("quantities", "quantity"): {name: each.label for name, each in quantities().items()},
        ("quality", "reason"): {name: each.label for name, each in quality_reasons().items()},
        ("kpis", "kpi"): {name: each.name for name, each in kpis().items()},
        ("elements", "element"): {name: each.label for name, each in elements().items()},
    }
    for (file, prefix), known in tables.items():
        page = pages()[f"{language}/vocabularies/{file}.html"]
        assert {f"{prefix}-{each}" for each in known} <= page.ids
        for label in known.values():
            assert label is not None
            assert plain(label.say(language)) in page.text
    for each in kpis().values():
        page = pages()[f"{language}/vocabularies/kpis.html"]
        assert plain(each.formula) in page.text
        assert plain(each.source.note.say(language)) in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_transition_is_listed_and_drawn_once(language: Language) -> None:
    for name in machines():
        found = machine(name)
        page = pages()[f"{language}/machines/{name}.html"]
        assert len(page.tree.xpath("//section[h2/@id='transitions']//tbody/tr")) == len(
            found.transitions
        )
        drawing = tracks.draw(found, language)
        at = {row.y: row.id for row in drawing.rows}
        drawn = [
            (at[dot], track.label, at[arrow])
            for track in drawing.tracks
            for dot in track.dots
            for arrow in track.arrows
        ]
        labels = {each.id: each.label.say(language) for each in found.commands.values()}
        told = {"completion": tracks.COMPLETION.say(language), None: tracks.FREELY.say(language)}
        wanted = [
            (each.source, labels.get(each.by or "") or told[each.by], each.target)
            for each in found.transitions
        ]
        assert sorted(drawn) == sorted(wanted)


def test_a_schema_points_to_what_its_examples_refer_to() -> None:
    def kinds(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if set(value) <= {"id", "kind", "version"} and {"id", "kind"} <= set(value):
                yield value["kind"]
            for each in value.values():
                yield from kinds(each)
        elif isinstance(value, list):
            for each in value:
                yield from kinds(each)

    schemas = sites.schemas()
    found = Relations.of(schemas, shelf.shelf_of(schemas))
    names = {each.id: each.name for each in schemas}
    for name in ("JobOrder", "MeasurementResult", "MaterialLot"):
        schema = catalogue().find(name)
        wanted = {
            kind
            for each in examples.valid()
            if each.schema == schema
            for kind in kinds(each.document)
        }
        wanted |= {
            kind
            for notes in said(schema.node)
            if isinstance(notes, Notes)
            for kind in kinds(list(notes.examples))
        }
        pointed = {names[each.target] for each in found.out[schema.id] if each.how == "points"}
        assert pointed == wanted & set(names.values()) != set()


# --- how it hangs together -----------------------------------------------------------------------


def test_every_link_and_fragment_resolves_and_none_leaves_the_site() -> None:
    known = set(sites.files())
    broken = []
    for page in pages().values():
        for path, fragment in page.links:
            if path not in known:
                broken.append((page.path, path))
            elif fragment and fragment not in pages()[path].ids:
                broken.append((page.path, f"{path}#{fragment}"))
    assert broken == []


def test_every_page_can_be_reached_by_links_from_the_first() -> None:
    reached: set[str] = set()
    ahead = ["index.html"]
    while ahead:
        path = ahead.pop()
        if path in reached or path not in pages():
            continue
        reached.add(path)
        ahead += [path for path, _ in pages()[path].links]
    assert reached == set(pages())


def test_both_languages_have_the_same_pages_and_places_and_lead_to_each_other() -> None:
    paths = {
        each: {path[3:] for path in pages() if path.startswith(f"{each}/")} for each in LANGUAGES
    }
    assert paths["en"] == paths["ko"]
    for path in paths["en"]:
        english, korean = pages()[f"en/{path}"], pages()[f"ko/{path}"]
        assert english.ids == korean.ids
        for here, other in ((english, korean), (korean, english)):
            assert here.tree.get("lang") == here.path[:2]
            (link,) = here.tree.xpath("//a[contains(@class, 'language')]")
            assert sites.resolve(here.path, link.get("href")) == (other.path, "")


def test_the_authored_schemas_lie_on_the_site_as_they_were_written() -> None:
    for schema in catalogue():
        authored = (root("schemas") / schema.domain / f"{schema.slug}.json").read_bytes()
        path = f"schemas/{schema.id.removeprefix(URI)}.json"
        assert sites.files()[path] == authored
        assert (path, "") in page_of(schema, "ko").links


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_of_the_search_leads_to_a_place_and_the_index_stays_small(
    language: Language,
) -> None:
    content = sites.files()[f"assets/index-{language}.js"]
    assert len(content) < 1_000_000
    written = content.decode().split("globalThis.mfgstdIndex = ", 1)[1].rstrip(";\n")
    index = json.loads(written)
    names = set()
    for entry in index["entries"]:
        path, fragment = sites.resolve(f"{language}/index.html", entry[6])
        assert not fragment or fragment in pages()[path].ids, entry
        assert 0 <= entry[0] < len(index["kinds"])
        names.add(entry[1])
        for standard, _ in entry[7] if len(entry) > 7 else ():
            assert index["standards"][standard]
    assert names >= {each.name for each in catalogue()}
    assert names >= {each["id"] for each in rules()} | set(units()) | set(kpis())


# --- how it is written ---------------------------------------------------------------------------


def test_nothing_is_inline_and_nothing_comes_from_elsewhere() -> None:
    for page in pages().values():
        (policy,) = page.tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert page.tree.xpath("//script[not(@src)] | //style | //@style") == []
        assert [each for each in page.tree.xpath("//@*") if each.attrname.startswith("on")] == []
        assert [path for path, _ in page.links if "://" in path] == []


def test_every_page_is_built_for_those_who_cannot_see_it() -> None:
    wrong: list[tuple[str, str]] = []
    for page in pages().values():
        tree = page.tree
        ids = tree.xpath("//@id")
        checks = {
            "an id stands twice": len(ids) == len(set(ids)),
            "not one heading of the first rank": len(tree.xpath("//h1")) == 1,
            "not one main part": len(tree.xpath("//main")) == 1,
            "no language": tree.get("lang") in LANGUAGES,
            "no title": bool(tree.findtext(".//title")),
            "a rank of headings is left out": _ordered(tree),
            "an empty link": all(_name(each) for each in tree.xpath("//a")),
            "a field without label": all(
                tree.xpath(f"//label[@for='{each.get('id')}']") for each in tree.xpath("//input")
            ),
            "a picture without name": all(
                each.find("title") is not None or each.get("aria-hidden") == "true"
                for each in tree.xpath("//svg")
            ),
            "a table without caption or heads": all(
                each.find("caption") is not None and each.xpath(".//th[@scope]")
                for each in tree.xpath("//table")
            ),
            "a reference to nothing": set(
                " ".join(tree.xpath("//@aria-labelledby | //@aria-controls")).split()
            )
            <= set(ids),
            "a region without name": all(
                each.get("aria-label") for each in tree.xpath("//*[@role='region'] | //nav")
            ),
        }
        wrong += [(page.path, what) for what, holds in checks.items() if not holds]
    assert wrong == []


def _ordered(tree: Any) -> bool:
    ranks = [int(each.tag[1]) for each in tree.xpath("//h1 | //h2 | //h3 | //h4 | //h5")]
    return all(after <= before + 1 for before, after in pairwise(ranks))


def _name(link: Any) -> str:
    return str(link.get("aria-label") or link.text_content()).strip()


def test_the_markup_is_valid_to_a_strict_parser() -> None:
    # One page of each template is as good as all of them, and html5lib is slow.
    listed = [path for path in pages() if path.startswith("ko/") and path.count("/") < 2]
    listed += ["index.html", "en/equipment/alarm.html", "ko/primitives/value.html"]
    listed += ["ko/rules/safety.html", "ko/machines/alarm.html", "ko/standards/sparkplug.html"]
    listed += [path for path in pages() if path.startswith("en/vocabularies/")]
    for path in listed:
        parser = html5lib.HTMLParser(strict=True)
        parser.parse(pages()[path].source)


def test_the_bytes_do_not_depend_on_the_run(checkout: Path) -> None:
    again = subprocess.run(
        [sys.executable, "-m", "tests.standard.generators.sites"],
        cwd=checkout,
        env={**os.environ, "PYTHONHASHSEED": "4", "LC_ALL": "ko_KR.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert again.stdout.strip() == sites.digest(sites.files())


def test_every_text_of_a_template_stands_there_in_both_languages() -> None:
    folder = Path(str(render.__file__)).parent / "templates"
    found = 0
    for path in folder.glob("*.html"):
        pairs = re.findall(r'_\("((?:[^"])*)"[^,]*?, "((?:[^"])*)"', path.read_text())
        assert len(pairs) <= path.read_text().count("_(")
        for english, korean in pairs:
            found += 1
            assert not re.search("[가-힣]", english), english
            assert re.search("[가-힣]", korean) or english.strip(" :") in ("", "to"), korean
    assert found > 120


def test_the_site_is_a_target() -> None:
    target = TARGETS["site"]
    assert target.folder is None
    assert target.by == "mfgstd.standard.generators.site:generate"


# --- small standards, hostile texts, missing things ----------------------------------------------


def test_a_small_standard_without_anything_beside_it_has_a_site(every_kind: Catalogue) -> None:
    made = generate(list(every_kind))
    assert {path for path in made if path.startswith("ko/")} == {
        *("ko/index.html", "ko/words.html", "ko/primitives/index.html", "ko/equipment/index.html"),
        *("ko/primitives/base.html", "ko/primitives/word.html", "ko/equipment/pump.html"),
    }
    page = Page("en/equipment/pump.html", str(made["en/equipment/pump.html"]))
    for field in every_kind.find("Pump").node:  # type: ignore[union-attr]  # it is an object
        assert f"field-{field.name.replace(' ', '-')}" in page.ids
    for path, content in made.items():
        if path.endswith(".html"):
            for link, fragment in Page(path, str(content)).links:
                assert link in made
                target = Page(link, str(made[link]))
                assert not fragment or fragment in target.ids, (path, link, fragment)


def test_hostile_text_is_text(author: Author) -> None:
    attack = "<script>window.hacked = 1</script>\"'><img src=x onerror=alert(1)> {{ 7 * 7 }} `a<b`"
    made = generate(
        list(
            author(
                equipment__pump={
                    "type": "object",
                    "description": attack,
                    "x-mfg-label": {"en": attack, "ko": attack},
                    "x-mfg-mappings": [
                        {"standard": attack, "version": attack, "path": attack, "relation": "none"}
                    ],
                    "properties": {
                        "x": {
                            "type": "string",
                            "enum": ["</script>"],
                            "description": attack,
                            "examples": [attack],
                        }
                    },
                    "additionalProperties": False,
                }
            )
        )
    )
    for path, content in made.items():
        if path.endswith(".html"):
            tree = html.document_fromstring(str(content).encode())
            assert tree.xpath("//img | //*[@onerror]") == []
            assert tree.xpath("//script[not(@src)]") == []
    page = Page("en/equipment/pump.html", str(made["en/equipment/pump.html"]))
    assert plain(attack) in page.text


def test_an_older_major_has_a_page_beside_the_newest(author: Author) -> None:
    pump = {"type": "object", "properties": {}, "additionalProperties": False}
    found = author(equipment__pump=pump)
    newer = {**found.authored[f"{URI}equipment/pump/1"], "$id": f"{URI}equipment/pump/2"}
    both = type(found).of({**found.authored, newer["$id"]: newer})
    made = generate([both.get(each) for each in both.authored])
    assert f"{URI}equipment/pump/2" in str(made["en/equipment/pump.html"])
    assert f"{URI}equipment/pump/1" in str(made["en/equipment/pump-1.html"])


def test_without_the_template_engine_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith(("jinja2", "mfgstd.standard.generators.site.")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtra) as caught:
        generate([])
    assert 'pip install "mfgstd[site]"' in caught.value.say("en")


@pytest.mark.parametrize(
    ("read", "name", "content"),
    [
        (shelf._rules, "pump.yaml", "- {id: a.b.c}"),
        (shelf._rules, "pump.yaml", "- {id: [}"),
        (shelf._rules, "pump.yaml", "- 3"),
        (shelf._invalid, "invalid/x.json", "{}"),
        (shelf._invalid, "invalid/x.json", "{"),
        (shelf._valid, "valid/x.json", "]"),
    ],
)
def test_a_file_that_cannot_be_shown_is_named(
    tmp_path: Path, read: Callable[[Path], Any], name: str, content: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    with pytest.raises(SchemaError) as caught:
        list(read(path if name.endswith(".yaml") else tmp_path))
    assert str(path) in caught.value.say("en")


# --- laws ----------------------------------------------------------------------------------------


@given(st.text(), st.floats(0, 500))
def test_a_cut_text_fits_unless_even_its_ellipsis_does_not(text: str, room: float) -> None:
    cut = lettering.fit(text, 13, room)
    assert lettering.width(cut, 13) <= max(room, 13)
    assert cut == text or cut.endswith("…")


@given(st.lists(st.sampled_from(["process", "quality", "kpi", "primitives"]), max_size=120))
def test_a_side_of_the_picture_stays_short_and_counts_every_neighbour(domains: list[str]) -> None:
    every = [
        Neighbour(f"N{number}", Text("n", "n"), domain, Target("x.html"), "holds")
        for number, domain in enumerate(domains)
    ]
    kept = gathered(every, {}, Target("here.html", "list"))
    assert len(kept) <= MOST
    assert sum(each.count for each in kept) == len(every)


@given(st.text())
def test_prose_and_highlighting_keep_every_character(text: str) -> None:
    assert unescape(_tagless(str(marks.highlighted(text)))) == text
    assert unescape(_tagless(str(marks.prose(text)))).replace("`", "") == text.replace("`", "")


def _tagless(source: str) -> str:
    return re.sub(r"</?(span|code)[^<>]*>", "", source)
