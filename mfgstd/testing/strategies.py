"""Documents of any schema as a hypothesis strategy: valid, awkward, and fast to make.

Native: made from :class:`~mfgstd.standard.resolved.Resolved` node by node, never filtered. A
document of theirs is valid by its schema; the rules that no schema can say may still object.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from mfgstd.errors import MissingExtra
from mfgstd.standard.catalogue import Catalogue, catalogue
from mfgstd.standard.resolved import AnyObject, Array, Map, Node, Object, Ref, Resolved, Union
from mfgstd.testing._tape import Tape
from mfgstd.testing._values import ROOM, Book, absent_of, by_sibling

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

#: Bytes of tape for one field: a scalar needs a few, a list of objects many. What is longer than
#: its tape ends in the simplest way, so these also bound the size of a document.
_SCALAR: Final = 4
_STRUCTURE: Final = 48


def documents(schema: Resolved | str, within: Catalogue | None = None) -> SearchStrategy[Any]:
    """Plain JSON values that are valid by a schema, strictly.

    ``schema`` is a class name (``DataItem``), a slug, an ``$id`` or a ``Resolved``; ``within`` is
    the catalogue that it lives in (default: the standard). Often: Korean text, bounds of numbers,
    64-bit integers, leap seconds, no optional field at all, and every one of them. Schemas inside
    themselves end after a few levels. Objects typed by a sibling (``data`` of the envelope) are
    documents of some entity; a document that can name its schema does.

    Raises:
        UnknownSchema: no schema is called that.
        MissingExtra: hypothesis is not installed.
    """
    within = within or catalogue()
    resolved = schema if isinstance(schema, Resolved) else within.find(schema)
    return _documents(within, resolved.id)


@cache
def _documents(within: Catalogue, schema_id: str) -> SearchStrategy[Any]:
    try:
        from hypothesis import strategies as st
    except ImportError:
        raise MissingExtra("hypothesis", "testing") from None
    schema = within.get(schema_id)
    book = _book(within)
    node = schema.node
    if not isinstance(node, Object):
        make = book.document(schema)
        size = _STRUCTURE if _is_structure(node, within) else _SCALAR
        whole: SearchStrategy[Any] = st.binary(min_size=size, max_size=size).map(
            lambda data: make(Tape(data), ROOM)
        )
        return whole
    # Each field reads its own part: what shrinks in one leaves the others as they are. Scalars
    # share a draw, since a draw costs more than all that is made of it.
    fields = [book.field(each, schema) for each in node]
    typed = [each for each in node if by_sibling(each)]
    optional = [index for index, (_, _, required) in enumerate(fields) if not required]
    structured = frozenset(each.name for each in node if _is_structure(each.node, within))
    head = 1 + len(optional)
    size = head + _SCALAR * len(fields)
    scalars = st.binary(min_size=size, max_size=size)
    structure = st.binary(min_size=_STRUCTURE, max_size=_STRUCTURE)

    @st.composite
    def document(draw: DrawFn) -> dict[str, Any]:
        data = draw(scalars)
        absent = absent_of(Tape(data[:head]), optional)
        made = {}
        for index, (name, maker, _) in enumerate(fields):
            if index not in absent:
                start = head + _SCALAR * index
                own = draw(structure) if name in structured else data[start : start + _SCALAR]
                made[name] = maker(Tape(own), ROOM - 1)
        for each in typed:
            if each.name in made:
                book.type_by_sibling(each, made)
        return made

    made: SearchStrategy[Any] = document()
    return made


@cache
def _book(within: Catalogue) -> Book:
    return Book(within)


def _is_structure(node: Node, within: Catalogue) -> bool:
    if isinstance(node, Ref):
        return _is_structure(within.get(node.id).node, within)
    return isinstance(node, Object | Array | Map | Union | AnyObject)
