from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mfgstd_conformance import canonical, formats
from mfgstd_conformance.errors import PlanRefused
from mfgstd_conformance.plan import Plan
from mfgstd_conformance.planned import Subject
from mfgstd_conformance.profiles import Access, Level, Profile, load_profiles
from mfgstd_conformance.registry import Kind, Obligation, Registry

REGISTRY = Registry.load()
PROFILES = load_profiles(REGISTRY)
SUBJECT = Subject(name="edge-link", version="2.4.1", supplier="한빛정밀")


def make(
    profile: Profile = PROFILES["equipment-data"],
    level: Level = Level.SCHEMA,
    capabilities: Sequence[str] = (),
    registry: Registry = REGISTRY,
    access: Access = Access.PYTHON,
) -> Plan:
    return Plan.make(
        profile=profile,
        level=level,
        capabilities=capabilities,
        registry=registry,
        subject=SUBJECT,
        access=access,
    )


@st.composite
def plans(draw: st.DrawFn) -> tuple[Profile, Plan]:
    profile = draw(st.sampled_from(list(PROFILES.values())))
    level = draw(st.sampled_from(list(profile.levels)))
    capabilities = draw(st.lists(st.sampled_from(list(profile.capabilities)), unique=True))
    return profile, make(profile, level, capabilities)


@given(plans())
def test_nothing_of_the_profile_is_silently_missing(made: tuple[Profile, Plan]) -> None:
    profile, plan = made
    assert sorted(plan.all_ids()) == sorted(each for _, each in profile)


@given(plans())
def test_every_requirement_stands_where_it_belongs(made: tuple[Profile, Plan]) -> None:
    _, plan = made
    for each in plan.planned:
        assert REGISTRY.get(each.requirement).kind is Kind.AUTOMATED
    for each in (*plan.planned, *plan.attested):
        assert plan.level.covers(each.at)
        assert each.capability is None or each.capability in plan.capabilities
        assert each.why.ko
    for excluded in plan.not_applicable:
        assert excluded.capability not in plan.capabilities
        assert excluded.clause in excluded.why.en
    for beyond in plan.beyond_level:
        assert not plan.level.covers(beyond.at)
    for never in plan.never_planned:
        assert REGISTRY.get(never.requirement).kind is Kind.UNTESTABLE
        assert never.reason.ko


@given(plans())
def test_a_plan_reads_back_with_the_same_digest(made: tuple[Profile, Plan]) -> None:
    _, plan = made
    data = plan.to_bytes()
    assert not list(formats.violations("plan", plan.to_json()))
    assert Plan.from_bytes(data) == plan
    assert plan.digest == canonical.sha256(data)


def test_attestations_are_planned_apart_and_untestable_ones_never() -> None:
    plan = make(level=Level.RESILIENCE, capabilities=["numbers"])
    assert [each.requirement for each in plan.attested] == ["MFG-ORG-001", "MFG-ORG-002"]
    assert [each.requirement for each in plan.never_planned] == ["MFG-DLV-007"]
    assert not plan.beyond_level


def test_the_order_of_the_declaration_does_not_change_the_plan() -> None:
    one, other = ["numbers", "states"], ["states", "numbers", "numbers"]
    assert make(capabilities=one).digest == make(capabilities=other).digest


def test_a_changed_sentence_is_a_changed_plan() -> None:
    changed = {each.id: each for each in REGISTRY}
    record = changed["MFG-OBS-003"]
    sentence = record.sentence._replace(en=record.sentence.en + " Mostly.")
    changed["MFG-OBS-003"] = dataclasses.replace(record, sentence=sentence)
    assert make(registry=Registry(changed, {})).digest != make().digest


def test_a_plan_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        make().planned = ()  # type: ignore[misc]  # that is the point


def test_an_empty_plan_is_refused() -> None:
    plan = make()
    with pytest.raises(PlanRefused, match="empty"):
        dataclasses.replace(plan, planned=())
    recommended = tuple(p for p in plan.planned if p.obligation is Obligation.SHOULD)
    assert recommended
    with pytest.raises(PlanRefused, match="empty"):
        dataclasses.replace(plan, planned=recommended)


def test_a_requirement_cannot_stand_twice() -> None:
    plan = make()
    with pytest.raises(PlanRefused, match="twice"):
        dataclasses.replace(plan, planned=plan.planned + plan.planned[:1])


def test_an_unknown_capability_is_refused_not_forgotten() -> None:
    with pytest.raises(PlanRefused, match="alarms") as caught:
        make(capabilities=["alrams"])
    assert caught.value.exit_code == 2


def test_a_file_is_not_planned_beyond_its_schema() -> None:
    with pytest.raises(PlanRefused, match="level schema"):
        make(level=Level.INTERFACE, access=Access.FILE)


def test_a_profile_is_not_planned_beyond_its_levels() -> None:
    with pytest.raises(PlanRefused, match="goes up to"):
        make(level=Level.FIELD)


@pytest.mark.parametrize("version", ["main", "latest", "", " "])
def test_a_product_without_a_release_is_refused(version: str) -> None:
    with pytest.raises(PlanRefused):
        Subject(name="edge-link", version=version, supplier="한빛정밀")


def test_a_seed_is_drawn_for_one_plan_and_a_chosen_one_is_marked() -> None:
    plan = make()
    drawn, again = plan.draw_seed(), plan.draw_seed()
    assert drawn.plan == plan.digest
    assert drawn.value != again.value
    assert 0 <= drawn.value < 2**53
    assert not drawn.by_hand
    assert plan.reuse_seed(7).by_hand


@pytest.mark.parametrize(
    "change",
    [
        (b'"level":"schema"', b'"level":"basic"'),
        (b'{"access"', b'{ "access"'),
        (b'"beyondLevel":', b'"beyondLevel":[],"beyondLevel":'),
        (b'"planned":', b'"bypass":true,"planned":'),
    ],
)
def test_a_file_that_is_no_plan_is_refused(change: tuple[bytes, bytes]) -> None:
    data = make().to_bytes()
    assert change[0] in data
    with pytest.raises(PlanRefused):
        Plan.from_bytes(data.replace(*change, 1))


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading_of_a_plan(data: bytes) -> None:
    with pytest.raises(PlanRefused):
        Plan.from_bytes(data)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


@given(json_values)
def test_the_canonical_form_is_read_back_and_is_stable(value: object) -> None:
    try:
        data = canonical.encode(value)
    except ValueError:
        return  # a lone surrogate in a key
    assert canonical.encode(canonical.decode(data)) == data


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b"1.0",
        b"-0",
        b"1e400",
        b"NaN",
        b"9007199254740993",
        b'"\\u0041"',
        b'"\\ud800"',
        b"\xff",
        b"\xef\xbb\xbf1",
        b"1\n",
        b"",
        b"[" * 100_000,
        b"1" * 5000,
    ],
)
def test_every_other_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(canonical.NotCanonicalError):
        canonical.decode(data)
