"""One document: which schema it says it has, what is wrong with it, and its model.

``validate`` and ``parse`` are the two calls most programs need; bad data never raises.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Finding, Place, Severity, quote, show
from mfgstd.language import Text
from mfgstd.near import nearest
from mfgstd.standard.catalogue import Catalogue, catalogue
from mfgstd.validation.engines import Engine, compile_schema
from mfgstd.validation.location import locate, position
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.pruning import prune
from mfgstd.validation.reader import read
from mfgstd.validation.rules import record_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mfgstd.models import Document
    from mfgstd.standard.resolved import Resolved

ENVELOPE: Final = "https://w3id.org/mfgstd/envelope/cloud-event/1"

#: Rules whose finding is about the name of a member, not its value.
_ABOUT_KEYS: Final = frozenset({"schema.unknown-field", "schema.key"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document as a model, or why it is none; ``raw`` is what was read, if JSON could be."""

    model: Document | None
    findings: tuple[Finding, ...]
    raw: Any

    @property
    def conforms(self) -> bool:
        """Whether nothing was found that makes the data non-conforming."""
        return all(each.severity is not Severity.ERROR for each in self.findings)


def validate(
    document: Mapping[str, Any] | bytes | str,
    *,
    schema: str | None = None,
    strictness: Strictness | str = Strictness.STRICT,
    engine: Engine = "row",
) -> list[Finding]:
    """Everything that is wrong with one document; an empty list if it conforms.

    The schema is ``schema`` (an ``$id``, a class name or a slug), else the one that the document
    names in ``$schema``, else the envelope if it has a ``specversion``. From text, findings carry
    line and column.

    Raises:
        UnknownSchema: the caller's ``schema`` is none.
    """
    _value, findings, _schema = _judge(document, schema, Strictness(strictness), engine)
    return findings


def parse(
    document: Mapping[str, Any] | bytes | str,
    *,
    schema: str | None = None,
    strictness: Strictness | str = Strictness.STRICT,
) -> Parsed:
    """One document as its typed model; without one if there is an error in it.

    Tolerant: fields that the schema does not know are ignored, and stay in ``raw``.

    Raises:
        UnknownSchema: the caller's ``schema`` is none.
    """
    strictness = Strictness(strictness)
    value, findings, resolved = _judge(document, schema, strictness, "row")
    if resolved is None or any(each.severity is Severity.ERROR for each in findings):
        return Parsed(None, tuple(findings), value)
    model, refusal = _model(value, resolved, strictness)
    return Parsed(model, (*findings, *refusal), value)


def schema_of(value: Any, within: Catalogue, schema: Resolved | None = None) -> Resolved | Finding:
    """The schema that a document is to be judged by, or the finding that it names none."""
    if not isinstance(value, dict):
        if schema is not None:
            return schema
        return Finding(
            rule="schema.type",
            message=Text("A document is a JSON object.", "문서는 JSON 객체여야 합니다."),
            expected="object",
            found=quote(value),
            hint=Text(
                "Many documents go into one file as NDJSON: one on each line.",
                "여러 문서는 한 줄에 하나씩 NDJSON 파일로 적습니다.",
            ),
        )
    named = value.get("$schema")
    if schema is not None:
        if isinstance(named, str) and named != schema.id and named in within:
            return _mismatch(named, schema)
        return schema
    if named is None:
        if "specversion" in value and ENVELOPE in within:
            return within.get(ENVELOPE)
        return _undeclared(value)
    if isinstance(named, str) and named in within and within.get(named).is_entity:
        return within.get(named)
    known = [each.id for each in within if each.is_entity]
    return Finding(
        rule="schema.unknown",
        message=Text(
            "The document names a schema that is not one of a document of this standard.",
            "문서가 가리키는 스키마는 이 표준의 문서 스키마가 아닙니다.",
        ),
        pointer="/$schema",
        expected=Text("the $id of a document's schema", "문서 스키마의 $id"),
        found=show(named),
        hint=nearest(str(named)[:201], known)
        or Text(
            "`mfgstd schema list` names the schemas.",
            "`mfgstd schema list`로 스키마 목록을 볼 수 있습니다.",
        ),
    )


def placed(findings: Iterable[Finding], data: bytes, first_line: int = 1) -> list[Finding]:
    """The findings with the line and column at which their pointers stand in ``data``.

    ``data`` is a valid JSON text that begins on line ``first_line`` of the user's file.
    """
    findings = list(findings)
    spans = locate(data, {each.pointer for each in findings if each.source.line is None})
    located = []
    for each in findings:
        if each.source.line is not None:
            source = replace(each.source, line=each.source.line + first_line - 1)
        elif span := spans.get(each.pointer):
            about_key = each.rule in _ABOUT_KEYS and span.key is not None
            where = position(data, span.key if about_key and span.key is not None else span.value)
            source = replace(
                each.source, line=where["line"] + first_line - 1, column=where["column"]
            )
        else:
            source = replace(each.source, line=first_line)
        located.append(replace(each, source=source))
    # In the order in which a person reads the file; the one that says "and more" stays last.
    located.sort(key=_reading_order)
    return located


def _reading_order(each: Finding) -> tuple[bool, int, int]:
    return (each.rule == "schema.more", each.source.line or 0, each.source.column or 0)


def _judge(
    document: Mapping[str, Any] | bytes | str,
    schema: str | None,
    strictness: Strictness,
    engine: Engine,
) -> tuple[Any, list[Finding], Resolved | None]:
    within = catalogue()
    asked = None if schema is None else within.find(schema)
    findings: list[Finding] = []
    data: bytes | None = None
    if isinstance(document, bytes | str):
        # A lone surrogate in a str has no UTF-8 form; the reader then says where.
        data = (
            document if isinstance(document, bytes) else document.encode("utf-8", "surrogatepass")
        )
        text = read(data)
        findings.extend(text.findings)
        if not text.ok:
            return None, findings, None
        value = text.value
    else:
        value = document if isinstance(document, dict) else dict(document)
        if alien := not_json(value):
            return value, [alien], None
    named = schema_of(value, within, asked)
    if isinstance(named, Finding):
        found, resolved = [named], None
    else:
        resolved = named
        found = compile_schema(resolved, strictness, engine, within=within).findings(value)
        # Rules may trust what the schema has said; a consumer is not held to them.
        if not found and strictness is Strictness.STRICT:
            found = record_findings(value, resolved)
    findings.extend(placed(found, data) if data is not None and found else found)
    return value, findings, resolved


def _undeclared(value: Mapping[str, Any]) -> Finding:
    return Finding(
        rule="schema.undeclared",
        message=Text(
            "The document does not say which schema it has.",
            "문서에 어떤 스키마를 따르는지 적혀 있지 않습니다.",
        ),
        expected=Text(
            "`$schema`, or an envelope with `specversion`",
            "`$schema` 또는 `specversion`이 있는 봉투",
        ),
        found=quote(dict(value)),
        hint=Text(
            "Name one in the document as `$schema`, or on the command line with --schema.",
            "문서의 `$schema`에 적거나 명령줄에서 --schema로 지정하십시오.",
        ),
    )


def _mismatch(named: str, schema: Resolved) -> Finding:
    return Finding(
        rule="schema.mismatch",
        message=Text(
            "The document names another schema than the one it is to be judged by.",
            "문서에 적힌 스키마가 검사에 쓰도록 지정한 스키마와 다릅니다.",
        ),
        pointer="/$schema",
        expected=schema.id,
        found=show(named),
    )


def not_json(value: Any) -> Finding | None:
    """The first part of a Python value that no JSON text could hold; without recursion."""
    waiting: list[tuple[str, Any, int]] = [("", value, 0)]
    while waiting:
        pointer, each, depth = waiting.pop()
        match each:
            case float() if not math.isfinite(each):
                return _alien("json.nan", pointer, each)
            case str():
                if not each.isascii() and not _encodable(each):
                    return _alien("json.utf8", pointer, "a lone surrogate")
            case None | bool() | int() | float():
                pass
            case dict() | list() if depth >= 200:
                return _alien("json.depth", pointer, each)
            case dict():
                for name, member in each.items():
                    if not isinstance(name, str) or not _encodable(name):
                        return _alien("json.type", pointer, f"the key {name!r}"[:100])
                    waiting.append((f"{pointer}/{name}", member, depth + 1))
            case list():
                waiting.extend((f"{pointer}/{i}", item, depth + 1) for i, item in enumerate(each))
            case _:
                return _alien("json.type", pointer, f"a Python {type(each).__name__}")
    return None


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _alien(rule: str, pointer: str, value: Any) -> Finding:
    return Finding(
        rule=rule,
        message=Text("No JSON text can hold this value.", "JSON으로 나타낼 수 없는 값입니다."),
        pointer=pointer,
        expected=Text(
            "a JSON value, nested at most 200 levels deep", "200단계 이하로 중첩된 JSON 값"
        ),
        found=value if isinstance(value, str) else quote(value),
    )


def _model(
    value: Any, resolved: Resolved, strictness: Strictness
) -> tuple[Document | None, list[Finding]]:
    from pydantic import ValidationError

    import mfgstd.models

    if strictness is Strictness.TOLERANT:
        value = prune(value, resolved, catalogue())
    if resolved.id not in catalogue().newest:
        # Only the newest majors have classes; an older document is migrated first.
        return None, []
    kind = getattr(mfgstd.models, resolved.name)
    try:
        model: Document = kind.model_validate(value, context=str(strictness))
    except ValidationError as error:
        return None, [_refused(each) for each in error.errors(include_url=False)[:10]]
    return model, []


def _refused(error: Any) -> Finding:
    return Finding(
        rule="model.disagreement",
        message=Text(
            f"The schema accepts this and the model does not: {error['msg']}.",
            f"스키마는 허용하지만 모델이 거부했습니다: {error['msg']}.",
        ),
        pointer="".join(f"/{step}" for step in error["loc"]),
        found=quote(error.get("input")),
        hint=Text(
            "This is a defect of mfgstd: please report it with the document.",
            "mfgstd의 결함입니다. 문서를 첨부하여 알려 주십시오.",
        ),
        source=Place(),
    )
