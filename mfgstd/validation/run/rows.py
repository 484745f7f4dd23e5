"""Documents judged one after the other: a verdict and a tally for all, sentences for a few.

Nearly all documents are right, so the way of a right one is short: parse, look up its kind, ask
the compiled schema and the rules. Some go that way together, step by step, for a processor is
quicker at one thing many times. What leaves that way anywhere is judged again, thoroughly.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from mfgstd.finding import Finding, Place, Severity
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation.document import ENVELOPE, not_json, placed, schema_of
from mfgstd.validation.engines import Engine, compile_schema
from mfgstd.validation.engines.tally import DISAGREEMENT, Tallied, rules_tally, schema_tally
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.reader import all_certain, certain, exact, glance, read
from mfgstd.validation.rules import record_findings
from mfgstd.validation.rules.together import entities_together
from mfgstd.validation.run.quick_pass import Kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mfgstd.standard.resolved import Resolved

#: What a document is numbered by.
By: TypeAlias = Literal["line", "row"]

#: A text was not read, or not successfully.
UNREAD: Final = object()

#: A text that nobody need try to read the quick way.
DOUBTFUL: Final = object()

#: How many texts go the short way together, and how many bytes of them: parsed they are more.
_TOGETHER: Final = 8
_BYTES: Final = 1 << 17

#: How many names of how many characters are remembered as unknown.
_NAMES: Final = 64
_NAME: Final = 300

_ERROR: Final = Severity.ERROR.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """How documents are judged; small enough to be sent to a worker process.

    ``schema`` is the ``$id`` of the one schema asked for, else each document names its own.
    ``rules``: whether those of the scope *record* are asked, too. ``shelve``: whether documents
    that the rules of several documents look at are to be told (:attr:`Judged.accepted`).
    """

    schema: str | None = None
    strictness: Strictness = Strictness.STRICT
    engine: Engine = "row"
    rules: bool = True
    shelve: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """Documents as text, to be judged together.

    ``data`` is whole lines, of which the first has the number ``first``; or texts, each with its
    own number. Up to ``limit`` findings are explained. ``by`` says what the numbers are: the
    lines, from 1, of a text, or the rows, from 0, of a table or list.
    """

    data: bytes | Sequence[tuple[int, bytes]]
    first: int = 1
    limit: int = 0
    by: By = "line"

    def texts(self) -> Iterable[tuple[int, bytes]]:
        """Each line or text with its number, blank ones too."""
        if isinstance(self.data, bytes):
            return enumerate(self.data.split(b"\n"), self.first)
        return self.data

    def groups(self) -> Iterator[tuple[Sequence[int], list[bytes]]]:
        """The same, some at a time, without what follows a last end of line."""
        if isinstance(self.data, bytes):
            texts = self.data.split(b"\n")
            if not texts[-1]:
                texts.pop()
            numbers: Sequence[int] = range(self.first, self.first + len(texts))
        else:
            numbers = [number for number, _ in self.data]
            texts = [text for _, text in self.data]
        for at in range(0, len(texts), _TOGETHER):
            yield numbers[at : at + _TOGETHER], texts[at : at + _TOGETHER]


class Noted(NamedTuple):
    """One document with something found in it.

    ``valid`` is true where none of that is an error. ``kind`` is the class name of its schema,
    empty where that is not known. ``findings`` are there for those that are explained.
    """

    position: int
    kind: str
    valid: bool
    found: tuple[Tallied, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Judged:
    """What came out of one chunk.

    ``valid`` and ``invalid`` count documents by the class name of their schema. ``noted`` holds
    each one in which anything was found, in the order of the chunk. ``accepted`` has the numbers
    of the documents that their schema accepts, below its ``$id``, of those kinds that rules about
    several documents look at; an envelope counts as such, whatever it carries.
    """

    valid: Counter[str] = field(default_factory=Counter)
    invalid: Counter[str] = field(default_factory=Counter)
    noted: list[Noted] = field(default_factory=list)
    accepted: dict[str, array[int]] = field(default_factory=dict)

    @property
    def documents(self) -> int:
        """How many documents there were."""
        return self.valid.total() + self.invalid.total()

    def accept(self, schema_id: str, numbers: Iterable[int]) -> None:
        """Remember documents that their schema accepts."""
        self.accepted.setdefault(schema_id, array("q")).extend(numbers)

    def note(
        self, number: int, kind: str, found: Sequence[Tallied], told: Iterable[Finding] = ()
    ) -> None:
        """Count a document, and keep it if anything was found in it."""
        if not found:
            self.valid[kind] += 1
            return
        valid = all(severity != _ERROR for _, severity, _ in found)
        (self.valid if valid else self.invalid)[kind] += 1
        self.noted.append(Noted(number, kind, valid, tuple(found), tuple(told)))

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """How many findings there are, by rule and severity."""
        return Counter(each[:2] for noted in self.noted for each in noted.found)


class Rows:
    """Judges documents of any kind, one after the other, in this process."""

    def __init__(self, how: Judging) -> None:
        self._how = how
        rules = how.rules and how.strictness is Strictness.STRICT
        self._thorough = Thorough(how, rules=rules)
        self._kinds = Kinds(how.schema, how.strictness, how.engine, rules=rules)

    def judge(self, chunk: Chunk) -> Judged:
        """All documents of a chunk; a blank line is none."""
        judged = Judged()
        left = chunk.limit
        hopeless = False
        for numbers, texts in chunk.groups():
            before = self._thorough.unreadable
            values = repeat(DOUBTFUL) if hopeless else self._together(numbers, texts, judged)
            for number, text, value in zip(numbers, texts, values, strict=False):
                left -= self._apart(number, text, value, chunk.by, left, judged)
            # Where nothing is JSON, the next text is none either.
            hopeless = self._thorough.unreadable - before == len(texts)
        for kind in self._kinds.values():
            if kind.passed:
                judged.valid[kind.name] += kind.passed
                kind.passed = 0
        return judged

    def _together(
        self, numbers: Sequence[int], texts: list[bytes], judged: Judged
    ) -> Iterable[Any]:
        """Some texts; where they are not all right, what is known of each of their values."""
        if sum(map(len, texts)) > _BYTES:
            return repeat(UNREAD)
        try:
            values = all_certain(texts)
            kind = self._kinds[values[0]["$schema"]]
        except (ValueError, LookupError, TypeError):
            return repeat(UNREAD)
        if not kind.all_pass(values):
            return values
        kind.passed += len(values)
        if self._how.shelve and kind.wanted:
            judged.accept(kind.id, numbers)
        return ()

    def _apart(
        self, number: int, text: bytes, value: Any, by: By, limit: int, judged: Judged
    ) -> int:
        """One text, whose value may be known; how many findings were explained."""
        if value is DOUBTFUL:
            if text and not text.isspace():
                return self._thorough.text(number, text, by, limit, judged)
            return 0
        try:
            if value is UNREAD:
                value = certain(text)
            kind = self._kinds[value["$schema"]]
            passed = kind.passes(value)
        except (ValueError, LookupError, TypeError):
            if not text or text.isspace():
                return 0
            passed = False
        if not passed:
            return self._thorough.text(number, text, by, limit, judged, value)
        kind.passed += 1
        if self._how.shelve and kind.wanted:
            judged.accept(kind.id, (number,))
        return 0

    def values(self, documents: Iterable[tuple[int, Any]], limit: int = 0) -> Judged:
        """Documents that lie in no text, each with its row; Python values of any kind."""
        judged = Judged()
        for row, document in documents:
            limit -= self._thorough.value(row, document, limit, judged)
        return judged


@dataclass(slots=True)
class Verdict:
    """What was made out about one document.

    ``accepted`` is the ``$id`` of its schema if that accepts it, ``carried`` that of what an
    envelope holds. ``told`` are the sentences to what was ``found``, where they were asked for.
    """

    kind: str
    accepted: str | None = None
    found: list[Tallied] = field(default_factory=list)
    told: list[Finding] = field(default_factory=list)
    carried: str | None = None


class Thorough:
    """Judges one document with everything there is, and explains it if that is wanted."""

    def __init__(self, how: Judging, *, rules: bool) -> None:
        self._how = how
        self._rules = rules
        self._within = catalogue()
        self._asked = None if how.schema is None else self._within.get(how.schema)
        self._unknown: dict[str, Finding] = {}
        #: How many texts had no value, of those not explained.
        self.unreadable = 0

    def text(
        self, number: int, data: bytes, by: By, limit: int, judged: Judged, value: Any = UNREAD
    ) -> int:
        """One document as text; how many findings were explained.

        ``value`` is what :func:`certain` read, if it did: good enough for a document with nothing
        wrong, and for a tally where it says exactly what the text does.
        """
        if value is not UNREAD:
            verdict = self._judge(value, explain=False)
            if not verdict.found or (limit <= 0 and exact(value, data)):
                self._close(number, verdict, (), judged)
                return 0
        if limit <= 0:
            seen = glance(data)
            self.unreadable += not seen.ok
            verdict = self._judge(seen.value, explain=False) if seen.ok else Verdict("")
            verdict.found[:0] = [(rule, severity, "") for rule, severity in seen.found]
            self._close(number, verdict, (), judged)
            return 0
        text = read(data)
        verdict = self._judge(text.value, explain=True) if text.ok else Verdict("")
        verdict.found[:0] = map(_tallied, text.findings)
        told: list[Finding] = []
        if verdict.found:
            told = placed([*text.findings, *verdict.told], data, number if by == "line" else 1)
            if by == "row":
                told = [replace(each, source=replace(each.source, row=number)) for each in told]
        self._close(number, verdict, told, judged)
        return len(told)

    def value(self, row: int, document: Any, limit: int, judged: Judged) -> int:
        """One document as Python values; how many findings were explained."""
        if alien := not_json(document):
            verdict = Verdict("", None, [_tallied(alien)], [alien])
        else:
            verdict = self._judge(document, explain=limit > 0)
        told = [replace(each, source=Place(row=row)) for each in verdict.told if limit > 0]
        self._close(row, verdict, told, judged)
        return len(told)

    def _close(
        self, number: int, verdict: Verdict, told: Sequence[Finding], judged: Judged
    ) -> None:
        if verdict.accepted is not None and self._how.shelve:
            named = {verdict.accepted, verdict.carried}
            if not named.isdisjoint(entities_together()):
                judged.accept(verdict.accepted, (number,))
        judged.note(number, verdict.kind, verdict.found, told)

    def _judge(self, value: Any, *, explain: bool) -> Verdict:
        resolved = self._schema(value, explain=explain)
        if isinstance(resolved, Finding):
            return Verdict("", None, [_tallied(resolved)], [resolved])
        kind, carried = resolved.name, None
        if resolved.id == ENVELOPE and isinstance(value, dict):
            # What an envelope holds says more than that it is one.
            carried = value.get("dataschema")
            if isinstance(carried, str) and carried in self._within:
                kind = self._within.get(carried).name
        how = self._how
        validator = compile_schema(resolved, how.strictness, how.engine, within=self._within)
        if not validator.is_valid(value):
            if explain or how.engine == "referee":
                told = validator.findings(value)
                return Verdict(kind, None, [_tallied(each) for each in told], told)
            found = schema_tally(value, resolved, how.strictness, self._within)
            return Verdict(kind, None, found or [DISAGREEMENT])
        verdict = Verdict(kind, resolved.id, carried=carried)
        if self._rules and explain:
            verdict.told = record_findings(value, resolved)
            verdict.found = [_tallied(each) for each in verdict.told]
        elif self._rules:
            verdict.found = rules_tally(value, resolved)
        return verdict

    def _schema(self, value: Any, *, explain: bool) -> Resolved | Finding:
        # Advice on a name that nobody knows takes long, and a whole file may have the same.
        named = value.get("$schema") if isinstance(value, dict) else None
        if not explain and isinstance(named, str) and named in self._unknown:
            return self._unknown[named]
        resolved = schema_of(value, self._within, self._asked)
        if (
            isinstance(resolved, Finding)
            and isinstance(named, str)
            and len(named) < _NAME
            and len(self._unknown) < _NAMES
        ):
            self._unknown[named] = resolved
        return resolved


def _tallied(each: Finding) -> Tallied:
    return (each.rule, each.severity.value, each.pointer)
