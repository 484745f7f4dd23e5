from __future__ import annotations

import sys

import pytest

from mfgstd.errors import InputError, MissingExtra
from mfgstd_adapters.mtconnect.xml import DEPTH_LIMIT, local, parse

BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!-- a comment may come first -->
<!DOCTYPE lolz [
 <!ENTITY lol "lol">
 <!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
 <!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">
]>
<lolz>&lol2;</lolz>"""
QUADRATIC = b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 50_000 + b'">]><a>' + b"&x;" * 50_000 + b"</a>"
EXTERNAL = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
IN_ATTRIBUTE = b'<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;&x;"/>'


@pytest.mark.parametrize("bomb", [BILLION_LAUGHS, QUADRATIC, EXTERNAL, IN_ATTRIBUTE])
def test_a_doctype_is_refused_before_anything_is_expanded(bomb: bytes) -> None:
    with pytest.raises(InputError, match="DOCTYPE") as caught:
        parse(bomb, path="bomb.xml")
    assert caught.value.place is not None
    assert caught.value.place.path == "bomb.xml"
    assert caught.value.exit_code == 1


def test_the_line_of_the_doctype_is_named() -> None:
    with pytest.raises(InputError) as caught:
        parse(BILLION_LAUGHS)
    assert caught.value.place is not None
    assert caught.value.place.line == 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_doctype_cannot_hide_in_a_wide_encoding(encoding: str) -> None:
    with pytest.raises(InputError):
        parse(EXTERNAL.decode().encode(encoding))


def test_a_doctype_inside_text_is_only_text() -> None:
    assert parse(b"<a><![CDATA[<!DOCTYPE x>]]></a>").text == "<!DOCTYPE x>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_encodings_read_the_same(encoding: str) -> None:
    assert parse("<a>가나다</a>".encode(encoding)).text == "가나다"


@pytest.mark.parametrize("encoding", ["euc-kr", "cp949"])
def test_documents_in_korean_code_pages_can_be_read(encoding: str) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?><a>공작기계</a>'
    assert parse(document.encode(encoding)).text == "공작기계"


@pytest.mark.parametrize("encoding", ["utf-7", "ebcdic-cp-us", "no-such-thing"])
def test_an_encoding_that_can_hide_markup_is_refused(encoding: str) -> None:
    with pytest.raises(InputError, match="encoding"):
        parse(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode())


@pytest.mark.parametrize("nothing", [b"", b"\n \t", b"\xef\xbb\xbf", b"\x00\x00"])
def test_an_empty_document_is_said_to_be_empty(nothing: bytes) -> None:
    with pytest.raises(InputError, match="empty"):
        parse(nothing)


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (b"<a>\n<b>\n</a>", 3),
        (b"<a>\n\xff</a>", 2),
        (b"<a>&nothing;</a>", 1),
        (b"not xml", 1),
        (b"<a></a><b/>", 1),
    ],
)
def test_broken_xml_names_the_line(broken: bytes, line: int) -> None:
    with pytest.raises(InputError, match="not well-formed") as caught:
        parse(broken)
    assert caught.value.place is not None
    assert caught.value.place.line == line
    assert "XML" in caught.value.say("ko")


def test_a_document_beyond_the_size_limit_is_not_parsed() -> None:
    with pytest.raises(InputError, match="more than 10"):
        parse(b"<a>0123456789</a>", limit=10)


def test_deep_nesting_is_refused() -> None:
    deep = DEPTH_LIMIT + 1
    with pytest.raises(InputError):
        parse(b"<a>" * deep + b"</a>" * deep)
    with pytest.raises(InputError, match="more than 3"):
        parse(b"<a><a><a><a/></a></a></a>", depth=3)
    assert parse(b"<a><a><a/></a></a>", depth=3).tag == "a"


def test_a_long_prolog_takes_linear_time() -> None:
    # A pattern that backtracks would need hours for this.
    with pytest.raises(InputError):
        parse(b"<!-- a -->" * 100_000 + b"<!-- never closed")


def test_a_huge_text_is_refused_rather_than_grown() -> None:
    with pytest.raises(InputError):
        parse(b"<a>" + b"x" * 11_000_000 + b"</a>")


def test_local_names_ignore_the_namespace() -> None:
    assert local(parse(b'<x:Device xmlns:x="urn:any"/>').tag) == "Device"


def test_without_lxml_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lxml", None)
    with pytest.raises(MissingExtra) as caught:
        parse(b"<a/>")
    assert "mfgstd[mtconnect]" in caught.value.say("en")
