"""An assertion for the tests of whoever writes documents: it fails with what is wrong, where."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Severity, english
from mfgstd.language import counted

if TYPE_CHECKING:
    from mfgstd.finding import Finding
    from mfgstd.validation import Strictness
    from mfgstd.validation.run.report import Report

#: So many findings are told; what comes after them seldom says anything new.
TOLD: Final = 20


def assert_conforms(
    data: Any,
    schema: str | None = None,
    *,
    strictness: Strictness | str = "strict",
    together: bool = True,
) -> None:
    """Fail unless everything in ``data`` conforms to the standard; warnings do not count.

    ``data`` is one document (its value, its JSON text in ``bytes`` or a ``str`` that begins with
    a brace, or a model), an iterable of documents, a table (Arrow, Ibis), or the path of a file
    or folder. ``schema`` is what the documents are to be if they do not say so themselves.
    ``together`` asks the rules about several documents, too.

    Raises:
        AssertionError: it does not conform; its text lists the findings with their places.
        UnknownSchema: ``schema`` is none.
        UsageError: there is no such file.
    """
    __tracebackhide__ = True  # pytest then points at the caller's line
    report = _report(data, schema, strictness, together=together)
    if not report.conforms:
        raise AssertionError(explain(report))


def _report(
    data: Any, schema: str | None, strictness: Strictness | str, *, together: bool
) -> Report:
    from mfgstd.validation.run.over_documents import validate_many
    from mfgstd.validation.run.over_table import validate_table

    if hasattr(data, "model_dump"):
        schema = schema or getattr(type(data), "schema_id", None)
        data = data.to_json()
    json_text = isinstance(data, str) and data.lstrip().startswith("{")
    if isinstance(data, (bytes, Mapping)) or json_text:
        data = [data]
    is_table = hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")
    if is_table or isinstance(data, (str, os.PathLike)):
        return validate_table(
            data, schema=schema, strictness=strictness, together=together, limit=TOLD
        )
    if not isinstance(data, Iterable):
        raise TypeError(f"neither documents nor a table nor a path: {type(data).__name__}")
    models = (each.to_json() if hasattr(each, "model_dump") else each for each in data)
    return validate_many(
        models, schema=schema, strictness=strictness, together=together, limit=TOLD
    )


def explain(report: Report) -> str:
    """What is wrong, in English, a paragraph for each finding that is told."""
    errors = [each for each in report.findings if each.severity is Severity.ERROR]
    number = report.severities[Severity.ERROR]
    if not report.documents and not number:
        return "there is no document"
    told = [_paragraph(each, report) for each in errors]
    if number > len(told):
        by_rule = ", ".join(f"{rule} {count}" for rule, count in report.rules.most_common())
        told.append(f"... and {number - len(told)} more; all by rule: {by_rule}")
    invalid = f"{report.invalid.total()} of {counted(report.documents, 'document')} invalid"
    return "\n".join([f"{invalid}, {counted(number, 'error')}", *told])


def _paragraph(each: Finding, report: Report) -> str:
    source, place = each.source, ""
    if source.path is None and report.sources and report.sources[0].format == "documents":
        # Rows are of tables; here they count documents, of which there may be only one.
        place = f"document {source.row}" if report.documents > 1 else ""
        source = replace(source, row=None)
    where = " ".join(filter(None, (place, str(source), each.pointer)))
    lines = [f"{where or 'the document'}: {each.message.en} [{each.rule}]"]
    if each.expected is not None:
        lines.append(f"    expected {english(each.expected)}")
    if each.found is not None:
        lines.append(f"    found {english(each.found)}")
    if each.hint is not None:
        lines.append(f"    {each.hint.en}")
    return "\n".join(lines)
