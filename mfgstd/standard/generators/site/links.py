"""Where each page lies, and how one page points to another without knowing its server.

Every link is relative, and names its file: the same bytes work from a folder, from the root of a
host and below any path of one. Pages have the same path below ``ko/`` and ``en/``.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mfgstd.standard.resolved import Resolved


@dataclass(frozen=True, slots=True)
class Target:
    """A page (path below a language's folder) and, if meant, a place in it."""

    page: str
    anchor: str = ""

    def __str__(self) -> str:
        return quote(self.page) + (f"#{quote(self.anchor)}" if self.anchor else "")


def relative(here: str, target: str) -> str:
    """How a page at ``here`` points to ``target``; both are paths from the root of the site."""
    path, hash_, fragment = target.partition("#")
    if path == here and fragment:
        return f"#{fragment}"
    return posixpath.relpath(path, posixpath.dirname(here) or ".") + hash_ + fragment


def anchor(prefix: str, name: str) -> str:
    """An id for a place: letters, digits, ``.``, ``_`` and ``-`` as they are, all else ``-``."""
    plain = name.replace("[]", "").replace("{}", "")
    return f"{prefix}-{re.sub(r'[^A-Za-z0-9._-]+', '-', plain)}"


def exact_anchor(prefix: str, name: str) -> str:
    """An id for a name in which every character counts, as in ``m2`` and ``m-2``."""
    return f"{prefix}-{name}".replace(" ", "_")


def slug(name: str) -> str:
    """A file name for what people call something; of a name without Latin letters, its digest."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return plain or f"x{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@dataclass
class Addresses:
    """The page of each schema, and of each other standard."""

    schemas: dict[str, str] = field(default_factory=dict)
    standards: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, schemas: Iterable[Resolved], standards: Iterable[str]) -> Addresses:
        """The newest major of a schema has its plain name, an older one its major beside it."""
        made = cls()
        newest = sorted(schemas, key=lambda each: -_major(each))
        for each in newest:
            plain = f"{each.domain}/{each.slug}.html"
            older = f"{each.domain}/{each.slug}-{_major(each)}.html"
            made.schemas[each.id] = older if plain in made.schemas.values() else plain
            made.names.setdefault(each.name, each.id)
            made.names.setdefault(f"{each.domain}/{each.slug}", each.id)
        for name in standards:
            path, number = f"standards/{slug(name)}.html", 1
            while path in made.standards.values():
                number += 1
                path = f"standards/{slug(name)}-{number}.html"
            made.standards[name] = path
        return made

    def schema(self, schema_id: str, place: str = "") -> Target | None:
        """The page of a schema by ``$id``; none where it is not on this site."""
        page = self.schemas.get(schema_id)
        return Target(page, place) if page else None

    def named(self, name: str, place: str = "") -> Target | None:
        """The page of a schema by class name, or by ``domain/slug``."""
        found = self.names.get(name)
        return self.schema(found, place) if found else None

    def standard(self, name: str) -> Target | None:
        """The page of another standard."""
        page = self.standards.get(name)
        return Target(page) if page else None


def _major(schema: Resolved) -> int:
    last = schema.id.rpartition("/")[2]
    return int(last) if last.isdecimal() else 0
