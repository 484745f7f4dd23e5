from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mfgstd.errors import StandardError
from mfgstd.standard import catalogue
from mfgstd.standard.generators.header import MARK
from mfgstd.standard.generators.typescript import generate
from mfgstd.validation import validate
from tests.tools import examples
from tests.tools.examples import Example
from tests.tools.node_tools import NodeTools

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mfgstd.standard import Catalogue

    Author = Callable[..., Catalogue]

URI = "https://w3id.org/mfgstd/"

#: What no type of TypeScript can say; the rest of what an invalid example breaks, it must refuse.
INVISIBLE = {
    "schema.pattern": "a string has no pattern",
    "schema.format": "a string has no pattern",
    "schema.key": "any string may be a key",
    "schema.min-length": "a string has no length",
    "schema.max-length": "a string has no length",
    "schema.minimum": "a number has no bounds",
    "schema.maximum": "a number has no bounds",
    "schema.exclusive-minimum": "a number has no bounds",
    "schema.exclusive-maximum": "a number has no bounds",
    "schema.multiple-of": "a number has no bounds",
    "schema.max-items": "a tuple of up to a hundred is no type",
    "schema.unique-items": "types do not compare values",
    "schema.min-properties": "an object of any keys may have none",
    "schema.max-properties": "an object of any keys may have any number",
    "schema.typed-by": "the type of `data` does not depend on `dataschema`",
}

STRICT = {
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "noEmit": True,
    "target": "es2022",
    "module": "nodenext",
    "types": [],
}


def _invisible(example: Example) -> str | None:
    """Why types can't see what an invalid example breaks, if they can't."""
    if example.rule == "schema.type" and isinstance(example.found, float):
        (finding,) = validate(example.document, schema=example.schema.id)
        return "a whole number is a number" if finding.expected == "integer" else None
    if example.rule == "schema.open-code" and re.match("urn:|https?://", str(example.found)):
        return "how a code of one's own begins is a type; whose it is, is not"
    if example.schema.domain == "envelope" and example.pointer.startswith("/data/"):
        return INVISIBLE["schema.typed-by"]
    return INVISIBLE.get(str(example.rule))


def _install(files: Mapping[str, str], project: Path) -> None:
    """Put the package where node looks for packages, and say how to check what is beside it."""
    package = project / "node_modules" / "mfgstd-types"
    package.mkdir(parents=True)
    for path, text in files.items():
        (package / path).write_text(text, encoding="utf-8")
    (project / "package.json").write_text('{"type": "module"}')
    (project / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICT}))


def _constant(example: Example, *, refused: bool) -> str:
    name = example.schema.name
    document = json.dumps(example.document, ensure_ascii=False)
    return (
        f'import type {{ {name} }} from "mfgstd-types";\n'
        f"{'// @ts-expect-error' if refused else '//'} {example.path}\n"
        f"export const example: {name} = {document};\n"
    )


def _write(constants: Mapping[str, str], project: Path) -> None:
    for number, text in enumerate(constants.values()):
        (project / f"example-{number}.ts").write_text(text, encoding="utf-8")


def test_tsc_takes_every_valid_example_and_refuses_what_types_can_see(
    node: NodeTools, tmp_path: Path
) -> None:
    good, bad = examples.valid(), examples.invalid()
    seen = [each for each in bad if _invisible(each) is None]
    _install(generate(list(catalogue())), tmp_path)
    _write(
        {each.path: _constant(each, refused=each in seen) for each in [*good, *bad]},
        tmp_path,
    )
    done = node.tsc(tmp_path)
    assert done.stdout == ""
    assert done.returncode == 0
    # Else the judge would be asked for little.
    assert len(seen) > len(bad) / 2


def test_every_rule_that_types_cannot_see_is_a_rule() -> None:
    from mfgstd.validation import lowering

    known = "\n".join(
        path.read_text(encoding="utf-8")
        for path in Path(str(lowering.__file__)).parent.rglob("*.py")
    )
    assert [rule for rule in INVISIBLE if f'"{rule}"' not in known] == []


def _object(
    required: tuple[str, ...] = (), /, title: str = "", **fields: dict[str, Any]
) -> dict[str, Any]:
    return {
        "type": "object",
        **({"title": title} if title else {}),
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


def _declared(text: str, name: str) -> dict[str, str]:
    """The fields of an interface, without comments: ``name?`` -> type."""
    bare = re.sub(r"/\*\*.*?\*/\n?", "", text, flags=re.DOTALL)
    body = re.search(
        rf"export interface {name}(?: extends \w+)? {{(.*?)^}}", bare, re.DOTALL | re.MULTILINE
    )
    assert body is not None
    lines = [line.strip() for line in body[1].splitlines() if line.strip()]
    return dict(line.removeprefix("readonly ").removesuffix(";").split(": ", 1) for line in lines)


def test_every_kind_of_node_has_its_type(every_kind: Catalogue) -> None:
    text = generate(list(every_kind))["equipment.d.ts"]
    assert _declared(text, "Pump") == {
        "note": "string",
        "text": "string",
        "fixed?": '"1.0"',
        "word?": "PumpWord",
        "code?": "PumpCode",
        "narrow?": "PumpNarrow",
        "size?": "number",
        "count?": "number",
        "large?": "number",
        "yes?": "boolean",
        "many?": "readonly string[]",
        "some?": "NonEmpty<string>",
        "pair?": "readonly [number, number, ...number[]]",
        "names?": "{ readonly [key: string]: string }",
        "part?": "PumpPart",
        "form?": "PumpRound | PumpFlat",
        "value?": "PumpOne | PumpTwo",
        "mine?": "TypedJsonObject",
        "theirs?": "JsonObject",
        "other?": "Word",
        "again?": "Pump",
        '"odd name"?': "string",
    }
    assert _declared(text, "PumpOne") == {"one": "number", "two?": "never"}
    assert "export interface Pump extends Base {" in text
    assert 'export type PumpWord = "on" | "off";' in text
    assert "export type PumpCode = PumpCodeWord | OwnCode;" in text
    assert "export type PumpNarrow = PumpNarrowWord | (string & {});" in text
    assert "Unit (UCUM): `mm`\n   * >= 0\n   * < 10" in text
    assert text.count("Beyond 2^53") == 1
    assert "Ends *\\/ early." in text


def test_every_kind_of_node_compiles(
    every_kind: Catalogue, node: NodeTools, tmp_path: Path
) -> None:
    _install(generate(list(every_kind)), tmp_path)
    lines = ['import type { Base, Pump, PumpOne, PumpRound } from "mfgstd-types";']
    takes = [
        {"id": "a", "note": "n", "text": "t", "code": "worn", "value": {"one": 1}},
        {"id": "a", "note": "n", "text": "t", "code": "urn:x:y", "narrow": "free"},
        {"id": "a", "note": "n", "text": "t", "form": {"kind": "flat"}, "pair": [1, 2, 3]},
        {"id": "a", "note": "n", "text": "t", "mine": {"$schema": "s", "x": [None]}},
    ]
    refuses: list[dict[str, Any]] = [
        {"id": "a", "text": "t"},
        {"code": "wrong"},
        {"value": {"one": 1, "two": 2}},
        {"form": {"kind": "square"}},
        {"pair": [1]},
        {"some": []},
        {"mine": {}},
        {"part": {"x": 1, "y": 2}},
        {"fixed": "2.0"},
        {"word": None},
    ]
    full = {"id": "a", "note": "n", "text": "t"}
    lines += [f"export const takes{n}: Pump = {json.dumps(each)};" for n, each in enumerate(takes)]
    for number, each in enumerate(refuses):
        document = {**full, **each} if number else each
        lines.append("// @ts-expect-error")
        lines.append(f"export const refuses{number}: Pump = {json.dumps(document)};")
    lines += [
        "export function size(pump: Pump): number {",
        "  const one: PumpOne | undefined = pump.value && 'one' in pump.value",
        "    ? (pump.value as PumpOne) : undefined;",
        "  if (pump.form?.kind === 'round') { const form: PumpRound = pump.form; void form; }",
        "  const base: Base = pump; void base;",
        "  // @ts-expect-error",
        "  pump.text = 'read only';",
        "  return one?.one ?? pump.some?.[0].length ?? 0;",
        "}",
    ]
    (tmp_path / "use.ts").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = node.tsc(tmp_path)
    assert (done.stdout, done.returncode) == ("", 0)


def test_the_example_of_the_documentation_compiles(
    node: NodeTools, checkout: Path, tmp_path: Path
) -> None:
    page = (checkout / "docs" / "standard" / "generated.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```ts\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    _install(generate(list(catalogue())), tmp_path)
    (tmp_path / "example.ts").write_text(example, encoding="utf-8")
    done = node.tsc(tmp_path)
    assert (done.stdout, done.returncode) == ("", 0)


def test_documents_are_found_by_the_id_of_their_schema() -> None:
    index = generate(list(catalogue()))["index.d.ts"]
    entities = {each.id: each.name for each in catalogue() if each.is_entity}
    named = dict(re.findall(r'^  readonly "(\S+)": (\w+);$', index, re.MULTILINE))
    assert named == entities


def test_the_package_lists_its_files_and_each_says_that_it_is_generated() -> None:
    files = generate(list(catalogue()))
    package = json.loads(files["package.json"])
    assert sorted(package["files"]) == sorted(set(files) - {"package.json"})
    assert all(MARK in files[each].splitlines()[0] for each in package["files"])


def test_two_things_of_one_name_are_refused(author: Author) -> None:
    pump = _object(part=_object((), "JsonObject", x={"type": "number"}))
    with pytest.raises(StandardError, match="'JsonObject'"):
        generate(list(author(equipment__pump=pump)))


def test_the_same_schemas_make_the_same_bytes() -> None:
    assert generate(list(catalogue())) == generate(list(catalogue()))
