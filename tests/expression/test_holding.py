"""A quick yes is never said where a verdict is false or an error, whatever is read early."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mfgstd.expression import Shapes, predicate
from mfgstd.expression.holding import ABSENT, holds
from mfgstd.expression.row import FAILURES
from mfgstd.expression.types import Type
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.rules.compiled import by_entity, rules_of
from mfgstd.validation.rules.judging import RecordJudge
from mfgstd.validation.rules.rule import Rule, Scope
from tests.expression.conftest import compiled

#: About a job response. Most read what may be absent without asking, and each reads it so that
#: something that stands for the absent could easily be taken for an answer.
EXPRESSIONS = (
    "this.state != 'closed'",
    "!(this.state in ['closed', 'waiting'])",
    "this.substate in ['loaded', this.state]",
    "!(this.substate == this.state)",
    "has(this.substate) || !(this.complete)",
    "this.complete || !this.complete",
    "has(this.interval) || this.substate != 'x'",
    "!has(this.interval) || timestamp(this.interval.start) <= timestamp(this.eventTime)",
    "!has(this.interval.end) || timestamp(this.interval.start) <= timestamp(this.interval.end)",
    "seconds(this.interval.start, this.interval.end) >= -60.0",
    "seconds(this.eventTime, this.recordTime) >= 0.0 || has(this.substate)",
    "timestamp(this.recordTime) != timestamp(this.eventTime)",
    "!(this.quantities.good > this.quantities.produced)",
    "this.quantities.good + this.quantities.scrap * 1e300 - this.quantities.produced < 1e308",
    "this.quantities.good / (this.quantities.scrap * 1e300) >= 0.0",
    "!has(this.quantities) || this.quantities.good - this.quantities.produced <= 0.0",
    "this.setupTime >= 0.0 || this.setupTime < 0.0",
    "!this.resources.exists(r, r.role == this.state)",
    "has(this.quantities.scrap) ? this.quantities.scrap >= 0.0 : this.state != 'running'",
    "size(this.state) > 0 && !(text(this.state) == this.substate)",
)

#: Where something is taken away, or something else put there.
PLACES = (
    "state", "substate", "complete", "eventTime", "recordTime", "setupTime", "resources",
    "interval", "interval.start", "interval.end", "quantities", "quantities.good",
    "quantities.produced", "quantities.scrap",
)  # fmt: skip

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, 1, -1, 0.5, 1e200, 1e308, 2**70, "", "closed", "2026-03-05T00:00:00Z", True, [], {}]
)


@pytest.fixture(scope="module")
def examples(checkout: Path) -> dict[str, list[Any]]:
    """The valid examples by the ``$id`` of their schema."""
    found = {}
    for entity in by_entity():
        schema = catalogue().get(entity)
        folder = checkout / "schemas" / "examples" / schema.domain / schema.slug / "valid"
        found[entity] = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    return found


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=8),
    changes=st.lists(st.tuples(st.sampled_from(PLACES), st.just(...) | ODD), max_size=4),
)
def test_what_surely_holds_holds(
    texts: list[str],
    changes: list[tuple[str, Any]],
    shapes: Shapes,
    examples: Mapping[str, list[Any]],
) -> None:
    entity = catalogue().find("job-response")
    types: dict[str, Type] = {"this": shapes.document(entity)}
    trees = [compiled(each, types, shapes) for each in texts]
    document = copy.deepcopy(max(examples[entity.id], key=lambda each: len(each)))
    document["recordTime"] = "2026-03-05T00:00:00Z"
    for place, value in changes:
        change(document, place.split("."), value)
    said = [predicate(each, ("this",))(document) for each in trees]
    # Three times, so that all of it is shared.
    if holds([((), each) for each in trees] * 3)(document):
        assert said == [True] * len(trees), document


def change(document: Any, steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        document = document.get(step) if isinstance(document, dict) else None
    if isinstance(document, dict):
        if value is ...:
            document.pop(steps[-1], None)
        else:
            document[steps[-1]] = value


def test_what_is_right_is_seen_to_be_right(
    shapes: Shapes, examples: Mapping[str, list[Any]]
) -> None:
    """Else a function that never says yes would be as safe."""
    entity = catalogue().find("job-response")
    types: dict[str, Type] = {"this": shapes.document(entity)}
    document = max(examples[entity.id], key=lambda each: len(each)) | {
        "recordTime": "2026-03-05T00:00:00Z", "substate": "x", "setupTime": 1
    }  # fmt: skip
    for text in EXPRESSIONS:
        tree = compiled(text, types, shapes)
        right = predicate(tree, ("this",))(document) is True
        assert holds([((), tree)] * 3)(document) is right, text


@pytest.mark.parametrize("entity", by_entity(), ids=lambda each: each.split("/")[-2])
def test_the_rules_of_the_standard_hold_where_each_of_them_is_kept(
    entity: str, examples: Mapping[str, list[Any]]
) -> None:
    rules = [each for each in rules_of(entity) if each.scope is Scope.RECORD]
    judges = [RecordJudge(each) for each in rules]
    hold = holds([spoken(each) for each in rules])
    assert examples[entity]
    for example in examples[entity]:
        assert hold(example)
        for document in hurt(example, 2):
            kept = not any(True for judge in judges for _ in judge.failures(document))
            if hold(document):
                assert kept, document


def spoken(rule: Rule) -> Any:
    return [(loop.name, loop.over) for loop in rule.each], rule.verdict


def hurt(value: Any, depth: int) -> Iterator[Any]:
    """The value with one thing gone or another, up to so deep; of lists only the first element."""
    if isinstance(value, list) and value and depth:
        yield []
        yield from ([each, *value[1:]] for each in hurt(value[0], depth))
    elif isinstance(value, dict):
        for name, member in value.items():
            yield {other: each for other, each in value.items() if other != name}
            if depth:
                yield from (value | {name: each} for each in hurt(member, depth - 1))
    elif isinstance(value, str):
        yield from ("", "1999-01-01T00:00:00Z", "2199-01-01T00:00:00Z", 0)
    elif isinstance(value, int | float):
        yield from (-value, value * 1e6, 0, "", value == 0)


def test_whatever_is_done_with_what_is_absent_fails() -> None:
    for done in (
        lambda: ABSENT == "a",
        lambda: ABSENT != "a",
        lambda: "a" in ["b", ABSENT],
        lambda: ABSENT in ["a", "b"],
        lambda: ABSENT in {"a": 1},
        lambda: not ABSENT,
        lambda: 1 if ABSENT else 2,
        lambda: ABSENT < 1.0,  # type: ignore[operator] # that it is none is the point
        lambda: float(ABSENT),  # type: ignore[arg-type] # as above
        lambda: ABSENT["a"],  # type: ignore[index] # as above
        lambda: list(ABSENT),  # type: ignore[call-overload] # as above
    ):
        with pytest.raises(FAILURES):
            done()
