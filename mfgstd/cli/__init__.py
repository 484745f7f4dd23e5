"""The command line. This module answers ``--version`` before anything else is imported.

Even the standard library's ``importlib.metadata`` costs more than a user should wait for a
version; the version is a constant in a module of its own.
"""

from __future__ import annotations

import sys


def main() -> int:
    """The console script ``mfgstd``; returns the exit code."""
    arguments = sys.argv[1:]
    if arguments and arguments[0] in {"--version", "-V"}:
        from mfgstd._version import __version__

        sys.stdout.write(f"mfgstd {__version__}\n")
        return 0
    from mfgstd.cli.app import run

    return run(arguments)
