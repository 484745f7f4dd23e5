"""One schema compiled for one engine, including the parts whose schema is named in the data.

An engine proper sees one lowered or authored schema. What lies in an ``x-mfg-typedBy`` place (the
``data`` of an envelope, an extension) is checked here against the schema that the data names, the
same way for every engine.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias, get_args

from mfgstd.finding import Finding, show
from mfgstd.language import Text
from mfgstd.near import nearest
from mfgstd.standard.catalogue import Catalogue, catalogue
from mfgstd.standard.resolved import Resolved
from mfgstd.validation.engines.typed import Place, places
from mfgstd.validation.lowering import Strictness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Engine: TypeAlias = Literal["row", "referee", "fastjsonschema"]

ENGINES: Final[tuple[Engine, ...]] = get_args(Engine)

#: More findings than this of one document help nobody; the last one says that there are more.
MOST: Final = 100


class Validator(Protocol):
    """One schema, ready to judge any number of documents; documents are parsed JSON."""

    def is_valid(self, document: Any) -> bool:
        """The verdict alone, as fast as the engine can."""
        ...

    def findings(self, document: Any) -> list[Finding]:
        """Everything wrong with the document, at most :data:`MOST` and one; empty if valid."""
        ...


class _Core(Protocol):
    """What an engine proper provides: one schema, nothing typed by the data."""

    def is_valid(self, document: Any) -> bool: ...


def compile_schema(
    resolved: Resolved,
    strictness: Strictness = Strictness.STRICT,
    engine: Engine = "row",
    *,
    within: Catalogue | None = None,
) -> Validator:
    """The validator of one schema, made once per process.

    Raises:
        StandardError: the engine cannot take the schema.
    """
    return _compiled(within or catalogue(), resolved.id, strictness, engine)


def quick_verdict(
    resolved: Resolved, strictness: Strictness, engine: Engine, within: Catalogue
) -> Callable[[Any], bool]:
    """The verdict of the engine proper, quicker than :meth:`Validator.is_valid` and less careful.

    It leaves out the places that are typed by the data, and raises ``ValueError`` or ``TypeError``
    for some values that no JSON text can hold.
    """
    proper = _compiled(within, resolved.id, strictness, engine).core
    bare: Callable[[Any], bool] = getattr(proper, "bare", proper.is_valid)
    return bare


@cache
def _compiled(
    within: Catalogue, schema_id: str, strictness: Strictness, engine: Engine
) -> _Compiled:
    return _Compiled(within, within.get(schema_id), strictness, engine)


class _Compiled:
    def __init__(
        self, within: Catalogue, resolved: Resolved, strictness: Strictness, engine: Engine
    ) -> None:
        self._within = within
        self._resolved = resolved
        self._strictness = strictness
        self._engine: Engine = engine
        self.core = _core(within, resolved, strictness, engine)
        self._tree = places(resolved, within)

    def is_valid(self, document: Any) -> bool:
        if not self.core.is_valid(document):
            return False
        if self._tree is None:
            return True
        return all(
            (validator := self._typed(place)) is None
            or (not isinstance(validator, Finding) and validator.is_valid(place.value))
            for place in self._tree.find(document)
        )

    def findings(self, document: Any) -> list[Finding]:
        # The verdict is the engine's; what it says of an invalid document is the referee's.
        if self._engine != "referee" and self.is_valid(document):
            return []
        referee = (
            self
            if self._engine == "referee"
            else _compiled(self._within, self._resolved.id, self._strictness, "referee")
        )
        found = list(islice(referee.explain(document), MOST + 1))
        if len(found) > MOST:
            found[MOST] = _more()
        if not found and self._engine != "referee":
            found.append(_disagreement(self._engine))
        return found

    def explain(self, document: Any) -> Iterator[Finding]:
        """All findings, one by one; only of a referee."""
        from mfgstd.validation.engines.referee import Referee

        core = self.core
        assert isinstance(core, Referee)  # noqa: S101 - only a referee is asked to explain
        yield from core.explain(document)
        if self._tree is None:
            return
        for place in self._tree.find(document):
            validator = self._typed(place)
            if isinstance(validator, Finding):
                yield validator
            elif validator is not None:
                for each in validator.explain(place.value):
                    yield replace(each, pointer=place.pointer + each.pointer)

    def _typed(self, place: Place) -> _Compiled | Finding | None:
        """The validator for a typed place; ``None`` where any object will do."""
        if not isinstance(place.named, str):
            return None
        if place.named in self._within and self._within.get(place.named).is_entity:
            said = place.value.get("$schema", place.named)
            if not place.own and isinstance(said, str) and said != place.named:
                return _typed_by_two(place, said)
            return _compiled(self._within, place.named, self._strictness, self._engine)
        if place.own:
            # An extension by a schema of its owner's, which is not ours to know.
            return None
        return _typed_by_nothing(place, self._within)


def _core(within: Catalogue, resolved: Resolved, strictness: Strictness, engine: Engine) -> _Core:
    if engine == "referee":
        from mfgstd.validation.engines.referee import Referee

        return Referee(within, resolved, strictness)
    from mfgstd.validation.engines.row import row

    return row(within, resolved, strictness, engine)


def _typed_by_nothing(place: Place, within: Mapping[str, Any] | Catalogue) -> Finding:
    known = [each.id for each in within if isinstance(each, Resolved) and each.is_entity]
    return Finding(
        rule="schema.typed-by",
        message=Text(
            "The schema that the data names is not one of a document of this standard.",
            "데이터가 가리키는 스키마는 이 표준의 문서 스키마가 아닙니다.",
        ),
        pointer=place.named_at,
        expected=Text("the $id of a document's schema", "문서 스키마의 $id"),
        found=show(place.named),
        hint=nearest(str(place.named), known)
        or Text(
            "`mfgstd schema list` names the schemas.",
            "`mfgstd schema list`로 스키마 목록을 볼 수 있습니다.",
        ),
    )


def _typed_by_two(place: Place, said: str) -> Finding:
    return Finding(
        rule="schema.mismatch",
        message=Text(
            "The data names another schema than its envelope does.",
            "데이터에 적힌 스키마가 봉투에 적힌 스키마와 다릅니다.",
        ),
        pointer=f"{place.pointer}/$schema",
        expected=place.named,
        found=show(said),
        hint=Text(
            "Mend the one that is wrong, or leave $schema out of the data.",
            "틀린 쪽을 고치거나 데이터에서 $schema를 빼십시오.",
        ),
    )


def _more() -> Finding:
    return Finding(
        rule="schema.more",
        message=Text(
            f"There are more than {MOST} findings in this document; the others are left out.",
            f"이 문서에서 {MOST}건이 넘는 문제가 발견되어 나머지는 생략합니다.",
        ),
        hint=Text("Mend these and validate again.", "이 문제들을 고친 뒤 다시 검사하십시오."),
    )


def _disagreement(engine: str) -> Finding:
    return Finding(
        rule="schema.disagreement",
        message=Text(
            f"The engine {engine!r} rejects this document and the referee finds nothing wrong.",
            f"{engine!r} 엔진은 이 문서를 거부했지만 판정 엔진은 문제를 찾지 못했습니다.",
        ),
        hint=Text(
            "This is a defect of mfgstd: please report it with the document.",
            "mfgstd의 결함입니다. 문서를 첨부하여 알려 주십시오.",
        ),
    )
