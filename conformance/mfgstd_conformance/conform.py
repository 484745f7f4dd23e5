"""``mfgstd conform``: list and explain requirements, judge a product, replay, certify, verify."""

from __future__ import annotations

import json as jsonlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mfgstd.errors import UsageError
from mfgstd.finding import show
from mfgstd.language import Text
from mfgstd_conformance import certifying
from mfgstd_conformance.options import AsJson, RunFolder, no_choice, option, present
from mfgstd_conformance.profiles import Access, Level
from mfgstd_conformance.registry import Kind

if TYPE_CHECKING:
    from mfgstd_conformance.registry import StandardRules
    from mfgstd_conformance.result import Result

HELP: Final = Text(
    "Judge whether a product speaks the standard, and certify it.",
    "제품이 표준을 따르는지 시험하고 인증합니다.",
)

app = typer.Typer(help=str(HELP), no_args_is_help=True, rich_markup_mode=None, add_completion=False)
app.add_typer(certifying.keys, name="keys")

_ProfileName = Annotated[
    str,
    typer.Option(
        metavar="ID",
        help=str(
            Text(
                "equipment-data (what reads machines) or equipment-file (exported files).",
                "equipment-data(설비를 읽는 제품) 또는 equipment-file(내보낸 파일)입니다.",
            )
        ),
    ),
]


@app.command("list", help=str(Text("List the requirements.", "요구사항의 목록을 봅니다.")))
def list_(
    profile: Annotated[
        str | None, option("ID", "Only those of this profile.", "이 프로파일의 것만 봅니다.")
    ] = None,
    level: Annotated[
        str | None,
        option("LEVEL", "Only those up to this level.", "이 수준까지의 것만 봅니다."),
    ] = None,
    json: AsJson = False,
) -> int:
    """List the requirements."""
    from mfgstd_conformance.profiles import find_profile
    from mfgstd_conformance.registry import registry

    known = registry()
    limit = None if level is None else _level(level)
    chosen = find_profile(profile or "equipment-data", known) if profile or limit else None
    at = {} if chosen is None else {name: where for where, name in chosen}
    found = [
        each
        for each in known
        if chosen is None or (each.id in at and (limit is None or limit.covers(at[each.id])))
    ]
    if json:
        records = [
            {**each.to_json(), **({"at": at[each.id].value} if each.id in at else {})}
            for each in found
        ]
        typer.echo(jsonlib.dumps({"requirements": records}, ensure_ascii=False))
        return 0
    for each in found:
        where = f"  {at[each.id].text.say()}" if each.id in at else ""
        typer.echo(f"{each.id}  {each.obligation:6}  {each.title.say()}{where}")
    return 0


@app.command(
    "explain",
    help=str(Text("Explain one requirement.", "요구사항 하나를 설명합니다.")),
)
def explain(
    requirement: Annotated[
        str,
        typer.Argument(metavar="MFG-…", help=str(Text("Its id.", "요구사항의 식별자입니다."))),
    ],
    json: AsJson = False,
) -> int:
    """Explain one requirement."""
    from mfgstd_conformance.checks import checks_of
    from mfgstd_conformance.profiles import load_profiles
    from mfgstd_conformance.registry import registry

    known = registry()
    record = known.get(requirement)
    checks = [each.name for each in checks_of(record.id)]
    places = [
        (profile.id, at)
        for profile in load_profiles(known).values()
        for at, name in profile
        if name == record.id
    ]
    if json:
        value = {**record.to_json(), "checks": checks, "profiles": dict(places)}
        typer.echo(jsonlib.dumps(value, ensure_ascii=False))
        return 0
    typer.echo(f"{record.id}  {record.title.say()}\n\n{record.sentence.say()}\n")
    source = record.source
    chosen = record.standard_rules
    standard = () if chosen is None else [_chosen(chosen).say()]
    rows = [
        (Text("Obligation", "의무 수준"), record.obligation.value),
        (Text("Source", "출처"), f"{source.standard}, {source.clause}\n    {source.url}"),
        (
            Text("Asked by", "요구하는 프로파일"),
            ", ".join(f"{name} ({at.text.say()})" for name, at in places) or "-",
        ),
        (Text("Applies if", "적용 조건"), record.applies_if or _ALWAYS.say()),
        (Text("Verified", "검증 방법"), _KINDS[record.kind].say()),
        (Text("Checks", "점검"), ", ".join(checks) or "-"),
        (Text("Rules", "규칙"), ", ".join([*record.rules, *record.covers, *standard]) or "-"),
        (Text("Next step", "다음 단계"), record.next_step.say()),
    ]
    if record.reason is not None:
        rows.insert(5, (Text("Because", "사유"), record.reason.say()))
    for name, said in rows:
        typer.echo(f"{name}: {said}")
    return 0


def _chosen(rules: StandardRules) -> Text:
    """Too many to be named one by one; ``mfgstd rules list`` does."""
    scopes, count = ", ".join(rules.scopes), len(list(rules.ids()))
    return Text(
        f"{count} rules of the standard ({scopes}; {rules.severity}), see mfgstd rules list",
        f"표준 규칙 {count}개({scopes}, {rules.severity}). mfgstd rules list로 볼 수 있습니다",
    )


_ALWAYS: Final = Text("always", "항상")
_KINDS: Final = {
    Kind.AUTOMATED: Text("by the suite", "시험 도구가 판정"),
    Kind.ATTESTED: Text("by a person's statement, with evidence", "증빙을 갖춘 확인서"),
    Kind.UNTESTABLE: Text("by nobody from outside", "외부에서 검증할 수 없음"),
}


@app.command("run", help=str(Text("Judge a product.", "제품을 시험하고 판정합니다.")))
def run(
    sut: Annotated[
        str,
        typer.Argument(
            metavar="PRODUCT",
            help=str(
                Text(
                    "file:PATH, python:NAME or python:MODULE:CLASS.",
                    "file:경로, python:이름 또는 python:모듈:클래스입니다.",
                )
            ),
        ),
    ],
    profile: _ProfileName = "equipment-data",
    level: Annotated[
        str | None,
        option(
            "LEVEL",
            "schema, interface or resilience (default: interface, for files schema).",
            "schema, interface, resilience 중 하나입니다(기본값: interface, 파일은 schema).",
        ),
    ] = None,
    capabilities: Annotated[
        str | None,
        option(
            "A,B",
            "What the product declares (default: everything that can be shown).",
            "제품이 선언하는 기능입니다(기본값: 확인할 수 있는 모든 기능).",
        ),
    ] = None,
    sut_statement: Annotated[
        Path | None,
        option("FILE", "The supplier's statement (JSON).", "공급사의 제품 진술서(JSON)입니다."),
    ] = None,
    product_name: Annotated[
        str | None, option("NAME", "The product's name.", "제품명입니다.")
    ] = None,
    product_version: Annotated[
        str | None, option("VERSION", "Its release.", "제품의 릴리스 버전입니다.")
    ] = None,
    supplier: Annotated[str | None, option("NAME", "Who supplies it.", "공급사입니다.")] = None,
    input_: Annotated[
        Path | None,
        typer.Option(
            "--input",
            metavar="LOG",
            help=str(Text("Recorded input to read.", "읽힐 기록 입력입니다.")),
        ),
    ] = None,
    device_model: Annotated[
        Path | None,
        option("FILE", "The device model of the input.", "입력의 디바이스 모델입니다."),
    ] = None,
    device: Annotated[
        str | None,
        option(
            "NAME",
            "The device that lines without a prefix speak of.",
            "접두사가 없는 줄이 가리키는 디바이스입니다.",
        ),
    ] = None,
    decisions: Annotated[
        Path | None,
        option("FILE", "Attestations and waivers (JSON).", "확인서와 면제(JSON)입니다."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**53 - 1,
            metavar="N",
            help=str(
                Text(
                    "Repeat a scenario; such a run bears no certificate.",
                    "시나리오를 재현합니다. 이 경우 인증서를 발급할 수 없습니다.",
                )
            ),
        ),
    ] = None,
    to: Annotated[
        Path | None,
        option("DIR", "Where everything goes.", "결과를 저장할 폴더입니다."),
    ] = None,
    json: AsJson = False,
) -> int:
    """Judge a product."""
    from mfgstd_conformance import running
    from mfgstd_conformance.decision import DecisionRecord
    from mfgstd_conformance.drivers import Scenario, product
    from mfgstd_conformance.plan import Plan
    from mfgstd_conformance.profiles import find_profile
    from mfgstd_conformance.registry import registry
    from mfgstd_conformance.statements import all_capabilities, state

    if ":" not in sut and Path(sut).exists():
        raise UsageError(
            Text(
                f"{show(sut)} does not name a product.", f"{show(sut)}은(는) 제품 주소가 아닙니다."
            ),
            hint=Text(f"For files write file:{sut}", f"파일은 file:{sut} 형식으로 쓰세요."),
        )
    what = product(sut)
    known = registry()
    chosen = find_profile(profile, known)
    lowest = what.access is Access.FILE or not chosen.highest.covers(Level.INTERFACE)
    limit = (Level.SCHEMA if lowest else Level.INTERFACE) if level is None else _level(level)
    present(input_, device_model, decisions, sut_statement)
    statement = state(
        what,
        file=sut_statement,
        name=product_name,
        version=product_version,
        supplier=supplier,
        capabilities=None if capabilities is None else _words(capabilities),
    )
    declared = statement.capabilities
    if declared is None:
        declared = all_capabilities(chosen, what.access)
        _tell(
            Text(
                f"No capabilities were declared, so all are expected: {', '.join(declared)}.",
                f"기능 선언이 없어 모든 기능을 기준으로 시험합니다: {', '.join(declared)}",
            )
        )
    plan = Plan.make(
        profile=chosen,
        level=limit,
        capabilities=declared,
        registry=known,
        subject=statement.subject,
        access=what.access,
    )
    record = DecisionRecord() if decisions is None else DecisionRecord.load(decisions)
    folder = to or Path(time.strftime("conform-%Y%m%d-%H%M%S"))
    running.prepare(folder, plan, record)
    scenario = Scenario.of(
        plan,
        seed=None if seed is None else plan.reuse_seed(seed),
        input=input_,
        device_model=device_model,
        device=device,
        described=statement.described,
    )
    result = running.run(what, scenario, folder, record, _tell)
    _show(result, folder, json=json)
    if not result.exit_code and seed is None:
        people = " --decisions FILE" if plan.attested and decisions is None else ""
        _tell(
            Text(
                f"Next: mfgstd conform certify {folder} --key KEY --issuer NAME{people}",
                f"다음 단계: mfgstd conform certify {folder} --key 개인키 --issuer 발급자{people}",
            )
        )
    return result.exit_code


@app.command(
    "replay",
    help=str(Text("Judge the trace of a run again.", "시험 기록을 다시 판정합니다.")),
)
def replay(folder: RunFolder, json: AsJson = False) -> int:
    """Judge the trace of a run again; the verdicts must be the same, bit by bit."""
    from mfgstd_conformance import running

    result = running.reopen(folder).result
    recorded = running.recorded_result(folder)
    differing = running.differences(recorded, result)
    _show(result, folder, json=json)
    if recorded is None:
        _tell(
            Text(
                f"There is no {running.RESULT} to compare with; it was removed.",
                f"비교할 {running.RESULT} 파일이 없습니다. 삭제된 것으로 보입니다.",
            )
        )
        return 1
    if differing:
        _tell(
            Text(
                f"This is not the result that was recorded: {', '.join(differing)}.",
                f"기록된 결과와 다릅니다: {', '.join(differing)}",
            )
        )
        return 1
    _tell(
        Text(
            "The same result as recorded, byte for byte.",
            "기록된 결과와 한 바이트도 다르지 않습니다.",
        )
    )
    return result.exit_code


app.command("certify", help=str(Text("Issue a certificate.", "인증서를 발급합니다.")))(
    certifying.certify
)
app.command("verify", help=str(Text("Verify a certificate.", "인증서를 검증합니다.")))(
    certifying.verify
)


def _show(result: Result, folder: Path, *, json: bool) -> None:
    from mfgstd_conformance.summary import summary, summary_lines

    if json:
        typer.echo(jsonlib.dumps(summary(result, folder), ensure_ascii=False))
        return
    for line in summary_lines(result, folder):
        typer.echo(line)


def _level(word: str) -> Level:
    known = [each.value for each in Level]
    if word not in known:
        raise no_choice("--level", word, known)
    return Level(word)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for each in text.split(",") if (word := each.strip()))


def _tell(sentence: Text) -> None:
    typer.echo(str(sentence), err=True)
