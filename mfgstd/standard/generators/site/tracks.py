"""The picture of a state machine: one row for each state, tracks for the steps between them.

A track begins with a dot at each state from which its command leads on, and ends with an arrow at
each state that it leads to. Either there are several dots (whoever runs may be stopped) or
several arrows (what comes back from the shelf is in one of six states), so that every dot leads
to every arrow. Unlike boxes and arrows in the plane this stays readable when ``abort`` is legal
in nearly every state.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from mfgstd.language import Language, Text
from mfgstd.standard.generators.site.lettering import width

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mfgstd.standard.machines import Machine, Transition

#: What stands on a track without a command of its own.
COMPLETION: Final = Text("done", "완료")
FREELY: Final = Text("by itself", "자체 전이")

_PITCH, _HIGH, _TEXT, _APART = 38.0, 28.0, 11.0, 20.0


@dataclass(frozen=True, slots=True)
class Row:
    """A state: its box, and the height of its line."""

    id: str
    label: str
    y: float
    initial: bool
    number: str


@dataclass(frozen=True, slots=True)
class Track:
    """A vertical line from ``top`` to ``bottom``, its label beside it just above ``named``.

    ``dots`` are the heights of its sources, ``arrows`` those of its targets, whose boxes lie on
    the left. ``room`` is what the label needs on the right of ``x``.
    """

    x: float
    dots: tuple[float, ...]
    arrows: tuple[float, ...]
    label: str
    room: float
    tip: str
    kind: Literal["command", "done", "free"]

    @property
    def top(self) -> float:
        """The height of its first row."""
        return min(*self.dots, *self.arrows)

    @property
    def bottom(self) -> float:
        """The height of its last row."""
        return max(*self.dots, *self.arrows)

    @property
    def named(self) -> float:
        """The row of the label: where the single arrow is, else where the single dot is."""
        return self.arrows[0] if len(self.arrows) == 1 else self.dots[0]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole picture, in its own coordinates; boxes are ``box`` wide."""

    wide: float
    high: float
    box: float
    box_high: float
    rows: tuple[Row, ...]
    tracks: tuple[Track, ...]


#: A command (or none), the states from which it leads on, and those to which it leads.
_Group: TypeAlias = "tuple[str | None, tuple[str, ...], tuple[str, ...]]"


def draw(machine: Machine, language: Language) -> Drawing:
    """Lay out a machine; states keep the order of its file."""
    states = list(machine.states.values())
    at = {state.id: 16 + _HIGH / 2 + number * _PITCH for number, state in enumerate(states)}
    names = {state.id: state.label.say(language) for state in states}
    box = max(width(name, 13) for name in names.values()) + 44
    loose = []
    for by, sources, targets in _groups(machine.transitions):
        label = _label(machine, by).say(language)
        loose.append(
            Track(
                x=0,
                dots=tuple(at[each] for each in sources),
                arrows=tuple(at[each] for each in targets),
                label=label,
                room=width(label, _TEXT) + 9,
                tip=f"{label}: {_listed(names, sources)} → {_listed(names, targets)}",
                kind="free" if by is None else "done" if by == "completion" else "command",
            )
        )
    tracks = _placed(loose, box + 26)
    rows = tuple(
        Row(
            state.id,
            names[state.id],
            at[state.id],
            state.id in machine.initial,
            "" if state.number is None else str(state.number),
        )
        for state in states
    )
    wide = max((each.x + each.room for each in tracks), default=box) + 4
    high = 24 + _HIGH + (len(states) - 1) * _PITCH
    return Drawing(wide, high, box, _HIGH, rows, tuple(tracks))


def _listed(names: dict[str, str], ids: Iterable[str]) -> str:
    return ", ".join(names[each] for each in ids)


def _label(machine: Machine, by: str | None) -> Text:
    if by is None:
        return FREELY
    return machine.commands[by].label if by in machine.commands else COMPLETION


def _groups(transitions: Iterable[Transition]) -> list[_Group]:
    """Every transition in exactly one group, in few groups: always the largest one next."""
    left = dict.fromkeys((each.source, each.by, each.target) for each in transitions)
    made: list[_Group] = []
    while left:
        into: dict[tuple[str | None, str], list[str]] = defaultdict(list)
        out: dict[tuple[str | None, str], list[str]] = defaultdict(list)
        for source, by, target in left:
            into[by, target].append(source)
            out[by, source].append(target)
        joined, sources = max(into.items(), key=lambda each: len(each[1]))
        split, targets = max(out.items(), key=lambda each: len(each[1]))
        if len(sources) >= len(targets):
            group: _Group = joined[0], tuple(sources), (joined[1],)
        else:
            group = split[0], (split[1],), tuple(targets)
        made.append(group)
        for source in group[1]:
            for target in group[2]:
                del left[source, group[0], target]
    return made


def _placed(loose: list[Track], first: float) -> list[Track]:
    """Each track as far left as it fits; short ones first, near the boxes that they join."""
    tracks: list[Track] = []
    for each in sorted(loose, key=lambda one: (one.bottom - one.top, one.top, one.tip)):
        x = first
        while any(_collide(replace(each, x=x), other) for other in tracks):
            x += 4
        tracks.append(replace(each, x=x))
    return tracks


def _collide(one: Track, other: Track) -> bool:
    """Whether two tracks lie too near, or one's label is crossed by the other."""
    if one.top <= other.bottom and other.top <= one.bottom and abs(one.x - other.x) < _APART:
        return True
    return _crossed(one, other) or _crossed(other, one)


def _crossed(labelled: Track, other: Track) -> bool:
    left, right = labelled.x + 1, labelled.x + labelled.room
    high, low = labelled.named - _TEXT - 6, labelled.named
    if other.top <= low and high <= other.bottom and left <= other.x <= right:
        return True
    return other.named == labelled.named and other.x + 1 <= right and left <= other.x + other.room
