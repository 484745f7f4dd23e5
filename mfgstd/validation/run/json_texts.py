"""The part of a run that is about JSON text: a file of one document, or one on each line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mfgstd.validation import problems
from mfgstd.validation.reader import read as read_json
from mfgstd.validation.run.rows import Judged
from mfgstd.validation.sources.formats import HEAD
from mfgstd.validation.sources.lines import Cut, Line, whole
from mfgstd.validation.sources.pieces import Piece, Pieces
from mfgstd.validation.unreadable import not_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd.finding import Finding
    from mfgstd.validation.bulk.spark.lines import Part
    from mfgstd.validation.run.report import SourceReport
    from mfgstd.validation.run.running import Run
    from mfgstd.validation.sources.lines import Source

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def document(run: Run, read: Source, about: SourceReport) -> Iterator[Finding]:
    """A file that is one document."""
    try:
        data = whole(read, run.options.max_document)
    except Cut as cut:
        yield from run.keep([problems.cut(cut, None)], about.path)
        return
    if data is None:
        too_large = problems.document_too_large(run.options.max_document)
        yield from run.keep([too_large], about.path)
    elif data.isspace():
        # Among lines it would be no document; as a file it is none that can be read.
        blank = Judged()
        wrong = read_json(data).findings
        blank.note(1, "", [(e.rule, e.severity.value, e.pointer) for e in wrong], wrong)
        yield from run.take(blank, about.path)
    elif data:
        yield from run.here([(1, data)], about)


def lines(run: Run, read: Source, about: SourceReport) -> Iterator[Finding]:
    """A file or stream with a document on each line."""
    size, limit = run.judges.piece_size, run.options.max_line
    pieces = Pieces(read, size=size, limit=limit)

    def readable() -> Iterator[Piece | Line]:
        for each in pieces:
            if isinstance(each, Piece) and each.first_line == 1 and each.data[:2] in _UTF16:
                # Its lines end elsewhere: each would be one more finding of the same thing.
                yield Line(1, each.data[:HEAD], HEAD)
                return
            yield each

    try:
        for piece, outcome in run.judges.pieces(readable(), about):
            if isinstance(piece, Line):
                wrong = (
                    problems.line_too_long(piece, run.options.max_line)
                    if piece.data is None
                    else not_utf8(piece.data, 0)
                )
                yield from run.keep([wrong], about.path, piece.number)
                continue
            for schema_id, numbers in outcome.judged.accepted.items():
                run.gathering.add_lines(schema_id, about.path, numbers, piece)
            explained = run.judges.explained(outcome, piece, run.report.left)
            yield from run.take(explained.judged, about.path)
            if explained.known is not None:
                run.take_known(explained.known, about.path)
    except Cut as cut:
        yield from run.keep([problems.cut(cut, pieces.number)], about.path, pieces.number)


def lines_on_spark(
    run: Run, parts: Iterator[tuple[int, Part]], about: SourceReport
) -> Iterator[Finding]:
    """What a cluster says of the lines of a file."""
    about.engine = "spark"
    for size, part in parts:
        for told in part.told:
            if isinstance(told, Judged):
                for schema_id, numbers in told.accepted.items():
                    texts = [part.texts[each] for each in numbers]
                    run.gathering.add(schema_id, about.path, numbers, texts)
                yield from run.take(told, about.path)
            else:
                yield from run.keep([told[1]], about.path, told[0])
        about.size += size
        run.advance(size)
