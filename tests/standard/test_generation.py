from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mfgstd.errors import UsageError
from mfgstd.standard import Catalogue, catalogue, generation
from mfgstd.standard.generators import TARGETS
from mfgstd.standard.generators.header import MARK

if TYPE_CHECKING:
    from collections.abc import Callable

    Author = Callable[..., Catalogue]

CHECKOUT = Path(__file__).resolve().parents[2]

PUMP: dict[str, Any] = {
    "type": "object",
    "properties": {"speed": {"type": "number"}},
    "additionalProperties": False,
}


def _plan(standard: Catalogue, to: Path) -> generation.Plan:
    return generation.plan(list(standard), ["models"], to)


def test_what_lies_in_the_checkout_is_what_the_schemas_say() -> None:
    assert generation.check(generation.plan(list(catalogue()))) == []


def test_writing_twice_changes_nothing_the_second_time(author: Author, tmp_path: Path) -> None:
    wanted = _plan(author(equipment__pump=PUMP), tmp_path / "to")
    touched = generation.write(wanted)
    assert sorted(path.name for path in touched) == ["__init__.py", "equipment.py"]
    assert all(MARK in path.read_text(encoding="utf-8") for path in touched)
    assert generation.write(wanted) == []
    assert generation.check(wanted) == []


def test_a_changed_schema_makes_the_check_fail(author: Author, tmp_path: Path) -> None:
    to = tmp_path / "to"
    generation.write(_plan(author(equipment__pump=PUMP), to))
    changed = json.loads(json.dumps(PUMP))
    changed["properties"]["speed"]["minimum"] = 0
    (finding,) = generation.check(_plan(author(equipment__pump=changed), to))
    assert finding.rule == "generate.stale"
    assert finding.source.path == str(to / "equipment.py")
    assert finding.hint is not None


def test_a_missing_file_is_found(author: Author, tmp_path: Path) -> None:
    wanted = _plan(author(equipment__pump=PUMP), tmp_path / "to")
    assert {each.message.en for each in generation.check(wanted)} == {
        "This generated file is missing."
    }


def test_a_file_that_nothing_generates_any_more_is_found_and_removed(
    author: Author, tmp_path: Path
) -> None:
    to = tmp_path / "to"
    standard = author(equipment__pump=PUMP, process__order=PUMP | {"title": "Order"})
    generation.write(_plan(standard, to))
    (standard.folder / "process" / "order.json").unlink()
    (to / "_by_hand.py").write_text('"""Mine."""\n')
    wanted = _plan(Catalogue(standard.folder), to)
    assert [each.source.path for each in generation.check(wanted)] == [
        str(to / "__init__.py"),
        str(to / "process.py"),
    ]
    generation.write(wanted)
    assert sorted(path.name for path in to.iterdir()) == [
        "__init__.py",
        "_by_hand.py",
        "equipment.py",
    ]


def test_a_file_written_by_hand_is_never_overwritten(author: Author, tmp_path: Path) -> None:
    to = tmp_path / "to"
    to.mkdir()
    (to / "equipment.py").write_text('"""Mine."""\n')
    wanted = _plan(author(equipment__pump=PUMP), to)
    assert any("by hand" in each.message.en for each in generation.check(wanted))
    with pytest.raises(UsageError, match="by hand"):
        generation.write(wanted)
    assert [path.name for path in to.iterdir()] == ["equipment.py"], "nothing else was written"


def test_an_unknown_target_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"known: .*models, arrow"):
        generation.plan(list(catalogue()), ["cobol"])


def test_outside_a_checkout_a_folder_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "checkout", lambda: None)
    with pytest.raises(UsageError, match="--to DIR"):
        generation.plan(list(catalogue()))


def test_several_targets_get_a_folder_each(tmp_path: Path) -> None:
    wanted = generation.plan(list(catalogue()), None, tmp_path)
    assert {path.relative_to(tmp_path).parts[0] for path in wanted.files} == set(TARGETS)


def test_without_a_folder_only_what_the_checkout_holds_is_meant() -> None:
    wanted = generation.plan(list(catalogue()))
    assert "mfgstd/models/equipment.py" in {
        path.relative_to(CHECKOUT).as_posix() for path in wanted.files
    }
    with pytest.raises(UsageError, match="made on demand"):
        generation.plan(list(catalogue()), ["typescript"])


def test_a_manifest_says_which_files_without_a_mark_are_ours(tmp_path: Path) -> None:
    folder = tmp_path / "api"
    wanted = generation.plan(list(catalogue()), ["openapi"], folder)
    assert generation.write(wanted) == list(wanted.files)
    assert generation.check(wanted) == []
    (folder / "openapi.json").write_text("{}")
    assert [each.source.path for each in generation.check(wanted)] == [str(folder / "openapi.json")]
    assert generation.write(wanted) == [folder / "openapi.json"]


def test_a_file_that_stands_in_the_way_of_a_target_on_demand_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text('{"mine": true}')
    wanted = generation.plan(list(catalogue()), ["openapi"], tmp_path)
    with pytest.raises(UsageError, match="by hand"):
        generation.write(wanted)
    assert (tmp_path / "openapi.json").read_text() == '{"mine": true}'


def test_a_manifest_from_elsewhere_reaches_no_file_outside_its_folder(tmp_path: Path) -> None:
    victim = tmp_path / "victim.json"
    victim.write_text("{}")
    folder = tmp_path / "to"
    folder.mkdir()
    note = {"note": MARK, "target": "openapi", "sha256": {"../victim.json": "0"}}
    (folder / generation.MANIFEST).write_text(json.dumps(note))
    generation.write(generation.plan(list(catalogue()), ["openapi"], folder))
    assert victim.read_text() == "{}"
