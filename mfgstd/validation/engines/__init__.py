"""Engines that agree: one protocol, one ``compile``, one finding space."""

from mfgstd.validation.engines.compiled import ENGINES, Engine, Validator, compile_schema

__all__ = ["ENGINES", "Engine", "Validator", "compile_schema"]
