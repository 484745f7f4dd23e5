"""State machines as data: which state may follow which, read from ``schemas/machines``.

A machine knows its states, the commands that act on them and every legal transition. The word
``unknown`` belongs to none of them and is allowed on either side of every question: who has lost
sight of a machine can't say that it moved unlawfully.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast, get_args

from mfgstd.errors import SchemaError, UnknownState
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.standard.notes import Correspondence
from mfgstd.standard.plain_yaml import read_yaml
from mfgstd.standard.resources import root

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "UNKNOWN",
    "Command",
    "Kind",
    "Machine",
    "Source",
    "State",
    "Transition",
    "machine",
    "machines",
    "read",
]

#: The word for a state that nobody knows; it is a state of no machine.
UNKNOWN: Final = "unknown"

#: What a state waits for: its own work to be done, a command, or either.
Kind: TypeAlias = Literal["acting", "wait", "dual"]

#: What ends an acting state without a command.
_COMPLETION: Final = "completion"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a machine is from, and what of it was not seen."""

    standard: str
    clause: str
    version: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """One state. ``flags`` are the fields of a document that put it there, ``letter`` its letter.

    Only composite states (ISA-18.2's) have flags; a flag that is not listed may be anything.
    """

    id: str
    label: Text
    description: Text
    number: int | None = None
    kind: Kind | None = None
    letter: str | None = None
    flags: Mapping[str, bool] = field(default_factory=dict)
    mappings: tuple[Correspondence, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody tells the machine to do."""

    id: str
    label: Text
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """One legal step. ``by`` is a command's id, ``completion``, or nothing when the source is free.

    The same two states may be joined twice, by a command and by completion.
    """

    source: str
    target: str
    by: str | None = None
    description: Text | None = None


@dataclass(frozen=True)
class Machine:
    """A state machine, whole."""

    id: str
    version: str
    label: Text
    description: Text
    sources: tuple[Source, ...]
    initial: tuple[str, ...]
    states: Mapping[str, State]
    commands: Mapping[str, Command]
    transitions: tuple[Transition, ...]
    outside: tuple[str, ...] = ()
    """Words for a state that is none of these (``other``): as free as ``unknown``."""

    def allows(self, before: str, after: str) -> bool:
        """Whether ``after`` may directly follow ``before``; staying is allowed.

        Raises:
            UnknownState: one of the words is neither a state nor one that stands outside.
        """
        free = self._free(before, after)
        return free or after in self._next[before]

    def reaches(self, before: str, after: str) -> bool:
        """Whether ``after`` may follow ``before`` with any number of steps unseen between them.

        Raises:
            UnknownState: one of the words is neither a state nor one that stands outside.
        """
        free = self._free(before, after)
        return free or after in self._reached[before]

    def state_of(self, flags: Mapping[str, bool]) -> State | None:
        """The state that a document's flags put it in; none while too little is known.

        A flag that is absent is not known to be false, so it decides nothing.
        """
        for state in self.states.values():
            if state.flags and all(flags.get(name) is want for name, want in state.flags.items()):
                return state
        return None

    def _free(self, before: str, after: str) -> bool:
        outside = (UNKNOWN, *self.outside)
        for word in (before, after):
            if word not in self.states and word not in outside:
                raise UnknownState(word, self.id, list(self.states))
        return before == after or before in outside or after in outside

    @cached_property
    def _next(self) -> dict[str, set[str]]:
        steps: dict[str, set[str]] = {state: set() for state in self.states}
        for each in self.transitions:
            steps[each.source].add(each.target)
        return steps

    @cached_property
    def _reached(self) -> dict[str, set[str]]:
        reached: dict[str, set[str]] = {}
        for start, first in self._next.items():
            seen, ahead = {start}, list(first)
            while ahead:
                state = ahead.pop()
                if state not in seen:
                    seen.add(state)
                    ahead += self._next[state]
            reached[start] = seen
        return reached


@cache
def machine(name: str) -> Machine:
    """The machine of that name: ``packml``, ``job-order``, ``job-response``, ``alarm``.

    Raises:
        UnknownState: there is no such machine.
        SchemaError: its file is not a state machine.
    """
    folder = root("schemas") / "machines"
    known = machines()
    if name not in known:
        raise UnknownState(name, None, list(known))
    return read(folder / f"{name}.yaml")


@cache
def machines() -> tuple[str, ...]:
    """The names of all machines, sorted."""
    return tuple(sorted(path.stem for path in (root("schemas") / "machines").glob("*.yaml")))


def read(path: Path) -> Machine:
    """Read one file.

    Raises:
        SchemaError: the file is not YAML of this form, names a state or command that it does not
            declare, or says something twice.
    """
    try:
        document = read_yaml(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _wrong(path, "", str(error)) from None
    try:
        made = _machine(document)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise _wrong(path, "", what) from None
    for item, what in _contradictions(made, path.stem):
        raise _wrong(path, item, what)
    return made


def _machine(document: dict[str, Any]) -> Machine:
    _only(document, *_MACHINE_KEYS)
    states = [_state(each) for each in document["states"]]
    commands = [_command(each) for each in document.get("commands", [])]
    return Machine(
        id=document["id"],
        version=document["version"],
        label=_text(document["label"]),
        description=_text(document["description"]),
        sources=tuple(Source(**each) for each in document["source"]),
        initial=tuple(document["initial"]),
        states=_distinct("state", states),
        commands=_distinct("command", commands),
        transitions=tuple(_transition(each) for each in document["transitions"]),
        outside=tuple(document.get("outside", [])),
    )


_MACHINE_KEYS: Final = (
    *("id", "version", "label", "description", "source", "initial"),
    *("states", "commands", "transitions", "outside"),
)


def _state(said: dict[str, Any]) -> State:
    _only(said, "id", "number", "kind", "letter", "flags", "label", "description", "mappings")
    kind = said.get("kind")
    if kind is not None and kind not in get_args(Kind):
        raise ValueError(f"the kind {kind!r} of {said['id']!r} is not one of {get_args(Kind)}")
    return State(
        id=said["id"],
        label=_text(said["label"]),
        description=_text(said["description"]),
        number=said.get("number"),
        kind=cast("Kind | None", kind),
        letter=said.get("letter"),
        flags=dict(said.get("flags", {})),
        mappings=tuple(Correspondence(**each) for each in said.get("mappings", [])),
    )


def _command(said: dict[str, Any]) -> Command:
    _only(said, "id", "number", "label")
    return Command(id=said["id"], label=_text(said["label"]), number=said.get("number"))


def _transition(said: dict[str, Any]) -> Transition:
    _only(said, "from", "to", "by", "description")
    description = said.get("description")
    return Transition(said["from"], said["to"], said.get("by"), description and _text(description))


def _text(said: dict[str, str]) -> Text:
    _only(said, "en", "ko")
    return Text(en=said["en"], ko=said["ko"])


def _only(said: dict[str, Any], *known: str) -> None:
    for key in said:
        if key not in known:
            raise ValueError(f"the key {key!r} is not one of {', '.join(known)}")


def _distinct(what: str, each: list[Any]) -> dict[str, Any]:
    found = {one.id: one for one in each}
    if len(found) != len(each):
        raise ValueError(f"a {what} is declared twice")
    return found


def _contradictions(made: Machine, stem: str) -> list[tuple[str, str]]:
    """What the file says against itself: (item, what)."""
    found = []
    if made.id != stem:
        found.append((made.id, f"the id is not the name of the file, {stem!r}"))
    found += [
        (word, f"{word!r} is allowed everywhere and is no state")
        for word in (UNKNOWN, *made.outside)
        if word in made.states
    ]
    seen = set()
    for each in made.transitions:
        name = f"{each.source} -> {each.target}"
        found += [
            (name, f"{end!r} is not a state")
            for end in (each.source, each.target)
            if end not in made.states
        ]
        if each.by is not None and each.by != _COMPLETION and each.by not in made.commands:
            found.append((name, f"{each.by!r} is neither a command nor 'completion'"))
        if (each.source, each.target, each.by) in seen:
            found.append((name, "stands here twice"))
        seen.add((each.source, each.target, each.by))
    found += [(each, "is not a state") for each in made.initial if each not in made.states]
    numbers = [each.number for each in made.states.values() if each.number is not None]
    if len(set(numbers)) != len(numbers):
        found.append(("states", "two states have the same number"))
    return found


def _wrong(path: Path, item: str, what: str) -> SchemaError:
    return SchemaError(
        Text(
            f"This is not a state machine: {what}.",
            f"상태 기계 파일이 올바르지 않습니다: {what}.",
        ),
        place=Place(path=str(path), item=item or None),
        hint=Text(
            "Compare it with schemas/machines/packml.yaml.",
            "schemas/machines/packml.yaml과 비교하십시오.",
        ),
    )
