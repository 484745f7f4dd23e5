"""How a file is written: by its name, or where that says nothing by its first bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from mfgstd.validation.reader import read

if TYPE_CHECKING:
    from mfgstd.validation.sources.lines import Compression

Format: TypeAlias = Literal["json", "ndjson", "csv", "parquet", "arrow"]

#: How many bytes of a file its format may be told by.
HEAD: Final = 4096

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_PARQUET: Final = b"PAR1"
#: An Arrow file, and the continuation marker that an Arrow stream begins with.
_ARROW: Final = (b"ARROW1", b"\xff\xff\xff\xff")

_PACKED: Final[dict[str, Compression]] = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}
_NAMED: Final[dict[str, Format]] = {
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".csv": "csv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A format, and what the whole of it was compressed by."""

    format: Format
    compression: Compression | None = None


def written(name: str, head: bytes) -> Written:
    """How the file called ``name`` that begins with ``head`` is written.

    A name tells; its first bytes tell only what the name leaves open, and whether it is
    compressed (a compressed file may have lost its second suffix).
    """
    plain, packed = name.lower(), compression(head)
    for suffix, by in _PACKED.items():
        if plain.endswith(suffix):
            plain, packed = plain.removesuffix(suffix), packed or by
            break
    for suffix, known in _NAMED.items():
        if plain.endswith(suffix):
            return Written(known, None if known in ("parquet", "arrow") else packed)
    if head.startswith(_PARQUET):
        return Written("parquet")
    if head.startswith(_ARROW):
        return Written("arrow")
    first, newline, rest = head.partition(b"\n")
    lines = newline and rest.strip() and read(first).ok
    return Written("ndjson" if lines or packed or not head else "json", packed)


def compression(head: bytes) -> Compression | None:
    """What bytes that begin so were compressed by."""
    if head.startswith(_GZIP):
        return "gzip"
    return "zstd" if head.startswith(_ZSTD) else None
