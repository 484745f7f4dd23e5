"""JSON in one canonical form, byte for byte: RFC 8785, with whole numbers of any size.

RFC 8785 refuses integers beyond 2^53, since a double does not hold them. Schemas have such (the
bounds of 64 bits), so they are written digit by digit; all else is as the RFC says.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any


def canonical(value: Any) -> bytes:
    """The canonical bytes of a JSON value, without a newline at the end.

    Raises:
        ValueError: no JSON text can hold the value: a NaN, a lone surrogate, a key that is no text.
    """
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts).encode()


def _write(value: Any, put: Any) -> None:
    match value:
        case None:
            put("null")
        case bool():
            put("true" if value else "false")
        case str():
            put(json.dumps(value, ensure_ascii=False))
        case int():
            put(str(int(value)))
        case float():
            put(number(value))
        case Mapping():
            if not all(isinstance(each, str) for each in value):
                raise ValueError("a key that is no text")
            # By UTF-16 code units (RFC 8785, 3.2.3): beyond the basic plane another order.
            for index, key in enumerate(sorted(value, key=lambda each: each.encode("utf-16-be"))):
                put(("," if index else "{") + json.dumps(key, ensure_ascii=False) + ":")
                _write(value[key], put)
            put("}" if value else "{}")
        case Sequence():
            for index, each in enumerate(value):
                put("," if index else "[")
                _write(each, put)
            put("]" if value else "[]")
        case _:
            raise ValueError(f"a {type(value).__name__}")


def number(value: float) -> str:
    """A double as ECMAScript writes it (ECMA-262, Number::toString)."""
    if not math.isfinite(value):
        raise ValueError(f"the number {value}")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    point = len(digits) + int(exponent)
    if len(text) <= point <= 21:
        shown = text + "0" * (point - len(text))
    elif 0 < point <= 21:
        shown = f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        shown = "0." + "0" * -point + text
    else:
        rest = f".{text[1:]}" if len(text) > 1 else ""
        shown = f"{text[0]}{rest}e{point - 1:+d}"
    return f"-{shown}" if sign else shown
