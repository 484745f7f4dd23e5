"""The folder that a collection is: its sinks, its checkpoint and, at the end, its ledger."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from mfgstd.collect.durable import replace
from mfgstd.collect.ledger import Account, File, Ledger, written
from mfgstd.collect.lock import NAME, Lock
from mfgstd.collect.sinks import NdjsonSink, ParquetSink, RejectedSink, Sink
from mfgstd.errors import MfgStdError, UsageError
from mfgstd.finding import Place
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from mfgstd.adapters import Batch, Checkpoint
    from mfgstd.collect.envelope import Origin

#: Hidden, because it is ours: whoever reads the folder need not know of it.
CHECKPOINT: Final = ".checkpoint.json"
LEDGER: Final = "ledger.json"

# Everything that a collection may leave; --overwrite deletes these and nothing else.
_OURS: Final = (
    CHECKPOINT,
    LEDGER,
    "events.ndjson",
    "rejected.ndjson",
    "observations.parquet",
    "observations_[0-9]*.parquet",
    "*.part",
    ".observations-*.arrows",
)


class Collection:
    """Writes batches to every sink, and remembers where to go on once they are durable.

    The folder is ours from the beginning, but nothing in it is touched before the first batch:
    a wrong address or device model must not cost the collection that was to be replaced.
    """

    def __init__(
        self,
        folder: Path,
        origin: Origin,
        *,
        resume: bool = False,
        overwrite: bool = False,
        sinks: Sequence[Sink] | None = None,
    ) -> None:
        """Open the folder; it is made if need be.

        Args:
            folder: where the files go.
            origin: the source and adapter; a folder belongs to one source.
            resume: go on with the collection that is there.
            overwrite: delete the collection that is there.
            sinks: Parquet, NDJSON and the rejected pieces, unless told otherwise.

        Raises:
            UsageError: the folder holds something, and neither flag allows to go on; or another
                collection is writing into it.
        """
        self.folder = folder
        self.origin = origin
        self.account = Account()
        self.checkpoint: Checkpoint | None = None
        self.started = now()
        self._overwrite = overwrite
        self._opened = False
        with _usable(folder):
            self._made = not folder.exists()
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = Lock(folder)
        try:
            with _usable(folder):
                state = None if overwrite else _prepare(folder, origin, resume=resume)
        except MfgStdError:
            self._leave()
            raise
        if state is not None:
            self.account = Account.from_json(state["account"])
            self.account.resumed += 1
            self.checkpoint = state["checkpoint"]
            self.started = state["started"]
        if sinks is None:
            sinks = (NdjsonSink(origin), ParquetSink(), RejectedSink())
        self._sinks = tuple(sinks)

    def _open(self) -> None:
        """Make the folder this collection's; the caller guards the disk."""
        if self._opened:
            return
        if self._overwrite:
            for pattern in _OURS:
                for path in self.folder.glob(pattern):
                    path.unlink()
        for sink in self._sinks:
            sink.open(self.folder)
        self._opened = True
        # From here on the folder says what it is, however soon we are killed.
        self._commit()

    def _leave(self) -> None:
        """Let go of the folder, and of one that we made for nothing."""
        self._lock.release()
        if self._made and not self._opened:
            with suppress(OSError):
                self.folder.rmdir()

    def write(self, batch: Batch) -> None:
        """Hand a batch to every sink, and add it to the account."""
        record_time = now()
        with _disk(self.folder):
            self._open()
            for sink in self._sinks:
                sink.write(batch, record_time)
        known = {id(finding) for finding in batch.findings}
        reasons = tuple(each.finding for each in batch.rejected if id(each.finding) not in known)
        self.account.add(batch.tally, batch.findings + reasons)
        self.checkpoint = batch.checkpoint

    def commit(self) -> None:
        """Make everything durable, then, and only then, the checkpoint."""
        with _disk(self.folder):
            self._open()
            self._commit()

    def _commit(self) -> None:
        for sink in self._sinks:
            sink.commit()
        state = {
            "source": self.origin.source,
            "adapter": {"name": self.origin.adapter, "version": self.origin.version},
            "started": self.started,
            "account": self.account.to_json(),
            "checkpoint": self.checkpoint,
        }
        replace(self.folder / CHECKPOINT, orjson.dumps(state, option=orjson.OPT_APPEND_NEWLINE))

    def close(self, error: MfgStdError | None = None) -> Ledger:
        """Finish every file, and write the ledger.

        ``error`` is what ended the collection before its source did; where nothing had come by
        then, the folder stays as it was, and the ledger is only returned.

        Raises:
            MfgStdError: the disk is full or broken.
        """
        try:
            with _disk(self.folder):
                if error is not None and not self._opened:
                    return self._ledger(error, ())
                return self._close(error)
        finally:
            self._leave()

    def _close(self, error: MfgStdError | None) -> Ledger:
        try:
            self._open()
            self._commit()
            for sink in self._sinks:
                sink.close()
        except OSError:
            # One sink's trouble is no reason to leave the files of the others unfinished.
            for sink in self._sinks:
                with suppress(OSError):
                    sink.close()
            raise
        written = [each for sink in self._sinks for each in sink.files()]
        ledger = self._ledger(error, tuple(_described(path, rows) for path, rows in written))
        replace(self.folder / LEDGER, ledger.to_bytes())
        return ledger

    def _ledger(self, error: MfgStdError | None, files: tuple[File, ...]) -> Ledger:
        return Ledger(
            source=self.origin.source,
            adapter={"name": self.origin.adapter, "version": self.origin.version},
            started=self.started,
            ended=now(),
            account=self.account,
            files=files,
            error=None if error is None else error.say("en"),
        )


def now() -> str:
    """The present moment as the standard writes it."""
    return written(datetime.now(UTC))


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """A full or broken disk is told as such; what was committed before stays good."""
    try:
        yield
    except OSError as error:
        raise MfgStdError(
            Text(
                f"The collection cannot be written: {error.strerror or error}.",
                f"수집 결과를 쓸 수 없습니다: {error.strerror or error}.",
            ),
            place=Place(path=str(error.filename or folder)),
            hint=Text(
                "Make room or choose another folder, then go on with --resume.",
                "공간을 확보하거나 다른 폴더를 지정한 뒤 --resume으로 이어서 수집하십시오.",
            ),
        ) from error


def _described(path: Path, rows: int) -> File:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return File(path=path.name, rows=rows, bytes=stream.tell(), sha256=digest)


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    """A folder that cannot be made, read or locked is the wrong one."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            Text(
                f"The folder cannot be used: {error.strerror}.",
                f"폴더를 사용할 수 없습니다: {error.strerror}.",
            ),
            place=Place(path=str(folder)),
            hint=Text("Choose another with --to.", "--to로 다른 폴더를 지정하십시오."),
        ) from error


def _prepare(folder: Path, origin: Origin, *, resume: bool) -> Mapping[str, Any] | None:
    """The state to go on from; ``None`` where the folder holds nothing."""
    place = Place(path=str(folder))
    if all(each.name == NAME for each in folder.iterdir()):
        return None
    state = _read_state(folder)
    if state is None:
        raise UsageError(
            Text(
                "The folder is not empty, and what is in it is not a collection.",
                "폴더가 비어 있지 않으며, 안에 있는 것은 수집 결과가 아닙니다.",
            ),
            place=place,
            hint=Text(
                "Choose another with --to, or add --overwrite: other files stay as they are.",
                "--to로 다른 폴더를 지정하거나 --overwrite를 추가하십시오. "
                "다른 파일은 그대로 유지됩니다.",
            ),
        )
    if state["source"] != origin.source or state["adapter"]["name"] != origin.adapter:
        raise UsageError(
            Text(
                f"The folder holds a collection of another source, {state['source']}.",
                f"폴더에 다른 소스({state['source']})의 수집 결과가 있습니다.",
            ),
            place=place,
            hint=Text(
                "Choose another with --to, or replace it with --overwrite.",
                "--to로 다른 폴더를 지정하거나 --overwrite로 교체하십시오.",
            ),
        )
    if not resume:
        raise UsageError(
            Text(
                "The folder already holds a collection of this source.",
                "폴더에 이미 이 소스의 수집 결과가 있습니다.",
            ),
            place=place,
            hint=Text(
                "Go on with it by --resume, or replace it with --overwrite.",
                "--resume으로 이어서 수집하거나 --overwrite로 교체하십시오.",
            ),
        )
    return state


def _read_state(folder: Path) -> Mapping[str, Any] | None:
    path = folder / CHECKPOINT
    if not path.is_file():
        return None
    try:
        state = orjson.loads(path.read_bytes())
        Account.from_json(state["account"])
        _ = state["source"], state["adapter"]["name"], state["started"], state["checkpoint"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            Text(
                "The checkpoint cannot be read.",
                "체크포인트를 읽을 수 없습니다.",
            ),
            place=Place(path=str(path)),
            hint=Text(
                "Collect into another folder, or start again with --overwrite.",
                "다른 폴더에 수집하거나 --overwrite로 처음부터 다시 시작하십시오.",
            ),
        ) from error
    return dict(state)
