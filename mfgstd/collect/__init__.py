"""The runtime: runs an adapter, keeps what it says durably, and accounts for every report."""

from mfgstd.collect.collection import Collection
from mfgstd.collect.ledger import Ledger
from mfgstd.collect.session import Limits, Session
from mfgstd.collect.supervisor import Progress, State

__all__ = ["Collection", "Ledger", "Limits", "Progress", "Session", "State"]
