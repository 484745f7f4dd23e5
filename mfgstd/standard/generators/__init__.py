"""Everything that is made out of the schemas: one file or package here for each target.

A target is a pure function from resolved schemas to files. To add one, write the function and add
a line to :data:`TARGETS`; :mod:`mfgstd.standard.generation` writes, checks and removes for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Final, TypeAlias

from mfgstd.language import Text
from mfgstd.standard.resolved import Resolved

#: From schemas to files: path relative to the folder of the target -> text, or bytes of a binary.
Generator: TypeAlias = Callable[[Sequence[Resolved]], Mapping[str, str | bytes]]


@dataclass(frozen=True, slots=True)
class Target:
    """What ``mfgstd generate NAME`` makes.

    ``by`` is ``module:function``, imported when the target is asked for. ``folder`` is where it
    lives in the checkout, committed and proven fresh by CI; without one it is made on demand only,
    into a folder of the user's (``--to``).
    """

    by: str
    makes: Text
    folder: str | None = None

    def generate(self, schemas: Sequence[Resolved]) -> dict[str, bytes]:
        """The files, as bytes."""
        module, _, function = self.by.partition(":")
        made: Mapping[str, str | bytes] = getattr(import_module(module), function)(schemas)
        return {
            path: content.encode() if isinstance(content, str) else content
            for path, content in made.items()
        }


_HERE: Final = "mfgstd.standard.generators"

TARGETS: Final[Mapping[str, Target]] = {
    "rules": Target(
        "mfgstd.validation.rules.compiled:generate",
        Text("compiled rules", "컴파일된 규칙"),
        "mfgstd/validation/rules",
    ),
    "models": Target(
        f"{_HERE}.pydantic:generate",
        Text("pydantic models", "pydantic 모델"),
        "mfgstd/models",
    ),
    "arrow": Target(
        f"{_HERE}.arrow:generate",
        Text("the columns of observations (Arrow)", "관측값 열(Arrow)"),
        "mfgstd/observations",
    ),
    "typescript": Target(
        f"{_HERE}.typescript:generate",
        Text("TypeScript types (an npm package)", "TypeScript 타입(npm 패키지)"),
    ),
    "sql-duckdb": Target(
        f"{_HERE}.sql.duckdb:generate",
        Text("tables for DuckDB (SQL)", "DuckDB용 테이블(SQL)"),
    ),
    "sql-postgresql": Target(
        f"{_HERE}.sql.postgresql:generate",
        Text("tables for PostgreSQL (SQL)", "PostgreSQL용 테이블(SQL)"),
    ),
    "openapi": Target(
        f"{_HERE}.openapi:generate",
        Text("OpenAPI 3.1 components", "OpenAPI 3.1 컴포넌트"),
    ),
    "asyncapi": Target(
        f"{_HERE}.asyncapi:generate",
        Text("AsyncAPI 3.0 messages and channels", "AsyncAPI 3.0 메시지와 채널"),
    ),
    "opcua-nodeset": Target(
        f"{_HERE}.nodeset:generate",
        Text("OPC UA data types (NodeSet2)", "OPC UA 데이터 타입(NodeSet2)"),
    ),
    "aas": Target(
        f"{_HERE}.aas:generate",
        Text(
            "submodel templates of the Asset Administration Shell (JSON, AASX)",
            "자산관리쉘(AAS) 서브모델 템플릿(JSON, AASX)",
        ),
    ),
    "site": Target(
        f"{_HERE}.site:generate",
        Text(
            "the reference site (HTML, Korean and English)",
            "참조 사이트(HTML, 한국어와 영어)",
        ),
    ),
}
