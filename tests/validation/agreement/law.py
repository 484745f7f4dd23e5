"""What is to be found in one text, by the two that decide: the reader, then the referee.

Only a document in which the referee finds nothing is judged by the record rules, and only
strictly; so says ``mfgstd.validate``, and every engine has to say the same.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from mfgstd.finding import Finding
from mfgstd.standard import Resolved
from mfgstd.validation import Strictness, compile_schema
from mfgstd.validation.reader import read
from mfgstd.validation.rules import record_findings
from tests.validation.agreement.hurting import Hurt

#: Rule, severity and pointer of one finding.
Told: TypeAlias = tuple[str, str, str]

#: Stands for the value of a text that has none.
UNREADABLE: Final = object()


@dataclass(frozen=True, slots=True)
class Judged:
    """One hurt document, read and judged; ``findings`` are sorted."""

    hurt: Hurt
    value: Any
    by_schema: bool
    """Whether the schema accepts the value; what else is found is a rule's."""
    findings: tuple[Told, ...]

    @property
    def valid(self) -> bool:
        """Whether no finding is an error."""
        return all(severity != "error" for _rule, severity, _pointer in self.findings)


def told(findings: Iterable[Finding]) -> tuple[Told, ...]:
    """What engines are compared by, without sentences and in no order of theirs."""
    return tuple(sorted((each.rule, each.severity.value, each.pointer) for each in findings))


class Law:
    """Judges texts as documents of one schema.

    What says the same in another order or spelling is judged once: the referee is slow.
    """

    def __init__(self, schema: Resolved, strictness: Strictness) -> None:
        self._schema = schema
        self._strict = strictness is Strictness.STRICT
        self._referee = compile_schema(schema, strictness, "referee")
        self._known: dict[str, tuple[bool, tuple[Told, ...]]] = {}

    def judged(self, hurt: Hurt) -> Judged:
        """One text judged."""
        text = read(hurt.text)
        if not text.ok:
            return Judged(hurt, UNREADABLE, by_schema=False, findings=told(text.findings))
        # Values that are equal in Python may not be so in JSON: 1 and true.
        same = json.dumps(text.value, sort_keys=True)
        if same not in self._known:
            self._known[same] = self._found(text.value)
        by_schema, findings = self._known[same]
        return Judged(hurt, text.value, by_schema=by_schema, findings=findings)

    def _found(self, value: Any) -> tuple[bool, tuple[Told, ...]]:
        found = self._referee.findings(value)
        by_schema = not found
        if by_schema and self._strict:
            found = record_findings(value, self._schema)
        return by_schema, told(found)


def patterned(findings: Iterable[Told], known: Iterable[Told]) -> Counter[Told]:
    """Findings counted as columns do: by the pointers of ``known``, where ``*`` is any step."""
    forms = [
        (
            each,
            re.compile("/".join("[^/]*" if s == "*" else re.escape(s) for s in each[2].split("/"))),
        )
        for each in known
    ]
    counted: Counter[Told] = Counter()
    for finding in findings:
        rule, _severity, pointer = finding
        fit = (e for e, form in forms if e[0] == rule and form.fullmatch(pointer))
        counted[next(fit, finding)] += 1
    return counted
