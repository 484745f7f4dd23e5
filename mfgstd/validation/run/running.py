"""What is open while a run goes on, and what is done with whatever is found.

Whoever reads a file (:mod:`mfgstd.validation.run.json_texts`, :mod:`~mfgstd.validation.run.tables`,
:mod:`~mfgstd.validation.run.columns`) hands here what the engines said of it: it is counted, told
and written down.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

import pyarrow as pa
import pyarrow.compute

from mfgstd.engine import has_no_room
from mfgstd.finding import Finding, Severity
from mfgstd.language import Text
from mfgstd.standard.catalogue import catalogue
from mfgstd.validation import problems
from mfgstd.validation.run.gathering import Gathering
from mfgstd.validation.run.judges import Judges
from mfgstd.validation.run.rows import Chunk, Judged
from mfgstd.validation.run.tables_ahead import Ahead
from mfgstd.validation.sources.paths import STDIN, size_of
from mfgstd.validation.sources.slices import damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.bulk.spark.files import OnSpark
    from mfgstd.validation.run.findings_file import FindingsFile
    from mfgstd.validation.run.options import Options
    from mfgstd.validation.run.report import Report, SourceReport

# The stubs of pyarrow reject the Python literals that its functions take.
pc: Any = pyarrow.compute

#: How much larger than its file a compressed text is thought to be.
_EXPANDS: Final = 8

#: Put into a place where only the place is asked for.
_NOTHING: Final = Finding(rule="", message=Text("", ""))


class Run:
    """What is open while a run goes on."""

    def __init__(
        self,
        options: Options,
        report: Report,
        advance: Callable[[int], None],
        stack: ExitStack,
    ) -> None:
        self.options = options
        self.report = report
        self.advance = advance
        self.within = catalogue()
        self.judges = Judges(options, stack)
        self.spark: OnSpark | None = None
        if options.engine == "spark":
            from mfgstd.validation.bulk.spark.files import OnSpark

            self.spark = OnSpark(
                options.master,
                options.judging(),
                max_line=options.max_line,
                limit=lambda: report.left,
                stack=stack,
            )
        self.ahead = Ahead(options, self.within, stack)
        self.gathering = Gathering(stack)
        self.file: FindingsFile | None = None
        if options.findings is not None:
            from mfgstd.validation.run.findings_file import FindingsFile

            self.file = stack.enter_context(FindingsFile(options.findings))

    def expect(self, paths: Sequence[Path]) -> None:
        """Hear of all the files before the first is judged: it takes much work to pay for help."""
        if self.file is not None:
            self.file.spare(paths)
        if self.spark is not None:
            self.spark.expect(paths)
        elif self.judges.columns and self.options.rules != "none":
            self.ahead.expect(paths)
        for path in paths:
            if path != STDIN and (size := size_of(path)) is not None:
                packed = path.name.lower().endswith((".gz", ".zst", ".zstd"))
                self.judges.expect(size * (_EXPANDS if packed else 1))

    def keep(
        self, findings: Iterable[Finding], path: str | None, position: int | None = None
    ) -> Iterator[Finding]:
        """Count and write down all, hand on as many as the user wants to see."""
        whole = [replace(each, source=replace(each.source, path=path)) for each in findings]
        self.report.count((each.rule, each.severity) for each in whole)
        if self.file is not None:
            self.file.explained(whole, position)
        yield from self.report.tell(whole)

    def take(
        self,
        judged: Judged,
        path: str | None,
        place: Callable[[int, Finding], Finding] = lambda _position, finding: finding,
    ) -> Iterator[Finding]:
        """What the row engine says; ``place`` puts a finding into the user's file."""
        report, file = self.report, self.file
        report.valid.update(judged.valid)
        report.invalid.update(judged.invalid)
        for noted in judged.noted:
            report.count(each[:2] for each in noted.found)
            placed = [place(noted.position, each) for each in noted.findings]
            placed = [replace(each, source=replace(each.source, path=path)) for each in placed]
            told = report.tell(placed)
            if not told and not noted.valid:
                report.unexplained += 1
            if file is not None and len(placed) == len(noted.found):
                file.explained(placed, noted.position)
            elif file is not None:
                group = place(noted.position, _NOTHING).source.row_group
                file.counted(path, noted.position, noted.found, group)
            yield from told

    def take_known(self, known: pa.Table, path: str | None, position: str = "line") -> None:
        """What a screen is sure of and nobody explains."""
        groups = known.group_by(["rule", "severity"]).aggregate([([], "count_all")])
        for rule, severity, count in zip(*(each.to_pylist() for each in groups), strict=True):
            self.report.add({(rule, severity): count})
        failed = known.filter(pc.equal(known["severity"], Severity.ERROR.value))
        self.report.unexplained += pc.count_distinct(failed[position]).as_py()
        if self.file is not None:
            self.file.table(path, known)

    def here(
        self,
        texts: Sequence[tuple[int, bytes]],
        about: SourceReport,
        *,
        schema: Resolved | None = None,
        unit: Literal["line", "row"] = "line",
        place: Callable[[int, Finding], Finding] = lambda _position, finding: finding,
        and_: Judged | None = None,
    ) -> Iterator[Finding]:
        """Judge texts in this process by the row engine; ``unit`` is what their numbers count.

        ``and_`` is what was found already in other rows of the same stretch.
        """
        chunk = Chunk(texts, limit=self.report.left, by=unit)
        judged = self.judges.rows(schema).judge(chunk)
        if and_ is not None and and_.noted:
            judged.noted = sorted([*judged.noted, *and_.noted], key=lambda each: each.position)
            judged.invalid.update(and_.invalid)
        if judged.accepted:
            given = dict(texts)
            for schema_id, numbers in judged.accepted.items():
                self.gathering.add(
                    schema_id,
                    about.path,
                    numbers,
                    [given[each] for each in numbers],
                    "line" if about.format.startswith(("csv", "json", "ndjson")) else "row",
                )
        yield from self.take(judged, about.path, place)

    def finish(self) -> Iterator[Finding]:
        """Ask the rules about several documents, once all have come."""
        try:
            said = self.gathering.finish(self.report.left)
        except Exception as error:
            if has_no_room(error):
                self.gathering.wrong = problems.no_room(error)
            elif isinstance(error, (OSError, pa.ArrowException)):
                # A table is not copied, and of some rows all columns are read only now.
                self.gathering.wrong = damaged(error)
            else:
                raise
            self.gathering.refuse(self.gathering.wrong.message)
            said = self.gathering.finish(0)
        if self.gathering.wrong is not None:
            yield from self.keep([self.gathering.wrong], None)
        if said is None:
            return
        self.report.not_judged.update(said.not_judged)
        self.report.add(said.counts)
        if self.file is not None and len(said.findings) == said.counts.total():
            for each in said.findings:
                line, row = each.source.line, each.source.row
                self.file.explained([each], line if row is None else row)
        elif self.file is not None:
            for batch in said.found():
                self.file.table(None, batch)
        yield from self.report.tell(said.findings)
