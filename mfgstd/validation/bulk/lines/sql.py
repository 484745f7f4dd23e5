"""The SQL that screens of lines are made of: readers, names, scalars out of JSON texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfgstd.validation.bulk.lines.leaves import Leaf, Leaves, Path

#: No line of a chunk is longer for the fast reader, in bytes; it holds two such buffers a thread.
LONGEST_LINE: Final = 4 << 20

#: The column with the path of a file; no document has a member of that name.
FILE_COLUMN: Final = '"mfgstd:file"'


def structure(leaves: Leaves, path: Path) -> str:
    """What ``json_transform`` is to make of an object: every leaf as its JSON text."""
    nested = set(leaves.objects)
    inside = []
    for each in leaves.below(path):
        value = structure(leaves, each) if each in nested else '"JSON"'
        inside.append(f"{json.dumps(each[-1])}: {value}")
    return f"{{{', '.join(inside)}}}"


def reader(leaves: Leaves, files: Sequence[str]) -> str:
    """A table of the lines of some files: each leaf as text or, if it is no text, as JSON."""
    paths = ", ".join(quoted(path) for path in files)
    columns = ", ".join(
        f"{quoted(path[0])}: {quoted(_column_type(leaves, path))}" for path in leaves.below(())
    )
    return (
        f"read_json([{paths}], format = 'newline_delimited', records = 'true', "
        f"compression = 'uncompressed', maximum_object_size = {LONGEST_LINE}, "
        f"filename = {quoted(FILE_COLUMN[1:-1])}, columns = {{{columns}}})"
    )


def _column_type(leaves: Leaves, path: Path) -> str:
    for leaf in leaves.scalars:
        if leaf.path == path:
            return "VARCHAR" if leaf.kind == "text" else "JSON"
    inner = ", ".join(f"{_name(e[-1])} {_column_type(leaves, e)}" for e in leaves.below(path))
    return f"STRUCT({inner})"


def typed(leaf: Leaf, raw: str) -> str:
    """A scalar that is no text, from its JSON text; null where it is not of the type."""
    match leaf.kind:
        case "number":
            # A number beyond every double, and the words for such, are left to the row engine.
            return (
                f"CASE WHEN isfinite(try_cast({raw} AS DOUBLE)) THEN try_cast({raw} AS DOUBLE) END"
            )
        case "integer":
            # 1.0 and 1e3 are whole numbers too; a cast would take 1.5 for one.
            real = " OR ".join(f"contains({raw}, '{sign}')" for sign in ".eE")
            return f"CASE WHEN NOT ({real}) THEN try_cast({raw} AS BIGINT) END"
        case "boolean":
            return f"CASE {raw} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"
        case "text":
            return raw


def reference(path: Path) -> str:
    """A leaf or an object of the table ``t``, nested structs included."""
    head, *rest = path
    return f"t.{_name(head)}" + "".join(f"[{quoted(each)}]" for each in rest)


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """A text as a literal."""
    return "'" + text.replace("'", "''") + "'"
