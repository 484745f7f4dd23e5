"""What is wrong with a document, without the sentences: rule, severity and pointer of each finding.

The referee takes most of a millisecond to explain one document. A file in which every line is
wrong needs the explanation of a few lines and the count of all, so here the authored schema runs
as Python made of it (:mod:`mfgstd.validation.engines.tally_source`). It is no engine: the verdict
stays with the others, and a test holds it to the referee's findings one for one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Severity
from mfgstd.standard.catalogue import Catalogue, catalogue
from mfgstd.validation.engines.compiled import MOST
from mfgstd.validation.engines.tally_source import Tallied, writer
from mfgstd.validation.engines.typed import Place, places
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.rules import record_hold
from mfgstd.validation.rules.compiled import rules_of
from mfgstd.validation.rules.judging import RecordJudge
from mfgstd.validation.rules.rule import Scope

if TYPE_CHECKING:
    from mfgstd.standard.resolved import Resolved

__all__ = ["DISAGREEMENT", "Tallied", "rules_tally", "schema_tally", "tally"]

_ERROR: Final = Severity.ERROR.value

#: What an invalid document gets of which the referee finds nothing wrong: a defect of ours.
DISAGREEMENT: Final[Tallied] = ("schema.disagreement", _ERROR, "")


def tally(
    document: Any,
    resolved: Resolved,
    strictness: Strictness = Strictness.STRICT,
    within: Catalogue | None = None,
) -> list[Tallied]:
    """What the referee and the rules of the scope *record* find in one document of parsed JSON.

    The rules are asked as everywhere: strictly, and only of what the schema accepts.
    """
    found = schema_tally(document, resolved, strictness, within)
    if found or strictness is not Strictness.STRICT:
        return found
    return rules_tally(document, resolved)


def schema_tally(
    document: Any,
    resolved: Resolved,
    strictness: Strictness = Strictness.STRICT,
    within: Catalogue | None = None,
) -> list[Tallied]:
    """What the referee finds, in its order: at most :data:`MOST`, and one that says so."""
    found: list[Tallied] = []
    _schema(within or catalogue(), resolved.id, strictness)(document, "", found)
    if len(found) > MOST:
        found[MOST:] = [("schema.more", _ERROR, "")]
    return found


def rules_tally(document: Any, resolved: Resolved) -> list[Tallied]:
    """What the rules of the scope *record* say of a document that its schema accepts."""
    found: list[Tallied] = []
    _ask(resolved.id, document, "", found)
    if resolved.domain == "envelope" and isinstance(document, dict):
        data, named = document.get("data"), document.get("dataschema")
        if isinstance(data, dict) and isinstance(named, str):
            _ask(named, data, "/data", found)
    return found


@cache
def _schema(within: Catalogue, schema_id: str, strictness: Strictness) -> _Schema:
    return _Schema(within, schema_id, strictness)


class _Schema:
    """One schema and, below it, what the data itself names a schema for."""

    def __init__(self, within: Catalogue, schema_id: str, strictness: Strictness) -> None:
        self._within = within
        self._strictness = strictness
        self._list = writer(within, strictness).function(schema_id)
        self._tree = places(within.get(schema_id), within)

    def __call__(self, value: Any, pointer: str, found: list[Tallied]) -> None:
        self._list(value, pointer, found)
        if self._tree is not None:
            for place in self._tree.find(value):
                self._typed(place, pointer, found)

    def _typed(self, place: Place, pointer: str, found: list[Tallied]) -> None:
        named = place.named
        if not isinstance(named, str):
            return
        if named in self._within and self._within.get(named).is_entity:
            said = place.value.get("$schema", named)
            if not place.own and isinstance(said, str) and said != named:
                found.append(("schema.mismatch", _ERROR, f"{pointer}{place.pointer}/$schema"))
            else:
                inner = _schema(self._within, named, self._strictness)
                inner(place.value, pointer + place.pointer, found)
        elif not place.own:
            found.append(("schema.typed-by", _ERROR, pointer + place.named_at))


@cache
def _judges(entity: str) -> list[tuple[RecordJudge, str, list[str]]]:
    """The record rules of an entity: judge, where it points, and which indexes go into that."""
    rules = [each for each in rules_of(entity) if each.scope is Scope.RECORD]
    return [(RecordJudge(each), each.at, [loop.name for loop in each.each]) for each in rules]


def _ask(entity: str, document: Any, pointer: str, found: list[Tallied]) -> None:
    if record_hold(entity)(document):
        return
    for judge, at, loops in _judges(entity):
        for indexes, _kept in judge.failures(document):
            place = at
            for name, index in zip(loops, indexes, strict=False):
                place = place.replace(f"{{{name}}}", str(index))
            found.append((judge.rule.id, judge.rule.severity.value, pointer + place))
