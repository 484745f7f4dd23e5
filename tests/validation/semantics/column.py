"""One row of the table of columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

#: What each value breaks, as ``rule pointer`` without the ``schema.`` and the ``/it``; ``^`` is the
#: pointer of the whole document.
Said = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """``found`` has the findings of each value; ``rows`` if only rows can judge such a column."""

    what: str
    schema: dict[str, Any]
    kind: pa.DataType
    values: tuple[Any, ...]
    found: tuple[Said, ...]
    optional: bool = False
    rows: bool = False

    @property
    def column(self) -> pa.Array:
        """The values as Arrow holds them; instants are numbers of their unit since 1970."""
        return pa.array(self.values, self.kind)
