"""Checking data against the standard: strict reading, engines that agree, findings with places."""

from mfgstd.validation.document import Parsed, parse, validate
from mfgstd.validation.engines import ENGINES, Engine, Validator, compile_schema
from mfgstd.validation.lowering import Strictness, lower
from mfgstd.validation.reader import Read, read

__all__ = [
    "ENGINES",
    "Engine",
    "Parsed",
    "Read",
    "Strictness",
    "Validator",
    "compile_schema",
    "lower",
    "parse",
    "read",
    "validate",
]
