"""Reading UCUM expressions: ``kW.h/kg``, ``m3/(m2.h)``, ``10*-6``, ``{rev}/min``.

The grammar is that of UCUM 2.2, chapters 2 and 3, case sensitive: atoms, prefixes on metric atoms,
exponents, products, divisions from left to right, parentheses, annotations. What an atom is worth
is data: ``schemas/vocabularies/units.json``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Longer expressions are no units that anybody means; the bound keeps a hostile one cheap.
_LONGEST: Final = 64
#: The same for exponents: m^999999999 would be a number with a billion digits.
_LARGEST_EXPONENT: Final = 99

_NOTE: Final = re.compile(r"\{[!-z|~]*\}")
_TEN: Final = re.compile(r"10[*^]([+-]?[0-9]+)?")
_NUMBER: Final = re.compile(r"[0-9]+")
# What stands in square brackets belongs to the name: m[H2O], [in_i'Hg], B[10.nV].
_ATOM: Final = re.compile(r"((?:\[[^\[\]]*\]|[^\[\]./(){}0-9+-])+)([+-]?[0-9]+)?")


class NotUcum(ValueError):
    """The text is no UCUM expression over the known atoms. The message says why, in English."""


@dataclass(frozen=True, slots=True)
class Magnitude:
    """What one unit is in base units: ``v`` of it are ``v * factor + offset``.

    ``dimension`` holds the exponents of the base units; it has no zeros.
    """

    factor: Fraction
    dimension: Mapping[str, int] = field(default_factory=dict)
    offset: Fraction = Fraction(0)
    alone: bool = False
    """Stands alone only: an offset or a logarithm cannot be multiplied (UCUM 21, 22)."""

    def times(self, other: Magnitude, sign: int) -> Magnitude:
        """The product with ``other`` (sign 1), or the quotient (sign -1)."""
        _composable(self, other)
        dimension = dict(self.dimension)
        for name, exponent in other.dimension.items():
            dimension[name] = dimension.get(name, 0) + sign * exponent
        factor = self.factor * other.factor if sign == 1 else self.factor / other.factor
        return Magnitude(factor, {name: each for name, each in dimension.items() if each})

    def power(self, exponent: int) -> Magnitude:
        """The power with a whole exponent."""
        if exponent == 1:
            return self
        _composable(self)
        if abs(exponent) > _LARGEST_EXPONENT:
            raise NotUcum(f"the exponent {exponent} is beyond {_LARGEST_EXPONENT}")
        dimension = {name: each * exponent for name, each in self.dimension.items() if exponent}
        return Magnitude(self.factor**exponent, dimension)


_ONE: Final = Magnitude(Fraction(1))


@dataclass(frozen=True, slots=True)
class Atom:
    """One symbol of the table; only a metric one takes a prefix."""

    magnitude: Magnitude
    metric: bool = False


@dataclass(frozen=True)
class Reader:
    """Reads expressions over a set of atoms and prefixes.

    ``notes`` are annotations that mean something when they stand for a unit by themselves:
    ``{rev}`` is a full turn. Any other annotation says something about the thing, not the unit.
    """

    atoms: Mapping[str, Atom]
    prefixes: Mapping[str, Fraction]
    notes: Mapping[str, Magnitude]

    def read(self, text: str) -> Magnitude:
        """What the expression is worth.

        Raises:
            NotUcum: it is none, or has an atom that is not known.
        """
        if not text or len(text) > _LONGEST:
            raise NotUcum(f"a unit has 1 to {_LONGEST} characters")
        made, end = self._term(text, 0)
        if end != len(text):
            raise NotUcum(f"{text[end:]!r} is left over")
        return made

    def _term(self, text: str, at: int) -> tuple[Magnitude, int]:
        """Components joined by ``.`` and ``/``, up to the end or a closing parenthesis."""
        made: Magnitude | None = None
        sign = 1
        if text[at : at + 1] == "/":
            made, sign, at = _ONE, -1, at + 1
        while True:
            part, at = self._component(text, at)
            made = part if made is None else made.times(part, sign)
            if text[at : at + 1] not in (".", "/"):
                return made, at
            sign = 1 if text[at] == "." else -1
            at += 1

    def _component(self, text: str, at: int) -> tuple[Magnitude, int]:
        if note := _NOTE.match(text, at):
            return self.notes.get(note[0], _ONE), note.end()
        if text[at : at + 1] == "(":
            made, end = self._term(text, at + 1)
            if text[end : end + 1] != ")":
                raise NotUcum("a parenthesis is not closed")
            end += 1
        elif found := _TEN.match(text, at):
            made, end = Magnitude(Fraction(10)).power(int(found[1] or 1)), found.end()
        elif found := _NUMBER.match(text, at):
            if not int(found[0]):
                raise NotUcum("zero is no unit")
            made, end = Magnitude(Fraction(int(found[0]))), found.end()
        elif found := _ATOM.match(text, at):
            made, end = self._simple(found[1]), found.end()
            if found[2]:
                made = made.power(int(found[2]))
        else:
            raise NotUcum(f"a unit is missing before {text[at:]!r}")
        note = _NOTE.match(text, end)
        return made, note.end() if note else end

    def _simple(self, name: str) -> Magnitude:
        """An atom, or a prefix and a metric atom; the atom has precedence: ``min`` is a minute."""
        if name in self.atoms:
            return self.atoms[name].magnitude
        for length in (1, 2):
            prefix, rest = self.prefixes.get(name[:length]), self.atoms.get(name[length:])
            if prefix is not None and rest is not None and rest.metric:
                whole = rest.magnitude
                return replace(whole, factor=prefix * whole.factor)
        raise NotUcum(f"{name!r} is not known")


def _composable(*parts: Magnitude) -> None:
    if any(part.alone for part in parts):
        raise NotUcum("a unit with an offset or on a logarithmic scale stands alone")
