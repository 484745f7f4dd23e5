"""What changed between two editions of the standard, and what the versions must say.

Every difference is WIRE, SEMANTIC, SOURCE or DOC, judged both ways on the tolerant form: whether a
reader of the old edition accepts what is written by the new one, and the other way round.
"""

from mfgstd.standard.diff.compare import Report, Verdict, compare, step
from mfgstd.standard.diff.edition import Edition, open_edition, releases
from mfgstd.standard.diff.verdict import KINDS, Bump, Category, Change

__all__ = [
    "KINDS",
    "Bump",
    "Category",
    "Change",
    "Edition",
    "Report",
    "Verdict",
    "compare",
    "open_edition",
    "releases",
    "step",
]
