"""A simulated MTConnect agent over HTTP: probe, current, sample and streaming, with real faults.

Requests as MTConnect Part 1 defines them; the standard library's server, so that nothing is
shared with the clients that are judged. Loopback and a free port unless told otherwise.
"""

from __future__ import annotations

import secrets
import socket
import socketserver
import sys
import threading
import time
from collections import deque
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from mfgstd_conformance.peers.mtconnect_buffer import Buffer, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mfgstd_conformance.peers.machine import Machine, Report
    from mfgstd_conformance.peers.mtconnect_documents import Version

GARBAGE = b"\x00\xff\xfe<<not a document>> \xc0\x80"

#: Milliseconds without news after which a streaming client is told so.
HEARTBEAT = 10_000


class Fault(StrEnum):
    """What may go wrong with the next answer."""

    CUT = "cut"
    """The connection ends in the middle of the body."""
    GARBAGE = "garbage"
    """The body is not a document."""


class Agent:
    """The agent as its owner holds it; a context manager, or ``start`` and ``stop``.

    Args:
        machines: what it speaks for.
        size: observations that it remembers.
        now: its clock, in nanoseconds since 1970.
    """

    def __init__(
        self,
        machines: Sequence[Machine],
        *,
        size: int = 16_384,
        version: Version = "2.3",
        instance: int = 1_767_571_200,
        bind: str = "127.0.0.1",
        port: int = 0,
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        self.buffer = Buffer(machines, size=size, version=version, instance=instance, now=now)
        self.stopping = threading.Event()
        self.running = threading.Event()
        self.running.set()
        #: Set once somebody has asked for observations, and at the end.
        self.asked = threading.Event()
        self._faults: deque[Fault] = deque()
        self._server = _Server((bind, port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        host, port = self._server.server_address[:2]
        return f"http://{host if isinstance(host, str) else host.decode()}:{port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and wait until each has ended."""
        self.stopping.set()
        self.running.set()
        self.asked.set()
        with self.buffer.changed:
            self.buffer.changed.notify_all()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def observe(self, reports: Iterable[Report]) -> None:
        """Take in what the machines say."""
        self.buffer.observe(reports)

    def inject(self, fault: Fault, times: int = 1) -> None:
        """Spoil the next answers, or the next parts of a stream."""
        self._faults.extend([fault] * times)

    def restart(self) -> None:
        """Come back with a new instanceId and sequence numbers from 1; streams are cut."""
        self.buffer.restart()
        self._server.hang_up()

    def overflow(self, keep: int = 1) -> None:
        """Forget all but the newest observations."""
        self.buffer.overflow(keep)

    def stall(self) -> None:
        """Accept requests and say nothing, until ``resume``."""
        self.running.clear()

    def resume(self) -> None:
        """Go on after a stall."""
        self.running.set()

    def next_fault(self) -> Fault | None:
        """The fault that the answer being written must have."""
        try:
            return self._faults.popleft()
        except IndexError:
            return None


class _Server(ThreadingHTTPServer):
    """Knows its open connections, so that none outlives it."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], agent: Agent) -> None:
        self.agent = agent
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # The parent asks the name service who we are, which needs a network and can take long.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in tuple(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                self._open.discard(connection)  # it had gone by itself

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up is an ordinary day.
        if not isinstance(sys.exception(), ConnectionError | ValueError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        """Stay silent: the terminal belongs to whoever runs the shop."""

    def do_GET(self) -> None:
        """Answer one request."""
        agent = self.server.agent
        agent.running.wait()
        if agent.stopping.is_set():
            self.close_connection = True
            return
        try:
            self._answer(agent)
        except Refused as refused:
            self._send(agent.buffer.refusal(refused), refused.status)

    def _answer(self, agent: Agent) -> None:
        url = urlsplit(self.path)
        query = _Query(url.query)
        steps = [unquote(step) for step in url.path.split("/") if step]
        requests = ("probe", "current", "sample", "asset", "assets")
        request = steps.pop() if steps and steps[-1] in requests else "probe"
        device = steps.pop() if steps else None
        if steps:
            raise Refused(400, "INVALID_URI", f"Not a request of this agent: {url.path[:200]}")
        path, interval = query.text("path"), query.number("interval")
        if request in ("asset", "assets"):
            raise Refused(400, "UNSUPPORTED", "This agent keeps no assets")
        if request == "probe":
            self._send(agent.buffer.probe(device))
            return
        agent.asked.set()
        if request == "current":
            if interval is not None:
                raise Refused(400, "UNSUPPORTED", "This agent streams samples only")
            self._send(agent.buffer.current(device, path, query.number("at")))
        else:
            count = query.number("count")
            count = min(100, agent.buffer.size) if count is None else count
            start = query.number("from")
            if interval is None:
                self._send(agent.buffer.sample(device, path, start, count)[0])
            else:
                heartbeat = query.number("heartbeat")
                self._stream(
                    lambda at: agent.buffer.sample(device, path, at, count),
                    start,
                    interval / 1000,
                    (HEARTBEAT if heartbeat is None else heartbeat) / 1000,
                )

    def do_POST(self) -> None:
        """Refuse to be written to."""
        self.close_connection = True
        refused = Refused(405, "UNSUPPORTED", "This agent is only read from")
        self._send(self.server.agent.buffer.refusal(refused), refused.status)

    do_PUT = do_DELETE = do_POST  # noqa: N815 - the parent's names

    def _send(self, body: bytes, status: int = 200) -> None:
        fault = self.server.agent.next_fault()
        body = GARBAGE if fault is Fault.GARBAGE else body
        self.send_response(status)
        self.send_header("Content-Type", "text/xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault is Fault.CUT:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(body)

    def _stream(
        self,
        sample: Callable[[int | None], tuple[bytes, int, int]],
        start: int | None,
        interval: float,
        heartbeat: float,
    ) -> None:
        """Parts of a ``multipart/x-mixed-replace``: news at each interval, else a heartbeat."""
        agent = self.server.agent
        instance = agent.buffer.instance
        body, following, _ = sample(start)  # a refusal must come before the first header
        boundary = secrets.token_hex(16)
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace;boundary={boundary}")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Cache-Control", "no-cache, private, max-age=0")
        self.end_headers()
        self.close_connection = True
        while True:
            if not self._part(boundary, body):
                return
            agent.stopping.wait(interval)
            deadline = time.monotonic() + heartbeat
            while True:
                agent.running.wait()
                if agent.stopping.is_set() or agent.buffer.instance != instance:
                    return
                try:
                    body, following, found = sample(following)
                except Refused as refused:
                    # The buffer overtook this client.
                    self._part(boundary, agent.buffer.refusal(refused))
                    self._chunk(f"--{boundary}--\r\n".encode())
                    self._chunk(b"")
                    return
                if found or (left := deadline - time.monotonic()) <= 0:
                    break
                with agent.buffer.changed:
                    if agent.buffer.next == following:
                        agent.buffer.changed.wait(min(left, 1.0))

    def _part(self, boundary: str, body: bytes) -> bool:
        fault = self.server.agent.next_fault()
        body = GARBAGE if fault is Fault.GARBAGE else body
        head = f"--{boundary}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        if fault is Fault.CUT:
            self._chunk(head.encode() + body[: len(body) // 2])
            return False
        self._chunk(head.encode() + body + b"\r\n")
        return True

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))


class _Query:
    """The part of a URL after the question mark, read strictly."""

    def __init__(self, text: str) -> None:
        self._values = parse_qs(text, keep_blank_values=True, max_num_fields=50)

    def text(self, name: str) -> str | None:
        values = self._values.get(name)
        return values[-1] if values else None

    def number(self, name: str) -> int | None:
        text = self.text(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 20):
            raise Refused(400, "INVALID_REQUEST", f"'{name}' must be a whole number")
        return int(text)
