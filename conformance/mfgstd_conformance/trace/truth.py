"""What a peer's machine really said, as the trace tells it: the other half of every comparison.

Expected values were written by hand where the simulated machine is defined; here they are only
read.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mfgstd_conformance.trace.moments import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Reported:
    """One report of a source and what the standard must say of it.

    ``at`` is in nanoseconds since 1970. ``kind`` is that of the expected value; ``value`` a
    float, an int, a text, a tuple of floats (a vector or a series), a dict (a data set) or
    ``None``. ``converted`` says that who reads this wire must convert; ``resolution`` is then one
    step of the last digit that the source sent, in the expected unit. ``other`` is what is as
    true: the value in the unit in which the machine said it. ``listed`` is false where the
    device model does not know the item.
    """

    n: int
    device: str
    item: str
    name: str
    category: str
    representation: str
    at: int
    listed: bool
    said: str | None
    code: str | None
    kind: str
    value: Any
    unit: str | None
    status: str
    converted: bool
    resolution: float
    other: tuple[float, str] | None

    @property
    def is_state(self) -> bool:
        """Whether the item tells the state of its machine."""
        return self.name.rpartition("_")[2] in {"avail", "execution", "mode", "estop", "fmode"}

    @classmethod
    def from_event(cls, event: Mapping[str, Any], session: str) -> Reported:
        """From an event ``stimulus.reported``, as it was told on the wire of one session."""
        native, expected = event["native"], event.get("expected")
        listed = expected is not None
        expected = expected or {"kind": "none", "status": "bad"}
        converted = session in event.get("converted", ())
        other = native.get("ucum")
        return cls(
            n=event["n"],
            device=event["device"],
            item=event["item"],
            name=event["name"],
            category=event["category"],
            representation=event["representation"],
            at=nanoseconds(event["time"]),
            listed=listed,
            said=native.get("value"),
            code=native.get("code"),
            kind=expected["kind"],
            value=_value(expected),
            unit=expected.get("unit"),
            status=expected["status"],
            converted=converted,
            resolution=float(Fraction(native.get("resolution", "0"))),
            other=(float(native["value"]), other) if converted and other else None,
        )


def _value(expected: Mapping[str, Any]) -> Any:
    match expected.get("value"):
        case {"number": int(value) | float(value)}:
            return float(value)
        case {"integer": str(value)} | {"decimal": str(value)}:
            return int(value)
        case {"text": str(value)}:
            return value
        case {"numbers": list(values)}:
            return tuple(map(float, values))
        case {"entries": dict(values)}:
            return values
        case _:
            return None
