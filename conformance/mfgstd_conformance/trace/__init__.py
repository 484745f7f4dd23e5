"""Traces: everything a verdict rests on, as a folder that anyone can read again.

Drivers write one while they stimulate a product; checks read it, later and elsewhere. A trace
holds ``events.jsonl``, Parquet segments of observations, and ``manifest.json`` with their hashes.
"""

from mfgstd_conformance.trace.delivery import Delivery, Told
from mfgstd_conformance.trace.reading import Trace
from mfgstd_conformance.trace.truth import Reported
from mfgstd_conformance.trace.writing import TraceWriter

__all__ = ["Delivery", "Reported", "Told", "Trace", "TraceWriter"]
