"""A shop whose clock the test turns, and the published XSDs, loaded once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from lxml import etree

from mfgstd_conformance.peers.mtconnect_agent import Agent
from mfgstd_conformance.peers.shop import MACHINES, SECOND, Shop

START = 1_767_571_200 * SECOND  # 2026-01-05T00:00:00Z

Schemas = Callable[[str, str], etree.XMLSchema]


@pytest.fixture
def shop() -> Shop:
    """The same story in every test, told as fast as it is asked for."""
    return Shop(start=START)


@pytest.fixture
def agent() -> Iterator[Agent]:
    """A real agent of the shop on a real socket, switched on a second before the machines."""
    now = [START - SECOND]
    with Agent(MACHINES, size=4096, now=lambda: now[0]) as running:
        now[0] = START
        yield running


@pytest.fixture
def client(agent: Agent) -> Iterator[httpx.Client]:
    """A client that shares nothing with the agent."""
    with httpx.Client(base_url=agent.url, timeout=10, trust_env=False) as connected:
        yield connected


@pytest.fixture(scope="session")
def schema(corpus: Path) -> Schemas:
    """The published XSD of a kind of document (Devices, Streams, Error, Assets) and version."""
    folder = corpus / "mtconnect" / "xsd"
    loaded: dict[tuple[str, str], etree.XMLSchema] = {}

    class Local(etree.Resolver):
        # lxml hands a third argument over, and has a method, that its stubs do not know.
        def resolve(self, system_url: str, _public_id: str, context: Any = None) -> Any:
            if system_url.endswith("xlink.xsd"):
                return cast("Any", self).resolve_filename(str(folder / "xlink.xsd"), context)
            return None

    def load(kind: str, version: str) -> etree.XMLSchema:
        if (kind, version) not in loaded:
            parser = etree.XMLParser(no_network=True)
            parser.resolvers.add(Local())
            path = folder / f"MTConnect{kind}_{version}_1.0.xsd"
            loaded[kind, version] = etree.XMLSchema(etree.parse(str(path), parser))
        return loaded[kind, version]

    return load
