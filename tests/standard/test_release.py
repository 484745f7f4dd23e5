"""Releases: written once, proved unchanged, and never with a version that says something else."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from mfgstd.errors import StandardError, UsageError
from mfgstd.standard import Catalogue, catalogue, profile
from mfgstd.standard.canonical import canonical
from mfgstd.standard.diff import compare, open_edition
from mfgstd.standard.diff.edition import of_folder, releases
from mfgstd.standard.release import bundle, check_versions, lock, verify
from mfgstd.standard.resolved import NAMESPACE

PUMP = f"{NAMESPACE}equipment/pump/1"


def _write(folder: Path, slug: str, version: str = "1.0.0", **body: Any) -> None:
    name, _, major = slug.partition("@")
    whole = {
        "$id": f"{NAMESPACE}equipment/{name}/{major or version.partition('.')[0]}",
        "title": name.title(),
        "x-mfg-version": version,
        "type": "object",
        "properties": {"speed": {"type": "number", "maximum": 1e3}},
        "additionalProperties": False,
        **body,
    }
    path = folder / "equipment" / f"{slug}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole, indent=2, ensure_ascii=False), encoding="utf-8")


Body = dict[str, Any]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A standard of two schemas, a machine and a vocabulary."""
    folder = tmp_path / "schemas"
    _write(folder, "pump")
    _write(folder, "valve", description="밸브")
    (folder / "machines").mkdir()
    (folder / "machines" / "pump.yaml").write_text(
        "id: pump\nstates: [{id: on, since: 2026-01-01, number: 0x10, live: true}]\n"
    )
    (folder / "vocabularies").mkdir()
    (folder / "vocabularies" / "units.json").write_text('{"entries": [{"id": "mm"}]}')
    (folder / "examples" / "equipment" / "pump").mkdir(parents=True)
    (folder / "examples" / "equipment" / "pump" / "one.json").write_text("{}")
    return folder


def _rules(folder: Path) -> list[str]:
    return [each.rule for each in [*verify(folder), *check_versions(folder)]]


def test_a_release_is_written_whole_and_keeps(tree: Path) -> None:
    made, is_new = lock("1.0.0", tree)
    assert is_new
    released = tree / "released" / "1.0.0"
    there = {e.relative_to(released).as_posix() for e in released.rglob("*") if e.is_file()}
    assert there == set(made.files)
    assert there == {
        "lock.json",
        "equipment/pump/1.json",
        "equipment/valve/1.json",
        "machines/pump.json",
        "vocabularies/units.json",
    }
    assert _rules(tree) == []
    assert releases(tree) == ["1.0.0"]


def test_the_lock_holds_the_digest_of_the_canonical_bytes(tree: Path) -> None:
    lock("1.0.0", tree)
    locked = json.loads((tree / "released" / "1.0.0" / "lock.json").read_bytes())
    authored = json.loads((tree / "equipment" / "pump.json").read_bytes())
    digest = hashlib.sha256(rfc8785.dumps(authored)).hexdigest()
    assert locked["schemas"][PUMP] == {
        "path": "equipment/pump/1.json",
        "version": "1.0.0",
        "sha256": digest,
    }
    machine = json.loads((tree / "released" / "1.0.0" / "machines" / "pump.json").read_bytes())
    assert machine["states"] == [{"id": "on", "since": "2026-01-01", "number": 16, "live": True}]


def test_a_release_is_read_as_an_edition_that_says_the_same(tree: Path) -> None:
    lock("1.0.0", tree)
    released = tree / "released" / "1.0.0"
    report = compare(of_folder(released, name="1.0.0"), of_folder(tree, name="."))
    assert not report.verdicts
    assert not report.content
    assert Catalogue(released).find("pump").id == PUMP


def test_the_same_release_twice_changes_nothing(tree: Path) -> None:
    lock("1.0.0", tree)
    before = {each: each.read_bytes() for each in tree.rglob("*.json")}
    assert lock("1.0.0", tree)[1] is False
    assert {each: each.read_bytes() for each in tree.rglob("*.json")} == before


def test_another_layout_of_the_same_schema_is_the_same_release(tree: Path) -> None:
    lock("1.0.0", tree)
    path = tree / "equipment" / "pump.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()), sort_keys=True))
    assert lock("1.0.0", tree)[1] is False


def test_a_release_never_gets_another_content(tree: Path) -> None:
    lock("1.0.0", tree)
    _write(tree, "pump", description="Changed.")
    with pytest.raises(StandardError, match="another content"):
        lock("1.0.0", tree)


def _bytes_of(released: Path) -> list[Path]:
    return [each for each in sorted(released.rglob("*")) if each.is_file()]


@given(data=st.data())
def test_one_changed_byte_anywhere_is_found_and_named(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("standard")
    _write(folder, "pump")
    _write(folder, "valve")
    lock("1.0.0", folder)
    path = data.draw(st.sampled_from(_bytes_of(folder / "released")))
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    (finding,) = verify(folder)
    assert str(finding.source.path) == str(path)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("hurt", "rule"),
    [
        (lambda at: (at / "1.0.0/equipment/pump/1.json").unlink(), "release.missing"),
        (lambda at: (at / "1.0.0/equipment/fan.json").write_text("{}"), "release.unlisted"),
        (lambda at: (at / "1.0.0/lock.json").unlink(), "release.lock"),
        (lambda at: (at / "index.json").unlink(), "release.index"),
        (lambda at: (at / "index.json").write_text('{"releases": {}}'), "release.index"),
        (lambda at: (at / "1.1.0").mkdir(), "release.unlisted"),
        (lambda at: shutil.rmtree(at / "1.0.0"), "release.lock"),
    ],
)
def test_what_is_missing_or_too_much_is_found(tree: Path, hurt: Any, rule: str) -> None:
    lock("1.0.0", tree)
    hurt(tree / "released")
    assert [each.rule for each in verify(tree)] == [rule]


def test_nothing_is_released_after_tampering(tree: Path) -> None:
    lock("1.0.0", tree)
    path = tree / "released" / "1.0.0" / "equipment" / "pump" / "1.json"
    path.write_bytes(path.read_bytes().replace(b"pump", b"pomp"))
    _write(tree, "fan")
    with pytest.raises(StandardError, match="A released file was changed"):
        lock("1.1.0", tree)


WIDER: Body = {
    "properties": {"speed": {"type": "number", "maximum": 1e3}, "head": {"type": "number"}}
}
OTHER: Body = {"properties": {"speed": {"type": "number", "maximum": 2e3}}}


def test_a_version_that_does_not_say_what_changed_is_a_finding_and_no_release(tree: Path) -> None:
    lock("1.0.0", tree)
    _write(tree, "pump", **WIDER)
    (finding,) = check_versions(tree)
    assert finding.rule == "release.version"
    assert finding.source.path == PUMP
    assert (finding.expected, finding.found) == ("1.1.0", "1.0.0")
    assert "/head" in finding.message.en
    with pytest.raises(StandardError, match="does not say what changed"):
        lock("1.1.0", tree)
    _write(tree, "pump", "1.1.0", **WIDER)
    assert check_versions(tree) == []
    assert lock("1.1.0", tree)[1]
    assert releases(tree) == ["1.0.0", "1.1.0"]
    assert _rules(tree) == []


def test_a_version_without_a_change_is_a_finding(tree: Path) -> None:
    lock("1.0.0", tree)
    _write(tree, "pump", "1.0.1")
    (finding,) = check_versions(tree)
    assert "Nothing changed" in finding.message.en


def test_a_major_change_asks_for_an_id_of_its_own(tree: Path) -> None:
    lock("1.0.0", tree)
    _write(tree, "pump", "1.1.0", **OTHER)
    (finding,) = check_versions(tree)
    assert "/pump/2" in str(finding.expected)
    _write(tree, "pump", "2.0.0", **OTHER)
    assert check_versions(tree) == []
    with pytest.raises(UsageError, match=r"ask for 2\.0\.0"):
        lock("1.1.0", tree)
    assert lock("2.0.0", tree)[1]


@pytest.mark.parametrize("version", ["1.0.0.0", "v1", "01.0.0", "", "0.0.0", "10000.0.0"])
def test_what_is_no_version_is_refused(tree: Path, version: str) -> None:
    with pytest.raises(UsageError, match="no version"):
        lock(version, tree)


@pytest.mark.parametrize("version", ["1.0.1", "1.2.0", "3.0.0", "0.9.0"])
def test_a_release_takes_the_next_version(tree: Path, version: str) -> None:
    lock("1.0.0", tree)
    _write(tree, "pump", "1.1.0", **WIDER)
    with pytest.raises(UsageError, match=r"ask for 1\.1\.0, 2\.0\.0"):
        lock(version, tree)


def test_nothing_new_is_not_released(tree: Path) -> None:
    lock("1.0.0", tree)
    with pytest.raises(UsageError, match="Nothing changed"):
        lock("1.0.1", tree)


def test_versions_are_compared_as_numbers(tree: Path) -> None:
    released = tree / "released"
    for version in ("1.10.0", "1.9.0", "1.0.0"):
        (released / version).mkdir(parents=True)
    assert releases(tree) == ["1.0.0", "1.9.0", "1.10.0"]


def test_what_was_never_released_is_in_its_first_version(tree: Path) -> None:
    _write(tree, "pump", "1.3.0")
    (finding,) = check_versions(tree)
    assert (finding.expected, finding.found) == ("1.0.0", "1.3.0")


def test_two_majors_stand_side_by_side(tree: Path) -> None:
    (tree / "equipment" / "pump.json").rename(tree / "equipment" / "pump@1.json")
    _write(tree, "pump", "2.0.0", **OTHER)
    within = Catalogue(tree)
    assert within.find("pump").version == "2.0.0"
    assert within.find(PUMP).version == "1.0.0"
    assert [each.id for each in within] == [
        PUMP.replace("/1", "/2"),
        f"{NAMESPACE}equipment/valve/1",
    ]
    assert check_versions(tree) == []
    made = bundle(of_folder(tree, name="."), "1.0.0")
    assert {"equipment/pump/1.json", "equipment/pump/2.json"} <= set(made.files)


def test_the_profile_takes_two_majors_side_by_side() -> None:
    alarm = catalogue().find("alarm").id
    second = f"{alarm[:-1]}2"
    newer = {**catalogue().authored[alarm], "$id": second, "x-mfg-version": "2.0.0"}
    assert not profile.check({**catalogue().authored, second: newer})


def test_a_newest_major_refers_to_newest_majors(tree: Path) -> None:
    (tree / "equipment" / "pump.json").rename(tree / "equipment" / "pump@1.json")
    _write(tree, "pump", "2.0.0", **OTHER)
    _write(tree, "valve", properties={"pump": {"$ref": PUMP}})
    (finding,) = check_versions(tree)
    assert (finding.rule, finding.pointer) == ("release.older-major", "/properties/pump/$ref")


def test_an_unknown_edition_is_refused_with_what_could_be_meant() -> None:
    with pytest.raises(UsageError, match=r"9\.9\.9 was never released"):
        open_edition("9.9.9")
    with pytest.raises(UsageError, match="no edition"):
        open_edition("nowhere")


def test_an_empty_folder_is_no_edition(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no schema below"):
        open_edition(tmp_path)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.text(st.characters(codec="utf-8"))
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@given(JSON)
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (2**63 - 1, b"9223372036854775807"),
        (-(2**63), b"-9223372036854775808"),
        (1e21, b"1e+21"),
        (1e20, b"100000000000000000000"),
        (-0.0, b"0"),
        (5e-324, b"5e-324"),
        ({"😀": 1, "\ufb33": 2}, '{"😀":1,"\ufb33":2}'.encode()),
        ({}, b"{}"),
        ([], b"[]"),
    ],
)
def test_what_tells_canonical_writers_apart(value: Any, written: bytes) -> None:
    assert canonical(value) == written


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1: 2}, {1, 2}, "\ud800"])
def test_what_no_json_holds_has_no_canonical_bytes(value: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical(value)
