"""How much work rules would be, counted before it is done: a hostile delivery ends all the same.

Nearly every rule takes a step for each element that a document has. Some hold the elements of a
list against each other, and a reference rule holds each document against all that join it: that
grows with the square. No clock decides, so that a trace comes to the same verdict on any machine.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from mfgstd.expression.tree import Contained, Filtered, Listing, Mapped, Quantified, children
from mfgstd.validation.rules.compiled import rules_of
from mfgstd.validation.rules.judging import Loops, keys
from mfgstd.validation.rules.rule import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mfgstd.expression.tree import Tree
    from mfgstd.validation.rules.rule import Partner, Rule

#: Steps beyond one for each element that all rules together may take in one delivery; less than
#: a minute.
STEPS: Final = 100_000_000

#: What it costs to hold one document against one other, in such steps.
_PAIR: Final = 10

#: A document with no more elements than this costs so little that it is not counted.
_SMALL: Final = 200


class Effort:
    """What is left to spend on one delivery."""

    def __init__(self) -> None:
        self._left = STEPS

    def affords_document(self, schema: str, document: Any) -> bool:
        """Whether a document can be judged by the record rules of its entity."""
        if _deepest(schema) < 2:
            return True
        count = _elements(document)
        return count <= _SMALL or self._spend(count * count)

    def affords_rule(self, rule: Rule, filed: Mapping[str, Sequence[Any]]) -> bool:
        """Whether a rule can be judged on all of these documents, by the ``$id`` of their kind."""
        depth = _depth_of(rule)
        ours = filed[rule.entity]
        if rule.scope is Scope.SEQUENCE:
            counts = [_elements(each) for each in ours] if depth >= 2 else []
            return self._spend(sum(each * each for each in counts if each > _SMALL))
        pairs = _PAIR * _pairs(rule, filed)
        if depth:
            # Each pair may hold the lists of one side against those of the other.
            pairs *= max(_elements(each) for part in rule.partners for each in filed[part.entity])
        if depth >= 2:
            pairs *= max(map(_elements, ours))
        return self._spend(pairs)

    def _spend(self, steps: int) -> bool:
        if steps > self._left:
            return False
        self._left -= steps
        return True


def _pairs(rule: Rule, filed: Mapping[str, Sequence[Any]]) -> int:
    """At most how many ways there are to fill in the partners, over all documents."""
    names = ["this", *(each.name for each in rule.each)]
    first, *others = rule.partners
    joining = _joining(first, filed)
    key = keys([ours for ours, _ in first.on], names)
    loops = Loops(rule.each, ("this",))
    pairs = 0
    for document in filed[rule.entity]:
        for values, _ in loops((document,)):
            # What joins with nothing is looked at once.
            pairs += joining.get(key(*values), 1)
    for other in others:
        pairs *= max(_joining(other, filed).values(), default=1)
    return pairs


def _joining(partner: Partner, filed: Mapping[str, Sequence[Any]]) -> Counter[Any]:
    """How many of a partner's documents or elements have the same key."""
    key = keys([theirs for _, theirs in partner.on], partner.names)
    loops = Loops(partner.each, (partner.name,))
    found = Counter(
        key(*values) for document in filed[partner.entity] for values, _ in loops((document,))
    )
    del found[None]  # a side without a value equals nothing
    return found


@cache
def _deepest(schema: str) -> int:
    """How deep lists are nested in the record rules of an entity."""
    rules = [each for each in rules_of(schema) if each.scope is Scope.RECORD]
    return max((len(each.each) + _depth_of(each) for each in rules), default=0)


def _depth_of(rule: Rule) -> int:
    return max(_depth(each) for each in (rule.check, rule.when) if each is not None)


def _depth(tree: Tree) -> int:
    """How many lists are gone through, one inside the other, to come to a value."""
    below = max(map(_depth, children(tree)), default=0)
    match tree:
        case (
            Quantified(over=over, body=body) | Mapped(over, _, _, body) | Filtered(over, _, _, body)
        ):
            return max(_depth(over), 1 + _depth(body))
        case Contained(among=among) if not isinstance(among, Listing):
            return max(below, 1)
        case _:
            return below


def _elements(value: Any) -> int:
    """How many elements the lists of a document have, all together; at least one."""
    waiting, count = [value], 1
    while waiting:
        match waiting.pop():
            case dict() as members:
                waiting.extend(members.values())
            case list() as items:
                count += len(items)
                waiting.extend(items)
    return count


def same(schema: str, document: Mapping[str, Any]) -> bytes:
    """What two documents have in common that say the same, whenever they were written down."""
    told = {name: each for name, each in document.items() if name != "recordTime"}
    text = json.dumps([schema, told], sort_keys=True)
    return blake2b(text.encode("ascii"), digest_size=16).digest()
