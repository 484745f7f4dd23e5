"""Observations as columns: one Arrow record batch, never one object per value.

The columns are those of the schema ``equipment/observation-row``, from which ``_schema.py`` is
generated.
"""

from mfgstd.observations._schema import SCHEMA
from mfgstd.observations.assembly import assemble
from mfgstd.observations.event_id import event_ids

__all__ = ["SCHEMA", "assemble", "event_ids"]
