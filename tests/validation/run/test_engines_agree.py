"""Whatever engine is asked for, a run counts, finds and writes down the same."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mfgstd.validation.bulk.found import starred
from mfgstd.validation.run import judges
from mfgstd.validation.run.options import Options
from mfgstd.validation.run.over_files import check
from mfgstd.validation.run.report import Report
from mfgstd.validation.sources.paths import find


def _observation(number: int) -> dict[str, Any]:
    return {
        "$schema": "https://w3id.org/mfgstd/equipment/observation/1",
        "dataItem": f"urn:x:item-{number % 7}",
        "eventTime": f"2026-02-03T00:{number // 60 % 60:02}:{number % 60:02}Z",
        "quality": {"status": "good"},
        "value": {"number": number * 0.1},
        "unit": "mm",
        "source": "urn:x:source",
        "epoch": "1",
        "sequence": number,
        "eventId": f"{number:032x}",
    }


def _counter(number: int) -> dict[str, Any]:
    return {
        "$schema": "https://w3id.org/mfgstd/equipment/counter-reading/1",
        "equipment": {"id": "urn:x:m1", "kind": "Equipment"},
        "kind": "processed",
        "value": number,
        "eventTime": f"2026-02-03T00:{number // 60 % 60:02}:{number % 60:02}Z",
    }


#: Some flat, some nested, one with rules that ask tables; a screen of each takes seconds to make.
_KINDS = (
    "process/job-response",
    "quality/measurement-result",
    "envelope/cloud-event",
    "equipment/data-item",
)


def _examples(folder: Path) -> Iterator[bytes]:
    for kind in _KINDS:
        for path in sorted((folder / kind / "valid").glob("*.json")):
            yield json.dumps(json.loads(path.read_bytes()), ensure_ascii=False).encode()


def _hurt(lines: list[bytes]) -> list[bytes]:
    """Each seventh line hurt in one way or another, as text or as a value."""
    hurts: list[tuple[bytes, bytes]] = [
        (b'"good"', b'"fine"'),
        (b'"mm"', b'"no unit"'),
        (b'"sequence":', b'"sequence":1,"sequence":'),
        (b'"value"', b'"valu"'),
        (b'"epoch": "1"', b'"epoch": 1'),
        (b"}", b""),
        (b'"eventTime": "2026', b'"eventTime": "26'),
        (b'{"number": ', b'{"number": NaN, "x": '),
        (b'"processed"', b'"process\xff"'),
        (b'"value": ', b'"value": -'),
        (b'{"', b'{"x": {"'),
        (b'"$schema": "https://', b'"$schema": "http://'),
        (b'"epoch"', b'"sou\\u0072ce"'),
    ]
    hurt = list(lines)
    for number, at in enumerate(range(0, len(lines), 7)):
        old, new = hurts[number % len(hurts)]
        hurt[at] = lines[at].replace(old, new, 1)
    return hurt


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    """Files of many kinds, much of it hurt."""
    made = tmp_path_factory.mktemp("mixed")
    observations = [json.dumps(_observation(each)).encode() for each in range(400)]
    counters = [json.dumps(_counter(each)).encode() for each in range(300)]
    examples = list(_examples(checkout / "schemas" / "examples"))
    (made / "a.ndjson").write_bytes(b"\n".join(observations))
    (made / "b.ndjson").write_bytes(b"\n".join(_hurt(observations)) + b"\n\n \n")
    (made / "c.jsonl.gz").write_bytes(gzip.compress(b"\r\n".join(_hurt(counters))))
    mixed = [each for three in zip(observations, counters, examples * 30) for each in three]  # noqa: B905 - as far as all go
    (made / "d.ndjson").write_bytes(b"\n".join(_hurt(mixed)))
    (made / "e.ndjson").write_bytes(b"\n".join(examples))
    (made / "f.json").write_bytes(examples[0][:-1])
    (made / "g.ndjson").write_bytes(b"\xef\xbb\xbf" + b"\n".join(observations[:3]))
    return made


def _run(folder: Path, out: Path, **options: Any) -> tuple[Report, list[dict[str, Any]]]:
    report = Report()
    list(check(find([str(folder)], report), Options(findings=out, **options), report))
    rows = pq.read_table(out).to_pylist()
    return report, rows


def _found(rows: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    return Counter(
        (e["path"], e["position"], e["rule"], e["severity"], starred(e["pointer"])) for e in rows
    )


@pytest.fixture(scope="module")
def by_row(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the row engine says."""
    return _run(folder, tmp_path_factory.mktemp("out") / "f.parquet", engine="row")


@pytest.mark.parametrize("engine", ["fastjsonschema", "referee", "duckdb"])
def test_engines_find_the_same(
    by_row: tuple[Report, Any], folder: Path, tmp_path: Path, engine: str
) -> None:
    said, rows = by_row
    report, others = _run(folder, tmp_path / "f.parquet", engine=engine)
    assert (report.valid, report.invalid) == (said.valid, said.invalid)
    assert report.counts == said.counts
    assert _found(others) == _found(rows)
    assert report.findings == said.findings
    assert report.unexplained == said.unexplained
    assert report.invalid.total() > 100


@pytest.mark.parametrize(("engine", "limit"), [("row", 0), ("row", 3), ("duckdb", 3)])
def test_engines_tell_the_same_when_little_is_told(
    folder: Path, tmp_path: Path, by_row: tuple[Report, Any], engine: str, limit: int
) -> None:
    report, rows = _run(folder, tmp_path / "f.parquet", engine=engine, max_findings=limit)
    assert report.counts == by_row[0].counts
    assert _found(rows) == _found(by_row[1])
    assert report.findings == by_row[0].findings[:limit]


def test_workers_find_the_same(
    by_row: tuple[Report, Any], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judges, "MUCH", 0)
    monkeypatch.setattr(judges, "_WORKER", 20_000)
    for engine in ("row", "duckdb"):
        report, rows = _run(folder, tmp_path / "f.parquet", engine=engine, processes=2)
        assert (report.valid, report.invalid) == (by_row[0].valid, by_row[0].invalid)
        assert _found(rows) == _found(by_row[1])
        assert report.findings == by_row[0].findings
