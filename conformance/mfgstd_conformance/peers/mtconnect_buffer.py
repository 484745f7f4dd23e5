"""What an MTConnect agent remembers: numbered observations in a window that forgets the oldest.

No sockets here: questions in, documents out. Everything is guarded by one lock, because the
agent's clients and the machines' reporters are different threads.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from mfgstd_conformance.peers import mtconnect_documents as documents
from mfgstd_conformance.peers.machine import (
    UNAVAILABLE,
    Latest,
    Machine,
    Numbered,
    Report,
    Signal,
    report,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: Since 1.7 an agent is a device of its own, and comes first in its device model.
AGENT: Final = Machine(
    id="shop_agent",
    uuid="mfgstd.simulated-shop.agent",
    name="SHOP-AGENT",
    manufacturer="mfgstd",
    model="simulated agent",
    serial="1",
    description="모의 공장의 MTConnect 에이전트",
    components=(),
    signals=(
        Signal(
            id="agent_avail",
            name="agent_avail",
            category="EVENT",
            type="AVAILABILITY",
            component="",
        ),
    ),
    tag="Agent",
)


class Refused(Exception):
    """A request that the agent answers with an MTConnectError document."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        self.status = status
        self.code = code
        self.sentence = sentence
        super().__init__(sentence)


class Buffer:
    """The window, and the state before and after it.

    Args:
        machines: what the device model lists.
        size: how many observations are kept.
        version: of the documents.
        instance: the first instanceId; each restart adds one.
        now: the agent's clock, in nanoseconds since 1970.
    """

    def __init__(
        self,
        machines: Sequence[Machine],
        *,
        size: int,
        version: documents.Version,
        instance: int,
        now: Callable[[], int],
    ) -> None:
        if size < 1:
            raise ValueError("a buffer holds at least one observation")
        self.machines = (AGENT, *machines)
        self.size = size
        self.version = version
        self.instance = instance
        self.changed = threading.Condition()
        #: What the agent itself reported, beside the machines: UNAVAILABLE at the start.
        self.own: list[Report] = []
        self._now = now
        self._switch_on()

    def _switch_on(self) -> None:
        self._window: deque[Numbered] = deque()
        self._before = Latest()
        self._latest = Latest()
        self.next = 1
        self.started = self._now()
        # Whole milliseconds: the coarsest clock among the machines prints no more.
        at = self.started // 1_000_000 * 1_000_000
        said = [
            report(at, machine, signal, "AVAILABLE" if machine is AGENT else UNAVAILABLE)
            for machine in self.machines
            for signal in machine.signals
            if documents.can_be_unavailable(signal)
        ]
        self.own += said
        self._append(said)

    def observe(self, reports: Iterable[Report]) -> None:
        """Number what the machines say; what the device model does not list is dropped.

        That silence is what real agents do, and why the adapter input is worth listening to.
        """
        with self.changed:
            self._append(each for each in reports if each.truth is not None)
            self.changed.notify_all()

    def _append(self, reports: Iterable[Report]) -> None:
        for each in reports:
            if len(self._window) == self.size:
                self._before.apply(*self._window.popleft())
            self._window.append((self.next, each))
            self._latest.apply(self.next, each)
            self.next += 1

    def restart(self) -> None:
        """Forget everything, take a new instanceId, and be told by the machines what stands.

        The reports keep their times, as adapters repeat them to an agent that comes back.
        """
        with self.changed:
            standing = [
                each
                for _, each in self._latest.reports()
                if not each.is_unavailable and each.machine is not AGENT
            ]
            self.instance += 1
            self._switch_on()
            self._append(standing)
            self.changed.notify_all()

    def overflow(self, keep: int = 1) -> None:
        """Forget all but the newest: a client that was slow has now lost something."""
        with self.changed:
            while len(self._window) > keep:
                self._before.apply(*self._window.popleft())
            self.changed.notify_all()

    @property
    def first(self) -> int:
        """The sequence of the oldest observation that is still kept."""
        return self._window[0][0]

    @property
    def last(self) -> int:
        """The sequence of the newest."""
        return self.next - 1

    def probe(self, device: str | None) -> bytes:
        """The device model, of one device or of all."""
        with self.changed:
            return documents.devices(self.header(), self._machines(device))

    def current(self, device: str | None, path: str | None, at: int | None) -> bytes:
        """What stands now, or stood after the observation ``at``."""
        with self.changed:
            wanted = self._wanted(device, path)
            state = self._latest
            if at is not None:
                if not self.first <= at <= self.last:
                    raise Refused(404, "OUT_OF_RANGE", self._range("at", self.last))
                state = self._before.copy()
                for number, each in self._window:
                    if number <= at:
                        state.apply(number, each)
            found = [each for each in state.reports() if _key(each[1]) in wanted]
            return self._streams(device, found, self.next)

    def sample(
        self, device: str | None, path: str | None, start: int | None, count: int
    ) -> tuple[bytes, int, int]:
        """Observations from ``start`` on, at most ``count``.

        Returns:
            the document, the sequence to go on from, and how many observations it holds.
        """
        with self.changed:
            if not 1 <= count <= self.size:
                sentence = f"'count' must be between 1 and {self.size}"
                raise Refused(404, "OUT_OF_RANGE", sentence)
            wanted = self._wanted(device, path)
            start = self.first if start is None else start
            # Asking for the one that comes next is patience, not an error.
            if not self.first <= start <= self.next:
                raise Refused(404, "OUT_OF_RANGE", self._range("from", self.next))
            found: list[Numbered] = []
            following = self.next
            for number, each in self._window:
                if number < start or _key(each) not in wanted:
                    continue
                if len(found) == count:
                    following = found[-1][0] + 1
                    break
                found.append((number, each))
            return self._streams(device, found, following), following, len(found)

    def header(self) -> documents.Header:
        """What each document says of this agent."""
        return documents.Header(
            version=self.version,
            instance=self.instance,
            buffer_size=self.size,
            model_changed=self.started,
            now=self._now(),
        )

    def refusal(self, refused: Refused) -> bytes:
        """The MTConnectError document of a refused request."""
        return documents.errors(self.header(), [(refused.code, refused.sentence)])

    def _streams(self, device: str | None, found: list[Numbered], following: int) -> bytes:
        window = documents.Window(self.first, self.last, following)
        return documents.streams(self.header(), window, self._machines(device), found)

    def _range(self, name: str, highest: int) -> str:
        return f"'{name}' must be between {self.first} and {highest}"

    def _machines(self, device: str | None) -> tuple[Machine, ...]:
        if device is None:
            return self.machines
        found = tuple(each for each in self.machines if device in (each.name, each.uuid, each.id))
        if not found:
            raise Refused(404, "NO_DEVICE", f"Could not find the device '{device}'")
        return found

    def _wanted(self, device: str | None, path: str | None) -> set[tuple[str, str]]:
        machines = self._machines(device)
        if path is None:
            return {(each.uuid, signal.id) for each in machines for signal in each.signals}
        # The standard library knows a small part of XPath, which is what clients use.
        refused = Refused(400, "INVALID_XPATH", f"The path could not be understood: {path[:200]}")
        if not path.startswith("//") or len(path) > 1000:
            raise refused
        found: set[tuple[str, str]] = set()
        for machine in machines:
            above = ET.Element("Devices")
            above.append(documents.device_tree(machine))
            try:
                hits = above.findall("." + path)
            except (SyntaxError, KeyError) as error:
                raise refused from error
            found |= {(machine.uuid, item.attrib["id"]) for hit in hits
                      for item in hit.iter("DataItem")}  # fmt: skip
        if not found:
            raise refused
        return found


def _key(each: Report) -> tuple[str, str]:
    return each.machine.uuid, each.signal.id
