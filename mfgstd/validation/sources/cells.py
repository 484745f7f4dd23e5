"""A row of text cells as a document: dotted column names are paths, types are the schema's.

Cells are read strictly. A text that is no number of JSON stays text, so that the engine says of it
what it says of ``"12a"`` in a document; an empty cell is a field that is not there.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from mfgstd.finding import Finding, show
from mfgstd.language import Text
from mfgstd.observations.documents import NATIVE_MEMBERS, PLAIN_MEMBERS, TIME_MEMBERS
from mfgstd.standard import resolved as nodes
from mfgstd.validation.reader import all_finite
from mfgstd.validation.sources.fitting import leaf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Node, Resolved

#: The grammar of RFC 8259: no plus sign, no leading zero, no separator of thousands.
_NUMBER: Final = re.compile(
    r"-?(?:0|[1-9][0-9]{0,4000})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII
)
_WORDS: Final = {"true": True, "false": False}

#: Column of an observation row -> where the Observation document has it. ``event_time_ns`` and
#: ``kind`` are told by others there.
OBSERVATION_PATHS: Final[Mapping[str, str]] = {
    "data_item": "dataItem",
    "event_time": "eventTime",
    "status": "quality.status",
    "reason": "quality.reason",
    **{kind: f"value.{kind}" for kind in ("number", "integer", "decimal", "text", "boolean")},
    **TIME_MEMBERS,
    **PLAIN_MEMBERS,
    **{name: f"native.{member}" for name, member in NATIVE_MEMBERS.items()},
}


class Plan:
    """How the cells of a row become a document of one schema.

    Args:
        paths: column -> dotted path, in the order of the columns; ``None`` for one that is not
            part of the document.
        resolved: the schema.
        within: where the schemas are that it refers to.
    """

    def __init__(
        self, paths: Sequence[tuple[str, str | None]], resolved: Resolved, within: Catalogue
    ) -> None:
        self._root: dict[str, Any] = {}
        for index, (column, path) in enumerate(paths):
            if path is None:
                continue
            *parents, last = path.split(".")
            holder = self._root
            for each in parents:
                holder = holder.setdefault(each, {})
            read = _reader(leaf(resolved.node, path.split("."), within), within)
            holder[last] = (index, column, read)

    def document(self, cells: Sequence[str]) -> dict[str, Any]:
        """The document that a row of cells stands for."""
        value: dict[str, Any] = _branch(self._root, cells)
        return value

    def column(self, finding: Finding, cells: Sequence[str]) -> str | None:
        """The column that a finding is about; ``None`` where no single one is."""
        steps = [
            each.replace("~1", "/").replace("~0", "~") for each in finding.pointer.split("/")[1:]
        ]
        if finding.rule == "schema.required" and isinstance(finding.expected, str):
            steps.append(finding.expected)
        part: Any = self._root
        for step in steps:
            if not isinstance(part, dict):
                break
            if _is_list(part) and step.isdecimal():
                # Empty cells make no element, so the elements that are there are counted.
                there = [each for each in part.values() if _part(each, cells) is not None]
                part = there[int(step)] if int(step) < len(there) else None
            else:
                part = part.get(step)
        return part[1] if isinstance(part, tuple) else None


def conflict(columns: Sequence[str]) -> Finding | None:
    """Why these columns together make no document: one twice, or a value that is also an object."""
    parents = {each[:end] for each in columns for end in range(len(each)) if each[end] == "."}
    for number, each in enumerate(columns, 1):
        if not each or ".." in f".{each}.":
            wrong = Text(f"Column {number} has no name.", f"{number}번째 열에 이름이 없습니다.")
        elif columns.count(each) > 1:
            wrong = Text(
                f"The column {show(each)} stands twice in the header.",
                f"머리글에 {show(each)} 열이 두 번 나옵니다.",
            )
        elif each in parents:
            wrong = Text(
                f"The column {show(each)} is a value and, in other columns, an object.",
                f"{show(each)} 열은 값인데 다른 열에서는 객체로 쓰입니다.",
            )
        else:
            continue
        return Finding(
            rule="csv.header",
            message=wrong,
            expected=Text(
                "one name for each column, as a path such as quality.status",
                "열마다 하나의 이름(예: quality.status와 같은 경로)",
            ),
            found=show(each),
            hint=Text("Mend the first line.", "첫 줄을 고치십시오."),
        )
    return None


def _branch(part: dict[str, Any], cells: Sequence[str]) -> Any:
    items = {
        name: value for name, each in part.items() if (value := _part(each, cells)) is not None
    }
    return list(items.values()) if _is_list(part) else items


def _part(part: Any, cells: Sequence[str]) -> Any:
    """The value of a column or of columns with a name in common; ``None`` if all are empty."""
    if isinstance(part, dict):
        return _branch(part, cells) or None
    index, _column, read = part
    text = cells[index]
    return read(text) if text else None


def _is_list(part: dict[str, Any]) -> bool:
    return all(each.isdecimal() for each in part)


def _reader(node: Node | None, within: Catalogue) -> Callable[[str], Any]:
    match node:
        case nodes.Number() | nodes.Integer():
            return _number
        case nodes.Boolean():
            return _boolean
        case nodes.Ref(schema_id):
            return _reader(within.get(schema_id).node, within)
        case _:
            return str


def _number(text: str) -> Any:
    if _NUMBER.fullmatch(text) is None:
        return text
    value = json.loads(text)
    return value if all_finite(value) else text


def _boolean(text: str) -> Any:
    # Spreadsheets write TRUE.
    return _WORDS.get(text.lower(), text)
