"""Each single step away from a valid example is found, where it was taken."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mfgstd.standard import catalogue
from mfgstd.validation import compile_schema
from mfgstd.validation.engines.tally import tally
from mfgstd.validation.lowering import Strictness
from tests.validation.agreement import pool, steps
from tests.validation.agreement.hurting import written


@pytest.mark.parametrize("schema_id", pool.SCHEMAS, ids=pool.name)
def test_every_step_is_rejected_where_it_was_taken_or_nobody_has_a_say(schema_id: str) -> None:
    schema = catalogue().get(schema_id)
    row = compile_schema(schema)
    referee = compile_schema(schema, engine="referee")
    wrong = []
    count = 0
    for document in steps.sources(schema):
        assert not referee.findings(document), "an example is valid"
        for each in steps.steps(schema, document, catalogue()):
            count += 1
            found = referee.findings(each.document)
            near = any(finding.pointer in each.near for finding in found)
            if row.is_valid(each.document) is bool(found) or near is (each.reason is not None):
                wrong.append((each.what, each.pointer, each.reason, found[:3]))
            told = [(e.rule, e.severity.value, e.pointer) for e in found]
            assert sorted(tally(each.document, schema, Strictness.STRICT) if found else []) == (
                sorted(told)
            )
    assert not wrong, f"{len(wrong)} of {count}: {wrong[:5]}"
    assert count > 5


def test_the_command_rejects_them_on_duckdb_where_they_were_taken(
    mfgstd: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    lines: list[steps.Step] = []
    for schema_id in pool.SCHEMAS:
        schema = catalogue().get(schema_id)
        # Documents travel by themselves if they say what they are.
        for document in steps.sources(schema) if schema.is_entity else ():
            every = steps.steps(schema, document, catalogue())
            lines += [each for each in every if each.reason is None]
    data, found = tmp_path / "steps.ndjson", tmp_path / "found.parquet"
    with data.open("w", encoding="utf-8") as file:
        file.writelines(f"{written(each.document)}\n" for each in lines)
    done = mfgstd(
        *("validate", "--json", "--engine", "duckdb", "--rules", "record", "--max-findings", "3"),
        *("--findings", found, data),
    )
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert (report["valid"], report["invalid"]) == (0, len(lines))
    table = pq.read_table(found, columns=["position", "severity", "pointer"])
    near = {
        row["position"]
        for row in table.to_pylist()
        if row["severity"] == "error" and row["pointer"] in lines[row["position"] - 1].near
    }
    far = [lines[n - 1] for n in range(1, len(lines) + 1) if n not in near]
    assert not far, [(each.what, each.pointer) for each in far[:5]]


def test_the_page_lists_what_changes_nothing() -> None:
    text = steps.page(list(steps.equivalents()), steps.count())
    assert steps.PAGE.read_text(encoding="utf-8") == text, (
        "run `python -m tests.validation.agreement.steps`"
    )
