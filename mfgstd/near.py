"""The known words that are nearest to an unknown one, for "did you mean" hints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Sequence


def nearest(word: str, known: Sequence[str]) -> Text | None:
    """A hint that names at most three near words; ``None`` where nothing is near.

    The work is bounded: a hostile word may be gigabytes long.
    """
    if not word or len(word) > 200:
        return None
    from difflib import get_close_matches

    # Case and separators are what people mistake most.
    plain = {_plain(each): each for each in reversed(known[:500])}
    matches = get_close_matches(_plain(word), plain, n=3, cutoff=0.6)
    if not matches:
        return None
    names = ", ".join(plain[each] for each in matches)
    return Text(f"Did you mean: {names}?", f"다음 중 하나인가요? {names}")


def suggestion(word: str, known: Sequence[str]) -> Text:
    """The near words; failing those, the first that there are."""
    listed = ", ".join(known[:12])
    return nearest(word, known) or Text(f"There are: {listed}.", f"사용할 수 있는 이름: {listed}")


def _plain(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "").replace(" ", "")
