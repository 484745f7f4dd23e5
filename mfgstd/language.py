"""Korean and English, side by side: every sentence that a user may read is a pair.

Both texts stand where the sentence is made, so that neither can go missing; a test reads every
pair. ``current()`` follows ``--lang`` or, failing that, the locale.
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from typing import Final, Literal, NamedTuple

Language = Literal["en", "ko"]

LANGUAGES: Final[tuple[Language, ...]] = ("en", "ko")


class Text(NamedTuple):
    """One sentence in both languages.

    >>> Text("not a number", "숫자가 아닙니다").say("ko")
    '숫자가 아닙니다'
    """

    en: str
    ko: str

    def say(self, language: Language | None = None) -> str:
        """The sentence in ``language``, by default in the one of this run."""
        return self.ko if (language or current()) == "ko" else self.en

    def format(self, **values: object) -> Text:
        """Both sentences with the same values filled in."""
        return Text(self.en.format(**values), self.ko.format(**values))

    def __str__(self) -> str:
        return self.say()


def counted(number: int, noun: str) -> str:
    """An English noun behind its number; Korean has one form for any.

    >>> counted(1, "file"), counted(2, "file")
    ('1 file', '2 files')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


_chosen: ContextVar[Language | None] = ContextVar("mfgstd_language", default=None)


def choose(language: Language | None) -> None:
    """Set the language of this run; ``None`` returns to the locale's."""
    _chosen.set(language)


def current() -> Language:
    """The language of this run: what was chosen, else the locale's (LC_ALL, LC_MESSAGES, LANG)."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "ko" if value.startswith("ko") else "en"
    return "en"
