"""Writing what the generators make, and proving that what lies there is what they would make.

Only files that carry the mark of :mod:`mfgstd.standard.generators.header`, or that the manifest of
their folder lists, are ever overwritten or removed; the hand-written ones beside them are safe.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mfgstd.errors import UsageError
from mfgstd.finding import Finding, Place, show
from mfgstd.language import Text
from mfgstd.near import nearest
from mfgstd.standard.generators import TARGETS
from mfgstd.standard.generators.header import MARK
from mfgstd.standard.resources import checkout

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from mfgstd.standard.resolved import Resolved

#: The rule that a generated file breaks when it is not what the schemas say.
STALE: Final = "generate.stale"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a folder should hold: the content of each generated file, and what must go."""

    files: dict[Path, bytes]
    leftover: tuple[Path, ...]
    command: str = "mfgstd generate"
    """What brings the folder there."""

    @property
    def changed(self) -> tuple[Path, ...]:
        """The files that are missing or hold something else."""
        return tuple(path for path, content in self.files.items() if _read(path) != content)


def plan(
    schemas: Sequence[Resolved], targets: Iterable[str] | None = None, to: Path | None = None
) -> Plan:
    """What generating would leave behind.

    ``targets`` are names in :data:`TARGETS`. Without ``to`` each has its folder in the checkout,
    and by default all that have one are meant; with it each has a folder of its own name below
    ``to``, or ``to`` itself where only one target is asked for, and by default all are meant.

    Raises:
        UsageError: no such target, no checkout to write into, ``to`` is a file, or what lies
            there was made by another target.
    """
    if to is not None and to.exists() and not to.is_dir():
        raise UsageError(
            Text("This is a file; a folder is wanted.", "파일입니다. 폴더를 지정해야 합니다."),
            place=Place(path=str(to)),
        )
    kept = [name for name, target in TARGETS.items() if to is not None or target.folder]
    names = list(dict.fromkeys(targets or kept))
    for name in names:
        if name not in TARGETS:
            raise _unknown(name)
    files: dict[Path, bytes] = {}
    leftover: list[Path] = []
    for name in names:
        folder = _folder(name, to, alone=len(names) == 1)
        _own(folder, name)
        content = TARGETS[name].generate(schemas)
        if TARGETS[name].folder is None:
            content[MANIFEST] = _manifest(name, content)
        made = {folder / path: each for path, each in content.items()}
        files.update(made)
        before = {folder / path for path in _listed(folder)}
        if TARGETS[name].folder is not None:
            before |= set(folder.glob("*.py"))
        gone = [each for each in sorted(before - set(made)) if _is_ours(each)]
        if to is not None and gone and not before & set(made):
            # Modules carry the mark, but not the name of their target.
            raise _occupied(folder, name, gone[0].name)
        leftover += gone
    command = shlex.join(
        ["mfgstd", "generate", *(targets or ()), *(["--to", str(to)] if to is not None else ())]
    )
    return Plan(files, tuple(leftover), command)


def _unknown(name: str) -> UsageError:
    known = ", ".join(TARGETS)
    return UsageError(
        Text(
            f"There is nothing called {name!r} to generate (known: {known}).",
            f"{name!r}(이)라는 생성 대상이 없습니다 (가능한 대상: {known}).",
        ),
        hint=nearest(name, list(TARGETS)),
    )


def _own(folder: Path, name: str) -> None:
    """Refuse a folder that another target made: its files would be taken for leftovers."""
    other = _record(folder).get("target")
    if isinstance(other, str) and other != name:
        raise _occupied(folder, name, other)


def _occupied(folder: Path, name: str, other: str) -> UsageError:
    return UsageError(
        Text(
            f"This folder holds what was generated for something else: {show(other)}.",
            f"이 폴더에는 다른 대상의 생성 결과가 있습니다: {show(other)}.",
        ),
        place=Place(path=str(folder)),
        hint=Text(
            f"Name another folder for {name} with --to, or delete this one first.",
            f"--to로 {name}에 쓸 다른 폴더를 지정하거나 이 폴더를 먼저 지우십시오.",
        ),
    )


def write(wanted: Plan) -> list[Path]:
    """Write what changed, remove what nothing makes any more; the paths touched.

    Raises:
        UsageError: a file that nobody generated stands in the way, or the folder cannot be
            written to.
    """
    for path in wanted.changed:
        if path.exists() and not _is_ours(path):
            raise UsageError(
                _foreign(path),
                place=Place(path=str(path)),
                hint=Text(
                    "Move it away, or generate into another folder with --to.",
                    "파일을 옮기거나 --to로 다른 폴더를 지정하십시오.",
                ),
            )
    touched = list(wanted.changed)
    try:
        for path in touched:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wanted.files[path])
        for path in wanted.leftover:
            path.unlink()
    except OSError as error:
        raise UsageError(
            Text(
                f"Cannot write there: {error.strerror}.",
                f"파일을 쓸 수 없습니다: {error.strerror}.",
            ),
            place=Place(path=str(error.filename)),
        ) from error
    return [*touched, *wanted.leftover]


def check(wanted: Plan) -> list[Finding]:
    """One finding for each file that is missing, stale, left over or not ours."""
    findings: list[Finding] = []
    for path in wanted.changed:
        if not path.exists():
            said = Text("This generated file is missing.", "생성된 파일이 없습니다.")
        elif not _is_ours(path):
            said = _foreign(path)
        else:
            said = Text(
                "This generated file is not what the schemas say.",
                "생성된 파일이 스키마와 일치하지 않습니다.",
            )
        findings.append(_finding(path, said, wanted.command))
    for path in wanted.leftover:
        said = Text(
            "Nothing generates this file any more.",
            "더 이상 생성되지 않는 파일입니다.",
        )
        findings.append(_finding(path, said, wanted.command))
    return findings


def _finding(path: Path, said: Text, command: str) -> Finding:
    again = Text(f"Run: {command}", f"다음 명령을 실행하십시오: {command}")
    return Finding(rule=STALE, message=said, hint=again, source=Place(path=str(path)))


def _foreign(path: Path) -> Text:
    return Text(
        f"{path.name} should be generated, but somebody wrote it by hand.",
        f"{path.name}은(는) 생성되어야 하지만 직접 작성된 파일입니다.",
    )


def _folder(name: str, to: Path | None, *, alone: bool) -> Path:
    if to is not None:
        return to if alone else to / name
    example = Text(
        f"Name a folder of your own: mfgstd generate {name} --to DIR",
        f"사용할 폴더를 지정하십시오: mfgstd generate {name} --to DIR",
    )
    folder = TARGETS[name].folder
    if folder is None:
        raise UsageError(
            Text(
                f"{name!r} is made on demand and has no folder in the checkout.",
                f"{name!r}은(는) 요청할 때 만들며 소스 폴더 안에 정해진 자리가 없습니다.",
            ),
            hint=example,
        )
    root = checkout()
    if root is None:
        raise UsageError(
            Text(
                "There is no checkout of mfgstd here to generate into.",
                "생성 결과를 쓸 mfgstd 소스 폴더가 없습니다.",
            ),
            hint=example,
        )
    return root / folder


#: Lists what was generated into a folder, since JSON and binaries cannot carry a mark.
MANIFEST: Final = "generated.json"


def _manifest(target: str, files: dict[str, bytes]) -> bytes:
    digests = {path: hashlib.sha256(files[path]).hexdigest() for path in sorted(files)}
    record = {"note": MARK, "target": target, "sha256": digests}
    return (json.dumps(record, indent=2) + "\n").encode()


def _record(folder: Path) -> dict[str, Any]:
    """The manifest of a folder; empty where there is none, or one that is not ours."""
    try:
        record: Any = json.loads(_read(folder / MANIFEST) or b"{}")
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) and record.get("note") == MARK else {}


def _listed(folder: Path) -> dict[str, str]:
    """What the manifest of a folder lists: path -> SHA-256; nothing where there is none."""
    digests = _record(folder).get("sha256")
    if not isinstance(digests, dict):
        return {}
    # A manifest from elsewhere may list what it likes; only what lies below its folder counts.
    inside = folder.resolve()
    return {
        path: str(digest)
        for path, digest in digests.items()
        if (folder / path).resolve().is_relative_to(inside)
    }


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _is_ours(path: Path) -> bool:
    content = _read(path) or b""
    if MARK.encode() in content[:2000].split(b"\n", 2)[0]:
        return True
    if path.name == MANIFEST:
        return bool(_listed(path.parent))
    return any(_listed(folder).get(path.relative_to(folder).as_posix()) for folder in path.parents)
