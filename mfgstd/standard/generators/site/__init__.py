"""The reference site of the standard: static pages in Korean and English, with a search.

It needs neither a server nor a network: it is read from a folder, or from any host, below any
path. Pages are templates (``templates/``) over the plain views that the modules here make of
:class:`~mfgstd.standard.resolved.Resolved`; all text is escaped by the template engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfgstd.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mfgstd.standard.resolved import Resolved


def generate(schemas: Sequence[Resolved]) -> Mapping[str, str | bytes]:
    """All files of the site: path -> content.

    Where the schemas are those of the standard, its examples, rules, vocabularies and state
    machines are shown too.

    Raises:
        MissingExtra: the template engine is not installed.
        SchemaError: a file beside the schemas cannot be read.
    """
    try:
        from mfgstd.standard.generators.site.pages import site
    except ImportError as error:
        if error.name not in ("jinja2", "markupsafe"):
            raise
        raise MissingExtra(str(error.name), "site") from None
    return site(schemas)
