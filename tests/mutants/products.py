"""Known-bad products that really run: the same kinds of defect, in a process of their own.

Mutants of recordings show what the checks see; these show that the drivers see it too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pyarrow as pa

from mfgstd.adapters import Batch
from mfgstd.language import Text
from mfgstd_conformance.profiles import Level
from tests.mutants.recording import Row, batch_of, change, rows_of
from tests.references.plain.adapter import PlainAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningMutant:
    """A class with a defect, at which level it is judged, and what must notice it."""

    name: str
    breaks: Text
    kills: tuple[str, ...]
    why: Text | None = None
    level: Level = Level.INTERFACE
    module: str = "tests.mutants.products"

    @property
    def id(self) -> str:
        """``GivesNoReason`` is ``gives-no-reason-when-run``."""
        words = "".join(f"-{each.lower()}" if each.isupper() else each for each in self.name)
        return f"{words.lstrip('-')}-when-run"

    @property
    def sut(self) -> str:
        """Its address."""
        return f"python:{self.module}:{self.name}"


class _OverHttp(PlainAdapter):
    """Reads agents only: one session is enough to be found out."""

    spec: ClassVar[Any] = replace(PlainAdapter.spec, name="mutant", schemes=("http",))


def _with_rows(batch: Batch | None, defect: Callable[[Row], None]) -> Batch | None:
    if batch is None:
        return None
    rows = rows_of(pa.Table.from_batches([batch.observations]))
    for row in rows:
        defect(row)
    return replace(batch, observations=batch_of(rows))


class GivesNoReason(_OverHttp):
    async def read(self) -> Batch | None:
        return _with_rows(await super().read(), lambda row: row.update(reason=None))


class DoublesLoads(_OverHttp):
    async def read(self) -> Batch | None:
        def double(row: Row) -> None:
            if row["unit"] == "%" and row["number"]:
                change(row, number=2 * row["number"])

        return _with_rows(await super().read(), double)


class NumbersItsEvents(_OverHttp):
    _last = 0

    async def read(self) -> Batch | None:
        def number(row: Row) -> None:
            self._last += 1
            row["event_id"] = f"{self._last:032x}"

        return _with_rows(await super().read(), number)


class InventsFields(_OverHttp):
    async def read(self) -> Batch | None:
        batch = await super().read()
        if batch is None:
            return None
        documents: list[Any] = []
        for each in batch.documents:
            written = {"$schema": type(each).schema_id, **each.to_json(), "colour": "red"}
            documents.append(json.dumps(written, ensure_ascii=False).encode())
        return replace(batch, documents=tuple(documents))


class CallsEveryAlarmSevere(_OverHttp):
    async def read(self) -> Batch | None:
        batch = await super().read()
        if batch is None:
            return None
        severe = tuple(
            each.model_copy(update={"severity_band": "high"})
            if type(each).__name__ == "Alarm"
            else each
            for each in batch.documents
        )
        return replace(batch, documents=severe)


class ForgetsToCount(_OverHttp):
    async def read(self) -> Batch | None:
        batch = await super().read()
        if batch is not None and batch.tally.read:
            batch.tally.translated -= 1
        return batch


class NamesByChance(PlainAdapter):
    """What Python calls a text in this process depends on a seed that nobody chose."""

    async def read(self) -> Batch | None:
        batch = await super().read()
        if batch is None:
            return None
        chance = str(hash("equipment"))
        named = tuple(
            each.model_copy(update={"name": chance}) if type(each).__name__ == "Equipment" else each
            for each in batch.documents
        )
        return replace(batch, documents=named)


class KeepsQuietAboutGaps(_OverHttp):
    async def read(self) -> Batch | None:
        batch = await super().read()
        if batch is None:
            return None
        kept = tuple(each for each in batch.documents if type(each).__name__ != "Gap")
        return replace(batch, documents=kept)


RUNNING = (
    RunningMutant(
        name="GivesNoReason",
        breaks=Text(
            "It gives no reason for what is bad.", "bad인 관측값의 사유를 밝히지 않습니다."
        ),
        kills=("MFG-OBS-006",),
    ),
    RunningMutant(
        name="DoublesLoads",
        breaks=Text("It doubles every load.", "부하 값을 두 배로 전달합니다."),
        kills=("MFG-DLV-001",),
    ),
    RunningMutant(
        name="NumbersItsEvents",
        breaks=Text(
            "It numbers its observations instead of computing their ids.",
            "이벤트 식별자를 계산하지 않고 번호를 매깁니다.",
        ),
        kills=("MFG-OBS-009",),
    ),
    RunningMutant(
        name="InventsFields",
        breaks=Text(
            "Its documents have a field of its own invention.",
            "문서에 표준에 없는 필드를 넣습니다.",
        ),
        kills=("MFG-DOC-001",),
    ),
    RunningMutant(
        name="CallsEveryAlarmSevere",
        breaks=Text(
            "It calls every alarm severe, whatever its severity.",
            "심각도와 관계없이 모든 알람의 심각도 구간을 high로 전달합니다.",
        ),
        kills=("MFG-RUL-001",),
    ),
    RunningMutant(
        name="ForgetsToCount",
        breaks=Text("It forgets to count some reports.", "일부 보고를 세지 않습니다."),
        kills=("MFG-DLV-004",),
    ),
    RunningMutant(
        name="NamesByChance",
        breaks=Text("It names equipment by chance.", "설비에 매번 다른 이름을 붙입니다."),
        kills=("MFG-DLV-006",),
    ),
    RunningMutant(
        name="KeepsQuietAboutGaps",
        breaks=Text("It declares no gap.", "Gap을 선언하지 않습니다."),
        kills=("MFG-GAP-001", "MFG-GAP-003"),
        why=Text(
            "What was lost lies in no gap, neither by number nor by time.",
            "사라진 보고가 순번으로도 시각으로도 어떤 Gap에도 들어 있지 않습니다.",
        ),
        level=Level.RESILIENCE,
    ),
    RunningMutant(
        name="GoodThenBad",
        breaks=Text(
            "It is right at first and wrong later.", "처음에는 올바르다가 나중에 틀립니다."
        ),
        kills=("MFG-DLV-001",),
        module="tests.hostile.products",
    ),
    RunningMutant(
        name="BadThenGood",
        breaks=Text(
            "It is wrong at first and right later.", "처음에는 틀리다가 나중에 올바릅니다."
        ),
        kills=("MFG-DLV-001",),
        module="tests.hostile.products",
    ),
)
