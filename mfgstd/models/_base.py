"""What every generated model is: an immutable value, strict about types, JSON in and out.

Written by hand; everything else in this package but the other modules with a leading underscore is
generated from ``schemas/`` by ``mfgstd generate``.
"""

from __future__ import annotations

from functools import partial
from operator import is_
from typing import TYPE_CHECKING, Any, ClassVar

import pydantic_core
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

    from pydantic import GetCoreSchemaHandler


#: Whether a field is absent; in C, since it is asked of every field of every document.
_absent = partial(is_, None)


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
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """The schema of pydantic, but that null in JSON is no way to say absent, in or out."""
        schema = handler(source)
        inner: Any = handler.resolve_ref_schema(schema)
        while "fields" not in inner:
            inner = inner["schema"]
        for each in inner["fields"].values():
            optional = each["schema"]
            if optional["type"] == "default" and optional["schema"]["type"] == "nullable":
                either = optional["schema"]
                optional["schema"] = core_schema.json_or_python_schema(
                    json_schema=either["schema"], python_schema=either, serialization=either
                )
                each["serialization_exclude_if"] = _absent
        return schema

    @classmethod
    def from_json(cls, document: bytes | str | Mapping[str, Any]) -> Self:
        """A model from JSON text, or from what a JSON reader made of it.

        Only JSON names are known here, never the Python ones. Duplicate keys pass unnoticed:
        :func:`mfgstd.parse` reads strictly and returns findings instead of raising.

        Raises:
            pydantic.ValidationError: the document is not one of this class.
        """
        if not isinstance(document, (bytes, str)):
            document = cls._written(document)
        model: Self = cls.__pydantic_validator__.validate_json(
            document, by_alias=True, by_name=False
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

    def to_canonical(self) -> bytes:
        """The document in the one form that can be hashed and signed (RFC 8785).

        Whatever order, spacing or number format it came in, equal documents give equal bytes:
        members by their UTF-16 code units, doubles as ECMAScript writes them (``25.0`` is ``25``).
        An integer beyond 2^53 - 1, for which RFC 8785 has no form, keeps all its digits.
        """
        from mfgstd.standard.canonical import canonical

        return canonical(self.to_json())


class Document(Model, frozen=True):
    """A model that travels by itself: an entity, an event, an envelope."""

    #: The ``$id`` of the schema that it was generated from.
    schema_id: ClassVar[str]

    def declared(self) -> Self:
        """The same document, which says in ``$schema`` what it is, as one that travels must.

        A document inside of an envelope need not: there ``dataschema`` says it. What has no
        ``$schema``, an envelope, comes back as it is.
        """
        if "schema_uri" not in type(self).model_fields:
            return self
        return self.model_copy(update={"schema_uri": self.schema_id})
