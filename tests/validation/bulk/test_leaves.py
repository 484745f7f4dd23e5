"""Which parts of a document columns can hold."""

from __future__ import annotations

from mfgstd.standard import catalogue
from mfgstd.validation.bulk.lines.leaves import Leaves, leaves_of


def _leaves(name: str) -> Leaves:
    return leaves_of(catalogue().find(name), catalogue())


def test_scalars_are_found_however_deep_and_whatever_the_branch() -> None:
    kinds = {each.path: each.kind for each in _leaves("observation").scalars}
    assert kinds["eventTime",] == "text"
    assert kinds["value", "number"] == "number"
    assert kinds["value", "text"] == "text"
    assert kinds["sequence",] == "integer"
    assert kinds["replayed",] == "boolean"
    assert ("extensions",) not in kinds


def test_objects_come_before_what_is_in_them() -> None:
    objects = _leaves("observation").objects
    assert ("quality",) in objects
    assert objects.index(("provenance",)) < objects.index(("provenance", "adapter"))


def test_what_needs_an_array_cannot_be_held() -> None:
    assert _leaves("observation-batch").missing
    assert _leaves("cloud-event").missing
    assert not _leaves("counter-reading").missing


def test_only_what_documents_have_is_kept_and_what_they_need() -> None:
    leaves = _leaves("observation").only({("value", "number")})
    assert {each.path for each in leaves.scalars} == {
        ("dataItem",),
        ("eventTime",),
        ("quality", "status"),
        ("value", "number"),
    }
    assert set(leaves.objects) == {("quality",), ("value",)}
    assert set(leaves.below(("value",))) == {("value", "number")}
    assert ("quality",) in set(leaves.below(()))
