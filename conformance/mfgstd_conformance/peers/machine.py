"""What a simulated machine is, what it says, and what the standard must make of it.

The peers are judges: every report carries the truth beside the words. The truth is arithmetic by
hand (1 in = 25.4 mm) on exact fractions; nothing here reads the unit tables that are judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNAVAILABLE: Final = "UNAVAILABLE"

Category = Literal["SAMPLE", "EVENT", "CONDITION"]
Representation = Literal["VALUE", "TIME_SERIES", "DATA_SET", "TABLE"]
Kind = Literal["number", "integer", "decimal", "text", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One data item: how the device model names it, and what a value of it means.

    ``units`` and ``native_units`` are MTConnect's words, ``unit`` is the UCUM code that the
    standard must show. One native unit is ``slope`` units, counted from ``offset``.
    """

    id: str
    name: str
    category: Category
    type: str
    component: str
    sub_type: str | None = None
    representation: Representation = "VALUE"
    units: str | None = None
    native_units: str | None = None
    unit: str | None = None
    slope: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)
    is_integer: bool = False

    @property
    def is_vector(self) -> bool:
        """Whether one value is three numbers: a position in space."""
        return bool(self.units and self.units.endswith("_3D"))


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a machine; ``tag`` is its MTConnect element, ``parent`` another component's id."""

    id: str
    tag: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One machine tool; or, with the tag ``Agent``, the agent itself.

    ``prefixed``: its SHDR lines say the device's name before each item. ``digits`` is how finely
    its clock speaks; ``unlisted`` are items that it reports although its device model does not
    know them.
    """

    id: str
    uuid: str
    name: str
    manufacturer: str
    model: str
    serial: str
    description: str
    components: tuple[Component, ...]
    signals: tuple[Signal, ...]
    unlisted: tuple[Signal, ...] = ()
    prefixed: bool = False
    digits: int = 3
    tag: Literal["Device", "Agent"] = "Device"

    def signal(self, name: str) -> Signal:
        """The signal of that name, listed or not."""
        return next(each for each in (*self.signals, *self.unlisted) if each.name == name)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition report; ``level`` is NORMAL, WARNING, FAULT or UNAVAILABLE."""

    level: str
    code: str = ""
    severity: str = ""
    qualifier: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A text for a person, with the vendor's code."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Entries:
    """A data set, or a table where the values are mappings themselves."""

    values: Mapping[str, str | Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Series:
    """Evenly spaced values, ``rate`` of them a second."""

    rate: int
    values: tuple[str, ...]


Said: TypeAlias = str | Condition | Message | Entries | Series
Tree: TypeAlias = "str | int | float | dict[str, Tree]"


@dataclass(frozen=True, slots=True)
class Truth:
    """What the standard must say of one report.

    ``value`` is a float for ``number``, an int for ``integer`` and ``decimal``, a str for
    ``text``; a dict for data sets and tables and a tuple of floats for vectors, both of which
    arrive as JSON text; a tuple of floats for a time series, which arrives as a segment.
    """

    kind: Kind
    value: float | int | str | tuple[float, ...] | dict[str, Tree] | None
    unit: str | None = None
    status: Literal["good", "bad"] = "good"
    reason: str | None = None
    native_status: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One data item saying one thing once.

    ``at`` is nanoseconds since 1970. ``said`` is the native wording (SHDR), ``engineered`` the
    same in the device model's units (what an agent publishes). ``truth`` is ``None`` where the
    device model does not know the item: the standard must count it by name.
    """

    at: int
    machine: Machine
    signal: Signal
    said: Said
    engineered: Said
    truth: Truth | None

    @property
    def time(self) -> str:
        """The time as the machine's own clock prints it."""
        return timestamp(self.at, self.machine.digits)

    @property
    def is_unavailable(self) -> bool:
        """Whether the machine says that it does not know."""
        return self.said == UNAVAILABLE or (
            isinstance(self.said, Condition) and self.said.level == UNAVAILABLE
        )


Numbered: TypeAlias = tuple[int, Report]


def report(at: int, machine: Machine, signal: Signal, said: Said) -> Report:
    """Let ``signal`` say something, and work out by hand what it means."""
    if signal.category == "CONDITION" and said == UNAVAILABLE:
        said = Condition(UNAVAILABLE)
    engineered: Said = said
    if isinstance(said, str) and said != UNAVAILABLE and signal.category == "SAMPLE":
        engineered = " ".join(
            plain(Fraction(word) * signal.slope + signal.offset) for word in said.split()
        )
    known = signal not in machine.unlisted
    return Report(
        at, machine, signal, said, engineered, truth_of(signal, engineered) if known else None
    )


def truth_of(signal: Signal, said: Said) -> Truth:
    """What the standard must say, from the value in the device model's units."""
    match said:
        case "UNAVAILABLE" | Condition(level="UNAVAILABLE"):
            return Truth("none", None, None, "bad", "no_communication")
        case Condition():
            native = f"{said.code}|{said.severity}|{said.qualifier}"
            # A bare NORMAL comes without any of the three: the vendor said nothing more.
            spoken = None if native == "||" else native
            return Truth("text", said.level.lower(), native_status=spoken)
        case Message():
            return Truth("text", said.text, native_status=said.code)
        case Entries():
            return Truth("text", _tree(said.values))
        case Series():
            return Truth("number", tuple(map(float, said.values)), signal.unit)
        case str() if signal.is_vector:
            return Truth("text", tuple(map(float, said.split())), signal.unit)
        case str() if signal.is_integer:
            # 64 bits with a sign hold an integer; what is beyond them keeps its digits.
            fits = -(2**63) <= int(said) < 2**63
            return Truth("integer" if fits else "decimal", int(said), signal.unit)
        case str() if signal.category == "SAMPLE":
            return Truth("number", float(said), signal.unit)
        case str():
            return Truth("text", said)


def plain(value: Fraction) -> str:
    """An exact decimal without an exponent.

    Raises:
        ArithmeticError: the value has no finite decimal; the scenario must choose another.
    """
    with localcontext() as context:
        context.prec = 40
        text = format(Decimal(value.numerator) / Decimal(value.denominator), "f")
    if Fraction(text) != value:
        raise ArithmeticError(f"{value} has no finite decimal")
    return text


def timestamp(at: int, digits: int = 6) -> str:
    """Nanoseconds since 1970 as RFC 3339, UTC, with that many decimals."""
    seconds, nanoseconds = divmod(at, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    decimals = f".{nanoseconds:09d}"[: digits + 1] if digits else ""
    return moment + decimals + "Z"


class Latest:
    """The newest word of every data item: what a client that joins now must be told first.

    Each report is kept with a number: an agent's sequence, or nothing that matters.
    """

    def __init__(self) -> None:
        self._standing: dict[tuple[str, str], tuple[Numbered, ...]] = {}

    def apply(self, number: int, new: Report) -> None:
        """Take one report in; conditions and data sets add to what stands."""
        key = (new.machine.uuid, new.signal.id)
        standing = self._standing.get(key, ())
        if isinstance(new.said, Condition):
            self._standing[key] = _conditions(standing, (number, new), new.said)
        elif (
            isinstance(new.said, Entries)
            and standing
            and isinstance(old := standing[0][1].said, Entries)
        ):
            merged = Entries({**old.values, **new.said.values})
            self._standing[key] = ((number, report(new.at, new.machine, new.signal, merged)),)
        else:
            self._standing[key] = ((number, new),)

    def reports(self) -> Iterator[Numbered]:
        """All that stands, by data item, conditions in the order in which they were raised."""
        for standing in self._standing.values():
            yield from standing

    def copy(self) -> Latest:
        """The same state, to go on from separately."""
        other = Latest()
        other._standing = dict(self._standing)
        return other


def _conditions(
    standing: tuple[Numbered, ...], new: Numbered, said: Condition
) -> tuple[Numbered, ...]:
    others = tuple(
        (number, each)
        for number, each in standing
        if isinstance(each.said, Condition)
        and each.said.level in ("WARNING", "FAULT")
        and each.said.code != said.code
    )
    if said.level in ("WARNING", "FAULT"):
        return (*others, new)
    # A NORMAL with a code ends that one only; without, it ends them all.
    return (others if said.level == "NORMAL" and said.code else ()) or (new,)


def _tree(values: Mapping[str, str | Mapping[str, str]]) -> dict[str, Tree]:
    return {
        key: _scalar(value) if isinstance(value, str) else _tree(value)
        for key, value in values.items()
    }


def _scalar(text: str) -> str | int | float:
    """A number only where the number says all that the text said."""
    try:
        number = float(text)
    except ValueError:
        return text
    if text.isdigit() and str(int(text)) == text:
        return int(text)
    return number if repr(number) == text else text
