"""Test data for whoever reads or writes documents of the standard: ``pip install mfgstd[testing]``.

>>> from hypothesis import given
>>> from mfgstd.testing import documents
>>> @given(documents("Alarm"))
... def test_my_reader_takes_every_alarm(alarm): ...

Without an extra: :func:`assert_conforms` fails a test with what is wrong with the data it is
given, and where.
"""

from mfgstd.testing.assertion import assert_conforms
from mfgstd.testing.mutations import Mutation, mutations
from mfgstd.testing.strategies import documents

__all__ = ["Mutation", "assert_conforms", "documents", "mutations"]
