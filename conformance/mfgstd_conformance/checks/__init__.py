"""Checks: pure functions over a trace, one for each requirement, that yield what speaks against it.

A check yields findings, each with a place in the supplier's own data; or :class:`Inconclusive`
where the trace has no evidence of the kind it needs, which is never a pass; or
:class:`Inapplicable` where nothing was delivered that the requirement concerns. It has no clock, no
network and no file but the trace's, so that the same trace gives the same verdict anywhere.

One deviation speaks against one requirement: the most specific that there is. A text that was
changed is not also "another value".
"""

from mfgstd_conformance.checks.registry import (
    Check,
    Inapplicable,
    Inconclusive,
    More,
    Outcome,
    all_checks,
    check,
    checks_of,
)

__all__ = [
    "Check",
    "Inapplicable",
    "Inconclusive",
    "More",
    "Outcome",
    "all_checks",
    "check",
    "checks_of",
]
