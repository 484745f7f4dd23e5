"""Files, folders and globs: every document in them judged, in bounded memory, one after the other.

One bad line, document or file never stops the rest. Findings carry the line and column in the
user's own file.
"""

from __future__ import annotations

import glob
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mfgstd.errors import UsageError
from mfgstd.finding import Finding, Place, Severity
from mfgstd.language import Text
from mfgstd.standard.catalogue import Catalogue, catalogue
from mfgstd.validation import problems
from mfgstd.validation.document import ENVELOPE, placed, schema_of
from mfgstd.validation.engines import Engine, compile_schema
from mfgstd.validation.lines import Cut, Lines, Source, fits, opened, whole
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.reader import not_utf8, read
from mfgstd.validation.rules import record_findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mfgstd.standard.resolved import Resolved

#: What a folder is searched for.
SUFFIXES: Final = (".json", ".ndjson", ".jsonl", ".json.gz", ".ndjson.gz", ".jsonl.gz", ".parquet")

#: What `mfgstd collect` writes beside the data: accounts of it, not documents of the standard.
NOT_DOCUMENTS: Final = frozenset({"ledger.json", "rejected.ndjson"})

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How files are judged; sizes in bytes."""

    schema: Resolved | None = None
    strictness: Strictness = Strictness.STRICT
    engine: Engine = "row"
    max_line: int = 16 << 20
    max_document: int = 64 << 20
    max_findings: int = 100


@dataclass(slots=True)
class Report:
    """The account of one run, filled while it goes on.

    ``valid`` and ``invalid`` count documents by the class name of their schema; what could not be
    read far enough to know it counts below the empty name. ``rules`` counts findings; of
    ``unexplained`` invalid documents nothing more was asked, because enough had been found.
    """

    files: int = 0
    valid: Counter[str] = field(default_factory=Counter)
    invalid: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    severities: Counter[Severity] = field(default_factory=Counter)
    unexplained: int = 0
    left_out: list[str] = field(default_factory=list)

    @property
    def documents(self) -> int:
        """How many documents were judged."""
        return self.valid.total() + self.invalid.total()

    @property
    def conforms(self) -> bool:
        """Whether something was judged and nothing was wrong with it."""
        return (
            bool(self.documents)
            and not self.invalid.total()
            and not self.severities[Severity.ERROR]
        )


def find(paths: Sequence[str], report: Report) -> list[Path]:
    """The files that the user means: paths as they are, folders searched, globs expanded.

    Raises:
        UsageError: a path is not there, or a glob matches nothing.
    """
    found: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        if given == "-":
            found[path] = None
        elif path.is_dir():
            found |= dict.fromkeys(_inside(path, report))
        elif path.exists():
            found[path] = None
        elif glob.has_magic(given) and (matches := sorted(glob.glob(given, recursive=True))):  # noqa: PTH207 - Path.glob takes no absolute pattern
            for match in map(Path, matches):
                found |= dict.fromkeys(_inside(match, report) if match.is_dir() else [match])
        else:
            raise UsageError(
                Text("There is no such file or folder.", "파일이나 폴더가 없습니다."),
                place=Place(path=given),
            )
    return list(found)


def _inside(folder: Path, report: Report) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or not path.name.endswith(SUFFIXES) or not path.is_file():
            continue
        if path.name in NOT_DOCUMENTS:
            report.left_out.append(str(path))
        else:
            yield path


def check(
    paths: Iterable[Path],
    options: Options,
    report: Report,
    advance: Callable[[int], None] = lambda _amount: None,
) -> Iterator[Finding]:
    """Judge every document of the files; yields at most ``max_findings`` findings.

    ``report`` is filled on the way; ``advance`` hears of each stretch of bytes that is done.

    Raises:
        UsageError: a file cannot be opened.
    """
    run = _Run(options, report, catalogue(), advance)
    for path in paths:
        report.files += 1
        before = report.documents
        problems_before = report.rules.total()
        yield from run.file(path)
        if report.documents == before and report.rules.total() == problems_before:
            yield from run.keep([problems.empty()], str(path))
    if not report.files:
        yield from run.keep([problems.nothing_to_check(SUFFIXES)], None)


class _Run:
    def __init__(
        self,
        options: Options,
        report: Report,
        within: Catalogue,
        advance: Callable[[int], None],
    ) -> None:
        self._options = options
        self._report = report
        self._within = within
        self._advance = advance
        self._left = options.max_findings

    def keep(self, findings: Iterable[Finding], path: str | None) -> Iterator[Finding]:
        """Count all, hand on as many as the user wants to see."""
        for each in findings:
            self._report.rules[each.rule] += 1
            self._report.severities[each.severity] += 1
            if self._left > 0:
                self._left -= 1
                yield replace(each, source=replace(each.source, path=path))

    def file(self, path: Path) -> Iterator[Finding]:
        label = str(path)
        if label == "-":
            read = opened(sys.stdin.buffer, compressed=False, advance=self._advance)
            yield from self._ndjson(read, "<stdin>")
            return
        try:
            with path.open("rb") as raw:
                head = raw.read(4096) if raw.seekable() else b""
                if head:
                    raw.seek(0)
                kind, compressed = _kind(path.name, head)
                if kind == "parquet":
                    yield from self._parquet(path)
                    return
                read = opened(raw, compressed=compressed, advance=self._advance)
                if kind == "ndjson":
                    yield from self._ndjson(read, label)
                elif not self._fits(path, compressed=compressed):
                    too_large = problems.document_too_large(self._options.max_document)
                    yield from self.keep([too_large], label)
                else:
                    yield from self._json(read, label)
        except OSError as error:
            raise UsageError(
                Text(
                    f"The file cannot be read: {error.strerror or error}.",
                    f"파일을 읽을 수 없습니다: {error.strerror or error}.",
                ),
                place=Place(path=label),
            ) from error

    def _fits(self, path: Path, *, compressed: bool) -> bool:
        limit = self._options.max_document
        return fits(path, limit) if compressed else path.stat().st_size <= limit

    def _json(self, read: Source, label: str) -> Iterator[Finding]:
        try:
            data = whole(read, self._options.max_document)
        except Cut as cut:
            yield from self.keep([problems.cut(cut, None)], label)
            return
        if data is None:
            too_large = problems.document_too_large(self._options.max_document)
            yield from self.keep([too_large], label)
        elif data:
            yield from self.keep(self._text(data, 1), label)

    def _ndjson(self, read: Source, label: str) -> Iterator[Finding]:
        lines = Lines(read, self._options.max_line)
        try:
            for line in lines:
                if line.data is None:
                    too_long = problems.line_too_long(line, self._options.max_line)
                    yield from self.keep([too_long], label)
                elif line.number == 1 and line.data.startswith(_UTF16):
                    # Its lines end elsewhere: each would be one more finding of the same thing.
                    yield from self.keep([not_utf8(line.data, 0)], label)
                    return
                elif not line.data.isspace() and line.data:
                    yield from self.keep(self._text(line.data, line.number), label)
        except Cut as cut:
            yield from self.keep([problems.cut(cut, lines.number)], label)

    def _text(self, data: bytes, line: int) -> list[Finding]:
        """One document as text that begins on ``line``."""
        text = read(data)
        if not text.ok:
            self._report.invalid[""] += 1
            return placed(text.findings, data, line)
        found = self.judge(text.value)
        if not found and not text.findings:
            return found
        return placed([*text.findings, *found], data, line)

    def judge(self, value: Any, schema: Resolved | None = None) -> list[Finding]:
        """One document: counted, and explained as long as the user wants to see findings."""
        resolved = schema_of(value, self._within, schema or self._options.schema)
        if isinstance(resolved, Finding):
            self._report.invalid[""] += 1
            return [resolved]
        name = resolved.name
        if resolved.id == ENVELOPE and isinstance(value, dict):
            # What an envelope holds says more than that it is one.
            named = value.get("dataschema")
            if isinstance(named, str) and named in self._within:
                name = self._within.get(named).name
        validator = compile_schema(
            resolved, self._options.strictness, self._options.engine, within=self._within
        )
        if validator.is_valid(value):
            found = self._broken(value, resolved)
            failed = any(each.severity is Severity.ERROR for each in found)
            (self._report.invalid if failed else self._report.valid)[name] += 1
            return found
        self._report.invalid[name] += 1
        if self._left <= 0:
            self._report.unexplained += 1
            return []
        return validator.findings(value)

    def _broken(self, value: Any, resolved: Resolved) -> list[Finding]:
        """What the rules say of a document that its schema accepts."""
        if self._options.strictness is Strictness.TOLERANT:
            return []
        return record_findings(value, resolved)

    def _parquet(self, path: Path) -> Iterator[Finding]:
        from mfgstd.validation.columns import slices

        observation = self._within.find("observation")
        tolerant = self._options.strictness is Strictness.TOLERANT
        for piece in slices(path, tolerant=tolerant):
            yield from self.keep(piece.findings, str(path))
            bad_rows = {each.source.row for each in piece.findings}
            for index, document in enumerate(piece.documents):
                row = piece.first_row + index
                if row in bad_rows:
                    self._report.invalid["Observation"] += 1
                    continue
                found = self.judge(document, observation)
                if found:
                    rows = [replace(each, source=Place(row=row)) for each in found]
                    yield from self.keep(rows, str(path))
            self._advance(piece.size)


def _kind(name: str, head: bytes) -> tuple[str, bool]:
    """``json``, ``ndjson`` or ``parquet``, and whether it is compressed: by name, else by look."""
    plain = name.lower().removesuffix(".gz")
    compressed = head.startswith(b"\x1f\x8b") or name.lower().endswith(".gz")
    if plain.endswith(".parquet") or head.startswith(b"PAR1"):
        return "parquet", False
    if plain.endswith((".ndjson", ".jsonl")):
        return "ndjson", compressed
    if plain.endswith(".json"):
        return "json", compressed
    first, newline, rest = head.partition(b"\n")
    lines = newline and rest.strip() and read(first).ok
    return "ndjson" if lines or compressed or not head else "json", compressed
