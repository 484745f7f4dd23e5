"""What JSON Schema can say of a value and pydantic has no word for, one small class each.

Every class goes into ``Annotated`` and changes what is accepted at run time; type checkers see the
plain type beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, Final, TypeAlias, TypeVar, get_args

from pydantic import BaseModel, GetCoreSchemaHandler, JsonValue, Strict
from pydantic_core import PydanticCustomError, core_schema

# Said again, not imported: reading the standard costs more than all models. A test compares.
NAMESPACE: Final = "https://w3id.org/mfgstd/"
URI: Final = (
    r"urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:[A-Za-z0-9._~:/?#@!$&'()+*,;=%\[\]-]+"
    r"|https?://[A-Za-z0-9\[][A-Za-z0-9._~:/?#@!$&'()+*,;=%\[\]-]*"
)
_URI: Final = re.compile(URI)

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")

#: An ordered, immutable sequence: always a tuple once it is in a model; a list is taken too.
Items: TypeAlias = Annotated[tuple[T, ...], Strict(False)]


class FrozenMap(dict[K, V]):
    """A dict that never changes, and has a hash if its values have one.

    A dict, since pydantic and every JSON writer know one at the speed of C.
    """

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]  # what never changes may have one
        return hash(frozenset(self.items()))

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("a map of a document never changes: make another one")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __copy__(self) -> FrozenMap[K, V]:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


@dataclass(frozen=True, slots=True)
class Frozen:
    """``Mapping[K, V]`` whose keys are data; any mapping is taken, a :class:`FrozenMap` kept."""

    min_length: int | None = None
    max_length: int | None = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        keys, values = (handler.generate_schema(each) for each in get_args(source))
        entries = core_schema.dict_schema(
            keys, values, min_length=self.min_length, max_length=self.max_length, strict=False
        )
        return core_schema.no_info_after_validator_function(FrozenMap, entries)


@dataclass(frozen=True, slots=True)
class FreeForm:
    """``Mapping[str, JsonValue]``: an object whose schema is named elsewhere.

    With ``key`` it must name its schema itself, under that key. Numbers must be finite: JSON has
    no word for others.
    """

    key: str | None = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        # Done in Rust as far as it goes; what comes as JSON text holds JSON values only.
        names = {}
        if self.key is not None:
            named = core_schema.str_schema(pattern=f"^({URI})$", strict=True)
            names[self.key] = core_schema.typed_dict_field(named, required=True)
        text = core_schema.typed_dict_schema(names, extra_behavior="allow")
        python = core_schema.chain_schema(
            [Frozen().__get_pydantic_core_schema__(source, handler), text]
        )
        return core_schema.no_info_after_validator_function(
            _finite,
            core_schema.json_or_python_schema(
                json_schema=text,
                python_schema=python,
                serialization=core_schema.dict_schema(),
            ),
        )


def _finite(value: dict[str, JsonValue]) -> FrozenMap[str, JsonValue]:
    _check_finite(value.values())
    return FrozenMap(value)


def _check_finite(values: Iterable[Any]) -> None:
    """Refuse what JSON has no word for; told by exact types, since this is done for each value."""
    for each in values:
        kind = type(each)
        if kind is str:
            continue
        if kind is dict or kind is FrozenMap:
            _check_finite(each.values())
        elif kind is list:
            _check_finite(each)
        elif kind is float and not isfinite(each):
            raise PydanticCustomError("finite_number", "JSON has finite numbers only")


#: Any JSON object; its schema is named beside it.
JsonObject: TypeAlias = Annotated[Mapping[str, JsonValue], FreeForm()]

#: Any JSON object that names its own schema in ``$schema``.
TypedJsonObject: TypeAlias = Annotated[Mapping[str, JsonValue], FreeForm("$schema")]


def _whole(value: float) -> int:
    if not value.is_integer():
        raise PydanticCustomError("int_from_float", "Input should be a whole number")
    return int(value)


@dataclass(frozen=True, slots=True)
class Whole:
    """``int`` as JSON Schema counts: ``1.0`` is one, ``true`` and ``"1"`` are not."""

    ge: int | None = None
    le: int | None = None
    multiple_of: int | None = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        del source, handler
        exact = core_schema.int_schema(
            ge=self.ge, le=self.le, multiple_of=self.multiple_of, strict=True
        )
        floating = core_schema.no_info_after_validator_function(
            _whole, core_schema.float_schema(strict=True, allow_inf_nan=False)
        )
        # A float reaches the second choice only, an int is done after the first.
        return core_schema.union_schema(
            [exact, core_schema.chain_schema([floating, exact])],
            mode="left_to_right",
            custom_error_type="whole_number",
            custom_error_message="Input should be a whole number{bounds}",
            custom_error_context={"bounds": self._bounds()},
        )

    def _bounds(self) -> str:
        said = [
            f"{words} {bound}"
            for words, bound in (
                ("from", self.ge),
                ("to", self.le),
                ("in steps of", self.multiple_of),
            )
            if bound is not None
        ]
        return " " + " ".join(said) if said else ""


def _plain(value: int | Decimal) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _to_text(value: Any) -> Any:
    """A number as the text that JSON carries; a string stays one, anything else is refused."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _plain(value)
    return value


def _to_decimal(text: str) -> Decimal:
    return Decimal(text)


@dataclass(frozen=True, slots=True)
class AsText:
    """``int`` or ``Decimal`` in Python, a string in JSON: digits beyond a double survive.

    A ``Decimal`` keeps its trailing zeros: ``12.50`` was measured to a hundredth.
    """

    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        del handler
        read: Callable[[str], int | Decimal] = _to_decimal if source is Decimal else int
        text = core_schema.str_schema(
            pattern=self.pattern,
            min_length=self.min_length,
            max_length=self.max_length,
            strict=True,
        )
        from_text = core_schema.no_info_after_validator_function(read, text)
        return core_schema.json_or_python_schema(
            json_schema=from_text,
            python_schema=core_schema.no_info_before_validator_function(_to_text, from_text),
            serialization=core_schema.plain_serializer_function_ser_schema(
                _plain, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )


#: What the words of every open code look like; a newer minor version may bring more of them.
OPEN_CODE_WORD: Final = "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"

#: The validation context in which models take words of a newer minor version.
TOLERANT: Final = "tolerant"


def open_code_pattern(words: tuple[str, ...]) -> str:
    """The pattern that every open code has: its words, or an absolute URI."""
    return f"^({'|'.join(map(re.escape, words))}|{URI})$"


@dataclass(frozen=True, slots=True)
class OpenCode:
    """One of the words of a ``Literal``, or the owner's own absolute URI.

    The namespace of the standard is ours alone: no URI in it is a word of somebody else.
    ``pattern`` is that of the schema, where it is another one than every open code has.
    """

    words: Any
    pattern: str | None = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        del source, handler
        words = get_args(self.words)
        own = core_schema.no_info_after_validator_function(
            _foreign,
            core_schema.str_schema(pattern=self.pattern or open_code_pattern(words), strict=True),
        )
        newer = core_schema.with_info_after_validator_function(
            _newer, core_schema.str_schema(pattern=OPEN_CODE_WORD, strict=True)
        )
        return core_schema.union_schema(
            [core_schema.literal_schema(list(words)), own, newer],
            mode="left_to_right",
            custom_error_type="open_code",
            custom_error_message="Input should be an absolute URI of your own, or one of {words}",
            custom_error_context={"words": ", ".join(words)},
        )


def _foreign(code: str) -> str:
    if code.startswith(NAMESPACE):
        raise PydanticCustomError("open_code", "The namespace of the standard is not yours")
    return code


def _newer(code: str, info: core_schema.ValidationInfo) -> str:
    """A word that this version does not know, for a reader that must live with newer ones."""
    if info.context != TOLERANT:
        raise PydanticCustomError("open_code", "This word is not one of the standard's")
    return code


def _same(value: Any) -> Hashable:
    """What JSON compares by: 1 and 1.0 are one value, 1 and true are two."""
    if isinstance(value, BaseModel):
        return _same(value.model_dump(mode="json", by_alias=True, exclude_none=True))
    if isinstance(value, Mapping):
        return frozenset((key, _same(each)) for key, each in value.items())
    if isinstance(value, list | tuple):
        return tuple(_same(each) for each in value)
    return (isinstance(value, bool), value)


def distinct(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuse an array that says the same thing twice."""
    # What Python holds apart is apart in JSON; 1 and true, free-form JSON need a second look.
    with suppress(TypeError):
        if len(set(items)) == len(items):
            return items
    if len({_same(each) for each in items}) != len(items):
        raise PydanticCustomError("unique_items", "Input should not repeat an item")
    return items


def distinct_texts(items: tuple[str, ...]) -> tuple[str, ...]:
    """The same for words, names and references, which need no looking into."""
    if len(set(items)) != len(items):
        raise PydanticCustomError("unique_items", "Input should not repeat an item")
    return items


def _only_key(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return next(iter(value), None) if len(value) == 1 else None
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return next(iter(fields.values())).alias
    return None


@dataclass(frozen=True, slots=True)
class SingleKey:
    """A union of objects with one field each: the name of the field says which it is."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        choices: dict[Any, core_schema.CoreSchema] = {}
        for branch in get_args(source):
            (only,) = branch.model_fields.values()
            choices[only.alias] = handler.generate_schema(branch)
        return core_schema.tagged_union_schema(choices, _only_key)
