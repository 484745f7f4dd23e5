"""Target ``models``: one module of pydantic classes for each domain, and a lazy package.

What a schema calls an object becomes a class, its base the Python base; scalars, words, maps and
unions become type aliases. The generated code holds the shape only: behaviour is in the
hand-written modules ``_base``, ``_moment`` and ``_annotations`` beside it.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, assert_never

from pydantic.alias_generators import to_camel

from mfgstd.errors import StandardError
from mfgstd.finding import Place
from mfgstd.language import Text as Words
from mfgstd.standard.generators.header import header
from mfgstd.standard.generators.layout import (
    Call,
    Either,
    Expression,
    Keyword,
    Raw,
    docstring,
    index,
    literal,
    statement,
)
from mfgstd.standard.generators.package import import_line, package
from mfgstd.standard.profile import open_code_pattern
from mfgstd.standard.resolved import (
    AnyObject,
    Array,
    Boolean,
    Constant,
    Enumeration,
    Integer,
    Map,
    Node,
    Notes,
    Number,
    Object,
    OpenCode,
    Property,
    Ref,
    Resolved,
    Text,
    Union,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: JSON carries these numbers as text; Python has a number of that precision.
_NUMBERS_AS_TEXT: Final[Mapping[tuple[str, str], str]] = {
    ("IntegerValue", "integer"): "int",
    ("DecimalValue", "decimal"): "Decimal",
}

#: Attribute names that a pydantic class, or the class body itself, already uses.
_TAKEN: Final = frozenset(
    {
        *("construct", "copy", "dict", "fields", "from_orm", "json", "parse_file", "parse_obj"),
        *("parse_raw", "schema", "schema_json", "update_forward_refs", "validate"),
        *("declared", "from_json", "schema_id", "to_bytes", "to_canonical", "to_json"),
        *("bool", "float", "int", "str", "tuple"),
    }
)

_IMPORTS: Final[Sequence[tuple[str, str, tuple[str, ...]]]] = (
    ("standard", "collections.abc", ("Mapping",)),
    ("standard", "decimal", ("Decimal",)),
    ("standard", "typing", ("Annotated", "ClassVar", "Literal", "TypeAlias")),
    ("third", "pydantic", ("AfterValidator", "Field")),
    (
        "first",
        "mfgstd.models._annotations",
        (
            "AsText",
            "Frozen",
            "Items",
            "JsonObject",
            "OpenCode",
            "SingleKey",
            "TypedJsonObject",
            "Whole",
            "distinct",
            "distinct_texts",
        ),
    ),
    ("first", "mfgstd.models._base", ("Document", "Model")),
    ("first", "mfgstd.models._moment", ("Moment",)),
    ("first", "mfgstd.models._quantity", ("Convertible",)),
)

#: Classes that can do more than hold fields: name -> the hand-written base.
_BEHAVIOUR: Final[Mapping[str, str]] = {"Quantity": "Convertible"}


def generate(schemas: Sequence[Resolved]) -> dict[str, str]:
    """The files of the package, relative path -> text.

    Raises:
        StandardError: two schemas want the same class name, or refer to each other in a way that
            no order of definitions can satisfy.
    """
    by_id = {each.id: each for each in schemas}
    modules: dict[str, _Module] = {}
    for each in schemas:
        modules.setdefault(each.domain, _Module(each.domain, by_id)).add(each)
    files = {f"{name}.py": module.text() for name, module in modules.items()}
    files["__init__.py"] = package(
        {name: list(module.definitions) for name, module in sorted(modules.items())},
        [source for _, module in sorted(modules.items()) for source in module.sources],
    )
    return files


def attribute(name: str) -> str:
    """The Python name of a JSON field: ``eventTime`` -> ``event_time``, ``from`` -> ``from_``."""
    if name == "$schema":
        return "schema_uri"
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    snake = re.sub(r"[^a-z0-9_]", "_", snake)
    if keyword.iskeyword(snake) or snake in _TAKEN or snake.startswith("model_"):
        snake += "_"
    return snake


def _pascal(name: str) -> str:
    return "".join(each[:1].upper() + each[1:] for each in re.split(r"[^A-Za-z0-9]", name))


@dataclass
class _Module:
    """One generated module, growing definition by definition, what is needed first."""

    domain: str
    by_id: Mapping[str, Resolved]
    sources: list[str] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, set[str]] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)
    _done: set[str] = field(default_factory=set)

    def add(self, schema: Resolved) -> None:
        """Define one named schema, unless something before it already needed it."""
        if schema.id in self._done:
            return
        self._done.add(schema.id)
        self._open.add(schema.id)
        self.sources.append(schema.id)
        match schema.node:
            case Object() as node:
                self._class(node, schema.notes, schema)
            case Text(format="date-time") as node:
                body = statement("pattern: ClassVar[str] = ", Raw(node.pattern or ""), indent=4)
                head = docstring(_sentences(schema.notes), 4)
                self._define(schema.name, f"class {schema.name}(Moment):\n{head}\n\n{body}")
            case Enumeration(words):
                self._words(schema.name, words, schema.notes)
            case OpenCode() as node:
                self._open_code(schema.name, node, schema.notes)
            case other:
                expression = self._expression(other, schema.name, "")
                self._alias(schema.name, expression, schema.notes)
        self._open.discard(schema.id)

    def _define(self, name: str, text: str) -> None:
        if self.definitions.setdefault(name, text) != text:
            raise StandardError(
                Words(
                    f"Two things in the domain {self.domain!r} want the Python name {name!r}.",
                    f"{self.domain!r} 영역에서 두 항목이 같은 Python 이름 {name!r}을(를) 씁니다.",
                )
            )

    def _alias(self, name: str, expression: Expression, notes: Notes) -> None:
        text = statement(f"{name}: TypeAlias = ", expression)
        self._define(name, f"{text}\n{docstring(_sentences(notes), 0)}")

    def _words(self, name: str, words: Iterable[Word], notes: Notes) -> None:
        values = index("Literal", *(literal(word.value) for word in words))
        self._alias(name, values, notes)

    def _open_code(self, name: str, node: OpenCode, notes: Notes) -> None:
        values = [word.value for word in node.words]
        text = index("Literal", *map(literal, values))
        self._define(f"{name}Word", statement(f"{name}Word: TypeAlias = ", text))
        marker: tuple[Expression, ...] = (f"{name}Word",)
        if node.pattern is not None and node.pattern != open_code_pattern(values):
            marker += (Keyword("pattern", Raw(node.pattern)),)
        either = Either((f"{name}Word", "str"))
        self._alias(name, index("Annotated", either, Call("OpenCode", marker)), notes)

    def _class(self, node: Object, notes: Notes, schema: Resolved | None) -> None:
        base, inherited = self._base(schema)
        own = [each for each in node if inherited.get(each.name) != each.required]
        fields = [self._field(each, node.title) for each in own]
        keywords = "frozen=True" if node.closed or not schema or schema.abstract else _OPEN
        lines = [f"class {node.title}({base}, {keywords}):", docstring(_sentences(notes), 4)]
        if schema is not None:
            lines += ["", statement("schema_id: ClassVar[str] = ", literal(schema.id), indent=4)]
        if fields:
            lines += ["", *fields]
        self._define(node.title, "\n".join(lines))

    def _base(self, schema: Resolved | None) -> tuple[str, dict[str, bool]]:
        """The Python base, and which of its fields it has: name -> required."""
        if schema is None:
            return "Model", {}
        if schema.base is not None:
            base = self.by_id[schema.base]
            fields = tuple(base.node) if isinstance(base.node, Object) else ()
            return self._name(base.id), {each.name: each.required for each in fields}
        travels = schema.abstract or schema.is_entity
        return _BEHAVIOUR.get(schema.name, "Document" if travels else "Model"), {}

    def _field(self, each: Property, owner: str) -> str:
        name = attribute(each.name)
        kind = self._expression(each.node, owner, each.name, each.notes)
        if not each.required:
            kind = Either((kind, "None"))
        if to_camel(name) != each.name:
            kind = index("Annotated", kind, Call("Field", (Keyword("alias", literal(each.name)),)))
        end = "" if each.required else " = None"
        line = statement(f"{name}: ", kind, end, indent=4)
        return f"{line}\n{docstring(_sentences(each.notes), 4)}"

    def _name(self, schema_id: str) -> str:
        """The name of another schema, defined before or imported."""
        schema = self.by_id[schema_id]
        if schema.domain != self.domain:
            self.foreign.setdefault(schema.domain, set()).add(schema.name)
            return schema.name
        if schema.id in self._open:
            if isinstance(schema.node, Object):
                return literal(schema.name)  # pydantic resolves it once the class is there
            raise StandardError(
                Words(
                    f"{schema.name} is defined by way of itself.",
                    f"{schema.name}의 정의가 자기 자신을 거칩니다.",
                ),
                place=Place(path=schema.id),
            )
        self.add(schema)
        return schema.name

    def _expression(
        self, node: Node, owner: str, name: str, notes: Notes | None = None
    ) -> Expression:
        """The annotation of a value at the place ``name`` in ``owner``."""
        notes = notes or Notes()
        match node:
            case Text():
                return _text(node, _NUMBERS_AS_TEXT.get((owner, name), "str"))
            case Constant(value):
                return index("Literal", literal(value))
            case Enumeration(words):
                self._words(title := owner + _pascal(name), words, notes)
                return title
            case OpenCode():
                self._open_code(title := owner + _pascal(name), node, notes)
                return title
            case Number():
                bounds = {
                    "ge": node.minimum,
                    "le": node.maximum,
                    "gt": node.exclusive_minimum,
                    "lt": node.exclusive_maximum,
                }
                return _limited("float", "Field", bounds)
            case Integer():
                bounds = {"ge": node.minimum, "le": node.maximum, "multiple_of": node.multiple_of}
                marker = Call("Whole", _arguments(bounds))
                return index("Annotated", "int", marker)
            case Boolean():
                return "bool"
            case Array():
                items = index("Items", self._expression(node.items, owner, name, notes))
                sizes = {"min_length": node.min_items, "max_length": node.max_items}
                parts: list[Expression] = [items]
                if arguments := _arguments(sizes):
                    parts.append(Call("Field", arguments))
                if node.unique:
                    check = "distinct_texts" if self._is_text(node.items) else "distinct"
                    parts.append(f"AfterValidator({check})")
                return index("Annotated", *parts) if len(parts) > 1 else items
            case Map():
                keys = _text(Text(pattern=node.key_pattern), "str")
                values = self._expression(node.values, owner, name, notes)
                sizes = {"min_length": node.min_properties, "max_length": node.max_properties}
                kept = Call("Frozen", _arguments(sizes))
                return index("Annotated", index("Mapping", keys, values), kept)
            case Object():
                self._class(node, notes, None)
                return node.title
            case Union():
                branches: list[Expression] = []
                for branch in node.branches:
                    own = Notes() if isinstance(branch, Ref) else _branch_notes(branch, notes)
                    branches.append(self._expression(branch, owner, name, own))
                choice: Expression = "SingleKey()"
                if node.how == "const":
                    by = Keyword("discriminator", literal(attribute(node.by)))
                    choice = Call("Field", (by,))
                return index("Annotated", Either(tuple(branches)), choice)
            case Ref(schema_id):
                return self._name(schema_id)
            case AnyObject(typed_by):
                return "TypedJsonObject" if typed_by == "$schema" else "JsonObject"
            case _:
                assert_never(node)

    def _is_text(self, node: Node) -> bool:
        while isinstance(node, Ref):
            node = self.by_id[node.id].node
        return isinstance(node, Text | Constant | Enumeration | OpenCode)

    def text(self) -> str:
        """The whole module."""
        body = "\n".join(self.definitions.values())
        used = set(re.findall(r"[A-Za-z_]+", _STRINGS.sub("", body)))
        blocks: dict[str, list[str]] = {"standard": [], "third": [], "first": [], "own": []}
        for block, module, names in _IMPORTS:
            if wanted := [each for each in names if each in used]:
                blocks[block].append(import_line(module, wanted))
        for domain in sorted(self.foreign):
            blocks["own"].append(import_line(f".{domain}", sorted(self.foreign[domain])))
        top = header(f"The domain ``{self.domain}`` as Python classes.", self.sources)
        imports = "\n\n".join("\n".join(lines) for lines in blocks.values() if lines)
        return f"{top}\n{imports}\n{_spaced(self.definitions)}"


_OPEN: Final = 'frozen=True, extra="allow"'

#: Docstrings and string literals: what stands in them uses no name.
_STRINGS: Final = re.compile(r'"""(?s:.*?)"""|"(?:\\.|[^"\\\n])*"')


def _spaced(definitions: Mapping[str, str]) -> str:
    """Two blank lines around a class, one between aliases."""
    text = ""
    before = "import"
    for each in definitions.values():
        classes = each.startswith("class ") or before.startswith("class ")
        text += ("\n\n" if classes else "\n") + each + "\n"
        before = each
    return text


def _arguments(values: Mapping[str, float | None]) -> tuple[Expression, ...]:
    given = ((name, repr(value)) for name, value in values.items() if value is not None)
    return tuple(Keyword(name, text.replace("e+", "e")) for name, text in given)


def _limited(kind: str, marker: str, values: Mapping[str, float | None]) -> Expression:
    arguments = _arguments(values)
    return index("Annotated", kind, Call(marker, arguments)) if arguments else kind


def _text(node: Text, kind: str) -> Expression:
    sizes = _arguments({"min_length": node.min_length, "max_length": node.max_length})
    if node.pattern is not None:
        sizes = (Keyword("pattern", Raw(node.pattern)), *sizes)
    if kind != "str":
        return index("Annotated", kind, Call("AsText", sizes))
    return index("Annotated", "str", Call("Field", sizes)) if sizes else "str"


def _branch_notes(branch: Object, notes: Notes) -> Notes:
    """A branch with one field is what that field says; others are told by the union."""
    return branch.properties[0].notes if len(branch.properties) == 1 else notes


def _sentences(notes: Notes) -> list[str]:
    """Description, unit and Korean label as the paragraphs of one docstring."""
    first = notes.description.en or notes.label.en or "Undescribed."
    more: list[str] = []
    if notes.unit is not None:
        more.append("Dimensionless." if notes.unit == "1" else f"Unit: {notes.unit}.")
    if notes.unit_from is not None:
        more.append(f"Unit: as `{attribute(notes.unit_from)}` says.")
    if notes.deprecated is not None:
        instead = f"; use {notes.deprecated.replaced_by}" if notes.deprecated.replaced_by else ""
        more.append(f"Deprecated since {notes.deprecated.since}{instead}.")
    if notes.stability == "experimental":
        more.append("Experimental: may change in any release.")
    if notes.label.ko:
        more.append(f"한국어: {notes.label.ko}.")
    return [first, " ".join(more)] if more else [first]
