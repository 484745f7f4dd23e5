"""Reading one line of SHDR exactly, whatever is on it.

The slow half of the translation: one line at a time, for the few lines that
:mod:`mfgstd_adapters.mtconnect.shdr.scan` leaves over, and for small inputs altogether. It knows
how many tokens each kind of item takes, and keeps what outlives a line: active conditions, the
start of relative time, the tools that the machine has named.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from mfgstd.adapters import Rejected
from mfgstd.errors import InputError
from mfgstd.finding import show
from mfgstd.language import Text
from mfgstd_adapters.mtconnect.reports import assets
from mfgstd_adapters.mtconnect.reports.conditions import LEVELS, Conditions, Report
from mfgstd_adapters.mtconnect.reports.series import segment
from mfgstd_adapters.mtconnect.shdr.grammar import WHITE, Moment, moment, tokens
from mfgstd_adapters.mtconnect.shdr.reading import (
    ASSUMED_ZONE,
    ESTIMATED,
    KNOWN,
    Line,
    Reading,
    Shape,
    shape,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from mfgstd_adapters.mtconnect.model.devices import DeviceModel
    from mfgstd_adapters.mtconnect.reports.notes import Notes

_STORES: Final = re.compile(r"[0-9TZ:.+-]*\|@ASSET@\|")
#: Raw bytes kept of a rejected piece; what is longer is cut.
KEPT: Final = 64 * 1024
#: Characters kept of a name that the model does not know.
NAME_LIMIT: Final = 120
#: Tools remembered, so that removing all of them can name each.
TOOLS_LIMIT: Final = 10_000


class Reports:
    """Reads lines of one source against one device model."""

    def __init__(
        self,
        model: DeviceModel,
        keys: dict[str, int],
        notes: Notes,
        *,
        source: str,
        tools: assets.Tools,
    ) -> None:
        self._model = model
        self._items = model.items
        self._keys = keys
        self._notes = notes
        self._source = source
        self._library = tools
        self._shapes = [shape(item) for item in model.items]
        self.conditions = Conditions(model.items)
        # From 2.3 on a native code may carry a condition id behind a colon (reference agent).
        self._split_codes = (model.schema_version or (0, 0)) >= (2, 3)
        self._changed = self._asset_item("ASSET_CHANGED")
        self._removed = self._asset_item("ASSET_REMOVED")
        self._tools: dict[str, None] = {}
        self._base: tuple[int, float] | None = None

    @property
    def special(self) -> npt.NDArray[np.bool_]:
        """The items whose reports are more than one token."""
        return np.array([each is not Shape.PAIR for each in self._shapes], bool)

    def read(
        self,
        line: int,
        number: int,
        text: str,
        received: int,
        into: Reading,
        *,
        lines: int = 1,
    ) -> None:
        """Read one line, without its end.

        Args:
            line: its number within the block.
            number: its number in the source, for findings.
            text: the line; a multi-line asset is one line with newlines in it.
            received: when it came, in nanoseconds since 1970.
            into: where to add what it says.
            lines: how many lines of the source it was.
        """
        if not text.strip(WHITE):
            into.lines["blank"] += lines
            return
        if text.lstrip(WHITE).startswith("*"):
            into.lines["command"] += lines
            self._command(text, number)
            return
        # The rest of a line that stores an asset is XML, and no business of this grammar.
        parts = text.split("|", 4) if _STORES.match(text) else tokens(text)
        when, quality, clock = self._when(parts, number, received)
        if when is None:
            into.met += 1
            self.reject("mtconnect.not-shdr", line, number, text.encode(), into, lines=lines)
            return
        nanoseconds, start, duration = when
        reports = parts[start:]
        if not any(reports):
            into.met += 1
            self.reject("mtconnect.line-cut", line, number, text.encode(), into, lines=lines)
            return
        one = Line(line, number, text, parts, nanoseconds, quality, duration, into, received, start)
        if any(part.startswith("@") for part in parts[start : start + 1]):
            into.lines["asset"] += lines
        else:
            into.lines["data"] += lines
            if clock:
                into.times.append((line, nanoseconds))
        self._reports(one)

    def reject(
        self,
        rule: str,
        line: int,
        number: int,
        raw: bytes,
        into: Reading,
        *,
        detail: Text | None = None,
        lines: int = 1,
    ) -> None:
        """Keep a piece of input apart, with the reason."""
        into.lines["rejected"] += lines
        self._reject_report(rule, line, number, raw, into, detail)

    def _reject_report(
        self, rule: str, line: int, number: int, raw: bytes, into: Reading, detail: Text | None
    ) -> None:
        finding = self._notes.one(rule, line=number, found=raw, detail=detail)
        into.rejected.append((line, Rejected(raw=raw[:KEPT], finding=finding)))

    def _command(self, text: str, number: int) -> None:
        """Record a line from adapter to agent (``* PONG 10000``, ``* device: x``) by its name."""
        body = text.lstrip(WHITE)[1:].strip(WHITE)
        name, colon, value = body.partition(":")
        if not colon:
            name, _, value = body.partition(" ")
        if name == "PONG":
            # The answer to our own heartbeat: the client has read it already.
            return
        self._notes.add(
            "mtconnect.command",
            name.strip(WHITE)[:NAME_LIMIT] or "*",
            line=number,
            found=value.strip(WHITE)[:NAME_LIMIT],
        )

    def _when(
        self, parts: list[str], number: int, received: int
    ) -> tuple[tuple[int, int, str | None] | None, int, bool]:
        """Time, begin of the reports and duration; the time's quality; whether it is a clock's."""
        first = parts[0]
        read: Moment | None = moment(first)
        if read is not None and read.nanoseconds is not None:
            quality = KNOWN if read.zoned else ASSUMED_ZONE
            return (read.nanoseconds, 1, read.duration), quality, True
        if read is not None and read.milliseconds is not None and len(parts) > 1:
            return (self._relative(read.milliseconds, received), 1, read.duration), ESTIMATED, False
        if len(parts) == 1:
            return None, ESTIMATED, False
        if not first:
            return (received, 1, None), ESTIMATED, False
        if first in self._keys or first.startswith("@") or len(parts) % 2 == 0:
            return (received, 0, None), ESTIMATED, False
        self._notes.add("mtconnect.bad-timestamp", line=number, found=first)
        return (received, 1, None), ESTIMATED, False

    def _relative(self, milliseconds: float, received: int) -> int:
        """Time counted from the adapter's start: the first report tells when that was."""
        if self._base is None:
            self._base = (received, milliseconds)
        base, offset = self._base
        since = base + round((milliseconds - offset) * 1e6)
        # Years that no clock shows mean that the number was none of time.
        return since if 0 <= since < 2**62 else received

    def _reports(self, one: Line) -> None:
        position = one.start
        while position < len(one.parts):
            key = one.parts[position]
            if key.startswith("@"):
                one.into.met += 1
                position = self._asset(one, position)
                continue
            item = self._keys.get(key)
            last = position + 1 >= len(one.parts)
            if item is None:
                value = "" if last else one.parts[position + 1]
                if not key and not value:
                    # A bar too many at the end of a line, or two: nothing is said.
                    position += 2
                    continue
                one.into.met += 1
                if last:
                    self._cut(one, key)
                else:
                    one.into.unknown.append((key[:NAME_LIMIT], 1, one.line))
                position += 2
                continue
            one.into.met += 1
            if last:
                self._cut(one, key)
                return
            position = self._report(one, position, item)

    def _cut(self, one: Line, key: str) -> None:
        self._reject_report(
            "mtconnect.line-cut",
            one.line,
            one.number,
            one.text.encode(),
            one.into,
            Text(f"{show(key)} has no value.", f"{show(key)} 항목에 값이 없습니다."),
        )

    def _report(self, one: Line, position: int, item: int) -> int:
        """Read the report at ``position``; return where the next begins."""
        parts = one.parts
        at = position + 1
        match self._shapes[item]:
            case Shape.CONDITION:
                self._condition(one, position, item, [*parts[at : at + 5], *[""] * 5][:5])
                return at + 5
            case Shape.SERIES:
                self._series(one, position, item, [*parts[at : at + 3], *[""] * 3][:3])
                return at + 3
            case Shape.MESSAGE | Shape.ASSET if at + 1 < len(parts):
                one.add(position, item, parts[at + 1], parts[at] or None)
                return at + 2
            case Shape.ALARM if at + 1 < len(parts):
                code, native, severity, state, text = [*parts[at : at + 5], *[""] * 5][:5]
                one.add(position, item, text, f"{code}|{native}|{severity}|{state}")
                return at + 5
            case _:
                one.add(position, item, parts[at])
                return at + 1

    def _condition(self, one: Line, position: int, item: int, fields: list[str]) -> None:
        word, code, severity, qualifier, text = fields
        status = f"{code}|{severity}|{qualifier}" if code or severity or qualifier else None
        one.add(position, item, word, status)
        level = word.lower()
        if level not in LEVELS:
            return
        condition = ""
        native, colon, behind = code.partition(":")
        if self._split_codes and colon:
            code, condition = native, behind or native
        report = Report(
            item=item,
            nanoseconds=one.nanoseconds,
            level=level,
            code=code,
            severity=severity,
            qualifier=qualifier,
            text=text,
            condition=condition,
            native_level=word,
        )
        for alarm in self.conditions.report(report):
            one.into.documents.append((one.line, position, alarm))

    def _series(self, one: Line, position: int, item: int, fields: list[str]) -> None:
        count, rate, values = fields
        if any(each.upper() == "UNAVAILABLE" for each in fields):
            one.add(position, item, "UNAVAILABLE")
            return
        try:
            said = float(rate) if rate else (self._model.facts[item].sample_rate or 0.0)
            one.into.documents.append(
                (
                    one.line,
                    position,
                    segment(
                        self._items[item],
                        nanoseconds=one.nanoseconds,
                        rate=said if said > 0 else None,
                        values=values,
                        source=self._source,
                        native=True,
                    ),
                )
            )
        except (InputError, ValueError, OverflowError):
            name = self._items[item].name or self._items[item].id
            self._notes.add(
                "mtconnect.contradiction",
                name,
                line=one.number,
                expected="TIME_SERIES: count|rate|numbers",
                found="|".join(fields)[:NAME_LIMIT],
            )
            finding = self._notes.one(
                "mtconnect.contradiction", line=one.number, found=one.text.encode()
            )
            one.into.rejected.append(
                (one.line, Rejected(raw=one.text.encode()[:KEPT], finding=finding))
            )
            return
        one.into.series += 1
        if count and count != str(len(values.split())):
            self._notes.add(
                "mtconnect.contradiction",
                self._items[item].name or self._items[item].id,
                line=one.number,
                expected=f"{count[:20]} samples",
                found=f"{len(values.split())} samples",
            )

    def _asset(self, one: Line, position: int) -> int:
        """Read the asset command at ``position``; return where the next report begins."""
        command = one.parts[position].upper()
        following = one.parts[position + 1] if position + 1 < len(one.parts) else ""
        if command == "@ASSET@":
            self._store(one, position)
            return len(one.parts)
        if command == "@REMOVE_ASSET@" and following:
            self._forget(one, position, [following], None)
            return position + 2
        if command == "@REMOVE_ALL_ASSETS@":
            kind = following or None
            names = list(self._tools) if kind is None or kind in assets.TOOLS else []
            self._forget(one, position, names, kind)
            return position + 2
        # Updates of single measurements, and commands that nobody knows, are named.
        one.into.unknown.append((one.parts[position][:NAME_LIMIT], 1, one.line))
        return len(one.parts)

    def _store(self, one: Line, position: int) -> None:
        bars = one.text.split("|", position + 3)
        asset, kind = (each.strip(WHITE) for each in [*bars[position + 1 :], "", ""][:2])
        body = bars[position + 3].strip(WHITE) if len(bars) > position + 3 else ""
        told = False
        if not asset or not body:
            self._reject_report(
                "mtconnect.line-cut", one.line, one.number, one.text.encode(), one.into, None
            )
            return
        if kind in assets.TOOLS:
            try:
                document = self._library.read(
                    body.encode(), asset=asset, nanoseconds=one.nanoseconds
                )
            except InputError as error:
                self._reject_report(
                    "mtconnect.asset-unreadable",
                    one.line,
                    one.number,
                    one.text.encode(),
                    one.into,
                    error.message,
                )
                return
            one.into.documents.append((one.line, position, document))
            if len(self._tools) < TOOLS_LIMIT:
                self._tools[asset] = None
            told = True
        if self._changed is not None:
            one.add(position, self._changed, asset, kind or None)
        elif told:
            one.into.assets += 1
        else:
            one.into.unknown.append((f"@ASSET@ {kind}"[:NAME_LIMIT], 1, one.line))

    def _forget(self, one: Line, position: int, names: list[str], kind: str | None) -> None:
        for name in names:
            document = self._library.removed(asset=name, nanoseconds=one.nanoseconds)
            one.into.documents.append((one.line, position, document))
            self._tools.pop(name, None)
        if self._removed is not None and len(names) == 1:
            one.add(position, self._removed, names[0], kind)
        else:
            one.into.assets += 1

    def _asset_item(self, type_: str) -> int | None:
        """The item by which the device tells of its assets, if it has one."""
        for position, item in enumerate(self._items):
            if item.type == type_ and self._keys.get(item.id) == position:
                return position
        return None
