"""Single steps away from a valid document: every one of them, at every place, of every schema.

What the schema suggests (``mfgstd.testing.mutations``: a compulsory field gone, beyond a bound, an
unknown word) and what needs no schema: each other JSON type at each place, a list or an object
around each value, a stranger in each object.

Written by this module: ``docs/validation/equivalent-mutations.md``, the steps after which a
document is still valid, and why. After a change of the schemas or their examples::

    $ python -m tests.validation.agreement.steps
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mfgstd.standard import Catalogue, Resolved, catalogue
from mfgstd.standard.resolved import AnyObject, Array, Map, Node, Object, Ref, Union
from mfgstd.testing.mutations import every_mutation
from mfgstd.validation import compile_schema
from mfgstd.validation.location import escape
from tests.validation.agreement import pool
from tests.validation.agreement.hurting import Steps, places, replaced
from tests.validation.agreement.parts import kind_of

CHECKOUT: Final = Path(__file__).resolve().parents[3]
PAGE: Final = CHECKOUT / "docs" / "validation" / "equivalent-mutations.md"

_STRANGER: Final = "x-없는-필드"

#: One value of each JSON type.
_OF: Final[dict[str, Any]] = {
    "null": None,
    "boolean": True,
    "number": 1.5,
    "string": "text",
    "array": [],
    "object": {},
}

#: Made documents that are mutated of a schema without examples.
_MADE: Final = 2

#: An extension: its name is the owner's, and so is what lies in it.
_OWNED: Final = re.compile(r"^(.*?/extensions)/[^/]+/.*$")

_FREE: Final = "inside an extension, by a schema of its owner's"
_NAMED: Final = "a name that is data, of the form that such names have"


@dataclass(frozen=True, slots=True)
class Step:
    """One mutation: the document after it, and the places that a finding may point at."""

    document: Any
    what: str
    pointer: str
    """The mutated place."""
    near: frozenset[str]
    """The mutated place, its parent, and what the mutation itself put there."""
    reason: str | None = None
    """Why the document is still valid, if it may be."""


def sources(schema: Resolved) -> list[Any]:
    """The valid documents that are mutated: its examples, else made ones."""
    given = [*pool.examples(schema.id), *schema.notes.examples]
    return given or pool.documents(schema.id, _MADE)


def steps(schema: Resolved, document: Any, within: Catalogue) -> Iterator[Step]:
    """All single steps away from one valid document, in a fixed order."""
    for each in every_mutation(document, schema, within):
        parent = each.pointer.rpartition("/")[0]
        yield Step(each.document, each.what, each.pointer, frozenset([each.pointer, parent]))
    for place, value in places(document):
        reason = _reason(schema.node, document, place, within)
        for what, other, *added in _blind(value):
            near = {_written(place), _written(place[:-1])}
            near |= {_written((*place, name)) for name in added}
            pointer = _written((*place, *added))
            why = reason
            if added and reason is None:
                why = _reason(
                    schema.node, replaced(document, place, other), (*place, *added), within
                )
            whole = replaced(document, place, other)
            yield Step(whole, what, pointer, frozenset(near), why)


def _blind(value: Any) -> Iterator[tuple[Any, ...]]:
    """What it is called, the new value, and the name that the mutation itself brings."""
    own = kind_of(value).replace("integer", "number")
    for kind, other in _OF.items():
        if kind != own:
            yield f"{kind} for {own}", other
    # Around a list it is the element that is wrong.
    yield "nested in a list", [value], *([0] if isinstance(value, list) else [])
    yield "nested in an object", {_STRANGER: value}, _STRANGER
    if isinstance(value, dict):
        yield "a stranger", {**value, _STRANGER: 1}, _STRANGER


def _written(place: Steps) -> str:
    return "".join(f"/{escape(str(each))}" for each in place)


def _reason(node: Node, value: Any, place: Steps, within: Catalogue) -> str | None:
    """Why nothing at a place can be wrong; ``None`` where the standard has a say."""
    match node:
        case Ref(schema_id):
            return _reason(within.get(schema_id).node, value, place, within)
        case AnyObject("$schema") if place:
            named = value.get("$schema") if isinstance(value, dict) else None
            if isinstance(named, str) and named in within and within.get(named).is_entity:
                return _reason(within.get(named).node, value, place, within)
            owned = isinstance(named, str) and place[0] != "$schema"
            return _FREE if owned else None
    if not place:
        return None
    step, *below = place
    if not isinstance(value, dict | list):
        return None
    inner = value.get(step) if isinstance(value, dict) else value[int(step)]
    rest = tuple(below)
    match node:
        case Map(values, key_pattern):
            if not rest and isinstance(step, str) and step == _STRANGER:
                # A stranger among names that are data is wrong by its form or by its value.
                fits = re.search(key_pattern, step) and _fits(values, inner, within)
                return _NAMED if fits else None
            return _reason(values, inner, rest, within)
        case Array(items):
            return _reason(items, inner, rest, within)
        case Object():
            for each in node:
                if each.name == step:
                    free = each.node if isinstance(each.node, AnyObject) else None
                    if free and free.typed_by != "$schema" and isinstance(value, dict):
                        carried = value.get(free.typed_by)
                        if isinstance(carried, str) and carried in within:
                            return _reason(within.get(carried).node, inner, rest, within)
                    return _reason(each.node, inner, rest, within)
        case Union(branches):
            for branch in branches:
                if reason := _reason(branch, value, place, within):
                    return reason
    return None


def _fits(node: Node, value: Any, within: Catalogue) -> bool:
    return isinstance(node, Ref) and compile_schema(within.get(node.id)).is_valid(value)


def equivalents() -> Iterator[tuple[str, Step]]:
    """Every step after which the document is still valid, with the name of its schema."""
    within = catalogue()
    for schema_id in pool.SCHEMAS:
        schema = within.get(schema_id)
        judge = compile_schema(schema)
        for document in sources(schema):
            for each in steps(schema, document, within):
                if judge.is_valid(each.document):
                    yield schema.name, each


def page(found: list[tuple[str, Step]], total: int) -> str:
    """The steps after which a document is still valid, counted, as Markdown."""
    reasons = Counter(each.reason for _, each in found)
    rows = Counter((name, _OWNED.sub(r"\1/*/...", each.pointer), each.what) for name, each in found)
    lines = [
        "# Mutations that change nothing",
        "",
        "Generated by `python -m tests.validation.agreement.steps`; a test compares it with the",
        "schemas. Every valid example of every schema is mutated in single steps: a compulsory",
        "field gone, another type at every place, beyond every bound, an unknown word, a stranger",
        "in every object, a list or an object around every value. Every engine rejects the result",
        "and points at the mutated place or its parent, but for the steps below: the standard has",
        "no say in what they change.",
        "",
        f"Of {total} mutations {len(found)} leave a valid document valid.",
        "",
        "| why | mutations |",
        "|---|---:|",
        *(f"| {reason} | {count} |" for reason, count in sorted(reasons.items(), key=str)),
        "",
        "| schema | place | mutation | times |",
        "|---|---|---|---:|",
        *(
            f"| {name} | `{pointer}` | {what} | {count} |"
            for (name, pointer, what), count in sorted(rows.items())
        ),
    ]
    return "\n".join(lines) + "\n"


def count() -> int:
    """How many single steps there are."""
    within = catalogue()
    schemas = [within.get(each) for each in pool.SCHEMAS]
    return sum(1 for s in schemas for document in sources(s) for _ in steps(s, document, within))


def main() -> None:
    """Write the page anew."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(list(equivalents()), count()), encoding="utf-8")


if __name__ == "__main__":
    main()
