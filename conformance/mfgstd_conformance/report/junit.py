"""JUnit XML, so that any CI shows the verdicts where it shows tests.

JUnit knows four outcomes and we know seven verdicts, so that each test case carries its verdict
as a property. Only what was examined and holds is shown as passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from mfgstd_conformance.report import words
from mfgstd_conformance.verdict import Verdict

if TYPE_CHECKING:
    from mfgstd.language import Language
    from mfgstd_conformance.report.view import Problem, Row, View

#: Verdict -> element; those that are absent are shown as passed.
_ELEMENTS: Final = {
    Verdict.FAIL: "failure",
    Verdict.ERROR: "error",
    Verdict.INCONCLUSIVE: "error",
    Verdict.NOT_RUN: "error",
    Verdict.NOT_APPLICABLE: "skipped",
}

#: Element -> the attribute of a suite that counts it.
_COUNTERS: Final = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def render(view: View, language: Language) -> bytes:
    """One suite with one case per requirement. No times and no host: the same run, the same bytes.

    ``skipped`` has no text in JUnit's schema, so that the clause stands in its message.
    """
    cases = [_case(row, view, language) for row in view.rows]
    totals = {"tests": str(len(cases))}
    for element, counter in _COUNTERS.items():
        totals[counter] = str(sum(case.find(element) is not None for case in cases))
    root = ET.Element("testsuites", {"name": "mfgstd", **totals})
    suite = ET.SubElement(root, "testsuite", {"name": _name(view), **totals})
    about = {
        "overall": view.overall.value,
        "product": f"{view.name} {view.version}",
        "supplier": view.supplier,
        "suite": view.suite,
        "profile": view.profile,
        "level": view.level.value,
        **{f"sha256 {title.en}": digest for title, digest in view.digests},
    }
    _properties(suite, about)
    suite.extend(cases)
    ET.indent(root)
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _name(view: View) -> str:
    return ".".join(filter(None, ("mfgstd", (view.profile or "").split(" ")[0], view.level.value)))


def _case(row: Row, view: View, language: Language) -> ET.Element:
    name = f"{row.id} {row.title.say(language)}".strip()
    case = ET.Element("testcase", {"classname": _name(view), "name": name})
    _properties(
        case,
        {
            "requirement": row.id,
            "level": None if row.obligation is None else row.obligation.value,
            "verdict": row.verdict.value,
            "verification": "attested" if row.attested else "automated",
            "standard": row.standard,
            "clause": row.clause,
            "url": row.url,
        },
    )
    text = _body(row, language)
    element = _ELEMENTS.get(row.verdict)
    if row.attested and row.verdict is Verdict.NOT_RUN:
        # For people to decide, not for this run: CI must not turn red over a conforming product.
        element = "skipped"
    if element is None:
        ET.SubElement(case, "system-out").text = text
    elif element == "skipped":
        reason = row.attestation or row.next_step or row.why or row.verdict.text
        ET.SubElement(case, element, {"message": reason.say(language)})
    else:
        about = {"type": row.verdict.value, "message": _message(row, language)}
        ET.SubElement(case, element, about).text = text
    return case


def _properties(parent: ET.Element, values: dict[str, str | None]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        if value is not None:
            ET.SubElement(properties, "property", {"name": name, "value": value})


def _message(row: Row, language: Language) -> str:
    first = row.problems[0].message if row.problems else row.verdict.text
    return first.say(language)


def _body(row: Row, language: Language) -> str:
    lines = [row.sentence.say(language)]
    if row.standard:
        lines.append(f"[{row.standard}, {row.clause}]")
    lines += [each.say(language) for each in (row.waiver, row.attestation) if each is not None]
    for problem in row.problems:
        lines.append("")
        lines += _lines(problem, language)
    if row.count > len(row.problems):
        lines += ["", words.more(len(row.problems), row.count).say(language)]
    for name, text in (("how", row.how), ("next", row.next_step)):
        if text is not None:
            lines += ["", f"{words.PAGE[name].say(language)}: {text.say(language)}"]
    return "\n".join(lines)


def _lines(problem: Problem, language: Language) -> list[str]:
    lines = [f"- {problem.message.say(language)}"]
    for name in ("expected", "found", "place", "item", "pointer", "rule"):
        value = getattr(problem, name)
        if value is not None:
            lines.append(f"  {words.PAGE[name].say(language)}: {value}")
    if problem.hint is not None:
        lines.append(f"  {words.PAGE['next'].say(language)}: {problem.hint.say(language)}")
    return lines
