"""SHDR, the pipe-separated lines that machines and adapters send to a MTConnect agent."""

from mfgstd_adapters.mtconnect.shdr.translator import ShdrTranslator

__all__ = ["ShdrTranslator"]
