"""One edition of the standard to compare: the tree, a folder, a released version or one file.

An edition is the authored schemas and, beside them, the *content*: rules, state machines,
vocabularies and whatever other tables lie below the folder, each as plain JSON.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mfgstd.errors import ReleaseError, SchemaError, SchemaFileError, UnknownSchema, UsageError
from mfgstd.finding import Place, show
from mfgstd.language import Text
from mfgstd.standard.catalogue import DOMAINS, Catalogue, catalogue, read_schema, unreadable
from mfgstd.standard.plain_yaml import read_yaml
from mfgstd.standard.reading import resolve
from mfgstd.standard.resolved import NAMESPACE
from mfgstd.standard.resources import root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.standard.resolved import Resolved

#: Where the released bundles lie, below ``schemas/``.
RELEASED: Final = "released"

#: Names the schemas and files of a bundle, with their digests.
LOCK: Final = "lock.json"

#: Folders below ``schemas/`` that are no part of what is released: what lies in ``examples``
#: shows how to use a schema, and a release never holds the earlier ones.
_NOT_CONTENT: Final = frozenset({*DOMAINS, "examples", RELEASED})

#: Three numbers below 10000.
VERSION: Final = re.compile(r"(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3})){2}")

_ID: Final = re.compile(re.escape(NAMESPACE) + r"[^/]+/[^/]+/[1-9][0-9]{0,3}")


@dataclass(frozen=True, eq=False)
class Edition:
    """Schemas by ``$id``, content by path, and which of the schemas are meant.

    ``only`` is narrower than ``authored`` for a single file, whose references are looked up in
    the standard. ``version`` is that of a released bundle. ``files`` says which file holds a
    schema, for those that the user named: what is wrong with them is no fault of ours.
    """

    name: str
    authored: Mapping[str, Mapping[str, Any]]
    content: Mapping[str, Any] = field(default_factory=dict)
    only: frozenset[str] | None = None
    version: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    _resolved: dict[str, Resolved] = field(default_factory=dict, repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """The schemas that are to be compared."""
        return tuple(each for each in self.authored if self.only is None or each in self.only)

    def get(self, schema_id: str) -> Resolved:
        """One schema, typed.

        Raises:
            UnknownSchema: no schema has that id.
            SchemaError: it says what the profile forbids.
        """
        if schema_id not in self._resolved:
            if schema_id not in self.authored:
                raise UnknownSchema(schema_id, list(self.authored))
            try:
                self._resolved[schema_id] = resolve(self.authored, schema_id)
            except SchemaError as error:
                if error.place is None or (error.place.path or "") not in self.files:
                    raise
                place = replace(error.place, path=self.files[error.place.path or ""])
                raise SchemaFileError(error.message, place=place, hint=error.hint) from error
        return self._resolved[schema_id]

    def wrong(self) -> SchemaFileError | None:
        """The first thing that the profile forbids in what the user named; ``None`` if nothing."""
        from mfgstd.standard import profile

        if not self.files:
            return None
        found = [one for one in profile.check(self.authored) if one.source.path in self.files]
        if not found:
            return None
        first = min(found, key=lambda one: (one.source.path or "", one.pointer, one.rule))
        file = self.files[first.source.path or ""]
        return SchemaFileError(
            first.message,
            place=Place(path=file, item=first.pointer or "/"),
            hint=Text(
                f"`mfgstd schema check {file}` says all that is wrong with it.",
                f"`mfgstd schema check {file}`로 잘못된 곳을 모두 볼 수 있습니다.",
            ),
        )


def open_edition(name: str | Path | None = None) -> Edition:
    """The edition that a name on the command line means.

    Nothing or ``.`` is the current tree, ``1.0.0`` a released version, a folder one of schemas
    (as below ``schemas/``, or a bundle), a file a single schema.

    Raises:
        UsageError: there is nothing of that name.
        SchemaFileError: a file is no schema.
        ReleaseError: the release is not as it was written.
    """
    if name is None or str(name) == ".":
        return of_folder(root("schemas"), name=str(name or "."))
    if VERSION.fullmatch(str(name)):
        folder = root("schemas") / RELEASED / str(name)
        _prove(folder)
        if not folder.is_dir():
            known = ", ".join(releases())
            raise UsageError(
                Text(
                    f"Version {name} was never released (released: {known or 'none'}).",
                    f"{name} 버전은 출시된 적이 없습니다 (출시된 버전: {known or '없음'}).",
                )
            )
        return of_folder(folder, name=str(name), version=str(name))
    path = Path(name)
    if path.is_dir() and str(name):
        return _users_folder(path)
    if path.is_file():
        return _users_file(path)
    raise UsageError(
        Text(
            f"There is no edition {show(str(name))}.",
            f"{show(str(name))}에 해당하는 판이 없습니다.",
        ),
        hint=Text(
            "Name a released version (1.0.0), a folder of schemas, or a schema file.",
            "출시된 버전(1.0.0), 스키마 폴더, 스키마 파일 중 하나를 지정하십시오.",
        ),
    )


def _users_folder(folder: Path) -> Edition:
    try:
        found = Catalogue(folder)
        if not found.authored:
            raise UsageError(
                Text(
                    f"There is no schema below {str(folder)!r}: expected <domain>/<slug>.json.",
                    f"{str(folder)!r} 아래에 스키마가 없습니다. "
                    "<영역>/<이름>.json이 있어야 합니다.",
                )
            )
        content = read_content(folder)
    except SchemaError as error:
        raise SchemaFileError(error.message, place=error.place, hint=error.hint) from error
    files = {schema_id: str(path) for schema_id, path in found.files.items()}
    for schema_id, file in files.items():
        _identified(schema_id, file)
    return Edition(str(folder), found.authored, content, files=files)


def _users_file(path: Path) -> Edition:
    try:
        document = read_schema(path)
    except SchemaError as error:
        raise SchemaFileError(error.message, place=error.place, hint=error.hint) from error
    schema_id = _identified(document.get("$id"), str(path))
    authored = {**catalogue().authored, schema_id: document}
    only = frozenset({schema_id})
    return Edition(str(path), authored, only=only, files={schema_id: str(path)})


def _identified(schema_id: object, file: str) -> str:
    """The ``$id`` of a file that the user named; refused where it is no ``$id`` of a schema."""
    if not isinstance(schema_id, str):
        said = Text("The file has no $id: it is no schema.", "$id가 없어 스키마가 아닙니다.")
    elif not _ID.fullmatch(schema_id):
        said = Text(
            f"The $id {show(schema_id)} is not {NAMESPACE}<domain>/<slug>/<major>.",
            f"$id {show(schema_id)}이(가) {NAMESPACE}<영역>/<이름>/<주 버전> 형식이 아닙니다.",
        )
    else:
        return schema_id
    raise SchemaFileError(said, place=Place(path=file, item="/$id"))


def _prove(folder: Path) -> None:
    """Refuse a release of which anything was changed, taken away or put in."""
    from mfgstd.standard.release import INDEX, verify

    for each in verify(folder.parent.parent):
        where = Path(each.source.path or "")
        if where == folder.parent / INDEX or where.is_relative_to(folder):
            raise ReleaseError(each.message, place=each.source, hint=each.hint)


def of_folder(folder: Path, *, name: str, version: str | None = None) -> Edition:
    """All schemas and all content below a folder."""
    return Edition(
        name=name,
        authored=Catalogue(folder).authored,
        content=read_content(folder),
        version=version,
    )


def releases(folder: Path | None = None) -> list[str]:
    """The released versions below ``schemas/``, oldest first."""
    released = (folder or root("schemas")) / RELEASED
    if not released.is_dir():
        return []
    found = [each.name for each in released.iterdir() if VERSION.fullmatch(each.name)]
    return sorted(found, key=numbers)


def numbers(version: str) -> tuple[int, int, int]:
    """The three numbers of a version; versions are compared by these, never as text."""
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


def read_content(folder: Path) -> dict[str, Any]:
    """Rules, machines, vocabularies and other tables: path without its ending -> plain JSON.

    Raises:
        SchemaError: a file is neither JSON nor YAML, or holds what no JSON can.
    """
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if inside.parts[0] in _NOT_CONTENT or inside.name == LOCK or not path.is_file():
            continue
        if path.suffix not in {".json", ".yaml"}:
            continue
        found[inside.with_suffix("").as_posix()] = read_plain(path)
    return found


def read_plain(path: Path) -> Any:
    """A file of JSON or YAML, as the plain JSON that it says.

    Raises:
        SchemaError: it is neither.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            return json.loads(text)
        return read_yaml(text)
    except (OSError, ValueError, RecursionError) as error:
        raise unreadable(path, error) from None
