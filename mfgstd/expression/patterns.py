"""Patterns inside expressions: the syntax that Python, RE2 and Java share, matched as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mfgstd.expression.syntax import refused
from mfgstd.expression.tree import Constant
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd.expression.tree import Tree

#: What one of the three reads differently: classes by letter, look-around, back references,
#: flags, lazy and possessive repetition, and a dot (is a newline a character?).
_UNSHARED: Final = re.compile(r"\\[A-Za-z0-9]|\(\?(?!:)|[*+?}][?+]|(?<!\\)\.(?![^\[]*\])")


def check_pattern(tree: Tree, at: int) -> None:
    """Refuse what is no literal pattern of the shared syntax, anchored as a whole.

    Raises:
        ExpressionError: with the column of the pattern.
    """
    if not isinstance(tree, Constant) or not isinstance(tree.value, str):
        raise refused(
            Text("A pattern is written as a literal.", "패턴은 리터럴로 써야 합니다."),
            at,
        )
    pattern = tree.value
    if not (pattern.startswith("^(") and pattern.endswith(")$")) or "$" in pattern[:-1]:
        raise refused(
            Text(
                "A pattern is anchored as a whole: ^(...)$.",
                "패턴은 전체를 고정해야 합니다: ^(...)$.",
            ),
            at,
        )
    if found := _UNSHARED.search(pattern):
        raise refused(
            Text(
                f"Engines read {found[0]!r} in a pattern differently.",
                f"패턴의 {found[0]!r}은(는) 엔진마다 다르게 해석됩니다.",
            ),
            at + found.start(),
        )
    try:
        re.compile(inside(pattern))
    except re.error as error:
        said = Text(f"This is no pattern: {error}.", f"패턴이 아닙니다: {error}.")
        raise refused(said, at) from error


def inside(pattern: str) -> str:
    """The pattern without its anchors: what has to match the whole text."""
    return pattern[1:-1]


def bare(pattern: str) -> Iterator[tuple[str, int]]:
    """The signs of a pattern that are neither escaped nor in a class.

    Each comes with the number of groups that are open after it.
    """
    depth, in_class, escaped = 0, False, False
    for sign in pattern:
        if escaped or sign == "\\":
            escaped = not escaped
            yield "", depth
        elif in_class:
            in_class = sign != "]"
            yield "", depth
        else:
            in_class = sign == "["
            depth += {"(": 1, ")": -1}.get(sign, 0)
            yield sign, depth
