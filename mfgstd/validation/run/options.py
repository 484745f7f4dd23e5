"""What the user wishes of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from mfgstd.errors import UsageError
from mfgstd.finding import show
from mfgstd.language import Text
from mfgstd.validation.lowering import Strictness
from mfgstd.validation.run.rows import Judging

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mfgstd.standard.resolved import Resolved

Choice: TypeAlias = Literal["auto", "duckdb", "spark", "row", "fastjsonschema", "referee"]
CHOICES: Final[tuple[Choice, ...]] = get_args(Choice)

Asked: TypeAlias = Literal["all", "record", "none"]
ASKED: Final[tuple[Asked, ...]] = get_args(Asked)


def no_engine(name: str, among: Sequence[str]) -> UsageError:
    """Nobody of that name judges."""
    return UsageError(
        Text(
            f"There is no engine {show(name)} (there are: {', '.join(among)}).",
            f"{show(name)} 엔진이 없습니다(사용 가능: {', '.join(among)}).",
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a run judges; sizes in bytes.

    ``rules`` says which of the standard's rules are asked: all, those about one document only, or
    none. ``findings`` is where every finding is written as Parquet. ``master`` is the URL of a
    Spark cluster. ``processes`` bounds the worker processes; by default as many as the machine
    has processors.
    """

    schema: Resolved | None = None
    strictness: Strictness = Strictness.STRICT
    engine: Choice = "auto"
    rules: Asked = "all"
    max_line: int = 16 << 20
    max_document: int = 64 << 20
    max_findings: int = 100
    encoding: str = "utf-8"
    findings: Path | None = None
    master: str | None = None
    processes: int | None = None

    def judging(self) -> Judging:
        """The same for the row engine."""
        engine = self.engine if self.engine in ("fastjsonschema", "referee") else "row"
        strict = self.strictness is Strictness.STRICT
        return Judging(
            schema=None if self.schema is None else self.schema.id,
            strictness=self.strictness,
            engine=engine,
            rules=strict and self.rules != "none",
            shelve=strict and self.rules == "all",
        )
