"""What rules about several documents look at, gathered over a run and judged in the end.

:mod:`mfgstd.validation.bulk.together.whole_run` does the work; here is what a run owes it (texts
that are JSON and nothing else) and what becomes of those rules where it cannot do it.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from mfgstd.engine import has_no_room
from mfgstd.errors import MissingExtra
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.validation import problems
from mfgstd.validation.reader import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path as FilePath

    import numpy as np
    from numpy.typing import NDArray

    from mfgstd.finding import Finding
    from mfgstd.validation.bulk.together.whole_run import Together, TogetherResult
    from mfgstd.validation.sources.pieces import Piece

_BOM: Final = b"\xef\xbb\xbf"
OBSERVATION: Final = "https://w3id.org/mfgstd/equipment/observation/1"


class Gathering:
    """The documents of one run that their schemas accept; ``stack`` gives back what holds them."""

    def __init__(self, stack: ExitStack) -> None:
        # One of our own inside: on refusal, room is given back before the run ends.
        self._stack = stack.enter_context(ExitStack())
        self._sources: dict[tuple[str | None, str], None] = {}
        self._together: Together | None = None
        self._refused: Text | None = None
        #: What kept the rules from being asked, if that makes the run worth less.
        self.wrong: Finding | None = None

    def source(self, path: str | None, unit: str) -> None:
        """Say that a source comes next; ``unit`` is ``line`` or ``row``."""
        self._sources[path, unit] = None
        if self._together is not None:
            self._together.source(path, unit)

    @property
    def together(self) -> Together | None:
        """Where documents go; ``None`` once it is known that there are too many for this."""
        if self._refused is not None:
            return None
        if self._together is None:
            from mfgstd.validation.bulk.together.whole_run import Together

            self._together = self._stack.enter_context(Together())
            for each in self._sources:
                self._together.source(*each)
        return self._together

    def add(
        self,
        schema_id: str,
        path: str | None,
        numbers: Sequence[int],
        texts: Sequence[bytes],
        unit: str = "line",
    ) -> None:
        """Documents of one schema, each as JSON text with the number of its line or row."""
        if unit == "line":
            # The reader passes over a mark that the JSON of an engine would stumble on.
            plain = [each.removeprefix(_BOM) for each in texts]
            self._to(
                schema_id, lambda together: together.add_lines(schema_id, path, numbers, plain)
            )
            return
        places = [Place(path=path, row=each) for each in numbers]
        values = [read(each).value for each in texts]
        self._to(schema_id, lambda together: together.add_documents(schema_id, values, places))

    def add_lines(
        self, schema_id: str, path: str | None, numbers: Sequence[int], piece: Piece
    ) -> None:
        """Some lines of a piece, which are documents of one schema."""
        if _BOM in piece.data:
            self.add(schema_id, path, numbers, piece.texts(numbers))
            return
        self._to(
            schema_id,
            lambda together: together.add_lines(schema_id, path, numbers, piece.column(numbers)),
        )

    def add_documents(
        self, schema_id: str, path: str | None, rows: Sequence[tuple[int, Mapping[str, Any]]]
    ) -> None:
        """Documents that are values already, each with its row."""
        places = [Place(path=path, row=row) for row, _ in rows]
        values = [each for _, each in rows]
        self._to(schema_id, lambda together: together.add_documents(schema_id, values, places))

    def add_observations(
        self, data: FilePath, path: str | None, invalid: NDArray[np.int64]
    ) -> None:
        """A Parquet file of observations, but for the rows that are no valid ones."""
        self._to(OBSERVATION, lambda together: together.add_observations(data, path, invalid))

    def _to(self, schema_id: str, give: Callable[[Together], None]) -> None:
        if self.together is None or not self.together.wants(schema_id):
            return
        try:
            give(self.together)
        except MissingExtra as error:
            # Memory has a bound; the account says which rules were not asked.
            self.refuse(_too_many(error))
        except Exception as error:
            if not has_no_room(error):
                raise
            self.wrong = problems.no_room(error)
            self.refuse(self.wrong.message)

    def refuse(self, why: Text) -> None:
        """Give up: no rule about several documents is asked, and the account says why."""
        self._refused = why
        self._together = None
        self._stack.close()

    def finish(self, limit: int) -> TogetherResult | None:
        """Judge all that came; up to ``limit`` findings are explained. ``None`` if nothing came."""
        if self._refused is not None:
            from mfgstd.validation.bulk.together.whole_run import TogetherResult
            from mfgstd.validation.rules.together import rules_together

            refused = self._refused
            return TogetherResult(not_judged={each.id: refused for each in rules_together()})
        return None if self._together is None else self._together.finish(limit)


def _too_many(error: MissingExtra) -> Text:
    extra = error.extra
    return Text(
        f'So many documents need the extra "{extra}": pip install "mfgstd[{extra}]".',
        f'문서가 많아 {extra} 확장이 필요합니다: pip install "mfgstd[{extra}]".',
    )
