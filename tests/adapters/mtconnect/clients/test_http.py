from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mfgstd.errors import ConfigError, MfgStdError, SystemFault, TransientError
from mfgstd_adapters.mtconnect.clients.http import AgentClient, redacted
from mfgstd_adapters.mtconnect.clients.multipart import Parts
from mfgstd_adapters.mtconnect.model.devices import read_devices
from mfgstd_adapters.mtconnect.streams.translator import StreamsTranslator
from mfgstd_conformance.peers.mtconnect_agent import Agent, Fault
from mfgstd_conformance.peers.shop import MACHINES, Shop

START = 1_767_571_200_000_000_000


def ask(url: str, question: Callable[[AgentClient], Awaitable[Any]], **settings: Any) -> Any:
    async def session() -> Any:
        client = AgentClient(url, **{"timeout": 5.0, **settings})
        try:
            return await question(client)
        finally:
            await client.close()

    return asyncio.run(session())


async def first(documents: AsyncIterator[bytes], count: int) -> list[bytes]:
    found = []
    async for each in documents:
        found.append(each)
        if len(found) == count:
            break
    return found


@pytest.fixture
def agent() -> Iterator[Agent]:
    shop = Shop(start=START)
    with Agent(MACHINES, size=500) as running:
        for _ in range(10):
            running.observe(shop.next_beat())
        yield running


def test_what_an_agent_serves_is_translated_without_a_remainder(agent: Agent) -> None:
    model, _ = read_devices(ask(agent.url, lambda client: client.probe()))
    translator = StreamsTranslator(model, source=agent.url)
    batch = translator.translate(ask(agent.url, lambda client: client.sample(1, 500)), START)
    assert batch.tally.read == agent.buffer.last
    assert batch.tally.translated == batch.tally.read
    assert batch.checkpoint["next"] == agent.buffer.last + 1
    assert batch.documents
    snapshot = ask(agent.url, lambda client: client.current())
    again = translator.translate(snapshot, START, snapshot=True)
    assert again.tally.balanced
    assert not [each for each in again.documents if type(each).__name__ == "Gap"]


def test_one_device_can_be_asked_for(agent: Agent) -> None:
    name = MACHINES[0].name
    model, _ = read_devices(ask(agent.url, lambda client: client.probe(), device=name))
    assert [each.name for each in model.devices] == [name]
    with pytest.raises(ConfigError, match="NO_DEVICE"):
        ask(agent.url, lambda client: client.probe(), device="nobody")


def test_an_overrun_buffer_comes_back_as_a_document_and_becomes_gaps(agent: Agent) -> None:
    model, _ = read_devices(ask(agent.url, lambda client: client.probe()))
    translator = StreamsTranslator(model, source=agent.url)
    translator.translate(ask(agent.url, lambda client: client.sample(1, 10)), START)
    agent.overflow()
    due = translator.checkpoint["next"]
    refused = ask(agent.url, lambda client: client.sample(due, 10))
    assert b"OUT_OF_RANGE" in refused
    assert translator.translate(refused, START).findings
    snapshot = ask(agent.url, lambda client: client.current())
    batch = translator.translate(snapshot, START, snapshot=True)
    documents = [(type(each).__name__, each.to_json()) for each in batch.documents]
    gaps = [each for name, each in documents if name == "Gap"]
    missing = [n for gap in gaps for n in range(gap["fromSequence"], gap["toSequence"] + 1)]
    delivered = set(batch.observations["sequence"].to_pylist())
    delivered |= {each["sequence"] for name, each in documents if name == "TimeSeriesSegment"}
    # What the snapshot brought back is not lost; everything else of the hole is declared.
    assert missing == [n for n in range(11, agent.buffer.first) if n not in delivered]
    assert missing
    assert batch.checkpoint["next"] == agent.buffer.first


def test_a_restarted_agent_is_noticed(agent: Agent) -> None:
    model, _ = read_devices(ask(agent.url, lambda client: client.probe()))
    translator = StreamsTranslator(model, source=agent.url)
    translator.translate(ask(agent.url, lambda client: client.sample(1, 10)), START)
    agent.restart()
    snapshot = ask(agent.url, lambda client: client.current())
    batch = translator.translate(snapshot, START, snapshot=True)
    gaps = [each.to_json() for each in batch.documents if type(each).__name__ == "Gap"]
    assert [gap["reason"] for gap in gaps] == ["restarted"]


def test_an_agent_pushes_documents_over_one_connection(agent: Agent) -> None:
    async def question(client: AgentClient) -> list[bytes]:
        return await first(client.stream(1, interval=0.01, count=20), 2)

    documents = ask(agent.url, question)
    assert [each.count(b"<Header ") for each in documents] == [1, 1]
    assert documents[0] != documents[1]


def test_a_push_that_cannot_begin_comes_back_as_a_document(agent: Agent) -> None:
    agent.overflow()

    async def question(client: AgentClient) -> list[bytes]:
        return await first(client.stream(1), 2)

    (document,) = ask(agent.url, question)
    assert b"OUT_OF_RANGE" in document


def test_an_answer_that_breaks_off_is_no_document(agent: Agent) -> None:
    agent.inject(Fault.CUT)
    with pytest.raises(TransientError, match="broke off") as caught:
        ask(agent.url, lambda client: client.probe())
    assert caught.value.hint is not None


def test_an_agent_that_is_silent_is_given_up_in_time(agent: Agent) -> None:
    agent.stall()
    try:
        with pytest.raises(TransientError, match="in time"):
            ask(agent.url, lambda client: client.probe(), timeout=0.2)
    finally:
        agent.resume()


def test_an_agent_that_is_away_is_tried_again_later() -> None:
    with pytest.raises(TransientError, match="cannot be reached") as caught:
        ask("http://127.0.0.1:9/", lambda client: client.probe())
    assert "다시 시도" in caught.value.say("ko")


class Script(BaseHTTPRequestHandler):
    """Answers every request with what the test has set."""

    status = 200
    body = b"<MTConnectDevices/>"
    extra: dict[str, str] = {}  # noqa: RUF012 - set anew by each test
    heard: list[tuple[str, str | None]] = []  # noqa: RUF012 - cleared by the fixture

    def do_GET(self) -> None:
        self.heard.append((self.path, self.headers.get("Authorization")))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        for name, value in self.extra.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        pass


@pytest.fixture
def script() -> Iterator[tuple[str, type[Script]]]:
    handler = type("Handler", (Script,), {"heard": [], "extra": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", handler
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, ConfigError),
        (401, ConfigError),
        (403, ConfigError),
        (404, ConfigError),
        (418, SystemFault),
        (429, TransientError),
        (500, TransientError),
        (503, TransientError),
    ],
)
def test_a_status_says_whose_turn_it_is(
    script: tuple[str, type[Script]], status: int, kind: type[MfgStdError]
) -> None:
    url, handler = script
    handler.status, handler.body = status, b"<html/>"
    with pytest.raises(kind, match=str(status)):
        ask(url, lambda client: client.probe())


def test_a_body_is_bounded_even_when_it_is_compressed(script: tuple[str, type[Script]]) -> None:
    url, handler = script
    handler.body = gzip.compress(b"a" * 5_000_000)
    handler.extra = {"Content-Encoding": "gzip"}
    with pytest.raises(SystemFault, match="larger than 100000"):
        ask(url, lambda client: client.probe(), limit=100_000)


def test_broken_compression_is_a_fault_of_the_other_side(script: tuple[str, type[Script]]) -> None:
    url, handler = script
    handler.extra = {"Content-Encoding": "gzip"}
    with pytest.raises(SystemFault):
        ask(url, lambda client: client.probe())


def test_credentials_come_from_the_environment_only(
    script: tuple[str, type[Script]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, handler = script
    monkeypatch.setenv("AGENT_USER", "me:secret")
    monkeypatch.setenv("AGENT_TOKEN", "abc")
    ask(url, lambda client: client.probe(), user_env="AGENT_USER")
    ask(url, lambda client: client.probe(), token_env="AGENT_TOKEN")  # noqa: S106 - a name
    assert handler.heard == [("/probe", "Basic bWU6c2VjcmV0"), ("/probe", "Bearer abc")]


@pytest.mark.parametrize("value", [None, "", "비밀", "a\nb"])
def test_a_variable_that_holds_no_credential_is_said_so(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("AGENT_TOKEN", raising=False)
    if value is not None:
        monkeypatch.setenv("AGENT_TOKEN", value)
    with pytest.raises(ConfigError, match="AGENT_TOKEN"):
        AgentClient("http://agent/", token_env="AGENT_TOKEN")  # noqa: S106 - a name


@pytest.mark.parametrize(
    "url",
    [
        "http://user:secret@agent/",
        "ftp://agent/",
        "agent:5000",
        "http:///probe",
        "http://agent:port/",
        "http://[broken/",
        "http://agent/?token=secret",
    ],
)
def test_a_url_that_cannot_work_is_refused_without_showing_secrets(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        AgentClient(url)
    assert "secret" not in caught.value.say("en")
    assert "secret" not in caught.value.say("ko")


def test_a_url_is_shown_without_its_secrets() -> None:
    assert redacted("https://me:secret@agent:5000/a?key=1#x") == "https://agent:5000/a"


def part(document: bytes) -> bytes:
    return b"--B\r\nContent-type: text/xml\r\nContent-length: %d\r\n\r\n" % len(document) + document


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_parts_are_cut_wherever_the_chunks_end(size: int) -> None:
    stream = part(b"<a>--B</a>") + b"\r\n" + part(b"<b/>") + b"\r\n--B--\r\n"
    parts = Parts(b"B", 1000)
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert [each for chunk in chunks for each in parts.feed(chunk)] == [b"<a>--B</a>", b"<b/>"]


@pytest.mark.parametrize(
    "stream",
    [
        b"--B\r\nContent-type: text/xml\r\n\r\n",
        b"--B\r\nContent-length: 99999\r\n\r\n",
        b"--B\r\nContent-length: -1\r\n\r\n",
        b"x" * 20_000,
    ],
)
def test_a_stream_that_is_none_is_a_fault_of_the_other_side(stream: bytes) -> None:
    with pytest.raises(SystemFault):
        list(Parts(b"B", 1000).feed(stream))
