"""The package around generated modules: each is imported when one of its names is asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mfgstd.errors import StandardError
from mfgstd.language import Text
from mfgstd.standard.generators.header import header
from mfgstd.standard.generators.layout import WIDTH, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def import_line(module: str, names: Sequence[str]) -> str:
    """``from module import names``, on as many lines as it takes."""
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def package(names: Mapping[str, Sequence[str]], sources: Sequence[str]) -> str:
    """The text of ``__init__.py``: every name of every module, imported when first asked for.

    Raises:
        StandardError: two modules have the same name.
    """
    homes = {"Document": "mfgstd.models._base", "Model": "mfgstd.models._base"}
    imports = [import_line("mfgstd.models._base", ["Document", "Model"])]
    for module, defined in names.items():
        imports.append(import_line(f".{module}", sorted(defined)))
        for name in defined:
            if homes.setdefault(name, f".{module}") != f".{module}":
                raise StandardError(
                    Text(
                        f"Two domains want the Python name {name!r}.",
                        f"두 영역이 같은 Python 이름 {name!r}을(를) 씁니다.",
                    )
                )
    own = [line.replace("\n", "\n    ") for line in imports]
    blocks = "    " + "\n    ".join([own[0], "", *own[1:]]).replace("    \n", "\n")
    return "\n".join(
        [
            header(
                "The standard as Python classes, loaded lazily.",
                sources,
            ),
            "from importlib import import_module",
            "from typing import TYPE_CHECKING, Any, Final",
            "",
            "if TYPE_CHECKING:",
            re.sub(r"(?m)^\s+$", "", blocks),
            "",
            "__all__ = [",
            *(f"    {literal(name)}," for name in sorted(homes)),
            "]",
            "",
            "_HOMES: Final = {",
            *(f"    {literal(name)}: {literal(homes[name])}," for name in sorted(homes)),
            "}",
            "",
            "if not TYPE_CHECKING:  # a checker would believe that every name exists",
            "",
            "    def __getattr__(name: str) -> Any:",
            "        if name not in _HOMES:",
            '            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")',
            "        value = getattr(import_module(_HOMES[name], __name__), name)",
            "        globals()[name] = value  # asked for once",
            "        return value",
            "",
            "",
            "def __dir__() -> list[str]:",
            "    return sorted(__all__)",
            "",
        ]
    )
