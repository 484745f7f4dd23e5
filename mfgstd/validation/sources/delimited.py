"""CSV in bounded memory: the header, then each row as a document, with its line in the file.

The first line names the columns: those of an observation row, or dotted paths into a document
(``equipment.id,kind,tags.0``). The delimiter is the one of ``,`` ``;`` and tab that gives the most
columns. The encoding is UTF-8 or what the user says, never a guess.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mfgstd.finding import Finding, Place, Severity, show
from mfgstd.language import Text
from mfgstd.near import nearest
from mfgstd.observations import SCHEMA
from mfgstd.observations.documents import KINDS
from mfgstd.validation import problems
from mfgstd.validation.sources.cells import OBSERVATION_PATHS, Plan, conflict
from mfgstd.validation.sources.fitting import OBSERVATION_ROW, entity_of
from mfgstd.validation.unreadable import guess_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.sources.lines import Lines

_DELIMITERS: Final = (",", ";", "\t")
_NEEDED: Final = tuple(field.name for field in SCHEMA if not field.nullable)


#: CSV has no metadata that could say it.
_NAME_IT: Final = Text(
    "The first line must name fields as the standard does (`mfgstd schema show NAME` lists them); "
    "--schema says which document a row is.",
    "첫 줄에는 표준의 필드 이름을 적어야 합니다(`mfgstd schema show 이름`으로 확인). "
    "행이 어떤 문서인지는 --schema로 지정하십시오.",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it begins, and the document that it stands for.

    ``findings`` are of the row as such; where there are any, the document is not to be judged.
    """

    line: int
    document: dict[str, Any]
    resolved: Resolved | None
    findings: tuple[Finding, ...] = ()
    plan: Plan | None = None
    cells: tuple[str, ...] = ()

    def placed(self, finding: Finding) -> Finding:
        """The finding with the line, and with the column that it is about."""
        column = None if self.plan is None else self.plan.column(finding, self.cells)
        item = finding.source.item or column
        return replace(finding, source=replace(finding.source, line=self.line, item=item))


#: A finding alone is about the file: its header, or why the rest cannot be read.
Told: TypeAlias = Row | Finding


class _Unreadable(Exception):
    """A line of which there is no text."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.rule)


class Table:
    """The rows of one CSV file.

    Args:
        lines: where they come from.
        encoding: a codec of Python, ``utf-8`` unless the user says otherwise.
        within: the schemas that a row may be of.
        asked: the one that the user names.
        tolerant: columns that the schema does not know are ignored.
    """

    def __init__(
        self,
        lines: Lines,
        encoding: str,
        within: Catalogue,
        asked: Resolved | None = None,
        *,
        tolerant: bool = False,
    ) -> None:
        self._lines = lines
        # One for all readers: one that met an unreadable line is replaced.
        self._iterator = iter(lines)
        self._encoding = encoding
        self._within = within
        self._asked = asked
        self._tolerant = tolerant
        self._begins: int | None = None
        self._plans: dict[str, Plan] = {}

    def __iter__(self) -> Iterator[Told]:
        """Rows and findings, in the order of the file.

        Raises:
            Cut: the stream breaks off.
        """
        texts = self._texts()
        try:
            header = next(texts, "")
        except _Unreadable as unreadable:
            yield unreadable.finding
            return
        if not header.strip():
            return
        delimiter = max(_DELIMITERS, key=header.count)
        reader = csv.reader(_chained(header, texts), delimiter=delimiter, strict=True)
        columns: list[str] | None = None
        while True:
            self._begins = None if columns is not None else 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except _Unreadable as unreadable:
                # The reader still holds what it had of the row: begin anew behind the line.
                yield Row(unreadable.finding.source.line or 1, {}, None, (unreadable.finding,))
                texts = self._texts()
                reader = csv.reader(texts, delimiter=delimiter, strict=True)
                continue
            except csv.Error as error:
                yield _syntax(error, self._begins or self._lines.number)
                return
            if columns is None:
                columns = cells
                wrong = list(self._header(columns))
                yield from wrong
                if any(each.severity is Severity.ERROR for each in wrong):
                    return
            elif cells:
                yield self._row(columns, cells)

    def _texts(self) -> Iterator[str]:
        for line in self._iterator:
            if self._begins is None:
                self._begins = line.number
            if line.data is None:
                raise _Unreadable(problems.line_too_long(line, self._lines.limit))
            try:
                text = line.data.decode(self._encoding)
            except UnicodeDecodeError as error:
                wrong = _encoding(line.data, error.start, self._encoding)
                raise _Unreadable(replace(wrong, source=Place(line=line.number))) from error
            yield (text.removeprefix("\ufeff") if line.number == 1 else text) + "\n"

    def _header(self, columns: list[str]) -> Iterator[Finding]:
        place = Place(line=1)
        if (wrong := conflict(columns)) is not None:
            yield replace(wrong, source=place)
            return
        self._rows_name_it = self._asked is None and "$schema" in columns
        if self._rows_name_it:
            return
        entity = entity_of(columns, self._within, asked=self._asked)
        if isinstance(entity, Finding):
            yield replace(entity, source=place, hint=_NAME_IT)
            return
        self._asked = entity
        if entity.id == OBSERVATION_ROW:
            for each in self._observation_columns(columns):
                yield replace(each, source=place)

    def _observation_columns(self, columns: list[str]) -> Iterator[Finding]:
        for name in _NEEDED:
            if name not in columns:
                yield Finding(
                    rule="schema.required",
                    message=Text(
                        f"The column {show(name)} is missing.", f"{show(name)} 열이 없습니다."
                    ),
                    expected=name,
                )
        for name in columns:
            if name not in SCHEMA.names and not self._tolerant:
                yield Finding(
                    rule="schema.unknown-field",
                    message=Text(
                        f"Observations have no column {show(name)}.",
                        f"관측값에는 {show(name)} 열이 없습니다.",
                    ),
                    pointer=f"/{name}",
                    hint=nearest(name, SCHEMA.names),
                )

    def _row(self, columns: list[str], cells: list[str]) -> Row:
        line = self._begins or 1
        if len(cells) != len(columns):
            return Row(line, {}, None, (_count(len(columns), len(cells)),))
        entity = self._asked
        if self._rows_name_it:
            named = cells[columns.index("$schema")]
            if named not in self._within or not self._within.get(named).is_entity:
                # As the document says it: the judge finds no schema, and tells how to name one.
                return Row(line, {"$schema": named} if named else {}, None)
            entity = self._within.get(named)
        assert entity is not None  # noqa: S101 - else the header had a finding
        rows = entity.id == OBSERVATION_ROW
        if entity.id not in self._plans:
            paths = [(each, OBSERVATION_PATHS.get(each) if rows else each) for each in columns]
            of = self._within.find("observation") if rows else entity
            self._plans[entity.id] = Plan(paths, of, self._within)
        plan = self._plans[entity.id]
        document = plan.document(cells)
        if not rows:
            return Row(line, document, entity, (), plan, tuple(cells))
        given = dict(zip(columns, cells, strict=True))
        wrong = tuple(_observation(document, given))
        return Row(line, document, self._within.find("observation"), wrong, plan, tuple(cells))


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _observation(document: dict[str, Any], given: dict[str, str]) -> Iterator[Finding]:
    """What is wrong with an observation row that its document would not show."""
    for name in _NEEDED:
        if not given[name]:
            empty = problems.no_value(name, Text("an empty cell", "빈 칸"))
            yield replace(empty, source=Place(item=name))
    filled = [name for name in KINDS if given.get(name)]
    kind = given["kind"]
    if kind and (kind not in (*KINDS, "none") or filled != [kind] * (kind != "none")):
        yield replace(problems.wrong_kind(kind, filled), source=Place(item="kind"))
    if below := given.get("event_time_ns"):
        if not (below.isascii() and below.isdecimal() and int(below[:10]) <= 999):
            yield Finding(
                rule="schema.maximum" if below.isdecimal() else "schema.type",
                message=Text(
                    "The nanoseconds below a microsecond are 0 to 999.",
                    "마이크로초 미만의 나노초는 0에서 999까지입니다.",
                ),
                pointer="/event_time_ns",
                expected="0..999",
                found=show(below),
                source=Place(item="event_time_ns"),
            )
        elif int(below):
            document["eventTime"] = _with_nanoseconds(document["eventTime"], int(below))


def _with_nanoseconds(time: str, below: int) -> str:
    """The event time with the digits that a microsecond does not hold."""
    if not time.endswith("Z"):
        return time
    whole, _, fraction = time[:-1].partition(".")
    return f"{whole}.{fraction[:6].ljust(6, '0')}{below:03}Z"


def _count(wanted: int, given: int) -> Finding:
    return Finding(
        rule="csv.fields",
        message=Text(
            "The row has another number of fields than the header.",
            "행의 필드 수가 머리글과 다릅니다.",
        ),
        expected=str(wanted),
        found=str(given),
        hint=Text(
            "A text that contains the delimiter stands in double quotes.",
            "구분 문자가 들어 있는 텍스트는 큰따옴표로 묶으십시오.",
        ),
    )


def _syntax(error: csv.Error, line: int) -> Finding:
    return Finding(
        rule="csv.syntax",
        message=Text(
            f"This is not CSV, and what follows was not read: {error}.",
            f"CSV 문법에 맞지 않아 이후 내용을 읽지 않았습니다: {error}.",
        ),
        hint=Text(
            "Fields stand in double quotes, and a quote within them is doubled.",
            "필드는 큰따옴표로 묶고, 그 안의 큰따옴표는 두 번 적습니다.",
        ),
        source=Place(line=line),
    )


def _encoding(data: bytes, offset: int, encoding: str) -> Finding:
    guess = guess_encoding(data)
    if guess is None or encoding != "utf-8":
        hint = Text("Save it as UTF-8.", "UTF-8로 저장하십시오.")
    elif guess.startswith("CP949"):
        hint = Text(
            f"The text looks like {guess}. If it is, add --encoding cp949.",
            f"{guess} 인코딩으로 보입니다. 맞으면 --encoding cp949를 붙이십시오.",
        )
    else:
        hint = Text(
            f"The text looks like {guess}. Save it as UTF-8.",
            f"{guess} 인코딩으로 보입니다. UTF-8로 저장하십시오.",
        )
    found = " ".join(f"{each:02x}" for each in data[offset : offset + 4])
    return Finding(
        rule="csv.encoding",
        message=Text(
            f"The line is not {encoding.upper()}.", f"이 줄은 {encoding.upper()}이(가) 아닙니다."
        ),
        expected=encoding.upper(),
        found=Text(f"bytes {found}", f"바이트 {found}"),
        hint=hint,
    )
