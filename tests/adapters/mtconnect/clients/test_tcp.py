"""The socket client against a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from mfgstd.errors import TransientError
from mfgstd_adapters.mtconnect.clients.tcp import ShdrClient

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _talk(serve: Serve, act: Callable[[ShdrClient], Awaitable[None]], **how: float) -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = ShdrClient("127.0.0.1", port, **how)
    try:
        await client.connect()
        await act(client)
    finally:
        await client.close()
        server.close()
        await server.wait_closed()


def test_the_client_asks_first_and_gives_what_comes() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readline() == b"* PING\n"
        writer.write(b"* PONG 10000\n2026-01-01T00:00:00Z|x|1\n")
        writer.close()

    async def act(client: ShdrClient) -> None:
        data, received = await client.read()
        while b"|x|1\n" not in data:
            data += (await client.read())[0]
        assert data.startswith(b"* PONG 10000\n")
        assert received > 1_700_000_000_000_000_000
        with pytest.raises(TransientError, match="closed"):
            await client.read()

    asyncio.run(_talk(serve, act))


def test_the_heartbeat_goes_on_at_the_pace_that_the_adapter_names() -> None:
    pings: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            pings.append(line)
            writer.write(b"* PONG 20\n")
        writer.close()

    async def act(client: ShdrClient) -> None:
        for _ in range(4):
            await client.read()

    asyncio.run(_talk(serve, act))
    assert pings[:4] == [b"* PING\n"] * 4


def test_twice_the_heartbeat_without_a_byte_is_silence() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"* PONG 20\n")
        await reader.read()
        writer.close()

    async def act(client: ShdrClient) -> None:
        await client.read()
        with pytest.raises(TransientError, match="Nothing has come"):
            await client.read()

    asyncio.run(_talk(serve, act))


def test_what_came_while_nobody_read_is_no_silence() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"* PONG 20\n")
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(b"2026-01-01T00:00:00Z|x|1\n")
        await reader.read()
        writer.close()

    async def act(client: ShdrClient) -> None:
        await client.read()
        await asyncio.sleep(0.2)
        data, _ = await client.read()
        assert data == b"2026-01-01T00:00:00Z|x|1\n"

    asyncio.run(_talk(serve, act))


def test_an_adapter_that_was_not_asked_in_time_may_still_answer() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            writer.write(b"* PONG 200\n")
        writer.close()

    async def act(client: ShdrClient) -> None:
        await client.read()
        await asyncio.sleep(0.5)
        data, _ = await client.read()
        assert data == b"* PONG 200\n"

    asyncio.run(_talk(serve, act))


def test_a_peer_that_never_speaks_is_given_up() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def act(client: ShdrClient) -> None:
        with pytest.raises(TransientError, match="Nothing has come"):
            await client.read()

    asyncio.run(_talk(serve, act, silence=0.05))


def test_nobody_listening_is_transient() -> None:
    async def try_it() -> None:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        with pytest.raises(TransientError) as caught:
            await ShdrClient("127.0.0.1", port).connect()
        assert caught.value.hint is not None

    asyncio.run(try_it())
