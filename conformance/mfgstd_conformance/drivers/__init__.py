"""Drivers stimulate a product and record what happens; they never judge.

A product is named by one string: ``file:PATH`` for what it wrote, ``python:NAME`` for an
installed adapter, ``python:MODULE:CLASS`` for any class that keeps the adapters' contract.
"""

from mfgstd_conformance.drivers.base import Product, Scenario, product
from mfgstd_conformance.drivers.recording import record

__all__ = ["Product", "Scenario", "product", "record"]
