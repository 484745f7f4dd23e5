"""Random histories of a plant: valid documents that repeat each other's names, times and states.

Every fault that a rule about many documents looks for is in them somewhere, by chance.
"""

from __future__ import annotations

import copy
import json
import random
from functools import cache
from typing import Any

from mfgstd.expression.layout import Part
from mfgstd.expression.types import ListOf, Record
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.resources import root
from mfgstd.validation.bulk.together.documents_on_disk import read_together
from mfgstd.validation.engines import compile_schema
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.rules import ENVELOPE

_TIMES = tuple(
    f"2024-03-05T{hour:02d}:{minute:02d}:{second}{zone}"
    for hour in (8, 9, 17)
    for minute in (0, 30)
    for second in ("00", "00.5", "59.999999999")
    for zone in ("Z", "+09:00")
)


def history(entity: str, length: int, chance: random.Random) -> list[dict[str, Any]]:
    """Valid documents of one entity, in what the rules read different from its examples."""
    resolved = catalogue().get(entity)
    validator = compile_schema(resolved, Strictness.STRICT, "row", within=catalogue())
    examples = _examples(entity)
    found: list[dict[str, Any]] = []
    while len(found) < length:
        document = copy.deepcopy(chance.choice(examples))
        for _ in range(4):
            changed = copy.deepcopy(document)
            _change(changed, read_together()[entity], chance)
            if validator.is_valid(changed):
                document = changed
        document["recordTime"] = chance.choice(_TIMES)
        if not validator.is_valid(document):
            del document["recordTime"]
        found.append(document)
        if chance.random() < 0.05:
            # Delivery is at least once.
            found.append(dict(reversed(document.items())))
    return found[:length]


@cache
def _examples(entity: str) -> list[dict[str, Any]]:
    resolved = catalogue().get(entity)
    folder = root("schemas") / "examples" / resolved.domain / resolved.slug / "valid"
    return [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]


@cache
def _pools() -> dict[str, list[Any]]:
    """What stands in all examples, by the name of the field, and by it and the one around it."""
    pools: dict[str, list[Any]] = {}

    def gather(value: Any, *names: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                gather(inner, names[-1], key)
        elif isinstance(value, list):
            for inner in value:
                gather(inner, *names)
        else:
            for name in (names[-1], ".".join(names)):
                if value not in pools.setdefault(name, []):
                    pools[name].append(value)

    for entity in read_together():
        for example in _examples(entity):
            gather(example, "")
    return pools


def _change(document: Any, part: Part, chance: random.Random, around: str = "") -> None:
    """Give some of the fields that are read another value, or take one away."""
    for name, inner in part.fields.items():
        if name == "$schema" or chance.random() < 0.5:
            continue
        if chance.random() < 0.05:
            document.pop(name, None)
        elif isinstance(inner.read, Record) and inner.fields:
            if name in document:
                _change(document[name], inner, chance, name)
        elif isinstance(inner.read, ListOf):
            for i, each in enumerate(document.get(name, ())):
                if isinstance(each, dict):
                    _change(each, inner.each(), chance, name)
                else:
                    document[name][i] = _another(around, name, each, chance)
        elif name in document or chance.random() < 0.5:
            document[name] = _another(around, name, document.get(name), chance)


def _another(around: str, name: str, value: Any, chance: random.Random) -> Any:
    """What is like other values of that name; of that place rather than of the name alone."""
    if name in {"eventTime", "time", "start", "end", "next"} or name.endswith("At"):
        return chance.choice(_TIMES)
    if name in {"value", "delta", "modulus", "position", "microStop", "duration"}:
        return chance.randrange(1, 7)
    if name == "sequence":
        number = chance.randrange(40)
        return f"{number:020d}" if isinstance(value, str) else number
    pools = _pools()
    place = f"{around}.{name}"
    if place in pools and chance.random() < 0.7:
        return chance.choice(pools[place][:3])
    return chance.choice(pools.get(name, [True, False]))


def plant(seed: int, length: int) -> list[tuple[str, dict[str, Any]]]:
    """A history of every entity that such rules look at, shuffled; some of it in envelopes."""
    chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
    envelope = _examples(ENVELOPE)[0]
    validator = compile_schema(
        catalogue().get(ENVELOPE), Strictness.STRICT, "row", within=catalogue()
    )
    found: list[tuple[str, dict[str, Any]]] = []
    for entity in sorted(read_together()):
        for document in history(entity, length, chance):
            carried = {**envelope, "dataschema": entity, "data": document}
            carried["id"] = f"{chance.randrange(10**6):06d}"
            if entity != ENVELOPE and chance.random() < 0.1 and validator.is_valid(carried):
                found.append((ENVELOPE, carried))
            else:
                found.append((entity, document))
    chance.shuffle(found)
    return found
