"""The short way of a right document: what must be asked of one kind to know that it is right.

A compiled schema takes anything in a part whose schema the document itself names. Where a kind has
such parts, a document that uses one is looked at thoroughly instead; a kind that is not closed
all over has no short way at all, and neither has a tolerant reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from mfgstd.standard.catalogue import Catalogue, catalogue
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
from mfgstd.validation.engines.compiled import Engine, quick_verdict
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.rules import record_hold
from mfgstd.validation.rules.together import entities_together

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class Kind:
    """One kind of document.

    ``passes`` is true only if nothing at all is wrong with a document; ``passed`` is for whoever
    counts them; ``wanted`` says whether rules about several documents look at this kind.
    ``all_pass`` is true only if several are of this kind, by the name that they carry, and pass.
    """

    id: str
    name: str
    passes: Callable[[Any], bool]
    all_pass: Callable[[list[Any]], bool]
    wanted: bool
    passed: int = 0


class Kinds(dict[str, Kind]):
    """The kinds of documents by their ``$id``, made when first met.

    An id that is none of a document that may be judged is a ``KeyError``, as is another than the
    one that was asked for.
    """

    def __init__(
        self, asked: str | None, strictness: Strictness, engine: Engine, *, rules: bool
    ) -> None:
        super().__init__()
        self._asked = asked
        self._strictness = strictness
        self._engine = engine
        self._rules = rules

    def __missing__(self, schema_id: str) -> Kind:
        within = catalogue()
        if schema_id not in within or self._asked not in (None, schema_id):
            raise KeyError(schema_id)
        resolved = within.get(schema_id)
        if self._asked is None and not resolved.is_entity:
            raise KeyError(schema_id)
        one, several = self._passes(resolved, within)
        kind = Kind(schema_id, resolved.name, one, several, schema_id in entities_together())
        self[schema_id] = kind
        return kind

    def _passes(
        self, resolved: Resolved, within: Catalogue
    ) -> tuple[Callable[[Any], bool], Callable[[list[Any]], bool]]:
        doubtful = open_fields(resolved, within)
        if self._strictness is not Strictness.STRICT or doubtful is None:
            return (lambda _document: False), (lambda _documents: False)
        is_valid = quick_verdict(resolved, self._strictness, self._engine, within)
        hold = record_hold(resolved.id) if self._rules else lambda _document: True
        fields = tuple(doubtful)

        def passes(document: Any) -> bool:
            for name in fields:
                if name in document:
                    return False
            try:
                return is_valid(document) and hold(document)
            except (ValueError, TypeError):
                # Some engines raise for what they cannot take.
                return False

        def all_pass(documents: list[Any]) -> bool:
            try:
                named = [each["$schema"] for each in documents]
                if named.count(resolved.id) < len(named):
                    return False
                for name in fields:
                    if True in [name in each for each in documents]:
                        return False
                return all(map(is_valid, documents)) and all(map(hold, documents))
            except (ValueError, LookupError, TypeError):
                return False

        return passes, all_pass


def open_fields(resolved: Resolved, within: Catalogue) -> frozenset[str] | None:
    """The fields of a document in which more may stand than its schema says; ``None`` for all.

    Strictly, that is where an object has no schema or has the one that the data names.
    """
    node = resolved.node
    if not isinstance(node, Object) or not node.closed:
        return None
    return frozenset(each.name for each in node if _is_open(each.node, within, []))


def _is_open(node: Node, within: Catalogue, above: list[str]) -> bool:
    match node:
        case AnyObject():
            return True
        case Object():
            return not node.closed or any(_is_open(each.node, within, above) for each in node)
        case Array(inner) | Map(inner):
            return _is_open(inner, within, above)
        case Union(branches):
            return any(_is_open(each, within, above) for each in branches)
        case Ref(schema_id):
            if schema_id in above:
                # Inside itself: it may be nested deeper than a strict reader follows.
                return True
            return _is_open(within.get(schema_id).node, within, [*above, schema_id])
        case Text() | Constant() | Enumeration() | OpenCode() | Number() | Integer() | Boolean():
            return False
        case _:
            assert_never(node)
