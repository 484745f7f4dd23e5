"""What a quantity can do beyond holding its fields: be said in another unit. Written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mfgstd.models._base import Model

if TYPE_CHECKING:
    from typing import Self


class Convertible(Model, frozen=True):
    """The base of the generated ``Quantity``."""

    if TYPE_CHECKING:
        value: float
        unit: str

    def to(self, unit: str) -> Self:
        """The same quantity in another unit, a UCUM code; exact but for one rounding to a double.

        An uncertainty is scaled, without the offset of a temperature scale. ``decimals`` counted
        decimals of the old unit, so it is dropped.

        Raises:
            mfgstd.errors.UnknownUnit: one of the units is not known.
            mfgstd.errors.UnitMismatch: the two measure different things.
            pydantic.ValidationError: the value is too large for a double in that unit.
        """
        from fractions import Fraction

        from mfgstd.standard.units import conversion, convert

        if unit == self.unit:
            return self
        fields: dict[str, Any] = dict(self)
        fields |= {"value": convert(self.value, self.unit, unit), "unit": unit, "decimals": None}
        doubt = fields.get("uncertainty")
        if doubt is not None:
            factor = conversion(self.unit, unit).factor
            scaled = float(Fraction(doubt.value) * factor)
            fields["uncertainty"] = doubt.model_copy(update={"value": scaled})
        return type(self).model_validate(fields, by_name=True)
