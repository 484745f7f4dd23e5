"""From a rule as written to a rule that judges: every expression parsed, typed and guarded."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mfgstd.errors import ExpressionError
from mfgstd.expression.checking import Scope as Names
from mfgstd.expression.checking import check, compile_expression
from mfgstd.expression.flow import known, of_elements
from mfgstd.expression.parsing import parse
from mfgstd.expression.refusals import a
from mfgstd.expression.shapes import Shapes
from mfgstd.expression.syntax import Binary
from mfgstd.expression.tree import free
from mfgstd.expression.types import BOOL, ListOf, Scalar
from mfgstd.finding import Finding, Severity, show
from mfgstd.language import Text
from mfgstd.near import nearest
from mfgstd.standard.resources import root
from mfgstd.validation.rules.rule import Loop, Partner, Rule, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mfgstd.expression.syntax import Syntax
    from mfgstd.expression.tree import Tree
    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation.rules.authored import Authored

#: Names that mean something in a rule and cannot be given to anything else.
_TAKEN: Final = frozenset({"this", "prev", "next", "true", "false", "null", "in"})

_BRACED: Final = re.compile(r"\{([^{}]*)\}")

#: Which keys belong to one scope only.
_OF_SCOPE: Final = {"partition": "sequence", "order": "sequence", "join": "reference"}

#: What is kept as it was written, for people to read.
_WRITTEN: Final = ("each", "partition", "order", "join", "when", "check")


class _Wrong(Exception):
    def __init__(self, finding: Finding) -> None:
        self.finding = finding


def compile_rules(
    authored: Sequence[Authored], within: Catalogue
) -> tuple[list[tuple[Authored, Rule]], list[Finding]]:
    """The rules that compile, each with what was written, and a finding for each that does not."""
    compiled: list[tuple[Authored, Rule]] = []
    findings: list[Finding] = []
    first: dict[str, Authored] = {}
    taken = _taken() if any(not _is_of_the_standard(each.path) for each in authored) else ()
    for each in authored:
        if each.content["id"] in first:
            earlier = first[each.content["id"]].place("id")
            said = Text(
                f"The id {each.name} is taken: {earlier}.",
                f"{each.name} id가 이미 쓰였습니다: {earlier}.",
            )
            findings.append(Finding(rule="rules.id", message=said, source=each.place("id")))
            continue
        first[each.content["id"]] = each
        if each.content["id"] in taken and not _is_of_the_standard(each.path):
            said = Text(
                f"The id {each.name} belongs to a rule of the standard.",
                f"{each.name} id는 표준의 규칙이 쓰고 있습니다.",
            )
            hint = Text("Give your rule a name of its own.", "규칙에 다른 이름을 붙이십시오.")
            findings.append(
                Finding(rule="rules.id", message=said, hint=hint, source=each.place("id"))
            )
            continue
        try:
            compiled.append((each, _Compiler(each, within).rule()))
        except _Wrong as wrong:
            findings.append(wrong.finding)
    return compiled, findings


def _is_of_the_standard(path: str) -> bool:
    """Whether a rule file is one of ours."""
    return Path(path).resolve().parent == (root("schemas") / "rules").resolve()


def _taken() -> frozenset[str]:
    """The ids of the rules of the standard, as shipped."""
    from mfgstd.validation.rules.compiled import by_entity

    return frozenset(each["id"] for records in by_entity().values() for each in records)


class _Compiler:
    """One rule."""

    def __init__(self, authored: Authored, within: Catalogue) -> None:
        self._authored = authored
        self._content = authored.content
        self._within = within
        self._shapes = Shapes(within)

    def rule(self) -> Rule:
        content = self._content
        scope = Scope(content["scope"])
        for key, only in _OF_SCOPE.items():
            if key in content and scope != only:
                raise self._refused(
                    Text(
                        f"{show(key)} belongs to rules of the scope {only}.",
                        f"{show(key)}은(는) scope가 {only}인 규칙에만 쓸 수 있습니다.",
                    ),
                    key,
                )
        entity = self._entity("entity")
        if content["id"].split(".")[:2] != [entity.domain, entity.slug]:
            raise self._refused(
                Text(
                    f"The id of a rule about {entity.domain}/{entity.slug} begins with "
                    f"{entity.domain}.{entity.slug}.",
                    f"{entity.domain}/{entity.slug} 규칙의 id는 {entity.domain}.{entity.slug}."
                    "(으)로 시작해야 합니다.",
                ),
                "id",
            )
        this = self._shapes.document(entity)
        names = Names(self._shapes, {"this": this})
        partition = self._keys("partition", names)
        order = self._keys("order", names)
        if scope is Scope.SEQUENCE:
            names = names.binding("prev", this).binding("next", this)
        loops, names = self._loops("each", content.get("each", {}), names)
        partners: list[Partner] = []
        for name in content.get("join", {}):
            partner, names = self._partner(name, names)
            partners.append(partner)
        when = None
        if "when" in content:
            when = self._compiled(content["when"], names, ("when",), boolean=True)
            names = names.knowing(known(parse(content["when"])))
        rule = Rule(
            id=content["id"],
            since=content["since"],
            entity=entity.id,
            scope=scope,
            severity=Severity(content["severity"]),
            sentence=Text(content["sentence"]["en"], content["sentence"]["ko"]),
            at=content["at"],
            check=self._compiled(content["check"], names, ("check",), boolean=True),
            when=when,
            each=loops,
            partition=partition,
            order=order,
            partners=tuple(partners),
            written={key: content[key] for key in _WRITTEN if key in content},
            source=dict(content.get("source", {})),
        )
        self._pointer(rule)
        return rule

    def _refused(self, said: Text, *steps: str | int, hint: Text | None = None) -> _Wrong:
        source = self._authored.place(*steps, item=self._authored.name)
        return _Wrong(Finding(rule="rules.compile", message=said, hint=hint, source=source))

    def _attempt(
        self, attempt: Callable[..., Any], text: str, steps: tuple[str | int, ...], *more: Any
    ) -> Any:
        """Compile, and say of an error where in the file and in the expression it stands."""
        try:
            return attempt(text, *more)
        except ExpressionError as error:
            pointed = f"\n    {' '.join(text.split(chr(10)))}\n    {'-' * (error.column - 1)}^"
            where = ".".join(map(str, steps))
            said = Text(
                f"{error.message.en} (character {error.column} of `{where}`){pointed}",
                f"{error.message.ko} (`{where}`의 {error.column}번째 글자){pointed}",
            )
            raise self._refused(said, *steps, hint=error.hint) from error

    def _compiled(
        self, text: str, names: Names, steps: tuple[str | int, ...], *, boolean: bool = False
    ) -> Tree:
        tree: Tree = self._attempt(
            compile_expression, text, steps, names, BOOL if boolean else None
        )
        return tree

    def _entity(self, *steps: str) -> Resolved:
        written: Any = self._content
        for step in steps:
            written = written[step]
        known_ = {f"{each.domain}/{each.slug}": each for each in self._within}
        if written not in known_:
            raise self._refused(
                Text(f"There is no schema {show(written)}.", f"{show(written)} 스키마가 없습니다."),
                *steps,
                hint=nearest(written, list(known_)),
            )
        return known_[written]

    def _keys(self, key: str, names: Names) -> tuple[Tree, ...]:
        """What a sequence is parted and ordered by: scalars, absent ones leave a document out."""
        trees = []
        for index, text in enumerate(self._content.get(key, [])):
            tree = self._compiled(text, replace(names, lenient=True), (key, index))
            if not isinstance(tree.type, Scalar):
                raise self._refused(
                    Text(
                        f"A sequence is not made by {a(tree.type)}: name a scalar.",
                        f"{tree.type}(으)로는 순서를 정할 수 없습니다. 단일 값을 쓰십시오.",
                    ),
                    key,
                    index,
                )
            trees.append(tree)
        return tuple(trees)

    def _loops(
        self, key: str, written: dict[str, str], names: Names, *above: str
    ) -> tuple[tuple[Loop, ...], Names]:
        loops = []
        for name, text in written.items():
            self._free_name(name, names, *above, key, name)
            tree = self._compiled(text, replace(names, lenient=True), (*above, key, name))
            if not isinstance(tree.type, ListOf) or tree.type.items is None:
                raise self._refused(
                    Text(
                        f"`each` goes over lists, and this is {a(tree.type)}.",
                        f"`each`에는 리스트가 와야 하는데 {tree.type}입니다.",
                    ),
                    *above,
                    key,
                    name,
                )
            loops.append(Loop(name, tree))
            names = names.binding(name, tree.type.items, of_elements(parse(text), name))
        return tuple(loops), names

    def _free_name(self, name: str, names: Names, *steps: str) -> None:
        if name in _TAKEN or name in names.types:
            raise self._refused(
                Text(
                    f"The name {show(name)} is taken.", f"{show(name)}은(는) 이미 쓰인 이름입니다."
                ),
                *steps,
            )

    def _partner(self, name: str, names: Names) -> tuple[Partner, Names]:
        written = self._content["join"][name]
        self._free_name(name, names, "join", name)
        before = frozenset(names.types)
        entity = self._entity("join", name, "entity")
        names = names.binding(name, self._shapes.document(entity))
        loops, names = self._loops("each", written.get("each", {}), names, "join", name)
        own = frozenset({name, *(each.name for each in loops)})
        on = tuple(
            self._equality(each, names, before, own, name)
            for each in self._attempt(_equalities, written["on"], ("join", name, "on"))
        )
        if written.get("optional"):
            names = replace(names, maybe=names.maybe | own)
        partner = Partner(
            name=name,
            entity=entity.id,
            each=loops,
            on=on,
            optional=bool(written.get("optional")),
            unmatched=written.get("unmatched") == "finding",
        )
        return partner, names

    def _equality(
        self, syntax: Syntax, names: Names, before: frozenset[str], own: frozenset[str], name: str
    ) -> tuple[Tree, Tree]:
        steps = ("join", name, "on")
        lenient = replace(names, lenient=True)
        if isinstance(syntax, Binary) and syntax.by == "==":
            self._attempt(
                lambda _text: check(syntax, lenient), self._content["join"][name]["on"], steps
            )
            sides = check(syntax.left, lenient), check(syntax.right, lenient)
            for ours, theirs in (sides, sides[::-1]):
                if free(ours) <= before and free(theirs) <= own and free(theirs):
                    return ours, theirs
        raise self._refused(
            Text(
                f"`on` is made of equalities between {name} and what is known before, by &&.",
                f"`on`은 {name}의 값과 앞선 값이 같다는 조건(==)을 &&로 이은 것이어야 합니다.",
            ),
            *steps,
        )

    def _pointer(self, rule: Rule) -> None:
        loops = [each.name for each in rule.each]
        for name in _BRACED.findall(rule.at):
            if name not in loops:
                raise self._refused(
                    Text(
                        f"{{{name}}} is the name of no `each`.",
                        f"{{{name}}}은(는) `each`의 이름이 아닙니다.",
                    ),
                    "at",
                )


def _equalities(text: str) -> Sequence[Syntax]:
    """The parts of a text between ``&&``."""
    waiting, found = [parse(text)], []
    while waiting:
        each = waiting.pop()
        if isinstance(each, Binary) and each.by == "&&":
            waiting += [each.right, each.left]
        else:
            found.append(each)
    return found
