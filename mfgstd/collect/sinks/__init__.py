"""Where a collection goes: columns to Parquet, events to NDJSON, what was rejected beside them."""

from mfgstd.collect.sinks.contract import Sink
from mfgstd.collect.sinks.ndjson import NdjsonSink
from mfgstd.collect.sinks.parquet import ParquetSink
from mfgstd.collect.sinks.rejected import RejectedSink

__all__ = ["NdjsonSink", "ParquetSink", "RejectedSink", "Sink"]
