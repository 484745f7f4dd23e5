"""``record``: one product, one scenario, one trace."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from mfgstd_conformance.drivers import file, python
from mfgstd_conformance.drivers.base import Product, Scenario, product, silent
from mfgstd_conformance.profiles import Access
from mfgstd_conformance.trace import Trace, TraceWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from mfgstd.language import Text


def record(
    sut: str | Product,
    scenario: Scenario,
    folder: Path,
    *,
    tell: Callable[[Text], None] = silent,
) -> Trace:
    """Run a scenario against a product and record it.

    Args:
        sut: the product, or its address (``python:mtconnect``).
        scenario: what is done to it; holds the plan and the seed.
        folder: where the trace goes; it must not exist, or be empty.
        tell: hears one sentence for each step.

    Raises:
        SetUpBroken: the product could not be started, so that nothing can be said about it.
        MfgStdError: the product's address or files cannot be used.
    """
    what = product(sut) if isinstance(sut, str) else sut
    with TraceWriter(folder, plan=scenario.plan, seed=scenario.seed) as writer:
        if what.access is Access.FILE:
            declared = list(scenario.plan.capabilities)
            file.drive(Path(what.target), writer, scenario.limits, declared, tell)
        else:
            asyncio.run(python.drive(what.target, scenario, writer, tell))
    return Trace.open(folder)
