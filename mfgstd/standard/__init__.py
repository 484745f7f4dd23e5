"""The standard as Python sees it: authored schemas in, one typed view of each out."""

from mfgstd.standard.catalogue import Catalogue, catalogue
from mfgstd.standard.resolved import Resolved

__all__ = ["Catalogue", "Resolved", "catalogue"]
