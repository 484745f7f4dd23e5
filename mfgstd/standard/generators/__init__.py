"""Everything that is made out of the schemas: one file here for each target.

A target is a pure function from resolved schemas to files. To add one, write the function and add
a line to :data:`TARGETS`; :mod:`mfgstd.standard.generation` writes, checks and removes for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from mfgstd.standard.generators import arrow, pydantic
from mfgstd.standard.resolved import Resolved

#: From schemas to files: path relative to the folder of the target -> text.
Generator: TypeAlias = Callable[[Sequence[Resolved]], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Target:
    """What ``mfgstd generate NAME`` makes, and in which folder of the checkout it lives."""

    generate: Generator
    folder: str


TARGETS: Final[Mapping[str, Target]] = {
    "models": Target(pydantic.generate, "mfgstd/models"),
    "arrow": Target(arrow.generate, "mfgstd/observations"),
}
