"""Results for the renderers: a mixed one, and one whose product is hostile; and a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from mfgstd_conformance.plan import Plan
from mfgstd_conformance.planned import Subject
from mfgstd_conformance.profiles import Access, Level, Profile
from mfgstd_conformance.registry import Registry
from mfgstd_conformance.report.view import View, look
from tests.tools import chromium

Results = Callable[..., dict[str, Any]]
Views = Callable[..., View]

#: What a product could put where a value, tag or path is shown.
HOSTILE = (
    "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>",
    "a|b `c` ``d`` | [x](javascript:alert(1)) @someone #1 <details>",
    "\u202eevil\u202c \u2066isolate\u2069 \ufeff zero\u200bwidth",
    "".join(map(chr, range(32))) + "\x7f\x85\ufffe\uffff",
    "\ud800 lone surrogate",
    "]]> --> </style></script></bdi> {{ 7 * 7 }} {% raw %}",
    "가" * 1_000_000,
)


def finding(**changes: Any) -> dict[str, Any]:
    """One finding, as the result holds it; a change to ``None`` leaves the field out."""
    whole = {
        "rule": "unit.not-ucum",
        "severity": "error",
        "message": {
            "en": "The unit of the spindle load is no UCUM code.",
            "ko": "스핀들 부하의 단위가 UCUM 코드가 아닙니다.",
        },
        "pointer": "/observations/3/unit",
        "expected": '"%"',
        "found": '"PERCENT"',
        "hint": {
            "en": "Map PERCENT to % in the adapter's unit table.",
            "ko": "어댑터의 단위표에서 PERCENT를 %로 매핑하세요.",
        },
        "source": {"path": "logs/line-2/20261121.shdr", "line": 1204, "item": "Sload"},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


@pytest.fixture(scope="session")
def wide_plan(registry: Registry, profile: Profile, subject: Subject) -> Plan:
    """Level interface without alarms: something is in every list of the plan."""
    return Plan.make(
        profile=profile,
        level=Level.INTERFACE,
        capabilities=["numbers", "states", "envelopes", "loss_proof"],
        registry=registry,
        subject=subject,
        access=Access.PYTHON,
    )


@pytest.fixture(scope="session")
def results(wide_plan: Plan) -> Results:
    """A result of that plan: everything passes but what ``verdicts`` names,
    and nothing is attested yet."""

    def build(
        overall: str = "pass",
        verdicts: dict[str, str] | None = None,
        findings: dict[str, list[dict[str, Any]]] | None = None,
        **changes: Any,
    ) -> dict[str, Any]:
        given, found = verdicts or {}, findings or {}
        usual = {each.requirement: "pass" for each in wide_plan.planned}
        usual |= {each.requirement: "not_run" for each in wide_plan.attested}
        return {
            "format": "https://w3id.org/mfgstd/conformance/result/1",
            "suite": {"name": "mfgstd", "version": wide_plan.suite_version},
            "subject": wide_plan.subject.to_json(),
            "level": wide_plan.level.value,
            "plan": {"sha256": wide_plan.digest},
            "trace": {"sha256": "a" * 64},
            "ledger": {"sha256": "b" * 64},
            "observations": 48_210,
            "overall": overall,
            "requirements": [
                {
                    "id": name,
                    "verdict": given.get(name, verdict),
                    "count": len(found.get(name, [])),
                    "findings": found.get(name, []),
                    "checks": [],
                }
                for name, verdict in usual.items()
            ],
            "decisions": {"attestations": [], "waivers": []},
            **changes,
        }

    return build


@pytest.fixture(scope="session")
def mixed(results: Results) -> dict[str, Any]:
    """One requirement of every verdict that a plan can end in, with a waiver."""
    unfinished = {
        "en": "No observation with a time quality was delivered.",
        "ko": "시각 품질이 있는 관측값이 전달되지 않았습니다.",
    }
    result = results(
        overall="fail",
        verdicts={
            "MFG-UNT-001": "fail",
            "MFG-TXT-002": "fail",
            "MFG-EQP-003": "warn",
            "MFG-OBS-004": "inconclusive",
            "MFG-DLV-003": "error",
            "MFG-DLV-005": "not_run",
        },
        findings={
            "MFG-UNT-001": [finding(), finding(expected=None, pointer="")],
            "MFG-TXT-002": [finding(rule="text.lost", hint=None)],
            "MFG-EQP-003": [finding(rule="equipment.no-korean", severity="warning", source={})],
            "MFG-OBS-004": [
                finding(
                    rule="evidence.missing",
                    message=unfinished,
                    source={},
                    hint=None,
                    expected=None,
                    found=None,
                    pointer="",
                )
            ],
        },
        decisions={
            "attestations": [],
            "waivers": [
                {
                    "requirement": "MFG-TXT-002",
                    "reason": "제어기 교체 전까지 EUC-KR 메시지를 허용합니다.",
                    "approver": "김민서, 품질보증팀",
                    "expires": "2027-03-31T00:00:00Z",
                }
            ],
        },
    )
    (unit,) = (each for each in result["requirements"] if each["id"] == "MFG-UNT-001")
    unit["count"] = 3412
    return result


@pytest.fixture(scope="session")
def hostile(results: Results) -> dict[str, Any]:
    """A failing result whose every foreign text is an attack."""
    attacks = [
        finding(
            message={"en": f"The value {text} is wrong.", "ko": f"값 {text}이(가) 잘못되었습니다."},
            expected=text,
            found=text,
            pointer="/" + text,
            hint={"en": text, "ko": text},
            source={"path": text, "line": 1, "item": text},
        )
        for text in HOSTILE
    ]
    return results(
        overall="fail",
        verdicts={"MFG-UNT-001": "fail"},
        findings={"MFG-UNT-001": attacks},
        subject={"name": HOSTILE[0], "version": HOSTILE[1], "supplier": HOSTILE[2]},
        decisions={
            "attestations": [
                {
                    "requirement": "MFG-UNT-002",
                    "who": HOSTILE[0],
                    "when": "2026-11-20T09:00:00Z",
                    "statement": HOSTILE[5],
                    "evidence": [{"path": HOSTILE[0], "sha256": "c" * 64}],
                }
            ],
            "waivers": [
                {
                    "requirement": "MFG-UNT-001",
                    "reason": HOSTILE[1],
                    "approver": HOSTILE[3],
                    "expires": "2027-03-31T00:00:00Z",
                }
            ],
        },
    )


@pytest.fixture(scope="session")
def views(registry: Registry, wide_plan: Plan) -> Views:
    """Look at a result, with its plan unless told."""

    def build(result: dict[str, Any], **changes: Any) -> View:
        return look(result, registry=registry, **{"plan": wide_plan, **changes})

    return build


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One for all pages of the report."""
    with chromium.start(tmp_path_factory.mktemp("chromium")) as chrome:
        yield chrome


@pytest.fixture
def page(browser: webdriver.Chrome, tmp_path: Path) -> Callable[..., webdriver.Chrome]:
    """Show a page from a file, as its reader would."""

    def show(source: str, fragment: str = "") -> webdriver.Chrome:
        browser.get("about:blank")  # so that nothing of the last page is left
        file = tmp_path / "report.html"
        file.write_text(source, encoding="utf-8")
        browser.get(file.as_uri() + fragment)
        return browser

    return show
