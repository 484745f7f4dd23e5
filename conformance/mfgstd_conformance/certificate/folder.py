"""Holding the folder of a run against the digests that a certificate carries.

Every file counts: one that was changed, one that is missing, and one that nobody signed for.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from mfgstd.language import Text
from mfgstd_conformance import canonical
from mfgstd_conformance.errors import PlanRefused
from mfgstd_conformance.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PLAN: Final = "plan.json"
RESULT: Final = "result.json"
LEDGER: Final = "ledger.json"
TRACE: Final = "trace"
MANIFEST: Final = "manifest.json"


class FolderCheck:
    """One folder and the predicate that it must fit; reads only, never raises for its content."""

    def __init__(self, folder: Path, predicate: Mapping[str, Any]) -> None:
        self._folder = folder
        self._predicate = predicate

    @cached_property
    def plan(self) -> Plan | None:
        """The plan of the run, if its file is there and is the certified one."""
        try:
            data = (self._folder / PLAN).read_bytes()
            plan = Plan.from_bytes(data)
        except (OSError, PlanRefused):
            return None
        return plan if plan.digest == self._predicate["plan"]["sha256"] else None

    def problems(self) -> Iterator[tuple[str, Text | None]]:
        """Each part with what is wrong with it, or ``None``."""
        changed = self._changed(PLAN, "plan")
        if changed is None and self.plan is None:
            changed = _text(
                PLAN, "is not a plan of this suite", "은(는) 올바른 시험 계획이 아닙니다"
            )
        yield "plan", changed
        yield "result", self._changed(RESULT, "result")
        yield "ledger", self._changed(LEDGER, "ledger")
        yield "trace", self._trace()

    def _changed(self, name: str, part: str) -> Text | None:
        try:
            digest = canonical.sha256_of_file(self._folder / name)
        except OSError:
            return _text(name, "is not there", "이(가) 없습니다")
        if digest != self._predicate[part]["sha256"]:
            return _text(name, "was changed", "이(가) 변경되었습니다")
        return None

    def _trace(self) -> Text | None:
        manifest = f"{TRACE}/{MANIFEST}"
        changed = self._changed(manifest, "trace")
        if changed is not None:
            return changed
        listed = _listed((self._folder / manifest).read_bytes())
        if listed is None:
            return _text(manifest, "is malformed", "의 형식이 올바르지 않습니다")
        base = self._folder / TRACE
        for name, digest in listed.items():
            path = base / name
            try:
                if path.is_symlink() or canonical.sha256_of_file(path) != digest:
                    return _text(f"{TRACE}/{name}", "was changed", "이(가) 변경되었습니다")
            except OSError:
                return _text(f"{TRACE}/{name}", "is not there", "이(가) 없습니다")
        for path in base.rglob("*"):
            name = path.relative_to(base).as_posix()
            if not path.is_dir() and name != MANIFEST and name not in listed:
                return _text(
                    f"{TRACE}/{name}", "is in no manifest", "은(는) 목록(manifest)에 없습니다"
                )
        return None


def _listed(data: bytes) -> dict[str, str] | None:
    """Path -> SHA-256 out of a manifest; ``None`` if it is malformed or leads out of the trace."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    match value:
        case {"files": list(files)}:
            pass
        case _:
            return None
    listed: dict[str, str] = {}
    for each in files:
        match each:
            case {"path": str(name), "sha256": str(digest)} if name not in listed:
                parts = PurePosixPath(name)
                if parts.is_absolute() or ".." in parts.parts or parts.as_posix() != name:
                    return None
                listed[name] = digest
            case _:
                return None
    return listed


def _text(name: str, en: str, ko: str) -> Text:
    return Text(f"{name} {en}.", f"{name}{ko}.")
