"""What documents say against their schemas, sorted by the requirement that it concerns most.

Each document is validated once, strictly. A timestamp without an offset is a finding of the
schema too; it speaks against the requirement on timestamps, and against no other.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Finding, Place, show
from mfgstd.language import Text
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.resolved import Array, Enumeration, Map, Object, Ref, Resolved, Union
from mfgstd.standard.resolved import Text as TextNode
from mfgstd.validation.engines import compile_schema
from mfgstd.validation.reader import read
from mfgstd_conformance import canonical
from mfgstd_conformance.checks.registry import TOLD, Inconclusive, More, Outcome, check, once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd_conformance.trace import Delivery, Told, Trace

_ENVELOPE: Final = "https://w3id.org/mfgstd/envelope/cloud-event/1"
_STATE: Final = "https://w3id.org/mfgstd/equipment/equipment-state/1"
_TYPE: Final = re.compile(r"org\.mfgstd\.([a-z_]+)\.([a-z_]+)\.[a-z_]+\.v([0-9]+)")
#: URI columns and the columns of closed words in rows.
_URIS: Final = ("data_item",)
_CLOSED: Final = ("kind", "status", "time_quality")
_ABSOLUTE: Final = re.compile(r"(?:urn|https?):[^\s]+")


@dataclass(frozen=True, slots=True)
class Read:
    """Every finding on a document, by requirement, and what rules may trust.

    ``sound`` and ``enveloped`` are the documents, by their number in the trace, in which nothing
    is wrong by their own schema, and by that of the envelope.
    """

    faults: dict[str, list[Finding]]
    sound: frozenset[int]
    enveloped: frozenset[int]


@once
def read_documents(trace: Trace) -> Read:
    """All documents of all deliveries, each validated once."""
    found: dict[str, list[Finding]] = {}
    sound, enveloped = set[int](), set[int]()
    for delivery in trace.deliveries:
        for told in delivery.told:
            around = [] if told.envelope is None else list(_envelope(told))
            within = list(_data(told))
            for requirement, finding in (*around, *within):
                found.setdefault(requirement, []).append(finding)
            if not within:
                sound.add(told.n)
            if told.envelope is not None and not around:
                enveloped.add(told.n)
        for finding in _columns(delivery):
            found.setdefault("MFG-DOC-001", []).append(finding)
    return Read(found, frozenset(sound), frozenset(enveloped))


def _data(told: Told) -> Iterator[tuple[str, Finding]]:
    within = catalogue()
    if told.schema is None or told.schema not in within:
        if told.envelope is None:
            yield "MFG-DOC-001", _no_schema(told)
        return
    resolved = within.get(told.schema)
    validator = compile_schema(resolved, within=within)
    if validator.is_valid(told.data):
        return
    prefix = "/data" if told.envelope is not None else ""
    for each in validator.findings(told.data):
        concerns, rule = _concerns(each, resolved)
        yield concerns, placed(each, told, rule, prefix)


def _envelope(told: Told) -> Iterator[tuple[str, Finding]]:
    within = catalogue()
    resolved = within.get(_ENVELOPE)
    validator = compile_schema(resolved, within=within)
    envelope = told.envelope or {}
    if not validator.is_valid(envelope):
        for each in validator.findings(envelope):
            if each.pointer.startswith("/data/"):
                continue  # the document inside is judged by itself
            concerns, rule = _concerns(each, resolved)
            if concerns == "MFG-DOC-001":
                concerns, rule = "MFG-DOC-003", "envelope.malformed"
            yield concerns, placed(each, told, rule, "")
    named, kind = envelope.get("dataschema"), envelope.get("type")
    if not isinstance(named, str) or not isinstance(kind, str):
        return
    typed = _TYPE.fullmatch(kind)
    inner = told.data.get("$schema", named)
    said = typed and f"{typed[1]}/{typed[2].replace('_', '-')}/{typed[3]}"
    if named not in within or not (said and named.endswith(f"/{said}")) or inner != named:
        yield (
            "MFG-DOC-003",
            Finding(
                rule="envelope.other-schema",
                message=Text(
                    "dataschema, type and data do not name the same schema.",
                    "dataschema, type, data가 같은 스키마를 가리키지 않습니다.",
                ),
                pointer="/type",
                expected=show(named),
                found=show(kind),
                source=told.place,
            ),
        )


def _concerns(finding: Finding, resolved: Resolved) -> tuple[str, str]:
    """The requirement that a finding of the schema speaks against, and by which rule."""
    node = _node(resolved, finding.pointer)
    if isinstance(node, TextNode) and node.format == "date-time":
        return "MFG-OBS-003", "time.no-offset"
    if isinstance(node, TextNode) and node.format == "uri":
        return "MFG-IDN-001", "identity.not-absolute"
    if isinstance(node, Enumeration) and _in_state(resolved, finding.pointer):
        return "MFG-STA-001", "state.unknown-word"
    if resolved.slug == "data-item" and finding.pointer == "/unit":
        return "MFG-UNT-001", "unit.not-ucum"
    return "MFG-DOC-001", finding.rule


def _in_state(resolved: Resolved, pointer: str) -> bool:
    steps = pointer.split("/")[1:]
    return resolved.id == _STATE or (
        resolved.slug == "state-event" and steps[:1] in (["state"], ["previous"])
    )


def _node(resolved: Resolved, pointer: str) -> Any:
    """The part of a schema that a JSON Pointer into a document leads to, if it is one."""
    node: Any = _followed(resolved.node)
    for step in pointer.split("/")[1:]:
        match node:
            case Object():
                node = next((each.node for each in node if each.name == step), None)
            case Array():
                node = node.items
            case Map():
                node = node.values
            case Union():
                options = [_followed(each) for each in node.branches]
                node = next(
                    (
                        part.node
                        for option in options
                        if isinstance(option, Object)
                        for part in option
                        if part.name == step
                    ),
                    None,
                )
            case _:
                return None
        node = _followed(node)
    return node


def _followed(node: Any) -> Any:
    while isinstance(node, Ref):
        node = catalogue().get(node.id).node
    return node


def placed(finding: Finding, told: Told, rule: str, prefix: str) -> Finding:
    """A finding where the supplier can find it: under ``rule``, by file, line and own name."""
    item = told.data.get("name") or told.data.get("id")
    source = replace(told.place, item=item[:200] if isinstance(item, str) else None)
    return replace(finding, rule=rule, pointer=prefix + finding.pointer, source=source)


def _no_schema(told: Told) -> Finding:
    return Finding(
        rule="schema.undeclared" if told.schema is None else "schema.unknown",
        message=Text(
            "The document does not name a schema of this standard.",
            "문서가 이 표준의 스키마를 밝히지 않았습니다.",
        ),
        expected="the $id of a schema",
        found=show(told.schema),
        source=told.place,
    )


def _columns(delivery: Delivery) -> Iterator[Finding]:
    """Columns that were not those of the standard, and closed words that are not its words."""
    for each in delivery.of_kind("product.raw"):
        if each["reason"] == "json":
            continue
        for problem in each.get("problems") or [{"column": "", "expected": "", "found": ""}]:
            unknown = problem["expected"] == "no such column"
            yield Finding(
                rule="schema.unknown-field" if unknown else "schema.type",
                message=Text(
                    "What was delivered is neither a document nor the standard's columns.",
                    "전달된 것이 문서도 표준의 열도 아닙니다.",
                ),
                pointer=f"/{problem['column']}" if problem["column"] else "",
                expected=problem["expected"] or "a document",
                found=problem["found"] or each["reason"],
                source=Place(**each.get("place", {})),
            )
    row = catalogue().get("https://w3id.org/mfgstd/equipment/observation-row/1")
    for name in _CLOSED:
        node = _node(row, f"/{name}")
        if not isinstance(node, Enumeration):
            continue
        known = {word.value for word in node.words}
        _, words = delivery.codes(name)
        for word in sorted(each for each in words if each is not None and each not in known):
            yield Finding(
                rule="schema.enum",
                message=Text(
                    f"{show(word)} is not a word of the column {name}.",
                    f"{show(word)}은(는) {name} 열의 단어가 아닙니다.",
                ),
                pointer=f"/{name}",
                expected=", ".join(sorted(known)),
                found=show(word),
            )


def _told(trace: Trace, requirement: str) -> Iterator[Outcome]:
    found = read_documents(trace).faults.get(requirement, [])
    yield from found[: 4 * TOLD]
    if len(found) > 4 * TOLD:
        yield More(found[0].rule, len(found) - 4 * TOLD)


_NOTHING: Final = Inconclusive(Text("No document was delivered.", "전달된 문서가 없습니다."))


@check("MFG-DOC-001")
def documents_fulfil_their_schema(trace: Trace) -> Iterator[Outcome]:
    """Strictly: a field that the schema does not know is a mistake in a producer."""
    if not any(each.told or each.rows or each.of_kind("product.raw") for each in trace.deliveries):
        yield _NOTHING
    yield from _told(trace, "MFG-DOC-001")


@check("MFG-DOC-002")
def json_is_strict(trace: Trace) -> Iterator[Outcome]:
    """What could not be read is read again here, so that the finding names line and column."""
    seen = 0
    for delivery in trace.deliveries:
        seen += len(delivery.told)
        for each in delivery.of_kind("product.raw"):
            if each["reason"] != "json":
                continue
            seen += 1
            place = each.get("place", {})
            findings = read(base64.b64decode(each["base64"])).findings or (_unreadable(),)
            for finding in findings[:1]:
                inside = finding.source
                line = (place.get("line") or 1) + (inside.line or 1) - 1
                yield Finding(
                    rule=finding.rule,
                    message=finding.message,
                    expected=finding.expected,
                    found=finding.found,
                    hint=finding.hint,
                    source=Place(path=place.get("path"), line=line, column=inside.column),
                )
    if not seen:
        yield _NOTHING


def _unreadable() -> Finding:
    return Finding(
        rule="json.syntax",
        message=Text("This could not be read as JSON.", "JSON으로 읽을 수 없습니다."),
    )


@check("MFG-DOC-003")
def envelopes_are_cloud_events(trace: Trace) -> Iterator[Outcome]:
    """Asked of products that declare envelopes: then nothing travels without one."""
    if not any(each.told for each in trace.deliveries):
        yield _NOTHING
    yield from _told(trace, "MFG-DOC-003")
    for delivery in trace.deliveries:
        bare = [each for each in delivery.told if each.envelope is None]
        for told in bare[:TOLD]:
            yield Finding(
                rule="envelope.malformed",
                message=Text(
                    "The document travels without an envelope.", "봉투 없이 전송된 문서입니다."
                ),
                expected="a CloudEvents 1.0 envelope",
                found=show(told.data),
                source=told.place,
            )
        if len(bare) > TOLD:
            yield More("envelope.malformed", len(bare) - TOLD)


@check("MFG-DOC-004")
def envelope_ids_are_unique(trace: Trace) -> Iterator[Outcome]:
    """The same event may come again; another one must not have its id."""
    seen = False
    for delivery in trace.deliveries:
        known: dict[tuple[str, str], str] = {}
        for told in delivery.told:
            if told.envelope is None:
                continue
            seen = True
            key = (str(told.envelope.get("source")), str(told.envelope.get("id")))
            digest = canonical.sha256(_content(told.data))
            if known.setdefault(key, digest) != digest:
                yield Finding(
                    rule="envelope.id-reused",
                    message=Text(
                        "Two different events have the same source and id.",
                        "서로 다른 두 이벤트의 source와 id가 같습니다.",
                    ),
                    pointer="/id",
                    expected="an id of its own",
                    found=show(key[1]),
                    source=told.place,
                )
    if not seen:
        yield Inconclusive(Text("No envelope was delivered.", "전달된 봉투가 없습니다."))


def _content(data: dict[str, Any]) -> bytes:
    """What an event says, whenever it was written down."""
    told = {name: each for name, each in data.items() if name != "recordTime"}
    try:
        return canonical.encode(told)
    except ValueError:
        return repr(told).encode()


@check("MFG-IDN-001")
def identities_are_absolute(trace: Trace) -> Iterator[Outcome]:
    """In documents by their schema, in rows by the distinct names of data items."""
    if not any(each.told or each.rows for each in trace.deliveries):
        yield _NOTHING
    yield from _told(trace, "MFG-IDN-001")
    for delivery in trace.deliveries:
        for name in _URIS:
            _, words = delivery.codes(name)
            wrong = [each for each in words if each is not None and not _ABSOLUTE.fullmatch(each)]
            for word in wrong[:TOLD]:
                yield Finding(
                    rule="identity.not-absolute",
                    message=Text(
                        "An observation names its data item by something else than a URI.",
                        "관측값이 데이터 항목을 URI가 아닌 이름으로 가리킵니다.",
                    ),
                    pointer=f"/{name}",
                    expected="urn:… or https://…",
                    found=show(word),
                    source=Place(item=delivery.tag(word)),
                )
            if len(wrong) > TOLD:
                yield More("identity.not-absolute", len(wrong) - TOLD)


@check("MFG-OBS-003")
def timestamps_carry_an_offset(trace: Trace) -> Iterator[Outcome]:
    """A local time is ambiguous once a year, and wrong in the next plant."""
    if not any(each.told or each.rows for each in trace.deliveries):
        yield _NOTHING
    yield from _told(trace, "MFG-OBS-003")


@check("MFG-STA-001")
def states_use_the_words_of_the_standard(trace: Trace) -> Iterator[Outcome]:
    """Each axis has its own closed list of words."""
    if not trace.documents("state-event"):
        yield Inconclusive(Text("No state event was delivered.", "전달된 상태 이벤트가 없습니다."))
    yield from _told(trace, "MFG-STA-001")


def schema_faults(trace: Trace, requirement: str) -> Iterator[Outcome]:
    """What documents say against one requirement by their schema, for the checks of others."""
    yield from _told(trace, requirement)
