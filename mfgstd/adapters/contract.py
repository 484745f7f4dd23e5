"""What an adapter is: five verbs, pure data out, and an account of everything that came in.

An adapter is a pure translation (bytes and the time they came in, columns and documents out; no
socket, no clock) with a thin client around it. The runtime in :mod:`mfgstd.collect` does the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    import pyarrow as pa

    from mfgstd.finding import Finding, Place
    from mfgstd.language import Text
    from mfgstd.models import Document

#: Where to go on after a restart: JSON values only, opaque to the runtime, small.
Checkpoint: TypeAlias = Mapping[str, Any]


class LossDetection(StrEnum):
    """What an adapter can say of data that did not reach it."""

    PROVED = "proved"
    """A sequence number or the source's own buffer shows every hole."""
    BOUNDED = "bounded"
    """A hole is noticed, its size is known only within a window of time."""
    UNDETECTABLE = "undetectable"
    """Nothing in the protocol would show a hole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterSpec:
    """What an adapter says of itself.

    ``schemes`` are the URL schemes that ``mfgstd collect`` hands to it; ``settings`` is the JSON
    Schema of its configuration.
    """

    name: str
    version: str
    title: Text
    schemes: tuple[str, ...]
    loss: LossDetection
    settings: Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """The account of one stretch of input; it adds up, or something was dropped in silence.

    ``read`` counts the reports (one data item saying one thing once) that the source made, and
    is always ``translated + sum(unknown.values()) + rejected``. ``bad`` of the translated ones
    carry no good value. ``lines`` says what each line (or XML element) of the source was.
    """

    read: int = 0
    translated: int = 0
    bad: int = 0
    rejected: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)
    bytes: int = 0

    def __iadd__(self, other: Tally) -> Self:
        self.read += other.read
        self.translated += other.translated
        self.bad += other.bad
        self.rejected += other.rejected
        self.unknown += other.unknown
        self.lines += other.lines
        self.documents += other.documents
        self.bytes += other.bytes
        return self

    @property
    def balanced(self) -> bool:
        """Whether every report is accounted for."""
        return self.read == self.translated + self.unknown.total() + self.rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A piece of input that could not be read, kept as it came, with the reason."""

    raw: bytes
    finding: Finding

    @property
    def place(self) -> Place:
        """Where it stood in the user's source."""
        return self.finding.source


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one read yields: columns, documents, and the account of what they came from.

    ``observations`` has the schema :data:`mfgstd.observations.SCHEMA`. ``checkpoint`` is persisted
    by the runtime only when the whole batch is durable.
    """

    observations: pa.RecordBatch
    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    tally: Tally
    checkpoint: Checkpoint = field(default_factory=dict)


@runtime_checkable
class Adapter(Protocol):
    """Reads one protocol and speaks the standard.

    ``mfgstd collect`` makes one as ``AdapterClass(source, **settings)``: ``source`` is the path or
    URL as the user wrote it, settings are named as in ``spec.settings["properties"]`` (those that
    it can give: ``device_model``, ``device``, ``base``, ``encoding``). Where an adapter has an
    attribute ``source``, a URI, envelopes and the ledger name the source by it.
    """

    spec: ClassVar[AdapterSpec]

    async def check(self) -> list[Finding]:
        """Try the settings without changing anything, and say why the source cannot be read."""
        ...

    async def open(self, checkpoint: Checkpoint | None = None) -> None:
        """Connect, or go on from where ``checkpoint`` was taken.

        Raises:
            ConfigError, TransientError, SystemFault: with what to do next.
        """
        ...

    async def read(self) -> Batch | None:
        """The next batch, waiting for it if need be; ``None`` once the source has ended."""
        ...

    async def close(self) -> None:
        """Let go of everything; never raises."""
        ...
