"""The agent is asked over real HTTP, and its documents are held against the published XSD."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from lxml import etree

from mfgstd_conformance.peers.mtconnect_agent import Agent, Fault
from mfgstd_conformance.peers.mtconnect_documents import Version
from mfgstd_conformance.peers.shop import MACHINES, Shop

Schemas = Callable[[str, str], etree.XMLSchema]


def tree(body: bytes) -> Any:
    """The document without its namespace, for short questions."""
    root = etree.fromstring(body)
    for element in root.iter():
        element.tag = etree.QName(element).localname
    return root


def header(root: Any, name: str) -> int:
    return int(root.find("Header").attrib[name])


def sequences(root: Any) -> list[int]:
    return sorted(int(each) for each in root.xpath("//@sequence"))


def play(shop: Shop, agent: Agent, beats: int) -> None:
    for _ in range(beats):
        agent.observe(shop.next_beat())


@pytest.mark.parametrize("version", ["1.8", "2.3"])
def test_every_document_is_valid_against_the_published_schema(
    version: Version, shop: Shop, schema: Schemas
) -> None:
    with (
        Agent(MACHINES, version=version) as agent,
        httpx.Client(base_url=agent.url, trust_env=False) as client,
    ):
        for _ in range(32):
            play(shop, agent, 1)
            schema("Streams", version).assertValid(etree.fromstring(client.get("/current").content))
        everything = client.get("/sample", params={"count": 9999}).content
        schema("Streams", version).assertValid(etree.fromstring(everything))
        schema("Devices", version).assertValid(etree.fromstring(client.get("/probe").content))
        for path in ("/sample?from=999999", "/nobody/current", "/asset", "/sample?count=x"):
            body = client.get(path).content
            schema("Error", version).assertValid(etree.fromstring(body))


def test_the_device_model_names_both_makers_in_korean(client: httpx.Client) -> None:
    root = tree(client.get("/probe").content)
    assert root.xpath("//Description/@manufacturer") == ["mfgstd", "한빛정공", "대한선반"]
    assert root.xpath("//DataItem[@id='km_xpos']/@nativeUnits") == ["INCH"]


def test_an_agent_alone_says_unavailable_of_everything_but_series(client: httpx.Client) -> None:
    root = tree(client.get("/current").content)
    texts = {each.text or each.tag for each in root.xpath("//*[@dataItemId]")}
    assert texts == {"UNAVAILABLE", "Unavailable", "AVAILABLE"}
    assert root.xpath("//*[.='AVAILABLE']/@dataItemId") == ["agent_avail"]
    assert root.xpath("//*[@dataItemId='km_svib']") == []


def test_values_are_published_in_the_units_of_the_model(
    shop: Shop, agent: Agent, client: httpx.Client
) -> None:
    play(shop, agent, 2)
    root = tree(client.get("/current").content)
    assert root.xpath("//*[@dataItemId='km_xpos']/text()") == ["31.3563"]


def test_the_whole_window_can_be_read_piece_by_piece(
    shop: Shop, agent: Agent, client: httpx.Client
) -> None:
    play(shop, agent, 20)
    read: list[int] = []
    following = None
    while True:
        query = {"count": 37} | ({} if following is None else {"from": following})
        root = tree(client.get("/sample", params=query).content)
        found = sequences(root)
        following = header(root, "nextSequence")
        if not found:
            break
        read += found
    assert read == list(range(1, agent.buffer.next))
    assert following == header(root, "lastSequence") + 1


def test_the_buffer_forgets_the_oldest_and_says_so(shop: Shop) -> None:
    with (
        Agent(MACHINES, size=50) as agent,
        httpx.Client(base_url=agent.url, trust_env=False) as client,
    ):
        play(shop, agent, 20)
        root = tree(client.get("/sample", params={"count": 50}).content)
        assert len(sequences(root)) == 50
        assert header(root, "firstSequence") == header(root, "lastSequence") - 49
        answer = client.get("/sample", params={"from": header(root, "firstSequence") - 1})
        assert answer.status_code == 404
        assert tree(answer.content).xpath("//@errorCode") == ["OUT_OF_RANGE"]
        # What was forgotten still stands: current is not limited to the window.
        assert tree(client.get("/current").content).xpath("//Program/text()") == ["00123", "O0042"]


def test_current_at_a_sequence_is_the_state_of_that_time(
    shop: Shop, agent: Agent, client: httpx.Client
) -> None:
    play(shop, agent, 1)
    then = agent.buffer.last
    before = tree(client.get("/current").content)
    play(shop, agent, 12)
    at = tree(client.get("/current", params={"at": then}).content)
    assert sequences(at) == sequences(before)
    assert at.xpath("//Execution/text()") == ["READY", "ACTIVE"]


def test_two_conditions_of_one_item_stand_in_current(
    shop: Shop, agent: Agent, client: httpx.Client
) -> None:
    play(shop, agent, 11)
    root = tree(client.get("/current").content)
    assert root.xpath("//*[@dataItemId='km_scond']/@nativeCode") == ["AL-0900", "AL-1021"]
    assert [each.tag for each in root.xpath("//*[@dataItemId='km_scond']")] == ["Warning", "Fault"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/sample?from=0", 404, "OUT_OF_RANGE"),
        ("/sample?from=100000", 404, "OUT_OF_RANGE"),
        ("/sample?count=0", 404, "OUT_OF_RANGE"),
        ("/sample?count=100000", 404, "OUT_OF_RANGE"),
        ("/current?at=100000", 404, "OUT_OF_RANGE"),
        ("/sample?count=ten", 400, "INVALID_REQUEST"),
        ("/sample?from=-1", 400, "INVALID_REQUEST"),
        ("/current?path=//[", 400, "INVALID_XPATH"),
        ("/current?path=//Nothing", 400, "INVALID_XPATH"),
        ("/current?path=DataItem", 400, "INVALID_XPATH"),
        ("/nobody/current", 404, "NO_DEVICE"),
        ("/a/b/c/current", 400, "INVALID_URI"),
        ("/assets", 400, "UNSUPPORTED"),
        ("/current?interval=10", 400, "UNSUPPORTED"),
    ],
)
def test_what_is_refused_is_refused_by_name(
    path: str, status: int, code: str, client: httpx.Client
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert tree(answer.content).xpath("//@errorCode") == [code]


def test_an_agent_cannot_be_written_to(client: httpx.Client) -> None:
    answer = client.put("/current", content=b"x=1")
    assert answer.status_code == 405


def test_one_device_and_one_path_can_be_asked_for(
    shop: Shop, agent: Agent, client: httpx.Client
) -> None:
    play(shop, agent, 3)
    root = tree(client.get("/HL-220/current").content)
    assert root.xpath("//DeviceStream/@name") == ["HL-220"]
    found = tree(
        client.get("/current", params={"path": "//DataItem[@type='POSITION']"}).content
    ).xpath("//@dataItemId")
    assert found == ["km_xpos", "km_ypos", "km_zpos", "hl_xpos", "hl_zpos"]
    below = tree(client.get("/KM-500/current", params={"path": "//Axes"}).content)
    assert "km_scond" in below.xpath("//@dataItemId")
    assert below.xpath("//Execution") == []


def parts(answer: httpx.Response) -> Iterator[bytes]:
    """The bodies of a multipart stream, read by their stated length."""
    boundary = b"--" + answer.headers["content-type"].split("boundary=")[1].encode()
    buffered = b""
    for data in answer.iter_raw():
        buffered += data
        while b"\r\n\r\n" in buffered:
            head, rest = buffered.split(b"\r\n\r\n", 1)
            assert head.startswith(boundary)
            length = int(head.rsplit(b":", 1)[1])
            if len(rest) < length + 2:
                break
            yield rest[:length]
            buffered = rest[length + 2 :]


def test_a_stream_carries_everything_in_order_and_without_a_hole(
    shop: Shop, agent: Agent, client: httpx.Client
) -> None:
    query = {"interval": 1, "heartbeat": 50, "count": 40}
    read: list[int] = []
    with client.stream("GET", "/sample", params=query) as answer:
        teller = threading.Thread(target=play, args=(shop, agent, 10))
        teller.start()
        for body in parts(answer):
            read += sequences(tree(body))
            if not teller.is_alive() and read[-1] == agent.buffer.last:
                break
        teller.join()
    assert read == list(range(1, agent.buffer.next))


def test_a_stream_without_news_has_a_heartbeat(agent: Agent, client: httpx.Client) -> None:
    query = {"interval": 1, "heartbeat": 10, "from": agent.buffer.next}
    with client.stream("GET", "/sample", params=query) as answer:
        arriving = parts(answer)
        for _ in range(3):
            assert sequences(tree(next(arriving))) == []


def test_a_stream_that_the_buffer_overtakes_ends_with_an_error(
    shop: Shop, agent: Agent, client: httpx.Client
) -> None:
    query = {"interval": 1, "heartbeat": 10, "count": 5}
    with client.stream("GET", "/sample", params=query) as answer:
        arriving = parts(answer)
        next(arriving)
        play(shop, agent, 5)
        agent.overflow()
        last = b""
        for last in arriving:
            if b"MTConnectError" in last:
                break
        assert tree(last).xpath("//@errorCode") == ["OUT_OF_RANGE"]


def test_a_restart_changes_the_instance_and_counts_from_one(
    shop: Shop, agent: Agent, client: httpx.Client
) -> None:
    play(shop, agent, 5)
    before = tree(client.get("/current").content)
    agent.restart()
    after = tree(client.get("/current").content)
    assert header(after, "instanceId") == header(before, "instanceId") + 1
    assert header(after, "firstSequence") == 1
    assert after.xpath("//Execution/text()") == before.xpath("//Execution/text()")


def test_a_restart_ends_every_stream(agent: Agent, client: httpx.Client) -> None:
    with client.stream("GET", "/sample", params={"interval": 1, "heartbeat": 10}) as answer:
        arriving = parts(answer)
        next(arriving)
        agent.restart()
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            for _ in arriving:
                pass


def test_a_cut_answer_is_shorter_than_it_says(agent: Agent, client: httpx.Client) -> None:
    agent.inject(Fault.CUT)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/probe")
    assert client.get("/probe").status_code == 200


def test_garbage_is_not_xml(agent: Agent, client: httpx.Client) -> None:
    agent.inject(Fault.GARBAGE)
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(client.get("/current").content)


def test_a_stalled_agent_answers_when_it_resumes(agent: Agent, client: httpx.Client) -> None:
    agent.stall()
    with pytest.raises(httpx.ReadTimeout):
        client.get("/probe", timeout=0.05)
    agent.resume()
    assert client.get("/probe").status_code == 200


def test_a_buffer_must_hold_something() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Agent(MACHINES, size=0)


def test_what_the_model_does_not_list_is_not_published(
    shop: Shop, agent: Agent, client: httpx.Client
) -> None:
    play(shop, agent, 32)
    assert b"coolant_ph" not in client.get("/sample", params={"count": 4096}).content
