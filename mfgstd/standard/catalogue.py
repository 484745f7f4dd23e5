"""All schemas of the standard, read once and looked up by id, class name or slug."""

from __future__ import annotations

import json
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mfgstd.errors import SchemaError, UnknownSchema
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.standard.reading import resolve
from mfgstd.standard.resolved import NAMESPACE, Resolved
from mfgstd.standard.resources import root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The folders of ``schemas/`` that hold schemas, from what all use to what few do.
DOMAINS = ("primitives", "envelope", "equipment", "process", "quality", "safety", "kpi")


class Catalogue:
    """The schemas below one folder, each parsed when first asked for.

    ``<domain>/<slug>.json`` is the newest major of a schema, ``<domain>/<slug>@1.json`` an older
    one that is still read. A released bundle has ``<domain>/<slug>/<major>.json`` for all.
    Iteration, class names and slugs mean the newest; an ``$id`` means what it says.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, authored: Mapping[str, dict[str, Any]]) -> Catalogue:
        """A catalogue of schemas that lie in no folder: ``$id`` -> authored JSON."""
        made = cls(Path())
        made.__dict__["authored"] = dict(authored)
        return made

    @cached_property
    def _paths(self) -> dict[Path, str]:
        """File -> what its ``$id`` is or, without a major in the name, begins with."""
        found: dict[Path, str] = {}
        for domain in DOMAINS:
            for path in sorted((self.folder / domain).glob("*.json")):
                slug, _, major = path.stem.partition("@")
                found[path] = f"{NAMESPACE}{domain}/{slug}/{major}"
            for path in sorted((self.folder / domain).glob("*/*.json")):
                found[path] = f"{NAMESPACE}{domain}/{path.parent.name}/{path.stem}"
        return found

    @cached_property
    def authored(self) -> dict[str, dict[str, Any]]:
        """``$id`` -> the authored JSON, in the order of the folders."""
        found: dict[str, dict[str, Any]] = {}
        for path, wanted in self._paths.items():
            document = read_schema(path)
            schema_id = str(document.get("$id", ""))
            if not schema_id.startswith(wanted) or (wanted[-1] != "/" and schema_id != wanted):
                raise SchemaError(
                    Text(
                        f"The $id {schema_id!r} does not begin with {wanted!r}.",
                        f"$id {schema_id!r}이(가) {wanted!r}(으)로 시작하지 않습니다.",
                    ),
                    place=Place(path=str(path)),
                )
            if schema_id in found:
                raise SchemaError(
                    Text(
                        f"Another file has the $id {schema_id!r} too.",
                        f"$id {schema_id!r}을(를) 쓰는 다른 파일이 있습니다.",
                    ),
                    place=Place(path=str(path)),
                )
            found[schema_id] = document
        return found

    @property
    def files(self) -> dict[str, Path]:
        """``$id`` -> the file that holds the schema."""
        return dict(zip(self.authored, self._paths, strict=True))

    @cached_property
    def newest(self) -> tuple[str, ...]:
        """The ``$id`` of the newest major of each schema."""
        majors: dict[str, int] = {}
        for schema_id in self.authored:
            stem, _, major = schema_id.rpartition("/")
            majors[stem] = max(majors.get(stem, 0), int(major) if major.isdecimal() else 0)
        return tuple(
            each
            for each in self.authored
            if not each.rpartition("/")[2].isdecimal()
            or int(each.rpartition("/")[2]) == majors[each.rpartition("/")[0]]
        )

    def __iter__(self) -> Iterator[Resolved]:
        return (self.get(schema_id) for schema_id in self.newest)

    def __contains__(self, schema_id: object) -> bool:
        return schema_id in self.authored

    @cached_property
    def _resolved(self) -> dict[str, Resolved]:
        return {}

    def get(self, schema_id: str) -> Resolved:
        """One schema by its ``$id``.

        Raises:
            UnknownSchema: no schema has that id.
        """
        if schema_id not in self._resolved:
            if schema_id not in self.authored:
                raise UnknownSchema(schema_id, list(self.authored))
            self._resolved[schema_id] = resolve(self.authored, schema_id)
        return self._resolved[schema_id]

    @cached_property
    def _by_name(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for schema_id in self.newest:
            names[_slug(schema_id)] = names[self.authored[schema_id]["title"].lower()] = schema_id
        return names

    def find(self, name: str) -> Resolved:
        """One schema by ``$id``, class name (``DataItem``) or slug (``data-item``).

        Raises:
            UnknownSchema: no schema is called that.
        """
        if name in self.authored:
            return self.get(name)
        found = self._by_name.get(name.lower())
        if found is None:
            # A class name differs from its slug in nothing that a search for near names looks at.
            raise UnknownSchema(name, list(dict.fromkeys(map(_slug, self.newest))))
        return self.get(found)


def _slug(schema_id: str) -> str:
    return schema_id.removeprefix(NAMESPACE).split("/")[1]


def read_schema(path: Path) -> dict[str, Any]:
    """The authored JSON of one file.

    Raises:
        SchemaError: the file is not a JSON object in UTF-8.
    """
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise unreadable(path, error) from error
    if not isinstance(document, dict):
        raise SchemaError(
            Text("A schema is an object.", "스키마는 객체여야 합니다."), place=Place(path=str(path))
        )
    return document


def unreadable(path: Path, error: Exception) -> SchemaError:
    """Why a file cannot be read as JSON or YAML, with the line where that is known."""
    place = Place(path=str(path))
    if isinstance(error, json.JSONDecodeError):
        place = Place(path=str(path), line=error.lineno, column=error.colno)
        said = Text(f"The file is not JSON: {error.msg}.", f"JSON이 아닙니다: {error.msg}.")
    elif isinstance(error, UnicodeDecodeError):
        said = Text("The file is not UTF-8.", "파일이 UTF-8이 아닙니다.")
    elif isinstance(error, RecursionError):
        said = Text(
            "The file is nested too deep to be read.", "중첩이 너무 깊어 파일을 읽을 수 없습니다."
        )
    else:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        why = " ".join(why.split())
        said = Text(f"The file cannot be read: {why}.", f"파일을 읽을 수 없습니다: {why}.")
    return SchemaError(said, place=place)


@cache
def catalogue() -> Catalogue:
    """The schemas of this installation."""
    return Catalogue(root("schemas"))
