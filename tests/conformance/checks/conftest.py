"""Small traces, written as drivers write them, in which one thing at a time is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mfgstd.finding import Finding
from mfgstd.observations import SCHEMA, assemble
from mfgstd_conformance.checks import Inapplicable, Inconclusive, More, checks_of
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.trace import Trace, TraceWriter

BASE = "https://plant.example/"
SECOND = 1_000_000_000
START = 1_767_571_200 * SECOND
ID = "https://w3id.org/mfgstd/equipment"

MACHINE = {"id": BASE + "m1", "level": "work_unit", "description": {"ko": "1호기"}}
ITEMS = (
    {"name": "Xpos", "category": "sample", "valueType": "number", "unit": "mm"},
    {"name": "parts", "category": "event", "valueType": "integer"},
    {"name": "program", "category": "event", "valueType": "text"},
)


def item(name: str, **changes: Any) -> dict[str, Any]:
    known = next((each for each in ITEMS if each["name"] == name), {"name": name})
    base = {"id": BASE + name, "equipment": {"id": BASE + "m1"}, "type": "position"}
    return {**base, **known, **changes}


def row(name: str, at: int, value: Any, **changes: Any) -> dict[str, Any]:
    """One observation as column -> value; ``at`` in seconds after the start."""
    kinds: dict[type, str] = {float: "number", int: "integer", str: "text", type(None): "none"}
    kind = kinds[type(value)]
    filled: dict[str, Any] = {
        "data_item": BASE + name,
        "at": START + at * SECOND,
        "kind": kind,
        "status": "bad" if value is None else "good",
        "source": "urn:example:source",
        "unit": "mm" if kind == "number" else None,
        "time_quality": "synchronized",
        "record_time": (START + at * SECOND) // 1000,
    }
    if value is None:
        filled |= {"reason": "no_communication", "native_value": "UNAVAILABLE"}
    else:
        filled[kind] = value
    return filled | changes


def columns(rows: Sequence[dict[str, Any]]) -> pa.RecordBatch:
    names = [each.name for each in SCHEMA if each.name not in {"event_time", "event_time_ns"}]
    batch = assemble(
        np.array([each["at"] for each in rows], np.int64),
        {
            name: pa.array([each.get(name) for each in rows], SCHEMA.field(name).type)
            for name in names
            if name != "event_id"
        },
    )
    given = [each.get("event_id") for each in rows]
    if any(given):
        own = batch["event_id"].to_pylist()
        ids = pa.array([mine or other for mine, other in zip(given, own, strict=True)])
        batch = batch.set_column(batch.num_columns - 1, SCHEMA.field("event_id"), ids)
    return batch


Traces = Callable[..., Trace]


@pytest.fixture
def traces(tmp_path: Path, plan: Plan) -> Traces:
    """Write a trace of one delivery: documents, rows, and what else a test asks for."""

    def build(
        *,
        rows: Sequence[dict[str, Any]] = (),
        documents: Sequence[tuple[str, dict[str, Any]]] = (),
        master: bool = True,
        raw: Sequence[bytes] = (),
        ledger: dict[str, Any] | None = None,
        ended: tuple[str, float] | None = ("asked", 0.2),
        declared: Sequence[str] = (),
        again: Sequence[dict[str, Any]] | None = None,
        wire: str = "shdr",
        then: Callable[[TraceWriter], None] = lambda _: None,
    ) -> Trace:
        folder = tmp_path / f"trace-{len(list(tmp_path.iterdir()))}"
        seed = plan.draw_seed()
        with TraceWriter(folder, plan=plan, seed=seed) as writer:
            writer.event("product", "product.capabilities", None, declared=list(declared))
            told = [("equipment", MACHINE), *(("data-item", item(i["name"])) for i in ITEMS)]
            for name, given in (("s", rows), ("s-again", again)):
                if given is None:
                    continue
                role = "again" if name.endswith("again") else "live"
                writer.event("driver", "session.started", name, wire=wire, role=role, driver="test")
                for slug, document in [*(told if master else ()), *documents]:
                    data = json.dumps(document, ensure_ascii=False).encode()
                    writer.document(name, data, schema=f"{ID}/{slug}/1")
                for data in raw:
                    writer.document(name, data)
                if given:
                    writer.observations(name, columns(given))
                then(writer)
                if ledger is not None:
                    writer.event("product", "product.ledger", name, ledger=ledger)
                if ended is not None:
                    how, seconds = ended
                    writer.event("product", "product.ended", name, how=how, seconds=seconds)
        return Trace.open(folder)

    return build


Judge = Callable[[str, Trace], list[str]]


@pytest.fixture
def judged() -> Judge:
    """The rules that the check of a requirement finds in a trace.

    ``?`` where it cannot tell, ``-`` where nothing was delivered that it concerns.
    """

    def rules(requirement: str, trace: Trace) -> list[str]:
        (check,) = checks_of(requirement)
        signs = {Inconclusive: "?", Inapplicable: "-"}
        return sorted(
            each.rule if isinstance(each, Finding) else signs[type(each)]
            for each in check.run(trace)
            if not isinstance(each, More)
        )

    return rules


@pytest.fixture
def say() -> Callable[..., Callable[[TraceWriter], None]]:
    """Let the source report something on the wire of the delivery, with its truth."""

    def build(*reports: dict[str, Any]) -> Callable[[TraceWriter], None]:
        def then(writer: TraceWriter) -> None:
            for each in reports:
                writer.event("peer", "stimulus.reported", None, **each)

        return then

    return build


@pytest.fixture
def reported() -> Callable[..., dict[str, Any]]:
    """One report as an event holds it."""

    def build(name: str, at: int, value: Any, **changes: Any) -> dict[str, Any]:
        expected: dict[str, Any] = {"kind": "none", "status": "bad"}
        match value:
            case float():
                expected = {"kind": "number", "status": "good", "unit": "mm"}
                expected["value"] = {"number": value}
            case int():
                expected = {"kind": "integer", "status": "good"}
                expected["value"] = {"integer": str(value)}
            case str():
                expected = {"kind": "text", "status": "good", "value": {"text": value}}
        event: dict[str, Any] = {
            "sessions": ["s"],
            "device": "m1",
            "item": "i_" + name,
            "name": name,
            "category": "sample" if isinstance(value, float) else "event",
            "representation": "value",
            "time": f"2026-01-05T00:00:{at:02d}.000000000Z",
            "native": {"value": str(value)},
            "converted": [],
            "expected": expected,
        }
        return event | changes

    return build


@pytest.fixture
def rows() -> Callable[..., dict[str, Any]]:
    return row


@pytest.fixture
def items() -> Callable[..., dict[str, Any]]:
    return item
