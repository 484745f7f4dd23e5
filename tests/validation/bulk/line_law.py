"""Lines of observations, and what the law says of lines, to hold a screen to it line by line."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from mfgstd.finding import Finding
from mfgstd.standard import Resolved, catalogue
from mfgstd.validation.bulk.lines.screens import Screened
from mfgstd.validation.document import schema_of
from mfgstd.validation.engines import compile_schema
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.reader import read
from mfgstd.validation.rules import record_findings

Found = Counter[tuple[str, str, str]]

OBSERVATION = catalogue().find("observation")
READING = catalogue().find("counter-reading")


def observation(number: int = 0, **others: Any) -> dict[str, Any]:
    return {
        "$schema": OBSERVATION.id,
        "dataItem": f"https://plant.example.co.kr/line-2/{number % 3}",
        "eventTime": f"2026-03-01T09:{number % 60:02}:00.25+09:00",
        "quality": {"status": "good"},
        "value": {"number": number + 0.5},
        "unit": "mm",
        "source": "urn:example:agent",
        "sequence": number,
        **others,
    }


def line(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def chunk(*lines: bytes) -> bytes:
    return b"".join(each + b"\n" for each in lines)


CLEAN = [line(observation(number)) for number in range(40)]


def law(text: bytes, schema: Resolved | None, strictness: Strictness) -> tuple[str, Found] | None:
    """What referee and record rules say of one line; ``None`` if it is none of a document."""
    value, ok, warnings = read(text)
    kind = schema_of(value, catalogue(), schema) if ok else None
    if warnings or kind is None or isinstance(kind, Finding):
        return None
    found = compile_schema(kind, strictness, "referee").findings(value)
    if not found and strictness is Strictness.STRICT:
        found = record_findings(value, kind)
    return kind.id, Counter((each.rule, each.severity.value, each.pointer) for each in found)


def said(told: Screened) -> dict[int, Found]:
    found: dict[int, Found] = {}
    for each in told.known.to_pylist() if told.known else ():
        of_line = found.setdefault(each["line"], Counter())
        of_line[each["rule"], each["severity"], each["pointer"]] += 1
    return found


def agrees(
    data: bytes,
    told: Screened,
    first_line: int = 1,
    schema: Resolved | None = None,
    strictness: Strictness = Strictness.STRICT,
) -> None:
    """Compare what a screen is sure of, line by line, with the law."""
    texts = dict(enumerate(data.split(b"\n"), first_line))
    texts = {number: each for number, each in texts.items() if each.strip()}
    assert told.lines == len(texts)
    suspects = dict(told.suspects)
    known = said(told)
    passed, failed = Counter[str](), Counter[str]()
    for number, text in texts.items():
        if number in suspects:
            assert suspects[number] == text
            assert number not in known
            continue
        judged = law(text, schema, strictness)
        assert judged is not None, text
        kind, found = judged
        assert known.get(number, Counter()) == found, text
        errors = any(severity == "error" for _, severity, _ in found)
        (failed if errors else passed)[kind] += 1
    assert told.passed == passed
    assert told.failed == failed
