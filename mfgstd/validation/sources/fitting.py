"""Which entity a table holds, told by the names of its columns.

A table says it in the metadata of its Arrow schema, under the key ``mfgstd.schema``: the ``$id``.
Where it does not, the names decide, if they fit one entity better than all others; so a table with
a column too many or too few is still judged as what it was meant to be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mfgstd.finding import Finding, show
from mfgstd.language import Text
from mfgstd.near import nearest
from mfgstd.standard import resolved as nodes
from mfgstd.standard.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Node, Object, Resolved

#: Where the metadata of an Arrow schema names the ``$id`` of what its rows are.
METADATA_KEY: Final = b"mfgstd.schema"

#: The rows in which observations are kept: no entity, and what most tables hold.
OBSERVATION_ROW: Final = "https://w3id.org/mfgstd/equipment/observation-row/1"

#: Below this share of names in common a table is none of ours.
_ENOUGH: Final = 0.5


def entity_of(
    columns: Sequence[str],
    within: Catalogue,
    *,
    asked: Resolved | None = None,
    named: str | None = None,
) -> Resolved | Finding:
    """What the rows of a table with these columns are; a finding if nothing tells.

    ``asked`` is what the user says, ``named`` what the table says. Columns may be dotted paths.
    Observations come as :data:`OBSERVATION_ROW` or, in columns named like the fields of the
    document, as ``Observation``; the columns decide also where the user names one of the two.
    """
    row = within.get(OBSERVATION_ROW) if OBSERVATION_ROW in within else None
    observation = within.find("observation") if row is not None else None
    if asked is not None and (
        observation is None or asked.id not in (OBSERVATION_ROW, observation.id)
    ):
        return asked
    if asked is None and named is not None:
        if named in within and (within.get(named).is_entity or named == OBSERVATION_ROW):
            return within.get(named)
        return _unknown(named, within)
    candidates = [each for each in within if each.is_entity]
    if asked is not None:
        candidates = [observation] if observation is not None else []
    if row is not None:
        candidates.insert(0, row)
    scored = sorted(
        ((_fit(columns, each, within), -place) for place, each in enumerate(candidates)),
        reverse=True,
    )
    best, place = scored[0]
    if asked is None and (best < _ENOUGH or (len(scored) > 1 and scored[1][0] == best)):
        alike = [candidates[-place].slug for score, place in scored if score == best and best]
        return _undeclared(columns, alike)
    return candidates[-place]


def leaf(node: Node, path: Sequence[str], within: Catalogue) -> Node | None:
    """The node that a path of names and indexes leads to; ``None`` where there is none."""
    match node:
        case nodes.Ref(schema_id):
            return leaf(within.get(schema_id).node, path, within)
        case _ if not path:
            return node
        case nodes.Object():
            for each in node:
                if each.name == path[0]:
                    return leaf(each.node, path[1:], within)
            return None
        case nodes.Union(branches):
            found = (leaf(each, path, within) for each in branches)
            return next((each for each in found if each is not None), None)
        case nodes.Map(values):
            return leaf(values, path[1:], within)
        case nodes.Array(items):
            return leaf(items, path[1:], within) if path[0].isdecimal() else None
        case _:
            return None


def fields(resolved: Resolved) -> Object:
    """The fields of an entity, which is an object by definition."""
    assert isinstance(resolved.node, nodes.Object)  # noqa: S101 - told by is_entity
    return resolved.node


def _fit(columns: Sequence[str], resolved: Resolved, within: Catalogue) -> float:
    """The share that the columns and the entity have in common, from 0 to 1."""
    known = sum(leaf(resolved.node, each.split("."), within) is not None for each in columns)
    first = {each.split(".")[0] for each in columns}
    missing = len(set(fields(resolved).required) - first - {"$schema"})
    return known / max(1, len(columns) + missing)


def _unknown(named: str, within: Catalogue) -> Finding:
    known = [each.id for each in within if each.is_entity]
    return Finding(
        rule="schema.unknown",
        message=Text(
            "The table names a schema that is not one of a document of this standard.",
            "표가 가리키는 스키마는 이 표준의 문서 스키마가 아닙니다.",
        ),
        expected=Text("the $id of a document's schema", "문서 스키마의 $id"),
        found=show(named),
        hint=nearest(named[:201], known)
        or Text(
            "`mfgstd schema list` names the schemas.",
            "`mfgstd schema list`로 스키마 목록을 볼 수 있습니다.",
        ),
    )


def _undeclared(columns: Sequence[str], alike: Sequence[str]) -> Finding:
    said = ", ".join(alike[:5])
    return Finding(
        rule="schema.undeclared",
        message=Text(
            "The columns do not tell which document of the standard a row is.",
            "열 이름만으로는 각 행이 표준의 어떤 문서인지 알 수 없습니다.",
        ),
        expected=Text(
            f"columns of one kind of document{f' (not of all of: {said})' if said else ''}",
            f"한 종류 문서의 열{f'(다음 모두의 열이 아님: {said})' if said else ''}",
        ),
        found=show(", ".join(columns)),
        hint=Text(
            f"Name it with --schema, or in the metadata of the table: {METADATA_KEY.decode()}.",
            f"--schema로 지정하거나 표의 메타데이터({METADATA_KEY.decode()})에 적으십시오.",
        ),
    )


def judged_as(entity: Resolved) -> Resolved | None:
    """What the rows of a table are judged as; ``None`` if columns cannot.

    A row of observations is judged as the document that it stands for. Observations field by field
    are not the table that is meant by the name.
    """
    if entity.id == OBSERVATION_ROW:
        return catalogue().find("observation")
    return None if entity.name == "Observation" else entity
