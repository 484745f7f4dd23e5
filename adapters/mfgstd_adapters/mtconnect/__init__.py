"""MTConnect: device models, agents' streams and SHDR, translated into the standard."""

from mfgstd_adapters.mtconnect.adapter import MTConnectAdapter

__all__ = ["MTConnectAdapter"]
