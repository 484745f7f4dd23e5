"""Reading a trace back: hashes first, then events, then columns once. Nothing in it is trusted."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.validation.reader import read
from mfgstd_conformance import canonical, formats
from mfgstd_conformance.errors import TraceBroken
from mfgstd_conformance.trace.delivery import Delivery
from mfgstd_conformance.trace.writing import COLUMNS, EVENTS, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: A line holds one document at most, and those are bounded when they are recorded.
_LINE_LIMIT: Final = canonical.SIZE_LIMIT + (1 << 20)


class Trace:
    """One recorded run. Make it with :meth:`open`; it is never changed."""

    def __init__(
        self,
        folder: Path,
        manifest: Mapping[str, Any],
        digest: str,
        events: tuple[Mapping[str, Any], ...],
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.digest = digest
        self._events = events

    @classmethod
    def open(cls, folder: Path) -> Trace:
        """Read the trace in ``folder``.

        Raises:
            TraceBroken: a file is missing, was changed, is in no manifest, or is malformed.
        """
        data = _bytes(folder / MANIFEST)
        try:
            manifest = canonical.decode(data)
        except canonical.NotCanonicalError as error:
            raise _broken(folder / MANIFEST, str(error)) from None
        for where, what in formats.violations("manifest", manifest):
            raise _broken(folder / MANIFEST, f"{where}: {what}")
        listed = {each["path"]: each for each in manifest["files"]}
        for name, each in listed.items():
            path = folder / name
            try:
                changed = path.is_symlink() or canonical.sha256_of_file(path) != each["sha256"]
            except OSError as error:
                raise _broken(path, error.strerror or str(error)) from None
            if changed:
                raise _broken(path, "its SHA-256 is not that of the manifest")
        for path in folder.iterdir():
            if path.name not in listed and path.name != MANIFEST:
                raise _broken(path, "it is not in the manifest")
        events = tuple(_events(folder / EVENTS))
        return cls(folder, manifest, canonical.sha256(data), events)

    def events(self, kind: str | None = None) -> list[Mapping[str, Any]]:
        """All events in order, or those of one kind."""
        return [each for each in self._events if kind is None or each["kind"] == kind]

    @cached_property
    def sessions(self) -> tuple[Delivery, ...]:
        """Every session in order, repetitions too."""
        reported = self.events("stimulus.reported")
        by_session: dict[str, list[Mapping[str, Any]]] = {}
        for each in self._events:
            if "session" in each:
                by_session.setdefault(each["session"], []).append(each)
        return tuple(
            Delivery(self.folder, events[0], events, reported)
            for events in by_session.values()
            if events[0]["kind"] == "session.started"
        )

    @cached_property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The sessions that are judged by what they delivered: all but repetitions."""
        return tuple(each for each in self.sessions if each.role != "again")

    @property
    def repetitions(self) -> list[tuple[Delivery, Delivery]]:
        """Sessions that read the same recorded input, two by two."""
        again = {each.session: each for each in self.sessions if each.role == "again"}
        return [
            (each, again[f"{each.session}-again"])
            for each in self.deliveries
            if f"{each.session}-again" in again
        ]

    @cached_property
    def observations(self) -> pa.Table:
        """The rows of all deliveries."""
        tables = [each.table for each in self.deliveries if each.rows]
        return (
            pa.concat_tables(tables, promote_options="permissive")
            if tables
            else (COLUMNS.empty_table())
        )

    def documents(self, slug: str) -> list[dict[str, Any]]:
        """The documents of one schema, without their envelopes, of all deliveries."""
        return [told.data for each in self.deliveries for told in each.documents(slug)]

    @cached_property
    def declared(self) -> tuple[str, ...]:
        """The capabilities that the product declares."""
        return tuple(
            name for each in self.events("product.capabilities") for name in each["declared"]
        )

    @cached_property
    def ledgers(self) -> list[Mapping[str, Any]]:
        """The loss ledgers, with the session of each: what ``ledger.json`` of a run holds."""
        return [
            {"session": each["session"], "ledger": each["ledger"]}
            for each in self.events("product.ledger")
        ]


def _events(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(_LINE_LIMIT):
            text = read(line[:-1])
            event = text.value
            whole = (
                text.ok
                and isinstance(event, dict)
                and event.get("n") == number
                and all(isinstance(event.get(name), str) for name in ("at", "by", "kind"))
            )
            if not whole:
                raise TraceBroken(
                    Text(
                        "This line of the trace is not the event that it must be.",
                        "시험 기록의 이 줄은 올바른 이벤트가 아닙니다.",
                    ),
                    place=Place(path=str(path), line=number + 1),
                )
            number += 1
            yield event


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(canonical.SIZE_LIMIT)
    except OSError as error:
        raise _broken(path, error.strerror or str(error)) from None


def _broken(path: Path, what: str) -> TraceBroken:
    return TraceBroken(
        Text(f"The trace is not whole: {what}.", f"시험 기록이 온전하지 않습니다: {what}"),
        place=Place(path=str(path)),
    )
