"""Proof that nothing is missing, or of what is: an agent's run and its sequence numbers.

An agent numbers every observation of a run (``instanceId``) and keeps the latest so many. If the
number that is due is older than the oldest that it has, what lies between is lost; if the run
changed, what its buffer held when it ended may be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid5

from mfgstd_adapters.mtconnect.model.devices import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mfgstd.adapters import Checkpoint
    from mfgstd.models import Gap
    from mfgstd_adapters.mtconnect.streams.document import Header

_SECOND: Final = 1_000_000_000


class Progress:
    """How far one agent has been read.

    Args:
        source: the agent as rows name it.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._instance: str | None = None
        self._next: int | None = None
        self._seen: int | None = None
        self._overrun = False

    @property
    def checkpoint(self) -> Checkpoint:
        """``{"instanceId", "next"}``, and the latest event time seen: there a gap would begin."""
        known: dict[str, Any] = {}
        if self._instance is not None:
            known["instanceId"] = self._instance
        if self._next is not None:
            known["next"] = self._next
        if self._seen is not None:
            known["seen"] = self._seen
        return known

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint; what does not belong in one is ignored."""
        instance, following = checkpoint.get("instanceId"), checkpoint.get("next")
        seen = checkpoint.get("seen")
        self._instance = instance if isinstance(instance, str) else None
        self._next = following if isinstance(following, int) else None
        self._seen = seen if isinstance(seen, int) else None

    def overrun(self) -> None:
        """The agent says that it no longer has what is due."""
        self._overrun = True

    def advance(
        self,
        header: Header,
        begins: int | None,
        latest: int | None,
        *,
        lowest: int | None,
        delivered: Iterable[int] = (),
        snapshot: bool,
    ) -> list[Gap]:
        """Take note of a document, and say what is missing before it.

        ``begins`` and ``latest`` are the event times of its first and of its latest observation,
        in nanoseconds since 1970, ``lowest`` its first sequence number, and ``delivered`` the
        numbers that come out of it. After a gap, reading goes on from the oldest that the agent
        still has: a snapshot, or an answer to a number of another run, skips some of it.
        """
        gaps: list[Gap] = []
        start = self._seen
        due, self._overrun, overrun = self._next, False, self._overrun
        if None not in (self._instance, header.instance) and header.instance != self._instance:
            gaps.append(self._gap("restarted", "unknown", start, _written(header, latest), due))
            due = header.first
        elif due is not None and header.first is not None and header.first > due:
            # What follows a hole tells when it ends. A snapshot does not follow: but no item can
            # have said, in the hole, anything later than the last that it said.
            end = latest if snapshot else begins
            end = _written(header, None) if end is None else end
            gaps.extend(
                self._gap("buffer_overflow", "lost", start, end, first, last)
                for first, last in _without(due, header.first - 1, delivered)
            )
            due = header.first
        elif overrun and due is not None and header.next is not None:
            due = min(due, header.next)
        skipped = snapshot or (lowest is not None and due is not None and lowest > due)
        self._next = (
            due if due is not None and ((skipped and bool(gaps)) or snapshot) else header.next
        )
        if self._next is None:
            self._next = due
        self._instance = header.instance or self._instance
        if latest is not None:
            self._seen = latest if self._seen is None else max(latest, self._seen)
        return gaps

    def _gap(
        self,
        reason: str,
        outcome: str,
        start: int | None,
        end: int | None,
        first: int | None,
        last: int | None = None,
    ) -> Gap:
        from mfgstd.models import Gap, Timestamp

        known = [each for each in (start, end) if each is not None] or [0]
        document: dict[str, Any] = {
            "id": f"urn:uuid:{uuid5(NAMESPACE, f'gap {self._source} {self._instance} {first}')}",
            "source": self._source,
            "from": Timestamp.from_nanoseconds(min(known)),
            "to": Timestamp.from_nanoseconds(max(known)),
            "reason": reason,
            "outcome": outcome,
        }
        if self._instance is not None:
            document["epoch"] = self._instance
        if first is not None:
            document["fromSequence"] = first
        if last is not None:
            document["toSequence"] = last
            if first is not None:
                document["count"] = last - first + 1
        return Gap.from_json(document)


def _without(first: int, last: int, delivered: Iterable[int]) -> Iterator[tuple[int, int]]:
    """What is left of ``first`` to ``last``: a snapshot may hold some of what the buffer lost."""
    for number in sorted({each for each in delivered if first <= each <= last}):
        if first < number:
            yield first, number - 1
        first = number + 1
    if first <= last:
        yield first, last


def _written(header: Header, otherwise: int | None) -> int | None:
    """A moment by which the agent had written the document: it tells the time in whole seconds."""
    if header.created is None:
        return otherwise
    return header.created + (0 if header.created % _SECOND else _SECOND)
