from __future__ import annotations

from pathlib import Path

import pytest

from mfgstd_conformance.errors import PlanRefused, RegistryError
from mfgstd_conformance.profiles import Access, Level, find_profile, load_profiles
from mfgstd_conformance.registry import Registry

PROFILE = """
id: tiny
version: "1.0.0"
title: {en: Tiny, ko: 작은 프로파일}
description: {en: For tests., ko: 시험용입니다.}
levels:
  schema: [MFG-OBS-003, MFG-UNT-001]
capabilities:
  numbers: {en: Numbers., ko: 수치}
waivers: {atMost: 0, never: [MFG-OBS-003]}
longestValidityDays: 30
"""


def test_every_requirement_is_asked_by_a_profile(registry: Registry) -> None:
    asked = {each for profile in load_profiles(registry).values() for _, each in profile}
    assert asked == {each.id for each in registry}


def test_files_are_never_judged_beyond_their_schema(registry: Registry) -> None:
    assert find_profile("equipment-file", registry).highest is Level.SCHEMA
    assert Access.FILE.reach is Level.SCHEMA


def test_levels_are_ordered_and_cover_what_is_below() -> None:
    assert [level.rank() for level in Level] == [0, 1, 2, 3]
    assert Level.RESILIENCE.covers(Level.SCHEMA)
    assert not Level.SCHEMA.covers(Level.INTERFACE)


def test_an_unknown_profile_is_refused_with_the_known_ones(registry: Registry) -> None:
    with pytest.raises(PlanRefused, match="equipment-data"):
        find_profile("equipment-dta", registry)


def test_a_sound_profile_loads(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "tiny.yaml").write_text(PROFILE)
    profile = find_profile("tiny", registry, tmp_path)
    assert list(profile) == [(Level.SCHEMA, "MFG-OBS-003"), (Level.SCHEMA, "MFG-UNT-001")]
    assert profile.waivers.never == {"MFG-OBS-003"}


@pytest.mark.parametrize(
    ("found", "wrong", "message"),
    [
        ("MFG-UNT-001]", "MFG-XXX-001]", "not in the registry"),
        ("MFG-UNT-001]", "MFG-UNT-001]\n  interface: [MFG-OBS-003]", "two levels"),
        ("numbers: {en: Numbers., ko: 수치}", "states: {en: S., ko: 상태}", "capability"),
        ("never: [MFG-OBS-003]", "never: [MFG-DOC-001]", "waivers.never"),
        ("[MFG-OBS-003, MFG-UNT-001]", "[MFG-DLV-007]", "nothing that can be verified"),
        ("schema: [", "basic: [", "basic"),
        ("atMost: 0", "atMost: -1", "atMost"),
    ],
)
def test_a_profile_that_does_not_fit_the_registry_is_refused(
    tmp_path: Path, registry: Registry, found: str, wrong: str, message: str
) -> None:
    assert found in PROFILE
    (tmp_path / "tiny.yaml").write_text(PROFILE.replace(found, wrong))
    with pytest.raises(RegistryError, match=message):
        load_profiles(registry, tmp_path)


def test_two_profiles_cannot_share_an_id(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "a.yaml").write_text(PROFILE)
    (tmp_path / "b.yaml").write_text(PROFILE)
    with pytest.raises(RegistryError, match="Two profiles"):
        load_profiles(registry, tmp_path)
