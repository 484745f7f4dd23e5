"""mfgstd: one manufacturing data standard, the adapters into it, and the judge of both.

This is the whole public API. Each name is imported when it is first used, so that a program pays
only for what it touches, and ``mfgstd --version`` for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mfgstd._version import __version__

if TYPE_CHECKING:
    from mfgstd import models
    from mfgstd.errors import (
        AdapterError,
        ConfigError,
        InputError,
        MfgStdError,
        MissingExtra,
        NotInstalled,
        SchemaError,
        StandardError,
        SystemFault,
        TransientError,
        UnknownSchema,
        UsageError,
    )
    from mfgstd.finding import Finding, Place, Severity
    from mfgstd.language import Text
    from mfgstd.standard.catalogue import Catalogue, catalogue
    from mfgstd.standard.resolved import Resolved
    from mfgstd.validation import Parsed, Strictness, parse, validate
    from mfgstd.validation.run.over_documents import validate_many
    from mfgstd.validation.run.over_table import validate_table
    from mfgstd.validation.run.report import Report

__all__ = [
    "AdapterError",
    "Catalogue",
    "ConfigError",
    "Finding",
    "InputError",
    "MfgStdError",
    "MissingExtra",
    "NotInstalled",
    "Parsed",
    "Place",
    "Report",
    "Resolved",
    "SchemaError",
    "Severity",
    "StandardError",
    "Strictness",
    "SystemFault",
    "Text",
    "TransientError",
    "UnknownSchema",
    "UsageError",
    "__version__",
    "catalogue",
    "models",
    "parse",
    "validate",
    "validate_many",
    "validate_table",
]

#: Public name -> the module that defines it.
_HOMES: Final = {
    "AdapterError": "mfgstd.errors",
    "Catalogue": "mfgstd.standard.catalogue",
    "ConfigError": "mfgstd.errors",
    "Finding": "mfgstd.finding",
    "InputError": "mfgstd.errors",
    "MfgStdError": "mfgstd.errors",
    "MissingExtra": "mfgstd.errors",
    "NotInstalled": "mfgstd.errors",
    "Parsed": "mfgstd.validation",
    "Place": "mfgstd.finding",
    "Report": "mfgstd.validation.run.report",
    "Resolved": "mfgstd.standard.resolved",
    "SchemaError": "mfgstd.errors",
    "Severity": "mfgstd.finding",
    "StandardError": "mfgstd.errors",
    "Strictness": "mfgstd.validation",
    "SystemFault": "mfgstd.errors",
    "Text": "mfgstd.language",
    "TransientError": "mfgstd.errors",
    "UnknownSchema": "mfgstd.errors",
    "UsageError": "mfgstd.errors",
    "catalogue": "mfgstd.standard.catalogue",
    "parse": "mfgstd.validation",
    "validate": "mfgstd.validation",
    "validate_many": "mfgstd.validation.run.over_documents",
    "validate_table": "mfgstd.validation.run.over_table",
}


def __getattr__(name: str) -> Any:
    # Modules first import submodules; nothing here may import them eagerly (PEP 562).
    from importlib import import_module

    if name == "models":
        return import_module("mfgstd.models")
    if name not in _HOMES:
        raise AttributeError(f"module 'mfgstd' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
