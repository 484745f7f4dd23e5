"""How fast one document becomes a typed model, beside a hand-written pydantic model.

Promise: at least 1.0 times, for every entity. The baseline has the same fields, bounds, patterns
and words, written as a careful developer would: ``AwareDatetime``, ``Literal``, ``list``, ``dict``,
nested classes, unknown fields refused, instances frozen. (It cuts nanoseconds and refuses leap
seconds, lets null and lists in, and knows no conversion: what ours does beyond it is not paid for.)
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal, assert_never

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    create_model,
)

import mfgstd.models
from mfgstd.standard import catalogue
from mfgstd.standard.generators.pydantic import attribute
from mfgstd.standard.resolved import (
    AnyObject,
    Array,
    Boolean,
    Constant,
    Enumeration,
    Integer,
    Map,
    Node,
    Number,
    Object,
    OpenCode,
    Ref,
    Resolved,
    Text,
    Union,
)

ROUNDS = 15
SECONDS = 0.004  # how long one round of one side takes, about

AS_TEXT = {("IntegerValue", "integer"): int, ("DecimalValue", "decimal"): Decimal}
SETTINGS = ConfigDict(extra="forbid", frozen=True)


def unique(values: list[Any]) -> list[Any]:
    if len(set(values)) != len(values):
        raise ValueError("repeated")
    return values


class Hand:
    """The models that somebody would write by hand."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def named(self, schema: Resolved) -> Any:
        if schema.id not in self.known:
            self.known[schema.id] = self.kind(schema.node, schema.name, "")
        return self.known[schema.id]

    def kind(self, node: Node, owner: str, name: str) -> Any:
        match node:
            case Text(format="date-time"):
                return AwareDatetime
            case Text():
                if (owner, name) in AS_TEXT:
                    return AS_TEXT[owner, name]
                return Annotated[
                    str,
                    Field(
                        pattern=node.pattern,
                        min_length=node.min_length,
                        max_length=node.max_length,
                    ),
                ]
            case Constant(value):
                return Literal[value]
            case Enumeration(words):
                return Literal[tuple(word.value for word in words)]
            case OpenCode(words):
                own = Annotated[str, Field(pattern=node.pattern)]
                return Literal[tuple(word.value for word in words)] | own
            case Number():
                return Annotated[
                    float,
                    Field(
                        ge=node.minimum,
                        le=node.maximum,
                        gt=node.exclusive_minimum,
                        lt=node.exclusive_maximum,
                    ),
                ]
            case Integer():
                return Annotated[
                    int,
                    Field(ge=node.minimum, le=node.maximum, multiple_of=node.multiple_of),
                ]
            case Boolean():
                return bool
            case Array():
                items = self.kind(node.items, owner, name)
                sizes = Field(min_length=node.min_items, max_length=node.max_items)
                if node.unique and isinstance(node.items, Text | Enumeration | OpenCode | Ref):
                    return Annotated[list.__class_getitem__(items), sizes, AfterValidator(unique)]
                return Annotated[list.__class_getitem__(items), sizes]
            case Map():
                keys = Annotated[str, Field(pattern=node.key_pattern)]
                values: Any = self.kind(node.values, owner, name)
                sizes = Field(min_length=node.min_properties, max_length=node.max_properties)
                return Annotated[dict.__class_getitem__((keys, values)), sizes]
            case Object():
                return self.model(node)
            case Union():
                branches = tuple(self.kind(each, owner, name) for each in node.branches)
                choice = branches[0]
                for branch in branches[1:]:
                    choice = choice | branch
                if node.how == "const":
                    return Annotated[choice, Discriminator(attribute(node.by))]
                return choice
            case Ref(schema_id):
                return self.named(catalogue().get(schema_id))
            case AnyObject():
                return dict[str, Any]
            case _:
                assert_never(node)

    def model(self, node: Object) -> type[BaseModel]:
        fields: dict[str, Any] = {}
        for each in node:
            kind = self.kind(each.node, node.title, each.name)
            if each.required:
                fields[attribute(each.name)] = (kind, Field(alias=each.name))
            else:
                fields[attribute(each.name)] = (kind | None, Field(default=None, alias=each.name))
        return create_model(node.title, __config__=SETTINGS, **fields)


def rate(read: Callable[[bytes], Any], texts: list[bytes], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        for text in texts:
            read(text)
    return len(texts) * times / (time.process_time() - began)


def compare(schema: Resolved, hand: Hand) -> tuple[float, float] | None:
    """The ratio and our rate, or nothing where there is no example."""
    folder = catalogue().folder / "examples" / schema.domain / schema.slug / "valid"
    texts = [path.read_bytes() for path in sorted(folder.glob("*.json"))]
    ours = getattr(mfgstd.models, schema.name).from_json
    theirs = hand.named(schema).model_validate_json
    # The hand-written one refuses leap seconds and the like: those examples are nobody's measure.
    texts = [text for text in texts if _takes(theirs, text)]
    if not texts:
        return None
    times = max(1, int(SECONDS * rate(ours, texts, 3) / len(texts)))
    ratios = []
    rates = []
    for _ in range(ROUNDS):
        fast, base = rate(ours, texts, times), rate(theirs, texts, times)
        ratios.append(fast / base)
        rates.append(fast)
    return statistics.median(ratios), statistics.median(rates)


def _takes(read: Callable[[bytes], Any], text: bytes) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def main() -> None:
    hand = Hand()
    gc.disable()
    entities = [schema for schema in catalogue() if schema.is_entity]
    found = sorted(
        (*measured, schema.name) for schema in entities if (measured := compare(schema, hand))
    )
    for ratio, per_second, name in found if "--all" in sys.argv else found[:5]:
        print(f"  {name:28} {ratio:5.2f}x  {per_second:10,.0f} documents/s")
    middle = statistics.median(ratio for ratio, _, _ in found)
    print(
        f"document to model: worst {found[0][0]:.2f}x ({found[0][2]}), median {middle:.2f}x of a"
        f" hand-written pydantic model, over {len(found)} entities (promised: 1.0x)"
    )


if __name__ == "__main__":
    main()
