"""Taking a certificate back: an append-only log, each entry chained to the one before.

The log is a text file that can lie in any git repository: one canonical JSON object a line, each
with the SHA-256 of the line before. A *checkpoint* is the signed statement that at time T the
log had so many entries and this last hash. Entries beyond the checkpoint are not believed, and
an older checkpoint can be shown instead of a newer one: so the answer is always "as of T".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd_conformance import canonical
from mfgstd_conformance.certificate import dsse
from mfgstd_conformance.decision import moment
from mfgstd_conformance.errors import LogBroken

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

CHECKPOINT: Final = "application/vnd.mfgstd.checkpoint+json"

#: What the first entry is chained to.
ORIGIN: Final = "0" * 64

_LINE_LIMIT: Final = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One revocation: the SHA-256 of the certificate file's bytes, when and why."""

    index: int
    previous: str
    time: str
    certificate: str
    reason: str

    def to_bytes(self) -> bytes:
        """The entry's line, without its end."""
        return canonical.encode(
            {
                "index": self.index,
                "previous": self.previous,
                "time": self.time,
                "certificate": self.certificate,
                "reason": self.reason,
            }
        )

    @property
    def digest(self) -> str:
        """What the next entry is chained to."""
        return canonical.sha256(self.to_bytes())


def read(path: Path) -> tuple[Entry, ...]:
    """All entries, the whole chain checked.

    Raises:
        LogBroken: a line is not canonical, or does not follow the one before; with its line.
    """
    entries: list[Entry] = []
    previous = ORIGIN
    try:
        with path.open("rb") as stream:
            while line := stream.readline(_LINE_LIMIT):
                entry = _entry(line, len(entries), previous)
                if entry is None:
                    raise LogBroken(
                        Text(
                            "The revocation log was changed at this line.",
                            "폐지 기록의 이 줄이 변경되었습니다.",
                        ),
                        place=Place(path=str(path), line=len(entries) + 1),
                    )
                entries.append(entry)
                previous = entry.digest
    except OSError as error:
        raise LogBroken(
            Text(
                f"The revocation log cannot be read: {error.strerror}.",
                f"폐지 기록을 읽을 수 없습니다: {error.strerror}",
            ),
            place=Place(path=str(path)),
        ) from None
    return tuple(entries)


def append(path: Path, certificate: bytes, reason: str, now: datetime | None = None) -> Entry:
    """Add the revocation of a certificate at the end; nothing before it changes.

    Raises:
        LogBroken: what is there already is not a whole log.
    """
    entries = read(path) if path.exists() else ()
    entry = Entry(
        index=len(entries),
        previous=entries[-1].digest if entries else ORIGIN,
        time=_text(now),
        certificate=canonical.sha256(certificate),
        reason=reason,
    )
    with path.open("ab") as stream:
        stream.write(entry.to_bytes() + b"\n")
    return entry


def checkpoint(path: Path, key: Ed25519PrivateKey, now: datetime | None = None) -> bytes:
    """Sign how long the log is, and its last hash, at this moment.

    Raises:
        LogBroken: the chain does not hold.
    """
    entries = read(path) if path.exists() else ()
    return dsse.seal(
        {
            "size": len(entries),
            "head": entries[-1].digest if entries else ORIGIN,
            "time": _text(now),
        },
        key,
        CHECKPOINT,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Whether a certificate is revoked, as of the moment that the checkpoint was signed."""

    as_of: str
    revoked: Entry | None


def status(
    certificate: bytes, path: Path, signed: bytes, keys: Iterable[Ed25519PublicKey]
) -> Status:
    """Look a certificate up in the part of the log that the checkpoint vouches for.

    Raises:
        LogBroken: the log does not fit the checkpoint, or either was changed.
    """
    try:
        said, _ = dsse.unseal(signed, keys, CHECKPOINT)
    except dsse.EnvelopeError as error:
        raise LogBroken(
            Text(f"The checkpoint: {error.text.en}", f"체크포인트: {error.text.ko}")
        ) from None
    size, head, time = _checkpoint(said)
    entries = read(path)
    if len(entries) < size or (entries[size - 1].digest if size else ORIGIN) != head:
        raise LogBroken(
            Text(
                "The revocation log is not the one that the checkpoint was signed for.",
                "폐지 기록이 체크포인트에 서명된 기록과 다릅니다.",
            ),
            place=Place(path=str(path)),
        )
    wanted = canonical.sha256(certificate)
    found = next((each for each in entries[:size] if each.certificate == wanted), None)
    return Status(as_of=time, revoked=found)


def _checkpoint(said: Any) -> tuple[int, str, str]:
    match said:
        case {"size": int(size), "head": str(head), "time": str(time), **rest} if (
            not rest and size >= 0
        ):
            return size, head, time
    raise LogBroken(Text("The checkpoint is malformed.", "체크포인트의 형식이 올바르지 않습니다."))


def _entry(line: bytes, index: int, previous: str) -> Entry | None:
    if not line.endswith(b"\n"):
        return None
    try:
        value = canonical.decode(line[:-1])
    except canonical.NotCanonicalError:
        return None
    match value:
        case {
            "index": int(number),
            "previous": str(before),
            "time": str(time),
            "certificate": str(certificate),
            "reason": str(reason),
            **rest,
        } if not rest and number == index and before == previous and _is_moment(time):
            return Entry(
                index=number, previous=before, time=time, certificate=certificate, reason=reason
            )
    return None


def _is_moment(text: str) -> bool:
    try:
        moment(text)
    except ValueError:
        return False
    return True


def _text(now: datetime | None) -> str:
    return (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
