"""What the page of one schema shows, gathered; the template only lays it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mfgstd.language import Text
from mfgstd.standard import resolved
from mfgstd.standard.generators.site import mappings, wording
from mfgstd.standard.generators.site.fields import (
    Field,
    bounds,
    fields,
    pattern,
    word_anchor,
    words,
)
from mfgstd.standard.generators.site.links import Target, exact_anchor
from mfgstd.standard.generators.site.picture import Neighbour, Picture, gathered, pictures
from mfgstd.standard.generators.site.shelf import raw_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfgstd.standard.generators.site.mappings import Mapped
    from mfgstd.standard.generators.site.relations import Edge, How, Relations
    from mfgstd.standard.generators.site.render import Renderer
    from mfgstd.standard.generators.site.shelf import Invalid, Rule, Shelf, Valid
    from mfgstd.standard.resolved import Notes, Resolved, Word


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as a field shows it: its code, what it is called, and its row in the table."""

    code: str
    label: Text | None
    target: Target | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One field with everything that is said about it."""

    field: Field
    unit: Unit | None
    quantity: Text | None
    bounds: tuple[Text, ...]
    pattern: str | None
    words: tuple[tuple[str, Word], ...]
    points_to: tuple[tuple[str, Target | None], ...]
    theirs: tuple[Mapped, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """A line of the list below the picture."""

    schema: Resolved
    target: Target
    how: How
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The whole page. ``own`` and ``inherited`` are the fields; ``words`` those of a bare code."""

    schema: Resolved
    base: Resolved | None
    own: tuple[Shown, ...]
    inherited: tuple[Shown, ...]
    words: tuple[tuple[str, Word], ...]
    bounds: tuple[Text, ...]
    pattern: str | None
    required: tuple[str, ...]
    pictures: tuple[Picture, ...]
    out: tuple[Related, ...]
    back: tuple[Related, ...]
    valid: tuple[Valid, ...]
    invalid: tuple[Invalid, ...]
    rules: tuple[Rule, ...]
    mappings: dict[str, list[Mapped]]
    raw: str | None


def view(
    schema: Resolved,
    schemas: Sequence[Resolved],
    shelf: Shelf,
    relations: Relations,
    rows: Sequence[Mapped],
    renderer: Renderer,
) -> View:
    """Gather the page of ``schema``."""
    known = {each.id: each for each in schemas}
    name = f"{schema.domain}/{schema.slug}"
    here = [each for each in rows if each.key[0] == schema.id]
    shown = [_shown(schema, each, shelf, relations, here, renderer) for each in fields(schema)]
    out = _related(relations.out[schema.id], known, renderer, back=False)
    back = _related(relations.back[schema.id], known, renderer, back=True)
    raw = raw_path(schema)
    node = schema.node
    return View(
        schema=schema,
        base=known.get(schema.base or ""),
        own=tuple(each for each in shown if each.field.inherited is None),
        inherited=tuple(each for each in shown if each.field.inherited is not None),
        words=tuple((word_anchor(None, each.value), each) for each in words(node)),
        bounds=bounds(node),
        pattern=pattern(node),
        required=node.required if isinstance(node, resolved.Object) else (),
        pictures=_pictures(schema, out, back, renderer) if out or back else (),
        out=out,
        back=back,
        valid=tuple(shelf.valid.get(name, ())),
        invalid=tuple(shelf.invalid.get(name, ())),
        rules=tuple(shelf.rules_of(name)),
        mappings=mappings.by_standard(here),
        raw=f"schemas/{raw}" if raw in shelf.raw else None,
    )


def _shown(
    schema: Resolved,
    field: Field,
    shelf: Shelf,
    relations: Relations,
    rows: Sequence[Mapped],
    renderer: Renderer,
) -> Shown:
    top = field.path.replace("[]", "").replace("{}", "").partition(".")[0]
    kinds = relations.kinds.get((schema.id, top), ()) if field.depth == 0 else ()
    return Shown(
        field=field,
        unit=_unit(field.notes, shelf),
        quantity=_quantity(field.notes, shelf),
        bounds=bounds(field.node),
        pattern=pattern(field.node),
        words=tuple((word_anchor(field, each.value), each) for each in field.words),
        points_to=tuple((kind, renderer.addresses.named(kind)) for kind in kinds),
        theirs=tuple(each for each in rows if each.key[1:] == (field.path, "")),
    )


def _unit(notes: Notes, shelf: Shelf) -> Unit | None:
    if notes.unit is None:
        return None
    if not shelf.whole:
        return Unit(notes.unit, None, None)
    from mfgstd.standard.units import units

    row = units().get(notes.unit)
    place = Target("vocabularies/units.html", exact_anchor("unit", notes.unit)) if row else None
    return Unit(notes.unit, row.label if row else None, place)


def _quantity(notes: Notes, shelf: Shelf) -> Text | None:
    if notes.quantity is None:
        return None
    plain = Text(notes.quantity, notes.quantity)
    if not shelf.whole:
        return plain
    from mfgstd.standard.vocabularies import elsewhere, quantities

    found = quantities().get(notes.quantity)
    return found.label if found else elsewhere().get(notes.quantity, plain)


def _related(
    edges: Sequence[Edge], known: dict[str, Resolved], renderer: Renderer, *, back: bool
) -> tuple[Related, ...]:
    """What is pointed to before what is held, building blocks last, each by name."""
    made: list[tuple[Any, Related]] = []
    for edge in edges:
        other = known[edge.source if back else edge.target]
        target = renderer.addresses.schema(other.id)
        if target is None:
            continue
        order = (
            {"extends": 0, "points": 1, "holds": 2}[edge.how],
            other.domain == "primitives",
            other.name,
            other.id,
        )
        made.append((order, Related(other, target, edge.how, edge.fields)))
    return tuple(each for _, each in sorted(made, key=lambda pair: pair[0]))


def _pictures(
    schema: Resolved, out: Sequence[Related], back: Sequence[Related], renderer: Renderer
) -> tuple[Picture, ...]:
    labels = {name: wording.domain_label(name) for name in wording.ORDER}
    page = renderer.addresses.schemas[schema.id]
    sides = [
        gathered([_neighbour(each) for each in side], labels, Target(page, "relations-list"))
        for side in (back, out)
    ]
    label = renderer.say(schema.notes.label)
    return pictures(schema.name, label, sides[0], sides[1], renderer.language)


def _neighbour(related: Related) -> Neighbour:
    other = related.schema
    return Neighbour(
        name=other.name,
        label=other.notes.label,
        domain=other.domain,
        target=related.target,
        how=related.how,
        fields=related.fields,
    )
