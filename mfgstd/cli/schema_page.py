"""One schema as a supplier reads it: fields, units, words, mappings, rules, an example.

As text it fits any width: one paragraph for each field, its facts set in below its name. As JSON
(``--json``) it says the same to programs.
"""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
import unicodedata
from typing import TYPE_CHECKING, Any, Final, assert_never

from mfgstd.cli.output import colour, plain, say
from mfgstd.finding import show as quote
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mfgstd.standard.notes import Correspondence, Notes
    from mfgstd.standard.resolved import Node, Property, Resolved, Word

#: How near another standard's notion is, in one sign.
SIGNS: Final = {"exact": "=", "close": "~", "broad": "<", "narrow": ">", "none": "x"}

_NARROWEST, _WIDEST = 60, 120


def text(schema: Resolved) -> None:
    """Print the page."""
    from mfgstd.standard.resolved import Enumeration, Object, OpenCode, Union

    _paragraph(
        f"{schema.name} {schema.version} ({schema.notes.stability}) - {schema.notes.label}", 0
    )
    _line(schema.id)
    _paragraph(str(schema.notes.description), 0)
    for each in schema.notes.mappings:
        _paragraph(mapping(each), 2)
    node = schema.node
    if isinstance(node, Enumeration | OpenCode):
        _heading(Text("Words", "단어"))
        _words(node.words, 0, mapped=True)
    elif isinstance(node, Object):
        _heading(Text("Fields (* required)", "필드 (* 필수)"))
        _fields([each for each in node if each.inherited is None], 0)
        if inherited := [each for each in node if each.inherited]:
            _heading(
                Text("What every document of its kind has", "같은 종류의 모든 문서가 가진 필드")
            )
            _fields(inherited, 0)
    elif isinstance(node, Union):
        _heading(Text("One of", "다음 중 하나"))
        for branch in node.branches:
            if isinstance(branch, Object):
                _fields(branch, 0)
            else:
                _paragraph(kind(branch), 0)
    else:
        _paragraph(kind(node), 0)
    _rules(schema)
    _example(schema)


def find(name: str) -> Resolved:
    """One schema by what a person may call it.

    Beside what the catalogue knows: ``quality/measurement-result``, and its label in either
    language (``측정 결과``).

    Raises:
        UnknownSchema: no schema is called that, or more than one; with each near name once.
    """
    from mfgstd.errors import UnknownSchema
    from mfgstd.standard.catalogue import catalogue

    try:
        return catalogue().find(name)
    except UnknownSchema:
        wanted = _called(name)
    names: dict[str, list[Resolved]] = {}
    for each in catalogue():
        path, label = f"{each.domain}/{each.slug}", each.notes.label
        for own in dict.fromkeys(_called(said) for said in (path, label.en, label.ko)):
            names.setdefault(own, []).append(each)
    found = names.get(wanted, [])
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownSchema(name, [each.slug for each in found])
    known = [each.slug for each in catalogue()]
    if "/" in name:
        known = [f"{each.domain}/{each.slug}" for each in catalogue()]
    elif not name.isascii():
        known = [each.notes.label.ko for each in catalogue()]
    raise UnknownSchema(name, list(dict.fromkeys(known)))


def _called(name: str) -> str:
    """A name without what people write differently: case and blanks."""
    return "".join(unicodedata.normalize("NFC", name).casefold().split())


def record(schema: Resolved) -> dict[str, Any]:
    """The same for programs: absent, never null."""
    made = {**head(schema), **_content(schema.node)}
    if rules := list(_rule_lines(schema)):
        made["rules"] = [
            {"id": name, "scope": scope, "severity": severity, "sentence": sentence}
            for name, scope, severity, sentence in rules
        ]
    return made


def head(schema: Resolved) -> dict[str, Any]:
    """Who a schema is."""
    return {
        "id": schema.id,
        "name": schema.name,
        "domain": schema.domain,
        "version": schema.version,
        "abstract": schema.abstract,
        "entity": schema.is_entity,
        **_notes(schema.notes),
    }


def mapping(each: Correspondence) -> str:
    """One correspondence on one line: how near, where, and what is lost."""
    lost = f" ({each.loss})" if each.loss else ""
    return f"{SIGNS[each.relation]} {each.standard} {each.version}: {each.path}{lost}"


def kind(node: Node) -> str:
    """A node in a few letters: a class name, a list, the words of a short enumeration."""
    from mfgstd.standard import resolved

    match node:
        case resolved.Text():
            return node.format or "text"
        case resolved.Constant(value):
            return f'"{value}"'
        case resolved.Enumeration(words):
            return _choice([word.value for word in words])
        case resolved.OpenCode(words):
            return _choice([*(word.value for word in words), "URI"])
        case resolved.Number() | resolved.Integer():
            return _number(node)
        case resolved.Boolean():
            return "boolean"
        case resolved.Array(items):
            return f"{kind(items)}[]"
        case resolved.Map(values):
            return f"{{key: {kind(values)}}}"
        case resolved.Object(title):
            return title
        case resolved.Union(branches):
            return " | ".join(kind(branch) for branch in branches)
        case resolved.Ref(schema_id):
            from mfgstd.standard.catalogue import catalogue

            return catalogue().get(schema_id).name
        case resolved.AnyObject(typed_by):
            return f"object ({typed_by})"
    assert_never(node)


def _choice(words: list[str]) -> str:
    listed = " | ".join(words)
    return listed if len(listed) <= 60 else str(Text(f"one of {len(words)}", f"{len(words)}가지"))


def _number(node: Any) -> str:
    from mfgstd.standard.resolved import Number

    name = "number" if isinstance(node, Number) else "integer"
    above = getattr(node, "exclusive_minimum", None)
    below = getattr(node, "exclusive_maximum", None)
    bounds = []
    if above is not None or node.minimum is not None:
        bounds.append(f"> {above:g}" if above is not None else f">= {node.minimum}")
    if below is not None or node.maximum is not None:
        bounds.append(f"< {below:g}" if below is not None else f"<= {node.maximum}")
    return f"{name} {', '.join(bounds)}" if bounds else name


def _line(said: str, indent: int = 0, *, bold: bool = False) -> None:
    line = " " * indent + plain(said)
    if bold and colour(sys.stdout):
        line = f"\x1b[1m{line}\x1b[0m"
    sys.stdout.write(line + "\n")


def _heading(said: Text) -> None:
    say()
    _line(str(said), bold=True)


def _width() -> int:
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((100, 24)).columns))


def _columns(said: str) -> int:
    """How wide a text stands in a terminal: Hangul takes two columns."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in said)


def _paragraph(said: str, indent: int, more: int = 2, *, bold: bool = False) -> None:
    """A text folded at blanks; lines after the first are set in by ``more``."""
    room = _width() - indent
    line = ""
    for word in _words_within(plain(said), room - more):
        if line and _columns(line) + 1 + _columns(word) > room:
            _line(line, indent, bold=bold)
            line, indent, room = word, indent + more, room - more
            more = 0
        else:
            line = f"{line} {word}" if line else word
    _line(line, indent, bold=bold)


def _words_within(said: str, room: int) -> Iterator[str]:
    """The words of a text; one too long for a line in pieces, unless it is an address."""
    for word in said.split(" "):
        if _columns(word) <= room or "://" in word:
            yield word
            continue
        piece = ""
        for each in word:
            if _columns(piece + each) > room:
                yield piece
                piece = ""
            piece += each
        yield piece


def _fields(fields: Iterable[Property], indent: int) -> None:
    """Each field with its facts, and below each inline object its own fields, set in."""
    from mfgstd.standard.resolved import Array, Enumeration, Object, OpenCode, Union

    for field in fields:
        notes = field.notes
        star = "*" if field.required else ""
        unit = notes.unit or (f"-> {notes.unit_from}" if notes.unit_from else notes.quantity or "")
        _paragraph(
            f"{field.name}{star}  {kind(field.node)}{f'  [{unit}]' if unit else ''}",
            indent,
            4,
            bold=True,
        )
        _paragraph(f"{notes.label}: {notes.description}", indent + 4, 0)
        if notes.deprecated is not None:
            instead = notes.deprecated.replaced_by or "-"
            _paragraph(str(Text(f"deprecated: {instead}", f"사용 중단: {instead}")), indent + 4)
        if notes.examples:
            shown = quote(notes.examples[0], limit=70)
            if isinstance(notes.examples[0], list | dict):
                shown = textwrap.shorten(
                    json.dumps(notes.examples[0], ensure_ascii=False), 90, placeholder=" ..."
                )
            _paragraph(f"{Text('e.g.', '예:')} {shown}", indent + 4)
        for each in notes.mappings:
            _paragraph(mapping(each), indent + 4, 4)
        inner = field.node.items if isinstance(field.node, Array) else field.node
        match inner:
            case Enumeration(words) | OpenCode(words):
                _words(words, indent + 4, mapped=False)
            case Object():
                _fields(inner, indent + 4)
            case Union(branches):
                for branch in branches:
                    if isinstance(branch, Object):
                        _fields(branch, indent + 4)
            case _:
                pass


def _words(words: tuple[Word, ...], indent: int, *, mapped: bool) -> None:
    for word in words:
        _paragraph(f"- {word.value}: {word.label}. {word.description}", indent, 4)
        for each in word.mappings if mapped else ():
            _paragraph(mapping(each), indent + 4, 4)


def _rules(schema: Resolved) -> None:
    """What no schema can say about it."""
    lines = list(_rule_lines(schema))
    if not lines:
        return
    _heading(Text("Rules", "규칙"))
    for name, scope, severity, sentence in lines:
        _paragraph(f"{name} ({scope}, {severity}): {sentence}", 0, 4)


def _rule_lines(schema: Resolved) -> Iterator[tuple[str, str, str, str]]:
    from mfgstd.validation.rules import standard_rules

    for rule in standard_rules():
        if rule.entity == schema.id:
            yield rule.id, rule.scope.value, rule.severity.value, str(rule.sentence)


def _example(schema: Resolved) -> None:
    """The shortest of the examples that ship with the standard, whole."""
    from mfgstd.standard.catalogue import catalogue

    folder = catalogue().folder / "examples" / schema.domain / schema.slug / "valid"
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json"))]
    if texts:
        _heading(Text("Example", "예시"))
        sys.stdout.write(min(texts, key=len).rstrip("\n") + "\n")


def _notes(notes: Notes) -> dict[str, Any]:
    made: dict[str, Any] = {
        "label": notes.label.say(),
        "description": notes.description.say(),
        "stability": notes.stability,
        "unit": notes.unit,
        "unitFrom": notes.unit_from,
        "quantity": notes.quantity,
        "examples": list(notes.examples),
        "mappings": [_mapping_record(each) for each in notes.mappings],
    }
    return {key: value for key, value in made.items() if value not in (None, [], "")}


def _mapping_record(each: Correspondence) -> dict[str, str]:
    made = {
        "standard": each.standard,
        "version": each.version,
        "path": each.path,
        "relation": each.relation,
    }
    return {**made, "loss": each.loss} if each.loss else made


def _content(node: Node) -> dict[str, Any]:
    from mfgstd.standard.resolved import Array, Enumeration, Object, OpenCode, Union

    made: dict[str, Any] = {"type": kind(node)}
    match node:
        case Object():
            made["properties"] = [_field(each) for each in node]
        case Enumeration(words) | OpenCode(words):
            made["words"] = [_word(each) for each in words]
        case Array(items):
            made["items"] = _content(items)
        case Union(branches):
            made["branches"] = [_content(each) for each in branches]
        case _:
            pass
    return made


def _field(field: Property) -> dict[str, Any]:
    return {
        "name": field.name,
        "required": field.required,
        **_content(field.node),
        **_notes(field.notes),
        **({"inherited": field.inherited} if field.inherited else {}),
    }


def _word(word: Word) -> dict[str, Any]:
    made: dict[str, Any] = {
        "value": word.value,
        "label": word.label.say(),
        "description": word.description.say(),
    }
    if word.mappings:
        made["mappings"] = [_mapping_record(each) for each in word.mappings]
    return made
