"""The public API is what is written here; a name comes or goes on purpose only."""

from __future__ import annotations

import subprocess
import sys

import mfgstd

PUBLIC = {
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
}


def test_the_public_api_is_pinned() -> None:
    assert set(mfgstd.__all__) == PUBLIC
    assert set(dir(mfgstd)) == PUBLIC


def test_every_public_name_is_there() -> None:
    for name in mfgstd.__all__:
        assert getattr(mfgstd, name) is not None


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    assert not hasattr(mfgstd, "nothing_of_this_name")


def test_importing_mfgstd_imports_nothing_heavy() -> None:
    heavy = ("pyarrow", "pydantic", "jsonschema", "jsonschema_rs", "typer", "rich", "lxml", "ibis")
    code = f"import sys, mfgstd; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
