"""Test data for whoever reads or writes documents of the standard: ``pip install mfgstd[testing]``.

>>> from hypothesis import given
>>> from mfgstd.testing import documents
>>> @given(documents("Alarm"))
... def test_my_reader_takes_every_alarm(alarm): ...
"""

from mfgstd.testing.mutations import Mutation, mutations
from mfgstd.testing.strategies import documents

__all__ = ["Mutation", "documents", "mutations"]
