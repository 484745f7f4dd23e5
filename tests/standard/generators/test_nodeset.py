"""The OPC UA data types, judged by a server and a client that nobody here wrote."""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from asyncua.client.client import Client
from asyncua.server.server import Server
from lxml import etree

from mfgstd.standard import catalogue
from mfgstd.standard.generators.nodeset import MODEL, generate
from mfgstd.standard.resolved import (
    AnyObject,
    Array,
    Enumeration,
    Map,
    Node,
    Object,
    Ref,
    Resolved,
    Union,
)

#: Its classes are made at run time, so no type checker knows them.
ua: Any = importlib.import_module("asyncua.ua")

NS = {"ua": "http://opcfoundation.org/UA/2011/03/UANodeSet.xsd"}

#: Companion specifications of the corpus in the order of what they need. The library cannot load
#: Machinery.Result (an ExtensionObject that it does not read); ProcessValues and MachineTool need
#: models that the corpus does not hold.
COMPANIONS = ("Di", "Machinery", "IA", "PackML", "ISA95-JobControl", "Machinery.Examples")

ENTITIES = [each for each in catalogue() if each.is_entity]


def _pascal(name: str) -> str:
    return name[:1].upper() + name[1:]


def _examples(schema: Resolved) -> list[Path]:
    folder = catalogue().folder / "examples" / schema.domain / schema.slug / "valid"
    return sorted(folder.glob("*.json"))


@pytest.fixture(scope="module")
def nodeset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nodeset") / "Mfgstd.NodeSet2.xml"
    path.write_text(generate(list(catalogue()))["Mfgstd.NodeSet2.xml"], encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def document(nodeset: Path) -> Any:
    return etree.parse(nodeset)


def test_the_file_is_the_same_every_time() -> None:
    assert generate(list(catalogue())) == generate(list(catalogue()))


def test_every_reference_leads_to_a_node_of_the_file_or_of_opc_ua_itself(
    document: Any,
) -> None:
    ids = document.xpath("//@NodeId")
    assert len(ids) == len(set(ids))
    aliases = set(document.xpath("//ua:Alias/@Alias", namespaces=NS))
    wanted = document.xpath("//ua:Reference/text() | //@DataType", namespaces=NS)
    types = document.xpath("//ua:Reference/@ReferenceType", namespaces=NS)
    assert set(types) <= aliases
    assert {each for each in wanted if each.startswith("ns=1;")} <= set(ids)
    assert {each for each in wanted if not each.startswith("ns=1;")} <= {
        *("i=1", "i=6", "i=8", "i=11", "i=12", "i=21", "i=22", "i=29"),
        *("i=68", "i=76", "i=12756", "i=14533", "i=23751"),
    }


def test_every_field_is_described_in_both_languages(document: Any) -> None:
    fields = document.xpath("//ua:UADataType[.//ua:Field/@DataType]//ua:Field", namespaces=NS)
    assert len(fields) > 300
    for each in fields:
        owner = each.getparent()
        if owner.get("IsUnion") == "true":
            continue
        said = {(child.tag.split("}")[1], child.get("Locale")) for child in each}
        kinds = [(tag, locale) for tag in ("DisplayName", "Description") for locale in ("en", "ko")]
        assert said == set(kinds), (owner.get("Name"), each.get("Name"))


class _Types:
    """JSON documents as values of the classes that the library made out of the file, and back."""

    def into(self, node: Node, value: Any, name: str) -> Any:
        match node:
            case Ref(schema_id):
                schema = catalogue().get(schema_id)
                if schema.slug == "multilingual-text":
                    return [ua.LocalizedText(text, locale) for locale, text in value.items()]
                return self.into(schema.node, value, schema.name)
            case Object(title):
                parts = {
                    each.name: self.into(each.node, value[each.name], title + _pascal(each.name))
                    for each in node
                    if each.name in value and each.name != "$schema"
                }
                made = getattr(ua, title)()
                for field in made.__dataclass_fields__:
                    if field != "Encoding":
                        setattr(made, field, None)
                for key, part in parts.items():
                    setattr(made, _attribute(made, key), part)
                return made
            case Array(items):
                return [self.into(items, each, name) for each in value]
            case Enumeration(words):
                at = [word.value for word in words].index(value)
                return getattr(ua, name)(at)
            case Map(values):
                pairs = []
                for key, each in value.items():
                    inner = json.dumps(each) if isinstance(each, dict) else each
                    pairs.append(ua.KeyValuePair(ua.QualifiedName(key), ua.Variant(inner)))
                assert values is not None
                return pairs
            case Union():
                tag = _tag(node, value)
                branch = node.branches[node.tags.index(tag)]
                made = getattr(ua, name)()
                setattr(made, _attribute(made, tag), self.into(branch, value, name + _pascal(tag)))
                return made
            case AnyObject():
                return json.dumps(value)
            case _:
                return value

    def back(self, node: Node, value: Any) -> Any:
        match node:
            case Ref(schema_id):
                schema = catalogue().get(schema_id)
                if schema.slug == "multilingual-text":
                    return {each.Locale: each.Text for each in value}
                return self.back(schema.node, value)
            case Object():
                said = {}
                for each in node:
                    if each.name == "$schema":
                        continue
                    part = getattr(value, _attribute(value, each.name))
                    if part is not None:
                        said[each.name] = self.back(each.node, part)
                return said
            case Array(items):
                return [self.back(items, each) for each in value]
            case Enumeration(words):
                return words[int(value)].value
            case Map(values):
                inner: dict[str, Any] = {}
                for each in value:
                    raw = each.Value.Value
                    loaded = isinstance(values, AnyObject | Object | Ref) and isinstance(raw, str)
                    inner[each.Key.Name] = json.loads(raw) if loaded and raw[:1] == "{" else raw
                return inner
            case Union():
                branch = node.branches[value.Encoding - 1]
                return self.back(branch, value.Value)
            case AnyObject():
                return json.loads(value)
            case _:
                return value


def _attribute(made: Any, name: str) -> str:
    """The attribute that the library gave to a field: a Python keyword gets an underscore."""
    for each in (name, f"{name}_", f"_{name}"):
        if hasattr(made, each):
            return each
    raise AssertionError((type(made).__name__, name, list(made.__dataclass_fields__)))


def _tag(node: Union, value: dict[str, Any]) -> str:
    return next(iter(value)) if node.how == "key" else str(value[node.by])


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "$schema"}


async def _through_a_server(nodeset: Path, corpus: Path) -> dict[str, tuple[Any, Any]]:
    """Each example as the client read it, beside what it was."""
    server = Server()
    await server.init()
    server.set_endpoint("opc.tcp://127.0.0.1:0/")
    for each in COMPANIONS:
        await server.import_xml(str(corpus / "opcua" / f"Opc.Ua.{each}.NodeSet2.xml"))
    await server.import_xml(str(nodeset))
    await server.load_data_type_definitions()
    index = await server.get_namespace_index(MODEL)
    types = _Types()
    given: dict[str, tuple[Resolved, Any]] = {}
    for schema in ENTITIES:
        for path in _examples(schema):
            document = json.loads(path.read_bytes())
            name = f"{schema.slug}/{path.stem}"
            value = types.into(schema.node, document, schema.name)
            node = ua.NodeId(f"data/{name}", index)
            await server.nodes.objects.add_variable(
                node,
                ua.QualifiedName(name, index),
                ua.Variant(value, ua.VariantType.ExtensionObject),
            )
            given[name] = (schema, _plain(document))
    found: dict[str, tuple[Any, Any]] = {}
    async with server:
        sockets: Any = server.bserver._server  # type: ignore[union-attr]  # it runs by now
        port = sockets.sockets[0].getsockname()[1]
        async with Client(f"opc.tcp://127.0.0.1:{port}/") as client:
            await client.load_data_type_definitions()
            for name, (schema, document) in given.items():
                value = await client.get_node(ua.NodeId(f"data/{name}", index)).read_value()
                found[name] = (types.back(schema.node, value), document)
    return found


@pytest.fixture(scope="module")
def read_back(nodeset: Path, corpus: Path) -> dict[str, tuple[Any, Any]]:
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)  # it warns of its own companions
    return asyncio.run(_through_a_server(nodeset, corpus))


def test_a_server_with_the_companion_specifications_gives_every_example_to_a_client(
    read_back: dict[str, tuple[Any, Any]],
) -> None:
    assert len(read_back) >= 3 * len(ENTITIES)
    wrong = {name: pair for name, pair in read_back.items() if pair[0] != pair[1]}
    assert wrong == {}
