"""What every generated model is: an immutable value, strict about types, JSON in and out.

Written by hand; everything else in this package but the other modules with a leading underscore is
generated from ``schemas/`` by ``mfgstd generate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pydantic_core
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import InitErrorDetails, PydanticCustomError

from mfgstd.models._annotations import FrozenMap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self


class Model(BaseModel, frozen=True):
    """One JSON object of the standard as a Python value.

    Attributes are ``snake_case``, JSON names ``camelCase``; an absent field is ``None`` here and
    nothing there. ``"5"`` is not 5 and ``true`` is not 1, but 1 is a fine float. Arrays become
    tuples. Values compare by content and can be hashed as long as they hold no free-form JSON.
    """

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        protected_namespaces=(),
    )

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """What is there: most fields of most documents are absent."""
        return (each for each in super().__repr_args__() if each[1] is not None)

    @classmethod
    def from_json(cls, document: bytes | str | Mapping[str, Any]) -> Self:
        """A model from JSON text, or from what a JSON reader made of it.

        Only JSON names are known here, never the Python ones. Duplicate keys pass unnoticed:
        :func:`mfgstd.parse` reads strictly and returns findings instead of raising.

        Raises:
            pydantic.ValidationError: the document is not one of this class.
        """
        # A tuple, and the validator itself: this is the way of every single document in.
        if not isinstance(document, (bytes, str)):
            document = cls._written(document)
        model: Self = cls.__pydantic_validator__.validate_json(
            document, by_alias=True, by_name=False
        )
        # To Python an absent field is None, so pydantic takes null for one; JSON must not say it.
        said = b"null" in document if isinstance(document, bytes) else "null" in document
        if said and (nulls := list(_nulls(model, ()))):
            error = PydanticCustomError("null", "An absent field is left out, never null")
            raise ValidationError.from_exception_data(
                cls.__name__,
                [InitErrorDetails(type=error, loc=place, input=None) for place in nulls],
                input_type="json",
            )
        return model

    @classmethod
    def _written(cls, document: Mapping[str, Any]) -> bytes:
        try:
            return pydantic_core.to_json(document, inf_nan_mode="constants", fallback=dict)
        except (ValueError, TypeError) as error:  # a lone surrogate, a set, a circle
            said = PydanticCustomError("json", "Not JSON: {error}", {"error": str(error)})
            raise ValidationError.from_exception_data(
                cls.__name__, [InitErrorDetails(type=said, input=type(document).__name__)]
            ) from error

    def to_json(self) -> dict[str, Any]:
        """The document as plain JSON values (dict, list, str, int, float, bool)."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def to_bytes(self) -> bytes:
        """The document as compact UTF-8 JSON, on one line, without a newline at its end."""
        text: bytes = self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_none=True)
        return text


class Document(Model, frozen=True):
    """A model that travels by itself: an entity, an event, an envelope."""

    #: The ``$id`` of the schema that it was generated from.
    schema_id: ClassVar[str]


def _nulls(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """The places of the fields that were given as null; free-form JSON may hold what it likes."""
    if isinstance(value, Model):
        fields = type(value).model_fields
        for name in value.model_fields_set:
            each = getattr(value, name)
            inside = (*place, fields[name].alias or name)
            if each is None:
                yield inside
            else:
                yield from _nulls(each, inside)
    elif isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from _nulls(each, (*place, number))
    elif isinstance(value, FrozenMap):
        for key, each in value.items():
            yield from _nulls(each, (*place, key))
