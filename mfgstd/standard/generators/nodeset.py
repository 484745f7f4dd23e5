"""Target ``opcua-nodeset``: the standard as OPC UA data types, in one NodeSet2 file.

An OPC UA server that loads it can offer whole documents as structured values, each with its fields,
words and units described in English and Korean. Schemas become DataTypes (OPC 10000-3, 5.8): an
object a Structure with optional fields, a union a Union, words an Enumeration, patterned text a
subtype of String. Bases are merged into what extends them. NodeIds are strings made of names, so
that they stay what they are when something is added.

What OPC UA cannot say: bounds, patterns and open codes stand in the descriptions only; a map
becomes an array of pairs, free-form JSON a string; ``$schema`` is left out, since the DataType says
it. Timestamps are text: a DateTime counts 100 ns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, assert_never
from xml.sax.saxutils import escape, quoteattr

from mfgstd.language import LANGUAGES
from mfgstd.standard.generators.header import MARK
from mfgstd.standard.resolved import (
    NAMESPACE,
    AnyObject,
    Array,
    Boolean,
    Constant,
    Enumeration,
    Integer,
    Map,
    Node,
    Notes,
    Number,
    Object,
    OpenCode,
    Property,
    Ref,
    Resolved,
    Text,
    Union,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: The namespace of the generated types, and its version: that of the schemas' first release.
MODEL: Final = f"{NAMESPACE}UA/"
VERSION: Final = "1.0.0"
PUBLISHED: Final = "2026-11-22T00:00:00Z"

# Numeric ids of the OPC UA namespace itself (Opc.Ua.NodeIds).
_BOOLEAN, _INT32, _INT64, _DOUBLE, _STRING = "i=1", "i=6", "i=8", "i=11", "i=12"
_LOCALIZED_TEXT, _STRUCTURE, _UNION, _ENUMERATION = "i=21", "i=22", "i=12756", "i=29"
_KEY_VALUE_PAIR, _URI_STRING = "i=14533", "i=23751"
_INT32_LIMIT: Final = 2**31

#: The encodings that a Structure has, each an object of DataTypeEncodingType (i=76).
_ENCODINGS: Final = ("Default Binary", "Default XML", "Default JSON")


def generate(schemas: Sequence[Resolved]) -> dict[str, str]:
    """``Mfgstd.NodeSet2.xml``, every schema in it."""
    types = _Types({each.id: each for each in schemas})
    for each in schemas:
        if not each.abstract:
            types.named(each)
    return {"Mfgstd.NodeSet2.xml": _document(types.nodes.values())}


@dataclass(frozen=True, slots=True)
class _Type:
    """What a field refers to: a DataType, and how many dimensions its values have."""

    id: str
    rank: int = 0


@dataclass
class _Types:
    """The DataTypes so far, by name, what is needed first."""

    by_id: Mapping[str, Resolved]
    nodes: dict[str, str] = field(default_factory=dict)

    def named(self, schema: Resolved) -> _Type:
        """The type of a named schema; lists and maps have none of their own."""
        match schema.node:
            case Text() as node:
                base = _URI_STRING if schema.slug == "uri" else _STRING
                return self._derived(schema.name, base, schema.notes, _facets(node))
            case Number():
                return self._derived(schema.name, _DOUBLE, schema.notes)
            case Integer() as node:
                return self._derived(schema.name, _integer(node), schema.notes)
            case Map() if schema.slug == "multilingual-text":
                return _Type(_LOCALIZED_TEXT, 1)
            case other:
                return self.of(other, schema.name, schema.notes)

    def of(self, node: Node, name: str, notes: Notes) -> _Type:
        """The type of a node; ``name`` is what a type of its own would be called."""
        match node:
            case Text() | Constant() | AnyObject():
                return _Type(_STRING)
            case Enumeration(words):
                return self._enumeration(name, words, notes)
            case OpenCode(words):
                listed = ", ".join(word.value for word in words)
                return self._derived(name, _STRING, notes, f"One of {listed}; or a URI.")
            case Number():
                return _Type(_DOUBLE)
            case Integer():
                return _Type(_integer(node))
            case Boolean():
                return _Type(_BOOLEAN)
            case Array(items):
                inner = self.of(items, name, notes)
                return _Type(inner.id, inner.rank + 1)
            case Map():
                return _Type(_KEY_VALUE_PAIR, 1)
            case Object(title):
                fields = [(each.name, each.node, each.required, each) for each in node]
                return self._structure(title, fields, notes)
            case Union():
                return self._union(name, node, notes)
            case Ref(schema_id):
                return self.named(self.by_id[schema_id])
            case _:
                assert_never(node)

    def _derived(self, name: str, base: str, notes: Notes, more: str = "") -> _Type:
        """A subtype of a built-in type, for the name and the description."""
        if name not in self.nodes:
            self.nodes[name] = _data_type(name, base, notes, "", more=more)
        return _Type(_node_id(name))

    def _enumeration(self, name: str, words: Sequence[Word], notes: Notes) -> _Type:
        if name not in self.nodes:
            fields = "\n".join(
                _field(word.value, Notes(label=word.label, description=word.description), value=at)
                for at, word in enumerate(words)
            )
            strings = _node_id(f"{name}/EnumStrings")
            kept = f'<Reference ReferenceType="HasProperty">{strings}</Reference>'
            definition = _definition(name, fields)
            self.nodes[name] = (
                _data_type(name, _ENUMERATION, notes, definition, references=(kept,))
                + "\n"
                + _enum_strings(name, [word.value for word in words])
            )
        return _Type(_node_id(name))

    def _structure(
        self, name: str, fields: Iterable[tuple[str, Node, bool, Property]], notes: Notes
    ) -> _Type:
        if name not in self.nodes:
            self.nodes[name] = ""  # a structure may hold itself
            lines = []
            for each, node, required, owner in fields:
                if each != "$schema":
                    kind = self.of(node, name + _pascal(each), owner.notes)
                    lines.append(_field(each, owner.notes, kind, optional=not required))
            self._encoded(name, _STRUCTURE, notes, "\n".join(lines))
        return _Type(_node_id(name))

    def _union(self, name: str, node: Union, notes: Notes) -> _Type:
        if name not in self.nodes:
            self.nodes[name] = ""
            lines = []
            for tag, branch in zip(node.tags, node.branches, strict=True):
                kind = self.of(branch, name + _pascal(tag), notes)
                lines.append(_field(tag, notes if node.how == "key" else Notes(), kind))
            self._encoded(name, _UNION, notes, "\n".join(lines), union=True)
        return _Type(_node_id(name))

    def _encoded(
        self, name: str, base: str, notes: Notes, fields: str, *, union: bool = False
    ) -> None:
        references = tuple(
            f'<Reference ReferenceType="HasEncoding">{_node_id(f"{name}/{each}")}</Reference>'
            for each in _ENCODINGS
        )
        definition = _definition(name, fields, ' IsUnion="true"' if union else "")
        parts = [_data_type(name, base, notes, definition, references=references)]
        parts += [_encoding(name, each) for each in _ENCODINGS]
        self.nodes.pop(name)  # after what it is made of
        self.nodes[name] = "\n".join(parts)


def _integer(node: Integer) -> str:
    low = -_INT32_LIMIT - 1 if node.minimum is None else node.minimum
    high = _INT32_LIMIT if node.maximum is None else node.maximum
    return _INT32 if low >= -_INT32_LIMIT and high < _INT32_LIMIT else _INT64


def _facets(node: Text) -> str:
    return f"Pattern: {node.pattern}" if node.pattern else ""


def _pascal(name: str) -> str:
    words = "".join(each if each.isalnum() else " " for each in name).split()
    return "".join(each[:1].upper() + each[1:] for each in words)


def _node_id(name: str) -> str:
    return f"ns=1;s={name}"


def _texts(tag: str, en: str, ko: str) -> list[str]:
    given = zip(LANGUAGES, (en, ko), strict=True)
    return [f'<{tag} Locale="{locale}">{escape(text)}</{tag}>' for locale, text in given if text]


def _said(notes: Notes, more: str = "") -> list[str]:
    """Label and description in both languages; unit and bounds can be said nowhere else."""
    if notes.unit:
        more = f"{more} Unit (UCUM): {notes.unit}".strip()
    description = " ".join(each for each in (notes.description.en, more) if each)
    return _texts("Description", description, notes.description.ko)


def _field(
    name: str,
    notes: Notes,
    kind: _Type | None = None,
    *,
    value: int | None = None,
    optional: bool = False,
) -> str:
    attributes = f"Name={quoteattr(name)}"
    if value is not None:
        attributes += f' Value="{value}"'
    if kind is not None:
        attributes += f' DataType="{kind.id}"'
        if kind.rank:
            lengths = ",".join("0" * kind.rank)
            attributes += f' ValueRank="{kind.rank}" ArrayDimensions="{lengths}"'
    if optional:
        attributes += ' IsOptional="true"'
    inside = _texts("DisplayName", notes.label.en, notes.label.ko) + _said(notes)
    return _element(2, "Field", attributes, inside)


def _definition(name: str, fields: str, attributes: str = "") -> str:
    return f'<Definition Name="1:{name}"{attributes}>\n{fields}\n</Definition>'


def _element(indent: int, tag: str, attributes: str, inside: Sequence[str]) -> str:
    space = " " * indent
    if not inside:
        return f"{space}<{tag} {attributes}/>"
    lines = "\n".join(f"{space}  {line}" for line in inside)
    return f"{space}<{tag} {attributes}>\n{lines}\n{space}</{tag}>"


def _references(references: Iterable[str]) -> list[str]:
    return ["<References>", *(f"  {each}" for each in references), "</References>"]


def _data_type(
    name: str,
    base: str,
    notes: Notes,
    definition: str,
    *,
    references: tuple[str, ...] = (),
    more: str = "",
) -> str:
    subtype = f'<Reference ReferenceType="HasSubtype" IsForward="false">{base}</Reference>'
    inside = [
        f"<DisplayName>{name}</DisplayName>",
        *_said(notes, more),
        *_references((*references, subtype)),
        *definition.strip().split("\n"),
    ]
    attributes = f'NodeId="{_node_id(name)}" BrowseName="1:{name}"'
    return _element(2, "UADataType", attributes, [line for line in inside if line])


def _encoding(name: str, encoding: str) -> str:
    node = _node_id(f"{name}/{encoding}")
    owner = f'<Reference ReferenceType="HasEncoding" IsForward="false">{_node_id(name)}</Reference>'
    kind = '<Reference ReferenceType="HasTypeDefinition">i=76</Reference>'
    inside = [f"<DisplayName>{encoding}</DisplayName>", *_references((kind, owner))]
    return _element(2, "UAObject", f'NodeId="{node}" BrowseName="{encoding}"', inside)


def _enum_strings(name: str, words: Sequence[str]) -> str:
    texts = [
        f"  <uax:LocalizedText><uax:Text>{each}</uax:Text></uax:LocalizedText>" for each in words
    ]
    owner = f'<Reference ReferenceType="HasProperty" IsForward="false">{_node_id(name)}</Reference>'
    kind = '<Reference ReferenceType="HasTypeDefinition">i=68</Reference>'
    inside = [
        "<DisplayName>EnumStrings</DisplayName>",
        *_references((kind, owner)),
        "<Value>",
        '  <uax:ListOfLocalizedText xmlns:uax="http://opcfoundation.org/UA/2008/02/Types.xsd">',
        *(f"  {each}" for each in texts),
        "  </uax:ListOfLocalizedText>",
        "</Value>",
    ]
    attributes = (
        f'NodeId="{_node_id(f"{name}/EnumStrings")}" BrowseName="EnumStrings"'
        f' ParentNodeId="{_node_id(name)}" DataType="i=21" ValueRank="1"'
        f' ArrayDimensions="{len(words)}"'
    )
    return _element(2, "UAVariable", attributes, inside)


#: What the types of OPC UA itself are taken from; the oldest that has all that is used here.
_REQUIRED: Final = (
    '<RequiredModel ModelUri="http://opcfoundation.org/UA/" Version="1.04.11"'
    ' PublicationDate="2022-03-29T00:00:00Z"/>'
)

_ALIASES: Final = {
    "HasEncoding": "i=38",
    "HasProperty": "i=46",
    "HasSubtype": "i=45",
    "HasTypeDefinition": "i=40",
}


def _document(nodes: Iterable[str]) -> str:
    aliases = "\n".join(
        f'    <Alias Alias="{alias}">{node}</Alias>' for alias, node in _ALIASES.items()
    )
    body = "\n".join(nodes)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<!-- {MARK} -->
<UANodeSet xmlns="http://opcfoundation.org/UA/2011/03/UANodeSet.xsd">
  <NamespaceUris>
    <Uri>{MODEL}</Uri>
  </NamespaceUris>
  <Models>
    <Model ModelUri="{MODEL}" Version="{VERSION}" PublicationDate="{PUBLISHED}">
      {_REQUIRED}
    </Model>
  </Models>
  <Aliases>
{aliases}
  </Aliases>
{body}
</UANodeSet>
"""
