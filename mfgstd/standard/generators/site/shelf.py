"""What lies beside the schemas of the standard: examples, rules, and the files as authored.

The site shows it, but it is no part of :class:`~mfgstd.standard.resolved.Resolved`. A small
standard of somebody else has none of it, and its site has pages for its schemas only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from mfgstd.errors import SchemaError
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.standard.catalogue import catalogue
from mfgstd.standard.plain_yaml import read_yaml
from mfgstd.standard.resolved import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mfgstd.standard.resolved import Resolved

#: The folders whose files the site offers as they are, besides the schemas.
_RAW: Final = ("machines", "rules", "vocabularies")


@dataclass(frozen=True, slots=True)
class Valid:
    """A document that conforms: the stem of its file, its text, and what the text says."""

    stem: str
    source: str
    document: Any


@dataclass(frozen=True, slots=True)
class Invalid:
    """A document that breaks one thing, and the finding that it must raise."""

    stem: str
    breaks: Text
    rule: str
    pointer: str
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a rule file. ``entity`` and ``joins`` are ``domain/slug``; the rest is text."""

    id: str
    entity: str
    scope: str
    severity: str
    since: str
    sentence: Text
    check: str
    when: str | None = None
    at: str | None = None
    source: str | None = None
    joins: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """The first part of its id."""
        return self.id.partition(".")[0]


@dataclass(frozen=True)
class Shelf:
    """Everything beside the schemas. ``whole``: the vocabularies and machines are there too.

    ``raw`` is path below ``schemas/`` -> content, for those who want the files themselves.
    """

    whole: bool = False
    valid: Mapping[str, tuple[Valid, ...]] = field(default_factory=dict)
    invalid: Mapping[str, tuple[Invalid, ...]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    raw: Mapping[str, bytes] = field(default_factory=dict)

    def rules_of(self, entity: str) -> Iterator[Rule]:
        """The rules about one entity (``process/job-order``), its own before those that join it."""
        yield from (each for each in self.rules if each.entity == entity)
        yield from (each for each in self.rules if entity in each.joins and each.entity != entity)


def shelf_of(schemas: Sequence[Resolved]) -> Shelf:
    """The shelf of these schemas: the standard's where all of them are, else an empty one.

    Raises:
        SchemaError: a file of the shelf cannot be read as what it should be.
    """
    known = catalogue()
    if not all(each.id in known and known.get(each.id) == each for each in schemas):
        return Shelf()
    folder = known.folder
    names = [f"{each.domain}/{each.slug}" for each in schemas]
    return Shelf(
        whole=True,
        valid={name: tuple(_valid(folder / "examples" / name)) for name in names},
        invalid={name: tuple(_invalid(folder / "examples" / name)) for name in names},
        rules=tuple(
            rule for path in sorted((folder / "rules").glob("*.yaml")) for rule in _rules(path)
        ),
        raw=dict(_raw(folder, schemas)),
    )


def _raw(folder: Path, schemas: Sequence[Resolved]) -> Iterator[tuple[str, bytes]]:
    for each in schemas:
        major = each.id.rpartition("/")[2]
        for name in (f"{each.slug}.json", f"{each.slug}@{major}.json", f"{each.slug}/{major}.json"):
            path = folder / each.domain / name
            if path.is_file() and json.loads(path.read_bytes()).get("$id") == each.id:
                yield raw_path(each), path.read_bytes()
                break
    for name in _RAW:
        for path in sorted((folder / name).glob("*.*")):
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def raw_path(schema: Resolved) -> str:
    """Where the authored JSON of a schema lies below ``schemas/``: what its ``$id`` says."""
    return f"{schema.id.removeprefix(NAMESPACE)}.json"


def _valid(folder: Path) -> Iterator[Valid]:
    """From the smallest to the largest, so that the first shows what must be there."""
    paths = sorted((folder / "valid").glob("*.json"), key=lambda each: each.name)
    for path in sorted(paths, key=lambda each: each.stat().st_size):
        source = path.read_text(encoding="utf-8")
        yield Valid(path.stem, source.rstrip("\n"), _json(path, source))


def _invalid(folder: Path) -> Iterator[Invalid]:
    for path in sorted((folder / "invalid").glob("*.json")):
        told = _json(path, path.read_text(encoding="utf-8"))
        try:
            breaks, finding, document = told["breaks"], told["finding"], told["document"]
            yield Invalid(
                path.stem,
                Text(breaks["en"], breaks["ko"]),
                finding["rule"],
                finding["pointer"],
                json.dumps(document, ensure_ascii=False, indent=2),
            )
        except (KeyError, TypeError) as error:
            raise _unreadable(path, f"{error} is missing") from error


def _json(path: Path, source: str) -> Any:
    try:
        return json.loads(source)
    except ValueError as error:
        raise _unreadable(path, str(error)) from error


def _rules(path: Path) -> Iterable[Rule]:
    try:
        written = read_yaml(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _unreadable(path, str(error)) from error
    try:
        return [_rule(each) for each in written or ()]
    except (KeyError, TypeError, AttributeError) as error:
        raise _unreadable(path, f"{error} is missing or of another kind") from error


def _rule(written: Mapping[str, Any]) -> Rule:
    sentence = written["sentence"]
    source = written.get("source") or {}
    about = [str(source[key]) for key in ("standard", "version", "clause", "note") if key in source]
    joins = (each["entity"] for each in written.get("join", {}).values())
    return Rule(
        id=written["id"],
        entity=written["entity"],
        scope=written["scope"],
        severity=written["severity"],
        since=written["since"],
        sentence=Text(sentence["en"], sentence["ko"]),
        check=written["check"],
        when=written.get("when"),
        at=written.get("at"),
        source=", ".join(about) or None,
        joins=tuple(dict.fromkeys(joins)),
    )


def _unreadable(path: Path, what: str) -> SchemaError:
    return SchemaError(
        Text(
            f"The site cannot show this file: {what}.",
            f"사이트에 이 파일을 표시할 수 없습니다: {what}.",
        ),
        place=Place(path=str(path)),
        hint=Text(
            "Compare it with the other files of its folder.",
            "같은 폴더의 다른 파일과 비교하십시오.",
        ),
    )
