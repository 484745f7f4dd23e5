"""The files that declare migrations: read, and checked against both majors that they join."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from mfgstd.errors import SchemaError, StandardError
from mfgstd.finding import Finding, Place, show
from mfgstd.language import Text
from mfgstd.standard.diff import Edition, compare
from mfgstd.standard.diff.edition import RELEASED, of_folder, read_plain, releases
from mfgstd.standard.migration import Migration, steps
from mfgstd.standard.resources import root

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MIGRATIONS: Final = "migrations"

_KEYS: Final = frozenset({"from", "to", "renames", "words", "removed", "defaults"})
_WORD_GONE: Final = frozenset({"enum.word-removed", "code.word-removed"})


@cache
def declared() -> tuple[Migration, ...]:
    """The migrations of this installation."""
    return tuple(read(each) for each in files(root("schemas")))


def files(folder: Path) -> list[Path]:
    """The migration files below ``schemas/``, in order."""
    return sorted((folder / MIGRATIONS).glob("*/*.yaml"))


def read(path: Path) -> Migration:
    """One migration file.

    Raises:
        SchemaError: it has another form, with its path.
    """
    record = read_plain(path)
    wrong = _wrong(record)
    if wrong:
        raise SchemaError(wrong, place=Place(path=str(path)))
    return Migration(
        source=record["from"],
        target=record["to"],
        renames=record.get("renames", {}),
        words=record.get("words", {}),
        removed=tuple(record.get("removed", ())),
        defaults=record.get("defaults", {}),
    )


def _wrong(record: Any) -> Text | None:
    if not isinstance(record, dict) or not {"from", "to"} <= set(record) <= _KEYS:
        listed = ", ".join(sorted(_KEYS))
        return Text(
            f"A migration has from and to, and of the rest only: {listed}.",
            f"변환 파일에는 from과 to가 있어야 하며 쓸 수 있는 항목은 다음과 같습니다: {listed}.",
        )
    renames, words = record.get("renames", {}), record.get("words", {})
    removed, defaults = record.get("removed", []), record.get("defaults", {})
    shaped = (
        all(isinstance(each, dict) for each in (renames, words, defaults))
        and isinstance(removed, list)
        and all(isinstance(each, str) for each in [*renames.values(), *removed])
        and all(isinstance(each, dict) for each in words.values())
        and all(isinstance(word, str) for table in words.values() for word in table.values())
    )
    if not shaped:
        return Text(
            "renames is pointer: pointer, words is pointer: {old: new}, removed a list, "
            "defaults pointer: value.",
            "renames는 포인터: 포인터, words는 포인터: {이전: 이후}, removed는 목록, "
            "defaults는 포인터: 값 형식이어야 합니다.",
        )
    pointers = [*renames, *renames.values(), *words, *removed, *defaults]
    if bad := [each for each in pointers if not each.startswith("/")]:
        return Text(
            f"{show(bad[0])} is no JSON pointer: it begins with a slash.",
            f"{show(bad[0])}은(는) JSON 포인터가 아닙니다. /로 시작해야 합니다.",
        )
    if uneven := [a for a, b in renames.items() if steps(a).count("*") != steps(b).count("*")]:
        return Text(
            f"The rename of {show(uneven[0])} has another number of `*` on its other side.",
            f"{show(uneven[0])}의 이름 변경은 양쪽의 `*` 개수가 다릅니다.",
        )
    return None


def check(folder: Path | None = None) -> list[Finding]:
    """One finding for each thing that a declared migration forgets, or names in vain."""
    folder = folder or root("schemas")
    found: list[Finding] = []
    for path in files(folder):
        try:
            one = read(path)
            old, new = _edition_with(one.source, folder), _edition_with(one.target, folder)
        except StandardError as error:
            where = error.place or Place(path=str(path))
            found.append(Finding(rule="migration.file", message=error.message, source=where))
            continue
        for pointer, said in gaps(one, old, new):
            found.append(
                Finding(
                    rule="migration.gap",
                    message=said,
                    pointer=pointer,
                    source=Place(path=str(path)),
                )
            )
    return found


def _edition_with(schema_id: str, folder: Path) -> Edition:
    """Where a schema is found: in the tree, else in the latest release that has it."""
    tree = of_folder(folder, name=".")
    if schema_id in tree.authored:
        return tree
    for version in reversed(releases(folder)):
        released = of_folder(folder / RELEASED / version, name=version, version=version)
        if schema_id in released.authored:
            return released
    raise SchemaError(
        Text(
            f"There is no schema {show(schema_id)}, neither here nor in a release.",
            f"{show(schema_id)} 스키마가 현재 표준에도 출시본에도 없습니다.",
        )
    )


def gaps(migration: Migration, old: Edition, new: Edition) -> Iterator[tuple[str, Text]]:
    """What changed between two majors and the migration does not say: place, sentence."""
    before = Edition("old", old.authored, only=frozenset({migration.source}))
    after = Edition("new", new.authored, only=frozenset({migration.target}))
    changes = [each for verdict in compare(before, after).verdicts for each in verdict.changes]
    leaving = [*migration.renames, *migration.removed]
    coming = [*migration.renames.values(), *migration.defaults]
    for each in changes:
        place = each.pointer
        if each.kind in {"field.removed", "field.renamed"} and not _below(place, leaving):
            yield (
                place,
                Text(
                    "The field is gone, and neither renamed nor removed here.",
                    "삭제된 필드인데 renames에도 removed에도 없습니다.",
                ),
            )
        elif each.kind == "field.added-required" and not _covers(place, coming):
            yield (
                place,
                Text(
                    "The field is compulsory now, and has neither a source nor a default here.",
                    "필수가 된 필드인데 가져올 곳도 기본값도 없습니다.",
                ),
            )
        elif each.kind == "field.required" and not _covers(place, coming):
            yield (
                place,
                Text(
                    "The field became compulsory, and has no default here.",
                    "선택이던 필드가 필수가 되었는데 기본값이 없습니다.",
                ),
            )
        elif each.kind in _WORD_GONE and each.before not in migration.words.get(place, {}):
            yield (
                place,
                Text(
                    f"The word {show(each.before)} is gone, and has no new one here.",
                    f"삭제된 단어 {show(each.before)}을(를) 대신할 단어가 없습니다.",
                ),
            )


def _below(place: str, others: Sequence[str]) -> bool:
    """Whether a place, or one above it, is among the others."""
    return any(place == each or place.startswith(f"{each}/") for each in others)


def _covers(place: str, others: Sequence[str]) -> bool:
    """Whether a place, or one within it, is among the others."""
    return any(place == each or each.startswith(f"{place}/") for each in others)
