"""The documentation points at what is there: every link resolves, every function is in its file."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    page.relative_to(CHECKOUT).as_posix()
    for page in [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")]
)
LINK = re.compile(r"\[(?P<text>[^\]\n]+)\]\((?P<target>[^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"`(?P<name>[A-Za-z_][\w.]*)`")


def _defined(path: Path) -> set[str]:
    """The classes, functions and methods of one file, as ``Class.method``."""
    names: set[str] = set()

    def visit(body: list[ast.stmt], prefix: str) -> None:
        for each in body:
            if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                names.add(prefix + each.name)
                if isinstance(each, ast.ClassDef):
                    visit(each.body, f"{prefix}{each.name}.")

    visit(ast.parse(path.read_text(encoding="utf-8")).body, "")
    return names


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    path = CHECKOUT / page
    for found in LINK.finditer(FENCED.sub("", path.read_text(encoding="utf-8"))):
        target = found["target"].partition("#")[0]
        if "://" in target or not target:
            continue
        assert (path.parent / target).exists(), f"{page} links to {target}"
        named = NAME.fullmatch(found["text"])
        if named and target.endswith(".py"):
            assert named["name"] in _defined(path.parent / target), f"{named['name']}: {target}"


def test_the_life_of_a_data_item_names_a_function_for_every_step() -> None:
    page = CHECKOUT / "docs" / "life-of-a-data-item.md"
    links = [
        found
        for found in LINK.finditer(page.read_text(encoding="utf-8"))
        if found["target"].endswith(".py") and NAME.fullmatch(found["text"])
    ]
    assert len(links) >= 8


def test_every_environment_variable_that_we_read_is_documented() -> None:
    used: set[str] = set()
    for shelf in ("mfgstd", "adapters", "conformance"):
        for path in (CHECKOUT / shelf).rglob("*.py"):
            used |= set(re.findall(r"MFGSTD_[A-Z_]+", path.read_text(encoding="utf-8")))
    told = "".join((CHECKOUT / page).read_text(encoding="utf-8") for page in PAGES)
    assert {name for name in used if name not in told} == set()
