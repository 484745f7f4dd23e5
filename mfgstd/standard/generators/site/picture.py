"""The picture of a schema's relations: who refers to it, itself, and what it has to do with.

Two layouts of the same neighbours: side by side for wide screens, below each other for phones.
The sizes of texts are estimated from above (:mod:`.lettering`), so that no browser's font makes
them overlap; a test measures them in a browser.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from mfgstd.language import Text
from mfgstd.standard.generators.site.lettering import fit, width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mfgstd.standard.generators.site.links import Target
    from mfgstd.standard.generators.site.relations import How

#: More boxes than these on one side become one box for each domain, the largest domains first.
MOST: Final = 16

_NAME, _SMALL, _PAD, _HIGH, _PITCH = 13, 11, 10, 42, 52


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One box. ``fields`` are those through which the two belong together."""

    name: str
    label: Text
    domain: str
    target: Target
    how: How
    fields: tuple[str, ...] = ()
    count: int = 1


@dataclass(frozen=True, slots=True)
class Box:
    """Where a neighbour is drawn, and the text that fits there."""

    x: float
    y: float
    wide: float
    high: float
    title: str
    note: str
    tip: str
    target: Target | None
    kind: str

    @property
    def middle(self) -> float:
        """The height at which lines meet it."""
        return self.y + self.high / 2


@dataclass(frozen=True, slots=True)
class Line:
    """A path with an arrow at its end; ``kind`` as in :class:`Neighbour`."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One drawing, in its own coordinates."""

    name: str
    wide: float
    high: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def gathered(
    neighbours: Sequence[Neighbour], label: Mapping[str, Text], listed: Target
) -> list[Neighbour]:
    """At most :data:`MOST` boxes: the fullest domains become one box each, leading to the list."""
    kept = list(neighbours)
    while len(kept) > MOST:
        sizes = Counter(each.domain for each in kept if each.count == 1)
        (domain, size), *_ = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
        if size < 2:
            break
        first = next(each for each in kept if each.domain == domain)
        name = label.get(domain, Text(domain, domain))
        one = replace(first, name="", label=name, target=listed, fields=(), count=size)
        at = kept.index(first)
        kept = [each for each in kept if each.domain != domain]
        kept.insert(min(at, len(kept)), one)
    return kept


def pictures(
    name: str,
    label: str,
    before: Sequence[Neighbour],
    after: Sequence[Neighbour],
    language: str,
) -> tuple[Picture, Picture]:
    """The wide and the narrow drawing: ``before`` refer to it, to ``after`` it refers."""
    return (
        _wide(name, label, before, after, language),
        _narrow(name, label, before, after, language),
    )


def _box(each: Neighbour, x: float, y: float, wide: float, language: str) -> Box:
    said = each.label.ko if language == "ko" else each.label.en
    room = wide - 2 * _PAD
    if each.count > 1:
        many = f"{each.count}개" if language == "ko" else f"{each.count} schemas"
        title, note, tip = fit(said, _NAME, room), many, f"{said} · {many}"
    else:
        title = fit(each.name, _NAME, room)
        parts = [said] if said != each.name else []
        through = ", ".join(each.fields)
        note = fit(" · ".join([*parts, *([through] if through else [])]), _SMALL, room)
        tip = f"{each.name}, {said}" + (f": {through}" if through else "")
    kind = f"{each.how} {'plain' if each.domain == 'primitives' else 'full'}"
    return Box(x, y, wide, _HIGH, title, note, tip, each.target, kind)


def _wide(
    name: str,
    label: str,
    before: Sequence[Neighbour],
    after: Sequence[Neighbour],
    language: str,
) -> Picture:
    side, gap, margin = 216.0, 76.0, 2.0
    middle = max(150.0, width(name, _NAME + 2) + 3 * _PAD, width(label, _SMALL) + 3 * _PAD)
    left = side + gap if before else 0.0
    total = left + middle + (gap + side if after else 0.0) + 2 * margin
    rows = max(len(before), len(after), 1)
    high = (rows - 1) * _PITCH + _HIGH + 10.0
    centre = Box(left + margin, high / 2 - 24, middle, 48, name, label, name, None, "self")
    boxes = [centre]
    lines = []
    for number, each in enumerate(before):
        y = high / 2 + (number - (len(before) - 1) / 2) * _PITCH - _HIGH / 2
        box = _box(each, margin, y, side, language)
        boxes.append(box)
        meets = centre.middle + _spread(number, len(before))
        lines.append(_curve(box.x + side, box.middle, centre.x - 1, meets, each.how))
    for number, each in enumerate(after):
        x = centre.x + middle + gap
        y = high / 2 + (number - (len(after) - 1) / 2) * _PITCH - _HIGH / 2
        box = _box(each, x, y, side, language)
        boxes.append(box)
        leaves = centre.middle + _spread(number, len(after))
        lines.append(_curve(centre.x + middle, leaves, x - 1, box.middle, each.how))
    return Picture("wide", total, high, tuple(boxes), tuple(lines))


def _narrow(
    name: str,
    label: str,
    before: Sequence[Neighbour],
    after: Sequence[Neighbour],
    language: str,
) -> Picture:
    total, indent = 312.0, 34.0
    wide = total - indent - 2
    y = 2.0
    boxes: list[Box] = []
    lines: list[Line] = []
    starts = []
    for each in before:
        box = _box(each, indent, y, wide, language)
        boxes.append(box)
        starts.append((box, each.how))
        y += _PITCH
    y += 8 if before else 0
    centre = Box(
        2, y, total - 4, 48, fit(name, _NAME + 2, total - 30), fit(label, _SMALL, total - 30),
        name, None, "self",
    )  # fmt: skip
    boxes.append(centre)
    for number, (box, how) in enumerate(starts):
        x = 10 + (number % 3) * 7
        lines.append(Line(f"M{indent:g} {box.middle:g}H{x:g}V{y - 1:g}", how))
    y += 48 + 18
    for number, each in enumerate(after):
        box = _box(each, indent, y, wide, language)
        boxes.append(box)
        x = 10 + (number % 3) * 7
        path = f"M{x:g} {centre.y + 48:g}V{box.middle:g}H{indent - 1:g}"
        lines.append(Line(path, each.how))
        y += _PITCH
    return Picture("narrow", total, y if after else centre.y + 50, tuple(boxes), tuple(lines))


def _spread(number: int, many: int) -> float:
    """Where on the centre's edge a line ends, so that the arrows do not hide each other."""
    return 0.0 if many < 2 else (number / (many - 1) - 0.5) * min(34.0, 5.0 * (many - 1))


def _curve(x1: float, y1: float, x2: float, y2: float, kind: str) -> Line:
    bend = (x2 - x1) * 0.55
    path = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
    return Line(path, kind)
