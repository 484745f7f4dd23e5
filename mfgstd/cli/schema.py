"""``mfgstd schema``: the standard, for those who read it (list, show) and who write it (check)."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, assert_never

import typer

from mfgstd.cli.output import emit, plain, print_finding, say
from mfgstd.language import Text

if TYPE_CHECKING:
    from rich.table import Table

    from mfgstd.standard.notes import Correspondence, Notes
    from mfgstd.standard.resolved import Node, Property, Resolved, Word

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)

_Json = Annotated[
    bool,
    typer.Option(
        "--json", help=str(Text("Print one JSON object.", "JSON 객체 하나로 출력합니다."))
    ),
]


@app.command(
    "list", help=str(Text("List the schemas of the standard.", "표준의 스키마 목록을 봅니다."))
)
def list_(json: _Json = False) -> int:
    """List the schemas of the standard."""
    from mfgstd.standard.catalogue import catalogue

    schemas = list(catalogue())
    if json:
        emit({"schemas": [_head(each) for each in schemas]})
        return 0
    table = _table(
        Text("name", "이름"),
        Text("domain", "영역"),
        Text("version", "버전"),
        Text("stability", "안정성"),
        Text("label", "이름표"),
    )
    for each in schemas:
        stability = each.notes.stability or ""
        table.add_row(each.name, each.domain, each.version, stability, str(each.notes.label))
    _print(table)
    return 0


@app.command(
    help=str(
        Text(
            "Show one schema: fields, units, examples and mappings.",
            "스키마 하나의 필드, 단위, 예시, 매핑을 봅니다.",
        )
    )
)
def show(
    name: Annotated[
        str,
        typer.Argument(
            help=str(
                Text(
                    "Class name (DataItem), file name (data-item) or $id.",
                    "클래스 이름(DataItem), 파일 이름(data-item) 또는 $id입니다.",
                )
            )
        ),
    ],
    json: _Json = False,
) -> int:
    """Show one schema: fields, units, examples and mappings."""
    from mfgstd.standard.catalogue import catalogue

    schema = catalogue().find(name)
    if json:
        emit({**_head(schema), **_content(schema.node)})
        return 0
    say(f"{schema.name} {schema.version} ({schema.notes.stability}) - {schema.notes.label}")
    say(schema.id)
    say(schema.notes.description)
    for each in schema.notes.mappings:
        say(f"  {_mapping(each)}")
    _print(_body(schema.node))
    return 0


@app.command(
    help=str(
        Text(
            "Check schemas against the authoring profile.",
            "스키마가 작성 규칙에 맞는지 점검합니다.",
        )
    )
)
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help=str(
                Text(
                    "Schema files; they may refer to the standard's (default: the standard).",
                    "스키마 파일입니다. 표준의 스키마를 참조할 수 있습니다(기본값: 표준 전체).",
                )
            ),
        ),
    ] = None,
    json: _Json = False,
) -> int:
    """Check schemas against the authoring profile."""
    from mfgstd.standard import profile
    from mfgstd.standard.catalogue import catalogue

    given, findings = profile.read(paths or [])
    authored = {**catalogue().authored, **given}
    wanted = set(given) if paths else set(authored)
    # The standard's own schemas are only there to be referred to when files were named.
    findings += [each for each in profile.check(authored) if each.source.path in wanted]
    if json:
        emit(
            {
                "schemas": len(wanted),
                "conforms": not findings,
                "findings": [each.to_json() for each in findings],
            }
        )
        return 1 if findings else 0
    for each in findings:
        print_finding(each)
    if not findings:
        say(
            Text(
                f"All {len(wanted)} schemas keep the profile.",
                f"스키마 {len(wanted)}개가 모두 작성 규칙을 지킵니다.",
            )
        )
    return 1 if findings else 0


def _head(schema: Resolved) -> dict[str, Any]:
    return {
        "id": schema.id,
        "name": schema.name,
        "domain": schema.domain,
        "version": schema.version,
        "abstract": schema.abstract,
        **_notes(schema.notes),
    }


def _notes(notes: Notes) -> dict[str, Any]:
    """Only what is there: absent, never null."""
    record: dict[str, Any] = {
        "label": notes.label.say(),
        "description": notes.description.say(),
        "stability": notes.stability,
        "unit": notes.unit,
        "unitFrom": notes.unit_from,
        "quantity": notes.quantity,
        "examples": list(notes.examples),
        "mappings": [_mapping_record(each) for each in notes.mappings],
    }
    return {key: value for key, value in record.items() if value not in (None, [], "")}


def _mapping_record(mapping: Correspondence) -> dict[str, str]:
    record = {
        "standard": mapping.standard,
        "version": mapping.version,
        "path": mapping.path,
        "relation": mapping.relation,
    }
    return {**record, "loss": mapping.loss} if mapping.loss else record


def _mapping(mapping: Correspondence) -> str:
    lost = f" ({mapping.loss})" if mapping.loss else ""
    return f"{_SIGNS[mapping.relation]} {mapping.standard} {mapping.version}: {mapping.path}{lost}"


#: How near another standard's notion is, in one sign.
_SIGNS = {"exact": "=", "close": "~", "broad": "<", "narrow": ">", "none": "x"}


def _content(node: Node) -> dict[str, Any]:
    from mfgstd.standard.resolved import Array, Enumeration, Object, OpenCode, Union

    if isinstance(node, Object):
        return {"type": _type(node), "properties": [_field(each) for each in node]}
    if isinstance(node, Enumeration | OpenCode):
        return {"type": _type(node), "words": [_word(each) for each in node.words]}
    if isinstance(node, Array):
        return {"type": _type(node), "items": _content(node.items)}
    if isinstance(node, Union):
        return {"type": _type(node), "branches": [_content(each) for each in node.branches]}
    return {"type": _type(node)}


def _field(field: Property) -> dict[str, Any]:
    return {
        "name": field.name,
        "required": field.required,
        **_content(field.node),
        **_notes(field.notes),
        **({"inherited": field.inherited} if field.inherited else {}),
    }


def _word(word: Word) -> dict[str, Any]:
    record: dict[str, Any] = {
        "value": word.value,
        "label": word.label.say(),
        "description": word.description.say(),
    }
    if word.mappings:
        record["mappings"] = [_mapping_record(each) for each in word.mappings]
    return record


def _body(node: Node) -> Table:
    from mfgstd.standard.resolved import Enumeration, Object, OpenCode, Union

    if isinstance(node, Enumeration | OpenCode):
        table = _table(
            Text("word", "단어"),
            Text("label", "이름표"),
            Text("meaning", "뜻"),
            Text("mappings", "매핑"),
        )
        for word in node.words:
            mapped = "\n".join(map(_mapping, word.mappings))
            table.add_row(word.value, str(word.label), str(word.description), mapped)
        return table
    table = _table(
        Text("field (* required)", "필드 (* 필수)"),
        Text("type", "형식"),
        Text("unit", "단위"),
        Text("meaning", "뜻"),
        Text("example", "예시"),
        Text("mappings", "매핑"),
    )
    if isinstance(node, Object):
        _rows(table, node, "")
    elif isinstance(node, Union):
        for branch in node.branches:
            if isinstance(branch, Object):
                _rows(table, branch, "")
            else:
                table.add_row("", _type(branch), "", "", "", "")
    else:
        table.add_row("", _type(node), "", "", "", "")
    return table


def _rows(table: Table, node: Any, indent: str) -> None:
    """The fields of an object, and below each inline object its own, set in."""
    from mfgstd.finding import show as quote
    from mfgstd.standard.resolved import Array, Object

    for field in node:
        notes = field.notes
        unit = notes.unit or (f"-> {notes.unit_from}" if notes.unit_from else "")
        table.add_row(
            plain(f"{indent}{field.name}{'*' if field.required else ''}"),
            _type(field.node),
            unit or notes.quantity or "",
            str(notes.description),
            plain(quote(notes.examples[0], limit=40)) if notes.examples else "",
            "\n".join(f"{_SIGNS[m.relation]} {m.standard}: {m.path}" for m in notes.mappings),
        )
        inner = field.node.items if isinstance(field.node, Array) else field.node
        if isinstance(inner, Object):
            _rows(table, inner, indent + "  ")


def _type(node: Node) -> str:
    """A node in a few letters: a class name, a list, the words of a short enumeration."""
    from mfgstd.standard import resolved

    match node:
        case resolved.Text():
            return node.format or "text"
        case resolved.Constant(value):
            return f'"{value}"'
        case resolved.Enumeration(words) | resolved.OpenCode(words):
            is_open = isinstance(node, resolved.OpenCode)
            listed = " | ".join([word.value for word in words] + (["URI"] if is_open else []))
            return listed if len(listed) <= 120 else f"{listed[:117]}..."
        case resolved.Number():
            return "number"
        case resolved.Integer():
            return "integer"
        case resolved.Boolean():
            return "boolean"
        case resolved.Array(items):
            return f"{_type(items)}[]"
        case resolved.Map(values):
            return f"{{key: {_type(values)}}}"
        case resolved.Object(title):
            return title
        case resolved.Union(branches):
            return " | ".join(_type(branch) for branch in branches)
        case resolved.Ref(schema_id):
            from mfgstd.standard.catalogue import catalogue

            return catalogue().get(schema_id).name
        case resolved.AnyObject(typed_by):
            return f"object ({typed_by})"
    assert_never(node)


def _table(*headings: Text) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(str(heading), overflow="fold")
    return table


def _print(table: Table) -> None:
    import sys

    from rich.console import Console

    # A pipe has no width of its own; 160 columns hold the widest table without folding names.
    width = None if sys.stdout.isatty() else 160
    Console(width=width, markup=False, highlight=False).print(table)
