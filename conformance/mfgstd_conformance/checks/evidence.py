"""Whether there is anything to judge, and whether it is what the product claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from mfgstd.finding import Finding, Place
from mfgstd.language import Text
from mfgstd_conformance.checks.registry import Outcome, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mfgstd_conformance.trace import Delivery, Trace

_NUMERIC: Final = ("number", "integer", "decimal")


@check("MFG-SMK-001")
def something_was_delivered(trace: Trace) -> Iterator[Outcome]:
    """Every delivery has equipment, a data item and a good observation."""
    for each in trace.deliveries or ():
        absent = [name for name, there in _minimum(each).items() if not there]
        for name in absent:
            yield _empty(name, each.session)
    if not trace.deliveries:
        yield _empty("delivery", None)


def _minimum(delivery: Delivery) -> Mapping[str, bool]:
    return {
        "Equipment": bool(delivery.documents("equipment")),
        "DataItem": bool(delivery.documents("data-item")),
        "good observation": bool(np.any(delivery.is_word("status", "good"))),
    }


def _empty(name: str, session: str | None) -> Finding:
    return Finding(
        rule="evidence.empty",
        message=Text(f"No {name} was delivered.", f"{name}이(가) 전달되지 않았습니다."),
        expected=f"at least one {name}",
        found="none",
        source=Place(item=session),
    )


def observed(trace: Trace) -> dict[str, bool]:
    """Which capabilities the trace shows."""
    deliveries = trace.deliveries
    return {
        "numbers": any(np.any(each.is_word("kind", *_NUMERIC)) for each in deliveries),
        "states": any(each.documents("state-event") for each in deliveries),
        "alarms": any(each.documents("alarm") for each in deliveries),
        "envelopes": any(told.envelope is not None for each in deliveries for told in each.told),
        "loss_proof": any(each.table["sequence"].null_count < each.rows for each in deliveries),
    }


@check("MFG-CAP-001")
def what_is_declared_is_delivered(trace: Trace) -> Iterator[Outcome]:
    """Over-declaring makes a requirement apply that nothing can show."""
    shown = observed(trace)
    for name in trace.declared:
        if not shown.get(name, False):
            yield Finding(
                rule="capability.not-observed",
                message=Text(
                    f"The product declares {name!r}, and the run does not show it.",
                    f"제품이 {name!r} 기능을 선언했지만 시험에서 나타나지 않았습니다.",
                ),
                expected=name,
                found="not observed",
            )


@check("MFG-CAP-002")
def what_is_delivered_is_declared(trace: Trace) -> Iterator[Outcome]:
    """Under-declaring would take the product out of requirements that concern it."""
    for name, shown in observed(trace).items():
        if shown and name not in trace.declared:
            yield Finding(
                rule="capability.not-declared",
                message=Text(
                    f"The run shows {name!r}, which the product does not declare.",
                    f"시험에서 {name!r} 기능이 나타났지만 제품이 선언하지 않았습니다.",
                ),
                expected="a declaration of " + name,
                found=", ".join(trace.declared) or "nothing declared",
            )
