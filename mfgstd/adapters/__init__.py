"""The adapter contract and registry; the adapters themselves stand on the shelf ``adapters/``."""

from mfgstd.adapters.contract import (
    Adapter,
    AdapterSpec,
    Batch,
    Checkpoint,
    LossDetection,
    Rejected,
    Tally,
)
from mfgstd.adapters.registry import available, load

__all__ = [
    "Adapter",
    "AdapterSpec",
    "Batch",
    "Checkpoint",
    "LossDetection",
    "Rejected",
    "Tally",
    "available",
    "load",
]
