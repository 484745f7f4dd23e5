from __future__ import annotations

import importlib
import itertools
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from mfgstd.errors import StandardError
from mfgstd.standard import catalogue
from mfgstd.standard.generators.layout import WIDTH, width
from mfgstd.standard.generators.pydantic import attribute, generate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mfgstd.standard import Catalogue

    Author = Callable[..., Catalogue]
    Make = Callable[[Catalogue], Any]

URI = "https://w3id.org/mfgstd/primitives/"
_numbers = itertools.count()


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Generate a package from a small standard and import it."""

    def build(standard: Catalogue) -> Any:
        name = f"made_{next(_numbers)}"
        folder = tmp_path / name
        folder.mkdir()
        for path, text in generate(list(standard)).items():
            (folder / path).write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        return importlib.import_module(name)

    return build


def _object(
    required: tuple[str, ...] = (), /, title: Any = "", **fields: dict[str, Any]
) -> dict[str, Any]:
    named = {"title": title} if title else {}
    return {
        "type": "object",
        **named,
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


def _accepts(model: Any, **fields: Any) -> bool:
    try:
        model.from_json(json.dumps(fields))
    except ValidationError:
        return False
    return True


def test_scalars_are_strict_and_bounded(author: Author, make: Make) -> None:
    pump = make(
        author(
            equipment__pump=_object(
                text={"type": "string", "pattern": "^[a-z]+$", "maxLength": 3},
                speed={"type": "number", "minimum": 0, "exclusiveMaximum": 10},
                count={"type": "integer", "minimum": 1, "maximum": 1000, "multipleOf": 2},
                running={"type": "boolean"},
            )
        )
    ).Pump
    assert _accepts(pump, text="abc", speed=1, count=2, running=True)
    assert _accepts(pump, count=4.0), "JSON Schema counts 4.0 as an integer"
    assert isinstance(pump.from_json('{"count": 4.0}').count, int)
    assert isinstance(pump.from_json('{"speed": 1}').speed, float)
    for wrong in (
        {"text": "abcd"},
        {"text": "abc\n"},
        {"text": 5},
        {"speed": "5"},
        {"speed": True},
        {"speed": -0.1},
        {"speed": 10},
        {"speed": float("inf")},
        {"count": True},
        {"count": "2"},
        {"count": 2.5},
        {"count": 3},
        {"count": 0},
        {"count": 1002},
        {"running": 1},
        {"running": "true"},
        {"running": None},
        {"unheard_of": 1},
    ):
        assert not _accepts(pump, **wrong), wrong


def test_words_are_closed_and_open_codes_take_a_uri(author: Author, make: Make) -> None:
    from mfgstd.standard.profile import open_code_pattern

    code = {
        "type": "string",
        "x-mfg-openCode": ["worn", "broken"],
        "pattern": open_code_pattern(["worn", "broken"]),
    }
    narrow = {"type": "string", "x-mfg-openCode": ["a"], "pattern": "^(a|urn:b)$"}
    package = make(
        author(
            equipment__pump=_object(
                state={"type": "string", "enum": ["on", "off"]},
                form={"type": "string", "const": "1.0"},
                reason=code,
                narrow=narrow,
            )
        )
    )
    pump = package.Pump
    assert _accepts(pump, state="on", form="1.0", reason="worn", narrow="urn:b")
    assert _accepts(pump, reason="https://plant.example/reasons/leak")
    for wrong in (
        {"state": "ON"},
        {"form": "1.1"},
        {"reason": "lost"},
        {"reason": "worn\n"},
        {"narrow": "https://plant.example/x"},
    ):
        assert not _accepts(pump, **wrong), wrong
    assert package.PumpState.__args__ == ("on", "off")
    assert package.PumpReasonWord.__args__ == ("worn", "broken")


def test_arrays_become_tuples_and_maps_never_change(author: Author, make: Make) -> None:
    array = {"type": "array", "items": {"type": "number"}, "maxItems": 3, "uniqueItems": True}
    names = {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z]+$"},
        "additionalProperties": {"type": "string"},
        "minProperties": 1,
    }
    pump = make(author(equipment__pump=_object(levels=array, names=names))).Pump
    made = pump(levels=[1, 2.5], names={"ko": "펌프"})
    assert made.levels == (1.0, 2.5)
    assert made.names == {"ko": "펌프"}
    assert hash(made) == hash(pump(levels=(1, 2.5), names={"ko": "펌프"}))
    assert made.to_json() == {"levels": [1.0, 2.5], "names": {"ko": "펌프"}}
    with pytest.raises(TypeError):
        made.names["en"] = "pump"
    refused: list[dict[str, Any]] = [
        {"levels": [1, 1.0]},
        {"levels": [1, 2, 3, 4]},
        {"levels": ["1"]},
        {"levels": {"0": 1}},
        {"names": {}},
        {"names": {"KO": "펌프"}},
        {"names": {"ko": 1}},
    ]
    for wrong in refused:
        assert not _accepts(pump, **wrong), wrong


def test_unique_items_compare_as_json_does(author: Author, make: Make) -> None:
    part = _object(("n",), title="Part", n={"type": "number"})
    array = {"type": "array", "items": part, "uniqueItems": True}
    pump = make(author(equipment__pump=_object(parts=array))).Pump
    assert _accepts(pump, parts=[{"n": 1}, {"n": 2}])
    assert not _accepts(pump, parts=[{"n": 1}, {"n": 1.0}])


def test_a_union_is_told_by_its_single_key(author: Author, make: Make) -> None:
    union = {
        "oneOf": [
            _object(("metre",), title="Metre", metre={"type": "number"}),
            _object(("label",), title="Label", label={"type": "string"}),
        ]
    }
    standard = author(
        primitives__size=union, equipment__pump=_object(size={"$ref": f"{URI}size/1"})
    )
    package = make(standard)
    metre = package.Pump.from_json('{"size": {"metre": 1.5}}')
    assert metre.size == package.Metre(metre=1.5)
    assert package.Pump(size=package.Label(label="L")).to_json() == {"size": {"label": "L"}}
    assert not _accepts(package.Pump, size={})
    assert not _accepts(package.Pump, size={"metre": 1, "label": "L"})
    assert not _accepts(package.Pump, size={"foot": 1})
    assert not _accepts(package.Pump, size=1.5)


def test_a_union_is_told_by_its_constant(author: Author, make: Make) -> None:
    def branch(title: str, tag: str) -> dict[str, Any]:
        kind = {"type": "string", "const": tag}
        return _object(("kindOf",), title=title, kindOf=kind, size={"type": "number"})

    union = {"oneOf": [branch("Left", "left"), branch("Right", "right")]}
    package = make(author(equipment__pump=_object(side=union)))
    made = package.Pump.from_json('{"side": {"kindOf": "right", "size": 2}}')
    assert made.side == package.Right(kind_of="right", size=2)
    assert not _accepts(package.Pump, side={"kindOf": "middle"})


def test_free_form_objects_keep_what_they_hold(author: Author, make: Make) -> None:
    data = {"type": "object", "x-mfg-typedBy": "dataschema"}
    own = {"type": "object", "x-mfg-typedBy": "$schema"}
    pump = make(author(equipment__pump=_object(data=data, own=own))).Pump
    fields = {"data": {"a": [None, {"b": 2**53 + 1}]}, "own": {"$schema": "urn:x:y", "c": None}}
    assert pump.from_json(json.dumps(fields)).to_json() == fields
    assert not _accepts(pump, own={"c": 1})
    assert not _accepts(pump, data={"a": [float("nan")]})
    assert not _accepts(pump, data=[1])


def test_a_base_becomes_a_python_base(author: Author, make: Make) -> None:
    base = {
        "type": "object",
        "x-mfg-abstract": True,
        "properties": {"$schema": {"type": "string"}, "note": {"type": "string"}},
    }
    leaf = {
        "type": "object",
        "allOf": [{"$ref": f"{URI}thing/1"}],
        "properties": {"from": {"type": "number"}},
        "required": ["note"],
        "unevaluatedProperties": False,
    }
    package = make(author(primitives__thing=base, equipment__pump=leaf))
    assert issubclass(package.Pump, package.Thing)
    assert issubclass(package.Thing, package.Document)
    assert package.Pump.schema_id == "https://w3id.org/mfgstd/equipment/pump/1"
    assert not _accepts(package.Pump), "the leaf made the note compulsory"
    made = package.Pump(schema_uri="urn:x:y", note="n", from_=1)
    assert made.to_json() == {"$schema": "urn:x:y", "note": "n", "from": 1.0}
    assert package.Pump.from_json(made.to_bytes()) == made


def test_only_json_names_are_read_from_json(author: Author, make: Make) -> None:
    pump = make(author(equipment__pump=_object(maxSpeed={"type": "number"}))).Pump
    assert pump(max_speed=1) == pump.from_json({"maxSpeed": 1})
    assert not _accepts(pump, max_speed=1)


def test_snake_case_columns_keep_their_names(author: Author, make: Make) -> None:
    row = make(author(equipment__row=_object(event_time_ns={"type": "integer"}))).Row
    assert row(event_time_ns=1).to_json() == {"event_time_ns": 1}
    assert not _accepts(row, eventTimeNs=1)


def test_an_object_may_hold_its_own_kind(author: Author, make: Make) -> None:
    part = {"type": "array", "items": {"$ref": "https://w3id.org/mfgstd/equipment/pump/1"}}
    pump = make(author(equipment__pump=_object(parts=part))).Pump
    made = pump(parts=[pump(parts=[pump()])])
    assert pump.from_json(made.to_bytes()) == made


def test_a_scalar_defined_by_itself_is_refused(author: Author) -> None:
    loop = {"type": "array", "items": {"$ref": f"{URI}loop/1"}}
    with pytest.raises(StandardError, match="by way of itself"):
        generate(list(author(primitives__loop=loop)))


def test_two_things_may_not_have_one_python_name(author: Author) -> None:
    part = _object(title="Pump", n={"type": "number"})
    with pytest.raises(StandardError, match="want the Python name 'Pump'"):
        generate(list(author(equipment__pump=_object(part=part))))
    with pytest.raises(StandardError, match="Two domains want the Python name 'Pump'"):
        generate(list(author(equipment__pump=_object(), process__pump=_object())))


@pytest.mark.parametrize(
    ("json_name", "python_name"),
    [
        ("eventTime", "event_time"),
        ("from", "from_"),
        ("$schema", "schema_uri"),
        ("copy", "copy_"),
        ("modelName", "model_name_"),
        ("str", "str_"),
        ("type", "type"),
        ("k2Value", "k2_value"),
    ],
)
def test_json_names_become_python_names(json_name: str, python_name: str) -> None:
    assert attribute(json_name) == python_name


def test_a_description_may_hold_anything(author: Author, make: Make) -> None:
    hostile = 'A "quoted" \\d backslash, three """ quotes, 한국어 ' * 6 + 'and an end "quote"'
    schema = _object(name={"type": "string", "description": hostile}) | {"description": hostile}
    package = make(author(equipment__pump=schema))
    assert "backslash" in package.Pump.__doc__


@pytest.mark.parametrize(
    "pattern",
    ['^"$', "^'$", "^[\"']$", "^\\[\\]\\\\$", "^" + "[a-z]\\.[0-9]" * 30 + "$", "^\\\\" * 99],
)
def test_a_pattern_survives_its_way_into_the_source(author: Author, pattern: str) -> None:
    import ast

    text = generate(list(author(primitives__code={"type": "string", "pattern": pattern})))
    calls = [
        node for node in ast.walk(ast.parse(text["primitives.py"])) if isinstance(node, ast.keyword)
    ]
    assert [ast.literal_eval(each.value) for each in calls if each.arg == "pattern"] == [pattern]


def test_the_generated_code_is_the_same_each_time() -> None:
    assert generate(list(catalogue())) == generate(list(catalogue()))


def test_the_generated_code_is_as_the_formatter_and_linter_want_it(
    author: Author, tmp_path: Path, checkout: Path
) -> None:
    field = "aFieldWithALongNameThat"
    tight = {
        # Around the width of a line every layout has its turn.
        f"{field}{'x' * length}": {"type": "string", "pattern": "^[a-z]$"}
        for length in range(0, 40, 2)
    }
    odd = _object(
        **tight,
        words={"type": "string", "enum": ["a", "b"]},
        long={"type": "string", "enum": [f"word_{n}" for n in range(20)]},
        deep={
            "type": "array",
            "items": {"type": "array", "items": {"type": "string", "pattern": "^" + "[a-z]" * 40}},
            "minItems": 1,
            "uniqueItems": True,
        },
        map={
            "type": "object",
            "propertyNames": {"pattern": "^[a-z]{1,30}$"},
            "additionalProperties": {"type": "number", "minimum": 0, "exclusiveMaximum": 1e300},
        },
    )
    folder = tmp_path / "odd"
    folder.mkdir()
    for path, text in generate(list(author(equipment__odd=odd))).items():
        (folder / path).write_text(text, encoding="utf-8")
    config = f"--config={checkout / 'pyproject.toml'}"
    for where in (folder, checkout / "mfgstd" / "models"):
        for command in (["format", "--diff"], ["check", "--no-cache"]):
            done = subprocess.run(
                [sys.executable, "-m", "ruff", *command, config, str(where)],
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr


def test_no_line_is_longer_than_a_line_may_be() -> None:
    for path, text in generate(list(catalogue())).items():
        for number, line in enumerate(text.splitlines(), 1):
            assert width(line) <= WIDTH, f"{path}:{number}"
