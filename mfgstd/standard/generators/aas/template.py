"""One entity as an AAS environment: shell, submodel template, concept descriptions.

What the metamodel has no word for goes into qualifiers of the IDTA (cardinality, allowed range) or
into the description; a union is a collection of which exactly one element is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from mfgstd.standard.generators.aas.concept import concept, reference, texts
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
    Ref,
    Resolved,
    Text,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = dict[str, Any]

_CARDINALITY: Final = "https://admin-shell.io/SubmodelTemplates/Cardinality/1/0"
_RANGE: Final = "https://admin-shell.io/SubmodelTemplates/AllowedRange/1/0"
_LONG: Final = 2**31


def environment(schema: Resolved, by_id: Mapping[str, Resolved]) -> Json:
    """The whole environment of one entity, as JSON."""
    if not isinstance(schema.node, Object):
        raise TypeError(f"{schema.name} is no entity")
    made = _Template(by_id)
    slug = f"{schema.domain}/{schema.slug}/{schema.id.rsplit('/', 1)[1]}"
    submodel_id = f"{NAMESPACE}aas/submodel-template/{slug}"
    major, minor, _ = schema.version.split(".")
    submodel = {
        "modelType": "Submodel",
        "idShort": schema.name,
        "id": submodel_id,
        "kind": "Template",
        "administration": {"version": major, "revision": minor, "templateId": schema.id},
        "description": texts(schema.notes.description),
        "displayName": texts(schema.notes.label, 128),
        "semanticId": reference(schema.notes.term or schema.id),
        "submodelElements": made.fields(schema.node, schema.notes.term or schema.id, ()),
    }
    shell = {
        "modelType": "AssetAdministrationShell",
        "idShort": f"{schema.name}Template",
        "id": f"{NAMESPACE}aas/shell/{slug}",
        "assetInformation": {
            "assetKind": "Type",
            "globalAssetId": f"{NAMESPACE}aas/asset/{slug}",
        },
        "submodels": [
            {"type": "ModelReference", "keys": [{"type": "Submodel", "value": submodel_id}]}
        ],
    }
    return {
        "assetAdministrationShells": [shell],
        "submodels": [submodel],
        "conceptDescriptions": [made.concepts[each] for each in sorted(made.concepts)],
    }


@dataclass
class _Template:
    """The elements of one template, and the concepts that they name."""

    by_id: Mapping[str, Resolved]
    concepts: dict[str, Json] = field(default_factory=dict)

    def fields(self, node: Object, term: str, within: tuple[str, ...]) -> list[Json]:
        """The elements of an object. ``within`` names the objects that we are in."""
        found = []
        for each in node:
            # The submodel says what it is by its semanticId.
            if each.name == "$schema":
                continue
            own = f"{term}{'/' if '#' in term else '#'}{each.name}"
            kind, notes, where = self._resolve(each.node, each.notes)
            element = self._element(kind, own, notes, (*within, node.title, *where))
            element["idShort"] = id_short(each.name)
            qualifiers = [_cardinality("One" if each.required else "ZeroToOne"), *_limits(kind)]
            element["qualifiers"] = qualifiers
            found.append(self._described(element, kind, own, each.name, notes))
        return found

    def _resolve(self, node: Node, notes: Notes) -> tuple[Node, Notes, tuple[str, ...]]:
        """What a reference leads to; the label and description stay those of the field."""
        where: tuple[str, ...] = ()
        while isinstance(node, Ref):
            schema = self.by_id[node.id]
            where += (schema.slug,)
            node = schema.node
        return node, notes, where

    def _described(self, element: Json, node: Node, term: str, name: str, notes: Notes) -> Json:
        element["semanticId"] = reference(term)
        if notes.label.en:
            element["displayName"] = texts(notes.label, 128)
        if notes.description.en:
            element["description"] = texts(notes.description)
        self.concepts.setdefault(term, concept(term, id_short(name), node, notes))
        return element

    def _element(self, node: Node, term: str, notes: Notes, within: tuple[str, ...]) -> Json:
        """A submodel element without name, meaning and cardinality."""
        match node:
            case (
                Text() | Constant() | Enumeration() | OpenCode() | Number() | Integer() | Boolean()
            ):
                return {"modelType": "Property", "valueType": value_type(node)}
            case Map() if "multilingual-text" in within[-1:]:
                return {"modelType": "MultiLanguageProperty"}
            case Map(values):
                kind, inner, where = self._resolve(values, notes)
                entry = self._element(kind, f"{term}/entry", inner, (*within, *where))
                entry["idShort"] = "Arbitrary"
                entry["qualifiers"] = [_cardinality("ZeroToMany")]
                return _collection([entry])
            case Object(title):
                # What holds itself is shown once; an empty collection stands for the next turn.
                again = title in within
                return _collection([] if again else self.fields(node, term, within))
            case Union():
                return _collection(self._branches(node, term, within))
            case Array(items):
                return self._list(items, term, notes, within)
            case Ref():
                kind, inner, where = self._resolve(node, notes)
                return self._element(kind, term, inner, (*within, *where))
            case AnyObject():
                return {"modelType": "Blob", "contentType": "application/json"}
            case _:
                assert_never(node)

    def _branches(self, node: Union, term: str, within: tuple[str, ...]) -> list[Json]:
        found = []
        for tag, branch in zip(node.tags, node.branches, strict=True):
            kind, notes, where = self._resolve(branch, Notes())
            if node.how == "key" and isinstance(kind, Object):
                # A branch with one field is that field.
                (element,) = self.fields(kind, term, (*within, *where))
                element["qualifiers"][0] = _cardinality("ZeroToOne")
            else:
                element = self._element(kind, f"{term}/{tag}", notes, (*within, *where))
                element["idShort"] = id_short(tag)
                element["qualifiers"] = [_cardinality("ZeroToOne")]
            found.append(element)
        return found

    def _list(self, items: Node, term: str, notes: Notes, within: tuple[str, ...]) -> Json:
        kind, inner, where = self._resolve(items, notes)
        element = self._element(kind, term, inner, (*within, *where))
        listed: Json = {
            "modelType": "SubmodelElementList",
            "orderRelevant": True,
            "typeValueListElement": element["modelType"],
        }
        if element["modelType"] == "Property":
            listed["valueTypeListElement"] = element["valueType"]
        if element["modelType"] in ("SubmodelElementCollection", "SubmodelElementList"):
            listed["value"] = [element]
        return listed


def _collection(elements: list[Json]) -> Json:
    made: Json = {"modelType": "SubmodelElementCollection"}
    return {**made, "value": elements} if elements else made


def id_short(name: str) -> str:
    """The name of a field as AAS writes it: ``eventTime`` -> ``EventTime``."""
    plain = "".join(each if each.isalnum() else "_" for each in name).strip("_")
    return plain[:1].upper() + plain[1:]


def value_type(node: Node) -> str:
    """The XML Schema type of a scalar."""
    match node:
        case Text(format="date-time"):
            return "xs:dateTime"
        case Text(format="uri"):
            return "xs:anyURI"
        case Number():
            return "xs:double"
        case Integer(int(minimum), int(maximum)) if minimum >= -_LONG and maximum < _LONG:
            return "xs:int"
        case Integer():
            return "xs:long"
        case Boolean():
            return "xs:boolean"
        case _:
            return "xs:string"


def _qualifier(kind: str, meaning: str, value: str) -> Json:
    return {
        "semanticId": reference(meaning),
        "kind": "TemplateQualifier",
        "type": kind,
        "valueType": "xs:string",
        "value": value,
    }


def _cardinality(value: str) -> Json:
    return _qualifier("SMT/Cardinality", _CARDINALITY, value)


def _limits(node: Node) -> list[Json]:
    """The bounds of a number as an interval: ``[1,1000]``, ``(0,*)``."""
    match node:
        case Number(minimum, maximum, above, below):
            low = f"({above}" if above is not None else f"[{minimum}"
            high = f"{below})" if below is not None else f"{maximum}]"
        case Integer(minimum, maximum):
            low, high = f"[{minimum}", f"{maximum}]"
        case _:
            return []
    if low == "[None" and high == "None]":
        return []
    value = f"{low},{high}".replace("[None", "(*").replace("None]", "*)")
    return [_qualifier("SMT/AllowedRange", _RANGE, value)]
