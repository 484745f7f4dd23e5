"""Templates and what they may call: one renderer for each language, escaping by construction."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, assert_never

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from mfgstd._version import __version__
from mfgstd.standard import resolved
from mfgstd.standard.generators.site import wording
from mfgstd.standard.generators.site.links import Addresses, Target, anchor, exact_anchor, relative
from mfgstd.standard.generators.site.marks import compact, highlighted, prose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mfgstd.language import Language, Text
    from mfgstd.standard.resolved import Node

_FOLDER: Final = Path(__file__).parent

#: Style sheet, scripts and icon, copied as they are.
ASSETS: Final = _FOLDER / "assets"


class Renderer:
    """Makes pages of one language. Paths are from the root of the site."""

    def __init__(self, addresses: Addresses, language: Language) -> None:
        self.addresses = addresses
        self.language = language
        self.other: Language = "en" if language == "ko" else "ko"
        self._here = ""

    def render(self, template: str, here: str, values: Mapping[str, Any]) -> str:
        """The page that lies at ``here``."""
        self._here = here
        return (
            _environment()
            .get_template(template)
            .render(
                {
                    "_": self.pair,
                    "say": self.say,
                    "tell": self.tell,
                    "href": self.href,
                    "file": self.file,
                    "type": self.type,
                    "json": self.json,
                    "addresses": self.addresses,
                    "language": self.language,
                    "other": self.other,
                    "here": here,
                    "twin": relative(here, f"{self.other}/{here.partition('/')[2]}"),
                    "wording": wording,
                    "version": __version__,
                    "anchor": anchor,
                    "exact": exact_anchor,
                    "Target": Target,
                    **values,
                }
            )
        )

    def pair(self, en: str, ko: str) -> str:
        """One of two texts that stand side by side in a template."""
        return ko if self.language == "ko" else en

    def say(self, text: Text) -> str:
        """A text in the language of the page."""
        return text.say(self.language)

    def tell(self, text: Text) -> Markup:
        """A sentence in the language of the page, its `code` set as such."""
        return prose(text.say(self.language))

    def href(self, target: Target | str) -> str:
        """How this page points to a page of its language."""
        return relative(self._here, f"{self.language}/{target}")

    def file(self, path: str) -> str:
        """How this page points to a file that both languages share."""
        return relative(self._here, path)

    def json(self, value: Any) -> Markup:
        """An example value on one line, highlighted."""
        return highlighted(compact(value))

    def type(self, node: Node) -> Markup:
        """The type of a field in words, with links to what it is made of."""
        match node:
            case resolved.Text(_, form):
                return self._word("text", "문자열", f" ({form})" if form else "")
            case resolved.Constant(value):
                return Markup('<code>"{}"</code>').format(value)
            case resolved.Enumeration(words):
                return self._word(f"one of {len(words)} words", f"단어 {len(words)}개 중 하나")
            case resolved.OpenCode(words):
                many = len(words)
                return self._word(
                    f"one of {many} words, or a URI", f"단어 {many}개 중 하나 또는 URI"
                )
            case resolved.Number():
                return self._word("number", "실수")
            case resolved.Integer():
                return self._word("integer", "정수")
            case resolved.Boolean():
                return self._word("true or false", "참/거짓")
            case resolved.Array(items):
                inner = self.type(items)
                return self._around("list of ", inner, "", "", inner, "의 목록")
            case resolved.Map(values):
                inner = self.type(values)
                return self._around("key → ", inner, "", "키 → ", inner, "")
            case resolved.Object(title):
                return self._around("object ", _code(title), "", "객체 ", _code(title), "")
            case resolved.Union(branches):
                listed = Markup(" | ").join(self.type(each) for each in branches)
                return self._around("one of: ", listed, "", "다음 중 하나: ", listed, "")
            case resolved.Ref(schema_id):
                return self._link(schema_id)
            case resolved.AnyObject(by):
                return self._around(
                    *("object, its schema named by ", _code(by), ""),
                    *("", _code(by), "이(가) 스키마를 지정하는 객체"),
                )
            case _:
                assert_never(node)

    def _link(self, schema_id: str) -> Markup:
        target = self.addresses.schema(schema_id)
        if target is None:
            return _code(schema_id)
        name = next(name for name, found in self.addresses.names.items() if found == schema_id)
        return Markup('<a href="{}">{}</a>').format(self.href(target), name)

    def _word(self, en: str, ko: str, more: str = "") -> Markup:
        return escape(self.pair(en, ko) + more)

    def _around(
        self, en: str, middle: Markup, after_en: str, ko: str, middle_ko: Markup, after_ko: str
    ) -> Markup:
        if self.language == "ko":
            return escape(ko) + middle_ko + escape(after_ko)
        return escape(en) + middle + escape(after_en)


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["highlighted"] = highlighted
    made.filters["prose"] = prose
    return made
