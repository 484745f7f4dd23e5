"""The site of the standard, made once, and its pages, read by a parser that is not ours."""

from __future__ import annotations

import hashlib
import posixpath
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import html

from mfgstd.standard import catalogue
from mfgstd.standard.generators.site import generate
from mfgstd.standard.resolved import Resolved


@dataclass(frozen=True)
class Page:
    """One page: its path from the root of the site, and its source."""

    path: str
    source: str

    @cached_property
    def tree(self) -> Any:
        """The page as lxml reads it."""
        return html.document_fromstring(self.source.encode())

    @cached_property
    def text(self) -> str:
        """What a reader may read, words apart by one space."""
        return plain(self.tree.text_content())

    @cached_property
    def ids(self) -> set[str]:
        """Every place that a link may lead to."""
        return set(self.tree.xpath("//@id"))

    @property
    def links(self) -> list[tuple[str, str]]:
        """(path from the root, fragment) of whatever the page names in href and src."""
        return [resolve(self.path, each) for each in self.tree.xpath("//@href | //@src")]


def resolve(here: str, link: str) -> tuple[str, str]:
    """(path from the root, fragment) of a link on a page; an address elsewhere as it is."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return link, ""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(here), unquote(parts.path)))
    return (path if parts.path else here), unquote(parts.fragment)


def plain(text: str) -> str:
    """Words apart by one space, without the marks of code."""
    return " ".join(text.replace("`", "").split())


def schemas() -> list[Resolved]:
    """The schemas of the standard."""
    return list(catalogue())


@cache
def files() -> dict[str, bytes]:
    """The site, as bytes."""
    made = generate(schemas())
    return {
        path: content.encode() if isinstance(content, str) else content
        for path, content in made.items()
    }


@cache
def pages() -> dict[str, Page]:
    """Every page of it."""
    return {
        path: Page(path, content.decode())
        for path, content in files().items()
        if path.endswith(".html")
    }


def digest(made: dict[str, bytes]) -> str:
    """One number for all bytes."""
    total = hashlib.sha256()
    for path in sorted(made):
        total.update(path.encode() + b"\0" + made[path] + b"\0")
    return total.hexdigest()


def write(folder: Path) -> Path:
    """The site on a disk."""
    for path, content in files().items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


if __name__ == "__main__":
    print(digest(files()))  # noqa: T201 - what another process compares
