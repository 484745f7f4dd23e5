r"""Lines of text judged on a Spark cluster: each task reads its own stretch of a file.

Spark's own reader of text does not number lines, and it decodes and copies each of them. Here a
task is told a path and two offsets. A line belongs to the stretch in which it begins. How many
lines came before a stretch is known once those before it are done, so numbers are added last, by
the driver, and are exact. A compressed file is one stretch.

Files must be seen by all workers below the same path, as on shared storage; a task that sees none,
or one of another size, says so.
"""

from __future__ import annotations

import pickle
import platform
from array import array
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from mfgstd._version import __version__
from mfgstd.engine.spark import failed, refusals
from mfgstd.errors import SystemFault
from mfgstd.finding import Finding, Place
from mfgstd.language import Text
from mfgstd.validation import problems
from mfgstd.validation.run.rows import Chunk, Judged, Judging, Rows
from mfgstd.validation.sources.lines import CHUNK, Cut, Line, opened
from mfgstd.validation.sources.pieces import Piece, Pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from mfgstd.engine import Session
    from mfgstd.validation.sources.lines import Compression, Source

#: Bytes of text of one task: a few seconds of work.
STRETCH: Final = 32 << 20
#: A task judges so many bytes at once, and holds little more.
_PIECE: Final = 8 << 20
#: Tasks of one job for each processor of the cluster. The results of a job come to the driver
#: together, so a job is never the whole of a large run.
_TASKS: Final = 3


class Stretch(NamedTuple):
    """The lines that begin from ``start`` to before ``end``; ``size`` is the file's, in bytes."""

    path: str
    start: int
    end: int
    size: int
    compression: Compression | None = None


@dataclass(slots=True)
class Part:
    """What came out of one stretch.

    ``told`` is, in the order of the file, what was found in documents, and findings about the
    file itself, each with its line. ``lines`` counts those that begin in the stretch. ``texts``
    has the text of each document that is among the accepted ones. ``unseen`` says why the file
    could not be read at all.
    """

    told: list[Judged | tuple[int, Finding]] = field(default_factory=list)
    lines: int = 0
    texts: dict[int, bytes] = field(default_factory=dict)
    unseen: str | None = None


def stretches(path: Path, compression: Compression | None, size: int = STRETCH) -> list[Stretch]:
    """One file cut into stretches."""
    whole = path.stat().st_size
    real = str(path.resolve())
    if compression is not None:
        return [Stretch(real, 0, whole, whole, compression)]
    return [
        Stretch(real, start, min(start + size, whole), whole) for start in range(0, whole, size)
    ]


def judged(
    session: Session,
    wanted: Sequence[Stretch],
    how: Judging,
    *,
    max_line: int,
    limit: Callable[[], int],
) -> Iterator[tuple[Stretch, Part]]:
    """The results of stretches, in their order, with the lines of the files as positions.

    Args:
        session: Spark.
        wanted: the stretches, all of one file after the other.
        how: how documents are judged.
        max_line: the bytes that a line may have.
        limit: how many more findings are to be explained; asked before each job.

    Raises:
        SystemFault: a worker does not see a file, or has another mfgstd than the driver.
    """
    at_once = max(4, _TASKS * session.raw.sparkContext.defaultParallelism)
    before = 0
    for first in range(0, len(wanted), at_once):
        group = wanted[first : first + at_once]
        parts = _job(session, group, how, max_line, limit())
        for stretch, part in zip(group, parts, strict=True):
            if part.unseen is not None:
                raise not_seen(stretch.path, part.unseen)
            before = 0 if stretch.start == 0 else before
            yield stretch, _moved(part, before)
            before += part.lines


def _job(
    session: Session, group: Sequence[Stretch], how: Judging, max_line: int, limit: int
) -> list[Part]:
    task = _Task(tuple(group), how, max_line, limit, __version__)
    numbers = session.raw.range(0, len(group), 1, len(group))
    try:
        table = numbers.mapInArrow(task, "number long, part binary").toArrow()
    except refusals() as error:
        raise failed(error) from error
    # Spark may run a task twice, but takes one result of each.
    parts: list[Part | None] = [None] * len(group)
    for number, part in zip(table["number"].to_pylist(), table["part"].to_pylist(), strict=True):
        parts[number] = pickle.loads(part)  # noqa: S301 - from our own task on our own cluster
    return [each if each is not None else Part(unseen="its result is lost") for each in parts]


@dataclass(frozen=True, slots=True)
class _Task:
    """What runs on the workers; it is sent to them with each job."""

    stretches: tuple[Stretch, ...]
    how: Judging
    max_line: int
    limit: int
    version: str

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in batches:
            for number in batch["id"].to_pylist():
                part = self._part(self.stretches[number])
                yield pa.RecordBatch.from_arrays(
                    [pa.array([number], pa.int64()), pa.array([pickle.dumps(part)], pa.binary())],
                    ["number", "part"],
                )

    def _part(self, stretch: Stretch) -> Part:
        if __version__ != self.version:
            return Part(unseen=f"{platform.node()} has mfgstd {__version__}, not {self.version}")
        try:
            path = Path(stretch.path)
            size = path.stat().st_size
            if size != stretch.size:
                return Part(unseen=f"{platform.node()} sees {size} bytes, not {stretch.size}")
            with path.open("rb") as raw:
                return judge(raw, stretch, self.how, max_line=self.max_line, limit=self.limit)
        except OSError as error:
            return Part(unseen=f"{platform.node()}: {error.strerror or error}")


def judge(raw: IO[bytes], stretch: Stretch, how: Judging, *, max_line: int, limit: int) -> Part:
    """One stretch in this process; its first line has the number 1."""
    rows = Rows(how)
    part = Part()
    if stretch.compression is None:
        read = owned(raw, stretch)
    else:
        read = opened(raw, compression=stretch.compression, advance=lambda _amount: None)
    pieces = Pieces(read, size=_PIECE, limit=max_line)
    try:
        for each in pieces:
            if isinstance(each, Line):
                part.told.append((each.number, problems.line_too_long(each, max_line)))
            else:
                limit -= _judge(rows, each, limit, part)
    except Cut as cut:
        part.told.append((pieces.number, problems.cut(cut, pieces.number)))
    part.lines = pieces.number - 1
    return part


def _judge(rows: Rows, piece: Piece, limit: int, part: Part) -> int:
    """One piece added to its part; how many findings were explained."""
    done = rows.judge(Chunk(piece.data, piece.first_line, limit))
    if done.accepted:
        lines = piece.data.split(b"\n")
        for numbers in done.accepted.values():
            part.texts |= {number: lines[number - piece.first_line] for number in numbers}
    part.told.append(done)
    return sum(len(each.findings) for each in done.noted)


def owned(raw: IO[bytes], stretch: Stretch) -> Source:
    """The bytes of the lines that begin in a stretch, from the first of them."""
    at = _first_line(raw, stretch)
    #: Where the last line that begins in the stretch ends; unknown until it is met.
    end: int | None = None if at < stretch.end else at
    raw.seek(at)

    def read(size: int) -> bytes:
        nonlocal at, end
        if end is not None and at >= end:
            return b""
        data = raw.read(size)
        if end is None and at + len(data) >= stretch.end:
            newline = data.find(b"\n", max(0, stretch.end - 1 - at))
            if newline >= 0:
                end = at + newline + 1
        if end is not None:
            data = data[: end - at]
        at += len(data)
        return data

    return read


def _first_line(raw: IO[bytes], stretch: Stretch) -> int:
    """Where the first line begins that does not begin before the stretch, or the stretch's end."""
    if stretch.start == 0:
        return 0
    # The byte before decides whether a line begins right here.
    at = stretch.start - 1
    raw.seek(at)
    while at < stretch.end - 1 and (data := raw.read(min(CHUNK, stretch.end - 1 - at))):
        newline = data.find(b"\n")
        if newline >= 0:
            return at + newline + 1
        at += len(data)
    return stretch.end


def _moved(part: Part, by: int) -> Part:
    """A part whose lines are counted from the beginning of its file."""
    if not by:
        return part
    return Part(
        [
            _judged_lower(each, by)
            if isinstance(each, Judged)
            else (each[0] + by, _lower(each[1], by))
            for each in part.told
        ],
        part.lines,
        {number + by: text for number, text in part.texts.items()},
    )


def _judged_lower(judged: Judged, by: int) -> Judged:
    noted = [
        each._replace(
            position=each.position + by,
            findings=tuple(_lower(finding, by) for finding in each.findings),
        )
        for each in judged.noted
    ]
    accepted = {
        name: array("q", (number + by for number in numbers))
        for name, numbers in judged.accepted.items()
    }
    return Judged(judged.valid, judged.invalid, noted, accepted)


def _lower(finding: Finding, by: int) -> Finding:
    line = finding.source.line
    if line is None:
        return finding
    return replace(finding, source=replace(finding.source, line=line + by))


def not_seen(path: str, reason: str) -> SystemFault:
    """A worker cannot read what the driver can."""
    return SystemFault(
        Text(
            f"A worker of the Spark cluster cannot judge the file: {reason}.",
            f"Spark 클러스터의 작업자가 파일을 검사할 수 없습니다: {reason}.",
        ),
        place=Place(path=path),
        hint=Text(
            "Every worker must see the files below the same path (shared storage), and have the "
            "same mfgstd.",
            "모든 작업자가 같은 경로에서 파일을 볼 수 있어야 하며(공유 저장소), 같은 버전의 "
            "mfgstd가 설치되어 있어야 합니다.",
        ),
    )
