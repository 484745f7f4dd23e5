"""Released bundles: written once, never changed, and proved unchanged ever after.

``schemas/released/<version>/`` holds each schema below the path of its ``$id``
(``equipment/alarm/1.json``), and rules, machines and tables beside them, all in canonical JSON
(:mod:`mfgstd.standard.canonical`). ``lock.json`` lists their digests; ``released/index.json`` the
digest of each lock.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mfgstd.errors import ReleaseError, UsageError
from mfgstd.finding import Finding, Place, show
from mfgstd.language import Text
from mfgstd.standard.canonical import canonical
from mfgstd.standard.diff import KINDS, Bump, Edition, Report, compare, step
from mfgstd.standard.diff.edition import LOCK, RELEASED, VERSION, numbers, of_folder, releases
from mfgstd.standard.resolved import NAMESPACE
from mfgstd.standard.resources import root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Names every release with the digest of its lock.
INDEX: Final = "index.json"

_MEND: Final = Text(
    "A release never changes: restore the file from version control.",
    "출시된 파일은 바뀔 수 없습니다. 버전 관리에서 파일을 되돌리십시오.",
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one release, its lock included: path below its folder -> bytes."""

    version: str
    files: Mapping[str, bytes]

    @property
    def lock(self) -> bytes:
        """What ``lock.json`` holds."""
        return self.files[LOCK]


def bundle(edition: Edition, version: str) -> Bundle:
    """What a release of an edition consists of; the same bytes for the same content."""
    schemas: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for schema_id, schema in sorted(edition.authored.items()):
        path = f"{schema_id.removeprefix(NAMESPACE)}.json"
        files[path] = canonical(schema)
        schemas[schema_id] = {
            "path": path,
            "version": schema["x-mfg-version"],
            "sha256": _digest(files[path]),
        }
    others: dict[str, str] = {}
    for name, content in sorted(edition.content.items()):
        path = f"{name}.json"
        files[path] = canonical(content)
        others[path] = _digest(files[path])
    files[LOCK] = _readable({"version": version, "schemas": schemas, "files": others})
    return Bundle(version, files)


def lock(version: str, folder: Path | None = None) -> tuple[Bundle, bool]:
    """Write the current tree as a release; the bundle, and whether it is a new one.

    Raises:
        UsageError: no version, or not the next one that the changes ask for.
        ReleaseError: the release is there with another content, an earlier one was tampered
            with, or a schema's version does not say what changed.
    """
    folder = folder or root("schemas")
    if not VERSION.fullmatch(version) or numbers(version) < (0, 1, 0):
        raise UsageError(
            Text(
                f"{show(version)} is no version: three numbers below 10000, such as 1.0.0, "
                "and at least 0.1.0.",
                f"{show(version)}은(는) 버전이 아닙니다. 1.0.0처럼 10000보다 작은 세 숫자로 "
                "적고, 0.1.0 이상이어야 합니다.",
            )
        )
    if wrong := verify(folder):
        raise ReleaseError(wrong[0].message, place=wrong[0].source, hint=wrong[0].hint)
    tree = of_folder(folder, name=".")
    made = bundle(tree, version)
    known = releases(folder)
    if version in known:
        _same_again(made, folder)
        return made, False
    _next(version, known, folder, tree)
    _write(made, folder / RELEASED)
    return made, True


def _same_again(made: Bundle, folder: Path) -> None:
    before = (folder / RELEASED / made.version / LOCK).read_bytes()
    if before == made.lock:
        return
    raise ReleaseError(
        Text(
            f"Version {made.version} was released with another content.",
            f"{made.version} 버전은 이미 다른 내용으로 출시되었습니다.",
        ),
        hint=Text(
            f"`mfgstd schema diff {made.version}` shows what changed; give it a new version.",
            f"`mfgstd schema diff {made.version}`로 차이를 확인하고 새 버전을 쓰십시오.",
        ),
    )


def _next(version: str, known: list[str], folder: Path, tree: Edition) -> None:
    """Refuse a version that does not say what happened since the release before."""
    report = since_release(tree, folder)
    for each in _versions(report) if report else _first(tree):
        raise ReleaseError(each.message, place=each.source, hint=each.hint)
    if report is None:
        return
    latest = known[-1]
    steps = {bump: step(latest, bump) for bump in (Bump.PATCH, Bump.MINOR)}
    steps[Bump.MAJOR] = f"{numbers(latest)[0] + 1}.0.0"
    allowed = [str(each) for bump, each in steps.items() if bump >= report.required]
    if report.required is Bump.NONE:
        raise UsageError(
            Text(
                f"Nothing changed since {latest}: there is nothing to release.",
                f"{latest} 이후 바뀐 내용이 없어 출시할 것이 없습니다.",
            )
        )
    if version not in allowed:
        listed = ", ".join(allowed)
        raise UsageError(
            Text(
                f"{version} cannot follow {latest}: the changes ask for {listed}.",
                f"{latest} 다음에 {version}을(를) 출시할 수 없습니다. 가능한 버전: {listed}.",
            )
        )


def since_release(tree: Edition, folder: Path) -> Report | None:
    """What changed since the latest release; ``None`` before the first."""
    known = releases(folder)
    if not known:
        return None
    latest = known[-1]
    released = of_folder(folder / RELEASED / latest, name=latest, version=latest)
    return compare(released, tree)


def check_versions(folder: Path | None = None) -> list[Finding]:
    """One finding for each schema whose version does not say what changed since the release."""
    folder = folder or root("schemas")
    tree = of_folder(folder, name=".")
    report = since_release(tree, folder)
    return [*(_versions(report) if report else _first(tree)), *_older(tree)]


def _first(tree: Edition) -> Iterator[Finding]:
    """Before the first release, every schema is in the first version of its major."""
    for schema_id, schema in tree.authored.items():
        expected = f"{schema_id.rpartition('/')[2]}.0.0"
        if schema["x-mfg-version"] != expected:
            said = Text(
                "It was never released, so it has the first version of its major.",
                "출시된 적이 없으므로 주 버전의 첫 버전이어야 합니다.",
            )
            yield _version(schema_id, said, expected, str(schema["x-mfg-version"]))


def _versions(report: Report) -> Iterator[Finding]:
    for verdict in report.verdicts:
        if verdict.holds:
            continue
        worst = max(verdict.changes, key=lambda each: each.bump, default=None)
        if worst is None:
            said = Text(
                f"Nothing changed since {report.old}, but the version did.",
                f"{report.old} 이후 바뀐 내용이 없는데 버전이 바뀌었습니다.",
            )
        else:
            why = KINDS[worst.kind].says
            at = f"{worst.pointer or '/'}"
            said = Text(
                f"The version does not say what changed since {report.old}: {at} {why.en} "
                f"({worst.category}, {worst.bump}).",
                f"버전이 {report.old} 이후의 변경과 맞지 않습니다: {at} {why.ko} "
                f"({worst.category}, {worst.bump}).",
            )
        expected = verdict.expected or _next_major(verdict.schema)
        yield _version(verdict.schema, said, expected, verdict.after)


def _next_major(schema_id: str) -> str:
    stem, _, major = schema_id.rpartition("/")
    return f"a new $id {stem}/{int(major) + 1} in version {int(major) + 1}.0.0"


def _version(schema_id: str, said: Text, expected: str, found: str | None) -> Finding:
    return Finding(
        rule="release.version",
        message=said,
        pointer="/x-mfg-version",
        expected=expected,
        found=found,
        source=Place(path=schema_id),
        hint=Text(
            "`mfgstd schema diff` lists the changes and what each asks for.",
            "`mfgstd schema diff`로 변경 내용과 필요한 버전을 볼 수 있습니다.",
        ),
    )


def _older(tree: Edition) -> Iterator[Finding]:
    """The newest majors refer to newest majors only: generated code has one class of a name."""
    majors: dict[str, int] = {}
    for schema_id in tree.authored:
        stem, _, major = schema_id.rpartition("/")
        majors[stem] = max(majors.get(stem, 0), int(major))
    for schema_id, schema in tree.authored.items():
        stem, _, major = schema_id.rpartition("/")
        if int(major) < majors[stem]:
            continue
        for pointer, target in _refs(schema, ""):
            other, _, number = target.rpartition("/")
            if int(number) < majors.get(other, 0):
                yield Finding(
                    rule="release.older-major",
                    message=Text(
                        "It refers to an older major of a schema.",
                        "스키마의 이전 주 버전을 참조합니다.",
                    ),
                    pointer=pointer,
                    expected=f"{other}/{majors[other]}",
                    found=target,
                    source=Place(path=schema_id),
                )


def _refs(node: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield f"{pointer}/$ref", node["$ref"]
        for name, each in node.items():
            if name != "examples":
                yield from _refs(each, f"{pointer}/{name}")
    elif isinstance(node, list):
        for index, each in enumerate(node):
            yield from _refs(each, f"{pointer}/{index}")


def verify(folder: Path | None = None) -> list[Finding]:
    """One finding for each released file that is not what was released."""
    released = (folder or root("schemas")) / RELEASED
    if not released.is_dir():
        return []
    index = _read(released / INDEX)
    listed: Any = None if index is None else index.get("releases")
    if not isinstance(listed, dict) or _index(listed) != _bytes(released / INDEX):
        return [_tampered(released / INDEX, "release.index")]
    findings: list[Finding] = []
    there = {each.name for each in released.iterdir() if each.is_dir()}
    findings += [_tampered(released / each, "release.unlisted") for each in there - set(listed)]
    for version, digest in listed.items():
        content = _bytes(released / version / LOCK)
        if content is None or _digest(content) != digest:
            findings.append(_tampered(released / version / LOCK, "release.lock"))
        else:
            findings += _verify_files(released / version, json.loads(content))
    return findings


def _verify_files(folder: Path, locked: dict[str, Any]) -> Iterator[Finding]:
    digests = {each["path"]: each["sha256"] for each in locked["schemas"].values()}
    digests |= locked["files"]
    for path, digest in digests.items():
        content = _bytes(folder / path)
        if content is None:
            yield _tampered(folder / path, "release.missing")
        elif _digest(content) != digest:
            yield _tampered(folder / path, "release.changed")
    for each in sorted(folder.rglob("*")):
        path = each.relative_to(folder).as_posix()
        if each.is_file() and path not in digests and path != LOCK:
            yield _tampered(each, "release.unlisted")


_SAID: Final = {
    "release.index": Text(
        "The list of releases is not as `mfgstd schema lock` wrote it.",
        "출시 목록이 `mfgstd schema lock`이 기록한 내용과 다릅니다.",
    ),
    "release.lock": Text(
        "The lock of a release is not the one that was released.",
        "출시된 잠금 파일이 출시 당시의 내용과 다릅니다.",
    ),
    "release.missing": Text("A released file is gone.", "출시된 파일이 없어졌습니다."),
    "release.changed": Text("A released file was changed.", "출시된 파일이 바뀌었습니다."),
    "release.unlisted": Text(
        "Here lies something that was not released.",
        "출시되지 않은 것이 출시 폴더에 있습니다.",
    ),
}


def _tampered(path: Path, rule: str) -> Finding:
    return Finding(rule=rule, message=_SAID[rule], hint=_MEND, source=Place(path=str(path)))


def _write(made: Bundle, released: Path) -> None:
    """All files of a release, or none: written aside, then moved into place."""
    released.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".", dir=released))
    try:
        for path, content in made.files.items():
            (aside / path).parent.mkdir(parents=True, exist_ok=True)
            (aside / path).write_bytes(content)
        aside.chmod(0o755)
        aside.rename(released / made.version)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    listed = (_read(released / INDEX) or {"releases": {}})["releases"]
    (released / INDEX).write_bytes(_index({**listed, made.version: _digest(made.lock)}))


def _index(listed: Mapping[str, str]) -> bytes:
    """The list of releases; with its own digest, so that it is told from a changed lock."""
    return _readable({"releases": listed, "sha256": _digest(canonical(listed))})


def _readable(record: Mapping[str, Any]) -> bytes:
    """JSON that a person reviews line by line; in one order, so that bytes can be compared."""
    return (json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _read(path: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(_bytes(path) or b"")
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
