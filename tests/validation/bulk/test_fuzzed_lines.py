"""Lines written in any way, hurt anywhere: a screen says what the row engine would, or no word."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mfgstd.engine import Session, duckdb_session
from mfgstd.standard import catalogue
from mfgstd.testing import documents
from mfgstd.testing.mutations import every_mutation
from mfgstd.validation.bulk.lines.screens import LineScreens
from mfgstd.validation.lowering import Strictness
from tests.validation.bulk.hurt_lines import hurt_text
from tests.validation.bulk.line_law import OBSERVATION, READING, agrees, line


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with duckdb_session(threads=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def screens(session: Session) -> Iterator[LineScreens]:
    """Of one module: making a query takes longer than asking it."""
    with LineScreens(Strictness.STRICT, session) as made:
        yield made


@pytest.fixture(scope="module")
def tolerant(session: Session) -> Iterator[LineScreens]:
    with LineScreens(Strictness.TOLERANT, session) as made:
        yield made


@st.composite
def written_lines(draw: st.DrawFn, kind: str) -> bytes:
    """Lines of one kind as people and programs write them, hurt here and there."""
    resolved = catalogue().get(kind)
    document = {"$schema": kind, **draw(documents(resolved))}
    writings = [
        line(document),
        json.dumps(document).encode(),
        line(dict(reversed(document.items()))),
        json.dumps(document, ensure_ascii=False, indent=1).replace("\n", " ").encode() + b"\r",
    ]
    lines = draw(st.lists(st.sampled_from(writings), min_size=1, max_size=6))
    mutated = list(every_mutation(document, resolved))
    for _ in range(draw(st.integers(0, 4))):
        hurt = draw(
            st.one_of(
                hurt_text(draw(st.sampled_from(writings))),
                st.sampled_from(mutated).map(lambda each: line(each.document)),
                st.sampled_from([b"", b" ", b"\x0c", b"null", b"{}"]),
            )
        )
        lines.insert(draw(st.integers(0, len(lines))), hurt)
    return b"\n".join(lines) + draw(st.sampled_from([b"", b"\n"]))


@pytest.mark.parametrize("kind", [OBSERVATION.id, READING.id])
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_written_is_judged_as_the_row_engine_would(
    kind: str, data: st.DataObject, screens: LineScreens
) -> None:
    written = data.draw(written_lines(kind))
    agrees(written, screens.screen(written, 1))


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_documents_need_not_name_a_schema_that_is_given(
    data: st.DataObject, screens: LineScreens
) -> None:
    written = data.draw(written_lines(OBSERVATION.id))
    written = written.replace(b'"$schema":"' + OBSERVATION.id.encode() + b'",', b"")
    told = screens.screen(written, 1, OBSERVATION)
    agrees(written, told, schema=OBSERVATION)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_tolerance_is_that_of_the_row_engine(data: st.DataObject, tolerant: LineScreens) -> None:
    written = data.draw(written_lines(OBSERVATION.id))
    agrees(written, tolerant.screen(written, 1), strictness=Strictness.TOLERANT)
