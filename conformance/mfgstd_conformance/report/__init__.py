"""A result made readable: one page for people, XML for CI, a comment, a badge.

All of them render the same :class:`~mfgstd_conformance.report.view.View` of one result. They add
no judgement: a report can be thrown away and made again from the result at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mfgstd.language import Language
    from mfgstd_conformance.plan import Plan
    from mfgstd_conformance.registry import Registry
    from mfgstd_conformance.result import Result

__all__ = ["write_all"]


def write_all(
    result: Result | Mapping[str, Any],
    folder: Path,
    language: Language,
    *,
    registry: Registry,
    plan: Plan | None = None,
    certificate: Mapping[str, Any] | None = None,
) -> tuple[Path, ...]:
    """Write ``report.html``, ``junit.xml``, ``report.md`` and ``badge.svg`` into ``folder``.

    Args:
        result: the result, or its JSON value.
        folder: is made if it is not there; files of these names are replaced.
        language: of JUnit, Markdown and badge; the page has both and shows this one first.
        registry: the requirements' sentences.
        plan: what was planned and excluded; needed with a JSON value only.
        certificate: the statement that was issued for this result, or its predicate.

    Raises:
        PlanRefused: the plan is not the one that the result is about.
        RecordRefused: the certificate was issued for another run.
    """
    # Imported here: the command line must start without a template engine.
    from mfgstd_conformance.report import badge, html, junit, markdown
    from mfgstd_conformance.report.view import look

    view = look(result, registry=registry, plan=plan, certificate=certificate)
    files: dict[str, bytes] = {
        "report.html": html.render(view, language).encode(),
        "junit.xml": junit.render(view, language),
        "report.md": markdown.render(view, language).encode(),
        "badge.svg": badge.render(view, language).encode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return tuple(folder / name for name in files)
