"""The one way to parse XML here: what comes over the wire may be hostile, and must stay small.

No entity is ever expanded: a document type declaration, the only place that can declare one, is
refused before the parser sees it. Nothing is fetched. Size and depth are bounded.
"""

from __future__ import annotations

import codecs
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from mfgstd.errors import InputError, MissingExtra
from mfgstd.finding import Place
from mfgstd.language import Text

if TYPE_CHECKING:
    from lxml import etree

#: A tree takes five to ten times the memory of its bytes.
SIZE_LIMIT: Final = 256 * 1024 * 1024
#: Components nest; no real device does so thirty times.
DEPTH_LIMIT: Final = 256

_DECLARED: Final = re.compile(
    rb"""<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']"""
)
_PROLOG: Final = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
#: Encodings in which markup is ASCII, so that the prolog can be read before it is parsed.
_ASCII_BASED: Final = frozenset(
    (
        "utf-8",
        "ascii",
        "euc_kr",
        "cp949",
        "johab",
        "shift_jis",
        "cp932",
        "euc_jp",
        "gb2312",
        "gbk",
        "gb18030",
        "big5",
        "koi8-r",
        *(f"iso8859-{n}" for n in range(1, 17) if n != 12),
        *(f"cp125{n}" for n in range(9)),
    )
)
# Korean tools write the name of Microsoft's code page, which libxml2 knows by another name.
_LIBXML: Final = {"cp949": "CP949", "ascii": "US-ASCII"}
_WIDE: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"),
)  # fmt: skip


def parse(
    data: bytes, *, path: str | None = None, limit: int = SIZE_LIMIT, depth: int = DEPTH_LIMIT
) -> etree._Element:
    """Parse a document and return its root element.

    ``path`` is the user's name of the source; ``limit`` counts bytes, ``depth`` elements.

    Raises:
        InputError: empty, too large, too deep, a DOCTYPE, an encoding that cannot be read, or
            not well-formed; with the line and column where the parser stopped.
        MissingExtra: lxml is not installed.
    """
    place = Place(path=path)
    if len(data) > limit:
        raise InputError(
            Text(
                f"The XML document has {len(data)} bytes; more than {limit} are not read.",
                f"XML 문서가 {len(data)}바이트입니다. {limit}바이트를 넘으면 읽지 않습니다.",
            ),
            place=place,
        )
    try:
        from lxml import etree
    except ImportError:
        raise MissingExtra("lxml", "mtconnect") from None
    # A root element right at the start leaves no room for a declaration of any kind before it,
    # and without one it is UTF-8.
    bare = data[:1] == b"<" and data[1:2].isalpha()
    encoding = "utf-8"
    if not bare:
        data, encoding = _decoded(data, place)
        _refuse_doctype(data, place)
    try:
        parsed = etree.fromstring(data, _parser(encoding))
    except etree.XMLSyntaxError as error:
        raise _malformed(error, place) from None
    if parsed is None or (not bare and parsed.getroottree().docinfo.internalDTD is not None):
        raise _doctype(place)
    # Each level begins with a bracket of its own.
    if data.count(b"<") > depth and _deeper_than(depth)(parsed):
        raise InputError(
            Text(
                f"The XML is nested more than {depth} elements deep.",
                f"XML 요소가 {depth}단계보다 깊게 중첩되어 있습니다.",
            ),
            place=place,
        )
    return parsed


def local(tag: object) -> str:
    """The name of an element without its namespace: vendors and versions differ in that only."""
    return str(tag).rpartition("}")[2]


def line_of(element: etree._Element) -> int | None:
    """The line an element begins on, in the user's document."""
    line: object = element.sourceline  # the stubs leave its type open
    return line if isinstance(line, int) else None


@lru_cache(maxsize=32)
def _parser(encoding: str) -> etree.XMLParser:
    """A parser without any of the ways in which XML can reach out or grow."""
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding=encoding,
    )


@cache
def _deeper_than(depth: int) -> etree.XPath:
    from lxml import etree

    # Walks level by level in C: no recursion, and nothing is collected below a shallow tree.
    return etree.XPath(f"boolean(/{'/'.join('*' for _ in range(depth + 1))})")


def _decoded(data: bytes, place: Place) -> tuple[bytes, str]:
    """The bytes in an encoding whose markup is ASCII, and the name the parser knows it by."""
    # A long file of nothing but white space is left to the parser: stripping would copy it.
    if len(data) < 4096 and not data.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        raise InputError(
            Text("The XML document is empty.", "XML 문서가 비어 있습니다."), place=place
        )
    for signature, wide in _WIDE:
        if data.startswith(signature):
            try:
                return data.decode(wide).encode("utf-8"), "utf-8"
            except UnicodeDecodeError as error:
                raise _undecodable(wide, place, error) from None
    data = data.removeprefix(codecs.BOM_UTF8)
    match = _DECLARED.match(data)
    declared = match[1].decode("ascii") if match else "utf-8"
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        name = ""
    if name not in _ASCII_BASED:
        raise _undecodable(declared, place)
    return data, _LIBXML.get(name, declared)


def _refuse_doctype(data: bytes, place: Place) -> None:
    prolog = _PROLOG.match(data)
    end = prolog.end() if prolog else 0
    if data[end : end + 9].upper() == b"<!DOCTYPE":
        line = data.count(b"\n", 0, end) + 1
        raise _doctype(Place(path=place.path, line=line))


def _doctype(place: Place) -> InputError:
    return InputError(
        Text(
            "The XML has a DOCTYPE, which can declare entities that grow without bound;"
            " it is not read.",
            "XML에 DOCTYPE이 있습니다. 끝없이 커지는 엔티티를 선언할 수 있으므로 읽지 않습니다.",
        ),
        place=place,
        hint=Text(
            "Remove the <!DOCTYPE ...> declaration; MTConnect documents have none.",
            "<!DOCTYPE ...> 선언을 지우십시오. MTConnect 문서에는 필요하지 않습니다.",
        ),
    )


def _undecodable(name: str, place: Place, error: UnicodeDecodeError | None = None) -> InputError:
    where = f" (byte {error.start})" if error else ""
    return InputError(
        Text(
            f"The XML cannot be read in the encoding {name!r}{where}.",
            f"XML을 {name!r} 인코딩으로 읽을 수 없습니다{where}.",
        ),
        place=place,
        hint=Text("Save it as UTF-8.", "UTF-8로 저장하십시오."),
    )


def _malformed(error: etree.XMLSyntaxError, place: Place) -> InputError:
    line, column = error.position
    reason = str(error.msg or "").partition(", line ")[0][:200] or "no document element"
    # The parser would have us lift the bound; it is there for a reason.
    reason = reason.partition(", use XML_PARSE_HUGE")[0]
    hint = None
    if "encoding" in reason or "not proper UTF-8" in reason:
        hint = Text(
            "Save it as UTF-8, or let its first line name its encoding:"
            ' <?xml version="1.0" encoding="cp949"?>',
            "UTF-8로 저장하거나 첫 줄에 실제 인코딩을 적으십시오:"
            ' <?xml version="1.0" encoding="cp949"?>',
        )
    return InputError(
        Text(
            f"This is not well-formed XML: {reason}.",
            f"올바른 형식의 XML이 아닙니다: {reason}.",
        ),
        place=Place(path=place.path, line=line or None, column=column or None),
        hint=hint,
    )
